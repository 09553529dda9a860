"""Activations and their slopes."""

import math

import numpy as np
import pytest
from scipy.special import expit

from dlkit import ESNClassifier, ReservoirStates
from dlkit._jit import activations
from dlkit._jit.activations import as_activation

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


def test_a_function_of_the_math_module_is_an_activation():
    u = np.random.RandomState(0).randn(9, 1)
    want = ReservoirStates(5, random_state=0).fit(u).transform(u)
    for f in (math.tanh, lambda x: math.tanh(x), np.tanh):
        got = ReservoirStates(5, activation=f, random_state=0).fit(u).transform(u)
        np.testing.assert_allclose(got, want, atol=1e-14)


@pytest.mark.parametrize(
    ("f", "match"),
    [
        (lambda x: "s", "must take a float and return a float"),
        (lambda a, b: a, "must take a float and return a float"),
        (lambda x: np.array([x, x]), "must take a float and return a float"),
        (lambda x: math.nan, "gives nan for -1.0"),
        (lambda x: math.log(x) if x > 0 else -math.inf, "gives -inf for -1.0"),
    ],
)
def test_what_is_no_activation_is_named(f, match):
    X = np.random.RandomState(0).randn(6, 9, 1)
    for esn in (ReservoirStates(5, activation=f), ESNClassifier(5, activation=f)):
        with pytest.raises(ValueError, match=f"activation=.*{match}"):
            esn.fit(X, [0, 1] * 3)
