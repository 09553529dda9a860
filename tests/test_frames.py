"""What gives a frame away: a long table, steps for rows, nested cells."""

import re

import numpy as np
import pandas as pd
import pytest

from dlkit import _frames

rng = np.random.RandomState(0)


def test_tables_of_numbers_are_not_nested():
    assert not _frames.is_nested(pd.DataFrame({"a": ["x", "yz"], "b": [1, 2]}))
    assert not _frames.is_nested(np.array([[1, 2], [3, 4]], dtype=object))
    assert not _frames.is_nested(pd.DataFrame(columns=["a"]))


@pytest.mark.parametrize(
    ("columns", "rows", "found"),
    [
        (["id", "t", "u"], "steps", r"from_long\(X, id='id', time='t'\)"),
        (["series_id", "u", "v"], "steps", r"from_long\(X, id='series_id', time=None\)"),
        (["Subject", "timestamp", "v"], "sequences", r"id='Subject', time='timestamp'\)"),
        (["acc_x", "acc_y", "acc_z"], "sequences", r"a column for each channel.*hand over \[X\]"),
        (["acc_x", "acc_y", "acc_z"], "steps", None),
        (["t0", "t1", "t2"], "sequences", None),
        (["Jan", "Feb", "March"], "sequences", None),
        ([0, 1, 2], "sequences", None),
        (["year", "hour", "load"], "steps", None),
    ],
)
def test_columns_that_give_a_table_away(columns, rows, found):
    frame = pd.DataFrame(rng.randn(30, 3), columns=columns)
    frame[columns[0]] = np.repeat([1.0, 2.0, 3.0], 10)
    said = _frames.likely_columns(frame, rows=rows)
    assert said is None if found is None else re.search(found, " ".join(said))


@pytest.mark.parametrize("column", ["t", "time", "Timestamp", "obs_time", "date"])
def test_a_column_that_counts_steps_is_time(column):
    frame = pd.DataFrame({"u": rng.randn(30), column: np.arange(30) * 0.1})
    assert "hand over X" in _frames.likely_columns(frame, rows="steps")[1]
    assert "hand over [X]" in _frames.likely_columns(frame, rows="sequences")[1]
    frame[column] = rng.randn(30)  # temperature, say
    assert _frames.likely_columns(frame, rows="steps") is None


def test_an_id_of_each_row_or_of_all_is_no_sign():
    frame = pd.DataFrame({"id": range(30), "u": 0.0})
    assert _frames.likely_columns(frame, rows="steps") is None
    assert _frames.likely_columns(frame.assign(id=7), rows="steps") is None
