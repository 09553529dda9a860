"""dlkit's estimators inside aeon; skipped where aeon is not installed."""

import pickle

import numpy as np
import pytest

pytest.importorskip("aeon")

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dlkit.interop.aeon as adapters
from dlkit import (
    BoundedReadout,
    ESNClassifier,
    MiniRocket,
    NVARForecaster,
    PerStep,
    Quant,
    RidgeReadoutClassifier,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # aeon's own, of many kinds
R = np.random.RandomState(0)
CUBE = np.array([np.sin((0.3 + 0.4 * (i % 2)) * np.arange(25) + R.rand()) for i in range(16)])
CUBE = np.stack([CUBE, R.randn(16, 25)], axis=1)  # (n, C, T)
Y = np.arange(16) % 2


@pytest.mark.parametrize("name", ["Classifier", "Regressor", "Transformer", "Forecaster"])
def test_aeons_own_checks(name):
    from aeon.testing.estimator_checking import check_estimator

    found = check_estimator(getattr(adapters, name), raise_exceptions=False)
    assert len(found) > 20
    assert {check: what for check, what in found.items() if what != "PASSED"} == {}


def test_collections():
    model = adapters.Classifier(ESNClassifier(30, random_state=0)).fit(CUBE, Y)
    want = ESNClassifier(30, random_state=0).fit(CUBE.transpose(0, 2, 1), Y)
    want = want.predict_proba(CUBE.transpose(0, 2, 1))
    np.testing.assert_allclose(model.predict_proba(CUBE), want, atol=1e-9)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(CUBE), model.predict(CUBE))
    ragged = [x[:, : 15 + i % 5] for i, x in enumerate(CUBE)]
    pipe = make_pipeline(MiniRocket(168, random_state=0), RidgeReadoutClassifier())
    want = pipe.fit([x.T for x in ragged], Y).predict([x.T for x in ragged])
    np.testing.assert_array_equal(adapters.Classifier(pipe).fit(ragged, Y).predict(ragged), want)
    rows = adapters.Transformer(Quant(3)).fit_transform(ragged)
    np.testing.assert_array_equal(rows, Quant(3).fit_transform([x.T for x in ragged]))
    numbers = adapters.Regressor(make_pipeline(Quant(2), BoundedReadout()))
    assert numbers.fit(CUBE, Y + 0.5).predict(CUBE).shape == (16,)


def test_horizon():
    x = np.sin(0.4 * np.arange(80))
    inner = NVARForecaster(3, order=1)
    model = adapters.Forecaster(inner, horizon=4).fit(x)
    want = inner.fit(x)
    assert model.predict(x[:50]) == pytest.approx(want.forecast(4, x[:50])[3])
    assert model.forecast(x) == pytest.approx(np.sin(0.4 * 83), abs=1e-3)


def test_a_map_to_series_is_named():
    with pytest.raises(ValueError, match=r"makes a series of each series.*make_pipeline"):
        adapters.Transformer(PerStep(StandardScaler())).fit_transform(R.randn(5, 2, 9))
