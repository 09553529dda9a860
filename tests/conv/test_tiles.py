"""Large samples in slabs, positions in tiles."""

import numpy as np
import pytest

from dlkit import _budgets
from dlkit._threads import rows_of_blas
from dlkit.conv._tiles import Tiles

from .images import IMAGES, conv


@pytest.mark.parametrize("sharing", ["shared", "tiled"])
def test_large_samples_in_slabs(sharing, monkeypatch):
    options = {"padding": "same", "stride": (2, 1), "sharing": sharing, "n_patches": 50}
    options |= {"kernels": "patches", "encoder": "triangle", "grid": [1, 3]}
    F = conv(**options).fit_transform(IMAGES)
    maps = conv(**options | {"grid": None, "output": "map"}).fit_transform(IMAGES)
    monkeypatch.setattr(_budgets, "SLAB_BYTES", 600)
    np.testing.assert_allclose(conv(**options).fit_transform(IMAGES), F, atol=1e-12)
    slabs = conv(**options | {"grid": None, "output": "map"}).fit_transform(IMAGES)
    np.testing.assert_allclose(slabs, maps, atol=1e-12)


@pytest.mark.parametrize("n_positions", [1, 7, 24, 50, 5000])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_every_position_is_in_one_tile(n_positions, n_samples):
    tiles = Tiles(n_positions, 2048, n_samples)
    found = np.concatenate(tiles.tables)
    assert {len(table) for table in tiles.tables} == {tiles.n_rows}
    assert tiles.n_rows % rows_of_blas() == 0
    np.testing.assert_array_equal(found[found >= 0], np.arange(n_samples * n_positions))
