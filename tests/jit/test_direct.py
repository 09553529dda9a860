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
