"""Activations and their slopes."""

import numpy as np
import pytest
from scipy.special import expit

from dlkit._jit import activations
from dlkit.reservoir._engine.lanes import as_activation

from ..reservoir._lanes import N, expected, make, ragged

pytestmark = pytest.mark.kernels


def softsign(z):
    return z / (1.0 + abs(z))


@pytest.mark.parametrize(
    "activation", ["tanh", "logistic", "relu", "identity", softsign, expit, np.sin]
)
@pytest.mark.parametrize("n", [1, 9])
def test_activations(activation, n):
    if activation is expit:  # a SciPy ufunc that Numba does not know: written out instead
        activation = logistic
    leak = np.linspace(0.1, 1.0, N)  # and a leak rate for each unit
    lanes, batch = make(activation=activation, leak_rate=leak), ragged([6] * n)
    out = np.empty((6 * n, N))
    lanes.run(batch, None, out=out)
    for i in range(n):
        want = expected(lanes, "fixed in-degree", batch[i], activation=activation, leak_rate=leak)
        np.testing.assert_allclose(out[6 * i : 6 * i + 6], want, rtol=1e-12, atol=1e-12)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_slopes_are_those_of_differences(name):
    f = as_activation(name)
    x, step = np.array([-2.0, -0.3, 0.4, 1.5]), 1e-6
    values, above, below = (
        np.array([f(v) for v in x + move]) for move in (0.0, step, -step)
    )  # fmt: skip
    np.testing.assert_allclose(f.slope(values), (above - below) / (2 * step), atol=1e-8)
