"""An echo state network with a number for each time step, and its closed loop."""

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import Integral, sizes_named, unchanged_on_failure
from .._validation import check_array
from ..readout import RidgeReadout
from ..sequences import check_sequences, step_targets
from ._learning import parameters
from ._learning.feedback import announce_divergence
from ._learning.targets import readout_has
from ._step_esn import StepESN, first_states


class Forecaster(MultiOutputMixin, RegressorMixin, StepESN):
    """A feature map over time, a readout, and the closed loop of the two."""

    _parameter_constraints = StepESN._parameter_constraints | {"increments": ["boolean"]}

    def _default_readout(self):
        # without noise, features tell much of the next step in small differences
        alphas = parameters.default_alphas(self.alpha, np.logspace(-10, 2, 13))
        return RidgeReadout(alphas, selection="gcv", relative=isinstance(self.alpha, str))

    def _check_targets(self, y, part=False):
        if self.increments and parameters.given(self, "increments"):
            reason = "y: steps from one value of X to the next are learned where X is the target"
            parameters.warn_idle("increments", self.increments, reason)
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
        """Coefficient of determination R² over all steps that there is a prediction for.

        Of a nonlinear vector autoregression the first (n_delays − 1) stride steps of a series do
        not count, unless ``start="fit"``: zeros stand there for steps that are not known.

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
        within = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], batch.lengths)
        drawn = self.driver_.drawn
        rows = within >= (getattr(drawn, "n_incomplete", 0) if self.start == "rest" else 0)
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
        n_steps = int(n_steps)
        if not self._stream.ahead:
            raise ValueError(
                "forecast needs an estimator that predicts the next step of its input: use fit(X) "
                "without y."
            )
        if X is None:
            if initial_state is not None:
                raise ValueError("initial_state is the state in which X begins: give X as well.")
            stream = self._stream
            states, inputs, form = stream.states.copy(), stream.inputs, stream.form
        else:
            batch = check_sequences(self, X, reset=False, rows="steps")
            states = first_states(self, batch, initial_state)
            self.driver_.run(batch, states=states)
            inputs, form = batch.values[batch.offsets[1:] - 1], batch.form
        loop = self.driver_.loop(self.readout_, self.n_channels_in_, self.increments)
        with sizes_named(self, n_steps=n_steps):
            future = self.driver_.forecast(int(n_steps), loop, states, inputs)
        announce_divergence(future, self._stream.largest)
        if form == "list1d":
            future = future[:, :, 0]
        return future[0] if form == "series" else future if form == "cube" else list(future)


class ESNForecaster(Forecaster):
    """Echo state network that gives each time step a number, or several.

    A fixed random reservoir runs over the series and a readout, linear by default, maps its
    states to the targets: those of another series, ``fit(X, y)``, or the next step of the series
    itself, ``fit(X)``, which :meth:`forecast` then carries on.

    Parameters
    ----------
    n_units : int, default=500
        Number of units.
    spectral_radius : float, default=0.9
        What the recurrent matrix W is scaled to; see ``control``.
    leak_rate : float, array-like of shape (n_units,) or tuple, default=1.0
        Leak rate a in (0, 1], per step; the time constant is about 1/a steps.
        ``("log_uniform", 2, 200)`` draws a time constant between 2 and 200 steps for each unit,
        ``("groups", 1, 10, 100)`` gives a third of the units each of three time constants.
    input_scaling : float or array-like of shape (n_channels,), default=0.1
        Factor on the input weights, one for all channels or one for each.
    bias_scaling : float, default=0.2
        Factor on the bias, which is drawn as the input weights are.
    n_links : int, default=10
        Links into each unit, for ``topology="sparse"``.
    topology : str, Topology, array, sparse matrix or callable, default="sparse"
        Shape of W: ``"sparse"``, ``"dense"``, ``"orthogonal"``, ``"hadamard"`` (orthogonal, of
        random signs and Hadamard transforms, for reservoirs too large for a matrix), ``"ring"``,
        ``"cycle_jumps"`` or ``"delay_line"``. :class:`dlkit.reservoir.Sparse`,
        :class:`~dlkit.reservoir.Dense` and :class:`~dlkit.reservoir.CycleJumps` have parameters. A
        callable is called as ``f(n_units, random_state)``.
    control : {"radius", "effective", "norm"}, default="radius"
        What ``spectral_radius`` is: the spectral radius of W, the spectral radius of the leaky map
        (1 − a) I + a W, or the spectral norm of W (below one, the norm guarantees the echo state
        property).
    input_weights : {"uniform", "normal", "rademacher"} or InputWeights, default="uniform"
        Distribution of the input weights and the bias: U(−1, 1), N(0, 1), or ±1 with equal
        probability. :class:`dlkit.reservoir.InputWeights` also leaves a share of them out.
    activation : str or callable, default="tanh"
        f: ``"tanh"``, ``"logistic"`` (1 / (1 + exp(−z))), ``"relu"`` or ``"identity"``. A callable
        takes and returns a float and is compiled by Numba (or is already), or is a NumPy ufunc.
    cell : str or cell, default="leaky"
        What a step makes of the state x, the input u and z = W x + W_in u + b. ``"leaky"`` units
        follow (1 − a) x + a f(z). The others are ``"deep_transition"``, ``"es2n"``, ``"residual"``,
        ``"euler"``, ``"clockwork"``, ``"gru"``, ``"mgu"``, ``"lstm"`` and ``"legendre"``. An object
        has parameters: ``Leaky(delays=(1, 5, 20))``, ``ES2N(path="hadamard")``; see
        :class:`dlkit.reservoir.Leaky` and its neighbours for the equations.
    plasticity : IntrinsicPlasticity, default=None
        How ``fit`` adapts the gain and the bias of each unit to the input, before anything else is
        learned, see :class:`dlkit.reservoir.IntrinsicPlasticity`. ``spectral_radius`` is that of W
        without gains.
    bidirectional : bool, default=False
        Whether the same reservoir also runs over each sequence from its end, and the features of
        both passes are joined. Where a sample is a time step, series must then come whole.
    context : int, array-like of int or Context, default=None
        Numbers of the channels that are a fixed vector for each sequence. These channels hold the
        same values at all steps of a sequence, and are not forecast. See
        :class:`dlkit.reservoir.Context`.
    layers : int, list of dict or Layers, default=None
        Reservoirs in series: how many, or the parameters of each that differ, or all that
        :class:`dlkit.reservoir.Layers` can say. One if None.
    passthrough : bool, default=True
        Whether the readout sees the input beside the states.
    washout : int, default=0
        Steps at the start of each sequence that are run, but not learned from.
    noise : float, default=0.0
        Standard deviation of Gaussian noise added to the states in training.
    start : {"rest", "fit"}, default="rest"
        Where a series begins in ``predict``: at rest (zeros), or in the state in which ``fit``
        ended, as the test fold of a ``TimeSeriesSplit`` wants.
    increments : bool, default=False
        Whether the readout learns, without ``y``, how the next step differs from the last.
    feedback : bool or Feedback, default=False
        Whether the output of the last step is an input of the next: the true output in training,
        the estimator's own in ``predict``. The last output then follows the state wherever states
        are given or returned. See :class:`dlkit.reservoir.Feedback`.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised cross-validation.
        ``"auto"`` stands for 13 values from 1e-10 to 1e2.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    n_jobs : int, default=None
        Threads, as in joblib; or workers, under ``joblib.parallel_config(backend=...)``. The result
        does not depend on it.
    n_lanes : int, default=None
        Number of chunks that a long series is cut into, to be run side by side. If None, the number
        follows from the length of the series and from how fast the reservoir forgets; 1 runs the
        series from end to end. Every chunk is run again from where the one before ended, until both
        runs agree, so that only speed depends on ``n_lanes`` (the result to 1e-10 of the largest
        state, in float32 to 1e-5).
    verbose : int, default=0
        1 reports the progress of long work.

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

    *Streams.* ``partial_fit`` needs a readout that has that method. After ``fit`` it goes on with
    the same reservoir, while ``fit`` always starts anew. The default readout learns from sums, and
    ends where ``fit`` on all pieces would, up to the rounding of a solve from sums. After ``fit``
    the default readout has no sums to add to, so that ``partial_fit`` warns and starts afresh; a
    ``readout=RidgeReadout(alpha, selection="gcv", solver="moments")``, or its classifier, keeps its
    sums in ``fit`` as well, and :class:`RLSReadout` needs none.

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

    _parameter_constraints = {
        **parameters.RESERVOIR,
        **Forecaster._parameter_constraints,
        **parameters.FEEDBACK,
    }

    def __init__(
        self,
        n_units=500,
        *,
        spectral_radius=0.9,
        leak_rate=1.0,
        input_scaling=0.1,
        bias_scaling=0.2,
        n_links=10,
        topology="sparse",
        control="radius",
        input_weights="uniform",
        activation="tanh",
        cell="leaky",
        plasticity=None,
        bidirectional=False,
        context=None,
        layers=None,
        passthrough=True,
        washout=0,
        noise=0.0,
        start="rest",
        increments=False,
        feedback=False,
        readout=None,
        alpha="auto",
        random_state=None,
        n_jobs=None,
        n_lanes=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.bias_scaling = bias_scaling
        self.n_links = n_links
        self.topology = topology
        self.control = control
        self.input_weights = input_weights
        self.activation = activation
        self.cell = cell
        self.plasticity = plasticity
        self.bidirectional = bidirectional
        self.context = context
        self.layers = layers
        self.passthrough = passthrough
        self.washout = washout
        self.noise = noise
        self.start = start
        self.increments = increments
        self.feedback = feedback
        self.readout = readout
        self.alpha = alpha
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose
