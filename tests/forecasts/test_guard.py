"""Forecasts held to what the units can mean."""

import warnings

import numpy as np
import pytest

from dlkit import ESNForecaster, NVARForecaster
from dlkit._forecasts.guard import Bounds, guarded
from dlkit.datasets import make_lorenz, make_mackey_glass
from dlkit.exceptions import DivergenceWarning, ForecastWarning
from dlkit.sequences import pack

X = [np.array([[1.0, 10.0], [3.0, 40.0], [2.0, np.nan]]), np.array([[5.0, -1.0], [5.0, -1.0]])]


def bounds():
    offsets = np.array([0, 3, 5])
    batch = pack([np.nan_to_num(x) for x in X], rows="steps")
    batch.values[:] = np.concatenate(X)
    np.testing.assert_array_equal(batch.offsets, offsets)
    return Bounds.of(batch)


def test_bounds_are_those_of_what_was_seen():
    found = bounds()
    np.testing.assert_array_equal(found.low, [[1, 10], [5, -1]])
    np.testing.assert_array_equal(found.high, [[3, 40], [5, -1]])
    np.testing.assert_array_equal(found.width, [[2, 30], [5, 1]])  # of a constant, its size
    np.testing.assert_array_equal(found.moves, [True, False])
    wider = found.joined(Bounds(found.low - 1, found.high - 1, ~found.moves))
    np.testing.assert_array_equal(wider.low, found.low - 1)
    np.testing.assert_array_equal(wider.high, found.high)
    assert wider.moves.all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_beyond_is_held_and_told(dtype):
    future = np.zeros((2, 5, 2), dtype=dtype)
    future[0, 2:, 0] = 24, -18, 23  # 3 + 10 · 2 and 1 − 10 · 2 are allowed
    future[1] = 5, -1
    future[1, 1:4, 1] = np.inf, np.nan, -1e30
    before = future.copy()
    match = (
        "forecast of series 0 grows without bound from its step 2 on.*reaches from 1 to 3; 2 of 2 "
        "series do.*held at -19 and 23.*or eat less.*exceptions.DivergenceWarning"
    )
    with pytest.warns(DivergenceWarning, match=match):
        held = guarded(future, bounds(), "eat less")
    np.testing.assert_array_equal(future, before)
    np.testing.assert_array_equal(held[0, :, 0], [0, 0, 23, -18, 23])
    np.testing.assert_array_equal(held[1, :, 1], [-1, 9, 9, -11, -1])
    assert held.dtype == dtype


def test_nothing_but_nan_is_the_middle():
    future = np.full((2, 3, 2), np.nan)
    with pytest.warns(DivergenceWarning, match="from its step 0 on"):
        held = guarded(future, bounds(), "x")
    np.testing.assert_array_equal(held[:, 0], [[2, 25], [5, -1]])


def test_a_constant_is_told_where_the_series_moves():
    future = np.tile([2.0, 20.0], (2, 60, 1))
    future[1] = 5, -1
    future[0, :30, 1] += np.arange(30)[::-1]
    match = "series 0 turns constant from its step 29 on.*closed_loop"
    with pytest.warns(ForecastWarning, match=match) as w:
        assert guarded(future, bounds(), "z") is future
    assert not any(issubclass(one.category, DivergenceWarning) for one in w)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        guarded(future[:, :45], bounds(), "z")  # it still moves for more than half of these
        future[0, -1, 0] += 1e-3
        guarded(future, bounds(), "z")
        guarded(future[:, -15:], bounds(), "z")  # few steps may be alike


def noise(n):
    return np.random.RandomState(0).randn(n).cumsum()


ORDINARY = {
    "chaos": lambda: make_lorenz(1500, dt=0.03, random_state=0),
    "Mackey-Glass": lambda: np.asarray(make_mackey_glass(1200, random_state=0)).reshape(1200, -1),
    "seasons": lambda: np.exp(0.01 * np.arange(120) + np.sin(np.arange(120) * np.pi / 6) / 3),
    "walk": lambda: noise(300),
    "short": lambda: noise(12),
    "cycle": lambda: np.tile([3.0, 1.0, 4.0, 1.0, 5.0], 30),
    "constant": lambda: np.full(40, 7.0),
}


@pytest.mark.compiled
@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_ordinary_series_are_forecast_without_a_word(name, scale):
    series = scale * ORDINARY[name]()
    n_steps = min(len(series) // 4, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in (ESNForecaster(60, random_state=0), NVARForecaster(2)):
            ahead = model.fit(series).forecast(n_steps)
    assert np.isfinite(ahead).all()


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ForecastWarning")
@pytest.mark.parametrize(
    "model",
    [
        NVARForecaster(3, order=3, alpha=0.0),
        ESNForecaster(50, activation="relu", spectral_radius=0.99, alpha=0.0, random_state=0),
        ESNForecaster(100, random_state=0, alpha=0.0, scaling=None),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_answer_is_beyond_the_units(model, dtype):
    series = (50 + 3 * noise(80)).astype(dtype)
    ahead = model.fit(series).forecast(1000)
    assert np.isfinite(ahead).all()
    width = np.ptp(series)
    assert ahead.min() >= series.min() - 10.01 * width
    assert ahead.max() <= series.max() + 10.01 * width
