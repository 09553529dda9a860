"""What is drawn: settings, noise, measures."""

import copy
import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from dlkit import (
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
    StreamedReadout,
    _budgets,
)
from dlkit.reservoir import InputWeights, spectral_norm, spectral_radius
from dlkit.reservoir._engine.spans import Span
from dlkit.reservoir._models.reservoir import StateNoise, draw_reservoir

from ._ragged import RAGGED, oracle, rng


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


@pytest.mark.parametrize("control", ["radius", "effective", "norm"])
@pytest.mark.parametrize("topology", ["sparse", "dense", "ring"])
def test_with_settings_is_drawing_anew(control, topology):
    def draw(**settings):
        fixed = {
            "topology": topology,
            "n_links": 3,
            "control": control,
            "input_weights": InputWeights("normal", density=0.5),
            "random_state": 7,
        }
        return draw_reservoir(12, 2, **fixed, **settings)

    first = {
        "spectral_radius": 0.95, "leak_rate": 0.5, "input_scaling": 0.3, "bias_scaling": 0.1,
        "activation": "tanh",
    }  # fmt: skip
    second = {
        "spectral_radius": 0.8, "leak_rate": np.linspace(0.4, 1, 12) if topology == "ring" else 0.9,
        "input_scaling": [2.0, 0.7], "bias_scaling": -0.4, "activation": "relu",
    }  # fmt: skip
    start = draw(**first)
    for changed in [*second, None]:
        new = second if changed is None else {changed: second[changed]}
        derived, expected = start.with_settings(**new), draw(**{**first, **new})
        for name in ("w_in", "bias"):
            np.testing.assert_array_equal(getattr(derived, name), getattr(expected, name))
        mine, other = (
            r.matrix if topology == "dense" else r.matrix.toarray() for r in (derived, expected)
        )
        np.testing.assert_array_equal(mine, other)
        np.testing.assert_array_equal(derived.leak_rate, expected.leak_rate)
        assert derived.activation == expected.activation
        assert derived.noise_seed == expected.noise_seed
        assert derived.recurrent.spectral_radius == expected.recurrent.spectral_radius


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"topology": "dense"},
        {"topology": "hadamard"},
        {"cell": "lstm", "leak_rate": 1.0},
        {"cell": "legendre"},
        {"cell": "deep_transition"},
        {"layers": 2},
    ],
    ids=str,
)
def test_weights_cannot_be_edited_without_effect(options):
    """An engine keeps copies of them: who writes to them is told, after a pickle as well."""
    fitted = ReservoirStates(8, random_state=0, **options).fit(RAGGED)
    for model in (fitted, pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        for one in getattr(model.reservoir_, "layers", [model.reservoir_]):
            arrays = [one.w_in, one.bias, *one.unscaled, *own_arrays(one.recurrent.base)]
            arrays += own_arrays(one.matrix)
            for gate in one.cell.gates.values():
                arrays += [gate.w_in, gate.bias, *own_arrays(gate.matrix)]
            for array in arrays:
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0
        for got, want in zip(model.transform(RAGGED), fitted.transform(RAGGED), strict=True):
            np.testing.assert_array_equal(got, want)


def own_arrays(matrix):
    if sparse.issparse(matrix):
        return [matrix.data, matrix.indices, matrix.indptr]
    return [matrix.signs] if hasattr(matrix, "signs") else [matrix]


def test_a_matrix_of_the_caller_stays_writeable():
    W = 0.1 * rng.randn(9, 9)
    ReservoirStates(9, topology=W).fit(RAGGED)
    W[0, 0] = 1.0


def test_noise_is_that_of_the_sequences_number():
    """Whatever came before, and at once after ten million sequences."""
    span = Span(0, 2, 0, 5, np.array([0, 3, 5]))
    later = Span(7, 9, 0, 5, np.array([0, 3, 5]))
    want = StateNoise(0.1, 4, 1)(later)
    np.testing.assert_array_equal(StateNoise(0.1, 4, 1, before=7)(span), want)
    assert StateNoise(0.1, 4, 1, before=10**7)(span).shape == (5, 4)
    assert np.abs(StateNoise(0.1, 4, 1).another()(later) - want).min() > 0


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_streamed_readout_is_trained_with_the_noise_of_a_pipeline(bidirectional):
    """Whatever the blocks; what is predicted from has none."""
    y, readout = np.arange(float(len(RAGGED))), RidgeReadout(1.0, solver="moments")
    model = ReservoirFeatures(9, noise=0.5, bidirectional=bidirectional, random_state=0)
    pipe = make_pipeline(model, readout).fit(RAGGED, y)
    for size in (3, 100):
        streamed = StreamedReadout(model, readout, block_size=size).fit(RAGGED, y)
        np.testing.assert_allclose(streamed.predict(RAGGED), pipe.predict(RAGGED), atol=1e-9)
    series, target = RAGGED[5], RAGGED[5][:, 0]
    for start in ("rest", "fit"):
        states = ReservoirStates(9, noise=0.1, start=start, random_state=0)
        pipe = make_pipeline(states, readout).fit(series, target)
        streamed = StreamedReadout(states, readout, block_size=7).fit(series, target)
        np.testing.assert_allclose(streamed.predict(series), pipe.predict(series), atol=1e-9)
