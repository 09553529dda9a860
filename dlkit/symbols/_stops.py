"""When a sequence ends: probabilities that no further step follows."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import KFold

from ..readout import LogisticReadoutClassifier, RidgeReadout

_LEAST = 1e-12  # probability whose logarithm is told


def default_classifier(n_rows):
    """Logistic readout; its penalty is chosen on stretches of rows, unless there are too few."""
    if n_rows < 10:
        return LogisticReadoutClassifier(1.0)
    return LogisticReadoutClassifier("auto", cv=KFold(3))


@dataclass(frozen=True)
class Bernoulli:
    """A logistic regression on the row of each step.

    Attributes
    ----------
    classifier : classifier
        Of the rows after which a sequence ends.
    """

    classifier: object

    @classmethod
    def fit(cls, rows, last, readout=None):
        """Fit to rows, of which ``last`` are those after the last step of a sequence."""
        readout = default_classifier(len(rows)) if readout is None else clone(readout)
        return cls(readout.fit(rows, last.astype(int)))

    def hazard(self, rows, steps, contexts):
        """Probability that no step follows, given so many ``steps`` so far; 0 after none."""
        del contexts
        found = self.classifier.predict_proba(rows)[:, 1].astype(np.float64)
        return np.where(steps == 0, 0.0, np.clip(found, _LEAST, 1.0 - _LEAST))


@dataclass(frozen=True)
class Length:
    """The number of steps, from the context: a ridge regression of its logarithm, and residuals.

    Attributes
    ----------
    regressor : regressor or None
        Of the logarithm; None without contexts.
    residuals : ndarray of shape (n,)
        Of the training sequences, as if each had been left out; without contexts the logarithms.
    """

    regressor: object
    residuals: np.ndarray

    @classmethod
    def fit(cls, lengths, contexts):
        """Fit to the lengths of sequences."""
        logs = np.log(lengths.astype(np.float64))
        if contexts is None:
            return cls(None, logs)
        regressor = RidgeReadout(np.logspace(-4, 4, 9)).fit(contexts, logs)
        rows = contexts - contexts.mean(axis=0)
        gram = rows.T @ rows + (regressor.alpha_ + 1e-12) * np.eye(rows.shape[1])
        share = np.einsum("ij,ij->i", rows, np.linalg.solve(gram, rows.T).T) + 1 / len(rows)
        left = logs - regressor.predict(contexts)
        return cls(regressor, left / np.maximum(1 - share, 0.1))

    def hazard(self, rows, steps, contexts):
        """Probability that no step follows, given so many ``steps`` so far; 0 after none.

        Lengths are those of the training sequences, moved to what the context tells, and with a
        weight of one sequence a geometric distribution, so that no length is impossible.
        """
        del rows
        found = np.empty(len(steps))
        if self.regressor is None:
            groups = [(np.arange(len(steps)), 0.0)]
        else:
            kinds, which = np.unique(contexts, axis=0, return_inverse=True)
            told = self.regressor.predict(kinds)
            groups = [(np.flatnonzero(which.ravel() == k), told[k]) for k in range(len(kinds))]
        for mine, told in groups:
            logs = np.clip(told + self.residuals, 0.0, 40.0)
            lengths = np.sort(np.maximum(np.round(np.exp(logs)), 1.0))
            stop = 1.0 / max(lengths.mean(), 1.0)
            at = steps[mine]
            equal = np.searchsorted(lengths, at, "right") - np.searchsorted(lengths, at)
            more = len(lengths) - np.searchsorted(lengths, at)
            tail = np.exp((at - 1) * np.log1p(-min(stop, 1 - 1e-9)))  # of one sequence
            found[mine] = (equal + tail * stop) / np.maximum(more + tail, np.finfo(float).tiny)
        return np.where(steps == 0, 0.0, np.clip(found, _LEAST, 1.0 - _LEAST))
