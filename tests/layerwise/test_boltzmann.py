"""What Boltzmann machines share: chains, streams, failures."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from dlkit.layerwise import RBM

from .. import naive_layerwise as naive
from .machines import bars, parameters, small


@pytest.mark.compiled
def test_chains_visit_the_models_distribution():
    rbm = small(4, 3, seed=2)
    expected = naive.visible_distribution(*parameters(rbm))
    n = 20_000
    V = rbm.sample(n, n_steps=60, random_state=0)
    found = np.bincount((V @ [8, 4, 2, 1]).astype(int), minlength=16) / n
    assert (np.abs(found - expected) < 5 * np.sqrt(expected / n)).all()
    # and one more step leaves it there
    V = rbm.gibbs(V, 1, random_state=1)
    found = np.bincount((V @ [8, 4, 2, 1]).astype(int), minlength=16) / n
    assert (np.abs(found - expected) < 5 * np.sqrt(expected / n)).all()


@pytest.mark.compiled
def test_gaussian_chains_have_the_mixtures_moments():
    rbm = small(3, 2, visible="gaussian", seed=1)
    W, b, c = parameters(rbm)
    H = naive.states(2)
    means = b + H @ W
    p = np.exp(H @ c + 0.5 * (means**2).sum(axis=1))
    p /= p.sum()
    mean = p @ means
    cov = np.eye(3) + (means - mean).T @ (p[:, None] * (means - mean))
    V = rbm.sample(20_000, n_steps=100, random_state=0)
    assert_allclose(V.mean(axis=0), mean, atol=0.08)
    assert_allclose(np.cov(V.T), cov, atol=0.12 * np.abs(cov).max())


@pytest.mark.compiled
def test_partial_fit_goes_on():
    X = bars()
    rbm = RBM(5, random_state=0)
    assert rbm.partial_fit(X[:50]) is rbm
    W = rbm.components_.copy()
    assert rbm.partial_fit(X[50:]) is rbm
    assert not np.array_equal(W, rbm.components_)
    pieces = RBM(5, learning_rate=0.2, random_state=0)
    for start in list(range(0, 200, 20)) * 20:
        pieces.partial_fit(X[start : start + 20])
    assert pieces.score(X) > RBM(5, n_epochs=0, random_state=0).fit(X).score(X) + 1.5
    with pytest.raises(ValueError, match="n_components=5"):
        rbm.set_params(n_components=6).partial_fit(X)


@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_divergence_names_the_learning_rate_and_leaves_no_trace(call):
    X = np.random.RandomState(0).randn(100, 6) * 10
    rbm = RBM(8, visible="gaussian", random_state=0, learning_rate=1e-4).fit(X)
    W, state = rbm.components_.copy(), pickle.dumps(rbm.machine_.generator)
    rbm.set_params(learning_rate=1e30)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"learning_rate=1e\+30"):
            getattr(rbm, call)(X)
        assert_array_equal(rbm.components_, W)
    assert pickle.dumps(rbm.machine_.generator) == state
    fresh = clone(rbm)
    with pytest.raises(ValueError, match="learning_rate"):
        getattr(fresh, call)(X)
    assert vars(fresh) == vars(clone(rbm))
