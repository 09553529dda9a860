"""An echo state network with a label for each time step."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._forecasts.series import Series
from .._params import unchanged_on_failure
from ..readout import RidgeReadoutClassifier
from ..sequences import check_sequences, step_targets, step_weights
from ._learning import parameters
from ._learning.targets import check_classes, check_given, check_labels, readout_has
from ._step_esn import StepESN, first_states


class ESNTagger(ClassifierMixin, StepESN):
    """Echo state network that gives each time step a label.

    A fixed random reservoir runs over the series and a readout, linear by default, maps its
    states to labels.

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
    feedback : bool or Feedback, default=False
        Whether the output of the last step is an input of the next: the true output in training,
        the estimator's own in ``predict``. The last output then follows the state wherever states
        are given or returned. See :class:`dlkit.reservoir.Feedback`.
    readout : classifier, default=None
        Any scikit-learn classifier; ``RidgeReadoutClassifier(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised cross-validation.
        ``"auto"`` stands for 19 values from 1e-6 to 1e3.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied into the sample weights. ``fit`` then scales the weights
        to the sum that they had; `partial_fit`, which never sees all of them, does not. For a
        readout that takes weights.
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
    classes_ : ndarray of shape (n_classes,)
        Labels seen in ``fit``.
    reservoir_ : Reservoir
        The drawn reservoir.
    readout_ : classifier
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
    ESNForecaster : A number for each time step.
    ESNClassifier : A label for each sequence.

    Notes
    -----
    *Streams.* ``partial_fit`` needs a readout that has that method. After ``fit`` it goes on with
    the same reservoir, while ``fit`` always starts anew. The default readout learns from sums, and
    ends where ``fit`` on all pieces would, up to the rounding of a solve from sums. After ``fit``
    the default readout has no sums to add to, so that ``partial_fit`` warns and starts afresh; a
    ``readout=RidgeReadout(alpha, selection="gcv", solver="moments")``, or its classifier, keeps its
    sums in ``fit`` as well, and :class:`RLSReadout` needs none.

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
       networks, GMD report 148.
    .. [2] Triefenbach, Jalalvand, Schrauwen & Martens (2010), Phoneme recognition with large
       hierarchical reservoirs, NIPS.

    Examples
    --------
    Was the input above zero three steps ago?

    >>> import numpy as np
    >>> from dlkit import ESNTagger
    >>> u = np.random.RandomState(0).uniform(-1, 1, (600, 1))
    >>> y = np.where(np.roll(u[:, 0], 3) > 0, "above", "below")
    >>> esn = ESNTagger(100, washout=10, random_state=0).fit(u[:500], y[:500])
    >>> esn.score(u[500:], y[500:]) > 0.9
    True
    """

    _parameter_constraints = {
        **parameters.RESERVOIR,
        **StepESN._parameter_constraints,
        **parameters.START,
        **parameters.FEEDBACK,
        "class_weight": [dict, str, None],
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
        feedback=False,
        readout=None,
        alpha="auto",
        class_weight=None,
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
        self.feedback = feedback
        self.readout = readout
        self.alpha = alpha
        self.class_weight = class_weight
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.n_lanes = n_lanes
        self.verbose = verbose

    def _default_readout(self):
        alphas = parameters.default_alphas(self.alpha, np.logspace(-6, 3, 19))
        return RidgeReadoutClassifier(alphas, selection="gcv", relative=isinstance(self.alpha, str))

    def _ahead(self):
        return 1, False

    def _given(self, X, ahead, stream=None, new_series=False, covariates=None):
        batch = check_sequences(self, X, reset=stream is None, rows="steps")
        if stream is not None:
            self._check_number(batch, new_series)
        return Series(batch, (), batch=batch)

    def _begin(self, X, initial_state, covariates=None):
        batch = check_sequences(self, X, reset=False, rows="steps")
        states = first_states(self, batch, initial_state)
        return Series(batch, (), batch=batch), states, np.ones(len(batch), dtype=bool)

    def _check_targets(self, y, part=False):
        return check_labels(self, y, part=part)

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Draw the reservoir, run it over ``X`` and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, of shape (T, C), its rows consecutive steps; or several: a list of arrays
            of shape (T_i, C) or (T_i,), or an array of shape (n, T, C).
        y : array-like or list of array-like
            Labels in the form of ``X``: of shape (T,) for one series.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.

        Returns
        -------
        self : object
        """
        self._learn(self._pose(X, y, sample_weight))
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None, *, new_series=False):
        """Go on with the series: learn from the next stretch of each.

        The first call draws the reservoir; each later one runs it on from ``final_state_``, so
        that a series in pieces is learned as if it were given whole. See Notes.

        Parameters
        ----------
        X, y, sample_weight
            The next steps of as many series as before, as in :meth:`fit`; a single step will do.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be. Required on the first call.
        new_series : bool, default=False
            Whether other series begin, at rest and with a washout of their own; what the readout
            learned stays.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            With ``class_weight="balanced"``, which needs all labels at once; with another number
            of series than before; without ``classes`` on the first call.
        """
        check_given(self, y)
        self._fit_part(X, y, sample_weight, new_series, check_classes(self, classes))
        return self

    @property
    def classes_(self):
        """Labels seen in ``fit``, in the order of ``predict_proba``'s columns."""
        return self.readout_.classes_

    def predict(self, X, initial_state=None, *, return_state=False):
        """Predict the label of each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels.
        initial_state : array-like of shape (n_units,) or (n_series, n_units), default=None
            State each series begins in; what ``start`` says if None.
        return_state : bool, default=False
            Whether to return the state after the last step as well, with which to go on.

        Returns
        -------
        y : ndarray or list of ndarray
            Labels in the form of ``X``, one for each step, washout or not.
        state : ndarray of shape (n_series, n_units)
            Only with ``return_state``.
        """
        return self._read(X, "predict", initial_state, return_state)

    @available_if(readout_has("predict_proba"))
    def states(self, X, initial_state=None):
        """Run the fitted reservoir over ``X`` and return the state at every step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`, with as many channels.
        initial_state : as of :meth:`predict`, default=None
            State in which the series begin.

        Returns
        -------
        states : ndarray of shape (T, n_columns), or list of these
            A row for each step, in the form of ``X``, without noise: the units of all layers that
            are read; with ``bidirectional`` those of the second pass beside them. With
            ``feedback`` the estimator's own outputs are fed back.
        """
        return self._states(X, initial_state)

    def predict_proba(self, X, initial_state=None):
        """Probability of each class at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        initial_state : array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        probabilities : ndarray or list of ndarray
            In the form of ``X``, with n_classes columns; rows sum to one.
        """
        return self._read(X, "predict_proba", initial_state)

    @available_if(readout_has("decision_function"))
    def decision_function(self, X, initial_state=None):
        """Score of each class at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        initial_state : array-like, default=None
            As in :meth:`predict`.

        Returns
        -------
        scores : ndarray or list of ndarray
            In the form of ``X``; the greater, the likelier.
        """
        return self._read(X, "decision_function", initial_state)

    def score(self, X, y, sample_weight=None):
        """Share of steps labelled right.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        y : array-like or list of array-like
            Labels in the form of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights in the form of ``y``.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        sample_weight = step_weights(batch, sample_weight)
        truth, predicted = step_targets(batch, y), step_targets(batch, self.predict(X))
        return accuracy_score(truth, predicted, sample_weight=sample_weight)
