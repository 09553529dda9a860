"""Lines through a level."""

import numpy as np
import pytest

from dlkit.forecasting import _lines
from dlkit.forecasting._lines import DAMPED, PHIS, SETTINGS, THETA, read_lines
from tests.jit.test_smoothing import naive


def test_mean_of_settings_by_their_likelihood():
    rng = np.random.RandomState(0)
    x = 50 + 2 * np.cumsum(rng.standard_normal(25))
    scale = np.abs(np.diff(x)).mean()
    y = (x - x[0]) / scale
    lines = read_lines(x, np.array([10, 24]))
    steps = np.array([1, 3, 8])
    ahead = lines.ahead(steps)
    for j, origin in enumerate((10, 24)):
        for i, family in enumerate((THETA, DAMPED)):
            weights, values = [], []
            for setting in family:
                likelihood, level, trend = naive(y[: origin + 1], setting)
                _, beta, phi, share = setting
                fitted = 2 if phi == 0 or share else 3 + (beta > 0) + (phi < 1)
                weights.append(likelihood - fitted)
                damped = [sum(phi**k for k in range(1, s + 1)) for s in steps]
                values.append(x[0] + scale * (level + trend * np.array(damped)))
            weights = np.exp(np.array(weights) - max(weights))
            expected = weights @ np.array(values) / weights.sum()
            np.testing.assert_allclose(ahead[i, j], expected, rtol=1e-6)


def test_no_line_sees_what_comes_after_its_origin():
    rng = np.random.RandomState(1)
    x = rng.standard_normal(60).cumsum()
    other = x.copy()
    other[40:] += 100
    origins = np.array([5, 20, 39])
    scale = np.abs(np.diff(x)).mean()  # of the whole: the floor of the likelihood is relative to it
    a, b = (read_lines(one[:40], origins).ahead(np.arange(1, 5)) for one in (x, other))
    np.testing.assert_array_equal(a, b)
    whole = read_lines(x, origins).ahead(np.arange(1, 5))
    np.testing.assert_allclose(whole, a, atol=1e-4 * scale)


def test_straight_lines_go_on():
    x = 3.0 + 0.5 * np.arange(40)
    theta, damped = read_lines(x, np.array([39])).ahead(np.arange(1, 4))[:, 0]
    np.testing.assert_allclose(damped, 3.0 + 0.5 * np.arange(40, 43), atol=0.1)
    assert ((x[-1] - 1 < theta) & (theta < x[-1] + 1.5)).all()


@pytest.mark.parametrize("x", [np.full(12, 7.0), np.array([7.0]), np.array([7.0, 7.0])])
def test_constant_series(x):
    np.testing.assert_allclose(read_lines(x, np.array([len(x) - 1])).ahead(np.array([1, 9])), 7.0)


def test_many_origins_are_read_in_blocks(monkeypatch):
    x = np.random.RandomState(2).standard_normal(50).cumsum()
    whole = read_lines(x, np.arange(50)).ahead(np.arange(1, 3))
    monkeypatch.setattr(_lines, "BLOCK", 20)
    blocks = read_lines(x, np.arange(50)).ahead(np.arange(1, 3))
    np.testing.assert_allclose(whole, blocks, atol=1e-3)


def test_scale_and_shift():
    x = np.random.RandomState(3).standard_normal(40).cumsum()
    at = np.array([20, 39])
    a, b = (read_lines(one, at).ahead(np.arange(1, 6)) for one in (x, -70 * x + 1e4))
    np.testing.assert_allclose(b, -70 * a + 1e4, rtol=1e-9)


def test_settings_are_told_apart():
    assert len(np.unique(SETTINGS, axis=0)) == len(SETTINGS)
    assert set(PHIS) == {0.0, 0.8, 0.9, 0.96, 1.0}
