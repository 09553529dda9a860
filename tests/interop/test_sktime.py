"""dlkit's estimators inside sktime; skipped where sktime is not installed."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sktime")

from sklearn.pipeline import make_pipeline

import dlkit.interop.sktime as adapters
from dlkit import (
    BoundedReadout,
    ConformalForecaster,
    ESNClassifier,
    MiniRocket,
    NVARForecaster,
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


def test_covariates():
    X = pd.DataFrame({"heat": R.randn(120)})
    y = pd.Series(3 * X["heat"].to_numpy() + 0.01 * R.randn(120))
    model = adapters.Forecaster(NVARForecaster(1, order=1))
    assert model.get_tag("capability:exogenous")
    found = model.fit(y[:100], X=X[:100]).predict(fh=range(1, 6), X=X[100:105])
    np.testing.assert_allclose(found, y[100:105], atol=0.3)
    other = adapters.Forecaster(ConformalForecaster(NVARForecaster(order=1)))
    assert not other.get_tag("capability:exogenous")
