"""Rows of features, dense or sparse: checked, and made dense a block at a time."""

import numpy as np
from scipy.sparse import issparse

from .._validation import validate_data

FLOATS = [np.float64, np.float32]


def check_rows(estimator, X, reset):
    """X as an array or CSR matrix of float64 or float32; the estimator learns its columns."""
    return validate_data(estimator, X, dtype=FLOATS, accept_sparse="csr", reset=reset)


def blocks(X, size):
    """Yield slices of at most ``size`` rows, and these rows, dense."""
    for start in range(0, X.shape[0], size):
        rows = slice(start, min(start + size, X.shape[0]))
        yield rows, X[rows].toarray() if issparse(X) else X[rows]


def filler(X):
    """Return a function ``fill(out, rows)``, which writes some rows, by slice or numbers."""

    def fill(out, rows):
        if issparse(X):
            out[:] = X[rows].toarray()
        elif isinstance(rows, slice) or X.dtype != out.dtype:
            out[:] = X[rows]
        else:  # without a copy in between
            np.take(X, rows, axis=0, out=out, mode="clip")

    return fill
