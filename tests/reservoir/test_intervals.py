"""Intervals, quantiles and paths that forecasters make of errors of the past."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.neighbors import KNeighborsRegressor

from dlkit import ESNForecaster, NVARForecaster, RidgeReadout
from dlkit.metrics import coverage
from dlkit.reservoir._learning.intervals import past_errors
from dlkit.reservoir._learning.past_errors import METHODS, PastErrors


def noisy(n=400, seed=0):
    rng = np.random.RandomState(seed)
    return 50 + 10 * np.sin(0.3 * np.arange(n)) + rng.normal(size=n)


def esn(**parameters):
    return ESNForecaster(30, random_state=0, **{"alpha": 1e-2} | parameters)


@pytest.mark.compiled
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_steps", [1, 10])
def test_intervals_cover(method, n_steps):
    inside = []
    for seed in range(24):
        x = noisy(320, seed)
        lower, upper = esn().fit(x[:300]).forecast_interval(n_steps, method=method, coverage=0.8)
        inside.append(coverage(x[300 : 300 + n_steps], lower, upper))
    assert 0.65 < np.mean(inside) < 0.95


@pytest.mark.compiled
@pytest.mark.parametrize("method", METHODS)
def test_intervals_follow_units_dates_and_forms(method):
    x = noisy(200)
    low, high = esn().fit(x).forecast_interval(4, method=method)
    assert ((low < esn().fit(x).forecast(4)) & (esn().fit(x).forecast(4) < high)).all()
    other = esn().fit(3 * x - 7).forecast_interval(4, method=method)
    assert_allclose(other, [3 * low - 7, 3 * high - 7], rtol=1e-6)
    series = pd.Series(x, pd.date_range("2024", periods=200, freq="h"), name="load")
    lower, upper = esn().fit(series).forecast_interval(4, method=method)
    assert_allclose([lower, upper], [low, high], rtol=1e-9)
    assert lower.name == "load"
    assert str(upper.index[0]) == "2024-01-09 08:00:00"
    both = esn().fit(np.c_[x, x[::-1]]).forecast_interval(4, method=method)
    assert both[0].shape == (4, 2)
    several = esn().fit([x, x[:120] * 9]).forecast_interval(4, method=method)
    assert [one.shape for one in several[1]] == [(4,), (4,)]
    assert (several[1][1] - several[0][1]).mean() > 4 * (several[1][0] - several[0][0]).mean()
    new = esn().fit([x, x[:120] * 9]).forecast_interval(4, 100 * x[50:150], method=method)
    assert new[0].shape == (4,)
    assert np.median(new[0]) > 3000


@pytest.mark.compiled
def test_quantiles_are_in_order_and_hold_the_interval():
    model = esn().fit(noisy(300))
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    for method in METHODS:
        found = np.array(model.forecast_quantiles(6, quantiles=levels, method=method))
        assert (np.diff(found, axis=0) >= 0).all()
        bounds = model.forecast_interval(6, coverage=0.9, method=method)
        assert_allclose(found[[0, -1]], bounds, rtol=1e-9)
    assert len(model.forecast_quantiles(2)) == 9


@pytest.mark.compiled
def test_variance_is_told_from_the_state():
    rng = np.random.RandomState(0)
    t = np.arange(2000)
    loud = np.sin(0.3 * t) > 0
    x = np.sin(0.3 * (t + 1)) + np.where(np.roll(loud, 0), 0.3, 0.05) * rng.normal(size=2000)
    model = esn().fit(x[:1800])
    for method in ("gaussian", "rescp"):
        width = []
        for o in range(1800, 1860):
            lower, upper = model.forecast_interval(1, x[:o], method=method)
            width.append(float(upper[0] - lower[0]))
        width, mine = np.array(width), loud[1800:1860]
        assert width[mine].mean() > 1.8 * width[~mine].mean()


@pytest.mark.compiled
@pytest.mark.parametrize("make", [esn, lambda: NVARForecaster(4, order=1)], ids=["esn", "nvar"])
def test_paths(make):
    x = noisy(500)
    model = make().fit(x[:400])
    paths = model.sample_paths(12, 400, random_state=0)
    assert paths.shape == (400, 12)
    assert_allclose(paths, model.sample_paths(12, 400, random_state=0))
    lower, upper = model.forecast_interval(12, coverage=0.8, method="rescp")
    found = np.quantile(paths, [0.1, 0.9], axis=0)
    assert_allclose(found, [lower, upper], atol=0.25 * (upper - lower).max())
    both = make().fit(np.c_[x, x[::-1]]).sample_paths(3, 5)
    assert both.shape == (5, 3, 2)
    several = make().fit([x, x[:200]]).sample_paths(3, 5)
    assert [one.shape for one in several] == [(5, 3), (5, 3)]


def test_neighbouring_steps_of_a_path_have_to_do_with_each_other():
    rng = np.random.RandomState(0)
    x = np.cumsum(rng.normal(size=600))  # a random walk
    paths = NVARForecaster(1, order=1).fit(x).sample_paths(20, 300, random_state=0)
    away = paths - paths.mean(axis=0)
    assert np.corrcoef(away[:, 18], away[:, 19])[0, 1] > 0.8
    assert away[:, 19].std() > 2.5 * away[:, 0].std()


@pytest.mark.compiled
@pytest.mark.parametrize(
    "parameters",
    [{"layers": 2}, {"cell": "gru"}, {"alpha": "auto"}, {"washout": 20}, {"passthrough": False},
     {"noise": 1e-3}, {"scaling": "log"}, {"readout": KNeighborsRegressor(3), "alpha": "auto"}],
    ids=str,
)  # fmt: skip
def test_every_kind_of_forecaster(parameters):
    x = noisy(150)
    model = esn(**parameters).fit(x)
    for method in METHODS:
        lower, upper = model.forecast_interval(3, method=method)
        assert (lower < upper).all()
        assert (np.abs(lower - 50) < 40).all()
    assert model.sample_paths(3, 4).shape == (4, 3)


def test_going_on_and_long_series(monkeypatch):
    x = noisy(300)
    whole = esn(readout=RidgeReadout(1e-2), alpha="auto", scaling=None).fit(x)
    pieces = esn(readout=RidgeReadout(1e-2), alpha="auto", scaling=None)
    for piece in np.array_split(x, 5):
        pieces.partial_fit(piece)
    found = [one.forecast_interval(3, method="rescp") for one in (whole, pieces)]
    assert_allclose(found[0], found[1], rtol=1e-4)
    monkeypatch.setattr("dlkit._forecasts.series.TAIL", 100)
    cut = esn().fit(x)
    past = past_errors(cut, 3)
    assert not past.whole
    assert len(past.batch.values) == 100
    assert past.origins.min() >= 12
    for method in METHODS:
        assert (np.diff(cut.forecast_interval(3, method=method), axis=0) > 0).all()


def test_float32_and_a_model_that_diverges():
    x = noisy(200).astype(np.float32)
    lower, upper = esn().fit(x).forecast_interval(3)
    assert lower.dtype == np.float32
    assert (lower < upper).all()
    past = past_errors(esn().fit(noisy(200)), 5)
    wild = PastErrors(
        past.driver, RidgeReadout(0.0).fit(past._run[0][:40], 30 * past.batch.values[1:41, 0]),
        False, 1, past.batch, False, 5,
    )  # fmt: skip
    assert np.abs(wild.errors).max() < 20


def test_what_is_refused():
    model = esn().fit(noisy(60))
    for bad in (0, -1, True, 1.5, "3", None):
        with pytest.raises(ValueError, match="n_steps must be a whole number of at least 1"):
            model.forecast_interval(bad)
        with pytest.raises(ValueError, match="must be a whole number of at least 1"):
            model.sample_paths(3, bad)
    for bad in (0, 1, 90, -0.5, True, None):
        with pytest.raises(ValueError, match="coverage must be a number between 0 and 1"):
            model.forecast_interval(1, coverage=bad)
    with pytest.raises(ValueError, match="quantiles"):
        model.forecast_quantiles(1, quantiles=(0.5, 1.0))
    with pytest.raises(ValueError, match="method must be one of"):
        model.forecast_interval(1, method="split")
    with pytest.raises(ValueError, match="n_steps=50 leaves 10 errors .* need 19"):
        model.forecast_interval(50, method="rescp")
    with pytest.raises(ValueError, match="leaves 59 errors .* need 199"):
        model.forecast_interval(1, coverage=0.99, method="loo")
    with pytest.raises(ValueError, match="use fit"):
        esn().fit(noisy(60), noisy(60)).forecast_interval(1)
