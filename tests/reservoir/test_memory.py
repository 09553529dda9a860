"""Memory for the loops: on boundaries, and no more than is asked for."""

import numpy as np
import pytest

from dlkit.reservoir._engine.memory import aligned, make_sums


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(1, 1), (7, 16), (0, 16)])
def test_zeros_on_a_boundary_of_64_bytes(shape, dtype):
    a = aligned(*shape, dtype)
    assert a.shape == shape
    assert a.dtype == dtype
    assert a.flags.c_contiguous
    assert not a.any()
    assert a.size == 0 or a.ctypes.data % 64 == 0


def test_squares_only_where_they_are_asked_for():
    assert make_sums(None, 5, 16) is None
    for columns, n_squares in ((5, 0), (10, 5)):
        sums = make_sums(np.empty((3, columns)), 5, 16)
        assert [a.shape for a in sums[:3]] == [(5, 16), (5, 16), (n_squares, 16)]
        sums.sums_flat[3] = 1.0
        assert sums.sums[0, 3] == 1.0  # the same memory
