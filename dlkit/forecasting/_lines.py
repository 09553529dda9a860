"""Lines through a level: exponential smoothing under many settings, weighed by how they did."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .._jit.smoothing import smooth

__all__ = ["N_LINES", "Lines", "read_lines"]

N_LINES = 2
RIDGE = 0.3  # on the first trend: what long series tell of it, short ones only guess
FLOOR = 1e-6
MOST = 1000  # steps; levels further back weigh nothing
BLOCK = 1000  # origins at a time

_ALPHAS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
_TREND = [
    (alpha, beta, phi, 0.0)
    for alpha in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 0.99)
    for beta in (0.0, 0.03, 0.1, 0.25, 0.5)
    for phi in (0.8, 0.9, 0.96, 1.0)
]
# Theta: a level and half the slope of the whole series. Damped: a level alone, or a trend as well.
THETA = [(alpha, 0.0, 1.0, 0.5) for alpha in _ALPHAS]
DAMPED = [(alpha, 0.0, 0.0, 0.0) for alpha in _ALPHAS[1:]] + _TREND
SETTINGS = np.array(THETA + DAMPED)
N_FITTED = np.array(
    [2.0 if phi == 0 or share else 3.0 + (beta > 0) + (phi < 1) for _, beta, phi, share in SETTINGS]
)
PHIS, _WHICH = np.unique(SETTINGS[:, 2], return_inverse=True)
_OF_PHI = (_WHICH[:, None] == np.arange(len(PHIS))).astype(float)
_FAMILIES = (slice(0, len(THETA)), slice(len(THETA), None))


@dataclass(frozen=True)
class Lines:
    """Lines from some steps of a series on: theta's, and that of a damped trend.

    Attributes
    ----------
    level : ndarray of shape (2, m)
        Where they begin.
    trend : ndarray of shape (2, m, n_phis)
        Their slopes, by how fast they are damped.
    """

    level: np.ndarray
    trend: np.ndarray

    def last(self):
        """Those from the last step."""
        return Lines(self.level[:, -1:], self.trend[:, -1:])

    def ahead(self, steps):
        """Values some steps ahead, of shape (2, m, n_steps)."""
        return self.level[:, :, None] + self.trend @ _reach(int(steps[-1]))[:, steps - 1]


@lru_cache(maxsize=8)
def _reach(n_steps):
    """How often a slope is added on the way to each step, of shape (n_phis, n_steps)."""
    found = np.cumsum(PHIS[:, None] ** np.arange(1, n_steps + 1), axis=1)
    found.flags.writeable = False
    return found


def read_lines(x, origins):
    """Fit lines to a series up to each of some steps, from these steps alone.

    The line of a family is the mean of those of its settings, weighed by their likelihood up to the
    step, less one for each number that was fitted.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Series without a season.
    origins : ndarray of int of shape (m,)
        Steps, in order.

    Returns
    -------
    Lines
    """
    if len(origins) > BLOCK:
        cuts = np.array_split(origins, -(-len(origins) // BLOCK))
        parts = [read_lines(x, part) for part in cuts]
        level, trend = ([getattr(p, name) for p in parts] for name in ("level", "trend"))
        return Lines(np.concatenate(level, axis=1), np.concatenate(trend, axis=1))
    cut = max(0, min(int(origins[-1]) + 1 - MOST, int(origins[0]) - MOST // 4))
    x = x[cut : origins[-1] + 1]
    base, typical = x[0], np.abs(np.diff(x)).mean() if len(x) > 1 else 0.0
    scale = typical if typical > 1e-12 * np.abs(x).max(initial=0.0) else 1.0
    y = (x - base) / scale
    t = np.arange(len(y), dtype=float)
    spread = (t + 1) * t * (t + 2) / 12  # Σ (s − s̄)² of the steps 0, ..., t
    slope = (np.cumsum(t * y) - t / 2 * np.cumsum(y)) / np.maximum(spread, 0.5)
    shape = len(origins), len(SETTINGS)
    likelihood, level, trend = np.empty(shape), np.empty(shape), np.empty(shape)
    places = np.asarray(origins, dtype=np.int64) - cut
    smooth(y, slope, SETTINGS, RIDGE, FLOOR, places, likelihood, level, trend)
    likelihood -= N_FITTED
    levels, trends = np.empty((2, shape[0])), np.empty((2, shape[0], len(PHIS)))
    for i, family in enumerate(_FAMILIES):
        weight = likelihood[:, family]
        weight = np.exp(weight - weight.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        levels[i] = np.einsum("ij,ij->i", weight, level[:, family])
        trends[i] = (weight * trend[:, family]) @ _OF_PHI[family]
    return Lines(base + scale * levels, scale * trends)
