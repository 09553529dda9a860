"""Recurrent matrices by name, own matrices, input weights: against plain loops."""

import itertools

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils import check_random_state

from dlkit.reservoir._matrices import topology as _topology
from dlkit.reservoir._matrices.topology import (
    TOPOLOGIES,
    WEIGHTS,
    CycleJumps,
    Dense,
    Sparse,
    draw_bias,
    draw_input,
    draw_recurrent,
    is_random,
    scale_input,
)

SPARSE = {"sparse", "ring", "cycle_jumps", "delay_line"}


def naive_ring(n_units):
    W = np.zeros((n_units, n_units))
    for unit in range(n_units):
        W[(unit + 1) % n_units, unit] = 1
    return W


def naive_cycle_jumps(n_units, jump_size):
    """Rodan & Tino (2012), section 2, with their units 1..N."""
    W = naive_ring(n_units)
    unit = 1
    while unit + jump_size <= n_units or (unit + jump_size == n_units + 1 and unit > 1):
        end = unit + jump_size if unit + jump_size <= n_units else 1
        W[end - 1, unit - 1] = W[unit - 1, end - 1] = 1
        unit += jump_size
    return W


@pytest.mark.parametrize("n_units", [1, 2, 3, 10, 57])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_form(topology, n_units):
    W = draw_recurrent(topology, n_units, random_state=0)
    assert W.shape == (n_units, n_units)
    assert W.dtype == np.float64
    if topology in SPARSE:
        assert isinstance(W, sparse.csr_array)
        assert W.has_canonical_format
        assert W.data.all()
    elif topology != "hadamard":
        assert type(W) is np.ndarray
        assert W.flags.c_contiguous


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_draws_depend_on_random_state_alone(topology):
    global_state = check_random_state(None)
    before = global_state.get_state()[1].copy()

    def draw(random_state):
        W = draw_recurrent(topology, 30, random_state=random_state)
        return W.toarray() if hasattr(W, "toarray") else W

    first, again, other = draw(3), draw(np.random.RandomState(3)), draw(4)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() == is_random(topology)
    np.testing.assert_array_equal(before, global_state.get_state()[1])


def test_which_are_random():
    random = {"sparse", "dense", "orthogonal", "hadamard"}
    assert {name for name in TOPOLOGIES if is_random(name)} == random
    assert not is_random(np.eye(2))


@pytest.mark.parametrize(
    ("n_units", "n_links"),
    [(1, 10), (2, 1), (5, 4), (5, 9), (40, 17), (40, 18), (40, 39), (300, 10)],
)
def test_sparse_has_exactly_n_links_into_each_unit(n_units, n_links):
    W = draw_recurrent(Sparse(weights="rademacher"), n_units, n_links=n_links, random_state=0)
    W = W.toarray()
    np.testing.assert_array_equal((W != 0).sum(axis=1), min(n_links, n_units))
    assert set(np.unique(W)) <= {-1.0, 0.0, 1.0}  # a source drawn twice would give -2, 0 or 2


@pytest.mark.parametrize(("n", "k"), [(5, 2), (10, 9)])  # one on each way of drawing
def test_all_sets_of_sources_are_equally_likely(n, k):
    n_rows = 20_000
    drawn = _topology.distinct_sources(n_rows, n, k, np.random.RandomState(0))
    counts = [(drawn == subset).all(axis=1).sum() for subset in itertools.combinations(range(n), k)]
    assert sum(counts) == n_rows
    p = 1 / len(counts)
    assert np.abs(np.array(counts) - n_rows * p).max() < 5 * np.sqrt(n_rows * p * (1 - p))


@pytest.mark.parametrize("n_units", [1, 2, 3, 4, 9, 10, 11, 12])
def test_deterministic_topologies(n_units):
    ring = draw_recurrent("ring", n_units, random_state=0).toarray()
    np.testing.assert_array_equal(ring, naive_ring(n_units))
    line = draw_recurrent("delay_line", n_units, random_state=0).toarray()
    np.testing.assert_array_equal(line, np.eye(n_units, k=-1))
    for jump_size in (2, 3, 5, 11):
        W = draw_recurrent(CycleJumps(jump_size), n_units, random_state=0)
        np.testing.assert_array_equal(W.toarray(), naive_cycle_jumps(n_units, jump_size))


