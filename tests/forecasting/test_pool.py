"""Intervals from errors known at a time, against the same by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit._forecasts.quantiles import Sphere, likeness, tails, weighted_quantiles
from dlkit.forecasting._pool import Pool, held_out

RNG = np.random.RandomState(0)
ERRORS = RNG.standard_t(3, size=(90, 3, 2))
for back in range(3):  # truths that have not come
    ERRORS[90 - back - 1, back:] = np.nan
DIRECTIONS = Sphere(RNG.normal(size=(90, 4))).of(RNG.normal(size=(90, 4)))


def naive_interval(t, alpha, window, temperature):
    """Ends for every step ahead and channel."""
    low, high = np.empty((2, 3, 2))
    for k in range(3):
        for c in range(2):
            known = [o for o in range(t) if o + k + 1 <= t and o > t - window - 3]
            weights = likeness(DIRECTIONS[known], DIRECTIONS[t], temperature)
            a = min(max(alpha[k, c], 0), 1)
            ends = weighted_quantiles(ERRORS[known, k][:, [c]], [a / 2, 1 - a / 2], weights)
            low[k, c], high[k, c] = ends[:, 0]
    return low, high


@pytest.mark.parametrize("temperature", [0.1, np.inf])
@pytest.mark.parametrize("window", [20, 1000])
def test_intervals_and_levels_are_those_by_hand(temperature, window):
    pool = Pool(ERRORS, DIRECTIONS, window, temperature, 0.05)
    t, alpha, _ = pool.adapt(0.8)
    assert t == pool.now == 89
    first = 9 + 3  # errors needed, and steps ahead
    expected, issued = np.full((3, 2), 1 - 0.8), {}
    for s in range(first, 89):
        issued[s] = naive_interval(s, expected, window, temperature)
        for k in range(3):
            o = s - k
            if o in issued:
                low, high = (one[k] for one in issued[o])
                missed = (ERRORS[o, k] < low) | (ERRORS[o, k] > high)
                expected[k] += 0.05 * (0.2 - missed)
    assert_allclose(alpha, expected)
    assert_allclose(pool.interval(89, alpha), naive_interval(89, expected, window, temperature))
    part = Pool(ERRORS[:50], DIRECTIONS[:50], window, temperature, 0.05).adapt(0.8)
    kept = {}
    assert_allclose(pool.adapt(0.8, part, kept)[1], expected)
    assert sorted(kept) == list(range(49, 89))


def test_levels_for_all_columns():
    pool = Pool(ERRORS, DIRECTIONS, 1000, np.inf, 0.0)
    found = pool.quantiles(89, tails(0.8))
    assert_allclose(found, naive_interval(89, np.full((3, 2), 0.2), 1000, np.inf))
    assert pool.n_known == 87


def test_what_is_held_out():
    assert held_out(0.3, 200) == 60
    assert held_out(0.3, 50) == 19  # for an interval of 90 %
    assert held_out(0.3, 24) == 12
    assert held_out(40, 200) == 40
    with pytest.raises(ValueError, match="At least 9 errors are needed for a coverage of 80 %, 19"):
        held_out(8, 200)
    with pytest.raises(ValueError, match="leaves 199 errors.*and 1 steps to learn from"):
        held_out(199, 200)
