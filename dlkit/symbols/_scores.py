"""What a fitted model of sequences tells of them: how likely they are, step by step."""

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import says
from ._runs import blocks_of, inputs_of


def _output_is(*kinds):
    def check(self):
        if not says(self.output, *kinds):
            raise AttributeError(f"This method is there with output in {kinds} only.")
        return True

    return check


class Scores:
    """Methods of a model that is fitted; fitting and drawing are the model's own."""

    def log_likelihood(self, X, contexts=None):
        """Logarithm of the probability (of vectors, the density) of each step, given those before.

        Parameters
        ----------
        X : list of str or of array-like, or array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        log_likelihood : list of ndarray
            Of T_i numbers, or T_i + 1 where the end is modelled. Natural logarithms.
        """
        batch, contexts, values, sequences = self._open(X, contexts)
        within = self._within(batch)
        if self.output == "categorical":
            told = self._symbols_told(sequences)
            truth = np.where(told < self.emission_.n_symbols, told, -1)
            logs = self.emission_.log_proba(
                self.driver_, batch, sequences, self._ends, truth, self.n_jobs
            )
            known = np.clip(told, 0, logs.shape[1] - 1)
            found = logs[np.arange(len(told)), known]
            found[told < 0] = np.nan
            if self._way != "symbol":
                found[~within] = 0.0  # of the end alone
        else:
            found, n_done = np.zeros(len(batch.values)), 0
            for rows, block in blocks_of(self.driver_, batch, n_jobs=self.n_jobs):
                mine = np.flatnonzero(within[rows])
                truth = values[n_done : n_done + len(mine)].astype(np.float64)
                n_done += len(mine)
                found[rows.start + mine] = self.emission_.log_density(block[mine], truth)
            found[within] -= np.log(self._side.scale).sum()
        if self.stop_ is not None:
            hazard = self._hazards(batch, contexts)
            found += np.where(within, np.log1p(-hazard), np.log(np.maximum(hazard, 1e-300)))
        return np.split(found, batch.offsets[1:-1])

    def score(self, X, y=None, *, contexts=None):
        """Mean log-likelihood of a step; ends count as steps where they are modelled.

        Parameters
        ----------
        X : list of str or of array-like, or array-like
            Sequences, as in :meth:`fit`.
        y : None
            Ignored.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        score : float
            In natural logarithms.
        """
        found = np.concatenate(self.log_likelihood(X, contexts))
        known = ~np.isnan(found)
        if not known.any():
            raise ValueError("X holds unknown symbols only: there is nothing to score.")
        return float(found[known].mean())

    def perplexity(self, X, contexts=None):
        """Inverse of the geometric mean of the probabilities: ``exp(-score)``.

        Parameters
        ----------
        X : list of str or of array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        perplexity : float
        """
        return float(np.exp(-self.score(X, contexts=contexts)))

    def bits(self, X, contexts=None):
        """Bits a step, ``-score / log(2)``.

        Parameters
        ----------
        X : list of str or of array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        bits : float
        """
        return -self.score(X, contexts=contexts) / float(np.log(2))

    @available_if(_output_is("categorical"))
    def predict_proba(self, X, contexts=None):
        """Probabilities of the next symbol, before each step.

        Parameters
        ----------
        X : list of str or of array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        probabilities : list of ndarray
            For each sequence of shape (T_i, n_symbols), or (T_i + 1, n_symbols) where the end is
            modelled: row t is known before step t. Columns are those of ``alphabet_``; with
            ``stop="symbol"`` the end is one more, the last.
        """
        batch, _, _, sequences = self._open(X, contexts)
        logs = self.emission_.log_proba(
            self.driver_, batch, sequences, self._ends, n_jobs=self.n_jobs
        )
        return np.split(np.exp(logs), batch.offsets[1:-1])

    @available_if(_output_is("gaussian", "gaussian_full", "empirical"))
    def predict(self, X, contexts=None, return_std=False):
        """Mean of the next vector, before each step and after the last.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.
        return_std : bool, default=False
            Whether to return standard deviations, too.

        Returns
        -------
        mean : list of ndarray
            For each sequence of shape (T_i, n_channels), or (T_i + 1, n_channels) where the end is
            modelled: row t is known before step t.
        std : list of ndarray
            The same of standard deviations, with ``return_std``.
        """
        batch = self._open(X, contexts)[0]
        side = self._side
        both = [np.empty((len(batch.values), side.n_channels), side.dtype) for _ in range(2)]
        for rows, block in blocks_of(self.driver_, batch, n_jobs=self.n_jobs):
            mean, std = self.emission_.deviations(block)
            both[0][rows], both[1][rows] = side.unscaled(mean), std * side.scale
        both = [np.split(one, batch.offsets[1:-1]) for one in both]
        return tuple(both) if return_std else both[0]

    def predict_stop(self, X, contexts=None):
        """Probability that a sequence ends after each of its steps.

        Parameters
        ----------
        X : list of str or of array-like, or array-like
            Sequences, as in :meth:`fit`.
        contexts : array-like of shape (n_sequences, n_context), default=None
            As in :meth:`fit`.

        Returns
        -------
        probabilities : list of ndarray of shape (T_i,)
        """
        batch, contexts, _, sequences = self._open(X, contexts)
        if not self._ends:
            raise ValueError("predict_stop needs a model of the end; this one has stop=None.")
        if self._way == "symbol":
            found = np.exp(
                self.emission_.log_proba(self.driver_, batch, sequences, True, n_jobs=self.n_jobs)[
                    :, -1
                ]
            )
        else:
            found = self._hazards(batch, contexts)
        return [one[1:] for one in np.split(found, batch.offsets[1:-1])]

    def _open(self, X, contexts):
        """Check sequences; return their batch, contexts, vectors and symbols."""
        check_is_fitted(self)
        values, lengths, sequences = self._read(X, reset=False)
        contexts = self._check_contexts(contexts, len(lengths), reset=False, dtype=values.dtype)
        batch = inputs_of(values, lengths, contexts, self._ends)
        return batch, contexts, values, sequences

    def _hazards(self, batch, contexts):
        """Probability of the end at each row, where the end is no symbol."""
        lengths = np.diff(batch.offsets)
        steps = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], lengths)
        each = None if contexts is None else np.repeat(contexts, lengths, axis=0)
        found = np.empty(len(steps))
        for rows, block in blocks_of(self.driver_, batch, n_jobs=self.n_jobs):
            mine = None if each is None else each[rows]
            found[rows] = self.stop_.hazard(block, steps[rows], mine)
        return found

    def _within(self, batch):
        """Rows that tell a step, not an end."""
        kept = np.ones(len(batch.values), dtype=bool)
        if self._ends:
            kept[batch.offsets[1:] - 1] = False
        return kept

    def _symbols_told(self, sequences):
        """Number of the symbol that each row tells; the end is the last number."""
        if self._way is None:
            return np.concatenate(sequences)
        return np.concatenate([np.append(s, len(self.alphabet_)) for s in sequences])
