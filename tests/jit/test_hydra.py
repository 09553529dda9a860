"""Hydra's loop against kernels that compete one step at a time."""

import numpy as np
import pytest

from dlkit._jit import hydra

from .. import naive_rocket

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_winners_and_losers_are_counted(n_channels, dtype):
    """17 groups are two sixteens, and the second dilation reaches beyond the short series."""
    r = np.random.RandomState(0)
    lengths, n_groups, n_kernels = [20, 7], 17, 3
    series = [r.randn(n, n_channels).astype(dtype) for n in lengths]
    dilations = np.array([1, 4])
    weights = r.randn(2, 2, n_kernels, 9, hydra.LANES).astype(dtype)
    channels = r.randint(n_channels, size=(2, n_groups, 1 if n_channels == 1 else 2))
    kernels = hydra.HydraKernels(dilations, weights, channels)
    margin, width = 16, 2 * n_groups * n_kernels
    buffers = (
        np.empty((20 + 2 * margin) * hydra.LANES, dtype),
        np.empty(n_kernels * hydra.LANES, dtype),
        np.empty(n_kernels * hydra.LANES, np.int32),
        np.empty(n_kernels * hydra.LANES),
    )
    out = np.full((2, 2 * width), np.nan, dtype)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    hydra.features(np.concatenate(series), offsets, kernels, margin, buffers, 0, width, out)
    want = [naive_rocket.hydra(x.astype(float), [kernels]) for x in series]
    np.testing.assert_allclose(out, want, rtol=2e-5 if dtype == np.float32 else 1e-12, atol=1e-5)
