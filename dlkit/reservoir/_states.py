"""A feature map over time as a transformer: a row for each time step."""

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import params_html, unchanged_on_failure
from ..sequences import FramesOfSeries, check_sequences
from ._driver import Driver
from ._learning import parameters
from ._learning.spread import Work
from ._step_esn import first_states


class StepStates(FramesOfSeries, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A feature map over time that gives a row for each step."""

    _parameter_constraints = {**parameters.START}
    _carries_state = True  # from row to row

    set_params = parameters.set_params
    _get_params_html = params_html

    @property
    def reservoir_(self):
        """What was drawn."""
        return self.driver_.drawn

    def _new_driver(self, n_channels, fed=None, drawn=None):
        """Draw what is random, unless it is drawn already, and say how it is run."""
        return Driver.of(self, n_channels, fed, drawn)

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw what is random and run over ``X``, without noise, to find ``final_state_``.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, of shape (T, C), its rows consecutive steps; or several: a list of arrays
            of shape (T_i, C) or (T_i,), or an array of shape (n, T, C).
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._run_from_rest(X)
        return self

    @unchanged_on_failure
    def fit_transform(self, X, y=None):
        """Fit, and return the rows of ``X`` as the training data.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        rows : ndarray or list of ndarray
            As :meth:`transform`'s, but from rest whatever ``start`` says, and with ``noise`` on the
            states if it is asked for.
        """
        return self._run_from_rest(X, rows=True)

    def _run_from_rest(self, X, rows=False):
        """Fit; return the rows of the training data if they are asked for."""
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows="steps")
        driver = self._new_driver(batch.n_channels)
        driver.check(batch)
        driver.check_scale(batch)
        work, out, noise = Work.of(self), None, None
        self.driver_ = driver = driver.adapted(batch, verbose=work.verbose)
        if rows:
            out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
            noise = driver.state_noise()
        self.final_state_ = driver.run(
            batch, out=out, noise=noise, n_jobs=work.n_jobs,
            progress=work.progress(len(batch.values)),
        )  # fmt: skip
        if noise is not None:
            self.final_state_ = driver.run(batch, n_jobs=work.n_jobs)
        return batch.unpack(out) if rows else None

    def transform(self, X, initial_state=None):
        """Run over ``X``.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels.
        initial_state : array-like of shape (n_states,) or (n_series, n_states), default=None
            State each series begins in, as ``final_state_``; what ``start`` says if None.

        Returns
        -------
        rows : ndarray or list of ndarray
            A row for each step, in the form of ``X``, known after that step's input: the state
            (and, with ``passthrough``, the input beside it).
        """
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        first, work = first_states(self, batch, initial_state), Work.of(self)
        out = np.empty((len(batch.values), self.driver_.n_columns), dtype=batch.values.dtype)
        self.driver_.run(
            batch, states=first, out=out, n_jobs=work.n_jobs,
            progress=work.progress(len(batch.values)),
        )  # fmt: skip
        return batch.unpack(out)

    def _training_rows(self, X, numbers):
        """Rows of the training data, as :meth:`fit_transform` makes them."""
        batch = check_sequences(self, X, reset=False, rows="steps")
        out = np.empty((len(batch.values), self.driver_.n_columns), dtype=batch.values.dtype)
        self.driver_.run(
            batch, out=out, noise=self.driver_.state_noise(), n_jobs=Work.of(self).n_jobs
        )
        return batch.unpack(out)

    @property
    def _n_features_out(self):
        return self.driver_.n_columns

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class ReservoirStates(StepStates):
    """A reservoir that turns each time step into one row: its state.

    The state follows x ← (1 − a) x + a f(W x + W_in u + b). A row depends on all steps before it,
    so rows must come in order and cannot be shuffled or left out.

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
    passthrough : bool, default=False
        Whether the readout sees the input beside the states.
    washout : int, default=0
        Steps at the start of each sequence that are run, but not learned from.
    noise : float, default=0.0
        Standard deviation of Gaussian noise added to the states in training.
    start : {"rest", "fit"}, default="rest"
        Where a series begins in ``transform``: at rest (zeros), or in the state in which ``fit``
        ended, as the test fold of a ``TimeSeriesSplit`` wants.
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
        The drawn reservoir: ``matrix``, ``w_in``, ``bias``, ``leak_rate``.
    final_state_ : ndarray of shape (n_series, n_units)
        State after the last step of each series seen in ``fit``.
    n_channels_in_ : int
        Channels of the series seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    ReservoirFeatures : One row for every sequence.
    ESNForecaster : With a readout, for a number per time step.
    ESNTagger : With a readout, for a label per time step.

    Notes
    -----
    ``washout`` leaves no row out here, so that rows and targets stay as many; readouts of
    :class:`ESNForecaster` and :class:`ESNTagger` leave those steps out of their training.

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
       networks, GMD report 148.
    .. [2] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> u = np.sin(np.arange(100.0))[:, None]
    >>> states = ReservoirStates(50, random_state=0).fit(u)
    >>> states.transform(u).shape
    (100, 50)
    >>> bool(np.array_equal(states.transform(u)[-1], states.final_state_[0]))
    True
    """

    _parameter_constraints = parameters.RESERVOIR | parameters.START

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
        passthrough=False,
        washout=0,
        noise=0.0,
        start="rest",
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
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose
