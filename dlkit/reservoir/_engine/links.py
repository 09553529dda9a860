"""From W, W_in and b to the arrays of the compiled loops, in the form that is fastest for each."""

import numpy as np
from scipy.sparse import csr_array, issparse

from ..._frozen import frozen
from ..._jit import links as loops
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import CycleJumps, draw_recurrent

# BLAS is faster than the loop over links above this share of links (sixteen lanes: from 0.7 in
# float64, 0.4 in float32; a lone lane: from 0.2), and never where W is small.
DENSE, SMALL = 0.5, 128
# Share of input weights that are zero from which they are left out.
SPARSE = 0.3


def make_links(matrix, w_in, bias, dtype):
    """Bring what enters a unit into the form of the loops.

    Parameters
    ----------
    matrix : ndarray, sparse array or HadamardMatrix of shape (n_units, n_units)
        Recurrent weights W.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights.
    bias : ndarray of shape (n_units,)
        Bias.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    Links
    """
    n_units, n_channels = w_in.shape
    n_columns = n_units + n_channels + 1
    form = as_form(matrix, dtype)
    W = csr_array(matrix if isinstance(form, loops.Listed) else (n_units, n_units))
    inputs = np.column_stack([bias, w_in])
    sources = np.arange(n_columns - n_channels - 1, n_columns)
    sources = np.tile(np.roll(sources, 1), (n_units, 1))  # the bias is the last entry of z
    counts = np.diff(W.indptr)
    if (counts == counts[0]).all():
        data = np.hstack([inputs, W.data.reshape(n_units, -1)])
        indices = np.hstack([sources, W.indices.reshape(n_units, -1)])
    else:
        at = np.repeat(W.indptr[:-1], n_channels + 1)  # inputs go before the links of their row
        data = np.insert(W.data, at, inputs.ravel())
        indices = np.insert(W.indices, at, sources.ravel())
    starts = W.indptr + (n_channels + 1) * np.arange(n_units + 1)
    if w_in.size and (w_in == 0).mean() > SPARSE:  # zeros would be links like any other
        data, indices, starts = _pruned(data.ravel(), indices.ravel(), starts)
    return loops.Links(_listed(data, indices, starts, n_columns, dtype), form)


def as_form(matrix, dtype):
    """Bring a matrix into the form in which its product is fastest.

    Parameters
    ----------
    matrix : ndarray, sparse array or HadamardMatrix of shape (n_units, n_units)
        What to bring.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    Listed, Dense, Ring or Hadamard
    """
    if isinstance(matrix, HadamardMatrix):
        return loops.Hadamard(frozen(matrix.scaled_signs(), dtype))
    if issparse(matrix):
        if not (matrix.nnz > DENSE * matrix.shape[0] ** 2 and matrix.shape[0] > SMALL):
            ring = _as_ring(matrix)
            if ring is None:
                return loops.Listed()
            return loops.Ring(frozen(np.array(ring[:1]), dtype), ring[1])
        matrix = matrix.toarray()
    return loops.Dense(frozen(matrix, dtype), frozen(np.asarray(matrix).T, dtype))


def list_links(rows, dtype):
    """Bring the rows of a CSR matrix into the form of the loops.

    Parameters
    ----------
    rows : csr_array of shape (n_rows, n_sources)
        What enters each row; zeros that are stored count as links.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    Even or Uneven
    """
    return _listed(rows.data, rows.indices, rows.indptr, rows.shape[1], dtype)


def _listed(data, indices, starts, n_sources, dtype):
    """Links in CSR, and across the rows where these are equally long."""
    n_rows, counts = len(starts) - 1, np.diff(starts)
    small = np.uint16 if n_sources <= 2**16 else np.uint32
    listed = frozen(data.ravel(), dtype), frozen(indices.ravel(), small)
    if not n_rows or not counts[0] or (counts != counts[0]).any():
        return loops.Uneven(*listed, frozen(starts, np.int64))
    data, indices = (a.reshape(n_rows, -1).T for a in listed)
    return loops.Even(*listed, frozen(data, dtype), frozen(indices, small))


def _pruned(data, indices, starts):
    """Rows of links in CSR without those of no weight."""
    kept = data != 0
    return data[kept], indices[kept], np.concatenate([[0], np.cumsum(kept)])[starts]


def _as_ring(W):
    """Weight and jump of a ring or a cycle with jumps of one common weight; None for others."""
    n = W.shape[0]
    if not n <= W.nnz <= 2 * n or n < 3 or W.data.min() != W.data.max():
        return None
    W = csr_array(W)
    sources = W.indices[: W.indptr[1]]  # of unit 0: the last unit, and the ends of its jumps
    inner = sources[(sources > 1) & (sources < n - 1)]
    jump = int(inner.min()) if len(inner) else 0
    twin = draw_recurrent(CycleJumps(jump) if jump else "ring", n, random_state=0)
    W.sort_indices()
    same = twin.nnz == W.nnz and (twin.indptr == W.indptr).all()
    if same and (twin.indices == W.indices).all():
        return W.data[0], jump
    return None
