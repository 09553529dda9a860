"""How far forecasts of levels are off: past errors, their growth, and which come together."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

__all__ = ["MANY", "Ahead", "Errors"]

MANY = 10  # series, from which others tell of one
LEAST = 3  # errors, from which a series tells of itself
POOLED = 8.0  # errors of others that count beside those of a series of many
WIDER, WIDER_ONE = 1.05, 1.1  # weights were chosen by these errors, by those of many, or of one
FREEDOM = 2.0


@dataclass(frozen=True)
class Ahead:
    """The level of one series, some steps ahead.

    Attributes
    ----------
    level : ndarray of shape (n_steps,)
        Its median.
    spread : ndarray of shape (n_steps,)
        Scale of its errors.
    freedom : ndarray of shape (n_steps,)
        Degrees of freedom of Student's t, which errors over their scale follow: as many as
        stretches of so many steps there were, and two.
    """

    level: np.ndarray
    spread: np.ndarray
    freedom: np.ndarray

    def quantile(self, probability):
        """Level that is not exceeded with a probability, a number or an array (..., n_steps)."""
        return self.level + self.spread * student.ppf(probability, self.freedom)


class Errors:
    """Errors of past forecasts of many series, some steps ahead.

    Parameters
    ----------
    knots : ndarray of int of shape (n_knots,)
        Steps ahead.
    errors : list of ndarray of shape (m, n_knots)
        Of each series, a row for each origin.

    Attributes
    ----------
    growth : ndarray of shape (n_knots,)
        How errors grow with the steps ahead, relative to those of one step.
    correlation : ndarray of shape (n_knots, n_knots)
        Of errors of one origin.
    """

    def __init__(self, knots, errors):
        self.knots = knots
        self.own = [(e**2).mean(axis=0) if len(e) >= LEAST else None for e in errors]
        self.counts = [len(e) for e in errors]
        told = [i for i, s in enumerate(self.own) if s is not None and s[0] > 0]
        self.growth = np.sqrt(knots.astype(float))
        self.correlation = np.exp(-np.abs(np.subtract.outer(np.log(knots), np.log(knots))))
        if not told:
            return
        ratios = np.array([self.own[i] / self.own[i][0] for i in told])
        typical = np.median(ratios, axis=0) if len(told) >= MANY else ratios.mean(axis=0)
        self.growth = np.sqrt(np.maximum.accumulate(typical))
        standard = np.concatenate([errors[i] / np.sqrt(self.own[i] + 1e-300) for i in told])
        share = len(standard) / (len(standard) + len(knots))
        seen = standard.T @ standard / len(standard)
        self.correlation = share * seen + (1 - share) * self.correlation

    def squares(self, x, number):
        """Mean squared errors of a series at the knots: its own and, of many, those of others.

        Parameters
        ----------
        x : ndarray of shape (n,)
            Level of the series.
        number : int
            Of the series among those of the errors; −1 for others.
        """
        own = self.own[number] if number >= 0 else None
        first = own[0] if own is not None else _one_step(x)
        pooled = first * self.growth**2
        if own is None:
            return pooled
        if len(self.own) < MANY:
            return own
        share = self.counts[number] / np.sqrt(self.knots)
        return (share * own + POOLED * pooled) / (share + POOLED)

    def around(self, level, squares, x):
        """Put errors around a forecast, at steps between knots and beyond the last, and bound it.

        Parameters
        ----------
        level : ndarray of shape (n_steps,)
            Forecast.
        squares : ndarray of shape (n_knots,)
            Mean squared errors.
        x : ndarray of shape (n,)
            Level so far. Forecasts leave its range by no more than the range, and twice the share
            of it that the steps ahead are of those so far.
        """
        steps, most, knots = np.arange(1, len(level) + 1), self.knots[-1], self.knots
        spread = np.interp(steps, knots, np.sqrt(squares))
        if len(level) > most and squares[-1] > 0:
            half = np.interp(most / 2, knots, squares)
            power = np.log2(squares[-1] / half) / 2 if half > 0 else 0.5
            spread[most:] *= (steps[most:] / most) ** np.clip(power, 0.0, 0.5)
        wide = np.ptp(x) * (1 + 2 * steps / len(x))
        level = np.clip(level, x.min() - wide, x.max() + wide)
        stretches = np.maximum(len(x) / steps, 1.0)
        wider = WIDER if len(self.own) >= MANY else WIDER_ONE
        spread = wider * np.sqrt(1 + 0.5 / stretches) * spread  # few tell little of the level
        return Ahead(level, spread, stretches + FREEDOM)

    def draw(self, n_paths, n_steps, rng):
        """Probabilities along paths, of shape (n_paths, n_steps), each uniform.

        Paths are normally distributed with the correlation of errors at the knots. Between knots
        they are mixed, and get the variance back that mixing takes.
        """
        root = np.linalg.cholesky(self.correlation + 1e-9 * np.eye(len(self.knots)))
        at_knots = rng.standard_normal((n_paths, len(self.knots))) @ root.T
        steps = np.minimum(np.arange(1, n_steps + 1), self.knots[-1])
        mixing = np.array([np.interp(steps, self.knots, one) for one in np.eye(len(self.knots))])
        kept = np.einsum("kt,kl,lt->t", mixing, self.correlation, mixing)
        rest = np.sqrt(np.maximum(1.0 - kept, 0.0))
        paths = at_knots @ mixing + rest * rng.standard_normal((n_paths, n_steps))
        return np.clip(norm.cdf(paths), 1e-6, 1 - 1e-6)


def _one_step(x):
    """Mean squared error of one step, of a level that was not tried."""
    return float(np.mean(np.diff(x) ** 2)) if len(x) > 1 else 0.0
