"""What a batch of samples is: every form, and wrong ones."""

import numpy as np
import pandas as pd
import pytest

from dlkit import ConvFeatures
from dlkit.conv import sample_patches
from dlkit.exceptions import ReadingWarning
from dlkit.layerwise import ConvRBM

from .images import IMAGES, RNG, SINGLE, conv


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


@pytest.mark.compiled
@pytest.mark.parametrize("make", [ConvFeatures, ConvRBM])
def test_three_axes_are_images(make):
    X = RNG.rand(20, 12, 10)
    usual = (4, 4) if make is ConvFeatures else (6, 5)
    for size, wanted in ((None, usual), (5, (5, 5)), (np.uint8(3), (3, 3)), ((4, 2), (4, 2))):
        for form in (X, list(X), X[..., None], X.tolist()):
            assert make(4, kernel_size=size, random_state=0).fit(form).kernels_.shape[1:3] == wanted
        flat = make(4, kernel_size=size, input_shape=(12, 10), random_state=0)
        assert flat.fit(X.reshape(20, -1)).kernels_.shape[1:3] == wanted
    several = make(4, kernel_size=(5,), random_state=0).fit(X)  # series of ten channels
    assert several.kernels_.shape == (4, 5, 10)


def test_patches_of_one_size_along_each_axis():
    assert sample_patches(RNG.rand(3, 9, 8), 4, 10).shape == (10, 16)
    assert sample_patches(RNG.rand(3, 9, 8), (4,), 10).shape == (10, 32)
    assert sample_patches(RNG.rand(3, 9), 4, 10).shape == (10, 4)
    assert ConvFeatures(2, kernel_size=[3, 4], kernels="random").fit(RNG.rand(3, 9, 8)).kernels_[
        1
    ].shape == (2, 4, 4, 1)


LIKELIER = [
    ((6, 3, 32, 32), (3, 3), r"channels first, 3 of them.*np.moveaxis\(X, 1, -1\)"),
    ((6, 1, 28, 24), (1, 5), r"channels first, 1 of them.*np.moveaxis\(X, 1, -1\)"),
    ((20, 1, 100), None, r"series with 1 channels, channels first.*np.moveaxis\(X, 1, -1\)"),
    ((20, 3, 100), (2,), r"channels first, 3 of them.*np.moveaxis\(X, 1, -1\)"),
    ((20, 100, 3), 3, r"series with 3 channels: then give kernel_size one entry, \(9,\)"),
    ((40, 48, 3), (3, 3), r"is one image with 3 channels.*X\[None\]"),
]


@pytest.mark.parametrize(("shape", "size", "message"), LIKELIER)
def test_a_likelier_reading_is_named(shape, size, message):
    X = RNG.rand(*shape)
    options = {"kernels": "random", "grid": 1, "random_state": 0}
    with pytest.warns(ReadingWarning, match=message):
        conv_features = ConvFeatures(2, kernel_size=size, **options).fit(X)
    conv_features.transform(X)  # said once
    with pytest.warns(ReadingWarning, match=message):
        ConvRBM(2, kernel_size=size, n_epochs=0).fit(list(X) if "X[N" not in message else X)


def test_a_photo_of_numbers_is_no_stack_of_series():
    smooth = np.cumsum(np.random.RandomState(0).randn(40, 60, 3), axis=0)
    with pytest.warns(ReadingWarning, match=r"is one image with 3 channels.*X\[None\]"):
        ConvFeatures(2, kernels="random").fit(smooth)
    noise = np.random.RandomState(0).randn(40, 60, 3)
    with pytest.warns(ReadingWarning, match="holds series with 3 channels"):
        ConvFeatures(2, kernels="random").fit(noise)


def test_a_photo_of_bytes_is_no_stack_of_series():
    with pytest.warns(ReadingWarning, match="is one image with 4 channels"):
        ConvFeatures(2, kernels="random").fit(RNG.randint(0, 255, (60, 40, 4)).astype(np.uint8))


