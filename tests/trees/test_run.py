"""A reservoir over forests, against node by node."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.trees import Bilinear, Tree, TreeStates
from tests.naive_trees import random_tree, states_from_the_root, tree_states


def batch(seed=0, dtype=np.float64):
    rng = np.random.RandomState(seed)
    sizes = (1, 2, 9, 25, 16, 3)
    return [Tree(rng.randn(n, 3).astype(dtype), random_tree(rng, n)) for n in sizes]


@pytest.mark.parametrize(
    "node", ["additive", "positional", "bilinear", Bilinear(1, products="label")]
)
@pytest.mark.parametrize("leak_rate", [1.0, 0.4])
def test_states_are_those_of_the_formula(node, leak_rate):
    trees = batch()
    states = TreeStates(
        24, node=node, leak_rate=leak_rate, direction="up", random_state=0
    ).fit(trees)  # fmt: skip
    grower = states.runner_
    for tree, found in zip(trees, states.transform(trees), strict=True):
        want = tree_states(grower.drawn, grower.node, tree.labels, tree.parents)
        np.testing.assert_allclose(found, want, atol=1e-10)


def test_states_from_the_root_are_those_of_the_formula():
    trees = batch()
    both = TreeStates(24, direction="both", random_state=0).fit(trees)
    down = TreeStates(24, direction="down", random_state=0).fit(trees)
    for tree, found, half in zip(trees, both.transform(trees), down.transform(trees), strict=True):
        want = states_from_the_root(both.reservoir_, tree.labels, tree.parents)
        np.testing.assert_allclose(found[:, 24:], want, atol=1e-10)
        np.testing.assert_array_equal(found[:, 24:], half)


@pytest.mark.parametrize("layers", [None, 2])
def test_a_chain_is_a_sequence(layers):
    x = np.random.RandomState(0).randn(60, 3)
    options = {"spectral_radius": 0.8, "leak_rate": 0.6, "input_scaling": 0.4, "layers": layers}
    over_steps = ReservoirStates(30, random_state=0, **options).fit_transform(x)
    chain = Tree(x, [*range(1, 60), -1])
    over_tree = TreeStates(30, direction="up", random_state=0, **options).fit_transform([chain])
    np.testing.assert_allclose(over_tree[0], over_steps, atol=1e-12)


def batch_of_wide_labels():
    rng = np.random.RandomState(0)
    return [Tree(rng.randn(n, 70), random_tree(rng, n)) for n in (1, 9, 150, 3)]


@pytest.mark.parametrize("node", ["additive", "bilinear"])
def test_many_numbers_a_label(node):
    trees = batch_of_wide_labels()
    model = TreeStates(24, node=node, direction="up", random_state=0).fit(trees)
    for tree, found in zip(trees, model.transform(trees), strict=True):
        want = tree_states(model.reservoir_, model.runner_.node, tree.labels, tree.parents)
        np.testing.assert_allclose(found, want, atol=1e-10)


@pytest.mark.parametrize("trees", [batch(), batch_of_wide_labels()], ids=["few", "many numbers"])
def test_states_do_not_depend_on_company(trees):
    states = TreeStates(24, random_state=0).fit(trees)
    together = states.transform(trees)
    for tree, found in zip(trees, together, strict=True):
        np.testing.assert_array_equal(states.transform([tree])[0], found)


def test_float32_stays_float32():
    trees = batch(dtype=np.float32)
    found = TreeStates(24, random_state=0).fit_transform(trees)
    assert {one.dtype for one in found} == {np.dtype(np.float32)}
    wide = TreeStates(24, random_state=0).fit_transform(batch())
    np.testing.assert_allclose(found[3], wide[3], atol=1e-4)
