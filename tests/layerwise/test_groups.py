"""Receptive fields: groups of maps that are active together."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.decomposition import PCA

from dlkit.layerwise import (
    GroupedMaps,
    energy_correlation,
)

from .layers import Witness, maps


def test_energy_correlation_by_hand():
    r = np.random.RandomState(0)
    Z = (r.rand(400, 1) < 0.3) * r.randn(400, 3) @ r.randn(3, 3) + 0.1 * r.randn(400, 3)
    centred = Z - Z.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / 400)
    white = centred @ vectors / np.sqrt(values) @ vectors.T
    assert_allclose(energy_correlation(Z), np.corrcoef(white.T**2), atol=0.02)
    assert_array_equal(energy_correlation(np.c_[Z, np.ones(400)])[3], [0, 0, 0, 1])


@pytest.mark.compiled
def test_groups_are_of_maps_that_are_active_together():
    r = np.random.RandomState(0)
    owner = r.permutation(np.repeat(np.arange(4), 3))  # twelve maps in four kinds
    active = r.rand(50, 5, 5, 4) < 0.2
    Z = active[..., owner] * r.randn(50, 5, 5, 12) + 0.1 * r.randn(50, 5, 5, 12)
    layer = GroupedMaps(Witness(three_d=True), n_groups=5, group_size=3, random_state=0).fit(Z)
    assert layer.groups_.shape == (5, 3)
    assert len(set(layer.groups_[:, 0])) == 5
    for group in layer.groups_:
        assert len(set(owner[group])) == 1
    for copy, group in zip(layer.layers_, layer.groups_, strict=True):
        assert_array_equal(copy.seen_[0], Z[..., group])
    assert_array_equal(layer.transform(Z), Z[..., layer.groups_.ravel()])
    few = GroupedMaps(PCA(1), n_groups=2, group_size=2, n_places=200, random_state=0).fit(Z)
    assert few.transform(Z).shape == (50, 2)
    listed = [z[: 3 + i % 3] for i, z in enumerate(Z)]
    joined = GroupedMaps(
        maps(2, padding="same"), n_groups=3, group_size=2, n_places=300, random_state=0
    ).fit_transform(listed)
    assert [z.shape for z in joined[:3]] == [(3, 5, 6), (4, 5, 6), (5, 5, 6)]


def test_groups_are_no_larger_than_the_maps_are_many():
    Z = np.random.RandomState(0).randn(30, 4, 4, 3)
    layer = GroupedMaps(Witness(three_d=True), n_groups=9, group_size=9).fit(Z)
    assert layer.groups_.shape == (3, 3)
    with pytest.raises(ValueError, match="4"):
        layer.transform(np.zeros((2, 4, 4, 4)))
    for bad in ({"n_groups": 0}, {"group_size": 0}, {"n_places": 1}, {"layer": 3}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            clone(layer).set_params(**bad).fit(Z)


def test_wrong_maps_are_named():
    Z = np.random.RandomState(0).randn(30, 4, 4, 4)
    fitted = GroupedMaps(Witness(three_d=True), n_groups=2, group_size=2).fit(Z)
    with pytest.raises(ValueError, match=r"samples of \[2\] maps .* but 4 in fit"):
        fitted.transform(Z[:, 0, 0, :2])
    with pytest.raises(ValueError, match="X is an empty list"):
        clone(fitted).fit([])
    with pytest.raises(ValueError, match=r"at least one map is needed"):
        clone(fitted).fit(np.zeros((5, 4, 0)))


class Unsolved(PCA):
    def fit(self, X, y=None):
        raise np.linalg.LinAlgError("Eigenvalues did not converge")


def test_what_a_layer_cannot_take_is_named():
    """As scikit-learn's PCA says where its sums overflow."""
    X = np.random.RandomState(0).randn(30, 6)
    with pytest.raises(ValueError, match="X cannot be taken: Eigenvalues did not converge"):
        GroupedMaps(Unsolved(2), n_groups=2, group_size=3, random_state=0).fit(X)
