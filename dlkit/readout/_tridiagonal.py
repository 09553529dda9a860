"""(A + alpha I) X = B for many alphas, by one reduction of A to tridiagonal form."""

from functools import cached_property, lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal, eigvalsh_tridiagonal, lapack

__all__ = ["Tridiagonal"]


class Tridiagonal:
    """A symmetric matrix A = Q T Qᵀ, with T tridiagonal: a third of the way to its eigenvectors.

    Parameters
    ----------
    A : ndarray of shape (n, n)
        Positive semi-definite, n ≥ 2 + n_far, in Fortran order; only the lower triangle is
        read, and it is overwritten.
    B : ndarray of shape (n, q)
        Right-hand sides.
    n_far : int, default=0
        Greatest eigenvalues that do not count, since B has no share of them.
    """

    def __init__(self, A, B, n_far=0):
        n = len(A)
        self._q = B.shape[1]
        self._reflectors, self._d, self._e, self._tau, _ = lapack.dsytrd(
            A, lower=1, lwork=_work(n), overwrite_a=1
        )
        # below the diagonal, as LAPACK wants it: a slice of the matrix would be copied whole
        flat = self._reflectors.T.reshape(-1)
        self._below = flat[1 : 1 + n * (n - 1)].reshape(n - 1, n).T
        self._B = self.rotate(B, "T")
        self._last = n - 1 - n_far

    def _eigenvalue(self, i):
        return float(eigvalsh_tridiagonal(self._d, self._e, select="i", select_range=(i, i))[0])

    @cached_property
    def least(self):
        """The least eigenvalue."""
        return self._eigenvalue(0)

    @cached_property
    def greatest(self):
        """The greatest eigenvalue among those that count."""
        return self._eigenvalue(self._last)

    def rotate(self, B, trans="N"):
        """Q B, or Qᵀ B with ``trans="T"``: the first row stays, reflectors act on the others."""
        B = np.array(B, dtype=np.float64, order="F")
        B[1:], _, _ = lapack.dormqr("L", trans, self._below, self._tau, B[1:], 64 * B.shape[1])
        return B

    @cached_property
    def values(self):
        """All eigenvalues, the least first; those below zero, which are rounding, as zero."""
        return np.maximum(eigvalsh_tridiagonal(self._d, self._e), 0.0)

    @cached_property
    def eigenvectors(self):
        """Eigenvectors of A, in the order of `values`, shape (n, n)."""
        return self.rotate(eigh_tridiagonal(self._d, self._e, lapack_driver="stemr")[1])

    def is_sound(self, alpha, limit):
        """Whether the condition number of A + alpha I, as far as it counts, is within a limit."""
        if 0 <= self._d.sum() <= limit * alpha:  # the trace is a bound, and known
            return True
        shifted = max(self.least, 0.0) + alpha
        return shifted > 0 and self.greatest <= limit * shifted

    def shares(self, alpha, B):
        """Bᵀ (A + alpha I)⁻¹ B of each column by itself, of columns Qᵀ B; shape (columns,)."""
        d, e, info = lapack.dpttrf(self._d + alpha, self._e)
        if info != 0:
            raise np.linalg.LinAlgError(f"A + {alpha} I is not positive definite")
        return np.einsum("ij,ij->j", B, lapack.dpttrs(d, e, B)[0])

    def solve(self, alphas):
        """Qᵀ X for all alphas side by side, shape (n, q len(alphas))."""
        found = np.empty((len(self._d), self._q * len(alphas)), order="F")
        for j, alpha in enumerate(alphas):
            _, _, x, info = lapack.dptsv(self._d + alpha, self._e, self._B)
            if info != 0:
                raise np.linalg.LinAlgError(f"A + {alpha} I is not positive definite")
            found[:, j * self._q : (j + 1) * self._q] = x
        return found


@lru_cache(maxsize=8)
def _work(n):
    """Length of workspace that suits LAPACK."""
    return int(lapack.dsytrd_lwork(n, lower=1)[0])
