"""The index of a series of pandas or polars, read into a calendar; disorder is refused."""

from dataclasses import dataclass, replace

import numpy as np

from .._readings import warn_reading
from .._validation import is_frame
from .calendar import FEW, NANOSECONDS, Calendar
from .labels import refuse_bare_index, warn_of_dates

__all__ = ["home_of", "read_calendar"]


def home_of(x):
    """Library that a series is of: "pandas", "polars" or None."""
    home = type(x).__module__.partition(".")[0]
    return home if home in ("pandas", "polars") else None


def read_calendar(x, name="X"):
    """Read the index of one series.

    Parameters
    ----------
    x : array-like
        1-D or 2-D array, Series or DataFrame of pandas or polars. The index of a polars frame is
        its one column of dates, if there is one.
    name : str, default="X"
        What messages call it.

    Returns
    -------
    calendar : Calendar
    x : array-like
        The series, without a column of dates.

    Raises
    ------
    ValueError
        If labels are missing, come twice or are not in order.
    """
    home, n = home_of(x), len(x)
    frame = is_frame(x)
    counted = Calendar("array", np.ndim(x) == 1 and not frame, n=n, last=n - 1, after=n)
    if home is None or not (frame or hasattr(x, "to_frame")):
        return counted, x
    refuse_bare_index(x, name)
    if home == "polars":
        return _read_polars(replace(counted, flat=not frame), x, frame, name)
    columns = tuple(x.columns) if frame else (x.name,)
    form = "pandas frame" if frame else "pandas series"
    own = replace(counted, form=form, flat=not frame, columns=columns, index_name=x.index.name)
    return _read_pandas(own, x.index, name) if n else own, x


def _read_pandas(own, index, name):
    index = _as_pandas_keeps(index)
    kind, rounding = type(index).__name__, 0.0
    if kind == "DatetimeIndex":
        return _read_dates(own, index, name)
    if kind == "PeriodIndex":
        _refuse_missing(index, name, "NaT")
        size = index.freq.n
        _refuse_irregular(np.diff(index.asi8), index, name, usual=size)
        first, last = int(index.asi8[0]), int(index.asi8[-1])
        return replace(
            own, kind="period", first=first, last=last, after=last + size, step=index.freqstr
        )
    if kind == "TimedeltaIndex":
        _refuse_missing(index, name, "NaT")
        labels, kind = index.as_unit("ns").asi8, "span"
    elif getattr(index.dtype, "kind", "O") in "iuf" and index.nlevels == 1:
        _refuse_missing(index, name, "NaN")
        labels, kind = _wide(index.to_numpy()), "number"
        rounding = _rounding(index.to_numpy())
    else:
        if index.nlevels == 1:
            warn_of_dates(index, name)
        return own
    gaps = np.diff(labels)
    if not len(gaps):
        return _one_row(own, index, kind, labels[0].item())
    step = gaps[0]
    allowed = 1e-6 * abs(step) + min(rounding, 0.1 * abs(step))
    regular = np.abs(gaps - step).max(initial=0) <= allowed and step > 0
    if kind == "span":
        _refuse_irregular(gaps, index, name)
    elif not regular:
        _warn_of_rows(gaps, index, name)
        return own
    first, last, step = labels[0].item(), labels[-1].item(), np.asarray(step).item()
    plain = first == 0 and step == 1
    return replace(
        own, kind=kind, first=first, last=last, after=last + step, step=step, plain=plain
    )


def _one_row(own, index, kind, label):
    """Calendar of a single row, whose step only some kinds of index know."""
    step = getattr(index, "step" if kind == "number" else "freq", None)
    if kind == "span" and step is not None:
        step = step.nanos
    plain = label == 0 and step == 1
    own = replace(own, kind=kind, first=label, last=label, after=None, step=step, plain=plain)
    return own if step is None else own.dated()


def _as_pandas_keeps(index):
    """An index of pandas' own kind, where dates or spans of time are kept by Arrow."""
    import pandas as pd

    kind = getattr(index.dtype, "kind", "O")
    if index.nlevels > 1 or kind not in "mM":
        return index
    return pd.DatetimeIndex(index) if kind == "M" else pd.TimedeltaIndex(index)


def _wide(labels):
    """Numbers whose differences neither overflow nor go round below zero."""
    if labels.dtype.kind == "f":
        return labels.astype(np.float64)
    large = labels.dtype == np.uint64 and labels.max() > np.iinfo(np.int64).max
    return labels.astype(np.float64 if large else np.int64)


