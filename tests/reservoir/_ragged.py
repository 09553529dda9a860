"""Sequences of unequal lengths, and the features of a fitted estimator by the formula."""

import numpy as np

from .. import naive

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6)
RAGGED = [rng.randn(n, 2) for n in LENGTHS]
TOPOLOGY = ["sparse", "dense", "ring", "cycle_jumps", "orthogonal"]


def oracle(estimator, X):
    pool = naive.POOLINGS[estimator.pooling]
    rows = [pool(naive.estimator_states(estimator, x)[estimator.washout :]) for x in X]
    return np.array(rows)
