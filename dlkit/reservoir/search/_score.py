"""Estimators as a fit would leave them, put together from a solution, and their scores.

A scorer gets a fitted estimator like any other; only that it need not run its reservoir again
when asked about the very data whose predictions are known.
"""

import time

import numpy as np
from sklearn.base import ClassifierMixin

from ...sequences import check_sequences
from ._sklearn import num_samples, part_of_params, score, scores_by_default, split_safely


def shallow(estimator):
    """Copy of an estimator; ``copy.copy`` goes through scikit-learn's pickling and takes longer."""
    twin = object.__new__(type(estimator))
    vars(twin).update(vars(estimator))
    return twin


class Samples:
    """The training or test part of a fold, with what scorers are to be given.

    Parameters
    ----------
    task : Task
        Data and scorers.
    k : int
        Which split.
    esn : estimator
        Fitted as far as a rehearsal goes.
    test : bool
        Whether it is the test part.
    """

    def __init__(self, task, k, esn, *, test):
        train, rows = task.splits[k]
        if test:
            self.X, self.y = split_safely(task.estimator, task.X, task.y, rows, train)
        else:
            rows = train
            self.X, self.y = split_safely(task.estimator, task.X, task.y, rows)
        self.n = num_samples(self.X)
        self.params = part_of_params(task.X, params=task.score_params, indices=rows)
        self.form = None
        if hasattr(esn, "start"):  # one prediction for each step
            self.form = check_sequences(esn, self.X, reset=False, rows="steps")
        # what accuracy_score checks takes it twenty times as long as what it computes
        self.is_plain_accuracy = (
            scores_by_default(task.scorer)
            and type(esn).score is ClassifierMixin.score
            and not self.params
            and isinstance(self.y, np.ndarray)
            and self.y.ndim == 1
            and self.y.dtype.kind in "biuU"
        )


class Answers:
    """Takes the place of an estimator's ``_read`` and knows the answer for some data."""

    def __init__(self, esn, known):
        self.esn, self.known = esn, known

    def __call__(self, X, method, *args, **kwargs):
        """Let the readout answer from the known values of its linear map, if X is known."""
        for samples, values in self.known:
            if X is samples.X and not any(a is not None for a in args) and not kwargs:
                readout = shallow(self.esn.readout_)
                readout._affine = lambda _, values=values: values
                answer = getattr(readout, method)(None)
                if samples.form is None:
                    return answer
                return samples.form.unpack(self.esn._complete(answer, samples.form.values))
        return type(self.esn)._read(self.esn, X, method, *args, **kwargs)


def assemble(rehearsed, candidate, readout, reservoir, final_state):
    """Estimator as a fit would leave it."""
    esn = shallow(rehearsed)
    vars(esn).update(vars(candidate), readout_=readout, reservoir_=reservoir)
    if final_state is not None:
        esn.final_state_ = final_state
    return esn


def scores_of(esn, known, task):
    """Score an estimator; the result is that of scikit-learn's ``_fit_and_score``.

    Parameters
    ----------
    esn : estimator
        Fitted.
    known : list of (Samples, ndarray)
        Test samples and, if they are to be scored as well, training samples, and the linear
        map's values for both.
    task : Task
        Scorers.
    """
    start = time.perf_counter()
    esn._read = Answers(esn, known)
    result = {"fit_error": None, "n_test_samples": known[0][0].n}
    for (samples, _), name in zip(known, ("test_scores", "train_scores"), strict=False):
        if samples.is_plain_accuracy:
            result[name] = float(np.mean(esn.predict(samples.X) == samples.y))
        else:
            result[name] = score(
                esn, samples.X, samples.y, task.scorer, samples.params, task.error_score
            )
        if name == "test_scores":
            result["score_time"] = time.perf_counter() - start
    del esn._read
    return result
