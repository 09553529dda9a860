"""Pooled states against sums and ridge models of whole sequences."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA

from dlkit import ReservoirFeatures, _budgets
from dlkit.reservoir import ModelSpace
from dlkit.reservoir._learning.pooling import POOLINGS

from .. import naive
from ._lanes import expected, make, ragged
from ._ragged import RAGGED, rng

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_sums_made_on_the_way_are_those_of_the_states(pooling, passthrough, n_jobs):
    lanes = make(passthrough=passthrough)
    washout, lengths = 2, [9, 3, 4, 12, 7, 5, 30, 3, 3, 3, 8, 6, 5, 4, 4, 4, 4, 4, 10, 3, 11]
    for batch in (ragged(lengths), ragged(lengths[:3])):
        pooled = POOLINGS[pooling].start(len(batch), lanes.n_columns, washout)
        lanes.run(batch, pooled, n_jobs=n_jobs)
        for row, x in zip(pooled.result(), batch.unpack(), strict=True):
            states = expected(lanes, "fixed in-degree", x)
            states = np.hstack([states, x]) if passthrough else states
            want = naive.POOLINGS[pooling](states[washout:])
            np.testing.assert_allclose(row, want, atol=1e-12)


def check_model_space(model, X, x_train):
    states = np.concatenate([naive.estimator_states(model, x)[model.washout :] for x in x_train])
    mean, components = model.pooling_.mean, model.pooling_.components
    np.testing.assert_allclose(mean, states.mean(axis=0), atol=1e-10)
    pca = PCA(len(components)).fit(states)
    size = np.ones(len(components))
    if model.pooling.whiten:
        size = 1 / pca.transform(states).std(axis=0)
    np.testing.assert_allclose(
        np.abs(components @ pca.components_.T) / size, np.eye(len(components)), atol=1e-6
    )
    want = [
        naive.model_space(
            naive.estimator_states(model, x)[model.washout :], mean, components, model.pooling.alpha
        )
        for x in X
    ]
    np.testing.assert_allclose(model.transform(X), want, atol=1e-9)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("washout", [0, 2])
def test_model_space_is_a_ridge_model_of_each_sequence(washout, whiten):
    model = ReservoirFeatures(
        15, pooling=ModelSpace(4, whiten=whiten, alpha=0.5), washout=washout, random_state=0
    ).fit(RAGGED)
    check_model_space(model, RAGGED, RAGGED)
    # of one step there is no model, of two a model without slope
    if washout == 0:
        single = model.transform([RAGGED[0][:1]])
        np.testing.assert_array_equal(single, np.zeros((1, 20)))
    assert model._n_features_out == 20
    assert model.set_params(pooling="mean").fit(RAGGED).pooling_.parts == ("mean",)


def test_whitened_components_that_do_not_vary():
    """Rounding is not blown up, and nothing is divided by zero."""
    still = [np.zeros((n, 1)) for n in (3, 4)]
    model = ReservoirFeatures(6, pooling=ModelSpace(whiten=True), bias_scaling=0.0)
    np.testing.assert_array_equal(model.fit_transform(still), np.zeros((2, 42)))
    moving = [np.sin(np.arange(n))[:, None] * [1.0, 1.0] for n in (30, 40)]
    model.set_params(n_units=40, pooling__n_components=40, input_scaling=1e-3, random_state=0)
    assert np.abs(model.fit_transform(moving)).max() < 10


@pytest.mark.parametrize("pooling", [*naive.POOLINGS, ModelSpace(3)])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_long_sequences_come_in_stretches(monkeypatch, pooling, n_jobs):
    X = [rng.randn(n, 1) for n in (200, 3, 150, 64, 65)]
    model = ReservoirFeatures(7, pooling=pooling, washout=2, random_state=0, n_jobs=n_jobs)
    whole = model.fit_transform(X)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    np.testing.assert_allclose(model.transform(X), whole, atol=1e-10)
    np.testing.assert_allclose(clone(model).fit_transform(X), whole, atol=1e-7)


def test_one_pair_without_a_penalty_gives_the_model_of_least_norm():
    X = [rng.standard_normal((n, 2)) for n in (2, 2, 9, 12)]
    space = ModelSpace(3, alpha=0.0)
    found = ReservoirFeatures(10, pooling=space, random_state=0).fit_transform(X)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[0, :9], 0.0)  # of one pair: a constant


@pytest.mark.parametrize(
    "dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.compiled)]
)
def test_states_at_rest_do_not_rise(dtype):
    """Steps within rounding are none, whatever their sign."""
    X = [np.full((n, 1), 0.5, dtype=dtype) for n in (4000, 3000)]
    found = ReservoirFeatures(
        30, pooling="statistics", washout=500, leak_rate=("log_uniform", 1, 5), random_state=0
    ).fit_transform(X)
    np.testing.assert_array_equal(found[:, 90:120], 0.0)


def test_a_share_of_steps_does_not_depend_on_the_size_of_the_input():
    """Of an input that is small the states are nearly linear, and go up where it goes up."""
    x = np.random.RandomState(0).randn(900, 1)
    features = ReservoirFeatures(20, pooling="statistics", washout=500, random_state=0).fit([x])
    rises = [4 * features.transform([s * x])[0, 60:80] for s in (1e-3, 1e-2)]
    np.testing.assert_allclose(*rises, atol=0.02)
    assert 0.3 < rises[0].min() < rises[0].max() < 0.7


def test_one_step_has_no_steps():
    x = np.ones((1, 1))
    found = ReservoirFeatures(5, pooling="statistics", random_state=0).fit_transform([x])[0]
    np.testing.assert_array_equal(found[:5], 4 * found[20:25])
    np.testing.assert_array_equal(found[5:20], 0.0)
    np.testing.assert_array_equal(found[20:25], found[25:])
