"""The squared-hinge readout against a plain minimiser of its objective."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import HingeReadoutClassifier, RidgeReadoutClassifier, _budgets


def data(n=80, p=5, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(n_classes, size=n)
    X = rng.randn(n, p) + 1.2 * rng.randn(n_classes, p)[y] + 4
    return X, y, rng.randint(1, 4, n).astype(float)


def naive(X, target, weight, alpha, fit_intercept):
    """Coefficients and intercept for targets of ±1, from the formula and its gradient."""

    def objective(v):
        d = X @ v[:-1] + v[-1] * fit_intercept
        slack = np.maximum(0, 1 - target * d)
        pull = -2 * weight * slack * target
        gradient = np.append(X.T @ pull + 2 * alpha * v[:-1], pull.sum() * fit_intercept)
        return weight @ slack**2 + alpha * v[:-1] @ v[:-1], gradient

    start = np.zeros(X.shape[1] + 1)
    found = minimize(objective, start, jac=True, options={"gtol": 1e-9, "maxiter": 2000})
    return found.x[:-1], found.x[-1]


@parametrize_with_checks(
    [HingeReadoutClassifier(), HingeReadoutClassifier(0.1, tol=1e-6, max_iter=5000)]
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("n", "p"), [(80, 5), (12, 30)])
def test_it_minimises_the_objective(n, p, n_classes, fit_intercept):
    X, y, weight = data(n, p, n_classes)
    readout = HingeReadoutClassifier(0.7, tol=1e-9, max_iter=20_000, fit_intercept=fit_intercept)
    readout.fit(X, y, weight)
    for k in range(1 if n_classes == 2 else n_classes):
        right = 1 if n_classes == 2 else k
        coef, intercept = naive(X, np.where(y == right, 1, -1), weight, 0.7, fit_intercept)
        assert_allclose(np.atleast_2d(readout.coef_)[k], coef, rtol=1e-4, atol=1e-5)
        assert_allclose(np.atleast_1d(readout.intercept_)[k], intercept, rtol=1e-4, atol=1e-4)
    plain = X @ readout.coef_.T + readout.intercept_
    assert_allclose(readout.decision_function(X), plain, rtol=1e-12, atol=1e-12)


def test_rows_beyond_their_target_do_not_count():
    X, y, _ = data(60, 3, 2)
    readout = HingeReadoutClassifier(0.1, tol=1e-10, max_iter=20_000).fit(X, y)
    d = (2 * y - 1) * readout.decision_function(X)
    assert 0 < (d > 1.01).sum() < len(X)
    there = d < 1.01
    alone = clone(readout).fit(X[there], y[there])
    assert_allclose(alone.coef_, readout.coef_, atol=1e-6)


def test_where_no_row_is_beyond_it_is_ridge():
    X, y, weight = data(60, 4, 3)
    readout = HingeReadoutClassifier(1e5).fit(X, y, weight)
    ridge = RidgeReadoutClassifier(1e5).fit(X, y, weight)
    assert (np.abs(ridge.decision_function(X)) < 1).all()
    assert_allclose(readout.coef_, ridge.coef_, rtol=1e-9)
    assert_allclose(readout.intercept_, ridge.intercept_, rtol=1e-9)
    assert readout.n_iter_ == 1


def test_class_weights_are_weights():
    X, y, _ = data()
    weighted = HingeReadoutClassifier(class_weight={0: 2.0, 1: 1.0, 2: 3.0}).fit(X, y)
    repeated = HingeReadoutClassifier().fit(X, y, np.array([2.0, 1.0, 3.0])[y])
    assert_array_equal(weighted.coef_, repeated.coef_)
    balanced = HingeReadoutClassifier(class_weight="balanced").fit(X, y)
    assert balanced.coef_.shape == weighted.coef_.shape


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neither_dtype_nor_tiles_matter(monkeypatch, dtype):
    X, y, weight = data(300)
    expected = HingeReadoutClassifier(tol=1e-5).fit(X, y, weight)
    monkeypatch.setattr(_budgets, "TILE_ENTRIES", 0)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    readout = HingeReadoutClassifier(tol=1e-5).fit(X.astype(dtype), y, weight)
    assert readout.coef_.dtype == np.float64
    assert readout.decision_function(X.astype(dtype)).dtype == dtype
    assert_allclose(readout.coef_, expected.coef_, rtol=1e-3, atol=1e-5)


def test_too_few_iterations_warn():
    X, y, _ = data()
    with pytest.warns(ConvergenceWarning, match="max_iter=1 "):
        readout = HingeReadoutClassifier(0.01, max_iter=1).fit(X, y)
    assert readout.n_iter_ == 1


def test_a_copy_is_exact():
    X, y, _ = data()
    readout = HingeReadoutClassifier().fit(X, y)
    twin = pickle.loads(pickle.dumps(readout))
    assert_array_equal(twin.decision_function(X), readout.decision_function(X))
    assert_allclose(readout.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": [1.0, 2.0]}, "alpha"),
        ({"max_iter": 0}, "max_iter"),
        ({"tol": -1.0}, "tol"),
        ({"class_weight": "fair"}, "class_weight"),
        ({"fit_intercept": "no"}, "fit_intercept"),
    ],
)
def test_bad_parameters_are_named(params, match):
    X, y, _ = data()
    with pytest.raises(ValueError, match=match):
        HingeReadoutClassifier(**params).fit(X, y)


def test_a_singular_matrix_is_refused_and_nothing_is_left_half_fitted():
    X, y, weight = data()
    X = np.hstack([X, X])
    readout = HingeReadoutClassifier(1e-300)
    with pytest.raises(ValueError, match="alpha=1e-300 is too small"):
        readout.fit(X, y)
    with pytest.raises(NotFittedError):
        readout.predict(X)
    readout.set_params(alpha=1.0).fit(X, y)
    before = readout.coef_.copy()
    with pytest.raises(ValueError, match="weight"):
        readout.fit(X, y, 0 * weight)
    with pytest.raises(ValueError, match="NaN"):
        readout.fit(np.full_like(X, np.nan), y)
    assert_array_equal(readout.coef_, before)


def test_float32_far_from_zero_keeps_its_digits():
    X, y, weight = data(200)
    far = (X + 1e5).astype(np.float32)  # as air pressure in pascals
    readout = HingeReadoutClassifier(0.1, tol=1e-5, max_iter=2000)
    want = clone(readout).fit(far.astype(np.float64), y, weight)
    got = clone(readout).fit(far, y, weight)
    assert_allclose(got.coef_, want.coef_, rtol=1e-3, atol=1e-4)
    assert got.score(far, y) == want.score(far.astype(np.float64), y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_scales_at_the_edge_of_the_dtype(scale, dtype):
    X, y, weight = data(60)
    alpha = 0.1 * (scale * scale)
    want = HingeReadoutClassifier(0.1, tol=1e-5, max_iter=5000).fit(X, y, weight)
    with np.errstate(all="raise"):
        got = HingeReadoutClassifier(alpha, tol=1e-5, max_iter=5000)
        got.fit((X * scale).astype(dtype), y, weight)
        d = got.decision_function((X * scale).astype(dtype))
    assert_allclose(d, want.decision_function(X), rtol=1e-3, atol=1e-3)


def test_parameters_of_any_number_type():
    X, y, _ = data()
    want = HingeReadoutClassifier(0.5, max_iter=255, tol=0.25).fit(X, y)
    got = HingeReadoutClassifier(np.float16(0.5), max_iter=np.uint8(255), tol=np.float16(0.25))
    assert_array_equal(got.fit(X, y).coef_, want.coef_)
    assert HingeReadoutClassifier(tol=1e300).fit(X, y).n_iter_ == 1


def test_several_labels_are_as_many_classifiers():
    X, y, weight = data()
    many = np.c_[y == 0, y == 2].astype(int)
    readout = HingeReadoutClassifier(0.5, tol=1e-8, max_iter=20_000)
    got = clone(readout).fit(X, many, weight)
    for k in range(2):
        alone = clone(readout).fit(X, many[:, k], weight)
        assert_allclose(got.decision_function(X)[:, k], alone.decision_function(X), atol=1e-5)
        assert_array_equal(got.predict(X)[:, k], alone.predict(X))


@pytest.mark.parametrize("far", [1e4, 1e6])
def test_rows_far_out_do_not_end_the_fit_early_in_silence(far):
    """Fits of the size of those rows hid how much all others still changed."""
    rng = np.random.RandomState(1)
    X = rng.standard_normal((80, 4))
    y = (X @ rng.standard_normal(4) > 0).astype(int)
    X[-1] *= far
    with pytest.warns(ConvergenceWarning, match="A few rows of X lie far out"):
        HingeReadoutClassifier().fit(X, y)
