"""The distribution of the next symbol: a classifier's probabilities, mixed with n-grams perhaps."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.base import clone

from ._ngrams import Mixture, histories_of
from ._runs import blocks_of, is_large

_LEAST = 1e-30  # probability whose logarithm is told


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
    """

    classifier: object
    n_symbols: int
    mixture: Mixture | None = None

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

    def mixed(self, mixer, driver, batch, sequences, targets, kept, ends, n_jobs):
        """Copy whose probabilities are mixed with n-grams of the training sequences."""
        histories = self.histories(sequences, mixer.order, ends)[kept]
        logs = np.empty((min(len(targets), mixer.max_steps), self.n_symbols))
        first = len(targets) - len(logs)
        for rows, block in _kept_blocks(driver, batch, kept, n_jobs):
            if rows.stop > first:
                last = slice(max(rows.start - first, 0), rows.stop - first)
                logs[last] = self.logs(block[max(first - rows.start, 0) :])
        logs_of = partial(_part, logs, first)
        mixture = Mixture.learn(mixer, histories, targets, self.n_symbols, logs_of)
        return Categorical(self.classifier, self.n_symbols, mixture)

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

    def log_proba(self, driver, batch, sequences, ends, truth=None, n_jobs=None):
        """Logarithms of the probabilities of all symbols, a row for each of the batch."""
        found = np.empty((len(batch.values), self.n_symbols))
        for rows, block in blocks_of(driver, batch, n_jobs=n_jobs):
            found[rows] = self.logs(block)
        if self.mixture is None:
            return found
        histories = self.histories(sequences, self.mixture.order, ends)
        return self.mixture.log_proba(histories, found, truth)


def _kept_blocks(driver, batch, kept, n_jobs):
    """Blocks of the rows that are kept, numbered among them."""
    n_done = 0
    for rows, block in blocks_of(driver, batch, n_jobs=n_jobs):
        block = block[kept[rows]]
        if len(block):
            yield slice(n_done, n_done + len(block)), block
        n_done += len(block)


def _part(logs, first, rows):
    return logs[rows.start - first : rows.stop - first]
