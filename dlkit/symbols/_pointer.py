"""A memory that is written and read by pointers, and how the pointers are learned.

What is learned: which inputs are written, what a reading pointer does at each step, and a linear
map from states and what is read to outputs. Which row should be read at which step is not known:
dynamic programming finds the cheapest way of the pointer, given the map; map and decisions are
fitted to that way, and so on in turn [1]_.

.. [1] B. Paassen and A. Schulz, "Reservoir memory machines", ESANN 2020.
"""

import warnings
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from .._jit import pointer as loops
from .._validation import refuse_overflow
from ..readout import RidgeReadout

# cost of an action, where the target leaves the choice: to stay is preferred, or to go on
_PRIORS = 1e-7 * np.array([[0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 2.0, 3.0, 4.0]])
_DECIDED = 0.1  # of the variance of a target: what it costs to go against the decisions so far
_ENOUGH = 1e-4  # error, in standard deviations of the targets, below which no round follows
_GOOD = 0.1  # the same, below which the less likely ways are not tried
_ROWS = 6000  # that decisions are learned from; of the most frequent ones some are left out
_LAGS = 40
_ALIKE, _LONG = 20, 200  # sequences and steps that tell which channels outputs are like


@dataclass(frozen=True)
class Pointer:
    """Decisions and outputs of a memory, all linear.

    Attributes
    ----------
    n_slots : int
        Slots of the ring.
    width : int
        Steps of the windows that content is compared by.
    scale : ndarray of shape (n_channels,)
        What channels are divided by.
    write : tuple of ndarray
        Coefficients over input and state, those over the first row of the memory (and whether there
        is one), and intercept; an input is written where their sum is above 0.
    act : tuple of ndarray
        Coefficients over input and state, those over the row read last, the row that follows it and
        the first row (and whether there are such rows), of shape (n_actions, 3, n_channels + 1),
        and intercepts: scores of the actions.
    read : tuple of ndarray
        Coefficients over the state and over the row read (and whether there is one), and
        intercepts: the outputs.
    """

    n_slots: int
    width: int
    scale: np.ndarray
    write: tuple
    act: tuple
    read: tuple

    def reads(self, batch, states):
        """Steps whose rows are read at each step (−1 for an empty slot), and rows overwritten."""
        values = batch.values.astype(np.float64)
        X = values / self.scale
        seen, rows = np.hstack([X, states]), with_flag(X)
        found, lost = np.empty(len(X), dtype=np.int64), 0
        for a, b in zip(batch.offsets[:-1], batch.offsets[1:], strict=True):
            lost += loops.run_pointer(
                values[a:b], self.writes(seen[a:b], rows[a:b]), min(self.n_slots, b - a + 1),
                self.width, *self.scores(seen[a:b], rows[a:b]), found[a:b],
            )  # fmt: skip
        return found, lost

    def writes(self, seen, rows):
        """Whether each input of a sequence is written."""
        on_seen, on_first, intercept = self.write
        writes = np.empty(len(rows), dtype=bool)
        n_slots = min(self.n_slots, len(rows) + 1)
        loops.decide_writes(seen @ on_seen + intercept, rows @ on_first, n_slots, writes)
        return writes

    def scores(self, seen, rows):
        """Scores of the actions at each step of a sequence, and what each row adds to them."""
        on_seen, on_rows, intercept = self.act
        return seen @ on_seen.T + intercept, np.einsum("tc,arc->tra", rows, on_rows)

    def predict(self, batch, states):
        """Outputs of shape (total steps, n_outputs), and rows overwritten."""
        found, lost = self.reads(batch, states)
        return self.outputs(batch, states, found), lost

    def outputs(self, batch, states, reads):
        """Outputs, given the steps whose rows are read."""
        on_state, on_row, intercept = self.read
        rows = taken(with_flag(batch.values / self.scale), reads, batch.offsets)
        return states @ on_state.T + rows @ on_row.T + intercept


def with_flag(rows):
    """Rows with a column of ones: an empty slot has none."""
    return np.hstack([rows, np.ones((len(rows), 1), dtype=rows.dtype)])


def taken(rows, reads, offsets):
    """Rows that are read, zeros where a slot is empty."""
    first = np.repeat(offsets[:-1], np.diff(offsets))
    found = rows[np.maximum(reads, 0) + first]
    found[reads < 0] = 0.0
    return found


