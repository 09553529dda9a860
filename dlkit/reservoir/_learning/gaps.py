"""Steps that are missing: no targets, and as inputs what the model itself expects.

A first filling is a line across each gap, the nearest value at the ends. Then the model runs over
the series, and where a step is missing takes its own prediction for it, in a closed loop for as
long as the gap lasts. A fit does so for some rounds, with the readout of the round before.
"""

from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import has_fit_parameter

from ... import _budgets
from ...sequences import release

__all__ = ["ROUNDS", "FirstStep", "fill", "find_missing", "first_filling", "leave_out", "refilled"]

ROUNDS = 2  # in which a fit fills gaps by its own forecasts
FADING, REACH = 0.7, 8  # doubt of a state after a gap, from step to step, and for how many
ENOUGH = 20  # rows without doubt that will do
BEYOND = 0.5  # of the range of what is known, that a filling may lie outside of it


def find_missing(batch):
    """Which numbers are missing, of the shape of ``values``; None if none is."""
    step = _budgets.LOOK_ROWS
    found = False
    for start in range(0, len(batch.values), step):
        part = batch.values[start : start + step]
        found = found or bool(np.isnan(part).any())
        release(part)
    return np.isnan(batch.values) if found else None


def first_filling(batch, missing, free):
    """Series without gaps: lines across them, the nearest value at the ends.

    Parameters
    ----------
    batch : Sequences
        In model units.
    missing : ndarray of bool
        As :func:`find_missing` finds it.
    free : slice or ndarray of int
        Channels that are forecast; in others nothing may be missing.

    Raises
    ------
    ValueError
        If a series has no value in a channel, or a context is missing.
    """
    values, channels = np.array(batch.values), np.arange(batch.n_channels)
    chosen = channels[free]
    others = missing[:, np.setdiff1d(channels, chosen)]
    if others.any():
        raise ValueError("X has NaN in channels of the context, which stays what it is: fill them.")
    for i in range(len(batch)):
        rows = slice(batch.offsets[i], batch.offsets[i + 1])
        for c in chosen:
            known = np.flatnonzero(~missing[rows, c])
            if not len(known):
                raise ValueError(
                    f"X has no value in channel {c} of sequence {i}: all its steps are NaN."
                )
            x = values[rows, c]
            x[missing[rows, c]] = np.interp(np.flatnonzero(missing[rows, c]), known, x[known])
    return replace(batch, values=values)


def leave_out(rows, missing, drawn, readout, *, weight=None, first=True):
    """Let rows count little that lack targets, or whose state knows little.

    A row whose target is missing does not count. Where an input is filled, the share of the state
    that is not to be trusted is one, and from known step to known step that share falls by three
    tenths. A row counts by the square of the share that is to be trusted; before the model has
    filled the gaps itself, it counts fully or not at all, if enough rows are left.

    Parameters
    ----------
    rows : PerStep
        Changed in place.
    missing : ndarray of bool of shape (total steps, n_channels)
        Which numbers are missing.
    drawn : Reservoir, Monomials or the like
        What is run. In delays that reach into a leading gap there is nothing to learn from.
    readout : regressor or None
        The user's readout. Of one that takes no weights, rows that do not count are left out.
    weight : ndarray of shape (total steps,), default=None
        The user's weights.
    first : bool, default=True
        Whether gaps are filled by lines so far.
    """
    gone = missing[:, np.arange(missing.shape[1])[rows.free]].any(axis=1)
    filled, window = gone.copy(), getattr(drawn, "n_incomplete", None)
    leading = list(zip(rows.batch.offsets, _leading(gone, rows.batch), strict=False))
    for start, n in leading:
        filled[start : start + n] = False  # a reservoir begins there, as anywhere else
    doubt = filled.astype(float)
    for k in range(1, REACH + 1):
        after = np.concatenate([np.zeros(k, dtype=bool), filled[:-k]])
        doubt = np.maximum(doubt, after * FADING**k)  # of another series, now and then
    counts, strict = (1 - doubt) ** 2, (doubt < 1e-9).astype(float)
    for h in range(1, rows.n_ahead + 1):
        counts[:-h][gone[h:]] = strict[:-h][gone[h:]] = 0.0
    for start, n in leading if window is not None else ():
        stop = start + (n + window) * (n > 0)
        counts[start:stop] = strict[start:stop] = 0.0
    if first and rows.of(strict).sum() >= max(ENOUGH, 0.3 * rows.of(counts).sum()):
        counts = strict
    if not rows.of(counts).any():
        raise ValueError("X has no two steps in a row that are known, and nothing to learn from.")
    if readout is None or has_fit_parameter(readout, "sample_weight"):
        rows.weight = counts if weight is None else weight * counts
        return
    kept = np.zeros(rows.n_steps, dtype=bool)
    kept[rows.kept] = True
    rows.kept = kept & (counts[: rows.n_steps] > 0)


