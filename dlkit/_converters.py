"""Converters of tables, panels and nested frames that hold many sequences, and back.

Nothing here imports pandas or polars before a caller has handed over one of their frames.
"""

import re

import numpy as np

from ._announce import warn
from ._frames import IDS, TIMES, framed, same_columns
from ._validation import is_frame, naming, refuse_masked, take
from .exceptions import ReadingWarning

__all__ = [
    "from_channels_first",
    "from_long",
    "from_nested",
    "from_panel",
    "to_long",
    "to_panel",
]


def _gone(column):
    """Which entries of a column, or labels of an index, are missing."""
    if hasattr(column, "isna"):
        return np.asarray(column.isna())
    gone = column.is_null()
    return np.asarray(gone | column.is_nan().fill_null(True) if column.dtype.is_float() else gone)


def _sortable(column):
    """Values of a column, or labels of an index, that are sorted as the steps are."""
    categories = getattr(column, "cat", column)  # an index has them itself
    if getattr(categories, "ordered", False):
        return np.asarray(categories.codes)
    if type(getattr(column, "dtype", None)).__name__ == "Enum":
        return np.asarray(column.to_physical())
    return np.asarray(column)


def _check_times(column, name):
    """Refuse times that are missing, and text that is not sorted as the times it stands for."""
    gone = _gone(column)
    if gone.any():
        raise ValueError(
            f"time: {name} has no value in row {int(np.argmax(gone))}, so that the place of the "
            "row is not known. Leave such rows out, or fill in their times."
        )
    times = _sortable(column)
    if times.dtype.kind not in "OUT" or not all(isinstance(t, str) for t in times.tolist()):
        return
    times = times.tolist()
    forms = {re.sub(r"\d", "0", t) for t in times}
    runs = re.findall("0+", next(iter(forms))) if len(forms) == 1 else []
    if times and not (len(runs) == 1 or (len(runs) > 1 and len(runs[0]) == 4)):
        raise ValueError(
            f"time: {name} holds text, {times[0]!r} the first, which is sorted by letters, '10' "
            "before '9'. Turn text into dates or numbers first, by pd.to_datetime or "
            "pd.to_numeric of pandas."
        )


@naming("df")
def from_long(df, *, id="id", time="time", target=None):
    """Read the sequences of a long table, in which a column says which sequence a row is of.

    Parameters
    ----------
    df : DataFrame
        Of pandas or polars: a row for each step, a column for each channel, and those named below.
    id : str or list of str, default="id"
        Column, or columns, that say which sequence a row is of.
    time : str or None, default="time"
        Column by which the steps of each sequence are sorted; they stay in the order of the rows
        if None.
    target : str, default=None
        Column with the target of a whole sequence, the same in all of its rows.

    Returns
    -------
    X : list of DataFrame
        The sequences, in the order in which they first appear, with the channels as columns and,
        in pandas, ``time`` as index.
    y : ndarray of shape (n_sequences,)
        Targets of the sequences; only with ``target``.

    Raises
    ------
    ValueError
        If there is no such column, an id or a time is missing, times are text that is not sorted
        as times are, a sequence has two rows at one time, or two targets.

    See Also
    --------
    to_long : The other way round.

    References
    ----------
    .. [1] Wickham (2014), Tidy data, Journal of Statistical Software 59(10).

    Examples
    --------
    >>> import pandas as pd
    >>> from dlkit.sequences import from_long
    >>> df = pd.DataFrame(
    ...     {"id": [7, 7, 3, 3, 3], "t": [1, 0, 0, 1, 2], "u": [2.0, 1.0, 5.0, 6.0, 7.0]}
    ... )
    >>> [x["u"].tolist() for x in from_long(df, id="id", time="t")]
    [[1.0, 2.0], [5.0, 6.0, 7.0]]
    """
    if not is_frame(df):
        raise TypeError(
            f"df must be a DataFrame, of pandas or polars; got {type(df).__name__}. Lists and "
            "arrays are sequences as they are."
        )
    ids = list(id) if isinstance(id, (list, tuple)) else [id]
    others = [c for c in (time, target) if c is not None]
    for column in [*ids, *others]:
        if column not in df.columns:
            raise ValueError(
                f"df has no column {column!r}, it has {list(df.columns)}: say by id= which tells "
                "sequences apart, and by time= which orders steps (None if their order is right)."
            )
    twice = {str(c) for c in df.columns if list(df.columns).count(c) > 1}
    if twice:
        raise ValueError(f"df has columns of the same name: {sorted(twice)}. Rename them.")
    for column in ids:
        if _gone(df[column]).any():
            raise ValueError(
                f"id: rows of df have no value in {column!r}, so they are of no sequence. Leave "
                "these rows out."
            )
    if hasattr(df, "partition_by"):
        parts = df.partition_by(ids, maintain_order=True)
    else:
        parts = [part for _, part in df.groupby(ids, sort=False, observed=True)]
    if time is not None:
        _check_times(df[time], f"df[{time!r}]")
    X, y = [], []
    for i, part in enumerate(parts):
        if time is not None:
            times = _sortable(part[time])
            order = np.argsort(times, kind="stable")
            if (times[order[1:]] == times[order[:-1]]).any():
                raise ValueError(f"time: two rows of sequence {i} of df have the same {time!r}.")
            part = take(part, order)
        if target is not None:
            found = np.unique(np.asarray(part[target]))
            if len(found) > 1:
                raise ValueError(
                    f"target: sequence {i} of df has several values of {target!r}, {found[:3]}, "
                    "...: only a target of the whole sequence can be read. Leave target out, and "
                    "split a column with a target for each step off the sequences."
                )
            y.append(found[0])
        if time is not None and hasattr(part, "set_index"):
            part = part.set_index(time)
        X.append(part[[c for c in part.columns if c not in (*ids, *others)]])
    return X if target is None else (X, np.array(y))


