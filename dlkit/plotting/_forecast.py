"""Figure of a forecast and the truth."""

import numpy as np

from .._validation import check_array, naming


def plot_forecast(y_true, y_pred, *, past=None, channel=0, title=None, ax=None):
    """Draw a forecast over the truth.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (T,) or (T, C)
        Truth and forecast of the same steps.
    past : array-like of shape (T_past,) or (T_past, C), default=None
        The steps before the forecast, drawn to its left.
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
        If truth and forecast differ in shape.

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
            values = np.asarray(values)
        values = values[:, None] if values.ndim == 1 else values
        values = check_array(values, input_name=name, ensure_all_finite=False)
        if not -values.shape[1] <= channel < values.shape[1]:
            raise ValueError(f"channel={channel} is none of the {values.shape[1]} of {name}.")
        return values, values[:, channel]

    (all_true, truth), (all_pred, forecast) = column(y_true, "y_true"), column(y_pred, "y_pred")
    if all_true.shape != all_pred.shape:
        raise ValueError(
            f"y_true and y_pred must have the same shape, got {np.shape(y_true)} and "
            f"{np.shape(y_pred)}."
        )
    if ax is None:
        ax = Figure(figsize=(9, 3.6), layout="constrained").subplots()
    steps = np.arange(1, len(truth) + 1)
    if past is not None:
        _, before = column(past, "past")
        ax.plot(np.arange(1 - len(before), 1), before, color="0.6", linewidth=1, label="past")
        ax.axvline(0.5, color="0.6", linewidth=1, linestyle=":")
    ax.plot(steps, truth, color="black", linewidth=1.2, label="truth")
    ax.plot(steps, forecast, color="tab:orange", linewidth=1.6, linestyle="--", label="forecast")
    ax.set(xlabel="step", ylabel="value", title=title)
    # the truth sets the limits: a forecast that diverges must not flatten everything else
    sound = truth[np.isfinite(truth)]
    low, high = sound.min(initial=np.inf), sound.max(initial=-np.inf)
    if not len(sound):
        low, high = 0.0, 1.0
    margin = 0.25 * (high - low) or 1.0
    ax.set_ylim(low - margin, high + margin)
    ax.legend(loc="upper right", ncols=3, frameon=False)
    return ax
