"""Forecasts from many origins of a series, as they would have been made, beside the truth."""

import inspect

import numpy as np

from .._forecasts.horizon import check_horizon
from .._forecasts.indices import home_of
from .._forecasts.quantiles import check_coverage
from .._params import Integral
from .._validation import is_frame, take
from ._origins import check_forecaster, cloned, members, numbers

__all__ = ["backtest"]


def backtest(
    forecaster,
    series,
    *,
    n_steps,
    n_origins=5,
    stride=None,
    refit=True,
    coverage=0.9,
    covariates=None,
):
    """Forecast from several origins of a series, each time from what was known then.

    The last origin leaves ``n_steps`` steps to compare with, the others lie ``stride`` steps before
    each other.

    Parameters
    ----------
    forecaster : forecaster
        Any object with ``fit(X)`` and ``forecast(n_steps, X=None)``; copies of the forecaster are
        fitted.
    series : array-like or list of array-like
        One series: an array of shape (T,) or (T, C), a Series or a DataFrame; or a list of series,
        which the forecaster is fitted to at once. Origins are counted from the end of each. NaN
        where a value is missing, for a forecaster that takes series with missing values.
    n_steps : int
        Steps ahead.
    n_origins : int, default=5
        Origins.
    stride : int, default=None
        Steps between origins; ``n_steps`` if None, so that forecasts do not overlap.
    refit : bool or int, default=True
        Whether the forecaster is fitted anew at every origin, or at every k-th. If False, the
        forecaster is fitted at the first origin, and carries on what was known at the others
        (``forecast(n_steps, X=...)``, or ``update`` of a :class:`ConformalForecaster`).
    coverage : float or None, default=0.9
        Probability of the intervals in columns ``lower`` and ``upper``, which are there where the
        forecaster has ``forecast_interval``.
    covariates : array-like or list of array-like, default=None
        What is known ahead, for a forecaster that takes ``covariates``: a row for each step of the
        series; a list of tables for a list of series. Each forecast is told those of its own steps.

    Returns
    -------
    frame : pandas.DataFrame, or numpy.recarray where pandas is not installed
        A row for each forecast number, by origin and step. Columns: ``series`` (its number, of a
        list), ``channel`` (its name or number, of several), ``origin`` (how many steps were known),
        ``step`` (1 is the first ahead), ``time`` (label of the step, of a series with an index),
        ``truth`` (NaN where the series is), ``forecast``, ``lower``, ``upper``.

    Raises
    ------
    ValueError
        If the series is too short for so many origins, or has other steps than ``covariates``.

    References
    ----------
    .. [1] Tashman (2000), Out-of-sample tests of forecasting accuracy: an analysis and review,
       International Journal of Forecasting 16(4).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> from dlkit.forecasting import backtest
    >>> x = np.sin(0.3 * np.arange(600))
    >>> found = backtest(ESNForecaster(100, random_state=0), x, n_steps=24, n_origins=3)
    >>> found.columns.tolist()
    ['origin', 'step', 'truth', 'forecast', 'lower', 'upper']
    >>> error = (found.truth - found.forecast).abs().groupby(found.step).mean()
    >>> error.shape, bool(error.max() < 0.01)
    ((24,), True)
    """
    check_forecaster(forecaster)
    n_steps = check_horizon(n_steps)
    n_origins = check_horizon(n_origins, "n_origins")
    stride = n_steps if stride is None else check_horizon(stride, "stride")
    every = _every(refit)
    coverage = None if coverage is None else check_coverage(coverage)
    several, parts = members(series)
    values = [
        numbers(x, f"series[{i}]" if several else "series", missing=True)
        for i, x in enumerate(parts)
    ]
    back = n_steps + stride * np.arange(n_origins)[::-1]
    for i, x in enumerate(values):
        if len(x) < back[0] + 2:
            raise ValueError(
                f"series{f'[{i}]' if several else ''} has {len(x)} steps, but n_steps={n_steps}, "
                f"n_origins={n_origins} and stride={stride} need {back[0] + 2}: use fewer."
            )
    tables = _tables(covariates, several, values, forecaster)
    columns, model = {}, None
    for k, away in enumerate(back):
        known = [take(x, slice(0, len(x) - int(away))) for x in parts]
        given = known if several else known[0]
        fresh = k == 0 or (every and k % every == 0)

        ends = [len(x) - int(away) for x in parts]
        if fresh:
            model = cloned(forecaster).fit(given, **_told(tables, 0, ends, several))
        elif hasattr(model, "update"):
            more = [take(x, slice(len(x) - int(back[k - 1]), len(x) - int(away))) for x in parts]
            model.update(more if several else more[0])
        kept = fresh or hasattr(model, "update")
        beyond = [end + n_steps for end in ends]
        how = _told(tables, ends if kept else 0, beyond, several)
        how |= {} if kept else {"X": given}
        found = _forecasts(model, n_steps, coverage, how)
        found = [one if several else [one] for one in found]
        for i, truth in enumerate(values):
            origin = len(truth) - int(away)
            rows = slice(origin, origin + n_steps)
            each = [numbers(one[i], "forecast") for one in found]
            named = _names(found[0][i], parts[i])
            for c in range(each[0].shape[1]):
                add = columns.setdefault
                if several:
                    add("series", []).append(np.full(n_steps, i))
                if each[0].shape[1] > 1:
                    add("channel", []).append(np.array([named[c]] * n_steps))
                add("origin", []).append(np.full(n_steps, origin))
                add("step", []).append(np.arange(1, n_steps + 1))
                labels = _labels(parts[i], rows)
                if labels is not None:
                    add("time", []).append(labels)
                add("truth", []).append(truth[rows, _place(named[c], parts[i], c)])
                for name, one in zip(("forecast", "lower", "upper"), each, strict=False):
                    add(name, []).append(one[:, c])
    return _table(columns)


