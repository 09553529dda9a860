"""Stored rows that answer queries: each votes by how near it is.

Rows are numbers, compared by a product, or codes, of which those that agree count (:class:`Table`,
:class:`Codes`). Both answer with sums of votes, in units of the vote of the nearest row.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array, issparse

from .. import _budgets
from .._jit.matches import left_out, vote
from .._threads import mapping, one_blas_thread

__all__ = ["PRIORS", "Codes", "Groups", "Settings", "Table", "indicators", "measure"]

CUT = 9.0  # nats below the nearest row from which a row has no vote
LEARNED_CUT = 7.0  # the same where weights are learned
PRIORS = np.array([1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0])  # votes, of that of the nearest row
STEPS = np.exp2(np.arange(-5, 7))  # of beta, from the inverse of a typical distance
PARTS = 8  # of the rows that are left out
MOST_STEPS = 40  # of the search for weights of codes


@dataclass
class Settings:
    """What votes depend on: weights of features, which hold beta where codes are compared."""

    weights: np.ndarray
    beta: float
    prior: float
    top_k: int | None = None


@dataclass
class Groups:
    """Stored rows in the order of their groups, and where each group is.

    Attributes
    ----------
    order : ndarray of shape (n,) or None
        Rows, group by group.
    edges : ndarray of shape (n_groups + 1,)
        Where groups begin.
    known : list of (ndarray, ndarray)
        For each column that must agree its values, and the numbers of the combinations with those
        of the columns before, sorted.
    n : int
        Number of rows.
    """

    order: np.ndarray | None = None
    edges: np.ndarray | None = None
    known: list = field(default_factory=list)
    n: int = 0

    @classmethod
    def of(cls, X, columns):
        """Of stored rows, by the columns that must agree; all in one if there are none."""
        if columns is None:
            return cls(n=len(X))
        known, codes = [], np.zeros(len(X), dtype=np.int64)
        for column in X[:, columns].T:
            values, own = np.unique(column, return_inverse=True)
            found, codes = np.unique(codes * len(values) + own.ravel(), return_inverse=True)
            known.append((values, found))
            codes = codes.ravel()
        order = np.argsort(codes, kind="stable")
        edges = np.searchsorted(codes[order], np.arange(codes.max(initial=-1) + 2))
        return cls(order, edges, known, len(X))

    def ranges(self, X, columns):
        """First and past the last row to compare each query with, shape (m, 2); all if unknown."""
        found = np.tile(np.array([0, self.n], dtype=np.int64), (len(X), 1))
        if columns is None:
            return found
        codes, seen = np.zeros(len(X), dtype=np.int64), np.ones(len(X), dtype=bool)
        for column, (values, combinations) in zip(X[:, columns].T, self.known, strict=True):
            own, inside = _place(values, column)
            codes, known = _place(combinations, codes * len(values) + own)
            seen &= inside & known
        found[seen] = np.stack([self.edges[codes[seen]], self.edges[codes[seen] + 1]], axis=1)
        return found


def _place(known, values):
    """Places of values among sorted ones, and whether they are there."""
    found = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return found, known[found] == values


def indicators(labels, n_classes):
    """Values of stored rows that are labels, as a sparse matrix of shape (n, K)."""
    n = len(labels)
    return csr_array((np.ones(n), labels, np.arange(n + 1)), shape=(n, n_classes))


class Table:
    """Rows of numbers, compared by their distance or their scalar product.

    Parameters
    ----------
    keys : ndarray of shape (n, p)
        Rows, in the order of their groups.
    values : ndarray or sparse matrix of shape (n, q)
        What they vote for.
    shares : ndarray of shape (n,)
        What a row's vote is multiplied by.
    far : bool
        Whether near rows are those at a small distance, and not those of a large product.
    """

    def __init__(self, keys, values, shares, far):
        self.values, self.shares, self.far = values, shares, far
        size = float(np.abs(keys).max(initial=0.0))
        if keys.dtype == np.float32 and (size > 1e15 or 0 < size < 1e-15):
            keys = keys.astype(np.float64)  # products need more range than float32 has
        self.keys = keys
        self.shift = keys.mean(axis=0, dtype=np.float64).astype(keys.dtype) if far else None

    def prepared(self, X, weights):
        """Rows whose scalar products, or distances, are weighted."""
        X = X.astype(self.keys.dtype, copy=False)
        X = X if self.shift is None else X - self.shift
        return X * np.sqrt(weights).astype(X.dtype)

    @np.errstate(all="ignore")  # exp underflows
    def votes(self, X, ranges, settings, own=None):
        """Sums of votes for values, shape (m, q), and of votes, shape (m,), in float64.

        ``own`` are numbers of stored rows that have no vote, one for each query.
        """
        keys = self.prepared(self.keys, settings.weights)
        lengths = np.einsum("ij,ij->i", keys, keys) / 2 if self.far else None
        X = self.prepared(X, settings.weights)
        sums, totals = np.zeros((len(X), self.values.shape[1])), np.zeros(len(X))
        beta = X.dtype.type(settings.beta)

        def of_rows(task):
            rows, first, last = task
            S = X[rows] @ keys[first:last].T
            if self.far:
                S -= lengths[first:last]
            if own is not None:
                mine = (own[rows] >= first) & (own[rows] < last)
                S[np.flatnonzero(mine), own[rows][mine] - first] = -np.inf
            if settings.top_k is not None and settings.top_k < S.shape[1]:
                place = S.shape[1] - settings.top_k
                least = np.partition(S, place, axis=1)[:, [place]]
                S[least > S] = -np.inf
            S -= S.max(axis=1, keepdims=True)
            S *= beta * (2 if self.far else 1)
            np.exp(S, out=S)
            S[np.isnan(S)] = 0.0  # no row has a vote
            S *= self.shares[first:last].astype(S.dtype)
            totals[rows] = S.sum(axis=1, dtype=np.float64)
            values = self.values[first:last]
            sums[rows] = (values.T @ S.T).T if issparse(values) else S @ values

        with one_blas_thread() as threads, mapping(threads) as each:
            for _ in each(of_rows, _tasks(ranges)):
                pass
        return sums, totals

    def typical(self, rows, ranges, weights):
        """Inverse of the median of the distances, or products, that scores differ by."""
        unit = Settings(weights, 1.0, 0.0)
        keys = self.prepared(self.keys, unit.weights)
        others = keys  # all of few, whatever their order
        if len(keys) > 500:
            others = keys[np.random.RandomState(0).randint(len(keys), size=500)]
        mine = keys[rows[:500]]
        S = np.square(others).sum(axis=1) - 2 * mine @ others.T if self.far else mine @ others.T
        if self.far:
            S += np.square(mine).sum(axis=1)[:, None]
        spread = float(np.median(np.abs(S)))
        return 1.0 / spread if 0 < spread < np.inf else 1.0


class Codes:
    """Rows of codes, of which those that agree with a query's add their weights.

    Parameters
    ----------
    keys : ndarray of shape (n, F)
        Rows, in the order of their groups; codes are any numbers.
    labels : ndarray of shape (n,)
        Columns that they vote for.
    shares : ndarray of shape (n,)
        What a row's vote is multiplied by.
    n_values : int
        Number of columns.
    """

    def __init__(self, keys, labels, shares, n_values):
        found = [np.unique(column, return_inverse=True) for column in keys.T]
        self.known = [values for values, _ in found]
        self.codes = np.stack([codes.ravel() for _, codes in found]).astype(np.int32)
        self.labels, self.shares = labels.astype(np.int32), shares.astype(np.float32)
        self.n_values = n_values

    def encoded(self, X):
        """Codes of queries; −2 where no stored row has one."""
        out = np.empty(X.shape, dtype=np.int32)
        for f, known in enumerate(self.known):
            place = np.minimum(np.searchsorted(known, X[:, f]), len(known) - 1)
            out[:, f] = np.where(known[place] == X[:, f], place, -2)
        return out

    def votes(self, X, ranges, settings, own=None, n_shared=None):
        """As of :class:`Table`; codes beyond ``n_shared`` differ between successive queries."""
        X = self.encoded(X)
        votes = np.zeros((len(X), self.n_values))
        n_shared = X.shape[1] if n_shared is None else n_shared
        own = np.full(len(X), -1) if own is None else own
        most = int((ranges[:, 1] - ranges[:, 0]).max(initial=0))
        weights = settings.weights.astype(np.float32)

        def of_rows(rows):
            late = np.empty((X.shape[1] - n_shared, most), np.int32)
            room = np.empty(most, np.float32), np.empty(most, np.int64), late
            vote(
                self.codes, self.labels, self.shares, X[rows], ranges[rows], weights, n_shared,
                np.float32(CUT), own[rows], *room, votes[rows],
            )  # fmt: skip

        with one_blas_thread() as threads, mapping(threads if len(X) > 64 else 1) as each:
            edges = np.linspace(0, len(X), (threads if len(X) > 64 else 1) + 1).astype(int)
            for _ in each(of_rows, map(slice, edges[:-1], edges[1:])):
                pass
        return votes, votes.sum(axis=1)

    def learn(self, rows, ranges, start, prior):
        """Weights under which rows are likeliest by the votes of the others; and the loss."""
        n_codes, m = len(self.codes), len(rows)

        def of_rows(part, weights):
            slope, one, other = np.zeros((3, n_codes))
            loss = left_out(
                self.codes, self.labels, self.shares, rows[part], ranges[part], weights, prior,
                np.float32(LEARNED_CUT), np.empty(len(self.labels), np.float32), slope, one, other,
            )  # fmt: skip
            return loss, slope

        parts = [slice(k, None, PARTS) for k in range(PARTS)]  # as many, whatever the threads

        def objective(v):
            with mapping(threads) as each:
                found = list(each(partial(of_rows, weights=v.astype(np.float32)), parts))
            return sum(one for one, _ in found) / m, sum(slope for _, slope in found) / m

        with one_blas_thread() as threads:
            found = minimize(
                objective, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * n_codes,
                options={"maxiter": MOST_STEPS, "maxfun": 2 * MOST_STEPS, "ftol": 1e-5},
            )  # fmt: skip
        return found.x, float(found.fun)


def measure(sums, totals, prior, about, truth, weight):
    """Mean loss for each prior: of classes minus the log-likelihood, of numbers the square."""
    losses = []
    # on a scale on which squares of numbers neither overflow nor vanish
    power = np.frexp(np.abs(truth).max(initial=0.0))[1] if truth.ndim > 1 else 0
    for one in prior:
        share = (totals + one)[:, None]
        found = (sums + one * about) / np.where(share > 0, share, 1.0)
        if truth.ndim == 1:
            each = -np.log(np.maximum(found[np.arange(len(truth)), truth], 1e-12))
        else:
            each = np.square(np.ldexp(found - truth, -power)).mean(axis=1)
        losses.append(np.average(each, weights=weight))
    return np.array(losses)


def _tasks(ranges):
    """Slices of queries that are compared with the same stored rows, few at a time."""
    edges = np.flatnonzero((ranges[1:] != ranges[:-1]).any(axis=1)) + 1
    for start, stop in zip([0, *edges], [*edges, len(ranges)], strict=True):
        if start < stop:
            first, last = ranges[start]
            step = max(_budgets.RETRIEVAL_ENTRIES // max(last - first, 1), 1)
            for begin in range(start, stop, step):
                yield slice(begin, min(begin + step, stop)), int(first), int(last)
