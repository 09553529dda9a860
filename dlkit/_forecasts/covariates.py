"""Covariates: what is known ahead of the steps to come, such as weather forecasts and holidays.

A model's input at step t is the step itself and the covariates of the steps that it learns to
predict: [x(t), c(t + 1), ..., c(t + H)], H the horizon.
"""

from collections.abc import Sized
from dataclasses import dataclass

import numpy as np

from .._validation import check_array, is_frame, naming, refuse_masked
from .calendar import check_place
from .indices import home_of, read_calendar

__all__ = ["Covariates", "check_given", "read_covariates", "windows"]


@dataclass(frozen=True, eq=False)
class Covariates:
    """What a fitted forecaster keeps of its covariates.

    Attributes
    ----------
    names : tuple of str or None
        Names of the columns; None if they had none.
    shift, scale : ndarray of shape (n_columns,)
        Mean and deviation in training, over all series.
    """

    names: tuple | None
    shift: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, tables, names, *, scaled):
        """What is kept of the tables of all series."""
        rows = np.concatenate(tables)
        shift, scale = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
        if scaled:
            shift, scale = rows.mean(axis=0), rows.std(axis=0)
            scale = np.where(scale > 1e-13 * np.abs(shift), scale, 1.0)
        return cls(names, shift, scale)

    def scaled(self, tables):
        """Tables in model units."""
        return [(table - self.shift) / self.scale for table in tables]


def check_given(covariates, known):
    """Refuse covariates that are missing, or that fit had none of (``known`` is None)."""
    if (covariates is None) != (known is None):
        raise ValueError(
            "covariates are needed, as fit had them: those of the steps to come."
            if covariates is None
            else "covariates were given, but fit had none: use fit(X, covariates=...)."
        )


def read_covariates(covariates, form, calendars, lengths, *, ahead=False, most=None, known=None):
    """Read the covariates of series.

    Parameters
    ----------
    covariates : array-like or list of array-like
        For one series an array of shape (n, K) or (n,), a Series or a DataFrame; for several, a
        list of these, or an array of shape (n_series, n, K).
    form : str
        Form of the series, see :class:`~dlkit.sequences.Sequences`.
    calendars : tuple of Calendar
        Of the series.
    lengths : ndarray of int
        Rows that each table must have.
    ahead : bool, default=False
        Whether the first row is that of the step after the series, not of its first.
    most : ndarray of int, default=None
        Rows that each may have at most; ``lengths`` if None.
    known : Covariates, default=None
        Covariates of ``fit``, to compare with.

    Returns
    -------
    tables : list of ndarray of shape (n_i, K)
    names : tuple of str or None
    """
    single = form in ("series", "series1d")
    if not isinstance(covariates, Sized) or getattr(covariates, "shape", None) == ():
        raise TypeError(
            f"covariates must be an array, a frame, or a list of them, got {covariates!r:.60}."
        )
    given = [covariates] if single or isinstance(covariates, dict) else covariates
    if is_frame(given) or not hasattr(given, "__len__") or len(given) != len(calendars):
        n = len(given) if hasattr(given, "__len__") and not is_frame(given) else 1
        raise ValueError(
            f"covariates holds {n} tables for {len(calendars)} series: hand over a list of tables, "
            "one for each series."
        )
    most, tables, names = lengths if most is None else most, [], None
    for i, (one, calendar) in enumerate(zip(given, calendars, strict=True)):
        name = "covariates" if single else f"covariates[{i}]"
        own, columns, table = _read(one, name)
        if i == 0:
            names = columns if known is None else known.names
        if columns is not None and names is not None and columns != names:
            raise ValueError(
                f"{name} has the columns {list(columns)}, but "
                f"{'those of the first series are' if known is None else 'fit saw'} {list(names)}: "
                "hand over the same columns in the same order."
            )
        n_columns = len(tables[0][0]) if tables else None
        n_columns = n_columns if known is None else len(known.shift)
        if n_columns is not None and table.shape[1] != n_columns:
            raise ValueError(
                f"{name} has {table.shape[1]} columns, but {n_columns} are needed, as in fit."
            )
        if not lengths[i] <= len(table) <= most[i]:
            span = f"{lengths[i]}" if most[i] == lengths[i] else f"{lengths[i]} to {most[i]}"
            of = "one for each step to come" if ahead else "one for each step of X"
            raise ValueError(f"{name} has {len(table)} rows, but {span} are needed: {of}.")
        check_place(own, calendar, ahead, name)
        tables.append(table)
    return tables, names


def _read(one, name):
    if not hasattr(one, "__len__"):
        raise TypeError(f"{name} must hold a row for each step, got {one!r}.")
    if isinstance(one, dict):
        raise TypeError(f"{name} is a dict: hand over pd.DataFrame({name}), a row for each step.")
    if isinstance(one, (list, tuple)):
        one = np.asarray(one)
    calendar, rest = read_calendar(one, name)
    columns = tuple(map(str, calendar.columns)) if home_of(one) is not None else None
    if home_of(rest) is not None and not is_frame(rest):
        rest = rest.to_frame()
    elif np.ndim(rest) == 1:
        refuse_masked(rest, name)
        with naming(name):
            rest = np.asarray(rest).reshape(-1, 1)
    return calendar, columns, check_array(rest, dtype=np.float64, input_name=name)


def windows(table, n, horizon):
    """Covariates of the ``horizon`` steps after each of ``n`` steps, of shape (n, horizon K).

    The first row of the table is that of the first step; what is beyond the table is held at its
    last row.
    """
    at = np.arange(n)[:, None] + np.arange(1, horizon + 1)
    return table[np.minimum(at, len(table) - 1)].reshape(n, -1)
