"""Chaotic systems against their equations, written out naively."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp

from dlkit.datasets import make_henon, make_lorenz, make_mackey_glass


@pytest.mark.parametrize("make", [make_mackey_glass, make_lorenz, make_henon])
def test_transient_is_a_cut(make):
    whole = make(30, transient=0, random_state=0)
    assert_array_equal(make(20, transient=10, random_state=0), whole[10:])


def naive_mackey_glass(start, n_steps, tau=17, h=0.1, keep=10):
    """Euler's method, one step at a time, from the constant history `start`."""
    delay = round(tau / h)
    x = [start] * (delay + 1)
    for _ in range((n_steps - 1) * keep):
        late = x[-delay - 1]
        x.append(x[-1] + h * (0.2 * late / (1 + late**10) - 0.1 * x[-1]))
    return np.array(x[delay::keep])


@pytest.mark.parametrize("tau", [17, 30, 2.5, 0.1])
def test_mackey_glass_is_the_naive_loop(tau):
    x = make_mackey_glass(300, tau=tau, transient=0, random_state=5)[:, 0]
    assert 1.1 <= x[0] <= 1.3
    assert_allclose(x, naive_mackey_glass(x[0], 300, tau), rtol=0, atol=1e-10)


def test_mackey_glass_other_grid():
    x = make_mackey_glass(60, tau=17, dt=2.0, substeps=40, transient=0, random_state=0)[:, 0]
    assert_allclose(x, naive_mackey_glass(x[0], 60, h=0.05, keep=40), rtol=0, atol=1e-10)


def test_mackey_glass_approaches_the_exact_flow():
    # By the method of steps: on each stretch of tau the delayed value is a known function.
    n_steps, tau = 69, 17
    fine = make_mackey_glass(n_steps, transient=0, substeps=1000, random_state=0)[:, 0]
    coarse = make_mackey_glass(n_steps, transient=0, random_state=0)[:, 0]
    start, value, exact = fine[0], fine[0], [fine[:1]]
    past = lambda t: np.array([start])  # noqa: E731
    for begin in range(0, n_steps - 1, tau):

        def slope(t, x, past=past):
            late = past(t - tau)[0]
            return 0.2 * late / (1 + late**10) - 0.1 * x

        grid = np.arange(begin, begin + tau + 1.0)
        solution = solve_ivp(
            slope, grid[[0, -1]], [value], rtol=1e-9, atol=1e-11, dense_output=True, max_step=0.5
        )
        exact.append(solution.sol(grid[1:])[0])
        value, past = exact[-1][-1], solution.sol
    exact = np.concatenate(exact)
    assert np.abs(fine - exact).max() < 1e-3
    assert np.abs(coarse - exact).max() < 0.05
    assert np.abs(fine - exact).max() < np.abs(coarse - exact).max() / 20


@pytest.mark.parametrize(("tau", "var", "var_tanh"), [(17, 0.0512, 0.0468), (30, 0.079, 0.067)])
def test_mackey_glass_variance_is_as_documented(tau, var, var_tanh):
    x = make_mackey_glass(50_000, tau=tau, random_state=0)
    assert x.var() == pytest.approx(var, rel=0.03)
    assert np.tanh(x - 1).var() == pytest.approx(var_tanh, rel=0.03)


def lorenz_step(p, dt, sigma=10.0, rho=28.0, beta=8 / 3):
    def f(p):
        x, y, z = p
        return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    k1 = f(p)
    k2 = f(p + dt / 2 * k1)
    k3 = f(p + dt / 2 * k2)
    k4 = f(p + dt * k3)
    return p + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@pytest.mark.parametrize("dt", [0.01, 0.025])
def test_lorenz_steps_are_runge_kutta(dt):
    X = make_lorenz(500, dt=dt, random_state=0)
    assert_allclose(X[1:], lorenz_step(X[:-1].T, dt).T, rtol=0, atol=1e-12)


def test_lorenz_other_coefficients():
    X = make_lorenz(100, sigma=9, rho=20, beta=2, random_state=0)
    assert_allclose(X[1:], lorenz_step(X[:-1].T, 0.01, 9, 20, 2).T, rtol=0, atol=1e-12)


def test_lorenz_follows_the_flow():
    X = make_lorenz(101, random_state=1)

    def flow(t, p):
        x, y, z = p
        return [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z]

    exact = solve_ivp(flow, (0, 1), X[0], rtol=1e-10, atol=1e-10, t_eval=[1.0]).y[:, 0]
    assert_allclose(X[-1], exact, atol=1e-3)


def test_lorenz_largest_exponent():
    # Growth of a tangent vector under the Jacobians of the naive step, by complex steps.
    dt = 0.01
    X = make_lorenz(60_000, dt=dt, random_state=0)
    jacobians = np.empty((len(X), 3, 3))
    for i in range(3):
        shifted = X.T.astype(complex)
        shifted[i] += 1e-20j
        jacobians[:, :, i] = lorenz_step(shifted, dt).imag.T / 1e-20
    v, growth = np.ones(3), 0.0
    for jacobian in jacobians:
        v = jacobian @ v
        size = np.sqrt(v @ v)
        growth += np.log(size)
        v /= size
    assert growth / (len(X) * dt) == pytest.approx(0.9056, abs=0.02)


def test_henon_is_the_map():
    X = make_henon(3000, random_state=0)
    x, y = X.T
    assert_allclose(x[1:], 1 - 1.4 * x[:-1] ** 2 + y[:-1], rtol=0, atol=1e-14)
    assert_array_equal(y[1:], 0.3 * x[:-1])
    assert np.abs(x).max() < 1.29
    growth, v = 0.0, np.ones(2)
    for xi in x:
        v = np.array([-2.8 * xi * v[0] + v[1], 0.3 * v[0]])
        growth += np.log(np.linalg.norm(v))
        v /= np.linalg.norm(v)
    assert growth / len(x) == pytest.approx(0.419, abs=0.02)
