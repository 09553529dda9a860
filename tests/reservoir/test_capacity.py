"""Memory capacity and ranks, by least squares and in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg

from dlkit import ReservoirStates
from dlkit.reservoir import LSTM, generalization_rank, kernel_rank, memory_capacity

from ._drawn import LINEAR, U, drawn, naive_states


def naive_capacity(u, states, lead, n_train, max_delay):
    """Squared correlations of least-squares readouts, by delay, on steps not fitted on."""
    total = np.zeros(max_delay)
    ones = np.ones((len(u), 1))
    X = np.hstack([states, ones])
    for d in range(1, max_delay + 1):
        for c in range(u.shape[1]):
            y = np.zeros(len(u))
            y[d:] = u[:-d, c]
            fit, test = slice(lead, lead + n_train), slice(lead + n_train, None)
            coef = np.linalg.lstsq(X[fit], y[fit], rcond=None)[0]
            r2 = np.corrcoef(X[test] @ coef, y[test])[0, 1] ** 2
            n = len(u) - lead - n_train
            total[d - 1] += 1 - (1 - r2) * (n - 1) / (n - 2)
    return total


def exact_capacity(A, w, max_delay):
    """Terms of a linear reservoir x ← A x + w u: wᵀ(Aᵀ)^d R⁻¹ A^d w, R the states' covariance."""
    R = linalg.solve_discrete_lyapunov(A, np.outer(w, w))
    terms = []
    for _ in range(max_delay):
        w = A @ w
        terms.append(w @ linalg.solve(R, w, assume_a="sym"))
    return np.array(terms)


@pytest.mark.parametrize("n_shared", [0, 1, 4])
@pytest.mark.parametrize("rtol", [0.0, 0.01, 0.3])
def test_ranks_count_singular_values_of_final_states(n_shared, rtol):
    esn, *matrices = drawn(10, 2, leak_rate=0.7)
    u = np.random.RandomState(3).uniform(-1, 1, (7, 12, 2))
    u[:, 12 - n_shared :] = u[0, 12 - n_shared :]
    final = [naive_states(np.zeros(10), v, *matrices, 0.7, np.tanh)[-1] for v in u]
    s = linalg.svdvals(np.array(final))
    options = {"n_inputs": 7, "n_steps": 12, "rtol": rtol, "random_state": 3}
    expected = np.sum(s > rtol * s[0])
    assert generalization_rank(esn, n_shared=n_shared, **options) == expected
    if n_shared == 0:
        assert kernel_rank(esn, **options) == expected


@pytest.mark.parametrize("n_steps", [4, 12])
@pytest.mark.parametrize("n_shared", [0, 1, 3])
def test_ranks_of_a_delay_line_are_known(n_steps, n_shared):
    # the state is an invertible function of the last eight inputs
    line = ReservoirStates(
        8,
        topology="delay_line",
        control="norm",
        input_weights="rademacher",
        random_state=0,
        **LINEAR,
    )
    options = {"n_steps": n_steps, "rtol": 1e-10, "random_state": 0}
    remembered = min(n_steps, 8)
    assert kernel_rank(line, **options) == remembered
    expected = remembered - n_shared + (n_shared > 0)  # what is shared adds one vector
    assert generalization_rank(line, n_shared=n_shared, **options) == expected


def test_inputs_that_are_all_the_same_have_rank_one():
    esn = ReservoirStates(9, random_state=0)
    assert generalization_rank(esn, n_shared=20, n_steps=20, random_state=0) == 1


@pytest.mark.parametrize("n_channels", [1, 2])
def test_capacity_by_plain_least_squares(n_channels):
    esn, *matrices = drawn(6, n_channels, leak_rate=0.8, input_scaling=0.5)
    found = memory_capacity(esn, n_steps=1000, max_delay=5, washout=20, alpha=1e-12, random_state=7)
    u = np.random.RandomState(7).uniform(-1, 1, (1020, n_channels))
    states = naive_states(np.zeros(6), u, *matrices, 0.8, np.tanh)
    assert_allclose(found.by_delay, naive_capacity(u, states, 20, 800, 5), atol=1e-6)
    assert_allclose(found.total, found.by_delay.sum())
    assert_array_equal(found.delays, [1, 2, 3, 4, 5])


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("topology", "radius", "leak"),
    [("ring", 0.9, 1.0), ("ring", 0.99, 1.0), ("orthogonal", 0.95, 1.0), ("ring", 0.9, 0.9)],
)
def test_capacity_of_a_linear_reservoir_is_that_of_its_covariance(topology, radius, leak):
    n = 15
    params = {"topology": topology, "spectral_radius": radius, "leak_rate": leak}
    esn, W, w_in, _ = drawn(n, **params, **LINEAR)
    A = (1 - leak) * np.eye(n) + leak * W
    exact = exact_capacity(A, leak * w_in[:, 0], 2000)
    assert_allclose(exact.sum(), n - 1 + linalg.det(A) ** 2, atol=1e-4)
    if topology == "ring" and leak == 1:
        assert_allclose(linalg.det(A) ** 2, radius ** (2 * n))
    found = memory_capacity(esn, n_steps=50_000, max_delay=60, random_state=0, alpha=0.0)
    assert_allclose(found.by_delay, exact[:60], atol=0.025)
    assert_allclose(found.total, exact[:60].sum(), atol=0.15)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(1, 6), st.floats(0.1, 1.5), st.floats(0.1, 2), st.integers(0, 20))
def test_capacity_is_at_most_the_number_of_units(n_units, radius, scale, seed):
    esn = ReservoirStates(n_units, spectral_radius=radius, input_scaling=scale, random_state=seed)
    total = memory_capacity(esn, n_steps=1500, washout=100, random_state=seed).total
    assert -0.05 < total < n_units + 0.05


def test_units_without_links_remember_nothing():
    # radius zero: whatever correlation is found is chance, and chance is taken off
    esn = ReservoirStates(4, spectral_radius=0.0, random_state=0)
    found = memory_capacity(esn, n_steps=3000, max_delay=60, washout=10, random_state=0)
    assert abs(found.total) < 0.06  # with chance left in, 60/600
    assert found.by_delay.min() < 0


def test_a_reservoir_deaf_to_its_input_has_no_capacity():
    esn = ReservoirStates(4, spectral_radius=0.0, input_scaling=0.0, random_state=0)
    assert abs(memory_capacity(esn, n_steps=200, max_delay=3, random_state=0).total) < 0.1


def test_what_is_carried_beside_the_outputs_has_no_rank():
    esn = ReservoirStates(8, cell=LSTM(delays=(1, 3)), random_state=0).fit(U)
    found = kernel_rank(esn, n_inputs=40, rtol=0, random_state=0)
    assert found == 8
