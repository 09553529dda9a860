"""Forecasts from many steps of a series, by any forecaster, and series in the form they came in."""

import inspect
from copy import deepcopy

import numpy as np
from sklearn.base import clone

from .._forecasts.horizon import check_horizon
from .._forecasts.indices import home_of, read_calendar
from .._validation import check_array, first_wild, is_frame, naming, refuse_masked, take
from ..sequences import members_of

__all__ = [
    "FORECAST",
    "PREDICTION",
    "added",
    "ahead_from",
    "carries",
    "check_forecaster",
    "cloned",
    "joined",
    "members",
    "numbers",
    "one_step",
    "shaped",
]

# what a forecaster's answers are called, should they not be finite
FORECAST, PREDICTION = "forecaster.forecast(n_steps)", "forecaster.predict(X)"


def check_forecaster(forecaster, name="forecaster", methods=("fit", "forecast"), optional=False):
    """Refuse what cannot forecast; None passes where a forecaster is ``optional``."""
    if optional and forecaster is None:
        return
    missing = [method for method in methods if not callable(getattr(forecaster, method, None))]
    if missing or isinstance(forecaster, type):
        what = f"the class {forecaster.__name__}" if isinstance(forecaster, type) else forecaster
        raise TypeError(
            f"{name} must be {'None or ' if optional else ''}a forecaster, with fit(X) and "
            f"forecast(n_steps, X=None), as ESNForecaster() is; got {what!r}"
            + (f", which lacks {missing}." if not isinstance(forecaster, type) else ".")
        )


def members(X):
    """Whether X holds several series, and these."""
    found = members_of(X, "X", "steps")
    if found is not None:
        return True, list(found)
    if isinstance(X, np.ndarray) and X.ndim == 3:
        return True, list(X)
    return False, [np.asarray(X) if isinstance(X, (list, tuple)) else X]


def cloned(forecaster):
    """An unfitted copy; of a forecaster that is no scikit-learn estimator, a copy of it all."""
    return clone(forecaster) if hasattr(forecaster, "get_params") else deepcopy(forecaster)


def numbers(x, name="X", missing=False):
    """Numbers of one series, of shape (T, C), float64; NaN only where values may be missing."""
    with naming(name):
        _, x = read_calendar(x, name)
    if home_of(x) is not None and not is_frame(x):
        x = x.to_frame()
    if np.ndim(x) == 1:
        refuse_masked(x, name)
        with naming(name):
            x = np.asarray(x).reshape(-1, 1)
    x = check_array(
        x, dtype=np.float64, input_name=name, ensure_min_samples=0, ensure_all_finite="allow-nan"
    )
    gone = np.isnan(x).any(axis=1)
    if gone.any() and not missing:
        raise ValueError(
            f"{name} contains NaN in step {int(np.argmax(gone))}, and every step is needed here, "
            "to be held against its forecast. Fill the gaps, by interpolation say; ESNForecaster "
            "and SeasonalForecaster take series with gaps."
        )
    return x


def shaped(values, like):
    """Numbers of shape (n_steps, C) in the form of a forecast."""
    home = home_of(like)
    if home is None:
        like = np.asarray(like)
        kept = like.dtype if like.dtype.kind == "f" else np.float64
        return values.reshape(like.shape).astype(kept)
    if home == "pandas":
        if is_frame(like):
            return type(like)(values, index=like.index, columns=like.columns)
        return type(like)(values[:, 0], index=like.index, name=like.name)
    if not is_frame(like):
        return type(like)(like.name, values[:, 0])
    free = [name for name, dtype in like.schema.items() if dtype.is_numeric()]
    return like.with_columns(
        **{
            name: type(like[name])(name, column)
            for name, column in zip(free, values.T, strict=True)
        }
    )


def joined(history, new, name="X"):
    """A series and the steps that follow it, which may be plain numbers, in the series' form."""
    calendar, before = read_calendar(history, name)
    home = home_of(history)
    if home is None:
        values, more = np.asarray(before), np.asarray(numbers(new, name), dtype=np.float64)
        if more.shape[1] != (values.shape[1] if values.ndim == 2 else 1):
            raise ValueError(
                f"{name} has {more.shape[1]} channels, but the series has "
                f"{values.shape[1] if values.ndim == 2 else 1}."
            )
        return np.concatenate([values, more.reshape(-1, *values.shape[1:]).astype(values.dtype)])
    if home_of(new) is None:
        new = calendar.answer(_as_columns(new, history, before, name))
    elif type(new) is not type(history):
        raise ValueError(
            f"{name} must be a {type(history).__name__} as the series before it, or plain numbers; "
            f"got a {type(new).__name__}."
        )
    if home == "pandas":
        import pandas as pd

        if is_frame(history) and list(new.columns) != list(history.columns):
            raise ValueError(
                f"{name} has the columns {list(new.columns)}, the series before it "
                f"{list(history.columns)}."
            )
        return pd.concat([history, new])
    return history.vstack(new) if is_frame(history) else history.clone().append(new)


def _as_columns(new, history, before, name):
    values = numbers(new, name)
    width = before.shape[1] if is_frame(history) else 1
    if values.shape[1] != width:
        raise ValueError(f"{name} has {values.shape[1]} channels, but the series has {width}.")
    return values


def added(forecast, offsets):
    """A forecast and numbers of shape (n_steps, C) added to it, in its form."""
    values = numbers(forecast, FORECAST)
    return shaped(values + offsets, forecast)


def ahead_from(forecaster, X, origins, n_steps):
    """Forecasts from several steps of one series.

    Parameters
    ----------
    forecaster : forecaster
        Fitted. One with a method ``forecasts_from(n_steps, origins, X)`` does all at once; of
        others every origin takes a call of ``forecast``.
    X : array-like
        The series.
    origins : sequence of int
        Numbers of steps that are known.
    n_steps : int
        Steps ahead.

    Returns
    -------
    forecasts : ndarray of shape (n_origins, n_steps, C)
    """
    n_steps = check_horizon(n_steps)
    if not len(origins):
        return np.empty((0, n_steps, numbers(take(X, slice(0, 1))).shape[1]))
    if hasattr(forecaster, "forecasts_from"):
        found = np.asarray(forecaster.forecasts_from(n_steps, origins, X))
    else:
        each = (forecaster.forecast(n_steps, X=take(X, slice(0, int(o)))) for o in origins)
        found = np.stack([numbers(one, FORECAST) for one in each])
    return _finite(found)


def one_step(forecaster, X, start):
    """Forecasts of the steps from ``start`` on, each from the steps before it, of shape (m, C)."""
    n = len(X)
    if hasattr(forecaster, "predict"):
        made = forecaster.predict(take(X, slice(0, n - 1)))
        found = numbers(made, PREDICTION)
        return _finite(found[start - 1 :])
    return ahead_from(forecaster, X, range(start, n), 1)[:, 0]


def carries(forecaster):
    """Whether a forecaster can go on from a state, without running over the whole series again."""
    if not hasattr(forecaster, "predict"):
        return False
    names = inspect.signature(forecaster.predict).parameters
    return {"initial_state", "return_state"} <= set(names)


def _finite(found):
    at = first_wild(found)
    if at is not None:
        raise ValueError(
            f"The forecaster gave NaN or infinity for forecast {at}: nothing can be learned from "
            "its errors."
        )
    return found
