"""Scorers get a fitted estimator like any other."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import KFold, TimeSeriesSplit

from dlkit import ESNClassifier, ESNForecaster, ESNRegressor, ReservoirSearchCV

from .twins import GRID, LABELS, NUMBERS, U, X, assert_same, some_uncompiled, twins


def depends_on_everything(esn, X, y):
    """A scorer that looks into the estimator."""
    again = [esn.predict(X[:3])[0], esn.predict(X)[0]]
    return {
        "agreement": float(abs(again[0] - again[1]) < 1e-6),
        "coefficients": float(np.abs(esn.readout_.coef_).sum() + esn.readout_.intercept_),
        "radius": esn.reservoir_.recurrent.spectral_radius,
        "alpha": esn.readout_.alpha_ + esn.alpha,
        "error": float(np.mean((esn.predict(X) - y) ** 2)),
    }


def least_error(results):
    return int(np.argmin(results["mean_test_error"]))


@pytest.mark.parametrize("n_units", some_uncompiled(6, 40))
def test_scorers_get_a_fitted_estimator(n_units, fused):
    esn = ESNRegressor(n_units, random_state=0)
    options = {"scoring": depends_on_everything, "refit": least_error}
    ours, theirs = twins(esn, GRID, X, NUMBERS, cv=KFold(3), **options)
    assert_same(ours, theirs)


def goes_on(esn, X, y=None):
    """A scorer that forecasts on its own."""
    ahead = esn.forecast(3)
    return -float(np.abs(ahead - X[:3]).mean()) - float(np.abs(esn.predict(X)).mean())


@pytest.mark.compiled
def test_forecasts_in_a_scorer(fused):
    esn = ESNForecaster(15, random_state=0, scaling=None)
    assert_same(*twins(esn, GRID, U, None, cv=TimeSeriesSplit(3), scoring=goes_on))


@pytest.mark.compiled
def test_several_scorers(fused):
    esn = ESNClassifier(12, random_state=0)
    scoring = {
        "accuracy": "accuracy",
        "loss": "neg_log_loss",
        "auc": "roc_auc_ovr",
        "brier": make_scorer(
            lambda y, p: mean_squared_error(np.eye(3)[y], p),
            response_method="predict_proba",
            greater_is_better=False,
        ),
    }
    for refit in ("loss", False):
        options = {"scoring": scoring, "refit": refit, "return_train_score": bool(refit), "cv": 3}
        ours, theirs = twins(esn, {"alpha": [1e-3, 0.3]}, X, LABELS, **options)
        assert_same(ours, theirs)
    assert not hasattr(ours, "best_estimator_")
    with pytest.raises(ValueError, match="refit must be set"):
        ReservoirSearchCV(esn, GRID, scoring=scoring).fit(X, LABELS)


@pytest.mark.compiled
def test_two_classes_and_decision_function(fused):
    y = np.where(LABELS > 0, "b", "a")
    esn = ESNClassifier(12, random_state=0)
    scoring = ["roc_auc", "accuracy", "average_precision"]
    fit = {"scoring": make_scorer(lambda y, p: float(np.mean(y == p)))}
    assert_same(*twins(esn, GRID, X, LABELS, **fit))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # average precision wants numeric labels
        assert_same(*twins(esn, GRID, X, (y == "b").astype(int), scoring=scoring, refit="roc_auc"))
    assert_same(*twins(esn, GRID, X, y))
