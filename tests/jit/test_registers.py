"""Sixteen numbers as one value, against NumPy."""

import numpy as np
import pytest

from dlkit._jit import registers as reg
from dlkit._jit.compiled import compiled

pytestmark = pytest.mark.kernels


@compiled
def _arithmetic(a, b, counts, wide, out, whole):
    x, y = reg.load(a, 0), reg.load(b, 0)
    reg.store(out, 0, reg.add(x, y))
    reg.store(out, 16, reg.subtract(x, y))
    reg.store(out, 32, reg.multiply_add(x, y, reg.fill(a[0])))
    reg.store(out, 48, reg.maximum(x, y))
    reg.store(out, 64, reg.where_more(x, y, y, x))
    n = reg.count_more(reg.load(counts, 0), x, y)
    reg.store(whole, 0, n)
    reg.store(whole, 16, reg.where_same(n, reg.fill(counts[0]), reg.fill(counts[1]), n))
    reg.store(wide, 0, reg.widen(x))
    reg.store(wide, 16, reg.widen(n))
    whole[32] = reg.total(n)


@compiled
def _transpose(rows, out):
    reg.transpose(rows, 1, 20, out, 2, 17)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arithmetic_is_numpys(dtype):
    r = np.random.RandomState(0)
    a, b = (np.round(8 * r.randn(16)).astype(dtype) / 8 for _ in range(2))
    b[5] = a[5]
    counts = np.arange(16, dtype=np.int32)
    wide, out, whole = np.empty(32), np.empty(80, dtype), np.empty(33, np.int32)
    _arithmetic(a, b, counts, wide, out, whole)
    n = counts + (a > b)
    want = [a + b, a - b, a * b + a[0], np.maximum(a, b), np.where(a > b, b, a)]
    np.testing.assert_array_equal(out, np.concatenate(want))
    np.testing.assert_array_equal(whole[:16], n)
    np.testing.assert_array_equal(whole[16:32], np.where(n == 0, 1, n))
    assert whole[32] == n.sum()
    np.testing.assert_array_equal(wide, np.concatenate([a, n]))


def test_rows_become_columns():
    rows = np.arange(16 * 20.0).reshape(16, 20)
    out = np.full(2 + 16 * 17, np.nan)
    _transpose(rows.ravel(), out)
    got = np.array([out[2 + 17 * t : 18 + 17 * t] for t in range(16)])
    np.testing.assert_array_equal(got, rows[:, 1:17].T)
