"""Every cell in both directions, under a context, fed back, in layers, and across images."""

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import ESNForecaster, ESNTagger, ImageScanFeatures, ReservoirFeatures, ReservoirStates
from dlkit.reservoir import IntrinsicPlasticity, Layers

from .. import naive_cells, naive_paths, naive_plasticity
from ._kinds import ONE_OF_EACH, SERIES, C, N, in_both_dtypes, options, with_kinds
from ._paths import HELD, TARGETS, check_outputs_fed_back

pytestmark = pytest.mark.kernels


LABELS = [np.where(y > 0, "up", "down") for y in TARGETS]


IMAGES = np.random.RandomState(1).uniform(size=(3, 5, 6, 2))


def begun(model, x):
    """States of a sequence that begins in what its context says."""
    r = model.reservoir_
    weights = np.random.RandomState([r.noise_seed, 2]).uniform(-1, 1, (r.n_units, 1))
    twin = naive_cells.Twin(r)
    twin.past[0] = np.tanh(weights @ x[0, C:])
    return np.array([twin.step(u) for u in x])


@with_kinds("delays", "lstm", of=ONE_OF_EACH)
def test_both_directions_and_a_context(kind):
    shared = options(kind, bidirectional=True, context=C)
    model = ReservoirStates(N, **shared).fit(HELD)
    pooled = ReservoirFeatures(N, pooling="mean", **shared).fit_transform(HELD)
    for got, mean, x in zip(model.transform(HELD), pooled, HELD, strict=True):
        there, back = begun(model, x), begun(model, x[::-1])
        np.testing.assert_allclose(got, np.hstack([there, back[::-1]]), atol=1e-10)
        np.testing.assert_allclose(mean, np.r_[there.mean(axis=0), back.mean(axis=0)], atol=1e-10)


@pytest.mark.parametrize("tagger", [False, True])
@with_kinds("delays", "lstm", of=ONE_OF_EACH)
def test_outputs_fed_back(kind, tagger):
    make, targets = (ESNTagger, LABELS) if tagger else (ESNForecaster, TARGETS)
    bare = {} if tagger else {"scaling": None}
    esn = make(N, feedback=True, washout=2, alpha=0.3, **options(kind), **bare)
    check_outputs_fed_back(esn, targets, naive_cells.states)


@pytest.mark.parametrize("cell", ["gru", "legendre", "es2n"])
def test_nothing_but_the_recurrence_enters(cell):
    shared = {"input_scaling": 0.0, "bias_scaling": 0.0, "random_state": 0}
    esn = ReservoirStates(N, cell=cell, **shared).fit(SERIES)
    start = np.random.RandomState(0).randn(1, N)
    got = esn.transform(SERIES[:6], initial_state=start)
    want = naive_cells.states(esn.reservoir_, SERIES[:6], start[0])
    np.testing.assert_allclose(got, want, atol=1e-12)


@pytest.mark.parametrize("form", [{"strip": 2}, {"strip": 2, "step": 2, "output": "map"}])
@in_both_dtypes(plain=("delays", "lstm"), of=ONE_OF_EACH)
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
