"""One row a tree."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import _budgets
from dlkit.reservoir import Layers
from dlkit.trees import GraphFeatures, Positional, Tree, TreeFeatures
from tests.naive_trees import random_tree


def trees(n=30, seed=0):
    rng = np.random.RandomState(seed)
    return [Tree(rng.randn(k, 2), random_tree(rng, k)) for k in rng.randint(1, 12, n)]


@pytest.mark.parametrize("make", [TreeFeatures, GraphFeatures])
def test_names_are_refused_before_a_fit_whatever_the_pooling(make):
    with pytest.raises(NotFittedError):
        make(pooling=2).get_feature_names_out()


def test_rows_do_not_depend_on_how_the_batch_is_cut(monkeypatch):
    X = trees()
    features = TreeFeatures(20, random_state=0).fit(X)
    whole = features.transform(X)
    monkeypatch.setattr(_budgets, "CHUNKED_SPAN_BYTES", 20 * 8 * 15)
    np.testing.assert_array_equal(features.transform(X), whole)


def test_names_clones_and_pipelines():
    X = trees()
    features = TreeFeatures(20, pooling=("root", "max"), direction="both", random_state=0)
    rows = clone(features).fit_transform(X)
    assert rows.shape == (30, 80)
    assert len(features.fit(X).get_feature_names_out()) == 80
    scaled = make_pipeline(features, StandardScaler()).fit_transform(X)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)


def test_contraction_is_arity_times_norm():
    star = Tree(np.zeros(4), [-1, 0, 0, 0])
    features = TreeFeatures(20, control="norm", spectral_radius=0.3, random_state=0).fit([star])
    assert features.contraction_ == pytest.approx(0.9, rel=1e-6)


def test_parameters_of_objects_are_reached():
    features = TreeFeatures(20, node=Positional(), layers=Layers(2)).set_params(node__n_places=2)
    assert features.node.n_places == 2
    assert features.fit(trees()).transform(trees()).shape == (30, 120)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"pooling": ("root", "median")}, "pooling"), ({"node": "cubic"}, "node"),
     ({"layers": Layers(2, inputs="all")}, "inputs"), ({"direction": "left"}, "direction"),
     ({"structure": "random"}, "structure")],
)  # fmt: skip
def test_wrong_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        TreeFeatures(20, **options).fit_transform(trees())
