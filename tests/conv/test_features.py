"""ConvFeatures against a plain twin, in scikit-learn's company, and wrongly called."""

import pickle

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ConvFeatures, ImageScanFeatures, RidgeReadoutClassifier
from dlkit.conv import Grid, gabor_bank
from dlkit.layerwise import ConvRBM

from .. import naive_conv as naive
from .images import IMAGES, SINGLE, conv

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
@pytest.mark.parametrize("d", [1, 2, pytest.param(3, marks=pytest.mark.compiled)])
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
        {"grid": [Grid(3, 0.5), 2], "padding": "same", "pooling": ("mean", "max")},
        {"grid": 2, "kernel_size": [SIZES[d], (1,) * d], "power": 0.5, "encoder": "linear"},
    ):
        options = {"kernel_size": SIZES[d], "encoder": "soft_threshold"} | options
        conv = ConvFeatures(3, kernels="random", random_state=0, **options)
        agrees(conv, samples(d))


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:kernels='kmeans' gives:UserWarning")
@parametrize_with_checks([ConvFeatures()])
def test_contract(estimator, check):
    check(estimator)


def test_in_searches_and_pipelines():
    y = np.arange(40) % 2
    X = np.random.RandomState(0).rand(40, 8, 8) + y[:, None, None] * np.eye(8)
    pipe = make_pipeline(conv(), RidgeReadoutClassifier())
    grid = {"convfeatures__encoder": ["relu", "abs"], "convfeatures__grid": [1, 2]}
    assert GridSearchCV(pipe, grid, cv=2).fit(X, y).best_score_ > 0.9


def test_progress_is_told(capsys, monkeypatch):
    conv().fit(IMAGES).transform(IMAGES)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": (19, 2), "padding": "same"}, "is more than twice as large as a sample"),
        ({"kernel_size": (10, 2)}, r"kernel_size=\(10, 2\) is larger than a sample"),
        ({"kernel_size": (5, 2), "dilation": 3}, r"kernel_size=\(5, 2\) \(dilated\) is larger"),
        ({"kernel_size": (3, 2, 2, 2)}, "kernel_size has 4 entries"),
        ({"kernel_size": (3,)}, "kernel_size has 1 entries"),
        ({"kernel_size": (0, 2)}, "kernel_size="),
        ({"kernel_size": [(3, 2), (3,)]}, "kernel_size="),
        ({"kernel_size": [(3, 2), None]}, "kernel_size="),
        ({"kernel_size": 9}, r"kernel_size=\(9, 9\) is larger"),
        ({"stride": 2**70}, "stride="),
        ({"dilation": 2**40, "padding": "same"}, "dilation="),
        ({"grid": 2**40}, "grid="),
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


def test_patches_that_overflow_are_named():
    X = np.random.RandomState(0).uniform(size=(40, 12, 12)) * 1.5e308
    with pytest.raises(ValueError, match="Input X holds numbers so large.*scale X"):
        ConvFeatures(8, random_state=0).fit(X)


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


def by_numpy(x, kernels, grid=4):
    """Linear features of series, contrast-normalised and whitened, all in float64."""
    P = np.lib.stride_tricks.sliding_window_view(x.astype(float), 9, axis=1)
    D = (P - P.mean(axis=2, keepdims=True)).reshape(-1, 9)
    v = np.square(D / np.abs(D).max()).mean(axis=1) * np.abs(D).max() ** 2
    N = D / np.abs(D).max() / np.sqrt((v + v.mean()) / np.abs(D).max() ** 2)[:, None]
    values, V = np.linalg.eigh(np.cov(N.T, bias=True))
    W = (V / np.sqrt(values + values.mean())) @ V.T
    R = (N - N.mean(axis=0)) @ W @ kernels[..., 0].T
    return R.reshape(len(x), grid, -1, len(kernels)).mean(axis=2).reshape(len(x), -1)


SERIES = np.random.RandomState(0).randn(20, 128)


@pytest.mark.parametrize(
    ("scale", "offset", "dtype"),
    [
        *((scale, 0.0, np.float32) for scale in (1e-38, 1e-30, 1e-23, 1e-12, 1e12, 1e19, 1e30)),
        *((scale, 0.0, np.float64) for scale in (1e-150, 1e-30, 1e30, 1e150)),
        (1.0, 1e5, np.float32), (1.0, 1e6, np.float32), (1e-3, 1e5, np.float64),
    ],
)  # fmt: skip
def test_features_at_every_scale(scale, offset, dtype):
    kernels = np.random.RandomState(1).randn(6, 9, 1)
    X = (SERIES * scale + offset).astype(dtype)
    options = {"whitening": 1.0, "padding": "valid", "encoder": "linear", "power": 1.0, "grid": 4}
    fitted = ConvFeatures(kernels=kernels, **options).fit(X)
    with np.errstate(all="raise"):
        F = fitted.transform(X)
    want = by_numpy(X, kernels)
    np.testing.assert_allclose(F, want, atol=2e-5 * np.abs(want).max())


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_kernels_are_learned_at_every_scale(scale):
    X = SERIES.astype(np.float32)
    for kernels in ("kmeans", "patches", "pca"):
        options = {"kernel_size": (9,), "kernels": kernels, "random_state": 0}
        want = ConvFeatures(8, **options).fit(X)
        with np.errstate(all="raise"):
            got = ConvFeatures(8, **options).fit(X * np.float32(scale))
        np.testing.assert_allclose(np.abs(got.kernels_), np.abs(want.kernels_), atol=1e-3)


