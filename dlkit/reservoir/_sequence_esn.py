"""Echo state networks with a target for each sequence."""

import numpy as np
from sklearn.base import ClassifierMixin, MultiOutputMixin, RegressorMixin, clone, is_classifier
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._params import unchanged_on_failure
from ..readout import RidgeReadout, RidgeReadoutClassifier
from ..sequences import check_sequences, is_batch
from ._base import with_reservoir_doc
from ._features import SequenceReservoir
from ._learning import spread
from ._learning.rows import partial_fit_readout
from ._learning.targets import (
    ReadoutParams,
    check_classes,
    check_given,
    check_labels,
    fit_readout,
    new_readout,
    readout_has,
    weigh_classes,
    weigh_part,
)


class SequenceESN(ReadoutParams, SequenceReservoir):
    """Features of sequences, then a readout."""

    _parameter_constraints = (
        SequenceReservoir._parameter_constraints | ReadoutParams._readout_constraints
    )

    def _fit_all(self, X, y, sample_weight):
        """Fit reservoir and readout."""
        batch = self._fit_reservoir(X, y, sample_weight)
        readout, p = self._new_readout(), self._n_columns_out
        too_many = len(batch) * p * batch.values.itemsize > _budgets.STATES_BYTES
        if too_many and len(batch) > p and spread.streaming(readout) == "merged":
            self.readout_ = self._fit_streaming(readout, batch, y, sample_weight)
        else:
            features = self._features(batch, train=True)
            self.readout_ = fit_readout(readout, features, y, sample_weight)
        self._n_seen = len(batch)

    def _fit_streaming(self, readout, batch, y, sample_weight):
        """Fit a ridge readout, block by block, without ever holding all features."""
        # of fewer sequences, the moments would be larger than the features
        parts = spread.cut(batch, self._n_columns, least=2 * self._n_columns_out)
        light = spread.traveller(self, "reservoir_", "coordinates_")
        y = np.asarray(y)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)
        mine = [[a[rows] for rows in spread.rows_of(parts)] for a in (y, weight)]
        more = {"classes": np.unique(y)} if is_classifier(readout) else {}
        return spread.merged(
            spread.run(self, parts, light._fit_block, *mine, readout=readout, more=more)
        )

    def _fit_block(self, batch, y, weight, *, readout, more):
        """Copy of the readout, fitted to the sequences of some weight, if any."""
        kept = weight != 0
        if not kept.any():
            return None
        features = self._features(batch, train=True)[kept]
        return clone(readout).partial_fit(features, y[kept], sample_weight=weight[kept], **more)

    def _fit_part(self, X, y, sample_weight, **more):
        """Go on with fit: another block of whole sequences."""
        if hasattr(self, "reservoir_"):
            self._validate_params()
            batch = check_sequences(self, X, reset=False)
            check_consistent_length(batch, y, sample_weight)
            self._check_batch(batch)
        else:
            batch = self._fit_reservoir(X, y, sample_weight)
            self.readout_, self._n_seen = self._new_readout(), 0
        n, before = self._n_passes * len(batch), self._n_passes * self._n_seen
        noise = self._state_noise(self.reservoir_, n, before=before)
        features = self._features(batch, noise=noise)
        partial_fit_readout(self.readout_, features, y, sample_weight, **more)
        self._n_seen += len(batch)

    def _read(self, X, method):
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False)
        self._check_batch(batch)
        parts = spread.portions(self, batch)
        if len(parts) == 1:
            return self._read_block(batch, method)
        light = spread.traveller(self, "reservoir_", "coordinates_", "readout_")
        return np.concatenate(list(spread.run(self, parts, light._read_block, method=method)))

    def _read_block(self, batch, method):
        """What the readout makes of each sequence."""
        return getattr(self.readout_, method)(self._features(batch))

    def predict(self, X):
        """Predict the target of each sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`, with as many channels.

        Returns
        -------
        y : ndarray of shape (n_sequences,) or (n_sequences, n_outputs)
            Predictions.
        """
        return self._read(X, "predict")


def _check_granularity(estimator, y, instead, *, labels):
    """Refuse targets that are sequences themselves, by the name of the class that takes them."""
    check_given(estimator, y)
    name = type(estimator).__name__
    if is_batch(y) and len(y) and (labels or len({np.shape(target) for target in y}) > 1):
        raise ValueError(
            f"y holds sequences of targets, but {name} needs one target for each sequence; for a "
            f"target per time step use {instead}."
        )


