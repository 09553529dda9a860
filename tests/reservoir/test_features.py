"""Features and states against the oracle: every topology, pooling, dtype and form of input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ReservoirFeatures, ReservoirStates, _budgets
from dlkit.reservoir import ModelSpace, spectral_norm, spectral_radius

from .. import naive

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6)
RAGGED = [rng.randn(n, 2) for n in LENGTHS]
TOPOLOGY = ["sparse", "dense", "ring", "cycle_jumps", "orthogonal"]


def oracle(estimator, X):
    pool = naive.POOLINGS[estimator.pooling]
    rows = [pool(naive.estimator_states(estimator, x)[estimator.washout :]) for x in X]
    return np.array(rows)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
@pytest.mark.parametrize("topology", TOPOLOGY)
def test_features_follow_the_formula(topology, pooling, dtype):
    model = ReservoirFeatures(
        17, topology=topology, pooling=pooling, washout=2, passthrough=True, random_state=3
    )
    X = [x.astype(dtype) for x in RAGGED]
    got = model.fit_transform(X)
    assert got.dtype == dtype
    assert got.shape == (len(X), model._n_features_out)
    np.testing.assert_allclose(got, oracle(model, X), atol=1e-10 if dtype == np.float64 else 2e-5)


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


def test_matrices_and_callables_as_topology():
    W = 0.1 * rng.randn(9, 9)
    for topology in (W, sparse.csr_matrix(W), sparse.coo_array(W), lambda n, rng: W):
        model = ReservoirFeatures(9, topology=topology, random_state=0).fit(RAGGED)
        assert model.reservoir_.n_units == 9
        assert spectral_radius(model.reservoir_.matrix) == pytest.approx(0.9, rel=1e-9)
        scaled = model.reservoir_.matrix
        scaled = scaled.toarray() if sparse.issparse(scaled) else scaled
        np.testing.assert_allclose(scaled / scaled[0, 0], W / W[0, 0])
        np.testing.assert_allclose(model.transform(RAGGED), oracle(model, RAGGED), atol=1e-10)


def test_the_delay_line_needs_another_control():
    with pytest.raises(ValueError, match=r"delay_line.*control='norm'"):
        ReservoirFeatures(9, topology="delay_line").fit(RAGGED)
    model = ReservoirFeatures(9, topology="delay_line", control="norm", random_state=0).fit(RAGGED)
    assert spectral_norm(model.reservoir_.matrix) == pytest.approx(0.9)
    np.testing.assert_allclose(model.transform(RAGGED), oracle(model, RAGGED), atol=1e-10)


@pytest.mark.parametrize("control", ["radius", "effective", "norm"])
@pytest.mark.parametrize("leak_rate", [0.4, np.linspace(0.3, 0.9, 25)])
def test_what_the_spectral_radius_controls(control, leak_rate):
    model = ReservoirFeatures(
        25, control=control, spectral_radius=0.95, leak_rate=leak_rate, random_state=0
    ).fit(RAGGED)
    W = model.reservoir_.matrix.toarray()
    a = np.broadcast_to(leak_rate, 25)
    measured = {
        "radius": np.abs(np.linalg.eigvals(W)).max(),
        "effective": np.abs(np.linalg.eigvals(np.diag(1 - a) + a[:, None] * W)).max(),
        "norm": np.linalg.norm(W, 2),
    }
    assert measured[control] == pytest.approx(0.95, rel=1e-8)
    np.testing.assert_allclose(model.transform(RAGGED), oracle(model, RAGGED), atol=1e-10)


def test_settings_do_not_change_the_draw():
    base = ReservoirFeatures(20, random_state=5).fit(RAGGED).reservoir_
    other = (
        ReservoirFeatures(
            20, random_state=5, spectral_radius=0.45, input_scaling=[0.6, 0.1], bias_scaling=0.4
        )
        .fit(RAGGED)
        .reservoir_
    )
    np.testing.assert_allclose(other.matrix.toarray(), base.matrix.toarray() / 2, rtol=1e-12)
    np.testing.assert_allclose(other.w_in, base.w_in / 0.3 * [0.6, 0.1], rtol=1e-12)
    np.testing.assert_allclose(other.bias, 2 * base.bias, rtol=1e-12)
    half = base.with_radius(0.45)
    np.testing.assert_allclose(half.matrix.toarray(), other.matrix.toarray(), rtol=1e-12)
    assert half.recurrent.base is base.recurrent.base


def test_noise_is_for_training_only_and_repeats():
    model = ReservoirFeatures(20, pooling="last", noise=0.1, random_state=0)
    noisy = model.fit_transform(RAGGED)
    np.testing.assert_array_equal(noisy, clone(model).fit_transform(RAGGED))
    quiet = model.transform(RAGGED)
    np.testing.assert_allclose(quiet, oracle(model, RAGGED), atol=1e-10)
    assert 0.01 < np.abs(noisy - quiet).mean() < 0.5
    # each sequence has a stream of its own, whatever the cut and its neighbours
    np.testing.assert_array_equal(clone(model).fit_transform(RAGGED[:3]), noisy[:3])
    model.set_params(n_jobs=2, verbose=1)
    np.testing.assert_array_equal(model.fit_transform(RAGGED), noisy)


def test_noise_of_long_sequences(monkeypatch):
    X = [rng.randn(n, 1) for n in (150, 100, 3)]
    model = ReservoirFeatures(7, noise=0.1, random_state=0)
    whole = model.fit_transform(X)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    np.testing.assert_allclose(model.fit_transform(X), whole, atol=1e-10)


@settings(deadline=None, max_examples=10, derandomize=True)
@given(st.permutations(range(len(RAGGED))), st.integers(1, len(RAGGED)))
def test_rows_do_not_depend_on_the_batch(order, n):
    model = ReservoirFeatures(11, spectral_radius=1.5, random_state=0).fit(RAGGED)
    chosen = order[:n]
    got = model.transform([RAGGED[i] for i in chosen])
    np.testing.assert_array_equal(got, model.transform(RAGGED)[chosen])


def test_every_form_of_input_gives_the_same_rows():
    cube = rng.randn(4, 6, 2)
    model = ReservoirFeatures(11, random_state=0).fit(cube)
    want = model.transform(cube)
    objects = np.empty(4, dtype=object)
    objects[:] = list(cube)
    for X in (list(cube), objects, [pd.DataFrame(x) for x in cube], np.asfortranarray(cube)):
        np.testing.assert_array_equal(model.transform(X), want)
    table = rng.randn(4, 6)
    model = ReservoirFeatures(11, random_state=0).fit(table)
    want = model.transform(table)
    for X in (table[:, :, None], list(table), pd.DataFrame(table)):
        np.testing.assert_array_equal(clone(model).fit(X).transform(X), want)


def test_memory_maps(tmp_path):
    path = tmp_path / "x.npy"
    x = rng.randn(5, 8, 2)
    np.save(path, x)
    mapped = np.load(path, mmap_mode="r")
    model = ReservoirFeatures(6, random_state=0)
    np.testing.assert_array_equal(model.fit_transform(mapped), model.fit_transform(x))


def test_feature_names_and_pandas_output():
    model = ReservoirFeatures(3, pooling="mean", random_state=0).set_output(transform="pandas")
    frame = model.fit_transform(RAGGED)
    assert list(frame.columns) == [f"reservoirfeatures{i}" for i in range(3)]
    states = ReservoirStates(3, random_state=0).set_output(transform="pandas")
    frame = states.fit_transform(pd.DataFrame(RAGGED[0], index=range(5, 10)))
    assert list(frame.index) == list(range(5, 10))


# ReservoirStates


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("topology", TOPOLOGY)
def test_states_follow_the_formula(topology, dtype):
    model = ReservoirStates(13, topology=topology, leak_rate=0.7, passthrough=True, random_state=1)
    x = RAGGED[5].astype(dtype)
    got = model.fit_transform(x)
    assert got.dtype == dtype
    want = naive.estimator_states(model, x)
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    np.testing.assert_allclose(model.final_state_, want[-1:, :13], atol=2e-5)
    several = [x.astype(dtype) for x in RAGGED]
    for got, x in zip(model.fit_transform(several), several, strict=True):
        np.testing.assert_allclose(got, naive.estimator_states(model, x), atol=2e-5)
    assert model.final_state_.shape == (len(RAGGED), 13)
    cube = rng.randn(3, 6, 2)
    assert model.fit_transform(cube).shape == (3, 6, 15)


def test_states_go_on_where_a_series_stopped():
    x = RAGGED[5]
    model = ReservoirStates(13, random_state=1).fit(x[:20])
    whole = model.transform(x)
    np.testing.assert_array_equal(model.transform(x[20:], model.final_state_), whole[20:])
    np.testing.assert_array_equal(model.transform(x[20:], initial_state=whole[19]), whole[20:])
    model.set_params(start="fit")
    np.testing.assert_array_equal(model.transform(x[20:]), whole[20:])
    np.testing.assert_array_equal(model.transform(x[20:]), whole[20:])  # nothing was changed
    with pytest.raises(ValueError, match='start="fit" gives states of shape'):
        ReservoirStates(13, start="fit").fit(RAGGED).transform(RAGGED[:2])
    with pytest.raises(ValueError, match="initial_state gives states of shape"):
        model.transform(x, initial_state=np.zeros(12))
    with pytest.raises(ValueError, match="initial_state holds NaN"):
        model.transform(x, initial_state=np.full(13, np.nan))


# the contract

ORDER = "a row depends on the rows before it"
STEP_LEVEL = {
    "check_methods_subset_invariance": ORDER,
    "check_methods_sample_order_invariance": ORDER,
}


@pytest.mark.compiled
@parametrize_with_checks(
    [
        ReservoirFeatures(),
        *(ReservoirFeatures(20, pooling=p) for p in ("last", "mean", "last_mean", "model_space")),
        ReservoirFeatures(20, pooling=ModelSpace(whiten=True)),
        ReservoirFeatures(20, passthrough=True, control="norm", topology="dense"),
        ReservoirStates(),
    ],
    expected_failed_checks=lambda e: STEP_LEVEL if isinstance(e, ReservoirStates) else {},
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def test_a_reservoir_too_large_for_a_matrix():
    """Fifty thousand units in a structured topology: its states turn and shrink, nothing else."""
    model = ReservoirFeatures(
        50_000, topology="hadamard", spectral_radius=0.5, activation="identity", leak_rate=1.0,
        bias_scaling=0.0, pooling="last", random_state=0,
    )  # fmt: skip
    first, second = model.fit_transform([np.ones((1, 1)), np.r_[np.ones((1, 1)), np.zeros((1, 1))]])
    assert np.linalg.norm(second) == pytest.approx(0.5 * np.linalg.norm(first), rel=1e-12)
    assert spectral_radius(model.reservoir_.matrix) == pytest.approx(0.5)
    assert spectral_norm(model.reservoir_.matrix) == pytest.approx(0.5)
