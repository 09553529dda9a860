"""Trees over sequences: which neighbours are joined first.

A structure learns from sequences without labels (``fitted``) and makes a forest of them
(``trees``). The steps of a sequence are the leaves; a node that joins two neighbours has no label.
"""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy import linalg
from sklearn.base import BaseEstimator

from .._params import count
from ..sequences import Sequences, pack
from ._forest import Forest

__all__ = [
    "BPE",
    "STRUCTURES",
    "Balanced",
    "Greedy",
    "Structure",
    "as_structure",
    "holds_symbols",
]


class Structure(BaseEstimator, ABC):
    """How sequences become trees; the base of all structures.

    ``takes`` says what sequences may hold: numbers, symbols, or either.
    """

    takes = ("numbers",)

    @abstractmethod
    def fitted(self, X):
        """Return what makes trees of sequences, learned from ``X``.

        Parameters
        ----------
        X : list
            Sequences.

        Returns
        -------
        object
            With a method ``trees(X)`` that returns a Forest.
        """


class Balanced(Structure):
    """Neighbours are joined pair by pair, then pairs, and so on: the depth is log₂ T.

    Parameters
    ----------
    leaf_steps : int, default=1
        Steps that a leaf holds. The label of a leaf is what the steps hold, one after the other;
        what is missing of the last leaf is zero. A tree over a long series has so many times fewer
        nodes. Sequences of symbols have one step a leaf.

    References
    ----------
    .. [1] Shi, Zhou, Chen & Li (2018), On tree-based neural sentence modeling, EMNLP.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.trees import TreeFeatures
    >>> X = np.random.RandomState(0).randn(3, 100, 2)  # three sequences of 100 steps
    >>> TreeFeatures(50, structure="balanced", random_state=0).fit_transform(X).shape
    (3, 150)
    """

    takes = ("numbers", "symbols")
    _parameter_constraints = {"leaf_steps": [count()]}

    def __init__(self, leaf_steps=1):
        self.leaf_steps = leaf_steps

    def fitted(self, X):
        """Nothing is learned."""
        self._validate_params()
        return self

    def trees(self, X):
        """Forest of balanced trees over sequences of numbers or of symbols."""
        labels, offsets = read_leaves(X)
        if self.leaf_steps > 1:
            labels, offsets = _wide_leaves(labels, offsets, int(self.leaf_steps))
        return plant(labels, offsets, [_balanced(n) for n in np.diff(offsets).tolist()])


