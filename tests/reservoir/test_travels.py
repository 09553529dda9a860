"""Fitted estimators that are interrupted, copied, mapped read-only or saved, and then learn on."""

import copy
import pickle
import sys
from importlib import import_module
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier, SGDRegressor

import dlkit
from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    NVARFeatures,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
    RLSReadout,
)
from dlkit.reservoir import GRU, Context, ImageScanFeatures, IntrinsicPlasticity, Layers, Leaky

r = np.random.RandomState(0)
U = r.randn(80, 2)
X = [r.randn(n, 2) for n in (9, 12, 7, 10, 8, 11)]
Y = np.arange(6) % 2
small = {"n_units": 8, "random_state": 0}
STREAMS = {
    "classifier": (ESNClassifier(**small), (X, Y, [0, 1]), (X[::-1], 1 - Y)),
    "classifier of scikit-learn": (
        ESNClassifier(**small, readout=SGDClassifier(random_state=0)), (X, Y, [0, 1]), (X, 1 - Y),
    ),
    "regressor": (ESNRegressor(**small, noise=0.1), (X, 1.0 * Y), (X[::-1], 2.0 * Y)),
    "forecaster": (ESNForecaster(**small, noise=0.1, washout=5), (U[:50],), (U[50:],)),
    "recursive": (ESNForecaster(**small, readout=RLSReadout(), scaling=None), (U[:50],), (U[50:],)),
    "of scikit-learn": (
        ESNForecaster(**small, readout=SGDRegressor(random_state=0)), (U[:50], U[:50, 0]),
        (U[50:], U[50:, 0]),
    ),
    "tagger": (
        ESNTagger(**small, feedback=True), (U[:50], U[:50, 0] > 0, [False, True]),
        (U[50:], U[50:, 1] > 0),
    ),
    "nvar": (NVARForecaster(2, scaling=None), (U[:50],), (U[50:],)),
}  # fmt: skip
EVERY = pytest.mark.parametrize("name", STREAMS)


def use(model):
    """All that a fitted estimator gives."""
    data = U if hasattr(model, "final_state_") else X
    method = "predict" if hasattr(model, "predict") else "transform"
    found = np.concatenate([np.ravel(a) for a in np.atleast_1d(getattr(model, method)(data))])
    return np.r_[found, np.ravel(getattr(model, "final_state_", []))]


def begun(name):
    model, first, second = STREAMS[name]
    return copy.deepcopy(model).partial_fit(*first), second


class Interrupt:
    """Raises KeyboardInterrupt at a line of dlkit's, counted from the call on."""

    home = str(Path(dlkit.__file__).parent)

    def __init__(self, at=None):
        self.at, self.count = at, 0

    def __call__(self, frame, event, argument):
        name = frame.f_code.co_filename
        if not name.startswith(self.home) or name.endswith("_params.py"):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                raise KeyboardInterrupt
        return self

    def __enter__(self):
        sys.settrace(self)
        return self

    def __exit__(self, *_):
        sys.settrace(None)


@pytest.mark.compiled
@EVERY
def test_what_is_interrupted_or_fails_stays_as_it_was(name):
    model, second = begun(name)
    before, want = use(model), use(copy.deepcopy(model).partial_fit(*second))
    twin = copy.deepcopy(model).partial_fit(*second)  # has made what later calls need
    use(twin)
    with Interrupt() as whole:
        twin.partial_fit(*second)
    assert whole.count > 50
    for at in np.linspace(2, 0.95 * whole.count, 25).astype(int):
        with pytest.raises(KeyboardInterrupt), Interrupt(at):
            model.partial_fit(*second)
        np.testing.assert_array_equal(use(model), before)
    bad = [np.full((4, 2), np.nan)] * 6 if isinstance(second[0], list) else np.full((30, 2), np.nan)
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(bad, *second[1:])
    np.testing.assert_array_equal(use(model), before)
    np.testing.assert_array_equal(use(model.partial_fit(*second)), want)


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["classifier", "forecaster"])
def test_an_interrupted_fit_stays_as_it_was(name):
    model, _ = begun(name)
    data = (X[::-1], Y) if name == "classifier" else (U[::-1],)
    before = use(model)
    twin = copy.deepcopy(model)
    with Interrupt() as whole:
        twin.fit(*data)
    for at in np.linspace(2, 0.95 * whole.count, 15).astype(int):
        with pytest.raises(KeyboardInterrupt), Interrupt(at):
            model.fit(*data)
        np.testing.assert_array_equal(use(model), before)


