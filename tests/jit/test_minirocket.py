"""Loops of MiniRocket and MultiRocket against one kernel and one step at a time."""

import numpy as np
import pytest

from dlkit._jit import minirocket
from dlkit.rocket._minirocket import TAPS, loop_arguments
from dlkit.sequences import pack

from .. import naive_rocket

pytestmark = pytest.mark.kernels
LENGTHS = (5, 30, 12)


def setting(n_channels, lead):
    """Series in steps of 1/64, so that ties are ties in any order, and kernels with two biases."""
    r = np.random.RandomState(0)
    X = [np.round(64 * r.randn(n, n_channels)) / 64 for n in LENGTHS]
    n_biases = np.array([2, 1])
    starts = np.arange(len(TAPS) * 2 + 1)
    channels = r.randint(n_channels, size=len(TAPS) * 2)
    biases = np.round(64 * r.randn(len(TAPS) * 3)) / 64
    kernels = minirocket.MiniRocketKernels(
        TAPS, np.array([1, 2]), n_biases, biases, starts, channels, lead
    )
    return X, kernels


@pytest.mark.parametrize("n_channels", [1, 3])
def test_shares_are_those_above_each_bias(n_channels):
    X, kernels = setting(n_channels, lead=0)
    out = np.full((len(X), len(kernels.biases)), np.nan)
    minirocket.shares(*loop_arguments(pack(X), kernels), out)
    np.testing.assert_allclose(out, [naive_rocket.minirocket(x, kernels) for x in X], atol=1e-12)


def test_poolings_are_the_four_of_multirocket():
    X, kernels = setting(2, lead=1)
    stride = 30 + minirocket.LANES
    rows = np.empty(minirocket.LANES * stride)
    pooled = rows, np.empty((stride + 1) * minirocket.LANES), np.empty((4, minirocket.LANES))
    out = np.full((len(X), 4 * len(kernels.biases)), np.nan)
    minirocket.poolings(*loop_arguments(pack(X), kernels), pooled, 0, out)
    half = naive_rocket.multirocket(X[1], (kernels, kernels))[: out.shape[1]]  # the series itself
    np.testing.assert_allclose(out[1], half, atol=1e-12)
