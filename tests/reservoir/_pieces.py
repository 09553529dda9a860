"""Series in pieces, and estimators compared."""

import numpy as np

R = np.random.RandomState(0)
SERIES = np.sin(0.3 * np.arange(240))[:, None] * [1.0, 0.5] + 0.3 * R.randn(240, 2)
LABELS = np.array(["a", "b", "c"])[np.digitize(np.roll(SERIES[:, 0], 2), [-0.5, 0.5])]


def pieces(n, cuts):
    return np.split(np.arange(n), sorted(c for c in cuts if c < n))
