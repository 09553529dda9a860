"""dlkit's estimators inside sktime; skipped where sktime is not installed."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sktime")

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dlkit.interop.sktime as adapters
from dlkit import (
    BoundedReadout,
    ConformalForecaster,
    ESNClassifier,
    MiniRocket,
    NVARForecaster,
    PerStep,
    Quant,
    RidgeReadoutClassifier,
    SeasonalForecaster,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # sktime's own, of many kinds
R = np.random.RandomState(0)
CUBE = np.array([np.sin((0.3 + 0.4 * (i % 2)) * np.arange(25) + R.rand()) for i in range(16)])
CUBE = np.stack([CUBE, R.randn(16, 25)], axis=1)  # (n, C, T)
Y = np.arange(16) % 2


@pytest.mark.parametrize("name", ["Classifier", "Regressor", "Transformer", "Forecaster"])
def test_sktimes_own_checks(name):
    from sktime.utils.estimator_checks import check_estimator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(getattr(adapters, name), raise_exceptions=False, verbose=False)
    assert len(found) > 100
    assert {check: what for check, what in found.items() if what != "PASSED"} == {}


def test_every_form_of_a_panel():
    from sktime.datatypes import convert

    model = adapters.Classifier(ESNClassifier(30, random_state=0))
    want = ESNClassifier(30, random_state=0).fit(CUBE.transpose(0, 2, 1), Y)
    want = want.predict_proba(CUBE.transpose(0, 2, 1))
    for form in ("numpy3D", "nested_univ", "pd-multiindex", "df-list"):
        X = convert(CUBE, "numpy3D", form)
        np.testing.assert_allclose(model.fit(X, Y).predict_proba(X), want, atol=1e-9)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(CUBE), model.predict(CUBE))


def test_unequal_lengths():
    frames = [pd.DataFrame(x.T[: 15 + i % 5]) for i, x in enumerate(CUBE)]
    pipe = make_pipeline(MiniRocket(168, random_state=0), RidgeReadoutClassifier())
    model = adapters.Classifier(pipe).fit(frames, Y)
    want = pipe.fit([x.to_numpy() for x in frames], Y).predict([x.to_numpy() for x in frames])
    np.testing.assert_array_equal(model.predict(frames), want)
    rows = adapters.Transformer(Quant(3)).fit_transform(frames)
    assert list(rows.columns[:2]) == ["quant0", "quant1"]
    numbers = adapters.Regressor(make_pipeline(Quant(2), BoundedReadout()))
    assert numbers.fit(frames, Y + 0.5).predict(frames).shape == (16,)


def test_horizons_indices_and_intervals():
    index = pd.period_range("2015-01", periods=72, freq="M")
    y = pd.Series(100 + np.arange(72) + 20 * np.sin(np.arange(72) * np.pi / 6), index, name="sales")
    y += R.randn(72)
    model = adapters.Forecaster(SeasonalForecaster()).fit(y[:60])
    inner = SeasonalForecaster().fit(y[:60])
    found = model.predict(fh=[2, 7])
    np.testing.assert_allclose(found, inner.forecast(7).iloc[[1, 6]])
    assert list(found.index.astype(str)) == ["2020-02", "2020-07"]
    assert found.name == "sales"
    bounds = model.predict_interval(fh=[1, 3], coverage=[0.5, 0.9])
    lower, upper = inner.forecast_interval(3, coverage=0.9)
    np.testing.assert_allclose(bounds[("sales", 0.9, "lower")], lower.iloc[[0, 2]])
    np.testing.assert_allclose(bounds[("sales", 0.9, "upper")], upper.iloc[[0, 2]])
    assert (bounds[("sales", 0.5, "upper")] < bounds[("sales", 0.9, "upper")]).all()
    model.update(y[60:66])
    assert str(model.predict(fh=1).index[0]) == "2020-07"


@pytest.mark.parametrize("with_covariates", [False, True])
@pytest.mark.parametrize(
    "index", [pd.period_range("2015-01", periods=90, freq="M"), pd.RangeIndex(5, 95)]
)
def test_an_update_that_learns_nothing_is_heard(index, with_covariates):
    """Steps ahead are counted from the new end, and forecasts are made from there."""
    heat = np.sin(0.7 * np.arange(90))
    y = pd.Series(10 + np.cos(0.5 * np.arange(90)) + heat + 0.1 * R.randn(90), index, name="y")
    X = pd.DataFrame({"heat": heat}, index)
    told = {"X": X} if with_covariates else {}  # all rows: those that are needed are taken
    model = adapters.Forecaster(NVARForecaster(3, order=1)).fit(y[:70], **told)
    new = {"X": X[70:80]} if with_covariates else {}
    found = model.update(y[70:80], update_params=False, **new).predict(fh=[1, 4], **told)
    inner, values = NVARForecaster(3, order=1), y.to_numpy()
    first = {"covariates": heat[:70, None]} if with_covariates else {}
    then = {"covariates": heat[:84, None]} if with_covariates else {}
    want = inner.fit(values[:70], **first).forecast(4, X=values[:80], **then)
    np.testing.assert_allclose(found, want[[0, 3]])
    assert list(found.index) == [index[80], index[83]]


def test_a_map_to_series_is_named():
    frames = [pd.DataFrame({"a": R.randn(n)}) for n in (9, 12)]
    with pytest.raises(ValueError, match=r"makes a series of each series.*make_pipeline"):
        adapters.Transformer(PerStep(StandardScaler())).fit_transform(frames)


def test_covariates():
    X = pd.DataFrame({"heat": R.randn(120)})
    y = pd.Series(3 * X["heat"].to_numpy() + 0.01 * R.randn(120))
    model = adapters.Forecaster(NVARForecaster(1, order=1))
    assert model.get_tag("capability:exogenous")
    found = model.fit(y[:100], X=X[:100]).predict(fh=range(1, 6), X=X[100:105])
    np.testing.assert_allclose(found, y[100:105], atol=0.3)
    other = adapters.Forecaster(ConformalForecaster(NVARForecaster(order=1)))
    assert not other.get_tag("capability:exogenous")
