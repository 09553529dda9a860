"""Products over hidden units, and patches added up, against the formulas."""

import numpy as np
import pytest

from dlkit._jit import rbm

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("length", [2, 50])
def test_ratios_are_differences_of_free_energies(length):
    r = np.random.RandomState(0)
    W, x = r.randn(4, 5), r.randn(3, 5)  # what enters the hidden units
    delta = r.choice([-1.0, 0.0, 1.0, 0.3], size=(3, 4))
    on = 1 / (1 + np.exp(-x))
    out = np.full((3, 4), np.nan)
    rbm.log_ratios(x, on, 1 - on, np.exp(W), np.exp(-W), W, delta, length, out)
    for n in range(3):
        for i in range(4):
            moved = np.log1p(np.exp(x[n] + delta[n, i] * W[i])).sum()
            np.testing.assert_allclose(out[n, i], moved - np.log1p(np.exp(x[n])).sum(), atol=1e-12)


def test_patches_are_added_up():
    r = np.random.RandomState(1)
    spread, index = r.randn(2, 3, 4), r.randint(6, size=(3, 4))
    V = np.zeros((2, 6))
    rbm.scatter(spread, index, V)
    want = np.zeros((2, 6))
    for n in range(2):
        np.add.at(want[n], index, spread[n])
    np.testing.assert_allclose(V, want)
