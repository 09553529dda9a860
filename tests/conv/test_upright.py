"""Images without slant and of one width, against plain loops, and as a second reading."""

import pickle

import numpy as np
import pytest

from dlkit import ConvFeatures
from dlkit.conv import Grid
from dlkit.conv._samples import check_samples
from dlkit.conv._upright import Upright, UprightSamples

from .. import naive_conv as naive


def strokes(n=12, shape=(16, 14), channels=1, ground=0.0, seed=0):
    """Slanted strokes of different widths on a blank ground."""
    rng = np.random.RandomState(seed)
    down, across = np.mgrid[: shape[0], : shape[1]]
    images = np.full((n, *shape, channels), ground, dtype=float)
    for image in images:
        row, column = np.array(shape) / 2 + rng.uniform(-1, 1, 2)
        wide, slant = rng.uniform(1, 2), rng.uniform(-0.4, 0.4)
        away = across - column - slant * (down - row)
        inside = (abs(away) <= wide) & (abs(down - row) <= 4)
        image[inside] += rng.uniform(1, 2, channels)
    return images


def set_upright(X, always=True, n_axes=2):
    samples = check_samples(X, n_axes)
    return UprightSamples.of(samples, Upright.learn(samples, always))


@pytest.mark.parametrize(("channels", "ground"), [(1, 0.0), (2, 5.0)])
def test_upright_images_are_those_of_the_loops(channels, ground):
    X = strokes(channels=channels, ground=ground)
    X += 0.1 * np.random.RandomState(1).rand(*X.shape) * (ground != X)
    X[3] = ground  # nothing on it
    X[4, :, :7] += 3.0  # reaches the border
    X[5] = ground
    X[5, 6, 2:12] += 1.0  # a single row, which has no slant
    found = set_upright(X)
    reading = found.upright
    np.testing.assert_allclose(reading.ground, ground)
    widths = [naive.pose(naive.ink_of(x, reading.ground))[3] for x in X]
    assert reading.width == pytest.approx(np.mean(widths) / X.shape[2])
    expected = [naive.upright(x, reading.ground, reading.width) for x in X]
    np.testing.assert_allclose(found.take(np.arange(len(X))), expected, atol=1e-12)


def test_slant_place_and_width_are_taken_out():
    down, across = np.mgrid[:32, :32].astype(float)

    def blob(row, column, slant, wide):
        away = across - column - slant * (down - row)
        spot = np.exp(-0.5 * (((down - row) / 3) ** 2 + (away / wide) ** 2))
        return spot + 0.7 * np.exp(-0.5 * (((down - row - 5) / 2) ** 2 + (away / wide - 1) ** 2))

    plain = blob(14, 15.5, 0, 1.5)
    others = [blob(14, 15.5, 0.6, 1.5), blob(11, 18, -0.4, 1.5), blob(15, 14, 0.3, 2.0)]
    found = set_upright(np.array([plain, *others])).take(np.arange(4))[..., 0]
    apart = [np.linalg.norm(one - plain) for one in others]
    now = [np.linalg.norm(one - found[0]) for one in found[1:]]
    assert max(now) < 0.1 * min(apart)


@pytest.mark.compiled
def test_rows_of_both_readings_stand_side_by_side():
    X = strokes(20)[..., 0].astype(np.float32)
    options = {"kernel_size": (4, 4), "grid": Grid(2, 0.5), "random_state": 0}
    twice = ConvFeatures(5, upright=True, **options).fit(X)
    once = ConvFeatures(5, **options).fit(X)
    F = twice.transform(X)
    assert F.shape == (20, 2 * 5 * 2 * 4)
    assert F.dtype == np.float32
    assert len(twice.get_feature_names_out()) == 80
    assert twice.upright_
    assert not once.upright_
    np.testing.assert_array_equal(F[:, :40], once.transform(X))
    again = set_upright(X).take(np.arange(20))
    np.testing.assert_allclose(F[:, 40:], once.transform(again), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(twice)).transform(X), F)
    for part in (slice(3, 4), slice(5, 12)):  # company changes no bit
        np.testing.assert_array_equal(twice.transform(X[part]), F[part])
    np.testing.assert_array_equal(twice.set_params(n_jobs=2).transform(X), F)
    rows = ConvFeatures(5, upright=True, input_shape=(16, 14), **options).fit(X.reshape(20, -1))
    np.testing.assert_array_equal(rows.transform(X.reshape(20, -1)), F)
    whole = (X * 40).astype(np.uint8)
    np.testing.assert_array_equal(
        twice.fit(whole).transform(whole), twice.transform(whole.astype(np.float32))
    )


