"""Cells and what is said of them, against plain loops."""

from itertools import product

import numpy as np
import pytest

from dlkit.conv import pool

from .. import naive_conv as naive


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


def test_every_pooling_cell_is_met():
    # cells of a grid cover all positions and none is empty, more cells than positions or not
    for n, g in product(range(1, 12), range(1, 8)):
        rows = pool(np.arange(1.0, n + 1).reshape(1, n, 1), ("max", "ppv"), grid=g)[0]
        assert (rows[g:] == 1).all()
        assert rows[g - 1] == n
        assert len(set(rows[:g])) == min(n, g)
