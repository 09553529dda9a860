"""Labels that say less than they seem to: dates as text, hours by a clock that is moved."""

import datetime
import re

import numpy as np

from .._readings import warn_reading

__all__ = ["refuse_bare_index", "warn_of_clocks", "warn_of_dates"]

DATE = re.compile(
    r"\d{4}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}[ -]?Q\d|\d{4}[ -]?W\d"
)
MONTH = re.compile(
    r"\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    r"|nov(ember)?|dec(ember)?)\b"
)
DAY = 86400 * 10**9


def refuse_bare_index(x, name):
    """Refuse an index of pandas that comes without values."""
    if hasattr(x, "to_frame") and not hasattr(x, "index") and hasattr(x, "nlevels"):
        raise ValueError(
            f"{name} is a {type(x).__name__}, labels without values: hand over the values with "
            "these labels as their index, pd.Series(values, index=labels)."
        )


def _dated(label):
    if isinstance(label, (datetime.date, np.datetime64)):
        return True
    if not isinstance(label, str):
        return False
    named = MONTH.search(label.lower()) and any(c.isdigit() for c in label)
    return bool(named or DATE.match(label.strip()))


def warn_of_dates(index, name):
    """Say so where the labels of an index look like dates and are none.

    Parameters
    ----------
    index : pandas.Index
        Of one level, not empty.
    name : str
        What messages call the series.
    """
    if not (_dated(index[0]) and _dated(index[-1])):
        return
    what = "text" if isinstance(index[0], str) else f"of type {type(index[0]).__name__}"
    warn_reading(
        f"The rows of {name} are read as consecutive steps without dates: the labels of its index "
        f"are {what}, {index[0]!r} the first, and no DatetimeIndex",
        likely="has dates, which a forecast would carry on and which tell seasons and gaps",
        mend=f"set {name}.index = pd.to_datetime({name}.index)",
        meant=f"hand over {name}.reset_index(drop=True)",
        name=name,
    )


def _offset(zone, label):
    """Nanoseconds that the clocks of a time zone are ahead at a label."""
    from zoneinfo import ZoneInfo

    moment = datetime.datetime.fromtimestamp(label / 10**9, ZoneInfo(zone))
    return int(moment.utcoffset().total_seconds() * 10**9)


def warn_of_clocks(calendar, periods):
    """Say so where the clocks of a time zone are moved within a series with seasons of hours.

    Parameters
    ----------
    calendar : Calendar
        Of the series.
    periods : tuple of int
        Its seasons, in steps.
    """
    if calendar.zone is None or not periods or calendar.after is None:
        return
    if calendar.after - calendar.last >= DAY:
        return
    try:
        looked = np.arange(calendar.first, calendar.last, 7 * DAY, dtype=np.int64).tolist()
        ahead = [_offset(calendar.zone, int(t)) for t in (*looked, calendar.last)]
    except (KeyError, ValueError, OSError):  # no such zone is known: pytz's own, or an offset
        return
    if len(set(ahead)) == 1:
        return
    at = int(np.argmax(np.diff(ahead) != 0))
    week = np.datetime64([*looked, calendar.last][at + 1], "ns").astype("M8[D]")
    if calendar.form.startswith("polars"):
        mend = f"dt.replace_time_zone(None) of {calendar.index_name!r}, means of equal labels"
        utc = f"dt.convert_time_zone('UTC') of {calendar.index_name!r}"
    else:
        step = calendar.step if isinstance(calendar.step, str) else calendar.step.freqstr
        mend = f"X.tz_localize(None).groupby(level=0).mean().asfreq({step!r})"
        utc = "X.tz_convert('UTC')"
    warn_reading(
        f"Seasons of X are counted in steps, but the clocks of {calendar.zone} are moved within "
        f"the series, in the week before {week}: what happens at 8 o'clock is another step of the "
        "season from there on",
        likely="follows the clock",
        mend=f"hand over the times of the clock, {mend}",
        meant=f"hand over {utc}",
    )
