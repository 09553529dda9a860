"""Labels that say less than they seem to: what is said of them."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dlkit import ESNForecaster, SeasonalForecaster
from dlkit._forecasts.indices import read_calendar
from dlkit._forecasts.labels import warn_of_clocks
from dlkit.exceptions import ReadingWarning

MONTHS = pd.date_range("2019-01-01", periods=24, freq="MS")
VALUES = 10 + np.sin(np.arange(24) * np.pi / 6)


@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda d: d.strftime("%Y-%m"),
        lambda d: d.strftime("%d/%m/%Y"),
        lambda d: d.strftime("%b %Y"),
        lambda d: d.strftime("%m.%d.%y"),
        lambda d: f"{d.year}Q{d.quarter}",
        lambda d: d.date(),
        lambda d: datetime.datetime(d.year, d.month, d.day),
    ],
)
def test_dates_that_are_text_or_objects_are_named_and_the_mend_mends(write):
    labels = pd.Index([write(d) for d in MONTHS], dtype=object)
    with pytest.warns(ReadingWarning, match=r"labels of its index.*pd\.to_datetime\(X\.index\)"):
        future = SeasonalForecaster().fit(pd.Series(VALUES, labels)).forecast(2)
    assert list(future.index) == [24, 25]
    if "Q" not in str(labels[0]):
        mended = pd.Series(
            VALUES, pd.to_datetime(labels, format="mixed", dayfirst="/" in str(labels[0]))
        )
        assert mended.index.equals(MONTHS)


@pytest.mark.parametrize(
    "labels", [list("abcd") * 6, [f"{k}" for k in range(24)], [("a", 1)] * 24, ["market 1"] * 24]
)
def test_other_labels_are_no_dates(labels):
    index = pd.Index(labels, tupleize_cols=False)
    assert len(SeasonalForecaster().fit(pd.Series(VALUES, index)).forecast(2)) == 2


@pytest.mark.parametrize("index", [MONTHS, pd.RangeIndex(24), MONTHS.to_period(), pd.Index(VALUES)])
@pytest.mark.parametrize("forecaster", [SeasonalForecaster(), ESNForecaster(5)])
def test_labels_without_values_are_refused(index, forecaster):
    with pytest.raises(ValueError, match=rf"X is a {type(index).__name__}, labels without values"):
        forecaster.fit(index)
    if isinstance(forecaster, ESNForecaster):
        with pytest.raises(ValueError, match="labels without values"):
            forecaster.fit(index, VALUES)


def hours(start, zone, n=24 * 10):
    index = pd.date_range(start, periods=n, freq="h", tz=zone)
    return pd.Series(10.0 + 5 * (index.hour.to_numpy() == 8), index)


@pytest.mark.parametrize(
    ("start", "week"), [("2024-03-25", "2024-03-31"), ("2024-10-22", "2024-10-28")]
)
def test_clocks_that_are_moved_are_named_and_local_time_mends(start, week):
    x = hours(start, "Europe/Berlin")
    with pytest.warns(ReadingWarning, match=f"clocks of Europe/Berlin.*before {week}.*tz_localize"):
        SeasonalForecaster().fit(x)
    local = x.tz_localize(None).groupby(level=0).mean().asfreq("h")
    future = SeasonalForecaster().fit(local).forecast(24)  # warns of nothing
    assert future.index[np.argmax(future)].hour == 8
    SeasonalForecaster().fit(x.tz_convert("UTC"))


def test_clocks_of_polars_are_named():
    x = hours("2024-03-25", "Europe/Berlin")
    frame = pl.DataFrame({"t": pl.Series(list(x.index)), "x": x.to_numpy()})
    frame = frame.with_columns(pl.col("t").dt.convert_time_zone("Europe/Berlin"))
    with pytest.warns(ReadingWarning, match=r"convert_time_zone\('UTC'\) of 't'"):
        SeasonalForecaster().fit(frame)


@pytest.mark.parametrize(
    "series",
    [
        hours("2024-01-10", "Europe/Berlin"),
        hours("2024-03-25", "UTC"),
        hours("2024-03-25", None),
        hours("2024-03-25", datetime.timezone(datetime.timedelta(hours=2))),
        hours("2024-03-25", "Asia/Tokyo"),
        pd.Series(VALUES, pd.date_range("2024-03-20", periods=24, freq="D", tz="Europe/Berlin")),
    ],
)
def test_clocks_that_stay_are_not(series):
    calendar, _ = read_calendar(series)
    warn_of_clocks(calendar, (24,))  # warnings are errors


def test_series_without_seasons_have_no_clock():
    warn_of_clocks(read_calendar(hours("2024-03-25", "Europe/Berlin"))[0], ())
