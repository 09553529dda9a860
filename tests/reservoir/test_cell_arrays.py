"""Layouts as the arrays of the compiled loop."""

import numpy as np
from scipy import sparse

from dlkit.reservoir._cells.cell import Part
from dlkit.reservoir._engine.cell_arrays import gathered


def test_links_are_rows_of_a_window():
    """Two units, one channel, delays up to 3: a link of delay d lies d − 1 blocks further back."""
    W = sparse.csr_array(np.array([[0.0, 2.0], [3.0, 4.0]]))
    w_in, bias = np.array([[5.0], [6.0]]), np.array([[7.0], [8.0]])
    stride, width = 4, 12  # (x, u, 1), three of these
    where = {"x": np.array([8, 9]), "u": np.array([10]), "1": np.array([11])}
    rows = [[Part(w_in, "u"), Part(bias, "1"), Part(W, "x", np.array([1, 3, 2]))]]
    found = gathered(rows, where, stride, width).toarray()
    want = np.zeros((2, 12))
    want[0, 9] = 2.0  # delay 1: the last block
    want[1, 0] = 3.0  # delay 3: the first
    want[1, 5] = 4.0  # delay 2
    want[:, 10], want[:, 11] = [5, 6], [7, 8]
    np.testing.assert_array_equal(found, want)


def test_rows_of_gates_come_under_one_another():
    where = {"x": np.array([0, 1, 2])}
    parts = [[Part(np.eye(2), offset=1)], [Part(2 * np.eye(2))]]
    found = gathered(parts, where, 3, 3).toarray()
    np.testing.assert_array_equal(found, [[0, 1, 0], [0, 0, 1], [2, 0, 0], [0, 2, 0]])
