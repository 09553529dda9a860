"""Data sets against their equations, written out naively, and against the source's text."""

import hashlib
from math import tanh

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp

from dlkit import datasets
from dlkit.datasets import (
    load_japanese_vowels,
    make_henon,
    make_lorenz,
    make_mackey_glass,
    make_memory,
    make_multiple_sines,
    make_narma,
    make_parity,
)

# JapaneseVowels -------------------------------------------------------------------------------


def test_vowels_counts_and_fields():
    bunch = load_japanese_vowels()
    assert len(bunch.data) == len(bunch.target) == 640
    assert bunch.n_train == 270
    lengths = np.array([len(x) for x in bunch.data])
    assert lengths.min() == 7
    assert lengths.max() == 29
    assert lengths.sum() == 9961
    assert all(x.shape[1] == 12 and x.dtype == np.float64 for x in bunch.data)
    assert all(x.flags.c_contiguous and x.flags.writeable for x in bunch.data)
    assert bunch.target.dtype == np.int64
    assert_array_equal(np.bincount(bunch.target[:270]), [30] * 9)
    assert_array_equal(np.bincount(bunch.target[270:]), [31, 35, 88, 44, 29, 24, 40, 50, 29])
    assert bunch.target_names[0] == "speaker 1"
    assert len(bunch.target_names) == 9
    assert len(bunch.feature_names) == 12
    for phrase in ("Kudo, J. Toyama and M. Shimbo", "CC BY 4.0", "10.24432/C5NS47"):
        assert phrase in bunch.DESCR


def test_vowels_are_the_decimals_of_the_text():
    # Copied from the .ts files: first step of the first utterance, last step of the last one.
    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    first = "1.860936 -0.207383 0.261557 -0.214562 -0.171253 -0.118167 -0.277557 0.025668 "
    first += "0.126701 -0.306756 -0.213076 0.088728"
    last = "0.966744 -0.323093 0.305467 -0.419457 0.514195 -0.31106 -0.033985 0.154038 "
    last += "-0.389686 -0.089183 0.16625 0.173642"
    assert X[0][0].tolist() == [float(v) for v in first.split()]
    assert X[-1][-1].tolist() == [float(v) for v in last.split()]
    assert (len(X[0]), y[0], len(X[-1]), y[-1]) == (20, 0, 9, 8)

    X, y = load_japanese_vowels(subset="test", return_X_y=True)
    first = "1.635533 0.024848 0.432087 -0.361914 -0.074776 -0.693481 -0.229621 0.261503 "
    first += "-0.089421 -0.020431 -0.008612 0.139754"
    last = "1.177449 -0.40408 0.052026 -0.284812 0.42984 -0.203484 -0.072393 -0.080955 "
    last += "-0.244424 -0.001849 -0.016634 0.224688"
    assert X[0][0].tolist() == [float(v) for v in first.split()]
    assert X[-1][-1].tolist() == [float(v) for v in last.split()]
    assert (len(X[0]), y[0], len(X[-1]), y[-1]) == (19, 0, 11, 8)


def test_vowels_checksum():
    X, _ = load_japanese_vowels(return_X_y=True)
    whole = np.round(np.concatenate(X) * 1e6).astype("<i4")
    digest = hashlib.sha256(whole.tobytes()).hexdigest()
    assert digest == "51d04ab97eecbe7111ea86b461fc30bd57b786d5b29a840add1b806065e26fc1"


def test_vowels_subsets_are_parts_of_all():
    X, y = load_japanese_vowels(return_X_y=True)
    X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
    test = load_japanese_vowels(subset="test")
    assert len(X_train) == 270
    assert len(test.data) == 370
    assert test.n_train == 0
    assert load_japanese_vowels(subset="train").n_train == 270
    for one, other in zip(X, X_train + test.data, strict=True):
        assert_array_equal(one, other)
    assert_array_equal(y, np.concatenate([y_train, test.target]))


def test_vowels_calls_share_nothing():
    X, y = load_japanese_vowels(return_X_y=True)
    X[0][:] = 0
    y[:] = 0
    X_again, y_again = load_japanese_vowels(return_X_y=True)
    assert X_again[0].all()
    assert y_again.any()