@EVERY
def test_copies_share_no_sums(name):
    model, second = begun(name)
    before, want = use(model), use(copy.deepcopy(model).partial_fit(*second))
    other = copy.copy(model).partial_fit(*second)
    np.testing.assert_array_equal(use(other), want)
    np.testing.assert_array_equal(use(model), before)


@EVERY
@pytest.mark.parametrize("way", ["map", "buffers"])
def test_read_only_arrays_learn_on(name, way, tmp_path):
    """As joblib's workers, Dask and Ray hand estimators over."""
    model, second = begun(name)
    want = use(copy.deepcopy(model).partial_fit(*second))
    if way == "map":
        joblib.dump(model, tmp_path / "model")
        found = joblib.load(tmp_path / "model", mmap_mode="r")
    else:
        buffers = []
        data = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
        found = pickle.loads(
            data, buffers=[memoryview(bytes(b.raw())).toreadonly() for b in buffers]
        )
    np.testing.assert_allclose(use(found.partial_fit(*second)), want, atol=1e-12)


FITTED = {
    "features": ReservoirFeatures(**small).fit(X),
    "model space": ReservoirFeatures(**small, pooling="model_space").fit(X),
    "states": ReservoirStates(**small, bidirectional=True).fit(U),
    "dense": ReservoirStates(**small, topology="dense").fit(U),
    "hadamard": ReservoirStates(**small, topology="hadamard").fit(U),
    "norm": ReservoirStates(**small, topology="ring", control="norm").fit(U),
    "gates": ReservoirStates(**small, cell=GRU()).fit(U),
    "delays": ReservoirStates(**small, cell=Leaky((1, 3)), leak_rate=0.5).fit(U),
    "legendre": ReservoirStates(**small, cell="legendre").fit(U),
    "layers": ReservoirStates(**small, layers=Layers(2)).fit(U),
    "plastic": ReservoirStates(**small, plasticity=IntrinsicPlasticity(n_passes=1)).fit(U),
    "context": ReservoirFeatures(**small, context=Context(1)).fit([x * [1, 0] for x in X]),
    "monomials": NVARFeatures().fit(U),
    "classifier": ESNClassifier(**small).fit(X, Y),
    "regressor": ESNRegressor(**small, alpha=1.0).fit(X, 1.0 * Y),
    "forecaster": ESNForecaster(**small, noise=0.1, scaling=None).fit(U),
    "ridge": ESNForecaster(**small, readout=RidgeReadout(1.0, solver="moments"), scaling=None).fit(
        U
    ),
    "tagger": ESNTagger(**small, feedback=True).fit(U, U[:, 0] > 0),
    "nvar": NVARForecaster(scaling=None).fit(U),
    **{f"stream: {name}": begun(name)[0] for name in STREAMS},
}


@pytest.mark.parametrize("name", FITTED)
def test_skops_saves_and_loads(name):
    io = import_module("skops.io")
    model = FITTED[name]
    data = io.dumps(model)
    trusted = io.get_untrusted_types(data=data)
    assert {t.split(".")[0] for t in trusted} <= {"dlkit", "scipy"}  # matrices that are sparse
    found = io.loads(data, trusted=trusted)
    if name == "context":
        held = [x * [1, 0] for x in X]
        np.testing.assert_array_equal(found.transform(held), model.transform(held))
        return
    np.testing.assert_array_equal(use(found), use(model))
    if name.startswith("stream"):
        second = STREAMS[name.removeprefix("stream: ")][2]
        want = copy.deepcopy(model).partial_fit(*second)
        np.testing.assert_array_equal(use(found.partial_fit(*second)), use(want))


def test_skops_saves_and_loads_scans():
    io = import_module("skops.io")
    images = r.uniform(size=(3, 6, 6))
    scan = ImageScanFeatures(5, random_state=0).fit(images)
    data = io.dumps(scan)
    found = io.loads(data, trusted=io.get_untrusted_types(data=data))
    np.testing.assert_array_equal(found.transform(images), scan.transform(images))
