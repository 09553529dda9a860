"""Backtests against forecasts made by hand."""

import sys
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose

from dlkit import NVARForecaster, SeasonalForecaster
from dlkit.baselines import NaiveForecaster
from dlkit.forecasting import ConformalForecaster, backtest

from .naive_forecasters import LastValue

X = np.sin(0.3 * np.arange(120)) + 0.1 * np.random.RandomState(0).normal(size=120)
MONTHS = pd.period_range("2014-01", periods=120, freq="M")


def nvar():
    return NVARForecaster(4, order=1)


@pytest.mark.parametrize("refit", [True, False, 2])
def test_rows_are_the_forecasts_that_would_have_been_made(refit):
    found = backtest(nvar(), X, n_steps=5, n_origins=4, stride=3, refit=refit)
    origins = [106, 109, 112, 115]
    assert found["origin"].tolist() == np.repeat(origins, 5).tolist()
    assert found["step"].tolist() == list(range(1, 6)) * 4
    for k, o in enumerate(origins):
        rows = found[found["origin"] == o]
        known = o if refit is True else origins[0] if refit is False else origins[k // 2 * 2]
        model = nvar().fit(X[:known])
        assert_allclose(rows["truth"], X[o : o + 5])
        assert_allclose(rows["forecast"], model.forecast(5, X=X[:o]), rtol=1e-9)
        lower, upper = model.forecast_interval(5, X=X[:o])
        assert_allclose(rows["lower"], lower, rtol=1e-9)
        assert_allclose(rows["upper"], upper, rtol=1e-9)


def test_forecasters_of_ones_own_and_without_intervals():
    found = backtest(LastValue(), X, n_steps=3, n_origins=2)
    assert found.columns.tolist() == ["origin", "step", "truth", "forecast"]
    assert_allclose(found["forecast"], np.repeat(X[[113, 116]], 3))
    found = backtest(nvar(), X, n_steps=3, n_origins=2, coverage=None)
    assert found.columns.tolist() == ["origin", "step", "truth", "forecast"]


@pytest.mark.parametrize("refit", [True, False])
def test_wrapped_forecasters_go_on_by_update(refit):
    model = ConformalForecaster(nvar(), n_units=20, random_state=0)
    found = backtest(model, X, n_steps=2, n_origins=3, refit=refit, coverage=0.8)
    mine = ConformalForecaster(nvar(), n_units=20, random_state=0).fit(X[:114])
    for o in (114, 116, 118):
        if refit:
            mine = ConformalForecaster(nvar(), n_units=20, random_state=0).fit(X[:o])
        rows = found[found["origin"] == o]
        bounds = mine.forecast_interval(2, coverage=0.8)
        assert_allclose([rows["lower"], rows["upper"]], bounds, rtol=1e-9)
        mine.update(X[o : o + 2])


def test_labels_channels_and_lists():
    series = pd.Series(X, MONTHS, name="a")
    found = backtest(nvar(), series, n_steps=2, n_origins=2)
    assert found["time"].tolist() == MONTHS[116:120].tolist()
    frame = pd.DataFrame({"a": X, "b": X[::-1]}, MONTHS)
    found = backtest(nvar(), frame, n_steps=2, n_origins=2)
    assert found["channel"].tolist() == ["a", "a", "b", "b"] * 2
    b = found[found["channel"] == "b"]
    assert_allclose(b["truth"], X[::-1][116:])
    days = pl.DataFrame({"day": pd.date_range("2024", periods=120).to_numpy(), "a": X})
    found = backtest(nvar(), days, n_steps=2, n_origins=2)
    assert found["time"].tolist() == list(pd.date_range("2024", periods=120)[116:])
    found = backtest(nvar(), [X, X[:70]], n_steps=2, n_origins=2)
    assert found["series"].tolist() == [0, 0, 1, 1] * 2
    assert found["origin"].tolist() == [116] * 2 + [66] * 2 + [118] * 2 + [68] * 2


def test_without_pandas_a_record_array(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    found = backtest(LastValue(), X, n_steps=3, n_origins=2)
    assert isinstance(found, np.recarray)
    assert found.dtype.names == ("origin", "step", "truth", "forecast")
    assert_allclose(found.forecast, np.repeat(X[[113, 116]], 3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_steps": 0}, "n_steps"), ({"n_steps": 1.5}, "n_steps"), ({"n_steps": True}, "n_steps"),
        ({"n_origins": 0}, "n_origins"), ({"stride": 0}, "stride"), ({"refit": 0}, "refit"),
        ({"refit": "no"}, "refit"), ({"coverage": 1}, "coverage"),
        ({"n_steps": 70, "n_origins": 2}, "series has 120 steps, but .* need 142"),
    ],
)  # fmt: skip
def test_what_is_refused(change, message):
    given = {"n_steps": 2, "n_origins": 2} | change
    with pytest.raises(ValueError, match=message):
        backtest(nvar(), X, **given)
    with pytest.raises(TypeError, match="must be a forecaster"):
        backtest("nvar", X, n_steps=2)


@pytest.mark.compiled
@pytest.mark.parametrize("make", [nvar, partial(SeasonalForecaster, period=7, form="additive")])
@pytest.mark.parametrize("refit", [True, False])
def test_forecasts_are_told_the_covariates_of_their_steps(make, refit):
    warm = np.cos(0.9 * np.arange(120.0))
    days = pd.date_range("2024", periods=120)
    x = pd.Series(X + np.r_[0, warm[1:]], days, name="load")
    known = pd.DataFrame({"warm": warm}, days)
    found = backtest(make(), x, n_steps=5, n_origins=3, refit=refit, covariates=known)
    for o in (105, 110, 115):
        rows = found[found["origin"] == o]
        model = make().fit(x[: o if refit else 105], covariates=known[: o if refit else 105])
        if refit:
            want = model.forecast(5, covariates=known[o : o + 5])
        else:
            want = model.forecast(5, x[:o], covariates=known[: o + 5])
        assert_allclose(rows["forecast"], want, rtol=1e-7)
    several = backtest(
        make(), [x, x], n_steps=5, n_origins=3, refit=refit, covariates=[known, known]
    )
    assert len(several) == 30


def test_covariates_that_cannot_be_used():
    with pytest.raises(ValueError, match="covariates has 3 rows, but 120 are needed"):
        backtest(nvar(), X, n_steps=5, covariates=np.ones(3))
    with pytest.raises(ValueError, match="covariates holds 1 tables for 2 series"):
        backtest(nvar(), [X, X], n_steps=5, covariates=[X])
    with pytest.raises(ValueError, match="ConformalForecaster takes none"):
        backtest(ConformalForecaster(nvar()), X, n_steps=5, covariates=X)


@pytest.mark.parametrize("make", [nvar, SeasonalForecaster])
def test_series_with_missing_values_are_backtested(make):
    x = pd.Series(X, MONTHS)
    x.iloc[[40, 111, 117]] = np.nan
    found = backtest(make(), x, n_steps=5, n_origins=3)
    assert_allclose(found["truth"], x.iloc[105:])  # NaN where the series is
    assert np.isfinite(found[["forecast", "lower", "upper"]].to_numpy()).all()
    last = found[found["origin"] == 115]
    assert_allclose(last["forecast"], make().fit(x[:115]).forecast(5), rtol=1e-9)
    with pytest.raises(ValueError, match="NaN"):
        backtest(ConformalForecaster(make()), x, n_steps=1)


def test_dates_of_polars_keep_their_time_zone():
    days = pd.date_range("2024-03-20", periods=40, tz="Europe/Berlin")
    frame = pl.DataFrame({"d": pl.Series(days.to_pydatetime().tolist()), "a": np.arange(40.0)})
    frame = frame.with_columns(pl.col("d").dt.convert_time_zone("Europe/Berlin"))
    found = backtest(NaiveForecaster(), frame, n_steps=2, n_origins=2)
    assert found.time.tolist() == days[-4:].tolist()
    assert str(found.time.dt.tz) == "Europe/Berlin"