@with_reservoir_doc
class ESNClassifier(ClassifierMixin, SequenceESN):
    """Echo state network that gives each sequence a label.

    A fixed random reservoir runs over each sequence, its states become one row of features
    (:class:`ReservoirFeatures`), and a readout, linear by default, learns the labels.

    Parameters
    ----------
    {reservoir}
    pooling : {"last", "mean", "last_mean", "moments", "model_space"}, default="moments"
        From states to features, as in :class:`ReservoirFeatures`.
    n_components : int, default=75
        Principal components, for ``pooling="model_space"``.
    whiten : bool, default=False
        Whether they are scaled to a variance of one, so that ``model_alpha`` weighs on all alike.
    model_alpha : float, default=10.0
        Ridge penalty of the models, for ``pooling="model_space"``.
    readout : classifier, default=None
        Any scikit-learn classifier; ``RidgeReadoutClassifier(alpha, selection="gcv")``
        if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 19 values from 1e-6 to 1e3.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied into the sample weights (whose sum is kept, but for
        `partial_fit`, which never sees it), for a readout that takes weights.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels seen in ``fit``.
    reservoir_ : Reservoir
        The drawn reservoir.
    readout_ : classifier
        The fitted readout.
    coordinates_ : Coordinates
        Of the model space.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    ESNTagger : A label for each time step.
    ESNRegressor : A number for each sequence.

    Notes
    -----
    Fits whose features would take over 256 MB are solved from their moments, added up block by
    block, which resolve an ``alpha`` down to some 1e-8.

    {streams}

    With ``pooling="model_space"`` the first block of a stream gives the coordinates.

    References
    ----------
    Jaeger (2001), The "echo state" approach to analysing and training recurrent neural networks,
    GMD report 148.

    Examples
    --------
    Rising and falling sequences of unequal length:

    >>> import numpy as np
    >>> from dlkit import ESNClassifier
    >>> rng = np.random.RandomState(0)
    >>> X = [np.cumsum(rng.randn(n) + (1 if i % 2 else -1)) for i, n in enumerate(range(20, 60))]
    >>> y = np.array(["down", "up"] * 20)
    >>> esn = ESNClassifier(100, random_state=0).fit(X[:30], y[:30])
    >>> esn.score(X[30:], y[30:])
    1.0
    """

    _parameter_constraints = SequenceESN._parameter_constraints | {
        "class_weight": [dict, str, None]
    }

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=0.3, input_scaling=0.3,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None,
        bidirectional=False, context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=False, washout=0, noise=0.0, pooling="moments", n_components=75,
        whiten=False, model_alpha=10.0, readout=None, alpha="auto", class_weight=None,
        random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadoutClassifier(self._alpha(), selection="gcv"))

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Draw the reservoir and fit the readout.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences: a list of arrays of shape (T_i, C) or (T_i,), an array of shape (n, T, C),
            or of shape (n, T) for one channel.
        y : array-like of shape (n_sequences,)
            Labels, of at least two classes.
        sample_weight : array-like of shape (n_sequences,), default=None
            Weights, for a readout that takes them.

        Returns
        -------
        self : object
        """
        _check_granularity(self, y, "ESNTagger", labels=True)
        y = check_labels(self, y)
        self._fit_all(X, y, weigh_classes(self.class_weight, y, sample_weight))
        return self

    @available_if(readout_has("partial_fit"))
    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Learn from another block of whole sequences.

        The first call draws the reservoir, which all later ones share. See Notes.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; a block need not hold every class.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be. Required on the first call.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            With ``class_weight="balanced"``, which needs all labels at once, or without
            ``classes`` on the first call.
        """
        _check_granularity(self, y, "ESNTagger", labels=True)
        y = check_labels(self, y, part=True)
        self._classes = check_classes(self, classes)
        weight = weigh_part(self.class_weight, self._classes, y, sample_weight)
        self._fit_part(X, y, weight, classes=self._classes)
        return self

    @property
    def classes_(self):
        """Labels seen in ``fit``, in the order of ``predict_proba``'s columns."""
        return self.readout_.classes_

    @available_if(readout_has("predict_proba"))
    def predict_proba(self, X):
        """Probability of each class for each sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences.

        Returns
        -------
        probabilities : ndarray of shape (n_sequences, n_classes)
            Rows sum to one.
        """
        return self._read(X, "predict_proba")

    @available_if(readout_has("decision_function"))
    def decision_function(self, X):
        """Score of each class for each sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences.

        Returns
        -------
        scores : ndarray of shape (n_sequences,) or (n_sequences, n_classes)
            The greater, the likelier; for two classes, of the second.
        """
        return self._read(X, "decision_function")


@with_reservoir_doc
class ESNRegressor(MultiOutputMixin, RegressorMixin, SequenceESN):
    """Echo state network that gives each sequence a number, or several.

    A fixed random reservoir runs over each sequence, its states become one row of features
    (:class:`ReservoirFeatures`), and a readout, linear by default, learns the targets.

    Parameters
    ----------
    {reservoir}
    pooling : {"last", "mean", "last_mean", "moments", "model_space"}, default="last_mean"
        From states to features, as in :class:`ReservoirFeatures`.
    n_components : int, default=75
        Principal components, for ``pooling="model_space"``.
    whiten : bool, default=False
        Whether they are scaled to a variance of one, so that ``model_alpha`` weighs on all alike.
    model_alpha : float, default=10.0
        Ridge penalty of the models, for ``pooling="model_space"``.
    readout : regressor, default=None
        Any scikit-learn regressor; ``RidgeReadout(alpha, selection="gcv")`` if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 19 values from 1e-6 to 1e3.

    Attributes
    ----------
    reservoir_ : Reservoir
        The drawn reservoir.
    readout_ : regressor
        The fitted readout.
    coordinates_ : Coordinates
        Of the model space.
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

    {streams}

    With ``pooling="model_space"`` the first block of a stream gives the coordinates.

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
        self, n_units=500, *, spectral_radius=0.9, leak_rate=0.7, input_scaling=0.3,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None,
        bidirectional=False, context=None, context_as="both", context_scaling=1.0, layers=None,
        passthrough=False, washout=0, noise=0.0, pooling="last_mean", n_components=75,
        whiten=False, model_alpha=10.0, readout=None, alpha="auto", random_state=None, n_jobs=None,
        n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadout(self._alpha(), selection="gcv"))

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
        _check_granularity(self, y, "ESNForecaster", labels=False)
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
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
        _check_granularity(self, y, "ESNForecaster", labels=False)
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        self._fit_part(X, y, sample_weight)
        return self
