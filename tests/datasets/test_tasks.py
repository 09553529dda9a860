"""Tasks against their equations, written out naively."""

from math import tanh

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit.datasets import make_memory, make_multiple_sines, make_narma, make_parity


@pytest.mark.parametrize(
    ("order", "coefficients", "saturate", "squash"),
    [
        (10, (0.3, 0.05, 1.5, 0.1), "auto", False),
        (10, (0.3, 0.05, 1.5, 0.1), True, True),
        (20, (0.3, 0.05, 1.5, 0.01), "auto", True),
        (30, (0.2, 0.04, 1.5, 0.001), False, False),
        (1, (0.3, 0.05, 1.5, 0.1), "auto", False),
        (2, (0.4, 0.2, 0.6, 0.1), "auto", False),
    ],
)
def test_narma_recursion(order, coefficients, saturate, squash):
    a, b, c, d = coefficients
    u, y = make_narma(300, order, coefficients=coefficients, saturate=saturate, random_state=0)
    u = u[:, 0]
    assert u.min() >= 0
    assert u.max() <= 0.5
    for t in range(order - 1, 299):
        past = sum(y[t - i] for i in range(order))
        value = a * y[t] + b * y[t] * past + c * u[t - order + 1] * u[t] + d
        assert y[t + 1] == pytest.approx(tanh(value) if squash else value, rel=1e-12)


def test_narma_starts_at_zero_without_transient():
    u, y = make_narma(10, order=3, transient=0, random_state=0)
    assert u.shape == (10, 1)
    assert y[0] == pytest.approx(0.1 + 1.5 * draws(13)[0] * draws(13)[2])


def draws(n, seed=0):
    return np.random.RandomState(seed).uniform(0, 0.5, size=n)


def narma_is_bounded(u, order=10):
    y = [0.0] * order
    for t in range(order - 1, len(u) - 1):
        y.append(0.3 * y[t] + 0.05 * y[t] * sum(y[-order:]) + 1.5 * u[t - order + 1] * u[t] + 0.1)
        if y[-1] > 100:
            return False
    return True


def test_narma_redraws_what_diverges():
    n = 4210
    seed = next(s for s in range(1000) if not narma_is_bounded(draws(n, s)))
    rng = np.random.RandomState(seed)
    u = rng.uniform(0, 0.5, size=n)
    while not narma_is_bounded(u):
        u = rng.uniform(0, 0.5, size=n)
    found, y = make_narma(4000, random_state=seed)
    assert_array_equal(found[:, 0], u[-4000:])
    assert np.abs(y).max() < 1.5


def test_narma_says_when_no_draw_is_bounded():
    with pytest.raises(ValueError, match=r"all of 100 draws diverged at order=5, .*saturate"):
        make_narma(50, order=5, coefficients=(2.0, 1.0, 1.5, 0.1), random_state=0)


def test_multiple_sines():
    usual = [0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97]
    t = np.arange(200)
    expected = sum(np.sin(f * t) for f in usual)
    assert_allclose(make_multiple_sines(200)[:, 0], expected, atol=1e-12)
    assert_array_equal(make_multiple_sines(200, 3), make_multiple_sines(200, usual[:3]))
    assert_allclose(make_multiple_sines(200, [0.1])[:, 0], np.sin(0.1 * t), atol=1e-12)


@pytest.mark.parametrize("max_delay", [1, 7])
def test_memory(max_delay):
    u, Y = make_memory(5000, max_delay, random_state=0)
    for d in range(1, max_delay + 1):
        assert_array_equal(Y[d:, d - 1], u[:-d, 0])
        # before the series begins there are inputs too, and the columns agree on them
        assert_array_equal(Y[d - 1 :, d - 1], Y[: len(Y) - d + 1, 0])
    assert np.abs(u).max() <= 1
    assert u.mean() == pytest.approx(0, abs=0.03)
    assert u.var() == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize(("n_bits", "delay"), [(1, 0), (2, 0), (3, 4), (5, 1)])
def test_parity(n_bits, delay):
    u, y = make_parity(2000, n_bits, delay=delay, random_state=0)
    assert set(u.ravel()) == {-1.0, 1.0}
    for t in range(delay + n_bits - 1, 2000):
        ones = sum(u[t - delay - i, 0] == 1 for i in range(n_bits))
        assert y[t] == ones % 2
    assert y.mean() == pytest.approx(0.5, abs=0.05)
