"""Retrieval against a loop over stored rows, its memory, and what it is chosen by."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    AttentionReadout,
    AttentionReadoutClassifier,
    ESNTagger,
    StreamedReadout,
    _budgets,
)


def data(n=60, p=4, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(3, size=n)
    return rng.randn(n, p) + rng.randn(3, p)[y], y, rng.uniform(0.5, 2, n)


def naive(keys, values, shares, query, score, prior, about):
    """Mean of stored values by their votes, a row at a time."""
    scores = [score(query, key) for key in keys]
    votes = [s * np.exp(one - max(scores)) for s, one in zip(shares, scores, strict=True)]
    total = sum(votes) + prior
    return sum([v * value for v, value in zip(votes, values, strict=True)], prior * about) / total


@pytest.mark.compiled
@parametrize_with_checks(
    [
        AttentionReadoutClassifier(random_state=0),
        AttentionReadout(random_state=0),
        AttentionReadoutClassifier(memory="kmeans", n_keys=15, random_state=0),
        AttentionReadout(memory="sample", n_keys=15, beta=1.0, prior=0.1, random_state=0),
    ]
)
def test_scikit_learn(estimator, check):
    if "sample_weight_equivalence" in check.func.__name__:
        pytest.skip("a row left out is one row, whatever its weight; a sample draws rows")
    check(estimator)


@pytest.mark.parametrize("metric", ["euclidean", "dot", "match"])
def test_votes_are_those_of_the_formula(metric, monkeypatch):
    monkeypatch.setattr(_budgets, "RETRIEVAL_ENTRIES", 100)  # a query or two at a time
    X, y, weight = data()
    if metric == "match":
        X = np.rint(X)
    w = np.array([1.0, 2.0, 0.0, 0.5])
    readout = AttentionReadoutClassifier(0.7, metric=metric, feature_weights=w, prior=0.3)
    got = readout.fit(X, y, weight).predict_proba(X[:9] + (metric != "match") * 0.1)
    scores = {
        "euclidean": lambda q, k: -0.7 * sum(w * (q - k) ** 2),
        "dot": lambda q, k: 0.7 * sum(w * q * k),
        "match": lambda q, k: 0.7 * sum(w * (q == k)),
    }
    about = np.bincount(y, weight) / weight.sum()
    for query, row in zip(X[:9] + (metric != "match") * 0.1, got, strict=True):
        want = naive(X, np.eye(3)[y], weight / weight.max(), query, scores[metric], 0.3, about)
        assert_allclose(row, want, atol=1e-4)
    if metric != "match":
        numbers = AttentionReadout(0.7, metric=metric, feature_weights=w, prior=0.3)
        numbers.fit(X, X[:, :2], weight)
        about = weight @ X[:, :2] / weight.sum()
        want = naive(X, X[:, :2], weight / weight.max(), X[3], scores[metric], 0.3, about)
        assert_allclose(numbers.predict(X[3:4])[0], want)


def test_the_nearest_alone():
    X, y, _ = data()
    readout = AttentionReadoutClassifier(1.0, feature_weights=None, prior=0.0, top_k=1).fit(X, y)
    assert_array_equal(readout.predict(X), y)
    assert_array_equal(readout.predict_proba(X).max(axis=1), 1)
    three = AttentionReadout(1.0, feature_weights=None, prior=0.0, top_k=3).fit(X, y)
    for x, value in zip(X + 0.2, three.predict(X + 0.2), strict=True):
        squares = ((X - x) ** 2).sum(axis=1)
        near = np.argsort(squares)[:3]
        votes = np.exp(-squares[near])
        assert_allclose(value, votes @ y[near] / votes.sum())


def test_settings_are_chosen_by_rows_left_out():
    X, y, _ = data(200)
    readout = AttentionReadoutClassifier(feature_weights=None, n_queries=200, random_state=0)
    readout.fit(X, y)

    def left_out(beta, prior):
        loss = 0.0
        for i in range(200):
            rest = np.arange(200) != i
            about = np.bincount(y, minlength=3) / 200
            one = naive(X[rest], np.eye(3)[y[rest]], np.ones(199), X[i],
                        lambda q, k: -beta * sum((q - k) ** 2), prior, about)  # fmt: skip
            loss -= np.log(one[y[i]])
        return loss / 200

    best = left_out(readout.beta_, readout.prior_)
    assert best < left_out(readout.beta_ * 2, readout.prior_)
    assert best < left_out(readout.beta_ / 2, readout.prior_)
    assert best < left_out(readout.beta_, readout.prior_ * 30)


@pytest.mark.compiled
def test_weights_find_the_features_that_matter():
    rng = np.random.RandomState(0)
    codes = rng.randint(4, size=(600, 6))
    y = (codes[:, 1] + 4 * codes[:, 4]) % 3
    readout = AttentionReadoutClassifier(metric="match", random_state=0).fit(codes[:400], y[:400])
    order = np.argsort(readout.feature_weights_)
    assert set(order[-2:]) == {1, 4}
    assert readout.score(codes[400:], y[400:]) > 0.97
    X = np.c_[rng.randn(400, 2), 30 * rng.randn(400, 5)]
    y = np.tanh(2 * X[:, 0])
    numbers = AttentionReadout(random_state=0).fit(X[:300], y[:300])
    assert numbers.score(X[300:], y[300:]) > 0.5
    plain = AttentionReadout(feature_weights=None, random_state=0).fit(X[:300], y[:300])
    assert plain.score(X[300:], y[300:]) < 0.2


def test_groups_look_only_at_rows_that_agree():
    X, y, _ = data(200)
    X = np.c_[X, np.arange(200) % 2]
    readout = AttentionReadoutClassifier(1.0, feature_weights=None, prior=0.1, groups=4)
    readout.fit(X, y)
    for one in (0, 1):
        alone = AttentionReadoutClassifier(1.0, feature_weights=None, prior=0.0)
        mine = X[:, 4] == one
        alone.fit(X[mine], y[mine])
        got = clone(readout).set_params(prior=0.0).fit(X, y).predict_proba(X[mine] + 0.0)
        assert_allclose(got, alone.predict_proba(X[mine]), atol=1e-12)
    unknown = np.c_[X[:5, :4], np.full(5, 7)]
    assert_allclose(readout.predict_proba(unknown).sum(axis=1), 1)
    both = clone(readout).set_params(groups=[4, 4]).fit(X, y)
    assert_allclose(both.predict_proba(X), readout.predict_proba(X))


@pytest.mark.parametrize("memory", ["all", "sample"])
def test_blocks_end_where_all_rows_at_once_do(memory):
    X, y, weight = data(200)
    readout = AttentionReadoutClassifier(memory=memory, n_keys=30, random_state=0)
    whole = clone(readout).fit(X, y, weight)
    for cuts in ([50, 90, 91], [10]):
        parts = clone(readout)
        for rows in np.split(np.arange(200), cuts):
            parts.partial_fit(X[rows], y[rows], [0, 1, 2], weight[rows])
        assert_array_equal(parts.keys_, whole.keys_)
        assert_allclose(parts.predict_proba(X), whole.predict_proba(X))
        assert parts.n_seen_ == 200
    assert len(whole.keys_) == (200 if memory == "all" else 30)


def test_a_sample_is_of_all_rows_alike():
    X = np.arange(400.0)[:, None]
    kept = [
        AttentionReadout(1.0, memory="sample", n_keys=40, random_state=i).fit(X, X[:, 0]).keys_
        for i in range(40)
    ]
    assert abs(np.concatenate(kept).mean() - 199.5) < 20
    assert all(len(np.unique(keys)) == 40 for keys in kept)


def test_clusters_hold_what_they_stand_for():
    X, y = load_digits(return_X_y=True)
    readout = AttentionReadoutClassifier(memory="kmeans", n_keys=100, random_state=0)
    readout.fit(X[:1000], y[:1000])
    assert len(readout.keys_) <= 100
    assert readout.score(X[1000:], y[1000:]) > 0.88
    readout.partial_fit(X[1000:1500], y[1000:1500])
    assert len(readout.keys_) <= 100
    assert readout.score(X[1500:], y[1500:]) > 0.88


def test_in_pipelines_streams_and_reservoirs():
    X, y, _ = data(300)
    pipe = make_pipeline(StandardScaler(), AttentionReadoutClassifier(random_state=0)).fit(X, y)
    assert pipe.score(X, y) > 0.6
    streamed = StreamedReadout(StandardScaler(), AttentionReadoutClassifier(random_state=0))
    assert_allclose(streamed.fit(X, y).predict_proba(X), pipe.predict_proba(X), atol=1e-9)
    tagger = ESNTagger(20, readout=AttentionReadoutClassifier(random_state=0), random_state=0)
    assert_allclose(tagger.fit(X, y).predict_proba(X).sum(axis=1), 1)
    twin = pickle.loads(pickle.dumps(pipe))
    assert_array_equal(twin.predict_proba(X), pipe.predict_proba(X))
    single = AttentionReadoutClassifier(random_state=0).fit(X.astype(np.float32), y)
    assert single.predict_proba(X.astype(np.float32)).dtype == np.float32
    double = AttentionReadoutClassifier(random_state=0).fit(X, y)
    assert_allclose(log_loss(y, single.predict_proba(X.astype(np.float32))),
                    log_loss(y, double.predict_proba(X)), atol=0.02)  # fmt: skip


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"beta": 0.0}, "beta"),
        ({"metric": "cosine"}, "metric"),
        ({"feature_weights": [1.0]}, "feature_weights"),
        ({"feature_weights": [1.0, -1, 1, 1]}, "feature_weights"),
        ({"prior": -1.0}, "prior"),
        ({"top_k": 0}, "top_k"),
        ({"groups": 9}, "groups"),
        ({"groups": [0.5]}, "groups"),
        ({"memory": "none"}, "memory"),
        ({"memory": "kmeans", "metric": "match"}, "kmeans"),
        ({"n_keys": 0}, "n_keys"),
    ],
)
def test_bad_parameters_are_named(params, match):
    X, y, _ = data()
    readout = AttentionReadoutClassifier(**params)
    with pytest.raises(ValueError, match=match):
        readout.fit(X, y)
    with pytest.raises(NotFittedError):
        readout.predict(X)


def test_bad_targets_are_named():
    X, y, weight = data()
    readout = AttentionReadoutClassifier(random_state=0)
    with pytest.raises(ValueError, match="all-zero weights"):
        readout.fit(X, y, 0 * weight)
    with pytest.raises(ValueError, match="classes"):
        readout.partial_fit(X, y)
    with pytest.raises(ValueError, match="among the classes"):
        readout.partial_fit(X, y, classes=[0, 1])
    numbers = AttentionReadout(random_state=0).partial_fit(X, X[:, :2])
    with pytest.raises(ValueError, match="2-dimensional"):
        numbers.partial_fit(X, y)


@pytest.mark.parametrize("metric", ["euclidean", "dot"])
@pytest.mark.parametrize("scale", [2.0**-99, 2.0**-60, 2.0**60, 2.0**99])
def test_float32_of_any_scale_answers_as_float64_does(scale, metric):
    X, y, _ = data()
    small = (X * scale).astype(np.float32)
    for readout, truth in (
        (AttentionReadoutClassifier(metric=metric, random_state=0), y),
        (AttentionReadout(metric=metric, random_state=0), X[:, 0]),
        (AttentionReadout(1 / scale**2, metric=metric, feature_weights=None, prior=0.1), X[:, 0]),
    ):
        got = clone(readout).fit(small, truth)
        want = clone(readout).fit(small.astype(np.float64), truth)
        assert_array_equal(got.predict(small).dtype, truth.dtype if truth is y else np.float32)
        method = "predict_proba" if truth is y else "predict"
        answers = getattr(got, method)(small), getattr(want, method)(small.astype(np.float64))
        assert_allclose(*answers, rtol=1e-5, atol=1e-6)
        assert np.ptp(answers[1], axis=0).min() > 0.1


def test_numbers_without_products_are_refused():
    X, y, _ = data()
    for scale in (1e-200, 1e200):
        for metric in ("euclidean", "dot"):
            with pytest.raises(ValueError, match="X holds numbers up to .* scale X"):
                AttentionReadoutClassifier(1.0, metric=metric, feature_weights=None).fit(
                    X * scale, y
                )


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**900])
def test_settings_do_not_depend_on_the_scale_of_targets(scale):
    X, _, _ = data()
    one, other = (
        AttentionReadout(random_state=0).fit(X, X[:, 0] * s).predict(X) / s for s in (1.0, scale)
    )
    assert_allclose(one, other, rtol=1e-9)


def test_settings_of_few_rows_do_not_depend_on_their_order():
    X, y, _ = data()
    order = np.random.RandomState(1).permutation(len(X))
    one = AttentionReadoutClassifier(random_state=0).fit(X, y)
    other = AttentionReadoutClassifier(random_state=0).fit(X[order], y[order])
    assert_allclose(one.predict_proba(X), other.predict_proba(X), atol=1e-9)
