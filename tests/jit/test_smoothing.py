"""Smoothing under many settings, against recursions and least squares written out."""

import numpy as np
import pytest

from dlkit._jit.smoothing import smooth

RIDGE, FLOOR = 0.3, 1e-6


def run(y, setting, u, v):
    """Errors, level and trend of a damped trend from a first level and trend, by the formula."""
    alpha, beta, phi, _ = setting
    level, trend, errors = u, v, []
    for value in y:
        forecast = level + phi * trend
        error = value - forecast
        level, trend = forecast + alpha * error, phi * trend + alpha * beta * error
        errors.append(error)
    return np.array(errors), level, trend


def naive(y, setting):
    """What a setting says at the end of a series: its first level and trend by least squares."""
    phi, share = setting[2:]
    base = run(y, setting, 0.0, 0.0)[0]
    A = np.column_stack([run(y, setting, *uv)[0] - base for uv in ((1.0, 0.0), (0.0, 1.0))])
    slope = np.polyfit(np.arange(len(y)), y, 1)[0] if len(y) > 1 else 0.0
    if share > 0:
        v = share * slope
    elif phi == 0 or len(y) == 1:
        v = 0.0
    else:
        G = A.T @ A
        G[1, 1] = G[1, 1] * (1 + RIDGE) + 1e-9
        v = np.linalg.solve(G, -A.T @ base)[1]
    u = -(A[:, 0] @ (base + v * A[:, 1])) / (A[:, 0] @ A[:, 0])
    errors, level, trend = run(y, setting, u, v)
    return -0.5 * len(y) * np.log(np.mean(errors**2) + FLOOR), level, trend


@pytest.mark.parametrize(
    "setting",
    [
        (0.3, 0.0, 0.0, 0.0), (0.99, 0.0, 0.0, 0.0), (0.2, 0.0, 1.0, 0.5), (0.7, 0.25, 0.9, 0.0),
        (0.1, 0.03, 0.8, 0.0), (0.5, 0.5, 1.0, 0.0), (0.05, 0.0, 0.96, 0.0),
    ],
)  # fmt: skip
def test_like_recursions_and_least_squares(setting):
    rng = np.random.RandomState(0)
    y = np.cumsum(rng.standard_normal(30)) + 0.3 * np.arange(30) + 5
    origins = np.array([0, 1, 2, 7, 29])
    t = np.arange(1, 30)
    slope = np.array([0.0, *(np.polyfit(np.arange(n + 1), y[: n + 1], 1)[0] for n in t)])
    found = [np.empty((len(origins), 1)) for _ in range(3)]
    smooth(y, slope, np.array([setting]), RIDGE, FLOOR, origins, *found)
    for j, origin in enumerate(origins):
        expected = naive(y[: origin + 1], setting)
        if origin < 2 and setting[2] > 0 and not setting[3]:
            continue  # as many numbers fitted as there are: any that fit will do
        np.testing.assert_allclose([one[j, 0] for one in found], expected, rtol=1e-6, atol=1e-8)
