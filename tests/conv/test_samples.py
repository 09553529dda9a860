"""What goes into ConvFeatures: every form, in any company, moved about, in pieces, and wrong."""

import pickle

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import FastICA, MiniBatchDictionaryLearning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from dlkit import ConvFeatures, ImageScanFeatures, RidgeReadoutClassifier, _budgets
from dlkit.conv import pool
from dlkit.layerwise import ConvRBM

from .. import naive_conv as naive

RNG = np.random.RandomState(0)
IMAGES = RNG.randn(12, 9, 8, 2)
SINGLE = IMAGES.astype(np.float32)


def conv(n_kernels=6, **options):
    defaults = {"kernel_size": (3, 2), "kernels": "random", "random_state": 0}
    return ConvFeatures(n_kernels, **(defaults | options))


# forms


def test_flat_rows_lists_and_tables_are_the_same_samples():
    F = conv().fit_transform(IMAGES)
    assert F.shape == (12, 54)
    np.testing.assert_array_equal(conv().fit_transform(list(IMAGES)), F)
    rows = IMAGES.reshape(12, -1)
    flat = conv(input_shape=(9, 8, 2)).fit(rows)
    assert flat.n_features_in_ == 144
    np.testing.assert_array_equal(flat.transform(rows), F)
    np.testing.assert_array_equal(flat.transform(IMAGES), F)
    np.testing.assert_array_equal(flat.transform(np.asfortranarray(rows)), F)
    frame = pd.DataFrame(rows, columns=[f"p{i}" for i in range(144)])
    framed = conv(input_shape=(9, 8, 2)).fit(frame)
    assert framed.feature_names_in_[0] == "p0"
    np.testing.assert_array_equal(framed.transform(frame), F)
    fitted = framed.fit(IMAGES)
    assert not hasattr(fitted, "n_features_in_")
    assert not hasattr(fitted, "feature_names_in_")
    table = fitted.set_output(transform="pandas").transform(IMAGES)
    assert list(table.columns[:2]) == ["convfeatures0", "convfeatures1"]
    np.testing.assert_array_equal(table.to_numpy(), F)


def test_a_channel_axis_of_one_may_be_left_out():
    for X, size in (
        (IMAGES[..., 0], (3, 2)),
        (IMAGES[:, :, 0, 0], 3),
        (RNG.rand(4, 5, 4, 3), (2,) * 3),
    ):
        F = conv(kernel_size=size).fit_transform(X)
        np.testing.assert_array_equal(conv(kernel_size=size).fit_transform(X[..., None]), F)


def test_rows_are_series_unless_told_otherwise():
    X = RNG.randn(20, 30)
    F = ConvFeatures(8, kernels="random", random_state=0).fit_transform(X)
    assert F.shape[0] == 20
    same = ConvFeatures(8, kernel_size=9, kernels="random", random_state=0).fit_transform(
        X[..., None]
    )
    np.testing.assert_array_equal(F, same)


def test_a_newcomer_is_asked_what_a_stack_of_tables_is():
    with pytest.raises(
        ValueError, match=r"image of one channel or a series of 8 channels.*kernel_"
    ):
        ConvFeatures().fit(RNG.rand(20, 8, 8))
    with pytest.raises(ValueError, match="volume of one channel or an image of 30 channels"):
        ConvFeatures().fit(RNG.rand(5, 20, 30, 30))
    plain = ConvFeatures(4, random_state=0).fit(RNG.rand(20, 12, 10, 3))
    assert plain.kernels_.shape == (4, 6, 5, 3)
    assert ConvFeatures(4, random_state=0).fit([RNG.rand(12), RNG.rand(30)]).kernels_.shape == (
        4,
        6,
        1,
    )


