"""Walks up and down, to be told apart, and a series to be carried on."""

import numpy as np


def walks(n=40, seed=0, channels=1):
    """Rising and falling random walks of unequal length, and which is which."""
    r = np.random.RandomState(seed)
    y = np.arange(n) % 2
    return [np.cumsum(r.randn(r.randint(15, 40), channels) + 2 * c - 1, axis=0) for c in y], y


X, Y = walks()
SERIES = np.sin(0.3 * np.arange(300))[:, None] * [1.0, 0.5] + [0.0, 1.0]


def plain(z):
    return z / (1 + abs(z))
