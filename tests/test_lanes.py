"""The lane engine against one sequence at a time, dense, from the formula."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import expit

from dlkit._jit import _reservoir as loops
from dlkit.reservoir import _lanes
from dlkit.reservoir._lanes import FEW, Lanes, Span
from dlkit.sequences import pack

from . import naive

pytestmark = pytest.mark.kernels

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
    return sparse.csr_array((N, N))  # no links at all


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
@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "dense", "empty"])
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


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity", softsign, expit, np.sin])
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
    monkeypatch.setattr(_lanes, "SPAN_BYTES", 1)
    tasks = lanes.spans(batch)
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
    assert ulps(apply_tanh(x), naive.tanh(x)).max() <= 2.5  # libm itself is off by half
    x32 = x[(np.abs(x) > 1e-30) & (np.abs(x) < 1e30)].astype(np.float32)
    got = apply_tanh(x32, np.float32)
    assert got.dtype == np.float32
    assert ulps(got, naive.tanh(x32).astype(np.float32)).max() <= 1


def test_tanh_at_the_edges():
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 0.625, 19.9, 20.0, 20.1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own scalars, uncompiled
        got = np.array([loops.fast_tanh(x) for x in edges])
    np.testing.assert_allclose(got, np.tanh(edges), rtol=4e-16)
    np.testing.assert_array_equal(np.signbit(got[:2]), [False, True])