def test_dtypes():
    byte = RNG.randint(0, 256, IMAGES.shape).astype(np.uint8)
    fitted = conv(contrast=0.1).fit(byte)
    F = fitted.transform(byte)
    assert F.dtype == np.float32
    assert (
        fitted.transform(SINGLE).dtype == fitted.transform(SINGLE.astype(np.float16)).dtype == "f4"
    )
    np.testing.assert_allclose(F, fitted.transform(byte.astype(np.int64)), rtol=2e-4, atol=1e-5)
    assert fitted.transform(byte.astype(np.int64)).dtype == np.float64
    assert fitted.transform([x.tolist() for x in IMAGES]).dtype == np.float64


def test_maps_of_files(tmp_path):
    fitted = conv(padding="same").fit(SINGLE)
    F = fitted.transform(SINGLE)
    for X in (SINGLE, (100 * SINGLE).astype(np.uint8)):
        np.save(tmp_path / "x.npy", X)
        mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
        np.testing.assert_array_equal(conv().fit_transform(mapped), conv().fit_transform(X))
    np.save(tmp_path / "x.npy", SINGLE)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(fitted.transform(mapped), F)
    np.testing.assert_array_equal(fitted.transform([mapped[i] for i in range(12)]), F)


def test_sizes_may_differ():
    X = [x[: 9 - i % 3, : 8 - i % 2] for i, x in enumerate(SINGLE)]
    fitted = conv(grid=[1, 2], sharing="tiled").fit(X)
    F = fitted.transform(X)
    for x, row in zip(X, F, strict=True):
        np.testing.assert_array_equal(fitted.transform(x[None])[0], row)
    maps = fitted.set_params(output="map", grid=None).transform(X)
    assert [m.shape for m in maps[:3]] == [(7, 7, 6), (6, 6, 6), (5, 7, 6)]
    windows = fitted.set_params(window=2, window_stride=1).transform(X)
    assert windows[0].shape == (6, 6, 6)


def test_as_many_sizes_as_samples():
    X = [RNG.randn(10 + i, 7).astype(np.float32) for i in range(40)]
    fitted = conv(kernels="patches", grid=2).fit(X)
    F = fitted.transform(X)
    for i in (0, 17, 39):
        np.testing.assert_array_equal(fitted.transform(X[i : i + 1]), F[i : i + 1])
    np.testing.assert_array_equal(fitted.set_params(n_jobs=2).transform(X), F)


# company


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("encoder", ["triangle", "soft_threshold"])
def test_no_bit_depends_on_the_company(encoder, dtype):
    X = RNG.randn(30, 14, 13, 2).astype(dtype)
    for options in ({}, {"sharing": "tiled"}, {"padding": "same", "pooling": ("max", "l2")}):
        fitted = conv(40, encoder=encoder, **options).fit(X)
        F = fitted.transform(X)
        for part in (slice(0, 1), slice(7, 8), slice(3, 20), slice(29, 30)):
            np.testing.assert_array_equal(fitted.transform(X[part]), F[part])
        np.testing.assert_array_equal(fitted.transform(X[::-1])[::-1], F)
        np.testing.assert_array_equal(fitted.set_params(n_jobs=3).transform(X), F)
        with parallel_config(n_jobs=2):
            np.testing.assert_array_equal(fitted.set_params(n_jobs=None).transform(X), F)


def test_few_positions_in_any_company_to_rounding():
    fitted = conv(40, sharing="local").fit(SINGLE)
    F = fitted.transform(SINGLE)
    np.testing.assert_allclose(fitted.transform(SINGLE[5:6]), F[5:6], rtol=1e-5)
    np.testing.assert_array_equal(fitted.set_params(n_jobs=2).transform(SINGLE), F)


@pytest.mark.parametrize("sharing", ["shared", "tiled"])
def test_large_samples_in_slabs(sharing, monkeypatch):
    options = {"padding": "same", "stride": (2, 1), "sharing": sharing, "n_patches": 50}
    options |= {"kernels": "patches", "encoder": "triangle", "grid": [1, 3]}
    F = conv(**options).fit_transform(IMAGES)
    maps = conv(**options | {"grid": None, "output": "map"}).fit_transform(IMAGES)
    monkeypatch.setattr(_budgets, "SLAB_BYTES", 600)
    np.testing.assert_allclose(conv(**options).fit_transform(IMAGES), F, atol=1e-12)
    slabs = conv(**options | {"grid": None, "output": "map"}).fit_transform(IMAGES)
    np.testing.assert_allclose(slabs, maps, atol=1e-12)


