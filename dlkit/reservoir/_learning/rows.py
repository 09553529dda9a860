"""Which rows of features a readout learns from, and how they reach it, at once or in a stream.

A row stands for a sequence (:class:`PerSequence`) or for a time step (:class:`PerStep`). Both hold
targets and weights, and both know how a driver makes their rows in memory (``matrix``), how a batch
of them is cut into parts (``parts``), and how a part is learned without keeping its rows
(``feed``).
"""

from dataclasses import dataclass, field
from functools import partial
from inspect import signature

import numpy as np
from sklearn.base import is_classifier

from ... import _budgets
from ...sequences import release
from . import spread
from .targets import one_column, reject_weights


@dataclass
class PerSequence:
    """A row for each sequence: its pooled states.

    Attributes
    ----------
    pooling : Summary or Coordinates
        A pooling, fitted.
    y : ndarray of shape (n_sequences,) or (n_sequences, n_outputs)
        Targets.
    weight : ndarray of shape (n_sequences,) or None
        Weights.
    """

    pooling: object
    y: np.ndarray = None
    weight: np.ndarray = None

    ahead = False
    kept = slice(None)

    @property
    def learned(self):
        """Targets and weights of the rows that are learned from."""
        return self.y, self.weight

    def n_columns(self, driver):
        """Width of a row."""
        return driver.n_passes * self.pooling.columns(driver.width)

    def is_large(self, driver, batch):
        """Whether the rows would take much memory, and their moments less."""
        p = self.n_columns(driver)
        n_bytes = len(batch) * p * batch.values.itemsize
        return n_bytes > _budgets.STATES_BYTES and len(batch) > p

    def streams(self, readout):
        """Whether a readout learns from blocks of these rows what it would from all of them."""
        return spread.streaming(readout) == "merged"

    def rest(self, driver, batch):
        """None: every sequence begins at rest or where its context says."""

    def matrix(self, driver, batch, work, *, noise=None, train=True, before=0):
        """Rows of all sequences; the last states, None, are not needed."""
        if driver.both_ways or spread.elsewhere(work.n_jobs):
            parts = spread.cut(batch, driver.n_passes * driver.width)
            if len(parts) > 1 and not (before and driver.noise):
                task = partial(_pooled, driver.light(), self.pooling, train)
                return np.concatenate(list(spread.run(parts, task, work=work))), None
        options = {"n_jobs": work.n_jobs, "progress": work.progress(len(batch.values))}
        return driver.pooled(batch, self.pooling, train=train, before=before, **options), None

    def parts(self, driver, batch, readout):
        """Parts of the batch for a fit block by block, and the rows of each."""
        # of fewer sequences, the moments would be larger than the features
        parts = spread.cut(batch, driver.width, least=2 * self.n_columns(driver))
        y = np.asarray(self.y)
        weight = np.ones(len(y)) if self.weight is None else np.asarray(self.weight)
        each = [PerSequence(self.pooling, y[k], weight[k]) for k in spread.rows_of(parts)]
        return parts, each, {"classes": np.unique(y)} if is_classifier(readout) else {}

    def feed(self, readout, driver, batch, *, states, noise, progress=None, **more):
        """Add sequences whose weight is not zero to a readout; return whether there were any."""
        kept = self.weight != 0
        if kept.any():
            rows = driver.pooled(batch, self.pooling, train=True, n_jobs=1, progress=progress)
            partial_fit_readout(readout, rows[kept], self.y[kept], self.weight[kept], **more)
        return kept.any()


def _pooled(driver, pooling, train, batch, progress=None):
    return driver.pooled(batch, pooling, train=train, n_jobs=1, progress=progress)


