"""Trees, checked and packed."""

import numpy as np
import pytest

from dlkit.trees import Tree
from dlkit.trees._forest import pack_trees
from tests.naive_trees import children_of, random_tree


def forest_of(seed, sizes=(1, 7, 30)):
    rng = np.random.RandomState(seed)
    trees = [Tree(rng.randn(n, 2), random_tree(rng, n)) for n in sizes]
    return trees, pack_trees(trees)


@pytest.mark.parametrize("seed", range(5))
def test_levels_are_heights_and_depths_are_depths(seed):
    trees, forest = forest_of(seed)
    heights, depths = np.full(forest.n_nodes, -1), np.full(forest.n_nodes, -1)
    for found, levels in ((heights, forest.levels), (depths, forest.depths)):
        for k, level in enumerate(levels):
            assert (found[level] == -1).all()
            found[level] = k
    for tree, start in zip(trees, forest.offsets[:-1], strict=True):
        below = children_of(tree.parents)

        def height(i, below=below):
            return 1 + max((height(c) for c in below[i]), default=-1)

        def depth(i, tree=tree):
            return 0 if tree.parents[i] < 0 else 1 + depth(tree.parents[i])

        for i in range(len(tree)):
            assert heights[start + i] == height(i)
            assert depths[start + i] == depth(i)


@pytest.mark.parametrize("seed", range(3))
def test_children_by_place(seed):
    trees, forest = forest_of(seed)
    x = np.random.RandomState(seed).randn(forest.n_nodes, 3)
    for place, last in ((None, False), (0, False), (1, False), (1, True), (20, True)):
        found = forest.children(np.float64, place, last) @ x
        summed = forest.summed(np.float64, place, last)(np.arange(forest.n_nodes), x)
        if place == 20:  # no node has so many children
            assert summed is None
        else:
            np.testing.assert_allclose(summed, found, atol=1e-14)
        assert forest.summed(np.float64, place, last)(forest.levels[0], x) is None
        for tree, start in zip(trees, forest.offsets[:-1], strict=True):
            for i, below in enumerate(children_of(tree.parents)):
                mine = below if place is None else below[place:] if last else below[place:][:1]
                want = sum((x[start + c] for c in mine), np.zeros(3))
                np.testing.assert_allclose(found[start + i], want, atol=1e-14)


def test_a_part_is_the_forest_of_its_trees():
    trees, forest = forest_of(0, (3, 4, 5, 2))
    part, alone = forest.part(1, 3), pack_trees(trees[1:3])
    np.testing.assert_array_equal(part.parents, alone.parents)
    np.testing.assert_array_equal(part.labels, alone.labels)
    np.testing.assert_array_equal(part.offsets, alone.offsets)


def test_pairs_and_symbols_are_read():
    forest = pack_trees([(["a", None], [-1, 0]), Tree(("b",), (-1,))])
    assert forest.symbolic
    assert forest.labels == ["a", None, "b"]
    assert forest.arity == 1


def test_a_tree_tells_its_depth():
    assert Tree([1.0, 2.0, 3.0], [1, 2, -1]).depth == 2


TREE = Tree([1.0, 2.0], [-1, 0])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (TREE, r"X is one tree.*use \[X\]"),
        (([1.0, 2.0], [-1, 0]), r"X is one tree"),
        ([], "holds no tree"),
        ("(S)", "must be a list of trees"),
        (np.ones((3, 2)), "array of numbers"),
        (["(S a)"], r"X\[0\] is a string.*from_brackets"),
        ([TREE, 5], r"X\[1\] must be a Tree"),
        ([([], [])], "is an empty tree"),
        ([([1.0], [0.5])], "whole numbers"),
        ([([1.0, 2.0], [([0.0, 1.0], [])])], "whole numbers.*from_nested"),
        ([([1.0, 2.0], [-1])], "2 labels and 1 parents"),
        ([([1.0, 2.0], [-1, -1])], r"X\[0\] is no tree: it has 2 roots"),
        ([TREE, ([1.0, 2.0], [1, 0])], r"X\[1\] is no tree: it has no root"),
        ([([1.0, 2.0, 3.0], [-1, 2, 1])], "in a cycle"),
        ([([1.0, 2.0], [-1, 2])], "node 1 has parent 2, of 2 nodes"),
        ([([1.0, 2.0], [-1, -2])], "node 1 has parent -2"),
        ([([1.0, np.nan], [-1, 0])], r"labels of X\[0\].*NaN"),
        ([TREE, ([[1.0, 2.0]], [-1])], "labels of .*have 2 numbers a node"),
        ([TREE, (["a"], [-1])], "symbols for labels where other trees have numbers"),
        ([(["a", 1.0], [-1, 0])], "symbols and the label 1.0"),
    ],
)
def test_what_is_no_batch_of_trees_is_named(X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        pack_trees(X)
