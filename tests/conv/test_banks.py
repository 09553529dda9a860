"""Kernels of any origin, whole and from a stream."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import FastICA, MiniBatchDictionaryLearning

from dlkit import ConvFeatures

from .images import IMAGES, RNG, conv


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
    assert F.shape == (30, 108)
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
    assert ConvFeatures(kernels=[[1.0, -1.0]]).fit_transform(RNG.rand(5, 10)).shape == (5, 8)
