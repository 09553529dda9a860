"""The convolutional Boltzmann machine against enumeration, and against plain convolution."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.conv import conv_matrix, convolve, pool
from dlkit.exceptions import ScalingWarning
from dlkit.layerwise import RBM, ConvRBM, GreedyLayerwise
from dlkit.layerwise._divergence import Rule, Steps
from dlkit.layerwise._wiring import Convolution

from .. import naive_layerwise as naive

IMAGES = load_digits().images[:120] / 16


V5 = naive.states(5)[..., None]  # all series of five binary entries


def small(X=V5, seed=0, scale=1.0, **kwargs):
    """A fitted machine with strong random weights put in."""
    r = np.random.RandomState(seed)
    kwargs = {"kernel_size": 2, "pool_size": 2} | kwargs
    rbm = ConvRBM(2, n_epochs=0, output="map", random_state=0, **kwargs).fit(X)
    m = rbm.machine_
    for array in (m.weights, m.visible_bias, m.hidden_bias):
        array[...] = scale * r.randn(*array.shape)
    return rbm


def parameters(rbm):
    return [a.astype(float) for a in (rbm.kernels_, rbm.intercept_visible_, rbm.intercept_hidden_)]


def distribution(rbm):
    """Exact probability of each of V5."""
    energies = [naive.conv_free_energy(v, *parameters(rbm), 2) for v in V5]
    p = np.exp(-np.array(energies))
    return p / p.sum()


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:visible='bernoulli' takes data from 0 to 1")
@parametrize_with_checks(
    [
        ConvRBM(random_state=0),
        ConvRBM(3, visible="gaussian", persistent=True, pool_size=1, learning_rate=1e-3),
        ConvRBM(3, momentum=0.0, weight_decay=0.0, sparsity_target=None, n_gibbs=2),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.kernels
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_free_energy_sums_over_hidden_states(visible):
    rbm = small(visible=visible)
    expected = [naive.conv_free_energy(v, *parameters(rbm), 2, visible) for v in V5]
    assert_allclose(rbm.free_energy(V5), expected, atol=1e-10)


@pytest.mark.kernels
def test_pooling_units_are_on_as_often_as_their_blocks():
    rbm = small()
    for v, maps in zip(V5[::5], rbm.transform(V5[::5]), strict=True):
        on, total = np.zeros((2, 2)), 0.0
        for h in naive.block_states(2, 2, 2):
            weight = np.exp(-naive.conv_energy(v, h, *parameters(rbm)))
            on += weight * h.reshape(2, 2, 2).sum(axis=1)
            total += weight
        assert_allclose(maps, on / total, rtol=1e-6)


@pytest.mark.compiled
def test_chains_visit_the_models_distribution():
    rbm = small(seed=3)
    expected = distribution(rbm)
    n = 20_000
    V = rbm.sample(n, n_steps=60, random_state=0)
    assert V.shape == (n, 5, 1)
    for drawn in (V, rbm.gibbs(V, 1, random_state=1)):
        found = np.bincount((drawn[..., 0] @ [16, 8, 4, 2, 1]).astype(int), minlength=32) / n
        assert (np.abs(found - expected) < 5 * np.sqrt(expected / n)).all()


@pytest.mark.compiled
@pytest.mark.parametrize("persistent", [True, False])
def test_mean_step_is_the_gradient_of_the_likelihood(persistent):
    """Per position, with chains in equilibrium."""
    rbm = small(scale=0.7)
    X = V5[[1, 7, 14, 14, 28]]
    m, before = rbm.machine_, parameters(rbm)
    n = 20_000
    wiring = Convolution((5,), 1, (2,), (2,), 2)
    rows = X if persistent else np.tile(X, (n // 5, 1, 1))
    m.chains = np.zeros((n, wiring.n_hidden), np.float32)
    steps = Steps(m, wiring, len(rows), n)
    steps.V[: len(rows)] = rows.reshape(len(rows), -1)
    steps.learn(len(rows), Rule(1e-3, n_gibbs=40, persistent=persistent))

    def likelihood(kernels, b, c):
        energy = np.array([naive.conv_free_energy(v, kernels, b, c, 2) for v in V5])
        where = [1, 7, 14, 14, 28]
        return -energy[where].mean() - np.log(np.exp(-energy).sum())

    slopes = naive.gradient(likelihood, *before)
    for new, old, slope in zip(parameters(rbm), before, slopes, strict=True):
        assert_allclose((new - old) / 1e-3, slope / 4, atol=0.02)  # four positions


def test_without_pooling_and_of_full_size_it_is_a_plain_machine():
    X = (IMAGES > 0.5).astype(float)
    rbm = ConvRBM(4, kernel_size=(8, 8), pool_size=1, output="map", n_epochs=0).fit(X)
    plain = RBM(4, n_epochs=0, random_state=0).fit(X.reshape(-1, 64))
    r = np.random.RandomState(0)
    rbm.machine_.weights[:] = plain.machine_.weights[:] = r.randn(4, 64)
    rbm.machine_.hidden_bias[:] = plain.machine_.hidden_bias[:] = r.randn(4)
    rbm.machine_.visible_bias[:] = plain.machine_.visible_bias[:] = 0.3
    flat = X.reshape(-1, 64)
    assert_allclose(rbm.transform(X).reshape(-1, 4), plain.transform(flat), rtol=1e-9)
    assert_allclose(rbm.free_energy(X), plain.free_energy(flat), rtol=1e-6)
    assert_allclose(rbm.reconstruct(X).reshape(-1, 64), plain.reconstruct(flat), rtol=1e-6)


@pytest.mark.compiled
def test_learning_lowers_the_error_and_meets_the_sparsity():
    rbm = ConvRBM(
        8, kernel_size=(3, 3), visible="gaussian", sparsity_target=0.05, sparsity_cost=5.0,
        learning_rate=0.1, n_epochs=25, output="map", random_state=0,
    )  # fmt: skip
    X = (IMAGES - IMAGES.mean()) / IMAGES.std()
    before = np.square(clone(rbm).set_params(n_epochs=0).fit(X).reconstruct(X)[..., 0] - X).mean()
    after = np.square(rbm.fit(X).reconstruct(X)[..., 0] - X).mean()
    assert after < 0.7 * before
    assert abs(rbm.transform(X).mean() / 4 - 0.05) < 0.03


def test_forms_of_samples():
    rbm = ConvRBM(4, kernel_size=(3, 3), n_epochs=1, random_state=0).fit(IMAGES)
    F = rbm.transform(IMAGES)
    maps = clone(rbm).set_params(output="map").fit(IMAGES).transform(IMAGES)
    assert maps.shape == (120, 3, 3, 4)
    assert_allclose(F, pool(maps, grid=2))
    assert F.shape[1] == len(rbm.get_feature_names_out())
    flat = clone(rbm).set_params(input_shape=(8, 8)).fit(IMAGES.reshape(120, 64))
    assert_array_equal(flat.transform(IMAGES.reshape(120, 64)), F)
    listed = clone(rbm).fit(list(IMAGES))
    assert_array_equal(listed.kernels_, rbm.kernels_)
    sizes = [np.tile(IMAGES[0], (1, 2)), IMAGES[1]]
    assert [m.shape for m in rbm.set_params(output="map").transform(sizes)] == [
        (3, 7, 4), (3, 3, 4)
    ]  # fmt: skip
    assert_allclose(rbm.transform(sizes)[1], maps[1])
    assert rbm.free_energy(sizes).shape == (2,)
    assert rbm.reconstruct(sizes)[0].shape == (8, 16, 1)
    assert rbm.transform(IMAGES.astype(np.float32)).dtype == np.float32
    again = pickle.loads(pickle.dumps(rbm))
    assert_array_equal(again.partial_fit(IMAGES).kernels_, rbm.partial_fit(IMAGES).kernels_)


def test_two_are_a_convolutional_deep_belief_network():
    one = ConvRBM(6, kernel_size=(3, 3), output="map", n_epochs=2, random_state=0)
    two = ConvRBM(5, kernel_size=(2, 2), output="map", n_epochs=2, random_state=0)
    deep = GreedyLayerwise([("one", one), ("two", two)], features="all", grid=1).fit(IMAGES)
    assert deep.layers_[1][1].kernels_.shape == (5, 2, 2, 6)
    assert deep.transform(IMAGES).shape == (120, 6 + 5)


@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_divergence_names_the_learning_rate_and_leaves_no_trace(call):
    X = 100 * IMAGES
    rbm = ConvRBM(4, kernel_size=(3, 3), visible="gaussian", n_epochs=0, random_state=0).fit(X)
    kernels = rbm.kernels_.copy()
    rbm.set_params(learning_rate=1e30, n_epochs=1)
    with pytest.raises(ValueError, match=r"learning_rate=1e\+30"):
        getattr(rbm, call)(X)
    assert_array_equal(rbm.kernels_, kernels)
    fresh = clone(rbm)
    with pytest.raises(ValueError, match="learning_rate"):
        getattr(fresh, call)(X)
    assert vars(fresh) == vars(clone(rbm))


def test_numbers_that_are_no_probabilities_are_announced():
    with pytest.warns(ScalingWarning, match="values from 0 to 16: scale X, or use visible='gaus"):
        ConvRBM(2, kernel_size=3, n_epochs=0).fit(16 * IMAGES)
    ConvRBM(2, kernel_size=3, n_epochs=0, visible="gaussian").fit(16 * IMAGES)


def test_bad_input():
    for bad in (
        {"n_kernels": 0}, {"visible": "binary"}, {"learning_rate": 0.0}, {"momentum": 1.0},
        {"n_gibbs": 0}, {"batch_size": 0}, {"sparsity_target": -1.0}, {"weight_decay": -1.0},
        {"persistent": "yes"}, {"output": "maps"}, {"pool_size": 0}, {"pool_size": (2, 2, 2)},
        {"kernel_size": (9, 3)}, {"kernel_size": (0, 3)}, {"grid": "2"},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(bad))):
            ConvRBM(**({"kernel_size": (3, 3)} | bad)).fit(IMAGES)
    rbm = ConvRBM(2, kernel_size=(3, 3), n_epochs=0).fit(IMAGES)
    with pytest.raises(ValueError, match="one size"):
        clone(rbm).fit([IMAGES[0], IMAGES[1][:7]])
    with pytest.raises(ValueError, match="NaN"):
        clone(rbm).fit(np.where(IMAGES > 0.9, np.nan, IMAGES))
    with pytest.raises(ValueError, match="channels"):
        rbm.transform(np.zeros((2, 8, 8, 2)))
    with pytest.raises(ValueError, match="too small"):
        rbm.transform(np.zeros((2, 3, 8)))
    with pytest.raises(ValueError, match="spatial shape"):
        rbm.gibbs(np.zeros((2, 9, 8)))
    with pytest.raises(ValueError, match="spatial shape"):
        rbm.partial_fit(np.zeros((2, 9, 8)))
    with pytest.raises(ValueError, match="n_kernels=2"):
        rbm.set_params(n_kernels=3).partial_fit(IMAGES)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ReadingWarning")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_units_share_a_block_as_softmax_has_it(dtype):
    """Thousands of units of one block, of inputs whose exponentials overflow."""
    x = np.random.RandomState(0).rand(2, 3000, 1)
    rbm = ConvRBM(2, kernel_size=(9,), pool_size=2992, n_epochs=0, output="map", random_state=0)
    rbm.fit(x)
    for scale in (1.0, 1e5, 1e30):
        loud = (scale * (x - 0.3)).astype(dtype)
        I = convolve(loud.astype(float), rbm.kernels_.astype(float))
        top = np.maximum(I.max(axis=1), 0)
        total = np.exp(I - top[:, None]).sum(axis=1)
        want = total / (np.exp(-top) + total)
        with np.errstate(all="raise"):
            assert_allclose(rbm.transform(loud)[:, 0], want, rtol=1e-4)
        H = np.exp(I - top[:, None]) / (np.exp(-top) + total)[:, None]
        spread = conv_matrix(rbm.kernels_.astype(float), (3000, 1)).T @ H.reshape(2, -1).T
        got = rbm.reconstruct(loud)[..., 0]
        assert_allclose(got, 1 / (1 + np.exp(-spread.T - rbm.intercept_visible_)), atol=1e-4)
    rbm.machine_.weights[...] = 1
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        rbm.transform(np.full((1, 3000, 1), 3e38, np.float32))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint16])
def test_numbers_of_any_whole_kind(kind):
    def fitted(t):
        sizes = {"kernel_size": t(3), "pool_size": t(2), "grid": t(2), "batch_size": t(50)}
        rbm = ConvRBM(t(3), **sizes, n_epochs=t(1), persistent=True, random_state=0).fit(IMAGES)
        return rbm.transform(IMAGES)

    assert_array_equal(fitted(kind), fitted(int))
