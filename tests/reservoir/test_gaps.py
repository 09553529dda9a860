"""Missing steps: what is filled, by hand; what counts; that forecasts hardly mind."""

from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.neighbors import KNeighborsRegressor

from dlkit import ESNForecaster, NVARForecaster, ReservoirSearchCV
from dlkit.reservoir._learning.gaps import first_filling
from dlkit.sequences import pack

from .. import naive_paths

T = np.arange(220)
X = 40 + 3 * np.sin(0.3 * T) + np.cos(0.11 * T)
TWO = np.c_[X, 1000 * np.sin(0.2 * T)]


def holes(x, *gaps):
    x = np.array(x, dtype=float)
    for gap in gaps:
        x[gap] = np.nan
    return x


GAPS = slice(0, 3), slice(50, 51), slice(90, 105), slice(196, 200)


def test_first_a_line_across_each_gap():
    x = np.array([np.nan, 1.0, np.nan, np.nan, 4.0, np.nan])[:, None]
    found = first_filling(pack([np.nan_to_num(x)]), np.isnan(x), slice(None))
    assert_allclose(found.values[:, 0], [1, 1, 2, 3, 4, 4])


def weighted_ridge(A, Y, alpha, weight):
    W = np.sqrt(weight)[:, None]
    mean, y_mean = (np.average(a, axis=0, weights=weight) for a in (A, Y))
    A, Y = W * (A - mean), W * (Y - y_mean)
    coef = np.linalg.solve(A.T @ A + alpha * np.eye(A.shape[1]), A.T @ Y)
    return coef, y_mean - mean @ coef


@pytest.mark.parametrize("increments", [False, True])
def test_gaps_are_filled_by_what_the_model_expects(increments):
    """Two rounds, written out for a linear model of two delays."""
    x = holes(X[:120], slice(40, 41), slice(70, 76))
    model = NVARForecaster(2, order=1, alpha=1e-3, scaling=None)
    model.set_params(horizon__increments=increments).fit(x)
    gone = np.isnan(x)
    filled = np.interp(np.arange(120), np.flatnonzero(~gone), x[~gone])
    doubt = [max([0.7 ** (t - s) for s in np.flatnonzero(gone) if 0 <= t - s <= 8], default=0)
             for t in range(120)]  # fmt: skip
    rows = np.array([t for t in range(1, 119) if not gone[t + 1]])
    for turn in range(3):
        F = naive_paths.nvar(filled[:, None], 2, 1, [1], constant=False)
        weight = np.array([doubt[t] == 0 if turn == 0 else (1 - doubt[t]) ** 2 for t in rows])
        y = filled[rows + 1] - filled[rows] * increments
        coef, intercept = weighted_ridge(F[rows], y[:, None], 1e-3, weight)
        if turn < 2:
            for t in np.flatnonzero(gone):
                row = naive_paths.nvar(filled[:t, None], 2, 1, [1], constant=False)[-1]
                filled[t] = (row @ coef + intercept)[0] + increments * filled[t - 1]
    assert_allclose(model.readout_.coef_.ravel(), coef.ravel(), atol=1e-6)
    ahead = F @ coef + intercept + increments * filled[:, None]
    given = model.predict(x)  # fills with the last readout
    assert_allclose(given[:40], ahead[:40, 0], atol=1e-6)
    assert_allclose(given[80:], ahead[80:, 0], atol=0.02)


MAKES = [partial(ESNForecaster, 100, random_state=0), partial(NVARForecaster, 4, order=1)]


@pytest.mark.compiled
@pytest.mark.parametrize("make", MAKES, ids=["ESN", "NVAR"])
@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("form", ["1-D", "2-D", "frame", "polars", "list"])
def test_leading_trailing_and_long_gaps(make, horizon, form):
    x = holes(X[:200], *GAPS)
    days = pd.date_range("2024", periods=200)
    given = {
        "1-D": x,
        "2-D": holes(TWO[:200], *GAPS),
        "frame": pd.Series(x, days, name="a").astype("Float64"),
        "polars": pl.DataFrame({"day": days.to_numpy(), "a": x}),
        "list": [x, X[:60]],
    }[form]
    if form == "polars":
        given = given.with_columns(pl.col("a").fill_nan(None))
    model = make(horizon=horizon).fit(given)
    got = model.forecast(20)
    got = got[0] if form == "list" else got["a"] if form == "polars" else got
    some = np.ravel(got)[:: 2 if form == "2-D" else 1]
    assert_allclose(some, X[200:220], atol=2.0 if form in ("2-D", "list") else 0.8)
    assert model.score(given) > 0.97
    assert np.isfinite(np.asarray(model.predict(given)[0] if form == "list" else
                                  model.predict(given), dtype=float)).all()  # fmt: skip
    if form == "frame":
        assert got.index[0] == pd.Timestamp("2024-07-19")


