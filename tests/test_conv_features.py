"""ConvFeatures against a plain twin, and in scikit-learn's company."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ConvFeatures
from dlkit._jit import direct

from . import naive_conv as naive

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
@pytest.mark.parametrize("by_blas", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("encoder", list(naive.ENCODERS))
def test_features_are_the_twins(encoder, d, by_blas, monkeypatch):
    if by_blas:
        monkeypatch.setattr(direct, "available", lambda: False)
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


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_kernels", [1, 16, 33, 70])
def test_direct_products(n_kernels, dtype):
    rng = np.random.RandomState(n_kernels)
    x, weights = rng.randn(400).astype(dtype), rng.randn(2, 7, n_kernels).astype(dtype)
    starts, runs, length = rng.randint(0, 300, 3 * direct.ROWS), np.array([50, 0, 97]), 2
    entries = np.add.outer(runs, np.arange(length)).ravel()
    for g, packed in enumerate(direct.pack(weights)):
        z = np.full((len(starts), direct.whole_blocks(n_kernels, dtype) + 3), np.nan, dtype)
        direct.respond(x, starts, runs, length, packed, z)
        for start, row in zip(starts, z, strict=True):
            expected = x[start + entries].astype(float) @ weights[g, :-1] + weights[g, -1]
            np.testing.assert_allclose(row[:n_kernels], expected, atol=40 * np.finfo(dtype).eps)
            assert not row[n_kernels:-3].any()
            assert np.isnan(row[-3:]).all()


@pytest.mark.kernels
def test_features_by_blas_are_those_by_direct_products(monkeypatch):
    X = samples(2, dtype=np.float32)
    conv = ConvFeatures(40, kernel_size=(3, 3), kernels="random", random_state=0).fit(X)
    ours = conv.transform(X)
    monkeypatch.setattr(direct, "available", lambda: False)
    np.testing.assert_allclose(conv.transform(X), ours, rtol=1e-4, atol=1e-5)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:kernels='kmeans' gives:UserWarning")
@parametrize_with_checks([ConvFeatures()])
def test_contract(estimator, check):
    check(estimator)
