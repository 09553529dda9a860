"""Errors of past forecasts of one series, and the intervals they make at any time."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from .._forecasts.quantiles import adapted, likeness, needed, tails, weighted_quantiles

__all__ = ["Pool", "held_out"]

LATELY = 256  # origins whose intervals several steps ahead are replayed to adapt their level


def held_out(calibration, n):
    """Steps of a series of n that are held out, for a share or a number of steps."""
    m, least = calibration, needed(tails(0.8))
    if not isinstance(calibration, Integral):
        m = max(round(calibration * n), min(needed(tails(0.9)), n // 2))
    if m < least or n - m < 2:
        raise ValueError(
            f"X has a series of {n} steps (n_samples={n}): calibration={calibration} leaves {m} "
            f"errors to make intervals of, and {n - m} steps to learn from. At least {least} "
            f"errors are needed for a coverage of 80 %, {needed(tails(0.9))} for 90 %, and 2 steps "
            "to learn from."
        )
    return m


@dataclass(frozen=True, eq=False)
class Pool:
    """Errors of forecasts of one series.

    Attributes
    ----------
    errors : ndarray of shape (n_origins, n_steps, C)
        Truth minus forecast, by origin in the order of time; NaN where the truth has not come. The
        last origin is now.
    directions : ndarray of shape (n_origins, n_units)
        Of the states at the origins.
    window : int
        How many of the last errors count.
    temperature : float
        Of the weights of errors.
    gamma : float
        By which levels adapt.
    """

    errors: np.ndarray
    directions: np.ndarray
    window: int
    temperature: float
    gamma: float

    @property
    def now(self):
        """Number of the last origin."""
        return len(self.errors) - 1

    @property
    def n_known(self):
        """Errors of the last step ahead that count now."""
        rows = slice(-1 - self.window - self.errors.shape[1], None)
        return int(np.isfinite(self.errors[rows, -1, 0]).sum())

    def at(self, t):
        """Numbers of the last origins before t, and the weights of their errors then."""
        rows = np.arange(max(t - self.window - self.errors.shape[1] + 1, 0), t)
        return rows, likeness(self.directions[rows], self.directions[t], self.temperature)

    def quantiles(self, t, levels):
        """Quantiles of the errors known at origin t.

        Parameters
        ----------
        t : int
            Number of an origin.
        levels : ndarray of shape (n_levels,) or (n_levels, n_steps, C)
            Each column's own, or those of all.

        Returns
        -------
        quantiles : ndarray of shape (n_levels, n_steps, C)
        """
        origins, weights = self.at(t)
        n_steps, n_channels = self.errors.shape[1:]
        found = np.empty((len(levels), n_steps, n_channels))
        for k in range(n_steps):
            known = origins + k + 1 <= t  # their truths had come
            part = self.errors[origins[known], k]
            mine = None if np.isinf(self.temperature) else weights[known]
            if np.ndim(levels) == 1:
                found[:, k] = weighted_quantiles(part, levels, mine)
                continue
            for c in range(n_channels):
                each = weighted_quantiles(part[:, [c]], levels[:, k, c], mine)
                found[:, k, c] = each[:, 0]
        return found

    def interval(self, t, alpha):
        """Both ends at origin t, for levels α of shape (n_steps, C)."""
        half = np.clip(alpha, 0.0, 1.0) / 2
        return self.quantiles(t, np.stack([half, 1.0 - half]))

    def adapt(self, coverage, begun=None, kept=None):
        """Level α of each step ahead and channel, adapted to all errors up to now.

        Parameters
        ----------
        coverage : float
            What intervals are for.
        begun : tuple, default=None
            What an earlier call returned, to go on from.
        kept : dict, default=None
            Takes the interval of each origin on the way.

        Returns
        -------
        begun : tuple of (int, ndarray, dict)
            Number of the last origin, the levels there, of shape (n_steps, C), and intervals whose
            truths have not come.
        """
        t, n_steps = self.now, self.errors.shape[1]
        if begun is None:
            start = t // 2 if n_steps == 1 else t - LATELY
            start = min(max(needed(tails(coverage)) + n_steps, start), t)
            begun = start, np.full(self.errors.shape[1:], 1 - coverage), {}
        at, alpha, issued = begun[0], begun[1].copy(), dict(begun[2])
        for s in range(at, t):
            issued[s] = self.interval(s, alpha)
            if kept is not None:
                kept[s] = issued[s]
            for k in range(n_steps):  # step s + 1 has come, which was k + 1 ahead at s - k
                if s - k in issued:
                    low, high = issued[s - k][:, k]
                    e = self.errors[s - k, k]
                    alpha[k] = adapted(alpha[k], self.gamma, coverage, (e < low) | (e > high))
            issued.pop(s - n_steps + 1, None)
        return t, alpha, issued
