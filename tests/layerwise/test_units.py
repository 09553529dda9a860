"""Kinds of units: noise and sums over states."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.layerwise._units import RELU

from .. import naive_layerwise as naive
from .machines import parameters, small


def test_relu_free_energy_is_that_of_many_binary_units():
    rbm = small(hidden="relu")
    W, b, c = parameters(rbm)
    for v in naive.states(4)[::3]:
        copies = sum(
            np.logaddexp(0, W @ v + c - i * 1e-3 + 0.5e-3).sum() * 1e-3 for i in range(1, 20_000)
        )
        assert_allclose(rbm.free_energy(v[None])[0], -(b @ v) - copies, atol=1e-5)
    x = np.linspace(-4, 4, 9)[:, None] * np.ones(4)  # its slope is what transform gives
    slope = (rbm.free_energy(x + 1e-5) - rbm.free_energy(x - 1e-5)) / 2e-5
    assert_allclose(slope, -(b.sum() + (rbm.transform(x) @ W).sum(axis=1)), atol=1e-6)


@pytest.mark.compiled
def test_relu_samples_have_the_units_noise():
    rbm = small(4, 3, hidden="relu")
    W, _, c = parameters(rbm)
    v = np.array([1.0, 0.0, 1.0, 1.0])
    m = rbm.machine_
    H = np.tile((W @ v).astype(np.float32), (50_000, 1))
    drawn = m.generator.standard_normal(H.shape, np.float32)
    RELU.draw(H, m.hidden_bias, drawn, np.empty_like(H))
    x = W @ v + c
    s = np.sqrt(1 / (1 + np.exp(-x)))
    noise = np.random.RandomState(0).randn(50_000, 3)
    expected = np.maximum(0, x + s * noise)
    assert_allclose(H.mean(axis=0), expected.mean(axis=0), atol=0.02)
    assert_allclose(H.std(axis=0), expected.std(axis=0), atol=0.02)
