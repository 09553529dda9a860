"""A reservoir over graphs, against node by node."""

import numpy as np
import pytest

from dlkit.exceptions import DivergenceWarning
from dlkit.trees import Graph, NodeFeatures
from tests.naive_trees import graph_states


def graph(seed, n=9, n_kinds=1):
    rng = np.random.RandomState(seed)
    kinds = [(rng.uniform(size=(n, n)) < 0.3) * rng.randn(n, n) for _ in range(n_kinds)]
    return Graph(kinds, rng.randn(n, 2))


@pytest.mark.parametrize("n_kinds", [1, 3])
@pytest.mark.parametrize("leak_rate", [1.0, 0.5])
def test_states_are_those_of_the_formula(n_kinds, leak_rate):
    graphs = [graph(0, n_kinds=n_kinds), graph(1, 4, n_kinds)]
    model = NodeFeatures(
        16, n_steps=4, leak_rate=leak_rate, normalize=None, random_state=0
    ).fit(graphs)  # fmt: skip
    runner = model.runner_
    for one, found in zip(graphs, model.transform(graphs), strict=True):
        want = graph_states(
            runner.drawn, runner.places, one.adjacency, one.labels, 4, leak_rate
        )  # fmt: skip
        np.testing.assert_allclose(found, want, atol=1e-10)


@pytest.mark.parametrize("layers", [None, 2])
def test_fixed_points_stay(layers):
    graphs = [graph(0), graph(1, 12)]
    model = NodeFeatures(12, spectral_radius=0.5, layers=layers, random_state=0).fit(graphs)
    found = model.transform(graphs)
    for steps in (40, 50):
        longer = model.set_params(n_steps=steps).fit(graphs).transform(graphs)
        for one, other in zip(found, longer, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_states_do_not_depend_on_company():
    graphs = [graph(0), graph(1, 14), graph(2, 3)]
    model = NodeFeatures(12, spectral_radius=0.6, random_state=0).fit(graphs)
    for one, found in zip(graphs, model.transform(graphs), strict=True):
        np.testing.assert_allclose(model.transform([one])[0], found, atol=1e-14)


@pytest.mark.parametrize("normalize", ["spectral", "degree"])
def test_adjacencies_are_normalized(normalize):
    one = Graph([[0, 1.0, 1], [1, 0, 1], [1, 1, 0]], np.arange(3.0))
    ten = Graph([[0, 10.0, 10], [10, 0, 10], [10, 10, 0]], np.arange(3.0))
    model = NodeFeatures(20, n_steps=3, normalize=normalize, random_state=0).fit([one])
    first, second = model.transform([one, ten])
    np.testing.assert_allclose(first, second, atol=1e-12)
    size = 2.0  # the norm, and the degree of each node
    bare = NodeFeatures(20, n_steps=3, normalize=None, random_state=0).fit([one])
    half = Graph(np.array(one.adjacency) / size, one.labels)
    np.testing.assert_allclose(bare.transform([half])[0], first, atol=1e-12)


def test_what_finds_no_fixed_point_is_announced():
    model = NodeFeatures(8, spectral_radius=3.0, normalize=None, random_state=0)
    with pytest.warns(DivergenceWarning, match="no fixed point in 200 steps"):
        model.fit([graph(0)]).transform([graph(0)])


def test_isolated_nodes_hear_nothing():
    lone = Graph(np.zeros((2, 2)), np.array([1.0, 1.0]))
    a, b = NodeFeatures(20, random_state=0).fit_transform([lone])[0]
    np.testing.assert_array_equal(a, b)


def test_other_kinds_and_leaks_are_named():
    model = NodeFeatures(20, random_state=0).fit([graph(0, n_kinds=2)])
    with pytest.raises(ValueError, match="1 kinds of links, but fit saw 2"):
        model.transform([graph(0)])
    with pytest.raises(ValueError, match="leak_rate must be one number"):
        NodeFeatures(2, leak_rate=[0.1, 0.2]).fit([graph(0)])
