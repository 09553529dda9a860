"""ConvFeatures against a plain twin, and in scikit-learn's company."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ConvFeatures

from .. import naive_conv as naive

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