def _wide_leaves(labels, offsets, n_steps):
    """Labels of leaves of several steps each, and where each sequence begins."""
    if isinstance(labels, list):
        raise ValueError(
            f"leaf_steps={n_steps} is for sequences of numbers: of symbols, a leaf holds one."
        )
    lengths = np.diff(offsets)
    counts = -(-lengths // n_steps)
    starts = np.concatenate([[0], np.cumsum(counts)])
    whole = np.zeros((starts[-1] * n_steps, labels.shape[1]), dtype=labels.dtype)
    places = np.repeat(starts[:-1] * n_steps - offsets[:-1], lengths) + np.arange(len(labels))
    whole[places] = labels
    return whole.reshape(starts[-1], -1), starts


@lru_cache(maxsize=1024)
def _halves(n):
    """Joins of a balanced tree: pairs of neighbours, where a new node takes the next number."""
    joins, level, new = [], list(range(n)), n
    while len(level) > 1:
        above = []
        for left, right in zip(level[::2], level[1::2], strict=False):
            joins.append((left, right))
            above.append(new)
            new += 1
        level = above + level[len(level) - len(level) % 2 :]
    return np.array(joins, dtype=np.int64).reshape(-1, 2)


@lru_cache(maxsize=256)
def _balanced(n):
    return _postorder(n, _halves(n))


class Greedy(Structure):
    """The pair of neighbours that is told by the fewest numbers is joined first.

    A pair [a; b] becomes the vector p of its first principal components, scaled to norm 1, and p
    stands for the pair from then on. In each round the pairs with a smaller reconstruction error
    than the pairs beside them are joined [1]_. Principal components replace a trained autoencoder:
    those of a round are learned from all pairs of the round in closed form.

    Parameters
    ----------
    n_components : int, default=16
        Length of p; at most the number of channels.

    References
    ----------
    .. [1] Socher, Pennington, Huang, Ng & Manning (2011), Semi-supervised recursive autoencoders
       for predicting sentiment distributions, EMNLP.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.trees import Greedy, TreeFeatures
    >>> X = np.random.RandomState(0).randn(10, 30, 4)  # ten sequences of 30 steps
    >>> features = TreeFeatures(20, structure=Greedy(n_components=2), random_state=0)
    >>> features.fit_transform(X).shape
    (10, 60)
    """

    _parameter_constraints = {"n_components": [count()]}

    def __init__(self, n_components=16):
        self.n_components = n_components

    def fitted(self, X):
        """Learn the principal components of each round."""
        self._validate_params()
        batch = _numbers(X)
        values = batch.values.astype(np.float64)
        mean = values.mean(axis=0)
        d = min(int(self.n_components), values.shape[1])
        basis = _principal(values - mean, d)
        codes = _unit((values - mean) @ basis)
        rounds = []
        _join_greedily(codes, batch.offsets, rounds, learn=True)
        return FittedGreedy(mean, basis, rounds)


@dataclass(frozen=True, eq=False)
class FittedGreedy:
    """Principal components of leaves, and of the pairs of each round."""

    mean: np.ndarray
    basis: np.ndarray
    rounds: list

    def trees(self, X):
        """Forest of greedy trees."""
        batch = _numbers(X)
        codes = _unit((batch.values - self.mean) @ self.basis)
        joins = _join_greedily(codes, batch.offsets, self.rounds)
        shapes = [_postorder(len(pairs) + 1, pairs) for pairs in joins]
        return plant(batch.values, batch.offsets, shapes)


def _numbers(X):
    return X if isinstance(X, Sequences) else pack(X)


def _principal(values, d):
    """First principal directions, of shape (n_columns, d), of values about zero."""
    _, vectors = linalg.eigh(values.T @ values)
    return vectors[:, ::-1][:, :d]


def _unit(codes):
    norms = np.linalg.norm(codes, axis=1, keepdims=True)
    return np.divide(codes, norms, out=np.zeros_like(codes), where=norms > 0)


def _join_greedily(codes, offsets, rounds, learn=False):
    """Joins of each sequence, with the principal components of ``rounds``, or learning them."""
    n = np.diff(offsets)
    joins = [[] for _ in n]
    sequence = np.repeat(np.arange(len(n)), n)
    names = np.arange(len(codes)) - np.repeat(offsets[:-1], n)  # of nodes, within a sequence
    new, r = n.copy(), 0
    while True:
        firsts = np.flatnonzero(sequence[1:] == sequence[:-1])  # of pairs of neighbours
        if not len(firsts):
            return [np.array(each, dtype=np.int64).reshape(-1, 2) for each in joins]
        pairs = np.hstack([codes[firsts], codes[firsts + 1]])
        if learn and r == len(rounds):
            rounds.append(_principal(pairs, codes.shape[1]))
        basis = rounds[min(r, len(rounds) - 1)]
        p = pairs @ basis
        error = np.einsum("ij,ij->i", pairs, pairs) - np.einsum("ij,ij->i", p, p)
        padded = np.full(len(codes) + 1, np.inf)
        padded[firsts + 1] = error
        best = (error < padded[firsts]) & (error <= padded[np.minimum(firsts + 2, len(codes))])
        least = np.full(len(n), np.inf)  # rounding must not leave a sequence without a join
        np.minimum.at(least, sequence[firsts], error)
        stuck = np.ones(len(n), dtype=bool)
        stuck[sequence[firsts[best]]] = False
        for s in np.unique(sequence[firsts][stuck[sequence[firsts]]]):
            best[np.flatnonzero(sequence[firsts] == s)[0]] = True
        left = firsts[best]
        left = left[np.concatenate([[True], np.diff(left) > 1])]  # no node twice
        chosen = np.isin(firsts, left)
        for i in left:
            joins[sequence[i]].append((names[i], names[i + 1]))
        counts = np.bincount(sequence[left], minlength=len(n))
        ranks = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
        codes = codes.copy()
        codes[left] = _unit(p[chosen])
        names = names.copy()
        names[left] = new[sequence[left]] + ranks
        new += counts
        keep = np.ones(len(codes), dtype=bool)
        keep[left + 1] = False
        codes, names, sequence = codes[keep], names[keep], sequence[keep]
        r += 1


class BPE(Structure):
    """Pairs of symbols that occur most often together are joined first (byte-pair encoding).

    Parameters
    ----------
    n_merges : int, default=500
        Pairs that are learned, the most frequent first. What then remains of a sequence is joined
        as in :class:`Balanced`.

    References
    ----------
    .. [1] Gage (1994), A new algorithm for data compression, C Users Journal 12(2).
    .. [2] Sennrich, Haddow & Birch (2016), Neural machine translation of rare words with subword
       units, ACL.

    Examples
    --------
    >>> from dlkit.trees import BPE, TreeFeatures
    >>> words = ["banana", "bandana", "ananas"]
    >>> features = TreeFeatures(20, structure=BPE(n_merges=50), random_state=0)
    >>> features.fit_transform(words).shape
    (3, 60)
    """

    takes = ("symbols",)
    _parameter_constraints = {"n_merges": [count()]}

    def __init__(self, n_merges=500):
        self.n_merges = n_merges

    def fitted(self, X):
        """Learn which pairs are joined."""
        self._validate_params()
        words = Counter(tuple(word) for word in _symbols(X))
        words = {word: n for word, n in words.items() if len(word) > 1}
        texts = [[list(word), n] for word, n in words.items()]
        ranks = {}
        for rank in range(int(self.n_merges)):
            counts = Counter()
            for text, n in texts:
                for pair in pairwise(text):
                    counts[pair] += n
            if not counts:
                break
            pair, often = max(counts.items(), key=lambda item: (item[1], item[0]))
            if often < 2:
                break
            ranks[pair] = rank
            for each in texts:
                each[0] = _merged(each[0], pair)
        return FittedBPE(ranks)


def _merged(text, pair):
    found, i = [], 0
    while i < len(text):
        if i + 1 < len(text) and (text[i], text[i + 1]) == pair:
            found.append(text[i] + text[i + 1])
            i += 2
        else:
            found.append(text[i])
            i += 1
    return found


@dataclass(frozen=True, eq=False)
class FittedBPE:
    """Pairs of symbols and the order in which they are joined."""

    ranks: dict

    def trees(self, X):
        """Forest of trees over sequences of symbols."""
        sequences = _symbols(X)
        offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])])
        labels = [symbol for sequence in sequences for symbol in sequence]
        shapes = [_postorder(len(s), self._joins(s)) for s in sequences]
        return plant(labels, offsets, shapes)

    def _joins(self, sequence):
        text, names, joins, new = list(sequence), list(range(len(sequence))), [], len(sequence)
        while len(text) > 1:
            found = [self.ranks.get(pair, np.inf) for pair in pairwise(text)]
            i = int(np.argmin(found))
            if not np.isfinite(found[i]):
                break
            joins.append((names[i], names[i + 1]))
            text[i : i + 2], names[i : i + 2] = [text[i] + text[i + 1]], [new]
            new += 1
        top = len(names)
        number = dict(enumerate(names)) | {top + i: new + i for i in range(top)}
        joins += [(number[a], number[b]) for a, b in _halves(top).tolist()]
        return np.array(joins, dtype=np.int64).reshape(-1, 2)


