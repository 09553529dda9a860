"""What the values of images say of how they were handed over."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_sample_image

from dlkit import ConvFeatures, GreedyLayerwise, ImageScanFeatures, PixelClassifier
from dlkit._pictures import largest_of, like_a_picture, side_of_rows, warn_of_scale
from dlkit.exceptions import ReadingWarning, SaturationWarning, ScalingWarning

DIGITS, PHOTO = load_digits().data, load_sample_image("china.jpg")


def features(kind):
    """Small ones of both kinds."""
    return ConvFeatures(4, random_state=0) if kind == "conv" else ImageScanFeatures(4)


def test_rows_of_images_are_known_from_series():
    assert side_of_rows(DIGITS) == 8
    assert side_of_rows(DIGITS[:20].astype(np.float32)) == 8
    grey = PHOTO[..., 0].astype(float)
    pieces = grey[:400, :640].reshape(20, 20, 32, 20).swapaxes(1, 2).reshape(-1, 400)
    assert side_of_rows(pieces) == 20
    rng = np.random.RandomState(0)
    series = {
        "noise": rng.standard_normal((50, 100)),
        "walk": rng.standard_normal((50, 100)).cumsum(axis=1),
        "periodic": np.sin(np.arange(144) * 2 * np.pi / 12 + rng.uniform(0, 9, (50, 1))),
        "not square": DIGITS[:, :60],
        "one": DIGITS[:1],
    }
    for name, X in series.items():
        assert side_of_rows(X) is None, name


@pytest.mark.parametrize("kind", ["conv", "scan"])
def test_flat_images_are_not_read_as_lines_in_silence(kind, recwarn):
    with pytest.warns(ReadingWarning, match=r"images of 8 x 8.*input_shape=\(8, 8\)"):
        features(kind).fit(DIGITS[:60])
    recwarn.clear()
    features(kind).set_params(input_shape=(8, 8)).fit(DIGITS[:60])
    if kind == "conv":
        features(kind).set_params(kernel_size=(9,)).fit(DIGITS[:60])
    else:
        features(kind).set_params(input_shape=(1, 64)).fit(DIGITS[:60] / 16)
    assert not recwarn.list


@pytest.mark.parametrize("kind", ["conv", "scan"])
def test_one_picture_and_channels_first_are_not_read_in_silence(kind):
    with pytest.warns(ReadingWarning, match=r"is one image with 3 channels.*X\[None\]"):
        features(kind).fit(PHOTO[:60, :60])
    first = np.stack([PHOTO[i : i + 12, :12] for i in range(9)]).transpose(0, 3, 1, 2)
    with pytest.warns(ReadingWarning, match=r"channels first, 3 of them.*moveaxis"):
        features(kind).fit(first)


def test_a_cube_is_not_read_as_an_image_in_silence(recwarn):
    X = np.random.RandomState(0).standard_normal((4, 9, 9, 9))
    with pytest.warns(ReadingWarning, match="volumes of 9 x 9 x 9"):
        ConvFeatures(4, random_state=0).fit(X)
    recwarn.clear()
    ConvFeatures(4, kernel_size=(3, 3), random_state=0).fit(X)
    ConvFeatures(4, random_state=0).fit(X[..., :3])
    assert not recwarn.list


def test_a_picture_is_known_by_its_shape_and_its_rows():
    assert like_a_picture(PHOTO)
    assert not like_a_picture(np.random.RandomState(0).standard_normal((30, 30, 3)))
    assert not like_a_picture(PHOTO[..., 0])
    assert not like_a_picture(PHOTO[:8])


def test_the_largest_is_among_some_entries_of_all_channels():
    X = np.zeros((3, 64, 64, 3))
    X[2, :, :, 1] = -7
    assert largest_of(X) == largest_of(list(X)) == 7
    X[2, 0, 0, 1] = np.nan
    assert largest_of(X) == 7
    assert largest_of(np.full((2, 3), np.inf)) == 0


@pytest.mark.parametrize(
    ("before", "now", "warned"),
    [(255, 1, True), (1, 255, True), (255, 0, False), (255, 30, False), (0.9, 3, False)],
)
def test_shares_after_bytes_are_another_scale(before, now, warned, recwarn):
    warn_of_scale(ConvFeatures(), before, now)
    assert len(recwarn.list) == warned
    if warned:
        assert f"up to {before}, and X holds numbers of up to {now}" in str(recwarn.list[0].message)


def test_another_scale_than_in_fit_is_not_read_in_silence(recwarn):
    X = PHOTO[None, :40, :40]
    y = (X[..., 0] > np.median(X[..., 0])).astype(int)
    conv = ConvFeatures(4, output="map", random_state=0)
    for model in (
        conv.fit(X),
        PixelClassifier(8, n_stages=1, random_state=0).fit(X, y),
        PixelClassifier(8, features=conv, n_stages=1, random_state=0).fit(X, y),
    ):
        use = getattr(model, "predict", None) or model.transform
        recwarn.clear()
        with pytest.warns(ReadingWarning, match="another scale than in fit") as caught:
            use(X / 255)
        assert len(caught) == 1
        recwarn.clear()
        use(X)
        assert not recwarn.list
    scan = ImageScanFeatures(4).fit(X)  # takes bytes as shares of 255
    np.testing.assert_allclose(scan.transform(X), scan.transform(X / np.float32(255)), atol=1e-6)
    assert not recwarn.list
    with pytest.warns(ReadingWarning, match="another scale"):
        scan.transform(X.astype(float))


NAMES = [
    ["a.png", "b.png"],
    [Path("a.png"), Path("b.png")],
    np.array(["a.png", "b.png"]),
    pd.Series(["a.png", "b.png"]),
    pd.DataFrame({"file": ["a.png", "b.png"], "label": [0, 1]}),
    "a.png",
    Path("a.png"),
]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: type(names).__name__)
@pytest.mark.parametrize("kind", ["conv", "scan"])
def test_names_of_files_are_no_images(kind, names):
    with pytest.raises(ValueError, match="'a.png' first: if these are names of files, read the"):
        features(kind).fit(names)


@pytest.mark.parametrize("kind", ["conv", "scan"])
def test_what_holds_no_samples_is_named(kind):
    model = features(kind)
    for X, name in (({"images": 1}, "dict"), (None, "NoneType"), (iter([1]), "list_iterator")):
        with pytest.raises(TypeError, match=f"X must be an array of samples .* got {name}"):
            model.fit(X)
    with pytest.raises(ValueError, match="X is an empty list"):
        model.fit([])
    images = [np.ones((9, 9)), np.ma.array(np.ones((9, 9)), mask=np.eye(9))]
    with pytest.raises(ValueError, match="Sample 1 of X has masked entries"):
        model.fit(images)
    with pytest.raises(ValueError, match="X"):
        model.fit([np.ones((9, 9)), None])


@pytest.mark.parametrize("kind", ["conv", "scan", "layers"])
def test_images_of_pil(kind):
    image = pytest.importorskip("PIL.Image")
    pictures = [image.fromarray(PHOTO[i : i + 20, 99:119]) for i in range(180, 240, 20)]
    model = features("conv" if kind == "layers" else kind).set_params(random_state=0)
    model = GreedyLayerwise([("only", model)]) if kind == "layers" else model
    want = model.fit_transform(np.stack([np.asarray(one) for one in pictures]))
    np.testing.assert_array_equal(model.fit_transform(pictures), want)
    np.testing.assert_array_equal(model.fit_transform(pd.Series(pictures)), want)
    with pytest.raises(ValueError, match=r"Sample 0 of X .* palette.*image.convert\('RGB'\)"):
        model.fit([one.convert("P") for one in pictures])
    with pytest.raises(ValueError, match=r"X is one image of size \(20, 20\): hand over \[X\]"):
        model.transform(pictures[0])


def test_a_series_of_arrays_is_a_list_of_images():
    images, model = list(DIGITS[:30].reshape(-1, 8, 8) / 16), features("scan")
    want = model.set_params(random_state=0).fit_transform(images)
    cells = np.empty(30, dtype=object)
    cells[:] = images
    for X in (pd.Series(images), cells):
        np.testing.assert_array_equal(model.fit_transform(X), want)
        np.testing.assert_allclose(
            features("conv").fit_transform(X), features("conv").fit_transform(images)
        )


def pieces(size=32, n=40):
    """Square pieces of a photo in colour."""
    places = np.random.RandomState(0).randint(0, 390, (n, 2))
    return np.stack([PHOTO[i : i + size, j : j + size] for i, j in places])


@pytest.mark.parametrize("kind", ["conv", "scan"])
def test_planes_of_colour_are_not_read_as_pixels_in_silence(kind, recwarn):
    X = pieces()
    planes, rows = np.moveaxis(X, -1, 1).reshape(len(X), -1), X.reshape(len(X), -1)
    model = features(kind)
    mend = r"np.moveaxis\(X.reshape\(-1, 3, 32, 32\), 1, -1\)"
    with pytest.warns(ReadingWarning, match=f"the pixels of one channel after.*{mend}"):
        clone(model).set_params(input_shape=(32, 32, 3)).fit(planes)
    with pytest.warns(ReadingWarning, match="the pixels of one channel after"):
        clone(model).fit(planes.reshape(X.shape))
    turned = clone(model).set_params(input_shape=(3, 32, 32))
    if kind == "conv":
        with pytest.raises(ValueError, match=f"channels first, hand over {mend}"):
            clone(turned).fit(planes)
        turned.set_params(kernel_size=(3, 3))
    with pytest.warns(ReadingWarning, match=f"its channels first.*{mend}"):
        turned.fit(planes)
    recwarn.clear()
    clone(model).set_params(input_shape=(32, 32, 3)).fit(rows)
    noise = np.random.RandomState(0).uniform(size=X.shape)
    stripes = np.tile(np.arange(32)[:, None, None] % 2, (1, 32, 3)) * noise[:, :1, :1]
    for images in (X, noise, np.repeat(X[..., :1], 3, axis=-1), stripes, PHOTO[None, 180:280]):
        clone(model).fit(images)
    assert not recwarn.list


def test_one_small_picture_is_not_read_as_many_in_silence(recwarn):
    X = pieces(16)
    gray = ConvFeatures(4, kernel_size=(3, 3), random_state=0)
    with pytest.warns(ReadingWarning, match="is one image with 3 channels"):
        gray.fit(X[0])
    gray.fit(X[..., 0])
    with pytest.warns(ReadingWarning, match="is one image with 3 channels"):
        gray.transform(X[0])
    recwarn.clear()
    gray.transform(X[..., 0])
    assert not recwarn.list


def test_data_far_from_zero_are_not_padded_by_zeros_in_silence(recwarn):
    """Digits plus 1e5 are classified by chance: all that varies is at the border."""
    images = DIGITS[:50].reshape(-1, 8, 8)
    for X in (images + 1e5, images.astype(np.float32) - 1e4, list(images + 5000)):
        with pytest.warns(ScalingWarning, match=r"far from zero.*X - X.mean\(\)"):
            ConvFeatures(4, random_state=0).fit(X)
    recwarn.clear()
    series = np.random.RandomState(0).standard_normal((50, 100, 1))
    for X in (images, images - images.mean(), images + 16, 16 - images, PHOTO[None], series):
        ConvFeatures(4, random_state=0).fit(X)
    ConvFeatures(4, padding="valid", random_state=0).fit(images + 1e5)
    ConvFeatures(4, contrast=None, whitening=None, random_state=0).fit(images + 1e5)
    assert not recwarn.list


def test_a_scan_tells_what_saturates_it_once(recwarn):
    images = pieces()[..., 0]
    with pytest.warns(SaturationWarning, match="Scale X, to numbers from 0 to 1") as caught:
        features("scan").fit(images.astype(float))
    assert len(caught) == 1
    with pytest.warns(ScalingWarning, match="next to nothing of them reaches the units"):
        features("scan").fit(images * 1e-12)
    recwarn.clear()
    for X in (images, images / 255, DIGITS[:60].reshape(-1, 8, 8)):
        features("scan").fit(X)
    assert not recwarn.list


def test_a_piece_of_a_stream_on_another_scale_is_not_read_in_silence(recwarn):
    images = pieces()
    conv = ConvFeatures(4, random_state=0).partial_fit(images)
    with pytest.warns(ReadingWarning, match="another scale than in fit"):
        conv.partial_fit(images / 255)
    recwarn.clear()
    conv.partial_fit(images)
    assert not recwarn.list
