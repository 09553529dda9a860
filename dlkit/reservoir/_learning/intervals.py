"""How sure forecasters are of their forecasts: methods of theirs, on errors of the past."""

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..._forecasts.horizon import check_horizon
from ..._forecasts.quantiles import LEVELS, check_coverage, check_levels, tails
from ..._forecasts.series import Outset
from ..._params import sizes_named
from ...sequences import pack
from .past_errors import METHODS, PastErrors

__all__ = [
    "forecast_interval",
    "forecast_quantiles",
    "forecasts_from",
    "past_errors",
    "sample_paths",
]


def forecast_interval(
    self, n_steps, X=None, *, coverage=0.9, method="auto", covariates=None
):  # fmt: skip
    """Intervals in which the steps to come lie with a given probability, each step by itself.

    Parameters
    ----------
    n_steps : int
        Steps to forecast.
    X : array-like or list of array-like, default=None
        Series to carry on, as in :meth:`forecast`.
    coverage : float, default=0.9
        The probability, between 0 and 1.
    method : {"auto", "rescp", "aci", "loo", "gaussian"}, default="auto"
        Where the spread comes from. Past forecasts are those of the training series (of its
        last 4096 steps), by readouts that did not learn the stretch that is forecast.

        * ``"rescp"``: errors of past forecasts of so many steps, those made in states like the
          present one with more weight [1]_; how much more is chosen on these errors;
        * ``"aci"``: the same errors, all alike, at a level that was adapted to them in the
          order of time [2]_;
        * ``"loo"``: leave-one-out errors of one step, in closed form; for several steps, in
          blocks, in 1000 paths of the closed loop;
        * ``"gaussian"``: normal errors, whose variance a second ridge regression of the
          logarithms of squared errors tells from the state [3]_;
        * ``"auto"``: "rescp" where there are enough past forecasts, else "loo".
    covariates : array-like or list of array-like, default=None
        As in :meth:`forecast`.

    Returns
    -------
    lower, upper : ndarray, Series or DataFrame, or list of these
        Bounds, each in the form of :meth:`forecast`.

    Raises
    ------
    ValueError
        If the training series has too few steps for so sure an interval; the message says how
        many errors are needed.

    References
    ----------
    .. [1] Neglia et al. (2025), ResCP: reservoir conformal prediction for time series
       forecasting, arXiv 2510.05060.
    .. [2] Gibbs & Candès (2021), Adaptive conformal inference under distribution shift,
       NeurIPS.
    .. [3] Davidian & Carroll (1987), Variance function estimation, JASA 82.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> x = np.sin(0.3 * np.arange(600)) + 0.1 * np.random.RandomState(0).randn(600)
    >>> esn = ESNForecaster(50, random_state=0).fit(x[:500])
    >>> lower, upper = esn.forecast_interval(100, coverage=0.9)
    >>> bool(0.8 < np.mean((lower < x[500:]) & (x[500:] < upper)) < 1)
    True
    """
    coverage = check_coverage(coverage)
    return _quantiles(self, n_steps, X, tails(coverage), method, coverage, covariates)


def forecast_quantiles(
    self, n_steps, X=None, *, quantiles=LEVELS, method="auto", covariates=None
):  # fmt: skip
    """Quantiles of the steps to come, each step by itself.

    Parameters
    ----------
    n_steps, X, method, covariates
        As in :meth:`forecast_interval`.
    quantiles : sequence of float, default=(0.1, 0.2, ..., 0.9)
        Levels between 0 and 1.

    Returns
    -------
    quantiles : tuple of ndarray, Series or DataFrame, or of lists of these
        One for each level, in the form of :meth:`forecast`.
    """
    return _quantiles(self, n_steps, X, check_levels(quantiles), method, 0.9, covariates)


def sample_paths(self, n_steps, n_paths, X=None, *, covariates=None, random_state=None):
    """Draw courses that the series may take.

    Every path is a run of the closed loop with blocks of past errors in it. Where there are
    enough past forecasts of so many steps, the spread at each step is that of their errors
    ("rescp" of :meth:`forecast_interval`), in the order of the paths [1]_.

    Parameters
    ----------
    n_steps : int
        Steps to forecast.
    n_paths : int
        Paths.
    X : array-like or list of array-like, default=None
        Series to carry on, as in :meth:`forecast`.
    covariates : array-like or list of array-like, default=None
        As in :meth:`forecast`.
    random_state : int, RandomState instance or None, default=None
        Draws the errors.

    Returns
    -------
    paths : ndarray of shape (n_paths, n_steps) or (n_paths, n_steps, C), or list of these
        The latter for several series.

    References
    ----------
    .. [1] Schefzik, Thorarinsdottir & Gneiting (2013), Uncertainty quantification in complex
       simulation models using ensemble copula coupling, Statistical Science 28.
    """
    check_is_fitted(self)
    n_steps, n_paths = check_horizon(n_steps), check_horizon(n_paths, "n_paths")
    self._check_ahead()
    rng, past = check_random_state(random_state), past_errors(self, n_steps)
    begin = self._outset(n_steps, X, None, covariates)
    with sizes_named(self, {"n_steps": n_steps, "n_paths": n_paths}):
        return begin.answer_paths(past.paths(n_paths, begin, rng))


def forecasts_from(self, n_steps, origins, X):
    """Forecasts from several steps of one series, as they would have been made there.

    Parameters
    ----------
    n_steps : int
        Steps to forecast.
    origins : array-like of int of shape (n_origins,)
        How many steps of the series are known, in increasing order.
    X : array-like of shape (T,) or (T, C)
        The series.

    Returns
    -------
    futures : ndarray of shape (n_origins, n_steps, C)
        In the data's units.
    """
    check_is_fitted(self)
    n_steps, origins = check_horizon(n_steps), np.asarray(origins, dtype=np.int64)
    self._check_ahead()
    if not len(origins):
        return np.empty((0, n_steps, self.last_input_[:, self.driver_.roles.free].shape[1]))
    series, state, _ = self._begin(X, None)
    past = past_errors(self, n_steps)
    begin = Outset(*past.outset(series.batch, state, origins), "cube", (), series.units)
    future = self._carried_on(n_steps, begin)
    return begin.back(future.reshape(1, -1, future.shape[2])).reshape(future.shape)


def past_errors(self, n_steps):
    """Errors of forecasts of the training series."""
    stream = self._stream
    batch = pack(list(stream.past.tails), rows="steps")
    whole = bool((stream.n_seen <= batch.lengths).all())
    n_known = batch.n_channels - self.n_channels_in_
    how = stream.increments, stream.n_ahead, batch, whole, n_steps, n_known
    return PastErrors(self.driver_, self.readout_, *how)


def _quantiles(self, n_steps, X, levels, method, coverage, covariates):
    check_is_fitted(self)
    n_steps = check_horizon(n_steps)
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}.")
    self._check_ahead()
    begin, past = self._outset(n_steps, X, None, covariates), past_errors(self, n_steps)
    free, rng = self.driver_.roles.free, np.random.RandomState(0)  # the same paths every time
    with sizes_named(self, {"n_steps": n_steps}):
        future = self._carried_on(n_steps, begin._replace(states=begin.states.copy()))
        spread = past.quantiles(method, levels, begin, coverage, rng)
    bounds = (future + spread[:, k] for k in range(len(levels)))
    return tuple(begin.answer(one.astype(future.dtype), free) for one in bounds)
