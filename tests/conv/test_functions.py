"""Convolution and pooling as plain functions: against the sparse matrix, and loops."""

from itertools import product

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


@pytest.mark.kernels
@pytest.mark.parametrize("space", [(7,), (6, 5), (4, 3, 5)])
def test_pool_is_the_loops(space):
    rng = np.random.RandomState(0)
    maps, d = rng.randn(3, *space, 4), len(space)
    names = tuple(naive.POOLINGS)
    for grids in ([1], [2], [1, 3], [(3, *[1] * (d - 1)), 2]):
        got = pool(maps, names, grid=grids)
        full = [g if isinstance(g, tuple) else (g,) * d for g in grids]
        cells = [[naive.grid_cells(*a) for a in zip(space, g, strict=True)] for g in full]
        expected = [naive.pool(m, names, cells) for m in maps]
        np.testing.assert_allclose(got, expected, atol=1e-12)
    for width, stride in ((2, 1), (2, 2), (3, 2), (1, 3)):
        got = pool(maps, names, window=width, window_stride=stride)
        cells = [[naive.window_cells(n, width, stride) for n in space]]
        np.testing.assert_allclose(got, [naive.pool(m, names, cells) for m in maps], atol=1e-12)
    np.testing.assert_array_equal(pool(maps, "sum"), pool(maps, "sum", grid=1))


def test_pool_of_differing_sizes():
    rng = np.random.RandomState(0)
    maps = [rng.randn(n, m, 2).astype(np.float32) for n, m in ((3, 4), (5, 2), (3, 4))]
    rows = pool(maps, "mean", grid=2)
    assert rows.shape == (3, 8)
    assert rows.dtype == np.float32
    for row, m in zip(rows, maps, strict=True):
        np.testing.assert_allclose(row, pool(m[None], "mean", grid=2)[0], rtol=1e-6)
    with pytest.raises(ValueError, match="window=2 slides over maps of different sizes"):
        pool(maps, "mean", window=2)


def test_patches_are_distinct_positions():
    rng = np.random.RandomState(0)
    X = rng.randn(6, 7, 5, 2)
    every = np.concatenate(
        [naive.patches(x, (3, 2), (1, 2), (2, 1), "same").reshape(-1, 12) for x in X]
    )
    options = {"stride": (1, 2), "dilation": (2, 1), "padding": "same"}
    np.testing.assert_array_equal(sample_patches(X, (3, 2), 10**6, **options), every)
    some = sample_patches(X, (3, 2), 40, random_state=0, **options)
    assert some.shape == (40, 12)
    rows = {tuple(row) for row in some}
    assert len(rows) == 40
    assert rows <= {tuple(row) for row in every}
    again = sample_patches(X, (3, 2), 40, random_state=0, **options)
    np.testing.assert_array_equal(some, again)
    listed = sample_patches([*X[:3], X[3][:4], *X[4:]], (3, 2), 10**6, **options)
    assert len(listed) < len(every)
    np.testing.assert_array_equal(listed[: 3 * 21], every[: 3 * 21])


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


def test_every_pooling_cell_is_met():
    # cells of a grid cover all positions and none is empty, more cells than positions or not
    for n, g in product(range(1, 12), range(1, 8)):
        rows = pool(np.arange(1.0, n + 1).reshape(1, n, 1), ("max", "ppv"), grid=g)[0]
        assert (rows[g:] == 1).all()
        assert rows[g - 1] == n
        assert len(set(rows[:g])) == min(n, g)
