"""Pseudo-likelihood against its definition."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from sklearn.neural_network import BernoulliRBM

from .. import naive_layerwise as naive
from .machines import bars, parameters, small


@pytest.mark.kernels
def test_bernoulli_pseudo_likelihood():
    for n_hidden in (3, 11):
        rbm = small(4, n_hidden, scale=2.0)
        W, b, c = parameters(rbm)
        V = np.r_[naive.states(4), np.random.RandomState(0).rand(3, 4)]
        if n_hidden > 3:
            V = V[::4]
        expected = [naive.pseudo_likelihood(v, W, b, c) for v in V]
        assert_allclose(rbm.score_samples(V), expected, rtol=1e-9)


def test_pseudo_likelihood_is_what_scikit_learn_estimates():
    X = bars()
    theirs = BernoulliRBM(8, n_iter=5, random_state=0).fit(X)
    rbm = small(16, 8)
    for ours, array in zip(
        (rbm.components_, rbm.intercept_visible_, rbm.intercept_hidden_),
        (theirs.components_, theirs.intercept_visible_, theirs.intercept_hidden_),
        strict=True,
    ):
        ours[...] = array
    estimates = []
    for seed in range(30):
        theirs.random_state = seed
        estimates.append(theirs.score_samples(X).mean())
    assert abs(rbm.score(X) - np.mean(estimates)) < 4 * np.std(estimates) / np.sqrt(30)


@pytest.mark.parametrize("kinds", [("gaussian", "bernoulli"), ("bernoulli", "relu")])
def test_pseudo_likelihood_of_other_units(kinds):
    rbm = small(3, 4, *kinds)
    V = np.random.RandomState(0).rand(2, 3)
    if kinds[1] == "relu":
        V = V.round()
    for v, got in zip(V, rbm.score_samples(V), strict=True):
        expected = 0.0
        for i in range(3):

            def density(t, i=i, v=v):
                w = v.copy()
                w[i] = t
                return np.exp(-rbm.free_energy(w[None])[0])

            total = density(0) + density(1) if kinds[1] == "relu" else quad(density, -30, 30)[0]
            expected += np.log(density(v[i]) / total)
        assert_allclose(got, expected, rtol=1e-6)
