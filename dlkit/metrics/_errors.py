"""Errors of predictions as the reservoir literature reports them."""

import numpy as np
from sklearn.metrics import mean_squared_error

from .._params import Interval, Real, StrOptions, positive, validate_params
from .._readings import same_steps, warn_reading
from .._validation import check_array, check_weights, naming

__all__ = ["nmse", "nrmse", "valid_time"]

FEW_OUTPUTS = 8  # from which one step of many outputs is more probably one output of many steps

_ERROR_CONSTRAINTS = {
    "y_true": ["array-like"],
    "y_pred": ["array-like"],
    "sample_weight": ["array-like", None],
    "multioutput": [StrOptions({"uniform_average", "raw_values", "variance_weighted"})],
    "variance": ["array-like", Interval(Real, 0, None, closed="neither"), None],
}


@validate_params(_ERROR_CONSTRAINTS, prefer_skip_nested_validation=True)
def nmse(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", variance=None):
    """Compute the normalised mean squared error, ``mean((y_true - y_pred)**2) / var(y_true)``.

    The NMSE of a perfect prediction is zero, that of the mean of ``y_true`` is one; the NMSE is
    1 - R². Some papers report the square root, :func:`nrmse`, under the same name: an NMSE of 0.16
    is an NRMSE of 0.40.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Truth and prediction.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the samples, used in the error and in the variance.
    multioutput : {'uniform_average', 'raw_values', 'variance_weighted'}, \
            default='uniform_average'
        With several outputs: the mean of the outputs' NMSE, the NMSE of each output, or the sum of
        squared errors divided by the sum of variances.
    variance : float or array-like of shape (n_outputs,), default=None
        A known variance to divide by, instead of the variance of ``y_true``. Use this where
        ``y_true`` is too short to estimate its variance.

    Returns
    -------
    error : float, or ndarray of shape (n_outputs,) if ``multioutput='raw_values'``
        The NMSE. Where the variance is zero: 0 if the prediction is exact, else infinity.

    Raises
    ------
    ValueError
        If truth and prediction differ in shape, hold NaN or infinity, or ``variance`` is not
        positive.

    References
    ----------
    .. [1] Lukoševičius & Jaeger (2009), Reservoir computing approaches to recurrent neural network
       training, Computer Science Review 3(3).

    Examples
    --------
    >>> from dlkit.metrics import nmse
    >>> nmse([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 4.0])
    0.2
    """
    mse, var = _mse_and_variance(y_true, y_pred, sample_weight, multioutput, variance)
    error = _ratio(mse, var)
    return error if multioutput == "raw_values" else float(error.mean())


@validate_params(_ERROR_CONSTRAINTS, prefer_skip_nested_validation=True)
def nrmse(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", variance=None):
    """Compute the normalised root mean squared error, the square root of :func:`nmse`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Truth and prediction.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the samples, used in the error and in the variance.
    multioutput : {'uniform_average', 'raw_values', 'variance_weighted'}, \
            default='uniform_average'
        With several outputs: the mean of the outputs' NRMSE, the NRMSE of each output, or the
        square root of the sum of squared errors divided by the sum of variances.
    variance : float or array-like of shape (n_outputs,), default=None
        A known variance to divide by, instead of the variance of ``y_true``.

    Returns
    -------
    error : float, or ndarray of shape (n_outputs,) if ``multioutput='raw_values'``
        The NRMSE. Where the variance is zero: 0 if the prediction is exact, else infinity.

    Raises
    ------
    ValueError
        If truth and prediction differ in shape, hold NaN or infinity, or ``variance`` is not
        positive.

    References
    ----------
    .. [1] Lukoševičius & Jaeger (2009), Reservoir computing approaches to recurrent neural network
       training, Computer Science Review 3(3).

    Examples
    --------
    >>> from dlkit.metrics import nrmse
    >>> round(nrmse([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 4.0]), 4)
    0.4472
    """
    mse, var = _mse_and_variance(y_true, y_pred, sample_weight, multioutput, variance)
    error = np.sqrt(_ratio(mse, var))
    return error if multioutput == "raw_values" else float(error.mean())


def _floats(y, name, **options):
    """Truth or prediction as float64."""
    return check_array(y, ensure_2d=False, dtype=np.float64, input_name=name, **options)


def _mse_and_variance(y_true, y_pred, sample_weight, multioutput, variance):
    """Return mean squared error and variance of each output, or their sums over the outputs.

    They are computed in float64, each output on a scale of its own, so that no square overflows.
    """
    same_steps(y_true, y_pred, "y_pred")
    y_true, y_pred = (_floats(y, name) for y, name in ((y_true, "y_true"), (y_pred, "y_pred")))
    if y_true.shape[1:] != y_pred.shape[1:] and y_true.size != y_pred.size:
        raise ValueError(
            f"y_pred must have as many outputs as y_true: shapes {y_pred.shape}, {y_true.shape}."
        )
    weight = check_weights(sample_weight, len(y_true))
    size = np.abs(y_true).max(axis=0)
    if y_pred.shape == y_true.shape:
        size = np.maximum(size, np.abs(y_pred).max(axis=0))
    power = np.frexp(size)[1]
    y_true, y_pred = np.ldexp(y_true, -power), np.ldexp(y_pred, -power)
    with naming("y_pred"):
        mse = mean_squared_error(y_true, y_pred, sample_weight=weight, multioutput="raw_values")
    if variance is None:
        first = 0 if weight is None else int(np.argmax(weight > 0))
        y_true = y_true - y_true[first]  # a constant is exactly zero then, and so is its mean
        if weight is not None:
            y_true[weight == 0] = 0.0  # rows without weight add nothing, however far they are
        mean = np.average(y_true, axis=0, weights=weight)
        variance = np.average((y_true - mean) ** 2, axis=0, weights=weight)
    else:
        given = variance
        with naming("variance"):
            variance = np.asarray(given, dtype=np.float64)
        if variance.size not in (1, mse.size) or not ((variance >= 0) & (variance < np.inf)).all():
            raise ValueError(
                "variance must be positive and finite, one number or one for each of "
                f"{mse.size} outputs: "
                f"{given}"
            )
        with np.errstate(over="ignore", under="ignore"):
            variance = np.ldexp(variance.ravel(), -2 * power)
    variance = np.broadcast_to(variance, mse.shape)
    if multioutput == "variance_weighted":
        with np.errstate(under="ignore"):
            mse, variance = (
                np.ldexp(v, 2 * (power - np.max(power))).sum(keepdims=True) for v in (mse, variance)
            )
    return mse, variance


def _ratio(error, variance):
    """Divide, with 0 / 0 = 0."""
    with np.errstate(all="ignore"):
        return np.where(error == 0, 0.0, np.divide(error, variance))


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "threshold": [positive()],
        "dt": [positive()],
        "lyapunov_exponent": [positive(), None],
        "scale": [positive(), None],
    },
    prefer_skip_nested_validation=True,
)
def valid_time(y_true, y_pred, *, threshold=0.5, dt=1.0, lyapunov_exponent=None, scale=None):
    """Compute how long a forecast stays close to the truth.

    The valid time is the time of the first step t at which the normalised error [1]_ ::

        ||y_true(t) - y_pred(t)|| / sqrt(mean over time of ||y_true||**2)

    exceeds the threshold. Norms are Euclidean, over the outputs, and no mean is subtracted.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_steps,) or (n_steps, n_outputs)
        Truth and forecast. At a step where the forecast is not finite, the forecast counts as
        wrong.
    threshold : float, default=0.5
        The largest normalised error that counts as close.
    dt : float, default=1.0
        Time between two steps.
    lyapunov_exponent : float, default=None
        The largest Lyapunov exponent of the system (0.9056 for the Lorenz system). If given, the
        result is in Lyapunov times instead of units of time.
    scale : float, default=None
        A denominator to use instead of the one above, say that of a long series of which
        ``y_true`` is a short piece.

    Returns
    -------
    time : float
        The number of steps before the first wrong step, times ``dt``, times ``lyapunov_exponent``
        if given. If no step is wrong, the length of the forecast stands for that number, and the
        result is a lower bound.

    Raises
    ------
    ValueError
        If truth and prediction differ in shape, or the truth holds NaN or infinity.

    References
    ----------
    .. [1] A. Racca and L. Magri, "Robust optimization and validation of echo state networks for
       learning chaotic dynamics", Neural Networks 142, 2021.

    Examples
    --------
    >>> from dlkit.metrics import valid_time
    >>> valid_time([1.0, -1.0, 1.0, -1.0], [1.0, -0.9, 0.3, -1.0], dt=0.1)
    0.2
    """
    same_steps(y_true, y_pred, "y_pred")
    y_true = _floats(y_true, "y_true")
    y_pred = _floats(y_pred, "y_pred", ensure_all_finite=False)
    if y_true.ndim == 2 and len(y_true) == 1 and y_true.shape[1] >= FEW_OUTPUTS:
        warn_reading(
            f"y_true has shape {y_true.shape}, one step of {y_true.shape[1]} outputs",
            likely=f"is one series of {y_true.shape[1]} steps",
            mend="hand over y_true.T and y_pred.T",
            name="y_true",
        )
    y_true, y_pred = (y.reshape(len(y), -1) for y in (y_true, y_pred))
    if y_true.shape != y_pred.shape:
        raise ValueError(f"y_pred must have the shape of y_true, {y_true.shape}: {y_pred.shape}")
    wild = ~np.isfinite(y_pred).all(axis=1)
    size = np.abs(y_true).max() or np.abs(y_pred[~wild]).max(initial=0.0)
    power = np.frexp(size)[1]  # on this scale no square of the truth overflows, nor vanishes
    with np.errstate(all="ignore"):
        y_true, y_pred = np.ldexp(y_true, -power), np.ldexp(y_pred, -power)
        error = np.linalg.norm(y_pred - y_true, axis=1)
        if scale is None:
            scale = np.sqrt(np.mean(np.sum(y_true**2, axis=1)))
        else:
            scale = np.ldexp(float(scale), -power)
        wrong = wild | ~(error <= threshold * scale)
    n_valid = int(wrong.argmax()) if wrong.any() else len(wrong)
    return float(n_valid * dt * (1.0 if lyapunov_exponent is None else lyapunov_exponent))