def _every(refit):
    """At every which origin to fit anew; 0 for never."""
    if isinstance(refit, (bool, np.bool_)):
        return int(refit)
    if not isinstance(refit, Integral) or refit < 1:
        raise ValueError(f"refit must be True, False or a whole number above 0, got {refit!r}.")
    return int(refit)


def _told(tables, begins, ends, several):
    """Arguments that hand over the covariates of some steps of each series."""
    if tables is None:
        return {}
    begins = np.broadcast_to(begins, len(ends))
    found = [take(x, slice(int(a), int(b))) for x, a, b in zip(tables, begins, ends, strict=True)]
    return {"covariates": found if several else found[0]}


def _tables(covariates, several, values, forecaster):
    """Covariates of each series, a row for each of its steps."""
    if covariates is None:
        return None
    if "covariates" not in inspect.signature(forecaster.fit).parameters:
        raise ValueError(
            f"covariates were given, but {type(forecaster).__name__} takes none: use "
            "SeasonalForecaster, ESNForecaster or NVARForecaster, or leave covariates out."
        )
    tables = list(covariates) if several else [covariates]
    if len(tables) != len(values):
        raise ValueError(
            f"covariates holds {len(tables)} tables for {len(values)} series: hand over a list of "
            "tables, one for each series."
        )
    for i, (table, x) in enumerate(zip(tables, values, strict=True)):
        if not hasattr(table, "__len__") or len(table) != len(x):
            n = len(table) if hasattr(table, "__len__") else repr(table)
            raise ValueError(
                f"covariates{f'[{i}]' if several else ''} has {n} rows, but {len(x)} are needed: "
                "one for each step of the series."
            )
    return [np.asarray(one) if isinstance(one, (list, tuple)) else one for one in tables]


def _forecasts(model, n_steps, coverage, how):
    """Forecast, and bounds where there are any."""
    found = [model.forecast(n_steps, **how)]
    if coverage is not None and hasattr(model, "forecast_interval"):
        found += model.forecast_interval(n_steps, coverage=coverage, **how)
    return found


def _names(forecast, x):
    """Names, or numbers, of the channels of a forecast."""
    if is_frame(forecast):
        names = list(forecast.columns)
        numeric = [n for n in names if getattr(forecast[n].dtype, "is_numeric", lambda: True)()]
        return numeric
    return list(range(numbers(forecast, "forecast").shape[1]))


def _place(name, x, c):
    """Column of the truth that a channel of the forecast is."""
    if is_frame(x) and home_of(x) == "pandas":
        return list(x.columns).index(name)
    return c


def _labels(x, rows):
    """Labels of some steps of a series; None for a series without an index."""
    if home_of(x) == "pandas":
        return x.index[rows]
    if home_of(x) == "polars" and is_frame(x):
        dates = [name for name, dtype in x.schema.items() if dtype.is_temporal()]
        return _zoned(x[dates[0]][rows]) if dates else None
    return None


def _zoned(dates):
    """Dates of polars as an array, or where they have a time zone as an index that has it."""
    zone = getattr(dates.dtype, "time_zone", None)
    found = dates.to_numpy()
    if zone is None:
        return found
    try:
        import pandas as pd
    except ImportError:
        return found
    return pd.DatetimeIndex(found).tz_localize("UTC").tz_convert(zone)


def _table(columns):
    try:
        import pandas as pd
    except ImportError:
        pd = None
    if pd is not None:

        def joined(parts):
            whole = parts[0]
            for part in parts[1:]:
                whole = whole.append(part)
            return whole

        return pd.DataFrame(
            {
                name: joined(parts) if isinstance(parts[0], pd.Index) else np.concatenate(parts)
                for name, parts in columns.items()
            }
        )
    return np.rec.fromarrays(
        [np.concatenate([np.asarray(part) for part in parts]) for parts in columns.values()],
        names=list(columns),
    )