@dataclass
class PerStep:
    """A row for each step: all steps but a washout, and the last one where X is the target.

    Attributes
    ----------
    batch : Sequences
        The series.
    targets : ndarray of shape (total steps,) or (total steps, n_outputs) or None
        None stands for the next step of the series.
    weight : ndarray of shape (total steps,) or None
        Weights of the steps.
    drop : ndarray of shape (n_series,)
        Steps to be left out at the start of each series.
    increments : bool
        Whether the target is the difference of the next step from the present one.
    free : slice or ndarray of int
        Channels of the next step that are targets.
    fed : ndarray of shape (total steps, n_fed) or None
        True outputs, as they are fed back.
    n_ahead : int
        Without targets, how many next steps are learned, side by side.
    """

    batch: object
    targets: np.ndarray
    weight: np.ndarray
    drop: np.ndarray
    increments: bool
    free: object
    fed: np.ndarray = None
    n_ahead: int = 1
    carried: tuple = field(default=None, init=False)

    def __post_init__(self):
        batch = self.batch
        self.ahead = self.targets is None
        self.n_steps = max(len(batch.values) - self.ahead * self.n_ahead, 0)
        self.y = batch.values[1:] if self.ahead else self.targets  # of step t, or t + 1: a view
        self.base = batch.values if self.increments and self.ahead else None
        if len(batch) == 1:
            self.kept = slice(min(int(self.drop[0]), self.n_steps), self.n_steps)
            return
        self.kept = np.ones(self.n_steps, dtype=bool)
        for start, stop, n in zip(batch.offsets[:-1], batch.offsets[1:], self.drop, strict=True):
            self.kept[start : min(start + n, stop)] = False
            if self.ahead:
                self.kept[stop - self.n_ahead : stop] = False

    def check_several(self, driver):
        """Refuse a single row, from which no penalty can be chosen."""
        n = len(self.batch.values)
        if len(self.of(np.arange(n))) == 1:
            raise ValueError(
                f"X has {n} steps (n_samples={n}), and {driver.cause} leaves one of them to learn "
                "from; to choose alpha among several takes two. Give one step more, or one number "
                "for alpha."
            )

    def carry(self, block, targets, weight):
        """Put rows of the last steps of earlier pieces, and their targets, before all others."""
        self.carried = (block, targets, weight) if len(block) else None

    def of(self, A):
        """Rows of ``A``, one a step, that are learned from; None for None."""
        return None if A is None else A[: self.n_steps][self.kept]

    @property
    def learned(self):
        """Targets and weights of the rows that are learned from."""
        return self.of(self._wanted()), self.of(self.weight)

    @property
    def tail(self):
        """Shape of the target of one step."""
        y = self.y[:0]
        return (y[:, self.free] if self.ahead else y).shape[1:]

    def _wanted(self, steps=slice(None)):
        """Targets of some steps, as they are learned."""
        y = self.y[: self.n_steps][steps]
        if not self.ahead:
            return y
        each = [y] + [self.y[h:][: self.n_steps][steps] for h in range(1, self.n_ahead)]
        if self.base is None:
            each = [one[:, self.free] for one in each]
        else:
            base = self.base[: self.n_steps][steps][:, self.free]
            each = [one[:, self.free] - base for one in each]
        return each[0] if len(each) == 1 else np.hstack(each)

    def labels(self):
        """Sorted distinct targets, found without a sorted copy of them all."""
        y = self.of(self.y)
        step = _budgets.LOOK_ROWS
        parts = [np.unique(y[i : i + step]) for i in range(0, len(y), step)]
        return np.unique(np.concatenate(parts))

    def is_large(self, driver, batch):
        """Whether the rows would take much memory."""
        n_bytes = len(batch.values) * driver.n_columns * batch.values.itemsize
        return n_bytes * (1 if len(batch) == 1 else 2) > _budgets.STATES_BYTES  # `of` copies

    def streams(self, readout):
        """Whether a readout learns from blocks of these rows what it would from all of them."""
        return spread.streaming(readout) is not None

    def rest(self, driver, batch):
        """States in which the series begin."""
        return driver.rest(batch)

    def matrix(self, driver, batch, work, *, states=None, noise=None):
        """Rows that are learned from, and the last states."""
        out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
        states = driver.run(
            batch, states=states, out=out, noise=noise, fed=self.fed, n_jobs=work.n_jobs,
            progress=work.progress(len(batch.values)),
        )  # fmt: skip
        return self.of(out), states

    def parts(self, driver, batch, readout):
        """Parts of the batch for a fit block by block, and the rows of each."""
        more = {"classes": self.labels()} if is_classifier(readout) else {}
        apart = spread.streaming(readout) == "merged"
        parts = spread.cut(batch, driver.n_columns) if apart else [batch]
        if len(parts) == 1:
            return parts, [self], more
        each = []
        for part, k in zip(parts, spread.rows_of(parts, steps=True), strict=True):
            targets, weight, fed = (
                None if a is None else a[k] for a in (self.targets, self.weight, self.fed)
            )
            drop = self.drop[part.first - batch.first :][: len(part)]
            how = self.increments, self.free, fed, self.n_ahead
            each.append(PerStep(part, targets, weight, drop, *how))
        return parts, each, more

    def feed(self, readout, driver, batch, *, states, noise, progress=None, **more):
        """Run on from ``states``, in place, handing the rows to a readout block by block.

        Returns whether a row had weight.
        """
        fed = []

        def take(span, block):
            fed.append(self.hand_over(readout, span.start, block, **more))
            release(batch.values[span.start : span.stop])

        # one thread: the order of sums then never varies
        driver.run(
            batch, take, states=states, noise=noise, fed=self.fed, n_jobs=1, progress=progress
        )
        return any(fed)

    def hand_over(self, readout, start, block, **more):
        """Hand the steps from ``start`` on, of which ``block`` are the rows, to a readout."""
        stop = max(min(start + len(block), self.n_steps), start)
        if isinstance(self.kept, slice):
            mine = slice(max(self.kept.start - start, 0), stop - start)
        else:
            mine = self.kept[start:stop]
        span = slice(start, stop)
        weight = None if self.weight is None else self.weight[span][mine]
        rows = block[: stop - start][mine], self._wanted(span)[mine], weight
        if self.carried is not None:
            rows, self.carried = _stack(self.carried, rows), None
        if rows[2] is not None and not np.all(rows[2]):  # no part may be without weight
            weighty = np.flatnonzero(rows[2])
            rows = [a[weighty] for a in rows]
        if len(rows[0]):
            partial_fit_readout(readout, *rows, **more)
        return len(rows[0]) > 0


def partial_fit_readout(readout, features, y, weight, **more):
    """Add rows to a readout, with weights if there are any."""
    if weight is not None:
        if "sample_weight" not in signature(readout.partial_fit).parameters:
            reject_weights(readout)
        more["sample_weight"] = weight
    readout.partial_fit(features, one_column(readout, y), **more)


def _stack(first, second):
    """Join two triples of features, targets and weights, of which either may have none."""
    weights = first[2], second[2]
    if any(w is not None for w in weights):
        lengths = len(first[0]), len(second[0])
        weights = [np.ones(n) if w is None else w for n, w in zip(lengths, weights, strict=True)]
        joined = np.concatenate(weights)
    else:
        joined = None
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]]), joined
