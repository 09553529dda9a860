"""The loop of all cells against their formulas, one sequence and one step at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit import ReservoirStates

from .. import naive_cells
from ..reservoir._kinds import (
    KINDS,
    LENGTHS,
    SEQUENCES,
    C,
    N,
    compiled,
    data,
    in_both_dtypes,
    options,
    truth,
    with_kinds,
)

pytestmark = pytest.mark.kernels


TOLERANCE = {np.float64: 1e-10, np.float32: 2e-4}


@pytest.mark.parametrize("n", [len(LENGTHS), 3])
@in_both_dtypes(of=tuple(KINDS), marks=compiled)
def test_states_follow_the_formulas(kind, n, dtype):
    """More sequences than are worth lanes, and fewer."""
    parts = [x.astype(dtype) for x in SEQUENCES[:n]]
    esn = ReservoirStates(N, passthrough=True, **options(kind)).fit(parts)
    for got, x, want in zip(esn.transform(parts), parts, truth(kind), strict=False):
        assert got.dtype == dtype
        np.testing.assert_allclose(got[:, :N], want, atol=TOLERANCE[dtype])
        np.testing.assert_array_equal(got[:, N:], x)
    last = [rows[-1] for rows in truth(kind)[:n]]
    np.testing.assert_allclose(esn.final_state_[:, :N], last, atol=TOLERANCE[dtype])


@compiled
@settings(deadline=None, max_examples=12, derandomize=True)
@given(
    st.sampled_from(sorted(KINDS)), st.lists(st.integers(1, 12), min_size=1, max_size=20),
    st.sampled_from([1, 2]),
)  # fmt: skip
def test_a_sequence_does_not_see_its_neighbours(kind, lengths, n_jobs):
    """Alone or in company the same, to rounding."""
    parts = data(lengths, seed=1)
    esn = ReservoirStates(N, n_jobs=n_jobs, **options(kind)).fit(parts)
    for x, together in zip(parts, esn.transform(parts), strict=True):
        np.testing.assert_allclose(esn.transform(x), together, rtol=0, atol=1e-13)


@with_kinds("lstm, delays", "clockwork, delays")
@pytest.mark.parametrize("n", [1, 9])
def test_states_carry_over(kind, n):
    """A run that goes on from where another ended is one run, on whatever a cell carries."""
    x = np.random.RandomState(2).randn(n, 25, C)
    esn = ReservoirStates(N, start="fit", **options(kind)).fit(x[:, :11])
    whole = esn.set_params(start="rest").transform(x)
    rest = esn.set_params(start="fit").transform(x[:, 11:])
    np.testing.assert_allclose(rest, whole[:, 11:], atol=1e-13)
    given_state = esn.set_params(start="rest").transform(x[:, 11:], initial_state=esn.final_state_)
    np.testing.assert_array_equal(given_state, rest)
    start = np.random.RandomState(3).uniform(-1, 1, esn.final_state_.shape[1])
    if kind.startswith("clockwork"):
        start[-1] = 2
    got = esn.transform(x, initial_state=start)
    want = naive_cells.states(esn.reservoir_, x[0], start)
    np.testing.assert_allclose(got[0], want, atol=1e-10)
