"""From the states of a tree's nodes to one row."""

import numpy as np
import pytest

from dlkit.trees import Tree, TreeFeatures, TreeStates
from tests.naive_trees import random_tree

BY_HAND = {
    "root": lambda x, tree: x[list(tree.parents).index(-1)],
    "mean": lambda x, tree: x.mean(axis=0),
    "sum": lambda x, tree: x.sum(axis=0),
    "scaled_sum": lambda x, tree: x.sum(axis=0) / len(x) ** 0.5,
    "max": lambda x, tree: x.max(axis=0),
}


@pytest.mark.parametrize("sizes", [(1, 4, 11), (60, 90)])
@pytest.mark.parametrize("name", BY_HAND)
def test_poolings(name, sizes):
    rng = np.random.RandomState(0)
    trees = [Tree(rng.randn(n), random_tree(rng, n)) for n in sizes]
    rows = TreeFeatures(20, pooling=name, random_state=0).fit_transform(trees)
    states = TreeStates(20, direction="up", random_state=0).fit_transform(trees)
    for row, x, tree in zip(rows, states, trees, strict=True):
        np.testing.assert_allclose(row, BY_HAND[name](x, tree), atol=1e-12)
