"""Graphs, checked and packed."""

import warnings

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

from dlkit.exceptions import ReadingWarning
from dlkit.trees import Graph, GraphFeatures, from_networkx
from dlkit.trees._graphs import pack_graphs

PATH = np.array([[0, 1, 0], [1, 0, 2], [0, 2, 0.0]])


def test_forms_of_a_graph():
    labels = np.arange(3.0)
    forms = [Graph(PATH, labels), (PATH, labels), (csr_array(PATH), labels),
             Graph(coo_array(PATH), labels.tolist())]  # fmt: skip
    packed = [pack_graphs([form]) for form in forms]
    for one in packed:
        np.testing.assert_array_equal(one.kinds[0].toarray(), PATH)
        np.testing.assert_array_equal(one.labels[:, 0], labels)


def test_parts_hold_all_graphs_in_order():
    graphs = [Graph(np.ones((n, n)), np.full(n, float(n))) for n in (3, 2, 4)]
    parts = list(pack_graphs(graphs).parts(5))
    assert [len(part) for part in parts] == [2, 1]
    np.testing.assert_array_equal(parts[1].kinds[0].toarray(), np.ones((4, 4)))
    assert parts[1].labels.ravel().tolist() == [4.0] * 4


class FakeGraph:
    """What networkx's graphs have, as far as they are read."""

    class Nodes(dict):
        pass

    class Edges(list):
        def __call__(self, data=False):
            return self

    def __init__(self, directed):
        self.nodes = self.Nodes(x={"label": "C"}, y={"label": "O"}, z={})
        self.edges = self.Edges([("x", "y", {"weight": 2.0}), ("y", "z", {})])
        self.directed = directed

    def is_directed(self):
        return self.directed


def test_graphs_of_networkx():
    graph = from_networkx(FakeGraph(directed=False))
    np.testing.assert_array_equal(graph.adjacency.toarray(), [[0, 2, 0], [2, 0, 1], [0, 1, 0]])
    assert graph.labels == ["C", "O", None]
    directed = from_networkx(FakeGraph(directed=True))
    np.testing.assert_array_equal(directed.adjacency.toarray(), [[0, 0, 0], [2, 0, 0], [0, 1, 0]])
    assert GraphFeatures(20, random_state=0).fit_transform([FakeGraph(False)]).shape == (1, 40)
    vectors = FakeGraph(False)
    for i, node in enumerate(vectors.nodes):
        vectors.nodes[node] = {"label": [i, 0.5]}
    np.testing.assert_array_equal(from_networkx(vectors).labels, [[0, 0.5], [1, 0.5], [2, 0.5]])
    assert from_networkx(vectors, label="none").labels is None


def test_what_networkx_must_tell_is_named():
    with pytest.raises(TypeError, match="a graph of networkx, got int"):
        from_networkx(5)
    heavy = FakeGraph(False)
    heavy.edges[1][2]["weight"] = "heavy"
    with pytest.raises(ValueError, match="'weight' of the link from 'y' to 'z' is 'heavy'"):
        from_networkx(heavy)
    some = FakeGraph(False)
    some.nodes = some.Nodes(x={"label": [1.0, 2.0]}, y={}, z={"label": [0.0, 1.0]})
    with pytest.raises(ValueError, match="Node 'y' has no 'label', while others have numbers"):
        from_networkx(some)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (Graph(PATH), r"X is one graph.*use \[X\]"),
        ((PATH, [1, 2, 3]), "X is one graph"),
        ([], "holds no graph"),
        (5, "list of graphs"),
        ([5], r"X\[0\] must be a Graph"),
        ([Graph(np.ones((2, 3)))], "one row and one column for each node"),
        ([Graph([[np.inf]])], "NaN or infinity"),
        ([Graph(PATH, [1.0])], "1 labels and 3 nodes"),
        ([Graph(PATH), Graph([PATH, PATH])], "2 kinds of links"),
        ([Graph([PATH, np.ones((2, 2))])], "different sizes"),
    ],
)
def test_what_is_no_batch_of_graphs_is_named(X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        pack_graphs(X)


def test_links_with_a_direction_are_named():
    with pytest.raises(ValueError, match="not symmetric, but directed=False"):
        GraphFeatures(20, directed=False).fit([Graph([[0, 1], [0, 0]])])


@pytest.mark.parametrize("links", [[], np.zeros(3), np.zeros((2, 2, 2))])
def test_links_that_are_no_matrix_are_refused(links):
    with pytest.raises(ValueError, match=r"adjacency of X\[0\] (has shape|cannot be taken)"):
        pack_graphs([(links, None)])


def test_links_given_once_are_told_of():
    rng = np.random.RandomState(0)
    upper = [np.triu(rng.random_sample((8, 8)) < 0.4, 1) for _ in range(5)]
    features = GraphFeatures(10, random_state=0)
    for half, side in ((upper, "above"), ([A.T for A in upper], "below")):
        with pytest.warns(ReadingWarning, match=f"each once, {side} the.*A \\+ A.T") as caught:
            features.fit([Graph(A) for A in half])
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features.fit([Graph(A + A.T) for A in upper])
        features.fit([Graph(A) for A in (upper[0], upper[1].T)])  # links either way
        features.fit([Graph([[0, 1, 1], [0, 0, 1], [0, 0, 0]])])  # three links may be so by chance
        features.fit([FakeGraph(True)] * 10)  # says itself that it has directions


def test_masked_and_complex_entries_are_refused():
    A, labels = np.ones((2, 2)), np.ones((2, 1))
    hidden = np.ma.masked_array(A, np.eye(2))
    with pytest.raises(ValueError, match=r"adjacency of X\[0\] has masked entries"):
        pack_graphs([Graph(hidden, labels)])
    with pytest.raises(ValueError, match=r"labels of X\[0\] has masked entries"):
        pack_graphs([Graph(A, np.ma.masked_array(labels, [[0], [1]]))])
    with pytest.raises(ValueError, match=r"adjacency of X\[0\] must hold real numbers"):
        pack_graphs([Graph(A * 1j, labels)])
