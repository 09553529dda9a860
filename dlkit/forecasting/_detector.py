"""Steps of a series that no forecast foresaw."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.decomposition import PCA
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._forecasts.calendar import check_place
from .._forecasts.indices import home_of, read_calendar
from .._forecasts.kept import HistoryOfSeries
from .._forecasts.quantiles import needed
from .._params import Integral, Interval, Real, StrOptions, count, plain, unchanged_on_failure
from .._validation import is_frame, take
from ..reservoir import ESNForecaster, NVARForecaster
from ._origins import PREDICTION, carries, check_forecaster, cloned, joined, numbers, one_step

__all__ = ["ForecastDetector"]

MEND = (
    "hand over the steps that follow those seen so far, or the training series from its beginning; "
    "X.to_numpy() if its steps follow all the same"
)
BLOCK = 64  # steps that are forecast at once, until one of them is clipped

OURS = (ESNForecaster, NVARForecaster)  # which can be told where a series begins


class ForecastDetector(HistoryOfSeries, OutlierMixin, BaseEstimator):
    """Outliers of a series: steps that a forecaster did not expect.

    A sample is a time step. The detector forecasts each step from the steps before it, compares the
    error with errors on a held-out stretch of the training series, and gives the step a conformal
    p-value: the share of those errors that are as large [1]_. Where nothing is unusual, a step is
    called an outlier with the probability ``false_alarms``.

    An unusual value misleads the forecasts after it. Therefore what the forecaster hears is
    clipped: the forecast, plus the error as far as errors usually go (a robust filter [2]_).

    Parameters
    ----------
    forecaster : forecaster, default=None
        Any object with ``fit(X)`` and ``forecast(n_steps, X=None)``, see
        :class:`ConformalForecaster`; ``NVARForecaster(2 * window, order=1)`` if None. Errors are
        clipped for forecasters of dlkit, whose ``predict`` goes on from a state.
    method : {"forecast", "windows"}, default="forecast"
        ``"windows"`` is the plain way, for comparison: the error of principal components of
        windows of the series, which keep 95 % of the variance, at a step in all windows around it.
    window : int, default=24
        Steps of a season, or of the windows.
    smooth : int, default=3
        Steps over which the sizes of errors are averaged, the step in the middle. 1 judges each
        step by itself.
    calibration : float or int, default=0.3
        The held-out stretch at the end of the training series: a share, or a number of steps.
    clip : float, default=0.99
        Share of the errors on the held-out stretch that are left as they are; larger ones are
        clipped to it.
    false_alarms : float, default=0.01
        Share of ordinary steps that ``predict`` calls outliers.
    random_state : int, RandomState instance or None, default=None
        Seeds a ``forecaster`` without a seed of its own.

    Attributes
    ----------
    forecaster_ : forecaster
        The fitted forecaster; PCA for ``method="windows"``.
    errors_ : ndarray of shape (n_errors,)
        Sizes of ordinary errors, smoothed, in the order of time.
    offset_ : float
        ``log(false_alarms)``: :meth:`score_samples` less this is :meth:`decision_function`.
    n_features_in_ : int
        Channels of the series.

    Notes
    -----
    With several channels, errors are divided by their spread on the held-out stretch, and their
    root mean square counts.

    References
    ----------
    .. [1] Laxhammar & Falkman (2014), Online learning and sequential anomaly detection in
       trajectories, IEEE TPAMI 36(6).
    .. [2] Masreliez & Martin (1977), Robust Bayesian estimation for the linear model and
       robustifying the Kalman filter, IEEE Transactions on Automatic Control 22.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.forecasting import ForecastDetector
    >>> rng = np.random.RandomState(0)
    >>> x = np.sin(2 * np.pi * np.arange(1200) / 24) + 0.05 * rng.normal(size=1200)
    >>> detector = ForecastDetector().fit(x[:1000])
    >>> new = x[1000:].copy()
    >>> new[100:104] += [0.5, -0.6, 0.7, 0.4]
    >>> np.flatnonzero(detector.predict(new) == -1)
    array([ 99, 100, 101, 102, 103, 104, 114])
    """

    _parameter_constraints = {
        "forecaster": "no_validation",
        "method": [StrOptions({"forecast", "windows"})],
        "window": [count()],
        "smooth": [count()],
        "calibration": [Interval(Real, 0, 1, closed="neither"), count()],
        "clip": [Interval(Real, 0.5, 1, closed="both")],
        "false_alarms": [Interval(Real, 0, 0.5, closed="right")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        forecaster=None,
        *,
        method="forecast",
        window=24,
        smooth=3,
        calibration=0.3,
        clip=0.99,
        false_alarms=0.01,
        random_state=None,
    ):
        self.forecaster = forecaster
        self.method = method
        self.window = window
        self.smooth = smooth
        self.calibration = calibration
        self.clip = clip
        self.false_alarms = false_alarms
        self.random_state = random_state

    @property
    def _window(self):
        return plain(self.window)

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Learn what is usual in a series.

        Parameters
        ----------
        X : array-like of shape (T,) or (T, C)
            One series, its rows consecutive steps: an array, a Series or a DataFrame. A few
            outliers do no harm.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        values = numbers(X)
        names, n = _names(X), len(values)
        calendar, _ = read_calendar(X)
        wanted = plain(self.calibration)
        m = wanted if isinstance(wanted, Integral) else round(wanted * n)
        least = needed([plain(self.false_alarms)])
        if m < least or n - m < 2 * self._window:
            raise ValueError(
                f"X has {n} steps (n_samples={n}), of which calibration={wanted} holds out {m} and "
                f"leaves {n - m}: false_alarms={self.false_alarms} needs {least} held-out steps, "
                f"and window={self.window} needs {2 * self._window} to learn from. Give a longer "
                "series, or set false_alarms, window or calibration."
            )
        start = n - m
        self.n_features_in_ = values.shape[1]
        vars(self).pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        if self.method == "forecast" and carries(self._learner()):
            X = values  # names and dates are checked here
        self._head = values[: max(2 * self._window, 16)].copy()
        learner, final = self._learner(), None
        if self.method == "windows":
            with np.errstate(all="ignore"):  # shares of the variance of a constant
                final = learner.fit(_windows(values[:start], self._window))
            found = _window_errors(final, values[start - self._window + 1 :], self._window)
            errors = found[self._window - 1 :]
            self.spread_, self.limit_ = np.ones(values.shape[1]), np.inf
        else:
            first = learner.fit(take(X, slice(0, start)))
            raw = values[start:] - one_step(first, X, start)
            self.spread_ = np.where(raw.any(axis=0), np.sqrt(np.mean(raw**2, axis=0)), 1.0)
            self.limit_ = np.quantile(np.abs(raw), plain(self.clip), axis=0)
            errors = self._sizes(self._errors(first, X, start)[0])
            final = self._learner().fit(X)
        self.errors_ = _smoothed(errors, plain(self.smooth))
        self.forecaster_, self._history, self._calendar = final, X, calendar
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None):
        """Go on with the series: add the errors of ordinary steps to those that are compared with.

        Parameters
        ----------
        X : array-like of shape (n_new,) or (n_new, C)
            The steps that follow those given before; the first call is a :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The forecaster does not learn these steps. Steps that :meth:`predict` calls outliers
            are left out.
        """
        if not hasattr(self, "forecaster_"):
            return self.fit(X)
        self._validate_params()
        errors, heard = self._new_errors(X)
        usual = self._log_p(errors) >= self.offset_
        self.errors_ = np.concatenate([self.errors_, errors[usual]])
        self._calendar = self._calendar.joined(read_calendar(X)[0])
        self._history = joined(self._history, X if heard is None else heard)
        return self

    @property
    def offset_(self):
        """Logarithm of the share of false alarms."""
        check_is_fitted(self, "forecaster_")
        return float(np.log(plain(self.false_alarms)))

    def score_samples(self, X):
        """Logarithm of the p-value of each step: the lower, the more unusual.

        Parameters
        ----------
        X : array-like of shape (T,) or (T, C)
            The steps that follow the training series (and those given to :meth:`partial_fit`), or
            the training series from its beginning, whose first steps are then not judged.

        Returns
        -------
        scores : ndarray of shape (T,)
            log p with p = (1 + number of compared errors that are as large) / (1 + n). Beyond the
            largest error, p falls on as the largest error over this one, so that outliers can be
            ranked.
        """
        check_is_fitted(self, "forecaster_")
        return self._log_p(self._new_errors(X)[0])

    def decision_function(self, X):
        """Scores above zero for ordinary steps, below for outliers.

        Parameters
        ----------
        X : array-like of shape (T,) or (T, C)
            As of :meth:`score_samples`.

        Returns
        -------
        decision : ndarray of shape (T,)
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X):
        """Say of each step whether it is an outlier.

        Parameters
        ----------
        X : array-like of shape (T,) or (T, C)
            As of :meth:`score_samples`.

        Returns
        -------
        labels : ndarray of shape (T,)
            −1 for outliers, 1 for others.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def _learner(self):
        if self.method == "windows":
            return PCA(0.95, svd_solver="full")
        if self.forecaster is None:
            return NVARForecaster(2 * self._window, order=1)
        check_forecaster(self.forecaster)
        learner = cloned(self.forecaster)
        params = learner.get_params() if hasattr(learner, "get_params") else {}
        if params.get("random_state", 0) is None:
            rng = check_random_state(self.random_state)
            learner.set_params(random_state=rng.randint(2**31 - 1))
        return learner

    def _new_errors(self, X):
        """Sizes of errors of the steps of X, smoothed, and what the forecaster heard of them.

        Sizes are zero where there is no forecast.
        """
        values = numbers(X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        names, seen = _names(X), getattr(self, "feature_names_in_", None)
        if names is not None and seen is not None and list(names) != list(seen):
            raise ValueError(
                "The feature names should match those that were passed during fit: "
                f"{list(seen)}, got {list(names)}."
            )
        calendar, _ = read_calendar(X)
        X = values if home_of(self._history) is None else X
        head = self._head[: len(values)]
        anew = len(values) >= len(head) > 1 and np.array_equal(values[: len(head)], head)
        check_place(calendar, self._calendar, not anew, "X", MEND)
        series, start = (X, 0) if anew else (joined(self._history, X), len(self._history))
        heard = None
        if self.method == "windows":
            w, whole = self._window, numbers(series)
            whole = whole[max(start - w + 1, 0) :]
            found = _window_errors(self.forecaster_, whole, w)[len(whole) - len(values) :]
        else:
            begin = max(start, min(2 * self._window, len(values) - 1), 1) if anew else start
            found = np.zeros(len(values))
            if begin < start + len(values):
                errors, heard = self._errors(self.forecaster_, series, begin)
                found[begin - start :] = self._sizes(errors)
        return _smoothed(found, plain(self.smooth)), heard

    def _sizes(self, errors):
        return np.sqrt(np.mean((errors / self.spread_) ** 2, axis=1))

    def _errors(self, forecaster, X, start):
        """Errors from step ``start`` on, of forecasts that hear clipped values, and these."""
        if not carries(forecaster):
            return numbers(X)[start:] - one_step(forecaster, X, start), None
        values = numbers(X)
        heard, errors, t = values[start - 1 :].copy(), [], 0
        state = None
        if start > 1:
            rest = {"initial_state": "rest"} if isinstance(forecaster, OURS) else {}
            _, state = forecaster.predict(take(X, slice(0, start - 1)), return_state=True, **rest)
        while t < len(heard) - 1:
            block = heard[t : t + BLOCK][: len(heard) - 1 - t]
            predicted, last = _go_on(forecaster, block, state)
            e = values[start + t : start + t + len(block)] - predicted
            wild = np.flatnonzero((np.abs(e) > self.limit_).any(axis=1))
            if len(wild):
                stop = wild[0] + 1
                e = e[:stop]
                heard[t + stop] = predicted[wild[0]] + np.clip(e[-1], -self.limit_, self.limit_)
                if stop < len(block):
                    _, last = _go_on(forecaster, block[:stop], state)
            errors.append(e)
            state, t = last, t + len(e)
        return np.concatenate(errors), heard[1:]

    def _log_p(self, errors):
        known = np.sort(self.errors_)
        larger = len(known) - np.searchsorted(known, errors, side="left")
        with np.errstate(all="ignore"):
            beyond = np.where(errors > known[-1], known[-1] / errors, 1.0)
            return np.log((larger + 1) / (len(known) + 1)) + np.maximum(np.log(beyond), -700.0)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        return tags


def _names(X):
    """Names of the channels of a frame; None for others, and for names that are no text."""
    _, x = read_calendar(X)
    if not is_frame(x) or not all(isinstance(name, str) for name in x.columns):
        return None
    return np.array(list(x.columns), dtype=object)


def _go_on(forecaster, block, state):
    how = {} if state is None else {"initial_state": state}
    predicted, state = forecaster.predict(block, return_state=True, **how)
    return numbers(predicted, PREDICTION), state


def _windows(values, width):
    """All windows of a series, of shape (n, width · C)."""
    return sliding_window_view(values, width, axis=0).reshape(len(values) - width + 1, -1)


def _window_errors(pca, values, width):
    """Root mean square of what components leave of each step, over the windows that hold it."""
    if len(values) < width:
        return np.zeros(len(values))
    rows = _windows(values, width)
    left = rows - pca.inverse_transform(pca.transform(rows))
    left = np.square(left).reshape(len(rows), values.shape[1], width).mean(axis=1)
    total, held = np.zeros(len(values)), np.zeros(len(values))
    for k in range(width):
        total[k : k + len(rows)] += left[:, k]
        held[k : k + len(rows)] += 1
    return np.sqrt(total / held)


def _smoothed(errors, n):
    """Means over n steps, the step in the middle; at the ends over as many as there are."""
    total = np.concatenate([[0.0], np.cumsum(errors)])
    step = np.arange(len(errors))
    first = np.maximum(step - (n - 1) // 2, 0)
    stop = np.minimum(step + n // 2 + 1, len(errors))
    return (total[stop] - total[first]) / (stop - first)
