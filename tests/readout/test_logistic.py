"""The logistic readout against scikit-learn's minimiser of the same objective, and in streams."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ESNTagger, LogisticReadoutClassifier, StreamedReadout, _budgets
from dlkit.exceptions import ForgottenRowsWarning


def data(n=150, p=5, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(n_classes, size=n)
    X = rng.randn(n, p) + 0.8 * rng.randn(n_classes, p)[y] + 4
    return X, y, rng.randint(1, 4, n).astype(float)


def exact(**parameters):
    return LogisticReadoutClassifier(tol=1e-12, max_iter=2000, **parameters)


@parametrize_with_checks([LogisticReadoutClassifier(), LogisticReadoutClassifier(2.0, max_iter=50)])
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(("n", "p"), [(150, 5), (30, 60)])
def test_it_is_the_maximum_of_the_penalised_likelihood(n, p, n_classes, fit_intercept):
    X, y, weight = data(n, p, n_classes)
    peer = LogisticRegression(C=1 / 0.7, tol=1e-10, max_iter=20_000, fit_intercept=fit_intercept)
    peer.fit(X, y, weight)
    readout = exact(alpha=0.7, fit_intercept=fit_intercept).fit(X, y, weight)
    assert_allclose(np.atleast_2d(readout.coef_), peer.coef_, atol=2e-4)
    assert_allclose(readout.predict_proba(X), peer.predict_proba(X), atol=1e-4)
    assert_array_equal(readout.predict(X), readout.predict_proba(X).argmax(axis=1))
    assert readout.coef_.shape == ((p,) if n_classes == 2 else (n_classes, p))
    assert np.shape(readout.intercept_) == (() if n_classes == 2 else (n_classes,))


def test_probabilities_are_those_of_the_scores():
    X, y, _ = data()
    readout = LogisticReadoutClassifier().fit(X, y)
    for row, d in zip(readout.predict_proba(X), readout.decision_function(X), strict=True):
        assert_allclose(row, np.exp(d) / np.exp(d).sum())
    two = LogisticReadoutClassifier().fit(X, y == 1)
    assert_allclose(two.predict_proba(X)[:, 1], 1 / (1 + np.exp(-two.decision_function(X))))


def test_weights_are_repetitions_and_class_weights_are_weights():
    X, y, weight = data()
    each = np.repeat(np.arange(len(X)), weight.astype(int))
    want = exact().fit(X[each], y[each])
    assert_allclose(exact().fit(X, y, weight).coef_, want.coef_, atol=1e-5)
    weighted = exact(class_weight={0: 2.0, 1: 1.0, 2: 3.0}).fit(X, y)
    assert_allclose(weighted.coef_, exact().fit(X, y, np.array([2.0, 1, 3])[y]).coef_, atol=1e-6)
    peer = LogisticRegression(class_weight="balanced", tol=1e-10, max_iter=5000).fit(X, y)
    assert_allclose(exact(class_weight="balanced").fit(X, y).coef_, peer.coef_, atol=1e-4)


def test_alpha_is_chosen_by_the_likelihood_of_rows_left_out():
    X, y, weight = data(90)
    alphas, cv = [0.01, 30.0, 1.0], KFold(3, shuffle=True, random_state=0)
    readout = exact(alpha=alphas, cv=cv).fit(X, y, weight)
    assert_array_equal(readout.alphas_, [30.0, 1.0, 0.01])
    scores = []
    for alpha in readout.alphas_:
        loss = 0.0
        for train, test in cv.split(X):
            part = exact(alpha=alpha).fit(X[train], y[train], weight[train])
            P = part.predict_proba(X[test])
            loss += log_loss(y[test], P, sample_weight=weight[test], normalize=False)
        scores.append(-loss / weight.sum())
    assert_allclose(readout.alpha_scores_, scores, atol=1e-4)
    assert readout.best_score_ == readout.alpha_scores_.max()
    assert readout.alpha_ == readout.alphas_[np.argmax(scores)]
    assert_allclose(readout.coef_, exact(alpha=readout.alpha_).fit(X, y, weight).coef_, atol=1e-4)
    again = readout.set_params(alpha=1.0).fit(X, y)
    assert not hasattr(again, "alpha_scores_")


def test_the_penalty_by_the_size_of_the_features():
    X, y, _ = data(200, 8)
    readout = LogisticReadoutClassifier("auto").fit(X, y)
    large = LogisticReadoutClassifier("auto").fit(1000 * X, y)
    assert_allclose(large.alpha_, 1e6 * readout.alpha_)
    assert_allclose(large.predict_proba(1000 * X), readout.predict_proba(X), atol=1e-3)
    tried = np.isfinite(readout.alpha_scores_)
    assert 3 <= tried.sum() <= len(readout.alphas_)


def test_probabilities_are_calibrated_on_rows_not_seen():
    rng = np.random.RandomState(0)
    X = rng.randn(4000, 30)
    S = X[:, :4] @ rng.randn(4, 4)
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(4, p=row) for row in P])
    found = cross_val_predict(LogisticReadoutClassifier("auto"), X, y, method="predict_proba", cv=2)
    sure = found.max(axis=1)
    for low, high in [(0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)]:
        mine = (sure >= low) & (sure < high)
        assert mine.sum() > 200
        assert abs(sure[mine].mean() - (found.argmax(axis=1) == y)[mine].mean()) < 0.05
    assert log_loss(y, found) < log_loss(y, P) + 0.04


@pytest.mark.compiled
def test_streamed_is_the_same(monkeypatch):
    X, y, weight = data(120, 4)
    readout = exact(alpha=[0.1, 1.0])
    want = clone(readout).fit(PolynomialFeatures(2).fit_transform(X), y, weight)
    for budget in (0, 2**20):  # features computed anew in each iteration, or kept
        monkeypatch.setattr(_budgets, "STATES_BYTES", budget)
        streamed = StreamedReadout(PolynomialFeatures(2), readout, block_size=32)
        got = streamed.fit(X, y, weight).readout_
        assert_allclose(got.coef_, want.coef_, atol=1e-4)
        assert_allclose(got.alpha_scores_, want.alpha_scores_, atol=1e-4)
        assert_allclose(streamed.predict_proba(X), want.predict_proba(
            PolynomialFeatures(2).fit_transform(X)), atol=1e-5)  # fmt: skip
    folds = StreamedReadout(PolynomialFeatures(2), readout, cv=KFold(4)).fit(X, y)
    assert folds.readout_.alpha_ in (0.1, 1.0)
    few = StreamedReadout(PolynomialFeatures(3), exact(), block_size=7).fit(X[:30], y[:30])
    want = exact().fit(PolynomialFeatures(3).fit_transform(X[:30]), y[:30])
    assert_allclose(few.readout_.coef_, want.coef_, atol=1e-5)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_first_block_is_fitted_exactly(n_classes, fit_intercept):
    X, y, weight = data(n_classes=n_classes)
    want = exact(fit_intercept=fit_intercept).fit(X, y, weight)
    got = exact(fit_intercept=fit_intercept).partial_fit(X, y, np.unique(y), weight)
    assert_allclose(got.coef_, want.coef_, atol=1e-5)
    # the sums that stand for the block have their minimum where its loss has
    empty = exact(fit_intercept=fit_intercept).partial_fit(X, y, np.unique(y), weight)
    again = clone(got).partial_fit(X, y, np.unique(y), weight).merge(empty)
    assert np.isfinite(again.coef_).all()


@pytest.mark.parametrize("n_classes", [2, 5])
def test_blocks_come_close_to_all_rows_at_once(n_classes):
    X, y, _ = data(2000, 10, n_classes)
    whole = LogisticReadoutClassifier().fit(X[:1500], y[:1500])
    parts = [
        LogisticReadoutClassifier().partial_fit(X[i : i + 300], y[i : i + 300], np.unique(y))
        for i in range(0, 1500, 300)
    ]
    one = clone(parts[0])
    for i in range(0, 1500, 300):
        one.partial_fit(X[i : i + 300], y[i : i + 300], np.unique(y))
    alone = log_loss(y[1500:], parts[0].predict_proba(X[1500:]))
    before = parts[1].coef_.copy()
    merged = parts[0]
    for part in parts[1:]:
        merged.merge(part)
    assert_array_equal(parts[1].coef_, before)
    wanted = log_loss(y[1500:], whole.predict_proba(X[1500:]))
    assert alone > wanted + 0.003
    for readout in (one, merged):
        assert abs(log_loss(y[1500:], readout.predict_proba(X[1500:])) - wanted) < 0.004
        assert np.abs(readout.predict_proba(X) - whole.predict_proba(X)).max() < 0.2


def test_blocks_without_some_classes_and_without_weight():
    X, y, _ = data(200)
    readout = LogisticReadoutClassifier().partial_fit(X[y == 0], y[y == 0], classes=[0, 1, 2])
    readout.partial_fit(X[y > 0], y[y > 0])
    assert readout.score(X, y) > 0.6
    before = readout.coef_.copy()
    readout.partial_fit(X, y, sample_weight=0.0)
    assert_array_equal(readout.coef_, before)


def test_after_fit_a_stream_begins_anew():
    X, y, _ = data()
    readout = LogisticReadoutClassifier().fit(X, y)
    with pytest.warns(ForgottenRowsWarning):
        readout.partial_fit(X[:80], y[:80])
    assert readout.moments_.n == 80
    with pytest.raises(ValueError, match="use partial_fit on both"):
        readout.merge(LogisticReadoutClassifier().fit(X, y))
    with pytest.raises(TypeError, match="other must be"):
        readout.merge(None)
    other = LogisticReadoutClassifier().partial_fit(X, y, classes=[0, 1, 2, 3])
    with pytest.raises(ValueError, match="classes"):
        readout.merge(other)
    with pytest.raises(ValueError, match="single alpha"):
        readout.set_params(alpha=[1.0, 2.0]).partial_fit(X, y)
    with pytest.raises(ValueError, match="balanced"):
        readout.set_params(alpha=1.0, class_weight="balanced").partial_fit(X, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-20, 1e20, 1e30])
def test_scales_at_the_edge_of_the_dtype(scale, dtype):
    X, y, weight = data(60)
    want = exact(alpha=0.1).fit(X, y, weight)
    with np.errstate(all="raise"):
        got = exact(alpha=0.1 * (scale * scale)).fit((X * scale).astype(dtype), y, weight)
        P = got.predict_proba((X * scale).astype(dtype))
    assert P.dtype == dtype
    assert_allclose(P, want.predict_proba(X), atol=1e-3)


def test_float32_far_from_zero_keeps_its_digits():
    X, y, _ = data(200)
    far = (X + 1e5).astype(np.float32)
    want = exact().fit(far.astype(np.float64), y)
    got = LogisticReadoutClassifier().fit(far, y)
    assert_allclose(got.coef_, want.coef_, atol=5e-3)
    stream = LogisticReadoutClassifier().partial_fit(far[:100], y[:100], classes=[0, 1, 2])
    stream.partial_fit(far[100:], y[100:])
    assert abs(stream.score(far, y) - want.score(far, y)) < 0.05


def test_features_of_very_different_scales_converge():
    X, y, _ = data(300)
    scales = np.array([1e-4, 1, 1e5, 10, 1e-2])
    readout = LogisticReadoutClassifier(1e-12).fit(X * scales, y)
    want = exact(alpha=1e-12).fit(X, y)
    assert readout.n_iter_ < 60
    assert_allclose(readout.predict_proba(X * scales), want.predict_proba(X), atol=2e-2)


def test_several_labels_are_as_many_classifiers():
    X, y, weight = data()
    many = np.c_[y == 0, y == 2].astype(int)
    got = exact(alpha=0.5).fit(X, many, weight)
    for k in range(2):
        alone = exact(alpha=0.5).fit(X, many[:, k], weight)
        assert_allclose(got.predict_proba(X)[:, k], alone.predict_proba(X)[:, 1], atol=1e-5)
        assert_array_equal(got.predict(X)[:, k], alone.predict(X))


def test_in_a_tagger_a_grid_and_a_pickle():
    X, y, _ = data(300, 2)
    tagger = ESNTagger(30, readout=LogisticReadoutClassifier("auto"), random_state=0).fit(X, y)
    assert_allclose(tagger.predict_proba(X).sum(axis=1), 1)
    parts = ESNTagger(30, readout=LogisticReadoutClassifier(), random_state=0)
    parts.partial_fit(X[:150], y[:150], classes=[0, 1, 2]).partial_fit(X[150:], y[150:])
    assert abs(parts.score(X, y) - tagger.score(X, y)) < 0.1
    search = GridSearchCV(LogisticReadoutClassifier(), {"alpha": [0.1, 1.0]}, cv=2,
                          scoring="neg_log_loss").fit(X, y)  # fmt: skip
    twin = pickle.loads(pickle.dumps(search.best_estimator_))
    assert_array_equal(twin.predict_proba(X), search.predict_proba(X))
    light = search.best_estimator_.without_moments()
    assert_array_equal(light.predict_proba(X), search.predict_proba(X))


def test_too_few_iterations_warn():
    X, y, _ = data()
    with pytest.warns(ConvergenceWarning, match="max_iter=1 "):
        readout = LogisticReadoutClassifier(1e-6, max_iter=1).fit(X, y)
    assert readout.n_iter_ == 1


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": [1.0, 0.0]}, "alpha"),
        ({"alpha": "large"}, "alpha"),
        ({"alpha": [1.0, 2.0], "cv": 1000}, "cv|splits"),
        ({"max_iter": 0}, "max_iter"),
        ({"tol": -1.0}, "tol"),
        ({"class_weight": "fair"}, "class_weight"),
        ({"fit_intercept": "no"}, "fit_intercept"),
    ],
)
def test_bad_parameters_are_named(params, match):
    X, y, _ = data()
    with pytest.raises(ValueError, match=match):
        LogisticReadoutClassifier(**params).fit(X, y)


def test_a_failed_fit_leaves_nothing_behind():
    X, y, weight = data()
    readout = LogisticReadoutClassifier()
    with pytest.raises(ValueError, match="weight"):
        readout.fit(X, y, 0 * weight)
    with pytest.raises(NotFittedError):
        readout.predict(X)
    readout.fit(X, y)
    before = readout.coef_.copy()
    with pytest.raises(ValueError, match="NaN"):
        readout.fit(np.full_like(X, np.nan), y)
    assert_array_equal(readout.coef_, before)
    streamed = StreamedReadout(FunctionTransformer(), LogisticReadoutClassifier([1.0, 2.0]))
    with pytest.raises(ValueError, match="single alpha"):
        streamed.partial_fit(X, y, classes=[0, 1, 2])


@pytest.mark.parametrize("far", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("n_far", [1, 3])
def test_rows_far_out_do_not_end_the_fit_early(n_far, far):
    """A few such rows gave the coordinates their length, and gradients there were small at once."""
    rng = np.random.RandomState(1)
    X = rng.standard_normal((80, 4))
    y = (X @ rng.standard_normal(4) + 0.8 * rng.standard_normal(80) > 0).astype(int)
    X[-n_far:] *= far
    d = LogisticReadoutClassifier().fit(X, y).decision_function(X)
    exact = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, y)

    def loss(d, coef):
        return np.logaddexp(0, np.where(y == 1, -d, d)).mean() + np.square(coef).sum() / 160

    coef = LogisticReadoutClassifier().fit(X, y).coef_
    assert loss(d, coef) < loss(exact.decision_function(X), exact.coef_) + 2e-4


@pytest.mark.parametrize("scale", [1e-160, 1e-200])
def test_features_whose_squares_vanish_are_refused(scale):
    X, y, _ = data()
    for alpha in (1.0, "auto"):
        with pytest.raises(ValueError, match="Products of X underflow float64: X must be scaled"):
            LogisticReadoutClassifier(alpha).fit(X * scale, y)
    constant = LogisticReadoutClassifier().fit(np.full((len(X), 2), 0.1), y)
    assert_allclose(constant.predict_proba([[0.1, 0.1]])[0], np.bincount(y) / len(y), rtol=1e-4)
