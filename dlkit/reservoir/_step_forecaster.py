"""What forecasters share: series in, a readout of numbers, and the closed loop of the two."""

from dataclasses import replace

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._forecasts.calendar import check_place
from .._forecasts.covariates import Covariates, check_given, read_covariates, windows
from .._forecasts.horizon import HORIZON, as_horizon, check_horizon
from .._forecasts.series import Outset, read_series
from .._forecasts.units import SCALING, fit_units, units_like
from .._params import sizes_named, unchanged_on_failure
from ..readout import RidgeReadout
from ..sequences import step_targets, step_weights
from ._learning import intervals, parameters
from ._learning.context import roles_of
from ._learning.direct import forecast_blocks
from ._learning.gaps import ROUNDS, fill, find_missing, first_filling, refilled
from ._learning.targets import check_numbers, readout_has
from ._step_esn import StepESN


class Forecaster(MultiOutputMixin, RegressorMixin, StepESN):
    """A feature map over time, a readout, and the closed loop of the two.

    Series are read with their index, scaled (``scaling``), run and learned from in model units, and
    answered in the data's units, in the form they came in. A subclass says what "auto" stands for
    in ``Horizon.increments``, ``_auto_increments``, and what makes forecasts stable, ``_mend``.
    """

    _parameter_constraints = {**StepESN._parameter_constraints, **SCALING, **HORIZON}
    _auto_increments = False
    _mend = "a larger alpha"

    def _default_readout(self):
        # without noise, features tell much of the next step in small differences
        alphas = parameters.default_alphas(self.alpha, np.logspace(-10, 2, 13))
        return RidgeReadout(alphas, selection="gcv", relative=isinstance(self.alpha, str))

    def _ahead(self):
        return as_horizon(self.horizon).resolved(self._auto_increments)

    @property
    def units_(self):
        """Units of the series: how they are scaled inside; None where they are not."""
        return self._stream.past.units

    def _check_targets(self, y, part=False):
        horizon = as_horizon(self.horizon)
        if horizon.n_steps != 1 or horizon.increments is True:
            reason = "y: steps ahead are learned where X is the target"
            parameters.warn_idle("horizon", self.horizon, reason)
        return check_numbers(y)

    def _given(self, X, ahead, stream=None, new_series=False, covariates=None):
        past = None if stream is None else stream.past
        whole = ahead and stream is None
        series = read_series(self, X, reset=stream is None, past=past, allow_nan=whole)
        raw = series.raw
        if stream is None:
            free = roles_of(getattr(self, "context", None), raw.n_channels).free
            each = ahead and raw.form not in ("series", "series1d")
            series = series.scaled(fit_units(self.scaling, raw, free, each=each))
            series = self._without_gaps(series, free) if whole else series
            return self._with_covariates(series, covariates, ahead)
        self._check_number(raw, new_series)
        if not new_series:
            mend = "hand over the steps that follow, or begin another series with new_series=True"
            for i, (own, before) in enumerate(zip(series.calendars, past.calendars, strict=True)):
                name = "X" if raw.form in ("series", "series1d") else f"X[{i}]"
                check_place(own, before, True, name, mend)
        if past.covariates is not None:
            raise ValueError(
                "partial_fit goes on without covariates, but fit was given some: use fit, on all "
                "steps."
            )
        like = units_like(past.units, self.scaling, raw) if new_series else past.units
        return series.scaled(like)

    def _without_gaps(self, series, free):
        """Series that can be run, with a first filling of what is missing."""
        missing = find_missing(series.raw)
        if missing is None:
            return series
        return replace(series, missing=missing, batch=first_filling(series.batch, missing, free))

    def _with_covariates(self, series, covariates, ahead):
        """Series to learn from, with covariates beside each step."""
        if covariates is None:
            return series
        if not ahead:
            raise ValueError(
                "covariates are known ahead of the steps of X that are forecast; with targets of "
                "their own, y, make them channels of X."
            )
        raw = series.raw
        tables, names = read_covariates(covariates, raw.form, series.calendars, raw.lengths)
        known = Covariates.of(tables, names, scaled=self.scaling is not None)
        return series.beside(known, tables, self._ahead()[0])

    def _in_units(self, batch):
        """Series, packed, in model units: those of ``fit`` if there was one, else their own."""
        past = self._stream.past if hasattr(self, "_stream") else None
        if past is None:
            each = batch.form not in ("series", "series1d")
            free = roles_of(getattr(self, "context", None), batch.n_channels).free
            units = fit_units(self.scaling, batch, free, each=each)
        else:
            units = units_like(past.units, self.scaling, batch)
        return batch if units is None else units.forward(batch)

    def _begin(self, X, initial_state, covariates=None, n_steps=0):
        past, driver = self._stream.past, self.driver_
        series = read_series(self, X, reset=False, past=past, allow_nan=self._stream.ahead)
        places, seen = past.places(series, tell=initial_state is None)
        units = past.units
        if units is not None and not units.common:
            units = units_like(units, self.scaling, series.raw).mixed(seen, units)
        series = series.scaled(units)
        if self._stream.ahead:
            series = self._without_gaps(series, driver.roles.free)
        check_given(covariates, past.covariates)
        if past.covariates is not None:
            n, horizon = series.raw.lengths + n_steps, self._stream.n_ahead
            tables, _ = read_covariates(
                covariates, series.raw.form, series.calendars, n, most=n + horizon - (n_steps > 0),
                known=past.covariates,
            )  # fmt: skip
            series = series.beside(past.covariates, tables, horizon)
        # run both ways, a series has come whole and goes on with nothing
        after = np.array([place == "after" and not driver.both_ways for place in places])
        if isinstance(initial_state, str):
            if initial_state not in ("rest", "fit"):
                raise ValueError(
                    f'initial_state must be "rest", "fit", states or None, got {initial_state!r}.'
                )
            after[:] = initial_state == "fit"
            if after.any():
                if len(seen) != len(self.final_state_):
                    driver.begin(series.batch, self.final_state_, 'initial_state="fit"')
                seen = np.arange(len(seen)) if len(self.final_state_) > 1 else 0 * seen
            initial_state = None
        elif initial_state is not None:
            after[:] = True
        states = driver.begin(series.batch, initial_state)
        if initial_state is None and after.any():
            which = seen[after]
            tables = [series.tables[i] for i in np.flatnonzero(after)] if past.pending else None
            states[after], inputs = self._settled(which, tables)
            series = self._with_first(series, states, inputs, after)
        return self._filled(series, states, after), states, ~after

    def _with_first(self, series, states, inputs, after):
        """Series that go on where training ended, their first step as expected if it is missing."""
        if series.missing is None:
            return series
        batch, free = series.batch, np.arange(series.raw.n_channels)[self.driver_.roles.free]
        begin = Outset(states[after], inputs, *[None] * (len(Outset._fields) - 2))
        values, first = np.array(batch.values), batch.offsets[:-1][after]
        expected = self._carried_on(1, begin)[:, 0]
        gone = series.missing[first][:, free]
        values[first[:, None], free] = np.where(gone, expected, values[first[:, None], free])
        return replace(series, batch=replace(batch, values=values))

    def _filled(self, series, states, after):
        """Series whose gaps are filled by what the model expects."""
        stream = self._stream
        if series.missing is None:
            return series
        batch = fill(
            self.driver_, self.readout_, series.batch, series.missing, states=states, known=after,
            increments=stream.increments, n_ahead=stream.n_ahead,
        )  # fmt: skip
        return replace(series, batch=batch)

    def _settled(self, which, tables):
        """States in which training series end, and their last inputs, by number.

        What was pending is run with the covariates that are known by now, in model units.
        """
        stream = self._stream
        states, inputs = stream.states[which], stream.inputs[which]
        if stream.past.pending:
            batch = stream.past.settled(which, tables)
            states = self.driver_.run(batch, states=np.array(states))
            inputs = batch.values[batch.offsets[1:] - 1]
        return states, inputs

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None, *, covariates=None):
        """Scale the series, draw the reservoir, run it over them and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, its rows consecutive steps: an array of shape (T,) or (T, C), a Series or a
            DataFrame of pandas or polars, whose index (in polars, the column of dates) is evenly
            spaced; or several: a list of these, or an array of shape (n, T, C). Steps may be
            missing (NaN): there is no target then, and the input is what the model expects.
        y : array-like or list of array-like, default=None
            Targets in the form of ``X``: of shape (T,) or (T, n_outputs) for one series. With
            None, the next step of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.
        covariates : array-like or list of array-like, default=None
            What is known ahead of each step, such as a weather forecast or a holiday: of shape
            (T, K) or (T,), a Series or a DataFrame for one series, a row for each of its steps; a
            list of these for several. A forecast then needs those of the steps to come.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If dates, periods or spans of time in an index are not in order, come twice or are
            missing; if covariates are not as many as steps.
        """
        problem = self._pose(X, y, sample_weight, covariates=covariates)
        self._learn(problem)
        missing = problem.series.missing
        for _ in range(0 if missing is None else ROUNDS):
            _, weight = self._check_steps(problem.series.raw, None, sample_weight)
            problem = refilled(problem, self.readout_, missing, self.readout, weight)
            self._learn(problem)
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y=None, sample_weight=None, *, new_series=False):
        """Go on with the series: learn from the next stretch of each.

        The first call draws the reservoir; each later one runs it on from ``final_state_``, so
        that a series in pieces is learned as if it were given whole: the last state of a piece is
        paired with the first step of the next. See Notes. The scale of the first piece stays: with
        ``scaling=None``, or a first piece that is like the whole, pieces and whole agree.

        Parameters
        ----------
        X, y, sample_weight
            The next steps of as many series as before, as in :meth:`fit`; a single step will do.
            ``y`` is None in all calls or in none.
        new_series : bool, default=False
            Whether other series begin, at rest and with a washout of their own; what the readout
            learned stays.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            With another number of series than before, or where earlier calls had targets and
            this one has none, or the other way round. With a ``horizon`` of several steps, or after
            a fit with covariates, which both need all steps at once.

        Examples
        --------
        >>> import numpy as np
        >>> from dlkit import ESNForecaster
        >>> x = np.sin(0.3 * np.arange(600))
        >>> esn = ESNForecaster(100, washout=100, random_state=0)
        >>> for piece in np.array_split(x[:500], 7):  # any generator of pieces will do
        ...     esn = esn.partial_fit(piece)
        >>> bool(np.abs(esn.forecast(100) - x[500:]).max() < 0.01)
        True
        """
        self._fit_part(X, y, sample_weight, new_series)
        return self

    def predict(self, X, initial_state=None, *, covariates=None, return_state=False):
        """Predict the target of each time step; without ``y`` in ``fit``, the step after it.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels.
        initial_state : {"rest", "fit"}, array-like of shape (n_units,) or (n_series, n_units), or \
None, default=None
            State each series begins in: at rest (zeros), where ``fit`` ended, or as given. With
            None the data tell: the training series, which its index or its first steps show,
            begins at rest; what follows the training series begins where ``fit`` ended. That is a
            series whose index goes on from there (of several that end there, from the one of the
            same name, else the one in the same place) or, without an index and after ``fit`` on one
            series, any other than the training series. All else begins at rest.
        covariates : array-like or list of array-like, default=None
            As in :meth:`fit`, needed if ``fit`` had them. The row of the step after the last may
            follow; without, the last row is taken to stay.
        return_state : bool, default=False
            Whether to return the state after the last step as well, with which to go on.

        Returns
        -------
        y : ndarray or list of ndarray
            Predictions, one for each step, washout or not, in the data's units: of shape (T,) for
            a 1-D series, (T, C) for a 2-D one, a list for a list.
        state : ndarray of shape (n_series, n_units)
            Only with ``return_state``.
        """
        return self._read(X, "predict", initial_state, return_state, covariates)

    def states(self, X, initial_state=None, *, covariates=None):
        """Run the fitted reservoir over ``X`` and return the state at every step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels.
        initial_state : as of :meth:`predict`, default=None
            State in which the series begin.
        covariates : array-like or list of array-like, default=None
            Needed if ``fit`` had them: those of the steps of ``X``.

        Returns
        -------
        states : ndarray of shape (T, n_columns), or list of these
            A row for each step, in the form of ``X``, without noise: the units of all layers that
            are read; with ``bidirectional`` those of the second pass beside them. With
            ``feedback`` the estimator's own outputs are fed back.
        """
        return self._states(X, initial_state, covariates)

    def score(self, X, y=None, sample_weight=None, *, covariates=None):
        """Coefficient of determination R² over all steps that there is a prediction for.

        Of a nonlinear vector autoregression the first (n_delays − 1) stride steps of a series that
        begins at rest do not count: zeros stand there for steps that are not known. Where a series
        begins, :meth:`predict` says.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        y : array-like or list of array-like, default=None
            Targets in the form of ``X``; the next step of ``X`` if None.
        sample_weight : array-like or list of array-like, default=None
            Weights in the form of ``y``.
        covariates : array-like or list of array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        series, states, at_rest = self._begin(X, None, covariates)
        batch = series.raw
        predicted, _ = self._outputs(series, states, "predict")
        within = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], batch.lengths)
        incomplete = at_rest * getattr(self.driver_.drawn, "n_incomplete", 0)
        rows = within >= np.repeat(incomplete, batch.lengths)
        if y is None and not self._stream.ahead:
            raise ValueError("score needs y, since fit had targets of its own: use score(X, y).")
        if y is None:
            rows[batch.offsets[1:] - 1] = False
            truth = np.roll(batch.values, -1, axis=0)[:, self.driver_.roles.free]
            rows &= ~np.isnan(truth).any(axis=1)
        else:
            truth = step_targets(batch, y)
        if not rows.any():
            raise ValueError(
                f"X has no step to score: each series has {batch.lengths.max()} steps or fewer, of "
                f"which {self.driver_.cause} and the step after the last leave none."
            )
        if sample_weight is not None:
            sample_weight = step_weights(batch, sample_weight)[rows]
        both = (np.asarray(a[rows], dtype=np.float64) for a in (truth, predicted))
        return r2_score(*both, sample_weight=sample_weight)

    def forecast(self, n_steps, X=None, initial_state=None, *, covariates=None):
        """Carry a series on.

        Each prediction is the input of the next step; with a ``horizon`` of several steps, each
        block of predictions is the input of the next block.

        Parameters
        ----------
        n_steps : int
            Steps to forecast.
        X : array-like or list of array-like, default=None
            Series to carry on, in any form :meth:`fit` takes; the training series if None. After
            ``fit`` on a list, new series are carried on in their own scale, without another fit.
        initial_state : {"rest", "fit"}, array-like of shape (n_units,) or (n_series, n_units), or \