def test_orthogonal_is_uniform():
    rng = np.random.RandomState(0)
    draws = np.array([draw_recurrent("orthogonal", 3, random_state=rng) for _ in range(4000)])
    np.testing.assert_allclose(draws @ draws.transpose(0, 2, 1), [np.eye(3)] * 4000, atol=1e-14)
    # Haar: every entry has mean 0 and variance 1/3, the trace variance 1; without the signs of
    # R's diagonal the entries have means of up to a half.
    assert np.abs(draws.mean(axis=0)).max() < 5 * np.sqrt(1 / 3 / 4000)
    traces = np.trace(draws, axis1=1, axis2=2)
    assert abs(np.mean(traces**2) - 1) < 0.1
    assert abs(np.mean(np.linalg.det(draws))) < 5 / np.sqrt(4000)


@pytest.mark.parametrize("topology", [Sparse, Dense])
def test_weights(topology):
    drawn = {}
    for weights in WEIGHTS:
        W = draw_recurrent(topology(weights=weights), 200, n_links=100, random_state=0)
        drawn[weights] = W.data if sparse.issparse(W) else W.ravel()
    size = drawn["normal"].size
    for weights, variance in {"normal": 1, "uniform": 1 / 3, "rademacher": 1}.items():
        assert abs(drawn[weights].mean()) < 5 * np.sqrt(variance / size)
        assert drawn[weights].var() == pytest.approx(variance, rel=0.05)
    assert np.abs(drawn["uniform"]).max() < 1
    assert set(drawn["rademacher"]) == {-1.0, 1.0}
    assert np.abs(drawn["normal"]).max() > 3


def test_new_topology_shows_up_by_name(monkeypatch):
    monkeypatch.setattr(_topology, "TOPOLOGIES", dict(TOPOLOGIES))

    @_topology._topology(random=False)
    def _diagonal(n_units, rng, **_):
        return np.eye(n_units)

    np.testing.assert_array_equal(draw_recurrent("diagonal", 3, random_state=0), np.eye(3))
    with pytest.raises(ValueError, match="'diagonal'"):
        draw_recurrent("unknown", 3, random_state=0)


FORMATS = [
    getattr(sparse, f"{form}_{kind}")
    for form in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")
    for kind in ("array", "matrix")
]


@pytest.mark.parametrize("form", FORMATS)
def test_own_sparse_matrix(form):
    A = np.array([[0, 2, 0], [1, 0, 3], [0, 0, -1.5]], dtype=np.float32)
    W = draw_recurrent(form(A), 3, random_state=0)
    assert isinstance(W, sparse.csr_array)
    assert W.has_canonical_format
    assert W.dtype == np.float64
    np.testing.assert_array_equal(W.toarray(), A)