def learn(batch, states, targets, *, n_slots, width, n_actions, alpha, controller, n_rounds, rng):
    """Learn decisions and outputs.

    Several ways are tried: decisions see the state of the reservoir or do not, all inputs are
    written or those that some output needs, outputs are at first like single channels or like a
    lagged input, the pointer rather stays or goes on where that is the same to the outputs. The
    one that errs least on the training data, run by its own decisions, is kept.

    Returns
    -------
    pointer : Pointer
    error : float
        Root mean squared error of the training data, run by its own decisions.
    lost : int
        Rows overwritten.
    """
    values = batch.values.astype(np.float64)
    with np.errstate(over="ignore"):
        scale, spread = values.std(axis=0), float(np.sqrt(targets.var(axis=0).mean())) or 1.0
    for name, sizes in (("X", scale), ("y", np.array([spread]))):
        refuse_overflow(sizes, name)
    scale[scale <= 1e-12 * np.abs(values).max(axis=0)] = 1.0
    problem = _Problem(
        replace(batch, values=values), states.astype(np.float64), targets, scale, spread, n_slots,
        width, n_actions, alpha, controller, n_rounds, rng,
    )  # fmt: skip
    best, begins = None, list(problem.beginnings())
    for by_state, begin, prior, all_rows in product((False, True), begins, _PRIORS, (True, False)):
        unlikely = by_state or begin is not begins[0]
        if best is not None and (best[1] < (_GOOD if unlikely else _ENOUGH) * spread):
            break
        found = problem.solve(begin, all_rows, by_state, prior)
        if best is None or found[1] < best[1] * (1 - 1e-2):
            best = found
    return best


