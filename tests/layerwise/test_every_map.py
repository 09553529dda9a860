"""Every feature map of convolution, ROCKETs and layers: interrupted, read-only, copied, saved."""

import copy
import inspect
import pickle
import re
import sys
import warnings
from importlib import import_module

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.decomposition import PCA

from dlkit import _budgets, conv, layerwise, rocket
from dlkit.conv import ConvFeatures, PatchPreprocess, SphericalKMeans, ZCAWhitening
from dlkit.layerwise import (
    RBM,
    ConvRBM,
    GreedyLayerwise,
    GroupedMaps,
    MarginalizedDenoisingAutoencoder,
    RandomAutoencoder,
)
from dlkit.rocket import Hydra, MiniRocket, MultiRocket, Rocket, SparseScaler

r = np.random.RandomState(0)
ROWS, IMAGES = r.rand(40, 6), r.rand(30, 8, 8)
SERIES = [r.randn(20 + i, 2) for i in range(8)]
PATCHES = {"kernel_size": 3, "n_patches": 100}
STEP = 1.5  # how much later a call is interrupted the next time
EVERY = {
    "conv": (ConvFeatures(4, **PATCHES, random_state=0), IMAGES),
    "conv, float32": (ConvFeatures(4, **PATCHES, random_state=0), IMAGES.astype(np.float32)),
    "conv, drawn from a state": (
        ConvFeatures(4, kernel_size=[3, 4], random_state=np.random.RandomState(0)), IMAGES,
    ),
    "conv, maps": (ConvFeatures(2, **PATCHES, output="map", random_state=0), IMAGES),
    "whitening": (ZCAWhitening(), ROWS),
    "k-means": (SphericalKMeans(3, random_state=0), ROWS),
    "rocket": (Rocket(30, random_state=0), SERIES),
    "minirocket": (MiniRocket(84, random_state=0), SERIES),
    "multirocket": (MultiRocket(84, random_state=0), SERIES),
    "hydra": (Hydra(4, random_state=0), SERIES),
    "scaler": (SparseScaler(), ROWS),
    "rbm": (RBM(4, n_epochs=2, random_state=0), ROWS),
    "rbm, gaussian": (
        RBM(3, visible="gaussian", hidden="relu", persistent=False, n_epochs=1, random_state=0),
        ROWS,
    ),
    "convolutional rbm": (ConvRBM(3, kernel_size=3, n_epochs=1, random_state=0), IMAGES),
    "marginalized": (MarginalizedDenoisingAutoencoder(), ROWS),
    "random": (RandomAutoencoder(4, random_state=0), ROWS),
    "groups": (GroupedMaps(PCA(2), n_groups=2, group_size=3, random_state=0), ROWS),
    "stack": (
        GreedyLayerwise([("a", RBM(4, n_epochs=1, random_state=0)), ("b", PCA(2))], block_size=15),
        ROWS,
    ),
    "stack of maps": (
        GreedyLayerwise(
            [("a", ConvFeatures(4, **PATCHES, output="map", random_state=0)), ("b", PCA(2))]
        ),
        IMAGES,
    ),
}  # fmt: skip
ALL = pytest.mark.parametrize("name", EVERY)
pytestmark = [
    pytest.mark.filterwarnings("ignore:kernels='kmeans' gives"),
    pytest.mark.compiled,
]


def fitted(name):
    model, X = EVERY[name]
    return clone(model).fit(X), X


def streams(model):
    return ["fit", "partial_fit"] if hasattr(model, "partial_fit") else ["fit"]


def test_every_public_map_is_in_the_table():
    there = {type(model) for model, _ in EVERY.values()} | {PatchPreprocess}
    for room in (conv, rocket, layerwise):
        for one in map(vars(room).get, room.__all__):
            assert not inspect.isclass(one) or one in there


@ALL
def test_sane_data_raise_no_flag_of_the_processor(name):
    model, X = EVERY[name]
    with np.errstate(all="raise"):
        model = clone(model).fit(X)
        getattr(model, streams(model)[-1])(X)
        model.transform(X)


class Interrupt:
    """Interrupts the package's own code at its call number ``at``."""

    def __init__(self, at):
        self.left = at

    def __call__(self, frame, event, arg):
        code = frame.f_code  # a generator is also called to end
        ours = "/dlkit/" in code.co_filename and not code.co_flags & inspect.CO_GENERATOR
        if event == "call" and ours:
            self.left -= 1
            if self.left == 0:
                sys.setprofile(None)
                raise KeyboardInterrupt


def interrupted(call, at):
    """Whether a call was interrupted, and not done before."""
    sys.setprofile(Interrupt(at))
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