def test_maps_are_what_is_pooled():
    for options in ({"sharing": "tiled"}, {"kernel_size": [(3, 2), (5, 1)], "padding": "same"}):
        options |= {"power": 1.0, "encoder": "abs"}
        maps = conv(output="map", **options).fit_transform(IMAGES)
        names = ("mean", "max")
        F = conv(pooling=names, grid=2, **options).fit_transform(IMAGES)
        banks = [maps] if "padding" not in options else np.split(maps, 2, axis=-1)
        expected = np.hstack([pool(np.ascontiguousarray(m), names, grid=2) for m in banks])
        np.testing.assert_allclose(F, expected, atol=1e-12)
    pooled = conv(output="map", window=3, window_stride=2, pooling=names).fit(IMAGES)
    maps = pooled.transform(IMAGES)
    assert maps.shape == (12, 3, 3, 12)
    rows = conv(window=3, window_stride=2).fit_transform(IMAGES).reshape(12, 3, 3, 6)
    np.testing.assert_array_equal(maps[..., :6], rows)
    second = ConvFeatures(5, kernel_size=(2, 2), random_state=0).fit_transform(maps)
    assert second.shape == (12, 45)


# moved about


@pytest.mark.parametrize(("sharing", "period"), [("shared", 1), ("tiled", 2), ("tiled", 3)])
@pytest.mark.parametrize("encoder", list(naive.ENCODERS))
@pytest.mark.parametrize("stride", [1, 2])
def test_the_map_shifts_with_the_input(sharing, period, encoder, stride):
    size = (3, 2)
    X = np.random.RandomState(1).randn(3, 16, 17, 2)
    options = {"kernels": "patches", "encoder": encoder, "stride": stride, "tile_period": period}
    fitted = conv(sharing=sharing, kernel_size=size, output="map", **options).fit(X)
    m, by = fitted.transform(X), period * stride
    moved = fitted.transform(np.roll(X, by, axis=(1, 2)))
    np.testing.assert_array_equal(moved[:, period:, period:], m[:, :-period, :-period])
    # something small in the middle, shifted within a cell
    blob = np.zeros((1, 40, 40, 2))
    blob[0, 6:8, 6:8] = RNG.randn(2, 2, 2)
    fitted.set_params(output="features", grid=2, pooling="max")
    here, there = (fitted.transform(np.roll(blob, s, axis=(1, 2))) for s in (0, by))
    np.testing.assert_array_equal(here, there)
    fitted.set_params(pooling=("sum", "ppv"))
    here, there = (fitted.transform(np.roll(blob, s, axis=(1, 2))) for s in (0, by))
    np.testing.assert_allclose(here, there, rtol=1e-12)


# in pieces, learned, stored


def test_streams_add_up_and_go_on():
    X = RNG.rand(40, 9, 8)
    whole = conv(8, n_patches=10**6, kernels="random").fit(X)
    piecewise = conv(8, n_patches=10**6, kernels="random")
    for part in np.split(X, 4):
        assert piecewise.partial_fit(part) is piecewise
    np.testing.assert_array_equal(piecewise.kernels_, whole.kernels_)
    assert piecewise.preprocess_.n_patches_ == whole.preprocess_.n_patches_
    for kernels in ("kmeans", MiniBatchKMeans(8, n_init=1), "patches", "pca"):
        stream = conv(4, kernels=kernels).partial_fit(X[:20])
        before = stream.kernels_.copy()
        F = stream.transform(X)
        stream.partial_fit(X[20:])
        moved = not np.array_equal(stream.kernels_, before)
        assert moved == (kernels not in ("patches", "pca"))
        assert not np.array_equal(stream.transform(X), F)  # the whitening went on, at least
        again = conv(4, kernels=kernels).partial_fit(X[:20]).partial_fit(X[20:])
        np.testing.assert_array_equal(again.kernels_, stream.kernels_)
    with pytest.raises(ValueError, match="channels"):
        stream.partial_fit(IMAGES)
    np.testing.assert_array_equal(again.transform(X), stream.transform(X))
    fitted = conv(4, kernels="kmeans").fit(X[:20])
    before = fitted.kernels_.copy()
    assert not np.array_equal(fitted.partial_fit(X[20:]).kernels_, before)
    constant = conv(4).partial_fit(X).partial_fit(np.ones((3, 9, 8)))
    np.testing.assert_array_equal(constant.transform(X), conv(4).partial_fit(X).transform(X))


