"""Machines with strong random weights, and images of bars."""

import numpy as np

from dlkit.layerwise import RBM


def small(n_visible=4, n_hidden=3, visible="bernoulli", hidden="bernoulli", seed=0, scale=1.0):
    """A fitted machine with strong random weights put in."""
    r = np.random.RandomState(seed)
    X = (r.rand(20, n_visible) < 0.5).astype(float)
    rbm = RBM(n_hidden, visible=visible, hidden=hidden, n_epochs=0, random_state=seed).fit(X)
    m = rbm.machine_
    for array in (m.weights, m.visible_bias, m.hidden_bias):
        array[...] = scale * r.randn(*array.shape)
    return rbm


def parameters(rbm):
    return [
        a.astype(float) for a in (rbm.components_, rbm.intercept_visible_, rbm.intercept_hidden_)
    ]


def bars(n=200, seed=0):
    """4 × 4 images of one bar each."""
    r = np.random.RandomState(seed)
    X = np.zeros((n, 4, 4))
    for image in X:
        image[(slice(None), r.randint(4)) if r.rand() < 0.5 else r.randint(4)] = 1
    return X.reshape(n, 16)
