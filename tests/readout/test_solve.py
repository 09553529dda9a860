"""Spectra and factors on hard numbers, against least squares."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit import _budgets
from dlkit.readout import RidgeReadout

from .. import naive_readout as naive
from .drawn import ALPHAS, SOLVERS, check_selection, data


@pytest.mark.parametrize("shape", [(50, 5), (12, 20)])
def test_leave_one_out_in_many_tiles(shape, monkeypatch):
    monkeypatch.setattr(_budgets, "TILE_ENTRIES", 0)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    X, Y, weight = data(*shape)
    for solver in SOLVERS:
        readout = RidgeReadout(ALPHAS, alpha_per_target=True, solver=solver).fit(X, Y, weight)
        errors = np.array([naive.loo_errors(X, Y, a, weight) for a in ALPHAS])
        check_selection(readout, X, Y, weight, errors, True, True)
        single = X.astype(np.float32)
        assert_allclose(readout.predict(single), readout.predict(X), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_leave_one_out_of_an_interpolating_fit(fit_intercept):
    X, Y, _ = data(8, 20)
    readout = RidgeReadout([0.0, 1e-9, 1.0], fit_intercept=fit_intercept).fit(X, Y)
    errors = [naive.loo_errors(X, Y, a, None, fit_intercept).mean() for a in (0.0, 1e-9, 1.0)]
    assert_allclose(-readout.alpha_scores_, errors, rtol=1e-6)


def test_row_that_alone_determines_a_coefficient():
    X, Y, _ = data(20, 3, q=1)
    X = np.column_stack([X, np.arange(20) == 4])
    readout = RidgeReadout([0.0, 1e-2]).fit(X, Y)
    assert readout.alpha_scores_[0] == -np.inf
    assert_allclose(readout.alpha_scores_[1], -naive.loo_errors(X, Y, 1e-2)[0], rtol=1e-8)


@pytest.mark.parametrize("offset", [1e6, -1e6])
@pytest.mark.parametrize("shape", [(60, 5), (10, 20)])
@pytest.mark.parametrize("solver", SOLVERS)
def test_large_offset(offset, shape, solver):
    X, Y, _ = data(*shape)
    X = (X + offset) - offset  # representable there, too
    near = RidgeReadout(ALPHAS, solver=solver).fit(X, Y)
    far = RidgeReadout(ALPHAS, solver=solver).fit(X + offset, Y + offset)
    assert far.alpha_ == near.alpha_
    assert_allclose(far.coef_, near.coef_, rtol=1e-6, atol=1e-7)
    assert_allclose(far.predict(X + offset) - offset, near.predict(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(40, 4), (10, 20)])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_no_penalty_and_dependent_columns_give_the_least_norm(solver, shape, fit_intercept):
    X, Y, _ = data(*shape)
    X = np.column_stack([X, X[:, 0], X[:, 1] - X[:, 2], np.zeros(len(X))])
    coef, intercept = naive.ridge(X, Y, 0.0, None, fit_intercept)
    readout = RidgeReadout(0, solver=solver, fit_intercept=fit_intercept).fit(X, Y)
    assert_allclose(readout.coef_, coef.T, rtol=1e-6, atol=1e-8)
    assert_allclose(readout.intercept_, intercept, rtol=1e-6, atol=1e-7)
    if shape == (40, 4):
        errors = [naive.loo_errors(X, Y, a, None, fit_intercept).mean() for a in (0.0, 1.0)]
        chosen = RidgeReadout([0.0, 1.0], solver=solver, fit_intercept=fit_intercept).fit(X, Y)
        assert_allclose(-chosen.alpha_scores_, errors, rtol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.0, 1.0, [0.1, 1.0]])
def test_constant_columns_alone(solver, alpha):
    X, y = np.full((6, 3), 4.0), np.arange(6.0)
    readout = RidgeReadout(alpha, solver=solver).fit(X, y)
    assert_allclose(readout.coef_, 0, atol=1e-12)
    assert_allclose(readout.predict(X), 2.5)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("p", [1, 3])
def test_one_row(solver, alpha, p):
    X, y = np.arange(1.0, p + 1)[None], np.array([7.0])
    readout = RidgeReadout(alpha, solver=solver).fit(X, y)
    assert_allclose(readout.coef_, np.zeros(p))
    assert_allclose(readout.predict(2 * X), 7.0)
    through_zero = RidgeReadout(alpha, solver=solver, fit_intercept=False).fit(X, y)
    assert_allclose(through_zero.coef_, 7 * X[0] / ((X**2).sum() + alpha))


def test_one_column():
    X, Y, _ = data(30, 1, q=1)
    readout = RidgeReadout(ALPHAS).fit(X, Y)
    errors = [naive.loo_errors(X, Y, a)[0] for a in ALPHAS]
    assert_allclose(-readout.alpha_scores_, errors)


def test_products_that_overflow():
    X, Y, _ = data(30, 4)
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="overflow float64"):
        RidgeReadout().fit(X * 1e200, Y)
