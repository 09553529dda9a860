"""When the steps of a series are: its index, carried on into the future.

A calendar holds plain numbers and names, no objects of pandas or polars, which are imported where a
series of theirs is read or answered. Labels of steps are compared as integers (nanoseconds of a
date, number of a period) or as the numbers they are.
"""

from dataclasses import dataclass, field, replace

import numpy as np

__all__ = ["Calendar", "check_place"]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
FEW = 3  # steps from which a frequency is told


@dataclass(frozen=True)
class Calendar:
    """The index of one series, and the form the series came in.

    Attributes
    ----------
    form : {"array", "pandas series", "pandas frame", "polars series", "polars frame"}
        What the series was.
    flat : bool
        Whether it had no axis of channels.
    kind : {"count", "number", "span", "date", "period"}
        What the labels are. Steps without labels that mean anything are counted.
    n : int
        Steps.
    first, last, after : int or float
        Labels of the first step, the last, and the one to come; None if that is not known.
    step : int, float, str or offset, default=1
        From a label to the next; None if it is not known.
    unit, zone : str, default=None
        Resolution and time zone of dates.
    columns : tuple, default=()
        Names of the channels, of a frame; of a series its name alone.
    index_name : object, default=None
        Name of the index, or of the column of a polars frame that holds it.
    place : int, default=None
        Where that column stands; None if there is none.
    """

    form: str = "array"
    flat: bool = False
    kind: str = "count"
    n: int = 0
    first: object = 0
    last: object = -1
    after: object = 0
    step: object = 1
    unit: str | None = None
    zone: str | None = None
    columns: tuple = ()
    index_name: object = None
    place: int | None = None
    plain: bool = field(default=True, kw_only=True)

    @property
    def family(self):
        """Labels of one family can be compared."""
        return "number" if self.kind == "count" else self.kind

    @property
    def telling(self):
        """Whether the labels say when the steps are: those that merely count from 0 do not."""
        return not (self.kind == "count" or (self.kind == "number" and self.plain))

    def follows(self, other):
        """Where the steps begin: at the "start" of another series, right "after" it, "elsewhere".

        None if the labels do not say.
        """
        if not self.telling or self.family != other.family:
            return None
        if self.first == other.first:
            return "start"
        after = self.first == other.after and not self._strides(other)
        return "after" if after else "elsewhere"

    def _strides(self, other):
        """Whether labels that begin after another calendar go on in other steps than that one."""
        if self.n < 2 or self.kind != other.kind or self.step == other.step:
            return False
        ends = other.label_after(self.n)
        return ends is not None and not other.has_at(ends, self.last, self)

    def like(self, other):
        """The calendar, with the frequency of another if its own steps are too few to tell."""
        if self.step is not None or other is None or not self.n:
            return self
        step = other.step if self.family == other.family else None
        if step is None and self.kind == "number":
            step = 1
        return self if step is None else replace(self, step=step).dated()

    def dated(self):
        """The calendar with the label of the step to come, of a step that is known."""
        if self.kind != "date":
            step = _periods(self.step) if self.kind == "period" else self.step
            return replace(self, after=self.last + step)
        if self.form.startswith("polars"):
            ahead = _polars_future(self, 1).to_numpy().astype("M8[ns]").astype(np.int64)
            return replace(self, after=int(ahead[0]))
        ahead = self.future(1)
        return replace(self, after=int(ahead.asi8[0]) * NANOSECONDS[self.unit])

    def joined(self, later):
        """Calendar of a series and the stretch of it that came next."""
        if self.n == 1 and self.step is None and self.kind == later.kind != "date":
            self = replace(self, step=later.first - self.last)
        later = later.like(self)
        n = self.n + later.n
        if later.telling or self.family != "number":
            return replace(later, first=self.first, n=n, plain=self.plain)
        last = self.last + later.n * self.step
        return replace(self, n=n, last=last, after=last + self.step)

    def future(self, n):
        """Labels of the ``n`` steps to come: an index of pandas, or a Series of polars; or None.

        None stands for an array's, which has no labels.
        """
        if self.form == "array" or (self.form.startswith("polars") and self.place is None):
            return None
        if self.step is None:
            raise ValueError(
                f"X has {self.n} steps, and {FEW} are needed to tell the frequency of its dates. "
                "With pandas, set the frequency: X.asfreq('D'), or X.index.freq = 'D'."
            )
        if self.form.startswith("polars"):
            return _polars_future(self, n)
        import pandas as pd

        if self.kind == "period":
            ahead = self.last + _periods(self.step) * np.arange(1, n + 1)
            return pd.PeriodIndex.from_ordinals(ahead, freq=self.step, name=self.index_name)
        if self.kind == "date":
            dates = pd.date_range(_stamp(self, self.last), periods=n + 1, freq=self.step)[1:]
            return dates.as_unit(self.unit).rename(self.index_name)
        if self.kind == "span":
            ahead = (self.after + self.step * np.arange(n)).astype(np.int64)
            return pd.TimedeltaIndex(ahead.astype("m8[ns]"), name=self.index_name)
        if isinstance(self.after, int) and isinstance(self.step, int):
            stop = self.after + n * self.step
            return pd.RangeIndex(self.after, stop, self.step, name=self.index_name)
        return pd.Index(self.after + self.step * np.arange(n), name=self.index_name)

    def label_after(self, n):
        """Label of the n-th step after the last one, of labels that tell; None if not known."""
        if n == 0 or self.step is None:
            return self.last if n == 0 else None
        ahead = self.future(n)
        if self.kind == "number":
            return ahead[-1]
        if self.form.startswith("polars"):
            return int(ahead.to_numpy().astype("M8[ns]").astype(np.int64)[-1])
        return int((ahead if self.kind == "period" else ahead.as_unit("ns")).asi8[-1])

    def has_at(self, label, other, theirs):
        """Whether a label is that of the same step as another, which is of the calendar ``theirs``.

        A date is within a period, by the clocks of its time zone. Labels that cannot be compared
        are taken for the same.
        """
        if self.kind == theirs.kind == "period" and self.step != theirs.step:
            return self._period(label) == theirs._period(other)
        if self.family == theirs.family:
            return abs(label - other) <= (
                1e-6 * abs(self.step or 0) if self.kind == "number" else 0
            )
        if self.kind == "period" and theirs.kind == "date":
            period = self._period(label)
            return period.start_time <= theirs._clock(other) <= period.end_time
        if self.kind == "date" and theirs.kind == "period":
            return theirs.has_at(other, label, self)
        return True

    def said(self, label):
        """A label as messages show it."""
        if self.kind == "period":
            return str(self._period(label))
        if self.kind == "date":
            if self.zone is not None:
                return f"{self._clock(label)} of {self.zone}"
            shown = str(np.datetime64(int(label), "ns")).replace("T", " ")
            return shown.removesuffix(".000000000").removesuffix(" 00:00:00")
        return str(np.timedelta64(int(label), "ns") if self.kind == "span" else label)

    def _period(self, label):
        import pandas as pd

        return pd.Period(ordinal=int(label), freq=self.step)

    def _clock(self, label):
        """Date of pandas without a time zone, as clocks of the zone show it."""
        import pandas as pd

        stamp = pd.Timestamp(np.datetime64(int(label), "ns"))
        if self.zone is None:
            return stamp
        return stamp.tz_localize("UTC").tz_convert(self.zone).tz_localize(None)

    def answer(self, values, columns=slice(None)):
        """Steps to come, in the form of the series.

        Parameters
        ----------
        values : ndarray of shape (n_steps, n_columns)
            The steps.
        columns : slice or ndarray of int, default=slice(None)
            Which channels of the series these are.
        """
        if self.flat:
            values = values[:, 0]
        if self.form == "array":
            return values
        index = self.future(len(values))
        if self.form == "pandas series":
            import pandas as pd

            return pd.Series(values, index=index, name=self.columns[0])
        names = np.empty(len(self.columns), dtype=object)
        names[:] = self.columns
        names = list(names[columns])
        if self.form == "pandas frame":
            import pandas as pd

            return pd.DataFrame(values, index=index, columns=names)
        import polars as pl

        if self.form == "polars series":
            return pl.Series(self.columns[0], values)
        frame = pl.DataFrame(values, schema=names)
        return frame if index is None else frame.insert_column(self.place, index)


