"""Recursive least squares against refits of everything so far, row by row."""

import copy
import pickle

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import _budgets
from dlkit.readout import (
    RidgeReadout,
    RidgeReadoutClassifier,
    RLSReadout,
    RLSReadoutClassifier,
    _rls,
)

from .. import naive_readout as naive


def data(n=40, p=4, q=2, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randn(n, p) @ rng.randn(p, p) + rng.randn(p)
    return X, X @ rng.randn(p, q) + 3 + 0.3 * rng.randn(n, q), rng.randint(0, 4, n).astype(float)


def held(P, alpha):
    """P = U D Uᵀ with each term of a trace of 1 / alpha at most."""
    L = np.linalg.cholesky(P[::-1, ::-1])[::-1, ::-1]  # upper triangular, P = L Lᵀ
    return sum(np.outer(u, u) * min(1.0, 1.0 / (alpha * (u @ u))) for u in L.T)


def recursion(X, Y, weight, forgetting, alpha, fit_intercept):
    """The scatter of all rows so far, made anew at each; coefficients by its inverse."""
    p, q = X.shape[1], Y.shape[1]
    P, theta, total, centre = np.eye(p) / alpha, np.zeros((p, q)), 0.0, np.zeros(p)
    mean_y = np.zeros(q)
    for x, y, w in zip(X, Y, weight, strict=True):
        if w == 0:
            continue
        old = total * forgetting
        share = w * old / (old + w) if fit_intercept else w
        d = x - centre
        e = y - mean_y - d @ theta
        P = np.linalg.inv(forgetting * np.linalg.inv(P) + share * np.outer(d, d))
        theta = theta + share * np.outer(P @ d, e)
        total = old + w
        if fit_intercept:
            centre, mean_y = centre + w / total * d, mean_y + w / total * (y - mean_y)
        if forgetting < 1:
            P = held(P, alpha)
    return theta, mean_y - centre @ theta, P


def clipped_weights(X, Y, alpha, norm, value):
    """The weights that clipping leaves, each found by bisection on the length of its step.

    The first row is not clipped.
    """

    def solve(weights):
        n = len(weights)
        coef, intercept = naive.ridge(X[:n], Y[:n], alpha, weights)
        return np.vstack([coef, intercept])

    def too_long(step):
        return np.linalg.norm(step) > norm or np.abs(step).max() > value

    weights = np.ones(1)
    before = solve(weights)
    for _ in range(1, len(X)):
        low, high = 0.0, 1.0
        if too_long(solve(np.append(weights, high)) - before):
            for _ in range(60):
                middle = (low + high) / 2
                if too_long(solve(np.append(weights, middle)) - before):
                    high = middle
                else:
                    low = middle
        weights = np.append(weights, high)
        before = solve(weights)
    return weights, before


@parametrize_with_checks(
    [
        RLSReadout(),
        RLSReadout(0.1, fit_intercept=False),
        RLSReadout(forgetting=0.95, clip_norm=10.0, clip_value=5.0),
        RLSReadoutClassifier(),
        RLSReadoutClassifier(forgetting=0.99, clip_norm=1.0),
    ],
    expected_failed_checks=lambda e: (
        {"check_sample_weight_equivalence_on_dense_data": "it forgets: a row twice is not a weight"}
        if e.forgetting < 1
        else {}
    ),
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.kernels
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("shape", [(40, 4), (3, 7), (1, 2)])
def test_without_forgetting_it_is_ridge(shape, fit_intercept, weighted):
    X, Y, weight = data(*shape)
    weight = weight + 1 if weighted else None
    coef, intercept = naive.ridge(X, Y, 0.3, weight, fit_intercept)
    readout = RLSReadout(0.3, fit_intercept=fit_intercept).fit(X, Y, weight)
    assert_allclose(readout.coef_, coef.T, rtol=1e-9, atol=1e-10)
    assert_allclose(readout.intercept_, intercept, rtol=1e-9, atol=1e-10)
    assert_allclose(readout.predict(X), X @ coef + intercept, rtol=1e-9, atol=1e-9)
    readout.fit(X, Y[:, 0], weight)
    assert readout.coef_.shape == X.shape[1:]
    assert np.ndim(readout.intercept_) == 0
    assert_allclose(readout.predict(X), X @ coef[:, 0] + intercept[0], rtol=1e-9, atol=1e-9)
    assert readout.n_skipped_ == readout.n_clipped_ == 0


@settings(deadline=None, derandomize=True, max_examples=25)
@given(
    n=st.integers(1, 30),
    p=st.integers(1, 6),
    forgetting=st.floats(0.8, 1.0),
    fit_intercept=st.booleans(),
    cuts=st.sets(st.integers(1, 29), max_size=4),
    seed=st.integers(0, 5),
)
def test_pieces_of_any_size_end_where_a_refit_would(n, p, forgetting, fit_intercept, cuts, seed):
    X, Y, weight = data(n, p, seed=seed)
    weight[0] = 1.0
    readout = RLSReadout(0.5, forgetting=forgetting, fit_intercept=fit_intercept)
    for rows in np.split(np.arange(n), sorted(c for c in cuts if c < n)):
        if weight[rows].any() or hasattr(readout, "n_skipped_"):
            readout.partial_fit(X[rows], Y[rows], weight[rows])
    coef, intercept, P = recursion(X, Y, weight, forgetting, 0.5, fit_intercept)
    assert_allclose(readout.coef_, coef.T, rtol=1e-8, atol=1e-9)
    assert_allclose(readout.intercept_, intercept, rtol=1e-8, atol=1e-9)
    assert_allclose(readout.covariance_, P, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_forgetting_is_a_discount(fit_intercept):
    X, Y, _ = data(300, 5)
    readout = RLSReadout(1e-3, forgetting=0.97, fit_intercept=fit_intercept).fit(X, Y)
    weight = 0.97 ** np.arange(300)[::-1]
    coef, intercept = naive.ridge(X, Y, 0.0, weight, fit_intercept)
    assert_allclose(readout.coef_, coef.T, rtol=1e-5)
    assert_allclose(readout.intercept_, intercept, rtol=1e-5)
    centre = weight @ X / weight.sum() if fit_intercept else 0.0
    scatter = (weight[:, None] * (X - centre)).T @ (X - centre)
    assert_allclose(readout.covariance_, np.linalg.inv(scatter), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("norm", "value"), [(0.4, np.inf), (np.inf, 0.2), (0.5, 0.3)])
def test_clipping_lowers_weights(norm, value):
    X, Y, _ = data(25, 3)
    Y[12:15] += 50
    limits = {
        "clip_norm": None if norm == np.inf else norm,
        "clip_value": None if value == np.inf else value,
    }
    readout = RLSReadout(0.3).fit(X[:1], Y[:1]).set_params(**limits)
    before = np.vstack([readout.coef_.T, readout.intercept_])
    for x, y in zip(X[1:], Y[1:], strict=True):
        readout.partial_fit(x[None], y[None])
        now = np.vstack([readout.coef_.T, readout.intercept_])
        assert np.linalg.norm(now - before) <= norm * (1 + 1e-9)
        assert np.abs(now - before).max() <= value * (1 + 1e-9)
        before = now
    weights, expected = clipped_weights(X, Y, 0.3, norm, value)
    assert_allclose(before, expected, rtol=1e-6, atol=1e-7)
    assert readout.n_clipped_ == np.sum(weights < 1) > 3
    # a first row that is too far off moves the intercept as far as allowed, and counts no more
    readout = RLSReadout(0.3, **limits).partial_fit(X[:1], 1e3 + Y[:1])
    assert np.linalg.norm(readout.intercept_) <= norm * (1 + 1e-9)
    assert readout.intercept_.max() <= value * (1 + 1e-9)
    assert not readout.coef_.any()
    assert_allclose(readout.covariance_, np.eye(3) / 0.3)


def test_a_burst_of_outliers_does_not_ruin_it():
    X, Y, _ = data(600, 4, q=1)
    truth = RLSReadout().fit(X[:300], Y[:300])
    burst = Y.copy()
    burst[300:310] = 1e6
    for options in ({"clip_norm": 1.0}, {"clip_value": 0.5}):
        # the first rows make long steps by right: they are learned without a limit
        readout = RLSReadout(forgetting=0.99).fit(X[:300], Y[:300]).set_params(**options)
        readout.partial_fit(X[300:310], burst[300:310])
        assert readout.n_clipped_ == 10
        assert np.abs(readout.coef_ - truth.coef_).max() < 10.5
        readout.partial_fit(X[310:], burst[310:])
        assert np.abs(readout.coef_ - truth.coef_).max() < 0.2
    ruined = RLSReadout(forgetting=0.99).fit(X, burst)
    assert np.abs(ruined.coef_ - truth.coef_).max() > 100


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200])
@pytest.mark.parametrize("where", ["X", "y"])
def test_what_is_not_finite_is_left_out(where, value):
    X, Y, _ = data()
    bad = {"X": X.copy(), "y": Y.copy()}
    bad[where][[0, 7, 20], 1] = value
    good = np.delete(np.arange(len(X)), [0, 7, 20])
    want = RLSReadout(forgetting=0.9).fit(X[good], Y[good])
    got = RLSReadout(forgetting=0.9).partial_fit(bad["X"], bad["y"])
    assert got.n_skipped_ == 3
    assert_array_equal(got.coef_, want.coef_)
    assert_array_equal(got.covariance_, want.covariance_)
    if abs(value) != 1e200:
        for use in (got.fit, clone(got).fit):
            with pytest.raises(ValueError, match=f"{where} contains (NaN|infinity)"):
                use(bad["X"], bad["y"])
    assert_array_equal(got.coef_, want.coef_)


def test_rows_of_weight_zero_leave_no_trace():
    X, Y, weight = data()
    kept = weight > 0
    a = RLSReadout(forgetting=0.9).fit(X, Y, weight)
    b = RLSReadout(forgetting=0.9).fit(X[kept], Y[kept], weight[kept])
    assert_array_equal(a.coef_, b.coef_)
    assert_array_equal(a.covariance_, b.covariance_)


@pytest.mark.compiled
@pytest.mark.parametrize("forgetting", [1.0, 0.999, 0.9])
def test_a_million_steps(forgetting):
    """P stays positive definite and bounded, whatever the rows do or do not excite."""
    n, p, alpha = 10**6, 6, 1e-6
    rng = np.random.RandomState(0)
    X = rng.randn(n, p)
    X[:, 1] = X[:, 0]  # collinear
    X[:, 2] = 0
    X[:, 3] *= 1e-6
    X[n // 2 :, 4] = 1.0  # constant from now on
    y = X @ np.arange(1.0, 7.0) + 2
    readout = RLSReadout(alpha, forgetting=forgetting).fit(X, y)
    P = readout.covariance_
    assert_allclose(P, P.T, rtol=1e-12, atol=1e-12 * P.max())
    assert (readout._spread > 0).all()
    values = np.linalg.eigvalsh(P)
    assert values[0] > -1e-12 * values[-1]
    assert np.trace(P) <= p / alpha * (1 + 1e-9)
    assert_allclose(readout.predict(X[-100:]), y[-100:], atol=1e-4)
    if forgetting == 1.0:
        want = RidgeReadout(alpha, solver="svd").fit(X, y)
        assert_allclose(readout.predict(X[-100:]), want.predict(X[-100:]), atol=1e-6)


def test_float32_and_its_like():
    X, Y, _ = data()
    want = RLSReadout().fit(X.astype(np.float32).astype(np.float64), Y)
    got = RLSReadout().fit(X.astype(np.float32), Y)
    assert got.coef_.dtype == np.float64
    assert_array_equal(got.coef_, want.coef_)
    assert got.predict(X.astype(np.float32)).dtype == np.float32
    assert got.predict(X).dtype == np.float64
    whole = np.round(10 * X).astype(int)
    assert_array_equal(RLSReadout().fit(whole, Y).coef_, RLSReadout().fit(1.0 * whole, Y).coef_)


def test_later_calls_and_copies(tmp_path):
    X, Y, _ = data()
    readout = RLSReadout().fit(X[:20], Y[:20])
    coef, text = readout.coef_, pickle.dumps(readout)
    readout.partial_fit(X[20:], Y[20:])
    assert not np.array_equal(coef, readout.coef_)
    assert_array_equal(coef, pickle.loads(text).coef_)
    assert_array_equal(readout.coef_, RLSReadout().fit(X, Y).coef_)
    assert_array_equal(pickle.loads(text).partial_fit(X[20:], Y[20:]).coef_, readout.coef_)
    joblib.dump(pickle.loads(text), tmp_path / "rls.joblib")
    mapped = joblib.load(tmp_path / "rls.joblib", mmap_mode="r")  # its arrays are read-only
    assert_array_equal(mapped.partial_fit(X[20:], Y[20:]).coef_, readout.coef_)
    readout.fit(X[:20], Y[:20])
    assert_array_equal(coef, readout.coef_)


CLASSES = np.array(["a", "b", "c"])


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, {"a": 2.0, "b": 0.5}])
def test_classifier_is_ridge_on_signs(n_classes, class_weight):
    X, Y, weight = data(60)
    weight[0] = 1.0
    y = CLASSES[np.digitize(Y[:, 0], np.quantile(Y[:, 0], np.arange(1, n_classes) / n_classes))]
    if class_weight and n_classes == 3:
        class_weight = class_weight | {"c": 1.0}
    want = RidgeReadoutClassifier(0.7, class_weight=class_weight).fit(X, y, weight)
    got = RLSReadoutClassifier(0.7, class_weight=class_weight).fit(X, y, weight)
    parts = RLSReadoutClassifier(0.7, class_weight=class_weight)
    for rows in (slice(0, 1), slice(1, 30), slice(30, 60)):
        parts.partial_fit(X[rows], y[rows], CLASSES[:n_classes], weight[rows])
    assert_array_equal(got.classes_, want.classes_)
    assert_allclose(got.coef_, want.coef_, atol=1e-9)
    assert_allclose(got.predict_proba(X), want.predict_proba(X), atol=1e-9)
    assert_array_equal(got.predict(X), want.predict(X))
    assert_array_equal(parts.decision_function(X), got.decision_function(X))
    balanced = RLSReadoutClassifier(class_weight="balanced").fit(X, y)
    assert_allclose(
        balanced.decision_function(X),
        RidgeReadoutClassifier(class_weight="balanced").fit(X, y).decision_function(X),
        atol=1e-9,
    )


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"alpha": 0.0}, "alpha.*Got 0.0"),
        ({"forgetting": 0.0}, "forgetting.*Got 0.0"),
        ({"forgetting": 1.1}, "forgetting.*Got 1.1"),
        ({"clip_norm": 0}, "clip_norm.*Got 0"),
        ({"clip_value": -1.0}, "clip_value.*Got -1.0"),
        ({"fit_intercept": "no"}, "fit_intercept.*Got 'no'"),
    ],
)
def test_parameters(options, match):
    X, Y, _ = data()
    with pytest.raises(ValueError, match=match):
        RLSReadout(**options).fit(X, Y)


