"""ROCKET's loop against one kernel and one step at a time."""

import numpy as np
import pytest

from dlkit._jit import rocket
from dlkit.rocket._rocket import pairs

from .. import naive_rocket

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_shares_and_peaks_follow_the_formula(dtype):
    """Two kernels alike are taken together; the last is longer than the short series."""
    r = np.random.RandomState(0)
    lengths, dilations = np.array([7, 7, 9, 11]), np.array([1, 1, 3, 2])
    starts, channels = np.array([0, 2, 4, 5, 6]), np.array([0, 1, 0, 1, 1, 0])
    weights = r.randn(7 * 4 + 9 + 11).astype(dtype)
    kernels = rocket.RocketKernels(
        lengths, dilations, np.array([True, True, False, False]), r.randn(4).astype(dtype), starts,
        channels, weights,
    )  # fmt: skip
    together = pairs(kernels)
    assert together[:, :2].tolist() == [[0, 1], [2, 2], [3, 3]]
    series = [r.randn(n, 2).astype(dtype) for n in (100, 15)]
    margin = 12
    buffers = (
        np.zeros(2 * (100 + 2 * margin + rocket.WIDE), dtype),
        np.empty(rocket.LANES, dtype),
        np.empty(14, np.int64),
        np.zeros(28, dtype),
    )
    out = np.full((2, 8), np.nan, dtype)
    values, offsets = np.concatenate(series), np.array([0, 100, 115])
    rocket.features(values, offsets, kernels, together, margin, buffers, out)
    want = [naive_rocket.rocket(x.astype(float), kernels) for x in series]
    np.testing.assert_allclose(out, want, rtol=1e-4 if dtype == np.float32 else 1e-12)