@pytest.mark.parametrize(
    "kernels",
    [
        "random", "patches", "kmeans", "pca", "gabor", FastICA(6, max_iter=20, tol=1),
        MiniBatchDictionaryLearning(6, max_iter=2), MiniBatchKMeans(6, n_init=1),
        RNG.randn(6, 3, 3, 1), RNG.randn(4, 6, 3, 3, 1),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:FastICA did not converge")
def test_kernels_of_any_origin(kernels):
    shared = not isinstance(kernels, np.ndarray) or kernels.ndim == 4
    fitted = ConvFeatures(
        6, kernel_size=(3, 3), kernels=kernels, sharing="shared" if shared else "tiled",
        random_state=0,
    )  # fmt: skip
    X = RNG.rand(30, 8, 8)
    F = fitted.fit_transform(X)
    assert F.shape == (30, 54)
    assert fitted.kernels_.shape[-4:] == (6, 3, 3, 1)
    if isinstance(kernels, np.ndarray):
        np.testing.assert_array_equal(fitted.kernels_, kernels)
    np.testing.assert_array_equal(clone(fitted).fit_transform(X), F)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).transform(X), F)


def test_unshared_kernels_where_nothing_is_to_be_seen():
    X = np.zeros((20, 9, 8))
    X[:, 3:6, 2:6] = RNG.rand(20, 3, 4)
    fitted = conv(4, kernels="kmeans", sharing="local").fit(X)
    assert fitted.kernels_.shape == (49, 4, 3, 2, 1)
    fitted.partial_fit(X)
    assert np.isfinite(fitted.transform(X)).all()


def test_an_array_brings_its_size():
    kernels = RNG.randn(3, 4, 2, 2)
    fitted = ConvFeatures(kernels=kernels, contrast=None, whitening=None).fit(IMAGES)
    np.testing.assert_array_equal(fitted.kernels_, kernels)
    assert ConvFeatures(kernels=[[1.0, -1.0]]).fit_transform(RNG.rand(5, 10)).shape == (5, 4)


def test_a_callable_encoder():
    fitted = conv(encoder=np.tanh, power=1.0).fit(IMAGES)
    m = conv(encoder="linear", output="map", power=1.0).fit_transform(IMAGES)
    np.testing.assert_allclose(fitted.transform(IMAGES), pool(np.tanh(m), grid=3), atol=1e-12)
    wide = conv(encoder=lambda r: np.hstack([r, r > 0, r < 0]), grid=1, power=1.0)
    assert wide.fit_transform(IMAGES).shape == (12, 18)
    for wrong in (lambda r: r.sum(), lambda r: r[:1], lambda r: r.astype(str)):
        with pytest.raises(ValueError, match="encoder="):
            conv(encoder=wrong).fit(IMAGES)


def test_in_searches_and_pipelines():
    y = np.arange(40) % 2
    X = RNG.rand(40, 8, 8) + y[:, None, None] * np.eye(8)
    pipe = make_pipeline(conv(), RidgeReadoutClassifier())
    grid = {"convfeatures__encoder": ["relu", "abs"], "convfeatures__grid": [1, 2]}
    assert GridSearchCV(pipe, grid, cv=2).fit(X, y).best_score_ > 0.9


