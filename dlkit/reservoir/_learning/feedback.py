"""Outputs that are inputs of the next step: the true ones in training, a model's own afterwards.

Training on true outputs ("teacher forcing") is one pass like any other, with the targets of the
step before as further input channels. What runs on its own outputs has the readout in its loop. The
loop is compiled for a linear readout, and goes step by step for other readouts.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, is_classifier

from ..._announce import announce
from ..._frozen import frozen
from ..._jit import closed
from ..._params import Interval, Real
from ...exceptions import DivergenceWarning
from ...readout import RidgeReadout, class_indicators
from ...sequences import Sequences
from .._engine.memory import readouts


class Feedback(BaseEstimator):
    """How outputs are fed back: the value of an estimator's ``feedback``.

    The output of the last step is an input of the next: the true output in training, the
    estimator's own in ``predict``. A classifier feeds back 1 for the label and −1 for all others.
    ``feedback=True`` stands for ``Feedback()``.

    Parameters
    ----------
    scaling : float, default=1.0
        Factor on the input weights of outputs.
    sampling_ratios : array-like of float, default=None
        Ratios of scheduled sampling [1]_, one for each further round of training: the share of the
        steps after the washout that are fed the output of the readout so far, in place of the true
        one. The targets stay the true ones.

    Notes
    -----
    A forecaster without ``y`` learns the next step of ``X``, which is its next input: the loop is
    there without ``feedback``. Only ``sampling_ratios`` can then be given.

    References
    ----------
    .. [1] Bengio, Vinyals, Jaitly & Shazeer (2015), Scheduled sampling for sequence prediction with
       recurrent neural networks, NeurIPS.

    Examples
    --------
    >>> from dlkit import ESNForecaster
    >>> from dlkit.reservoir import Feedback
    >>> esn = ESNForecaster(50, feedback=Feedback(scaling=0.5))
    >>> esn.set_params(feedback__sampling_ratios=(0.25, 0.5)).feedback
    Feedback(sampling_ratios=(0.25, 0.5), scaling=0.5)
    """

    _parameter_constraints = {
        "scaling": [Interval(Real, None, None, closed="neither")],
        "sampling_ratios": ["array-like", None],
    }

    def __init__(self, *, scaling=1.0, sampling_ratios=None):
        self.scaling = scaling
        self.sampling_ratios = sampling_ratios

    def plan(self, name, targets, classes, both_ways):
        """Find out what is fed back, before the reservoir is drawn.

        Parameters
        ----------
        name : str
            The estimator, in messages.
        targets : ndarray or None
            Targets of the steps; None for the next step of X.
        classes : ndarray or None
            Classes of a classifier.
        both_ways : bool
            Whether there is a pass backward as well.

        Returns
        -------
        Fed or None
            None where outputs are inputs without it.
        """
        self._validate_params()
        ratios = self.ratios
        if targets is None:
            if not len(ratios) or self.scaling != 1.0:
                mend = "Feedback(sampling_ratios=...) alone" if len(ratios) else "feedback=False"
                raise ValueError(
                    f"{name} with feedback={self!r} requires y to be passed, but the target y is "
                    "None: without y an output is the next input already, and input_scaling is "
                    f"its scaling. Give y, or use {mend}."
                )
            return None
        if both_ways:
            raise ValueError(
                "feedback and bidirectional=True exclude each other: a pass backward comes to a "
                "step before the outputs that it would be fed."
            )
        first = Fed(1, classes, self.scaling).encode(targets[:1])
        return Fed(first.shape[1], classes, self.scaling)

    @property
    def ratios(self):
        """Ratios of scheduled sampling, one for each further round."""
        given = () if self.sampling_ratios is None else self.sampling_ratios
        try:
            ratios = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            ratios = np.array(np.nan)
        if ratios.ndim != 1 or not ((ratios >= 0) & (ratios <= 1)).all():
            raise ValueError(f"sampling_ratios must hold numbers from 0 to 1, got {given!r}.")
        return ratios


def as_feedback(feedback):
    """Feedback from a bool, too; None for False."""
    if isinstance(feedback, Feedback):
        return feedback
    return Feedback() if feedback else None


@dataclass(frozen=True, eq=False)
class Fed:
    """What is fed back.

    Attributes
    ----------
    n_outputs : int
        Channels.
    classes : ndarray or None
        Of a classifier, whose outputs are fed back as 1 and −1.
    scaling : float
        Factor on the input weights of outputs.
    """

    n_outputs: int
    classes: np.ndarray = None
    scaling: float = 1.0

    def encode(self, targets):
        """Targets as they are fed back, of shape (total steps, n_outputs)."""
        if self.classes is not None:
            targets = class_indicators(targets, self.classes)
        return np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)


def shifted(outputs, before, offsets):
    """For each step the outputs of the step before; ``before`` has those before each series."""
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
    if type(readout) is RidgeReadout:  # linear: a trial takes longer than 100 steps of a forecast
        return coef, intercept
    # the attributes alone do not tell a linear model from a generalised one: try it
    probe = np.vstack([np.zeros(coef.shape[1]), np.eye(coef.shape[1])[:2] * 0.5])
    expected = probe @ coef.T + intercept
    read = getattr(readout, "decision_function" if is_classifier(readout) else "predict", None)
    if read is None:
        return None
    found = np.asarray(read(probe)).reshape(expected.shape)
    return (coef, intercept) if np.allclose(found, expected, rtol=1e-6) else None


def announce_divergence(outputs, name):
    """Warn where outputs of a closed loop are not finite.

    Parameters
    ----------
    outputs : ndarray of shape (n_series, n_steps, n_outputs)
        The outputs.
    name : str
        What messages call the outputs.
    """
    sound = np.isfinite(outputs).all(axis=2)
    if sound.all():
        return
    i = int(np.argmin(sound.all(axis=1)))
    announce(
        f"The {name} of series {i} grows without bound from its step {int(np.argmin(sound[i]))} "
        "on: it is no longer finite. Use fewer steps, a larger alpha, noise in training or a "
        "smaller spectral_radius.",
        DivergenceWarning,
    )


class Loop(NamedTuple):
    """A readout in a closed loop.

    Attributes
    ----------
    linear : tuple of ndarray or None
        Coefficients, for the state alone or the state and the input, and intercept of the readout;
        None if the readout is not linear. Or those of several readouts, one above the other.
    read : callable
        ``read(states, inputs)`` gives what is fed back, for any readout.
    to : ndarray of shape (n_outputs,)
        Input channels that take the last outputs.
    hard : bool
        Whether the greatest output (of one, its sign) is fed back as 1, the others as −1.
    which : ndarray of int of shape (n_series,) or None
        Number of the readout that reads each series, of several.
    """

    linear: tuple
    read: object
    to: np.ndarray
    hard: bool
    which: np.ndarray = None

    def of(self, series):
        """The same for some of the series alone."""
        return self if self.which is None else self._replace(which=self.which[series])

    def outputs(self, states, inputs):
        """What each series is read as, from its features and its input."""
        if self.which is None:
            return self.read(states, inputs)
        coef, intercept = self.linear
        rows = np.hstack([states, inputs])[:, : coef.shape[2]]
        return np.einsum("sqp,sp->sq", coef[self.which], rows) + intercept[self.which]


def close_loop(
    drawn, loop, series, states, outputs, own=None, noise=None, keep=True, shocks=None
):  # fmt: skip
    """Run series whose last outputs enter the next step.

    Parameters
    ----------
    drawn : Reservoir
        What is run, or anything that takes its place.
    loop : Loop
        The readout.
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
    shocks : ndarray of shape (total steps, n_outputs), default=None
        Added to the outputs, each before it is fed back.

    Returns
    -------
    fed : ndarray of shape (total steps, n_outputs)
        What was fed back after each step.
    rows : ndarray of shape (total steps, n_features + n_channels)
        State and input of each step; no rows if they are not kept.
    """
    linear, to, hard = loop.linear, loop.to, loop.hard
    total, n_channels = series.values.shape
    own = np.ones(total, dtype=bool) if own is None else own
    fed = np.full((total, len(to)), np.nan, dtype=series.values.dtype)
    lanes = drawn.lanes(series.values.dtype)
    shape = total if keep else 0, drawn.n_features + n_channels
    rows = np.full(shape, np.nan, dtype=fed.dtype)
    if linear is None or not hasattr(lanes, "run_closed"):
        each = np.arange(len(series) + 1)
        for t in range(series.lengths.max()):
            running = np.flatnonzero((series.lengths > t) & np.isfinite(outputs).all(axis=1))
            if not len(running):
                break
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
            seen = drawn.read(x)
            found = loop.of(running).outputs(seen, u)
            outputs[running] = fed[at] = found if shocks is None else found + shocks[at]
            if keep:
                rows[at] = np.hstack([seen, u])
        return fed, rows
    dtype = lanes.dtype
    read_by = readouts(*linear, loop.which, len(states), dtype)
    x, y = (np.array(a, dtype=dtype, order="C") for a in (states, outputs))
    u = np.empty((len(x), n_channels), dtype=dtype)
    own = frozen(own, np.bool_)
    total = np.empty(closed.LANES, dtype=dtype)
    shocks = frozen(fed[:0] if shocks is None else shocks, dtype)
    how = frozen(to, np.int64), bool(hard), own, shocks
    compiled = closed.Loop(*read_by, *how, u, y, fed, total)
    lanes.run_closed(compiled, series.values, series.offsets, x, rows, noise)
    states[:], outputs[:] = x, y
    return fed, rows
