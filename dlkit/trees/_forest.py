"""What a batch of trees is: checked once, packed once, with the order in which nodes are run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np
from scipy.sparse import csr_array

from ._packed import Packed, is_list, join_labels, refuse_no_batch

__all__ = ["Forest", "Tree", "check_tree", "is_labelled", "pack_trees"]


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree: a label for each node, and the node above it.

    Parameters
    ----------
    labels : array-like of shape (n_nodes,) or (n_nodes, n_channels)
        Numbers or vectors, or symbols: strings, with None for a node that has no label.
    parents : array-like of shape (n_nodes,)
        Number of the parent of each node; -1 for the root. The children of a node are ordered as
        their numbers are.

    Notes
    -----
    Estimators check trees as they read them. A pair ``(labels, parents)`` will do in the place of a
    ``Tree``.

    References
    ----------
    .. [1] Frasconi, Gori & Sperduti (1998), A general framework for adaptive processing of data
       structures, IEEE Transactions on Neural Networks 9(5).

    Examples
    --------
    The root, node 0, has two children:

    >>> from dlkit.trees import Tree
    >>> tree = Tree(["S", "NP", "VP"], [-1, 0, 0])
    >>> len(tree), tree.depth
    (3, 1)
    """

    labels: Sequence
    parents: Sequence

    def __len__(self):
        return len(self.parents)

    @property
    def depth(self):
        """Links from the root to the node farthest from it."""
        return len(pack_trees([self]).levels) - 1


@dataclass(frozen=True, eq=False)
class Forest(Packed):
    """Trees, packed.

    Attributes
    ----------
    labels : ndarray of shape (n_nodes, n_channels) or list
        Numbers; or a list of symbols, one a node.
    offsets : ndarray of shape (n_trees + 1,)
        Where each tree begins.
    parents : ndarray of shape (n_nodes,)
        Number of the parent of each node among all nodes; -1 for roots.
    """

    parents: np.ndarray

    @property
    def roots(self):
        """Numbers of the roots, one a tree."""
        return np.flatnonzero(self.parents < 0)

    def part(self, first, last):
        """Trees ``first`` to ``last - 1`` as a forest of their own."""
        start, stop = self.offsets[first], self.offsets[last]
        parents = self.parents[start:stop]
        parents = np.where(parents < 0, -1, parents - start)
        offsets = self.offsets[first : last + 1] - start
        return Forest(self.labels[start:stop], offsets, parents)

    @cached_property
    def siblings(self):
        """Nodes sorted by parent, the place of each among its siblings, and their numbers.

        Returns
        -------
        order : ndarray
            All nodes but the roots, those of one parent side by side.
        starts : ndarray of shape (n_nodes + 1,)
            Children of node ``i`` are ``order[starts[i]:starts[i + 1]]``.
        places : ndarray of shape (n_nodes,)
            0 for the first child of a node, and for roots.
        """
        order = np.argsort(self.parents, kind="stable")[len(self) :]
        counts = np.bincount(self.parents[order], minlength=self.n_nodes)
        starts = np.concatenate([[0], np.cumsum(counts)])
        places = np.zeros(self.n_nodes, dtype=np.int64)
        places[order] = np.arange(len(order)) - starts[self.parents[order]]
        return order, starts, places

    @property
    def arity(self):
        """The largest number of children of a node."""
        return int(np.diff(self.siblings[1]).max(initial=0))

    @cached_property
    def levels(self):
        """Nodes by height: the leaves, then those above leaves only, and so on."""
        pending = np.diff(self.siblings[1])
        found, level = [], np.flatnonzero(pending == 0)
        while len(level):
            found.append(level)
            above = self.parents[level]
            above, counts = np.unique(above[above >= 0], return_counts=True)
            pending[above] -= counts
            level = above[pending[above] == 0]
        return found

    @cached_property
    def depths(self):
        """Nodes by depth: the roots, then their children, and so on."""
        order, starts, _ = self.siblings
        found, level = [], self.roots
        while len(level):
            found.append(level)
            level = _ranges(order, starts[level], starts[level + 1])
        return found

    def summed(self, dtype, place=None, last=False):
        """What sums states over the children of nodes: takes nodes and all states.

        Parameters
        ----------
        dtype : dtype
            Of the states.
        place, last : int and bool
            Which children count, as of :meth:`children`.

        Returns
        -------
        callable
            Gives the sums, an array of its own, or None where none of the nodes has such a child.
        """
        order, _, places = self.siblings
        if place is None or (last and self.arity > place + 1):
            matrix = self.children(dtype, place, last)

            def over_several(level, states):
                mine = matrix[level]
                return mine @ states if mine.nnz else None

            return over_several
        child = np.full(self.n_nodes, -1)  # at most one: looking up is faster than multiplying
        mine = order[places[order] == place]
        child[self.parents[mine]] = mine

        def over_one(level, states):
            mine = child[level]
            none = mine < 0
            if none.all():
                return None
            found = states.take(mine, axis=0)
            if none.any():
                found[none] = 0
            return found

        return over_one

    def children(self, dtype, place=None, last=False):
        """Matrix of shape (n_nodes, n_nodes) that sums over the children of each node.

        Parameters
        ----------
        dtype : dtype
            Of the ones in it.
        place : int, default=None
            Only children at this place among their siblings count; all if None.
        last : bool, default=False
            Whether children at all later places count as well.

        Returns
        -------
        csr_array
        """
        order, starts, places = self.siblings
        if place is None:
            mine, starts = order, starts
        else:
            own = places[order] >= place if last else places[order] == place
            mine = order[own]
            starts = np.concatenate([[0], np.cumsum(own)])[starts]
        ones = np.ones(len(mine), dtype=dtype)
        return csr_array((ones, mine, starts), shape=(self.n_nodes, self.n_nodes))


