"""What candidates share is made once; what cannot be shared, or fails, for each."""

import joblib
import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit

from dlkit import ESNClassifier, ESNForecaster, ESNRegressor, ReservoirSearchCV, _budgets
from dlkit.reservoir import ModelSpace

from .twins import GRID, LABELS, NUMBERS, U, V, X, assert_same, twins


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("esn", "y"),
    [
        (ESNRegressor(10, noise=0.01, random_state=0), NUMBERS),
        (ESNClassifier(10, pooling=ModelSpace(3), random_state=0), LABELS),
        (
            ESNClassifier(10, pooling=ModelSpace(3, whiten=True), random_state=0),
            LABELS,
        ),
    ],
)
def test_what_depends_on_the_fold_is_run_for_each(esn, y, fused):
    assert_same(*twins(esn, GRID, X, y, cv=KFold(3), return_train_score=True))


def test_states_too_many_to_keep(monkeypatch):
    monkeypatch.setattr(_budgets, "STATES_BYTES", 10_000)
    esn = ESNForecaster(20, random_state=0, scaling=None)
    grid = {"n_units": [2, 20], "alpha": [1e-3, 0.1]}
    with pytest.warns(UserWarning, match="its states take"):
        ours = ReservoirSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V)
    assert_same(ours, GridSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V))


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_a_fold_that_fails():
    """A training part of one class only; and a sequence shorter than the washout."""
    esn = ESNClassifier(8, random_state=0)
    y = (np.arange(40) < 20).astype(int)
    splits = [(np.arange(20), np.arange(20, 40)), (np.arange(5, 35), np.arange(5))]
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning, match="2 fits failed"):
            results.append(
                search(esn, {"alpha": [0.1, 1.0]}, cv=splits, error_score=-1.0).fit(X, y)
            )
    assert_same(*results)
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning):
            results.append(
                search(esn, {"washout": [0, 10]}, cv=KFold(4), error_score=-1.0).fit(X, LABELS)
            )
    assert_same(*results)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_states_that_grow_without_bound():
    esn = ESNForecaster(8, activation="identity", random_state=0, scaling=None)
    grid = {"spectral_radius": [0.5, 1e12], "alpha": [1.0]}
    with np.errstate(all="ignore"):
        for search in (ReservoirSearchCV, GridSearchCV):
            with pytest.warns(FitFailedWarning):
                found = search(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V)
            assert found.best_params_["spectral_radius"] == 0.5


def test_bad_data_and_a_failed_fit_leave_nothing():
    search = ReservoirSearchCV(
        ESNClassifier(8, random_state=0), {"alpha": [1.0]}, error_score="raise"
    )
    for data, y in (([np.full((5, 1), np.nan)] * 10, np.arange(10) % 2), (X, None)):
        with pytest.raises((ValueError, TypeError), match="NaN|'y'"):
            search.fit(data, y)
    assert not [name for name in vars(search) if name.endswith("_")]


@pytest.mark.compiled
def test_threads_processes_and_progress_change_nothing(fused, capsys, monkeypatch):
    esn = ESNRegressor(12, random_state=0)
    alone = ReservoirSearchCV(esn, GRID).fit(X, NUMBERS)
    assert capsys.readouterr().out == ""
    threads = ReservoirSearchCV(esn, GRID, n_jobs=2, verbose=1).fit(X, NUMBERS)
    assert "Fitting 5 folds for each of 12 candidates" in capsys.readouterr().out
    with joblib.parallel_config(backend="loky", n_jobs=2):
        processes = ReservoirSearchCV(esn, GRID).fit(X, NUMBERS)
    # a backend that, like Ray's, hands over all results at a time
    monkeypatch.setattr(joblib._parallel_backends.ThreadingBackend, "supports_return_generator", 0)
    at_once = ReservoirSearchCV(esn, GRID, n_jobs=2).fit(X, NUMBERS)
    for other in (threads, processes, at_once):
        for k in range(5):
            key = f"split{k}_test_score"
            np.testing.assert_array_equal(other.cv_results_[key], alone.cv_results_[key])
