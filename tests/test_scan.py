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

from dlkit import ImageScanFeatures
from dlkit.reservoir import _scan

from . import naive_paths

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
    monkeypatch.setattr(_scan, "BLOCK_BYTES", 1)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(model.transform(mapped), want)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(IMAGES), want)


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
