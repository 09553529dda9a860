"""Intervals around the forecasts of any forecaster, which adapt to the values that come."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._forecasts.horizon import check_horizon
from .._forecasts.kept import HistoryOfSeries
from .._forecasts.quantiles import (
    LEVELS,
    Sphere,
    check_coverage,
    check_enough,
    check_levels,
    choose_temperature,
    needed,
    tails,
)
from .._params import (
    Interval,
    Real,
    StrOptions,
    count,
    non_negative,
    plain,
    unchanged_on_failure,
)
from .._validation import naming, take
from ..reservoir import ESNForecaster, ReservoirStates
from ._origins import (
    FORECAST,
    PREDICTION,
    added,
    ahead_from,
    carries,
    check_forecaster,
    cloned,
    joined,
    members,
    numbers,
    one_step,
)
from ._pool import Pool, held_out

__all__ = ["ConformalForecaster"]


class ConformalForecaster(HistoryOfSeries, BaseEstimator):
    """Intervals around any forecaster, from errors it made on a held-out stretch of the series.

    ``fit`` lets the forecaster learn the first part of the series, and notes its errors on the
    rest; then the forecaster learns the whole series (``refit``). An interval is made of quantiles
    of these errors around the forecast, for each number of steps ahead by itself. ``update`` takes
    values as they come: their errors join the others, and the level of the intervals adapts, so
    that in the long run as many values as asked lie inside, whatever the series does.

    Parameters
    ----------
    forecaster : forecaster, default=None
        Any object with ``fit(X)`` and ``forecast(n_steps, X=None)``, and ``predict(X)`` for the
        step after each row if there is a fast way; :class:`~dlkit.ESNForecaster` if None.
    method : {"rescp", "aci", "split"}, default="rescp"
        Which errors count:

        * ``"rescp"``: errors made when a fixed reservoir that hears the series was in a state like
          the present one, with weights exp(cos(h, hᵢ)/τ) [1]_; the level adapts as with "aci";
        * ``"aci"``: the last errors, all alike, at a level that adapts [2]_:
          α ← α + γ ((1 − coverage) − missed);
        * ``"split"``: the last errors, all alike.
    window : int, default=None
        How many of the last errors count; as many as the held-out stretch gave if None.
    tau : float or "auto", default="auto"
        Temperature τ of the weights: the smaller, the fewer errors decide. ``"auto"`` chooses on
        the held-out stretch alone: among those that cover, the one with the best interval score.
    gamma : float, default=0.01
        Step γ by which the level adapts; 0 keeps the level.
    calibration : float or int, default=0.3
        The held-out stretch: a share of the series, or a number of steps.
    refit : bool, default=True
        Whether the forecaster learns the whole series once its errors are known. The intervals are
        then a little wide, since a forecaster that saw less made the errors.
    n_units : int, default=200
        Units of the reservoir that tells which states are alike.
    random_state : int, RandomState instance or None, default=None
        Seeds that reservoir.

    Attributes
    ----------
    forecaster_ : forecaster
        The fitted forecaster.
    errors_ : list of ndarray of shape (n_errors, n_channels)
        Truth minus forecast, one step ahead, of each series in the order of time.
    tau_ : float
        Temperature in use.
    n_channels_in_ : int
        Channels of the series.

    See Also
    --------
    dlkit.forecasting.backtest : Forecasts from many origins, and their errors.
    dlkit.metrics.coverage, dlkit.metrics.interval_score : What intervals are judged by.

    Notes
    -----
    For n steps ahead, the errors of n steps ahead count. These are fewer, and follow each other
    closely; with a short series take fewer steps, or a larger ``calibration``. A quantile of level
    τ needs at least 1/(1 − τ) − 1 errors: 19 for an interval that covers 90 %.

    References
    ----------
    .. [1] Neglia et al. (2025), ResCP: reservoir conformal prediction for time series forecasting,
       arXiv 2510.05060.
    .. [2] Gibbs & Candès (2021), Adaptive conformal inference under distribution shift, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> from dlkit.forecasting import ConformalForecaster
    >>> rng = np.random.RandomState(0)
    >>> x = np.sin(0.3 * np.arange(700)) + 0.1 * rng.normal(size=700)
    >>> model = ConformalForecaster(ESNForecaster(50, random_state=0), random_state=0)
    >>> lower, upper = model.fit(x[:600]).forecast_interval(100, coverage=0.9)
    >>> inside = (lower <= x[600:]) & (x[600:] <= upper)
    >>> bool(0.8 < inside.mean() < 1), lower.shape
    (True, (100,))
    >>> model = model.update(x[600:])  # and so on, as values come
    >>> lower, upper = model.forecast_interval(1)
    """

    _parameter_constraints = {
        "forecaster": "no_validation",
        "method": [StrOptions({"rescp", "aci", "split"})],
        "window": [count(), None],
        "tau": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "gamma": [non_negative()],
        "calibration": [Interval(Real, 0, 1, closed="neither"), count()],
        "refit": ["boolean"],
        "n_units": [count()],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        forecaster=None,
        *,
        method="rescp",
        window=None,
        tau="auto",
        gamma=0.01,
        calibration=0.3,
        refit=True,
        n_units=200,
        random_state=None,
    ):
        self.forecaster = forecaster
        self.method = method
        self.window = window
        self.tau = tau
        self.gamma = gamma
        self.calibration = calibration
        self.refit = refit
        self.n_units = n_units
        self.random_state = random_state

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Fit the forecaster, and note its errors on the end of the series.

        Parameters
        ----------
        X : array-like or list of array-like
            One series: an array of shape (T,) or (T, C), a Series or a DataFrame; or a list of
            series, to which the forecaster is fitted at once.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the held-out stretch is too short for any interval of 80 %.
        """
        self._validate_params()
        rng = check_random_state(self.random_state)
        several, series = members(X)
        forecaster = self.forecaster
        if forecaster is None:
            forecaster = ESNForecaster(random_state=rng.randint(2**31 - 1))
        check_forecaster(forecaster)
        values = [numbers(x, f"X[{i}]" if several else "X") for i, x in enumerate(series)]
        starts = [len(x) - held_out(plain(self.calibration), len(x)) for x in series]
        heads = [take(x, slice(0, start)) for x, start in zip(series, starts, strict=True)]
        first = cloned(forecaster).fit(heads if several else heads[0])
        self._several, self._first, self._starts = several, first, starts
        parts = list(zip(series, values, starts, strict=True))
        self._scales = [(v[:s].mean(axis=0), _spread(v[:s])) for _, v, s in parts]
        errors = [v[s:] - one_step(first, x, s) for x, v, s in parts]
        self.n_channels_in_ = values[0].shape[1]
        self._n_fit = [len(x) for x in series]
        self._history, self.errors_ = list(series), errors
        self._reservoir = ReservoirStates(self.n_units, random_state=rng.randint(2**31 - 1))
        self._reservoir.fit(self._standard(0, values[0]))
        self._states = [
            self._reservoir.transform(self._standard(i, v)) for i, v in enumerate(values)
        ]
        self._sphere = Sphere(np.concatenate(self._states))
        directions = [self._sphere.of(states) for states in self._states]
        self._states = [states[-1:] for states in self._states]
        self._directions = [d[s - 1 :] for d, s in zip(directions, starts, strict=True)]
        self.tau_ = self._choose_tau()
        self._ahead, self._levels = {}, {}
        self.forecaster_ = cloned(forecaster).fit(X) if self.refit else first
        self._carried = [None] * len(series)
        if not several and carries(self.forecaster_):  # the state before the last step
            before = take(series[0], slice(0, len(series[0]) - 1))
            self._carried = [self.forecaster_.predict(before, return_state=True)[1]]
        return self

    @unchanged_on_failure
    def update(self, new_values):
        """Go on with the series: note the errors of forecasts of these values, and adapt.

        Parameters
        ----------
        new_values : array-like, or list of array-like for several series
            The steps that follow, one or more: numbers, or in the form of the series, with an index
            that goes on.

        Returns
        -------
        self : object
            The forecaster does not learn these values, but carries on from their end.
        """
        check_is_fitted(self)
        new = new_values if self._several else [new_values]
        if self._several and (not isinstance(new, (list, tuple)) or len(new) != len(self._history)):
            raise ValueError(
                f"new_values must be a list, with the next steps of {len(self._history)} series."
            )
        history, errors, directions, states, carried = [], [], [], [], []
        for i, (before, one) in enumerate(zip(self._history, new, strict=True)):
            one = [one] if np.ndim(one) == 0 and not hasattr(one, "index") else one
            name = f"new_values[{i}]" if self._several else "new_values"
            if np.ndim(one) and not len(one):
                raise ValueError(f"{name} holds no step: give one at least.")
            after = joined(before, _rows(one, self.n_channels_in_), name)
            n, state = len(before), self._carried[i]
            if state is None:
                values, predicted = numbers(after, name)[n:], one_step(self.forecaster_, after, n)
            else:
                rows = take(after, slice(n - 1, len(after)))
                values = numbers(rows, name)[1:]
                predicted, state = self.forecaster_.predict(
                    take(rows, slice(0, len(values))), initial_state=state, return_state=True
                )
                predicted = numbers(predicted, PREDICTION)
            carried.append(state)
            errors.append(np.concatenate([self.errors_[i], values - predicted]))
            more = self._reservoir.transform(
                self._standard(i, values), initial_state=self._states[i]
            )
            directions.append(np.concatenate([self._directions[i], self._sphere.of(more)]))
            states.append(more[-1:])
            history.append(after)
        self._history, self.errors_ = history, errors
        self._directions, self._states, self._carried = directions, states, carried
        return self

    @unchanged_on_failure
    def follow(self, new_values, *, coverage=0.9):
        """Go on with one series, and say what interval each value was expected in.

        Parameters
        ----------
        new_values : array-like
            As of :meth:`update`.
        coverage : float, default=0.9
            Probability, between 0 and 1.

        Returns
        -------
        lower, upper : ndarray of shape (n_new,) or (n_new, C)
            The interval one step ahead that was made before each of the values came, as if
            ``forecast_interval(1)`` and ``update`` had been called for one value after another.
        """
        check_is_fitted(self)
        coverage = check_coverage(coverage)
        if self._several:
            raise ValueError("follow takes one series, but fit had a list of several.")
        begin, levels = len(self.errors_[0]), tails(coverage)
        check_enough(begin, levels, self._what(), self._mend(1, levels))
        if self._adapts():
            self._level(0, self._pool(0, 1), coverage)
        self.update(new_values)
        pool, issued = self._pool(0, 1), {}
        if self._adapts():
            self._level(0, pool, coverage, issued)
        else:
            issued = {t: pool.quantiles(t, levels) for t in range(begin, pool.now)}
        ends = np.array([issued[t][:, 0] for t in range(begin, pool.now)])
        values = numbers(take(self._history[0], slice(-len(ends), None)))
        bounds = values - self.errors_[0][begin:] + np.moveaxis(ends, 1, 0)
        flat = np.ndim(self._history[0]) == 1
        return tuple(one[:, 0] if flat else one for one in bounds)

    def _adapts(self):
        return self.method != "split" and self.gamma > 0

    def forecast(self, n_steps):
        """Carry the series on, as the forecaster does.

        Parameters
        ----------
        n_steps : int
            Steps to forecast.

        Returns
        -------
        future : ndarray, Series or DataFrame, or list of these
            The steps that follow the last value given to ``fit`` or ``update``.
        """
        check_is_fitted(self)
        n_steps = check_horizon(n_steps)
        if self._several:
            return self.forecaster_.forecast(n_steps, X=self._history)
        series, state = self._history[0], self._carried[0]
        if state is None:
            return self.forecaster_.forecast(n_steps, X=series)
        last = take(series, slice(len(series) - 1, len(series)))
        return self.forecaster_.forecast(n_steps, X=last, initial_state=state)

    def forecast_interval(self, n_steps, *, coverage=0.9):
        """Intervals in which the steps to come lie with a given probability, each step by itself.

        Parameters
        ----------
        n_steps : int
            Steps ahead.
        coverage : float, default=0.9
            The probability, between 0 and 1.

        Returns
        -------
        lower, upper : ndarray, Series or DataFrame, or list of these
            Bounds, in the form of :meth:`forecast`.

        Raises
        ------
        ValueError
            If there are too few errors so many steps ahead; the message says how many are needed.
        """
        coverage = check_coverage(coverage)
        return tuple(self._quantiles(n_steps, tails(coverage), coverage))

    def forecast_quantiles(self, n_steps, *, quantiles=LEVELS):
        """Quantiles of the steps to come, each step by itself.

        Parameters
        ----------
        n_steps : int
            Steps ahead.
        quantiles : sequence of float, default=(0.1, 0.2, ..., 0.9)
            Levels between 0 and 1.

        Returns
        -------
        quantiles : tuple of ndarray, Series or DataFrame, or of lists of these
            One for each level, in the form of :meth:`forecast`.
        """
        return tuple(self._quantiles(n_steps, check_levels(quantiles), None))

    def sample_paths(self, n_steps, n_paths, *, random_state=None):
        """Draw courses that the series may take.

        A path is the forecast and the errors of one past forecast of so many steps; errors of
        forecasts made in states like the present one are drawn more often.

        Parameters
        ----------
        n_steps, n_paths : int
            Steps ahead, and paths.
        random_state : int, RandomState instance or None, default=None
            Draws the errors.

        Returns
        -------
        paths : ndarray of shape (n_paths, n_steps) or (n_paths, n_steps, C), or list of these
        """
        check_is_fitted(self)
        n_steps, n_paths = check_horizon(n_steps), check_horizon(n_paths, "n_paths")
        with naming("random_state"):
            rng, paths = check_random_state(random_state), []
        for i, future in enumerate(self._futures(n_steps)):
            pool = self._pool(i, n_steps)
            origins, weights = pool.at(pool.now)
            whole = origins + n_steps <= pool.now
            errors, weights = pool.errors[origins[whole]], weights[whole]
            check_enough(len(errors), [0.5], self._what(), self._mend(n_steps, [0.5]))
            drawn = rng.choice(len(errors), size=n_paths, p=weights / weights.sum())
            found = numbers(future, FORECAST) + errors[drawn]
            paths.append(found[:, :, 0] if np.ndim(future) == 1 else found)
        return paths if self._several else paths[0]

    def _standard(self, i, values):
        mean, spread = self._scales[i]
        return (values - mean) / spread

    def _choose_tau(self):
        if self.method != "rescp":
            return np.inf
        if self.tau != "auto":
            return float(self.tau)
        longest = int(np.argmax([len(e) for e in self.errors_]))
        errors = self.errors_[longest]
        return choose_temperature(errors[-2000:], self._directions[longest][:-1][-2000:], 0.9)

    def _errors_ahead(self, i, n_steps):
        """Errors of n_steps ahead from every origin since the held-out stretch began.

        Of shape (n_origins, n_steps, C); NaN where the truth has not come yet. The last origin is
        the end of the series.
        """
        history, start, n = self._history[i], self._starts[i], len(self._history[i])
        if n_steps == 1:
            errors = self.errors_[i]
            return np.concatenate([errors, np.full((1, errors.shape[1]), np.nan)])[:, None]
        known = self._ahead.get((i, n_steps), np.empty((0, n_steps, self.n_channels_in_)))
        fit_end, parts = self._n_fit[i], [known]
        spans = (self._first, start, fit_end), (self.forecaster_, fit_end, n + 1)
        for forecaster, begin, stop in spans:
            origins = np.arange(max(begin, start + len(known)), stop)
            if len(origins):
                series = take(history, slice(0, min(stop, n)))
                parts.append(ahead_from(forecaster, series, origins, n_steps))
        found = np.concatenate(parts)
        self._ahead = self._ahead | {(i, n_steps): found}
        values = numbers(history)
        rows = start + np.arange(len(found))[:, None] + np.arange(n_steps)
        truth = np.where((rows < n)[:, :, None], values[np.minimum(rows, n - 1)], np.nan)
        return truth - found

    def _pool(self, i, n_steps):
        """Errors so many steps ahead, up to now."""
        window = plain(self.window) or self._n_fit[i] - self._starts[i]
        errors, directions = self._errors_ahead(i, n_steps), self._directions[i]
        return Pool(errors, directions, window, self.tau_, self.gamma)

    def _level(self, i, pool, coverage, kept=None):
        """Levels of a pool, adapted up to now; how far that went is noted."""
        key = i, pool.errors.shape[1], coverage
        begun = pool.adapt(coverage, self._levels.get(key), kept)
        self._levels = self._levels | {key: begun}
        return begun[1]

    def _quantiles(self, n_steps, levels, coverage):
        check_is_fitted(self)
        n_steps, found = check_horizon(n_steps), []
        for i in range(len(self._history)):
            pool = self._pool(i, n_steps)
            check_enough(pool.n_known, levels, self._what(), self._mend(n_steps, levels))
            if coverage is not None and self._adapts():
                found.append(pool.interval(pool.now, self._level(i, pool, coverage)))
            else:
                found.append(pool.quantiles(pool.now, levels))
        futures = self._futures(n_steps)
        for j in range(len(levels)):
            each = [added(future, one[j]) for future, one in zip(futures, found, strict=True)]
            yield each if self._several else each[0]

    def _futures(self, n_steps):
        future = self.forecast(n_steps)
        return future if self._several else [future]

    def _what(self):
        return f"calibration={self.calibration}"

    def _mend(self, n_steps, levels):
        steps = needed(levels) + n_steps - 1
        return (
            f"for {n_steps} steps ahead hold out {steps} steps or more (calibration={steps}), ask "
            "for less coverage, or for fewer steps"
        )


def _spread(values):
    spread = values.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def _rows(one, n_channels):
    """Steps as rows: a flat array of one step with several channels is one row."""
    if hasattr(one, "index") or n_channels == 1 or np.ndim(one) != 1:
        return one
    return np.reshape(one, (1, -1))
