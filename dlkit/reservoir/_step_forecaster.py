"""What forecasters share: series in, a readout of numbers, and the closed loop of the two."""

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._forecasts.horizon import HORIZON, as_horizon, check_horizon
from .._forecasts.series import answer, read_series
from .._forecasts.units import SCALING, fit_units, units_like
from .._params import sizes_named, unchanged_on_failure
from .._validation import check_array
from ..readout import RidgeReadout
from ..sequences import step_targets
from ._learning import parameters
from ._learning.context import roles_of
from ._learning.feedback import announce_divergence
from ._learning.targets import readout_has
from ._step_esn import StepESN


class Forecaster(MultiOutputMixin, RegressorMixin, StepESN):
    """A feature map over time, a readout, and the closed loop of the two.

    Series are read with their index, scaled (``scaling``), run and learned from in model units, and
    answered in the data's units, in the form they came in. A subclass says what "auto" stands for
    in ``Horizon.increments``: ``_auto_increments``.
    """

    _parameter_constraints = {**StepESN._parameter_constraints, **SCALING, **HORIZON}
    _auto_increments = False

    def _default_readout(self):
        # without noise, features tell much of the next step in small differences
        alphas = parameters.default_alphas(self.alpha, np.logspace(-10, 2, 13))
        return RidgeReadout(alphas, selection="gcv", relative=isinstance(self.alpha, str))

    @property
    def _increments(self):
        return as_horizon(self.horizon).resolved(self._auto_increments)[1]

    @property
    def units_(self):
        """Units of the series: how they are scaled inside; None where they are not."""
        return self._stream.past.units

    def _check_targets(self, y, part=False):
        horizon = as_horizon(self.horizon)
        if horizon.n_steps != 1 or horizon.increments is True:
            reason = "y: steps ahead are learned where X is the target"
            parameters.warn_idle("horizon", self.horizon, reason)
        return check_array(y, ensure_2d=False, dtype="numeric", input_name="y")

    def _given(self, X, ahead, stream=None, new_series=False):
        past = None if stream is None else stream.past
        series = read_series(self, X, reset=stream is None, past=past)
        raw = series.raw
        if stream is None:
            free = roles_of(getattr(self, "context", None), raw.n_channels).free
            each = ahead and raw.form not in ("series", "series1d")
            return series.scaled(fit_units(self.scaling, raw, free, each=each))
        self._check_number(raw, new_series)
        like = units_like(past.units, self.scaling, raw) if new_series else past.units
        return series.scaled(like)

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

    def _begin(self, X, initial_state):
        past, driver = self._stream.past, self.driver_
        series = read_series(self, X, reset=False, past=past)
        places, seen = past.places(series)
        units = past.units
        if units is not None and not units.common:
            units = units_like(units, self.scaling, series.raw).mixed(seen, units)
        series = series.scaled(units)
        after = np.array([place == "after" for place in places])
        if isinstance(initial_state, str):
            if initial_state not in ("rest", "fit"):
                raise ValueError(
                    f'initial_state must be "rest", "fit", states or None, got {initial_state!r}.'
                )
            after[:] = initial_state == "fit"
            if after.any():
                name = 'initial_state="fit"'
                return series, driver.begin(series.batch, self.final_state_, name), ~after
            initial_state = None
        elif initial_state is not None:
            after[:] = True
        states = driver.begin(series.batch, initial_state)
        if initial_state is None and after.any():
            states[after] = self.final_state_[seen[after]]
        return series, states, ~after

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Scale the series, draw the reservoir, run it over them and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, its rows consecutive steps: an array of shape (T,) or (T, C), a Series or a
            DataFrame of pandas or polars, whose index (in polars, the column of dates) is evenly
            spaced; or several: a list of these, or an array of shape (n, T, C).
        y : array-like or list of array-like, default=None
            Targets in the form of ``X``: of shape (T,) or (T, n_outputs) for one series. With
            None, the next step of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If dates, periods or spans of time in an index are not in order, come twice or are
            missing.
        """
        self._fit_all(X, y, sample_weight)
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
            this one has none, or the other way round.

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

    def predict(self, X, initial_state=None, *, return_state=False):
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
            series whose index goes on from there or, without an index and after ``fit`` on one
            series, any other than the training series. All else begins at rest.
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
        return self._read(X, "predict", initial_state, return_state)

    def score(self, X, y=None, sample_weight=None):
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

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        series, states, at_rest = self._begin(X, None)
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
        else:
            truth = step_targets(batch, y)
        if not rows.any():
            raise ValueError(
                f"X has no step to score: each series has {batch.lengths.max()} steps or fewer, of "
                f"which {self.driver_.cause} and the step after the last leave none."
            )
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")[rows]
        both = (np.asarray(a[rows], dtype=np.float64) for a in (truth, predicted))
        return r2_score(*both, sample_weight=sample_weight)

    def forecast(self, n_steps, X=None, initial_state=None):
        """Carry a series on: each prediction is the input of the next step.

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
        """
        check_is_fitted(self)
        n_steps, stream = check_horizon(n_steps), self._stream
        if not stream.ahead:
            raise ValueError(
                "forecast needs an estimator that predicts the next step of its input: use fit(X) "
                "without y."
            )
        if X is None:
            if initial_state is not None:
                raise ValueError("initial_state is the state in which X begins: give X as well.")
            states, inputs, past = stream.states.copy(), stream.inputs, stream.past
            form, calendars, units = past.form, past.calendars, past.units
        else:
            series, states, _ = self._begin(X, initial_state)
            batch = series.batch
            self.driver_.run(batch, states=states)
            inputs, form = batch.values[batch.offsets[1:] - 1], batch.form
            calendars, units = series.calendars, series.units
        loop = self.driver_.loop(self.readout_, self.n_channels_in_, stream.increments)
        with sizes_named(self, n_steps=n_steps):
            future = self.driver_.forecast(n_steps, loop, states, inputs)
        announce_divergence(future, stream.largest)
        if units is not None:
            lengths, flat = np.full(len(future), n_steps), future.reshape(-1, future.shape[2])
            future = units.back(flat, lengths).reshape(future.shape)
        return answer(form, calendars, future, self.driver_.roles.free)