def _symbols(X):
    """Sequences of symbols, each a list of str."""
    if isinstance(X, str):
        raise ValueError("X is one string; a list of sequences of symbols is wanted: use [X].")
    sequences = []
    for i, sequence in enumerate(X):
        if not isinstance(sequence, (str, list, tuple, np.ndarray)):
            raise TypeError(f"X[{i}] must be a sequence of symbols, got {sequence!r:.60}.")
        sequences.append(list(sequence))
        if not len(sequence):
            raise ValueError(f"X[{i}] is an empty sequence; a tree has one node at least.")
        if not all(isinstance(symbol, str) for symbol in sequence):
            raise ValueError(f"X[{i}] holds what is no symbol: symbols are strings.")
    if not sequences:
        raise ValueError("X holds no sequence: at least one is wanted (n_samples=0).")
    return sequences


def holds_symbols(X):
    """Whether ``X`` holds sequences of symbols: strings, or lists of strings."""
    first = X[0] if isinstance(X, (list, tuple)) and len(X) else X
    if isinstance(first, str):
        return True
    return isinstance(first, (list, tuple)) and len(first) > 0 and isinstance(first[0], str)


def read_leaves(X):
    """Labels of all steps, numbers or symbols, and where each sequence begins."""
    if holds_symbols(X):
        sequences = _symbols(X)
        offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])])
        return [symbol for sequence in sequences for symbol in sequence], offsets
    batch = _numbers(X)
    return batch.values, batch.offsets


