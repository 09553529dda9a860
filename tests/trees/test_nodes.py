"""Kinds of node: what a node hears of its children."""

import numpy as np
import pytest

from dlkit.trees import Bilinear, Positional, Tree, TreeFeatures
from dlkit.trees._forest import pack_trees
from dlkit.trees._nodes import as_node
from tests.naive_trees import children_of, placed, products, random_tree

BILINEAR = [
    Bilinear(3, products=products, scaling=0.5) for products in ("label", "children", "both")
]


@pytest.mark.parametrize(
    "kind", ["additive", "positional", Positional(2), *BILINEAR, Bilinear(1), Bilinear(2)]
)
def test_what_is_heard_follows_the_formula(kind):
    rng = np.random.RandomState(1)
    parents, labels = random_tree(rng, 40), rng.randn(40, 3)
    forest = pack_trees([Tree(labels, parents)])
    node = as_node(kind).draw([6, 4], rng, 3)
    states = rng.randn(40, 10)
    gate = None if node.of_labels is None else lambda level: labels[level] @ node.of_labels[1].T
    hear = node.gather(forest, np.dtype(np.float64), gate)
    start, entering = hear(np.arange(40), states)
    for i, below in enumerate(children_of(parents)):
        heard = [placed(node, k, states[c]) for k, c in enumerate(below)]
        s = sum(heard, np.zeros(10))
        np.testing.assert_allclose(start[i], s, atol=1e-12)
        if node.multiplies:
            want = products(node, heard, s, labels[i], 6)
            np.testing.assert_allclose(entering[i], want, atol=1e-12)
        else:
            assert entering is None


def test_a_label_decides_what_becomes_of_children():
    """Of labels that are swapped, a sum remembers the sum; products tell which was where."""
    one, other = Tree(["f", "a"], [-1, 0]), Tree(["g", "a"], [-1, 0])
    rest = Tree(["f", "b"], [-1, 0]), Tree(["g", "b"], [-1, 0])

    def interaction(node):
        model = TreeFeatures(
            20, node=node, pooling="root", activation="identity", random_state=0
        )  # fmt: skip
        fa, ga, fb, gb = model.fit_transform([one, other, *rest])
        return np.abs(fa - ga - fb + gb).max()

    assert interaction("additive") < 1e-12
    assert interaction(Bilinear(products="label")) > 0.01


def test_places_do_not_mix_layers():
    node = Positional(3).draw([5, 7], np.random.RandomState(0), 1)
    for order, sign in node.places:
        assert sorted(order[:5]) == list(range(5))
        assert sorted(order[5:]) == list(range(5, 12))
        assert set(sign) == {-1.0, 1.0}


def test_rows_of_factors_have_norm_one():
    node = Bilinear().draw([30], np.random.RandomState(0), 4)
    assert node.of_labels[1].shape == (30, 4)
    for factor in (*node.of_children, node.of_labels[0]):
        np.testing.assert_allclose(np.linalg.norm(factor.toarray(), axis=1), 1.0)


@pytest.mark.parametrize("node", [Positional(0), Bilinear(scaling=-1), Bilinear(products="all")])
def test_wrong_parameters_are_named(node):
    with pytest.raises(ValueError, match="n_places|scaling|products"):
        node.draw([4], np.random.RandomState(0), 1)
