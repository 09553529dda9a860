"""The lane engine against one sequence at a time, dense, from the formula."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import expit

from dlkit import _budgets
from dlkit._jit import vector
from dlkit._jit.links import Hadamard, Ring
from dlkit.reservoir._engine import lanes as _lanes
from dlkit.reservoir._engine.chunks import TOLERANCE as SEAM
from dlkit.reservoir._engine.chunks import plan_chunks
from dlkit.reservoir._engine.lanes import FEW, Lanes, Setting
from dlkit.reservoir._engine.links import make_links
from dlkit.reservoir._engine.spans import Span, cut_spans
from dlkit.reservoir._learning.pooling import POOLINGS
from dlkit.reservoir._matrices.spectral import draw_controlled
from dlkit.reservoir._matrices.topology import CycleJumps, draw_recurrent
from dlkit.sequences import pack

from .. import naive

pytestmark = pytest.mark.kernels


@pytest.fixture(autouse=True)
def _threads_for_little_work(monkeypatch):
    monkeypatch.setattr(_lanes, "WORTH_THREADS", 0)


N, C = 23, 3
rng = np.random.RandomState(0)
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-5}


def matrix(kind):
    r = np.random.RandomState(1)
    if kind == "dense":
        return 0.2 * r.randn(N, N)
    if kind == "fixed in-degree":
        W = np.zeros((N, N))
        for row in W:
            row[r.choice(N, 7, replace=False)] = 0.4 * r.randn(7)
        return sparse.csr_array(W)
    if kind == "unequal rows":
        W = 0.4 * r.randn(N, N) * (r.uniform(size=(N, N)) < np.linspace(0, 0.6, N)[:, None])
        return sparse.csr_array(W)
    if kind in ("ring", "cycle_jumps", "hadamard"):
        W = 0.8 * draw_recurrent(
            CycleJumps(4) if kind == "cycle_jumps" else kind, N, random_state=0
        )
        assert isinstance(make_links(W, np.ones((N, 1)), np.ones(N), float).matrix, SPECIAL[kind])
        return W
    return sparse.csr_array((N, N))  # no links at all


SPECIAL = {"ring": Ring, "cycle_jumps": Ring, "hadamard": Hadamard}
KINDS = ["fixed in-degree", "unequal rows", "dense", "empty", "ring", "cycle_jumps", "hadamard"]


def make(kind="fixed in-degree", dtype=np.float64, activation="tanh", leak_rate=0.4, **options):
    r = np.random.RandomState(2)
    return Lanes(
        matrix(kind), r.randn(N, C), 0.3 * r.randn(N), leak_rate, activation, dtype, **options
    )


def expected(lanes, kind, x, *, activation="tanh", leak_rate=0.4, start=None, noise=None):
    r = np.random.RandomState(2)
    w_in, bias = r.randn(N, C), 0.3 * r.randn(N)
    return naive.states(matrix(kind), w_in, bias, leak_rate, activation, x, start, noise)


def ragged(lengths, dtype=np.float64):
    r = np.random.RandomState(3)
    return pack([r.randn(n, C).astype(dtype) for n in lengths])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "lengths",
    [[9], [1], [4, 1, 6], [3, 8, 1, 5, 12, 2, 7, 1, 1, 4, 6, 9, 2, 5, 3, 10, 8, 2, 21, 4, 1]],
    ids=["one", "one step", "few", "more than lanes"],
)
def test_states_follow_the_formula(lengths, kind, dtype):
    lanes, batch = make(kind, dtype), ragged(lengths, dtype)
    out = np.empty((len(batch.values), N), dtype)
    last = lanes.run(batch, None, out=out)
    assert last.dtype == dtype
    for i in range(len(batch)):
        want = expected(lanes, kind, batch[i])
        got = out[batch.offsets[i] : batch.offsets[i + 1]]
        np.testing.assert_allclose(got, want, atol=TOLERANCE[dtype])
        np.testing.assert_array_equal(last[i], got[-1])


def softsign(z):
    return z / (1.0 + abs(z))


@pytest.mark.parametrize(
    "activation", ["tanh", "logistic", "relu", "identity", softsign, expit, np.sin]
)
@pytest.mark.parametrize("n", [1, 9])
def test_activations(activation, n):
    if activation is expit:  # a SciPy ufunc that Numba does not know: written out instead
        activation = logistic
    leak = np.linspace(0.1, 1.0, N)  # and a leak rate for each unit
    lanes, batch = make(activation=activation, leak_rate=leak), ragged([6] * n)
    out = np.empty((6 * n, N))
    lanes.run(batch, None, out=out)
    for i in range(n):
        want = expected(lanes, "fixed in-degree", batch[i], activation=activation, leak_rate=leak)
        np.testing.assert_allclose(out[6 * i : 6 * i + 6], want, rtol=1e-12, atol=1e-12)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=24), st.sampled_from([1, 2]))
def test_a_sequence_does_not_see_its_neighbours(lengths, n_jobs):
    """Alone or in company, the same to the last bit."""
    lanes, batch = make(), ragged(lengths)
    together = np.empty((len(batch.values), N))
    lanes.run(batch, None, out=together, n_jobs=n_jobs)
    for i in range(len(batch)):
        alone = np.empty((len(batch[i]), N))
        lanes.run(pack([batch[i]]), None, out=alone)
        np.testing.assert_array_equal(together[batch.offsets[i] : batch.offsets[i + 1]], alone)


@pytest.mark.parametrize("n", [1, 3, FEW + 3])
def test_states_carry_over(n):
    """Two halves of a run, the second from where the first ended, are the whole run."""
    lanes = make()
    x = np.random.RandomState(5).randn(n, 10, C)
    whole, first, second = np.empty((n * 10, N)), np.empty((n * 4, N)), np.empty((n * 6, N))
    start = np.random.RandomState(6).uniform(-1, 1, (n, N))
    end = lanes.run(pack(x), None, states=start.copy(), out=whole)
    middle = lanes.run(pack(x[:, :4]), None, states=start.copy(), out=first)
    last = lanes.run(pack(x[:, 4:]), None, states=middle, out=second)
    np.testing.assert_array_equal(last, end)
    whole = whole.reshape(n, 10, N)
    np.testing.assert_array_equal(whole[:, :4], first.reshape(n, 4, N))
    np.testing.assert_array_equal(whole[:, 4:], second.reshape(n, 6, N))
    want = expected(lanes, "fixed in-degree", x[0], start=start[0])
    np.testing.assert_allclose(whole[0], want, atol=1e-12)


@pytest.mark.parametrize("n", [2, 9])
def test_noise_and_passthrough(n):
    lanes, batch = make(passthrough=True), ragged([5] * n)
    noise = 0.1 * np.random.RandomState(7).randn(5 * n, N)
    out = np.empty((5 * n, N + C))
    lanes.run(batch, None, out=out, noise=lambda span: noise[span.start : span.stop])
    for i in range(n):
        rows = slice(5 * i, 5 * i + 5)
        want = expected(lanes, "fixed in-degree", batch[i], noise=noise[rows])
        np.testing.assert_allclose(out[rows, :N], want, atol=1e-12)
    np.testing.assert_array_equal(out[:, N:], batch.values)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_spans_cut_work_without_changing_it(monkeypatch, n_jobs):
    """Many spans, long sequences in stretches, threads: the states stay the same."""
    lanes = make()
    batch = ragged([3, 2, 700, 1, 5, 150, 4, 4] + [6] * 60)
    whole = np.empty((len(batch.values), N))
    lanes.run(batch, None, out=whole)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    tasks = cut_spans(batch, 64)
    assert len(tasks) > 3
    assert max(len(task) for task in tasks) > 5  # the long one comes in stretches
    covered = [span for task in tasks for span in task]
    assert [s.start for s in covered] == [0, *(s.stop for s in covered[:-1])]
    assert covered[-1].stop == len(batch.values)
    pieces = {}

    def keep(span, block):
        pieces[span.start] = block.copy()

    last = lanes.run(batch, keep, n_jobs=n_jobs)
    np.testing.assert_array_equal(np.concatenate([pieces[k] for k in sorted(pieces)]), whole)
    np.testing.assert_array_equal(last, whole[batch.offsets[1:] - 1])


def test_washout_of_a_span():
    span = Span(4, 7, 100, 112, np.array([0, 3, 8, 12]))
    rows, offsets = span.kept(2)
    assert np.flatnonzero(rows).tolist() == [2, 5, 6, 7, 10, 11]
    assert offsets.tolist() == [0, 1, 4, 6]
    stretch = Span(4, 5, 100, 110, np.array([0, 10]), done=7)
    assert stretch.kept(7) == (slice(None), stretch.offsets)
    rows, offsets = stretch.kept(9)
    assert np.flatnonzero(rows).tolist() == list(range(2, 10))
    assert stretch.kept(30)[1].tolist() == [0, 0]


@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "dense"])
@pytest.mark.parametrize("passthrough", [False, True])
def test_closed_loop(kind, passthrough):
    lanes = make(kind, passthrough=passthrough)
    r = np.random.RandomState(8)
    coef, intercept = 0.1 * r.randn(C, lanes.n_columns), r.randn(C)
    states, u = r.uniform(-1, 1, (4, N)), r.randn(4, C)
    before = states.copy(), u.copy()
    out = lanes.free_run(7, coef, intercept, states, u)
    np.testing.assert_array_equal(states, before[0])
    np.testing.assert_array_equal(u, before[1])
    for i in range(4):
        x, y = states[i], u[i]
        for t in range(7):
            last = y
            x = expected(lanes, kind, y[None], start=x)[-1]
            y = coef @ (np.concatenate([x, last]) if passthrough else x) + intercept
            np.testing.assert_allclose(out[i, t], y, rtol=1e-10)


def test_read_only_and_fortran_weights():
    W = np.asfortranarray(matrix("dense"))
    W.flags.writeable = False
    lanes = Lanes(W, np.ones((N, C)), np.zeros(N), 1.0, "tanh", np.float64)
    batch = ragged([4])
    batch.values.flags.writeable = False
    out = np.empty((4, N))
    lanes.run(batch, None, out=out)
    want = naive.states(W, np.ones((N, C)), np.zeros(N), 1.0, "tanh", batch[0])
    np.testing.assert_allclose(out, want, atol=1e-12)


@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "ring", "hadamard"])
def test_lanes_do_not_depend_on_company(kind):
    """To the last bit for every form of W but the dense one."""
    lanes, batch = make(kind), ragged([5] * 20)
    out = np.empty((100, N))
    lanes.run(batch, None, out=out)
    alone = np.empty((5, N))
    lanes.run(pack([batch[7]]), None, out=alone)
    np.testing.assert_array_equal(alone, out[35:40])


def test_more_units_than_a_short_index_holds():
    n = 70_000
    W = sparse.csr_array((np.full(n, 0.5), np.roll(np.arange(n), -1), np.arange(n + 1)))
    lanes = Lanes(W, np.ones((n, 1)), np.arange(n) / n, 1.0, "identity", np.float64)
    assert lanes.links.listed.indices.dtype == np.uint32
    out = np.empty((2, n))
    lanes.run(pack([np.ones((2, 1))]), None, out=out)
    want = 1 + np.arange(n) / n
    np.testing.assert_allclose(out[0], want)
    np.testing.assert_allclose(out[1], want + 0.5 * np.roll(want, -1))


@pytest.mark.parametrize("n", [1, 3, 20])
@pytest.mark.parametrize("kind", ["fixed in-degree", "dense", "hadamard"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_settings_of_one_draw(n, kind, dtype):
    """Each setting is a reservoir of its own, from states of its own."""
    r = np.random.RandomState(2)
    w_in, bias = r.randn(N, C), 0.3 * r.randn(N)
    settings = [
        Setting(0.4),
        Setting(np.linspace(0.2, 1, N), gain=0.5),
        Setting(1.0, gain=0.0, input_scaling=2.0),
        Setting(0.7, gain=1.1, input_scaling=[0.1, 0.5, 2.0], bias_scaling=3.0),
    ]
    lanes = Lanes(matrix(kind), w_in, bias, None, "tanh", dtype, settings=settings)
    batch, seen = ragged([6] * n, dtype), {}

    def keeper(s):
        return lambda span, block: seen.update({(s, span.start): block.copy()})

    states = r.uniform(-1, 1, (4, n, N)).astype(dtype)
    start = states.copy()
    lanes.run_each(batch, [keeper(s) for s in range(4)], states=states)
    assert len(seen) == 4
    for s, (leak, gain, input_scaling, bias_scaling) in enumerate(settings):
        for i in range(n):
            want = naive.states(
                gain * matrix(kind), w_in * input_scaling, bias_scaling * bias, leak, "tanh",
                batch[i], start[s, i],
            )  # fmt: skip
            got = seen[s, 0][6 * i : 6 * i + 6]
            np.testing.assert_allclose(got, want, atol=TOLERANCE[dtype])
            np.testing.assert_array_equal(states[s, i], got[-1])


@pytest.mark.parametrize("pooling", ["last", "mean", "last_mean", "moments"])
@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_sums_made_on_the_way_are_those_of_the_states(pooling, passthrough, n_jobs):
    lanes = make(passthrough=passthrough)
    washout, lengths = 2, [9, 3, 4, 12, 7, 5, 30, 3, 3, 3, 8, 6, 5, 4, 4, 4, 4, 4, 10, 3, 11]
    for batch in (ragged(lengths), ragged(lengths[:3])):
        pooled = POOLINGS[pooling].start(len(batch), lanes.n_columns, washout)
        lanes.run(batch, pooled, n_jobs=n_jobs)
        for row, x in zip(pooled.result(), batch.unpack(), strict=True):
            states = expected(lanes, "fixed in-degree", x)
            states = np.hstack([states, x]) if passthrough else states
            want = naive.POOLINGS[pooling](states[washout:])
            np.testing.assert_allclose(row, want, atol=1e-12)


# chunks


def reservoir(name, dtype):
    """Reservoirs that forget quickly, slowly, and not at all."""
    r = np.random.RandomState(4)
    n, leak, activation = 12, 1.0, "tanh"
    W = draw_controlled("sparse", n, n_links=4, spectral_radius=0.9, random_state=0).matrix
    if name == "leaky":
        leak = 0.3
    elif name in ("ring", "orthogonal", "hadamard"):
        W = 0.9 * draw_recurrent(name, n, random_state=0)
    elif name == "near-critical":
        W = 0.99 * draw_recurrent("orthogonal", n, random_state=0)
    elif name == "above one":
        W = W * 3.0
    elif name == "linear, at one":
        W, activation = 1.0 * draw_recurrent("orthogonal", n, random_state=0), "identity"
    elif name == "delay line":
        W = 1.0 * draw_recurrent("delay_line", n, random_state=0)
    return lambda n_lanes: Lanes(
        W, 0.3 * r.randn(n, C), np.zeros(n), leak, activation, dtype, n_lanes=n_lanes
    )


RESERVOIRS = [
    "leaky", "ring", "orthogonal", "hadamard", "near-critical", "above one", "linear, at one",
    "delay line",
]  # fmt: skip


@pytest.mark.parametrize("name", RESERVOIRS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_chunks_are_the_whole(name, dtype):
    """The same states as from end to end, whether seams close or not, for one series or some."""
    for lengths in ([700], [400, 3, 250]):
        batch = ragged(lengths, dtype)
        runs = []
        for n_lanes, n_jobs in ((1, 1), (7, 1), (16, 2), (40, 1)):
            lanes = reservoir(name, dtype)(n_lanes)
            out = np.empty((len(batch.values), 12), dtype)
            start = np.full((len(lengths), 12), 0.5, dtype)
            end = lanes.run(batch, None, states=start, out=out, n_jobs=n_jobs)
            last = out[batch.offsets[1:] - 1]
            np.testing.assert_allclose(end, last, rtol=0, atol=SEAM[np.dtype(dtype)])
            runs.append(out)
        for out in runs[1:]:
            scale = np.abs(runs[0]).max()
            tolerance = 1e-10 if dtype == np.float64 else 1e-5
            np.testing.assert_allclose(out, runs[0], rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("pooling", ["last", "mean", "moments"])
def test_a_long_sequence_is_pooled_from_its_chunks(pooling):
    batch = ragged([900, 500])
    rows = []
    for n_lanes in (1, 16):
        pooled = POOLINGS[pooling].start(2, 12, 3)
        reservoir("leaky", np.float64)(n_lanes).run(batch, pooled)
        rows.append(pooled.result())
    np.testing.assert_allclose(rows[1], rows[0], rtol=0, atol=1e-11)


def test_chunks_with_noise_and_a_consumer(monkeypatch):
    monkeypatch.setattr(_budgets, "CHUNKED_SPAN_BYTES", 12 * 8 * 300)
    batch = ragged([1000])
    noise = 0.1 * np.random.RandomState(7).randn(1000, 12)
    results = []
    for n_lanes in (1, 16):
        lanes, pieces = reservoir("leaky", np.float64)(n_lanes), []
        lanes.memory = 20.0
        lanes.run(
            batch, lambda span, block, pieces=pieces: pieces.append(block.copy()),
            noise=lambda span: noise[span.start : span.stop],
        )  # fmt: skip
        assert len(pieces) > 2
        results.append(np.concatenate(pieces))
    np.testing.assert_allclose(results[1], results[0], rtol=0, atol=1e-10)


@pytest.mark.compiled
def test_chunks_are_chosen_where_they_pay():
    """One long series of a forgetful reservoir."""
    lanes = reservoir("leaky", np.float64)(None)
    lanes.memory = 200.0
    batch = ragged([8000])
    out, whole = np.empty((8000, 12)), np.empty((8000, 12))
    lanes.run(batch, None, out=out)
    reservoir("leaky", np.float64)(1).run(batch, None, out=whole)
    assert 0 < np.abs(out - whole).max() < 100 * SEAM[np.dtype(np.float64)]


def test_plans():
    def plan(lengths, memory, n_lanes=None, threads=1, n_units=100, links_each=10):
        stops = np.cumsum(lengths)
        chunks = plan_chunks(
            stops - lengths,
            stops,
            np.full(len(lengths), float(memory)),
            n_lanes,
            threads,
            FEW,
            n_units,
            links_each,
        )
        return None if chunks is None else chunks.tolist()

    assert plan([10_000], 100) == [16]
    assert plan([10_000], 100, threads=2) == [16]  # not enough work
    assert plan([10_000], 100, threads=2, n_units=4000) == [32]
    assert plan([10_000], 100, threads=2, n_units=400, links_each=400) == [32]
    assert plan([10_000], 100, n_lanes=5) == [5]
    assert plan([10_000], 100, n_lanes=1) is None
    assert plan([10_000], 5000) is None  # it would take longer
    assert plan([10_000], np.inf) is None
    assert plan([3], 1) is None
    assert plan([1], 1) is None
    assert plan([1], 1, n_lanes=4) is None
    assert plan([500] * 40, 10) is None  # lanes enough
    assert plan([8000, 2000], 100) == [12, 3]


# tanh


def ulps(got, want):
    return np.abs(got - want) / np.spacing(np.abs(want))


def apply_tanh(x, dtype=np.float64):
    """The compiled loop's own tanh: one step of unconnected units that do not leak."""
    x = np.asarray(x, dtype=dtype)
    lanes = Lanes(
        sparse.csr_array((x.size, x.size)), x[:, None], np.zeros(x.size), 1.0, "tanh", dtype
    )
    return lanes.run(pack(np.ones((1, 1, 1), dtype)), None)[0]


