"""What a node makes of its children: the kinds of node, each one class, entered in ``NODES``.

A kind says how the states of the children become the state that the node's step begins in
(``gather``), and what else enters its units.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from .._params import StrOptions, count, non_negative

__all__ = ["NODES", "Additive", "Bilinear", "Node", "Positional", "as_node"]

MOST_LINKS = 10  # into each product, of each of the two factors


class Node(BaseEstimator, ABC):
    """How a node hears its children; the base of all kinds."""

    @abstractmethod
    def draw(self, sizes, rng, n_channels):
        """Draw what is random of a kind.

        Parameters
        ----------
        sizes : list of int
            Units of each layer.
        rng : RandomState
            Draws.
        n_channels : int
            Numbers in a label, or symbols.

        Returns
        -------
        object
            Something with ``gather(forest, dtype, gate)``.
        """


class Additive(Node):
    """All children are alike: a node hears the sum of their states.

    With c running over the children of a node, u its label and f the activation::

        s = Σ_c x(c),    x = (1 − a) s + a f(W s + W_in u + b)

    References
    ----------
    .. [1] Gallicchio & Micheli (2013), Tree echo state networks, Neurocomputing 101.

    Examples
    --------
    >>> from dlkit.trees import Tree, TreeFeatures
    >>> cherry = Tree(["a", "b", "c"], [-1, 0, 0])
    >>> turned = Tree(["a", "c", "b"], [-1, 0, 0])
    >>> features = TreeFeatures(20, node="additive", random_state=0).fit_transform([cherry, turned])
    >>> bool((features[0].round(9) == features[1].round(9)).all())
    True
    """

    def draw(self, sizes, rng, n_channels):
        """Nothing is random."""
        return DrawnNode([])


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

    References
    ----------
    .. [1] Frasconi, Gori & Sperduti (1998), A general framework for adaptive processing of data
       structures, IEEE Transactions on Neural Networks 9(5).

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

    def draw(self, sizes, rng, n_channels):
        """Draw the permutations and the signs."""
        self._validate_params()
        return DrawnNode(_draw_places(self.n_places, sizes, rng))


class Bilinear(Node):
    """What a node hears is multiplied, too: by the node's label, and first by later children.

    With u the label, c_k the child at place k, s as of :class:`Positional`, and sparse random
    matrices U, U' and Z whose rows have norm 1::

        x = (1 − a) s + a f(W s + W_in u + b + γ p)
        p = (U s) ∘ (V u) + (U' x(c_0)) ∘ (Z Σ_k≥1 P_k x(c_k))

    So a label says what becomes of the children, as an operation does of its arguments; and of two
    children one says what becomes of the other. Products of two random projections stand for the
    tensor of a recursive tensor network [1]_.

    Parameters
    ----------
    n_places : int, default=4
        Places that are told apart, as of :class:`Positional`; with 1, all children are alike.
    products : {"label", "children", "both"}, default="both"
        Which of the two products there are. Where inner nodes have no labels, as over sequences,
        those with labels are zero.
    scaling : float, default=0.5
        γ.

    References
    ----------
    .. [1] Socher, Perelygin, Wu, Chuang, Manning, Ng & Potts (2013), Recursive deep models for
       semantic compositionality over a sentiment treebank, EMNLP.

    Examples
    --------
    >>> from dlkit.datasets import make_listops
    >>> from dlkit.trees import Bilinear, TreeFeatures
    >>> X, y = make_listops(5, random_state=0)
    >>> node = Bilinear(1, products="label")  # operations take their arguments in any order
    >>> TreeFeatures(50, node=node, pooling="root", random_state=0).fit_transform(X).shape
    (5, 50)
    """

    _parameter_constraints = {
        "n_places": [count()],
        "products": [StrOptions({"label", "children", "both"})],
        "scaling": [non_negative()],
    }

    def __init__(self, n_places=4, *, products="both", scaling=0.5):
        self.n_places = n_places
        self.products = products
        self.scaling = scaling

    def draw(self, sizes, rng, n_channels):
        """Draw the permutations, the signs and the factors of products."""
        self._validate_params()
        n = sizes[0]
        places = _draw_places(self.n_places, sizes, rng)
        children = (_draw_rows(n, rng), _draw_rows(n, rng)) if self.products != "label" else None
        labels = (_draw_rows(n, rng), rng.standard_normal((n, n_channels)))
        if self.products == "children":
            labels = None
        return DrawnNode(places, children, labels, float(self.scaling))


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
    places : list of (ndarray, ndarray)
        Permutation and signs for the second place, the third, and so on; empty if children are
        alike.
    of_children : tuple of csr_array or None
        U' and Z, where children are multiplied.
    of_labels : tuple of (csr_array, ndarray) or None
        U and V, where what is heard is multiplied by what comes of the label.
    scaling : float
        Factor on the products.
    """

    places: list
    of_children: tuple | None = None
    of_labels: tuple | None = None
    scaling: float = 1.0

    @property
    def multiplies(self):
        """Whether there are products."""
        return self.of_children is not None or self.of_labels is not None

    def gather(self, forest, dtype, gate):
        """What hears the children of a level: takes nodes and all states.

        Parameters
        ----------
        forest : Forest
            Nodes.
        dtype : dtype
            Of the states.
        gate : callable or None
            Takes nodes and gives V u of their labels; needed where labels are factors.

        Returns
        -------
        callable
            ``hear(level, states)`` gives the states in which the steps of the nodes of a level
            begin, of shape (n, n_state), and what enters their units besides, of shape
            (n, n_units) or None.
        """
        turns = [(order, sign.astype(dtype)) for order, sign in self.places]
        if self.of_children is not None and not turns:
            turns = [(slice(None), dtype.type(1))]
        n = len(turns)
        places = [forest.summed(dtype, k if n else None, last=k == n) for k in range(n + 1)]
        if self.of_children is not None:
            first, later = (factor.astype(dtype) for factor in self.of_children)
        if self.of_labels is not None:
            heard = self.of_labels[0].astype(dtype)

        def hear(level, states):
            start = places[0](level, states)
            if start is None:
                start = np.zeros((len(level), states.shape[1]), dtype=dtype)
            rest = np.zeros_like(start) if n else None
            for place, (order, sign) in zip(places[1:], turns, strict=True):
                one = place(level, states)
                if one is not None:
                    turned = one if isinstance(order, slice) else one.take(order, axis=1)
                    turned *= sign
                    rest += turned
            both, entering = start if rest is None else start + rest, None
            if self.of_children is not None:
                units = first.shape[0]
                entering = (first @ start[:, :units].T).T * (later @ rest[:, :units].T).T
            if self.of_labels is not None:
                gated = (heard @ both[:, : heard.shape[0]].T).T * gate(level)
                entering = gated if entering is None else entering + gated
            return both, None if entering is None else entering * dtype.type(self.scaling)

        return hear


NODES = {"additive": Additive, "positional": Positional, "bilinear": Bilinear}


def as_node(node):
    """Kind of node by name, too."""
    return NODES[node]() if isinstance(node, str) else node
