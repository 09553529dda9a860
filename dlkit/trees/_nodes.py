"""What a node makes of its children: the kinds of node, each one class, entered in ``NODES``.

A kind says how the states of the children become the state that the node's step begins in
(``gather``), and what else enters its units.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from .._params import count, non_negative

__all__ = ["NODES", "Additive", "Bilinear", "Node", "Positional", "as_node"]

MOST_LINKS = 10  # into each product, of each of the two factors


class Node(BaseEstimator, ABC):
    """How a node hears its children; the base of all kinds."""

    @abstractmethod
    def draw(self, sizes, rng):
        """Draw what is random of a kind.

        Parameters
        ----------
        sizes : list of int
            Units of each layer.
        rng : RandomState
            Draws.

        Returns
        -------
        object
            Something with ``gather(forest, dtype)``.
        """


class Additive(Node):
    """All children are alike: a node hears the sum of their states.

    With c running over the children of a node, u its label and f the activation::

        s = Σ_c x(c),    x = (1 − a) s + a f(W s + W_in u + b)

    References
    ----------
    Gallicchio & Micheli (2013), Tree echo state networks, Neurocomputing 101.

    Examples
    --------
    >>> from dlkit.trees import Tree, TreeFeatures
    >>> cherry = Tree(["a", "b", "c"], [-1, 0, 0])
    >>> turned = Tree(["a", "c", "b"], [-1, 0, 0])
    >>> features = TreeFeatures(20, node="additive", random_state=0).fit_transform([cherry, turned])
    >>> bool((features[0].round(9) == features[1].round(9)).all())
    True
    """

    def draw(self, sizes, rng):
        """Nothing is random."""
        return DrawnNode(None)


class Positional(Node):
    """Children are told apart by their place: each place has recurrent weights of its own.

    The state of the child at place k goes through a random permutation with random signs P_k first,
    so that its weights W P_k are independent of those at other places, and of the same spectral
    norm. P_0 is the identity.

        s = Σ_k P_k x(c_k),    x = (1 − a) s + a f(W s + W_in u + b)

    Parameters
    ----------
    n_places : int, default=4
        Places that are told apart; all later children are alike.

    Examples
    --------
    >>> from dlkit.trees import Tree, TreeFeatures
    >>> pair = [Tree(["a", "b", "c"], [-1, 0, 0]), Tree(["a", "c", "b"], [-1, 0, 0])]
    >>> features = TreeFeatures(20, node="positional", random_state=0).fit_transform(pair)
    >>> bool((features[0] == features[1]).all())
    False
    """

    _parameter_constraints = {"n_places": [count()]}

    def __init__(self, n_places=4):
        self.n_places = n_places

    def draw(self, sizes, rng):
        """Draw the permutations and the signs."""
        self._validate_params()
        return DrawnNode(_draw_places(self.n_places, sizes, rng))


class Bilinear(Node):
    """Children are multiplied, too: a node hears products of the first and the later ones.

    With U and Z sparse random matrices whose rows have norm 1, and s as of :class:`Positional`::

        x = (1 − a) s + a f(W s + W_in u + b + γ (U x(c_0)) ∘ (Z Σ_k≥1 P_k x(c_k)))

    Products of two random projections stand for the tensor of a recursive tensor network [1]_.

    Parameters
    ----------
    n_places : int, default=4
        Places that are told apart, as of :class:`Positional`.
    scaling : float, default=1.0
        γ.

    References
    ----------
    .. [1] Socher, Perelygin, Wu, Chuang, Manning, Ng & Potts (2013), Recursive deep models for
       semantic compositionality over a sentiment treebank, EMNLP.
    """

    _parameter_constraints = {"n_places": [count()], "scaling": [non_negative()]}

    def __init__(self, n_places=4, *, scaling=1.0):
        self.n_places = n_places
        self.scaling = scaling

    def draw(self, sizes, rng):
        """Draw the permutations, the signs and both factors."""
        self._validate_params()
        places = _draw_places(self.n_places, sizes, rng)
        first = _draw_rows(sizes[0], rng)
        return DrawnNode(places, (first, _draw_rows(sizes[0], rng)), float(self.scaling))


def _draw_places(n_places, sizes, rng):
    """A permutation and signs of all states for each place but the first."""
    found, starts = [], np.cumsum([0, *sizes])
    for _ in range(1, n_places):
        order = np.concatenate(
            [a + rng.permutation(n) for a, n in zip(starts, sizes, strict=False)]
        )
        found.append((order, rng.choice([-1.0, 1.0], size=starts[-1])))
    return found


def _draw_rows(n, rng):
    """Square sparse matrix whose rows have norm 1."""
    each = min(MOST_LINKS, n)
    indices = np.concatenate([rng.choice(n, each, replace=False) for _ in range(n)])
    data = rng.standard_normal((n, each))
    data /= np.linalg.norm(data, axis=1, keepdims=True)
    return csr_array((data.ravel(), indices, each * np.arange(n + 1)), shape=(n, n))


@dataclass(frozen=True, eq=False)
class DrawnNode:
    """A kind of node, drawn.

    Attributes
    ----------
    places : list of (ndarray, ndarray) or None
        Permutation and signs for the second place, the third, and so on; None if children are
        alike.
    factors : tuple of csr_array or None
        U and Z, where children are multiplied.
    scaling : float
        Factor on the products.
    """

    places: list | None
    factors: tuple | None = None
    scaling: float = 1.0

    def gather(self, forest, dtype):
        """What hears the children of a level: takes nodes and all states.

        Returns
        -------
        callable
            ``hear(level, states)`` gives the states in which the steps of the nodes of a level
            begin, of shape (n, n_state), and what enters their units besides, of shape
            (n, n_units) or None.
        """
        if self.places is None:
            alike = forest.children(dtype)
            return lambda level, states: (alike[level] @ states, None)
        n = len(self.places)
        places = [forest.children(dtype, k, last=k == n) for k in range(n + 1)]
        signs = [(order, sign.astype(dtype)) for order, sign in self.places]
        if self.factors is not None:
            U, Z = (factor.astype(dtype) for factor in self.factors)

        def hear(level, states):
            start, *later = (place[level] for place in places)
            start, entering = start @ states, None
            rest = np.zeros_like(start)
            for one, (order, sign) in zip(later, signs, strict=True):
                if one.nnz:
                    rest += (one @ states)[:, order] * sign
            if self.factors is not None:
                units = U.shape[0]
                entering = (U @ start[:, :units].T).T * (Z @ rest[:, :units].T).T
                entering *= dtype.type(self.scaling)
            return start + rest, entering

        return hear


NODES = {"additive": Additive, "positional": Positional, "bilinear": Bilinear}


def as_node(node):
    """Kind of node by name, too."""
    return NODES[node]() if isinstance(node, str) else node
