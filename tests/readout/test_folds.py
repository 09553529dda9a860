"""Fits on parts of the same rows against a readout fitted on each part."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import KFold, TimeSeriesSplit

from dlkit.readout import RidgeReadout
from dlkit.readout._folds import MAX_CONDITION, SharedRows
from dlkit.readout._select import Choice, solve_rows

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


@pytest.mark.parametrize("shape", [(30, 80), (90, 20)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cv", [KFold(5), TimeSeriesSplit(3), "twice", "few of many"])
def test_shared_rows_solve_as_rows_of_ones_own(shape, weighted, cv):
    r = np.random.RandomState(0)
    F = r.randn(*shape) @ (r.randn(shape[1], shape[1]) * 0.8 ** np.arange(shape[1])) + 3
    Y = r.randn(shape[0], 2)
    weight = r.uniform(1, 3, shape[0]) if weighted else None
    if cv == "twice":
        splits = [(r.randint(0, shape[0], shape[0]), np.arange(5))]
    elif cv == "few of many":
        splits = [(np.arange(6), np.arange(6, 30)), (np.arange(3, 10), np.arange(3))]
    else:
        splits = list(cv.split(F))
    alphas = [*np.logspace(-12, 3, 6), [1e-3, 0.1], np.logspace(-9, 2, 12)]
    choices = [Choice.of(alpha, "gcv", False, True) for alpha in alphas]
    shared = SharedRows(F, [train for train, _ in splits])
    for k, (train, test) in enumerate(splits):
        w = None if weight is None else weight[train]
        elsewhere = F[test] * 1.0
        queries = [(F, test), (elsewhere, slice(None))]
        for choice, fit in zip(choices, shared.fit(k, Y[train], w, choices, queries), strict=True):
            expected, _ = solve_rows(F[train], Y[train], w, choice, "auto")
            values = F[test] @ expected.coef + expected.intercept
            assert fit.solution.alpha == expected.alpha
            scale = np.abs(values).max()
            for predicted in (
                *fit.predictions,
                F[test] @ fit.solution.coef + fit.solution.intercept,
            ):
                np.testing.assert_allclose(predicted, values, rtol=0, atol=2e-9 * scale)
    assert MAX_CONDITION <= 1e6


def test_choices_without_a_solution_are_left_open():
    F = np.random.RandomState(0).randn(4, 10)
    shared = SharedRows(F, [np.arange(4)])
    choices = [Choice.of(a, "gcv", False, True) for a in ([0.0, 0.0], 1.0)]
    fits = shared.fit(0, np.zeros((4, 1)), None, choices)
    assert fits[0] is None
    assert fits[1] is not None
    assert shared.fit(0, np.zeros((4, 1)), np.zeros(4), choices) == [None, None]


@pytest.mark.parametrize("p", [6, 40])
def test_relative_alphas(p):
    X, Y, weight = data(30, p)
    readouts = [RidgeReadout(0.1, relative=True), RidgeReadout(ALPHAS, relative=True)]
    assert_as_readouts(X, Y, (weight + 0.5) / 70, readouts)
