"""An echo state network with a number for each time step, and its closed loop."""

from ._learning import parameters
from ._step_forecaster import Forecaster


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
    scaling : str, Scaling, transformer or None, default="standard"
        How series are scaled inside; answers are in the data's units. ``"standard"`` (mean 0,
        deviation 1), ``"minmax"``, ``"robust"`` or ``"log"``; :class:`dlkit.forecasting.Scaling`
        also has Box–Cox, and chooses; or a transformer of scikit-learn with
        ``inverse_transform``. A single series sets the scale of those that come later, each series
        of a list has its own.
    horizon : int or Horizon, default=1
        Steps ahead that are learned, without ``y``, at once; and whether as differences from the
        present step, see :class:`dlkit.forecasting.Horizon`.
    feedback : bool or Feedback, default=False
        Whether the output of the last step is an input of the next: the true output in training,
        the estimator's own in ``predict``. The last output then follows the state wherever states
        are given or returned. See :class:`dlkit.reservoir.Feedback`.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout. Of several, ``fit`` without ``y`` takes the one that
        forecasts segments of the series best in a closed loop (see Notes); all else the best by
        generalised cross-validation. ``"auto"`` stands for 13 values from 1e-10 to 1e2.
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
    *Penalties.* A readout that is right about the next step may diverge where it runs on its own
    outputs. So ``fit`` without ``y`` chooses ``alpha`` by recycle validation [1]_: ten segments of
    the later two thirds of the series (or of ten of many series), each a fifth of its series and at
    most 200 steps long, are forecast from the states before them, under all candidates side by
    side. ``readout_.alpha_scores_`` are minus the geometric means, over segments, of mean squared
    errors relative to the variance. Where there are fewer than four rows for each feature, the fit
    that forecasts a segment is one without this segment, from the same decomposition. The best
    that holds is taken: from before each segment its loop stays, for 1000 steps or as many as the
    series has, within ten widths of the range of the series. The choice takes about as long as the
    decomposition where segments stay in, and two to three times as long where they are left out.
    For other parameters see :class:`dlkit.ReservoirSearchCV` with ``scoring="closed_loop"``.

    Fits whose states would take over 256 MB choose in the same way among those of the candidates
    that their moments resolve (down to some 1e-8), after one more run over the series; with fewer
    than four rows for each feature they choose by generalised cross-validation, of one step. So
    does `partial_fit`, which no longer has the series that it would forecast. With ``horizon=H``
    above 1 it is the mean of the errors of all H steps that generalised cross-validation makes
    least: these steps are told from the series itself, and no output is an input among them.

    *Streams.* ``partial_fit`` needs a readout that has that method. After ``fit`` it goes on with
    the same reservoir, while ``fit`` always starts anew. The default readout learns from sums, and
    ends where ``fit`` on all pieces would, up to the scale, which the first piece sets, and to the
    rounding of a solve from sums. After ``fit`` the default readout has no sums to add to, so that
    ``partial_fit`` warns and starts afresh; a
    ``readout=RidgeReadout(alpha, selection="gcv", solver="moments")``, or its classifier, keeps its
    sums in ``fit`` as well, and :class:`RLSReadout` needs none.

    A series of any length, in a memory-mapped array or in pieces, is learned in a fixed amount of
    memory.

    References
    ----------
    .. [1] Racca & Magri (2021), Robust optimization and validation of echo state networks for
       learning chaotic dynamics, Neural Networks 142, section 4.
    .. [2] Jaeger & Haas (2004), Harnessing nonlinearity, Science 304.
    .. [3] Lukoševičius (2012), A practical guide to applying echo state networks.

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

    _mend = "a larger alpha, noise in training or a smaller spectral_radius"
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
        scaling="standard",
        horizon=1,
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
        self.scaling = scaling
        self.horizon = horizon
        self.feedback = feedback
        self.readout = readout
        self.alpha = alpha
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose
