"""Naive forecasts, and samples as rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from dlkit.baselines import NaiveForecaster, flat


def test_last_value_season_and_line():
    x = np.array([1.0, 5.0, 2.0, 6.0, 3.0])
    assert NaiveForecaster().fit(x).forecast(2).tolist() == [3.0, 3.0]
    assert NaiveForecaster(2).fit(x).forecast(5).tolist() == [6.0, 3.0, 6.0, 3.0, 6.0]
    assert NaiveForecaster(drift=True).fit(x).forecast(2).tolist() == [3.5, 4.0]
    assert NaiveForecaster(2, drift=True).fit(x).forecast(4).tolist() == [7.0, 4.0, 8.0, 5.0]
    assert NaiveForecaster(9).fit(x).forecast(2).tolist() == [3.0, 3.0]
    assert NaiveForecaster(drift=True).fit(x[:1]).forecast(1).tolist() == [1.0]


def test_forms_of_series():
    X = np.arange(12.0).reshape(6, 2)
    model = NaiveForecaster(2).fit(X)
    np.testing.assert_array_equal(model.forecast(3), X[[4, 5, 4]])
    several = model.fit([X, X[:3] + 1]).forecast(2)
    np.testing.assert_array_equal(several[1], X[1:3] + 1)
    frame = pd.DataFrame(X, columns=["a", "b"])
    np.testing.assert_array_equal(model.fit(frame).forecast(2), X[4:])
    np.testing.assert_array_equal(model.forecast(1, X[:3]), X[1:2])
    np.testing.assert_array_equal(model.forecast(2), X[4:])


def test_bad_calls():
    with pytest.raises(NotFittedError):
        NaiveForecaster().forecast(1)
    with pytest.raises(ValueError, match="'period' parameter of NaiveForecaster"):
        NaiveForecaster(0).fit([1.0, 2.0])
    with pytest.raises(ValueError, match="n_steps"):
        NaiveForecaster().fit([1.0, 2.0]).forecast(0)
    assert clone(NaiveForecaster(3, drift=True)).get_params() == {"period": 3, "drift": True}


def test_flat():
    X = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(flat(list(X)), X.reshape(2, 12))
    with pytest.raises(ValueError, match="several shapes"):
        flat([np.ones(3), np.ones(4)])


def test_an_index_goes_on():
    days = pd.date_range("2024-01-01", periods=6)
    series = pd.Series(np.arange(6.0), days, name="a")
    want = pd.Series([4.0, 5.0, 4.0], pd.date_range("2024-01-07", periods=3), name="a")
    pd.testing.assert_series_equal(NaiveForecaster(2).fit(series).forecast(3), want)
    frame = NaiveForecaster(2).fit(series.to_frame()).forecast(3)
    pd.testing.assert_frame_equal(frame, want.to_frame())
    first, second = NaiveForecaster(2).fit([series, np.arange(6.0)]).forecast(3)
    pd.testing.assert_series_equal(first, want)
    assert second.tolist() == [4.0, 5.0, 4.0]
