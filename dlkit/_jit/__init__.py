"""Every Numba-compiled loop of the library, by family, and nothing but them."""

import numpy as np


def frozen(a, dtype):
    """Read-only C-contiguous view (or copy): every caller's arrays compile to one signature."""
    a = np.ascontiguousarray(a, dtype=dtype).view()
    a.flags.writeable = False
    return a
