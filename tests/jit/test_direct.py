"""The product of a dense matrix with sixteen lanes."""

import numpy as np
import pytest

from dlkit._jit import direct

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("n", [8, 9, 21])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_product_is_the_matrix_product(n, dtype):
    r = np.random.RandomState(n)
    W, z = r.randn(n, n).astype(dtype), r.randn(n + 3, direct.LANES).astype(dtype)
    through = np.full((n, direct.LANES), np.nan, dtype)
    direct.times_lanes(W, z, through)
    tolerance = 1e-13 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(through, W @ z[:n], rtol=tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("n", [16, 17, 64, 150])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_lone_lane_has_the_same_last_bits(n, dtype):
    r = np.random.RandomState(n)
    W, z = r.randn(n, n).astype(dtype), r.randn(n + 3, direct.LANES).astype(dtype)
    together = np.full((n, direct.LANES), np.nan, dtype)
    direct.times_lanes(W, z, together)
    for l in (0, 7):
        alone = np.full(n, np.nan, dtype)
        direct.times_lone(np.ascontiguousarray(W.T), np.ascontiguousarray(z[:, l]), alone)
        np.testing.assert_array_equal(alone, together[:, l])


@pytest.mark.parametrize("n", [1, 7, 15])
def test_few_rows_are_summed_in_one_order(n):
    r = np.random.RandomState(n)
    W, z = r.randn(n, n), r.randn(n, direct.LANES)
    together, alone = np.empty(n * direct.LANES), np.empty(n)
    direct.times_few(W, z.ravel(), together)
    direct.times_few(W, np.ascontiguousarray(z[:, 3]), alone)
    np.testing.assert_array_equal(together.reshape(n, -1)[:, 3], alone)
    np.testing.assert_allclose(together.reshape(n, -1), W @ z, atol=1e-13)
