"""Gradients through time against differences of whole trajectories."""

import numpy as np
import pytest

from dlkit import ReservoirFeatures, ReservoirStates
from dlkit.reservoir import Legendre, gradient_norms
from dlkit.reservoir._diagnostics import gradient

from .. import naive, naive_cells
from ._kinds import KINDS
from .test_estimators import plain

rng = np.random.RandomState(0)
U = rng.uniform(-1, 1, (40, 2))


def by_differences(reservoir, n_steps, norm):
    """Norms from runs of the formula out of states a little off, over the last steps."""
    r = reservoir
    how = r.matrix, r.w_in, r.bias, r.leak_rate, r.activation
    path = naive.states(*how, U)
    found, n, step = [1.0], r.n_units, 1e-5
    for k in range(1, n_steps + 1):
        begin, rest = path[-1 - k], U[len(U) - k :]
        columns = [
            (
                naive.states(*how, rest, begin + step * e)[-1]
                - naive.states(*how, rest, begin - step * e)[-1]
            )
            / (2 * step)
            for e in np.eye(n)
        ]
        size = np.linalg.norm(np.array(columns).T, 2 if norm == "spectral" else None)
        found.append(size if norm == "spectral" else size / np.sqrt(n))
    return np.array(found)


@pytest.mark.parametrize("norm", ["spectral", "frobenius"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"leak_rate": np.linspace(0.2, 1, 9), "topology": "dense"},
        {"activation": "relu", "spectral_radius": 0.5},
        {"activation": "logistic", "leak_rate": 0.5},
        {"activation": "identity", "topology": "hadamard"},
        {"activation": plain},
    ],
)
def test_norms_are_those_of_differences(options, norm):
    model = ReservoirStates(9, input_scaling=0.5, random_state=0, **options).fit(U)
    got = gradient_norms(model, U, n_steps=12, norm=norm)
    np.testing.assert_allclose(got[0], by_differences(model.reservoir_, 12, norm), rtol=1e-6)
    np.testing.assert_array_equal(gradient_norms(model.reservoir_, U, n_steps=12, norm=norm), got)


CELLS = [kind for kind in KINDS if kind not in ("residual", "es2n, ring, delays")]


@pytest.mark.compiled
@pytest.mark.parametrize("kind", CELLS)
def test_norms_of_cells_are_those_of_differences(kind):
    """What units give out at the end, by all that is carried so many steps before."""
    options = {"input_scaling": 0.5, "random_state": 0} | KINDS[kind]
    options |= {"activation": "tanh"}  # without a kink
    if kind == "legendre":
        options["cell"] = Legendre(memory_units=4)
    model = ReservoirStates(9, **options).fit(U)
    r, step = model.reservoir_, 1e-5
    got = gradient_norms(model, U, n_steps=7)[0]
    for k in (1, 2, 7):
        begin = model.fit(U[:-k]).final_state_[0]
        n = r.lanes(float).n_free
        moves = step * np.eye(n, len(begin))
        columns = [
            naive_cells.states(r, U[-k:], begin + e)[-1]
            - naive_cells.states(r, U[-k:], begin - e)[-1]
            for e in moves
        ]
        want = np.linalg.norm(np.array(columns) / (2 * step), 2)
        np.testing.assert_allclose(got[k], want, rtol=1e-6, atol=1e-9)


@pytest.mark.kernels
def test_formula_and_differences_agree(monkeypatch):
    model = ReservoirStates(9, leak_rate=0.3, random_state=0)
    want = gradient_norms(model, U, n_steps=20)
    monkeypatch.setattr(gradient, "leaky", None)
    monkeypatch.setattr(
        gradient, "_jacobian", lambda r, before, after, u: gradient.numeric(r, before, u)
    )
    np.testing.assert_allclose(gradient_norms(model, U, n_steps=20), want, rtol=1e-7)


def test_several_series_layers_and_sequences():
    model = ReservoirStates(9, random_state=0)
    got = gradient_norms(model, [U, U[:20]], n_steps=20)
    assert got.shape == (2, 21)
    np.testing.assert_array_equal(got[:1], gradient_norms(model, U, n_steps=20))
    features = ReservoirFeatures(9, leak_rate=1.0, input_scaling=0.1, random_state=0)
    np.testing.assert_array_equal(gradient_norms(features, [U, U[:20]], n_steps=20), got)
    deep = gradient_norms(ReservoirStates(9, layers=2, random_state=0), U, n_steps=20)
    assert (deep > 0).all()
    assert deep[0, -1] < deep[0, 1]


def test_bad_input():
    with pytest.raises(ValueError, match="every series must be longer"):
        gradient_norms(ReservoirStates(9), U, n_steps=41)
    with pytest.raises(ValueError, match="n_steps"):
        gradient_norms(ReservoirStates(9), U, n_steps=0)
    with pytest.raises(ValueError, match="norm"):
        gradient_norms(ReservoirStates(9), U, norm="sum")


@pytest.mark.compiled  # uncompiled, NumPy warns of the overflow itself
def test_states_without_bound():
    wild = ReservoirStates(9, activation="identity", spectral_radius=1e9)
    with pytest.raises(ValueError, match=r"without bound|not finite"):
        gradient_norms(wild, U, n_steps=5)
