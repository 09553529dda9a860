"""From W, W_in and b to the arrays of the compiled loops, in the form that is fastest for each."""

import numpy as np
from scipy.sparse import csr_array, issparse

from ..._frozen import frozen
from ..._jit import reservoir as loops
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import draw_recurrent

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
    dense, signs, ring, jump = np.empty((0, n_units)), np.empty((0, n_units)), np.empty(0), 0
    W = csr_array((n_units, n_units))
    if isinstance(matrix, HadamardMatrix):
        signs = matrix.scaled_signs()
    elif not issparse(matrix):
        dense = matrix
    elif matrix.nnz > DENSE * n_units**2 and n_units > SMALL:
        dense = matrix.toarray()
    elif (found := _as_ring(matrix)) is not None:
        ring, jump = np.array(found[:1]), found[1]
    else:
        W = csr_array(matrix)
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
    return _listed(data, indices, starts, n_columns, dtype)._replace(
        dense=frozen(dense, dtype), signs=frozen(signs, dtype), ring=frozen(ring, dtype),
        jump=int(jump),
    )  # fmt: skip


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
    Links
    """
    return _listed(rows.data, rows.indices, rows.indptr, rows.shape[1], dtype)


def _listed(data, indices, starts, n_sources, dtype):
    """Links in CSR, and across the rows where these are equally long."""
    n_rows, counts = len(starts) - 1, np.diff(starts)
    none = np.empty((0, n_rows))
    across = none, none
    if n_rows and counts[0] and (counts == counts[0]).all():
        across = data.reshape(n_rows, -1).T, indices.reshape(n_rows, -1).T
        starts = starts[:0]
    small = np.uint16 if n_sources <= 2**16 else np.uint32
    return loops.Links(
        frozen(data.ravel(), dtype), frozen(indices.ravel(), small), frozen(starts, np.int64),
        frozen(across[0], dtype), frozen(across[1], small), frozen(none, dtype),
        frozen(none, dtype), frozen(np.empty(0), dtype), 0,
    )  # fmt: skip


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
    name, options = ("cycle_jumps", {"jump_size": jump}) if jump else ("ring", {})
    twin = draw_recurrent(name, n, random_state=0, **options)
    W.sort_indices()
    same = twin.nnz == W.nnz and (twin.indptr == W.indptr).all()
    if same and (twin.indices == W.indices).all():
        return W.data[0], jump
    return None
