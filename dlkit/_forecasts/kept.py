"""Series of pandas and polars as plain arrays and names, in which fitted estimators are saved."""

import numpy as np

from .._validation import is_frame
from .indices import home_of

__all__ = ["HistoryOfSeries"]


class HistoryOfSeries:
    """Saves the series in ``_history``, one or a list of these, by plain arrays and names.

    Not every format of files knows objects of pandas and polars; nor does a pickle of one version
    of them open in each other.
    """

    def __getstate__(self):
        state = dict(super().__getstate__())
        if "_history" in state:
            history = state["_history"]
            several = isinstance(history, list)
            state["_history"] = [_packed(x) for x in history] if several else _packed(history)
        return state

    def __setstate__(self, state):
        state = dict(state)
        if "_history" in state:
            history = state["_history"]
            several = isinstance(history, list)
            state["_history"] = [_unpacked(x) for x in history] if several else _unpacked(history)
        super().__setstate__(state)


def _packed(x):
    home = home_of(x)
    if home is None:
        return x
    frame = is_frame(x)
    if home == "polars":
        columns = [x[name] for name in x.columns] if frame else [x]
        return {"home": home, "frame": frame, "columns": [_of_polars(c) for c in columns]}
    columns = [x.iloc[:, i] for i in range(x.shape[1])] if frame else [x]
    return {
        "home": home,
        "frame": frame,
        "columns": [(c.name, str(c.dtype), _numbers(c)) for c in columns],
        "index": _of_index(x.index),
        "index_name": x.index.name,
    }


def _unpacked(kept):
    if not isinstance(kept, dict):
        return kept
    if kept["home"] == "polars":
        import polars as pl

        columns = [_polars_column(*c) for c in kept["columns"]]
        return pl.DataFrame(columns) if kept["frame"] else columns[0]
    import pandas as pd

    index = _index(*kept["index"]).rename(kept["index_name"])
    columns = [
        pd.Series(np.array(values), index=index, name=name).astype(dtype)
        for name, dtype, values in kept["columns"]
    ]
    return pd.concat(columns, axis=1) if kept["frame"] else columns[0]


def _numbers(column):
    """Numbers of a column, NaN where values are missing."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
        return column.to_numpy()
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _of_index(index):
    """Kind of an index, its labels as numbers, and what else these need to mean the same."""
    kind = type(index).__name__
    if kind == "RangeIndex":
        return kind, [index.start, index.stop, index.step], {}
    if kind == "PeriodIndex":
        return kind, index.asi8, {"freq": index.freqstr}
    if kind in ("DatetimeIndex", "TimedeltaIndex"):
        more = {"unit": index.unit, "freq": index.freqstr}
        zone = getattr(index, "tz", None)
        return kind, index.asi8, more | {"zone": None if zone is None else str(zone)}
    values = index.to_numpy()
    return "Index", values.tolist() if values.dtype.kind == "O" else values, {}


def _index(kind, labels, more):
    import pandas as pd

    if kind == "RangeIndex":
        return pd.RangeIndex(*labels)
    if kind == "Index":
        return pd.Index(labels)
    if kind == "PeriodIndex":
        return pd.PeriodIndex.from_ordinals(np.array(labels), freq=more["freq"])
    sign = "M8" if kind == "DatetimeIndex" else "m8"
    index = getattr(pd, kind)(np.array(labels).astype(f"{sign}[{more['unit']}]"))
    if more["zone"] is not None:
        index = index.tz_localize("UTC").tz_convert(more["zone"])
    try:
        index.freq = more["freq"]
    except ValueError:  # business days of somebody's own: told from the dates, if they can be
        index.freq = None
    return index


def _of_polars(column):
    kind = str(column.dtype).partition("(")[0]
    unit, zone = (getattr(column.dtype, name, None) for name in ("time_unit", "time_zone"))
    return column.name, kind, unit, zone, column.to_physical().to_numpy()


def _polars_column(name, kind, unit, zone, values):
    import polars as pl

    dtype = pl.Datetime(unit, zone) if kind == "Datetime" else getattr(pl, kind)
    return pl.Series(name, np.array(values)).cast(dtype)
