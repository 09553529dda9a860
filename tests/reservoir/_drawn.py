"""Drawn reservoirs as dense matrices, and their states from the formula."""

import numpy as np
from scipy.sparse import issparse

from dlkit import ReservoirStates

LINEAR = {"activation": "identity", "bias_scaling": 0}


def drawn(n_units, n_channels=1, **params):
    """A fitted estimator, and its dense matrices."""
    esn = ReservoirStates(n_units, **{"random_state": 0, **params})
    esn.fit(np.zeros((2, n_channels)))
    r = esn.reservoir_
    return esn, r.matrix.toarray() if issparse(r.matrix) else r.matrix, r.w_in, r.bias


def naive_states(x, u, W, w_in, bias, leak, f):
    states = []
    for t in range(len(u)):
        x = (1 - leak) * x + leak * f(W @ x + w_in @ u[t] + bias)
        states.append(x)
    return np.array(states)


U = np.random.RandomState(0).uniform(-1, 1, (60, 1))
