"""The lane engine against one sequence at a time, dense, from the formula."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit.sequences import pack

from ._lanes import TOLERANCE, C, N, expected, make, ragged

pytestmark = pytest.mark.kernels


KINDS = ["fixed in-degree", "unequal rows", "dense", "empty", "ring", "cycle_jumps", "hadamard"]


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


@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "dense", "ring", "hadamard"])
def test_lanes_do_not_depend_on_company(kind):
    """To the last bit, for every form of W."""
    lanes, batch = make(kind), ragged([5] * 20)
    out = np.empty((100, N))
    lanes.run(batch, None, out=out)
    alone = np.empty((5, N))
    lanes.run(pack([batch[7]]), None, out=alone)
    np.testing.assert_array_equal(alone, out[35:40])
