"""Errors of forecasts against their formulas, in all forms that series come in."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dlkit.metrics import mase, smape

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
