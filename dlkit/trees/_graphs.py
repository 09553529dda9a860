"""What a batch of graphs is: checked once, packed once."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_diag, csr_array, issparse

from .._params import validate_params
from .._readings import warn_reading
from .._validation import naming, refuse_masked
from ._packed import Packed, join_labels, refuse_no_batch

__all__ = ["Graph", "Graphs", "from_networkx", "pack_graphs", "warn_of_halves"]

FEW_LINKS = 10  # fewer may lie on one side by chance


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph: which nodes are linked, and a label for each node.

    Parameters
    ----------
    adjacency : array-like or sparse matrix of shape (n_nodes, n_nodes), or list of these
        Entry (i, j) is the weight with which node i hears node j; a symmetric matrix has links
        without direction. A list holds a matrix for each kind of link, as many in all graphs.
    labels : array-like of shape (n_nodes,) or (n_nodes, n_channels), default=None
        Numbers or vectors, or symbols: strings, with None for no label. All nodes are alike if
        None.

    Notes
    -----
    A pair ``(adjacency, labels)`` will do in the place of a ``Graph``, and graphs of networkx are
    read by :func:`from_networkx`. A node without links hears nothing: its state tells of its label
    alone.

    Links without a direction stand twice in an adjacency, on both sides of the diagonal. Where all
    links of a batch lie on one side, ``fit`` warns that they may have been given once.

    References
    ----------
    .. [1] Gallicchio & Micheli (2010), Graph echo state networks, IJCNN.

    Examples
    --------
    >>> from dlkit.trees import Graph, GraphFeatures
    >>> triangle = Graph([[0, 1, 1], [1, 0, 1], [1, 1, 0]], ["C", "C", "O"])
    >>> path = Graph([[0, 1, 0], [1, 0, 1], [0, 1, 0]], ["C", "O", "C"])
    >>> GraphFeatures(50, random_state=0).fit_transform([triangle, path]).shape
    (2, 100)
    """

    adjacency: object
    labels: object = None


@dataclass(frozen=True, eq=False)
class Graphs(Packed):
    """Graphs, packed.

    Attributes
    ----------
    labels : ndarray of shape (n_nodes, n_channels) or list
        Numbers; or a list of symbols, one a node.
    offsets : ndarray of shape (n_graphs + 1,)
        Where each graph begins.
    kinds : list of csr_array of shape (n_nodes, n_nodes)
        Links of each kind.
    """

    kinds: list

    def part(self, first, last):
        """Graphs ``first`` to ``last - 1`` as a batch of their own."""
        start, stop = self.offsets[first], self.offsets[last]
        kinds = [links[start:stop, start:stop] for links in self.kinds]
        return Graphs(self.labels[start:stop], self.offsets[first : last + 1] - start, kinds)


def pack_graphs(X, *, directed=True, name="X"):
    """Check graphs and pack them.

    Parameters
    ----------
    X : list of Graph or of (adjacency, labels)
        Graphs; those of networkx are read with their attribute ``label``.
    directed : bool, default=True
        Whether links may have a direction; an adjacency that is not symmetric is refused otherwise.
    name : str, default="X"
        What errors call it.

    Returns
    -------
    Graphs

    Raises
    ------
    ValueError
        If ``X`` is one graph, or is empty, an adjacency is not square, not finite or, where it must
        be, not symmetric, or labels are not as many as nodes.
    """
    one = isinstance(X, Graph) or issparse(X) or (isinstance(X, tuple) and _is_pair(X))
    refuse_no_batch(X, name, one or _is_networkx(X), "graph")
    found = [_read(graph, f"{name}[{i}]", directed) for i, graph in enumerate(X)]
    n_kinds = len(found[0][0])
    for i, (kinds, _) in enumerate(found):
        if len(kinds) != n_kinds:
            raise ValueError(
                f"{name}[{i}] has {len(kinds)} kinds of links, {name}[0] has {n_kinds}: give each "
                "graph a matrix for each kind, of zeros where it has none."
            )
    offsets = np.concatenate([[0], np.cumsum([kinds[0].shape[0] for kinds, _ in found])])
    joined = [
        csr_array(block_diag([kinds[k] for kinds, _ in found], format="csr"))
        for k in range(n_kinds)
    ]
    labels = join_labels([labels for _, labels in found], name, "graph")
    return Graphs(labels, offsets, joined)


def warn_of_halves(estimator, X, graphs):
    """Warn where links look as if each, without a direction, were given once.

    That is so where all of them lie on one side of the diagonal. Graphs of networkx say themselves
    whether they have directions.
    """
    if any(_is_networkx(graph) for graph in X):
        return
    above = below = 0
    for links in graphs.kinds:
        hears, heard = links.nonzero()
        above += np.count_nonzero(hears < heard)
        below += np.count_nonzero(hears > heard)
    if min(above, below) == 0 and max(above, below) >= FEW_LINKS:
        warn_reading(
            f"{type(estimator).__name__} reads links with a direction: node i hears node j where "
            "entry (i, j) of an adjacency is not zero, and j does not hear i",
            likely=f"has links without a direction, each once, {'above' if above else 'below'} the "
            "diagonal",
            mend="hand over A + A.T in the place of each adjacency A",
        )


