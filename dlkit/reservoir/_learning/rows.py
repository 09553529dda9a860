"""Which steps of a batch a readout learns from, and how they reach it, at once or in a stream."""

from inspect import signature

import numpy as np

from ... import _budgets
from .targets import reject_weights


class StepRows:
    """Pairs of a state and a target: all steps but a washout, and the last where X is the target.

    Parameters
    ----------
    batch : Sequences
        The series.
    targets : ndarray of shape (total steps,) or (total steps, n_outputs) or None
        None stands for the next step of the series.
    weight : ndarray of shape (total steps,) or None
        Weights of the steps.
    drop : ndarray of shape (n_series,)
        Steps to be left out at the start of each series.
    increments : bool, default=False
        Whether a next step counts as its difference from the last.
    free : slice or ndarray of int, default=slice(None)
        Channels of a next step that count.
    """

    def __init__(
        self, batch, targets, weight, drop, *, increments=False, free=slice(None)
    ):  # fmt: skip
        self.ahead = targets is None
        self.targets = batch.values[1:] if self.ahead else targets  # of step t, or t + 1: a view
        self.free = free
        self.base = batch.values if increments and self.ahead else None
        self.weight = weight
        self.n_steps = len(batch.values) - self.ahead
        self.carried = None
        self.fed = 0  # rows handed over so far
        if len(batch) == 1:
            self.kept = slice(min(int(drop[0]), self.n_steps), self.n_steps)
            return
        self.kept = np.ones(self.n_steps, dtype=bool)
        for start, stop, n in zip(batch.offsets[:-1], batch.offsets[1:], drop, strict=True):
            self.kept[start : min(start + n, stop)] = False
            if self.ahead:
                self.kept[stop - 1 : stop] = False

    def carry(self, block, targets, weight):
        """Put pairs before the others: the last states of earlier pieces, and what followed."""
        self.carried = (block, targets, weight) if len(block) else None

    def of(self, A):
        """Rows of ``A``, one a step, that are learned from; None for None."""
        return None if A is None else A[: self.n_steps][self.kept]

    def wanted(self, steps=slice(None)):
        """Targets of some steps, as they are learned."""
        y = self.targets[: self.n_steps][steps]
        if not self.ahead:
            return y
        y = y[:, self.free]
        return y if self.base is None else y - self.base[: self.n_steps][steps][:, self.free]

    def labels(self):
        """Sorted distinct targets, found without a sorted copy of them all."""
        y = self.of(self.targets)
        step = _budgets.LOOK_ROWS
        parts = [np.unique(y[i : i + step]) for i in range(0, len(y), step)]
        return np.unique(np.concatenate(parts))

    def feed(self, readout, start, block, **more):
        """Hand the steps from ``start`` on, of which ``block`` are the states, to a readout."""
        stop = min(start + len(block), self.n_steps)
        if isinstance(self.kept, slice):
            mine = slice(max(self.kept.start - start, 0), stop - start)
        else:
            mine = self.kept[start:stop]
        span = slice(start, stop)
        weight = None if self.weight is None else self.weight[span][mine]
        rows = block[: stop - start][mine], self.wanted(span)[mine], weight
        if self.carried is not None:
            rows, self.carried = _stack(self.carried, rows), None
        if rows[2] is not None and not np.all(rows[2]):  # no part may be without weight
            weighty = np.flatnonzero(rows[2])
            rows = [a[weighty] for a in rows]
        if len(rows[0]):
            self.fed += len(rows[0])
            partial_fit_readout(readout, *rows, **more)


def partial_fit_readout(readout, features, y, weight, **more):
    """Add rows to a readout, with weights if there are any."""
    if weight is not None:
        if "sample_weight" not in signature(readout.partial_fit).parameters:
            reject_weights(readout)
        more["sample_weight"] = weight
    readout.partial_fit(features, y, **more)


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
