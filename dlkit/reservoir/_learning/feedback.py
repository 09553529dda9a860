"""Outputs that are inputs of the next step: the true ones in training, a model's own afterwards.

Training on true outputs ("teacher forcing") is one pass like any other, with the targets of the
step before as further input channels. What runs on its own outputs has the readout in its loop,
which is compiled for a linear one (of layers, where every matrix has a list of entries and there is
one activation of the user's at most), and goes step by step for others.
"""

from dataclasses import replace

import numpy as np
from sklearn.base import is_classifier

from ... import _budgets
from ..._frozen import frozen
from ..._jit import closed as _closed
from ..._params import Interval, Real
from ...readout import class_indicators
from ...sequences import Sequences
from .._engine.spans import cut_spans


def shifted(outputs, before, offsets):
    """Outputs of the step before each, of packed series that begin after ``before``."""
    late = np.empty_like(outputs)
    late[1:] = outputs[:-1]
    late[offsets[:-1]] = before
    return late


def linear_map(readout, n_outputs):
    """Coefficients (n_outputs, n_columns) and intercept of a readout; None if it is not linear.

    Of a classifier, of its decision function.
    """
    coef = getattr(readout, "coef_", None)
    intercept = getattr(readout, "intercept_", None)
    if coef is None or intercept is None:
        return None
    coef = np.asarray(coef, dtype=np.float64).reshape(n_outputs, -1)
    intercept = np.broadcast_to(np.asarray(intercept, dtype=np.float64), len(coef))
    # the attributes alone do not tell a linear model from a generalised one: try it
    probe = np.vstack([np.zeros(coef.shape[1]), np.eye(coef.shape[1])[:2] * 0.5])
    expected = probe @ coef.T + intercept
    read = getattr(readout, "decision_function" if is_classifier(readout) else "predict", None)
    if read is None:
        return None
    found = np.asarray(read(probe)).reshape(expected.shape)
    return (coef, intercept) if np.allclose(found, expected, rtol=1e-6) else None


def close_loop(
    reservoir, linear, read, to, hard, series, states, outputs, own=None, noise=None, keep=True
):
    """Run series whose last outputs enter the next step.

    Parameters
    ----------
    reservoir : Reservoir
        What is run, or anything that takes its place.
    linear : tuple of ndarray or None
        Coefficients, for the state alone or the input beside it, and intercept of the readout.
    read : callable
        ``read(states, inputs)`` gives what is fed back, if it is not linear.
    to : ndarray of shape (n_outputs,)
        Input channels that take the last outputs.
    hard : bool
        Whether the greatest output (of one, its sign) is fed back as 1, the others as −1.
    series : Sequences
        Inputs.
    states : ndarray of shape (n_series, n_state)
        Where each begins, overwritten by where it ends.
    outputs : ndarray of shape (n_series, n_outputs)
        Last outputs before the first step, overwritten by the last.
    own : ndarray of shape (total steps,), default=None
        Whether a step's input takes the last output; where it does not, the input is left as it
        is. All do if None.
    noise : ndarray of shape (total steps, n_units), default=None
        Added to the states.
    keep : bool, default=True
        Whether rows are kept.

    Returns
    -------
    fed : ndarray of shape (total steps, n_outputs)
        What was fed back after each step.
    rows : ndarray of shape (total steps, n_features + n_channels)
        State and input of each step; no rows if they are not kept.
    """
    total, n_channels = series.values.shape
    own = np.ones(total, dtype=bool) if own is None else own
    fed = np.empty((total, len(to)), dtype=series.values.dtype)
    lanes = reservoir.lanes(series.values.dtype)
    rows = np.empty((total if keep else 0, reservoir.n_features + n_channels), dtype=fed.dtype)
    if linear is None or not lanes.closes:
        each = np.arange(len(series) + 1)
        for t in range(series.lengths.max()):
            running = np.flatnonzero(series.lengths > t)
            at = series.offsets[running] + t
            u = series.values[at]
            takes = own[at][:, None] & np.isin(np.arange(n_channels), to)
            u[takes] = outputs[running][own[at]].ravel()
            x = states[running]
            step = Sequences(u, each[: len(running) + 1], "list")
            jitter = (
                None if noise is None else lambda span, at=at: noise[at[span.start : span.stop]]
            )
            lanes.run(step, None, states=x, noise=jitter)
            states[running] = x
            seen = reservoir.read(x)
            outputs[running] = fed[at] = read(seen, u)
            if keep:
                rows[at] = np.hstack([seen, u])
        return fed, rows
    dtype = lanes.dtype
    coef, intercept = (frozen(a, dtype) for a in linear)
    jitter = np.empty((0, lanes.n_units)) if noise is None else noise
    loop = _closed.Loop(
        coef, intercept, frozen(to, np.int64), bool(hard), frozen(series.values, dtype),
        frozen(own, np.bool_), frozen(jitter, dtype), frozen(series.offsets, np.int64),
    )  # fmt: skip
    x, y = (np.array(a, dtype=dtype, order="C") for a in (states, outputs))
    u = np.empty((len(x), n_channels), dtype=dtype)
    lanes.run_closed(loop, x, u, y, fed, rows)
    states[:], outputs[:] = x, y
    return fed, rows


