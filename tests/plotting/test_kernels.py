"""Kernels side by side."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from dlkit import ConvFeatures, Rocket
from dlkit.exceptions import ReadingWarning
from dlkit.plotting import KernelsDisplay

rng = np.random.default_rng(0)
IMAGES = rng.normal(size=(20, 8, 8))


def test_each_kernel_has_its_place_and_scale():
    conv = ConvFeatures(6, kernel_size=(3, 4), random_state=0).fit(IMAGES)
    display = KernelsDisplay.from_estimator(conv, n_columns=4)
    frame = np.asarray(display.image_.get_array().filled(np.nan))
    assert frame.shape == (2 * 4 + 1, 4 * 5 + 1)
    for k, kernel in enumerate(conv.kernels_[..., 0]):
        y, x = 4 * (k // 4) + 1, 5 * (k % 4) + 1
        np.testing.assert_allclose(frame[y : y + 3, x : x + 4], kernel / np.abs(kernel).max())
    assert np.isnan(frame[0]).all()
    assert np.isnan(frame[5:, 11:]).all()


def test_colours_channels_and_a_channel():
    conv = ConvFeatures(4, kernel_size=(3, 3), random_state=0).fit(rng.normal(size=(9, 8, 8, 3)))
    display = KernelsDisplay.from_estimator(conv)
    frame = display.image_.get_array()
    assert frame.shape == (9, 9, 4)  # with what is between, clear
    assert 0 <= frame.min() <= frame.max() <= 1
    np.testing.assert_array_equal(frame[0, :, 3], 0)
    one = KernelsDisplay.from_estimator(conv, channel=2)
    expected = conv.kernels_[0, ..., 2]
    np.testing.assert_allclose(one.kernels[0], expected / np.abs(expected).max())


@pytest.mark.parametrize(("n_space", "shape"), [(1, (5, 1, 3)), (3, (5, 3, 3))])
def test_series_and_volumes(n_space, shape):
    data = rng.normal(size=(9, *(6,) * n_space))
    conv = ConvFeatures(
        5, kernel_size=(3,) * n_space, input_shape=(6,) * n_space, random_state=0
    ).fit(data)
    assert KernelsDisplay.from_estimator(conv).kernels.shape == shape


def test_rows_of_other_estimators():
    patches = IMAGES.reshape(-1, 16)
    means = KMeans(5, n_init=1, random_state=0).fit(patches)
    assert KernelsDisplay.from_estimator(means).kernels.shape == (5, 4, 4)
    parts = PCA(3).fit(patches)
    assert KernelsDisplay.from_estimator(parts, shape=(2, 8)).kernels.shape == (3, 2, 8)
    assert KernelsDisplay.from_estimator(PCA(2).fit(patches[:, :15])).kernels.shape == (2, 1, 15)
    with pytest.raises(ValueError, match=r"shape=\(2, 7\) does not fit kernels of 16"):
        KernelsDisplay.from_estimator(parts, shape=(2, 7))


def test_several_sizes_and_groups():
    several = ConvFeatures(4, kernel_size=[(2, 2), (3, 3)], random_state=0).fit(IMAGES)
    assert KernelsDisplay.from_estimator(several, size=1).kernels.shape[1:] == (3, 3)
    local = ConvFeatures(4, kernel_size=(7, 7), sharing="local", random_state=0).fit(IMAGES)
    display = KernelsDisplay.from_estimator(local, group=1)
    expected = local.kernels_[1, 0, ..., 0]
    np.testing.assert_allclose(display.kernels[0], expected / np.abs(expected).max())


def test_what_has_no_kernels_is_refused():
    with pytest.raises(TypeError, match="PCA has none of kernels_"):
        KernelsDisplay.from_estimator(PCA())
    with pytest.raises(TypeError, match="kernels of Rocket"):
        KernelsDisplay.from_estimator(Rocket(10).fit(IMAGES[0]))
    with pytest.raises(ValueError, match="kernels must have shape"):
        KernelsDisplay.from_kernels(np.ones(3))
    KernelsDisplay.from_kernels(np.zeros((1, 2, 2, 1))).figure_.canvas.draw()


def test_axes_of_kernels_are_not_read_in_silence(recwarn):
    r = np.random.RandomState(0)
    with pytest.warns(ReadingWarning, match=r"without an axis of channels.*kernels\[..., None\]"):
        KernelsDisplay.from_kernels(r.rand(5, 7, 7))
    with pytest.warns(ReadingWarning, match=r"channels first, 3 of them.*np.moveaxis\(kernels"):
        KernelsDisplay.from_kernels(r.rand(5, 3, 7, 7))
    recwarn.clear()
    for kernels in (r.rand(5, 7, 7, 1), r.rand(5, 7, 7, 3), r.rand(5, 9, 3), r.rand(5, 3, 3, 8)):
        KernelsDisplay.from_kernels(kernels)
    series = ConvFeatures(3, kernel_size=(9,), random_state=0).fit(r.rand(9, 30, 9))
    KernelsDisplay.from_estimator(series)
    assert not recwarn.list