def test_one_series_is_told_from_many():
    options = {"kernels": "random", "random_state": 0, "n_patches": 100}
    walk = np.cumsum(RNG.randn(400, 3), axis=0)
    for X in (walk[:, :1], walk):
        with pytest.warns(ReadingWarning, match=r"is one series.* then hand over X\[None\]"):
            ConvFeatures(2, kernel_size=1, **options, contrast=None, whitening=None).fit(X)
        ConvFeatures(2, kernel_size=(9,), **options).fit(X[None])
    ConvFeatures(2, **options).fit(walk.T)
    ConvFeatures(2, **options).fit(np.cumsum(RNG.randn(400, 30), axis=1))


def test_tables_of_bytes_are_rather_images():
    byte = RNG.randint(0, 255, (50, 3072)).astype(np.uint8)
    options = {"kernels": "random", "random_state": 0, "n_patches": 100}
    for X, message in (
        (byte[:, :784], r"images, flattened to rows: then give input_shape=\(28, 28\)"),
        (byte, r"images, flattened to rows: then give input_shape=\(32, 32, 3\)"),
        (byte[:, :100].repeat(2, axis=1), r"is one image: then hand over X\[None\]"),
    ):
        with pytest.warns(ReadingWarning, match=message):
            ConvFeatures(2, **options).fit(X)
        ConvFeatures(2, **options).fit(X.astype(float))
    ConvFeatures(2, **options, input_shape=(28, 28)).fit(byte[:, :784])
    ConvFeatures(2, **options, kernel_size=(5,)).fit(byte[:, :784])


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((9, 8, 8), None), ((9, 28, 28), 5), ((9, 16, 100), None), ((9, 32, 32, 3), (3, 3)),
        ((9, 3, 3, 32), (2, 2)), ((9, 2, 13, 16), (2, 2)), ((9, 4, 4, 64), (3, 3)),
        ((9, 100, 3), (9,)), ((9, 30, 64), (5,)), ((20, 12, 1), None), ((9, 20), None),
        ((9, 7, 6, 5), (3, 3, 3)), ((40, 40, 4), (9,)), ((9, 12, 9), (5, 5)),
    ],
)  # fmt: skip
def test_ordinary_shapes_are_read_without_a_word(shape, size):
    ConvFeatures(2, kernel_size=size, kernels="random", grid=1).fit(RNG.rand(*shape))


def test_wrong_forms_are_told_from_wrong_channels():
    fitted = conv(kernel_size=(3, 3)).fit(RNG.rand(5, 12, 12, 3))
    with pytest.raises(ValueError, match=r"fitted with 3. If X is one sample, hand over X\[None\]"):
        fitted.transform(RNG.rand(12, 12, 3))
    with pytest.raises(ValueError, match=r"fitted with 3. If channels come first"):
        fitted.transform(RNG.rand(2, 3, 12, 12))
    with pytest.raises(ValueError, match=r"fitted with 3. If channels come first"):
        fitted.transform([RNG.rand(3, 12, 12)])
    with pytest.raises(ValueError, match=r"If X is one sample, hand over X\[None\]"):
        conv(kernel_size=(3, 3)).fit(RNG.rand(5, 12, 12)).transform(RNG.rand(12, 12))
    series = conv(kernel_size=(3,)).fit(RNG.rand(5, 30, 4))
    with pytest.raises(ValueError, match=r"If X is one sample, hand over X\[None\]"):
        series.transform(RNG.rand(30, 4))


def test_a_newcomer_is_asked_what_a_stack_of_cubes_is():
    with pytest.raises(ValueError, match="volume of one channel or an image of 30 channels"):
        ConvFeatures().fit(RNG.rand(5, 20, 30, 30))
    plain = ConvFeatures(4, random_state=0).fit(RNG.rand(20, 12, 10, 3))
    assert plain.kernels_.shape == (4, 4, 4, 3)
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


@pytest.mark.compiled
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


def test_bad_shapes():
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


def test_sizes_that_must_not_differ():
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
def test_not_finite(bad):
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
