"""Indices of series: read, carried on, refused by name."""

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dlkit._forecasts.indices import read_calendar

FREQUENCIES = [
    "D", "h", "30min", "B", "W-WED", "MS", "ME", "QS", "QE-NOV", "YS", "YE-JUN", "2D", "15s", "2MS",
]  # fmt: skip


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("freq", FREQUENCIES)
def test_dates_of_pandas_go_on(freq, known):
    whole = pd.date_range("2023-11-29", periods=45, freq=freq)
    index = whole[:40] if known else pd.DatetimeIndex(list(whole[:40]))
    calendar, _ = read_calendar(pd.Series(np.arange(40.0), index=index, name="a"))
    future = calendar.answer(np.zeros((5, 1)))
    assert future.index.equals(whole[40:])
    assert future.name == "a"
    later, _ = read_calendar(pd.Series(np.arange(5.0), index=whole[40:]))
    assert later.follows(calendar) == "after"
    assert calendar.follows(calendar) == "start"
    assert read_calendar(pd.Series(np.zeros(3), whole[9:12]))[0].follows(calendar) == "elsewhere"
    assert pickle.loads(pickle.dumps(calendar)) == calendar


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("freq", ["h", "D"])
def test_time_zones_keep_their_summer_time(freq, unit):
    whole = pd.date_range("2024-03-25", periods=200, freq=freq, tz="Europe/Berlin", unit=unit)
    frame = pd.DataFrame({"a": np.zeros(150)}, index=pd.DatetimeIndex(list(whole[:150])))
    frame.index = frame.index.as_unit(unit)
    frame.index.name = "when"
    future = read_calendar(frame)[0].answer(np.zeros((50, 1)))
    assert future.index.equals(whole[150:])
    assert future.index.dtype == whole.dtype
    assert (future.index.name, list(future.columns)) == ("when", ["a"])


@pytest.mark.parametrize(
    "freq", ["M", "Q-DEC", "D", "h", "Y-DEC", "W-SUN", "2M", "15min", "2W-SUN", "2Q-DEC"]
)
def test_periods_go_on(freq):
    whole = pd.period_range("2020-01", periods=12, freq=freq, name="p")
    calendar, _ = read_calendar(pd.Series(np.zeros(10), index=whole[:10]))
    future = calendar.answer(np.zeros((2, 1)))
    assert future.index.equals(whole[10:])
    assert future.index.name == "p"
    one, _ = read_calendar(pd.Series(np.zeros(1), index=whole[:1]))
    assert one.answer(np.zeros((1, 1))).index.equals(whole[1:2])


@pytest.mark.parametrize(
    ("index", "after"),
    [
        (pd.RangeIndex(6), [6, 7]),
        (pd.RangeIndex(10, 22, 2), [22, 24]),
        (pd.Index([1990, 1991, 1992, 1993, 1994, 1995]), [1996, 1997]),
        (pd.Index(np.arange(6) / 10), [0.6, 0.7]),
        (pd.timedelta_range("1h", periods=6, freq="h"), pd.to_timedelta(["7h", "8h"])),
        (pd.Index(list("abcdef")), [6, 7]),
        (pd.Index(np.arange(250, 256, dtype=np.uint8)), [256, 257]),
        (pd.Index(np.arange(-120, 120, 40, dtype=np.int8)), [120, 160]),
        (pd.Index(np.arange(6, dtype=np.float32) * np.float32(0.1)), [0.6, 0.7]),
        (pd.Index(1.7e9 + np.arange(6) / 10), [1.7e9 + 0.6, 1.7e9 + 0.7]),
    ],
)
def test_numbers_and_spans_go_on(index, after):
    calendar, _ = read_calendar(pd.Series(np.zeros(6), index=index))
    future = calendar.answer(np.zeros((2, 1))).index
    if isinstance(future, pd.TimedeltaIndex):
        assert list(future) == list(after)
    else:
        np.testing.assert_allclose(future, after)


