"""What echo state networks with a target for each time step share."""

from copy import deepcopy
from threading import Lock

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from ..sequences import check_sequences, release, step_targets
from ._features import StepReservoir
from ._learning import spread
from ._learning.feedback import Feedback
from ._learning.rows import StepRows
from ._learning.targets import ReadoutParams, fit_readout, weigh_part


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
        self.reservoir_ = self._draw_for(batch, self._teacher(batch, targets))
        self._begin(batch, ahead=y is None)
        rows = self._rows(batch, targets, weight, np.full(len(batch), self.washout))
        rows.weight = self._weigh(rows)
        self.readout_ = self._new_readout()
        n_bytes = self._state_bytes(batch) * (1 if len(batch) == 1 else 2)  # rows.of copies
        rounds = () if self.own_shares is None else self.own_shares
        streams = spread.streaming(self.readout_) is not None and not len(rounds)
        if n_bytes > _budgets.STATES_BYTES and streams:
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
            self.reservoir_ = self._draw_for(batch, self._teacher(batch, targets))
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
        if self._state_bytes(batch) <= _budgets.PART_BYTES:
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
        apart = spread.streaming(self.readout_) == "merged"
        parts = spread.cut(batch, self._n_columns) if apart else [batch]
        if len(parts) == 1:
            self._learn(self.readout_, batch, rows, self.final_state_, self._noise, **more)
            return
        light = spread.traveller(self, "reservoir_", "_n_fed", "_fed_classes")
        steps = list(spread.rows_of(parts, steps=True))
        given = None if rows.ahead else rows.targets  # else known from the data
        mine = [[None if a is None else a[s] for s in steps] for a in (given, rows.weight)]
        blocks = spread.run(self, parts, light._fit_block, *mine, readout=self.readout_, more=more)
        states = []
        self.readout_ = spread.merged(states.append(last) or fitted for fitted, last in blocks)
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
        parts = spread.portions(self, batch)
        if len(parts) == 1:
            outputs, states = self._read_block(batch, states, method)
        else:
            fitted = "reservoir_", "readout_", "_next_step", "_n_fed", "_fed_classes"
            light = spread.traveller(self, *fitted)
            light.n_channels_in_ = self.n_channels_in_
            begin = [states[rows] for rows in spread.rows_of(parts)]
            results = spread.run(self, parts, light._read_block, begin, method=method)
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
