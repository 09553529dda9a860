"""Labels of trees, and of nodes."""

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from dlkit.trees import Tree, TreeClassifier
from tests.naive_trees import random_tree


def task(n=80, seed=0):
    """Trees of letters; which letter stands at the root?"""
    rng = np.random.RandomState(seed)
    trees = []
    for size in rng.randint(2, 10, n):
        trees.append(Tree(list(rng.choice(list("ab"), size)), random_tree(rng, size)))
    y = np.array([tree.labels[tree.parents.index(-1)] for tree in trees])
    return trees, np.where(y == "a", "a on top", "b on top")


def test_a_sample_is_a_tree():
    X, y = task()
    model = TreeClassifier(50, random_state=0)
    assert cross_val_score(model, X, y, cv=4).mean() > 0.9
    model.fit(X, y)
    assert model.classes_.tolist() == ["a on top", "b on top"]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)
    assert model.decision_function(X).shape == (80,)


def test_a_sample_is_a_node():
    X, _ = task()
    y = [
        ["leaf" if i not in set(tree.parents) else "inner" for i in range(len(tree))] for tree in X
    ]
    model = TreeClassifier(50, target="node", random_state=0).fit(X[:40], y[:40])
    assert model.score(X[40:], y[40:]) > 0.95
    found = model.predict(X[40:])
    assert [len(one) for one in found] == [len(tree) for tree in X[40:]]
    assert model.predict_proba(X[:1])[0].shape == (len(X[0]), 2)


def test_searches():
    X, y = task(40)
    grid = {"spectral_radius": [0.3, 0.6], "node": ["additive", "positional"]}
    search = GridSearchCV(TreeClassifier(20, random_state=0), grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.8


def test_any_classifier_reads_the_features():
    X, y = task(40)
    model = TreeClassifier(20, readout=LogisticRegression(max_iter=2000), random_state=0)
    assert model.fit(X, y).score(X, y) > 0.9
    assert not hasattr(model, "scaler_")


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (None, {}, "requires y"),
        (["a"] * 10, {}, "two classes"),
        (["a"] * 9, {}, "inconsistent numbers of samples"),
        ([["a", "b"]] * 10, {}, "target='node'"),
        (["a"] * 10, {"target": "node"}, r"y\[0\] has shape \(\)"),
    ],
)
def test_wrong_targets_are_named(y, options, message):
    X, _ = task(10)
    with pytest.raises(ValueError, match=message):
        TreeClassifier(20, **options).fit(X, y)
