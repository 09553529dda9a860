"""Every cell in both directions, under a context, fed back, in layers, and across images."""

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import ESNForecaster, ESNTagger, ImageScanFeatures, ReservoirFeatures, ReservoirStates
from dlkit.reservoir import LSTM, Context, Feedback, IntrinsicPlasticity, Layers, Leaky, _driver
from dlkit.reservoir._engine import lanes as _lanes

from .. import naive, naive_cells, naive_paths, naive_plasticity
from .test_kinds import COMMON, SERIES, C, N, data, meaningful, options, with_kinds

LENGTHS = [9, 14, 6, 30, 8, 5, 11]
SEQUENCES = data(LENGTHS)
TARGETS = [np.tanh(np.roll(x, 2, axis=0) @ [0.5, -0.4]) for x in SEQUENCES]
LABELS = [np.where(y > 0, "up", "down") for y in TARGETS]
HELD = [np.column_stack([x, np.full(len(x), i / 5)]) for i, x in enumerate(SEQUENCES)]
IMAGES = np.random.RandomState(1).uniform(size=(3, 5, 6, 2))
pytestmark = pytest.mark.kernels


@pytest.fixture(autouse=True)
def _threads_for_little_work(monkeypatch):
    monkeypatch.setattr(_lanes, "WORTH_THREADS", 0)


def begun(model, x):
    """States of a sequence that begins in what its context says."""
    r = model.reservoir_
    weights = np.random.RandomState([r.noise_seed, 2]).uniform(-1, 1, (r.n_units, 1))
    twin = naive_cells.Twin(r)
    twin.past[0] = np.tanh(weights @ x[0, C:])
    return np.array([twin.step(u) for u in x])


@with_kinds("delays", "lstm")
def test_both_directions_and_a_context(kind):
    shared = options(kind, bidirectional=True, context=C)
    model = ReservoirStates(N, **shared).fit(HELD)
    pooled = ReservoirFeatures(N, pooling="mean", **shared).fit_transform(HELD)
    for got, mean, x in zip(model.transform(HELD), pooled, HELD, strict=True):
        there, back = begun(model, x), begun(model, x[::-1])
        np.testing.assert_allclose(got, np.hstack([there, back[::-1]]), atol=1e-10)
        np.testing.assert_allclose(mean, np.r_[there.mean(axis=0), back.mean(axis=0)], atol=1e-10)


def check_outputs_fed_back(esn, targets, states):
    """Trained on true outputs, run on its own; ``states(series)`` are the twin's from the start."""
    tagger = isinstance(esn, ESNTagger)
    esn.fit(SEQUENCES, targets)
    signs = [np.where(y == "up", 1.0, -1.0) for y in targets] if tagger else targets
    fed = [np.column_stack([x, np.r_[0.0, y[:-1]]]) for x, y in zip(SEQUENCES, signs, strict=True)]

    def rows(series):
        found = states(esn.reservoir_, series)
        return np.hstack([found, series]) if esn.passthrough else found

    learned = np.concatenate([y[2:] for y in signs])
    coef, intercept = naive.ridge(
        np.vstack([rows(series)[2:] for series in fed]), learned[:, None], esn.alpha
    )
    run = esn.decision_function if tagger else esn.predict
    several = run(SEQUENCES)  # in lanes, where there are any
    for got, x in zip(several, SEQUENCES, strict=True):
        series, want = np.column_stack([x, np.zeros(len(x))]), []
        for t in range(len(x)):
            want.append((rows(series[: t + 1])[-1] @ coef + intercept)[0])
            if t + 1 < len(x):
                series[t + 1, -1] = np.sign(want[-1]) if tagger else want[-1]
        np.testing.assert_allclose(got, want, atol=1e-10)
        np.testing.assert_allclose(run(x), want, atol=1e-10)
    whole, state = esn.predict(SEQUENCES[3], return_state=True)
    first, half = esn.predict(SEQUENCES[3][:13], return_state=True)
    second, end = esn.predict(SEQUENCES[3][13:], initial_state=half, return_state=True)
    if tagger:
        np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    else:
        np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-11)
    np.testing.assert_allclose(end, state, atol=1e-11)


@pytest.mark.parametrize("tagger", [False, True])
@with_kinds("delays", "lstm")
def test_outputs_fed_back(kind, tagger):
    make, targets = (ESNTagger, LABELS) if tagger else (ESNForecaster, TARGETS)
    esn = make(N, feedback=True, washout=2, alpha=0.3, **options(kind))
    check_outputs_fed_back(esn, targets, naive_cells.states)


GRU = {"cell": "gru", "n_units": 7}
LONG = {"cell": Leaky(delays=(1, 3)), "leak_rate": 0.4}
ORTHOGONAL = {"cell": "es2n", "leak_rate": 0.3, "activation": "relu"}
DEEP = {
    "two": Layers(2),
    "one": Layers(1),
    "different": Layers([{}, GRU, {"cell": "clockwork"}, {"cell": LSTM(delays=(1, 3))}]),
    "paths": Layers([LONG, ORTHOGONAL], inputs="all"),
    "skips": Layers([GRU, LONG, {}], inputs="all", skips=True),
    "last": Layers([{**GRU, "n_units": 3}, {"cell": "legendre"}], read="last"),
    "transition": Layers([{"cell": "deep_transition"}, {"cell": "mgu", "activation": "logistic"}]),
    "euler": Layers([{"cell": "euler", "leak_rate": 0.1}, {"activation": np.sin}]),
    "no list": Layers([{"topology": "hadamard"}, {"topology": "ring"}]),
}