def check_place(own, calendar, ahead, name, mend="hand over the rows of the same steps"):
    """Refuse a table, or the next stretch of a series, whose index says it is of other steps.

    Parameters
    ----------
    own : Calendar
        Of what is checked.
    calendar : Calendar
        Of the series that it goes with.
    ahead : bool
        Whether it begins after the series, and not with it.
    name : str
        What messages call it.
    mend : str
        What to do then.
    """
    begins = calendar.after if ahead else calendar.first
    if not (own.telling and calendar.telling) or begins is None:
        return
    if not calendar.has_at(begins, own.first, own):
        what = "the step after the series" if ahead else "the first step of X"
        raise ValueError(
            f"The index of {name} does not begin at {what}, {calendar.said(begins)}, but at "
            f"{own.said(own.first)}: {mend}."
        )
    beyond = own.n if ahead else own.n - calendar.n
    alike = own.kind == calendar.kind and own.step is not None and own.step == calendar.step
    ends = calendar.label_after(beyond) if own.n > 1 and beyond >= 0 and not alike else None
    if ends is not None and not calendar.has_at(ends, own.last, own):
        raise ValueError(
            f"The index of {name} has other steps than the series: row {own.n - 1} is at "
            f"{own.said(own.last)}, but that step of the series is at {calendar.said(ends)}: "
            f"{mend}."
        )


def _periods(step):
    """How many of the periods that are counted one step takes, as two months of "2M"."""
    import pandas as pd

    return pd.Period(ordinal=0, freq=step).freq.n


def _stamp(calendar, label):
    """Date of pandas."""
    import pandas as pd

    unit = NANOSECONDS[calendar.unit]
    stamp = pd.Timestamp(np.datetime64(label // unit, calendar.unit))
    return stamp if calendar.zone is None else stamp.tz_localize("UTC").tz_convert(calendar.zone)


def _polars_future(calendar, n):
    import polars as pl

    wall = calendar.step.wall
    dates = calendar.step.ahead(calendar.last if wall is None else wall, n).astype("M8[ns]")
    found = pl.Series(calendar.index_name, dates)
    if wall is not None:
        return found.dt.cast_time_unit(calendar.unit).dt.replace_time_zone(calendar.zone)
    if calendar.unit == "D":
        return found.cast(pl.Date)
    found = found.dt.cast_time_unit(calendar.unit)
    if calendar.zone is None:
        return found
    return found.dt.replace_time_zone("UTC").dt.convert_time_zone(calendar.zone)
