"""Spectra and factors on hard numbers, against least squares."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import _budgets
from dlkit.exceptions import RoundingWarning
from dlkit.readout import RidgeReadout
from dlkit.readout._solve import (
    Rows,
    Triangle,
    cholesky_solve,
    gram_spectrum,
)

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
    with pytest.raises(ValueError, match="Products of X overflow float64"):
        RidgeReadout().fit(X * 1e200, Y)
    with pytest.raises(ValueError, match="Sums of y overflow float64"):
        RidgeReadout().fit(X, Y / np.abs(Y).max() * 1.7e308)


@pytest.mark.parametrize("shape", [(30, 4), (5, 8)])
@pytest.mark.parametrize("solver", SOLVERS)
def test_products_that_underflow(shape, solver):
    X, Y, _ = data(*shape)
    with pytest.raises(ValueError, match="Products of X underflow float64"):
        RidgeReadout([0.0, 1.0], solver=solver).fit(X * 1e-160, Y)
    harmless = RidgeReadout(1.0, solver=solver).fit(X * 1e-160, Y)
    assert_allclose(harmless.predict(X), np.broadcast_to(Y.mean(axis=0), Y.shape))


def test_a_cholesky_factor_of_scaled_columns():
    X, Y, _ = data(40, 5)
    lengths = np.array([1e8, 1.0, 1e-8, 1e3, 1e-3])
    X = (X - X.mean(axis=0)) * lengths
    found = cholesky_solve(np.asfortranarray(np.tril(X.T @ X)), 1e-30, X.T @ Y)
    want = np.linalg.lstsq(X / lengths, Y, rcond=None)[0] / lengths[:, None]
    assert_allclose(found.x, want, rtol=1e-9)
    assert found.condition < 1e4
    inverse = np.linalg.inv((X / lengths).T @ (X / lengths)) / lengths / lengths[:, None]
    assert_allclose(found.inverse_trace(), np.trace(inverse), rtol=1e-8)
    assert cholesky_solve(np.zeros((3, 3), order="F"), 0.0, np.ones((3, 1))) is None


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_a_triangle_alpha_by_alpha(fit_intercept):
    X, Y, weight = data(40, 6)
    triangle = Triangle(Rows(X, Y, weight, fit_intercept))
    for alpha in (1e-3, 2.0):
        coef, _ = naive.ridge(X, Y, alpha, weight, fit_intercept)
        assert_allclose(triangle.solve(alpha)[0], coef, rtol=1e-9)
        assert_allclose(triangle.spectrum.coefficients(alpha), coef, rtol=1e-9)
        errors = naive.loo_errors(X, Y, alpha, weight, fit_intercept)
        assert_allclose(triangle.errors(alpha, loo=True), errors, rtol=1e-9)
        spectrum = triangle.spectrum.gcv(np.array([alpha]))[0]
        assert_allclose(triangle.errors(alpha, loo=False), spectrum, rtol=1e-9)
    plain = Triangle(Rows(X, Y, None, fit_intercept))
    want = naive.gcv_errors(X, Y, 0.5, fit_intercept)
    assert_allclose(plain.errors(0.5, loo=False), want, rtol=1e-9)


def test_a_spectrum_knows_which_alphas_rounding_leaves_alone():
    rng = np.random.RandomState(0)
    X = rng.randn(100, 3) * [1e6, 1.0, 1e-2]
    Y = X[:, 2:] * 100 + 0.1 * rng.randn(100, 1)
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    size = 100, 100.0, True
    G = gram_spectrum(np.asfortranarray(X.T @ X), X.T @ Y, (Y**2).sum(axis=0), *size)
    assert_array_equal(G.sound(np.array([1e-9, 1e9]), 1e-3), [False, True])
    X = X / [1e6, 1.0, 1e-2]
    G = gram_spectrum(np.asfortranarray(X.T @ X), X.T @ Y, (Y**2).sum(axis=0), *size)
    assert G.sound(np.array([0.0, 1e-9, 1e9]), 1e-3).all()


def test_features_too_far_apart_are_announced():
    rng = np.random.RandomState(0)
    X = rng.randn(8, 10) * np.r_[np.full(5, 1e9), np.full(5, 1e-8)]
    X[:, 0] = X[:, 1]
    with pytest.warns(RoundingWarning, match="numbers of X differ in scale by too many"):
        RidgeReadout(1e-17).fit(X, X[:, -1] * 1e8)


@pytest.mark.parametrize("large", [1e4, 1e9])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("solver", SOLVERS)
def test_leave_one_out_of_rows_far_larger_than_the_rest(large, fit_intercept, solver):
    X, Y, weight = data(25, 4)
    X[:2] *= large
    alphas = np.array([1e-4, 1.0, 1e4])
    readout = RidgeReadout(alphas, fit_intercept=fit_intercept, solver=solver).fit(X, Y, weight)
    errors = [naive.loo_errors(X, Y, a, weight, fit_intercept).mean() for a in alphas]
    assert_allclose(-readout.alpha_scores_, errors, rtol=1e-3)
