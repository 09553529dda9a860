"""Patches and a way to learn kernels from them that tests share."""

import numpy as np

from dlkit.conv import learn_kernels

SIZE, CHANNELS = (3, 4), 2
P = 24


def raw_patches(seed=0, n=400, dtype=np.float64):
    """Patches of a rough image: correlated, off zero, of very different contrast."""
    rng = np.random.RandomState(seed)
    return (rng.randn(n, P) @ rng.randn(P, P) * rng.lognormal(size=(n, 1)) + 30).astype(dtype)


def learn(kernels, patches, n_kernels=10, seed=0, **more):
    return learn_kernels(kernels, patches, n_kernels, SIZE, CHANNELS, seed, **more)