def _rounding(labels):
    """By how much a gap between two labels may be wrong, since labels are rounded."""
    if labels.dtype.kind != "f":
        return 0.0
    return 4.0 * np.finfo(labels.dtype).eps * float(np.abs(labels).max())


def _refuse_missing(index, name, what):
    if index.hasnans:
        raise ValueError(f"The index of {name} holds {what}: leave these rows out.")


def _warn_of_rows(gaps, index, name):
    at = int(np.argmax(gaps != np.median(gaps)))
    warn_reading(
        f"The rows of {name} are read as consecutive steps of one series, but the numbers of its "
        f"index are not evenly spaced: {index[at]} is followed by {index[at + 1]}",
        likely="is a selection or a shuffled fold of a series, from which nothing of its course "
        "can be learned",
        mend="hand over rows in order, with TimeSeriesSplit in cross-validation, and NaN for "
        "those that are missing",
        meant=f"hand over {name}.reset_index(drop=True)",
        name=name,
    )


def _refuse_disorder(gaps, index, name, mends=None):
    """Refuse labels that come twice or are not in order.

    ``mends`` are the calls that keep one row of each label, and sort rows; those of pandas if None.
    """
    once, sort = mends or (f"{name}.groupby(level=0).mean()", f"{name}.sort_index()")
    if (gaps == 0).any():
        at = int(np.argmax(gaps == 0))
        raise ValueError(
            f"The index of {name} holds {index[at]} twice. For several series hand over a list of "
            "them (dlkit.sequences.from_long splits a long table); for one, keep one row of each "
            f"label: {once}."
        )
    if (gaps < 0).any():
        at = int(np.argmax(gaps < 0))
        raise ValueError(
            f"The index of {name} is not in order: {index[at]} is followed by {index[at + 1]}. "
            f"Hand over {sort}; in cross-validation use TimeSeriesSplit, which does not shuffle. "
            "If rows of several series stand one below the other, hand over a list of these "
            "(dlkit.sequences.from_long splits a long table)."
        )


def _refuse_irregular(gaps, index, name, usual=None):
    """Refuse labels that come twice, are not in order, or are missing."""
    _refuse_disorder(gaps, index, name)
    usual = gaps.min(initial=np.iinfo(np.int64).max) if usual is None else usual
    if (gaps != usual).any():
        at = int(np.argmax(gaps != usual))
        raise ValueError(
            f"The index of {name} has a gap: {index[at]} is followed by {index[at + 1]}. Give "
            f"missing steps as NaN, which forecasters fill: {name}.reindex(...). In "
            "cross-validation of one series use TimeSeriesSplit, whose folds have no gaps."
        )


def _read_dates(own, index, name):
    from pandas.tseries.frequencies import to_offset

    _refuse_missing(index, name, "NaT")
    factor = NANOSECONDS[index.unit]
    labels = index.asi8
    freq = index.freq
    if freq is None and len(index) >= FEW:
        _refuse_disorder(np.diff(labels), index, name)
        freq = _frequency(index)
        if freq is None:
            _explain_dates(index, name)
    elif freq is None or freq.n < 0:
        _refuse_disorder(np.diff(labels), index, name)
    own = replace(
        own, kind="date", unit=index.unit, zone=None if index.tz is None else str(index.tz),
        first=int(labels[0]) * factor, last=int(labels[-1]) * factor, step=None,
    )  # fmt: skip
    if freq is None:
        return replace(own, after=None)
    name = freq.freqstr
    try:
        plain = to_offset(name) == freq
    except ValueError:
        plain = False
    return replace(own, step=name if plain else freq).dated()


def _frequency(index):
    """Offset between evenly spaced dates; None if they are not."""
    import pandas as pd

    return pd.DatetimeIndex(index, freq="infer").freq


def _explain_dates(index, name):
    """Say what keeps dates from being evenly spaced."""
    import pandas as pd

    for start in range(min(len(index) - FEW, 200)):
        freq = _frequency(index[start : start + max(FEW, 5)])
        if freq is None:
            continue
        freq = freq.freqstr
        freq = "B" if freq == "D" and (index.day_of_week < 5).all() else freq
        grid = pd.date_range(index[0], index[-1], freq=freq)
        if index.isin(grid).all():
            missing = grid.difference(index)
            at = index.searchsorted(missing[0])
            raise ValueError(
                f"The index of {name} has gaps: of the {len(grid)} steps of frequency {freq!r} "
                f"from {index[0]} to {index[-1]}, {len(missing)} are missing, the first "
                f"{missing[0]} (after {index[at - 1]}). Give missing steps as NaN, which "
                f"forecasters fill: {name}.asfreq({freq!r}). In cross-validation of one series use "
                "TimeSeriesSplit, whose folds have no gaps."
            )
    gaps = np.diff(index.asi8)
    at = int(np.argmax(gaps != np.median(gaps)))
    raise ValueError(
        f"The dates in the index of {name} are not evenly spaced: {index[at]} is followed by "
        f"{index[at + 1]}. Hand over evenly spaced steps, NaN where there is no value: "
        f"{name}.resample('D').mean(), say. In cross-validation of one series use "
        "TimeSeriesSplit, whose folds have no gaps."
    )


