"""ConvFeatures against a plain twin, in scikit-learn's company, and wrongly called."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ConvFeatures, ImageScanFeatures, RidgeReadoutClassifier
from dlkit.layerwise import ConvRBM

from .. import naive_conv as naive
from .images import IMAGES, RNG, conv

SHAPES = {1: (4, 17, 2), 2: (4, 9, 8, 2), 3: (3, 6, 5, 4, 2)}


SIZES = {1: (4,), 2: (3, 2), 3: (2, 3, 2)}


def samples(d, seed=0, dtype=np.float64):
    return np.random.RandomState(seed).randn(*SHAPES[d]).astype(dtype)


def agrees(conv, X, tolerance=1e-10):
    F = conv.fit(X).transform(X)
    expected = np.array([naive.features(conv, x) for x in X])
    assert F.shape == expected.shape == (len(X), conv._n_features_out)
    np.testing.assert_allclose(F, expected, atol=tolerance)


@pytest.mark.kernels
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("encoder", list(naive.ENCODERS))
def test_features_are_the_twins(encoder, d):
    for sharing, kernels, contrast, whitening in (
        ("shared", "patches", 0.1, 0.1),
        ("tiled", "random", None, 0.5),
        ("local", "random", 0.5, None),
        ("shared", "random", None, None),
    ):
        conv = ConvFeatures(
            5, kernel_size=SIZES[d], kernels=kernels, sharing=sharing, encoder=encoder,
            contrast=contrast, whitening=whitening, random_state=0, power=1.0,
        )  # fmt: skip
        agrees(conv, samples(d))


@pytest.mark.kernels
@pytest.mark.parametrize("d", [1, 2, 3])
def test_geometry_and_pooling(d):
    for options in (
        {"grid": [1, 3], "padding": "same", "pooling": ("mean", "max", "l2", "ppv", "sum")},
        {"window": 2, "window_stride": 1, "stride": 2, "padding": "full"},
        {"window": 2, "dilation": 2, "padding": "same", "sharing": "tiled", "tile_period": 3},
        {"grid": [2, 1], "pooling": ("sum", "mean", "l2"), "power": 0.5},
        {"grid": 2, "kernel_size": [SIZES[d], (1,) * d], "power": 0.5, "encoder": "linear"},
    ):
        options = {"kernel_size": SIZES[d], "encoder": "soft_threshold"} | options
        conv = ConvFeatures(3, kernels="random", random_state=0, **options)
        agrees(conv, samples(d))


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:kernels='kmeans' gives:UserWarning")
@parametrize_with_checks([ConvFeatures()])
def test_contract(estimator, check):
    check(estimator)


def test_in_searches_and_pipelines():
    y = np.arange(40) % 2
    X = RNG.rand(40, 8, 8) + y[:, None, None] * np.eye(8)
    pipe = make_pipeline(conv(), RidgeReadoutClassifier())
    grid = {"convfeatures__encoder": ["relu", "abs"], "convfeatures__grid": [1, 2]}
    assert GridSearchCV(pipe, grid, cv=2).fit(X, y).best_score_ > 0.9


def test_progress_is_told(capsys, monkeypatch):
    conv().fit(IMAGES).transform(IMAGES)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": (10, 2)}, r"kernel_size=\(10, 2\) is larger than a sample"),
        ({"kernel_size": (5, 2), "dilation": 3}, r"kernel_size=\(5, 2\) \(dilated\) is larger"),
        ({"kernel_size": (3, 2, 2, 2)}, "kernel_size has 4 entries"),
        ({"kernel_size": 3}, "kernel_size has 1 entries"),
        ({"kernel_size": (0, 2)}, "kernel_size="),
        ({"kernel_size": [(3, 2), 3]}, "kernel_size="),
        ({"kernel_size": []}, "kernel_size="),
        ({"kernel_size": ()}, "kernel_size="),
        ({"stride": 0}, "stride=0"),
        ({"stride": (1, 0)}, "stride="),
        ({"stride": (1, 1, 1)}, "stride="),
        ({"dilation": 0}, "dilation=0"),
        ({"dilation": True}, "dilation"),
        ({"padding": "reflect"}, "padding"),
        ({"sharing": "untied"}, "sharing"),
        ({"sharing": "tiled", "tile_period": 0}, "tile_period=0"),
        ({"grid": 0}, "grid=0"),
        ({"grid": (2, 2, 2)}, "grid="),
        ({"grid": 2, "window": 2}, "grid=2 and window=2"),
        ({"window": 9}, r"window=\(9, 9\) is larger than the map"),
        ({"window_stride": 2}, "window_stride=2 needs a window"),
        ({"grid": [1, 2], "output": "map"}, "pyramid"),
        ({"pooling": "median"}, "pooling"),
        ({"pooling": ("mean", "median")}, "pooling="),
        ({"pooling": ()}, "pooling="),
        ({"encoder": "sigmoid"}, "encoder"),
        ({"kernels": "sobel"}, "kernels"),
        ({"kernels": np.ones((4, 3, 3, 2))}, "kernels"),
        ({"kernels": np.ones((4, 3, 2, 3))}, "kernels"),
        ({"kernels": np.full((4, 3, 2, 2), np.nan)}, "kernels"),
        ({"kernels": np.ones((2, 4, 3, 2, 2)), "sharing": "tiled"}, "kernels has shape"),
        ({"kernels": np.ones(4), "kernel_size": None}, "kernels has shape"),
        ({"kernels": np.ones((4, 3, 2, 2)), "kernel_size": [(3, 2), (2, 2)]}, "several sizes"),
        ({"kernel_size": [(3, 2), (2, 2)], "output": "map"}, "padding='same'"),
        ({"n_kernels": 0}, "n_kernels"),
        ({"n_patches": 0}, "n_patches"),
        ({"contrast": -1.0}, "contrast"),
        ({"whitening": -1.0}, "whitening"),
        ({"threshold": np.inf}, "threshold"),
        ({"power": 0.0}, "power"),
        ({"output": "maps"}, "output"),
    ],
)
def test_bad_parameters(options, message):
    fresh = conv(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(IMAGES).transform(IMAGES)


def test_a_failed_fit_leaves_nothing():
    fresh = conv(kernel_size=(10, 2))
    before = dict(vars(fresh))
    with pytest.raises(ValueError, match="kernel_size"):
        fresh.fit(IMAGES)
    assert vars(fresh) == before
    fitted = conv().fit(IMAGES)
    F = fitted.transform(IMAGES)
    with pytest.raises(ValueError, match="NaN"):
        fitted.partial_fit(IMAGES * np.nan)
    np.testing.assert_array_equal(fitted.transform(IMAGES), F)


def test_constant_images():
    flat = np.ones((5, 9, 8))
    with pytest.raises(ValueError, match="patches are constant"):
        conv().fit(flat)
    X = np.concatenate([flat, IMAGES[..., 0]])
    F = conv(encoder="triangle").fit(X).transform(flat)
    assert np.isfinite(F).all()
    plain = conv(contrast=None, whitening=None)
    assert np.isfinite(plain.fit(flat).transform(flat)).all()


def test_fewer_patches_than_kernels():
    X = IMAGES[:1, :4, :3]
    for kernels in ("patches", "kmeans", "pca"):
        with pytest.warns(UserWarning, match=r"gives \d+ kernels, n_kernels=50"):
            fitted = conv(50, kernels=kernels).fit(X)
        assert fitted.transform(X).shape == (1, 9 * len(fitted.kernels_))


@pytest.mark.parametrize(
    "estimator",
    [
        ConvFeatures(3, kernel_size=(3, 3), output="map", random_state=0),
        ConvRBM(3, kernel_size=(3, 3), output="map", n_epochs=1, random_state=0),
        ImageScanFeatures(5, output="map", random_state=0),
    ],
    ids=lambda e: type(e).__name__,
)
def test_maps_are_no_table(estimator):
    X = np.random.RandomState(0).rand(6, 8, 8)
    with config_context(transform_output="pandas"):
        maps = estimator.fit_transform(X)
        assert isinstance(maps, np.ndarray)
        assert maps.ndim == 4
        rows = estimator.set_params(output="features").fit_transform(X)
        assert list(rows.columns) == list(estimator.get_feature_names_out())
    assert not hasattr(estimator.set_params(output="map"), "set_output")