@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("name", DEEP)
def test_outputs_fed_back_through_layers(name, passthrough):
    layers = DEEP[name]
    esn = ESNForecaster(
        9, layers=layers, feedback=True, washout=2, alpha=0.3, passthrough=passthrough,
        **COMMON,
    )  # fmt: skip
    check_outputs_fed_back(esn, TARGETS, read_states)


def read_states(reservoir, series):
    """What the readout sees of all layers."""
    seen = reservoir.n_units - reservoir.n_features
    return naive_paths.deep_states(reservoir, series)[:, seen:]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["two", "different", "last"])
def test_forecasts_through_layers(name, dtype):
    x = [np.sin(0.3 * np.arange(n))[:, None].astype(dtype) * [1, 0.5] for n in (40, 55, 61)]
    x = [s.astype(dtype) for s in x]
    esn = ESNForecaster(9, layers=DEEP[name], washout=5, alpha=1e-3, **COMMON).fit(x)
    tolerance = 1e-10 if dtype == np.float64 else 1e-3
    linear = esn.readout_.coef_, esn.readout_.intercept_
    for ahead, series in zip(esn.forecast(12), x, strict=True):
        for got in ahead:
            seen = np.hstack([read_states(esn.reservoir_, series)[-1], series[-1]])
            want = linear[0] @ seen + linear[1]
            np.testing.assert_allclose(got, want, atol=tolerance)
            series = np.vstack([series, want])
        assert ahead.dtype == dtype


STEPS = {
    "gru": {"cell": "gru"},
    "delays": {"cell": Leaky(delays=(1, 4))},
    "layers": {"layers": DEEP["different"]},
    "skips": {"layers": DEEP["skips"], "passthrough": False},
}


@pytest.mark.parametrize("name", STEPS)
def test_the_compiled_loop_is_steps(name, monkeypatch):
    """Mixed training with noise, and forecasts under a context, against one step at a time."""
    shared = {"alpha": 0.1, **meaningful(COMMON | STEPS[name])}
    mixed = ESNForecaster(
        9, feedback=Feedback(sampling_ratios=[0.5]), noise=0.01, washout=2, **shared
    )
    ahead = ESNForecaster(9, context=Context(C, scaling=0.5), **shared)
    own = mixed.fit(SEQUENCES, TARGETS).readout_.coef_
    future = ahead.fit(HELD).forecast(8)
    monkeypatch.setattr(_driver, "linear_map", lambda readout, n_outputs: None)
    np.testing.assert_allclose(mixed.fit(SEQUENCES, TARGETS).readout_.coef_, own, atol=1e-10)
    np.testing.assert_allclose(ahead.forecast(8), future, atol=1e-10)


@pytest.mark.parametrize("cell", ["gru", "legendre", "es2n"])
def test_nothing_but_the_recurrence_enters(cell):
    shared = {"input_scaling": 0.0, "bias_scaling": 0.0, "random_state": 0}
    esn = ReservoirStates(N, cell=cell, **shared).fit(SERIES)
    start = np.random.RandomState(0).randn(1, N)
    got = esn.transform(SERIES[:6], initial_state=start)
    want = naive_cells.states(esn.reservoir_, SERIES[:6], start[0])
    np.testing.assert_allclose(got, want, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", [{"strip": 2}, {"strip": 2, "step": 2, "output": "map"}])
@with_kinds("delays", "lstm")
def test_scans_of_images(kind, form, dtype):
    scan = ImageScanFeatures(N, grid=3, **form, **options(kind))
    got = scan.fit_transform(IMAGES.astype(dtype))
    want = np.array([naive_paths.scanned(scan, image) for image in IMAGES.astype(dtype)])
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-4)


@pytest.mark.parametrize("read", ["all", "last"])
@pytest.mark.parametrize("output", ["features", "map"])
def test_scans_in_layers(read, output):
    layers = Layers([{"n_units": 8}, {"n_units": 5, "cell": "gru"}], read=read)
    scan = ImageScanFeatures(layers=layers, output=output, strip=2, random_state=0)
    got = scan.fit_transform(IMAGES)
    want = [naive_paths.scanned(scan, image) for image in IMAGES]
    np.testing.assert_allclose(got, want, atol=1e-10)
    assert got.shape[-1] % (5 if read == "last" else 13) == 0


def test_scans_adapt_to_images():
    quick = IntrinsicPlasticity(0.1, std=0.3, learning_rate=0.01, n_passes=2)
    before = ImageScanFeatures(N, strip=2, step=2, random_state=0).fit(IMAGES)
    scan = clone(before).set_params(plasticity=quick).fit(IMAGES)
    pairs = zip(scan.directions, before.reservoirs_, scan.reservoirs_, strict=True)
    for direction, old, new in pairs:
        strips = [s for x in IMAGES for s in naive_paths.strips(x, direction, 2, 2, 2)]
        gain, shift = naive_plasticity.adapt(
            old, strips, lambda y: naive_plasticity.gaussian(y, 0.1, 0.3), 0.01, 2
        )
        np.testing.assert_allclose(new.w_in, gain[:, None] * old.w_in, atol=1e-10)
        np.testing.assert_allclose(new.bias, gain * old.bias + shift, atol=1e-10)
    small = (255 * IMAGES).astype(np.uint8)
    shares = clone(scan).fit(small / np.float32(255))
    np.testing.assert_array_equal(
        clone(scan).fit_transform(small), shares.transform(small / np.float32(255))
    )
