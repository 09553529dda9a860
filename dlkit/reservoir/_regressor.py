"""An echo state network with a number, or several, for each sequence."""

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if

from .._params import unchanged_on_failure
from ..readout import RidgeReadout
from ._learning import parameters
from ._learning.targets import check_numbers, readout_has
from ._sequence_esn import SequenceESN, check_granularity


class ESNRegressor(MultiOutputMixin, RegressorMixin, SequenceESN):
    """Echo state network that gives each sequence a number, or several.

    A fixed random reservoir runs over each sequence, its states become one row of features
    (:class:`ReservoirFeatures`), and a readout, linear by default, learns the targets.

    Parameters
    ----------
    n_units : int, default=500
        Number of units.
    spectral_radius : float, default=0.9
        What the recurrent matrix W is scaled to; see ``control``.
    leak_rate : float, array-like of shape (n_units,) or tuple, default=0.7
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
    default="last_mean"
        How the states of a sequence become one row of features: the last state; the mean state; the
        two side by side; mean and standard deviation of each unit (``"moments"``); these two, twice
        the root mean square of the steps from state to state, and a quarter each of the share of
        steps that go up, of the least and of the greatest state (``"statistics"``); or the ridge
        model that predicts the next state from the state, see :class:`dlkit.reservoir.ModelSpace`.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised cross-validation.
        ``"auto"`` stands for 19 values from 1e-6 to 1e3.
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
    pooling_ : Summary or Coordinates
        The pooling, fitted; of the model space the principal components of the states (``mean``,
        ``components``).
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    ESNForecaster : A number for each time step.
    ESNClassifier : A label for each sequence.

    Notes
    -----
    Fits whose features would take over 256 MB are solved from their moments, added up block by
    block, which resolve an ``alpha`` down to some 1e-8.

    *Streams.* ``partial_fit`` needs a readout that has that method. After ``fit`` it goes on with
    the same reservoir, while ``fit`` always starts anew. The default readout learns from sums, and
    ends where ``fit`` on all pieces would, up to the rounding of a solve from sums. After ``fit``
    the default readout has no sums to add to, so that ``partial_fit`` warns and starts afresh; a
    ``readout=RidgeReadout(alpha, selection="gcv", solver="moments")``, or its classifier, keeps its
    sums in ``fit`` as well, and :class:`RLSReadout` needs none.

    With ``pooling="model_space"`` the first block of a stream gives the principal components.

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
       networks, GMD report 148.
    .. [2] Bianchi, Scardapane, Løkse & Jenssen (2021), Reservoir computing approaches for
       representation and classification of multivariate time series, IEEE TNNLS 32(5).

    Examples
    --------
    The frequency of a sine, from its course:

    >>> import numpy as np
    >>> from dlkit import ESNRegressor
    >>> frequency = np.linspace(0.1, 0.5, 60)
    >>> X = np.sin(frequency[:, None] * np.arange(50))
    >>> esn = ESNRegressor(100, random_state=0).fit(X[::2], frequency[::2])
    >>> esn.score(X[1::2], frequency[1::2]) > 0.99
    True
    """

    def __init__(
        self,
        n_units=500,
        *,
        spectral_radius=0.9,
        leak_rate=0.7,
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
        pooling="last_mean",
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
        self.pooling = pooling
        self.readout = readout
        self.alpha = alpha
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose

    def _default_readout(self):
        alphas = parameters.default_alphas(self.alpha, np.logspace(-6, 3, 19))
        return RidgeReadout(alphas, selection="gcv", relative=isinstance(self.alpha, str))

    def _check_targets(self, y, sample_weight):
        check_granularity(self, y, "ESNForecaster", labels=False)
        return check_numbers(y), sample_weight

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Draw the reservoir and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences: a list of arrays of shape (T_i, C) or (T_i,), an array of shape (n, T, C),
            or of shape (n, T) for one channel.
        y : array-like of shape (n_sequences,) or (n_sequences, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_sequences,), default=None
            Weights, for a readout that takes them.

        Returns
        -------
        self : object
        """
        self._fit_all(X, y, sample_weight)
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y, sample_weight=None):
        """Learn from another block of whole sequences.

        The first call draws the reservoir, which all later ones share. See Notes.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        self : object
        """
        self._fit_part(X, *self._check_targets(y, sample_weight))
        return self
