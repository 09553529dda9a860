"""Series of pandas and polars are saved by plain arrays, and come back as they were."""

import copy
import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from pandas.testing import assert_frame_equal, assert_series_equal

from dlkit import ConformalForecaster, ForecastDetector, NVARForecaster
from dlkit._forecasts.kept import _packed, _unpacked

X = np.sin(0.3 * np.arange(120)) + 0.1 * np.random.RandomState(0).randn(120)
INDEXES = {
    "days": pd.date_range("2024", periods=120),
    "months": pd.date_range("1990", periods=120, freq="MS"),
    "hours of a zone": pd.date_range("2024-03-29", periods=120, freq="h", tz="Europe/Berlin"),
    "no frequency": pd.DatetimeIndex(list(pd.date_range("2024", periods=120, unit="ns"))),
    "quarters": pd.period_range("1950Q1", periods=120, freq="Q"),
    "spans": pd.timedelta_range("0h", periods=120, freq="15min"),
    "range": pd.RangeIndex(0, 240, 2, name="step"),
    "numbers": pd.Index(np.arange(120) * 0.5),
    "text": pd.Index([f"s{i}" for i in range(120)]),
}


def trusted(estimator):
    message = skops.io.dumps(estimator)
    types = skops.io.get_untrusted_types(data=message)
    assert all(one.startswith(("dlkit.", "scipy.sparse.")) for one in types)
    return skops.io.loads(message, trusted=types)


WAYS = {
    "skops": trusted,
    "pickle": lambda estimator: pickle.loads(pickle.dumps(estimator)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "Float64", "Int8", "bool"])
def test_series_and_frames_of_pandas(index, dtype):
    x = pd.Series(np.round(3 * X), INDEXES[index], name="sales")
    x = (x > 0 if dtype == "bool" else x).astype(dtype)
    kept = _packed(x)
    assert_series_equal(_unpacked(kept), x, check_freq=True)
    frame = pd.DataFrame({"a": x, 1: x[::-1].to_numpy()})
    assert_frame_equal(_unpacked(_packed(frame)), frame, check_freq=True)


def test_series_and_frames_of_polars():
    days = pl.date_range(datetime.date(2024, 1, 1), datetime.date(2024, 4, 29), eager=True)
    hours = days.cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    for frame in (
        pl.DataFrame({"a": X, "b": X.astype(np.float32)}),
        pl.DataFrame({"day": days, "a": X}),
        pl.DataFrame({"hour": hours, "a": np.arange(120, dtype=np.int16)}),
    ):
        assert _unpacked(_packed(frame)).equals(frame)
        assert _unpacked(_packed(frame)).schema == frame.schema
    series = pl.Series("a", X)
    assert _unpacked(_packed(series)).equals(series, check_names=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("index", ["days", "quarters", "range"])
def test_fitted_on_series_they_travel(way, index):
    x = pd.Series(X, INDEXES[index], name="sales")
    model = ConformalForecaster(NVARForecaster(3, order=1), n_units=10, random_state=0)
    model.fit([x[:100], 2 * x[:100]])
    found = WAYS[way](model).update([x[100:], 2 * x[100:]])
    model.update([x[100:], 2 * x[100:]])
    for one, other in zip(found.forecast(3), model.forecast(3), strict=True):
        assert_series_equal(one, other)
    detector = ForecastDetector(window=8, false_alarms=0.05).fit(x[:100])
    want = detector.predict(x[100:])
    np.testing.assert_array_equal(WAYS[way](detector).predict(x[100:]), want)