@ALL
def test_an_interrupted_call_leaves_everything_as_it_was(name, monkeypatch):
    monkeypatch.setattr(_budgets, "AUTOENCODER_ROWS", 15)
    for method in [*streams(EVERY[name][0]), "transform"]:
        model, X = fitted(name)
        model.transform(X)
        before, at = pickle.dumps(model), 1
        while interrupted(lambda: getattr(model, method)(X), at):  # noqa: B023
            assert pickle.dumps(model) == before, (method, at)
            at = int(at * STEP) + 1
        assert at > 1


@ALL
def test_read_only_memory_goes_on(name):
    model, X = fitted(name)
    buffers = []
    data = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    raw = [bytes(b.raw()) for b in buffers]

    def mapped():
        return pickle.loads(data, buffers=raw)  # as Dask and Ray give

    np.testing.assert_array_equal(mapped().transform(X), model.transform(X))
    for method in streams(model):
        one, two = (getattr(m, method)(X) for m in (mapped(), copy.deepcopy(model)))
        np.testing.assert_array_equal(one.transform(X), two.transform(X))
    if hasattr(model, "merge"):
        one, two = (m.merge(model) for m in (mapped(), copy.deepcopy(model)))
        np.testing.assert_array_equal(one.transform(X), two.transform(X))


@ALL
def test_a_shallow_copy_goes_its_own_way(name):
    model, X = fitted(name)
    twin, want = copy.copy(model), model.transform(X)
    getattr(twin, streams(twin)[-1])(X)
    np.testing.assert_array_equal(model.transform(X), want)


@ALL
def test_skops_saves_and_loads(name):
    io = import_module("skops.io")
    model, X = fitted(name)
    data = io.dumps(model)
    trusted = io.get_untrusted_types(data=data)
    assert {t.split(".")[0] for t in trusted} == {"dlkit"}
    found = io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(found.transform(X), model.transform(X))
    method = streams(model)[-1]
    one, two = (getattr(m, method)(X).transform(X) for m in (found, model))
    np.testing.assert_array_equal(one, two)


def objects(X):
    boxes = np.empty(len(X), dtype=object)
    boxes[:] = list(X)
    return boxes


FORMS = {
    "tuple": tuple,
    "nested lists": lambda X: [np.asarray(x).tolist() for x in X],
    "objects": objects,
    "Fortran's order": np.asfortranarray,
    "every other": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed twice": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "pandas": lambda X: import_module("pandas").DataFrame(X),
    "polars": lambda X: import_module("polars").DataFrame(X),
}
OF_LISTS, OF_ROWS = {"tuple", "nested lists", "objects"}, set(FORMS) - {"tuple", "objects"}


@pytest.mark.parametrize("form", FORMS)
@ALL
def test_every_form_has_the_same_features(name, form):
    X = EVERY[name][1]
    if form not in (OF_LISTS if isinstance(X, list) else OF_ROWS if X.ndim == 2 else set(FORMS)):
        return
    if form in ("pandas", "polars") and np.ndim(X) != 2:
        return
    if form == "nested lists" and X is not SERIES and X.dtype == np.float32:
        X = X.astype(float)
    given = FORMS[form](X)
    one, two = (clone(EVERY[name][0]).fit(a).transform(a) for a in (given, X))
    np.testing.assert_allclose(one, two, atol=1e-12)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
@ALL
def test_frames_come_out_where_they_are_asked_for(name, kind):
    model, X = fitted(name)
    want = model.transform(X)
    with config_context(transform_output=kind):
        found = clone(EVERY[name][0]).fit_transform(X)
    np.testing.assert_allclose(found, want)
    if hasattr(model, "set_output"):
        found = clone(EVERY[name][0]).set_output(transform=kind).fit(X).transform(X)
        assert type(found).__module__.startswith(kind)
        assert list(found.columns) == list(model.get_feature_names_out())
        np.testing.assert_allclose(found, want)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e-290, 1e290, 0.0])
@ALL
def test_every_scale_has_finite_features_or_a_named_error(name, scale, dtype):
    model, X = EVERY[name]
    with np.errstate(all="ignore"):
        scaled = [(scale * x).astype(dtype) for x in X]
    scaled = scaled if isinstance(X, list) else np.array(scaled)
    if not np.isfinite(np.concatenate([x.ravel() for x in scaled])).all():
        return
    seen = clone(model).fit(X)
    flags = "ignore" if "PCA" in repr(model) else "raise"  # of scikit-learn's
    with np.errstate(all=flags), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for use in (lambda: seen.transform(scaled), lambda: clone(model).fit_transform(scaled)):
            features, message = 0.0, "X"
            try:
                features = use()
            except ValueError as error:
                message = str(error)
            assert re.search("X|patches", message) or flags == "ignore"
            assert np.isfinite(features).all()
