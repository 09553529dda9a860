"""The shape of seasons: from a series to its level, and back."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from .._params import plain

__all__ = [
    "LEAST",
    "Shape",
    "check_periods",
    "filled",
    "find_periods",
    "fits",
    "multiplies",
    "periods_of",
    "product_evidence",
    "read_shape",
    "seasons_of",
]

LEAST = 3  # steps of a series
DECAYS = (1.0, 0.8, 0.6, 0.4)  # by which seasons further back count less
SHRINK = 2.0
LEAST_CYCLES = 2.5
MOST_OF = 0.75  # of what a period explains, for a part of the period to come first
USUAL = (4, 5, 7, 12, 24, 48, 52, 96, 144, 168, 288, 336, 365)
DAY = 86400
SECONDS = {"D": DAY, "h": 3600, "min": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
SECONDS |= {"H": 3600, "T": 60, "S": 1, "L": 1e-3, "U": 1e-6, "N": 1e-9}  # of pandas 2.1


@dataclass(frozen=True)
class Shape:
    """Seasons of one series, which add to its level (or to its level's logarithm).

    Attributes
    ----------
    log : bool
        Whether the series is level × shape; else it is level + shape.
    indices : tuple of ndarray of shape (period,)
        What each phase adds, for each period; phase 0 is that of step 0.
    variance : float
        Of what a phase adds, as an estimate.
    """

    log: bool
    indices: tuple = ()
    variance: float = 0.0

    def at(self, steps):
        """What is added at some steps."""
        return sum((one[steps % len(one)] for one in self.indices), np.zeros(len(steps)))

    def level(self, x, start=0):
        """Level of a series that begins with step ``start``."""
        x = np.log(x) if self.log else x
        return x - self.at(start + np.arange(len(x)))

    def series(self, level, start):
        """Series of a level (last axis) that begins with step ``start``."""
        x = level + self.at(start + np.arange(level.shape[-1]))
        with np.errstate(over="ignore"):  # refused by name where it is handed over
            return np.exp(x) if self.log else x


def fits(n, period):
    """Whether seasons of a period can be told from n steps."""
    return period >= 2 and n >= LEAST_CYCLES * period


def periods_of(step):
    """Periods that the frequency of an index suggests, or None if it suggests none.

    Parameters
    ----------
    step : str, offset or Grid
        Of a :class:`~dlkit._forecasts.calendar.Calendar` of dates or periods.
    """
    unit, size = getattr(step, "unit", None), getattr(step, "size", None)
    if unit is not None:  # without pandas
        if unit == "business days":
            return (5,)
        if unit in ("months", "month ends"):
            return _whole(12, size)
        return _of_seconds(size / 1e9)
    name = getattr(step, "freqstr", str(step))
    found = re.fullmatch(r"(\d*)([A-Za-z]+)(-[A-Za-z]+)*(-\d+)?", name)
    if found is None:
        return None
    size, name = int(found[1] or 1), found[2]
    if name in SECONDS:
        return _of_seconds(size * SECONDS[name])
    if name in ("B", "C"):
        return (5,) if size == 1 else ()
    if name == "W":
        return _whole(52, size)
    if name in ("M", "MS", "ME", "BM", "BME", "BMS"):
        return _whole(12, size)
    if name[:1] == "Q" or name[:2] == "BQ":
        return _whole(4, size)
    return () if name[0] in "YA" or name[:2] in ("BY", "BA") else None


def _whole(per_year, size):
    return (per_year // size,) if per_year % size == 0 and per_year > size else ()


def _of_seconds(seconds):
    if seconds >= 28 * DAY:  # polars counts a month in days where all are of one length
        return _whole(12, round(seconds / (30.4 * DAY)))
    if seconds == 7 * DAY:
        return (52,)
    spans = (7 * DAY, 365 * DAY) if seconds == DAY else (DAY, 7 * DAY) if seconds >= 60 else (3600,)
    return tuple(round(span / seconds) for span in spans if span % seconds == 0 and span > seconds)


def seasons_of(period, calendar, values):
    """Seasons of one series.

    Parameters
    ----------
    period : int, tuple of int, "auto" or None
        As of :class:`SeasonalForecaster`.
    calendar : Calendar
        Of the series.
    values : ndarray of shape (n,) or (n, n_channels)
        NaN where a step is missing.

    Returns
    -------
    periods : tuple of int
        In rising order.
    """
    n = len(values)
    if period != "auto":
        return tuple(p for p in check_periods(period) if n >= 2 * p)
    suggested = None
    if calendar.kind in ("date", "period") and calendar.step is not None:
        suggested = periods_of(calendar.step)
    if suggested is not None:
        return tuple(p for p in suggested if fits(n, p))
    x = np.reshape(values, (n, -1))[:, 0]
    return find_periods(filled(x)) if np.isfinite(x).sum() >= LEAST else ()


def find_periods(x):
    """Periods of a series, told by the series itself; () if it has none.

    What phases add to the steps from one value to the next, a number each, is judged by Schwarz's
    criterion (BIC) n log(RSS / n) + p log n, against no season at all (p = 1). Candidates are the
    usual periods, and those at the peaks of the autocorrelation. A part of the best period that
    explains most of what the whole does (days of weeks) comes first; seven of them are added where
    Akaike's criterion is for it.

    Parameters
    ----------
    x : ndarray of shape (n,)
        One series.
    """
    d = np.diff(x)
    d = d - d.mean()
    n = len(d)
    total = d @ d
    if n < 6 or not total > 0:
        return ()
    most = int(n // LEAST_CYCLES)
    size = next_fast_len(2 * n, real=True)
    correlation = irfft(np.abs(rfft(d, size)) ** 2, size)[: most + 2] / total
    inner = correlation[2:-1]
    peak = 2 + np.flatnonzero((inner > correlation[1:-2]) & (inner >= correlation[3:]))
    peak = peak[np.argsort(-correlation[peak], kind="stable")][:12]
    candidates = sorted({p for p in (*USUAL, *map(int, peak)) if 2 <= p <= most})
    left = {p: _unexplained(d, p, total) for p in candidates}
    scores = {p: n * np.log(left[p] / n) + p * np.log(n) for p in candidates}
    null = n * np.log(total / n) + np.log(n)
    if not scores or min(scores.values()) >= null:
        return ()
    best = min(scores, key=scores.get)
    most_of = [p for p in candidates if p < best and best % p == 0 and scores[p] < null]
    most_of = [p for p in most_of if total - left[p] > MOST_OF * (total - left[best])]
    if most_of:
        return min(most_of), best
    week = 7 * best
    if week in left and n * np.log(left[week] / left[best]) + 2 * (week - best) < 0:  # Akaike's
        return best, week
    return (best,)


def _unexplained(d, period, total):
    """Sum of squares about the means of the phases."""
    phase = np.arange(len(d)) % period
    sums, counts = np.bincount(phase, d), np.bincount(phase)
    return max(total - (sums**2 / counts).sum(), 1e-12 * total)


def read_shape(x, periods, form="auto"):
    """Take the seasons out of a series, and fill what is missing.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Series, NaN where a step is missing.
    periods : tuple of int
        In rising order; those that the series is too short for are left out.
    form : {"auto", "positive", "multiplicative", "additive"}, default="auto"
        Level × shape, or level + shape; "auto" tells by the series, and "positive" by the sign of
        its values.

    Returns
    -------
    shape : Shape
    level : ndarray of shape (n,)
        Without gaps.
    """
    missing = np.isnan(x)
    log = multiplies(x, periods, form)
    z = np.log(x) if log else x
    if not missing.any():
        return _take_out(z, periods, log)
    steps = np.arange(len(z))
    level, shape = z.copy(), Shape(log)
    for _ in range(3):
        level[missing] = np.interp(steps[missing], steps[~missing], (z - shape.at(steps))[~missing])
        shape, _ = _take_out(np.where(missing, level + shape.at(steps), z), periods, log)
        level = z - shape.at(steps)
    level[missing] = np.interp(steps[missing], steps[~missing], level[~missing])
    return shape, level


def multiplies(x, periods, form="auto", added=0.0, added_to_log=0.0):
    """Whether a series is level × shape; see :func:`read_shape`.

    It is if differences of logarithms are more like one another than plain ones.

    Parameters
    ----------
    x, periods, form
        As of :func:`read_shape`.
    added, added_to_log : float or ndarray of shape (n,), default=0.0
        What else is in the series, or in its logarithm, and is left out before.
    """
    if form not in ("auto", "positive"):
        return form == "multiplicative"
    there = ~np.isnan(x)
    if there.sum() < 2 or not x[there].min() > 0:
        return False
    if form == "positive":
        return True
    z = np.log(x[there])
    lag = next((p for p in periods if fits(len(z), p)), 1)
    sides = (x - added)[there], z - np.broadcast_to(added_to_log, x.shape)[there]
    found = product_evidence(*sides, lag, z)
    return found is None or found[0] > -ODDS


def product_evidence(x, z, lag, logs=None):
    """How much likelier a series is as a product than as a sum.

    Parameters
    ----------
    x, z : ndarray of shape (n,)
        The series, and its logarithm.
    lag : int
        Steps of its season, 1 for none: differences over so many are compared.
    logs : ndarray of shape (n,), default=None
        Logarithms that tell the Jacobian, if other than ``z``.

    Returns
    -------
    evidence : tuple of (float, int) or None
        Twice the difference of the log likelihoods of a step, and how many steps there are; None
        where steps are all alike.
    """
    plain, product = (np.mean((a[lag:] - a[:-lag]) ** 2) for a in (x, z))
    if not plain > 0 or not product > 0:
        return None
    jacobian = 2 * (z if logs is None else logs)[lag:].mean()
    return np.log(plain) - np.log(product) - jacobian, len(x) - lag


ODDS = 0.2


def _take_out(z, periods, log):
    level, indices, variance = z, [], 0.0
    for period in periods:
        if len(z) < 2 * period:
            continue
        one, noise = _indices(level, period)
        level = level - one[np.arange(len(z)) % period]
        indices.append(one)
        variance += noise
    return Shape(log, tuple(indices), variance), level


def _indices(x, period):
    """What each phase adds to a series, and the variance of that as an estimate."""
    kernel = np.full(period + 1 - period % 2, 1.0 / period)
    if period % 2 == 0:
        kernel[[0, -1]] /= 2
    sums = np.cumsum(np.concatenate([[0.0], x - x[0]]))
    if period % 2:
        trend = (sums[period:] - sums[:-period]) / period + x[0]
    else:
        both = (sums[period:] - sums[:-period]) / period
        trend = (both[1:] + both[:-1]) / 2 + x[0]
    half = len(kernel) // 2
    season = x[half : len(x) - half] - trend
    cycles = -(-len(season) // period)
    before = cycles * period - len(season)
    table = np.concatenate([np.zeros(before), season]).reshape(cycles, period)
    known = (np.arange(cycles * period) >= before).astype(float).reshape(cycles, period)
    # how each season is foretold by those before it, and all by all, under each decay
    by_decay = _decays(cycles)
    both = by_decay @ np.concatenate([table, known], axis=1)
    sums, weights = both[..., :period], both[..., period:]
    means = sums / np.maximum(weights, 1e-9)
    seen = known[1:] * (weights[:, :-1] > 0)
    missed = (table[1:] - means[:, :-1]) * seen
    errors = np.einsum("dcp,dcp->d", missed, missed) / np.maximum(seen.sum(axis=(1, 2)), 1.0)
    index, weight = means[:, -1], weights[:, -1]
    age = by_decay[:, -1]
    count = (weight**2 / ((age**2) @ known)).mean(axis=1)
    away = (table - index[:, None]) ** 2 * known
    spread = (np.einsum("dc,dcp->dp", age, away) / weight).mean(axis=1)
    noise = spread / np.maximum(count - 1, 0.5)  # variance of a mean
    index = index - index.mean(axis=1, keepdims=True)
    size = np.einsum("dp,dp->d", index, index) / max(period - 1, 1)
    size_or_one = np.where(size > 0, size, 1.0)
    share = np.where(size > 0, np.maximum(1.0 - SHRINK * noise / size_or_one, 0.0), 0.0)
    found, variances = share[:, None] * index, share**2 * noise
    least = errors.min()
    if least > 0:
        weight = np.exp(-0.5 * max(cycles - 1, 1) * min(period, 12) * np.log(errors / least))
    else:
        weight = (errors == least).astype(float)
    weight /= weight.sum()
    phases = (np.arange(period) - half + before) % period
    return (weight @ found)[phases], float(weight @ variances)


@lru_cache(maxsize=8)
def _decays(cycles):
    """Weight of each season beside each later one, of shape (n_decays, cycles, cycles)."""
    ago = np.subtract.outer(np.arange(cycles), np.arange(cycles))
    found = np.array([np.where(ago >= 0, decay ** np.maximum(ago, 0.0), 0.0) for decay in DECAYS])
    found.flags.writeable = False
    return found


def filled(x):
    """Series with straight lines where values are missing."""
    known = np.isfinite(x)
    if known.all():
        return x
    steps = np.arange(len(x))
    return np.interp(steps, steps[known], x[known])


def check_periods(period):
    """Seasons of more than one step, in rising order."""
    if period is None:
        return ()
    given = plain(tuple(period)) if isinstance(period, (tuple, list)) else (plain(period),)
    if not all(type(p) is int and p >= 1 for p in given):
        raise ValueError(
            f'period must be whole numbers of at least 1, "auto" or None, got {period!r}.'
        )
    return tuple(sorted({p for p in given if p > 1}))