def test_bad_input_changes_nothing():
    X, Y, weight = data()
    readout = RLSReadout()
    with pytest.raises(NotFittedError):
        readout.predict(X)
    with pytest.raises(NotFittedError):
        readout.coef_  # noqa: B018
    for method in (readout.fit, readout.partial_fit):
        with pytest.raises(ValueError, match="all-zero weights"):
            method(X, Y, 0 * weight)
        with pytest.raises(ValueError, match="not be negative, got -1"):
            method(X, Y, weight - 1)
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            method(X, Y[1:])
        with pytest.raises(ValueError, match="y to be passed"):
            method(X, None)
        with pytest.raises(TypeError, match="dense"):
            method(X, csr_array(Y))
        assert not vars(readout).keys() - readout.get_params().keys()
    readout.fit(X, Y)
    before = pickle.dumps(readout)
    with pytest.raises(ValueError, match=r"y has 1 targets \(1-dimensional\), but earlier"):
        readout.partial_fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="3 features"):
        readout.partial_fit(X[:, :3], Y)
    with pytest.raises(ValueError, match="all-zero weights"):
        readout.fit(X, Y, 0 * weight)
    assert pickle.dumps(readout) == before
    labels = np.where(Y[:, 0] > 0, "a", "b")
    classifier = RLSReadoutClassifier(class_weight="balanced")
    with pytest.raises(ValueError, match="class_weight='balanced' is not supported"):
        classifier.partial_fit(X, labels, classes=["a", "b"])
    classifier.set_params(class_weight=None)
    with pytest.raises(ValueError, match="classes must be passed"):
        classifier.partial_fit(X, labels)
    classifier.partial_fit(X, labels, classes=["a", "b"])
    with pytest.raises(ValueError, match="differs from the first call's"):
        classifier.partial_fit(X, labels, classes=["a", "c"])
    with pytest.raises(ValueError, match="not among the classes"):
        classifier.partial_fit(X, np.full(len(X), "z"))


