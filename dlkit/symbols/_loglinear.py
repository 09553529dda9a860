"""Logistic regression on the n-grams of a window: what a symbol stands for."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._jit import loglinear as loops
from .._params import count, positive
from .._progress import Progress

__all__ = ["LogLinear", "NGramReadout"]

PORTION = 2**15  # rows that are learned from before progress is told
ROOM = 2  # times the most chunks of a symbol: weights for each n-gram of each row, if these are few


class NGramReadout(BaseEstimator):
    """Logistic regression on n-grams: the `readout` that a `SequenceTransducer` has if it is None.

    The score of a chunk is a sum of weights [1]_: one for each n-gram of source symbols in the
    window, and for what was put out before, alone and beside the next symbols. Only chunks that
    the symbol stood for in training have a probability. The weights maximise the likelihood of the
    training pairs, which is convex; they begin at zero and follow the gradient from symbol to
    symbol, in steps that shorten to none.

    Parameters
    ----------
    order : int, default=11
        Longest n-gram. Those that do not hold the symbol itself have four symbols at most.
    n_passes : int, default=6
        Passes over the training pairs.
    learning_rate : float, default=0.1
        Length of the first steps.
    n_weights : int, default=2**24
        Most weights, of four bytes each; rounded down to a power of two. N-grams find theirs by a
        hash, and share some where they are many [2]_.
    random_state : int, RandomState instance or None, default=None
        Shuffles the pairs' symbols.

    References
    ----------
    .. [1] Jiampojamarn, Cherry & Kondrak (2008). Joint processing and discriminative training for
       letter-to-phoneme conversion. ACL, section 3.
    .. [2] Weinberger et al. (2009). Feature hashing for large scale multitask learning. ICML.

    Examples
    --------
    >>> from dlkit.symbols import NGramReadout, SequenceTransducer
    >>> words = ["cat", "cot", "act", "taco", "cit", "city", "tic", "attic", "coat"] * 3
    >>> sounds = ["kat", "kot", "akt", "tako", "sit", "siti", "tik", "atik", "kot"] * 3
    >>> readout = NGramReadout(n_passes=10, random_state=0)
    >>> SequenceTransducer(readout).fit(words, sounds).predict(["tact"])
    ['takt']
    """

    _parameter_constraints = {
        "order": [count()],
        "n_passes": [count()],
        "learning_rate": [positive()],
        "n_weights": [count(2)],
        "random_state": ["random_state"],
    }

    def __init__(
        self, order=11, *, n_passes=6, learning_rate=0.1, n_weights=2**24, random_state=None
    ):
        self.order = order
        self.n_passes = n_passes
        self.learning_rate = learning_rate
        self.n_weights = n_weights
        self.random_state = random_state


@dataclass(frozen=True)
class LogLinear:
    """The regression, fitted.

    Attributes
    ----------
    order : int
        Longest n-gram.
    weights : ndarray, float32
        Of n-grams and chunks.
    mask : int
        Of addresses.
    classes : ndarray of shape (n_codes, most)
        Chunks of each code of a symbol.
    n_classes : ndarray of shape (n_codes,)
        How many these are.
    shares : ndarray of shape (K,)
        Of chunks in training.
    """

    order: int
    weights: np.ndarray
    mask: int
    classes: np.ndarray
    n_classes: np.ndarray
    shares: np.ndarray

    @property
    def classes_(self):
        """Numbers of chunks."""
        return np.arange(len(self.shares))

    @classmethod
    @np.errstate(over="ignore")  # hashes wrap
    def learn(cls, readout, windows, chunks, lasts, labels, n_labels, verbose=0):
        """Fit.

        Parameters
        ----------
        readout : NGramReadout
            Parameters.
        windows : ndarray of shape (n, 2 w + 1)
            Codes about each symbol, as of :meth:`Windows.symbols`.
        chunks : ndarray of shape (n,)
            Code of the chunk before.
        lasts : ndarray of shape (n, h)
            Codes of the target symbols before, the latest first.
        labels : ndarray of shape (n,)
            Numbers of the chunks.
        n_labels : int
            Chunks that there are.
        verbose : int, default=0
            Whether progress is printed.
        """
        focus = windows[:, windows.shape[1] // 2]
        pairs = np.unique(focus * n_labels + labels)
        codes, numbers = pairs // n_labels, pairs % n_labels
        n_classes = np.bincount(codes)
        first = np.cumsum(n_classes) - n_classes  # of the pairs of each code
        place = np.arange(len(pairs)) - np.repeat(first, n_classes)
        classes = np.zeros((len(n_classes), n_classes.max()), dtype=np.int64)
        classes[codes, place] = numbers
        own = place[np.searchsorted(pairs, focus * n_labels + labels)]
        order = min(int(readout.order), windows.shape[1])
        found, p = _room(windows.shape[1], lasts.shape[1], len(classes[0]))
        wanted = ROOM * len(windows) * len(found) * len(p)
        size = 2 ** int(np.log2(min(wanted, int(readout.n_weights))))
        weights = np.zeros(size + len(p), dtype=np.float32)
        rng, n_passes = check_random_state(readout.random_state), int(readout.n_passes)
        columns = windows, chunks, lasts, own, n_classes
        progress = Progress(type(readout).__name__, n_passes * len(labels), verbose)
        for k in range(n_passes):
            rate = float(readout.learning_rate) * (1 - k / n_passes)
            rows = rng.permutation(len(labels))
            for start in range(0, len(rows), PORTION):
                part = rows[start : start + PORTION]
                loops.learn(part, *columns, order, np.uint64(size - 1), weights, rate, found, p)
                progress.advance(len(part))
        shares = np.bincount(labels, minlength=n_labels) / len(labels)
        return cls(order, weights, size - 1, classes, n_classes, shares)

    @np.errstate(over="ignore")  # hashes wrap
    def probabilities(self, windows, chunks, lasts):
        """Of all chunks, shape (m, K); of a symbol that training did not have their shares."""
        out = np.zeros((len(windows), len(self.shares)))
        found, p = _room(windows.shape[1], lasts.shape[1], self.classes.shape[1])
        loops.tell(
            windows, chunks, lasts, self.classes, self.n_classes, self.order,
            np.uint64(self.mask), self.weights, found, p, out,
        )  # fmt: skip
        unknown = windows[:, windows.shape[1] // 2] < 0
        out[unknown] = self.shares
        return out


def _room(width, history, most):
    """Addresses of n-grams, and scores of classes."""
    n = width * (width + 1) // 2 + 4 * history + 2
    return np.empty(n, dtype=np.uint64), np.empty(most)
