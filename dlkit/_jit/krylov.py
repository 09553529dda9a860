"""Krylov spaces of a matrix and of its transpose, side by side.

The eigenvalues of a random matrix fill a disc evenly. No polynomial of degree p singles out the
rim of a disc better than the power p, so plain multiplication does most of the work, and a
small basis the rest. One pass over the weights serves both sides: that takes a fifth more time
than one product alone, and there is no transpose to store.
"""

import numpy as np

from .compiled import compiled

# Sums may be taken in any order, else they would not vectorise; nothing else is relaxed.


@compiled(fastmath={"reassoc", "contract"})
def multiply_both(data, indices, indptr, shift, x, z, Wx, Wz):
    """``Wx = (W + shift) x`` and ``Wz = (W + shift)ᵀ z``.

    W has the CSR form; where `indices` is empty, `data` is a full matrix, row after row.
    """
    n = x.size
    for j in range(n):
        Wz[j] = shift * z[j]
    for i in range(n):
        total, zi = shift * x[i], z[i]
        if indices.size:
            for k in range(indptr[i], indptr[i + 1]):
                j = indices[k]
                total += data[k] * x[j]
                Wz[j] += data[k] * zi
        else:
            row = data[i * n : (i + 1) * n]
            for j in range(n):
                total += row[j] * x[j]
                Wz[j] += row[j] * zi
        Wx[i] = total


@compiled(fastmath={"reassoc", "contract"})
def _norm(w):
    total = 0.0
    for j in range(w.size):
        total += w[j] * w[j]
    return np.sqrt(total)


@compiled(fastmath={"reassoc", "contract"})
def _orthonormalise(basis, k, projections):
    """Orthonormalise row k of `basis` against those above; classical Gram-Schmidt, twice.

    Adds to ``projections[:k]`` the coefficients taken out and returns the norm of what is left.
    Of a row that the others span to rounding, nothing is left: the norm is 0.
    """
    w = basis[k]
    before = _norm(w)
    taken = np.empty(k)
    for _ in range(2):
        for i in range(k):
            v, total = basis[i], 0.0
            for j in range(w.size):
                total += v[j] * w[j]
            taken[i] = total
        for i in range(k):
            v, t = basis[i], taken[i]
            for j in range(w.size):
                w[j] -= t * v[j]
            projections[i] += t
    norm = _norm(w)
    if not norm > 1e-14 * before:  # nor where it is NaN
        return 0.0
    for j in range(w.size):
        w[j] /= norm
    return norm


@compiled(fastmath={"reassoc", "contract"})
def krylov_spaces(data, indices, indptr, shift, n_powers, right, left, right_h, left_h):
    """Arnoldi's iteration with W from ``(W + shift)^n_powers x``, and with Wᵀ likewise from z.

    Parameters
    ----------
    data, indices, indptr
        W, as in `multiply_both`.
    shift : float
    n_powers : int
    right, left : ndarray of shape (m + 1, N), float64
        Row 0 holds x or z on entry. On return the rows are the orthonormal bases V and U.
    right_h, left_h : ndarray of shape (m, m + 1), float64
        Zeros on entry; on return lower Hessenberg, ``V[:m] W.T = right_h @ V`` and
        ``U[:m] W = left_h @ U``.

    Returns
    -------
    dimension : int
        m, or less where one of the spaces is invariant: that many basis vectors are valid.
        0 where the powers vanish.
    """
    m = right.shape[0] - 1
    none = np.empty(0)
    for step in range(n_powers):
        if step % 8 == 0 and not (
            _orthonormalise(right, 0, none) and _orthonormalise(left, 0, none)
        ):
            return 0
        multiply_both(data, indices, indptr, shift, right[0], left[0], right[1], left[1])
        for j in range(right.shape[1]):
            right[0, j] = right[1, j]
            left[0, j] = left[1, j]
    if not (_orthonormalise(right, 0, none) and _orthonormalise(left, 0, none)):
        return 0
    for k in range(1, m + 1):
        multiply_both(data, indices, indptr, 0.0, right[k - 1], left[k - 1], right[k], left[k])
        right_h[k - 1, k] = _orthonormalise(right, k, right_h[k - 1])
        left_h[k - 1, k] = _orthonormalise(left, k, left_h[k - 1])
        if right_h[k - 1, k] == 0.0 or left_h[k - 1, k] == 0.0:
            return k
    return m