def from_panel(panel):
    """Read the sequences of a pandas frame with a MultiIndex (sequence, time).

    Parameters
    ----------
    panel : DataFrame or Series
        A row for each step, a column for each channel. The last level of the index is the time,
        those before say which sequence a row is of.

    Returns
    -------
    X : list of DataFrame
        The sequences, in the order in which they first appear, each sorted by time.

    Raises
    ------
    ValueError
        If the index of ``panel`` has a single level, or labels that are missing or come twice.

    See Also
    --------
    to_panel : The other way round.

    References
    ----------
    .. [1] Wickham (2014), Tidy data, Journal of Statistical Software 59(10).
    .. [2] McKinney (2010), Data structures for statistical computing in Python, SciPy.

    Examples
    --------
    >>> import pandas as pd
    >>> from dlkit.sequences import from_panel
    >>> index = pd.MultiIndex.from_tuples([("a", 0), ("a", 1), ("b", 0)])
    >>> [x["u"].tolist() for x in from_panel(pd.DataFrame({"u": [1.0, 2.0, 3.0]}, index=index))]
    [[1.0, 2.0], [3.0]]
    """
    n_levels = getattr(getattr(panel, "index", None), "nlevels", 1)
    if n_levels < 2:
        raise ValueError(
            "panel must be a pandas frame with a MultiIndex of at least two levels, sequence and "
            f"time; got {type(panel).__name__} with {n_levels} level(s)."
        )
    panel = panel if is_frame(panel) else panel.to_frame()
    before = list(range(n_levels - 1))
    for level in before:
        if _gone(panel.index.get_level_values(level)).any():
            raise ValueError(
                f"panel has rows without a label in level {level} of its index, so they are of no "
                "sequence. Leave these rows out."
            )
    _check_times(panel.index.get_level_values(-1), "the last level of the index of panel")
    if panel.index.has_duplicates:
        at = panel.index[panel.index.duplicated()][0]
        raise ValueError(
            f"panel has two rows labelled {at}: keep one row of each sequence and time, by "
            "panel.groupby(level=list(range(panel.index.nlevels))).mean(), say."
        )
    names = [str(name) for name in panel.index.names]
    if IDS.fullmatch(names[-1]) and any(map(TIMES.fullmatch, names[:-1])):
        warn(
            f"panel has the index levels {names}, of which the last is read as the time. More "
            f"probably {names[-1]!r} says which sequence a row is of: then hand over "
            "panel.swaplevel(). If the reading is right, rename the levels.",
            ReadingWarning,
        )
    parts = (
        part.droplevel(before) for _, part in panel.groupby(level=before, sort=False, observed=True)
    )
    return [
        part
        if part.index.is_monotonic_increasing
        else take(part, np.argsort(_sortable(part.index)))
        for part in parts
    ]


@naming("X")
def from_channels_first(X):
    """Bring sequences with their channels first, ``(C, T)`` each, into the form used here.

    The function is its own inverse.

    Parameters
    ----------
    X : array of shape (n, C, T), list of array of shape (C, T_i), or array of shape (C, T)
        A batch, as aeon, tsai and PyTorch have it; or a single series.

    Returns
    -------
    X : array of shape (n, T, C), list of array of shape (T_i, C), or array of shape (T, C)
        Arrays are views.

    Raises
    ------
    ValueError
        If X is no list and has other than two or three axes.

    References
    ----------
    .. [1] Middlehurst et al. (2024), aeon: a Python toolkit for learning from time series, Journal
       of Machine Learning Research 25, arXiv:2406.14231.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.sequences import from_channels_first
    >>> from_channels_first(np.zeros((20, 3, 100))).shape
    (20, 100, 3)
    """
    if isinstance(X, (list, tuple)):
        return [(x if hasattr(x, "T") else np.asarray(x)).T for x in X]
    refuse_masked(X, "X")
    X = np.asarray(X)
    if X.ndim not in (2, 3):
        raise ValueError(
            f"X must be of shape (n, C, T) or (C, T), or a list of (C, T) arrays; got {X.shape}."
        )
    return np.swapaxes(X, -1, -2)


