"""Forecasts of levels: lines and windows, weighed by how they did, and how far they were off."""

from functools import lru_cache

import numpy as np

from ._errors import MANY, Errors
from ._lines import N_LINES, read_lines
from ._windows import MOST_LAGS, fit_windows, scale_of

__all__ = ["Levels", "knots_of"]

N_EXPERTS = N_LINES + 1
PRIOR = np.array([0.3, 0.5, 0.2])  # weights before a series has told
EVEN = 0.1  # how much weights that many series tell are drawn to equal ones
MOST_KNOTS = 16
MOST_LIST_LAGS = 12


def knots_of(n_steps):
    """Steps ahead that are learned; levels between them lie on lines."""
    if n_steps <= MOST_KNOTS:
        return np.arange(1, n_steps + 1)
    far = np.geomspace(5, n_steps, MOST_KNOTS - 4)
    return np.unique(np.round(np.concatenate([np.arange(1, 5), far])).astype(int))


def _likely(errors, n):
    """Weights of experts by the likelihood of their errors (n_experts, m), as if of n numbers."""
    squares = (errors**2).mean(axis=1)
    least = squares.min()
    weights = PRIOR * (squares == least if least == 0 else (squares / least) ** (-n / 2))
    return weights / weights.sum()


@lru_cache(maxsize=1)
def _mixtures():
    """Weights of three that sum to one, in steps of a twentieth."""
    whole = range(21)
    found = np.array([(a, b, 20 - a - b) for a in whole for b in whole if a + b <= 20]) / 20
    found.flags.writeable = False
    return found


def _weigh(errors, even=EVEN):
    """Weights of three experts, from their errors of shape (3, m): none below 0, their sum 1.

    They minimise the mean absolute error of the weighted mean, relative to that of the experts,
    under a penalty on their squares.
    """
    weights, size = _mixtures(), np.abs(errors).mean()
    found = np.array([np.abs(one @ errors).mean() for one in weights])
    return weights[np.argmin(found / (size or 1.0) + even * (weights**2).sum(axis=1))]


class Levels:
    """Forecasts of levels by lines of each series and a ridge on windows of all.

    Attributes
    ----------
    knots : ndarray of int
        Steps ahead that are learned.
    weights : ndarray of shape (3,)
        Of the theta line, the damped line and the ridge.
    ridge : WindowRidge or None
    ends : list of Lines
        From the end of each series.
    scales : list of float
        Of each series.
    off : Errors
        How far past forecasts were off.
    """

    def fit(self, levels, n_steps):
        """Learn from levels of series, each of shape (n,)."""
        self.knots = knots = knots_of(n_steps)
        n = np.array([len(x) for x in levels])
        few = len(levels) < MANY
        middle = int(np.median(n))
        n_lags = max(3, min(middle // 6, MOST_LAGS if few else MOST_LIST_LAGS))
        starts = [max(2, min(m // 3, max(n_lags, 10), m - n_steps - 2)) for m in n]
        self.scales = [scale_of(x) for x in levels]
        self.ridge, origins, predicted = fit_windows(levels, knots, n_lags, starts)
        if self.ridge is None:
            origins = [np.arange(s, m - n_steps) for s, m in zip(starts, n, strict=True)]
        judged, past, self.ends = [], [], []
        for i, x in enumerate(levels):
            at = origins[i]
            if not len(at):
                self.ends.append(read_lines(x, np.array([len(x) - 1])))
                past.append(np.empty((N_EXPERTS, 0, len(knots))))
                continue
            experts = np.empty((N_EXPERTS, len(at), len(knots)))
            lines = read_lines(x, np.append(at, len(x) - 1))
            self.ends.append(lines.last())
            experts[:N_LINES] = lines.ahead(knots)[:, :-1]
            experts[N_LINES] = predicted[i] if self.ridge else experts[:N_LINES].mean(axis=0)
            errors = experts - x[at[:, None] + knots]
            past.append(errors)
            size = np.sqrt((errors.mean(axis=0) ** 2).mean())
            if size > 0:
                errors = errors / size
                judged.append((errors if few else errors[:, -1:]).reshape(N_EXPERTS, -1))
        stretches = sum(max(m - s, 0) for m, s in zip(n, starts, strict=True)) / n_steps
        self.weights = PRIOR
        if judged:
            errors = np.concatenate(judged, axis=1)
            self.weights = _likely(errors, stretches) if few else _weigh(errors)
        self.off = Errors(knots, [np.tensordot(self.weights, e, 1) for e in past])
        return self

    def next_steps(self, levels, numbers):
        """Level of the step after each, for each series of shape (n,); see :meth:`forecast`."""
        found = []
        for x, number in zip(levels, numbers, strict=True):
            origins = np.arange(len(x))
            lines = read_lines(x, origins).ahead(self.knots[:1])[:, :, 0]
            ridge = lines.mean(axis=0)
            if self.ridge:
                ridge = self.ridge.ahead(x, origins, self._scale(x, number))[:, 0]
            found.append(self.weights @ np.stack([*lines, ridge]))
        return found

    def _scale(self, x, number):
        """Scale of a series: of one that was seen, what was seen then, which tells no future."""
        return self.scales[number] if number >= 0 else scale_of(x)

    def forecast(self, levels, n_steps, numbers, variances, *, seen=False):
        """Forecast levels.

        Parameters
        ----------
        levels : list of ndarray of shape (n,)
            Levels so far.
        n_steps : int
            Steps to forecast.
        numbers : sequence of int
            Number of each series in ``fit``; −1 for one that was not seen.
        variances : sequence of float
            Of the shapes that levels were taken from.
        seen : bool, default=False
            Whether levels are those that ``fit`` saw.

        Returns
        -------
        list of Ahead
        """
        found = []
        for x, number, variance in zip(levels, numbers, variances, strict=True):
            squares = self.off.squares(x, number) + 2 * variance  # in the level, and in the answer
            lines = self.ends[number] if seen else read_lines(x, np.array([len(x) - 1]))
            found.append(self.off.around(self._level(x, n_steps, lines, number), squares, x))
        return found

    def _level(self, x, n_steps, lines, number):
        knots, most = self.knots, int(self.knots[-1])
        steps = np.arange(1, n_steps + 1)
        last, scale = np.array([len(x) - 1]), self._scale(x, number)
        level = self.weights[:N_LINES] @ lines.ahead(steps)[:, 0]
        if self.ridge is None:
            return level / self.weights[:N_LINES].sum()
        rises, so_far = [], x
        for begin in range(0, n_steps, most):  # beyond what was learned, block by block
            rises.append(np.interp(steps[:most], knots, self.ridge.ahead(so_far, last, scale)[0]))
            if begin + most < n_steps:
                so_far, last = np.concatenate([so_far, rises[-1]]), last + most
        return level + self.weights[N_LINES] * np.concatenate(rises)[:n_steps]