def test_dark_ink_on_light_ground_is_read_as_its_negative():
    X = strokes(20)
    options = {
        "kernel_size": (4, 4),
        "grid": 2,
        "contrast": None,
        "encoder": "abs",
        "upright": True,
    }
    options |= {"padding": "valid", "kernels": "patches", "random_state": 0}
    F = ConvFeatures(5, **options).fit_transform(X)
    np.testing.assert_allclose(ConvFeatures(5, **options).fit_transform(9.0 - X), F, atol=1e-6)


def test_lists_of_different_sizes_are_set_upright():
    X = [*strokes(4), *strokes(4, (20, 18)), *strokes(2, seed=1)]
    options = {"kernel_size": (4, 4), "grid": 2, "upright": True, "random_state": 0}
    fitted = ConvFeatures(3, **options).fit(X)
    F = fitted.transform(X)
    assert F.shape == (10, 2 * 3 * 2 * 4)
    np.testing.assert_array_equal(fitted.transform(np.array(X[:4])), F[:4])


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
def test_auto_asks_for_a_blank_ground():
    options = {"kernel_size": (4, 4), "grid": 2, "upright": "auto", "random_state": 0}
    X = strokes(20)
    assert ConvFeatures(3, **options).fit(X).upright_
    assert ConvFeatures(3, **options).fit(255 - X).upright_
    noisy = X + np.random.RandomState(0).rand(*X.shape)
    for other in (noisy, X[:, 5:-5, 5:-5], np.ones_like(X)):
        fitted = ConvFeatures(3, **options).fit(other)
        assert not fitted.upright_
        expected = ConvFeatures(3, **options | {"upright": False}).fit_transform(other)
        np.testing.assert_array_equal(fitted.transform(other), expected)
    piece = ConvFeatures(3, **options).partial_fit(X)
    reading = piece._upright
    assert piece.partial_fit(noisy).upright_  # what the first piece said stays
    assert piece._upright is reading
    maps = ConvFeatures(3, **options | {"output": "map", "grid": None}).fit(X)
    assert not maps.upright_
    assert maps.transform(X).shape == (20, 16, 14, 6)
    series = ConvFeatures(3, **options | {"kernel_size": (4,)}).fit(X[..., 0])
    assert not series.upright_


def test_images_without_ink_and_ones_too_large_are_as_in_one_reading():
    blank = np.zeros((5, 8, 8))
    for always in (True, "auto"):
        conv = ConvFeatures(2, upright=always, kernels="random", random_state=0)
        conv.set_params(contrast=None, whitening=None)
        F = conv.fit_transform(blank)
        assert conv.upright_ is (always is True)
        assert np.isfinite(F).all()
        fitted = conv.set_params(contrast=1.0).fit(strokes(5))
        with pytest.raises(ValueError, match="Input X holds numbers so large"):
            fitted.transform(strokes(5) * np.where(np.arange(14) % 2, 5e307, -5e307)[:, None])
        conv.set_params(contrast=None).fit(strokes(5) * 1e200)
    one_row = np.random.RandomState(0).rand(4, 1, 9)
    assert ConvFeatures(2, kernel_size=(1, 3), upright=True, grid=1).fit_transform(one_row).size


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
def test_where_nothing_can_be_set_upright_that_is_said():
    X = strokes(6)
    for parameters, data in (
        ({"output": "map"}, X),
        ({"kernel_size": (3,)}, X[..., 0]),
        ({"kernel_size": (2, 2, 2)}, np.ones((2, 4, 4, 4))),
    ):
        conv = ConvFeatures(2, upright=True, kernels="random", **parameters)
        with pytest.raises(
            ValueError, match=r"upright=True is for rows of features of images.*Use"
        ):
            conv.fit(data)
    with pytest.raises(ValueError, match="'upright' parameter"):
        ConvFeatures(upright="always").fit(X)
