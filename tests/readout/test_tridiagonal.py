"""The tridiagonal form against dense solves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit.readout._tridiagonal import Tridiagonal


def system(n=9, q=2, seed=0):
    rng = np.random.RandomState(seed)
    rows = rng.randn(n + 3, n) * 10.0 ** rng.uniform(-1, 1, n)
    return rows.T @ rows, rng.randn(n, q)


def test_many_alphas_are_solved_side_by_side():
    A, B = system()
    alphas = [1e-3, 0.5, 20.0]
    reduced = Tridiagonal(np.asfortranarray(np.tril(A)), B)
    found = reduced.rotate(reduced.solve(alphas))
    for j, alpha in enumerate(alphas):
        want = np.linalg.solve(A + alpha * np.eye(len(A)), B)
        assert_allclose(found[:, 2 * j : 2 * j + 2], want, rtol=1e-8)


def test_its_ends_are_eigenvalues_and_far_ones_do_not_count():
    A, B = system()
    values, vectors = np.linalg.eigh(A)
    reduced = Tridiagonal(np.asfortranarray(A), B)
    assert_allclose([reduced.least, reduced.greatest], values[[0, -1]], rtol=1e-8)
    limit = values[-1] / (values[0] + 0.1)
    assert reduced.is_sound(0.1, 1.01 * limit)
    assert not reduced.is_sound(0.1, 0.99 * limit)
    B = B - np.outer(vectors[:, -1], vectors[:, -1] @ B)
    assert_allclose(Tridiagonal(np.asfortranarray(A), B, 1).greatest, values[-2], rtol=1e-8)


def test_a_rotation_is_undone_by_its_transpose():
    A, B = system(7, 3)
    reduced = Tridiagonal(np.asfortranarray(A), B)
    assert_allclose(reduced.rotate(reduced.rotate(B, "T")), B, atol=1e-13)


def test_what_is_not_positive_definite_is_refused():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        Tridiagonal(np.asfortranarray(-np.eye(4)), np.ones((4, 1))).solve([0.5])


def test_eigenvectors_and_shares_without_them():
    A, B = system()
    reduced = Tridiagonal(np.asfortranarray(A), B)
    values, vectors = reduced.values, reduced.eigenvectors
    assert_allclose(vectors * values @ vectors.T, A, atol=1e-9 * values[-1])
    found = reduced.shares(0.5, reduced.rotate(B, "T"))
    want = np.einsum("ij,ij->j", B, np.linalg.solve(A + 0.5 * np.eye(len(A)), B))
    assert_allclose(found, want, rtol=1e-8)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        Tridiagonal(np.asfortranarray(-np.eye(4)), np.ones((4, 1))).shares(0.5, np.ones((4, 1)))
