"""Read-only arrays of one layout, which is what the compiled loops take."""

import numpy as np


def frozen(a, dtype):
    """Read-only C-contiguous view (or copy): every caller's arrays compile to one signature."""
    a = np.ascontiguousarray(a, dtype=dtype).view()
    a.flags.writeable = False
    return a
