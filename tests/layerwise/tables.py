"""Rows and autoencoders that tests share."""

import numpy as np

from dlkit.layerwise import MarginalizedDenoisingAutoencoder, RandomAutoencoder

BOTH = [MarginalizedDenoisingAutoencoder(0.3), RandomAutoencoder(5, random_state=0)]


def data(n=60, p=4, seed=0):
    r = np.random.RandomState(seed)
    return r.randn(n, p) @ r.randn(p, p) + 2 * r.randn(p)
