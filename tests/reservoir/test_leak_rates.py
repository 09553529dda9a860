"""Leak rates drawn from time constants."""

import numpy as np
import pytest

from dlkit import ESNRegressor, ReservoirStates

from .. import naive
from ._kinds import LENGTHS, SEQUENCES, SERIES, N, compiled, same

pytestmark = pytest.mark.kernels


def test_leak_rates_from_a_distribution():
    esn = ReservoirStates(1000, leak_rate=("log_uniform", 2, 200), random_state=0).fit(SERIES)
    tau = 1 / esn.reservoir_.leak_rate
    assert 2 <= tau.min() < 2.1
    assert 190 < tau.max() <= 200
    assert abs(np.mean(np.log(tau)) - np.log(20)) < 0.1
    groups = ReservoirStates(10, leak_rate=("groups", 1, 10), random_state=0).fit(SERIES)
    np.testing.assert_array_equal(groups.reservoir_.leak_rate, [1.0] * 5 + [0.1] * 5)
    r = esn.reservoir_
    want = naive.states(r.matrix, r.w_in, r.bias, r.leak_rate, "tanh", SERIES)
    np.testing.assert_allclose(esn.transform(SERIES), want, atol=1e-12)
    again = r.with_settings(leak_rate=0.5).with_settings(leak_rate=("log_uniform", 2, 200))
    np.testing.assert_array_equal(again.leak_rate, r.leak_rate)


@compiled
def test_search_over_time_scales_runs_as_lanes():
    grid = {"leak_rate": [0.5, ("log_uniform", 2, 50), ("groups", 1, 4, 16)], "alpha": [0.1, 1.0]}
    same(ESNRegressor(N, random_state=0), grid, SEQUENCES, np.array(LENGTHS, dtype=float), cv=3)
