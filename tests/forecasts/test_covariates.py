"""Covariates that are known ahead: against ridge fits written out, in every form."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from dlkit import ESNForecaster, NVARForecaster, ReservoirSearchCV, SeasonalForecaster

from .. import naive

R = np.random.RandomState(0)
C = np.c_[R.randn(130), np.arange(130) % 7 == 0].astype(float)
X = np.zeros(130)
for _t in range(1, 130):
    X[_t] = 0.6 * X[_t - 1] + 2 * C[_t, 0] - 3 * C[_t, 1] + 0.01 * R.randn()
DAYS = pd.date_range("2024-01-01", periods=130)


def oracle(x, c, n_steps, future, alpha=1e-3, horizon=1):
    """Linear model of x(t), c(t + 1), ..., c(t + horizon), run on."""
    n = len(x)
    rows = np.array([np.r_[x[t], c[t + 1 : t + 1 + horizon].ravel()] for t in range(n - horizon)])
    targets = np.array([x[t + 1 : t + 1 + horizon] for t in range(n - horizon)])
    coef, intercept = naive.ridge(rows, targets, alpha)
    last, known, found = x[-1], future, []
    while len(found) < n_steps:
        padded = np.vstack([known, np.repeat(known[-1:], horizon, axis=0)])[:horizon]
        block = np.r_[last, padded.ravel()] @ coef + intercept
        found += list(block)
        last, known = block[-1], known[horizon:] if len(known) > horizon else known[-1:]
    return np.array(found[:n_steps])


OPTIONS = {"order": 1, "alpha": 1e-3, "scaling": None}


@pytest.mark.parametrize("horizon", [1, 3])
def test_covariates_enter_one_step_ahead(horizon):
    model = NVARForecaster(1, horizon=horizon, **OPTIONS)
    model.set_params(horizon__increments=False).fit(X[:100], covariates=C[:100])
    want = oracle(X[:100], C[:100], 9, C[100:109], horizon=horizon)
    assert_allclose(model.forecast(9, covariates=C[100:109]), want, atol=1e-8)
    assert_allclose(model.forecast(9, X[:100], covariates=C[:109]), want, atol=1e-8)
    more = model.forecast(7, covariates=C[100 : 106 + horizon])
    assert_allclose(more, want[:7], atol=1e-8)
    ahead = model.predict(X, covariates=C)
    assert_allclose(model.predict(X[100:], covariates=C[100:])[:-3], ahead[100:-3], atol=1e-9)
    exact = np.vstack([C, C[:horizon]])
    assert_allclose(model.predict(X, covariates=exact)[:-horizon], ahead[:-horizon], atol=1e-9)
    assert model.score(X[100:], covariates=C[100:]) > 0.99


def test_states_wait_for_covariates():
    """The last step of the training is run when the covariates of the next are there."""
    model = ESNForecaster(20, alpha=1e-4, washout=10, random_state=0)
    model.fit(X[:100], covariates=C[:100])
    ahead = model.forecast(20, covariates=C[100:120])
    assert_allclose(ahead, X[100:120], atol=0.3)
    assert_allclose(ahead, model.forecast(20, X[:100], covariates=C[:120]), atol=1e-9)
    whole = model.predict(X, covariates=C)
    assert_allclose(model.predict(X[100:], covariates=C[100:]), whole[100:], atol=1e-9)
    fit = model.predict(X[100:], initial_state="fit", covariates=C[100:])
    assert_allclose(fit, whole[100:], atol=1e-9)
    other = C[100:120].copy()
    other[5:] = 0
    changed = model.forecast(20, covariates=other)
    assert_allclose(changed[:5], ahead[:5], atol=1e-9)
    assert abs(changed[5] - ahead[5]) > 1e-3
    noisy = ESNForecaster(20, alpha=1e-2, noise=1e-3, random_state=0)
    assert np.isfinite(noisy.fit(X[:100], covariates=C[:100]).forecast(3, covariates=C[:3])).all()


def test_every_form():
    want = NVARForecaster(1, **OPTIONS).fit(X[:100], covariates=C[:100])
    want = want.forecast(5, covariates=C[100:105])
    frame = pd.DataFrame(C, DAYS, columns=["wind", "holiday"])
    frame["holiday"] = frame["holiday"].astype(bool)
    polars = pl.DataFrame(C, schema=["wind", "holiday"]).insert_column(
        0, pl.Series("day", DAYS.to_numpy())
    )
    for x, c, take in (
        (pd.Series(X, DAYS), frame, lambda c, a, b: c.iloc[a:b]),
        (pd.Series(X), frame, lambda c, a, b: c.iloc[a:b]),
        (X[:, None], C.tolist(), lambda c, a, b: c[a:b]),
        (pl.Series("a", X), polars, lambda c, a, b: c[a:b]),
        (X, C.astype(np.float32), lambda c, a, b: c[a:b]),
    ):
        model = NVARForecaster(1, **OPTIONS).fit(x[:100], covariates=take(c, 0, 100))
        got = model.forecast(5, covariates=take(c, 100, 105))
        assert_allclose(np.ravel(got), want, rtol=1e-5)
    one = NVARForecaster(1, **OPTIONS).fit(X[:100], covariates=C[:100, 0])
    series = pd.Series(C[:, 0], DAYS, name="wind")
    two = NVARForecaster(1, **OPTIONS).fit(X[:100], covariates=series[:100])
    assert_allclose(one.forecast(3, covariates=C[100:103, 0]),
                    two.forecast(3, covariates=series[100:103]))  # fmt: skip


def test_several_series_each_with_its_own():
    parts, tables = [X[:60], 10 * X[60:] + 5], [C[:60], C[60:]]
    model = ESNForecaster(20, alpha=1e-4, random_state=0).fit(parts, covariates=tables)
    ahead = model.forecast(4, covariates=[C[60:64], C[:4]])
    assert_allclose(ahead[0], X[60:64], atol=0.5)
    again = model.forecast(4, parts[::-1], covariates=[np.vstack([tables[1], C[:4]]), C[:64]])
    for a, b in zip(again[::-1], ahead, strict=True):
        assert_allclose(a, b, atol=1e-8)
    cube = ESNForecaster(20, random_state=0)
    cube.fit(np.stack([X[:60], X[60:120]])[:, :, None], covariates=np.stack([C[:60], C[60:120]]))
    assert cube.forecast(3, covariates=np.stack([C[:3], C[3:6]])).shape == (2, 3, 1)


def test_units_of_covariates_do_not_matter():
    model = ESNForecaster(20, alpha=1e-4, random_state=0)
    want = model.fit(X[:100], covariates=C[:100]).forecast(9, covariates=C[100:109])
    other = 1e4 * C - 7
    got = model.fit(X[:100], covariates=other[:100]).forecast(9, covariates=other[100:109])
    assert_allclose(got, want, rtol=1e-7, atol=1e-7)


BAD = [
    ({"covariates": C[:99]}, r"covariates has 99 rows, but 100 are needed: one for each step of X"),
    ({"covariates": C}, "covariates has 130 rows"),
    ({"covariates": np.full((100, 1), np.nan)}, "covariates.*NaN"),
    ({"covariates": [["a"]] * 100}, "covariates"),
    ({"covariates": pd.DataFrame(C[1:101], DAYS[1:101])}, "does not begin at the first step of X"),
    ({"covariates": 3.0}, "covariates"),
    ({"covariates": C[:100], "y": X[:100]}, "covariates.*channels of X"),
]


@pytest.mark.parametrize(("options", "match"), BAD)
def test_what_fits_no_series_is_refused(options, match):
    model = NVARForecaster()
    with pytest.raises((ValueError, TypeError), match=match):
        model.fit(pd.Series(X[:100], DAYS[:100]), **options)
    assert not hasattr(model, "readout_")


def test_what_fit_did_not_see_is_refused():
    frame = pd.DataFrame(C, DAYS, columns=["wind", "holiday"])
    model = NVARForecaster().fit(pd.Series(X[:100], DAYS[:100]), covariates=frame[:100])
    for covariates, match in (
        (None, "covariates are needed"),
        (frame[100:102], "2 rows, but 3 are needed: one for each step to come"),
        (frame[100:104], "4 rows, but 3"),
        (frame[["holiday", "wind"]][100:103], r"columns \['holiday', 'wind'\], but fit saw"),
        (frame[["wind"]][100:103], r"columns \['wind'\]"),
        (C[100:103, :1], "has 1 columns, but 2 are needed"),
        (frame[101:104], "does not begin at the step after the series"),
        ([C[100:103]] * 2, "covariates"),
    ):
        with pytest.raises(ValueError, match=match):
            model.forecast(3, covariates=covariates)
    with pytest.raises(ValueError, match="covariates are needed"):
        model.score(X)
    with pytest.raises(ValueError, match="fit had none"):
        NVARForecaster().fit(X).forecast(3, covariates=C[:3])
    with pytest.raises(ValueError, match="covariates holds 2 tables for 3 series"):
        NVARForecaster().fit([X[:40], X[40:80], X[80:]], covariates=[C[:40], C[40:80]])
    with pytest.raises(ValueError, match="without covariates"):
        model.partial_fit(X[100:])
    tables = [pd.DataFrame({"a": C[:40, 0]}), pd.DataFrame({"b": C[:40, 0]})]
    with pytest.raises(ValueError, match=r"covariates\[1\] has the columns \['b'\], but those of"):
        NVARForecaster().fit([X[:40], X[40:80]], covariates=tables)


def test_cross_validation_hands_covariates_on():
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        model = NVARForecaster(1, order=1).set_fit_request(covariates=True)
        model.set_score_request(covariates=True)
        search = GridSearchCV(model, {"alpha": [1e-3, 1.0]}, cv=TimeSeriesSplit(3))
        search.fit(X, covariates=C)
        ours = ReservoirSearchCV(model, {"alpha": [1e-3, 1.0]}, cv=TimeSeriesSplit(3))
        with pytest.warns(UserWarning, match="the ordinary way"):
            ours.fit(X, covariates=C)
    assert search.best_score_ > 0.99
    assert ours.best_score_ == pytest.approx(search.best_score_)


def test_a_dict_of_columns_is_told_what_to_be():
    model = NVARForecaster().fit(X, covariates=pd.DataFrame({"a": C[:, 0], "b": C[:, 1]}))
    future = {"a": C[:3, 0], "b": C[:3, 1]}
    with pytest.raises(TypeError, match=r"covariates is a dict: hand over pd\.DataFrame"):
        model.forecast(3, covariates=future)
    assert len(model.forecast(3, covariates=pd.DataFrame(future))) == 3


HOURS = pd.date_range(DAYS[0], periods=130, freq="h")
AHEAD = pd.date_range(DAYS[100], periods=3, freq="h")


@pytest.mark.parametrize("make", [NVARForecaster, SeasonalForecaster])
def test_covariates_of_other_steps_are_refused(make):
    x, c = pd.Series(X[:100], DAYS[:100]), pd.DataFrame(C, DAYS)
    match = "other steps than the series: row 99 is at 2024-01-05 03:00:00, but .* at 2024-04-09"
    with pytest.raises(ValueError, match=match):
        make().fit(x, covariates=c.set_axis(HOURS)[:100])
    model = make().fit(x, covariates=c[:100])
    with pytest.raises(
        ValueError, match="other steps than the series: row 2 is at 2024-04-10 02:00:00"
    ):
        model.forecast(3, covariates=c[100:103].set_axis(AHEAD))
    with pytest.raises(ValueError, match="at the step after the series, 2024-04-10, but at 2024-"):
        model.forecast(3, covariates=c[101:104])
    zoned = c[:100].set_axis(DAYS[:100].tz_localize("Europe/Berlin"))
    with pytest.raises(ValueError, match="2024-01-01 00:00:00 of Europe/Berlin"):
        make().fit(x, covariates=zoned)
    numbered = pd.Series(X[:100], np.arange(10, 110))
    with pytest.raises(ValueError, match="row 99 is at 208, but that step .* is at 109"):
        make().fit(numbered, covariates=pd.DataFrame(C[:100], np.arange(10, 210, 2)))


def test_dates_lie_within_periods():
    x, c = pd.Series(X[:100], DAYS[:100]), pd.DataFrame(C, DAYS)
    model = NVARForecaster().fit(x, covariates=c[:100])
    want, periods = model.forecast(3, covariates=c[100:103]), c.set_axis(DAYS.to_period("D"))
    for series, table in ((x, periods), (x.set_axis(DAYS[:100].to_period("D")), c)):
        model = NVARForecaster().fit(series, covariates=table[:100])
        assert_allclose(model.forecast(3, covariates=table[100:103]), want)
        with pytest.raises(ValueError, match="at the step after the series, 2024-04-10, but at"):
            model.forecast(3, covariates=table[101:104])
    ends = pd.DataFrame(C, pd.date_range("2024-01-01", periods=130, freq="ME"))
    months = pd.Series(X[:100], pd.period_range("2024-01", periods=100, freq="M"))
    NVARForecaster().fit(months, covariates=ends[:100]).forecast(3, covariates=ends[100:103])


def test_polars_covariates_of_other_steps():
    days = pl.DataFrame({"d": DAYS.to_numpy(), "x": X})
    table = pl.DataFrame({"d": DAYS.to_numpy(), "c": C[:, 0]})
    model = NVARForecaster().fit(days[:100], covariates=table[:100])
    assert model.forecast(3, covariates=table[100:103]).shape == (3, 2)
    with pytest.raises(
        ValueError, match="other steps than the series: row 2 is at 2024-04-10 02:00:00"
    ):
        model.forecast(3, covariates=pl.DataFrame({"d": AHEAD.to_numpy(), "c": C[:3, 0]}))