def test_fit_leaves_no_finite_row_out():
    X, y = np.array([[1e160], [-1e160], [1e160]]), np.array([1.0, -1.0, 1.0])
    readout = RLSReadout().fit(X / 1e160, y)
    before = pickle.dumps(readout)
    with pytest.raises(ValueError, match="Products of X and y overflow float64 in 3 rows"):
        readout.fit(X, y)
    with pytest.raises(ValueError, match="overflow"):
        RLSReadoutClassifier().fit(X, y > 0)
    assert pickle.dumps(readout) == before
    assert RLSReadout().partial_fit(X, y).n_skipped_ == 3


def test_an_interrupt_changes_nothing_and_shallow_copies_share_nothing(monkeypatch):
    X, Y, _ = data()
    readout = RLSReadout(forgetting=0.9).fit(X, Y)
    before, twin = joblib.hash(vars(readout)), copy.copy(readout)
    real, calls = _rls.rls_rows, []

    def interrupted(*args):
        calls.append(1)
        if len(calls) % 3 == 0:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(_budgets, "RLS_ROWS", 16)
    monkeypatch.setattr(_rls, "rls_rows", interrupted)
    for call in (readout.partial_fit, readout.fit):
        with pytest.raises(KeyboardInterrupt):
            call(X, Y)
        assert joblib.hash(vars(readout)) == before
    monkeypatch.undo()
    readout.partial_fit(X, Y)
    assert joblib.hash(vars(twin)) == before
    assert_array_equal(twin.partial_fit(X, Y).coef_, readout.coef_)


def test_several_labels_are_ridge_on_signs():
    X, Y, weight = data(60)
    y = (np.median(Y, axis=0) < Y).astype(int)
    want = RidgeReadoutClassifier(0.7).fit(X, y, weight)
    got = RLSReadoutClassifier(0.7)
    for rows in (slice(0, 30), slice(30, 60)):
        got.partial_fit(X[rows], y[rows], sample_weight=weight[rows])
    assert_allclose(got.coef_, want.coef_, atol=1e-9)
    assert_array_equal(got.predict(X), want.predict(X))


def test_dates_are_no_targets():
    X, _, _ = data()
    with pytest.raises(ValueError, match="y must hold real numbers, got dtype datetime64"):
        RLSReadout().fit(X, np.full(40, "2020-01-01", dtype="M8[D]"))
