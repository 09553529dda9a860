"""Images scanned by reservoirs: pooled features and maps against loops over pixels."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ImageScanFeatures, _budgets
from dlkit.reservoir import IntrinsicPlasticity

from .. import naive_paths

rng = np.random.RandomState(0)
IMAGES = rng.uniform(size=(5, 7, 9, 2))
FORMS = {
    "whole": {},
    "strips": {"strip": 3, "strip_stride": 2},
    "steps": {"step": 2, "grid": (2, 3)},
    "last": {"pooling": "last", "strip": 2, "grid": 3},
    "some": {"directions": ("up", "left"), "grid": 1},
}


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("output", ["features", "map"])
@pytest.mark.parametrize("form", FORMS)
def test_features_follow_the_scan(form, output, dtype):
    X = IMAGES.astype(dtype)
    model = ImageScanFeatures(11, output=output, random_state=0, **FORMS[form])
    got = model.fit_transform(X)
    want = np.array([naive_paths.scanned(model, x) for x in X])
    assert got.dtype == dtype
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    assert hasattr(model, "get_feature_names_out") == (output == "features")


def test_one_channel_flat_images_and_bytes():
    grey = IMAGES[..., 0]
    model = ImageScanFeatures(11, random_state=0)
    want = model.fit_transform(grey)
    np.testing.assert_array_equal(clone(model).fit_transform(grey[..., None]), want)
    flat = clone(model).set_params(input_shape=(7, 9))
    np.testing.assert_array_equal(flat.fit_transform(grey.reshape(5, -1)), want)
    assert flat.n_features_in_ == 63
    frame = pd.DataFrame(IMAGES.reshape(5, -1))
    got = clone(model).set_params(input_shape=(7, 9, 2)).fit_transform(frame)
    np.testing.assert_array_equal(got, clone(model).fit_transform(IMAGES))
    small = (255 * grey).astype(np.uint8)
    got = clone(model).fit_transform(small)
    assert got.dtype == np.float32
    want = clone(model).fit_transform((small / np.float32(255)).astype(np.float32))
    np.testing.assert_array_equal(got, want)
    line = clone(model).fit_transform(grey.reshape(5, -1))  # one line of pixels
    np.testing.assert_array_equal(line, clone(model).fit_transform(grey.reshape(5, 1, -1)))


def test_neither_blocks_nor_threads_nor_neighbours_show(monkeypatch, tmp_path):
    model = ImageScanFeatures(11, strip=2, random_state=0).fit(IMAGES)
    want = model.transform(IMAGES)
    np.testing.assert_array_equal(model.transform(IMAGES[2:3]), want[2:3])
    np.testing.assert_array_equal(model.set_params(n_jobs=2).transform(IMAGES), want)
    np.save(tmp_path / "x.npy", IMAGES)
    monkeypatch.setattr(_budgets, "SCAN_BYTES", 1)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(model.transform(mapped), want)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(IMAGES), want)


SIZES = [(7, 9), (5, 6), (7, 9), (12, 7)]


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("output", ["features", "map"])
@pytest.mark.parametrize("channels", [(), (2,)])
def test_images_of_different_sizes(channels, output, dtype):
    r = np.random.RandomState(0)
    X = [(255 * r.uniform(size=size + channels)).astype(dtype) for size in SIZES]
    model = ImageScanFeatures(11, strip=2, grid=(2, 3), output=output, random_state=0)
    got = model.fit_transform(X)
    scale = 255.0 if dtype == np.uint8 else 1.0
    want = [naive_paths.scanned(model, x.reshape(*x.shape[:2], -1) / scale) for x in X]
    for one, expected in zip(got, want, strict=True):
        assert one.dtype == (np.float64 if dtype == np.float64 else np.float32)
        np.testing.assert_allclose(one, expected, atol=1e-10 if dtype == np.float64 else 2e-5)
    assert isinstance(got, list) == (output == "map")
    one_size = clone(model).fit(np.stack([X[0], X[2]]))
    for one, other in zip(got, one_size.transform(X), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(got[1], one_size.transform(X[1][None])[0])


def test_full_maps_of_different_sizes():
    r = np.random.RandomState(0)
    X = [r.uniform(size=size) for size in SIZES]
    model = ImageScanFeatures(6, strip=3, strip_stride=1, output="map", random_state=0).fit(X)
    for got, x in zip(model.transform(X), X, strict=True):
        assert got.shape == (*x.shape, 24)
        np.testing.assert_allclose(got, naive_paths.scanned(model, x[..., None]), atol=1e-10)


def test_plasticity_takes_different_sizes():
    r = np.random.RandomState(0)
    X = [r.uniform(size=size) for size in SIZES]
    model = ImageScanFeatures(6, strip=2, grid=2, plasticity=IntrinsicPlasticity(), random_state=0)
    by_size = [X[0], X[2], X[1], X[3]]  # as they are learned from
    np.testing.assert_array_equal(
        clone(model).fit(X).transform(X), clone(model).fit(by_size).transform(X)
    )


@pytest.mark.parametrize(
    ("sizes", "options", "match"),
    [
        ([(7, 9), (8, 9)], {}, "a time step is a whole line, unless strip says"),
        ([(7, 9), (7, 9, 2)], {"strip": 2}, "all must have as many channels"),
        ([(7, 9), (7, 2)], {"strip": 3}, "narrower than strip=3"),
        ([(9, 9), (9, 3)], {"strip": 2}, "not all have the cells of grid=None"),
    ],
)
def test_sizes_that_do_not_go_together(sizes, options, match):
    X = [np.ones(size) for size in sizes]
    with pytest.raises(ValueError, match=match):
        ImageScanFeatures(5, **options).fit(X)
    model = ImageScanFeatures(5, **options).fit(X[:1])
    with pytest.raises(ValueError, match=match):
        model.transform(X)


def test_directions_have_reservoirs_of_their_own():
    four = ImageScanFeatures(11, random_state=0).fit(IMAGES)
    one = ImageScanFeatures(11, directions=["down"], random_state=0).fit(IMAGES)
    np.testing.assert_array_equal(one.reservoirs_[0].w_in, four.reservoirs_[2].w_in)
    assert len({r.noise_seed for r in four.reservoirs_}) == 4
    table = four.set_output(transform="pandas").transform(IMAGES)
    assert table.columns[0] == "imagescanfeatures0"


@pytest.mark.compiled
def test_digits_are_told_apart():
    images, y = load_digits().images / 16, load_digits().target
    model = make_pipeline(ImageScanFeatures(60, random_state=0), RidgeClassifier(1.0))
    assert model.fit(images[:1200], y[:1200]).score(images[1200:], y[1200:]) > 0.93


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"directions": ()}, "directions must be some of"),
        ({"directions": ("north",)}, "directions must be some of"),
        ({"directions": ("up", "up")}, "directions must be some of"),
        ({"directions": "up"}, "directions"),
        ({"strip": 8}, "strip=8 is wider than the images, which have 7 lines"),
        ({"strip": 0}, "strip"),
        ({"strip_stride": 0}, "strip_stride"),
        ({"step": 0}, "step"),
        ({"grid": 0}, "grid must be a whole number of cells"),
        ({"grid": (1, 2, 3)}, "grid must be a whole number of cells"),
        ({"pooling": "max"}, "pooling"),
        ({"output": "maps"}, "output"),
        ({"n_units": 0}, "n_units"),
        ({"leak_rate": 2.0}, "leak_rate"),
    ],
)
def test_bad_parameters(options, match):
    model = ImageScanFeatures(**{"n_units": 5, **options})
    before = vars(model).copy()
    with pytest.raises((ValueError, TypeError), match=match):
        model.fit(IMAGES)
    assert vars(model) == before


def test_bad_images():
    with pytest.raises(ValueError, match="input_shape="):
        ImageScanFeatures(5, input_shape=(7, 8)).fit(IMAGES[..., 0].reshape(5, -1))
    with pytest.raises(ValueError, match="input_shape="):
        ImageScanFeatures(5, input_shape=(63,)).fit(IMAGES[..., 0].reshape(5, -1))
    with pytest.raises(ValueError, match="images must be of shape"):
        ImageScanFeatures(5).fit(IMAGES[None])
    spoiled = IMAGES.copy()
    spoiled[1, 2, 3, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        ImageScanFeatures(5).fit(spoiled)
    model = ImageScanFeatures(5, random_state=0).fit(IMAGES)
    with pytest.raises(ValueError, match="NaN"):
        model.transform(spoiled)
    with pytest.raises(ValueError, match=r"images of shape \(9, 7, 2\), but"):
        model.transform(IMAGES.swapaxes(1, 2))


@pytest.mark.compiled
@parametrize_with_checks(
    [ImageScanFeatures(), ImageScanFeatures(9, pooling="last", directions=("left",))]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
