"""Numbers for trees, and for nodes."""

import numpy as np
from sklearn.model_selection import cross_val_score

from dlkit.trees import Tree, TreeRegressor
from tests.naive_trees import random_tree


def trees(n=60):
    rng = np.random.RandomState(0)
    return [Tree(rng.randn(k, 2), random_tree(rng, k)) for k in rng.randint(2, 15, n)]


def test_sums_over_a_tree():
    X = trees()
    y = np.array([tree.labels[:, 0].sum() for tree in X])
    assert cross_val_score(TreeRegressor(50, random_state=0), X, y, cv=4).min() > 0.95


def test_several_numbers_a_tree():
    X = trees()
    y = np.array([[len(tree), tree.labels[:, 1].sum()] for tree in X])
    model = TreeRegressor(50, random_state=0).fit(X, y)
    assert model.predict(X).shape == (60, 2)
    assert model.score(X, y) > 0.95


def test_numbers_of_nodes():
    X = trees()
    y = [np.bincount(np.array(tree.parents)[np.array(tree.parents) >= 0], minlength=len(tree))
         for tree in X]  # fmt: skip
    model = TreeRegressor(100, target="node", random_state=0).fit(X[:30], y[:30])
    assert model.score(X[30:], y[30:]) > 0.5
    assert model.predict(X[:1])[0].shape == (len(X[0]),)
