"""ReservoirSearchCV against GridSearchCV and RandomizedSearchCV, which fit one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import loguniform, uniform
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    PredefinedSplit,
    RandomizedSearchCV,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)

from dlkit import ESNClassifier, ESNForecaster, ESNRegressor, ESNTagger, ReservoirSearchCV

from .twins import GRID, LABELS, LISTS, NUMBERS, SIGNS, U, V, X, assert_same, some_uncompiled, twins

# the same scores


@pytest.mark.parametrize(
    "cv",
    some_uncompiled(
        KFold(3, shuffle=True, random_state=1),
        None,
        StratifiedKFold(4, shuffle=True, random_state=0),
        PredefinedSplit(np.arange(40) % 5 - 1),
        ShuffleSplit(4, random_state=0),
        [(np.arange(10, 40), np.arange(20)), (np.arange(30), np.arange(5, 40))],
    ),
)
def test_classifier(cv, fused):
    ours, theirs = twins(ESNClassifier(12, random_state=0), GRID, X, LABELS, cv=cv)
    assert_same(ours, theirs)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, LABELS) == theirs.score(X, LABELS)


@pytest.mark.parametrize("n_units", some_uncompiled(6, 40))  # more rows than features, and fewer
@pytest.mark.parametrize("target", some_uncompiled("two", "one"))
def test_regressor(n_units, target, fused):
    y = NUMBERS if target == "one" else np.c_[NUMBERS, [len(x) for x in X]]
    grid = {"input_scaling": [0.1, 1.0], "bias_scaling": [0.2], "alpha": [1e-3, 0.3, 10.0]}
    esn = ESNRegressor(n_units, random_state=0)
    assert_same(*twins(esn, grid, X, y, return_train_score=True))


@pytest.mark.parametrize("cv", some_uncompiled(TimeSeriesSplit(4), KFold(4)))
def test_tagger(cv, fused):
    esn = ESNTagger(15, washout=3, random_state=0)
    grid = {"alpha": [1e-3, 0.3], "class_weight": [None, "balanced"]}
    scoring = {"accuracy": "accuracy", "loss": "neg_log_loss"}
    assert_same(*twins(esn, {"alpha": [1e-3, 0.3]}, U, SIGNS, cv=cv))
    assert_same(*twins(esn, grid, U, SIGNS, cv=cv, scoring=scoring, refit=False))


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("esn", "y"),
    [
        (ESNRegressor(10, random_state=0), NUMBERS),
        (ESNRegressor(60, random_state=0), NUMBERS),
    ],
)
def test_lists_of_alphas(esn, y, fused):
    grid = {"alpha": LISTS, "leak_rate": [0.2, 1.0]}
    ours, theirs = twins(esn, grid, X, y)
    assert_same(ours, theirs)
    assert ours.best_estimator_.readout_.alpha_ == theirs.best_estimator_.readout_.alpha_


@pytest.mark.compiled
def test_tiny_alphas(fused):
    """Where rounding would show, the operations are those of fit; at zero, too."""
    grid = {"alpha": [0.0, 1e-14, 1e-10, 1e-7, 1e-5, "auto"], "leak_rate": [0.1, 1.0]}
    esn = ESNForecaster(30, random_state=0, scaling=None)
    assert_same(*twins(esn, grid, U, V, cv=TimeSeriesSplit(3)))
    assert_same(*twins(ESNRegressor(8, random_state=0), grid, X, NUMBERS))


@pytest.mark.compiled
@pytest.mark.parametrize("n_units", [8, 30])
def test_weights(n_units, fused):
    weight = np.random.RandomState(0).uniform(0.1, 2, 40)
    fit = {"sample_weight": weight}
    scoring = ["r2", "neg_mean_squared_error"]
    esn = ESNRegressor(n_units, random_state=0)
    assert_same(*twins(esn, GRID, X, NUMBERS, scoring=scoring, refit="r2", fit=fit))
    esn = ESNClassifier(n_units, random_state=0)
    grid = {"class_weight": [None, "balanced", {0: 5.0}], "alpha": [1e-3, 0.3]}
    options = {"scoring": ["neg_log_loss", "accuracy"], "refit": "accuracy", "cv": 3}
    assert_same(*twins(esn, grid, X, LABELS, fit=fit, **options))
    weight = np.random.RandomState(0).uniform(0.1, 2, len(U))
    esn = ESNForecaster(n_units, random_state=0, scaling=None)
    fit = {"sample_weight": weight}
    assert_same(*twins(esn, GRID, U, V, cv=TimeSeriesSplit(3), fit=fit))


@pytest.mark.compiled
def test_single_precision(fused):
    """Predictions are rounded to seven digits, so scores agree to some six."""
    parts = [x.astype(np.float32) for x in X]
    esn = ESNRegressor(20, random_state=0)
    ours, theirs = twins(esn, GRID, parts, NUMBERS)
    assert_same(ours, theirs, tolerance=1e-4)
    assert ours.predict(parts).dtype == np.float32


@pytest.mark.parametrize("wide", some_uncompiled(False, True))
def test_tables_and_frames(wide, fused):
    r = np.random.RandomState(0)
    table = r.randn(30, 12)
    y = table[:, :3].sum(axis=1)
    frame = pd.DataFrame(table, columns=[f"t{i}" for i in range(12)])
    esn = ESNRegressor(30 if wide else 5, random_state=0)
    ours, theirs = twins(esn, GRID, frame, y)
    assert_same(ours, theirs)
    assert list(ours.feature_names_in_) == list(frame)
    assert ours.n_features_in_ == 12


@pytest.mark.compiled
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    radii=st.lists(st.floats(0, 1.5), min_size=1, max_size=2, unique=True),
    leaks=st.lists(st.floats(0.01, 1), min_size=1, max_size=2, unique=True),
    alphas=st.lists(st.floats(1e-12, 1e3), min_size=1, max_size=3, unique=True),
    n_units=st.integers(1, 40),
    seed=st.integers(0, 2**31 - 1),
    folds=st.integers(2, 6),
)
def test_any_small_grid(fused, radii, leaks, alphas, n_units, seed, folds):
    grid = {"spectral_radius": radii, "leak_rate": leaks, "alpha": alphas}
    esn = ESNRegressor(n_units, topology="ring", random_state=seed)
    for data, y, cv, model in (
        (X, NUMBERS, KFold(folds), esn),
        (U[:80], V[:80], TimeSeriesSplit(folds), ESNForecaster(**{
            name: value for name, value in esn.get_params().items()
            if name in ESNForecaster(scaling=None).get_params()
        }, scaling=None)),
    ):  # fmt: skip
        ours, theirs = (
            search(model, grid, cv=cv, scoring="neg_mean_squared_error", refit=False).fit(data, y)
            for search in (ReservoirSearchCV, GridSearchCV)
        )
        for key, expected in theirs.cv_results_.items():
            if key.startswith("split"):
                np.testing.assert_allclose(ours.cv_results_[key], expected, rtol=1e-8, atol=1e-8)


@pytest.mark.compiled
def test_refit_is_a_plain_fit(fused):
    esn = ESNClassifier(12, random_state=0)
    search = ReservoirSearchCV(esn, GRID).fit(X, LABELS)
    plain = clone(esn).set_params(**search.best_params_).fit(X, LABELS)
    np.testing.assert_array_equal(search.decision_function(X), plain.decision_function(X))
    np.testing.assert_array_equal(search.best_estimator_.readout_.coef_, plain.readout_.coef_)
    np.testing.assert_array_equal(search.classes_, plain.classes_)


# candidates drawn at random


@pytest.mark.compiled
def test_distributions(fused):
    esn = ESNRegressor(12, random_state=0)
    space = {
        "spectral_radius": uniform(0.1, 1),
        "leak_rate": [0.2, 0.5, 1.0],
        "alpha": loguniform(1e-3, 1),
    }
    ours = ReservoirSearchCV(
        esn, param_distributions=space, n_iter=7, random_state=3, cv=3
    ).fit(X, NUMBERS)  # fmt: skip
    theirs = RandomizedSearchCV(esn, space, n_iter=7, random_state=3, cv=3).fit(X, NUMBERS)
    assert_same(ours, theirs)


def test_either_a_grid_or_distributions():
    esn = ESNRegressor(5, random_state=0)
    for grids in ({}, {"param_grid": GRID, "param_distributions": GRID}):
        with pytest.raises(ValueError, match="One of param_grid and param_distributions"):
            ReservoirSearchCV(esn, **grids).fit(X, NUMBERS)
    with pytest.raises(ValueError, match="n_iter"):
        ReservoirSearchCV(esn, param_distributions=GRID, n_iter=0).fit(X, NUMBERS)
    for name in ("param_grid", "param_distributions"):
        for grid in ([0.1, 1.0], {"alpha": 3}):
            with pytest.raises(TypeError, match=name):
                ReservoirSearchCV(esn, **{name: grid}).fit(X, NUMBERS)
