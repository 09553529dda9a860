"""What series are made of: seasons, a level, and the effects of covariates."""

from dataclasses import dataclass, replace

import numpy as np

from .._announce import announce
from .._forecasts.covariates import check_given, read_covariates
from .._forecasts.series import Past, read_series
from ..exceptions import ForecastWarning
from ._effects import Effects, add_effect
from ._shape import LEAST, Shape, check_periods, filled, multiplies, read_shape, seasons_of

__all__ = ["Course", "Courses", "read_channel", "unit_of"]

BEYOND = 2.0**400  # units of a series, whose squares do not overflow
FAR = 256  # powers of two from one, from which on squares are near the ends of what floats hold


def unit_of(x):
    """A power of two: what a series is divided by before anything else, which rounds nothing.

    It is one, but for series whose squares would overflow or vanish.
    """
    known = x[np.isfinite(x)]
    power = int(np.frexp(np.abs(known).max(initial=0.0))[1])
    return 2.0 ** np.clip(power, -1022, 1022) if abs(power) > FAR else 1.0


@dataclass(frozen=True, eq=False)
class Course:
    """One channel of one series, without the effects of covariates: its seasons, and its level.

    Attributes
    ----------
    shape : Shape
    level : ndarray of shape (n,)
    unit : float
        What the series was divided by.
    number : int
        In ``fit``; −1 if it was not there.
    size : float
        What effects are measured in.
    """

    shape: Shape
    level: np.ndarray
    unit: float
    number: int = -1
    size: float = 1.0

    def series(self, levels, start, effect):
        """Steps from ``start`` on, of levels of shape (..., n_steps)."""
        return add_effect(self.shape.series(levels, start), effect, self.shape.log) * self.unit

    def future(self, levels, effect):
        """Steps to come, of levels of shape (..., n_steps)."""
        return self.series(levels, len(self.level), effect)


@dataclass(frozen=True, eq=False)
class Courses:
    """Courses of the series that ``fit`` saw, and what later series are read by.

    Attributes
    ----------
    period, form
        Parameters of :class:`SeasonalForecaster`.
    periods : list of tuple of int
        Seasons of each series.
    courses : list of Course
        One for each channel of each series.
    effects : Effects or None
    past : Past
        The series that ``fit`` saw.
    """

    period: object
    form: str
    periods: list
    courses: list
    effects: Effects | None
    past: Past

    @classmethod
    def fit(cls, series, period, form, covariates=None, periods=None):
        """Take series apart.

        Parameters
        ----------
        series : Series
            As :func:`~dlkit._forecasts.series.read_series` reads them.
        period, form, covariates
            As of :class:`SeasonalForecaster`; ``form`` may be "positive", too.
        periods : list of tuple of int, default=None
            Seasons of each series, if these are known.

        Returns
        -------
        Courses
        """
        raw, tables, names = series.raw, None, None
        periods = _seasons(series, period) if periods is None else periods
        if covariates is not None:
            tables, names = read_covariates(covariates, raw.form, series.calendars, raw.lengths)
        found = [
            (i, *read_channel(raw, i, c, form), periods[i])
            for i in range(len(raw))
            for c in range(raw.n_channels)
        ]
        columns = [(i, x, seasons) for i, x, _, seasons in found]
        effects, logs = None, [multiplies(x, seasons, form) for _, x, seasons in columns]
        if tables is not None:
            if form == "auto":
                effects = _both_forms(columns, tables, names)
                logs = [_form(x, seasons, effects, tables[i]) for i, x, seasons in columns]
            told = zip(columns, logs, strict=True)
            effects = Effects.fit([(i, x, log, p) for (i, x, p), log in told], tables, names)
        made = cls(period, form, periods, [], effects, Past.of(series))
        told = enumerate(zip(found, logs, strict=True))
        courses = [
            made.course(x, unit, log, seasons, None if tables is None else tables[i], number)
            for number, ((i, x, unit, seasons), log) in told
        ]
        return replace(made, courses=courses)

    def course(self, x, unit, log, periods, table, number=-1):
        """Seasons and level of one channel, without the effects of its covariates."""
        size = Effects.size(x, log)
        if table is not None:
            x = add_effect(x, -self.effects.of(table[: len(x)], log, size), log)
        form = "multiplicative" if log else "additive"
        shape, level = read_shape(x, periods, form)
        return Course(shape, level, unit, number, size)

    def effect(self, course, table):
        """What the covariates of some steps add."""
        return self.effects.of(table, course.shape.log, course.size)

    def tables(self, covariates, form, calendars, lengths, most, *, ahead=False):
        """Covariates of each series, checked; None if there are none."""
        known = None if self.effects is None else self.effects.known
        check_given(covariates, known)
        if covariates is None:
            return None
        options = {"ahead": ahead, "most": most, "known": known}
        return read_covariates(covariates, form, calendars, lengths, **options)[0]

    def read(self, estimator, X, covariates, n_steps):
        """Series that were given later, what they are, and their covariates.

        What they are: with their past, if ``fit`` saw it.
        """
        series = read_series(estimator, X, reset=False, past=self.past, allow_nan=True)
        raw, n = series.raw, series.raw.n_channels
        lengths = raw.lengths + n_steps
        most = lengths + (n_steps == 0)
        tables = self.tables(covariates, raw.form, series.calendars, lengths, most)
        places, seen = self.past.places(series, tell=True)
        courses = []
        for i, place in enumerate(places):
            table = None if tables is None else tables[i]
            for c in range(n):
                if place == "elsewhere":
                    x, unit = read_channel(raw, i, c, self.form)
                    periods = seasons_of(self.period, series.calendars[i], x)
                    if self.form != "auto" or table is None:
                        log = multiplies(x, periods, self.form)
                    else:
                        log = _form(x, periods, self.effects, table)
                    courses.append(self.course(x, unit, log, periods, table))
                else:
                    known = self.courses[seen[i] * n + c]
                    x, _ = read_channel(raw, i, c, self.form, known.unit, least=1)
                    courses.append(self._further(known, x, table, place == "after"))
        return series, courses, tables

    def _further(self, known, x, table, after):
        """A course that ``fit`` saw, up to the end of what was given."""
        if table is not None:
            x = add_effect(x, -self.effect(known, table[: len(x)]), known.shape.log)
        before = len(known.level) if after else 0
        if known.shape.log and np.nanmin(x) <= 0:
            announce(
                "X goes on from a series that was positive in `fit`, taken as level × shape, with "
                f"{np.nanmin(x) * known.unit:g}: values of zero or less count as missing there. "
                'Use form="additive" where such values belong to the series.',
                ForecastWarning,
            )
            x = np.where(x > 0, x, np.nan)
        level = known.shape.level(x, before)
        if before:
            level = np.concatenate([known.level, level])
        return replace(known, level=filled(level))


