"""Kinds of node: what a node hears of its children."""

import numpy as np
import pytest

from dlkit.trees import Bilinear, Positional, Tree
from dlkit.trees._forest import pack_trees
from dlkit.trees._nodes import as_node
from tests.naive_trees import children_of, placed, random_tree


@pytest.mark.parametrize(
    "kind", ["additive", "positional", Positional(2), Bilinear(3, scaling=0.5)]
)
def test_what_is_heard_follows_the_formula(kind):
    rng = np.random.RandomState(1)
    parents = random_tree(rng, 40)
    forest = pack_trees([Tree(np.zeros(40), parents)])
    node = as_node(kind).draw([6, 4], rng)
    states = rng.randn(40, 10)
    hear = node.gather(forest, np.dtype(np.float64))
    start, entering = hear(np.arange(40), states)
    for i, below in enumerate(children_of(parents)):
        heard = [placed(node, k, states[c]) for k, c in enumerate(below)]
        np.testing.assert_allclose(start[i], sum(heard, np.zeros(10)), atol=1e-12)
        if node.factors is not None:
            U, Z = (factor.toarray() for factor in node.factors)
            first = heard[0][:6] if heard else np.zeros(6)
            product = 0.5 * (U @ first) * (Z @ sum(heard[1:], np.zeros(10))[:6])
            np.testing.assert_allclose(entering[i], product, atol=1e-12)
        else:
            assert entering is None


def test_places_do_not_mix_layers():
    node = Positional(3).draw([5, 7], np.random.RandomState(0))
    for order, sign in node.places:
        assert sorted(order[:5]) == list(range(5))
        assert sorted(order[5:]) == list(range(5, 12))
        assert set(sign) == {-1.0, 1.0}


def test_rows_of_factors_have_norm_one():
    node = Bilinear().draw([30], np.random.RandomState(0))
    for factor in node.factors:
        np.testing.assert_allclose(np.linalg.norm(factor.toarray(), axis=1), 1.0)


@pytest.mark.parametrize("node", [Positional(0), Bilinear(scaling=-1)])
def test_wrong_parameters_are_named(node):
    with pytest.raises(ValueError, match="n_places|scaling"):
        node.draw([4], np.random.RandomState(0))
