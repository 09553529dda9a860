"""Every feature map of convolution, ROCKETs and layers: interrupted, read-only, copied, saved."""

import copy
import inspect
import pickle
import sys

import numpy as np
import pytest
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
pytestmark = pytest.mark.filterwarnings("ignore:kernels='kmeans' gives")


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
    io = pytest.importorskip("skops.io")
    model, X = fitted(name)
    data = io.dumps(model)
    trusted = io.get_untrusted_types(data=data)
    assert {t.split(".")[0] for t in trusted} == {"dlkit"}
    found = io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(found.transform(X), model.transform(X))
    method = streams(model)[-1]
    one, two = (getattr(m, method)(X).transform(X) for m in (found, model))
    np.testing.assert_array_equal(one, two)
