"""The warning of likelier readings: what it says, and whose line it names."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from dlkit import PerStep, ReservoirStates
from dlkit._readings import (
    channels_are_steps,
    rows_are_steps,
    warn_of_labels,
    warn_reading,
)
from dlkit.exceptions import IgnoredParameterWarning, ReadingWarning


def read(X):
    warn_reading("X is read as a", likely="is b", mend="hand over f(X)", meant="pass rows=1")
    return X


def test_the_warning_names_reading_likelihood_mend_and_silence():
    with pytest.warns(ReadingWarning) as caught:
        read(None)
    assert str(caught[0].message) == (
        "X is read as a. More probably X is b: then hand over f(X). If the reading is right, pass "
        'rows=1, or silence this warning by warnings.simplefilter("ignore", '
        "dlkit.exceptions.ReadingWarning)."
    )
    with pytest.warns(ReadingWarning, match=r"If the reading is right, silence this warning by"):
        warn_reading("X is read as a", likely="is b", mend="hand over f(X)")


def test_the_warning_names_the_line_of_the_caller_outside_the_package(monkeypatch):
    monkeypatch.setitem(read.__globals__, "__name__", "dlkit.somewhere")
    pipe = make_pipeline(FunctionTransformer(read))
    with pytest.warns(ReadingWarning) as caught:
        exec(compile("pipe.fit_transform([[1.0]])", "user.py", "exec"), {"pipe": pipe})
    assert caught[0].filename == "user.py"


def test_categories_are_apart():
    assert issubclass(ReadingWarning, UserWarning)
    assert not issubclass(ReadingWarning, IgnoredParameterWarning)


def test_channels_and_steps_change_places():
    """By the formula: differences of neighbours against the spread, rows centred."""
    t = np.arange(200)
    series = np.c_[np.sin(t / 9), np.cos(t / 5), np.sin(t / 14 + 1)]  # smooth steps, free channels
    first = np.ascontiguousarray(series.T)
    assert channels_are_steps(first, np.array([0, 3]))
    assert not channels_are_steps(series, np.array([0, 200]))
    assert channels_are_steps(np.tile(first, (4, 1)), np.array([0, 3, 6, 9, 12]))
    noise = np.random.RandomState(0).randn(60, 40)
    assert not channels_are_steps(noise, np.array([0, 12, 20, 40, 60]))
    assert channels_are_steps(noise[:20], np.arange(21))  # one step each
    assert not channels_are_steps(noise[:20, :7], np.arange(21))


def test_rows_and_sequences_change_places():
    t = np.arange(100)
    series = np.c_[np.sin(t / 9), 1e3 * np.cos(t / 5), 1e-3 * np.sin(t / 14 + 1)]
    assert rows_are_steps(series)
    assert rows_are_steps(series[:30])
    assert not rows_are_steps(series.T)
    assert not rows_are_steps(series[np.random.RandomState(0).permutation(100)])
    assert not rows_are_steps(np.ones((100, 3)))


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e200, 1e308])
def test_numbers_of_any_size_raise_nothing(size):
    noise = np.random.RandomState(0).uniform(-1, 1, (60, 40)) * size
    with np.errstate(all="raise"):
        assert not channels_are_steps(noise, np.array([0, 30, 60]))
        assert not rows_are_steps(noise[:, :4])


INDEX = pd.Index(list("abcd"))


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (pd.Series(range(4), INDEX), pd.Series(range(4), INDEX[::-1]), "row 0 is a in X and d in"),
        (pd.DataFrame({"u": range(4)}), pd.Series(range(4), [0, 2, 1, 3]), "row 1 is 1 in X and 2"),
        (
            pd.Series(range(4), pd.MultiIndex.from_product([[1, 2], [5, 6]])),
            pd.Series(range(4), pd.MultiIndex.from_product([[2, 1], [5, 6]])),
            r"row 0 is \(1, 5\) in X",
        ),
        (
            [pd.Series([1, 2])] * 2,
            [pd.Series([1, 2]), pd.Series([1, 2], [1, 0])],
            r"X\[1\].*y\[1\]",
        ),
    ],
)
def test_labels_in_another_order_are_warned_of(one, other, match):
    with pytest.warns(ReadingWarning, match=match) as caught:
        warn_of_labels(one, other, ("X", "y"))
    assert ".reindex(X" in str(caught[0].message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.Series(range(4), INDEX), np.arange(4)),
        (pd.Series(range(4), INDEX), pd.Series(range(4), INDEX)),
        (pd.Series(range(4), INDEX), pd.Series(range(4), list("efgh"))),
        (pd.Series(range(4), list("abab")), pd.Series(range(4), list("baba"))),
        (pd.Series(range(4), [1, "a", 2, "b"]), pd.Series(range(4), INDEX)),
        (pd.Series(range(4)), pl.Series([4, 3, 2, 1])),
        ([1.0, 2.0], [2.0, 1.0]),
        ([], []),
    ],
)
def test_other_labels_say_nothing(one, other):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_labels(one, other, ("X", "y"))


def test_series_in_rows_are_told_what_reads_them():
    X = np.cumsum(np.random.RandomState(0).randn(20, 200), axis=1)
    with pytest.warns(
        ReadingWarning, match=r"X.T, or say rows=\"sequences\" for series a row each"
    ):
        PerStep(StandardScaler()).fit(X)
    with pytest.warns(ReadingWarning, match=r"X.T, or list\(X\) for series a row each"):
        ReservoirStates(9, random_state=0).fit(X)
