"""Diagnostics of reservoirs, against plain NumPy and what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ImageScanFeatures,
    NVARFeatures,
    ReservoirFeatures,
    ReservoirStates,
)
from dlkit.reservoir import (
    Context,
    Layers,
    diagnose,
    echo_state_index,
    effective_radius,
    generalization_rank,
    gradient_norms,
    kernel_rank,
    lyapunov_exponent,
    memory_capacity,
    spectral_norm,
    spectral_radius,
)

from ._drawn import LINEAR, U, drawn, naive_states


def softsign(x):
    return x / (1 + abs(x))


# f and its derivative
FUNCTIONS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "identity": (lambda z: z, np.ones_like),
    softsign: (softsign, lambda z: 1 / (1 + abs(z)) ** 2),
}


def naive_exponent(u, W, w_in, bias, leak, f, df, washout):
    """Mean log growth of a tangent vector, by the exact Jacobian of each step."""
    n = len(W)
    leak = np.broadcast_to(leak, n)
    x, v, logs = np.zeros(n), np.ones(n), []
    for t in range(len(u)):
        pre = W @ x + w_in @ u[t] + bias
        v = (np.diag(1 - leak) + np.diag(leak * df(pre)) @ W) @ v
        x = (1 - leak) * x + leak * f(pre)
        logs.append(np.log(np.linalg.norm(v)))
        v /= np.linalg.norm(v)
    return np.mean(logs[washout:])


@pytest.mark.parametrize("activation", FUNCTIONS, ids=lambda f: getattr(f, "__name__", f))
@pytest.mark.parametrize("topology", ["sparse", "dense"])
@pytest.mark.parametrize("leak", [1.0, 0.4, "per unit"])
def test_exponent_is_that_of_the_tangent_map(activation, topology, leak):
    leak = np.linspace(0.2, 1, 12) if isinstance(leak, str) else leak
    params = {"activation": activation, "topology": topology, "leak_rate": leak}
    params |= {"n_links": 5} if topology == "sparse" else {}
    esn, *matrices = drawn(12, 2, **params)
    u = np.random.RandomState(1).uniform(-1, 1, (300, 2))
    expected = naive_exponent(u, *matrices, leak, *FUNCTIONS[activation], 150)
    # the start directions differ, so what is left of the turn into the fastest shows
    assert_allclose(lyapunov_exponent(esn, u, washout=150, random_state=0), expected, atol=5e-3)


@pytest.mark.parametrize("radius", [0.9, 3.0])
def test_exponent_of_one_step_growth_is_accurate(radius):
    # one unit has one direction: nothing but the accuracy of a step is left
    esn, *matrices = drawn(1, spectral_radius=radius, input_scaling=0.3)
    u = np.random.RandomState(0).uniform(-1, 1, (400, 1))
    expected = naive_exponent(u, *matrices, 1.0, *FUNCTIONS["tanh"], 100)
    assert_allclose(lyapunov_exponent(esn, u, random_state=0), expected, atol=1e-6)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    st.sampled_from(["ring", "orthogonal"]),
    st.floats(0.1, 1.5),
    st.floats(-3, 3),
    st.integers(1, 9),
)
def test_exponent_of_a_scaled_rotation_is_the_log_of_its_radius(topology, radius, level, n_units):
    esn = ReservoirStates(
        n_units, topology=topology, spectral_radius=radius, random_state=0, **LINEAR
    )
    found = lyapunov_exponent(esn, np.full((40, 1), level), washout=5, random_state=1)
    assert_allclose(found, np.log(radius), atol=1e-6)


@pytest.mark.parametrize("activation", ["identity", "tanh"])
@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_exponent_at_rest_is_the_log_of_the_effective_radius(activation, leak):
    esn, W, _, _ = drawn(30, leak_rate=leak, activation=activation, bias_scaling=0)
    found = lyapunov_exponent(esn, np.zeros((1500, 1)), washout=500, random_state=0)
    assert_allclose(found, np.log(effective_radius(W, leak)), atol=2e-3)


def test_exponent_tells_chaos_from_order():
    u = np.random.RandomState(0).uniform(-0.1, 0.1, (500, 1))
    low, high = (
        lyapunov_exponent(ReservoirStates(50, spectral_radius=r, random_state=0), u, random_state=0)
        for r in (0.5, 3.0)
    )
    assert low < -0.3
    assert high > 0.15


def test_exponent_of_a_nilpotent_reservoir_is_minus_infinity():
    esn = ReservoirStates(6, topology="delay_line", control="norm", random_state=0, **LINEAR)
    assert lyapunov_exponent(esn, np.ones((20, 1)), washout=2, random_state=0) == -np.inf


def test_exponent_of_several_series_is_the_mean_over_their_steps():
    esn, *matrices = drawn(1, input_scaling=0.5)
    rng = np.random.RandomState(0)
    X = [rng.uniform(-1, 1, (n, 1)) for n in (60, 25)]
    each = [naive_exponent(u, *matrices, 1.0, *FUNCTIONS["tanh"], 10) for u in X]
    expected = np.average(each, weights=[50, 15])
    assert_allclose(lyapunov_exponent(esn, X, washout=10, random_state=0), expected, atol=1e-6)


@pytest.mark.parametrize("washout", [0, 3, 270])
@pytest.mark.parametrize("radius", [0.9, 2.0])
def test_index_is_the_mean_distance_from_the_run_from_rest(washout, radius):
    # longer than one stretch of steps; at radius 2 a ring is stable in several states
    esn, *matrices = drawn(8, 2, topology="ring", spectral_radius=radius, leak_rate=0.5)
    u = np.random.RandomState(0).uniform(-0.5, 0.5, (300, 2))
    found = echo_state_index(esn, u, n_starts=3, washout=washout, random_state=5)
    starts = np.random.RandomState(5).uniform(-1, 1, (3, 8))
    base = naive_states(np.zeros(8), u, *matrices, 0.5, np.tanh)
    distances = [
        np.linalg.norm(naive_states(x, u, *matrices, 0.5, np.tanh) - base, axis=1)[washout:]
        for x in starts
    ]
    assert_allclose(found, np.mean(distances), rtol=1e-9, atol=1e-13)
    assert (found > 0.5) == (radius > 1)


def test_index_of_several_series_is_the_mean_over_their_steps():
    esn, *_ = drawn(5, topology="orthogonal", spectral_radius=1.0, **LINEAR)
    starts = np.random.RandomState(2).uniform(-1, 1, (2, 4, 5))
    # an orthogonal W keeps distances for ever, whatever the input
    norms = np.linalg.norm(starts, axis=-1).mean(axis=1)
    X = [np.ones((30, 1)), np.zeros((20, 1))]
    found = echo_state_index(esn, X, n_starts=4, washout=10, random_state=2)
    assert_allclose(found, np.average(norms, weights=[20, 10]))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.floats(0.05, 0.8), st.floats(0, 2), st.integers(0, 50))
def test_index_is_zero_where_the_norm_is_below_one(norm, scale, seed):
    esn = ReservoirStates(
        10, control="norm", spectral_radius=norm, input_scaling=scale, random_state=seed
    )
    u = np.random.RandomState(seed).standard_normal((150, 1))
    index = echo_state_index(esn, u, n_starts=3, washout=100, random_state=0)
    assert index <= np.sqrt(10) * norm**100 + 1e-14


CALLS = {
    "memory_capacity": lambda e, seed=0: (
        memory_capacity(e, n_steps=100, washout=10, max_delay=4, random_state=seed).total
    ),
    "lyapunov_exponent": lambda e, seed=0: lyapunov_exponent(
        e, U[None] if isinstance(e, ReservoirFeatures) else U, washout=10, random_state=seed
    ),
    "echo_state_index": lambda e, seed=0: echo_state_index(
        e, U[None] if isinstance(e, ReservoirFeatures) else U, washout=10, random_state=seed
    ),
    "kernel_rank": lambda e, seed=0: kernel_rank(e, n_steps=10, rtol=1e-4, random_state=seed),
    "generalization_rank": lambda e, seed=0: generalization_rank(
        e, n_steps=10, n_shared=3, rtol=1e-4, random_state=seed
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_fitted_unfitted_and_bare_reservoirs_give_the_same(call):
    params = {"spectral_radius": 0.8, "leak_rate": 0.6, "input_scaling": 0.5, "random_state": 3}
    params["bias_scaling"] = 0.1
    esn = ReservoirStates(12, **params)
    expected = call(esn)
    assert not hasattr(esn, "reservoir_")
    esn.fit(U)
    assert call(esn) == expected
    assert call(esn.reservoir_) == expected
    assert call(ESNForecaster(12, **params, scaling=None)) == expected
    assert call(ReservoirFeatures(12, **params)) == expected
    noisy = ReservoirStates(12, noise=0.5, passthrough=True, washout=5, n_jobs=2, **params)
    assert call(noisy) == expected


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_seeds_decide_everything_and_nothing_is_changed(call):
    esn = ReservoirStates(12)
    before = vars(esn).copy()
    assert call(esn, 1) == call(esn, 1) == call(esn, np.random.RandomState(1))
    assert vars(esn) == before
    rng = np.random.RandomState(4)
    esn.set_params(random_state=rng)
    state = rng.get_state()[1].copy()
    assert call(esn) == call(ReservoirStates(12, random_state=4))
    assert_array_equal(rng.get_state()[1], state)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_is_no_reservoir_is_refused(call):
    with pytest.raises(TypeError, match=r"'estimator' parameter .* Got LinearRegression"):
        call(LinearRegression())
    with pytest.raises(ValueError, match="'n_units' parameter"):
        call(ReservoirStates(0))


@pytest.mark.parametrize("function", [lyapunov_exponent, echo_state_index, diagnose])
def test_bad_input_is_named(function):
    esn = ReservoirStates(5, random_state=0)
    with pytest.raises(ValueError, match=r"washout=20 leaves no step of series 1, which has 20"):
        function(esn, [np.ones((30, 1)), np.ones((20, 1))], washout=20)
    with pytest.raises(ValueError, match=r"X has 2 channels, but the reservoir has 1"):
        function(esn.fit(U), np.ones((200, 2)))
    with pytest.raises(ValueError, match="NaN"):
        function(esn, np.full((200, 1), np.nan))
    with pytest.raises(ValueError, match="'washout' parameter"):
        function(esn, U, washout=-1)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")  # NumPy, uncompiled
@pytest.mark.parametrize("function", [lyapunov_exponent, echo_state_index])
def test_states_without_bound_are_refused(function):
    esn = ReservoirStates(3, topology="ring", spectral_radius=1e3, random_state=0, **LINEAR)
    with pytest.raises(ValueError, match="grow without bound"):
        function(esn, np.ones((400, 1)))
    with pytest.raises(ValueError, match="grow without bound"):
        memory_capacity(esn, n_steps=300)
    with pytest.raises(ValueError, match="grow without bound"):
        kernel_rank(esn, n_steps=200)


def test_parameters_are_checked():
    esn = ReservoirStates(5, random_state=0)
    with pytest.raises(ValueError, match="n_shared must be at most n_steps=5"):
        generalization_rank(esn, n_steps=5, n_shared=6)
    with pytest.raises(ValueError, match="'rtol' parameter"):
        kernel_rank(esn, rtol=1.0)
    with pytest.raises(ValueError, match="'n_starts' parameter"):
        echo_state_index(esn, U, n_starts=0)
    for name, value in {"n_steps": 5, "max_delay": 0, "alpha": -1.0, "washout": -1}.items():
        with pytest.raises(ValueError, match=f"'{name}' parameter"):
            memory_capacity(esn, **{name: value})


def test_two_dimensional_input_is_read_as_the_estimator_reads_it():
    X = np.random.RandomState(0).uniform(-1, 1, (3, 40))
    rows = ESNClassifier(8, random_state=0)
    found = lyapunov_exponent(rows, X, washout=5, random_state=0)
    assert found == lyapunov_exponent(rows.set_params(), list(X), washout=5, random_state=0)
    series = ReservoirStates(8, random_state=0, leak_rate=0.3)
    assert lyapunov_exponent(series, X.T, washout=5, random_state=0) != found  # three channels


def test_float32_input_is_run_in_float64():
    esn = ReservoirStates(8, random_state=0)
    single = U.astype(np.float32)
    for function in (lyapunov_exponent, echo_state_index):
        found = function(esn, single, washout=5, random_state=0)
        assert found == function(esn, single.astype(np.float64), washout=5, random_state=0)


def test_diagnose_collects_the_others():
    esn, W, *_ = drawn(12, leak_rate=0.5)
    alone = diagnose(esn)
    assert set(alone) == {"spectral_radius", "spectral_norm", "effective_radius"}
    assert_allclose(alone.spectral_radius, spectral_radius(W))
    assert_allclose(alone.spectral_norm, spectral_norm(W))
    assert_allclose(alone.effective_radius, effective_radius(W, 0.5))
    driven = diagnose(esn, U, washout=10, random_state=0)
    assert {k: driven[k] for k in alone} == alone
    assert driven.lyapunov_exponent == lyapunov_exponent(esn, U, washout=10, random_state=0)
    # small, though by other starts than those of the seed
    assert 0 < driven.echo_state_index < 0.1


@pytest.mark.parametrize("read", ["all", "last"])
def test_layers(read):
    layers = Layers([{"spectral_radius": 0.5}, {"n_units": 7, "leak_rate": 0.4}], read=read)
    esn = ReservoirStates(10, layers=layers, random_state=0).fit(U)
    whole, parts = diagnose(esn), [diagnose(layer) for layer in esn.reservoir_.layers]
    for key, found in whole.items():
        assert_array_equal(found, [part[key] for part in parts])
    for estimator in (esn, esn.reservoir_):
        driven = diagnose(estimator, U, washout=10, random_state=0)
        found = lyapunov_exponent(estimator, U, washout=10, random_state=0)
        assert driven.lyapunov_exponent == found < 0
    seen = 17 if read == "all" else 7
    assert kernel_rank(esn, rtol=0, n_steps=200, random_state=0) == seen


def test_a_context_says_where_series_begin():
    """A ring of linear units keeps for ever how far the context put them apart."""
    ring = {"topology": "ring", "spectral_radius": 1.0, **LINEAR}
    esn = ReservoirStates(6, context=Context(1, enters="state", scaling=3.0), random_state=0)
    held = np.column_stack([0 * U[:50, 0], np.ones(50)])
    esn.set_params(**ring).fit(held)
    weights = np.random.RandomState([esn.reservoir_.noise_seed, 2]).uniform(-1, 1, (6, 1))
    begin = np.tanh(3 * weights[:, 0])
    starts = np.random.RandomState(5).uniform(-1, 1, (10, 6))
    want = np.linalg.norm(starts - begin, axis=1).mean()
    assert_allclose(echo_state_index(esn, held, washout=0, random_state=5), want)
    assert_allclose(lyapunov_exponent(esn, held, washout=0, random_state=0), 0, atol=1e-7)
    assert_allclose(gradient_norms(esn, held, n_steps=3), 1)
    held[20, 1] = 2.0
    with pytest.raises(ValueError, match="context"):
        lyapunov_exponent(esn, held, washout=10)


def test_outputs_that_are_fed_back_are_input():
    y = np.roll(U[:, 0], 1)
    esn = ESNForecaster(10, feedback=True, random_state=0, scaling=None).fit(U, y)
    driven = np.column_stack([U, y])
    found = lyapunov_exponent(esn, driven, washout=10, random_state=0)
    assert found == lyapunov_exponent(esn.reservoir_, driven, washout=10, random_state=0)
    with pytest.raises(ValueError, match="has 2, of which the last 1 are outputs that are fed"):
        lyapunov_exponent(esn, U, washout=10)


def test_nvar_forgets_all_at_once():
    nvar = NVARFeatures(3).fit(U)
    assert lyapunov_exponent(nvar, U, washout=10) == -np.inf
    assert echo_state_index(nvar, U, washout=10) == 0
    assert_allclose(gradient_norms(nvar, U, n_steps=4)[0], [1, 1, 1, 0, 0], atol=1e-9)
    assert kernel_rank(nvar, n_steps=10, rtol=1e-9, random_state=0) == 10
    assert round(memory_capacity(nvar, n_steps=3000, random_state=0).total, 1) == 2
    with pytest.raises(ValueError, match="diagnose measures W, which an NVAR has not"):
        diagnose(nvar, U, washout=10)


def test_scans_have_several_reservoirs():
    scan = ImageScanFeatures(8, random_state=0).fit(np.ones((2, 5, 5)))
    with pytest.raises(ValueError, match="one of reservoirs_"):
        diagnose(scan)
    assert abs(diagnose(scan.reservoirs_[2]).spectral_radius - 0.9) < 1e-6


def tangent_exponent(reservoir, X, washout, linear):
    """By the tangent map; a direction that vanishes within the washout is followed by another."""
    W, x, total = reservoir.matrix.toarray(), np.zeros(reservoir.n_units), 0.0
    v = np.random.RandomState(0).randn(reservoir.n_units)
    for t, u in enumerate(X):
        z = W @ x + reservoir.w_in @ u + reservoir.bias
        x = z if linear else np.tanh(z)
        v = W @ v if linear else (1 - x * x) * (W @ v)
        size = np.linalg.norm(v)
        if t < washout and size == 0:
            v = np.random.RandomState(1).randn(reservoir.n_units)
            size = np.linalg.norm(v)
        total += np.log(size) if t >= washout else 0.0
        v = v / size
    return total / (len(X) - washout)


def test_exponent_under_inputs_of_any_size():
    """Differences of 1e-8 are lost in states of 1e9, and under an outlier all units saturate."""
    u = 0.5 * np.random.RandomState(0).randn(1000, 1)
    linear = ReservoirStates(30, spectral_radius=0.8, random_state=0, **LINEAR).fit(u)
    for scale in (1.0, 1e10, 1e100):
        found = lyapunov_exponent(linear, scale * u, washout=300, random_state=0)
        assert_allclose(found, np.log(0.8), atol=1e-4)
    esn = ReservoirStates(30, spectral_radius=0.8, input_scaling=0.3, random_state=0).fit(u)
    spiked = u.copy()
    spiked[50] = 1e4
    want = tangent_exponent(esn.reservoir_, spiked, 300, False)
    assert_allclose(lyapunov_exponent(esn, spiked, washout=300, random_state=0), want, atol=1e-5)
    both = tangent_exponent(esn.reservoir_, u, 300, False)
    found = lyapunov_exponent(esn, [u, spiked], washout=300, random_state=0)
    assert_allclose(found, (want + both) / 2, atol=1e-5)


@pytest.mark.parametrize("linear", [True, False])
def test_exponent_without_derivatives_under_inputs_of_any_size(linear):
    """Activations of the user's own have no known slope."""
    u = 0.5 * np.random.RandomState(0).randn(1000, 1)
    u[50] = 1e4
    f = (lambda z: z) if linear else (lambda z: np.tanh(z))
    esn = ReservoirStates(30, activation=f, input_scaling=0.3, spectral_radius=0.8, random_state=0)
    esn.fit(u[:5])
    for scale in (1.0, 1e10) if linear else (1.0,):
        want = tangent_exponent(esn.reservoir_, scale * u, 300, linear)
        found = lyapunov_exponent(esn, scale * u, washout=300, random_state=0)
        assert_allclose(found, want, atol=1e-4)
