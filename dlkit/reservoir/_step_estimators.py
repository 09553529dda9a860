"""Echo state networks with a target for each time step: what they share, and the tagger."""

from copy import deepcopy
from threading import Lock

import numpy as np
from sklearn.base import ClassifierMixin, clone, is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ..readout import RidgeReadoutClassifier
from ..sequences import check_sequences, release, step_targets
from . import _spread
from ._base import (
    ReadoutParams,
    check_classes,
    check_given,
    check_labels,
    fit_readout,
    new_readout,
    readout_has,
    weigh_classes,
    weigh_part,
    with_reservoir_doc,
)
from ._features import StepReservoir
from ._feedback import Feedback
from ._rows import StepRows

# Below this, a part of a stream is learned in one go, so that its failure leaves nothing behind.
PART_BYTES = 2**24


class StepESN(Feedback, ReadoutParams, StepReservoir):
    """States of series, then a readout."""

    _parameter_constraints = (
        StepReservoir._parameter_constraints | ReadoutParams._readout_constraints
    )
    increments = False  # a parameter of forecasters

    def _fit_all(self, X, y, sample_weight):
        """Fit reservoir and readout, to ``y`` or, where it is None, to the next step of X."""
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows="steps")
        self._check_batch(batch, extra=y is None)
        targets, weight = self._check_steps(batch, y, sample_weight)
        self._plan_feedback(targets)
        self.reservoir_ = self._draw(batch.n_channels)
        self._begin(batch, ahead=y is None)
        rows = self._rows(batch, targets, weight, np.full(len(batch), self.washout))
        rows.weight = self._weigh(rows)
        self.readout_ = self._new_readout()
        n_bytes = self._state_bytes(batch) * (1 if len(batch) == 1 else 2)  # rows.of copies
        rounds = () if self.own_shares is None else self.own_shares
        if n_bytes > _spread.STATES_BYTES and _spread.streams(self.readout_) and not len(rounds):
            more = {"classes": rows.labels()} if is_classifier(self.readout_) else {}
            self._fit_streaming(batch, rows, more)
        else:
            states = np.empty((len(batch.values), self._n_columns), dtype=batch.values.dtype)
            self._run(
                self.reservoir_, batch, states=self.final_state_, out=states, noise=self._noise,
                **self._fed(rows),
            )  # fmt: skip
            learned = rows.of(rows.wanted()), rows.of(rows.weight)
            self.readout_ = fit_readout(self.readout_, rows.of(states), *learned)
            for share in rounds:
                states = self._mixed_rows(batch, targets, share)
                self.readout_ = fit_readout(self._new_readout(), rows.of(states), *learned)
        self._end(batch, weight)
        return batch

    def _fit_part(self, X, y, sample_weight, new_series, classes=None):
        """Go on with fit: the next stretch of the series, with all the classes of a classifier."""
        self._validate_params()
        first, ahead = not hasattr(self, "reservoir_"), y is None
        batch = check_sequences(self, X, reset=first, rows="steps")
        self._check_context(batch)
        targets, weight = self._check_steps(batch, y, sample_weight, part=True)
        more = {} if classes is None else {"classes": classes}
        if more:
            weight = weigh_part(self.class_weight, classes, targets, weight)
        if self.own_shares is not None:
            raise ValueError(
                f"own_shares={self.own_shares!r} needs all steps at once, as fit has them."
            )
        if first:
            self._plan_feedback(targets, classes)
            self.reservoir_ = self._draw(batch.n_channels)
            self.readout_ = self._new_readout()
        elif ahead != self._next_step:
            raise ValueError(
                f"y is {'missing' if ahead else 'given'}, unlike in earlier calls: it must be None "
                "in all of them (the target is the next step of X) or in none."
            )
        if self.bidirectional and not (first or new_series):
            raise ValueError(
                "bidirectional=True needs each series to its end, and cannot go on with one: hand "
                "over other whole series, with new_series=True."
            )
        if first or new_series:
            self._begin(batch, ahead)
        elif len(batch) != len(self.final_state_):
            raise ValueError(
                f"X holds {len(batch)} series, but {len(self.final_state_)} are to be gone on "
                "with. With new_series=True (or by fit) others are begun."
            )
        rows = self._rows(batch, targets, weight, np.maximum(self.washout - self._n_seen, 0))
        if ahead:
            rows.carry(*self._carried(batch))
        states = self.final_state_.astype(batch.values.dtype)  # a copy
        self._noise = deepcopy(self._noise)
        if self._state_bytes(batch) <= PART_BYTES:
            block = np.empty((len(batch.values), self._n_columns), dtype=batch.values.dtype)
            self._run(
                self.reservoir_, batch, states=states, out=block, noise=self._noise,
                **self._fed(rows),
            )  # fmt: skip
            rows.feed(self.readout_, 0, block, **more)
        else:
            self.readout_ = deepcopy(self.readout_)
            self._learn(self.readout_, batch, rows, states, self._noise, **more)
        self.final_state_ = states
        self._end(batch, weight)

    def _fit_streaming(self, batch, rows, more):
        """Fit a readout without ever holding all states; one that can be merged, in blocks."""
        parts = _spread.cut(batch, self._n_columns) if _spread.is_ridge(self.readout_) else [batch]
        if len(parts) == 1:
            self._learn(self.readout_, batch, rows, self.final_state_, self._noise, **more)
            return
        light = _spread.traveller(self, "reservoir_", "_n_fed", "_fed_classes")
        steps = list(_spread.rows_of(parts, steps=True))
        given = None if rows.ahead else rows.targets  # else known from the data
        mine = [[None if a is None else a[s] for s in steps] for a in (given, rows.weight)]
        blocks = _spread.run(self, parts, light._fit_block, *mine, readout=self.readout_, more=more)
        states = []
        self.readout_ = _spread.merged(states.append(last) or fitted for fitted, last in blocks)
        self.final_state_ = np.concatenate(states)
        # the streams of the fit were used up elsewhere: parts that follow have others
        n = len(batch)
        self._noise = self._state_noise(self.reservoir_, n, before=n, keep=True)

    def _fit_block(self, batch, targets, weight, *, readout, more):
        """Copy of the readout fitted to a block, if a row has weight, and the last states."""
        rows = self._rows(batch, targets, weight, np.full(len(batch), self.washout))
        states = self._rest(self.reservoir_, batch)
        noise = self._state_noise(self.reservoir_, len(batch), before=batch.first)
        readout = clone(readout)
        self._learn(readout, batch, rows, states, noise, **more)
        return readout if rows.fed else None, states

    def _learn(self, readout, batch, rows, states, noise, **more):
        """Run on from ``states``, in place, handing the states to a readout block by block."""

        def take(span, block):
            rows.feed(readout, span.start, block, **more)
            release(batch.values[span.start : span.stop])

        # one thread: the order of sums then never varies
        self._run(
            self.reservoir_, batch, take, states=states, noise=noise, n_jobs=1, **self._fed(rows)
        )

    def _fed(self, rows):
        """What goes with a run in training besides the series."""
        return {"fed": self._encode(rows.targets)} if self._n_fed else {}

    def _check_steps(self, batch, y, sample_weight, **options):
        """Targets and weights, one a step; None for None."""
        targets = None if y is None else self._check_targets(step_targets(batch, y), **options)
        if sample_weight is not None:
            sample_weight = step_targets(batch, sample_weight, name="sample_weight")
        return targets, sample_weight

    def _begin(self, batch, ahead):
        """Put series at rest that nothing is known of yet."""
        if ahead and self.bidirectional:
            raise ValueError(
                f"{type(self).__name__} with bidirectional=True requires y to be passed, but the "
                "target y is None: the readout sees the steps that follow, so that the next step "
                "of X cannot be its target."
            )
        self._next_step = ahead
        self._n_seen = np.zeros(len(batch), dtype=np.int64)
        self._noise = self._state_noise(self.reservoir_, len(batch), keep=True)
        self.final_state_ = self._rest(self.reservoir_, batch)

    def _end(self, batch, weight):
        """Keep where the series stopped."""
        last = batch.offsets[1:] - 1
        self._form = batch.form
        self._n_seen = self._n_seen + batch.lengths
        self.last_input_ = batch.values[last]
        self._last_weight = None if weight is None else np.asarray(weight)[last]

    def _carried(self, batch):
        """States after the last steps of earlier pieces, and the steps that now follow."""
        series = np.flatnonzero(self._n_seen > self.washout)
        if len(series) == 0:
            return [], None, None
        roles = self._roles(batch.n_channels)
        read, inputs = self.reservoir_.read(self.final_state_), self.last_input_[:, roles.driving]
        columns = [read, inputs][: 1 + self.passthrough]
        weight = None if self._last_weight is None else self._last_weight[series]
        block = np.hstack(columns)[series].astype(batch.values.dtype, copy=False)
        following = batch.values[batch.offsets[series]][:, roles.free]
        if self.increments:
            following = following - self.last_input_[series][:, roles.free]
        return block, following, weight

    def _rows(self, batch, targets, weight, drop):
        free = self._roles(batch.n_channels).free
        return StepRows(batch, targets, weight, drop, increments=self.increments, free=free)

    def _complete(self, outputs, inputs):
        """Prediction from what the readout makes of steps, and their inputs."""
        if not (self.increments and self._next_step):
            return outputs
        return outputs + inputs[:, self._roles(inputs.shape[1]).free]

    def _state_bytes(self, batch):
        return len(batch.values) * self._n_columns * batch.values.itemsize

    def _weigh(self, rows):
        """Weights of all steps; a subclass may weigh classes."""
        return rows.weight

    def _read(self, X, method, initial_state=None, return_state=False):
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        states = self._initial_states(batch, initial_state)
        parts = _spread.portions(self, batch)
        if len(parts) == 1:
            outputs, states = self._read_block(batch, states, method)
        else:
            fitted = "reservoir_", "readout_", "_next_step", "_n_fed", "_fed_classes"
            light = _spread.traveller(self, *fitted)
            light.n_channels_in_ = self.n_channels_in_
            begin = [states[rows] for rows in _spread.rows_of(parts)]
            results = _spread.run(self, parts, light._read_block, begin, method=method)
            outputs, states = map(np.concatenate, zip(*results, strict=True))
        result = batch.unpack(outputs)
        return (result, states) if return_state else result

    def _read_block(self, batch, states, method):
        """What the readout makes of each step, and the last states."""
        out, lock = [], Lock()

        def read(span, block):
            part = np.asarray(getattr(self.readout_, method)(block))
            part = self._complete(part, batch.values[span.start : span.stop])
            with lock:  # the first part says what the whole is made of
                if not out:
                    out.append(np.empty((len(batch.values), *part.shape[1:]), dtype=part.dtype))
            out[0][span.start : span.stop] = part
            release(batch.values[span.start : span.stop])

        states = np.array(states)  # in another process they may be read-only
        if self._n_fed:
            for span, block in self._close_loop(batch, states):
                read(span, block)
            return out[0], states
        self._run(self.reservoir_, batch, read, states=states)
        return out[0], states

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
    feedback : bool, default=False
        Whether the output of the last step is an input of the next: the true one in
        training, the estimator's own in ``predict``, as 1 for the label and −1 for others. It then
        follows the state wherever one comes or goes.
    feedback_scaling : float, default=1.0
        Factor on the input weights of outputs.
    own_shares : array-like of float, default=None
        Further rounds of training, in each of which this share of the steps after the washout is
        fed the output of the readout so far in the place of the true one (scheduled sampling).
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
    {streams}

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

    _parameter_constraints = (
        StepESN._parameter_constraints
        | StepESN._feedback_constraints
        | {"class_weight": [dict, str, None]}
    )

    def __init__(
        self, n_units=500, *, spectral_radius=0.9, leak_rate=1.0, input_scaling=0.1,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, bidirectional=False, context=None,
        context_as="both", context_scaling=1.0, layers=None,
        passthrough=True, washout=0, noise=0.0, start="rest", feedback=False,
        feedback_scaling=1.0, own_shares=None, readout=None, alpha="auto", class_weight=None,
        random_state=None, n_jobs=None, n_lanes=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _new_readout(self):
        return new_readout(self.readout, RidgeReadoutClassifier(self._alpha(), selection="gcv"))

    def _check_targets(self, y, part=False):
        return check_labels(self, y, part=part)

    def _weigh(self, rows):
        if self.class_weight is None:
            return rows.weight
        weight = np.zeros(len(rows.targets))
        y, given = rows.of(rows.targets), rows.of(rows.weight)
        weight[rows.kept] = weigh_classes(self.class_weight, y, given)
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
        self._classes = check_classes(self, classes)
        self._fit_part(X, y, sample_weight, new_series, self._classes)
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
