"""Which alpha, and which way to the coefficients, against refits without each row."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.readout import Moments, RidgeReadout

from .. import naive_readout as naive
from .drawn import ALPHAS, SHAPES, SOLVERS, check_selection, data


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("per_target", [True, False])
def test_leave_one_out_is_a_refit_without_each_row(
    shape, solver, fit_intercept, weighted, per_target
):
    X, Y, weight = data(*shape)
    weight = weight if weighted else None
    errors = np.array([naive.loo_errors(X, Y, a, weight, fit_intercept) for a in ALPHAS])
    readout = RidgeReadout(
        ALPHAS, alpha_per_target=per_target, fit_intercept=fit_intercept, solver=solver
    ).fit(X, Y, weight)
    check_selection(readout, X, Y, weight, errors, fit_intercept, per_target)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("per_target", [True, False])
def test_generalised_cross_validation(shape, solver, fit_intercept, per_target):
    X, Y, _ = data(*shape)
    errors = np.array([naive.gcv_errors(X, Y, a, fit_intercept) for a in ALPHAS])
    readout = RidgeReadout(
        ALPHAS,
        selection="gcv",
        alpha_per_target=per_target,
        fit_intercept=fit_intercept,
        solver=solver,
    )
    # moments find a residual by subtraction: where there is hardly one, with fewer digits
    rtol = 1e-5 if solver == "moments" else 1e-7
    check_selection(readout.fit(X, Y), X, Y, None, errors, fit_intercept, per_target, rtol)
    readout.fit_moments(Moments().update(X, Y))
    check_selection(readout, X, Y, None, errors, fit_intercept, per_target, rtol=1e-5)


@pytest.mark.parametrize("per_target", [True, False])
def test_selection_with_one_dimensional_targets(per_target):
    X, Y, _ = data(30, 6)
    readout = RidgeReadout(list(ALPHAS), alpha_per_target=per_target).fit(X, Y[:, 0])
    errors = [naive.loo_errors(X, Y[:, :1], a)[0] for a in ALPHAS]
    assert_allclose(readout.alpha_scores_, -np.array(errors))
    assert readout.alpha_ == ALPHAS[np.argmin(errors)]
    assert np.ndim(readout.alpha_) == np.ndim(readout.best_score_) == 0


@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_nothing_to_choose_by(selection):
    X, Y, _ = data(3, 2, q=1)
    with pytest.raises(ValueError, match=r"No alpha can be chosen|at least 2 samples"):
        RidgeReadout([0.0], selection=selection, solver="moments").fit(X, Y)
    with pytest.raises(ValueError, match=r"No alpha can be chosen|at least 2 samples"):
        RidgeReadout([0.0, 1.0], selection=selection).fit(X[:1], Y[:1])


@pytest.mark.parametrize("shape", [(100, 40), (30, 40)])
@pytest.mark.parametrize("alpha", [1e-12, [1e-12, 1e-3]])
@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_nearly_dependent_columns_and_a_tiny_penalty(shape, alpha, selection):
    # singular values from 100 to 1e-7 and targets along all of them, without noise: the squares
    # of the small ones drown in the rounding of X'X, so only a route past it sees them
    rng = np.random.RandomState(0)
    n, p = shape
    k = min(n, p)
    left, right = np.linalg.qr(rng.randn(n, k))[0], np.linalg.qr(rng.randn(p, k))[0]
    X = left * 10 ** np.linspace(2, -7, k) @ right.T
    Y = left @ rng.randn(k, 1)
    readout = RidgeReadout(alpha, selection=selection).fit(X, Y)
    if np.ndim(alpha):
        naive_errors = naive.loo_errors if selection == "loo" else naive.gcv_errors
        errors = [naive_errors(X, Y, a)[0] for a in alpha]
        assert_allclose(-readout.alpha_scores_, errors, rtol=1e-5)
    coef, intercept = naive.ridge(X, Y, readout.alpha_)
    assert_allclose(readout.predict(X), X @ coef + intercept, atol=1e-6)
    coef, intercept = naive.ridge(X, Y, 1e-12)
    by_moments = RidgeReadout(1e-12, solver="moments").fit(X, Y).predict(X)
    assert 1e-6 < np.abs(by_moments - X @ coef - intercept).max() < 10


def test_leave_one_out_needs_rows():
    X, Y, _ = data(10, 3)
    readout = RidgeReadout(ALPHAS)
    for call in (lambda: readout.partial_fit(X, Y), lambda: readout.fit_moments(Moments())):
        with pytest.raises(ValueError, match="selection='gcv'"):
            call()
    with pytest.raises(ValueError, match="empty"):
        RidgeReadout().fit_moments(Moments())
    with pytest.raises(TypeError, match="Moments"):
        RidgeReadout().fit_moments(X)
