"""The restricted Boltzmann machine against enumeration of all states."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.integrate import quad
from sklearn.base import clone
from sklearn.neural_network import BernoulliRBM
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.layerwise import RBM
from dlkit.layerwise._divergence import Machine, Rule, Steps, new_generator
from dlkit.layerwise._units import RELU
from dlkit.layerwise._wiring import Dense

from .. import naive_layerwise as naive

KINDS = [("bernoulli", "bernoulli"), ("gaussian", "bernoulli"), ("bernoulli", "relu")]


def small(n_visible=4, n_hidden=3, visible="bernoulli", hidden="bernoulli", seed=0, scale=1.0):
    """A fitted machine with strong random weights put in."""
    r = np.random.RandomState(seed)
    X = (r.rand(20, n_visible) < 0.5).astype(float)
    rbm = RBM(n_hidden, visible=visible, hidden=hidden, n_epochs=0, random_state=seed).fit(X)
    m = rbm.machine_
    for array in (m.weights, m.visible_bias, m.hidden_bias):
        array[...] = scale * r.randn(*array.shape)
    return rbm


def parameters(rbm):
    return [
        a.astype(float) for a in (rbm.components_, rbm.intercept_visible_, rbm.intercept_hidden_)
    ]


def bars(n=200, seed=0):
    """4 × 4 images of one bar each."""
    r = np.random.RandomState(seed)
    X = np.zeros((n, 4, 4))
    for image in X:
        image[(slice(None), r.randint(4)) if r.rand() < 0.5 else r.randint(4)] = 1
    return X.reshape(n, 16)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:visible='bernoulli' takes data from 0 to 1")
@parametrize_with_checks(
    [
        RBM(),
        RBM(5, visible="gaussian", hidden="relu", persistent=False, learning_rate=1e-3),
        RBM(5, n_gibbs=2, momentum=0.5, weight_decay=1e-3, sparsity_target=0.1, n_chains=3),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


SPARSE = [sparse.csr_matrix, sparse.csr_array, sparse.coo_array]


@pytest.mark.parametrize("form", SPARSE)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_sparse_rows_are_rows(form, dtype, visible):
    X = bars(60).astype(dtype)
    options = {"visible": visible, "learning_rate": 0.01, "n_epochs": 2, "random_state": 0}
    dense, rbm = RBM(5, **options).fit(X), RBM(5, **options).fit(form(X))
    for got, want in zip(parameters(rbm), parameters(dense), strict=True):
        assert_array_equal(got, want)
    for name in ("transform", "reconstruct", "free_energy", "score_samples", "gibbs"):
        got = getattr(rbm, name)(form(X[:7]))
        assert_array_equal(got, getattr(dense, name)(X[:7]))
    pieces = RBM(5, **options).partial_fit(form(X[:30])).partial_fit(form(X[30:]))
    want = RBM(5, **options).partial_fit(X[:30]).partial_fit(X[30:])
    assert_array_equal(pieces.components_, want.components_)
    twice = sparse.csr_array(  # an entry in two parts
        (np.array([0.25, 0.5], dtype), np.array([3, 3]), np.array([0, 2])), shape=(1, 16)
    )
    assert_allclose(rbm.transform(twice), rbm.transform(twice.toarray()), atol=1e-6)
    out = np.empty((1, 16), np.float32)
    rbm._fill(twice)(out, slice(1))
    assert_array_equal(out, twice.toarray())


# the model


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_free_energy_sums_over_hidden_states(visible):
    rbm = small(visible=visible)
    W, b, c = parameters(rbm)
    V = naive.states(4)
    expected = [naive.free_energy(v, W, b, c, visible) for v in V]
    assert_allclose(rbm.free_energy(V), expected, atol=1e-12)


def test_relu_free_energy_is_that_of_many_binary_units():
    rbm = small(hidden="relu")
    W, b, c = parameters(rbm)
    for v in naive.states(4)[::3]:
        copies = sum(
            np.logaddexp(0, W @ v + c - i * 1e-3 + 0.5e-3).sum() * 1e-3 for i in range(1, 20_000)
        )
        assert_allclose(rbm.free_energy(v[None])[0], -(b @ v) - copies, atol=1e-5)
    x = np.linspace(-4, 4, 9)[:, None] * np.ones(4)  # its slope is what transform gives
    slope = (rbm.free_energy(x + 1e-5) - rbm.free_energy(x - 1e-5)) / 2e-5
    assert_allclose(slope, -(b.sum() + (rbm.transform(x) @ W).sum(axis=1)), atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 3), (3, 5), (13, 2)])
def test_exact_partition_function(shape):
    rbm = small(*shape)
    log_z, error = rbm.log_partition()
    n_visible = shape[0]
    W, b, c = parameters(rbm)
    expected = np.logaddexp.reduce(-rbm.free_energy(naive.states(n_visible)))
    assert_allclose(log_z, expected, rtol=1e-12)
    assert error == 0.0
    if n_visible < 5:
        assert_allclose(log_z, naive.log_partition(W, b, c), rtol=1e-10)


def test_exact_partition_function_of_other_units():
    rbm = small(1, 3, visible="gaussian")
    integral = quad(lambda v: np.exp(-rbm.free_energy([[v]])[0]), -30, 30)[0]
    assert_allclose(rbm.log_partition()[0], np.log(integral), rtol=1e-8)
    rbm = small(4, 3, hidden="relu", scale=0.5)
    expected = np.logaddexp.reduce(-rbm.free_energy(naive.states(4)))
    assert_allclose(rbm.log_partition("exact")[0], expected, rtol=1e-12)


@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_annealing_is_right_within_its_error(visible):
    rbm = small(8, 5, visible=visible, scale=0.7)
    exact, _ = rbm.log_partition("exact")
    log_z, error = rbm.log_partition("ais", n_chains=200, n_steps=300, random_state=1)
    assert 0 < error < 0.1
    assert abs(log_z - exact) < 4 * error
    assert rbm.log_partition("ais", n_chains=200, n_steps=300, random_state=1)[0] == log_z


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
def test_relu_samples_have_the_units_noise():
    rbm = small(4, 3, hidden="relu")
    W, _, c = parameters(rbm)
    v = np.array([1.0, 0.0, 1.0, 1.0])
    m = rbm.machine_
    H = np.tile((W @ v).astype(np.float32), (50_000, 1))
    drawn = m.generator.standard_normal(H.shape, np.float32)
    RELU.draw(H, m.hidden_bias, drawn, np.empty_like(H))
    x = W @ v + c
    s = np.sqrt(1 / (1 + np.exp(-x)))
    noise = np.random.RandomState(0).randn(50_000, 3)
    expected = np.maximum(0, x + s * noise)
    assert_allclose(H.mean(axis=0), expected.mean(axis=0), atol=0.02)
    assert_allclose(H.std(axis=0), expected.std(axis=0), atol=0.02)


def test_transform_and_reconstruct_are_expectations():
    rbm = small()
    W, b, c = parameters(rbm)
    V = naive.states(4)
    H = 1 / (1 + np.exp(-(V @ W.T + c)))
    assert_allclose(rbm.transform(V), H, rtol=1e-12)
    assert_allclose(rbm.reconstruct(V), 1 / (1 + np.exp(-(H @ W + b))), rtol=1e-12)
    assert rbm.transform(V.astype(np.float32)).dtype == np.float32
    relu = small(visible="gaussian", hidden="relu")
    W, b, c = parameters(relu)
    H = np.log1p(np.exp(V @ W.T + c))
    assert_allclose(relu.transform(V), H, rtol=1e-12)
    assert_allclose(relu.reconstruct(V), H @ W + b, rtol=1e-12)


# learning


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


@pytest.mark.compiled
@pytest.mark.parametrize("kinds", KINDS)
def test_learning_raises_the_pseudo_likelihood(kinds):
    X = bars() * (4.0 if kinds[0] == "gaussian" else 1.0)
    rbm = RBM(12, visible=kinds[0], hidden=kinds[1], n_epochs=60, random_state=0)
    before = clone(rbm).set_params(n_epochs=0).fit(X).score(X)
    assert rbm.fit(X).score(X) > before + 1.5


@pytest.mark.compiled
def test_learning_finds_the_distribution():
    X = bars(300)
    rbm = RBM(12, n_chains=50, n_epochs=100, random_state=0).fit(X)
    log_z, _ = rbm.log_partition()
    likelihood = (-rbm.free_energy(X) - log_z).mean()
    assert -4.0 < likelihood < -np.log(7)  # eight images; independent pixels have -9


@pytest.mark.compiled
def test_sparsity_target_is_met():
    X = bars()
    rbm = RBM(12, n_epochs=40, random_state=0)
    free = rbm.fit(X).transform(X).mean()
    sparse = clone(rbm).set_params(sparsity_target=0.05, sparsity_cost=3.0).fit(X)
    assert abs(sparse.transform(X).mean() - 0.05) < 0.03 < abs(free - 0.05)


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fit_is_reproducible_and_leaves_data_alone(dtype):
    X = bars(45).astype(dtype)
    X.flags.writeable = False
    one = RBM(5, n_epochs=2, random_state=3).fit(X)
    two = clone(one).fit(pd.DataFrame(X, columns=[f"p{i}" for i in range(16)]))
    assert_array_equal(one.components_, two.components_)
    assert list(two.get_feature_names_out()[:2]) == ["rbm0", "rbm1"]
    again = pickle.loads(pickle.dumps(one))
    assert_array_equal(again.partial_fit(X).components_, one.partial_fit(X).components_)


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


def test_bad_input():
    X = bars(20)
    for bad in (
        {"n_components": 0}, {"visible": "binary"}, {"hidden": "tanh"}, {"learning_rate": 0.0},
        {"momentum": 1.0}, {"n_gibbs": 0}, {"batch_size": 0}, {"sparsity_target": -1.0},
        {"weight_decay": -1.0}, {"n_chains": 0}, {"persistent": "yes"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(bad))):
            RBM(**bad).fit(X)
    with pytest.warns(UserWarning, match="from 0 to 255"):
        RBM(2, n_epochs=0).fit(255 * X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RBM(2, n_epochs=0, visible="gaussian").fit(255 * X)
    with pytest.raises(ValueError, match="NaN"):
        RBM().fit(np.where(X == 1, np.nan, X))
    big = RBM(21, n_epochs=0, random_state=0).fit(np.tile(X, 2))
    with pytest.raises(ValueError, match="at most 20"):
        big.log_partition("exact")
    with pytest.raises(ValueError, match="method must be"):
        big.log_partition("guess")
    for wrong in ({"n_chains": 0}, {"n_steps": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            big.log_partition("ais", **wrong)
    with pytest.raises(ValueError, match="n_samples"):
        big.sample(0)
    with pytest.raises(ValueError, match="n_steps"):
        big.gibbs(np.tile(X, 2), -1)
    relu = RBM(21, hidden="relu", n_epochs=0, random_state=0).fit(np.tile(X, 2))
    with pytest.raises(ValueError, match="hidden='relu'"):
        relu.log_partition()
    both = RBM(2, visible="gaussian", hidden="relu", n_epochs=0).fit(X)
    with pytest.raises(AttributeError) as error:
        both.score_samples(X)
    assert "finite integral" in str(error.value.__cause__)


def test_machines_are_copied_whole():
    machine = Machine.start(
        "bernoulli", "bernoulli", (2, 3), np.zeros(3), (4, 2), np.random.RandomState(0)
    )
    twin = machine.copy()
    for name in ("weights", "visible_bias", "hidden_bias", "chains"):
        assert not np.shares_memory(getattr(machine, name), getattr(twin, name))
    assert machine.generator.random() == twin.generator.random()