def _leading(gone, batch):
    """Steps that are missing at the start of each series."""
    return np.array([int(np.argmin(one)) for one in np.split(gone, batch.offsets[1:-1])])


class FirstStep(RegressorMixin, BaseEstimator):
    """A readout of several steps ahead, of which only the first counts.

    Parameters
    ----------
    readout : estimator
        Fitted.
    n_outputs : int
        Outputs of a step.
    """

    def __init__(self, readout, n_outputs):
        self.readout = readout
        self.n_outputs = n_outputs

    @property
    def coef_(self):
        """Coefficients of the next step, if the readout is linear."""
        return self.readout.coef_[: self.n_outputs]

    @property
    def intercept_(self):
        """Its intercept."""
        return self.readout.intercept_[: self.n_outputs]

    def predict(self, X):
        """Predict the next step."""
        return np.asarray(self.readout.predict(X)).reshape(len(X), -1)[:, : self.n_outputs]


def fill(driver, readout, batch, missing, *, states=None, known=None, increments=False, n_ahead=1):
    """Series whose gaps are filled by what a model expects as it runs.

    Parameters
    ----------
    driver : Driver
        Runs the reservoir.
    readout : estimator
        Fitted.
    batch : Sequences
        In model units, filled somehow.
    missing : ndarray of bool
        What was.
    states : ndarray of shape (n_series, n_state), default=None
        Where series begin, left as they are; at rest if None.
    known : ndarray of bool of shape (n_series,), default=None
        Series whose first step is expected as well, and filled so already. None of them if None.
    increments : bool, default=False
        Whether the readout tells how the next step differs from the last.
    n_ahead : int, default=1
        Steps that the readout tells.

    Returns
    -------
    Sequences
    """
    free = np.arange(batch.n_channels)[driver.roles.free]
    if n_ahead > 1:
        readout = FirstStep(readout, len(free))
    loop = driver.loop(readout, batch.n_channels, increments)
    gone = missing[:, free[free < missing.shape[1]]]
    series = np.repeat(np.arange(len(batch)), batch.lengths)
    within = np.arange(len(series)) - batch.offsets[series]
    begin = np.maximum(_leading(gone.any(axis=1), batch), 1)
    if known is not None:
        begin = np.where(known, 1, begin)
    own = gone.all(axis=1) & (within >= begin[series])
    states = driver.rest(batch) if states is None else np.array(states)
    ahead = np.empty((len(series), len(free)))
    with np.errstate(over="ignore", invalid="ignore"):
        for span, rows in driver.run_closed(batch, loop, states, own=own):
            sound = np.isfinite(rows).all(axis=1)
            found = np.full((len(rows), len(free)), np.nan)
            if sound.any():
                found[sound] = np.reshape(readout.predict(rows[sound]), (-1, len(free)))
            ahead[span.start : span.stop] = found
    values = np.array(batch.values)
    low, high = _range(batch, gone, free)
    for t in np.flatnonzero(gone.any(axis=1) & (within >= begin[series])):
        expected = ahead[t - 1] + increments * values[t - 1, free]
        expected = np.clip(np.nan_to_num(expected), low[series[t]], high[series[t]])
        values[t, free] = np.where(gone[t], expected, values[t, free])
    return replace(batch, values=values)


def _range(batch, gone, free):
    """Numbers between which fillings of each series lie, of shape (n_series, n_free)."""
    low, high = np.empty((2, len(batch), len(free)))
    for i in range(len(batch)):
        rows = slice(batch.offsets[i], batch.offsets[i + 1])
        known = np.where(gone[rows], np.nan, batch.values[rows][:, free])
        known = np.where(np.isnan(known).all(axis=0), 0.0, known)
        low[i], high[i] = np.nanmin(known, axis=0), np.nanmax(known, axis=0)
    room = BEYOND * (high - low)
    return low - room, high + room


def refilled(problem, readout, missing, given, weight=None):
    """A problem whose gaps are filled by what a readout expects.

    Parameters
    ----------
    problem : Problem
        Solved by ``readout``.
    readout : estimator
        Fitted.
    missing, weight
        As of :func:`leave_out`.
    given : regressor or None
        The user's readout.
    """
    rows, series = problem.rows, problem.series
    batch = fill(
        problem.driver, readout, problem.batch, missing, increments=rows.increments,
        n_ahead=rows.n_ahead,
    )  # fmt: skip
    rows = replace(rows, batch=batch)
    leave_out(rows, missing, problem.driver.drawn, given, weight=weight, first=False)
    return replace(problem, batch=batch, rows=rows, series=replace(series, batch=batch))