def _ranges(values, starts, stops):
    """``values[a:b]`` for each a and b, one after the other."""
    counts = stops - starts
    ends = np.cumsum(counts)
    return values[np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)]


def pack_trees(X, name="X"):
    """Check trees and pack them.

    Parameters
    ----------
    X : list of Tree or of (labels, parents)
        Trees.
    name : str, default="X"
        What errors call it.

    Returns
    -------
    Forest

    Raises
    ------
    ValueError
        If ``X`` is one tree, or is empty, or a tree is no tree: no root, two roots, a parent that
        does not exist, a cycle, labels and parents of different numbers.
    """
    if isinstance(X, Forest):
        return X
    if isinstance(X, np.ndarray) and X.dtype != object:
        raise ValueError(f"{name} is an array of numbers; a list of trees is wanted. See Tree.")
    refuse_no_batch(X, name, isinstance(X, Tree) or _is_pair(X), "tree")
    pairs = [_as_pair(tree, f"{name}[{i}]") for i, tree in enumerate(X)]
    sizes = [len(parents) for _, parents in pairs]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    labels = join_labels([labels for labels, _ in pairs], name, "tree")
    parents = np.concatenate([parents for _, parents in pairs])
    shift = np.repeat(offsets[:-1], sizes)
    forest = Forest(labels, offsets, np.where(parents < 0, -1, parents + shift))
    _check_shape(forest, parents, lambda i: f"{name}[{i}]")
    return forest


def check_tree(tree, name="tree"):
    """Check one tree.

    Parameters
    ----------
    tree : Tree or (labels, parents)
        The tree.
    name : str, default="tree"
        What errors call it.

    Returns
    -------
    labels : sequence
        As they were given.
    parents : ndarray of shape (n_nodes,), int64
        Number of the parent of each node; -1 for the root.

    Raises
    ------
    ValueError
        As of :func:`pack_trees`.
    """
    labels, parents = _as_pair(tree, name)
    _check_shape(Forest(labels, np.array([0, len(parents)]), parents), parents, lambda _: name)
    return labels, parents


def _is_pair(X):
    """Whether a tuple is the labels and the parents of one tree."""
    if not isinstance(X, tuple) or len(X) != 2 or isinstance(X[0], Tree) or _is_pair(X[0]):
        return False
    parents = X[1]
    flat = is_list(parents) and len(parents) == len(np.atleast_1d(X[0]))
    return flat and all(isinstance(p, Integral) for p in parents)


def is_labelled(node):
    """Whether a list is a node that knows its label, as trees of NLTK are."""
    return isinstance(node, list) and callable(getattr(node, "label", None))


def _as_pair(tree, name):
    if isinstance(tree, str):
        raise ValueError(
            f"{name} is a string: read it by from_brackets, from_conllu, from_smiles_acyclic or "
            "from_iupac of dlkit.trees."
        )
    if is_labelled(tree):
        raise ValueError(f"{name} is a tree of NLTK: from_nested of dlkit.trees reads it.")
    if isinstance(tree, Tree):
        labels, parents = tree.labels, tree.parents
    elif isinstance(tree, (tuple, list)) and len(tree) == 2:
        labels, parents = tree
    else:
        raise TypeError(
            f"{name} must be a Tree or a pair (labels, parents), got {type(tree).__name__}. "
            "from_nested of dlkit.trees reads nested tuples."
        )
    try:
        numbers = np.asarray(parents)
    except ValueError:  # lists in it, of several lengths
        numbers = np.empty(1, dtype=object)
    whole = numbers.ndim == 1 and (numbers.dtype.kind in "iu" or not numbers.size)
    if not whole:
        raise ValueError(
            f"{name} has parents {parents!r:.80}; they must be a list of whole numbers, the number "
            "of the parent of each node, and -1 for the root. from_nested of dlkit.trees reads "
            "nested tuples."
        )
    if not len(numbers):
        raise ValueError(f"{name} is an empty tree; a tree has one node at least.")
    n_labels = len(labels) if hasattr(labels, "__len__") else 0
    if n_labels != len(numbers):
        raise ValueError(
            f"{name} has {n_labels} labels and {len(numbers)} parents; each node has one of both."
        )
    return labels, numbers.astype(np.int64)


def _check_shape(forest, parents, called):
    """Refuse what is no tree; ``called`` tells a tree's name by its number."""

    def refuse(tree, what):
        raise ValueError(f"{called(tree)} is no tree: {what}.")

    tree_of = forest.samples
    size = forest.sizes[tree_of]
    wrong = np.flatnonzero((parents >= size) | (parents < -1))
    if len(wrong):
        i = wrong[0]
        node = i - forest.offsets[tree_of[i]]
        refuse(tree_of[i], f"node {node} has parent {parents[i]}, of {size[i]} nodes")
    roots = np.bincount(tree_of[forest.parents < 0], minlength=len(forest))
    if (roots > 1).any():
        tree = int(np.argmax(roots > 1))
        refuse(tree, f"it has {roots[tree]} roots (nodes of parent -1); one is allowed")
    if (roots == 0).any():
        refuse(int(np.argmax(roots == 0)), "it has no root, a node of parent -1, but a cycle")
    seen = np.zeros(forest.n_nodes, dtype=bool)
    for level in forest.depths:
        seen[level] = True
    if not seen.all():
        i = int(np.argmin(seen))
        node = i - forest.offsets[tree_of[i]]
        refuse(tree_of[i], f"from node {node} upward the parents run in a cycle")
