"""Forecasts of levels by any forecaster."""

import numpy as np
from sklearn.base import clone

from ._errors import Errors
from ._levels import knots_of

__all__ = ["WrappedLevels"]

N_ORIGINS = 12


class WrappedLevels:
    """A forecaster of levels, in the manner of :class:`~dlkit.forecasting._levels.Levels`.

    Parameters
    ----------
    forecaster : forecaster
        Cloned by ``fit``.
    n_channels : int
        So many levels in a row are the channels of one series.
    single : bool
        Whether there is one series, rather than a list of them.
    """

    weights = None

    def __init__(self, forecaster, n_channels, single):
        self.forecaster, self.n_channels, self.single = forecaster, n_channels, single

    def fit(self, levels, n_steps):
        """Learn from levels, each of shape (n,), and note errors of forecasts of their ends."""
        series = self._series(levels)
        self.forecaster = clone(self.forecaster).fit(series[0] if self.single else series)
        knots = knots_of(n_steps)
        errors = []
        for x in series:
            n = len(x)
            first = max(n // 2, n - n_steps - 8 * N_ORIGINS, 2)
            origins = np.unique(np.linspace(first, n - n_steps - 1, N_ORIGINS).astype(int))
            origins = origins[(origins >= 2) & (origins < n - n_steps)]
            if not len(origins):
                errors += [np.empty((0, len(knots)))] * self.n_channels
                continue
            ahead = self.forecaster.forecast(int(n_steps), [x[: o + 1] for o in origins])
            ahead = np.array([np.reshape(a, (n_steps, -1)) for a in ahead])[:, knots - 1]
            missed = ahead - x[origins[:, None] + knots]
            errors += list(np.moveaxis(missed, 2, 0))
        self.off = Errors(knots, errors)
        return self

    def next_steps(self, levels, numbers):
        """Level of the step after each, for each series of shape (n,)."""
        found = []
        for x in self._series(levels):
            given = x if self.single else [x]
            predicted = self.forecaster.predict(given)
            found += list(np.reshape(predicted if self.single else predicted[0], x.shape).T)
        return found

    def forecast(self, levels, n_steps, numbers, variances, *, seen=False):
        """Forecast levels, as :meth:`Levels.forecast` does."""
        series = self._series(levels)
        one = self.single and len(series) == 1
        ahead = self.forecaster.forecast(n_steps, series[0] if one else series)
        ahead = [ahead] if one else ahead
        ahead = [column for a in ahead for column in np.reshape(a, (n_steps, -1)).T]
        return [
            self.off.around(a, self.off.squares(x, number) + 2 * variance, x)
            for a, x, number, variance in zip(ahead, levels, numbers, variances, strict=True)
        ]

    def _series(self, levels):
        n = self.n_channels
        return [np.column_stack(levels[i : i + n]) for i in range(0, len(levels), n)]
