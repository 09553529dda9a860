"""Cells and what is said of them, against plain loops."""

from itertools import product

import numpy as np
import pytest

from dlkit.conv import Grid, pool

from .. import naive_conv as naive


@pytest.mark.kernels
@pytest.mark.parametrize("space", [(7,), (6, 5), (4, 3, 5)])
def test_pool_is_the_loops(space):
    rng = np.random.RandomState(0)
    maps, d = rng.randn(3, *space, 4), len(space)
    names = tuple(naive.POOLINGS)
    overlapping = [Grid((3, *[2] * (d - 1)), overlap=0.5), 2, Grid(2, overlap=0.3)]
    for grids in ([1], [2], [1, 3], [(3, *[1] * (d - 1)), 2], overlapping):
        got = pool(maps, names, grid=grids)
        cells = [naive.level_cells(space, g) for g in grids]
        expected = [naive.pool(m, names, cells) for m in maps]
        np.testing.assert_allclose(got, expected, atol=1e-12)
    for width, stride in ((2, 1), (2, 2), (3, 2), (1, 3)):
        got = pool(maps, names, window=width, window_stride=stride)
        cells = [[naive.window_cells(n, width, stride) for n in space]]
        np.testing.assert_allclose(got, [naive.pool(m, names, cells) for m in maps], atol=1e-12)
    np.testing.assert_array_equal(pool(maps, "sum"), pool(maps, "sum", grid=1))
    np.testing.assert_array_equal(pool(maps, names, grid=3), pool(maps, names, grid=Grid(3)))


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


def test_cells_that_overlap_cover_all_and_share_what_is_said():
    for n, g, overlap in product(range(1, 30), range(1, 6), (0, 0.2, 0.5, 0.9, 1 / 3)):
        maps = np.eye(n).reshape(1, n, n)  # a column for each position
        inside = pool(maps, "sum", grid=Grid(g, overlap)).reshape(g, n) > 0
        assert inside.any(axis=0).all()
        assert inside.any(axis=1).all()
        assert inside[0, 0]
        assert inside[-1, -1]
        width = n / (g - (g - 1) * overlap)
        assert (abs(inside.sum(axis=1) - width) < 2).all()
    halves = pool(np.eye(8).reshape(1, 8, 8), "sum", grid=Grid(3, 0.5)).reshape(3, 8) > 0
    assert [np.flatnonzero(row).tolist() for row in halves] == [
        [0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7],
    ]  # fmt: skip


@pytest.mark.parametrize("overlap", [1, -0.1, np.nan, "0.5", True, None])
def test_overlaps_that_are_not_allowed_are_named(overlap):
    with pytest.raises(ValueError, match=f"overlap={overlap!r} is not allowed.*from 0 to below 1"):
        pool(np.ones((1, 4, 1)), grid=Grid(2, overlap))
    with pytest.raises(ValueError, match="grid=0 is not allowed"):
        pool(np.ones((1, 4, 1)), grid=Grid(0))
