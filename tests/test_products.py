"""Products in pieces: what one product would be, whatever the number of threads."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from dlkit import _budgets, _products
from dlkit._products import add_gram, eigh, times


@pytest.mark.parametrize("shape", [(700, 300, 20), (1, 300, 1), (500, 40, 600), (129, 3, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_in_pieces(two, monkeypatch, shape, dtype):
    n, k, q = shape
    rng = np.random.RandomState(0)
    A, B = rng.randn(n, k).astype(dtype), rng.randn(k, q).astype(dtype)
    expected = A.astype(float) @ B
    monkeypatch.setattr(_products, "WORTH_THREADS", 0)
    found = times(A, B)
    assert found.dtype == dtype
    assert_allclose(found, expected, rtol=1e-4, atol=1e-3 if dtype == np.float32 else 1e-9)
    with threadpool_limits(1, "blas"):
        assert_array_equal(times(A, B), found)
    out = np.empty_like(found)
    assert times(A, B, out=out) is out
    assert_array_equal(out, found)


@pytest.mark.parametrize("p", [40, 256, 301])
def test_gram_matrix_in_pieces(two, monkeypatch, p):
    rng = np.random.RandomState(0)
    tile, before = rng.randn(90, p), np.asfortranarray(rng.randn(p, p))
    monkeypatch.setattr(_products, "WORTH_THREADS", 0)
    found = add_gram(before.copy(order="F"), tile)
    assert_allclose(np.tril(found), np.tril(before + tile.T @ tile), atol=1e-11)
    assert_array_equal(np.triu(found, 1), np.triu(before, 1))
    with threadpool_limits(1, "blas"):
        assert_array_equal(add_gram(before.copy(order="F"), tile), found)


@pytest.mark.parametrize("budget", [0, 2**25])
def test_eigenvectors_of_a_semi_definite_matrix(monkeypatch, budget):
    monkeypatch.setattr(_budgets, "EIGH_BYTES", budget)
    X = np.random.RandomState(0).randn(5, 8)
    A = X.T @ X
    values, basis = eigh(np.asfortranarray(np.tril(A)))
    assert_allclose(basis * values @ basis.T, A, atol=1e-12)
    assert_allclose(basis.T @ basis, np.eye(8), atol=1e-12)
    assert values.min() >= 0