def _is_pair(X):
    return len(X) == 2 and (issparse(X[0]) or np.ndim(X[0]) == 2)


def _is_networkx(graph):
    return hasattr(graph, "nodes") and hasattr(graph, "edges")


def _read(graph, name, directed):
    """Adjacency of each kind as CSR, and labels, of one graph."""
    if _is_networkx(graph):
        graph = from_networkx(graph)
    if isinstance(graph, Graph):
        adjacency, labels = graph.adjacency, graph.labels
    elif isinstance(graph, (tuple, list)) and len(graph) == 2:
        adjacency, labels = graph
    else:
        raise TypeError(
            f"{name} must be a Graph or a pair (adjacency, labels), got {type(graph).__name__}."
        )
    several = isinstance(adjacency, (list, tuple)) and len(adjacency) and (
        issparse(adjacency[0]) or np.ndim(adjacency[0]) == 2
    )  # fmt: skip
    kinds = [_links(one, name, directed) for one in (adjacency if several else [adjacency])]
    n = kinds[0].shape[0]
    if any(one.shape[0] != n for one in kinds):
        raise ValueError(f"{name} has matrices of different sizes for its kinds of links.")
    if labels is None:
        return kinds, np.ones((n, 1))
    if len(labels) != n:
        raise ValueError(f"{name} has {len(labels)} labels and {n} nodes; each node has one.")
    return kinds, labels


def _links(adjacency, name, directed):
    what = f"adjacency of {name}"
    refuse_masked(adjacency, what)
    with naming(what):
        if np.iscomplexobj(adjacency):
            raise ValueError(f"{what} must hold real numbers, got complex ones.")
        links = csr_array(adjacency if issparse(adjacency) else np.asarray(adjacency, dtype=float))
        links = links.astype(np.float64)
    if len(links.shape) != 2 or links.shape[0] != links.shape[1] or not links.shape[0]:
        raise ValueError(
            f"adjacency of {name} has shape {links.shape}: one row and one column for each node "
            "are wanted."
        )
    if not np.isfinite(links.data).all():
        raise ValueError(f"adjacency of {name} holds NaN or infinity.")
    if not directed and (links != links.T).nnz:
        raise ValueError(
            f"adjacency of {name} is not symmetric, but directed=False: use directed=True, or "
            "A + A.T."
        )
    return links


@validate_params(
    {"graph": "no_validation", "label": [Hashable], "weight": [Hashable]},
    prefer_skip_nested_validation=True,
)
def from_networkx(graph, *, label="label", weight="weight"):
    """Read a graph of networkx.

    Parameters
    ----------
    graph : networkx graph
        With or without directions. A node hears the nodes that its links come from.
    label : str, default="label"
        Attribute of nodes that is their label; all nodes are alike where none has it.
    weight : str, default="weight"
        Attribute of links that is their weight; 1 where a link has none.

    Returns
    -------
    graph : Graph
        Nodes in the order of ``graph.nodes``.

    Raises
    ------
    TypeError
        If ``graph`` is no graph of networkx.
    ValueError
        If a weight is no number, or only some nodes have numbers for labels.

    References
    ----------
    .. [1] Hagberg, Schult & Swart (2008), Exploring network structure, dynamics, and function using
       NetworkX, SciPy.

    Examples
    --------
    >>> import networkx as nx
    >>> from dlkit.trees import from_networkx
    >>> water = nx.Graph([("H1", "O"), ("O", "H2")])
    >>> nx.set_node_attributes(water, {"H1": "H", "O": "O", "H2": "H"}, name="label")
    >>> graph = from_networkx(water)
    >>> graph.labels, graph.adjacency.toarray().tolist()
    (['H', 'O', 'H'], [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    if not _is_networkx(graph):
        raise TypeError(f"graph must be a graph of networkx, got {type(graph).__name__}.")
    nodes = list(graph.nodes)
    number = {node: i for i, node in enumerate(nodes)}
    links = []
    for a, b, given in graph.edges(data=True):
        try:
            links.append((number[a], number[b], float(given.get(weight, 1.0))))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{weight!r} of the link from {a!r} to {b!r} is {given[weight]!r}, no number."
            ) from error
    if not graph.is_directed():
        links += [(b, a, w) for a, b, w in links if a != b]
    heard, hears, weights = zip(*links, strict=True) if links else ((), (), ())
    shape = len(nodes), len(nodes)
    adjacency = csr_array((np.array(weights, dtype=float), (hears, heard)), shape=shape)
    labels = [graph.nodes[node].get(label) for node in nodes]
    there = [one for one in labels if one is not None]
    if not there:
        return Graph(adjacency)
    if all(isinstance(one, str) for one in there):
        return Graph(adjacency, labels)
    if len(there) < len(labels):
        without = next(node for node, one in zip(nodes, labels, strict=True) if one is None)
        raise ValueError(f"Node {without!r} has no {label!r}, while others have numbers there.")
    return Graph(adjacency, np.array(labels))
