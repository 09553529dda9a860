"""Forms in which people have trees and graphs, and in which scikit-learn hands them on."""

import pickle

import networkx
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, csgraph, csr_matrix
from sklearn.model_selection import GridSearchCV, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline

from dlkit import RidgeReadoutClassifier
from dlkit.exceptions import ArityWarning
from dlkit.trees import (
    Bilinear,
    Graph,
    GraphFeatures,
    NodeFeatures,
    Tree,
    TreeFeatures,
    TreeRegressor,
)
from tests.naive_trees import random_tree


def numbers(n=24, dtype=np.float64):
    rng = np.random.RandomState(0)
    X = []
    for i in range(n):
        size = rng.randint(2, 9)
        labels = rng.randn(size, 2).astype(dtype) + 2 * (i % 2)
        X.append(Tree(labels, np.array(random_tree(rng, size))))
    return X, np.arange(n) % 2


def locked(tree):
    for array in (tree.labels, tree.parents):
        array.flags.writeable = False
    return tree


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("node", ["additive", "bilinear"])
def test_read_only_trees_stay_as_they_are(dtype, node):
    X, _ = numbers(dtype=dtype)
    before = pickle.dumps(X)
    rows = TreeFeatures(20, node=node, random_state=0).fit_transform([locked(tree) for tree in X])
    assert rows.dtype == dtype
    assert pickle.dumps(X) == before


def test_whole_numbers_and_truths_are_numbers():
    whole = [Tree(np.array([1, 0, 1]), [-1, 0, 0])]
    rows = TreeFeatures(20, random_state=0).fit_transform(whole)
    for dtype in (bool, np.uint8, np.float64):
        same = [Tree(whole[0].labels.astype(dtype), [-1, 0, 0])]
        np.testing.assert_array_equal(TreeFeatures(20, random_state=0).fit_transform(same), rows)


def test_one_tree_of_one_node():
    assert TreeFeatures(20, random_state=0).fit_transform([Tree(["a"], [-1])]).shape == (1, 60)


def test_searches_reach_the_node_in_a_pipeline():
    X, y = numbers()
    model = make_pipeline(TreeFeatures(20, node=Bilinear(), random_state=0),
                          RidgeReadoutClassifier())  # fmt: skip
    grid = {
        "treefeatures__node__products": ["label", "children"],
        "treefeatures__pooling": ["root", ("mean", "max")],
    }
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.9
    assert len(cross_val_predict(search.best_estimator_, X, y, cv=2)) == len(X)
    X_train, X_test, _, y_test = train_test_split(X, y, random_state=0)
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    assert again.score(X_test, y_test) > 0.9
    assert isinstance(X_train, list)


@pytest.mark.parametrize("node", ["positional", "bilinear"])
def test_nodes_of_more_children_than_places_are_announced(node):
    few, many = Tree(["a"] * 3, [-1, 0, 0]), Tree(["a"] * 7, [-1] + [0] * 6)
    model = TreeFeatures(20, node=node, random_state=0).fit([few])
    with pytest.warns(ArityWarning, match="6 children; fit saw 2 at most, .* 4 places.*n_places=6"):
        model.transform([few, many])
    model.fit([many]).transform([many, few])  # seen in fit: nothing to say
    TreeFeatures(20, random_state=0).fit([few]).transform([many])  # sums need no places


def test_sparse_graphs_of_any_kind():
    A = np.array([[0, 2.0, 0], [2, 0, 1], [0, 1, 0]])
    labels = np.arange(3.0)
    want = NodeFeatures(20, random_state=0).fit_transform([Graph(A, labels)])[0]
    short = csgraph.csgraph_from_dense(A)  # what scipy.sparse.csgraph works on
    tree = csgraph.minimum_spanning_tree(csr_matrix(A))
    for one in (coo_array(A), csr_matrix(A), short, A.tolist(), tree + tree.T):
        found = NodeFeatures(20, random_state=0).fit_transform([(one, labels)])[0]
        np.testing.assert_allclose(found, want, atol=1e-12)


def test_graphs_of_networkx():
    ring = networkx.cycle_graph(5)
    alone = networkx.empty_graph(3)  # isolated nodes
    rows = GraphFeatures(20, random_state=0).fit_transform([ring, alone])
    A = networkx.to_scipy_sparse_array(ring)
    bare = GraphFeatures(20, random_state=0).fit_transform([Graph(A), Graph(np.zeros((3, 3)))])
    np.testing.assert_allclose(rows, bare, atol=1e-12)
    with pytest.raises(ValueError, match="X is one graph"):
        GraphFeatures(20).fit(ring)


def test_series_of_trees_and_targets_in_a_column():
    X, y = numbers()
    model = TreeRegressor(20, random_state=0).fit(X, y)
    want = model.predict(X)
    series = pd.Series(X, index=np.arange(len(X))[::-1] + 3)
    assert_array_equal(TreeRegressor(20, random_state=0).fit(series, y).predict(series), want)
    column = TreeRegressor(20, random_state=0).fit(X, y[:, None]).predict(X)
    assert_array_equal(column, want[:, None])
    nodes = [np.arange(len(tree.labels), dtype=float)[:, None] for tree in X]
    found = TreeRegressor(20, target="node", random_state=0).fit(X, nodes).predict(X)
    assert [one.shape for one in found] == [one.shape for one in nodes]
