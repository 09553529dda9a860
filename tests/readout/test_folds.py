"""Fits on parts of the same rows against a readout fitted on each part."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.readout import RidgeReadout
from dlkit.readout._folds import SharedRows

from .drawn import ALPHAS, data

FOLDS = [slice(0, 20), slice(10, 30), np.r_[0:7, 22:30]]


def assert_as_readouts(X, Y, weight, readouts, parts=FOLDS):
    """Fit by shared rows, and each part by a readout of its own."""
    shared = SharedRows(X, parts)
    choices = [readout._make_choice() for readout in readouts]
    for k, part in enumerate(parts):
        own = None if weight is None else weight[part]
        queries = [(X, slice(5, 9)), (X + 1, slice(0, 3))]
        fits = shared.fit(k, Y[part], own, choices, queries)
        for readout, fit in zip(readouts, fits, strict=True):
            readout.fit(X[part], Y[part], own)
            assert_allclose(fit.solution.coef, readout.coef_.T, rtol=1e-6, atol=1e-8)
            assert_allclose(fit.solution.intercept, readout.intercept_, rtol=1e-6, atol=1e-8)
            assert_allclose(fit.solution.alpha, readout.alpha_)
            for (rows, which), got in zip(queries, fit.predictions, strict=True):
                assert_allclose(got, readout.predict(rows[which]), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("p", [6, 40])  # in primal form, and in dual form
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_parts_are_fitted_as_a_readout_would(p, weighted, fit_intercept):
    X, Y, weight = data(30, p)
    readouts = [
        RidgeReadout(0.1, fit_intercept=fit_intercept),
        RidgeReadout(5.0, fit_intercept=fit_intercept),
        RidgeReadout(ALPHAS, fit_intercept=fit_intercept),
        RidgeReadout(ALPHAS, selection="gcv", fit_intercept=fit_intercept),
    ]
    assert_as_readouts(X, Y, weight if weighted else None, readouts)


@pytest.mark.parametrize("p", [6, 40])
def test_ill_conditioned_parts_are_solved_exactly(p):
    X, Y, _ = data(30, p)
    X[:, 0] = X[:, 1] + 1e-8 * X[:, 2]
    assert_as_readouts(X, Y, None, [RidgeReadout(1e-9), RidgeReadout([1e-9, 1e-6])])


def test_rows_that_count_twice():
    X, Y, _ = data(30, 4)
    assert_as_readouts(X, Y, None, [RidgeReadout(0.3)], [np.r_[0:20, 0:5], np.arange(30)])


def test_what_cannot_be_solved_is_none():
    X, Y, _ = data(30, 4)
    shared = SharedRows(X, FOLDS)
    choices = [RidgeReadout(0.3)._make_choice()]
    assert shared.fit(0, Y[FOLDS[0]], np.zeros(20), choices) == [None]
