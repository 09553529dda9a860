"""Sequences as inputs, and rows in blocks."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.reservoir._driver import Driver
from dlkit.symbols._runs import blocks_of, inputs_of, rows_of


@pytest.mark.parametrize("ends", [False, True])
def test_each_row_hears_the_step_before(ends):
    values = np.arange(1.0, 11.0).reshape(5, 2)
    contexts = np.array([[7.0], [8.0]])
    batch = inputs_of(values, np.array([3, 2]), contexts, ends)
    want = [[0, 0, 1, 7], [1, 2, 0, 7], [3, 4, 0, 7], [5, 6, 0, 7]][: 3 + ends]
    want += [[0, 0, 1, 8], [7, 8, 0, 8], [9, 10, 0, 8]][: 2 + ends]
    np.testing.assert_array_equal(batch.values, want)
    assert batch.lengths.tolist() == [3 + ends, 2 + ends]


@pytest.mark.parametrize("most", [1, 3, 7, 100])
def test_blocks_are_the_rows(most):
    r = np.random.RandomState(0)
    lengths = np.array([4, 9, 1, 6])
    batch = inputs_of(r.randn(20, 2), lengths, None, True)
    driver = Driver.of(ReservoirStates(5, passthrough=True, random_state=0), batch.n_channels)
    whole, found, at = rows_of(driver, batch), np.empty((24, 8)), 0
    for rows, block in blocks_of(driver, batch, most):
        assert rows.start == at
        at = rows.stop
        found[rows] = block
    assert at == 24
    np.testing.assert_allclose(found, whole, rtol=1e-12)
