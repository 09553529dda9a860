"""Krylov spaces and filters against eigenvalues by LAPACK."""

import numpy as np
import pytest
from scipy.sparse.linalg import ArpackNoConvergence

from dlkit.reservoir._matrices import eigen
from dlkit.reservoir._matrices.spectral import effective_radius, spectral_norm, spectral_radius
from dlkit.reservoir._matrices.topology import WEIGHTS, draw_recurrent

from ._matrices import GOOD, HARD, acyclic, full, naive_radius, weighted, with_leading


def no_krylov(monkeypatch):
    monkeypatch.setattr(eigen, "_krylov", lambda *args: None)


def test_a_missed_leading_pair_is_noticed(monkeypatch):
    no_krylov(monkeypatch)
    W = draw_recurrent("sparse", 200, random_state=0)
    solve, calls = eigen._arpack, []

    def forgetful(*args):
        values, vectors = solve(*args)
        calls.append(args)
        keep = np.abs(values) < (1 - 1e-9) * np.abs(values).max()
        return (values[keep], vectors[:, keep]) if len(calls) == 1 else (values, vectors)

    monkeypatch.setattr(eigen, "_arpack", forgetful)
    assert spectral_radius(W) == pytest.approx(naive_radius(W), rel=GOOD)
    assert len(calls) == 4


def test_lapack_serves_where_arpack_does_not_converge(monkeypatch):
    no_krylov(monkeypatch)

    def fail(*args, **kwargs):
        raise ArpackNoConvergence("no", np.ones(1), np.ones((1, 1)))

    monkeypatch.setattr(eigen, "eigs", fail)
    monkeypatch.setattr(eigen, "eigsh", fail)
    W = draw_recurrent("sparse", 200, random_state=0)
    assert spectral_radius(W) == pytest.approx(naive_radius(W), rel=1e-12)
    assert spectral_norm(W) == pytest.approx(np.linalg.norm(W.toarray(), 2), rel=1e-12)


def naive_arnoldi(W, x, m):
    """The Krylov vectors x, Wx, ... one by one, with coefficients from the basis itself."""
    V = [x / np.linalg.norm(x)]
    for _ in range(m - 1):
        w = W @ V[-1]
        for _ in range(3):
            for v in V:
                w = w - (v @ w) * v
        V.append(w / np.linalg.norm(w))
    V = np.array(V)
    return V @ W @ V.T, V


@pytest.mark.parametrize("topology", ["sparse", "dense"])
@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_arnoldi_after_the_filter(topology, shift):
    rng = np.random.RandomState(0)
    W = draw_recurrent(topology, 30, n_links=5, random_state=rng)
    x = rng.standard_normal(30)
    power = np.linalg.matrix_power(full(W) + shift * np.eye(30), 9) @ x
    start = eigen._filtered(W, x, shift, 9)
    np.testing.assert_allclose(start, power / np.linalg.norm(power), atol=1e-13)
    h, V = eigen._arnoldi(W, start, 6)
    for one, other in zip((h, V), naive_arnoldi(full(W), power, 6), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(V @ V.T, np.eye(6), atol=1e-14)


def test_arnoldi_ends_where_the_space_is_invariant():
    rng = np.random.RandomState(1)
    W = np.zeros((12, 12))
    W[:3, :3], W[3:, 3:] = rng.standard_normal((3, 3)), rng.standard_normal((9, 9))
    x = rng.standard_normal(12)
    inside = x * (np.arange(12) < 3)
    h, V = eigen._arnoldi(W, inside / np.linalg.norm(inside), 8)
    assert h.shape == (3, 3)
    np.testing.assert_allclose(W @ V.T, V.T @ h, atol=1e-13)
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(h)),
        np.sort_complex(np.linalg.eigvals(W[:3, :3])),
        atol=1e-12,
    )
    assert not eigen._filtered(acyclic(12), x, 0.0, 13).any()
    assert eigen._arnoldi(np.eye(12), x / np.linalg.norm(x), 4)[0].shape == (1, 1)


class Starts:
    """A source of start vectors that are no longer random."""

    def __init__(self, *vectors):
        self.vectors = np.array(vectors)

    def standard_normal(self, shape):
        assert shape == self.vectors.shape
        return self.vectors


@pytest.mark.parametrize("kind", ["sparse", "three signs", "dense", "plus and minus"])
@pytest.mark.parametrize("leak", [1.0, 0.5])
def test_krylov_spaces_find_the_leading_eigenvalue(kind, leak):
    shift = (1 - leak) / leak
    W = HARD[kind](70, 1)
    W = W / naive_radius(W)
    value, error = eigen._krylov(W, shift, np.random.RandomState(0))
    assert error <= 1e-7
    assert abs(value + shift) * leak == pytest.approx(naive_radius(W, leak), rel=GOOD)
    assert value.imag >= 0
    again = eigen._krylov(W, shift, np.random.RandomState(0))
    assert again == (value, error)


@pytest.mark.parametrize("misled", [0, 1])
def test_a_start_in_an_invariant_subspace_is_noticed(misled):
    rng = np.random.RandomState(0)
    W = np.zeros((80, 80))
    W[:40, :40], W[40:, 40:] = rng.standard_normal((2, 40, 40))
    W[:40, :40] /= naive_radius(W[:40, :40])
    W[40:, 40:] *= (1 - 1e-6) / naive_radius(W[40:, 40:])
    starts = rng.standard_normal((2, 80))
    assert abs(eigen._krylov(W, 0.0, Starts(*starts))[0]) == pytest.approx(1, rel=GOOD)
    starts[misled, :40] = 0
    assert eigen._krylov(W, 0.0, Starts(*starts)) is None


def test_what_the_filter_hides_is_not_overlooked():
    """With a leak 1/2 leads, which without one is half as large as another eigenvalue."""
    W = with_leading([0.999j, 0.5 + 0j], 200, 0, rest=0.3)
    assert spectral_radius(W) == pytest.approx(0.999, rel=1e-8)
    assert effective_radius(W, 0.5) == pytest.approx(0.75, rel=1e-8)


def test_a_filter_that_hides_the_leading_eigenvalue_is_noticed(monkeypatch):
    """The filter without its shift singles out the whole rim, not its right-hand end."""
    monkeypatch.setattr(eigen, "frobenius_norm", lambda W: 0.0)
    in_doubt = 0
    for seed in range(40):
        W = draw_recurrent("sparse", 200, random_state=seed)
        W = W / naive_radius(W)
        found = eigen._krylov(W, 1.0, np.random.RandomState(seed))
        in_doubt += found is None
        if found is not None:
            assert abs(found[0] + 1) == pytest.approx(2 * naive_radius(W, 0.5), rel=GOOD)
    assert 0 < in_doubt < 40


@pytest.mark.parametrize(("topology", "n_links"), [("sparse", 3), ("sparse", 10), ("dense", 0)])
def test_random_matrices_need_no_slower_way(monkeypatch, topology, n_links):
    def refuse(*args):
        raise AssertionError

    monkeypatch.setattr(eigen, "_arpack_twice", refuse)
    for n_units in (100, 150, 300, 500):
        for weights in WEIGHTS:
            shape = weighted(topology, weights)
            W = draw_recurrent(shape, n_units, n_links=n_links or 1, random_state=3)
            W = W / naive_radius(W)
            for leak in (1.0, 0.3):
                radius = effective_radius(W, leak, random_state=1)
                assert radius == pytest.approx(naive_radius(W, leak), rel=GOOD)
