"""Steps of learning against gradients by enumeration."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from dlkit.layerwise import RBM
from dlkit.layerwise._divergence import Machine, Rule, Steps, new_generator
from dlkit.layerwise._wiring import Dense

from .. import naive_layerwise as naive
from .machines import bars, parameters, small


def steps_of(rbm, n_rows, n_chains, **rule):
    rule = {
        "learning_rate": 1e-3, "n_gibbs": 1, "persistent": True, "momentum": 0.0,
        "weight_decay": 0.0, "sparsity_target": None, "sparsity_cost": 1.0,
    } | rule  # fmt: skip
    m = rbm.machine_
    m.chains = np.zeros((n_chains, len(m.hidden_bias)), np.float32)
    n_chains = n_chains if rule["persistent"] else n_rows
    return m, Steps(m, Dense(m), n_rows, n_chains), Rule(**rule)


@pytest.mark.compiled
@pytest.mark.parametrize("persistent", [True, False])
def test_mean_step_is_the_gradient_of_the_likelihood(persistent):
    """With chains that are in equilibrium: many chains and, for CD, many steps from the data."""
    rbm = small(4, 3, scale=0.7)
    X = bars(60)[:, :4]
    before = parameters(rbm)
    if not persistent:
        X = np.tile(X, (400, 1))
    m, steps, rule = steps_of(rbm, len(X), 40_000, persistent=persistent, n_gibbs=40)
    steps.V[: len(X)] = X
    steps.learn(len(X), rule)
    slopes = naive.gradient(lambda W, b, c: naive.log_likelihood(X[:60], W, b, c), *before)
    for new, old, slope in zip(parameters(rbm), before, slopes, strict=True):
        assert_allclose((new - old) / 1e-3, slope, atol=0.02)
    assert m is rbm.machine_


@pytest.mark.compiled
def test_cd1_is_data_against_one_step_away():
    """E[v h] after one step from the data, by enumeration of everything in between."""
    rbm = small(3, 2, scale=0.8)
    W, b, c = before = parameters(rbm)
    X = naive.states(3)[[1, 6, 6, 7]]

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    negative = np.zeros_like(W)
    for v in X:
        p = sigmoid(W @ v + c)
        for h in naive.states(2):
            weight = np.prod(np.where(h == 1, p, 1 - p))
            q = sigmoid(h @ W + b)
            for u in naive.states(3):
                share = weight * np.prod(np.where(u == 1, q, 1 - q)) / len(X)
                negative += share * np.outer(sigmoid(W @ u + c), u)
    positive = sigmoid(X @ W.T + c).T @ X / len(X)
    many = np.tile(X, (10_000, 1))
    _, steps, rule = steps_of(rbm, len(many), 1, persistent=False)
    steps.V[: len(many)] = many
    steps.learn(len(many), rule)
    assert_allclose((rbm.components_ - before[0]) / 1e-3, positive - negative, atol=0.01)


def test_momentum_and_decay_follow_their_recursion():
    rule = {"learning_rate": 0.1, "momentum": 0.5, "weight_decay": 0.2}
    X = bars(10)
    rbm, plain = small(16, 3), small(16, 3)
    for machine in (rbm.machine_, plain.machine_):
        machine.generator = new_generator(np.random.RandomState(3))
    W = plain.components_.astype(float)
    velocity = np.zeros_like(W)
    _, steps, rule = steps_of(rbm, 10, 4, **rule)
    twin, slow, bare = steps_of(plain, 10, 4, learning_rate=1.0)
    for _ in range(3):
        steps.V[:10] = slow.V[:10] = X
        steps.learn(10, rule)
        before = twin.weights.copy()
        chains = twin.visible_bias.copy(), twin.hidden_bias.copy()
        slow.learn(10, bare)  # the bare gradient, from the same noise
        gradient = twin.weights.astype(float) - before
        velocity = 0.5 * velocity + 0.1 * (gradient - 0.2 * W)
        W = W + velocity
        assert_allclose(rbm.components_, W, atol=1e-5)
        twin.weights[:] = W
        twin.visible_bias[:], twin.hidden_bias[:] = (
            rbm.intercept_visible_,
            rbm.intercept_hidden_,
        )
        assert chains[0].shape == (16,)
    decayed = RBM(3, weight_decay=0.5, n_epochs=20, random_state=0)
    shrunk = np.abs(decayed.fit(X).components_).sum()
    assert shrunk < np.abs(clone(decayed).set_params(weight_decay=0).fit(X).components_).sum()


def test_machines_are_copied_whole():
    machine = Machine.start(
        "bernoulli", "bernoulli", (2, 3), np.zeros(3), (4, 2), np.random.RandomState(0)
    )
    twin = machine.copy()
    for name in ("weights", "visible_bias", "hidden_bias", "chains"):
        assert not np.shares_memory(getattr(machine, name), getattr(twin, name))
    assert machine.generator.random() == twin.generator.random()
