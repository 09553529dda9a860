"""Rows of features in blocks, dense or sparse."""

import numpy as np
import pytest
from scipy import sparse

from dlkit.layerwise._tables import blocks, filler

X = np.arange(35.0).reshape(7, 5) % 3


@pytest.mark.parametrize("form", [np.array, sparse.csr_array, sparse.csr_matrix])
def test_blocks_are_rows_in_order(form):
    parts = list(blocks(form(X), 3))
    assert [(rows.start, rows.stop) for rows, _ in parts] == [(0, 3), (3, 6), (6, 7)]
    np.testing.assert_array_equal(np.concatenate([part for _, part in parts]), X)


@pytest.mark.parametrize("form", [np.array, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_filled_in_by_slice_or_number(form, dtype):
    fill = filler(form(X.astype(dtype)))
    for rows in (slice(2, 5), np.array([6, 0, 3])):
        out = np.full((3, 5), -1, np.float32)
        fill(out, rows)
        np.testing.assert_array_equal(out, X[rows])
