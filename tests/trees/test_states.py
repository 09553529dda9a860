"""One row a node."""

import numpy as np

from dlkit.trees import Tree, TreeStates


def test_rows_stand_in_the_order_of_the_nodes():
    tree = Tree([5.0, 1.0, 5.0], [1, -1, 1])
    states = TreeStates(20, direction="up", random_state=0).fit_transform([tree])[0]
    np.testing.assert_array_equal(states[0], states[2])  # two leaves alike
    assert np.abs(states[0] - states[1]).max() > 0.01


def test_both_directions_stand_side_by_side():
    tree = Tree([5.0, 1.0, 5.0], [1, -1, 1])
    assert TreeStates(20, random_state=0).fit_transform([tree])[0].shape == (3, 40)
