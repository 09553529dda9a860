"""Scores of forecasts that say how sure they are: distributions, quantiles, intervals."""

import numpy as np
from scipy.stats import norm
from sklearn.utils import check_random_state

from .._params import Interval, Real, validate_params
from .._validation import check_array
from ._forecasts import floats, is_batch, of_each, same_shape

__all__ = ["coverage", "crps", "interval_score", "pinball", "pit"]

_LEVEL = Interval(Real, 0, 1, closed="neither")
_DISTRIBUTION = {
    "y_true": ["array-like"],
    "y_pred": ["array-like", tuple],
    "std": ["array-like", Interval(Real, 0, None, closed="left"), None],
    "quantiles": ["array-like", tuple, _LEVEL, None],
}


def _levels(quantiles):
    """Levels of quantiles as an array, increasing."""
    try:
        levels = np.atleast_1d(np.asarray(quantiles, dtype=np.float64))
    except (TypeError, ValueError):
        levels = np.array([np.nan])
    if levels.ndim != 1 or not len(levels) or not ((levels > 0) & (levels < 1)).all():
        raise ValueError(f"quantiles must be numbers between 0 and 1, got {quantiles!r}.")
    if (np.diff(levels) <= 0).any():
        raise ValueError(f"quantiles must increase, got {quantiles!r}.")
    return levels


def _stack(y_pred, shape, n, what):
    """Forecasts stacked along a first axis: of samples (``n`` is None) or of ``n`` quantiles."""
    if isinstance(y_pred, (list, tuple)) and len(y_pred) and np.ndim(y_pred[0]):
        found = np.stack([same_shape(one, shape, "y_pred") for one in y_pred])
    else:
        found = check_array(
            y_pred, ensure_2d=False, allow_nd=True, dtype=np.float64, input_name="y_pred"
        )
    if n == 1 and found.size == np.prod(shape):
        found = found.reshape(1, *shape)
    if found.ndim > 1 and found.shape[1] == shape[0] and found[0].size == np.prod(shape):
        found = found.reshape(len(found), *shape)
    if found.shape[1:] != shape or len(found) != (n or len(found)):
        raise ValueError(
            f"y_pred must hold {n or 'any number of'} {what} of the shape of y_true, along the "
            f"first axis: {(n or 'n', *shape)}, got {found.shape}."
        )
    return found


def _by_series(y_true, y_pred):
    """Quantiles of several series: what is a list for each level becomes one for each series."""
    if not is_batch(y_true) or not all(len(one) == len(y_true) for one in y_pred):
        return y_pred
    return [list(each) for each in zip(*y_pred, strict=True)]


def _std(std, shape):
    """Standard deviations in the shape of the truth."""
    if np.ndim(std) == 0:
        return np.full(shape, float(std))
    std = same_shape(std, shape, "std")
    if (std < 0).any():
        raise ValueError(f"std must not be negative, got {std.min()}.")
    return std


def _one_kind(std, quantiles):
    if std is not None and quantiles is not None:
        raise ValueError(
            "std and quantiles exclude each other: with std y_pred holds means, with quantiles it "
            "holds quantiles, with neither it holds samples."
        )


