"""A forecaster of ordinary series: seasons and a level."""

from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._forecasts.covariates import windows
from .._forecasts.horizon import check_horizon
from .._forecasts.labels import warn_of_clocks
from .._forecasts.quantiles import LEVELS, check_coverage, check_levels, tails
from .._forecasts.series import answer, read_series
from .._params import StrOptions, count, plain, unchanged_on_failure
from .._validation import naming, refuse_overflow
from ..sequences import step_targets, step_weights
from ._courses import unit_of
from ._origins import check_forecaster
from ._sides import Sides, mixed
from ._wrapped import WrappedLevels

__all__ = ["SeasonalForecaster"]


class SeasonalForecaster(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Seasons and a level: the forecaster to try first on sales, load or passengers.

    A series is taken apart, y(t) = level(t) × shape(phase of t), or level(t) + shape(phase of t).
    The shape is what the phases of each season have in common; the level is forecast, and put
    together with the shape again. By default the forecast of the level is a weighted mean of three:
    a line with half the slope of the whole series (theta, [1]_ [2]_), a line whose trend is damped
    [3]_, and a ridge regression on windows, fitted to all series at once, which tells several steps
    ahead from one solve. Weights come from how each did in the past of the series: by likelihood,
    or of ten series or more, those that make the error of the mean least. Everything is
    in the data's units, and carries the index on.

    Parameters
    ----------
    forecaster : forecaster, default=None
        What forecasts the level: any forecaster of dlkit. The mean of three above if None.
    period : int, tuple of int, "auto" or None, default="auto"
        Steps of a season: 12 for months, (24, 168) for hours with days and weeks. ``"auto"`` takes
        what the frequency of the index suggests; without dates, what Schwarz's criterion (BIC)
        finds in each series. None stands for no season. Seasons that are found or
        suggested count where a series holds them 2.5 times, given ones where it holds them twice.
    form : {"auto", "multiplicative", "additive"}, default="auto"
        Level × shape, or level + shape. ``"auto"`` forecasts a series of positive values both ways,
        and takes the mean (see Notes); with a ``forecaster``, the one form whose steps are the more
        alike ones.
    horizon : int or "auto", default="auto"
        Steps ahead that are learned at once, and over which weights and errors are judged; longer
        forecasts go on from there. ``"auto"``: two of the shortest seasons, one of the longest, 8,
        or a twentieth of the series, whichever is most, but at most a third of the series.

    Attributes
    ----------
    periods_ : list of tuple of int
        Seasons of each series.
    horizon_ : int
        Steps ahead that were learned.
    effects_ : ndarray of shape (n_covariates,) or None
        What one unit of each covariate adds to the logarithm of a series where seasons multiply,
        else to a series in units of its standard deviation; of the form that more series have. None
        without covariates.
    weights_ : ndarray of shape (3,) or None
        Of the theta line, the damped line and the ridge, in the mean of both forms; None with a
        ``forecaster``.
    forecaster_ : forecaster or None
        The fitted forecaster of the level; None without one.
    n_channels_in_ : int
        Channels of the series.
    n_features_in_ : int
        The same, where ``fit`` saw one series of shape (T, C).

    See Also
    --------
    ESNForecaster, NVARForecaster : Forecasters of nonlinear dynamics.

    Notes
    -----
    *Lists.* Fitted to a list of series, there is one model for all: weights, ridge and how errors
    grow are learned from all, while each series has a scale, a shape and lines of its own. New
    series are forecast without a new fit. The channels of a series are treated like series.

    *Missing values.* NaN in ``X`` is filled with a level between those of the neighbours, and the
    shape.

    *Covariates* have linear effects: on the series, in its own scale, or on its logarithm where
    seasons multiply. They are told apart from level and seasons by one ridge regression for all
    series: moving averages and the means of phases are subtracted from both sides, and errors may
    follow from one another [6]_. What is left without effects is taken apart and forecast, and
    tells the form; effects of the steps to come are added to the forecast. Intervals take the
    effects as known.

    *Forms.* Of the mean of both forms, product and sum count between a quarter and three quarters
    each, by how alike steps of logarithms and plain steps are: few values hardly tell which form is
    right, and the errors of the two partly cancel. The sum is not let below zero where all values
    were positive. Quantiles and paths are the same mean of those of both forms.

    *Short series.* Three steps are enough. Without windows the lines alone are used, and the errors
    are taken to grow with the square root of the steps ahead.

    *Intervals.* Errors are those of forecasts from earlier steps of the series: lines are fitted to
    what was known there, and the ridge is one that did not see the window. Their mean squares, with
    the uncertainty of the shape, scale Student's t with as many degrees of freedom as there were
    stretches of that length, and two. Of ten series or more, those with few errors are measured by
    the others as well.

    *Seasons.* Phases are averaged after the series is divided by its moving average; by how much
    seasons further back count less is told by how well each season foretells the next. What is no
    larger than its standard error is drawn to none. Seasons are counted in steps. A series of hours
    that follows a clock is best given in the times of that clock, if the clock is moved in spring
    and autumn: ``X.tz_localize(None).groupby(level=0).mean().asfreq("h")``.

    References
    ----------
    .. [1] Assimakopoulos & Nikolopoulos (2000), The theta model, International Journal of
       Forecasting 16.
    .. [2] Hyndman & Billah (2003), Unmasking the theta method, International Journal of
       Forecasting 19.
    .. [3] Gardner & McKenzie (1985), Forecasting trends in time series, Management Science 31.
    .. [4] Montero-Manso & Hyndman (2021), Principles and algorithms for forecasting groups of time
       series: locality and globality, International Journal of Forecasting 37.
    .. [5] Miller & Williams (2003), Shrinkage estimators of time series seasonal factors and their
       effect on forecasting accuracy, International Journal of Forecasting 19.
    .. [6] Cochrane & Orcutt (1949), Application of least squares regression to relationships
       containing auto-correlated error terms, Journal of the American Statistical Association 44.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from dlkit import SeasonalForecaster
    >>> t = np.arange(96)
    >>> index = pd.period_range("2015-01", periods=96, freq="M")
    >>> sales = pd.Series((100 + t) * (1 + 0.2 * np.sin(2 * np.pi * t / 12)), index, name="sales")
    >>> model = SeasonalForecaster().fit(sales[:84])
    >>> future = model.forecast(12)
    >>> future.name, str(future.index[0]), bool(abs(future / sales[84:] - 1).max() < 0.02)
    ('sales', '2022-01', True)
    >>> lower, upper = model.forecast_interval(12, coverage=0.9)
    >>> bool(((lower < future) & (future < upper)).all())
    True
    """

    _parameter_constraints = {
        "forecaster": "no_validation",
        "period": [count(), tuple, list, StrOptions({"auto"}), None],
        "form": [StrOptions({"auto", "multiplicative", "additive"})],
        "horizon": [count(), StrOptions({"auto"})],
    }

    def __init__(
        self,
        forecaster=None,
        *,
        period="auto",
        form="auto",
        horizon="auto",
    ):
        self.forecaster = forecaster
        self.period = period
        self.form = form
        self.horizon = horizon

    @unchanged_on_failure
    def fit(self, X, y=None, *, covariates=None):
        """Take series apart, and learn how their levels go on.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, its rows consecutive steps: an array of shape (T,) or (T, C), a Series or a
            DataFrame of pandas or polars, whose index is evenly spaced; or several: a list of
            these, or an array of shape (n, T, C). NaN where a value is missing.
        y : None
            The forecaster learns how ``X`` itself goes on.
        covariates : array-like or list of array-like, default=None
            What is known ahead of each step, such as holidays, prices or a weather forecast: of
            shape (T, K) or (T,), a Series or a DataFrame for one series, a row for each of its
            steps; a list of these for several. A forecast then needs those of the steps to come.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a series has fewer than three values, is shorter than two periods that were given, or
            has a value that is not positive with ``form="multiplicative"``; or ``y`` is given.
        """
        self._validate_params()
        if y is not None:
            raise ValueError(
                "SeasonalForecaster learns how X itself goes on: leave out y. For targets of "
                "another series use ESNForecaster or ESNTagger."
            )
        check_forecaster(self.forecaster, optional=True)
        if self.horizon != "auto":
            check_horizon(self.horizon, "horizon")
        series = read_series(self, X, reset=True, allow_nan=True)
        raw, n_channels = series.raw, series.raw.n_channels
        sides = Sides.fit(series, self.period, self.form, covariates, both=self.forecaster is None)
        self.periods_, self._dtype = sides.courses[0].periods, raw.values.dtype.name
        self.effects_ = sides.effects
        warn_of_clocks(series.calendars[0], self.periods_[0])
        self.horizon_ = self._horizon(raw.lengths)
        if self.forecaster is None:
            self._sides = sides.learned(self.horizon_)
        else:
            levels = WrappedLevels(self.forecaster, n_channels, raw.form in ("series", "series1d"))
            levels.fit([course.level for course in sides.courses[0].courses], self.horizon_)
            self._sides = replace(sides, levels=[levels])
        self.weights_ = self._sides.weights
        self.forecaster_ = getattr(self._sides.levels[0], "forecaster", None)
        return self

    def predict(self, X, *, covariates=None):
        """Predict the step after each step of a series.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels. What follows the training series (its
            index says so; or, without dates and after ``fit`` on one series, whatever does not
            begin as the training series does) is predicted from the end of the training series on.
            Seasons are those of ``fit``; of series that ``fit`` did not see, their own.
        covariates : array-like or list of array-like, default=None
            As in :meth:`fit`, needed if ``fit`` had them. The row of the step after the last may
            follow; without, the last row is taken to stay.

        Returns
        -------
        y : ndarray or list of ndarray
            Of shape (T,) for a 1-D series, (T, C) for a 2-D one; a list for a list.
        """
        check_is_fitted(self)
        sides = self._sides
        series, found, tables = sides.read(self, X, covariates, 0)
        raw, shares = series.raw, sides.shares_of(found)
        predicted = np.empty(raw.values.shape)
        nexts = [
            learned.next_steps([c.level for c in courses], [c.number for c in courses])
            for learned, courses in zip(sides.levels, found, strict=True)
        ]
        for k in range(len(found[0])):
            i, c = divmod(k, raw.n_channels)
            rows, values = slice(raw.offsets[i], raw.offsets[i + 1]), []
            for side, (courses, levels) in enumerate(zip(found, nexts, strict=True)):
                level = levels[k]
                n = len(level) - int(raw.lengths[i])
                effect = np.zeros(len(level))
                if tables is not None:
                    table = windows(tables[i], int(raw.lengths[i]), 1)
                    effect[n:] = sides.effect(side, courses[k], table)
                values.append(courses[k].series(level, 1, effect)[n:])
            predicted[rows, c] = mixed(values, shares[k], found[0][k])
        return raw.unpack(self._told(predicted))

    def score(self, X, y=None, sample_weight=None, *, covariates=None):
        """Coefficient of determination R² of predictions of the next step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`predict`.
        y : array-like or list of array-like, default=None
            Targets in the form of ``X``; the next step of ``X`` if None. What is missing does not
            count.
        sample_weight : array-like or list of array-like, default=None
            Weights in the form of ``y``.
        covariates : array-like or list of array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        raw = read_series(
            self, X, reset=False, past=self._sides.courses[0].past, allow_nan=True
        ).raw
        predicted = step_targets(raw, self.predict(X, covariates=covariates))
        if y is None:
            truth = np.roll(raw.values, -1, axis=0).astype(np.float64)
            truth[raw.offsets[1:] - 1] = np.nan
        else:
            truth = np.array(step_targets(raw, y), dtype=np.float64)
        truth, predicted = (np.reshape(a, raw.values.shape) for a in (truth, predicted))
        rows = np.isfinite(truth).all(axis=1)
        if rows.sum() < 2:
            raise ValueError(
                f"X has {int(rows.sum())} steps that are followed by another; a score needs two."
            )
        truth, predicted = truth[rows], predicted[rows].astype(np.float64)
        units = np.array([unit_of(column) for column in truth.T])
        if sample_weight is not None:
            sample_weight = step_weights(raw, sample_weight)[rows]
        return r2_score(truth / units, predicted / units, sample_weight=sample_weight)

    def forecast(self, n_steps, X=None, *, covariates=None):
        """Carry series on.

        Parameters
        ----------
        n_steps : int
            Steps to forecast.
        X : array-like or list of array-like, default=None
            Series to carry on, as in :meth:`predict`; the training series if None.
        covariates : array-like or list of array-like, default=None
            Needed if ``fit`` had them: those of the steps to come, a row for each; with ``X``,
            those of its steps and then those to come.

        Returns
        -------
        future : ndarray, Series, DataFrame or list of these
            The median of the steps that follow, in the form of the series: 1-D for 1-D, a Series
            for a Series, whose index goes on, a list for a list, (n_series, n_steps, C) for an
            array of series.
        """
        _, give, steps = self._ahead(n_steps, X, covariates)
        return give([one(lambda ahead: ahead.level) for one in steps])

    def forecast_interval(self, n_steps, X=None, *, coverage=0.9, covariates=None):
        """Intervals in which the steps to come lie with a given probability, each step by itself.

        Parameters
        ----------
        n_steps, X
            As of :meth:`forecast`.
        coverage : float, default=0.9
            The probability, between 0 and 1.
        covariates : array-like or list of array-like, default=None
            As of :meth:`forecast`.

        Returns
        -------
        lower, upper : ndarray, Series, DataFrame or list of these
            In the form of :meth:`forecast`.
        """
        return self._quantiles(n_steps, X, tails(check_coverage(coverage)), covariates)

    def forecast_quantiles(self, n_steps, X=None, *, quantiles=LEVELS, covariates=None):
        """Quantiles of the steps to come, each step by itself.

        Parameters
        ----------
        n_steps, X
            As of :meth:`forecast`.
        quantiles : sequence of float, default=(0.1, 0.2, ..., 0.9)
            Probabilities between 0 and 1.
        covariates : array-like or list of array-like, default=None
            As of :meth:`forecast`.

        Returns
        -------
        quantiles : tuple of ndarray, Series, DataFrame or list of these
            One for each probability, in the form of :meth:`forecast`.
        """
        return self._quantiles(n_steps, X, check_levels(quantiles), covariates)

    def sample_paths(self, n_steps, n_paths, X=None, *, covariates=None, random_state=None):
        """Draw courses that series may take.

        At each step paths are distributed as :meth:`forecast_quantiles` says; from step to step
        errors come together as they did in the past.

        Parameters
        ----------
        n_steps, X
            As of :meth:`forecast`.
        n_paths : int
            Paths.
        covariates : array-like or list of array-like, default=None
            As of :meth:`forecast`.
        random_state : int, RandomState instance or None, default=None
            Seeds the draw.

        Returns
        -------
        paths : ndarray of shape (n_paths, n_steps) or (n_paths, n_steps, C), or list of these
        """
        n_paths = check_horizon(n_paths, "n_paths")
        with naming("random_state"):
            rng = check_random_state(random_state)
        form, _, steps = self._ahead(n_steps, X, covariates)
        found = []
        for one in steps:
            drawn = self._sides.levels[0].off.draw(n_paths, n_steps, rng)
            paths = one(lambda ahead, drawn=drawn: ahead.quantile(drawn))
            found.append(self._told(paths))
        n = self.n_channels_in_
        found = [np.stack(found[i : i + n], axis=-1) for i in range(0, len(found), n)]
        if form.endswith("1d"):
            found = [one[..., 0] for one in found]
        return found[0] if form.startswith("series") else found

    def _quantiles(self, n_steps, X, probabilities, covariates):
        _, give, steps = self._ahead(n_steps, X, covariates)
        return tuple(
            give([one(lambda ahead, p=p: ahead.quantile(p)) for one in steps])
            for p in probabilities
        )

    def _ahead(self, n_steps, X, covariates):
        """Form of the series, how results are handed back; for each channel what is to come.

        The latter is a function, of what is read of levels ahead: their medians, or quantiles.
        """
        check_is_fitted(self)
        n_steps, sides = check_horizon(n_steps), self._sides
        if X is None:
            seen = sides.courses[0]
            form, calendars = seen.past.form, seen.past.calendars
            found = [one.courses for one in sides.courses]
            lengths = np.full(len(calendars), n_steps)
            tables = seen.tables(covariates, form, calendars, lengths, lengths, ahead=True)
        else:
            series, found, tables = sides.read(self, X, covariates, n_steps)
            form, calendars = series.raw.form, series.calendars
        ahead = [
            levels.forecast(
                [c.level for c in courses], n_steps, [c.number for c in courses],
                [c.shape.variance for c in courses], seen=X is None,
            )
            for levels, courses in zip(sides.levels, found, strict=True)
        ]  # fmt: skip
        n, shares = self.n_channels_in_, sides.shares_of(found)

        def give(columns):
            values = self._told(columns).reshape(-1, n, n_steps)
            return answer(form, calendars, np.moveaxis(values, 1, 2))

        def channel(k):
            def to_come(read):
                values = []
                for side, courses in enumerate(found):
                    effect = 0.0
                    if tables is not None:
                        effect = sides.effect(side, courses[k], tables[k // n][-n_steps:])
                    values.append(courses[k].future(read(ahead[side][k]), effect))
                return mixed(values, shares[k], found[0][k])

            return to_come

        return form, give, [channel(k) for k in range(len(found[0]))]

    def _told(self, values):
        """Values in the dtype of the series; refused where they overflow it."""
        with np.errstate(over="ignore"):
            values = np.asarray(values).astype(self._dtype, copy=False)
        return refuse_overflow(values, "X", allow_nan=True)

    def _horizon(self, lengths):
        if self.horizon != "auto":
            return plain(self.horizon)
        middle = int(np.median(lengths))
        seasons = [max(2 * min(p), max(p)) for p in self.periods_ if p]
        return max(1, min(max(8, middle // 20, *seasons), middle // 3))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.input_tags.allow_nan = True
        return tags
