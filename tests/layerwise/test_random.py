"""The random autoencoder against plain ridge regression."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from dlkit.layerwise import RandomAutoencoder

from .tables import data


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("n_components", [2, 9])
def test_random_autoencoder_is_ridge_turned_around(n_components, activation):
    g = {
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "identity": lambda x: x,
    }[activation]
    X, weight = data(), np.random.RandomState(1).rand(60)
    layer = RandomAutoencoder(n_components, alpha=0.2, activation=activation, random_state=0)
    layer.fit(X, sample_weight=weight)
    A, a = layer.random_weights_, layer.random_bias_
    side = A.T @ A if n_components < 4 else A @ A.T
    assert_allclose(side, np.eye(len(side)), atol=1e-12)
    assert_allclose(a @ a, 1)
    H = g(X @ A + a)
    ridge = Ridge(0.2).fit(H, X, weight)
    mean = np.average(X, axis=0, weights=weight)
    assert_allclose(layer.transform(X), g((X - mean) @ ridge.coef_), atol=1e-9)
    assert_allclose(layer.reconstruct(X), ridge.predict(H), atol=1e-9)