@dataclass(frozen=True)
class Grid:
    """Evenly spaced dates without pandas.

    Attributes
    ----------
    unit : {"ns", "months", "month ends", "business days"}
        What is counted.
    size : int
        How many of these a step takes.
    wall : int, default=None
        The last label by the clocks of a time zone, if steps are even by these alone.
    """

    unit: str
    size: int
    wall: int | None = None

    def ahead(self, last, n):
        """Labels, in nanoseconds, of the ``n`` steps after the one labelled ``last``."""
        date, more = np.datetime64(int(last), "ns"), self.size * np.arange(1, n + 1)
        if self.unit == "ns":
            return int(last) + more
        day = date.astype("M8[D]")
        if self.unit == "business days":
            days = np.busday_offset(day, more)
        else:
            ends = self.unit == "month ends"
            first = day.astype("M8[M]")
            days = (first + more + ends).astype("M8[D]")
            days = days - 1 if ends else days + (day - first.astype("M8[D]"))
        within = date - day.astype("M8[ns]")
        return (days.astype("M8[ns]") + within).astype(np.int64)

    @classmethod
    def of(cls, labels):
        """Grid of dates in nanoseconds; None if they are not evenly spaced."""
        dates = labels.astype("M8[ns]")
        grids = [cls("ns", int(labels[1] - labels[0]))]
        months = dates.astype("M8[M]").astype(np.int64)
        if months[1] > months[0]:
            size = int(months[1] - months[0])
            grids += [cls("months", size), cls("month ends", size)]
        grids.append(cls("business days", 1))
        for grid in grids:
            if grid.unit == "business days" and not np.is_busday(dates.astype("M8[D]")).all():
                continue
            if np.array_equal(grid.ahead(labels[0], len(labels) - 1), labels[1:]):
                return grid
        return None


def _read_polars(own, x, frame, name):
    if not frame:
        return replace(own, form="polars series", columns=(x.name,)), x
    temporal = [c for c, dtype in zip(x.columns, x.dtypes, strict=True) if dtype.is_temporal()]
    dated = [c for c in temporal if str(x[c].dtype).partition("(")[0] in ("Date", "Datetime")]
    if len(temporal) != 1 or not dated or len(x.columns) == 1:
        return replace(own, form="polars frame", columns=tuple(x.columns)), x
    (column,) = dated
    rest, dates = x.drop(column), x[column]
    own = replace(
        own, form="polars frame", columns=tuple(rest.columns), index_name=column,
        place=x.columns.index(column), kind="date", zone=getattr(dates.dtype, "time_zone", None),
        unit=getattr(dates.dtype, "time_unit", "D"), step=None, after=None,
    )  # fmt: skip
    if dates.null_count():
        raise ValueError(f"Column {column!r} of {name} holds null: leave these rows out.")
    if not len(dates):
        return own, rest
    labels = dates.to_numpy().astype("M8[ns]").astype(np.int64)
    own = replace(own, first=int(labels[0]), last=int(labels[-1]))
    gaps = np.diff(labels)
    once = f"{name}.group_by({column!r}).mean().sort({column!r})"
    _refuse_disorder(gaps, dates, f"{name}[{column!r}]", (once, f"{name}.sort({column!r})"))
    if len(labels) < FEW:
        return own, rest
    grid = Grid.of(labels)
    if grid is None and own.zone is not None:  # days of a zone with summer time
        wall = dates.dt.replace_time_zone(None).to_numpy().astype("M8[ns]").astype(np.int64)
        found = Grid.of(wall)
        grid = None if found is None else replace(found, wall=int(wall[-1]))
    if grid is None:
        at = int(np.argmax(gaps != np.median(gaps)))
        raise ValueError(
            f"The dates in {name}[{column!r}] are not evenly spaced: {dates[at]} is followed by "
            f"{dates[at + 1]}. Give missing steps as NaN, which forecasters fill: "
            f"{name}.upsample({column!r}, every=...). In cross-validation of one series use "
            "TimeSeriesSplit, whose folds have no gaps."
        )
    return replace(own, step=grid).dated(), rest
