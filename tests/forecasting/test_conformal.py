"""Intervals around any forecaster: what they cover, how they go on, what they refuse."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from dlkit import ESNForecaster, NVARForecaster
from dlkit.forecasting import ConformalForecaster
from dlkit.metrics import coverage

from .naive_forecasters import Drift, LastValue

METHODS = ["rescp", "aci", "split"]


def noisy(n=500, seed=0):
    rng = np.random.RandomState(seed)
    t = np.arange(n)
    spread = 0.1 + 0.3 * (np.sin(0.2 * t) > 0)  # which the course of the series tells
    return np.sin(0.2 * t) + spread * rng.normal(size=n)


def nvar():
    return NVARForecaster(8, order=1)


def conformal(method="rescp", forecaster=None, **parameters):
    forecaster = nvar() if forecaster is None else forecaster
    how = {"n_units": 30, "random_state": 0} | parameters
    return ConformalForecaster(forecaster, method=method, **how)


@pytest.mark.compiled
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("wanted", [0.8, 0.95])
def test_one_step_intervals_cover(method, wanted):
    x = noisy(1500)
    lower, upper = conformal(method).fit(x[:700]).follow(x[700:], coverage=wanted)
    assert coverage(x[700:], lower, upper) == pytest.approx(wanted, abs=0.03)


@pytest.mark.compiled
@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_several_steps_cover(method):
    x, inside = noisy(900), []
    for end in range(600, 880, 20):
        lower, upper = conformal(method).fit(x[end - 500 : end]).forecast_interval(12)
        inside.append(coverage(x[end : end + 12], lower, upper))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.06)


@pytest.mark.compiled
def test_likeness_makes_intervals_narrow_where_the_series_is_calm():
    x = noisy(1500)
    lower, upper = conformal().fit(x[:900]).follow(x[900:])
    wide = np.sin(0.2 * np.arange(900, 1500)) > 0
    assert np.mean((upper - lower)[wide]) > 1.5 * np.mean((upper - lower)[~wide])
    assert conformal().fit(x[:900]).tau_ < np.inf
    assert conformal("aci").fit(x[:900]).tau_ == np.inf
    assert conformal(tau=0.3).fit(x[:900]).tau_ == 0.3


@pytest.mark.compiled
@pytest.mark.parametrize("method", ["rescp", "aci"])
def test_levels_adapt_after_a_shift(method):
    x = noisy(1500)
    x[500:] = 3 * x[500:] + 20
    for refit in (True, False):
        model = conformal(method, refit=refit, gamma=0.02).fit(x[:500])
        lower, upper = model.follow(x[500:])
        assert coverage(x[500:], lower, upper) == pytest.approx(0.9, abs=0.015)


@pytest.mark.compiled
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("make", [nvar, LastValue, Drift], ids=["nvar", "contract", "predict"])
def test_following_is_forecasting_and_updating_by_turns(method, make):
    x = noisy(300)
    lower, upper = conformal(method, make()).fit(x[:270]).follow(x[270:], coverage=0.8)
    model = conformal(method, make()).fit(x[:270])
    for k in range(30):
        low, high = model.forecast_interval(1, coverage=0.8)
        assert_allclose([low[0], high[0]], [lower[k], upper[k]], rtol=1e-9)
        assert model.update(x[270 + k]) is model
    whole = conformal(method, make()).fit(x[:270]).update(x[270:])
    for n_steps in (1, 3):
        found = [one.forecast_interval(n_steps, coverage=0.7) for one in (whole, model)]
        assert_allclose(found[0], found[1], rtol=1e-9)
    assert_allclose(whole.errors_[0], model.errors_[0], atol=1e-12)
    assert_allclose(model.forecast(4), make().fit(x[:270]).forecast(4, X=x), rtol=1e-9)


def test_errors_are_those_of_the_held_out_stretch():
    x = noisy(200)
    model = conformal(calibration=50).fit(x)
    first = nvar().fit(x[:150])
    want = [x[t] - first.forecast(1, X=x[:t])[0] for t in range(150, 200)]
    assert_allclose(model.errors_[0][:, 0], want, atol=1e-9)
    assert_allclose(model.forecast(3), nvar().fit(x).forecast(3), rtol=1e-9)
    assert_allclose(conformal(refit=False, calibration=50).fit(x).forecast(3),
                    first.forecast(3, X=x), rtol=1e-9)  # fmt: skip


def test_split_intervals_are_quantiles_of_errors_so_many_steps_ahead():
    x = noisy(260)
    model = conformal("split", calibration=80, refit=False).fit(x)
    first = nvar().fit(x[:180])
    lower, upper = model.forecast_interval(4, coverage=0.8)
    for k in range(4):
        errors = sorted(
            x[o + k] - first.forecast(4, X=x[:o])[k] for o in range(180, 260 - k) if o + k < 260
        )
        n, middle = len(errors), model.forecast(4)[k]
        assert lower[k] == pytest.approx(middle + errors[int(np.floor(0.1 * (n + 1) + 1e-9)) - 1])
        assert upper[k] == pytest.approx(middle + errors[int(np.ceil(0.9 * (n + 1) - 1e-9)) - 1])
    low, middle, high = model.forecast_quantiles(4, quantiles=(0.1, 0.5, 0.9))
    assert_allclose([low, high], [lower, upper])
    assert ((low < middle) & (middle < high)).all()


def test_paths_spread_as_intervals_do():
    x = noisy(600)
    model = conformal("split").fit(x)
    paths = model.sample_paths(6, 2000, random_state=0)
    assert paths.shape == (2000, 6)
    lower, upper = model.forecast_interval(6, coverage=0.8)
    assert_allclose(np.quantile(paths, [0.1, 0.9], axis=0), [lower, upper], atol=0.12)
    again = model.sample_paths(6, 2000, random_state=0)
    assert_allclose(paths, again)


@pytest.mark.compiled
def test_forms_dates_channels_and_lists():
    x = noisy(300)
    index = pd.date_range("2024-01-01", periods=300, freq="h")
    series = pd.Series(x, index, name="load")
    want = conformal().fit(x[:250]).forecast_interval(3)
    model = conformal().fit(series[:250])
    lower, upper = model.forecast_interval(3)
    assert_allclose([lower, upper], want)
    assert lower.name == "load"
    assert lower.index.equals(index[250:253])
    model.update(series[250:260]).update(x[260:262])
    assert model.forecast_interval(2)[1].index.equals(index[262:264])
    frame = pd.DataFrame({"a": x, "b": x[::-1]}, index)
    lower, upper = conformal().fit(frame[:250]).update(frame[250:260]).forecast_interval(3)
    assert list(lower.columns) == ["a", "b"]
    assert (lower < upper).all(axis=None)
    several = conformal().fit([x[:250], x[50:260]])
    lower, upper = several.update([x[250:255], x[260:261]]).forecast_interval(4)
    assert [len(one) for one in lower] == [4, 4]
    assert several.sample_paths(4, 7)[1].shape == (7, 4)
    assert conformal().fit(x[:250].astype(np.float32)).forecast_interval(2)[0].shape == (2,)


@pytest.mark.compiled
def test_clone_pickle_and_default():
    x = noisy(200)
    model = clone(ConformalForecaster(random_state=0, n_units=20)).fit(x)
    assert isinstance(model.forecaster_, ESNForecaster)
    again = pickle.loads(pickle.dumps(model))
    assert_allclose(again.forecast_interval(2), model.forecast_interval(2))
    assert_allclose(clone(model).fit(x).forecast_interval(2), model.forecast_interval(2))


def test_what_is_refused():
    x = noisy(120)
    model = conformal(calibration=30).fit(x)
    for bad in (0, -1, True, 1.5, "3", None):
        with pytest.raises(ValueError, match="n_steps must be a whole number of at least 1"):
            model.forecast_interval(bad)
    for bad in (0, 1, 90, -0.5, True):
        with pytest.raises(ValueError, match="coverage must be a number between 0 and 1"):
            model.forecast_interval(1, coverage=bad)
    with pytest.raises(ValueError, match="need 39: for 1 steps ahead hold out 39 steps or more"):
        model.forecast_interval(1, coverage=0.95)
    with pytest.raises(ValueError, match=r"need 19: .* \(calibration=38\)"):
        model.forecast_interval(20, coverage=0.9)
    with pytest.raises(ValueError, match="leaves 5 errors"):
        conformal(calibration=5).fit(x)
    with pytest.raises(TypeError, match="must be a forecaster"):
        ConformalForecaster(np.ones(3)).fit(x)
    for name, bad in (("method", "loo"), ("tau", 0), ("gamma", -1), ("window", 0)):
        with pytest.raises(ValueError, match=name):
            conformal(**{name: bad}).fit(x) if name != "method" else conformal(bad).fit(x)
    with pytest.raises(ValueError, match="new_values has 2 channels"):
        model.update(np.ones((3, 2)))
    with pytest.raises(ValueError, match="new_values holds no step"):
        model.update([])
    with pytest.raises(ValueError, match="new_values must be a list"):
        conformal().fit([x, x]).update(x)
    with pytest.raises(ValueError, match="follow takes one series"):
        conformal().fit([x, x]).follow(x)


def test_a_failed_update_changes_nothing():
    x = noisy(120)
    model = conformal(calibration=30).fit(x)
    before = model.forecast_interval(2)
    with pytest.raises(ValueError, match="NaN"):
        model.update([1.0, np.nan])
    assert_allclose(model.forecast_interval(2), before)


@pytest.mark.parametrize("index", [pd.RangeIndex(0, 400, 2), pd.Index(np.arange(200) * 0.5)])
def test_forecasts_go_on_in_the_steps_of_the_index(index):
    """Though only the last row of the series is handed to the forecaster."""
    x = pd.Series(np.sin(0.3 * np.arange(200)), index=index)
    model = ConformalForecaster(ESNForecaster(20, random_state=0), n_units=10, random_state=0)
    future = model.fit(x).forecast(3)
    step = index[1] - index[0]
    assert future.index.tolist() == [index[-1] + step * k for k in (1, 2, 3)]
    assert model.update(future).forecast(1).index[0] == index[-1] + 4 * step


def test_a_follow_that_is_interrupted_changes_nothing(monkeypatch):
    model = conformal("split").fit(noisy(300))
    before = model.forecast(2), [len(one) for one in model.errors_]

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(ConformalForecaster, "_pool", interrupt)  # asked for after the update
    with pytest.raises(KeyboardInterrupt):
        model.follow(noisy(20, seed=1))
    monkeypatch.undo()
    assert_allclose(model.forecast(2), before[0])
    assert [len(one) for one in model.errors_] == before[1]
