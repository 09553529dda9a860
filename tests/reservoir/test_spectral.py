"""The spectral measures and the controller, against eigenvalues and singular values by LAPACK."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.sparse.linalg import eigs
from threadpoolctl import threadpool_limits

from dlkit.reservoir._matrices import eigen
from dlkit.reservoir._matrices.spectral import (
    MEASURES,
    draw_controlled,
    effective_radius,
    spectral_norm,
    spectral_radius,
)
from dlkit.reservoir._matrices.topology import TOPOLOGIES, WEIGHTS, CycleJumps, draw_recurrent

from ._matrices import GOOD, HARD, acyclic, full, naive_radius, weighted

PROMISE = 1e-6


CASES = [
    (topology, weights)
    for topology in TOPOLOGIES
    for weights in (WEIGHTS if topology in ("sparse", "dense") else ["normal"])
]


def control(W, **wanted):
    return draw_controlled(W, W.shape[0], random_state=0, **wanted)


def naive_measure(W, measure, leak=1.0):
    if measure == "norm":
        return np.linalg.norm(full(W), 2)
    return naive_radius(W, leak if measure == "effective" else 1.0)


@pytest.mark.compiled
@pytest.mark.parametrize("n_units", [1, 2, 3, 10, 50, 300])
@pytest.mark.parametrize(("topology", "weights"), CASES)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_draw_has_the_radius_asked_for(topology, weights, n_units, measure):
    leak, target = (0.3, 0.95) if measure == "effective" else (1.0, 0.7)
    for seed in range(20 if n_units <= 10 else 1):
        wanted = dict(measure=measure, leak_rate=leak, random_state=seed)
        if topology == "delay_line" and (measure != "norm" or n_units == 1):
            with pytest.raises(ValueError, match=r"'delay_line' has spectral .* zero"):
                draw_controlled(topology, n_units, spectral_radius=target, **wanted)
            continue
        shape = weighted(topology, weights)
        drawn = draw_controlled(shape, n_units, spectral_radius=target, **wanted)
        assert sparse.issparse(drawn.matrix) == sparse.issparse(drawn.base)
        assert drawn.matrix.dtype == np.float64
        assert naive_measure(drawn.matrix, measure, leak) == pytest.approx(target, rel=GOOD)


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("topology", "weights"), [case for case in CASES if case[0] != "delay_line"]
)
def test_a_thousand_units(topology, weights):
    drawn = {
        measure: draw_controlled(
            weighted(topology, weights),
            1000,
            spectral_radius=0.9,
            measure=measure,
            leak_rate=0.4,
            random_state=5,
        )
        for measure in MEASURES
    }
    W = full(drawn["radius"].base)
    values = np.linalg.eigvals(W)
    assert np.abs(drawn["radius"].gain * values).max() == pytest.approx(0.9, rel=GOOD)
    leaky = 0.6 + 0.4 * drawn["effective"].gain * values
    assert np.abs(leaky).max() == pytest.approx(0.9, rel=GOOD)
    assert drawn["norm"].gain * np.linalg.norm(W, 2) == pytest.approx(0.9, rel=GOOD)
    for measure in MEASURES:
        scaled = drawn[measure].gain * W
        if topology == "hadamard":  # written out, so to rounding
            np.testing.assert_allclose(full(drawn[measure].matrix), scaled, atol=1e-14)
        else:
            np.testing.assert_array_equal(full(drawn[measure].matrix), scaled)


def test_five_thousand_units():
    ring = draw_controlled("ring", 5000, spectral_radius=0.9, random_state=0)
    assert set(ring.matrix.data) == {0.9}
    W = draw_controlled("sparse", 5000, spectral_radius=0.9, random_state=0).matrix
    start = np.random.RandomState(11).uniform(-1, 1, 5000)
    values = eigs(W, 24, ncv=100, v0=start, tol=1e-7, return_eigenvectors=False)
    assert np.abs(values).max() == pytest.approx(0.9, rel=PROMISE)
    # A cycle with jumps over 5 of 5000 units is 1000 equal cells of 5: its leading eigenvector
    # is the same in each, so its radius is that of one cell closed upon itself.
    cell = np.roll(np.eye(5), 1, axis=0)
    cell[0, 0] += 2
    jumps = draw_controlled(CycleJumps(5), 5000, spectral_radius=0.9, random_state=0)
    assert jumps.base_value == pytest.approx(naive_radius(cell), rel=GOOD)


def leading_pair(n_units, seed):
    """Block triangular rotations: complex pairs with moduli all within 1e-4."""
    rng = np.random.RandomState(seed)
    W = np.triu(rng.standard_normal((n_units, n_units)), 2) / n_units
    for i in range(0, n_units - 1, 2):
        angle = rng.uniform(0.1, 3)
        turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        W[i : i + 2, i : i + 2] = (1 - 1e-4 * i / n_units) * np.array(turn)
    q = draw_recurrent("orthogonal", n_units, random_state=rng)
    return q @ W @ q.T


@pytest.mark.compiled
@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize(("n_units", "seeds"), [(60, 4), (130, 4), (350, 2)])
def test_radius_and_norm_equal_lapack(kind, n_units, seeds):
    for seed in range(seeds):
        W = HARD[kind](n_units, seed)
        assert spectral_radius(W) == pytest.approx(naive_radius(W), rel=GOOD)
        assert spectral_norm(W) == pytest.approx(np.linalg.norm(full(W), 2), rel=GOOD)
        assert effective_radius(W, 0.2) == pytest.approx(naive_radius(W, 0.2), rel=GOOD)


@pytest.mark.parametrize("n_units", [60, 200])
def test_ill_separated_complex_pairs(n_units):
    W = leading_pair(n_units, 0)
    assert spectral_radius(W) == pytest.approx(1, rel=1e-8)  # far from normal: no more digits


def test_many_seeds():
    for seed in range(30):
        W = draw_recurrent("sparse", 160, n_links=4, random_state=seed)
        assert spectral_radius(W, random_state=seed) == pytest.approx(naive_radius(W), rel=GOOD)


def test_closed_forms_reach_the_ends_of_the_float_range():
    weights = np.array([1e150, 1e-150, 1e-140, -1e146])
    W = sparse.csr_array((weights, (np.arange(4), np.roll(np.arange(4), 1))), shape=(4, 4))
    assert spectral_radius(W) == pytest.approx(10**1.5, rel=1e-12)
    for factor in (1e-160, 1e160):
        A = factor * draw_recurrent("dense", 20, random_state=0)
        assert spectral_radius(A) == pytest.approx(factor * naive_radius(A / factor), rel=GOOD)
        assert spectral_norm(A) == pytest.approx(factor * np.linalg.norm(A / factor, 2), rel=GOOD)


@given(
    arrays(
        np.int64,
        st.tuples(*[st.shared(st.integers(1, 6), key="n")] * 2),
        elements=st.integers(0, 2),
    )
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_non_negative_matrices(A):
    """Exact integer powers know whether a radius is zero; row sums bound it; laws hold."""
    radius = spectral_radius(A)
    n = len(A)
    assert (radius == 0) == (not np.linalg.matrix_power(A, n).any())
    sums = A.sum(axis=1)
    assert sums.min() * (1 - GOOD) <= radius <= sums.max() * (1 + GOOD)
    assert spectral_radius(sparse.csr_array(A)) == pytest.approx(radius, rel=PROMISE)
    assert spectral_radius(A.T) == pytest.approx(radius, rel=PROMISE)
    order = np.arange(n)[::-1]
    assert spectral_radius(A[order][:, order]) == pytest.approx(radius, rel=PROMISE)
    # Gelfand: the norms of powers come down to it.
    power = np.linalg.matrix_power(A.astype(float), 64)
    assert radius <= np.linalg.norm(power, 2) ** (1 / 64) * (1 + PROMISE)


@given(st.integers(1, 8), st.floats(0.05, 1), st.integers(0, 2**31 - 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_effective_radius_of_small_matrices(n_units, leak, seed):
    rng = np.random.RandomState(seed)
    W = rng.standard_normal((n_units, n_units)) * (rng.uniform(size=(n_units, n_units)) < 0.4)
    leaks = rng.uniform(leak / 2, leak, n_units)
    for a in (leak, leaks):
        for given_form in (W, sparse.csr_array(W)):
            assert effective_radius(given_form, a) == pytest.approx(naive_radius(W, a), rel=1e-7)


def test_same_result_from_threads_and_again():
    Ws = [draw_recurrent("sparse", 300, random_state=seed) for seed in range(8)]
    alone = [spectral_radius(W) for W in Ws]
    assert [spectral_radius(W) for W in Ws] == alone
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(spectral_radius, Ws)) == alone


def test_same_result_from_any_number_of_blas_threads():
    W = draw_recurrent("sparse", 500, random_state=0)
    results = []
    for n_threads in (1, 2, 3):
        with threadpool_limits(n_threads):
            results.append((spectral_radius(W), effective_radius(W, 0.3)))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("n_units", [70, 200])
def test_a_spectrum_all_to_the_left(n_units):
    W = full(draw_recurrent("sparse", n_units, random_state=0))
    W = 0.3 * W / naive_radius(W) - np.eye(n_units)
    values = np.linalg.eigvals(W)
    for form in (W, sparse.csr_array(W)):
        value, _ = eigen.leading_eigenvalue(form, 0, shift=1.0)
        assert abs(value + 1) == pytest.approx(np.abs(values + 1).max(), rel=1e-8)


def test_matrices_are_left_alone():
    for topology in ("sparse", "dense"):
        W = draw_recurrent(topology, 150, random_state=0)
        copy = full(W).copy()
        (W.data if sparse.issparse(W) else W).flags.writeable = False
        for measure in MEASURES:
            control(W, spectral_radius=0.9, measure=measure, leak_rate=0.5)
        np.testing.assert_array_equal(full(W), copy)


@pytest.mark.parametrize("measure", MEASURES)
def test_another_radius_on_the_same_draw(measure):
    W = draw_recurrent("sparse", 150, random_state=1)
    first = control(W, spectral_radius=0.9, measure=measure, leak_rate=0.5)
    for target in (0.6, 1.0, 1.7):
        other = first.with_radius(target)
        assert other.base is first.base
        assert other.spectral_radius == target
        again = control(W, spectral_radius=target, measure=measure, leak_rate=0.5)
        assert other.gain == again.gain
        assert naive_measure(other.matrix, measure, 0.5) == pytest.approx(target, rel=GOOD)
    assert naive_measure(first.matrix, measure, 0.5) == pytest.approx(0.9, rel=GOOD)


@pytest.mark.parametrize("kind", ["sparse", "dense", "ring", "orthogonal", "cycle_jumps"])
@pytest.mark.parametrize("n_units", [1, 2, 7, 150])
def test_effective_radius_with_a_leak_rate_for_each_unit(kind, n_units):
    leak = np.random.RandomState(0).uniform(0.2, 1, n_units)
    target = 1 - leak.min() / 2
    drawn = draw_controlled(
        kind, n_units, spectral_radius=target, measure="effective", leak_rate=leak, random_state=0
    )
    assert naive_radius(drawn.matrix, leak) == pytest.approx(target, rel=1e-8)


@pytest.mark.parametrize("weight", [1.0, -1.0])
@pytest.mark.parametrize("n_units", [1, 2, 3, 4, 200])
def test_effective_radius_of_a_ring_is_solved_in_its_rightmost_root(n_units, weight):
    W = draw_recurrent("ring", n_units, random_state=0)
    W[[0], [n_units - 1]] = weight
    drawn = control(W, spectral_radius=0.9, measure="effective", leak_rate=0.3)
    assert naive_radius(drawn.matrix, 0.3) == pytest.approx(0.9, rel=GOOD)
    if weight == 1:
        assert drawn.gain == pytest.approx(0.2 / 0.3, rel=GOOD)


def test_leak_rate_one_is_the_plain_radius():
    W = draw_recurrent("dense", 40, random_state=0)
    plain = control(W, spectral_radius=0.9)
    for leak in (1.0, np.ones(40)):
        assert (
            control(W, spectral_radius=0.9, measure="effective", leak_rate=leak).gain == plain.gain
        )


def test_zero_is_reached_by_all():
    for topology in TOPOLOGIES:
        for measure in ("radius", "norm"):
            drawn = draw_controlled(topology, 5, spectral_radius=0, measure=measure, random_state=0)
            assert not full(drawn.matrix).any()


def test_own_matrices():
    A = np.array([[0.0, 2.0], [0.5, 0.0]])
    for given_form in (A, sparse.coo_matrix(A), lambda n, rng: A):
        drawn = draw_controlled(given_form, 2, spectral_radius=0.5, random_state=0)
        np.testing.assert_allclose(full(drawn.matrix), A / 2)


def rotated_jordan(n_units, seed=0):
    q = draw_recurrent("orthogonal", n_units, random_state=seed)
    return q @ np.eye(n_units, k=1) @ q.T


@pytest.mark.parametrize("n_units", [1, 2, 5, 60, 200])
def test_acyclic_graphs_have_radius_zero(n_units):
    W = acyclic(n_units)
    assert spectral_radius(W) == 0.0
    assert effective_radius(W, 0.3) == pytest.approx(0.7, rel=1e-15)
    with pytest.raises(
        ValueError, match=r"'the given matrix' has spectral radius zero.*'norm'.*'ring'"
    ):
        control(W, spectral_radius=0.9)
    for leak in (0.3, np.full(n_units, 0.3)):
        with pytest.raises(ValueError, match="zero"):
            control(W, spectral_radius=0.9, measure="effective", leak_rate=leak)


@pytest.mark.parametrize("n_units", [3, 10, 50, 200, 400])
def test_a_hidden_nilpotent_matrix_is_recognised(n_units):
    W = rotated_jordan(n_units)
    assert naive_radius(W) > 1e-8  # what a naive division would take for the radius
    with pytest.raises(ValueError, match=r"spectral radius.*'norm'"):
        control(W, spectral_radius=0.9)
    drawn = control(W, spectral_radius=0.9, measure="norm")
    assert np.linalg.norm(drawn.matrix, 2) == pytest.approx(0.9, rel=GOOD)


def test_an_exactly_nilpotent_matrix_of_signs():
    with pytest.raises(ValueError, match="spectral radius"):
        control(np.array([[1.0, -1.0], [1.0, -1.0]]), spectral_radius=0.9)
    with pytest.raises(ValueError, match="spectral norm zero"):
        control(np.zeros((2, 2)), spectral_radius=0.9, measure="norm")


@pytest.mark.parametrize(("topology", "n_links"), [("sparse", 2), ("sparse", 10), ("dense", 1)])
def test_nilpotent_draws_are_drawn_again(topology, n_links):
    topology = weighted(topology, "rademacher")
    first_was_nilpotent = 0
    for seed in range(60):
        options = dict(n_links=n_links, random_state=seed)
        first_was_nilpotent += naive_radius(draw_recurrent(topology, 2, **options)) < 1e-6
        drawn = draw_controlled(topology, 2, spectral_radius=0.9, **options)
        again = draw_controlled(topology, 2, spectral_radius=0.9, **options)
        assert naive_radius(drawn.matrix) == pytest.approx(0.9, rel=GOOD)
        assert np.abs(full(drawn.matrix)).max() <= 1
        np.testing.assert_array_equal(full(drawn.matrix), full(again.matrix))
    assert first_was_nilpotent


@pytest.mark.parametrize("target", [-0.1, np.nan, np.inf, "0.9", None])
def test_bad_target(target):
    with pytest.raises(ValueError, match="spectral_radius must be"):
        control(np.eye(2), spectral_radius=target)


@pytest.mark.parametrize("leak", [0.3, np.array([0.3, 0.9])])
@pytest.mark.parametrize("target", [0.0, 0.5, 0.7])
def test_unreachable_effective_radius(leak, target):
    with pytest.raises(ValueError, match=r"spectral_radius=.*leak_rate=0.3.*0\.7"):
        control(np.eye(2), spectral_radius=target, measure="effective", leak_rate=leak)


@pytest.mark.parametrize("leak", [0, 1.5, np.nan, [0.5, 0.5, 0.5], [[0.5, 0.5]]])
def test_bad_leak_rate(leak):
    with pytest.raises(ValueError, match="leak_rate must be"):
        effective_radius(np.eye(2), leak)


def test_bad_measure():
    with pytest.raises(ValueError, match="measure must be"):
        control(np.eye(2), spectral_radius=1, measure="trace")


def test_overflow():
    with pytest.raises(ValueError, match="overflow"):
        control(np.array([[1e-300, 1.0], [0.0, 1e-300]]), spectral_radius=1e10)


@pytest.mark.parametrize(
    "W", [np.ones((2, 3)), np.ones(2), np.empty((0, 0)), 1j * np.eye(2), np.full((2, 2), np.inf)]
)
@pytest.mark.parametrize("measure", [spectral_radius, spectral_norm])
def test_bad_matrix(W, measure):
    with pytest.raises(ValueError, match="W must"):
        measure(W)
