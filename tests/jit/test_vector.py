"""The hyperbolic tangent of the loops against the library's."""

import warnings

import numpy as np
import pytest
from scipy import sparse

from dlkit._jit import vector
from dlkit.reservoir._engine.lanes import Lanes
from dlkit.sequences import pack

from .. import naive

pytestmark = pytest.mark.kernels


def ulps(got, want):
    return np.abs(got - want) / np.spacing(np.abs(want))


def apply_tanh(x, dtype=np.float64):
    """The compiled loop's own tanh: one step of unconnected units that do not leak."""
    x = np.asarray(x, dtype=dtype)
    lanes = Lanes(
        sparse.csr_array((x.size, x.size)), x[:, None], np.zeros(x.size), 1.0, "tanh", dtype
    )
    return lanes.run(pack(np.ones((1, 1, 1), dtype)), None)[0]


def test_tanh_is_accurate_to_two_ulp():
    r = np.random.RandomState(0)
    x = np.concatenate(
        [s * np.exp(r.uniform(np.log(lo), np.log(hi), 2000))
         for lo, hi in [(1e-300, 1e-3), (1e-3, 0.6), (0.6, 0.65), (0.65, 3), (3, 25), (25, 1e300)]
         for s in (-1, 1)]
    )  # fmt: skip
    assert ulps(apply_tanh(x), naive.tanh(x)).max() <= 2  # libm itself is off by half
    x32 = x[(np.abs(x) > 1e-37) & (np.abs(x) < 1e30)].astype(np.float32)
    got = apply_tanh(x32, np.float32)
    assert got.dtype == np.float32
    assert ulps(got, naive.tanh(x32).astype(np.float32)).max() <= 2


@pytest.mark.compiled
def test_tanh_of_float32_over_the_whole_range():
    """Every 97th number of the range."""
    x = np.arange(0, 0x7F800000, 97, dtype=np.uint32).view(np.float32)
    got = apply_tanh(x, np.float32)
    want = np.tanh(x.astype(np.float64)).astype(np.float32)
    normal = x > 1.2e-38
    assert ulps(got[normal], want[normal]).max() <= 2
    np.testing.assert_allclose(got[~normal], x[~normal], rtol=0, atol=3e-45)


def test_tanh_at_the_edges():
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 0.625, 19.9, 20.0, 20.1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own scalars, uncompiled
        got = np.array([vector.fast_tanh(x) for x in edges])
        got32 = np.array([vector.fast_tanh_32(x) for x in edges.astype(np.float32)])
    np.testing.assert_allclose(got, np.tanh(edges), rtol=4e-16)
    np.testing.assert_allclose(got32, np.tanh(edges), rtol=2e-7, atol=5e-324)
    for result in (got, got32):
        np.testing.assert_array_equal(np.signbit(result[:2]), [False, True])
