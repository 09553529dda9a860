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


@pytest.mark.parametrize("value", [1.0, 1e3, 1e8, 1e100])
def test_one_large_number_takes_no_longer(value):
    """Rows do not depend on each other, and far out a Gaussian unit's own density is all."""
    rbm = small(3, 4, visible="gaussian")
    W, b, c = parameters(rbm)
    V = np.random.RandomState(0).randn(3, 3)
    want = rbm.score_samples(V)
    V[1, 2] = value
    got = rbm.score_samples(V)
    np.testing.assert_allclose(got[[0, 2]], want[[0, 2]])
    H = naive.states(4)
    own = 0.0
    for i in range(3):  # a mixture of normals, one for each state of the hidden units
        others = np.delete(V[1], i) @ np.delete(W, i, axis=1).T + c
        means = b[i] + H @ W[:, i]
        log_share = H @ others + 0.5 * means**2
        log_share -= np.logaddexp.reduce(log_share)
        own += np.logaddexp.reduce(log_share - 0.5 * (V[1, i] - means) ** 2) - np.log(2 * np.pi) / 2
    np.testing.assert_allclose(got[1], own, rtol=1e-7)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ReadingWarning")
def test_numbers_that_are_no_probabilities_have_finite_scores():
    rbm = small(4, 3, scale=2.0)
    assert np.isfinite(rbm.score_samples(1e10 * np.random.RandomState(0).rand(5, 4))).all()
    rbm.machine_.weights *= 1e4  # of which exponentials overflow
    V = naive.states(4)[::3]
    W, b, c = parameters(rbm)

    def log_density(v):
        return b @ v + np.logaddexp(0, W @ v + c).sum()

    want = [
        sum(
            log_density(v)
            - np.logaddexp(*(log_density(np.r_[v[:i], u, v[i + 1 :]]) for u in (0.0, 1.0)))
            for i in range(4)
        )
        for v in V
    ]
    np.testing.assert_allclose(rbm.score_samples(V), want, rtol=1e-9)


def test_weights_that_went_astray_are_named():
    rbm = small(3, 4, visible="gaussian")
    rbm.machine_.weights[0, 0] = 1e8
    with pytest.raises(ValueError, match="The weights of one visible unit sum up to 1e"):
        rbm.score(np.zeros((2, 3)))
