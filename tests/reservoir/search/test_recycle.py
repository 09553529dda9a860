"""Recycle validation in the search: equal to a plain loop over clones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid, TimeSeriesSplit

from dlkit import ESNForecaster, NVARForecaster, ReservoirSearchCV
from dlkit.metrics import make_closed_loop_scorer
from dlkit.reservoir import RecycleSplit
from dlkit.reservoir.search import _engine

T = np.arange(90)
X = np.column_stack([np.sin(0.4 * T), np.cos(0.3 * T) ** 3])
X += 0.05 * np.random.RandomState(0).randn(*X.shape)
GRID = {"spectral_radius": [0.3, 0.9], "alpha": [1e-3, 1.0, [1e-3, 1.0], "auto"]}


def by_hand(model, grid, x, n, n_segments):
    """Scores (candidates, segments), by a fit and a forecast for each."""
    found = []
    for params in ParameterGrid(grid):
        row = []
        for _, test in RecycleSplit(n, n_segments=n_segments).split(x):
            fitted, last = clone(model).set_params(**params).fit(x), test[-1] + 1
            ahead = fitted.forecast(n, x[: last - n], initial_state="rest")
            truth = np.asarray(x[last - n : last]).reshape(n, -1)
            spread = np.asarray(x[:last]).reshape(last, -1).var(axis=0)
            error = np.mean((np.asarray(ahead).reshape(n, -1) - truth) ** 2 / spread)
            row.append(-np.log10(np.clip(error, 1e-24, 1e6)))
        found.append(row)
    return np.array(found)


def scores(search):
    n = search.n_splits_
    return np.column_stack([search.cv_results_[f"split{k}_test_score"] for k in range(n)])


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ForecastWarning")
@pytest.mark.parametrize("parameters", [{}, {"scaling": None}, {"noise": 0.01}], ids=str)
@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame])
def test_scores_are_those_of_a_loop_over_clones(parameters, form):
    x = form(X)
    model = ESNForecaster(12, random_state=0, **parameters)
    split = RecycleSplit(10, n_segments=3)
    search = ReservoirSearchCV(model, GRID, scoring="closed_loop", cv=split).fit(x)
    np.testing.assert_allclose(scores(search), by_hand(model, GRID, x, 10, 3), rtol=1e-5, atol=1e-6)
    plain = GridSearchCV(model, GRID, scoring=make_closed_loop_scorer(10), cv=split).fit(x)
    np.testing.assert_allclose(scores(plain), scores(search), rtol=1e-5, atol=1e-6)
    # one of several penalties may be the one that was given alone: rounding breaks such a tie
    best = search.cv_results_["mean_test_score"][plain.best_index_]
    assert best == pytest.approx(search.best_score_, abs=1e-6)


@pytest.mark.compiled
def test_of_a_forecaster_that_is_no_reservoir():
    search = GridSearchCV(
        NVARForecaster(), {"n_delays": [1, 3]}, scoring=make_closed_loop_scorer(10),
        cv=RecycleSplit(10, n_segments=3),
    ).fit(X)  # fmt: skip
    want = by_hand(NVARForecaster(), {"n_delays": [1, 3]}, X, 10, 3)
    np.testing.assert_allclose(scores(search), want, rtol=1e-6)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ForecastWarning")
def test_what_follows_the_training_part_is_forecast_whole():
    model, split = ESNForecaster(12, random_state=0), TimeSeriesSplit(3, test_size=15)
    grid = {"alpha": [1e-3, 1.0]}
    search = ReservoirSearchCV(model, grid, scoring="closed_loop", cv=split).fit(X)
    for i, alpha in enumerate(grid["alpha"]):
        for k, (train, test) in enumerate(split.split(X)):
            ahead = clone(model).set_params(alpha=alpha).fit(X[train]).forecast(15)
            error = np.mean((ahead - X[test]) ** 2 / X[test].var(axis=0))
            np.testing.assert_allclose(scores(search)[i, k], -np.log10(error), rtol=1e-6)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ForecastWarning")
def test_folds_that_learn_from_the_same_share_a_fit(monkeypatch):
    calls, original = [], _engine.choose_in_loop
    monkeypatch.setattr(_engine, "choose_in_loop", lambda *args: calls.append(1) or original(*args))
    model = ESNForecaster(12, random_state=0)
    ReservoirSearchCV(
        model, {"spectral_radius": [0.3, 0.9]}, scoring="closed_loop", refit=False,
        cv=RecycleSplit(10, n_segments=4),
    ).fit(X)  # fmt: skip
    assert len(calls) == 2


def test_splits():
    split = RecycleSplit(20, n_segments=4)
    assert split.get_n_splits() == len(list(split.split(X))) == 4
    ends = [len(test) for _, test in split.split(X)]
    assert ends == [50, 63, 76, 90]
    for train, test in split.split(X[:, 0]):
        np.testing.assert_array_equal(train, np.arange(90))
        np.testing.assert_array_equal(test, np.arange(len(test)))
    assert repr(clone(split)) == repr(split)
    with pytest.raises(ValueError, match="90 steps, too few.*n_steps=88.*91 are"):
        next(RecycleSplit(88).split(X))
    with pytest.raises(ValueError, match="one series, got a list"):
        next(RecycleSplit(5).split([X, X]))
    for wrong in ({"n_steps": 0}, {"n_segments": 1.5}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}.*must be"):
            next(RecycleSplit(**wrong).split(X))
