import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dlkit import ESNTagger, PixelClassifier, ScaleFeatures, StackedContext

from .pictures import squares


def chains(n, seed):
    """Noisy signs whose label is the sign that two of three consecutive ones share, from ahead."""
    rng = np.random.RandomState(seed)
    y = [(np.cumsum(rng.uniform(size=30) < 0.15) % 3).astype(int) for _ in range(n)]
    return [np.eye(3)[one] + 1.0 * rng.standard_normal((30, 3)) for one in y], y


@pytest.mark.compiled
def test_context_of_both_sides_pays_for_a_tagger():
    X, y = chains(60, 0)
    X_test, y_test = chains(30, 1)
    tagger = ESNTagger(30, random_state=0)
    stacked = StackedContext(tagger, context_size=7).fit(X, y)
    assert stacked.n_stages_ == len(stacked.estimators_) > 1
    assert stacked.stage_scores_[1]["score"] > stacked.stage_scores_[0]["score"]
    alone = tagger.fit(X, y).score(X_test, y_test)
    assert stacked.score(X_test, y_test) > alone + 0.02
    P = stacked.predict_proba(np.stack(X_test))
    assert P.shape == (30, 30, 3)
    np.testing.assert_allclose(P.sum(axis=-1), 1)
    np.testing.assert_array_equal(np.stack(stacked.predict(X_test)), P.argmax(axis=-1))


def test_a_stage_sees_what_was_left_out():
    X, y = chains(6, 0)
    tagger = ESNTagger(10, random_state=0)
    stacked = StackedContext(tagger, n_stages=2, context_size=3, cv=6).fit(X, y)
    q = [tagger.fit(X[:i] + X[i + 1 :], y[:i] + y[i + 1 :]).predict_proba(X[i : i + 1])[0]
         for i in range(6)]  # fmt: skip
    joined = [
        np.hstack([x, *(np.pad(p, ((1, 1), (0, 0)))[s : s + 30] for s in range(3))])
        for x, p in zip(X, q, strict=True)
    ]
    second = ESNTagger(10, random_state=0).fit(joined, y)
    for one, other in zip(
        second.predict(joined), stacked.estimators_[1].predict(joined), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.compiled
def test_images_weights_and_a_class_that_one_part_holds():
    X, y = squares(5, 12, classes=2)
    y = y.copy()
    y[0, :2, :2] = 9
    inner = PixelClassifier(8, features=ScaleFeatures(1.0), n_stages=1, random_state=0)
    stacked = StackedContext(inner, n_stages=2, context_size=3)
    stacked.fit(X, y, sample_weight=np.ones(5))
    assert stacked.classes_.tolist() == [0, 1, 9]
    assert stacked.predict_proba(X).shape == (5, 12, 12, 3)
    assert stacked.score(X, y, sample_weight=[1, 1, 1, 2, 2]) > 0.85


def test_what_cannot_be_is_named():
    X, y = chains(3, 0)
    with pytest.raises(ValueError, match="at least two"):
        StackedContext(ESNTagger(5)).fit(X[:1], y[:1])
    with pytest.raises(ValueError, match="context_size=2"):
        StackedContext(ESNTagger(5), context_size=2).fit(X, y)
    with pytest.raises(ValueError, match="one class alone"):
        StackedContext(ESNTagger(5), cv=2).fit(X[:2], [np.ones(30, int), np.arange(30) % 2])
    assert StackedContext(ESNTagger(5), n_stages=1).fit(X[:1], y[:1]).n_stages_ == 1
    with pytest.raises(TypeError, match="'estimator' parameter.* an object .*Got <class"):
        StackedContext(ESNTagger).fit(X, y)
    with pytest.raises(ValueError, match="estimator=LogisticRegression.*as ESNTagger does"):
        StackedContext(LogisticRegression()).fit(X, y)


def test_groups_are_left_out_together():
    X, y = chains(6, 0)
    tagger = ESNTagger(10, random_state=0)
    names = ["a", "b", "a", "b", "b", "a"]
    stacked = StackedContext(tagger, n_stages=2, context_size=3).fit(X, y, groups=names)
    q = [None] * 6
    for name in "ab":
        rest = [i for i in range(6) if names[i] != name]
        model = tagger.fit([X[i] for i in rest], [y[i] for i in rest])
        for i in set(range(6)) - set(rest):
            q[i] = model.predict_proba([X[i]])[0]
    joined = [
        np.hstack([x, *(np.pad(p, ((1, 1), (0, 0)))[s : s + 30] for s in range(3))])
        for x, p in zip(X, q, strict=True)
    ]
    second = ESNTagger(10, random_state=0).fit(joined, y)
    for one, other in zip(
        second.predict(joined), stacked.estimators_[1].predict(joined), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_stages_are_counted_on_a_part_that_none_has_seen():
    X, y = chains(9, 0)
    tagger = ESNTagger(10, random_state=0)
    names = np.repeat(["a", "b", "c"], 3)
    stacked = StackedContext(tagger, context_size=3).fit(X, y, groups=names)
    firsts = []  # losses of the first clone on each of the parts, of which one was left out
    for name in "abc":
        rest, left = np.flatnonzero(names != name), np.flatnonzero(names == name)
        model = tagger.fit([X[i] for i in rest], [y[i] for i in rest])
        P = np.concatenate(model.predict_proba([X[i] for i in left]))
        truth = np.concatenate([y[i] for i in left])
        firsts.append(-np.log(np.maximum(P[np.arange(len(truth)), truth], 1e-6)).mean())
    assert np.isclose(stacked.stage_scores_[0]["loss"], firsts, rtol=1e-6).sum() == 1
    assert len(stacked.stage_scores_) == stacked.n_stages_
