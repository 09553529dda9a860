"""Memory for the compiled loops to compute in."""

import numpy as np

from ..._frozen import frozen
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


def readouts(coef, intercept, which, n, dtype):
    """What reads n series in a closed loop: readouts one above the other, and which reads which.

    Parameters
    ----------
    coef : ndarray of shape (q, p) or (n_readouts, q, p)
        Coefficients of a linear readout, or of several.
    intercept : ndarray of shape (q,) or (n_readouts, q)
        Intercepts.
    which : ndarray of int of shape (n,) or None
        Number of the readout of each series; the first if None.
    n : int
        Series.
    dtype : dtype
        What is computed in.
    """
    coef, intercept = np.asarray(coef), np.asarray(intercept)
    if coef.ndim == 2:
        coef, intercept = coef[None], intercept[None]
    which = np.zeros(n) if which is None else which
    return frozen(coef, dtype), frozen(intercept, dtype), frozen(which, np.int64)


def none_yet(n, width):
    """So many arrays of -1 for each lane: no job, setting or row."""
    return np.full((n, width), -1, dtype=np.int64)
