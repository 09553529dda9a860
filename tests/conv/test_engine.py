"""The engine: no bit depends on the company, and maps are what is pooled."""

import numpy as np
import pytest
from joblib import parallel_config

from dlkit import ConvFeatures
from dlkit.conv import pool

from .. import naive_conv as naive
from .images import IMAGES, RNG, SINGLE, conv


def test_as_many_sizes_as_samples():
    X = [RNG.randn(10 + i, 7).astype(np.float32) for i in range(40)]
    fitted = conv(kernels="patches", grid=2).fit(X)
    F = fitted.transform(X)
    for i in (0, 17, 39):
        np.testing.assert_array_equal(fitted.transform(X[i : i + 1]), F[i : i + 1])
    np.testing.assert_array_equal(fitted.set_params(n_jobs=2).transform(X), F)


@pytest.mark.compiled
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


@pytest.mark.compiled
def test_few_positions_in_any_company_to_rounding():
    fitted = conv(40, sharing="local").fit(SINGLE)
    F = fitted.transform(SINGLE)
    np.testing.assert_allclose(fitted.transform(SINGLE[5:6]), F[5:6], rtol=1e-5)
    np.testing.assert_array_equal(fitted.set_params(n_jobs=2).transform(SINGLE), F)


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
    assert second.shape == (12, 90)


@pytest.mark.parametrize(
    ("sharing", "period"),
    [("shared", 1), ("tiled", 2), pytest.param("tiled", 3, marks=pytest.mark.compiled)],
)
@pytest.mark.parametrize("encoder", list(naive.ENCODERS))
@pytest.mark.parametrize("stride", [1, pytest.param(2, marks=pytest.mark.compiled)])
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
