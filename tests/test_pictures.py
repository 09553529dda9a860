"""What the values of images say of how they were handed over."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_image

from dlkit import ConvFeatures, ImageScanFeatures, PixelClassifier
from dlkit._pictures import largest_of, like_a_picture, side_of_rows, warn_of_scale
from dlkit.exceptions import ReadingWarning

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
        features(kind).set_params(input_shape=(1, 64)).fit(DIGITS[:60])
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


@pytest.mark.parametrize("kind", ["conv"])
def test_names_of_files_are_no_images(kind):
    with pytest.raises(ValueError, match="'a.png' first: if these are names of files, read the"):
        features(kind).fit(["a.png", "b.png"])
