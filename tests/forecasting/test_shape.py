"""Seasons: what they are, which there are, and what is left."""

import numpy as np
import pytest

from dlkit.forecasting._shape import (
    DECAYS,
    SHRINK,
    check_periods,
    find_periods,
    periods_of,
    read_shape,
)


def seasonal(n, period, size=1.0, noise=0.1, seed=0):
    rng = np.random.RandomState(seed)
    t = np.arange(n)
    season = rng.standard_normal(period)
    return 0.02 * t + size * (season - season.mean())[t % period] + noise * rng.standard_normal(n)


def naive_indices(x, period):
    """Indices of the phases, with loops: what phases differ by from a moving average."""
    n, half = len(x), period // 2
    deviations = {}
    for t in range(half, n - half):
        window = x[t - half : t + half + 1]
        weights = np.ones(len(window))
        if period % 2 == 0:
            weights[[0, -1]] = 0.5
        deviations[t] = x[t] - weights @ window / period
    last = n - half - 1
    found, errors, noises = [], [], []
    for decay in DECAYS:
        means, counts, spreads, missed = np.zeros(period), [], [], []
        for phase in range(period):
            own = [t for t in deviations if t % period == phase]
            d = np.array([deviations[t] for t in own])
            w = np.array([decay ** ((last - t) // period) for t in own])
            means[phase] = w @ d / w.sum()
            counts.append(w.sum() ** 2 / (w @ w))
            spreads.append(w @ (d - means[phase]) ** 2 / w.sum())
            for i in range(1, len(d)):
                before = decay ** np.arange(i - 1, -1, -1)
                missed.append(d[i] - before @ d[:i] / before.sum())
        noise = np.mean(spreads) / max(np.mean(counts) - 1, 0.5)
        means -= means.mean()
        share = max(0.0, 1 - SHRINK * noise / (means @ means / (period - 1)))
        found.append(share * means)
        noises.append(share**2 * noise)
        errors.append(np.mean(np.square(missed)))
    cycles = -(-len(deviations) // period)
    w = np.exp(-0.5 * (cycles - 1) * min(period, 12) * np.log(np.array(errors) / min(errors)))
    w /= w.sum()
    return w @ np.array(found), w @ np.array(noises)


@pytest.mark.parametrize(("n", "period"), [(40, 4), (61, 12), (50, 7), (23, 5), (100, 24)])
def test_indices_like_loops(n, period):
    x = seasonal(n, period, noise=0.4)
    shape, level = read_shape(x, (period,), "additive")
    index, variance = naive_indices(x, period)
    np.testing.assert_allclose(shape.at(np.arange(period)), index, atol=1e-10)
    np.testing.assert_allclose(shape.variance, variance, rtol=1e-9)
    np.testing.assert_allclose(level + shape.at(np.arange(n)), x, atol=1e-12)


def test_level_times_shape():
    x = np.exp(seasonal(60, 12))
    shape, level = read_shape(x, (12,), "auto")
    assert shape.log
    np.testing.assert_allclose(shape.series(level, 0), x)
    np.testing.assert_allclose(shape.series(level[30:], 30), x[30:])
    np.testing.assert_allclose(shape.level(x[30:], 30), level[30:])
    assert not read_shape(x - x.mean(), (12,), "auto")[0].log
    assert not read_shape(x + 1e3, (12,), "additive")[0].log


def test_logarithm_is_left_where_it_makes_steps_less_alike():
    rng = np.random.RandomState(0)
    x = np.abs(10 + 4 * rng.standard_normal(200)) + 1e-4
    x[::17] = 1e-4
    assert not read_shape(x, (), "auto")[0].log


def test_noise_is_no_season():
    rng = np.random.RandomState(0)
    shapes = [read_shape(rng.standard_normal(48), (12,), "additive")[0] for _ in range(20)]
    assert np.median([np.abs(shape.at(np.arange(12))).max() for shape in shapes]) == 0


def test_two_seasons():
    rng = np.random.RandomState(0)
    day, week = rng.standard_normal(6), rng.standard_normal(42)
    t = np.arange(42 * 12)
    x = day[t % 6] + 0.5 * week[t % 42] + 0.01 * rng.standard_normal(len(t))
    shape, level = read_shape(x, (6, 42), "additive")
    assert len(shape.indices) == 2
    assert level[42:-42].std() < 0.05


def test_missing_values_are_filled():
    x = seasonal(96, 12, noise=0.02)
    gaps = x.copy()
    gaps[[0, 1, 30, 31, 32, 50, 95]] = np.nan
    shape, level = read_shape(gaps, (12,), "additive")
    known = ~np.isnan(gaps)
    filled = level + shape.at(np.arange(96))
    np.testing.assert_allclose(filled[known], x[known], atol=1e-10)
    assert np.abs(filled - x).max() < 0.3
    assert np.ptp(x) > 2


@pytest.mark.parametrize(
    ("step", "periods"),
    [
        ("MS", (12,)), ("M", (12,)), ("2ME", (6,)), ("QS-OCT", (4,)), ("Q-DEC", (4,)),
        ("YE-DEC", ()),
        ("h", (24, 168)), ("2h", (12, 84)), ("30min", (48, 336)), ("D", (7, 365)), ("B", (5,)),
        ("W-SUN", (52,)), ("min", (1440, 10080)), ("s", (3600,)), ("7D", (52,)), ("5h", ()),
        ("<LunarOffset>", None), ("XYZ", None),
    ],
)  # fmt: skip
def test_periods_of_frequencies(step, periods):
    found = periods_of(step)
    assert found == periods


def test_periods_of_dates_of_polars():
    class Grid:
        def __init__(self, unit, size):
            self.unit, self.size = unit, size

    assert periods_of(Grid("months", 1)) == (12,)
    assert periods_of(Grid("month ends", 3)) == (4,)
    assert periods_of(Grid("business days", 1)) == (5,)
    assert periods_of(Grid("ns", 1800 * 10**9)) == (48, 336)


@pytest.mark.parametrize("period", [4, 7, 12, 19, 24])
def test_periods_are_found(period):
    assert find_periods(seasonal(period * 12, period, noise=0.3)) == (period,)


def test_days_of_weeks_are_found():
    rng = np.random.RandomState(0)
    t = np.arange(168 * 6)
    x = 2 * np.sin(2 * np.pi * t / 24) + (t // 24 % 7 >= 5) + 0.1 * rng.standard_normal(len(t))
    assert find_periods(x) == (24, 168)


def test_no_period_is_found_in_noise():
    rng = np.random.RandomState(0)
    found = [find_periods(rng.standard_normal(100).cumsum()) for _ in range(30)]
    assert sum(one != () for one in found) <= 2
    assert find_periods(np.ones(50)) == find_periods(np.arange(5.0)) == ()


def test_check_periods():
    assert check_periods(12) == check_periods((np.int8(12), 1)) == (12,)
    assert check_periods([168, 24]) == (24, 168)
    assert check_periods(None) == check_periods(1) == ()
    with pytest.raises(ValueError, match=r"period must be whole numbers.*\(12, 0\)"):
        check_periods((12, 0))
    with pytest.raises(ValueError, match="period must be whole numbers"):
        check_periods((12, 2.5))
