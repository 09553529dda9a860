"""Whether states forget on their way through a tree."""

import warnings

import numpy as np
import pytest

from dlkit.datasets import make_listops
from dlkit.exceptions import ForgettingWarning
from dlkit.trees import TreeClassifier, TreeFeatures, TreeStates, from_brackets
from dlkit.trees._forest import Tree, pack_trees
from dlkit.trees._forgetting import amplification_of, contraction_of, deep_part


def chain(n, seed=0):
    return Tree(np.random.RandomState(seed).standard_normal(n), np.arange(n) - 1)


def linear(**params):
    return TreeFeatures(
        12, activation="identity", node="additive", random_state=0, **params
    )  # fmt: skip


def test_units_without_a_bend_move_by_powers_of_their_matrix():
    tree = Tree(np.arange(6.0), [-1, 0, 0, 1, 1, 4])  # leaves 2, 3 and 5, at depths 1, 2 and 3
    for leak_rate in (1.0, 0.4):
        features = linear(leak_rate=leak_rate).fit([tree])
        W = features.reservoir_.matrix
        W = W.toarray() if hasattr(W, "toarray") else W
        A = (1 - leak_rate) * np.eye(12) + leak_rate * W
        moved = np.random.RandomState(0).standard_normal((3, 12))
        paths = [np.linalg.matrix_power(A, d) for d in (1, 2, 3)]
        root = sum(path @ one for path, one in zip(paths, moved, strict=True))
        want = np.linalg.norm(root) / np.linalg.norm(moved, axis=1).mean()
        assert features.amplification_ == pytest.approx(want, rel=1e-6)


def test_states_that_run_down_move_the_deepest_leaves():
    tree = Tree(np.arange(6.0), [-1, 0, 0, 1, 1, 4])
    features = linear(direction="down").fit([tree])
    W = features.reservoir_.matrix
    W = W.toarray() if hasattr(W, "toarray") else W
    moved = np.random.RandomState(0).standard_normal(12)
    leaf = np.linalg.matrix_power(W, 3) @ moved
    want = np.linalg.norm(leaf) / np.linalg.norm(moved)
    assert features.amplification_ == pytest.approx(want, rel=1e-6)
    assert features.contraction_ == pytest.approx(np.linalg.norm(W, 2), rel=1e-6)


@pytest.mark.parametrize("leak_rate", [1.0, 0.3, np.linspace(0.2, 1, 12)])
def test_contraction_bounds_what_is_measured(leak_rate):
    tree = Tree(np.zeros(4), [-1, 0, 0, 0])
    features = linear(leak_rate=leak_rate).fit([tree])
    assert features.contraction_ == pytest.approx(
        3 * contraction_of(features.reservoir_, 1), rel=1e-12
    )
    assert features.amplification_ <= features.contraction_


def test_the_norm_is_that_of_the_matrix():
    drawn = TreeFeatures(20, random_state=0).fit([Tree([1.0], [-1])]).reservoir_
    dense = drawn.matrix.toarray()
    assert contraction_of(drawn, 1) == pytest.approx(np.linalg.svd(dense, compute_uv=False)[0])


def test_layers_and_products_are_measured():
    X, _ = make_listops(50, random_state=0)
    for params in ({"layers": 2}, {"node": "bilinear"}, {"node": "positional"}):
        features = TreeFeatures(30, random_state=0, **params).fit(X)
        assert 0.05 < features.amplification_ < 5


def test_a_node_alone_hears_nothing():
    features = TreeFeatures(10, random_state=0).fit([Tree([1.0], [-1])])
    assert np.isnan(features.amplification_)


@pytest.mark.compiled
def test_only_states_that_do_not_forget_are_told_of():
    X, y = make_listops(50, random_state=0)
    text = ["(S (NP she) (VP (V saw) (NP (D a) (N cat))))", "(S (NP it) (VP sleeps))"] * 5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for radius in (0.3, 0.5, 1.0):
            TreeClassifier(50, spectral_radius=radius, random_state=0).fit(X, y)
            TreeFeatures(50, spectral_radius=radius, random_state=0).fit([chain(200)])
            TreeStates(50, spectral_radius=radius, random_state=0).fit(from_brackets(text))
        for structure in ("balanced", "greedy"):
            series = np.random.RandomState(0).standard_normal((5, 300, 2))
            TreeFeatures(50, structure=structure, random_state=0).fit(series)
        TreeFeatures(50, structure="bpe", random_state=0).fit(["banana", "bandana", "ananas"])
    wild = TreeFeatures(50, spectral_radius=3, random_state=0)
    with pytest.warns(ForgettingWarning, match="99 links on.*spectral_radius below 3") as caught:
        wild.fit([chain(100), chain(3)])
    assert caught[0].filename == __file__
    assert wild.amplification_ > 100
    far = chain(100)
    far.labels[-1] += 1e-9  # and so it is
    one, other = (
        wild.set_params(pooling="root").transform([tree])[0] for tree in (chain(100), far)
    )
    assert np.linalg.norm(one - other) > 1e-7


@pytest.mark.compiled
def test_overflow_is_infinite():
    endless = TreeFeatures(10, activation="identity", spectral_radius=100, random_state=0)
    with pytest.warns(ForgettingWarning, match="is inf times"):
        amplification = endless.fit([chain(300)]).amplification_
    assert amplification == np.inf


def test_verbose_tells_of_the_guarantee(capsys):
    TreeFeatures(20, control="norm", spectral_radius=0.3, verbose=1, random_state=0).fit([chain(9)])
    assert "contraction by arity, 0.30, is below one: states forget" in capsys.readouterr().out
    TreeFeatures(20, spectral_radius=0.9, verbose=1, random_state=0).fit([chain(9)])
    assert "is not below one: states need not forget; a small" in capsys.readouterr().out


def test_deep_parts_are_cut_from_the_deepest_trees():
    trees = [chain(3), chain(700, 1), Tree(["a", "b"], [-1, 0]), chain(5, 2)]
    numbers = pack_trees([trees[0], trees[1], trees[3]])
    part = deep_part(numbers, most_trees=2, most_nodes=300)
    assert part.sizes.tolist() == [300, 5]
    np.testing.assert_array_equal(part.labels[:300, 0], trees[1].labels[400:])
    assert part.parents[:3].tolist() == [-1, 0, 1]
    assert part.parents[300:].tolist() == [-1, 300, 301, 302, 303]
    symbols = deep_part(pack_trees([trees[2]]))
    assert symbols.labels == ["a", "b"]
    bushy = Tree(list("abcdefg"), [2, 2, 6, 2, 5, 6, -1])  # children come before their parents
    part = deep_part(pack_trees([bushy]), most_nodes=4)
    assert part.labels == list("abcd")
    assert part.parents.tolist() == [2, 2, -1, 2]


def test_measure_is_that_of_single_precision_too():
    tree = Tree(np.arange(6, dtype=np.float32), [-1, 0, 0, 1, 1, 4])
    features = linear().fit([tree])
    again = linear().fit([Tree(np.arange(6.0), [-1, 0, 0, 1, 1, 4])])
    assert features.amplification_ == pytest.approx(again.amplification_, rel=1e-3)
    found = amplification_of(features.runner_, pack_trees([tree]))
    assert found == (features.amplification_, 3)