class Feedback:
    """What the step-level estimators share that feed back outputs.

    The last outputs, as they are fed back, follow the reservoir's state in every state.
    """

    _feedback_constraints = {
        "feedback": ["boolean"],
        "feedback_scaling": [Interval(Real, None, None, closed="neither")],
        "own_shares": ["array-like", None],
    }
    feedback, own_shares = False, None  # where they are no parameters
    _n_fed, _fed_classes = 0, None

    def _plan_feedback(self, targets, classes=None):
        """Find out what is fed back, before the reservoir is drawn."""
        self._n_fed, self._fed_classes = 0, None
        if self.own_shares is not None:
            shares = np.asarray(self.own_shares, dtype=float)
            if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
                raise ValueError(
                    f"own_shares must hold numbers from 0 to 1, got {self.own_shares!r}."
                )
            if targets is not None and not self.feedback:
                raise ValueError(
                    f"own_shares={self.own_shares!r} needs outputs that are fed back: use "
                    "feedback=True or, to learn the next step of X, no y."
                )
        if not self.feedback:
            return
        if targets is None:
            raise ValueError(
                f"{type(self).__name__} with feedback=True requires y to be passed, but the target "
                "y is None: without y the target of the last step is the input already."
            )
        if self.bidirectional:
            raise ValueError(
                "feedback=True and bidirectional=True exclude each other: a pass backward comes to "
                "a step before the outputs that it would be fed."
            )
        if is_classifier(self):
            self._fed_classes = np.unique(targets) if classes is None else classes
        self._n_fed = self._encode(targets[:1]).shape[1]

    def _encode(self, targets):
        """Targets as they are fed back, of shape (total steps, n_fed); None if none are."""
        if not self.feedback:
            return None
        if self._fed_classes is not None:
            targets = class_indicators(targets, self._fed_classes)
        return np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)

    def _teacher(self, batch, targets):
        """Channels that feed back true outputs of the step before, if outputs are fed back."""
        fed = self._encode(targets)
        return None if fed is None else shifted(fed, 0.0, batch.offsets)

    def _rest(self, reservoir, batch):
        states = super()._rest(reservoir, batch)
        if not self._n_fed:
            return states
        return np.hstack([states, np.zeros((len(states), self._n_fed), dtype=states.dtype)])

    def _run(self, reservoir, batch, consume=None, *, states=None, fed=None, **options):
        """Run teacher forced: ``fed`` holds the true outputs, encoded."""
        if not self._n_fed:
            return super()._run(reservoir, batch, consume, states=states, **options)
        q = self._n_fed
        fed = fed.astype(batch.values.dtype)
        x = np.ascontiguousarray(states[:, :-q])
        late = shifted(fed, states[:, -q:], batch.offsets)
        super()._run(reservoir, batch, consume, states=x, beside=late, **options)
        states[:, :-q], states[:, -q:] = x, fed[batch.offsets[1:] - 1]
        return states

    def _loop_parts(self):
        """Linear map of the readout (or None), its substitute, and where outputs enter."""
        roles = self._roles(self.n_channels_in_)
        n, n_driving = self.reservoir_.n_features, self.reservoir_.n_channels - self._n_fed
        if self._n_fed:
            to = n_driving + np.arange(self._n_fed)
        else:  # the next step: what is free of what drives
            driving = np.arange(self.n_channels_in_)[roles.driving]
            to = np.flatnonzero(np.isin(driving, np.arange(self.n_channels_in_)[roles.free]))
        hard = self._fed_classes is not None
        increments = self.increments and self._next_step

        def read(states, inputs):
            rows = np.hstack([states, inputs]) if self.passthrough else states
            found = self.readout_.predict(rows)
            if hard:
                return self._encode(found)
            found = np.asarray(found).reshape(len(rows), len(to))
            return found + inputs[:, to] if increments else found

        linear = linear_map(self.readout_, len(to))
        if linear is not None and increments:  # the input is added to what is read
            coef = linear[0]
            beside = coef[:, n:] if self.passthrough else 0.0
            add = np.zeros((len(to), self.reservoir_.n_channels))
            add[np.arange(len(to)), to] = 1.0
            linear = np.hstack([coef[:, :n], beside + add]), linear[1]
        return linear, read, to, hard

    def _close_loop(self, batch, states, true=None, own=None, noise=None):
        """Yield spans of a batch and their rows, run on own outputs, in order.

        Parameters
        ----------
        batch : Sequences
            Series.
        states : ndarray of shape (n_series, n_state)
            Where each begins, advanced in place.
        true : ndarray of shape (total steps, n_fed), default=None
            True outputs, for steps that are not fed their own.
        own : ndarray of shape (total steps,), default=None
            Which steps are.
        noise : callable, default=None
            Noise on the states.
        """
        loop = self._loop_parts()
        q = self._n_fed
        inputs = self._inputs(batch)
        if q:
            true = np.zeros((len(inputs.values), q)) if true is None else true
            late = shifted(true.astype(batch.values.dtype), states[:, -q:], batch.offsets)
            inputs = replace(inputs, values=np.hstack([inputs.values, late]))
        width = inputs.n_channels + self.reservoir_.n_features
        most = max(_budgets.SPAN_BYTES // (width * batch.values.itemsize), 64)
        for span in (span for task in cut_spans(batch, most) for span in task):
            part = Sequences(inputs.values[span.start : span.stop], span.offsets, "list")
            mine = None if own is None else own[span.start : span.stop]
            jitter = None if noise is None else noise(span)
            x = states[span.first : span.last]
            first = x[:, -q:] if q else np.zeros((len(x), len(loop[2])))
            begin, last = np.ascontiguousarray(x[:, :-q] if q else x), first.copy()
            _, rows = close_loop(self.reservoir_, *loop, part, begin, last, mine, jitter)
            x[:, : begin.shape[1]] = begin
            if q:
                x[:, -q:] = last
            n = self.reservoir_.n_features
            yield span, rows if self.passthrough else rows[:, :n]

    def _mixed_rows(self, batch, targets, share):
        """Rows of all steps, of which a share was fed outputs of the readout so far."""
        rng = np.random.RandomState([self.reservoir_.noise_seed, 3])
        within = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], batch.lengths)
        own = (rng.uniform(size=len(within)) < share) & (within >= max(self.washout, 1))
        noise = self._state_noise(self.reservoir_, len(batch), before=len(batch))
        states = self._rest(self.reservoir_, batch)
        true = self._encode(targets)
        found = [rows for _, rows in self._close_loop(batch, states, true, own, noise)]
        return found[0] if len(found) == 1 else np.concatenate(found)
