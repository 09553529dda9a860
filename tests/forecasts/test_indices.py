import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dlkit._forecasts.indices import read_calendar
from dlkit.exceptions import ReadingWarning

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
