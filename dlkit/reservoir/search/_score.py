"""Fitted estimators, put together from solutions that were found together, and their scores.

A scorer gets a fitted estimator like any other. Only its driver knows the rows of some data
already, and need not run again when asked about the very same data.
"""

import time
from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin

from .._driver import Driver
from .._engine.spans import Span
from ._sklearn import num_samples, part_of_params, score, scores_by_default, split_safely


def shallow(estimator):
    """Copy of an estimator; ``copy.copy`` goes through scikit-learn's pickling and takes longer."""
    twin = object.__new__(type(estimator))
    vars(twin).update(vars(estimator))
    return twin


class Part:
    """The training or test part of a fold, with what scorers are to be given.

    Parameters
    ----------
    task : Task
        Data and scorers.
    k : int
        Which split.
    test : bool
        Whether it is the test part.
    """

    def __init__(self, task, k, *, test):
        train, rows = task.splits[k]
        if test:
            self.X, self.y = split_safely(task.estimator, task.X, task.y, rows, train)
        else:
            rows = train
            self.X, self.y = split_safely(task.estimator, task.X, task.y, rows)
        self.n = num_samples(self.X)
        self.params = part_of_params(task.X, params=task.score_params, indices=rows)
        # accuracy_score checks its arguments, which takes twenty times as long as the comparison
        self.is_plain_accuracy = (
            scores_by_default(task.scorer)
            and type(task.estimator).score is ClassifierMixin.score
            and not self.params
            and isinstance(self.y, np.ndarray)
            and self.y.ndim == 1
            and self.y.dtype.kind in "biuU"
        )


@dataclass(frozen=True, eq=False)
class Known:
    """Rows of some data that were run before.

    Attributes
    ----------
    batch : Sequences
        The data.
    rows : ndarray of shape (n_sequences or total steps, n_columns)
        What a readout sees of the data.
    states : ndarray of shape (n_series, n_state) or None
        Where the series begin, where a row is a time step.
    ends : ndarray of shape (n_series, n_state) or None
        Where the series end.
    """

    batch: object
    rows: np.ndarray
    states: np.ndarray = None
    ends: np.ndarray = None

    def is_of(self, batch, states=None):
        """Whether these are the rows of a batch that begins in the given states."""
        mine = self.batch
        return (
            np.array_equal(mine.offsets, batch.offsets)
            and np.array_equal(mine.values, batch.values)
            and (states is None or np.array_equal(self.states, states))
        )


@dataclass(frozen=True, eq=False)
class Replay(Driver):
    """A driver that knows the rows of some data.

    Attributes
    ----------
    known : tuple of Known
        The rows.
    """

    known: tuple = ()

    def pooled(self, batch, pooling, **options):
        """As of :meth:`Driver.pooled`."""
        for known in self.known:
            if known.is_of(batch):
                return known.rows
        return super().pooled(batch, pooling, **options)

    def run(self, batch, consume=None, *, states=None, **options):
        """As of :meth:`Driver.run`."""
        for known in self.known:
            if consume is not None and known.is_of(batch, states):
                n, total = len(batch), len(batch.values)
                consume(Span(0, n, 0, total, batch.offsets), known.rows)
                states[:] = known.ends
                return states
        return super().run(batch, consume, states=states, **options)


def replay(driver, known):
    """Driver that knows some rows."""
    return Replay(**vars(driver), known=tuple(known))


def scores_of(esn, parts, values, known, task):
    """Score an estimator; the result is that of scikit-learn's ``_fit_and_score``.

    Parameters
    ----------
    esn : estimator
        Fitted.
    parts : list of Part
        The test part and, if it is to be scored as well, the training part.
    values : list of ndarray
        The values of the readout's linear map for each part.
    known : callable
        Makes what is known of each part, a list of Known.
    task : Task
        Scorers.
    """
    start = time.perf_counter()
    result = {"fit_error": None, "n_test_samples": parts[0].n}
    if not all(part.is_plain_accuracy for part in parts):
        esn.driver_ = replay(esn.driver_, known())
    names = ("test_scores", "train_scores")
    for part, value, name in zip(parts, values, names, strict=False):
        if part.is_plain_accuracy:
            result[name] = float(np.mean(esn.readout_.labels_of(value) == part.y))
        else:
            result[name] = score(esn, part.X, part.y, task.scorer, part.params, task.error_score)
        if name == "test_scores":
            result["score_time"] = time.perf_counter() - start
    return result
