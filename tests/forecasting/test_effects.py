"""Effects of covariates on ordinary series."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from dlkit import SeasonalForecaster
from dlkit.forecasting._effects import Effects, _without_level, add_effect

RNG = np.random.RandomState(0)
N, AHEAD = 150, 14
T = np.arange(N + AHEAD)
HOLIDAY = (RNG.rand(N + AHEAD) < 0.1).astype(float)
WARMTH = 10 + np.cumsum(RNG.randn(N + AHEAD))
TABLE = np.column_stack([HOLIDAY, WARMTH])
PLAIN = 100 + 0.1 * T + 20 * np.sin(2 * np.pi * T / 7) + RNG.randn(N + AHEAD)
SALES = PLAIN - 30 * HOLIDAY + 2 * WARMTH


def test_nothing_is_left_of_levels_and_seasons():
    """By hand: the mean over four weeks, then the means of phases; ends are left out."""
    x = RNG.randn(90)
    left = np.array([x[t] - x[t - 14 : t + 14].mean() for t in range(14, 76)])
    left -= np.array([left[t % 7 :: 7].mean() for t in range(62)])
    assert_allclose(_without_level(x[:, None], (7,))[:, 0], left, atol=1e-12)
    smooth = 3 + 0.1 * np.arange(90) + np.sin(2 * np.pi * np.arange(90) / 7)
    assert_allclose(_without_level(smooth[:, None], (7,)), 0, atol=1e-12)
    assert len(_without_level(x[:50, None], (7,))) == 50


@pytest.mark.parametrize("log", [False, True])
def test_effects_are_found(log):
    true = np.array([-0.5, 0.02])
    x = add_effect(PLAIN, TABLE @ true * (1 if log else 20), log)
    effects = Effects.fit([(0, x, log, (7,))], [TABLE], None)
    size = Effects.size(x, log)
    found = effects.coef[log] / effects.known.scale * size
    assert_allclose(found, true * (1 if log else 20), rtol=0.15)
    added = effects.of(TABLE, log, size) - effects.of(TABLE[:1] * 0, log, size)
    assert_allclose(added, TABLE @ found, atol=1e-10)


def test_series_of_another_form_have_no_effects():
    effects = Effects.fit([(0, PLAIN, True, ())], [TABLE], None)
    assert_allclose(effects.of(TABLE, False, 1.0), 0)


@pytest.mark.parametrize("multiplied", [False, True])
def test_forecasts_know_what_is_known_ahead(multiplied):
    y = PLAIN * np.exp(-0.4 * HOLIDAY + 0.03 * WARMTH) if multiplied else SALES
    days = pd.date_range("2024-01-01", periods=N + AHEAD)
    series = pd.Series(y, days, name="sales")
    known = pd.DataFrame(TABLE, days, ["holiday", "warmth"])
    form = "multiplicative" if multiplied else "additive"
    model = SeasonalForecaster(form=form).fit(series[:N], covariates=known[:N])
    future = model.forecast(AHEAD, covariates=known[N:])
    blind = SeasonalForecaster(form=form).fit(series[:N]).forecast(AHEAD)
    error, of_blind = (abs(f - series[N:]).mean() for f in (future, blind))
    assert future.name == "sales"
    assert future.index.equals(days[N:])
    assert error < 0.35 * of_blind
    lower, upper = model.forecast_interval(AHEAD, covariates=known[N:], coverage=0.9)
    assert ((lower < series[N:]) & (series[N:] < upper)).mean() > 0.7
    (median,) = model.forecast_quantiles(AHEAD, quantiles=[0.5], covariates=known[N:])
    assert_allclose(median, future, rtol=1e-9)
    paths = model.sample_paths(AHEAD, 400, covariates=known[N:], random_state=0)
    assert_allclose(np.median(paths, axis=0), future, rtol=0.05)
    assert model.score(series[:N], covariates=known[:N]) > 0.9
    goes_on = model.forecast(AHEAD - 7, series[N : N + 7], covariates=known[N:])
    again = model.forecast(AHEAD - 7, series[: N + 7], covariates=known)
    assert_allclose(goes_on, again)
    told = abs(goes_on - series[N + 7 :]).mean()
    assert told < 0.35 * of_blind


def test_an_effect_that_is_added_is_added_to_the_forecast():
    """What covariates explain does not change what is left."""
    options = {"period": 7, "form": "additive"}
    want = SeasonalForecaster(**options).fit(SALES[:N], covariates=TABLE[:N])
    got = SeasonalForecaster(**options).fit(
        SALES[:N] + TABLE[:N] @ [5.0, -3.0], covariates=TABLE[:N]
    )
    ahead = TABLE[N:]
    assert_allclose(
        got.forecast(AHEAD, covariates=ahead),
        want.forecast(AHEAD, covariates=ahead) + ahead @ [5.0, -3.0],
        atol=0.5,
    )


def test_units_of_series_and_covariates_do_not_matter():
    options = {"period": 7, "form": "additive"}
    want = SeasonalForecaster(**options).fit(SALES[:N], covariates=TABLE[:N])
    got = SeasonalForecaster(**options).fit(
        1e3 * SALES[:N] - 7, covariates=TABLE[:N] * [1e-6, 1e4] + 3
    )
    assert_allclose(
        got.forecast(AHEAD, covariates=TABLE[N:] * [1e-6, 1e4] + 3),
        1e3 * want.forecast(AHEAD, covariates=TABLE[N:]) - 7,
        rtol=1e-6,
    )


def test_a_list_of_series_has_one_model():
    series = [SALES[:100], 50 * SALES[40:N] + 9]
    tables = [TABLE[:100], TABLE[40:N]]
    model = SeasonalForecaster(period=7, form="additive").fit(series, covariates=tables)
    ahead = model.forecast(5, covariates=[TABLE[100:105], TABLE[N : N + 5]])
    assert_allclose(ahead[0], SALES[100:105], atol=6)
    assert_allclose(ahead[1], 50 * SALES[N : N + 5] + 9, atol=300)
    (other,) = model.forecast(5, [SALES[10:90]], covariates=[TABLE[10:95]])
    assert_allclose(other, SALES[90:95], atol=6)


def test_missing_steps_and_few_steps():
    x = SALES[:N].copy()
    x[50:56] = np.nan
    model = SeasonalForecaster(period=7).fit(x, covariates=TABLE[:N])
    assert_allclose(model.forecast(7, covariates=TABLE[N : N + 7]), SALES[N : N + 7], atol=8)
    short = SeasonalForecaster().fit(SALES[:4], covariates=HOLIDAY[:4])
    assert np.isfinite(short.forecast(3, covariates=HOLIDAY[4:7])).all()
    even = SeasonalForecaster().fit(SALES[:N], covariates=np.ones(N))
    without = SeasonalForecaster().fit(SALES[:N])
    assert_allclose(even.forecast(3, covariates=np.ones(3)), without.forecast(3))
    assert without.effects_ is None


def test_what_is_refused():
    model = SeasonalForecaster().fit(SALES[:N], covariates=TABLE[:N])
    with pytest.raises(ValueError, match="covariates are needed"):
        model.forecast(3)
    with pytest.raises(ValueError, match="covariates are needed"):
        model.predict(SALES[:N])
    with pytest.raises(ValueError, match="covariates has 4 rows, but 3 are needed"):
        model.forecast(3, covariates=TABLE[N : N + 4])
    with pytest.raises(ValueError, match="covariates has 1 columns, but 2 are needed"):
        model.forecast(3, covariates=HOLIDAY[N : N + 3])
    with pytest.raises(ValueError, match="covariates were given, but fit had none"):
        SeasonalForecaster().fit(SALES[:N]).forecast(3, covariates=TABLE[N : N + 3])
    with pytest.raises(ValueError, match="covariates has 3 rows"):
        SeasonalForecaster().fit(SALES[:N], covariates=TABLE[:3])
