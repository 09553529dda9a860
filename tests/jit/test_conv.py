"""Loops over the rows of a tile against loops over positions."""

import numpy as np
import pytest

from dlkit._jit import conv

from .. import naive_conv, naive_kernels

pytestmark = pytest.mark.kernels
R = np.random.RandomState(0)


def test_patches_are_gathered_and_normalised():
    """Two images of 5 × 4 pixels and two channels, kernels of 3 × 2, and a row that only fills."""
    images = R.randn(2, 5, 4, 2)
    shape, steps = np.array([2, 3, 3]), np.array([40, 8, 2])
    runs = np.arange(3) * 8  # rows of a patch: two pixels, four neighbouring entries
    positions = np.r_[np.arange(18), 18]
    found = np.full((19, 13), np.nan)
    conv.gather(images.ravel(), positions, 0, 18, shape, steps, 0, runs, 4, found)
    want = [naive_conv.patches(x, (3, 2), (1, 1), (1, 1), "valid").reshape(9, 12) for x in images]
    np.testing.assert_array_equal(found[:18, :12], np.concatenate(want))
    np.testing.assert_array_equal(found[:, 12], np.r_[np.ones(18), 0])
    np.testing.assert_array_equal(found[18], 0)
    conv.normalise(found[:18], np.sqrt(0.1))
    want = [naive_kernels.contrast_normalised(p, 0.1) for p in np.concatenate(want)]
    np.testing.assert_allclose(found[:18, :12], want, atol=1e-12)


@pytest.mark.parametrize(
    ("encode", "formula"),
    [
        (conv.encode_threshold, lambda r: np.maximum(r - 0.3, 0)),
        (conv.encode_abs, abs),
        (conv.encode_split, lambda r: naive_conv.split(r, 0.3)),
        (conv.encode_energy, lambda r: np.hypot(r[:2], r[2:])),
    ],
)
def test_responses_are_encoded(encode, formula):
    z = R.randn(6, 8)
    got = z.copy()
    encode(got, 4, np.empty(6), 0.3)
    want = np.array([formula(row[:4]) for row in z])
    np.testing.assert_allclose(got[:, : want.shape[1]], want)


def test_distances_are_encoded():
    w, centroids = R.randn(7, 5), R.randn(3, 5)
    norms = np.empty(7)
    conv.row_norms(w, 0, 5, norms)
    np.testing.assert_allclose(norms, (w**2).sum(axis=1))
    z = (centroids**2).sum(axis=1) - 2 * w @ centroids.T
    for encode, twin in (
        (conv.encode_triangle, naive_conv.triangle),
        (conv.encode_hard, naive_conv.hard),
    ):
        got = z.copy()
        encode(got, 3, norms, 0.0)
        np.testing.assert_allclose(got, [twin(row, centroids) for row in w], atol=1e-12)


def test_rows_are_pooled_and_placed():
    """Two samples of 4 × 3 positions, two cells down; what does not belong is left out."""
    z, shape = R.randn(25, 3), np.array([2, 4, 3])
    positions = np.r_[np.arange(24), -1]
    tables, starts = np.array([0, 0, 1, 1, 0, 0, 0]), np.array([0, 0, 4])
    sums, squares, above = np.zeros((3, 4, 2))
    peaks = np.full((4, 2), -np.inf)
    conv.pool(
        z, 2, positions, 0, 24, shape, tables, starts, 2, np.empty((3, 2)), sums, squares, peaks,
        above,
    )  # fmt: skip
    cells = z[:24, :2].reshape(4, 6, 2)
    np.testing.assert_allclose(sums, cells.sum(axis=1))
    np.testing.assert_allclose(squares, (cells**2).sum(axis=1))
    np.testing.assert_array_equal(peaks, cells.max(axis=1))
    np.testing.assert_array_equal(above, (cells > 0).sum(axis=1))
    out = np.zeros((24, 5))
    conv.place(z, 2, positions, 0, 24, shape, np.array([12, 1, 4]), 0, out, 3)
    want = z[:24, :2].reshape(2, 4, 3, 2).transpose(0, 2, 1, 3).reshape(24, 2)
    np.testing.assert_array_equal(out[:, 3:], want)
    assert not out[:, :3].any()
