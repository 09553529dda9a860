"""A reservoir as a transformer: a row for each sequence."""

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ..sequences import check_sequences
from ._learning.rows import PerSequence
from ._learning.spread import Work
from ._sequence_esn import SequenceReservoir


class ReservoirFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SequenceReservoir):
    """A reservoir that turns each sequence into one row of features.

    The state follows x ← (1 − a) x + a f(W x + W_in u + b) from rest, and ``pooling`` makes one
    row of the states of a sequence. Nothing is learned from labels.

    Parameters
    ----------
    n_units : int, default=500
        Number of units.
    spectral_radius : float, default=0.9
        What the recurrent matrix W is scaled to; see ``control``.
    leak_rate : float, array-like of shape (n_units,) or tuple, default=0.3
        Leak rate a in (0, 1], per step; the time constant is about 1/a steps.
        ``("log_uniform", 2, 200)`` draws a time constant between 2 and 200 steps for each unit,
        ``("groups", 1, 10, 100)`` gives a third of the units each of three time constants.
    input_scaling : float or array-like of shape (n_channels,), default=0.3
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
    pooling : {"last", "mean", "last_mean", "moments", "statistics", "model_space"} or ModelSpace,
    default="moments"
        How the states of a sequence become one row of features: the last state; the mean state; the
        two side by side; mean and standard deviation of each unit (``"moments"``); these two, twice
        the root mean square of the steps from state to state, and a quarter each of the share of
        steps that go up, of the least and of the greatest state (``"statistics"``); or the ridge
        model that predicts the next state from the state, see :class:`dlkit.reservoir.ModelSpace`.
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
    pooling_ : Summary or Coordinates
        The pooling, fitted; of the model space the principal components of the states (``mean``,
        ``components``).
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    ReservoirStates : One row for every time step.
    ESNClassifier : With a readout, for a label per sequence.

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
       networks, GMD report 148.
    .. [2] Bianchi, Scardapane, Løkse & Jenssen (2021), Reservoir computing approaches for
       representation and classification of multivariate time series, IEEE TNNLS 32(5).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirFeatures
    >>> X = [np.ones((5, 2)), np.zeros((8, 2)), np.ones((1, 2))]
    >>> ReservoirFeatures(50, random_state=0).fit_transform(X).shape
    (3, 100)
    """

    def __init__(
        self,
        n_units=500,
        *,
        spectral_radius=0.9,
        leak_rate=0.3,
        input_scaling=0.3,
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
        pooling="moments",
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
        self.pooling = pooling
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw the reservoir (and learn the coordinates of the model space).

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences: a list of arrays of shape (T_i, C) or (T_i,), an array of shape (n, T, C),
            or of shape (n, T) for one channel.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._keep(self._prepare(X))
        return self

    @unchanged_on_failure
    def fit_transform(self, X, y=None):
        """Fit, and return the features of ``X`` as the training data.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        features : ndarray of shape (n_sequences, n_features)
            As :meth:`transform`'s, but with ``noise`` on the states if it is asked for.
        """
        problem = self._prepare(X)
        self._keep(problem)
        return problem.rows.matrix(problem.driver, problem.batch, Work.of(self))[0]

    def transform(self, X):
        """Run the reservoir over each sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`, with as many channels.

        Returns
        -------
        features : ndarray of shape (n_sequences, n_features)
            float32 for float32 input, float64 otherwise.
        """
        check_is_fitted(self)
        return self._features(X)

    def _training_rows(self, X, numbers):
        """Features of some of the training data, as :meth:`fit_transform` makes them of all."""
        batch = check_sequences(self, X, reset=False)
        self.driver_.check(batch)
        options = {"train": True, "numbers": numbers, "n_jobs": self.n_jobs}
        return self.driver_.pooled(batch, self.pooling_, **options)

    @property
    def _n_features_out(self):
        return PerSequence(self.pooling_).n_columns(self.driver_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