def test_whitening_alone_is_free_of_offsets():
    X = SERIES.astype(np.float32)
    options = {
        "kernels": np.random.RandomState(1).randn(6, 9, 1), "contrast": None, "whitening": 1.0,
        "padding": "valid", "power": 1.0,
    }  # fmt: skip
    for encoder in ("linear", "triangle"):
        fitted = ConvFeatures(encoder=encoder, **options).fit(X)
        far = ConvFeatures(encoder=encoder, **options).fit(X + np.float32(3e4))
        np.testing.assert_allclose(
            far.transform(X + np.float32(3e4)), fitted.transform(X), atol=0.02
        )


def test_samples_on_another_scale_than_those_of_fit():
    fitted = conv(power=1.0).fit(SINGLE)
    blank = np.zeros((1, 9, 8, 2), np.float32)
    quiet = fitted.transform(blank)
    assert np.isfinite(quiet).all()
    for same in (blank + 0.1, blank + 1e5, SINGLE[:1] * np.float32(1e-30)):
        np.testing.assert_allclose(fitted.transform(same), quiet, atol=1e-5)
    loud = fitted.transform(SINGLE * np.float32(1e10))
    np.testing.assert_allclose(
        fitted.transform(SINGLE * np.float32(1e30)), loud, rtol=1e-4, atol=1e-5
    )


def test_what_overflows_is_named():
    plain = conv(contrast=None, whitening=None, pooling=("l2", "sum"), encoder="energy", power=1.0)
    want = plain.fit(SINGLE).transform(SINGLE)
    for scale in (1e-30, 1e30):
        got = plain.transform(SINGLE * np.float32(scale)) / np.float32(scale)
        np.testing.assert_allclose(got, want, rtol=1e-5)
    with pytest.raises(ValueError, match="Input X holds numbers so large.*overflows float32"):
        plain.transform(SINGLE * np.float32(1e38))


def test_a_partial_fit_that_fails_has_drawn_nothing():
    X = np.random.RandomState(0).rand(20, 7, 7)
    options = {"kernel_size": (3, 3), "kernels": "kmeans", "n_patches": 60}
    one, two = (conv(4, **options).partial_fit(X) for _ in range(2))
    with pytest.raises(ValueError, match="encoder="):
        two.set_params(encoder=lambda r: r.sum()).partial_fit(X)
    one.partial_fit(X)
    two.set_params(encoder="soft_threshold").partial_fit(X)
    np.testing.assert_array_equal(one.transform(X), two.transform(X))
    state = np.random.RandomState(3)
    with pytest.raises(ValueError, match="encoder="):
        conv(4, random_state=state, encoder=lambda r: r.sum()).fit(X)
    assert state.rand() == np.random.RandomState(3).rand()


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint16, np.uint64])
def test_numbers_of_any_whole_kind(kind):
    def features(t):
        options = {"kernel_size": t(3), "kernels": "gabor", "n_patches": t(50), "stride": t(2)}
        return conv(t(4), **options, grid=(t(2), t(1))).fit_transform(IMAGES)

    np.testing.assert_array_equal(features(kind), features(int))
    np.testing.assert_array_equal(gabor_bank(kind(40), (kind(9), 9)), gabor_bank(40, (9, 9)))


@pytest.mark.parametrize("output", ["features", "map"])
def test_entries_whose_differences_overflow_are_named(output):
    fitted = conv(output=output).fit(SINGLE)
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        fitted.transform(np.sign(SINGLE) * np.float32(3e38))


def test_presets_are_recipes_that_can_be_changed():
    conv = ConvFeatures.preset("accurate", n_kernels=4, grid=2, random_state=0)
    assert (conv.n_kernels, conv.grid, conv.upright) == (4, 2, "auto")
    X = np.random.RandomState(0).standard_normal((6, 9, 9))
    assert conv.fit_transform(X).shape == (6, 4 * 2 * 4)
    assert ConvFeatures.preset("accurate", upright=False).upright is False
    with pytest.raises(ValueError, match=r"name='best'.*\['accurate'\]"):
        ConvFeatures.preset("best")


@pytest.mark.compiled
@pytest.mark.parametrize("sizes", [(3, 3), [(3, 3), (4, 4)]])
def test_an_edit_of_kernels_is_refused(sizes):
    """What images meet was made of them in fit."""
    images = np.random.RandomState(0).uniform(0, 1, (9, 8, 8))
    conv = ConvFeatures(4, kernel_size=sizes, random_state=0).fit(images)
    conv = pickle.loads(pickle.dumps(conv))
    first = conv.kernels_ if isinstance(sizes, tuple) else conv.kernels_[0]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0.0
    with pytest.raises(AttributeError):
        conv.kernels_ = np.zeros_like(first)
    with pytest.raises(AttributeError, match="before it is fitted"):
        clone(conv).kernels_  # noqa: B018