None, default=None
            State in which ``X`` begins, as in :meth:`predict`.
        covariates : array-like or list of array-like, default=None
            Needed if ``fit`` had them: those of the steps to come, a row for each; with ``X``,
            those of its steps and then those to come. A ``horizon`` of several steps looks at
            rows up to so many steps ahead: more rows may be given than ``n_steps``, and beyond
            the last the last is taken to stay.

        Returns
        -------
        future : ndarray, Series or DataFrame, or list of these
            The steps that follow, in the form of the series: 1-D for a 1-D array; a Series or a
            DataFrame with an index that goes on from the series'; (n_series, n_steps, C) for a 3-D
            array, a list for a list. Without the channels that are a ``context``, which stays what
            it is.

        Raises
        ------
        ValueError
            If ``fit`` had targets of its own, so that a prediction is no next input.

        Warns
        -----
        DivergenceWarning
            If a forecast is not finite, or lies further outside of the range of the series so far
            than ten times the width of that. Later steps are held within these bounds.
        ForecastWarning
            If a forecast turns constant, for half of its steps and more, where the series does not.
        """
        check_is_fitted(self)
        n_steps = check_horizon(n_steps)
        self._check_ahead()
        begin = self._outset(n_steps, X, initial_state, covariates)
        with sizes_named(self, {"n_steps": n_steps}):
            future = self._carried_on(n_steps, begin)
        return begin.answer(future, self.driver_.roles.free, self._mend)

    forecast_interval = intervals.forecast_interval
    forecast_quantiles = intervals.forecast_quantiles
    sample_paths = intervals.sample_paths
    forecasts_from = intervals.forecasts_from

    def _check_ahead(self):
        if not self._stream.ahead:
            raise ValueError(
                "forecast needs an estimator that predicts the next step of its input: use fit(X) "
                "without y."
            )

    def _outset(self, n_steps, X, initial_state, covariates):
        """Where forecasts of so many steps begin."""
        stream = self._stream
        if X is None:
            if initial_state is not None:
                raise ValueError("initial_state is the state in which X begins: give X as well.")
            past, n = stream.past, len(stream.states)
            check_given(covariates, past.covariates)
            tables = None
            if past.covariates is not None:
                lengths = np.full(n, n_steps)
                tables, _ = read_covariates(
                    covariates, past.form, past.calendars, lengths, ahead=True,
                    most=lengths + stream.n_ahead - 1, known=past.covariates,
                )  # fmt: skip
                tables = past.covariates.scaled(tables)
            states, inputs = self._settled(np.arange(n), tables)
            form, calendars, units, bounds = past.form, past.calendars, past.units, past.bounds
        else:
            series, states, _ = self._begin(X, initial_state, covariates, n_steps)
            batch = series.batch
            self.driver_.run(batch, states=states)
            inputs, form = batch.values[batch.offsets[1:] - 1], batch.form
            calendars, units = series.calendars, series.units
            bounds = stream.past.bounds_of(series)
            tables = [table[n:] for table, n in zip(series.tables, batch.lengths, strict=False)]
        known = None
        if stream.past.covariates is not None:
            known = np.stack([windows(one, n_steps, stream.n_ahead) for one in tables])
            known = known[:, : n_steps - 1].astype(inputs.dtype)
        return Outset(np.array(states), inputs, known, form, calendars, units, bounds)

    def _carried_on(self, n_steps, begin):
        """Steps to come, in model units."""
        driver, stream = self.driver_, self._stream
        increments, n_channels = stream.increments, stream.inputs.shape[1]
        if stream.n_ahead == 1:
            loop = driver.loop(self.readout_, n_channels, increments)
            return driver.forecast(n_steps, loop, begin.states, begin.inputs, begin.known)
        return forecast_blocks(
            driver, self.readout_, n_steps, stream.n_ahead, begin.states, begin.inputs,
            known=begin.known, increments=increments,
        )  # fmt: skip
