"""Echo state network with a number for each time step, and its closed loop."""

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import check_array
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import Integral, unchanged_on_failure
from ..readout import RidgeReadout
from ..sequences import Sequences, check_sequences, step_targets
from ._base import with_reservoir_doc
from ._learning.feedback import close_loop
from ._learning.targets import new_readout, readout_has
from ._step_esn import StepESN


class Forecaster(MultiOutputMixin, RegressorMixin, StepESN):
    """A feature map over time, a readout, and the closed loop of the two."""

    _loop_constraints = {"increments": ["boolean"]}
    _parameter_constraints = (
        StepESN._parameter_constraints | _loop_constraints | StepESN._feedback_constraints
    )
    # without noise, features tell much of the next step in small differences
    _auto_alphas = np.logspace(-10, 2, 13)

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadout(self._alpha(), selection="gcv"))

    def _check_targets(self, y, part=False):
        return check_array(y, ensure_2d=False, dtype="numeric", input_name="y")

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Draw the reservoir, run it over ``X`` and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, of shape (T, C), its rows consecutive steps; or several: a list of arrays
            of shape (T_i, C) or (T_i,), or an array of shape (n, T, C).
        y : array-like or list of array-like, default=None
            Targets in the form of ``X``: of shape (T,) or (T, n_outputs) for one series. With
            None, the next step of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.

        Returns
        -------
        self : object
        """
        self._fit_all(X, y, sample_weight)
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y=None, sample_weight=None, *, new_series=False):
        """Go on with the series: learn from the next stretch of each.

        The first call draws the reservoir; each later one runs it on from ``final_state_``, so
        that a series in pieces is learned as if it were given whole: the last state of a piece is
        paired with the first step of the next. See Notes.

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
        >>> x = np.sin(0.3 * np.arange(600))[:, None]
        >>> esn = ESNForecaster(100, washout=100, random_state=0)
        >>> for piece in np.array_split(x[:500], 7):  # any generator of pieces will do
        ...     esn = esn.partial_fit(piece)
        >>> bool(np.abs(esn.forecast(100) - x[500:]).max() < 0.01)
        True
        """
        self._fit_part(X, y, sample_weight, new_series)
        return self

    def score(self, X, y=None, sample_weight=None):
        """Coefficient of determination R² over all steps.

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
        batch = check_sequences(self, X, reset=False, rows="steps")
        predicted = step_targets(batch, self.predict(X))
        rows = slice(None)
        if y is None:
            rows = np.ones(len(batch.values), dtype=bool)
            rows[batch.offsets[1:] - 1] = False
            truth = np.roll(batch.values, -1, axis=0)[:, self._roles(batch.n_channels).free]
        else:
            truth = step_targets(batch, y)
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")[rows]
        return r2_score(truth[rows], predicted[rows], sample_weight=sample_weight)

    def forecast(self, n_steps, X=None, initial_state=None):
        """Carry a series on: each prediction is the input of the next step.

        Parameters
        ----------
        n_steps : int
            Steps to forecast.
        X : array-like or list of array-like, default=None
            Series to carry on, in any form :meth:`fit` takes; the training series if None.
        initial_state : array-like of shape (n_units,) or (n_series, n_units), default=None
            State in which ``X`` begins; what ``start`` says if None.

        Returns
        -------
        future : ndarray or list of ndarray
            The steps that follow: of shape (n_steps, C) for one series, (n_series, n_steps, C)
            for a 3-D array, a list of (n_steps, C) (or (n_steps,)) for a list; without the
            channels that are a ``context``, which stays what it is.

        Raises
        ------
        ValueError
            If ``fit`` had targets of its own, so that a prediction is no next input.
        """
        check_is_fitted(self)
        if not isinstance(n_steps, Integral) or n_steps < 1:
            raise ValueError(f"n_steps must be a whole number of at least 1, got {n_steps!r}.")
        if not self._next_step:
            raise ValueError(
                "forecast needs an estimator that predicts the next step of its input: use fit(X) "
                "without y."
            )
        if X is None:
            if initial_state is not None:
                raise ValueError("initial_state is the state in which X begins: give X as well.")
            states, inputs, form = self.final_state_.copy(), self.last_input_, self._form
        else:
            batch = check_sequences(self, X, reset=False, rows="steps")
            states = self._initial_states(batch, initial_state)
            self._run(self.reservoir_, batch, states=states)
            inputs, form = batch.values[batch.offsets[1:] - 1], batch.form
        future = self._free_run(n_steps, states, inputs)
        if form == "list1d":
            future = future[:, :, 0]
        return future[0] if form == "series" else future if form == "cube" else list(future)

    def _free_run(self, n_steps, states, inputs):
        """Outputs of shape (n, n_steps, channels that are no context) that follow ``states``."""
        dtype = states.dtype
        linear, read, to, hard = self._loop_parts()
        u = inputs[:, self._roles(inputs.shape[1]).driving].astype(dtype, copy=False)
        out = np.empty((len(states), n_steps, len(to)), dtype=dtype)
        out[:, 0] = read(self.reservoir_.read(states), u)
        lanes = self.reservoir_.lanes(dtype, passthrough=self.passthrough)
        if linear is not None and self.context is None and hasattr(lanes, "free_run"):
            out[:, 1:] = lanes.free_run(n_steps - 1, *linear, states, out[:, 0])
        elif n_steps > 1:
            held = np.repeat(u, n_steps - 1, axis=0)
            ahead = Sequences(held, np.arange(len(u) + 1) * (n_steps - 1), "list")
            last = out[:, 0].copy()
            loop = linear, read, to, hard, ahead, states, last
            fed, _ = close_loop(self.reservoir_, *loop, keep=False)
            out[:, 1:] = fed.reshape(len(u), n_steps - 1, -1)
        return out


