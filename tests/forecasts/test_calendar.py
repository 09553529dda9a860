"""Indices of series: read, carried on, refused by name."""

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dlkit._forecasts.calendar import read_calendar
from dlkit.exceptions import ReadingWarning

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


@pytest.mark.parametrize(
    ("index", "match"),
    [
        (DAYS.delete([7, 8]), "gaps: of the 30 steps of frequency 'D'.* 2 are missing.*2024-01-08"),
        (DAYS.append(DAYS[3:4]).sort_values(), "2024-01-04.*twice"),
        (DAYS[::-1], "not in order"),
        (DAYS[[0, 2, 1, *range(3, 9)]], "not in order: 2024-01-03.*2024-01-02"),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-02-17", "2024-02-18"]), "evenly|gaps"),
        (DAYS.insert(3, pd.NaT), "NaT"),
        (pd.date_range("2020", periods=40, freq="MS").delete(11), "1 are missing.* 2020-12"),
        (pd.period_range("2020", periods=9, freq="M").delete(4), "gap: 2020-04 is followed by"),
        (pd.period_range("2020", periods=9, freq="M")[::-1], "not in order"),
        (pd.timedelta_range("1h", periods=9, freq="h").delete(3), "gap"),
        (pd.period_range("2020", periods=9, freq="2M").delete(4), "gap: 2020-07 is followed by"),
        (pd.Index([1, pd.NA, 3], dtype="Int64"), "holds NaN"),
        (pd.TimedeltaIndex([None, "1h", "2h"]), "holds NaT"),
    ],
)  # fmt: skip
def test_gaps_repetitions_and_disorder_are_refused(index, match):
    with pytest.raises(ValueError, match=match):
        read_calendar(pd.Series(np.zeros(len(index)), index=index))


def test_gaps_in_polars_are_refused():
    days = pl.Series("day", list(DAYS.delete([7, 8]).to_pydatetime()))
    frame = pl.DataFrame({"a": np.zeros(28)}).insert_column(0, days)
    with pytest.raises(ValueError, match=r"X\['day'\] are not evenly spaced"):
        read_calendar(frame)
    with pytest.raises(ValueError, match="not in order"):
        read_calendar(frame[::-1])


def test_numbers_out_of_order_warn():
    """As those of a shuffled fold of a frame are."""
    frame = pd.DataFrame({"a": np.zeros(20)})
    with pytest.warns(ReadingWarning, match="5 is followed by 9"):
        calendar, _ = read_calendar(frame.iloc[[4, 5, 9, 10, 11, 12]])
    assert not calendar.telling
    with pytest.warns(ReadingWarning, match="TimeSeriesSplit"):
        read_calendar(frame.sample(frac=1, random_state=0))


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


def test_rows_of_polars_are_sorted_by_what_polars_has():
    days = pl.date_range(datetime.date(2024, 1, 1), datetime.date(2024, 1, 9), eager=True)
    frame = pl.DataFrame({"day": days, "x": np.arange(9.0)})
    with pytest.raises(ValueError, match=r"not in order.*X\.sort\('day'\).*from_long"):
        read_calendar(frame[::-1])
    with pytest.raises(ValueError, match=r"twice.*X\.group_by\('day'\)\.mean\(\)\.sort\('day'\)"):
        read_calendar(pl.concat([frame[:4], frame[3:]]))
    assert read_calendar(frame[::-1].sort("day"))[0].step.size == 86400 * 10**9


def test_a_holiday_among_business_days_is_named_as_such():
    days = pd.date_range("2024-03-18", periods=30, freq="B")
    x = pd.Series(np.zeros(29), days.drop(pd.Timestamp("2024-04-01")))
    with pytest.raises(ValueError, match=r"frequency 'B'.* 1 are missing.*X\.asfreq\('B'\)"):
        read_calendar(x)
    assert read_calendar(x.asfreq("B"))[0].step == "B"


@pytest.mark.parametrize(
    "labels",
    [np.arange(9, -1, -1, dtype=np.uint8), np.array([-120, 120] * 5, np.int8),
     np.arange(9, -1, -1).astype(np.uint64)],
)  # fmt: skip
def test_small_and_unsigned_numbers_do_not_go_round(labels):
    with pytest.warns(ReadingWarning, match="not evenly spaced"):
        calendar, _ = read_calendar(pd.Series(np.zeros(10), index=pd.Index(labels)))
    assert calendar.future(2).tolist() == [10, 11]


def test_dates_of_arrow_are_dates():
    pytest.importorskip("pyarrow")
    for whole in (
        pd.date_range("2024-01-01", periods=12, freq="MS"),
        pd.date_range("2024-03-25", periods=12, tz="Europe/Berlin"),
        pd.timedelta_range("1h", periods=12, freq="h"),
    ):
        index = pd.Index(pd.Series(whole).convert_dtypes(dtype_backend="pyarrow"))
        calendar, _ = read_calendar(pd.Series(np.zeros(10), index=index[:10]))
        assert list(calendar.future(2)) == list(whole[10:])