def _both_forms(columns, tables, names):
    """Effects of covariates if all series were level + shape, and if all positive were the product.

    Which a series is can be told only without them: an effect that is added makes steps of
    logarithms unlike one another, and one that multiplies makes plain steps unlike.
    """
    told = [(i, x, False, periods) for i, x, periods in columns]
    told += [(i, x, True, periods) for i, x, periods in columns if np.nanmin(x) > 0]
    return Effects.fit(told, tables, names)


def _form(x, periods, effects, table):
    """Whether a series without the effects of its covariates is level × shape."""
    sizes = (Effects.size(x, log) for log in (False, True))
    added = (effects.of(table[: len(x)], bool(i), size) for i, size in enumerate(sizes))
    return multiplies(x, periods, "auto", *added)


def _seasons(series, period):
    """Seasons of each series."""
    lengths = series.raw.lengths
    if period != "auto":
        given = check_periods(period)
        if given and 2 * max(given) > lengths.max():
            raise ValueError(
                f"period={period!r} needs series of two periods at least, "
                f"{2 * max(given)} steps; the longest of X has {lengths.max()}. Use a "
                'shorter period, or None, or "auto".'
            )
    found = []
    for i, calendar in enumerate(series.calendars):
        x = series.raw[i].astype(np.float64)
        found.append(seasons_of(period, calendar, x / unit_of(x)))
    return found


def read_channel(raw, i, c, form, unit=None, least=LEAST):
    """One channel of one series in its unit, with values enough, and the unit."""
    x = raw[i][:, c].astype(np.float64)
    values = x[~np.isnan(x)]
    which = f"series {raw.first + i}" + (f", channel {c}" if raw.n_channels > 1 else "")
    if len(values) < least:
        raise ValueError(
            f"X holds {len(values)} values in {which}, of {len(x)} steps; a forecast needs "
            f"{least} at least."
        )
    if form == "multiplicative" and values.min() <= 0:
        raise ValueError(
            f'form="multiplicative" needs positive values, but X holds {values.min():g} in '
            f'{which}: use form="additive" or "auto".'
        )
    if unit is None:
        unit = unit_of(x)
    elif np.abs(values / unit).max() > BEYOND:
        raise ValueError(
            f"X holds {np.abs(values).max():g} in {which}, so much more than `fit` saw that "
            "squares overflow: scale X as the series of fit were, or call fit with X."
        )
    return x / unit, unit