def test_tanh_is_accurate_to_two_ulp():
    r = np.random.RandomState(0)
    x = np.concatenate(
        [s * np.exp(r.uniform(np.log(lo), np.log(hi), 2000))
         for lo, hi in [(1e-300, 1e-3), (1e-3, 0.6), (0.6, 0.65), (0.65, 3), (3, 25), (25, 1e300)]
         for s in (-1, 1)]
    )  # fmt: skip
    assert ulps(apply_tanh(x), naive.tanh(x)).max() <= 2  # libm itself is off by half
    x32 = x[(np.abs(x) > 1e-37) & (np.abs(x) < 1e30)].astype(np.float32)
    got = apply_tanh(x32, np.float32)
    assert got.dtype == np.float32
    assert ulps(got, naive.tanh(x32).astype(np.float32)).max() <= 2


@pytest.mark.compiled
def test_tanh_of_float32_over_the_whole_range():
    """Every 97th number of the range."""
    x = np.arange(0, 0x7F800000, 97, dtype=np.uint32).view(np.float32)
    got = apply_tanh(x, np.float32)
    want = np.tanh(x.astype(np.float64)).astype(np.float32)
    normal = x > 1.2e-38
    assert ulps(got[normal], want[normal]).max() <= 2
    np.testing.assert_allclose(got[~normal], x[~normal], rtol=0, atol=3e-45)


def test_tanh_at_the_edges():
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 0.625, 19.9, 20.0, 20.1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own scalars, uncompiled
        got = np.array([vector.fast_tanh(x) for x in edges])
        got32 = np.array([vector.fast_tanh_32(x) for x in edges.astype(np.float32)])
    np.testing.assert_allclose(got, np.tanh(edges), rtol=4e-16)
    np.testing.assert_allclose(got32, np.tanh(edges), rtol=2e-7, atol=5e-324)
    for result in (got, got32):
        np.testing.assert_array_equal(np.signbit(result[:2]), [False, True])
