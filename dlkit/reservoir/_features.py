"""Reservoirs as transformers: a sequence to one row, or a time step to one row."""

import numpy as np
from scipy import linalg
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._params import StrOptions, count, non_negative, unchanged_on_failure
from .._threads import blas_for
from ..readout import Moments
from ..sequences import check_sequences
from ._base import BaseReservoir, with_reservoir_doc
from ._engine.both_ways import BothWays, both_ways
from ._learning.pooling import POOLINGS, Coordinates
from ._learning.spread import cut, elsewhere, rows_of, run, traveller


class SequenceReservoir(BaseReservoir):
    """What the estimators share whose samples are sequences: from a batch to rows of features."""

    _parameter_constraints = BaseReservoir._parameter_constraints | {
        "pooling": [StrOptions(set(POOLINGS))],
        "n_components": [count()],
        "whiten": ["boolean"],
        "model_alpha": [non_negative()],
    }

    @unchanged_on_failure
    def _fit_reservoir(self, X, y=None, sample_weight=None):
        self._validate_params()
        batch = check_sequences(self, X, reset=True)
        check_consistent_length(batch, y, sample_weight)
        self._check_batch(batch)
        self.reservoir_ = self._draw_for(batch)
        self.__dict__.pop("coordinates_", None)
        if self.pooling == "model_space":
            self.coordinates_ = self._fit_coordinates(batch, sample_weight)
        return batch

    def _fit_coordinates(self, batch, sample_weight):
        moments = Moments()
        weight = np.ones(len(batch)) if sample_weight is None else np.asarray(sample_weight)
        parts = cut(batch, self._n_columns)
        light = traveller(self, "reservoir_")
        weights = [weight[rows] for rows in rows_of(parts)]
        for part in run(self, parts, light._state_moments, weights):
            moments.merge(part)
        with blas_for(10 * moments.n_features**3):
            values, vectors = linalg.eigh(moments.centred()[0])
        components = vectors.T[::-1][: self.n_components]
        largest = np.abs(components).argmax(axis=1)[:, None]
        components = components * np.sign(np.take_along_axis(components, largest, axis=1))
        if self.whiten:
            variance = values[::-1][: len(components)] / moments.weight_sum
            least = np.finfo(batch.values.dtype).eps * variance[0]  # below it all is rounding
            variance = np.maximum(variance, least if least > 0 else 1.0)
            components = components / np.sqrt(variance)[:, None]
        return Coordinates(moments.x_mean, components, self.model_alpha)

    def _state_moments(self, batch, weight):
        """Moments of the states, each step with the weight of its sequence."""
        moments = Moments()

        def take(span, block):
            rows, offsets = span.kept(self.washout)
            steps = np.repeat(weight[span.first : span.last], np.diff(offsets))
            moments.update(block[rows], np.zeros(len(steps)), steps)  # no targets, only features

        # one thread: the order of sums then never varies
        batch, weight = self._passes(batch), np.repeat(weight, self._n_passes)
        self._run(self.reservoir_, batch, take, train=True, n_jobs=1)
        return moments

    @property
    def _n_passes(self):
        return 2 if self.bidirectional else 1

    def _passes(self, batch):
        """Sequences to be run: each of the batch once or, turned around as well, twice."""
        return both_ways(batch) if self.bidirectional else batch

    def _pooled(self, pooling, dtype):
        """Rows of features, those of all passes of a sequence joined."""
        rows = pooling.result().astype(dtype, copy=False)
        return rows.reshape(len(rows) // self._n_passes, -1)

    def _new_pooling(self, batch):
        space = getattr(self, "coordinates_", None)
        return POOLINGS[self.pooling](len(batch), self._n_columns, self.washout, space)

    def _features(self, batch, *, train=False, noise=None):
        parts = [batch]
        if noise is None and (self.bidirectional or elsewhere(self.n_jobs)):
            parts = cut(batch, self._n_passes * self._n_columns)
        if len(parts) > 1:
            light = traveller(self, "reservoir_", "coordinates_")
            return np.concatenate(list(run(self, parts, light._features, train=train)))
        passes = self._passes(batch)
        pooling = self._new_pooling(passes)
        self._run(self.reservoir_, passes, pooling, train=train, noise=noise)
        return self._pooled(pooling, batch.values.dtype)

    @property
    def _n_columns_out(self):
        space = getattr(self, "coordinates_", None)
        return self._n_passes * POOLINGS[self.pooling].columns(self._n_columns, space)


class StepReservoir(BaseReservoir):
    """What the estimators share whose samples are time steps: from a batch to rows of states."""

    _parameter_constraints = BaseReservoir._parameter_constraints | {
        "start": [StrOptions({"rest", "fit"})],
    }

    @property
    def _n_columns(self):
        n_features = self.reservoir_.n_features
        return super()._n_columns + self.bidirectional * n_features

    def _engine(self, reservoir, batch):
        if not self.bidirectional:
            return super()._engine(reservoir, batch)
        lanes = reservoir.lanes(batch.values.dtype, n_lanes=self.n_lanes)
        return BothWays(lanes, self.passthrough, self._rest(reservoir, batch))

    def _initial_states(self, batch, initial_state):
        """Own copy of the states that series begin in, of shape (n, n_state)."""
        self._check_context(batch)
        n, rest = len(batch), self._rest(self.reservoir_, batch)
        n_units = self.reservoir_.n_units
        if initial_state is None and self.start == "rest":
            return rest
        name = "initial_state"
        if initial_state is None:
            initial_state, name = self.final_state_, 'start="fit"'
        try:
            given = np.asarray(initial_state, dtype=rest.dtype)
            width = n_units if given.shape[-1:] == (n_units,) else rest.shape[1]
            rest[:, :width] = np.broadcast_to(given, (n, width))
        except ValueError:
            more = f" (with all that is carried, {rest.shape[1]})" * (rest.shape[1] > n_units)
            raise ValueError(
                f"{name} gives states of shape {np.shape(initial_state)}; allowed for {n} series "
                f"is ({n_units},) or ({n}, {n_units}){more}."
            ) from None
        if not np.isfinite(rest).all():
            raise ValueError(f"{name} holds NaN or infinity; states must be finite.")
        return rest


@with_reservoir_doc
class ReservoirFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, SequenceReservoir):
    """A reservoir that turns each sequence into one row of features.

    The state follows x ← (1 − a) x + a f(W x + W_in u + b) from rest, and ``pooling`` makes one
    row of the states of a sequence. Nothing is learned from labels.

    Parameters
    ----------
    {reservoir}
    pooling : {"last", "mean", "last_mean", "moments", "model_space"}, default="moments"
        The row: the last state; the mean state; the two side by side; mean and standard deviation
        of each unit; or the ridge model that predicts the next state from the state, in principal
        components of the states (Bianchi et al. 2021).
    n_components : int, default=75
        Principal components, for ``pooling="model_space"``: the row then has
        n_components (n_components + 1) entries.
    whiten : bool, default=False
        Whether the components are scaled to a variance of one, so that ``model_alpha`` weighs on
        all of them alike.
    model_alpha : float, default=10.0
        Ridge penalty of those models.

    Attributes
    ----------
    reservoir_ : Reservoir
        The drawn reservoir: ``matrix``, ``w_in``, ``bias``, ``leak_rate``.
    coordinates_ : Coordinates
        Principal components of the states (``mean``, ``components``), for the model space.
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
    Jaeger (2001), The "echo state" approach to analysing and training recurrent neural networks,
    GMD report 148. Bianchi, Scardapane, Løkse & Jenssen (2021), Reservoir computing approaches
    for representation and classification of multivariate time series, IEEE TNNLS 32(5).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirFeatures
    >>> X = [np.ones((5, 2)), np.zeros((8, 2)), np.ones((1, 2))]
    >>> ReservoirFeatures(50, random_state=0).fit_transform(X).shape
    (3, 100)
    """

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=0.3, input_scaling=0.3,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None,
        bidirectional=False, context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=False, washout=0, noise=0.0, pooling="moments", n_components=75,
        whiten=False, model_alpha=10.0, random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

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
        self._fit_reservoir(X)
        return self

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
        return self._features(self._fit_reservoir(X), train=True)

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
        batch = check_sequences(self, X, reset=False)
        self._check_batch(batch)
        return self._features(batch)

    @property
    def _n_features_out(self):
        return self._n_columns_out

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class StepStates(ClassNamePrefixFeaturesOutMixin, TransformerMixin, StepReservoir):
    """A feature map over time that gives a row for each step."""

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw what is random and run over ``X`` to find ``final_state_``.

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
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows="steps")
        self._check_batch(batch)
        self.reservoir_ = self._draw_for(batch)
        self.final_state_ = self._run(self.reservoir_, batch, train=True)
        return self

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
        first = self._initial_states(batch, initial_state)
        out = np.empty((len(batch.values), self._n_columns), dtype=batch.values.dtype)
        self._run(self.reservoir_, batch, states=first, out=out)
        return batch.unpack(out)

    @property
    def _n_features_out(self):
        return self._n_columns

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


@with_reservoir_doc
class ReservoirStates(StepStates):
    """A reservoir that turns each time step into one row: its state.

    The state follows x ← (1 − a) x + a f(W x + W_in u + b). A row depends on all steps before it,
    so rows must come in order and cannot be shuffled or left out.

    Parameters
    ----------
    {reservoir}
    start : {"rest", "fit"}, default="rest"
        Where ``transform`` begins: at rest (zeros), or in the state in which ``fit`` ended.

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

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=1.0, input_scaling=0.1,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None,
        bidirectional=False, context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=False, washout=0, noise=0.0, start="rest", random_state=None, n_jobs=None,
        n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())
