"""Small images with label maps."""

import numpy as np


def squares(n=4, side=16, classes=2, channels=None, seed=0, dtype=np.float64):
    """Noisy images of squares, and where the squares are."""
    rng = np.random.RandomState(seed)
    y = np.zeros((n, side, side), dtype=int)
    for one in y:
        for c in range(1, classes):
            a, b = rng.randint(0, side - 6, 2)
            one[a : a + 6, b : b + 6] = c
    X = y + 0.3 * rng.standard_normal(y.shape)
    if channels:
        X = X[..., None] + 0.3 * rng.standard_normal((*y.shape, channels))
    return X.astype(dtype), y
