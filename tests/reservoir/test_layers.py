"""Reservoirs in series: every layer against the formula, in every estimator."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
    _budgets,
)
from dlkit.reservoir import (
    Context,
    InputWeights,
    Layers,
    Legendre,
    echo_state_index,
    lyapunov_exponent,
)
from dlkit.reservoir._engine import links as _links
from dlkit.reservoir._engine.lanes import Lanes
from dlkit.sequences import pack

from .. import naive, naive_paths
from .test_estimators import STEP_LEVEL

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6, 11, 8)
RAGGED = [rng.randn(n, 2) for n in LENGTHS]
LABELS = np.arange(len(RAGGED)) % 2
SERIES = np.sin(0.3 * np.arange(150))[:, None] * [1.0, 0.5] + [0.0, 1.0]
LATER = np.roll(SERIES[:, 0], 3)
SHAPES = {
    "two": 2,
    "own": [{"n_units": 7}, {"n_units": 5, "activation": "relu"}, {"topology": "ring"}],
    "skips": Layers(3, skips=True, inputs="all", links=4),
    "hidden": Layers([{"n_units": 30, "spectral_radius": 0.0, "leak_rate": 1.0}, {}], read="last"),
    "cells": [
        {"cell": Legendre(memory_units=4, window=5.0)},
        {"cell": "deep_transition"},
        {"n_units": 15, "cell": Legendre(memory_units=9)},
    ],
    "last": Layers(3, read="last", progression={"leak_rate": (1.0, 0.1), "n_units": (12, 6)}),
}


def oracle(model, x, start=None):
    r = model.reservoir_
    states = naive_paths.deep_states(r, x, start)[:, r.n_units - r.n_features :]
    return np.hstack([states, x]) if model.passthrough else states


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", SHAPES)
def test_states_and_features_follow_the_formula(shape, dtype):
    X = [x.astype(dtype) for x in RAGGED]
    options = {"layers": SHAPES[shape], "passthrough": True, "leak_rate": 0.5, "random_state": 0}
    tolerance = 1e-10 if dtype == np.float64 else 2e-5
    model = ReservoirStates(9, **options).fit(X)
    for got, x, last in zip(model.transform(X), X, model.final_state_, strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, oracle(model, x), atol=tolerance)
        states = naive_paths.deep_states(model.reservoir_, x)
        np.testing.assert_allclose(last, states[-1], atol=tolerance)
    assert len(model.get_feature_names_out()) == got.shape[1]
    start = rng.uniform(-1, 1, model.reservoir_.n_units)
    got = model.transform(X[:1], initial_state=start)[0]
    np.testing.assert_allclose(got, oracle(model, X[0], start), atol=tolerance)
    for pooling in naive.POOLINGS:
        pool = naive.pooling(pooling, dtype)
        pooled = ReservoirFeatures(9, pooling=pooling, washout=1, **options)
        got = pooled.fit_transform(X)
        want = [pool(oracle(pooled, x)[1:]) for x in X]
        np.testing.assert_allclose(got, want, atol=tolerance)


def test_a_random_layer_between_input_and_units():
    """Input to state by a map of its own: x ← (1 − a) x + a tanh(W x + W_in tanh(V u + c) + b)."""
    esn = ReservoirStates(9, layers=SHAPES["hidden"], leak_rate=0.4, random_state=0).fit(RAGGED)
    hidden, units = esn.reservoir_.layers
    W, x = units.matrix.toarray(), np.zeros(9)
    got = esn.transform(RAGGED[5:6])[0]
    for u, row in zip(RAGGED[5], got, strict=True):
        h = np.tanh(hidden.w_in @ u + hidden.bias)
        x = 0.6 * x + 0.4 * np.tanh(W @ x + units.w_in @ h + units.bias)
        np.testing.assert_allclose(row, x, atol=1e-12)


def test_settings_of_each_layer():
    layers = Layers(
        [{"n_units": 6}, {"leak_rate": 0.2}, {"input_scaling": [2.0, 0.0]}], inputs="all", links=3,
        scaling=0.7, progression={"spectral_radius": (0.5, 2.0), "bias_scaling": (0.0, 1.0)},
    )  # fmt: skip
    model = ReservoirStates(9, layers=layers, input_weights="rademacher", random_state=0).fit(
        SERIES
    )
    drawn = model.reservoir_
    assert [layer.n_units for layer in drawn.layers] == [6, 9, 9]
    assert [layer.leak_rate for layer in drawn.layers] == [1.0, 0.2, 1.0]
    radii = [layer.recurrent.spectral_radius for layer in drawn.layers]
    np.testing.assert_allclose(radii, [0.5, 1.0, 2.0])
    np.testing.assert_allclose([layer.scaling[1] for layer in drawn.layers], [0.0, 0.5, 1.0])
    third = drawn.layers[2].w_in
    np.testing.assert_array_equal(np.abs(third[:, :2]), np.tile([2.0, 0.0], (9, 1)))
    assert set(np.unique(np.abs(third[:, 2:]))) == {0.0, 0.7}
    assert ((third[:, 2:] != 0).sum(axis=1) == 3).all()
    again = clone(model).fit(SERIES)
    np.testing.assert_array_equal(again.transform(SERIES), model.transform(SERIES))


@pytest.mark.kernels
@pytest.mark.parametrize("topology", ["sparse", "ring", "dense", "hadamard"])
@pytest.mark.parametrize("even", [True, False])
def test_input_weights_of_zero_are_left_out(topology, even, monkeypatch):
    model = ReservoirStates(
        17, topology=topology, input_weights=InputWeights(density=0.4), random_state=0
    )
    X = [rng.randn(n, 6) for n in LENGTHS]
    reservoir = model.fit(X).reservoir_
    w_in = np.where(np.arange(6) < 4, 0.0, 1.0) * np.ones((17, 1)) if even else reservoir.w_in
    how = reservoir.matrix, w_in, reservoir.bias, 1.0, "tanh", np.float64
    batch, out, want = pack(X), np.empty((95, 17)), np.empty((95, 17))
    few, all_links = Lanes(*how), None
    few.run(batch, None, out=out)
    monkeypatch.setattr(_links, "SPARSE", 1.0)
    all_links = Lanes(*how)
    all_links.run(batch, None, out=want)
    assert few.links.listed.data.size < all_links.links.listed.data.size
    np.testing.assert_array_equal(out, want)  # what adds nothing changes nothing
    first, second = np.empty((5, 17)), np.empty((5, 17))
    few.run(batch.part(0, 1), None, out=first)
    all_links.run(batch.part(0, 1), None, out=second)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", SHAPES)
def test_estimators_are_ridge_on_the_oracles_features(shape):
    options = {"layers": SHAPES[shape], "alpha": 0.3, "leak_rate": 0.5, "random_state": 0}
    target = np.array(LENGTHS, dtype=float)
    esn = ESNRegressor(9, pooling="last_mean", bidirectional=True, **options).fit(RAGGED, target)
    F = np.array(
        [
            np.concatenate([naive.pool_last_mean(oracle(esn, s)) for s in (x, x[::-1])])
            for x in RAGGED
        ]
    )
    coef, intercept = naive.ridge(F, target, 0.3)
    np.testing.assert_allclose(esn.predict(RAGGED), (F @ coef + intercept)[:, 0], atol=1e-8)
    esn = ESNForecaster(9, washout=5, **options, scaling=None).fit(SERIES)
    coef, intercept = naive.ridge(oracle(esn, SERIES)[5:-1], SERIES[6:], 0.3)
    u = np.array(SERIES)
    for _ in range(6):
        u = np.vstack([u, oracle(esn, u)[-1] @ coef + intercept])
    np.testing.assert_allclose(esn.forecast(6), u[150:], atol=1e-8)
    np.testing.assert_allclose(esn.forecast(6, SERIES), u[150:], atol=1e-8)
    labels = LATER > 0
    esn = ESNTagger(9, washout=5, **options).fit(SERIES, labels)
    coef, intercept = naive.ridge(oracle(esn, SERIES)[5:], 2.0 * labels[5:] - 1, 0.3)
    want = (oracle(esn, SERIES) @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(SERIES), want, atol=1e-8)
    again = pickle.loads(pickle.dumps(esn))
    np.testing.assert_array_equal(again.predict(SERIES), esn.predict(SERIES))


def test_depth_with_all_else():
    options = {"layers": Layers(2, read="last", inputs="all"), "alpha": 0.1, "random_state": 0}
    esn = ESNForecaster(
        9, feedback=True, context=Context(1, enters="state"), **options, scaling=None
    )
    X = np.c_[SERIES[:, 0], np.ones(150)]
    esn.fit(X, LATER)
    r = esn.reservoir_
    assert [layer.n_channels for layer in r.layers] == [2, 2 + 9]
    weights = np.random.RandomState([r.noise_seed, 2]).uniform(-1, 1, (18, 1))
    x, y, want = np.tanh(weights[:, 0]), 0.0, []
    for u in X[:20]:
        given = np.array([[u[0], y]])
        x = naive_paths.deep_states(r, given, x)[-1]
        y = float(np.concatenate([x[9:], given[0]]) @ esn.readout_.coef_ + esn.readout_.intercept_)
        want.append(y)
    np.testing.assert_allclose(esn.predict(X[:20]), want, atol=1e-9)
    both = ReservoirStates(9, layers=2, bidirectional=True, random_state=0).fit(SERIES)
    got = both.transform(SERIES)
    states = naive_paths.deep_states(both.reservoir_, SERIES)
    back = naive_paths.deep_states(both.reservoir_, SERIES[::-1])[::-1]
    np.testing.assert_allclose(got, np.hstack([states, back]), atol=1e-10)


@pytest.mark.parametrize("shape", ["two", "last"])
@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_pieces_blocks_and_spans(shape, noise, monkeypatch):
    esn = ESNForecaster(
        9, layers=SHAPES[shape], noise=noise, washout=4, alpha=0.1, random_state=0, scaling=None
    )
    whole, pieces = clone(esn).fit(SERIES), clone(esn)
    monkeypatch.setattr(_budgets, "CHUNKED_SPAN_BYTES", 1)  # stretches of 64 steps
    for part in np.split(SERIES, [1, 40, 120]):
        pieces.partial_fit(part)
    spans = clone(esn).fit(SERIES)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    blocks = clone(esn).fit(SERIES)
    for other in (pieces, spans, blocks):
        np.testing.assert_allclose(other.readout_.coef_, whole.readout_.coef_, atol=1e-6)
        np.testing.assert_allclose(other.final_state_, whole.final_state_, atol=1e-12)
    assert noise == 0 or not np.allclose(
        clone(esn).set_params(noise=0.0).fit(SERIES).readout_.coef_, whole.readout_.coef_
    )


def test_jobs_do_not_matter():
    model = ReservoirStates(30, layers=3, random_state=0).fit(RAGGED)
    want = model.transform(RAGGED)
    for got, rows in zip(model.set_params(n_jobs=2).transform(RAGGED), want, strict=True):
        np.testing.assert_array_equal(got, rows)


@pytest.mark.compiled
def test_searches_agree():
    grid = {
        "layers": [None, 2, Layers(3, read="last"), [{"n_units": 4}, {}]],
        "spectral_radius": [0.5, 0.9],
        "alpha": [0.1, 10.0],
    }
    for esn, data, cv in (
        (ESNRegressor(9, random_state=0), (RAGGED, np.array(LENGTHS)), KFold(3)),
        (ESNForecaster(9, washout=2, random_state=0, scaling=None), (SERIES,), TimeSeriesSplit(3)),
        (
            ESNForecaster(9, random_state=0),
            (SERIES, LATER),
            TimeSeriesSplit(3),
        ),
    ):
        want = GridSearchCV(esn, grid, cv=cv).fit(*data).cv_results_["mean_test_score"]
        got = ReservoirSearchCV(esn, grid, cv=cv).fit(*data).cv_results_["mean_test_score"]
        np.testing.assert_allclose(got, want, atol=1e-8)
    nested = {"layers__scaling": [0.1, 1.0], "alpha": [0.1, 1.0]}
    esn = ESNClassifier(9, layers=Layers(2), random_state=0)
    want = GridSearchCV(esn, nested, cv=3).fit(RAGGED, LABELS).cv_results_["mean_test_score"]
    got = ReservoirSearchCV(esn, nested, cv=3).fit(RAGGED, LABELS).cv_results_["mean_test_score"]
    np.testing.assert_allclose(got, want, atol=1e-10)


@pytest.mark.compiled
def test_diagnostics_see_all_layers():
    for scale, stable in ((0.5, True), (3.0, False)):
        model = ReservoirStates(30, layers=2, spectral_radius=scale, random_state=0)
        u = 0.1 * rng.randn(400, 1)
        assert (lyapunov_exponent(model, u, random_state=0) < 0) == stable
        assert (echo_state_index(model, u, random_state=0) < 1e-6) == stable


@pytest.mark.parametrize(
    "make",
    [ReservoirFeatures, ESNClassifier, ESNRegressor, ReservoirStates, ESNForecaster, ESNTagger],
)
@pytest.mark.parametrize(
    ("layers", "match"),
    [
        (0, "layers.*Got 0"),
        (200, "layers.*Got 200"),
        ([{}] * 51, "layers holds 51 dicts; there can be 50"),
        ("deep", "layers"),
        ([], "layers must be a number or hold a dict for each layer"),
        ([1, 2], "layers must be a number or hold a dict for each layer"),
        ([{"alpha": 1.0}], r"layers can have .* got \['alpha'\]"),
        ([{"leak_rate": 2.0}], "leak_rate.*Got 2.0"),
        ([{"input_scaling": [1.0, 2.0, 3.0]}], "input_scaling"),
        (Layers(2, progression={"washout": (1, 2)}), r"layers can have .* got \['washout'\]"),
        (Layers(2, progression={"leak_rate": (1, 0.5, 0.1)}), "a first and a last number"),
        (Layers(2, progression={"leak_rate": (1.0, 1.5)}), "leak_rate.*Got 1.5"),
        (Layers(2, links=0), "links.*Got 0"),
        (Layers(2, inputs="none"), "inputs"),
        (Layers(2, read="first"), "read"),
        (Layers(2, scaling=np.nan), "scaling"),
    ],
)
def test_bad_layers(make, layers, match):
    y = LABELS
    if make in (ESNForecaster, ESNTagger):
        y = [np.arange(len(x)) % 2 for x in RAGGED]
    model = make(9, layers=layers)
    before = vars(model).copy()
    with pytest.raises((ValueError, TypeError), match=match):
        model.fit(RAGGED, y)
    assert vars(model) == before


@pytest.mark.compiled
@parametrize_with_checks(
    [
        ESNClassifier(15, layers=2),
        ESNForecaster(15, layers=2),
        ReservoirStates(15, layers=2),
    ],
    expected_failed_checks=lambda e: (
        {}
        if isinstance(e, ESNClassifier)
        else {k: v for k, v in STEP_LEVEL.items() if "weight" not in k}
        if isinstance(e, ReservoirStates)
        else STEP_LEVEL
    ),
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
