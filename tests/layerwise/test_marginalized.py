"""The marginalised denoiser against explicit corruption."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from dlkit.layerwise import MarginalizedDenoisingAutoencoder

from .. import naive_layerwise as naive
from .tables import data


@pytest.mark.parametrize("noise", [0.1, 0.5, 0.8])
def test_it_is_the_expectation_over_every_corruption(noise):
    """All 2ᵈ masks, weighted by their probabilities, in one weighted ridge regression."""
    X = data()
    masks = naive.states(4)
    p = np.prod(np.where(masks == 1, 1 - noise, noise), axis=1)
    rows = np.vstack([X * mask for mask in masks])
    ridge = Ridge(0.7).fit(rows, np.tile(X, (16, 1)), np.repeat(p, len(X)))
    layer = MarginalizedDenoisingAutoencoder(noise, alpha=0.7).fit(X)
    assert_allclose(layer.coef_, ridge.coef_, atol=1e-10)
    assert_allclose(layer.intercept_, ridge.intercept_, atol=1e-10)
    assert_allclose(layer.transform(X), np.tanh(ridge.predict(X)), atol=1e-10)
    assert_allclose(layer.reconstruct(X), ridge.predict(X), atol=1e-10)


def test_many_corrupted_copies_come_near():
    X = data(300)
    rows, clean = naive.corrupted_copies(X, 0.5, 200, np.random.RandomState(1))
    ridge = Ridge(1e-3).fit(rows, clean)
    layer = MarginalizedDenoisingAutoencoder(0.5).fit(X)
    assert np.linalg.norm(layer.coef_ - ridge.coef_) < 0.03 * np.linalg.norm(ridge.coef_)


def test_dependent_columns_without_a_penalty():
    X = data()
    X = np.c_[X, X[:, 0], np.zeros(len(X))]
    layer = MarginalizedDenoisingAutoencoder(0.0, alpha=0.0).fit(X)
    assert_allclose(layer.reconstruct(X), X, atol=1e-8)
    expected = np.linalg.pinv(X - X.mean(axis=0)) @ (X - X.mean(axis=0))
    assert_allclose(layer.coef_, expected, atol=1e-8)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
def test_an_offset_costs_no_digits():
    X = data()
    shifted = X + 1e6
    expected = MarginalizedDenoisingAutoencoder(0.0, alpha=1.0).fit(X).coef_
    got = MarginalizedDenoisingAutoencoder(0.0, alpha=1.0).fit(shifted).coef_
    assert_allclose(got, expected, atol=1e-8)


def test_squares_that_vanish_are_named():
    for noise, alpha in ((0.5, 0.0), (0.0, 1.0)):
        with pytest.raises(ValueError, match="whose squares vanish in float64: scale X"):
            MarginalizedDenoisingAutoencoder(noise, alpha=alpha).fit(data() * 1e-160)
    tiny = MarginalizedDenoisingAutoencoder(alpha=0.0).fit(data() * 1e-100)
    assert_allclose(tiny.coef_, MarginalizedDenoisingAutoencoder(alpha=0.0).fit(data()).coef_)
