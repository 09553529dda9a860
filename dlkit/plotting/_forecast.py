"""Figure of a forecast, of the truth and of what was before."""

import numpy as np

from .._validation import check_array, is_frame, naming


def plot_forecast(y_true, y_pred, *, past=None, interval=None, channel=0, title=None, ax=None):
    """Draw a forecast, over the truth if that is known.

    Parameters
    ----------
    y_true : array-like of shape (T,) or (T, C), or None
        What came; None where that is not known yet.
    y_pred : array-like of shape (T,) or (T, C)
        Forecast of the same steps. The index of a Series or a DataFrame (of polars, its column of
        dates) is the axis of time; steps are counted from 1 without one.
    past : array-like of shape (T_past,) or (T_past, C), default=None
        The steps before the forecast, drawn to its left.
    interval : pair of array-like, default=None
        Lower and upper bounds in the form of ``y_pred``, drawn as a band.
    channel : int, default=0
        Which column to draw.
    title : str, default=None
        Title of the axes.
    ax : matplotlib Axes, default=None
        Axes to draw into; those of a new figure if None.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If truth, forecast or bounds differ in shape.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.plotting import plot_forecast
    >>> t = np.arange(50)
    >>> ax = plot_forecast(np.sin(t), np.sin(1.01 * t), past=np.sin(t - 50))
    >>> len(ax.lines)
    4
    """
    from matplotlib.figure import Figure

    def column(values, name):
        with naming(name):
            values = np.asarray(_without_dates(values))
        values = values[:, None] if values.ndim == 1 else values
        values = check_array(values, input_name=name, ensure_all_finite=False)
        if not -values.shape[1] <= channel < values.shape[1]:
            raise ValueError(f"channel={channel} is none of the {values.shape[1]} of {name}.")
        return values, values[:, channel]

    def like(values, name):
        whole, one = column(values, name)
        if whole.shape != all_pred.shape:
            raise ValueError(
                f"{name} and y_pred must have the same shape, got {np.shape(values)} and "
                f"{np.shape(y_pred)}."
            )
        return one

    all_pred, forecast = column(y_pred, "y_pred")
    truth = None if y_true is None else like(y_true, "y_true")
    bounds = None
    if interval is not None:
        if not isinstance(interval, (tuple, list)) or len(interval) != 2:
            raise ValueError(f"interval must be a pair (lower, upper), got {interval!r}.")
        bounds = [like(bound, "interval") for bound in interval]
    if ax is None:
        ax = Figure(figsize=(9, 3.6), layout="constrained").subplots()
    before = None if past is None else column(past, "past")[1]
    steps, earlier = _times(y_pred), None if past is None else _times(past)
    dated = steps is not None and (before is None or earlier is not None)
    if not dated:
        steps = np.arange(1, len(forecast) + 1)
        earlier = None if before is None else np.arange(1 - len(before), 1)
    if before is not None:
        ax.plot(earlier, before, color="0.6", linewidth=1, label="past")
        between = earlier[-1] + (steps[0] - earlier[-1]) / 2
        ax.axvline(between, color="0.6", linewidth=1, linestyle=":")
    if bounds is not None:
        ax.fill_between(steps, *bounds, color="tab:orange", alpha=0.25, lw=0, label="interval")
    if truth is not None:
        ax.plot(steps, truth, color="black", linewidth=1.2, label="truth")
    ax.plot(steps, forecast, color="tab:orange", linewidth=1.6, linestyle="--", label="forecast")
    ax.set(xlabel="time" if dated else "step", ylabel="value", title=title)
    # what is known sets the limits: a forecast that diverges must not flatten everything else
    known = [a for a in (truth, before if truth is None else None) if a is not None]
    sound = np.concatenate(known or [forecast])
    sound = sound[np.isfinite(sound)]
    low, high = sound.min(initial=np.inf), sound.max(initial=-np.inf)
    if not len(sound):
        low, high = 0.0, 1.0
    margin = 0.25 * (high - low) or 1.0
    ax.set_ylim(low - margin, high + margin)
    ax.legend(loc="upper right", ncols=4, frameon=False)
    return ax


def _is_date(dtype):
    temporal = getattr(dtype, "is_temporal", None)
    return temporal() if temporal is not None else False


def _without_dates(values):
    """A frame of polars without its columns of dates; other values as they are."""
    if not is_frame(values):
        return values
    dates = [c for c, t in zip(values.columns, values.dtypes, strict=True) if _is_date(t)]
    return values.drop(dates) if dates else values


def _times(values):
    """Times of steps: dates or numbers of an index, the column of dates of polars; else None."""
    if is_frame(values) and not hasattr(values, "iloc"):
        dates = [c for c, t in zip(values.columns, values.dtypes, strict=True) if _is_date(t)]
        return values[dates[0]].to_numpy() if len(dates) == 1 else None
    index = getattr(values, "index", None)
    if index is None or callable(index):
        return None
    if type(index).__name__ == "PeriodIndex":
        index = index.to_timestamp()
    if getattr(index.dtype, "kind", "O") not in "Mif":
        return None
    if getattr(index, "tz", None) is not None:
        index = index.tz_localize(None)
    return index.to_numpy()
