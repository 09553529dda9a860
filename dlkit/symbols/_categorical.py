"""The distribution of the next symbol: a classifier's probabilities, mixed with n-grams perhaps."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sklearn.base import clone

from ..readout import LogisticReadoutClassifier
from ..readout._calibration import Calibration
from ._ngrams import Mixture, histories_of
from ._runs import blocks_of, is_large

_LEAST = 1e-30  # probability whose logarithm is told
CALIBRATED = 30_000  # steps that a calibration is learned from, at most
_FLOORS = np.array([1e-3, 1e-6])  # of probabilities, in shares of one in K
_SHARE = 5  # one in so many steps is left out of the readout, to learn from
_FEWEST = 500  # such steps; fewer would tell chance


@dataclass(frozen=True)
class Categorical:
    """Probabilities of the next symbol.

    Attributes
    ----------
    classifier : classifier
        Of rows, with ``predict_proba``.
    n_symbols : int
        Symbols that may follow, the end among them.
    mixture : Mixture or None
        Of its probabilities and those of n-grams.
    calibration : Calibration or None
        Of its probabilities, where they are not mixed.
    """

    classifier: object
    n_symbols: int
    mixture: Mixture | None = None
    calibration: Calibration | None = None

    @classmethod
    def fit(cls, driver, batch, targets, kept, n_symbols, readout, n_jobs):
        """Fit the classifier to the rows ``kept``, which tell ``targets``.

        Block by block, if there are many and the readout can.
        """
        readout, most = clone(readout), np.count_nonzero(kept)
        large = is_large(driver, batch) and 2 * most > len(kept)
        if large and hasattr(readout, "_fit_blocks"):
            blocks = partial(_kept_blocks, driver, batch, kept, n_jobs)
            readout._fit_blocks(blocks, driver.n_columns, targets, None, None)
            return cls(readout, n_symbols)
        rows = np.empty((most, driver.n_columns), dtype=batch.values.dtype)
        for which, block in _kept_blocks(driver, batch, kept, n_jobs):
            rows[which] = block
        return cls(readout.fit(rows, targets), n_symbols)

    def aside(self, driver, batch, targets, kept, learned, readout, most, n_jobs):
        """Log-probabilities of steps by a classifier that has not learned from them.

        These are the steps before those that are learned from, if there are enough. Otherwise one
        in five of the sequences, or of the steps where sequences are few; a classifier is fitted to
        the others.

        Parameters
        ----------
        driver, batch, targets, kept, n_jobs
            As of :meth:`fit`; targets of all rows kept.
        learned : ndarray of shape (n_rows,), bool
            Rows that the classifier was fitted to.
        readout : classifier
            As of :meth:`fit`.
        most : int
            Most such steps.

        Returns
        -------
        rows : ndarray of int or None
            Which of the rows kept; None if there are too few.
        logs : ndarray of shape (len(rows), n_symbols)
        """
        told = learned[kept]
        mine, found = np.flatnonzero(~told), self
        if len(mine) > most:  # from all over the text, whose parts differ
            mine = mine[np.linspace(0, len(mine) - 1, most).astype(np.int64)]
        enough = max(min(np.count_nonzero(told) // _SHARE, CALIBRATED), _FEWEST)
        if len(mine) < enough:
            mine = _left_out(batch, kept, told, most)
            rest = told.copy()
            rest[mine] = False
            if len(mine) < _FEWEST or len(np.unique(targets[rest])) < 2:
                return None, None
            if isinstance(readout, LogisticReadoutClassifier):  # the alpha that was chosen
                readout = clone(readout).set_params(alpha=self.classifier.alpha_)
            used = np.zeros(len(kept), dtype=bool)
            used[np.flatnonzero(kept)[rest]] = True
            job = targets[rest], used, self.n_symbols, readout, n_jobs
            found = Categorical.fit(driver, batch, *job)
        logs, wanted = [], np.zeros(len(told), dtype=bool)
        wanted[mine] = True
        for rows, block in _kept_blocks(driver, batch, kept, n_jobs):
            if wanted[rows].any():
                logs.append(found.logs(block[wanted[rows]]))
        return mine, np.concatenate(logs)

    def last(self, driver, batch, kept, most, n_jobs):
        """Numbers of the last steps, ``most`` of them, and log-probabilities of these."""
        n = np.count_nonzero(kept)
        rows, logs = np.arange(max(n - most, 0), n), []
        for mine, block in _kept_blocks(driver, batch, kept, n_jobs):
            if mine.stop > rows[0]:
                logs.append(self.logs(block[max(rows[0] - mine.start, 0) :]))
        return rows, np.concatenate(logs)

    def mixed(self, mixer, histories, targets, rows, logs):
        """Copy whose probabilities are mixed with those of n-grams of all steps.

        Parameters
        ----------
        mixer : NGramMixer
            Parameters.
        histories : ndarray of shape (n_steps, order − 1)
            As of :meth:`histories`.
        targets : ndarray of shape (n_steps,)
            Symbols that followed.
        rows : ndarray of int
            Steps that weights are learned from.
        logs : ndarray of shape (len(rows), n_symbols)
            The classifier's log-probabilities of these.
        """
        mixture = Mixture.learn(mixer, histories, targets, self.n_symbols, rows, logs)
        return replace(self, mixture=mixture)

    def calibrated(self, logs, targets):
        """Copy whose probabilities are calibrated by some that it told of steps left out."""
        few = np.random.RandomState(0).permutation(len(logs))[:CALIBRATED]
        shares = np.exp(logs[few])
        learned = Calibration.learned(shares, targets[few], None, _FLOORS)
        return replace(self, calibration=learned)

    def histories(self, sequences, order, ends):
        """Symbols before each row; without ``ends`` there is none after the last step."""
        found = histories_of(sequences, order - 1, self.n_symbols)
        if ends:
            return found
        lengths = np.array([len(s) + 1 for s in sequences])
        return np.delete(found, np.cumsum(lengths) - 1, axis=0)

    def logs(self, rows):
        """Logarithms of the classifier's probabilities, of shape (n, n_symbols)."""
        told = self.classifier.predict_proba(rows)
        found = np.full((len(rows), self.n_symbols), np.log(_LEAST))
        found[:, self.classifier.classes_] = np.log(np.maximum(told.astype(np.float64), _LEAST))
        return found

    def told(self, logs, histories, truth=None):
        """What the classifier's log-probabilities come to, mixed or calibrated.

        Parameters
        ----------
        logs : ndarray of shape (n, n_symbols)
            As of :meth:`logs`.
        histories : ndarray of shape (n, order − 1) or None
            As of :meth:`histories`; of a mixture alone.
        truth : ndarray of shape (n,), default=None
            Symbols that weights may learn on from.
        """
        if self.mixture is not None:
            return self.mixture.log_proba(histories, logs, truth)
        return logs if self.calibration is None else self.calibration.logs(logs)

    def log_proba(self, driver, batch, sequences, ends, truth=None, n_jobs=None):
        """Logarithms of the probabilities of all symbols, a row for each of the batch."""
        found = np.empty((len(batch.values), self.n_symbols))
        for rows, block in blocks_of(driver, batch, n_jobs=n_jobs):
            found[rows] = self.logs(block)
        histories = None
        if self.mixture is not None:
            histories = self.histories(sequences, self.mixture.order, ends)
        return self.told(found, histories, truth)


def _left_out(batch, kept, told, most):
    """Rows, of those kept, that are left out: of one in five sequences, or a stretch."""
    place = np.flatnonzero(kept)
    learned = np.flatnonzero(told)
    sequence = np.searchsorted(batch.offsets, place[learned], side="right") - 1
    number = np.unique(sequence, return_inverse=True)[1].ravel()
    if number[-1] + 1 >= 4 * _SHARE:
        return learned[number % _SHARE == _SHARE - 1][:most]
    return learned[: min(len(learned) // _SHARE, most)]


def _kept_blocks(driver, batch, kept, n_jobs):
    """Blocks of the rows that are kept, numbered among them."""
    n_done = 0
    for rows, block in blocks_of(driver, batch, n_jobs=n_jobs):
        block = block[kept[rows]]
        if len(block):
            yield slice(n_done, n_done + len(block)), block
        n_done += len(block)