@pytest.mark.compiled
def test_some_channels_may_be_missing():
    x = np.array(TWO)
    x[30:33, 0] = np.nan
    x[31:60, 1] = np.nan
    model = ESNForecaster(40, washout=10, random_state=0).fit(x[:200])
    assert_allclose(model.forecast(10), TWO[200:210], rtol=0.1, atol=60)
    assert model.score(x) > 0.97


@pytest.mark.compiled
def test_a_later_series_has_gaps():
    model = ESNForecaster(40, washout=10, random_state=0).fit(X[:150])
    whole = model.predict(X[150:])
    later = holes(X[150:], slice(0, 1), slice(30, 40))
    got = model.predict(later)
    assert_allclose(got, whole, atol=0.1)
    assert_allclose(got[:0], whole[:0])
    assert_allclose(model.forecast(5, later), model.forecast(5, X[150:]), atol=0.1)
    scores = cross_val_score(
        ESNForecaster(40, random_state=0), holes(X, *GAPS), cv=TimeSeriesSplit(3)
    )
    assert scores.min() > 0.9
    search = ReservoirSearchCV(
        ESNForecaster(20, random_state=0), {"alpha": [1e-6, 1e-3]}, cv=TimeSeriesSplit(3)
    )
    with np.errstate(all="ignore"):
        assert search.fit(holes(X, slice(90, 95))).best_score_ > 0.9


def test_covariates_beside_gaps():
    c = np.sin(np.arange(230.0))
    x = np.cumsum(np.r_[0, c[1:220]])
    model = NVARForecaster(1, order=1, alpha=1e-6)
    model.fit(holes(x[:200], slice(100, 120)), covariates=c[:200])
    assert_allclose(model.forecast(10, covariates=c[200:210]), x[200:210], atol=1e-3)


@pytest.mark.parametrize("readout", [Ridge(1e-6), KNeighborsRegressor(2)])
def test_any_readout(readout):
    model = NVARForecaster(3, order=1, readout=readout).fit(holes(X[:200], *GAPS))
    assert np.isfinite(model.forecast(9)).all()
    weighted = NVARForecaster(2, order=1).fit(holes(X, slice(9, 12)), sample_weight=np.ones(220))
    assert_array_equal(weighted.forecast(3), NVARForecaster(2, order=1).fit(
        holes(X, slice(9, 12))).forecast(3))  # fmt: skip


def test_units_and_logs_do_not_mind():
    x = holes(X[:200], *GAPS)
    want = ESNForecaster(20, alpha=1e-3, random_state=0).fit(x).forecast(9)
    got = ESNForecaster(20, alpha=1e-3, random_state=0).fit(1e3 * x - 5).forecast(9)
    assert_allclose(got, 1e3 * want - 5, rtol=1e-8)
    logs = ESNForecaster(20, alpha=1e-3, scaling="log", random_state=0).fit(x).forecast(9)
    assert_allclose(logs, X[200:209], rtol=0.1)


def test_what_cannot_be_filled_is_refused():
    model = NVARForecaster()
    for x, options, match in (
        (np.full(20, np.nan), {}, "no value in channel 0 of sequence 0"),
        ([X, np.full((9, 1), np.nan)], {}, "no value in channel 0 of sequence 1"),
        (np.where(T % 2, X, np.nan), {}, "no two steps in a row"),
        (holes(X, slice(3, 4)), {"y": X}, "NaN in sequence 0, step 3"),
        (np.where(T == 9, np.inf, X), {}, "infinity in sequence 0, step 9"),
    ):
        with pytest.raises(ValueError, match=match):
            model.fit(x, **options)
    assert not hasattr(model, "readout_")
    with pytest.raises(ValueError, match="NaN in channels of the context"):
        ESNForecaster(9, context=1).fit(np.c_[X, np.full(220, np.nan)])
    with pytest.raises(ValueError, match="NaN"):
        NVARForecaster().partial_fit(X).partial_fit(holes(X, slice(0, 1)))


def test_weights_of_two_columns_with_gaps():
    """Weights were met with rows that do not count before anyone had looked at their shape."""
    X = np.sin(np.arange(150) / 5)[:, None]
    X[40:43] = np.nan
    for weight in (np.ones((150, 2)), np.ones((150, 1))):
        with pytest.raises(ValueError, match=r"sample_weight must .* of shape \(150,\)"):
            ESNForecaster(8, random_state=0).fit(X, sample_weight=weight)
