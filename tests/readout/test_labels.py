"""Labels and class weights: the same in every classifier, and as scikit-learn has them."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.preprocessing import StandardScaler

from dlkit import (
    AttentionReadoutClassifier,
    ESNClassifier,
    ESNForecaster,
    ESNTagger,
    HingeReadoutClassifier,
    RidgeReadout,
    RidgeReadoutClassifier,
    RLSReadoutClassifier,
    Rocket,
    StreamedReadout,
)
from dlkit.exceptions import ReadingWarning
from dlkit.readout import _labels as labels
from dlkit.readout._select import solve_rows


def data(n=60, p=4):
    rng = np.random.RandomState(0)
    X = rng.randn(n, p)
    y = np.array(["a", "b", "c"])[(X[:, 0] > 0.8).astype(int) + (X[:, 1] > 0.9)]
    return X, y, rng.uniform(0.5, 2, n)


@pytest.mark.parametrize("class_weight", [{"a": 3.0, "c": 0.2}, "balanced"])
def test_class_weights_multiply_sample_weights_as_in_scikit_learn(class_weight):
    X, y, weight = data()
    want = RidgeClassifier(0.7, class_weight=class_weight).fit(X, y, weight)
    if class_weight == "balanced":  # there without, here with sample weights in the count
        want = RidgeClassifier(0.7, class_weight=class_weight).fit(X, y)
        weight = None
    got = RidgeReadoutClassifier(0.7, class_weight=class_weight).fit(X, y, weight)
    assert_allclose(got.decision_function(X), want.decision_function(X), rtol=1e-8)


def test_balanced_counts_samples_by_weight_as_if_they_were_repeated():
    X, y, _ = data()
    times = np.random.RandomState(1).randint(1, 4, len(y))
    repeated = np.repeat(np.arange(len(y)), times)
    for kind in (RidgeReadoutClassifier, HingeReadoutClassifier, RLSReadoutClassifier):
        readout = kind(class_weight="balanced")
        want = readout.fit(X[repeated], y[repeated]).decision_function(X)
        got = readout.fit(X, y, times).decision_function(X)
        assert_allclose(got, want, rtol=1e-6, atol=1e-9)


def test_class_weights_mean_the_same_in_a_network_and_in_its_stream():
    X, y, weight = data(30, 12)
    for class_weight in ({"a": 3.0, "b": 0.2, "c": 7.0}, "balanced"):
        _, skewed, _ = RidgeReadoutClassifier(class_weight=class_weight).encode(y, weight)
        want = ESNClassifier(9, alpha=0.3, random_state=0).fit(X, y, skewed).decision_function(X)
        network = ESNClassifier(9, alpha=0.3, class_weight=class_weight, random_state=0)
        assert_allclose(network.fit(X, y, weight).decision_function(X), want, rtol=1e-9)
    stream = ESNClassifier(9, alpha=0.3, class_weight={"a": 3.0, "c": 0.2}, random_state=0)
    whole = stream.fit(X, y, weight).decision_function(X)
    stream = clone(stream)
    for part in (slice(0, 11), slice(11, 30)):
        stream.partial_fit(X[part], y[part], classes=["a", "b", "c"], sample_weight=weight[part])
    assert_allclose(stream.decision_function(X), whole, rtol=1e-7, atol=1e-9)


def test_encoded_targets_and_a_solution_of_them_make_a_fitted_readout():
    X, y, weight = data()
    readout = RidgeReadoutClassifier([0.1, 1.0], class_weight={"a": 2.0})
    Y, w, y_ndim = readout.encode(y, weight)
    assert Y.shape == (len(y), 3)
    assert y_ndim == 2
    assert_array_equal(w, weight * np.where(y == "a", 2.0, 1.0))
    assert_array_equal(readout.classes_, ["a", "b", "c"])
    choice = readout._make_choice()
    solution, _ = solve_rows(X, Y, w, choice, "auto")
    got = readout.with_solution(solution, choice, X.shape[1], y_ndim)
    want = RidgeReadoutClassifier([0.1, 1.0], class_weight={"a": 2.0}).fit(X, y, weight)
    assert_array_equal(got.predict_proba(X), want.predict_proba(X))
    assert (got.alpha_, got.best_score_) == (want.alpha_, want.best_score_)
    assert not readout.__sklearn_is_fitted__()
    binary, _, y_ndim = RidgeReadoutClassifier().encode(y == "a")
    assert binary.shape == (len(y), 1)
    assert y_ndim == 1


@pytest.mark.parametrize(
    ("y", "weight", "match"),
    [
        (None, None, "requires y to be passed"),
        (np.full(6, "a"), None, "at least two classes"),
        ([0.5, 1.5, 2.5], None, "Unknown label type"),
        ([0.0, np.nan], None, "NaN"),
        (["a", "b"], [1.0], "sample_weight"),
        (["a", "b"], [-1.0, 1.0], "negative"),
    ],
)
def test_bad_labels_are_refused_as_in_fit(y, weight, match):
    with pytest.raises(ValueError, match=match):
        RidgeReadoutClassifier().encode(y, weight)
    if y is not None:
        with pytest.raises(ValueError, match=match):
            RidgeReadoutClassifier().fit(np.eye(len(y)), y, weight)


def test_classes_of_a_stream():
    for classes in ([2, 0, 2], {2, 0}, frozenset([0, 2]), range(0, 3, 2)):
        assert_array_equal(labels.classes_of_stream(classes, None), [0, 2])
    assert_array_equal(labels.classes_of_stream(None, np.array([0, 2])), [0, 2])
    with pytest.raises(ValueError, match="first call"):
        labels.classes_of_stream(None, None)
    with pytest.raises(ValueError, match="differs"):
        labels.classes_of_stream([0, 1], np.array([0, 2]))


@pytest.mark.parametrize(
    ("readout", "streaming"),
    [
        (RidgeReadout(), "merged"),
        (RidgeReadout([0.1, 1.0]), None),
        (RidgeReadout([0.1, 1.0], selection="gcv"), "merged"),
        (RidgeReadout(solver="svd"), None),
        (RidgeReadoutClassifier(class_weight={0: 2.0}), "merged"),
        (RidgeReadoutClassifier(class_weight="balanced"), None),
        (RLSReadoutClassifier(), "in order"),
    ],
)
def test_a_readout_says_how_blocks_of_rows_reach_it(readout, streaming):
    assert readout.streaming == streaming


def test_what_predictions_need_is_small():
    X, y, _ = data()
    readout = RidgeReadoutClassifier().partial_fit(X, y, classes=["a", "b", "c"])
    light = readout.without_moments()
    assert_array_equal(light.predict_proba(X), readout.predict_proba(X))
    assert not hasattr(light, "moments_")
    assert hasattr(readout, "moments_")


@pytest.mark.parametrize("value", [-0.2, np.inf, np.nan, 1j, "2"])
@pytest.mark.parametrize("kind", [RidgeReadoutClassifier, HingeReadoutClassifier])
@pytest.mark.parametrize("p", [3, 90])
def test_class_weights_that_mean_nothing_are_refused(kind, value, p):
    X, y, _ = data(60, p)
    with pytest.raises(ValueError, match=r"class_weight must hold finite numbers.*class 'a'"):
        kind(class_weight={"a": value}).fit(X, y)
    with pytest.raises(ValueError, match="makes weights that overflow"):
        kind(class_weight={"a": 1e300}).fit(X, y, np.full(60, 1e20))


def test_a_class_without_weight_counts_for_nothing():
    X, y, weight = data()
    weight[y == "b"] = 0
    kept = y != "b"
    got = RidgeReadoutClassifier(class_weight="balanced").fit(X, y, weight)
    per_class = weight.sum() / 3 / np.array([weight[y == c].sum() for c in ("a", "c")])
    by_hand = weight[kept] * per_class[(y[kept] == "c").astype(int)]
    want = RidgeReadoutClassifier().fit(X[kept], y[kept], by_hand)
    assert_allclose((got.coef_[2] - got.coef_[0]) / 2, want.coef_, rtol=1e-9)


def test_arrays_in_cells_are_stacked():
    cells = np.empty(3, dtype=object)
    cells[:] = [np.array(["a"]), np.array(["b"]), np.array(["a"])]
    assert_array_equal(labels.stacked(cells), [["a"], ["b"], ["a"]])
    assert labels.stacked([1, 2]) == [1, 2]
    words = np.array(["a", "b"], dtype=object)
    assert labels.stacked(words) is words


@pytest.mark.parametrize(
    ("classes", "match"),
    [
        ([0, 1, np.nan], "classes must be sorted and distinct"),
        ([1, 0], "classes must be sorted and distinct"),
        ([1, None], "classes must hold labels that can be put in order"),
        (np.array([1, "a"], dtype=object), "classes must hold labels that can be put in order"),
        (3, "at least two classes"),
    ],
)
def test_classes_that_have_no_order_are_refused(classes, match):
    with pytest.raises(ValueError, match=match):
        labels.class_indicators([0, 1], classes)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (np.array([1, "a"], dtype=object), "y must hold labels that can be put in order"),
        ([[0], [1]], r"y must be one-dimensional, got an array of shape \(2, 1\)"),
        ([0, 7], "labels that are not among the classes"),
    ],
)
def test_labels_that_are_no_classes_are_refused(y, match):
    with pytest.raises(ValueError, match=match):
        labels.class_indicators(y, [0, 1])


@pytest.mark.parametrize("y", [np.array([1j, 2j]), [[1, 2], [3]], np.zeros((2, 2, 2))])
def test_errors_of_labels_name_y(y):
    with pytest.raises(ValueError, match=r"\by\b"):
        RidgeReadoutClassifier().fit(np.eye(2), y)


def test_networks_choose_alpha_as_without_weights_whatever_equal_weights_sum_to():
    X = np.random.RandomState(0).randn(60, 2)
    y = np.roll(X[:, 0], 1)
    want = ESNForecaster(20, random_state=0, scaling=None).fit(X, y)
    for total in (1, 10, 60, 5000):
        weight = np.full(60, total / 60)
        got = ESNForecaster(20, random_state=0, scaling=None).fit(X, y, sample_weight=weight)
        stream = ESNForecaster(20, random_state=0, scaling=None)
        for rows in (slice(0, 20), slice(20, 60)):
            stream.partial_fit(X[rows], y[rows], sample_weight=weight[rows])
        for one in (got, stream):
            assert one.readout_.alpha_ == want.readout_.alpha_
            assert_allclose(one.predict(X), want.predict(X), rtol=1e-5, atol=1e-6)
    T = np.random.RandomState(1).randn(40, 12) + (np.arange(40) % 2)[:, None]
    boosted = AdaBoostClassifier(ESNClassifier(20, random_state=0), n_estimators=3)
    assert boosted.fit(T, np.arange(40) % 2).score(T, np.arange(40) % 2) > 0.95


@pytest.mark.parametrize("gone", [None, np.nan, pd.NA])
def test_missing_labels_are_no_words(gone):
    X, y = np.random.RandomState(0).randn(12, 9), ["a", "b"] * 6
    y[3] = gone
    for given in (y, tuple(y), pd.Series(y, dtype=object), np.array(y, dtype=object)):
        for model in (
            ESNClassifier(9, random_state=0),
            ESNTagger(9, random_state=0),
            RidgeReadoutClassifier(),
            RLSReadoutClassifier(),
            HingeReadoutClassifier(),
            StreamedReadout(Rocket(9, random_state=0), RidgeReadoutClassifier()),
        ):
            with pytest.raises(ValueError, match="y contains NaN.*label of sample 3 is"):
                model.fit(X, given)
    y[3] = None
    with pytest.raises(ValueError, match="y contains NaN or None: the label of sample 3 is None"):
        RidgeReadoutClassifier().fit(X, pl.Series(y))


LABELS = np.array(["a", "b"])[np.arange(60) % 2]


@pytest.mark.parametrize("classifier", [RidgeReadoutClassifier(), HingeReadoutClassifier()])
def test_labels_that_are_missing_or_of_two_kinds_are_refused(classifier):
    """NumPy would make words of them, '1' and 'nan', and these would be classes."""
    X = data()[0]
    gaps = [np.nan, *LABELS[1:]]
    for y in (gaps, [None, *LABELS[1:]], np.array(gaps, object), pd.Series(gaps, dtype="string")):
        with pytest.raises(ValueError, match="y contains NaN.*sample 0"):
            clone(classifier).fit(X, y)
    for y in ([1, *LABELS[1:]], np.array([1, *LABELS[1:]], object)):
        with pytest.raises(ValueError, match="y must hold words or numbers, got both, as .* 1"):
            clone(classifier).fit(X, y)
    for y, name in (
        (np.array((LABELS == "a") * 1, object), "int"),
        (np.array(LABELS == "a", object), "bool"),
        (LABELS.astype(np.dtypes.StringDType()), "object"),
    ):
        with pytest.raises(ValueError, match=rf"hand over y.astype\({name}\)"):
            clone(classifier).fit(X, y)
        want = clone(classifier).fit(X, y.astype(name)).predict(X)
        assert_array_equal(clone(classifier).fit(X, y.tolist()).predict(X), want)
    with pytest.raises(ValueError, match="Input classes contains NaN"):
        RidgeReadoutClassifier().partial_fit(X, LABELS, classes=["a", "b", np.nan])


def test_classes_one_hot_are_not_read_as_several_labels_in_silence(recwarn):
    X, y, _ = data()
    Y = (y[:, None] == np.unique(y)).astype(int)
    for classifier in (RidgeReadoutClassifier(), HingeReadoutClassifier()):
        with pytest.warns(
            ReadingWarning, match=r"probably y has classes.*np.argmax\(y, axis=1\)"
        ) as caught:
            clone(classifier).fit(X, Y)
        assert len(caught) == 1
        with pytest.warns(ReadingWarning, match="single 1"):
            StreamedReadout(StandardScaler(), RidgeReadoutClassifier()).fit(X, Y)
        recwarn.clear()
        clone(classifier).fit(X, np.c_[Y, Y[:, :1]])
        clone(classifier).fit(X[:9], Y[:9])
        assert not recwarn.list


def test_several_columns_that_are_no_labels_are_named():
    X = data()[0]
    numbers = np.c_[np.arange(60) % 3, np.arange(60) % 2]
    with pytest.raises(ValueError, match=r"shape \(60, 2\) instead.*MultiOutputClassifier"):
        RidgeReadoutClassifier().fit(X, numbers)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        RidgeReadoutClassifier().fit(X, np.where(numbers == 2, np.nan, numbers % 2))
    with pytest.raises(ValueError, match="1d array of labels"):
        AttentionReadoutClassifier().fit(X, numbers % 2)


def test_decimals_as_labels_are_told_what_to_become():
    X, _ = np.random.RandomState(0).randn(6, 2), None
    y = [Decimal(0), Decimal(1)] * 3
    with pytest.raises(ValueError, match=r"hand over y\.astype\(float\)"):
        RidgeReadoutClassifier().fit(X, np.array(y, dtype=object))
    with pytest.raises(ValueError, match=r"hand over \[float\(label\) for label in y\]"):
        RidgeReadoutClassifier().fit(X, y)
