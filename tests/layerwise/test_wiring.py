"""Wirings are products with dense matrices."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.conv import convolve
from dlkit.layerwise import ConvRBM
from dlkit.layerwise._wiring import Convolution


@pytest.mark.kernels
@pytest.mark.parametrize("space", [(11,), (9, 8), (6, 5, 7)])
def test_wiring_is_convolution(space):
    """Up, down and gradient, in any number of dimensions, blocks put together by hand."""
    r = np.random.RandomState(0)
    d = len(space)
    size, pools = (3, 2, 4)[:d], (2, 3, 1)[:d]
    wiring = Convolution(space, 2, size, pools, 3)
    V = r.randn(4, *space, 2).astype(np.float32)
    W = r.randn(3, *size, 2).astype(np.float32)
    flat = V.reshape(4, -1)
    I = wiring.inputs(flat, W.reshape(3, -1), np.zeros(3, np.float32))
    full = convolve(V, W)
    used = tuple(slice(b * p) for b, p in zip(wiring.blocks, pools, strict=True))
    expected = full[(slice(None), *used)]

    def unblocked(H):
        """From (block, place within it) to positions."""
        H = H.reshape(4, *wiring.blocks, *pools, 3)
        order = [0, *(a for i in range(d) for a in (1 + i, 1 + d + i)), 1 + 2 * d]
        return H.transpose(order).reshape(expected.shape)

    assert_allclose(unblocked(I), expected, rtol=1e-4, atol=1e-5)
    H = r.rand(*I.shape).astype(np.float32)
    # down is the transpose of up, and so is the gradient
    inner = (H * I).sum()
    down = wiring.spread(H.reshape(4, -1), W.reshape(3, -1))
    assert_allclose((down * flat).sum(), inner, rtol=1e-4)
    options = {"visible": "gaussian", "n_epochs": 0, "random_state": 0}
    rbm = ConvRBM(3, kernel_size=size, pool_size=pools, **options).fit(V)
    rbm.machine_.weights[...] = W.reshape(3, -1)
    up, back = np.empty((4, wiring.n_hidden), np.float32), np.empty_like(flat)
    wiring.up(rbm.machine_, flat, up)
    assert_allclose(up, I.reshape(4, -1), rtol=1e-5)
    wiring.down(rbm.machine_, H.reshape(4, -1), back)
    assert_allclose(back, down, rtol=1e-4, atol=1e-4)
    gradient = np.ones((3, W[0].size), np.float32)
    wiring.add_gradient(2.0, flat, H.reshape(4, -1), 0.5, gradient)
    assert_allclose(((gradient - 0.5) / 2 * W.reshape(3, -1)).sum(), inner, rtol=1e-4)
