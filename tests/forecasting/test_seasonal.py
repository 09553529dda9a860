"""SeasonalForecaster, by its public name."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score

from dlkit import ESNForecaster, NVARForecaster, SeasonalForecaster
from dlkit.exceptions import ForecastWarning
from dlkit.metrics import coverage, mase


def sales(n=96, seed=0, noise=0.03, scale=100.0):
    """Monthly sales that grow, with a season in proportion."""
    rng = np.random.RandomState(seed)
    t = np.arange(n)
    shape = 1 + 0.3 * np.sin(2 * np.pi * t / 12) + 0.1 * np.cos(2 * np.pi * t / 6)
    return scale * (1 + 0.01 * t) * shape * np.exp(noise * rng.standard_normal(n))


def monthly(values, start="2012-01", name="sales"):
    return pd.Series(values, pd.period_range(start, periods=len(values), freq="M"), name=name)


def test_better_than_the_last_year():
    x = sales(120)
    future = SeasonalForecaster(period=12).fit(x[:108]).forecast(12)
    naive = x[96:108]
    error, of_naive = (mase(x[108:], f, y_train=x[:108], period=12) for f in (future, naive))
    assert error < 0.6 * of_naive


def test_forms_of_series():
    x = sales()
    one = SeasonalForecaster(period=12).fit(x)
    assert one.forecast(5).shape == (5,)
    assert one.periods_ == [(12,)]
    two = SeasonalForecaster(period=12).fit(x[:, None])
    np.testing.assert_array_equal(two.forecast(5)[:, 0], one.forecast(5))
    both = SeasonalForecaster(period=12).fit(np.column_stack([x, x[::-1]]))
    assert both.forecast(5).shape == (5, 2)
    cube = SeasonalForecaster(period=12).fit(np.stack([x, 2 * x])[:, :, None])
    assert cube.forecast(5).shape == (2, 5, 1)
    several = SeasonalForecaster(period=12).fit([x, x[:50]])
    assert [f.shape for f in several.forecast(5)] == [(5,), (5,)]
    assert [f.shape for f in several.predict([x, x[:50]])] == [(96,), (50,)]
    assert several.sample_paths(5, 7, random_state=0)[1].shape == (7, 5)
    assert both.sample_paths(5, 7, random_state=0).shape == (7, 5, 2)


def test_index_goes_on():
    x = monthly(sales())
    model = SeasonalForecaster().fit(x[:84])
    future = model.forecast(12)
    assert future.index.equals(x.index[84:])
    assert future.name == "sales"
    lower, upper = model.forecast_interval(12)
    assert lower.index.equals(x.index[84:])
    assert ((lower < future) & (future < upper)).all()
    frame = pd.DataFrame({"a": x, "b": 2 * x})
    frame = SeasonalForecaster().fit(frame[:84]).forecast(3)
    assert list(frame.columns) == ["a", "b"]
    np.testing.assert_allclose(frame["b"], 2 * frame["a"])
    assert frame.index.equals(x.index[84:87])


def test_period_by_frequency_and_by_the_series():
    x = sales()
    assert SeasonalForecaster().fit(monthly(x)).periods_ == [(12,)]
    assert SeasonalForecaster().fit(x).periods_ == [(12,)]
    assert SeasonalForecaster(period=None).fit(x).periods_ == [()]
    assert SeasonalForecaster(period=(6, 24)).fit(x).periods_ == [(6, 24)]
    hours = pd.Series(np.tile(x[:24], 30), pd.date_range("2020", periods=720, freq="h"))
    assert SeasonalForecaster().fit(hours).periods_ == [(24, 168)]
    assert SeasonalForecaster().fit(hours[:100]).periods_ == [(24,)]


@pytest.mark.parametrize("form", ["additive", "multiplicative"])
def test_scale_of_the_series_is_that_of_the_forecast(form):
    x = sales()
    a, b = (SeasonalForecaster(period=12, form=form).fit(s * x) for s in (1.0, 1e-5))
    for method in ("forecast", "forecast_interval"):
        f, g = (np.array(getattr(one, method)(30)) for one in (a, b))
        np.testing.assert_allclose(1e5 * g, f, rtol=1e-8)


def test_shift_of_a_sum():
    x = sales()
    a = SeasonalForecaster(period=12, form="additive").fit(x)
    b = SeasonalForecaster(period=12, form="additive").fit(-3 * x + 1e4)
    np.testing.assert_allclose(-3 * a.forecast(20) + 1e4, b.forecast(20), rtol=1e-9)


def test_one_model_for_a_list_and_new_series():
    many = [sales(60, seed=i, scale=10.0**i) for i in range(12)]
    model = SeasonalForecaster(period=12).fit([x[:48] for x in many])
    ahead = model.forecast(12)
    errors = [np.mean(np.abs(f / x[48:] - 1)) for f, x in zip(ahead, many, strict=True)]
    assert np.mean(errors) < 0.06
    new = sales(60, seed=99, scale=7.0)
    (future,) = model.forecast(12, [new[:48]])
    assert np.mean(np.abs(future / new[48:] - 1)) < 0.08
    (again,) = model.forecast(12, [100 * new[:48]])
    np.testing.assert_allclose(again, 100 * future, rtol=1e-9)


def test_forecast_of_the_training_series_given_again():
    x = sales()
    model = SeasonalForecaster(period=12).fit(x)
    np.testing.assert_allclose(model.forecast(9, x), model.forecast(9), rtol=1e-6)
    series = [x, x[5:50]]
    several = SeasonalForecaster(period=12).fit(series)
    for a, b in zip(several.forecast(9, series), several.forecast(9), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_what_follows_the_training_series_goes_on_from_its_end():
    x = sales(120)
    model = SeasonalForecaster(period=12).fit(x[:100])
    whole = model.predict(x)
    np.testing.assert_allclose(model.predict(x[100:]), whole[100:], rtol=1e-4)
    np.testing.assert_allclose(model.forecast(5, x[100:]), model.forecast(5, x), rtol=1e-4)
    assert model.score(x[100:]) > 0.8
    series = monthly(x)
    dated = SeasonalForecaster().fit(series[:100])
    np.testing.assert_allclose(dated.predict(series[100:]), whole[100:], rtol=1e-4)


def test_predict_does_not_see_what_it_predicts():
    x = sales(120)
    model = SeasonalForecaster(period=12).fit(x[:100])
    other = x.copy()
    other[110:] *= 3
    a, b = (model.predict(one[100:]) for one in (x, other))
    np.testing.assert_allclose(a[:10], b[:10], rtol=1e-3)


@pytest.mark.compiled
def test_as_scikit_learn_has_it():
    x = sales(120)
    scores = cross_val_score(SeasonalForecaster(period=12), x, cv=TimeSeriesSplit(4))
    assert (scores > 0.7).all()
    grid = {"period": [None, 12], "form": ["additive", "multiplicative"]}
    search = GridSearchCV(SeasonalForecaster(), grid, cv=TimeSeriesSplit(4)).fit(x)
    assert search.best_params_["period"] == 12
    assert search.best_estimator_.forecast(3).shape == (3,)
    clone(SeasonalForecaster(ESNForecaster(20), period=12))


def test_missing_values():
    x = sales(noise=0.01)
    gaps = x.copy()
    gaps[[0, 1, 40, 41, 42, 43, 60, 95]] = np.nan
    model = SeasonalForecaster(period=12)
    whole, found = model.fit(x).forecast(12), model.fit(gaps).forecast(12)
    np.testing.assert_allclose(found, whole, rtol=0.05)
    assert np.isfinite(model.predict(gaps)).all()
    assert model.score(gaps) > 0.9


@pytest.mark.parametrize("n", range(3, 30))
def test_short_series(n):
    x = sales(n)
    model = SeasonalForecaster().fit(x)
    lower, upper = model.forecast_interval(6)
    future = model.forecast(6)
    assert ((lower < future) & (future < upper)).all()
    assert future.max() < 3 * x.max()


@pytest.mark.parametrize("values", [np.zeros(40), np.full(40, 5.0), np.array([5.0, 5.0, 5.0])])
def test_constant_series(values):
    model = SeasonalForecaster().fit(values)
    np.testing.assert_allclose(model.forecast(40), values[0])
    np.testing.assert_allclose(model.forecast_interval(40), values[0])


@pytest.mark.parametrize("growth", [0.05, 0.3, -0.3])
def test_growth_does_not_run_away(growth):
    t = np.arange(40)
    x = np.exp(growth * t)
    future = SeasonalForecaster().fit(x).forecast(200)
    assert np.isfinite(future).all()
    assert (np.abs(np.log(future)) < 20 * 40 * abs(growth)).all()


@pytest.mark.compiled
def test_intervals_cover():
    inside = []
    for seed in range(40):
        x = sales(84, seed=seed, noise=0.1)
        model = SeasonalForecaster(period=12).fit(x[:72])
        lower, upper = model.forecast_interval(12, coverage=0.8)
        inside.append(coverage(x[72:], lower, upper))
    assert 0.72 < np.mean(inside) < 0.92
    nine = model.forecast_quantiles(12)
    assert len(nine) == 9
    assert (np.diff(nine, axis=0) > 0).all()
    np.testing.assert_allclose(nine[4], model.forecast(12))
    narrow, wide = (model.forecast_interval(12, coverage=c) for c in (0.5, 0.95))
    assert ((wide[0] < narrow[0]) & (narrow[1] < wide[1])).all()


def test_paths_are_distributed_as_the_quantiles_say():
    model = SeasonalForecaster(period=12).fit(sales())
    paths = model.sample_paths(12, 3000, random_state=0)
    for level in (0.1, 0.5, 0.9):
        (expected,) = model.forecast_quantiles(12, quantiles=[level])
        np.testing.assert_allclose(np.quantile(paths, level, axis=0), expected, rtol=0.03)
    np.testing.assert_array_equal(paths, model.sample_paths(12, 3000, random_state=0))
    logs = np.log(paths)
    assert np.corrcoef(logs[:, 3], logs[:, 4])[0, 1] > 0.1


@pytest.mark.compiled
@pytest.mark.parametrize(
    "forecaster", [NVARForecaster(4, order=1), ESNForecaster(30, random_state=0)]
)
def test_around_other_forecasters(forecaster):
    x = sales(120)
    model = SeasonalForecaster(forecaster, period=12).fit(x[:108])
    assert type(model.forecaster_) is type(forecaster)
    assert model.weights_ is None
    future = model.forecast(12)
    assert np.mean(np.abs(future / x[108:] - 1)) < 0.15
    lower, upper = model.forecast_interval(12)
    assert ((lower < future) & (future < upper)).all()
    assert model.predict(x[108:]).shape == (12,)
    several = SeasonalForecaster(forecaster, period=12).fit([x[:108], x[:70]])
    assert [f.shape for f in several.forecast(3)] == [(3,), (3,)]
    both = SeasonalForecaster(forecaster, period=12).fit(np.column_stack([x, x[::-1]]))
    assert both.forecast(3).shape == both.forecast(3, np.column_stack([x, x[::-1]])).shape == (3, 2)


def test_horizon():
    x = sales()
    assert SeasonalForecaster(period=12).fit(x).horizon_ == 24
    assert SeasonalForecaster(period=12).fit(x[:48]).horizon_ == 16
    assert SeasonalForecaster(period=None).fit(x).horizon_ == 8
    model = SeasonalForecaster(period=12, horizon=np.int8(6)).fit(x)
    assert model.horizon_ == 6
    assert len(model.forecast(30)) == 30


@pytest.mark.parametrize("n_steps", [0, -1, True, 1.5, "3"])
def test_horizons_that_are_none(n_steps):
    model = SeasonalForecaster().fit(sales(40))
    for call in (model.forecast, model.forecast_interval, model.forecast_quantiles):
        with pytest.raises(ValueError, match="n_steps must be a whole number of at least 1"):
            call(n_steps)
    with pytest.raises(ValueError, match="n_paths must be a whole number of at least 1"):
        model.sample_paths(3, n_steps)


@pytest.mark.parametrize("level", [0, 1, -0.5, 90])
def test_levels_that_are_none(level):
    model = SeasonalForecaster().fit(sales(40))
    with pytest.raises(ValueError, match="coverage must be a number between 0 and 1"):
        model.forecast_interval(3, coverage=level)
    with pytest.raises(ValueError, match="quantiles must be"):
        model.forecast_quantiles(3, quantiles=[0.5, level])


@pytest.mark.parametrize(
    ("parameters", "x", "message"),
    [
        ({"period": 30}, sales(59), "period=30 needs series of two periods at least, 60 steps"),
        ({"period": 0}, sales(), "'period' parameter"),
        ({"period": (12, 0.5)}, sales(), "period must be whole numbers"),
        ({"form": "multiplicative"}, -sales(), "needs positive values, but X holds -"),
        ({"form": "times"}, sales(), "'form' parameter"),
        ({"horizon": 0}, sales(), "'horizon' parameter"),
        ({"horizon": True}, sales(), "'horizon' parameter"),
        ({}, np.array([1.0, 2.0]), "X holds 2 values in series 0, of 2 steps; a forecast needs 3"),
        ({}, np.array([1.0, np.nan, np.nan, 2.0]), "X holds 2 values in series 0"),
        ({}, np.array([1.0, np.inf, 3.0, 2.0]), "infinity"),
    ],
)
def test_bad_input(parameters, x, message):
    with pytest.raises(ValueError, match=message):
        SeasonalForecaster(**parameters).fit(x)


def test_what_is_no_forecaster():
    for what in (ESNForecaster, 5, "esn"):
        with pytest.raises(TypeError, match="forecaster must be None or a forecaster"):
            SeasonalForecaster(what).fit(sales())
    with pytest.raises(ValueError, match="leave out y"):
        SeasonalForecaster().fit(sales(), sales())


def test_what_overflows_is_refused():
    x = np.sin(np.arange(60) / 5) + 2
    forecaster = SeasonalForecaster().fit(x)
    for ahead in (forecaster.predict, forecaster.score, lambda X: forecaster.forecast(3, X)):
        for far in (x * 5e307, np.where(np.arange(60) == 3, 1e308, x)):
            with pytest.raises(ValueError, match="X holds 1.*squares overflow"):
                ahead(far)
    small = SeasonalForecaster().fit(x.astype(np.float32))
    with pytest.raises(ValueError, match="overflows float32: scale X"):
        small.predict(x.astype(np.float32) * np.float32(1e38))
    with pytest.raises(ValueError, match="n_steps must be below 2147483648"):
        forecaster.forecast(2**63)


def test_a_positive_series_that_goes_on_below_zero_is_announced():
    x = 100 * 1.02 ** np.arange(60) * (1.5 + np.sin(np.arange(60) * np.pi / 6))
    forecaster = SeasonalForecaster().fit(x)
    later = x[:24] + 200
    gone = later.copy()
    gone[5] = np.nan
    want = forecaster.forecast(3, gone)
    gone[5] = 0.0
    with pytest.warns(ForecastWarning, match="with 0: values of zero or less count as missing"):
        got = forecaster.forecast(3, gone)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, want, rtol=0.5)
    SeasonalForecaster(form="additive").fit(x).forecast(3, gone)