@dataclass
class _Problem:
    """The training data, and what does not change from round to round."""

    batch: object
    states: np.ndarray
    targets: np.ndarray
    scale: np.ndarray
    spread: float
    n_slots: int
    width: int
    n_actions: int
    alpha: object
    controller: object
    n_rounds: int
    rng: object

    def __post_init__(self):
        self.X = self.batch.values / self.scale
        self.rows = with_flag(self.X)
        self.seen = np.hstack([self.X, self.states])
        self.spans = list(zip(self.batch.offsets[:-1], self.batch.offsets[1:], strict=True))

    def beginnings(self):
        """Yield first guesses of the map from rows to outputs, as of ``Pointer.read``."""
        q, C, n_states = self.targets.shape[1], self.X.shape[1], self.states.shape[1]
        none, nothing = np.zeros((q, n_states)), np.zeros(q)
        like = np.zeros((q, C + 1))
        like[np.arange(q), self.likest()] = 1.0
        yield none, like * np.append(self.scale, 1.0), nothing
        best, found = np.inf, None
        for lag in range(min(_LAGS, int(self.batch.lengths.max()))):
            now = np.concatenate([np.arange(a + lag, b) for a, b in self.spans])
            if len(now) < 2:
                break
            fitted = RidgeReadout(1e-6).fit(self.X[now - lag], self.targets[now])
            error = self._total(self.targets[now] - _2d(fitted.predict(self.X[now - lag])))
            error += self._total(np.delete(self.targets, now, axis=0))
            if error < best * (1 - 1e-6):
                coef = fitted.coef_.reshape(q, C)
                best, found = error, (np.hstack([coef, np.zeros((q, 1))]), fitted.intercept_)
        if found is not None:  # sequences of one step tell nothing of a map
            yield none, found[0], np.broadcast_to(found[1], q).astype(float)

    def likest(self):
        """For each output the channel that had most of its values before, or its own if it did."""
        q, C = self.targets.shape[1], self.X.shape[1]
        far = np.zeros((q, C))
        for a, b in self.spans[:_ALIKE]:
            b = min(b, a + _LONG)
            later = np.triu(np.full((b - a, b - a), np.inf), 1)
            for j, c in np.ndindex(q, C):
                gaps = np.abs(self.targets[a:b, j, None] - self.batch.values[a:b, c]) + later
                far[j, c] += np.minimum(gaps.min(axis=1), np.abs(self.targets[a:b, j])).sum()
        own = np.arange(q) % C
        far[np.arange(q), own] -= 1e-2 * far.mean(axis=1) + 1e-12
        return far.argmin(axis=1)

    @staticmethod
    def _total(residuals):
        return float((residuals**2).sum())

    def solve(self, read, all_rows, by_state, prior):
        """Alternate from one beginning; return the best as `learn` does."""
        C = self.X.shape[1]
        self.by_state = by_state
        nothing = np.zeros(self.seen.shape[1])
        write = (nothing, np.zeros(C + 1), 1.0) if all_rows else None
        act = (
            np.zeros((self.n_actions, len(nothing))), np.zeros((self.n_actions, 3, C + 1)),
            np.zeros(self.n_actions),
        )  # fmt: skip
        now, best, stale, weight = None, None, 0, 0.0
        for _ in range(self.n_rounds):
            if write is None:
                write = self.learn_writes(read)
            now = Pointer(self.n_slots, self.width, self.scale, write, act, read)
            reads, known, actions = self.align(now, weight, prior)
            read = self.fit_outputs(reads)
            coef, intercept = self.decide(self.seen, known, actions, self.n_actions)
            n = self.seen.shape[1]
            act = coef[:, :n], coef[:, n:].reshape(self.n_actions, 3, C + 1), intercept
            now, weight = replace(now, act=act, read=read), _DECIDED
            told, lost = now.predict(self.batch, self.states)
            error = float(np.sqrt(np.mean((told - self.targets) ** 2)))
            better = best is None or error < best[1] * (1 - 1e-3)
            best = (now, error, lost) if better else best
            stale = 0 if better else stale + 1
            if error < _ENOUGH * self.spread or stale == 2:
                break
        return best

    def costs(self, read, a, b):
        """Cost of reading each row at each step of a sequence, and of reading none."""
        on_state, on_row, intercept = read
        left = (self.targets[a:b] - self.states[a:b] @ on_state.T - intercept) / self.spread
        rows = self.rows[a:b] @ on_row.T / self.spread
        blank = (left**2).sum(axis=1)
        costs = blank[:, None] + (rows**2).sum(axis=1) - 2.0 * left @ rows.T
        n = self.targets.shape[1]
        return np.maximum(costs, 0.0) / n, blank / n

    def learn_writes(self, read):
        """Learn which inputs are written, from those that some output needs."""
        marks = np.zeros(len(self.X), dtype=bool)
        first = np.full(len(self.X), -1, dtype=np.int64)
        for a, b in self.spans:
            loops.needed(*self.costs(read, a, b), 1e-6, marks[a:b])
            found = np.flatnonzero(marks[a:b])
            if len(found):
                first[a + found[0] + 1 : b] = found[0]
        known = taken(self.rows, first, self.batch.offsets)
        coef, intercept = self.decide(self.seen, known, marks.astype(int), 2)
        n = self.seen.shape[1]
        coef, intercept = coef[1] - coef[0], intercept[1] - intercept[0]
        return coef[:n], coef[n:], intercept

    def align(self, now, weight, prior):
        """Ways of the pointer: steps whose rows are read, rows that actions depend on, actions."""
        reads = np.empty(len(self.X), dtype=np.int64)
        held, ahead, first, actions = (reads.copy() for _ in range(4))
        for a, b in self.spans:
            n_slots = min(self.n_slots, b - a + 1)
            rows = np.empty((b - a + 1, n_slots), dtype=np.int64)
            seen = self.seen[a:b], self.rows[a:b]
            loops.rows_by_time(now.writes(*seen), n_slots, rows)
            jumps = np.full((b - a, 2), -1, dtype=np.int64)
            if self.n_actions > 3:
                loops.matches(self.batch.values[a:b], rows, self.width, jumps)
            path = np.empty(b - a, dtype=np.int64)
            loops.align(
                *self.costs(now.read, a, b), rows, jumps, *now.scores(*seen), weight,
                prior[: self.n_actions], path, actions[a:b],
            )  # fmt: skip
            steps, before = np.arange(b - a), np.append(0, path[:-1])
            reads[a:b], first[a:b] = rows[steps + 1, path], rows[:-1, 0]
            held[a:b], ahead[a:b] = rows[steps, before], rows[steps, (before + 1) % n_slots]
        offsets = self.batch.offsets
        known = [taken(self.rows, which, offsets) for which in (held, ahead, first)]
        return reads, np.hstack(known), actions

    def fit_outputs(self, reads):
        """Fit the map from states and rows read to outputs."""
        rows = taken(self.rows, reads, self.batch.offsets)
        n, q = self.states.shape[1], self.targets.shape[1]
        readout = RidgeReadout(self.alpha, selection="gcv", relative=True)
        fitted = readout.fit(np.hstack([self.states, rows]), self.targets)
        coef = fitted.coef_.reshape(q, -1)
        return coef[:, :n], coef[:, n:], np.broadcast_to(fitted.intercept_, q).astype(float)

    def decide(self, seen, known, labels, n_labels):
        """Coefficients and intercepts of a linear classifier; labels never seen score low."""
        n, kept = seen.shape[1], _thinned(labels, self.rng)
        used = np.ones(n + known.shape[1], dtype=bool)
        if not self.by_state:
            used[self.X.shape[1] : n] = False
        features, labels = np.hstack([seen[kept], known[kept]])[:, used], labels[kept]
        coef = np.zeros((n_labels, len(used)))
        intercept = np.full(n_labels, -1e3)
        classes = np.unique(labels)
        if len(classes) == 1:
            intercept[classes] = 1.0
            return coef, intercept
        mean, scale = features.mean(axis=0), features.std(axis=0)
        scale[scale < 1e-9] = 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = clone(self.controller).fit((features - mean) / scale, labels)
        weights = np.asarray(fitted.coef_, dtype=np.float64)
        bias = np.broadcast_to(np.asarray(fitted.intercept_, dtype=np.float64), len(weights))
        if len(weights) == 1:  # of two classes: the score of the second
            weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
        weights = weights / scale
        coef[np.ix_(classes, np.flatnonzero(used))] = weights
        intercept[classes] = bias - weights @ mean
        return coef, intercept


def _thinned(labels, rng):
    """Numbers of the rows to learn from: of frequent labels a sample."""
    counts = np.bincount(labels)
    most = max(_ROWS // max(np.count_nonzero(counts), 1), 1)
    kept = [
        which if len(which) <= most else rng.choice(which, most, replace=False)
        for which in (np.flatnonzero(labels == label) for label in np.flatnonzero(counts))
    ]
    return np.sort(np.concatenate(kept))


def _2d(values):
    return values.reshape(len(values), -1)
