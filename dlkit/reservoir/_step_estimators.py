"""Echo state networks with a target for each time step: what they share, and the tagger."""

import numpy as np
from sklearn.base import ClassifierMixin, clone
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ..readout import RidgeReadoutClassifier
from ..sequences import check_sequences, step_targets
from . import _spread
from ._base import (
    ReadoutParams,
    check_given,
    check_labels,
    fit_readout,
    new_readout,
    readout_has,
    weigh_classes,
    with_reservoir_doc,
)
from ._features import StepReservoir


class StepESN(ReadoutParams, StepReservoir):
    """States of series, then a readout."""

    _parameter_constraints = (
        StepReservoir._parameter_constraints | ReadoutParams._readout_constraints
    )

    def _fit_all(self, X, y, sample_weight):
        """Fit reservoir and readout, to ``y`` or, where it is None, to the next step of X."""
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows="steps")
        self._check_lengths(batch, extra=y is None)
        if y is None:
            targets = self._next_steps(batch)
        else:
            targets = self._check_targets(step_targets(batch, y))
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")
        self.reservoir_ = self._draw(batch.n_channels)
        rows = self._training_rows(batch, ahead=y is None)
        sample_weight = self._weigh(rows, targets, sample_weight)
        readout = self._new_readout()
        n_bytes = len(batch.values) * self._n_columns * batch.values.itemsize
        if n_bytes > _spread.STATES_BYTES and _spread.adds_up(readout):
            more = _spread.classes_of(readout, targets[rows])
            given = None if y is None else targets  # else known from the data
            readout = self._fit_streaming(readout, batch, given, sample_weight, more)
        else:
            states = np.empty((len(batch.values), self._n_columns), dtype=batch.values.dtype)
            self.final_state_ = self._run(self.reservoir_, batch, out=states, train=True)
            weight = None if sample_weight is None else sample_weight[rows]
            readout = fit_readout(readout, states[rows], targets[rows], weight)
        self.readout_ = readout
        self.last_input_ = batch.values[batch.offsets[1:] - 1]
        return batch

    def _fit_streaming(self, readout, batch, targets, sample_weight, more):
        """Fit a ridge readout, block by block, without ever holding all states."""
        parts = _spread.cut(batch, self._n_columns)
        light = _spread.traveller(self, "reservoir_")
        steps = list(_spread.rows_of(parts, steps=True))
        mine = [[None if a is None else a[s] for s in steps] for a in (targets, sample_weight)]
        blocks = _spread.run(self, parts, light._fit_block, *mine, readout=readout, more=more)
        states = []
        readout = _spread.merged(states.append(last) or fitted for fitted, last in blocks)
        self.final_state_ = np.concatenate(states)
        return readout

    def _fit_block(self, batch, targets, sample_weight, *, readout, more):
        """Copy of the readout fitted to a block, if a row has weight, and the last states."""
        readout = clone(readout)
        mask = np.zeros(len(batch.values), dtype=bool)
        mask[self._training_rows(batch, ahead=targets is None)] = True
        if sample_weight is not None:
            mask &= sample_weight != 0
        targets = self._next_steps(batch) if targets is None else targets

        def take(span, block):
            mine = slice(span.start, span.stop)
            kept = mask[mine]
            if kept.any():
                weight = None if sample_weight is None else sample_weight[mine][kept]
                readout.partial_fit(block[kept], targets[mine][kept], sample_weight=weight, **more)

        # one thread: the order of sums then never varies
        last = self._run(self.reservoir_, batch, take, train=True, n_jobs=1)
        return readout if mask.any() else None, last

    @staticmethod
    def _next_steps(batch):
        """Each step's successor (the last step's is another series', and left out later)."""
        targets = np.empty_like(batch.values)
        targets[:-1] = batch.values[1:]
        return targets

    def _weigh(self, rows, targets, sample_weight):
        """Weights of all steps; a subclass may weigh classes."""
        return sample_weight

    def _training_rows(self, batch, *, ahead):
        """Steps after the washout (and, ``ahead``, before the last), as a slice if possible."""
        if len(batch) == 1:
            return slice(self.washout, len(batch.values) - ahead)
        rows = np.ones(len(batch.values), dtype=bool)
        for k in range(self.washout):
            rows[batch.offsets[:-1] + k] = False
        if ahead:
            rows[batch.offsets[1:] - 1] = False
        return rows

    def _read(self, X, method, initial_state=None, return_state=False):
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        states = self._initial_states(len(batch), initial_state, batch.values.dtype)
        parts = _spread.portions(self, batch)
        if len(parts) == 1:
            outputs, states = self._read_block(batch, states, method)
        else:
            light = _spread.traveller(self, "reservoir_", "readout_")
            begin = [states[rows] for rows in _spread.rows_of(parts)]
            results = _spread.run(self, parts, light._read_block, begin, method=method)
            outputs, states = map(np.concatenate, zip(*results, strict=True))
        result = batch.unpack(outputs)
        return (result, states) if return_state else result

    def _read_block(self, batch, states, method):
        """What the readout makes of each step, and the last states."""
        parts = {}

        def read(span, block):
            parts[span.start] = getattr(self.readout_, method)(block)

        states = np.array(states)  # in another process they may be read-only
        self._run(self.reservoir_, batch, read, states=states)
        return np.concatenate([parts[start] for start in sorted(parts)]), states

    def predict(self, X, initial_state=None, *, return_state=False):
        """Predict the target of each time step.

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
            Predictions in the form of ``X``, one for each step, washout or not.
        state : ndarray of shape (n_series, n_units)
            Only with ``return_state``.
        """
        return self._read(X, "predict", initial_state, return_state)


@with_reservoir_doc
class ESNTagger(ClassifierMixin, StepESN):
    """Echo state network that gives each time step a label.

    A fixed random reservoir runs over the series and a readout, linear by default, maps its
    states to labels.

    Parameters
    ----------
    {reservoir}
    start : {"rest", "fit"}, default="rest"
        Where ``predict`` begins: at rest (zeros), or in the state in which ``fit`` ended, as the
        test fold of a ``TimeSeriesSplit`` wants.
    readout : classifier, default=None
        Any scikit-learn classifier; ``RidgeReadoutClassifier(alpha, selection="gcv")``
        if None.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by generalised
        cross-validation. ``"auto"`` stands for 19 values from 1e-6 to 1e3.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied into the sample weights (whose sum is kept), for a
        readout that takes weights.

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

    _parameter_constraints = StepESN._parameter_constraints | {"class_weight": [dict, str, None]}

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=1.0, input_scaling=0.1,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        passthrough=True, washout=0, noise=0.0, start="rest", readout=None, alpha="auto",
        class_weight=None, random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadoutClassifier(self._alpha(), selection="gcv"))

    def _check_targets(self, y):
        return check_labels(self, y)

    def _weigh(self, rows, targets, sample_weight):
        if self.class_weight is None:
            return sample_weight
        weight = np.zeros(len(targets))
        given = None if sample_weight is None else sample_weight[rows]
        weight[rows] = weigh_classes(self.class_weight, targets[rows], given)
        return weight

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
        check_given(self, y)
        self._fit_all(X, y, sample_weight)
        return self

    @property
    def classes_(self):
        """Labels seen in ``fit``, in the order of ``predict_proba``'s columns."""
        return self.readout_.classes_

    @available_if(readout_has("predict_proba"))
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
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")
        truth, predicted = step_targets(batch, y), step_targets(batch, self.predict(X))
        return accuracy_score(truth, predicted, sample_weight=sample_weight)