def test_own_sparse_matrix_with_duplicates_zeros_and_disorder():
    given = sparse.csr_array(
        (np.array([1.0, 2.0, 3.0, 0.0]), np.array([2, 0, 2, 1]), np.array([0, 3, 4, 4])),
        shape=(3, 3),
    )
    data = given.data.copy()
    W = draw_recurrent(given, 3, random_state=0)
    assert W.nnz == 2
    np.testing.assert_array_equal(W.toarray(), [[2, 0, 4], [0, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(given.data, data)
    assert given.nnz == 4


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32, np.float64])
def test_own_dense_matrix_is_copied(dtype):
    given = np.asfortranarray(np.array([[0, 1], [1, 1]], dtype=dtype))
    given.flags.writeable = False
    W = draw_recurrent(given, 2, random_state=0)
    assert W.flags.c_contiguous
    assert W.dtype == np.float64
    assert not np.shares_memory(W, given)
    np.testing.assert_array_equal(W, given)


def test_callable():
    W = draw_recurrent(lambda n, rng: rng.standard_normal((n, n)), 4, random_state=7)
    np.testing.assert_array_equal(W, np.random.RandomState(7).standard_normal((4, 4)))


@pytest.mark.parametrize(
    ("topology", "error", "message"),
    [
        ("torus", ValueError, "topology must be one of 'sparse'.*'torus'"),
        (np.ones((3, 4)), ValueError, r"topology must be.*\(4, 4\).*\(3, 4\)"),
        (np.ones(4), ValueError, "topology must be"),
        (sparse.eye_array(3), ValueError, "topology must be"),
        (np.full((4, 4), np.nan), ValueError, "topology must be finite"),
        (sparse.csr_array(np.diag([1, 1, 1, np.inf])), ValueError, "topology must be finite"),
        (1j * np.ones((4, 4)), ValueError, "topology must hold real"),
        (np.full((4, 4), "a"), ValueError, "topology must hold real"),
        (3.0, TypeError, "topology must be one of 'sparse'.*float"),
        (lambda n, rng: None, TypeError, r"topology\(\) must be.*NoneType"),
        (lambda n, rng: np.ones((n, n + 1)), ValueError, r"topology\(\) must be"),
    ],
)
def test_bad_topology(topology, error, message):
    with pytest.raises(error, match=message):
        draw_recurrent(topology, 4, random_state=0)


@pytest.mark.parametrize(
    "wrong",
    [{"n_units": 0}, {"n_units": 2.5}, {"n_links": 0}],
)
def test_bad_parameter(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        draw_recurrent("sparse", **({"n_units": 4, "random_state": 0} | wrong))


@pytest.mark.parametrize("topology", [CycleJumps(1), Sparse(weights="cauchy")])
def test_bad_parameter_of_a_topology(topology):
    (name,) = topology.get_params()
    with pytest.raises(
        ValueError, match=f"'{name}' parameter of {type(topology).__name__} must be"
    ):
        draw_recurrent(topology, 4, random_state=0)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("density", [1e-9, 0.1, 0.5, 0.99, 1.0])
def test_input_density(weights, density):
    full = draw_input(40, 5, weights=weights, random_state=0)
    rng = np.random.RandomState(0)
    kept = draw_input(40, 5, weights=weights, density=density, random_state=rng)
    assert np.count_nonzero(kept) == max(1, round(200 * density))
    np.testing.assert_array_equal(kept[kept != 0], full[kept != 0])
    # What is drawn next is the same for every density.
    reference = np.random.RandomState(0)
    draw_input(40, 5, weights=weights, random_state=reference)
    assert rng.randint(10**6) == reference.randint(10**6)


def test_bias():
    assert draw_bias(3, random_state=0).shape == (3,)
    assert np.abs(draw_bias(1000, random_state=0)).max() < 1
    assert set(draw_bias(50, weights="rademacher", random_state=0)) == {-1.0, 1.0}


def test_scale_input():
    w_in = draw_input(6, 3, random_state=0)
    np.testing.assert_array_equal(scale_input(w_in, 2), w_in * 2)
    scaled = scale_input(w_in, [1.0, 0.0, -3.0])
    for unit, channel in np.ndindex(6, 3):
        assert scaled[unit, channel] == w_in[unit, channel] * [1.0, 0.0, -3.0][channel]


@pytest.mark.parametrize("wrong", [[1, 2], [[1, 2, 3]], np.nan, [1, np.inf, 1], "a", [[1], [2, 3]]])
def test_bad_input_scaling(wrong):
    with pytest.raises(ValueError, match="input_scaling must be"):
        scale_input(np.ones((2, 3)), wrong)


@pytest.mark.parametrize("density", [0, -0.1, 1.1, np.nan])
def test_bad_density(density):
    with pytest.raises(ValueError, match="density must be"):
        draw_input(2, 2, density=density, random_state=0)