@naming("X")
def from_nested(X):
    """Read sequences from a table whose cells are series: a row a sequence, a column a channel.

    Parameters
    ----------
    X : DataFrame of pandas, or object array, of shape (n, C)
        sktime's nested form. The cells of a row have the same length.

    Returns
    -------
    X : list of DataFrame, or list of array of shape (T_i, C)
        The sequences, with the channels as columns.

    Raises
    ------
    ValueError
        If the channels of a sequence differ in length.

    References
    ----------
    .. [1] Löning et al. (2019), sktime: a unified interface for machine learning with time series,
       arXiv:1909.07872.

    Examples
    --------
    >>> import pandas as pd
    >>> from dlkit.sequences import from_nested
    >>> X = pd.DataFrame({"a": [[1.0, 2.0], [3.0]], "b": [[4.0, 5.0], [6.0]]})
    >>> from_nested(X)[0].to_numpy().tolist()
    [[1.0, 4.0], [2.0, 5.0]]
    """
    parts = []
    for i, cells in enumerate(np.asarray(X)):
        arrays = [np.atleast_1d(np.asarray(cell)) for cell in cells]
        lengths = [len(a) for a in arrays]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"Sequence {i} of X has channels of the lengths {lengths}; the channels of a "
                "sequence must have the same number of steps."
            )
        _warn_of_steps(cells, i)
        parts.append(np.column_stack(arrays))
    return [framed(part, X) for part in parts]


def _warn_of_steps(cells, i):
    """Warn where the channels of a sequence are Series whose indices say other steps."""
    indices = [cell.index for cell in cells if hasattr(getattr(cell, "index", None), "equals")]
    other = next((one for one in indices if not one.equals(indices[0])), None)
    if other is not None:
        at = int(np.argmax(np.asarray(other != indices[0])))
        warn(
            f"Sequence {i} of X has channels that are read side by side, but their indices differ: "
            f"step {at} is {indices[0][at]} in one and {other[at]} in another. More probably the "
            "channels begin at other times: then align them, as pd.concat(channels, axis=1) does. "
            "If the reading is right, reset the index of each.",
            ReadingWarning,
        )


@naming("X")
def to_panel(X, columns=None, *, names=("sequence", "time")):
    """Write sequences into one pandas frame with a MultiIndex (sequence, time).

    Parameters
    ----------
    X : list of array-like, or array of shape (n, T, C) or (n, T)
        Sequences. Frames keep their columns, and their index as the time; the steps of others are
        counted from 0.
    columns : list of str, default=None
        Names of the channels that have none; c0, c1, ... if None.
    names : tuple of str, default=("sequence", "time")
        Names of the two levels.

    Returns
    -------
    panel : DataFrame
        A row for each step.

    Raises
    ------
    ImportError
        If pandas is not installed.

    See Also
    --------
    from_panel : The other way round.

    References
    ----------
    .. [1] Wickham (2014), Tidy data, Journal of Statistical Software 59(10).
    .. [2] McKinney (2010), Data structures for statistical computing in Python, SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.sequences import to_panel
    >>> to_panel([np.zeros((3, 2)), np.ones((1, 2))]).shape
    (4, 2)
    """
    import pandas as pd

    X = np.asarray(X) if is_frame(X) else X
    refuse_masked(X, "X")
    if isinstance(X, (list, tuple)):
        same_columns(X, "X")
    frames = []
    for i, x in enumerate(X):
        if not is_frame(x):
            refuse_masked(x, f"X[{i}]")
            values = np.asarray(x)
            values = values.reshape(len(values), -1)
            x = pd.DataFrame(values, columns=columns)
            x = x.add_prefix("c", axis=1) if columns is None else x
        elif not hasattr(x, "iloc"):
            x = pd.DataFrame(np.asarray(x), columns=x.columns)
        if frames and list(x.columns) != list(frames[0].columns):
            raise ValueError(
                f"Sequence {i} of X has the channels {list(x.columns)}, sequence 0 has "
                f"{list(frames[0].columns)}: all need the same."
            )
        frames.append(x)
    return pd.concat(frames, keys=range(len(frames)), names=list(names))


def to_long(X, columns=None, *, id="id", time="time"):
    """Write sequences into one long pandas table: a row for each step.

    Parameters
    ----------
    X : list of array-like, or array of shape (n, T, C) or (n, T)
        Sequences, as :func:`to_panel` takes them.
    columns : list of str, default=None
        Names of the channels that have none; c0, c1, ... if None.
    id, time : str, default="id", "time"
        Columns for the number of the sequence, and for the step.

    Returns
    -------
    df : DataFrame
        A row for each step.

    Raises
    ------
    ImportError
        If pandas is not installed.

    See Also
    --------
    from_long : The other way round.

    References
    ----------
    .. [1] Wickham (2014), Tidy data, Journal of Statistical Software 59(10).

    Examples
    --------
    >>> from dlkit.sequences import to_long
    >>> to_long([[1.0, 2.0], [5.0]]).to_numpy().tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1.0, 0.0, 5.0]]
    """
    return to_panel(X, columns, names=(id, time)).reset_index()
