"""DataFrames of sequences: what they are, and what is refused in them.

Nothing here imports pandas or polars before a caller has handed over one of their frames.
"""

import re

import numpy as np

from ._validation import is_frame

__all__ = [
    "framed",
    "is_frame",
    "is_nested",
    "is_table",
    "likely_columns",
    "same_columns",
]

IDS = re.compile(
    r"(.*[\W_])?(u?ids?)|(series|sequence|case|subject|instance|group|item|trial|unit)s?"
    r"([\W_]*(no|nr|num|number|index))?",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"(.*[\W_])?(t|time|times|timestamp|timepoint|step|date|datetime)", re.IGNORECASE
)
LEAST_TIMES = 8  # rows, for a column that grows to count as time
CALENDAR = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*",
    re.IGNORECASE,
)


def framed(values, like):
    """Values of shape (n_rows, n_columns), in a frame with the columns of ``like`` if it is one."""
    if not is_frame(like):
        return values
    how = {"columns": like.columns} if hasattr(like, "iloc") else {"schema": list(like.columns)}
    return type(like)(values, **how)


def is_cell(value):
    """Whether an entry of a table is an array, a Series or a list itself."""
    return np.ndim(value) > 0 and not isinstance(value, (str, bytes))


def is_table(X):
    """Whether X is a list of lists of numbers."""
    return (
        isinstance(X, (list, tuple))
        and len(X) > 0
        and all(isinstance(x, (list, tuple)) and not any(map(is_cell, x[:1])) for x in X)
    )


def is_nested(X):
    """Whether X is a table (a frame, or an object array) each of whose cells is a series."""
    if is_frame(X) and hasattr(X, "iloc") and len(X):
        objects = (i for i, dtype in enumerate(X.dtypes) if dtype.kind == "O")
        return any(is_cell(X.iloc[0, i]) for i in objects)
    return isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 2 and is_cell(X.flat[0])


def same_columns(members, name):
    """Raise unless all frames among the members of a list have the same columns in one order."""
    first = None
    for i, x in enumerate(members):
        if is_frame(x):
            columns = list(x.columns)
            if first is None:
                first, of = columns, i
            elif columns != first:
                raise ValueError(
                    f"Sequence {i} of {name} has the columns {columns}, sequence {of} has {first}: "
                    f"give all the same columns in the same order, as "
                    f"[x[list({name}[{of}].columns)] for x in {name}] does."
                )


def likely_columns(frame, *, rows):
    """What in a frame's columns says that the frame is a long table, or that rows are steps.

    Parameters
    ----------
    frame : DataFrame
        Of pandas or polars, to be read as one series or as many, a row each.
    rows : {"sequences", "steps"}
        As what its rows are to be read.

    Returns
    -------
    found : tuple of (str, str) or None
        What the frame probably is, and what to do then, as of ``warn_reading``; None if nothing
        speaks against the reading.
    """
    names = [c for c in frame.columns if isinstance(c, str)]
    series = "[X]" if rows == "sequences" else "X"
    times = [c for c in names if TIMES.fullmatch(c)]
    for column in names:
        if not IDS.fullmatch(column):
            continue
        if 1 < len(np.unique(np.asarray(frame[column]))) <= len(frame) / 2:
            how = f"X, id={column!r}, time={next(iter(times), None)!r}"
            return (
                "is a long table, a row for each step of several series",
                f"hand over dlkit.sequences.from_long({how})",
            )
    for column in times:
        values = np.asarray(frame[column])
        if len(values) >= LEAST_TIMES and (values[1:] > values[:-1]).all():
            return (
                f"has a row for each step, and its time in the column {column!r}",
                f"leave this column out of X and hand over {series}",
            )
    if rows == "sequences" and 1 < len(names) == frame.shape[1] and len(frame) >= 2 * len(names):
        as_steps = [re.search(r"\d", c) or CALENDAR.fullmatch(c) for c in names]
        if not any(as_steps):
            return (
                "has a row for each step, and a column for each channel",
                "hand over [X], or dlkit.sequences.from_long(X, id=...) if a column says which "
                "series a row is of",
            )
    return None