@validate_params(
    _DISTRIBUTION | {"fair": ["boolean"], "average": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def crps(y_true, y_pred, *, std=None, quantiles=None, fair=True, average=True):
    """Compute the continuous ranked probability score of forecasts that are distributions.

    The score of a distribution function F at the truth y is the integral of
    (F(x) − 1[x ≥ y])² over x, in the unit of y. Of a forecast without spread, the score is the
    absolute error. Less is better, and the true distribution has the least expected score [1]_.

    A distribution is given in one of three ways:

    * by samples X, as ``sample_paths`` gives them: mean ``|X − y| − ½ |X − X′|``, where the second
      mean is over all pairs of different samples [2]_;
    * by mean and standard deviation of a Gaussian: σ [z (2Φ(z) − 1) + 2φ(z) − 1/√π] with
      z = (y − μ) / σ (eq. 5 of [1]_);
    * by quantiles, as ``forecast_quantiles`` gives them: twice the mean of :func:`pinball` over the
      levels, which approximates the integral for evenly spaced levels.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth. A list of arrays, Series or frames holds several series, whose forecasts are lists
        likewise; the result is the mean of the scores of each.
    y_pred : array-like or tuple of array-like
        Samples, of shape (n_samples, n_steps[, n_outputs]); with ``std`` the means, in the shape of
        ``y_true``; with ``quantiles`` the forecast of each level, of shape
        (n_quantiles, n_steps[, n_outputs]) or as a tuple.
    std : float or array-like in the shape of y_true, default=None
        Standard deviations.
    quantiles : array-like of float, default=None
        Levels, increasing.
    fair : bool, default=True
        Whether pairs are divided by m (m − 1), which makes the score of m samples comparable
        between different m; if not, by m².
    average : bool, default=True
        Whether to return the mean rather than the score of every step and output.

    Returns
    -------
    score : float, or ndarray in the shape of ``y_true`` without ``average``
        For a list without ``average`` a list of these.

    Raises
    ------
    ValueError
        If truth and forecast do not fit together, ``std`` and ``quantiles`` are both given, or the
        fair score is asked of a single sample.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and
       estimation", Journal of the American Statistical Association 102, 2007.
    .. [2] C. A. T. Ferro, "Fair scores for ensemble forecasts", Quarterly Journal of the Royal
       Meteorological Society 140, 2014, eq. 6.

    Examples
    --------
    >>> from dlkit.metrics import crps
    >>> round(crps([0.0], [0.0], std=1.0), 4)
    0.2337
    >>> crps([1.0], [[0.0], [2.0]])
    0.0
    >>> round(crps([1.0], ([0.0], [1.0], [3.0]), quantiles=(0.1, 0.5, 0.9)), 4)
    0.2
    """
    _one_kind(std, quantiles)
    if quantiles is not None:
        levels = _levels(quantiles)

        def score(truth, forecast):
            return 2.0 * _pinballs(truth, forecast, levels).mean(axis=0)

        return of_each(score, average, y_true, _by_series(y_true, y_pred), names=("y_pred",))
    if std is not None:

        def score(truth, mean, spread):
            truth = floats(truth, "y_true")
            mean = same_shape(mean, truth.shape, "y_pred")
            return _gaussian(truth, mean, _std(spread, truth.shape))

        if is_batch(y_true) and np.ndim(std) == 0:
            std = [std] * len(y_true)
        return of_each(score, average, y_true, y_pred, std, names=("y_pred", "std"))

    def score(truth, samples):
        truth = floats(truth, "y_true")
        samples = _stack(samples, truth.shape, None, "samples")
        samples = np.sort(
            samples - truth, axis=0
        )  # so that what all have in common costs no digits
        m = len(samples)
        if fair and m < 2:
            raise ValueError("y_pred holds one sample: the fair score needs two, else fair=False.")
        # the sum of |X - X'| over ordered pairs, from sorted samples
        rank = (2.0 * np.arange(m) - m + 1).reshape(-1, *[1] * truth.ndim)
        spread = 2.0 * (rank * samples).sum(axis=0) / (m * (m - 1 if fair else m))
        return np.abs(samples).mean(axis=0) - 0.5 * spread

    return of_each(score, average, y_true, y_pred, names=("y_pred",))


def _gaussian(truth, mean, std):
    """CRPS of Gaussians; of those without spread the absolute error."""
    error = truth - mean
    with np.errstate(all="ignore"):
        z = error / std
        score = std * (z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / np.sqrt(np.pi))
    return np.where(np.isfinite(score) & (std > 0), score, np.abs(error))


def _pinballs(truth, forecast, levels):
    """Pinball losses of shape (n_quantiles, *shape of the truth)."""
    truth = floats(truth, "y_true")
    error = truth - _stack(forecast, truth.shape, len(levels), "quantiles")
    tau = levels.reshape(-1, *[1] * truth.ndim)
    return np.maximum(tau * error, (tau - 1.0) * error)


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like", tuple],
        "quantiles": ["array-like", tuple, _LEVEL],
        "average": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def pinball(y_true, y_pred, *, quantiles, average=True):
    """Compute the pinball loss of forecasts of quantiles.

    The loss of the forecast q of the quantile of level τ is τ (y − q) where the truth y is above,
    and (1 − τ) (q − y) where the truth is below [1]_. Less is better. Of the median, the loss is
    half the absolute error.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth. A list of arrays, Series or frames holds several series; the result is the mean of
        the losses of each.
    y_pred : array-like or tuple of array-like
        The forecast of each level, of shape (n_quantiles, n_steps[, n_outputs]) or as the tuple
        that ``forecast_quantiles`` returns; of one level, also in the shape of ``y_true``.
    quantiles : float or array-like of float
        Levels in (0, 1), increasing.
    average : bool, default=True
        Whether to return the mean rather than the loss of every level, step and output.

    Returns
    -------
    loss : float, or ndarray of shape (n_quantiles, n_steps[, n_outputs]) without ``average``
        For a list without ``average`` a list of these.

    Raises
    ------
    ValueError
        If quantiles do not increase within (0, 1), or there are not as many in ``y_pred``.

    References
    ----------
    .. [1] R. Koenker and G. Bassett, "Regression quantiles", Econometrica 46, 1978.

    Examples
    --------
    >>> from dlkit.metrics import pinball
    >>> pinball([3.0, 1.0], [2.0, 2.0], quantiles=0.75)
    0.5
    """
    levels = _levels(quantiles)

    def score(truth, forecast):
        return _pinballs(truth, forecast, levels)

    if len(levels) > 1:
        y_pred = _by_series(y_true, y_pred)
    return of_each(score, average, y_true, y_pred, names=("y_pred",))


_BOUNDS = {
    "y_true": ["array-like"],
    "lower": ["array-like"],
    "upper": ["array-like"],
    "average": ["boolean"],
}


def _bounds(truth, lower, upper):
    truth = floats(truth, "y_true")
    lower, upper = (same_shape(b, truth.shape, n) for b, n in ((lower, "lower"), (upper, "upper")))
    if (lower > upper).any():
        raise ValueError("lower must not be above upper: were the two exchanged?")
    return truth, lower, upper


@validate_params(_BOUNDS | {"coverage": [_LEVEL]}, prefer_skip_nested_validation=True)
def interval_score(y_true, lower, upper, *, coverage=0.9, average=True):
    """Compute the interval score, also called Winkler score.

    The width of the interval, and a fine for a truth outside, with α = 1 − coverage [1]_ ::

        (upper - lower) + 2/α max(lower - y, 0) + 2/α max(y - upper, 0)

    Less is better. The least expected score has the interval between the true quantiles α/2 and
    1 − α/2.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth. A list of arrays, Series or frames holds several series; the result is the mean of
        the scores of each.
    lower, upper : array-like in the shape of y_true, or list of these
        Bounds, as ``forecast_interval`` returns them.
    coverage : float, default=0.9
        Probability in (0, 1) that the interval was made for.
    average : bool, default=True
        Whether to return the mean rather than the score of every step and output.

    Returns
    -------
    score : float, or ndarray in the shape of ``y_true`` without ``average``
        For a list without ``average`` a list of these.

    Raises
    ------
    ValueError
        If truth and bounds differ in shape, or a lower bound is above the upper one.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and
       estimation", Journal of the American Statistical Association 102, 2007, eq. 43.

    Examples
    --------
    >>> from dlkit.metrics import interval_score
    >>> round(interval_score([1.0, 4.0], [0.0, 0.0], [2.0, 3.0], coverage=0.9), 4)
    12.5
    """
    fine = 2.0 / (1.0 - coverage)

    def score(truth, lower, upper):
        truth, lower, upper = _bounds(truth, lower, upper)
        outside = np.maximum(lower - truth, 0.0) + np.maximum(truth - upper, 0.0)
        return upper - lower + fine * outside

    return of_each(score, average, y_true, lower, upper, names=("lower", "upper"))


@validate_params(_BOUNDS, prefer_skip_nested_validation=True)
def coverage(y_true, lower, upper, *, average=True):
    """Compute the share of truths that lie within their intervals, bounds included.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth. A list of arrays, Series or frames holds several series; the result is the mean of
        the shares of each.
    lower, upper : array-like in the shape of y_true, or list of these
        Bounds, as ``forecast_interval`` returns them.
    average : bool, default=True
        Whether to return the share rather than, for every step and output, 1.0 where the truth is
        covered and 0.0 where it is not.

    Returns
    -------
    share : float, or ndarray in the shape of ``y_true`` without ``average``
        For a list without ``average`` a list of these.

    Raises
    ------
    ValueError
        If truth and bounds differ in shape, or a lower bound is above the upper one.

    References
    ----------
    .. [1] P. F. Christoffersen, "Evaluating interval forecasts", International Economic Review 39,
       1998.

    Examples
    --------
    >>> from dlkit.metrics import coverage
    >>> coverage([1.0, 4.0], [0.0, 0.0], [2.0, 3.0])
    0.5
    """

    def score(truth, lower, upper):
        truth, lower, upper = _bounds(truth, lower, upper)
        return ((lower <= truth) & (truth <= upper)).astype(np.float64)

    return of_each(score, average, y_true, lower, upper, names=("lower", "upper"))


@validate_params(
    _DISTRIBUTION | {"random_state": ["random_state"]}, prefer_skip_nested_validation=True
)
def pit(y_true, y_pred, *, std=None, quantiles=None, random_state=None):
    """Compute the probability integral transform of truths under forecasts.

    The value is F(y), where F is the distribution function that was forecast. For calibrated
    forecasts the values are uniform between 0 and 1: a histogram with a hump in the middle shows
    forecasts that are too wide, one like a U forecasts that are too narrow [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_steps,) or (n_steps, n_outputs), or list of these
        Truth.
    y_pred, std, quantiles
        The forecast distribution: samples, means and standard deviations, or quantiles, as in
        :func:`crps`.
    random_state : int, RandomState instance or None, default=None
        Where F has a jump (of samples, or of no spread), or where the truth lies outside all
        quantiles, the value is drawn uniformly from what is possible.

    Returns
    -------
    values : ndarray in the shape of ``y_true``, or list of ndarray
        Numbers between 0 and 1.

    Raises
    ------
    ValueError
        If truth and forecast do not fit together, or ``std`` and ``quantiles`` are both given.

    References
    ----------
    .. [1] T. Gneiting, F. Balabdaoui and A. E. Raftery, "Probabilistic forecasts, calibration and
       sharpness", Journal of the Royal Statistical Society B 69, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.metrics import pit
    >>> pit([0.0, 1.96], [0.0, 0.0], std=1.0).round(3)
    array([0.5  , 0.975])
    >>> y = np.random.RandomState(0).normal(size=10_000)
    >>> np.histogram(pit(y, np.zeros(10_000), std=2.0), bins=4, range=(0, 1))[0]
    array([ 910, 4197, 4044,  849])
    """
    _one_kind(std, quantiles)
    rng = check_random_state(random_state)
    if quantiles is not None:
        levels = _levels(quantiles)
        y_pred = _by_series(y_true, y_pred)

        def score(truth, forecast, _):
            truth = floats(truth, "y_true")
            forecast = np.sort(_stack(forecast, truth.shape, len(levels), "quantiles"), axis=0)
            return _between(truth, forecast, levels, rng.uniform(size=truth.shape))

    elif std is not None:
        if is_batch(y_true) and np.ndim(std) == 0:
            std = [std] * len(y_true)

        def score(truth, mean, spread):
            truth = floats(truth, "y_true")
            error = truth - same_shape(mean, truth.shape, "y_pred")
            spread, u = _std(spread, truth.shape), rng.uniform(size=truth.shape)
            with np.errstate(all="ignore"):
                smooth = norm.cdf(error / spread)
            return np.where(spread > 0, smooth, np.where(error == 0, u, error > 0))

    else:

        def score(truth, samples, _):
            truth = floats(truth, "y_true")
            samples = _stack(samples, truth.shape, None, "samples")
            below, same = (samples < truth).sum(axis=0), (samples == truth).sum(axis=0)
            return (below + rng.uniform(size=truth.shape) * (same + 1)) / (len(samples) + 1)

    return of_each(score, False, y_true, y_pred, std, names=("y_pred", "std"))


def _between(truth, forecast, levels, u):
    """Levels of truths between sorted quantiles, by straight lines; drawn outside of them."""
    found = np.empty(truth.shape)
    for at in np.ndindex(truth.shape):
        y, q = truth[at], forecast[(slice(None), *at)]
        left, right = np.searchsorted(q, y, "left"), np.searchsorted(q, y, "right")
        if right - left == 1:  # one quantile is the truth itself
            found[at] = levels[left]
            continue
        low = 0.0 if left == 0 else levels[left - 1]
        high = 1.0 if right == len(q) else levels[right]
        inside = 0 < left == right < len(q)
        share = (y - q[left - 1]) / (q[left] - q[left - 1]) if inside else u[at]
        found[at] = low + share * (high - low)
    return found
