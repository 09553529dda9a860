"""Hadamard transforms in place of a matrix."""

import numpy as np
import pytest
from scipy import linalg

from dlkit import ReservoirFeatures
from dlkit.reservoir import spectral_norm, spectral_radius
from dlkit.reservoir._matrices.topology import draw_recurrent


def test_a_reservoir_too_large_for_a_matrix():
    """Fifty thousand units in a structured topology: its states turn and shrink, nothing else."""
    model = ReservoirFeatures(
        50_000, topology="hadamard", spectral_radius=0.5, activation="identity", leak_rate=1.0,
        bias_scaling=0.0, pooling="last", random_state=0,
    )  # fmt: skip
    first, second = model.fit_transform([np.ones((1, 1)), np.r_[np.ones((1, 1)), np.zeros((1, 1))]])
    assert np.linalg.norm(second) == pytest.approx(0.5 * np.linalg.norm(first), rel=1e-12)
    assert spectral_radius(model.reservoir_.matrix) == pytest.approx(0.5)
    assert spectral_norm(model.reservoir_.matrix) == pytest.approx(0.5)


@pytest.mark.parametrize("n_units", [1, 2, 3, 8, 11, 64, 100])
def test_hadamard_follows_the_formula(n_units):
    W = draw_recurrent("hadamard", n_units, random_state=0)
    size = 2 ** int(np.log2(n_units))
    H = linalg.hadamard(size) / np.sqrt(size)
    want = np.eye(n_units)
    for r, signs in enumerate(W.signs):
        mix = np.eye(n_units)
        start = (n_units - size) * (r % 2)
        mix[start : start + size, start : start + size] = H
        want = mix @ np.diag(signs.astype(float)) @ want
    assert len(W.signs) == 3 if size == n_units else 4
    np.testing.assert_allclose(W.toarray(), want, atol=1e-14)
    np.testing.assert_allclose((0.5 * W) @ np.ones(n_units), want.sum(axis=1) / 2, atol=1e-14)
    np.testing.assert_allclose(np.abs(linalg.eigvals(np.asarray(W))), 1.0, rtol=1e-12)
    right = linalg.eigvals(want).real.max()
    assert W.rightmost().real == pytest.approx(right, rel=1e-12)


def test_hadamard_of_many_units():
    """A product costs little, and the rightmost eigenvalue is one to some 1e-6."""
    W = draw_recurrent("hadamard", 50_000, random_state=0)
    x = np.random.RandomState(0).randn(50_000)
    assert linalg.norm(W @ x) == pytest.approx(linalg.norm(x), rel=1e-12)
    assert W.rightmost() == 1.0
