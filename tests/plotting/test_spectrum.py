"""Eigenvalues: those of the matrix and of the effective map."""

import numpy as np
import pytest
from scipy import sparse

from dlkit import ESNForecaster, NVARFeatures, ReservoirStates
from dlkit.plotting import SpectrumDisplay

X = np.sin(0.3 * np.arange(60))[:, None]


def alike(found, expected):
    found, expected = (np.sort_complex(np.round(a, 8)) for a in (found, expected))
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("leak_rate", [1.0, 0.3, np.linspace(0.1, 1, 30)])
def test_points_are_eigenvalues(leak_rate):
    esn = ReservoirStates(30, leak_rate=leak_rate, random_state=0).fit(X)
    display = SpectrumDisplay.from_estimator(esn)
    W = esn.reservoir_.matrix.toarray()
    points = display.points_
    alike(points.get_xdata() + 1j * points.get_ydata(), np.linalg.eigvals(W))
    assert points.get_label() == "W, radius 0.9"
    assert display.circle_.get_radius() == 1
    if np.ndim(leak_rate) == 0 and leak_rate == 1:
        assert display.effective_points_ is None
        return
    a = np.broadcast_to(leak_rate, 30)
    points = display.effective_points_
    expected = np.linalg.eigvals(np.diag(1 - a) + np.diag(a) @ W)
    alike(points.get_xdata() + 1j * points.get_ydata(), expected)


@pytest.mark.parametrize("topology", ["ring", "hadamard", "dense"])
def test_matrices_of_any_kind(topology):
    esn = ReservoirStates(16, topology=topology, spectral_radius=0.7, random_state=0).fit(X)
    display = SpectrumDisplay.from_estimator(esn.reservoir_)
    if topology != "dense":
        np.testing.assert_allclose(np.abs(display.eigenvalues), 0.7)
    alike(SpectrumDisplay.from_matrix(sparse.eye_array(3)).eigenvalues, np.ones(3))


def test_layers_and_limits():
    esn = ESNForecaster(20, layers=2, spectral_radius=1.4, random_state=0).fit(X)
    display = SpectrumDisplay.from_estimator(esn, layer=1)
    assert len(display.eigenvalues) == esn.reservoir_.layers[1].n_units
    assert display.ax_.get_xlim()[1] > 1.4  # nothing is cut off
    with pytest.raises(ValueError, match="layer=2 is none of the 2 layers"):
        SpectrumDisplay.from_estimator(esn, layer=2)


def test_what_has_no_matrix_is_refused():
    with pytest.raises(TypeError, match="NVARFeatures has no recurrent matrix"):
        SpectrumDisplay.from_estimator(NVARFeatures().fit(X))
    with pytest.raises(ValueError, match="matrix must be square"):
        SpectrumDisplay.from_matrix(np.ones((2, 3)))