@with_reservoir_doc
class ESNForecaster(Forecaster):
    """Echo state network that gives each time step a number, or several.

    A fixed random reservoir runs over the series and a readout, linear by default, maps its
    states to the targets: those of another series, ``fit(X, y)``, or the next step of the series
    itself, ``fit(X)``, which :meth:`forecast` then carries on.

    Parameters
    ----------
    {reservoir}
    start : {"rest", "fit"}, default="rest"
        Where ``predict`` begins: at rest (zeros), or in the state in which ``fit`` ended, as the
        test fold of a ``TimeSeriesSplit`` wants.
    increments : bool, default=False
        Whether the readout learns, without ``y``, how the next step differs from the last.
    feedback : bool, default=False
        Whether the output of the last step is an input of the next: with ``y``, the true one in
        training, the estimator's own in ``predict``. The last output then follows the state
        wherever one comes or goes. Without ``y``, see :meth:`forecast`.
    feedback_scaling : float, default=1.0
        Factor on the input weights of outputs.
    own_shares : array-like of float, default=None
        Further rounds of training, in each of which this share of the steps after the washout is
        fed the output of the readout so far in the place of the true one (scheduled sampling).
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 13 values from 1e-10 to 1e2.

    Attributes
    ----------
    reservoir_ : Reservoir
        The drawn reservoir.
    readout_ : regressor
        The fitted readout.
    final_state_ : ndarray of shape (n_series, n_units)
        State after the last step of each series seen in ``fit``.
    last_input_ : ndarray of shape (n_series, n_channels)
        The last step of each.
    n_channels_in_ : int
        Channels of the series seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    ESNTagger : A label for each time step.
    ESNRegressor : A number for each sequence.

    Notes
    -----
    Cross-validation sees the error of one step only. For the closed loop over a series without
    noise, standardise the channels and choose ``alpha`` (down to 1e-16), ``leak_rate`` and
    ``input_scaling`` by forecasting a held-out stretch. Fits whose states would take over 256 MB,
    and those by `partial_fit`, are solved from their moments, which resolve an ``alpha`` down to
    some 1e-8.

    {streams}

    A series of any length, in a memory-mapped array or in pieces, is learned in a fixed amount of
    memory.

    References
    ----------
    Jaeger & Haas (2004), Harnessing nonlinearity, Science 304. Lukoševičius (2012), A practical
    guide to applying echo state networks.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> x = np.sin(0.3 * np.arange(600))[:, None]
    >>> esn = ESNForecaster(100, washout=100, random_state=0).fit(x[:500])
    >>> ahead = esn.forecast(100)
    >>> ahead.shape, bool(np.abs(ahead - x[500:]).max() < 0.01)
    ((100, 1), True)
    """

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=1.0, input_scaling=0.1,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None, bidirectional=False,
        context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=True, washout=0, noise=0.0, start="rest", increments=False,
        feedback=False, feedback_scaling=1.0, own_shares=None, readout=None, alpha="auto",
        random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())