@pytest.mark.parametrize(
    ("every", "start"),
    [("1d", "2024-01-05"), ("1mo", "2024-01-31"), ("1mo", "2024-01-15"), ("1h", "2024-01-05"),
     ("1q", "2024-03-31"), ("1y", "2023-02-01"), ("business", "2024-01-04")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["date", "datetime", "zone"])
def test_dates_of_polars_go_on(every, start, kind):
    if every == "1h" and kind == "date":
        pytest.skip("dates have no hours")
    begin = datetime.datetime.fromisoformat(start)
    if every == "business":
        days = pd.bdate_range(start, periods=30).to_pydatetime()
    elif start.endswith("31"):
        freq = {"1mo": "ME", "1q": "QE"}[every]
        days = pd.date_range(start, periods=30, freq=freq).to_pydatetime()
    else:
        end = begin + datetime.timedelta(days=366 * 31)
        days = pl.datetime_range(begin, end, every, eager=True)[:30].to_list()
    dates = pl.Series("when", list(days), dtype=pl.Datetime("us"))
    if kind == "date":
        dates = dates.cast(pl.Date)
    elif kind == "zone":
        dates = dates.dt.replace_time_zone("UTC")
    frame = pl.DataFrame({"a": np.zeros(25), "b": np.ones(25)}).insert_column(1, dates[:25])
    calendar, rest = read_calendar(frame)
    assert rest.columns == ["a", "b"]
    future = calendar.answer(np.zeros((5, 2)))
    assert future.columns == ["a", "when", "b"]
    assert future["when"].equals(dates[25:], check_dtypes=True)
    assert pickle.loads(pickle.dumps(calendar)) == calendar


def test_series_and_frames_of_polars_without_dates():
    calendar, _ = read_calendar(pl.Series("a", [1.0, 2.0, 3.0]))
    assert calendar.answer(np.ones((2, 1))).equals(pl.Series("a", [1.0, 1.0]))
    calendar, _ = read_calendar(pl.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0]}))
    assert calendar.answer(np.ones((2, 1)), np.array([1])).equals(pl.DataFrame({"b": [1.0, 1.0]}))


DAYS = pd.date_range("2024-01-01", periods=30)


def test_two_steps_tell_no_frequency():
    two, _ = read_calendar(pd.Series(np.zeros(2), index=DAYS[:2].copy(deep=True)))
    assert two.answer(np.zeros((1, 1))).index[0] == DAYS[2]  # pandas knows
    two, _ = read_calendar(pd.Series(np.zeros(2), index=pd.DatetimeIndex(list(DAYS[:2]))))
    with pytest.raises(ValueError, match="2 steps, and 3 are needed.*asfreq"):
        two.answer(np.zeros((1, 1)))
    known = two.like(read_calendar(pd.Series(np.zeros(9), index=DAYS[:9]))[0])
    assert known.answer(np.zeros((1, 1))).index[0] == DAYS[2]


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(0, 40, 2),
        pd.Index(np.arange(20) * 0.5),
        pd.Index(np.arange(1900, 2000, 5)),
        pd.timedelta_range("0h", periods=20, freq="15min"),
        pd.TimedeltaIndex(np.arange(20) * np.timedelta64(15, "m")),
        pd.period_range("2000Q1", periods=20, freq="Q"),
        DAYS[:20],
    ],
)
def test_one_step_goes_on_as_the_series_does(index):
    x = pd.Series(np.zeros(20), index=index)
    whole = read_calendar(x[:-1])[0]
    last = read_calendar(x[-2:-1])[0].like(whole)
    assert last.answer(np.zeros((1, 1))).index[0] == index[-1]
    grown = read_calendar(x[:1])[0].joined(read_calendar(x[1:2])[0])
    for i in range(2, 19):
        grown = grown.joined(read_calendar(x[i : i + 1])[0])
    assert grown.answer(np.zeros((1, 1))).index[0] == index[-1]


def test_one_number_beside_a_series_without_labels_counts():
    one = read_calendar(pd.Series([0.0], index=[7]))[0].like(read_calendar(np.zeros(5))[0])
    assert one.answer(np.zeros((2, 1))).index.tolist() == [8, 9]


def test_stretches_join():
    def of(index):
        return read_calendar(pd.Series(np.zeros(len(index)), index=index))[0]

    joined = of(DAYS[:20]).joined(of(pd.DatetimeIndex(list(DAYS[20:21]))))
    assert joined.n == 21
    assert joined.answer(np.zeros((1, 1))).index[0] == DAYS[21]
    joined = of(pd.RangeIndex(5)).joined(of(pd.RangeIndex(5)))
    assert joined.after == 10
    array, _ = read_calendar(np.zeros(5))
    assert array.joined(array).after == 10


@pytest.mark.parametrize("every", ["1d", "1h"])
def test_days_of_polars_keep_their_summer_time(every):
    begin, end = datetime.datetime(2024, 3, 25), datetime.datetime(2024, 4, 8)
    zone = "Europe/Berlin"
    dates = pl.datetime_range(begin, end, every, time_zone=zone, eager=True).alias("day")
    n = len(dates) - 5
    frame = pl.DataFrame({"day": dates[:n], "a": np.zeros(n)})
    future = read_calendar(frame)[0].answer(np.zeros((5, 1)))
    assert future["day"].equals(dates[n:], check_dtypes=True)
    later = pl.DataFrame({"day": dates[n:], "a": np.zeros(5)})
    assert read_calendar(later)[0].follows(read_calendar(frame)[0]) == "after"
