"""Matrices and data that several benchmarks run on, the same in every run."""

import numpy as np
from scipy.sparse import csr_array

N_STEPS = 10_000


def links(n_units, n_links):
    """Random W, CSR, with as many links from distinct units into each; "dense": N(0, 1)."""
    rng = np.random.RandomState(0)
    if n_links == "dense":
        return rng.standard_normal((n_units, n_units))
    sources = np.array([rng.choice(n_units, n_links, replace=False) for _ in range(n_units)])
    starts = np.arange(0, n_units * n_links + 1, n_links)
    values = rng.standard_normal(n_units * n_links)
    return csr_array((values, np.sort(sources).ravel(), starts), shape=(n_units, n_units))


def series(n_steps=N_STEPS):
    """One series of one channel, U(-1, 1)."""
    return np.random.RandomState(0).uniform(-1.0, 1.0, (n_steps, 1))


def sequences(n, n_steps=100, n_channels=3):
    """Sequences of one length, U(-1, 1), of shape (n, n_steps, n_channels)."""
    return np.random.RandomState(0).uniform(-1.0, 1.0, (n, n_steps, n_channels))
