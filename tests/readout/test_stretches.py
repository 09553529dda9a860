"""Fits without a stretch of rows, against fits of the other rows."""

import numpy as np
import pytest

from dlkit.readout import RidgeReadout
from dlkit.readout._stretches import StretchFits, solve_definite

ALPHAS = np.array([1e-3, 0.1, 10.0])


def data(n, p, scale=1.0):
    r = np.random.RandomState(n + p)
    X = 3.0 + r.randn(n, p) @ np.diag(np.geomspace(1, scale, p))
    return X, X[:, :2] * 0.5 + r.randn(n, 2) - 7.0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize(("n", "p", "scale"), [(60, 5, 1), (25, 40, 1), (80, 6, 1e-9)])
def test_a_stretch_left_out(n, p, scale, fit_intercept, weighted):
    X, Y = data(n, p, scale)
    weight = np.random.RandomState(1).randint(0, 4, n).astype(float) if weighted else None
    stretches = [np.arange(3, 12), np.arange(n - 5, n), np.array([n // 2])]
    readout = RidgeReadout(ALPHAS, selection="gcv", fit_intercept=fit_intercept, relative=True)
    fits = StretchFits(readout, X, Y, weight, stretches)
    coef, intercept = fits.without()
    every = fits.whole()
    for i, k in enumerate([*stretches, []]):
        X_left, Y_left = np.delete(X, k, axis=0), np.delete(Y, k, axis=0)
        w = None if weight is None else np.delete(weight, k)
        for a, alpha in enumerate(ALPHAS):
            alone = RidgeReadout(alpha, fit_intercept=fit_intercept).fit(X_left, Y_left, w)
            found = every if i == 3 else (coef[i], intercept[i])
            want = X_left @ alone.coef_.T + alone.intercept_
            np.testing.assert_allclose(X_left @ found[0][a].T + found[1][a], want, rtol=1e-7)


@pytest.mark.parametrize(("n", "p", "scale"), [(60, 5, 1), (25, 40, 1), (80, 6, 1e-9)])
@pytest.mark.parametrize("one", [False, True])
def test_the_choice_is_fitted_to_all_rows(n, p, scale, one):
    X, Y = data(n, p, scale)
    Y = Y[:, 0] if one else Y
    readout = RidgeReadout(ALPHAS, selection="gcv", relative=True)
    fits = StretchFits(readout, X, Y, None, [np.arange(5)])
    found = fits.fitted(1, np.array([3.0, 1.0, 2.0]))
    want = RidgeReadout(ALPHAS[1]).fit(X, Y)
    np.testing.assert_allclose(found.predict(X), want.predict(X), rtol=1e-9)
    assert found.coef_.shape == want.coef_.shape
    assert (found.alpha_, found.best_score_) == (0.1, -1.0)
    np.testing.assert_array_equal(found.alpha_scores_, [-3, -1, -2])


def test_relative_alphas_are_named_as_given():
    X, Y = data(30, 4)
    weight = np.full(30, 0.01)
    readout = RidgeReadout(ALPHAS, selection="gcv", relative=True)
    found = StretchFits(readout, X, Y, weight, [np.arange(5)]).fitted(2, np.zeros(3))
    assert found.alpha_ == 10.0
    np.testing.assert_allclose(found.coef_, RidgeReadout(10.0).fit(X, Y).coef_, rtol=1e-9)


def test_rounding_does_not_make_a_solution_huge():
    A = np.diag([1.0, -1e-18])
    assert np.abs(solve_definite(A, np.array([[1.0], [1e-14]]))).max() < 10
    assert np.isnan(solve_definite(np.full((2, 2), np.nan), np.ones((2, 1)))).all()
    np.testing.assert_allclose(solve_definite(np.eye(2) * 4, np.ones((2, 1))), 0.25)
