"""Which alpha, and which way to the coefficients, against refits without each row."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from dlkit.exceptions import RoundingWarning
from dlkit.readout import Moments, RidgeReadout, RidgeReadoutClassifier

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
    if selection == "gcv":
        with pytest.raises(ValueError, match="No alpha can be chosen"):
            RidgeReadout([0.0], selection=selection, solver="moments").fit(X, Y)
    else:  # without a row, the fit of least norm goes through the others, and misses that row
        readout = RidgeReadout([0.0], solver="moments").fit(X, Y)
        assert_allclose(-readout.alpha_scores_, naive.loo_errors(X, Y, 0.0), rtol=1e-6)
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
    kept = RidgeReadout(1e-12, solver="moments").fit(X, Y)
    assert_allclose(kept.predict(X), X @ coef + intercept, atol=1e-6)
    with pytest.warns(RoundingWarning, match="alpha=1e-12 is lost"):
        by_moments = RidgeReadout(1e-12).partial_fit(X, Y).predict(X)
    assert 1e-6 < np.abs(by_moments - X @ coef - intercept).max() < 10


def test_leave_one_out_needs_rows():
    X, Y, _ = data(10, 3)
    readout = RidgeReadout(ALPHAS)
    for call in (lambda: readout.partial_fit(X, Y), lambda: readout.fit_moments(Moments())):
        with pytest.raises(ValueError, match="selection='gcv'"):
            call()
    for fit_intercept in (True, False):
        with pytest.raises(ValueError, match="empty"):
            RidgeReadout(fit_intercept=fit_intercept).fit_moments(Moments())
    with pytest.raises(TypeError, match="Moments"):
        RidgeReadout().fit_moments(X)


# features on different scales


def people_and_rate(people, seed=0, n=60):
    """A population beside a rate of some per cent, which alone says what the target is."""
    r = np.random.RandomState(seed)
    X = np.c_[people * r.lognormal(size=n), 0.05 + 0.01 * r.randn(n)]
    return X, 300 * (X[:, 1:] - 0.05) + 0.5 * r.randn(n, 1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("people", [1e4, 1e6, 1e8])
@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_the_alpha_of_exact_scores_is_chosen_whatever_the_scales(people, selection, dtype):
    X, Y = people_and_rate(people)
    X = X.astype(dtype)
    alphas = np.logspace(-8, 6, 8)
    readout = RidgeReadout(alphas, selection=selection).fit(X, Y)
    exact = naive.loo_errors if selection == "loo" else naive.gcv_errors
    errors = [exact(X.astype(float), Y, alpha)[0] for alpha in alphas]
    assert_allclose(-readout.alpha_scores_, errors, rtol=1e-2)
    assert readout.alpha_ == alphas[np.argmin(errors)]
    assert readout.score(X, Y) > 0.95
    coef, intercept = naive.ridge(X.astype(float), Y, readout.alpha_)
    assert_allclose(readout.predict(X.astype(float)), X @ coef + intercept, atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_classifier_sees_a_small_feature_beside_a_large_one(seed):
    r = np.random.RandomState(seed)
    large, small = r.randn(2, 40)
    X, y = np.c_[1e4 * large, 1e-4 * small], (small > 0).astype(int)
    alphas = np.logspace(-14, 2, 9)
    readout = RidgeReadoutClassifier(alphas).fit(X, y)
    errors = [naive.loo_errors(X, 2.0 * y[:, None] - 1, alpha)[0] for alpha in alphas]
    assert readout.alpha_ == alphas[np.argmin(errors)]
    assert readout.score(X, y) > 0.9


@pytest.mark.parametrize("shape", [(12, 8), (12, 20)])
def test_predictions_are_right_for_features_of_any_scale(shape):
    n, p = shape
    r = np.random.RandomState(55)
    X, Y = r.randn(n, p) * 10.0 ** r.uniform(-6, 6, p), r.randn(n, 2)
    readout = RidgeReadout([1e-6, 1e-3, 1.0, 1e3]).fit(X, Y)
    order = np.argsort(-np.abs(X).max(axis=0))  # by falling size, for a least squares with digits
    coef, intercept = naive.ridge(X[:, order], Y, readout.alpha_)
    assert_allclose(readout.predict(X), X[:, order] @ coef + intercept, atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8])
@pytest.mark.parametrize("alpha", [1e-6, np.logspace(-10, 2, 5)])
def test_streams_end_where_fit_does_whatever_the_scale_of_a_feature(scale, alpha):
    r = np.random.RandomState(0)
    hidden = r.randn(400, 1)
    X = np.tanh(hidden * r.randn(1, 12) + 0.1 * r.randn(1, 12)) + 1e-4 * r.randn(400, 12)
    X = np.c_[X, scale * hidden]
    Y = np.sin(2 * hidden) + 1e-3 * r.randn(400, 1)
    whole = RidgeReadout(alpha, selection="gcv").fit(X, Y)
    stream = RidgeReadout(alpha, selection="gcv")
    for rows in (slice(0, 1), slice(1, 150), slice(150, 400)):
        stream.partial_fit(X[rows], Y[rows])
    missed = [np.sqrt(np.mean((m.predict(X) - np.sin(2 * hidden)) ** 2)) for m in (whole, stream)]
    assert missed[1] < 1.2 * missed[0] + 1e-9


@pytest.mark.parametrize("solver", SOLVERS)
def test_weights_that_sum_to_anything(solver):
    X, Y, _ = data(60, 5)
    alphas = np.logspace(-6, 3, 10)
    for total in (1.0, 10.0, 600.0 * np.pi):
        share = total / 60
        readout = RidgeReadout(alphas * share, selection="gcv", solver=solver)
        got = readout.fit(X, Y, np.full(60, share))
        errors = np.array([naive.gcv_errors(X, Y, alpha) for alpha in alphas]).mean(axis=1)
        assert_allclose(-got.alpha_scores_, errors, rtol=1e-6)
        assert_allclose(got.alpha_, share * alphas[np.argmin(errors)])
        assert_allclose(got.coef_.T, naive.ridge(X, Y, got.alpha_ / share)[0], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 1e-14, [1e-14, 1e-2]])
def test_a_constant_column_is_no_feature(alpha):
    X, Y, _ = data(1001, 3, q=1)
    X = np.c_[X, np.full(1001, 0.1)]
    readout = RidgeReadout(alpha).fit(X, Y)
    assert_allclose(readout.coef_[0, -1], 0.0, atol=1e-12)
    other = X + np.arange(4) // 3
    assert_allclose(readout.predict(other), readout.predict(X), rtol=1e-9)


def test_complex_and_huge_alphas_are_refused():
    for alpha in (np.array([1 + 1j]), [10**400], np.array(["2020"], dtype="M8[Y]")):
        with pytest.raises(ValueError, match="alpha must be a finite non-negative number"):
            RidgeReadout(alpha).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("shape", [(60, 5), (12, 20)])
@pytest.mark.parametrize("alpha", [0.3, np.logspace(-6, 3, 10)])
@pytest.mark.parametrize("selection", ["loo", "gcv"])
def test_a_relative_alpha_is_that_of_weights_of_mean_one(shape, alpha, selection):
    X, Y, _ = data(*shape)
    share = np.random.RandomState(1).uniform(0.5, 1.5, shape[0])
    share /= share.mean()
    want = RidgeReadout(alpha, selection=selection).fit(X, Y, share)
    for total in (1e-6, 1.0, 10.0, 1e9):
        weight = share * total / shape[0]
        readout = RidgeReadout(alpha, selection=selection, relative=True)
        results = [readout.fit(X, Y, weight)]
        if selection == "gcv":
            stream = clone(readout)
            for rows in (slice(0, 5), slice(5, None)):
                stream.partial_fit(X[rows], Y[rows], weight[rows])
            results.append(stream)
        for got in results:
            assert got.alpha_ == want.alpha_
            assert_allclose(got.coef_, want.coef_, rtol=1e-6, atol=1e-9)
    repeated = RidgeReadout(alpha, relative=True, selection=selection).fit(X, Y, 2.0)
    assert_array_equal(
        repeated.coef_, RidgeReadout(alpha, selection=selection).fit(X, Y, 2.0).coef_
    )