def test_progress_is_told(capsys, monkeypatch):
    conv().fit(IMAGES).transform(IMAGES)
    assert capsys.readouterr().out == ""


# wrong


class TestBadInput:
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
    def test_parameters(self, options, message):
        fresh = conv(**options)
        with pytest.raises(ValueError, match=message):
            fresh.fit(IMAGES).transform(IMAGES)

    def test_a_failed_fit_leaves_nothing(self):
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

    @pytest.mark.parametrize("padding", ["same", "full"])
    def test_a_kernel_may_be_larger_where_padding_allows_it(self, padding):
        F = conv(kernel_size=(11, 10), padding=padding).fit_transform(IMAGES)
        assert np.isfinite(F).all()

    def test_shapes(self):
        rows = IMAGES.reshape(12, -1)
        for shape in ((9, 8), (9, 8, 3), (12, 12, 2), (0, 2), (1.5, 2)):
            with pytest.raises(ValueError, match="input_shape"):
                conv(input_shape=shape).fit(rows)
        with pytest.raises(ValueError, match="input_shape"):
            conv().fit(rows)
        with pytest.raises(ValueError, match="features"):
            conv(input_shape=(9, 8, 2)).fit(rows).transform(rows[:, :-2])
        with pytest.raises(ValueError, match="has 1 channels, but ConvFeatures was fitted with 2"):
            conv().fit(IMAGES).transform(IMAGES[..., :1])
        with pytest.raises(ValueError, match="sample 0 has 2, sample 1 has 1"):
            conv().fit([IMAGES[0], IMAGES[1, ..., :1]])
        with pytest.raises(ValueError, match="kernel_size"):
            conv().fit(IMAGES).transform(IMAGES[:, :2])
        with pytest.raises(ValueError, match="empty list"):
            conv().fit([])
        with pytest.raises(ValueError, match="at least one entry"):
            conv().fit(np.ones((3, 0, 4)))
        with pytest.raises(ValueError, match="Sample 1"):
            conv().fit([IMAGES[0], "no image"])
        with pytest.raises(ValueError, match="Sample 1"):
            conv().fit([IMAGES[0], IMAGES[0][:0]])

    def test_sizes_that_must_not_differ(self):
        X = [*IMAGES[:5], IMAGES[5][:8]]
        with pytest.raises(ValueError, match="sharing='local'"):
            conv(sharing="local").fit(X)
        with pytest.raises(ValueError, match="sharing='local'"):
            conv(sharing="local").fit(IMAGES).transform(IMAGES[:, :8])
        with pytest.raises(ValueError, match="window=2 slides over maps of different sizes"):
            conv(window=2).fit(X)
        with pytest.raises(ValueError, match="window=2 slides over maps of different sizes"):
            conv(window=2).fit(IMAGES).transform(X)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_not_finite(self, bad):
        X = IMAGES.copy()
        X[7, 3, 2, 1] = bad
        for broken in (X, list(X), X.astype(np.float32)):
            with pytest.raises(ValueError, match=r"(NaN|infinity) in sample 7"):
                conv().fit(broken)
            with pytest.raises(ValueError, match=r"(NaN|infinity) in sample 7"):
                conv().fit(IMAGES).transform(broken)
        rows = conv(input_shape=(9, 8, 2)).fit(IMAGES.reshape(12, -1))
        with pytest.raises(ValueError, match=r"(NaN|infinity) in sample 7"):
            rows.transform(X.reshape(12, -1))

    def test_constant_images(self):
        flat = np.ones((5, 9, 8))
        with pytest.raises(ValueError, match="patches are constant"):
            conv().fit(flat)
        X = np.concatenate([flat, IMAGES[..., 0]])
        F = conv(encoder="triangle").fit(X).transform(flat)
        assert np.isfinite(F).all()
        plain = conv(contrast=None, whitening=None)
        assert np.isfinite(plain.fit(flat).transform(flat)).all()

    def test_fewer_patches_than_kernels(self):
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
