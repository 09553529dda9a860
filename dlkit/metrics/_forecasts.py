"""Errors of forecasts without a unit, and the forms that truths and forecasts come in."""

import numpy as np

from .._params import count, validate_params
from .._readings import same_steps
from .._validation import check_array

__all__ = ["floats", "mase", "of_each", "same_shape", "smape"]


def is_batch(y):
    """Whether truths are several series: a list of arrays, Series or frames."""
    return isinstance(y, (list, tuple)) and len(y) > 0 and hasattr(y[0], "shape") and y[0].ndim > 0


def of_each(score, average, y_true, *others, names=()):
    """Score of one series, or of each of a list, whose mean is the score of the list.

    Parameters
    ----------
    score : callable
        ``score(y_true, *others)`` gives an array with a score of every entry.
    average : bool
        Whether the mean is wanted, rather than all scores.
    y_true : array-like or list of array-like
        One truth, or several.
    *others : object
        What belongs to the truths: one each for a list, or None.
    names : sequence of str
        What messages call the others.

    Returns
    -------
    score : float, ndarray or list of ndarray
    """
    for name, other in zip(names, others, strict=True):
        if name != "y_train":
            same_steps(y_true, other, name)
    if not is_batch(y_true):
        found = score(y_true, *others)
        return float(found.mean()) if average else found
    for name, other in zip(names, others, strict=True):
        if other is not None and (not hasattr(other, "__len__") or len(other) != len(y_true)):
            n = len(other) if hasattr(other, "__len__") else "no"
            raise ValueError(f"{name} must have one member for each of {len(y_true)} series: {n}.")
    lists = ([None] * len(y_true) if other is None else other for other in others)
    found = [score(*each) for each in zip(y_true, *lists, strict=True)]
    return float(np.mean([each.mean() for each in found])) if average else found


def floats(y, name, **options):
    """An array, a Series, a frame or a list of numbers as float64."""
    return check_array(y, ensure_2d=False, dtype=np.float64, input_name=name, **options)


def same_shape(y, shape, name):
    """The numbers of ``y`` in the shape of the truth; a column and a flat array are the same."""
    y = floats(y, name)
    if y.shape != shape:
        if y.size != np.prod(shape) or len(y) != shape[0] or max(y.ndim, len(shape)) > 2:
            raise ValueError(f"{name} must have the shape of y_true, {shape}, got {y.shape}.")
        y = y.reshape(shape)
    return y


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "y_train": ["array-like"],
        "period": [count(1)],
        "average": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def mase(y_true, y_pred, *, y_train, period=1, average=True):
    """Compute the mean absolute scaled error of a forecast.

    The error is measured by that of the seasonal naive forecast, which repeats the value of one
    period before, within the training part [1]_ ::

        mean over t of |y_true(t) - y_pred(t)| / Q,
        Q = mean over the training part of |y(t) - y(t - period)|

    A forecast with a MASE below one is better than the naive one was in training. The MASE has no
    unit, so that series of different units can be averaged.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth and forecast. A list of arrays, Series or frames holds several series; the result is
        the mean of the MASE of each.
    y_train : array-like of shape (n_train,) or (n_train, n_outputs), or list of these
        The series before the forecast, which tells Q. NaN counts as not known.
    period : int, default=1
        Steps of a period: 12 for months in years. 1 compares with the last value.
    average : bool, default=True
        Whether to return the mean rather than the scaled error of every step and output.

    Returns
    -------
    error : float, or ndarray in the shape of ``y_true`` without ``average``
        For a list without ``average`` a list of these. Where Q is zero: 0 if the forecast is
        exact, else infinity.

    Raises
    ------
    ValueError
        If ``y_train`` is not longer than a period.

    References
    ----------
    .. [1] R. J. Hyndman and A. B. Koehler, "Another look at measures of forecast accuracy",
       International Journal of Forecasting 22, 2006, eq. 3.

    Examples
    --------
    >>> from dlkit.metrics import mase
    >>> mase([5.0, 7.0], [5.0, 6.0], y_train=[1.0, 2.0, 3.0, 4.0])
    0.5
    >>> mase([2.0, 5.0], [2.0, 3.0], y_train=[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], period=2)
    1.0
    """

    def score(truth, forecast, past):
        truth = floats(truth, "y_true")
        forecast = same_shape(forecast, truth.shape, "y_pred")
        past = floats(past, "y_train", ensure_all_finite="allow-nan")
        if past[0].size != truth[0].size:
            raise ValueError(
                f"y_train must have as many outputs as y_true: shapes {past.shape}, {truth.shape}."
            )
        if len(past) <= period:
            raise ValueError(
                f"y_train has {len(past)} steps: the seasonal naive forecast with period={period} "
                f"needs at least {period + 1}."
            )
        past = past.reshape(len(past), *truth.shape[1:])
        size = max(float(np.nanmax(np.abs(one), initial=0.0)) for one in (truth, forecast, past))
        power = 2 - np.frexp(size)[1]  # on this scale no difference overflows, nor a sum of them
        truth, forecast, past = (np.ldexp(one, power) for one in (truth, forecast, past))
        steps = np.abs(past[period:] - past[:-period])
        known = np.isfinite(steps)
        if not known.any(axis=0).all():
            raise ValueError(f"y_train has no two values {period} steps apart that are not NaN.")
        scale = np.mean(steps, axis=0, where=known)
        error = np.abs(truth - forecast)
        with np.errstate(all="ignore"):
            return np.where(error == 0, 0.0, error / scale)

    return of_each(score, average, y_true, y_pred, y_train, names=("y_pred", "y_train"))


@validate_params(
    {"y_true": ["array-like"], "y_pred": ["array-like"], "average": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def smape(y_true, y_pred, *, average=True):
    """Compute the symmetric mean absolute percentage error of a forecast, in percent.

    As in the M3 and M4 competitions [1]_ ::

        200 * mean over t of |y_true(t) - y_pred(t)| / (|y_true(t)| + |y_pred(t)|)

    from 0 to 200. The sMAPE means something only where zero does, as for sales or passengers.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth and forecast. A list of arrays, Series or frames holds several series; the result is
        the mean of the sMAPE of each.
    average : bool, default=True
        Whether to return the mean rather than the percentage of every step and output.

    Returns
    -------
    error : float, or ndarray in the shape of ``y_true`` without ``average``
        For a list without ``average`` a list of these. Where truth and forecast are both zero,
        the error is zero.

    Raises
    ------
    ValueError
        If truth and forecast differ in shape, or hold NaN or infinity.

    References
    ----------
    .. [1] S. Makridakis and M. Hibon, "The M3-Competition: results, conclusions and implications",
       International Journal of Forecasting 16, 2000.

    Examples
    --------
    >>> from dlkit.metrics import smape
    >>> round(smape([100.0, 200.0], [110.0, 200.0]), 4)
    4.7619
    """

    def score(truth, forecast):
        truth = floats(truth, "y_true")
        forecast = same_shape(forecast, truth.shape, "y_pred")
        size = np.maximum(np.abs(truth), np.abs(forecast))  # on this scale no sum overflows
        size[size == 0] = 1.0
        truth, forecast = truth / size, forecast / size
        total = np.abs(truth) + np.abs(forecast)
        return 200.0 * np.abs(truth - forecast) / np.where(total == 0, 1.0, total)

    return of_each(score, average, y_true, y_pred, names=("y_pred",))