def plant(labels, offsets, shapes):
    """Forest over leaves, given the shape of each tree.

    Parameters
    ----------
    labels : ndarray or list
        Of the leaves of all sequences.
    offsets : ndarray
        Where each sequence begins.
    shapes : list of (ndarray, ndarray)
        What ``_postorder`` returns of each sequence.

    Returns
    -------
    Forest
    """
    leaves, parents = [], []
    for a, b, (order, above) in zip(offsets[:-1], offsets[1:], shapes, strict=True):
        n = b - a
        parents.append(above)
        leaves.append(np.where(order < n, order + a, -1))
    sizes = np.array([len(each) for each in parents])
    new = np.concatenate([[0], np.cumsum(sizes)])
    leaves, above = np.concatenate(leaves), np.concatenate(parents)
    above = np.where(above < 0, -1, above + np.repeat(new[:-1], sizes))
    if isinstance(labels, list):
        found = [None if i < 0 else labels[i] for i in leaves.tolist()]
    else:
        found = np.where(leaves[:, None] < 0, 0, labels[leaves]).astype(labels.dtype)
    return Forest(found, new, above)


def _postorder(n, pairs):
    """Nodes in postorder, so that a left child comes before the right one, and their parents.

    Parameters
    ----------
    n : int
        Leaves, numbered from 0.
    pairs : ndarray of shape (n - 1, 2)
        Left and right child of each inner node; the first has number n.

    Returns
    -------
    order : ndarray of shape (2 n - 1,)
        Number of the node that stands at each place.
    above : ndarray of shape (2 n - 1,)
        Place of its parent; -1 for the root.
    """
    total = 2 * n - 1
    ends, sizes = np.arange(total), np.ones(total, dtype=np.int64)
    above = np.full(total, -1)
    for i, (left, right) in enumerate(pairs.tolist(), start=n):
        ends[i], sizes[i] = ends[right], sizes[left] + sizes[right]
        above[left] = above[right] = i
    order = np.lexsort((sizes, ends))
    number = np.empty(total, dtype=np.int64)
    number[order] = np.arange(total)
    above = above[order]
    return order, np.where(above < 0, -1, number[above])


STRUCTURES = {"balanced": Balanced, "greedy": Greedy, "bpe": BPE}


def as_structure(structure):
    """Structure by name, too."""
    return STRUCTURES[structure]() if isinstance(structure, str) else structure