# All generators -------------------------------------------------------------------------------

RANDOM = [
    make_mackey_glass,
    make_lorenz,
    make_henon,
    make_narma,
    make_memory,
    make_parity,
]


def arrays(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("make", RANDOM)
def test_seed_gives_the_series(make):
    first, again = arrays(make(50, random_state=3)), arrays(make(50, random_state=3))
    other = arrays(make(50, random_state=4))
    drawn = arrays(make(50, random_state=np.random.RandomState(3)))
    for a, b, c, d in zip(first, again, other, drawn, strict=True):
        assert_array_equal(a, b)
        assert_array_equal(a, d)
        assert not np.array_equal(a, c)


@pytest.mark.parametrize("make", RANDOM)
def test_global_random_state_is_left_alone(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make(5, random_state=0)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("n_steps", [1, 2, 37])
def test_shapes_and_dtypes(n_steps):
    for make, shapes in [
        (make_mackey_glass, [(n_steps, 1)]),
        (make_lorenz, [(n_steps, 3)]),
        (make_henon, [(n_steps, 2)]),
        (make_multiple_sines, [(n_steps, 1)]),
        (make_narma, [(n_steps, 1), (n_steps,)]),
        (make_memory, [(n_steps, 1), (n_steps, 20)]),
        (make_parity, [(n_steps, 1), (n_steps,)]),
    ]:
        kwargs = {} if make is make_multiple_sines else {"random_state": 0}
        result = arrays(make(n_steps, **kwargs))
        assert [a.shape for a in result] == shapes
        assert result[0].dtype == np.float64
        assert all(a.flags.c_contiguous and a.flags.writeable for a in result)
        expected = np.int64 if make is make_parity else np.float64
        assert result[-1].dtype == expected


@pytest.mark.parametrize("make", [make_mackey_glass, make_lorenz, make_henon])
def test_transient_is_a_cut(make):
    whole = make(30, transient=0, random_state=0)
    assert_array_equal(make(20, transient=10, random_state=0), whole[10:])


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("make_mackey_glass", {"n_steps": 0}),
        ("make_mackey_glass", {"tau": 0}),
        ("make_mackey_glass", {"tau": 17.03}),
        ("make_mackey_glass", {"tau": 0.01}),
        ("make_mackey_glass", {"gamma": 20.0}),
        ("make_mackey_glass", {"substeps": 0}),
        ("make_mackey_glass", {"exponent": -1.0}),
        ("make_lorenz", {"dt": 0}),
        ("make_lorenz", {"n_steps": 2.5}),
        ("make_lorenz", {"transient": -1}),
        ("make_lorenz", {"dt": 1.0}),
        ("make_henon", {"a": np.nan}),
        ("make_henon", {"a": 3.0}),
        ("make_narma", {"order": 0}),
        ("make_narma", {"coefficients": (0.3, 0.05, 1.5)}),
        ("make_narma", {"coefficients": (0.3, 0.05, 1.5, np.inf)}),
        ("make_narma", {"saturate": "tanh"}),
        ("make_narma", {"order": 30, "saturate": False}),
        ("make_multiple_sines", {"frequencies": 9}),
        ("make_multiple_sines", {"frequencies": 0}),
        ("make_multiple_sines", {"frequencies": []}),
        ("make_multiple_sines", {"frequencies": [0.1, np.nan]}),
        ("make_memory", {"max_delay": 0}),
        ("make_memory", {"random_state": "seed"}),
        ("make_parity", {"n_bits": 0}),
        ("make_parity", {"delay": -1}),
        ("load_japanese_vowels", {"subset": "valid"}),
        ("load_japanese_vowels", {"return_X_y": "yes"}),
    ],
)
def test_errors_name_the_parameter(name, kwargs):
    given = kwargs if name == "load_japanese_vowels" else {"n_steps": 2000} | kwargs
    with pytest.raises((ValueError, TypeError), match=next(iter(kwargs))):
        getattr(datasets, name)(**given)


# Mackey-Glass ---------------------------------------------------------------------------------


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


# Lorenz and Hénon -----------------------------------------------------------------------------


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


