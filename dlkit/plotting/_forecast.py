"""Figure of a forecast, of the truth, of what was before and of how sure the forecast is."""

import numpy as np

from .._validation import check_array, is_frame, naming
from ._display import GREY, VERMILION, Display, ink, pick, style


class ForecastDisplay(Display):
    """A forecast on its dates, with its interval, the truth and what was before.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    forecast : ndarray of shape (T,)
        Forecast of one channel.
    times : ndarray of shape (T,)
        Dates or numbers of these steps.
    truth : ndarray of shape (T,), default=None
        What came.
    bounds : pair of ndarray of shape (T,), default=None
        Lower and upper bounds of the interval.
    past : ndarray of shape (T_past,), default=None
        The steps before the forecast.
    past_times : ndarray of shape (T_past,), default=None
        Dates or numbers of those.
    coverage : float, default=None
        Probability of the interval, for the legend.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    line_ : matplotlib Line2D
        The forecast.
    truth_, past_ : matplotlib Line2D or None
        The truth, and the past.
    band_ : matplotlib PolyCollection or None
        The interval.

    See Also
    --------
    plot_forecast : The same in one call.

    References
    ----------
    .. [1] Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., section
       5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import SeasonalForecaster
    >>> from dlkit.plotting import ForecastDisplay
    >>> sales = 10 + np.arange(60) + 5 * np.sin(np.arange(60) * np.pi / 6)
    >>> model = SeasonalForecaster(period=12).fit(sales[:48])
    >>> display = ForecastDisplay.from_estimator(model, 12, past=sales[:48], truth=sales[48:])
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['past', '90 % interval', 'truth', 'forecast']
    """

    def __init__(
        self,
        forecast,
        times,
        *,
        truth=None,
        bounds=None,
        past=None,
        past_times=None,
        coverage=None,
    ):
        self.forecast = forecast
        self.times = times
        self.truth = truth
        self.bounds = bounds
        self.past = past
        self.past_times = past_times
        self.coverage = coverage

    @classmethod
    def from_estimator(
        cls,
        estimator,
        n_steps,
        X=None,
        *,
        past=None,
        truth=None,
        covariates=None,
        coverage=0.9,
        channel=0,
        ax=None,
        **kwargs,
    ):
        """Forecast with a fitted forecaster, and draw.

        Parameters
        ----------
        estimator : forecaster
            Fitted; anything with ``forecast``. Where it has ``forecast_interval``, the interval is
            drawn.
        n_steps : int
            Steps ahead.
        X : array-like, default=None
            Series to carry on; the training series if None.
        past : array-like of shape (T_past,) or (T_past, C), default=None
            What is drawn to the left of the forecast; ``X`` if None.
        truth : array-like of shape (n_steps,) or (n_steps, C), default=None
            What came, where that is known.
        covariates : array-like, default=None
            Of the steps to come, if ``fit`` had them.
        coverage : float or None, default=0.9
            Probability of the interval; None draws none.
        channel : int, default=0
            Which column to draw.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the forecast.

        Returns
        -------
        display : ForecastDisplay
        """
        given = {} if X is None else {"X": X}
        if covariates is not None:
            given["covariates"] = covariates
        forecast = estimator.forecast(n_steps, **given)
        if isinstance(forecast, (list, tuple)) or np.ndim(forecast) > 2:
            raise ValueError(
                "ForecastDisplay draws one series, but the forecaster answers for several: "
                "give one of its forecasts to ForecastDisplay.from_predictions."
            )
        interval = None
        if coverage is not None and hasattr(estimator, "forecast_interval"):
            interval = estimator.forecast_interval(n_steps, coverage=coverage, **given)
        return cls.from_predictions(
            truth, forecast, past=X if past is None else past, interval=interval,
            coverage=coverage, channel=channel, ax=ax, **kwargs,
        )  # fmt: skip

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        *,
        past=None,
        interval=None,
        coverage=None,
        channel=0,
        ax=None,
        **kwargs,
    ):
        """Draw a forecast that was made.

        Parameters
        ----------
        y_true : array-like of shape (T,) or (T, C), or None
            What came; None where that is not known yet.
        y_pred : array-like of shape (T,) or (T, C)
            Forecast of the same steps. The index of a Series or a DataFrame (of polars, its column
            of dates) is the axis of time; steps are counted from 1 without one.
        past : array-like of shape (T_past,) or (T_past, C), default=None
            The steps before the forecast, drawn to its left.
        interval : pair of array-like, default=None
            Lower and upper bounds in the form of ``y_pred``, drawn as a band.
        coverage : float, default=None
            Probability of the interval, for the legend.
        channel : int, default=0
            Which column to draw.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the forecast.

        Returns
        -------
        display : ForecastDisplay

        Raises
        ------
        ValueError
            If truth, forecast or bounds differ in shape.
        """

        def column(values, name):
            with naming(name):
                values = np.asarray(_without_dates(values))
            values = values[:, None] if values.ndim == 1 else values
            values = check_array(values, input_name=name, ensure_all_finite=False)
            return values, values[:, pick(channel, values.shape[1], "channel", f"of {name}")]

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
            bounds = tuple(like(bound, "interval") for bound in interval)
        before = None if past is None else column(past, "past")[1]
        steps, earlier = _times(y_pred), None if past is None else _times(past)
        if steps is None or (before is not None and earlier is None):
            steps = np.arange(1, len(forecast) + 1)
            earlier = None if before is None else np.arange(1 - len(before), 1)
        display = cls(
            forecast, steps, truth=truth, bounds=bounds, past=before, past_times=earlier,
            coverage=coverage,
        )  # fmt: skip
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the forecast.

        Returns
        -------
        self : ForecastDisplay
        """
        ax = self._begin(ax, (9, 3.6))
        self.past_ = self.truth_ = self.band_ = None
        if self.past is not None:
            earlier = self.past_times
            (self.past_,) = ax.plot(earlier, self.past, color=GREY, linewidth=1.2, label="past")
            between = earlier[-1] + (self.times[0] - earlier[-1]) / 2
            ax.axvline(between, color=GREY, linewidth=1, linestyle=":")
        if self.bounds is not None:
            share = "" if self.coverage is None else f"{100 * self.coverage:.3g} % "
            self.band_ = ax.fill_between(
                self.times, *self.bounds, color=VERMILION, alpha=0.25, lw=0,
                label=f"{share}interval",
            )  # fmt: skip
        if self.truth is not None:
            look = {"color": ink(), "linewidth": 1.2, "label": "truth"}
            (self.truth_,) = ax.plot(self.times, self.truth, **look)
        look = {"color": VERMILION, "linewidth": 1.8, "linestyle": "--", "label": "forecast"}
        (self.line_,) = ax.plot(self.times, self.forecast, **style(look, kwargs))
        dated = np.asarray(self.times).dtype.kind == "M"
        ax.set(xlabel="time" if dated else "step", ylabel="value", ylim=self._limits())
        ax.margins(x=0.01)
        if dated:
            from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

            locator = AutoDateLocator()
            ax.xaxis.set_major_locator(locator)
            ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        ax.legend(loc="upper right", ncols=4, frameon=False)
        return self

    def _limits(self):
        """Limits of the values.

        What is known sets the limits: a forecast that diverges must not flatten everything else.
        """
        known = [a for a in (self.truth, self.past) if a is not None] or [self.forecast]
        sound = np.concatenate(known)
        sound = sound[np.isfinite(sound)]
        if not len(sound):
            return -0.25, 1.25
        low, high = sound.min(), sound.max()
        margin = 0.25 * (high - low) or 1.0
        low, high = low - margin, high + margin
        bottom, top = low, high
        room = 0.9 if self.truth is not None else 4.0  # where the truth is known, it says enough
        ahead = [(self.forecast, room), *((bound, 2.0) for bound in self.bounds or ())]
        for values, most in ahead:
            values = values[np.isfinite(values)]
            if len(values):
                low = min(low, max(values.min() - margin / 5, bottom - most * margin))
                high = max(high, min(values.max() + margin / 5, top + most * margin))
        return low, high


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

    See Also
    --------
    ForecastDisplay : The same, which keeps what was drawn, and forecasts itself.

    References
    ----------
    .. [1] Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, 3rd ed., section
       5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.plotting import plot_forecast
    >>> t = np.arange(50)
    >>> ax = plot_forecast(np.sin(t), np.sin(1.01 * t), past=np.sin(t - 50))
    >>> len(ax.lines)
    4
    """
    ax = ForecastDisplay.from_predictions(
        y_true, y_pred, past=past, interval=interval, channel=channel, ax=ax
    ).ax_
    if title is not None:
        ax.set_title(title)
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
