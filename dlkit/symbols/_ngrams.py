"""Tables of n-grams, and a mixture of their probabilities with those of other models."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator

from .. import _budgets
from .._jit import ngrams as loops
from .._params import count, non_negative, positive

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: products with it, modulo 2^64, lose nothing
_LEAST = 1e-12  # probability whose logarithm is mixed


@dataclass(frozen=True)
class Tables:
    """How often each symbol followed each context of 0 to ``order`` − 1 symbols.

    Attributes
    ----------
    n_symbols : int
        Symbols that are predicted.
    orders : tuple
        For each length of context: sorted keys, where the followers of each begin, followers and
        their counts.
    """

    n_symbols: int
    orders: tuple

    @classmethod
    def of(cls, histories, followers, n_symbols, order):
        """Count.

        Parameters
        ----------
        histories : ndarray of shape (n, order − 1), int64
            Symbols before each, the last first; numbers from 0, the same before the beginning.
        followers : ndarray of shape (n,), int64
            Symbols.
        n_symbols : int
            Of the followers.
        order : int
            Longest n-gram.
        """
        orders = []
        for keys in contexts(histories, order):
            known, place = np.unique(keys, return_inverse=True)
            pairs, counts = np.unique(place.ravel() * n_symbols + followers, return_counts=True)
            starts = np.searchsorted(pairs, np.arange(len(known) + 1) * n_symbols)
            orders.append((known, starts.astype(np.int64), pairs % n_symbols, counts))
        return cls(n_symbols, tuple(orders))

    def predict(self, histories, own=None):
        """Logarithms of the probabilities by each order, and the longest context that is known.

        Parameters
        ----------
        histories : ndarray of shape (n, order − 1)
            As of :meth:`of`.
        own : ndarray of shape (n,), default=None
            What followed each history, where that is one of those counted: it is left out.

        Returns
        -------
        logs : ndarray of shape (n, order, n_symbols)
        depth : ndarray of shape (n,), int64
            From 0 to ``order``.
        """
        n, order = len(histories), len(self.orders)
        own = np.full(n, -1) if own is None else own
        logs = np.empty((n, order, self.n_symbols))
        before, depth = np.full((n, self.n_symbols), 1.0 / self.n_symbols), np.zeros(n, np.int64)
        seen = np.empty(n, dtype=bool)
        for k, keys in enumerate(contexts(histories, order)):
            now = np.empty_like(before)
            loops.blend(*self.orders[k], keys, before, own.astype(np.int64), now, seen)
            depth[seen] = k + 1
            logs[:, k] = np.log(np.maximum(now, _LEAST))
            before = now
        return logs, depth


def contexts(histories, order):
    """Yield keys of the contexts of 0, 1, ... symbols."""
    keys, power = np.zeros(len(histories), dtype=np.uint64), np.uint64(1)
    yield keys
    with np.errstate(over="ignore"):
        for k in range(order - 1):
            power = power * _BASE
            keys = keys + (histories[:, k].astype(np.uint64) + np.uint64(1)) * power
            yield keys


def histories_of(sequences, length, blank):
    """Symbols before each step, the last first, and before the end: (total steps + n, length)."""
    found = []
    for numbers in sequences:
        padded = np.concatenate([np.full(length, blank), numbers])
        windows = np.lib.stride_tricks.sliding_window_view(padded, length) if length else None
        rows = np.empty((len(numbers) + 1, length), dtype=np.int64)
        if length:
            rows[:] = windows[:, ::-1]
        found.append(rows)
    return np.concatenate(found)


class NGramMixer(BaseEstimator):
    """Tables of n-grams that are mixed with a model: the value of ``mixer`` of a `SequenceModel`.

    The tables tell the next symbol from the last 0, 1, ..., ``order`` − 1 ones, by counts that are
    interpolated after Witten and Bell [1]_. Their log-probabilities and those of the model are
    added up with weights, one set for each length of the longest context that was seen, and made to
    sum to one [2]_. The weights minimise the loss on the training sequences, each of whose symbols
    is left out of the counts when it is predicted; that is a convex problem, solved by one pass, or
    several, of gradient descent from symbol to symbol.

    Parameters
    ----------
    order : int, default=7
        Longest n-gram.
    learning_rate : float, default=0.02
        Length of the first steps.
    n_passes : int, default=3
        Passes over the steps that weights are learned from.
    max_steps : int, default=200_000
        Most steps, the last ones, that weights are learned from.
    online : float, default=0.0
        Length of steps by which weights go on learning as sequences are scored, from symbol to
        symbol and from the fitted weights anew in each call. 0 keeps them.

    References
    ----------
    .. [1] I. H. Witten and T. C. Bell, "The zero-frequency problem", IEEE Trans. Information Theory
       37, 1991.
    .. [2] C. Mattern, "Linear and geometric mixtures – analysis", Data Compression Conference,
       2013.

    Examples
    --------
    >>> from dlkit import SequenceModel
    >>> from dlkit.symbols import NGramMixer
    >>> words = ["banana", "bandana", "cabana", "ana"] * 5
    >>> model = SequenceModel(20, mixer=NGramMixer(order=4), random_state=0).fit(words)
    >>> model.score(["cabana"]) > model.score(["nacaba"])
    True
    """

    _parameter_constraints = {
        "order": [count(1, 20)],
        "learning_rate": [positive()],
        "n_passes": [count()],
        "max_steps": [count()],
        "online": [non_negative()],
    }

    def __init__(self, order=7, *, learning_rate=0.02, n_passes=3, max_steps=200_000, online=0.0):
        self.order = order
        self.learning_rate = learning_rate
        self.n_passes = n_passes
        self.max_steps = max_steps
        self.online = online


@dataclass(frozen=True)
class Mixture:
    """A mixer, fitted.

    Attributes
    ----------
    tables : Tables
        Counts.
    weights : ndarray of shape (order + 1, order + 1)
        By the length of the longest known context: of each order, and of the model.
    order : int
        Longest n-gram.
    online : float
        As of the mixer.
    """

    tables: Tables
    weights: np.ndarray
    order: int
    online: float

    @classmethod
    def learn(cls, mixer, histories, followers, n_symbols, rows, logs):
        """Count, and learn the weights.

        Parameters
        ----------
        mixer : NGramMixer
            Parameters.
        histories, followers
            As of :meth:`Tables.of`.
        n_symbols : int
            Symbols that are predicted.
        rows : ndarray of int
            Steps that weights are learned from; the last of them, if they are too many.
        logs : ndarray of shape (len(rows), n_symbols)
            The model's log-probabilities of these.
        """
        tables = Tables.of(histories, followers, n_symbols, mixer.order)
        rows, logs = rows[-mixer.max_steps :], logs[-mixer.max_steps :]
        weights = np.zeros((mixer.order + 1, mixer.order + 1))
        weights[:, -1] = 0.5
        for depth in range(1, mixer.order + 1):
            weights[depth, depth - 1] = 0.5
        learned = np.zeros(len(weights))
        step = max(_budgets.STATES_BYTES // 8 // (8 * (mixer.order + 1) * n_symbols), 1)
        for _ in range(mixer.n_passes):
            for a in range(0, len(rows), step):
                mine = rows[a : a + step]
                told = tables.predict(histories[mine], followers[mine])
                mixed = _join(told, logs[a : a + step])
                out = np.empty((len(mine), n_symbols))
                truth = followers[mine].astype(np.int64)
                loops.mix(*mixed, weights, truth, float(mixer.learning_rate), learned, out)
        return cls(tables, weights, mixer.order, float(mixer.online))

    def log_proba(self, histories, logs, truth=None):
        """Mix; with ``truth`` and ``online`` the weights learn from row to row."""
        weights, learned = self.weights.copy(), np.zeros(len(self.weights))
        n, n_symbols = logs.shape
        out = np.empty((n, n_symbols))
        truth = np.full(n, -1) if truth is None else truth
        step = max(_budgets.STATES_BYTES // 8 // (8 * (self.order + 1) * n_symbols), 1)
        for a in range(0, n, step):
            rows = slice(a, min(a + step, n))
            mixed = _join(self.tables.predict(histories[rows]), logs[rows])
            loops.mix(
                *mixed, weights, truth[rows].astype(np.int64), self.online, learned, out[rows]
            )
        return out


def _join(predicted, logs):
    """Log-probabilities of all models, and the sets of weights."""
    tables, depth = predicted
    logs = np.maximum(logs, np.log(_LEAST))
    return np.concatenate([tables, logs[:, None].astype(np.float64)], axis=1), depth