# Tasks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "coefficients", "saturate", "squash"),
    [
        (10, (0.3, 0.05, 1.5, 0.1), "auto", False),
        (10, (0.3, 0.05, 1.5, 0.1), True, True),
        (20, (0.3, 0.05, 1.5, 0.01), "auto", True),
        (30, (0.2, 0.04, 1.5, 0.001), False, False),
        (1, (0.3, 0.05, 1.5, 0.1), "auto", False),
        (2, (0.4, 0.2, 0.6, 0.1), "auto", False),
    ],
)
def test_narma_recursion(order, coefficients, saturate, squash):
    a, b, c, d = coefficients
    u, y = make_narma(300, order, coefficients=coefficients, saturate=saturate, random_state=0)
    u = u[:, 0]
    assert u.min() >= 0
    assert u.max() <= 0.5
    for t in range(order - 1, 299):
        past = sum(y[t - i] for i in range(order))
        value = a * y[t] + b * y[t] * past + c * u[t - order + 1] * u[t] + d
        assert y[t + 1] == pytest.approx(tanh(value) if squash else value, rel=1e-12)


def test_narma_starts_at_zero_without_transient():
    u, y = make_narma(10, order=3, transient=0, random_state=0)
    assert u.shape == (10, 1)
    assert y[0] == pytest.approx(0.1 + 1.5 * draws(13)[0] * draws(13)[2])


def draws(n, seed=0):
    return np.random.RandomState(seed).uniform(0, 0.5, size=n)


def narma_is_bounded(u, order=10):
    y = [0.0] * order
    for t in range(order - 1, len(u) - 1):
        y.append(0.3 * y[t] + 0.05 * y[t] * sum(y[-order:]) + 1.5 * u[t - order + 1] * u[t] + 0.1)
        if y[-1] > 100:
            return False
    return True


def test_narma_redraws_what_diverges():
    n = 4210
    seed = next(s for s in range(1000) if not narma_is_bounded(draws(n, s)))
    rng = np.random.RandomState(seed)
    u = rng.uniform(0, 0.5, size=n)
    while not narma_is_bounded(u):
        u = rng.uniform(0, 0.5, size=n)
    found, y = make_narma(4000, random_state=seed)
    assert_array_equal(found[:, 0], u[-4000:])
    assert np.abs(y).max() < 1.5


def test_narma_says_when_no_draw_is_bounded():
    with pytest.raises(ValueError, match=r"all of 100 draws diverged at order=5, .*saturate"):
        make_narma(50, order=5, coefficients=(2.0, 1.0, 1.5, 0.1), random_state=0)


def test_multiple_sines():
    usual = [0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97]
    t = np.arange(200)
    expected = sum(np.sin(f * t) for f in usual)
    assert_allclose(make_multiple_sines(200)[:, 0], expected, atol=1e-12)
    assert_array_equal(make_multiple_sines(200, 3), make_multiple_sines(200, usual[:3]))
    assert_allclose(make_multiple_sines(200, [0.1])[:, 0], np.sin(0.1 * t), atol=1e-12)


@pytest.mark.parametrize("max_delay", [1, 7])
def test_memory(max_delay):
    u, Y = make_memory(5000, max_delay, random_state=0)
    for d in range(1, max_delay + 1):
        assert_array_equal(Y[d:, d - 1], u[:-d, 0])
        # before the series begins there are inputs too, and the columns agree on them
        assert_array_equal(Y[d - 1 :, d - 1], Y[: len(Y) - d + 1, 0])
    assert np.abs(u).max() <= 1
    assert u.mean() == pytest.approx(0, abs=0.03)
    assert u.var() == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize(("n_bits", "delay"), [(1, 0), (2, 0), (3, 4), (5, 1)])
def test_parity(n_bits, delay):
    u, y = make_parity(2000, n_bits, delay=delay, random_state=0)
    assert set(u.ravel()) == {-1.0, 1.0}
    for t in range(delay + n_bits - 1, 2000):
        ones = sum(u[t - delay - i, 0] == 1 for i in range(n_bits))
        assert y[t] == ones % 2
    assert y.mean() == pytest.approx(0.5, abs=0.05)
