"""Memory for the compiled loops to compute in."""

import numpy as np

from ..._jit.reservoir import Sums


def aligned(n_rows, width, dtype):
    """Zeros of shape (n_rows, width) on a boundary of 64 bytes."""
    dtype = np.dtype(dtype)
    size = n_rows * width
    a = np.zeros(size + 64 // dtype.itemsize, dtype=dtype)
    start = -a.__array_interface__["data"][0] % 64 // dtype.itemsize
    return a[start : start + size].reshape(n_rows, width)


def make_sums(moments, n_units, width):
    """Where sums are made of the states of so many lanes, None if no moments are asked for."""
    if moments is None:
        return None
    n_squares = n_units if moments.shape[1] > n_units else 0
    sums = [aligned(n, width, np.float64) for n in (n_units, n_units, n_squares)]
    return Sums(*sums, *(a.reshape(-1) for a in sums))


def none_yet(n, width):
    """So many arrays of -1 for each lane: no job, setting or row."""
    return np.full((n, width), -1, dtype=np.int64)
