"""Matrix products and decompositions that another process on the same cores does not hold up.

See ``_threads.py`` for what they avoid. Products are cut by their sizes alone, so that results do
not depend on the number of threads.
"""

import numpy as np
from scipy import linalg
from scipy.linalg.blas import dsyrk

from . import _budgets
from ._threads import one_blas_thread, run_over

__all__ = ["add_gram", "eigh", "times"]

# Floating-point operations from which a product is worth threads: some ten milliseconds of one.
WORTH_THREADS = 3e8
PIECES = 8  # that a product is cut into: with two threads, none waits for more than an eighth
LEAST = 128  # rows of a piece, for BLAS to run at speed
FEW = 2**18  # multiplications that OpenBLAS leaves to one thread, whatever it is told


def times(A, B, out=None):
    """``A @ B``, for matrices, by rows of A."""
    n, k = A.shape
    if n * k * B.shape[1] <= FEW:  # to hold BLAS to one thread takes longer than the product
        if B.shape[1] > 1:
            return np.matmul(A, B, out=out)
        if out is None:
            return np.vecdot(A, B[:, 0])[:, None]
        np.vecdot(A, B[:, 0], out=out[:, 0])
        return out
    with one_blas_thread() as threads:
        if 2.0 * n * k * B.shape[1] < WORTH_THREADS or n < 2 * LEAST:
            return np.matmul(A, B, out=out)
        if out is None:
            out = np.empty((n, B.shape[1]), np.result_type(A, B))
        step = max(-(-n // PIECES), LEAST)

        def work(start):
            np.matmul(A[start : start + step], B, out=out[start : start + step])

        run_over(range(0, n, step), work, threads)
        return out


def add_gram(G, tile):
    """Add ``tile.T @ tile`` to the lower triangle of ``G`` (Fortran order), in place.

    The same operations are done whatever the number of threads, each entry by one of them.
    """
    n, p = tile.shape
    with one_blas_thread() as threads:
        if float(n) * p * p < WORTH_THREADS or p < 2 * LEAST:
            return dsyrk(1.0, tile.T, beta=1.0, c=G, lower=1, overwrite_c=1)
        step = max(-(-p // PIECES), LEAST)

        def work(start):
            mine = slice(start, start + step)
            # rows from the diagonal on, transposed; above it G keeps what it has
            found = tile[:, mine].T @ tile[:, start:]
            found[:, : len(found)] = np.triu(found[:, : len(found)])
            G[start:, mine] += found.T

        run_over(range(0, p, step), work, threads)
        return G


def eigh(A):
    """Eigenvalues, none below zero, and eigenvectors of a semi-definite matrix in Fortran order.

    Its lower triangle is read, and overwritten. Divide and conquer holds three matrices at a time,
    for a little more speed and digits; relatively robust representations hold two.
    """
    driver = "evd" if A.nbytes <= _budgets.EIGH_BYTES else "evr"
    values, basis = linalg.eigh(A, lower=True, driver=driver, overwrite_a=True, check_finite=False)
    return np.maximum(values, 0.0), basis
