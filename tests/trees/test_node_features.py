"""One row a node of a graph."""

import numpy as np

from dlkit.trees import Graph, NodeFeatures


def test_rows_stand_in_the_order_of_the_nodes():
    path = Graph([[0, 1, 0], [1, 0, 1], [0, 1, 0]], ["a", "b", "a"])
    x = NodeFeatures(20, random_state=0).fit_transform([path])[0]
    np.testing.assert_allclose(x[0], x[2], atol=1e-12)
    assert np.abs(x[0] - x[1]).max() > 0.01
