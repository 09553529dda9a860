"""The ridge classifier against ridge regression on indicators."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit.readout import Moments, RidgeReadoutClassifier, class_indicators

from .. import naive_readout as naive
from .drawn import ALPHAS, SOLVERS, data, labels


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("shape", [(60, 5), (20, 30)])
@pytest.mark.parametrize("class_weight", [None, "balanced", {"a": 3.0, "d": 0.5}])
@pytest.mark.parametrize("weighted", [True, False])
def test_classifier_is_ridge_on_indicators(n_classes, shape, class_weight, weighted):
    X, y, weight = labels(*shape, n_classes)
    weight = weight if weighted else np.ones(len(X))
    classes = sorted(set(y))
    per_row = weight.copy()
    for label in classes:
        if class_weight == "balanced":
            per_row[y == label] *= weight.sum() / (n_classes * weight[y == label].sum())
        elif class_weight:
            per_row[y == label] *= class_weight.get(label, 1.0)
    Y = np.array([[1.0 if label == own else -1.0 for label in classes] for own in y])
    Y = Y[:, 1:] if n_classes == 2 else Y
    coef, intercept = naive.ridge(X, Y, 0.3, per_row)
    classifier = RidgeReadoutClassifier(0.3, class_weight=class_weight)
    classifier.fit(X, y, sample_weight=weight if weighted else None)
    scores = X @ coef + intercept
    assert classifier.classes_.tolist() == classes
    assert_allclose(np.atleast_2d(classifier.coef_), coef.T, rtol=1e-7, atol=1e-9)
    assert_allclose(classifier.decision_function(X).reshape(scores.shape), scores, atol=1e-8)
    if n_classes == 2:
        scores = np.column_stack([-scores, scores])
    assert_array_equal(classifier.predict(X), np.array(classes)[scores.argmax(axis=1)])
    P = classifier.predict_proba(X)
    assert_allclose(P, [naive.nearest_on_simplex((row + 1) / 2) for row in scores], atol=1e-8)
    check_probabilities(classifier, X)


def check_probabilities(classifier, X):
    P = classifier.predict_proba(X)
    assert P.min() >= 0
    assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    assert_array_equal(classifier.classes_[P.argmax(axis=1)], classifier.predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilities_agree_with_predict_in_ties(n_classes, dtype):
    y = np.repeat(np.arange(n_classes), 20)
    X = np.concatenate([[[-1.0], [1.0]]] * (10 * n_classes)).astype(dtype)
    classifier = RidgeReadoutClassifier().fit(X, y)
    check_probabilities(classifier, X)
    tiny = np.linspace(-1, 1, 41)[:, None].astype(dtype) * dtype(1e-30)
    check_probabilities(RidgeReadoutClassifier(fit_intercept=False).fit(X, y > 0), tiny)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifier_selects_by_leave_one_out(n_classes):
    X, y, weight = labels(25, 6, n_classes)
    Y = class_indicators(y, sorted(set(y))).reshape(25, -1).astype(float)
    classifier = RidgeReadoutClassifier(ALPHAS).fit(X, y, weight)
    errors = [naive.loo_errors(X, Y, a, weight).mean() for a in ALPHAS]
    assert_allclose(-classifier.alpha_scores_, errors, rtol=1e-8)
    assert classifier.alpha_ == ALPHAS[np.argmin(errors)]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("alpha", [0.5, ALPHAS])
@pytest.mark.parametrize("class_weight", [None, {"a": 3.0}])
def test_classifier_in_blocks(n_classes, alpha, class_weight):
    X, y, weight = labels(60, 5, n_classes)
    classes = sorted(set(y))
    kind = RidgeReadoutClassifier(alpha, selection="gcv", class_weight=class_weight)
    whole = clone(kind).fit(X, y, weight)
    blocks = clone(kind).partial_fit(X[:1], y[:1], classes=classes[::-1], sample_weight=weight[:1])
    blocks.partial_fit(X[1:], y[1:], sample_weight=weight[1:])
    merged = clone(kind).partial_fit(X[:30], y[:30], classes, weight[:30])
    merged.merge(clone(kind).partial_fit(X[30:], y[30:], classes, weight[30:]))
    results = [blocks, merged]
    if class_weight is None:
        moments = Moments().update(X, class_indicators(y, classes), weight)
        results.append(clone(kind).fit_moments(moments, classes))
    for readout in results:
        assert readout.classes_.tolist() == classes
        assert_allclose(readout.coef_, whole.coef_, rtol=1e-8, atol=1e-10)
        assert_allclose(readout.predict_proba(X), whole.predict_proba(X), atol=1e-9)


def test_grid_search():
    X, y, _ = labels(90, 5, 3)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), RidgeReadoutClassifier()),
        {"ridgereadoutclassifier__alpha": [1e-2, 1e3], "ridgereadoutclassifier__solver": SOLVERS},
        cv=3,
    ).fit(X, y)
    assert search.best_params_["ridgereadoutclassifier__alpha"] == 1e-2
    assert search.best_score_ > 0.8


def test_bad_classes():
    X, _, _ = data(10, 3)
    y = np.repeat(["a", "b"], 5)
    with pytest.raises(ValueError, match=r"1 class: \['a'\]"):
        RidgeReadoutClassifier().fit(X[:5], y[:5])
    with pytest.raises(ValueError, match="first call"):
        RidgeReadoutClassifier().partial_fit(X, y)
    with pytest.raises(ValueError, match="balanced"):
        RidgeReadoutClassifier(class_weight="balanced").partial_fit(X, y, ["a", "b"])
    readout = RidgeReadoutClassifier().partial_fit(X, y, ["a", "b"])
    with pytest.raises(ValueError, match=r"not among the classes.*'c'"):
        readout.partial_fit(X, np.repeat(["a", "c"], 5))
    with pytest.raises(ValueError, match="differs"):
        readout.partial_fit(X, y, classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="sorted"):
        readout.fit_moments(readout.moments_, ["b", "a"])
    with pytest.raises(ValueError, match="1 1-dimensional"):
        readout.fit_moments(Moments().update(X, np.eye(10)), ["a", "b"])
    with pytest.raises(ValueError, match="class_weight"):
        readout.set_params(class_weight={"a": 2}).fit_moments(readout.moments_, ["a", "b"])
    with pytest.warns(DataConversionWarning):
        RidgeReadoutClassifier().fit(X, y[:, None])


# several labels a sample


@pytest.mark.parametrize("shape", [(60, 5), (20, 30)])
@pytest.mark.parametrize("weighted", [True, False])
def test_several_labels_as_in_scikit_learn(shape, weighted):
    X, Y, weight = data(*shape)
    y, weight = (np.median(Y, axis=0) < Y).astype(int), weight if weighted else None
    want = RidgeClassifier(0.3).fit(X, y, weight)
    got = RidgeReadoutClassifier(0.3).fit(X, y, weight)
    assert_array_equal(got.classes_, [0, 1, 2])
    assert_allclose(got.decision_function(X), want.decision_function(X), rtol=1e-7, atol=1e-9)
    assert_array_equal(got.predict(X), want.predict(X))
    assert got.score(X, y) == want.score(X, y)
    P = got.predict_proba(X)
    assert_allclose(P, np.clip((want.decision_function(X) + 1) / 2, 0, 1), atol=1e-9)
    chosen = RidgeReadoutClassifier(ALPHAS).fit(X, y, weight)
    errors = [naive.loo_errors(X, 2.0 * y - 1, a, weight).mean() for a in ALPHAS]
    assert_allclose(-chosen.alpha_scores_, errors, rtol=1e-7)
    for form in (y.astype(bool), y.astype(float), pd.DataFrame(y), y.tolist(), csr_array(y)):
        again = RidgeReadoutClassifier(0.3).fit(X, form, weight)
        assert_array_equal(again.coef_, got.coef_)


def test_several_labels_in_blocks():
    X, Y, weight = data(60, 5)
    y = (np.median(Y, axis=0) < Y).astype(int)
    whole = RidgeReadoutClassifier(0.3).fit(X, y, weight)
    blocks = RidgeReadoutClassifier(0.3)
    for rows in (slice(0, 1), slice(1, 33), slice(33, 60)):
        blocks.partial_fit(X[rows], y[rows], sample_weight=weight[rows])
    parts = [RidgeReadoutClassifier(0.3).partial_fit(X[r], y[r], None, weight[r]) for r in (
        slice(0, 20), slice(20, 60)
    )]  # fmt: skip
    for got in (blocks, parts[0].merge(parts[1])):
        assert_allclose(got.coef_, whole.coef_, rtol=1e-7, atol=1e-9)
        assert_array_equal(got.predict(X), whole.predict(X))
    with pytest.raises(ValueError, match="a column for each of 3 labels"):
        blocks.partial_fit(X, y[:, 0])
    with pytest.raises(ValueError, match="differs from the first call's"):
        blocks.partial_fit(X, y[:, :2])
    with pytest.raises(ValueError, match="classes must be left out or be the numbers"):
        RidgeReadoutClassifier().partial_fit(X, y, classes=["a", "b", "c"])
    with pytest.raises(ValueError, match="must hold zeros and ones"):
        RidgeReadoutClassifier().fit(X, y + 1)
    with pytest.raises(ValueError, match="class_weight='balanced' is for classes that exclude"):
        RidgeReadoutClassifier(class_weight="balanced").fit(X, y)
    fresh = RidgeReadoutClassifier().fit(X, y).fit(X, y[:, 0])  # and back to one label
    assert fresh.predict(X).shape == (60,)
