"""Read-only arrays."""

import numpy as np
from scipy import sparse


def frozen(a, dtype):
    """Read-only C-contiguous view (or copy): every caller's arrays compile to one signature."""
    return _view(np.ascontiguousarray(a, dtype=dtype))


def read_only(value):
    """The same arrays, also inside of tuples, dicts and sparse matrices, but not to be written to.

    What is no array, or is read-only already, stays what it is; the caller's arrays stay writeable.
    """
    if isinstance(value, np.ndarray):
        return _view(value) if value.flags.writeable else value
    if sparse.issparse(value) and value.format == "csr" and value.data.flags.writeable:
        parts = (_view(getattr(value, name)) for name in ("data", "indices", "indptr"))
        return type(value)(tuple(parts), shape=value.shape)
    if isinstance(value, dict):
        return {key: read_only(each) for key, each in value.items()}
    if isinstance(value, tuple):
        parts = map(read_only, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def _view(a):
    a = a.view()
    a.flags.writeable = False
    return a
