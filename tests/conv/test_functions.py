"""Convolution as a plain function: against the sparse matrix, and loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.sparse import issparse

from dlkit.conv import conv_matrix, convolve, pool, sample_patches

from .. import naive_conv as naive

CASES = [
    (space, size, stride, dilation)
    for space, size in [((11,), (3,)), ((7, 6), (2, 3)), ((5, 4, 6), (2, 1, 3))]
    for stride, dilation in [(1, 1), (2, 1), (1, 2), (3, 2)]
]


@pytest.mark.kernels
@pytest.mark.parametrize("padding", ["valid", "same", "full"])
@pytest.mark.parametrize(("space", "size", "stride", "dilation"), CASES)
def test_convolve_is_the_matrix_and_the_loops(space, size, stride, dilation, padding):
    rng = np.random.RandomState(0)
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    for channels in (1, 3):
        X, kernels = rng.randn(3, *space, channels), rng.randn(4, *size, channels)
        maps = convolve(X, kernels, **options)
        matrix = conv_matrix(kernels, (*space, channels), **options)
        assert issparse(matrix)
        by_matrix = (matrix @ X.reshape(3, -1).T).T
        np.testing.assert_allclose(maps.reshape(3, -1), by_matrix, atol=1e-10, rtol=0)
        d = len(space)
        flat = kernels.reshape(4, -1)
        for x, m in zip(X, maps, strict=True):
            patches = naive.patches(x, size, (stride,) * d, (dilation,) * d, padding)
            np.testing.assert_allclose(m, patches @ flat.T, atol=1e-10, rtol=0)


def test_convolve_is_what_scipy_correlates():
    rng = np.random.RandomState(0)
    X, kernels = rng.randn(2, 9, 8), rng.randn(3, 3, 4, 1)
    maps = convolve(X, kernels, padding="same")
    for x, m in zip(X, maps, strict=True):
        for k in range(3):
            # at even extents SciPy's centre lies one further behind
            expected = ndimage.correlate(x, kernels[k, ..., 0], mode="constant", origin=(0, -1))
            np.testing.assert_allclose(m[..., k], expected, atol=1e-12)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.integers(1, 3).flatmap(
        lambda d: st.tuples(
            st.lists(st.integers(3, 7), min_size=d, max_size=d),
            st.lists(st.integers(1, 3), min_size=d, max_size=d),
            st.lists(st.integers(1, 3), min_size=d, max_size=d),
        )
    ),
    st.integers(1, 2),
    st.sampled_from(["valid", "same", "full"]),
)
def test_matrix_law(shapes, channels, padding):
    space, size, stride = map(tuple, shapes)
    rng = np.random.RandomState(0)
    X, kernels = rng.randn(2, *space, channels), rng.randn(2, *size, channels)
    maps = convolve(X, kernels, stride=stride, padding=padding)
    matrix = conv_matrix(kernels, (*space, channels), stride=stride, padding=padding)
    for x, m in zip(X, maps, strict=True):
        np.testing.assert_allclose(matrix @ x.ravel(), m.ravel(), atol=1e-10, rtol=0)


def test_forms_and_dtypes_of_convolve():
    rng = np.random.RandomState(0)
    kernels = rng.randn(2, 3, 3, 1)
    X = rng.randint(0, 255, (3, 6, 7)).astype(np.uint8)
    maps = convolve(X, kernels)
    assert maps.shape == (3, 4, 5, 2)
    assert maps.dtype == np.float32
    exact = convolve(X.astype(float), kernels)
    assert exact.dtype == np.float64
    np.testing.assert_allclose(maps, exact, rtol=1e-5, atol=1e-2)
    np.testing.assert_array_equal(convolve(X.reshape(3, -1), kernels, input_shape=(6, 7)), maps)
    mixed = convolve([X[0], X[1][:5], X[2]], kernels)
    assert [m.shape for m in mixed] == [(4, 5, 2), (3, 5, 2), (4, 5, 2)]
    np.testing.assert_array_equal(mixed[0], maps[0])
    np.testing.assert_array_equal(mixed[1], convolve(X[1:2, :5], kernels)[0])


def test_bad_input_of_functions():
    X, k = np.zeros((2, 5, 4)), np.ones((3, 2, 2, 1))
    for name, call in {
        "kernel_size": lambda: convolve(X, np.ones((3, 6, 2, 1))),
        "stride": lambda: convolve(X, k, stride=0),
        "dilation": lambda: conv_matrix(k, (5, 4), dilation=0),
        "dilation=": lambda: convolve(X, k, dilation=(1, 1, 1)),
        "padding": lambda: convolve(X, k, padding="reflect"),
        "kernels has 2 channels": lambda: convolve(X, np.ones((3, 2, 2, 2))),
        "kernels has shape": lambda: convolve(X, np.ones(3)),
        "kernels must be an array of finite": lambda: convolve(X, k * np.nan),
        "input_shape": lambda: convolve(X.reshape(2, -1), k, input_shape=(5, 5)),
        "NaN": lambda: convolve(X * np.nan, k),
        "infinity in sample 1": lambda: convolve([X[0], X[1] + np.inf], k),
        "pooling": lambda: pool(X[..., None], "median"),
        "exclude": lambda: pool(X[..., None], grid=2, window=2),
        "window=": lambda: pool(X[..., None], window=6),
        "window_stride": lambda: pool(X[..., None], window_stride=2),
        "grid=": lambda: pool(X[..., None], grid=0),
        "grid=\\[\\]": lambda: pool(X[..., None], grid=[]),
        "maps has shape": lambda: pool(np.zeros((3, 2))),
        "same number of channels": lambda: pool([X[..., None][0], np.ones((5, 4, 2))]),
        "n_patches": lambda: sample_patches(X, (2, 2), 0),
        "has shape": lambda: sample_patches(X, (2, 2, 2, 2)),
    }.items():
        with pytest.raises(ValueError, match=name):
            call()


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint16, np.uint8, bool, np.float32])
def test_the_matrix_has_the_dtype_it_promises(dtype):
    matrix = conv_matrix(np.ones((1, 2, 1), dtype), 5)
    assert matrix.dtype == (np.float32 if dtype == np.float32 else np.float64)


@pytest.mark.compiled
def test_sums_beyond_the_largest_number_are_named():
    X = np.full((2, 5, 4), 3e38, np.float32)
    with pytest.raises(ValueError, match=r"Input X holds numbers so large.*as float64"):
        convolve(X, np.ones((1, 2, 2, 1)))
    assert convolve(X.astype(float), np.ones((1, 2, 2, 1))).max() == pytest.approx(1.2e39)
    with pytest.raises(ValueError, match="Input maps holds numbers so large"):
        pool(X[..., None], "sum")
    with pytest.raises(ValueError, match="maps is an empty list"):
        pool([])
