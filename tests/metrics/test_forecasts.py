"""Errors of forecasts against their formulas, in all forms that series come in."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dlkit.exceptions import ReadingWarning
from dlkit.metrics import (
    coverage,
    crps,
    interval_score,
    mase,
    nmse,
    nrmse,
    pinball,
    smape,
    valid_time,
)

RNG = np.random.RandomState(0)
PAST, TRUTH, GUESS = (RNG.gamma(3, size=(n, 2)) for n in (40, 9, 9))


def naive_mase(truth, guess, past, period):
    q = sum(abs(past[t] - past[t - period]) for t in range(period, len(past)))
    q /= len(past) - period
    return sum(abs(y - f) for y, f in zip(truth, guess, strict=True)) / len(truth) / q


def naive_smape(truth, guess):
    each = [abs(y - f) / (abs(y) + abs(f)) for y, f in zip(truth, guess, strict=True)]
    return 200 * sum(each) / len(truth)


@pytest.mark.parametrize("period", [1, 4, 12])
def test_mase_is_the_formula(period):
    each = [naive_mase(TRUTH[:, c], GUESS[:, c], PAST[:, c], period) for c in (0, 1)]
    for c in (0, 1):
        one = TRUTH[:, c], GUESS[:, c]
        assert mase(*one, y_train=PAST[:, c], period=period) == pytest.approx(each[c])
    assert mase(TRUTH, GUESS, y_train=PAST, period=period) == pytest.approx(np.mean(each))
    every = mase(TRUTH, GUESS, y_train=PAST, period=period, average=False)
    assert_allclose(every.mean(axis=0), each)


def test_smape_is_the_formula():
    each = [naive_smape(TRUTH[:, c], GUESS[:, c]) for c in (0, 1)]
    assert smape(TRUTH[:, 0], GUESS[:, 0]) == pytest.approx(each[0])
    assert smape(TRUTH, GUESS) == pytest.approx(np.mean(each))
    assert_allclose(smape(TRUTH, GUESS, average=False).mean(axis=0), each)
    assert smape([0.0, -1.0], [0.0, 1.0]) == 100
    assert smape([1e308], [-1e308]) == 200


@given(st.floats(1e-3, 1e3), st.integers(0, 50))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_errors_have_no_unit(unit, seed):
    rng = np.random.RandomState(seed)
    past, truth, guess = rng.gamma(2, size=(3, 8))
    assert mase(truth * unit, guess * unit, y_train=past * unit) == pytest.approx(
        mase(truth, guess, y_train=past)
    )
    assert smape(truth * unit, guess * unit) == pytest.approx(smape(truth, guess))


def test_series_frames_and_lists():
    expected = mase(TRUTH[:, 0], GUESS[:, 0], y_train=PAST[:, 0])
    dates = pd.date_range("2020", periods=9)
    for form in (list, lambda x: pd.Series(x, dates[: len(x)] if len(x) < 10 else None), pl.Series):
        forms = form(TRUTH[:, 0]), form(GUESS[:, 0])
        assert mase(*forms, y_train=form(PAST[:, 0])) == pytest.approx(expected)
        assert smape(*forms) == pytest.approx(smape(TRUTH[:, 0], GUESS[:, 0]))
    frames = pd.DataFrame(TRUTH), pl.DataFrame(GUESS)
    assert mase(*frames, y_train=PAST) == pytest.approx(mase(TRUTH, GUESS, y_train=PAST))
    assert mase(TRUTH[:, [0]], GUESS[:, 0], y_train=PAST[:, 0]) == pytest.approx(expected)


def test_the_score_of_several_series_is_the_mean_of_theirs():
    truths, guesses, pasts = ([one[: 3 + k, k] for k in (0, 1)] for one in (TRUTH, GUESS, PAST))
    each = [mase(t, g, y_train=p) for t, g, p in zip(truths, guesses, pasts, strict=True)]
    assert mase(truths, guesses, y_train=pasts) == pytest.approx(np.mean(each))
    found = mase(truths, guesses, y_train=pasts, average=False)
    assert [len(one) for one in found] == [3, 4]
    with pytest.raises(ValueError, match="y_pred must have one member for each of 2 series"):
        smape(truths, guesses[:1])


def test_constants_and_missing_values():
    assert mase([1.0], [1.0], y_train=[2.0, 2.0]) == 0
    assert mase([1.0], [2.0], y_train=[2.0, 2.0]) == np.inf
    assert mase([1.0], [2.0], y_train=[1.0, np.nan, 3.0, 5.0]) == 0.5
    with pytest.raises(ValueError, match="no two values 1 steps apart"):
        mase([1.0], [2.0], y_train=[1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_train": [1.0, 2.0], "period": 2}, "y_train has 2 steps.*needs at least 3"),
        ({"y_train": np.ones((5, 2))}, "as many outputs"),
        ({"y_pred": [1.0]}, "y_pred must have the shape of y_true"),
        ({"y_pred": [np.nan, 1.0]}, "y_pred"),
        ({"period": 0}, "period"),
        ({"period": 1.5}, "period"),
        ({"average": "no"}, "average"),
    ],
)
def test_errors(change, message):
    given = {"y_true": [1.0, 2.0], "y_pred": [1.0, 2.0], "y_train": [1.0, 2.0, 3.0]} | change
    with pytest.raises(ValueError, match=message):
        mase(**given)


DAYS = pd.date_range("2024-01-01", periods=4)
RIGHT, FOUND = pd.Series([1.0, 2.0, 4.0, 3.0], DAYS), pd.Series([1.0, 3.0, 4.0, 2.0], DAYS)
CALLS = {
    "nmse": lambda truth, guess: nmse(truth, guess),
    "nrmse": lambda truth, guess: nrmse(truth, guess),
    "smape": lambda truth, guess: smape(truth, guess),
    "mase": lambda truth, guess: mase(truth, guess, y_train=[1.0, 2.0, 4.0]),
    "valid_time": lambda truth, guess: valid_time(truth, guess),
    "pinball": lambda truth, guess: pinball(truth, [guess, guess], quantiles=[0.4, 0.6]),
    "crps": lambda truth, guess: crps(truth, guess, std=1.0),
    "coverage": lambda truth, guess: coverage(truth, guess, guess),
    "interval_score": lambda truth, guess: interval_score(truth, guess, guess),
}


@pytest.mark.parametrize("name", CALLS)
def test_forecasts_of_other_steps_are_warned_of(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        want = CALLS[name](RIGHT, FOUND)
        assert CALLS[name](RIGHT, FOUND.to_numpy()) == want
        assert CALLS[name](RIGHT.reset_index(drop=True), FOUND) == want
    with pytest.warns(ReadingWarning, match="in another order: row 0 is 2024-01-01"):
        CALLS[name](RIGHT, FOUND[::-1])
    with pytest.warns(ReadingWarning, match="other dates: row 0 is 2024-01-01.*2024-01-02"):
        CALLS[name](RIGHT, FOUND.shift(1, "D"))


@pytest.mark.parametrize("name", [name for name in CALLS if name != "mase"])
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_in_another_order_are_refused(name, frame):
    truth = frame({"a": [1.0, 2.0, 4.0], "b": [2.0, 1.0, 3.0]})
    CALLS[name](truth, truth)
    with pytest.raises(ValueError, match=r"has the columns \['b', 'a'\], y_true has \['a', 'b'\]"):
        CALLS[name](truth, truth[["b", "a"]])


def test_lists_are_held_against_each_other_pair_by_pair():
    with pytest.warns(ReadingWarning, match=r"y_pred\[1\] is read row by row beside y_true\[1\]"):
        smape([RIGHT, RIGHT], [FOUND, FOUND[::-1]])


def test_one_step_of_many_outputs_is_told():
    x = np.sin(np.arange(30.0))
    with pytest.warns(ReadingWarning, match=r"one step of 30 outputs.*y_true.T"):
        valid_time(x[None], x[None])


@pytest.mark.parametrize("scale", [1e-300, 1e300, 4e307])
def test_mase_at_the_ends_of_float64(scale):
    past, truth, guess = (np.clip(RNG.normal(size=n), -2, 2) for n in (12, 4, 4))
    past[4] = np.nan
    with np.errstate(all="raise"):
        found = mase(scale * truth, scale * guess, y_train=scale * past, period=2)
    assert found == pytest.approx(mase(truth, guess, y_train=past, period=2), rel=1e-6)
