"""What forests and batches of graphs share."""

import pickle

import numpy as np
import pytest

from dlkit.trees import Graph, Tree
from dlkit.trees._forest import pack_trees
from dlkit.trees._graphs import pack_graphs
from dlkit.trees._packed import join_labels, refuse_no_batch
from tests.naive_trees import random_tree

SIZES = 3, 4, 5, 2, 9, 1


def packed(kind, symbols=False):
    rng = np.random.RandomState(0)
    labels = [rng.randn(n, 2) if not symbols else list("abcabcabc"[:n]) for n in SIZES]
    if kind == "tree":
        return pack_trees([Tree(u, random_tree(rng, len(u))) for u in labels])
    return pack_graphs([Graph(rng.rand(len(u), len(u)), u) for u in labels])


@pytest.mark.parametrize("kind", ["tree", "graph"])
@pytest.mark.parametrize("symbols", [False, True])
def test_parts_hold_all_samples_in_order(kind, symbols):
    whole = packed(kind, symbols)
    parts = list(whole.parts(8))
    assert [len(part) for part in parts] == [2, 2, 1, 1]  # of 9 nodes, more than allowed: alone
    assert [part.n_nodes for part in parts] == [7, 7, 9, 1]
    again = [label for part in parts for label in part.labels]
    np.testing.assert_array_equal(again, whole.labels)
    assert {type(part) for part in parts} == {type(whole)}


@pytest.mark.parametrize("kind", ["tree", "graph"])
def test_nodes_belong_to_their_samples(kind):
    whole = packed(kind)
    assert (len(whole), whole.n_nodes) == (len(SIZES), sum(SIZES))
    assert whole.sizes.tolist() == list(SIZES)
    assert [np.count_nonzero(whole.samples == i) for i in range(len(SIZES))] == list(SIZES)
    values = np.arange(2 * whole.n_nodes).reshape(-1, 2)
    split = whole.split(values)
    assert [len(one) for one in split] == list(SIZES)
    np.testing.assert_array_equal(np.concatenate(split), values)


def test_what_labels_are():
    numbers, symbols = packed("tree"), packed("graph", symbols=True)
    assert (numbers.symbolic, numbers.n_channels, numbers.dtype) == (False, 2, np.float64)
    assert (symbols.symbolic, symbols.n_channels, symbols.dtype) == (True, 0, np.float64)
    narrow = pack_trees([Tree(np.ones(2, np.float32), [-1, 0])])
    assert narrow.dtype == np.float32


def test_caches_are_not_pickled():
    forest = packed("tree")
    before = len(pickle.dumps(forest))
    levels, samples = forest.levels, forest.samples
    assert {"levels", "samples"} <= set(vars(forest))
    assert len(pickle.dumps(forest)) == before
    again = pickle.loads(pickle.dumps(forest))
    assert set(vars(again)) == {"labels", "offsets", "parents"}
    np.testing.assert_array_equal(again.samples, samples)
    for one, other in zip(again.levels, levels, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", ["tree", "graph"])
def test_what_is_no_batch_is_named_by_its_kind(kind):
    refuse_no_batch([1], "X", False, kind)
    with pytest.raises(ValueError, match=rf"X is one {kind}; a batch of {kind}s.*use \[X\]"):
        refuse_no_batch([1], "X", True, kind)
    with pytest.raises(TypeError, match=rf"X must be a list of {kind}s, got str"):
        refuse_no_batch("abc", "X", False, kind)
    with pytest.raises(ValueError, match=f"X holds no {kind}"):
        refuse_no_batch([], "X", False, kind)


def test_labels_of_several_samples():
    assert join_labels([["a", None], [None]], "X", "tree") == ["a", None, None]
    joined = join_labels([[1, 2], [3.5]], "X", "tree")
    np.testing.assert_array_equal(joined, [[1.0], [2.0], [3.5]])
    with pytest.raises(ValueError, match=r"X\[0\] has symbols .* where other graphs have numbers"):
        join_labels([["a"], [1.0]], "X", "graph")
    with pytest.raises(ValueError, match=r"labels of X\[1\] have 2 numbers a node"):
        join_labels([[[1.0]], [[1.0, 2.0]]], "X", "graph")
