"""What is compared: kinds of samples and targets, folds, scores."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import accuracy_score
from sklearn.model_selection import TimeSeriesSplit

from dlkit.baselines._problem import loss, read_problem
from dlkit.exceptions import ReadingWarning
from dlkit.trees import Tree

R = np.random.RandomState(0)
Y = np.arange(20) % 2


def read(X, y=None, task="auto", cv=2, scoring=None, groups=None, n_steps=None):
    return read_problem(X, y, task, cv, scoring, groups, n_steps, 0)


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (R.randn(20, 3), "rows"),
        (pd.DataFrame(R.randn(20, 3)), "rows"),
        (R.randn(20, 3).tolist(), "rows"),
        ([R.randn(n) for n in range(5, 25)], "sequences"),
        ([R.randn(n, 2) for n in range(5, 25)], "sequences"),
        (np.array([R.randn(n) for n in range(5, 25)], dtype=object), "sequences"),
        (pd.Series([pd.Series(R.randn(n)) for n in range(5, 25)]), "sequences"),
        (R.randn(20, 5, 5, 3), "images"),
        ([R.randn(n, 5, 1) for n in range(5, 25)], "images"),
        ([Tree([1.0], [-1])] * 20, "trees"),
        ([([1.0], [-1])] * 20, "trees"),
    ],
)
def test_the_form_tells_the_kind(X, kind):
    problem = read(X, Y)
    assert problem.kind == kind
    assert problem.target == "classification"


def test_where_the_form_does_not_tell_it_asks():
    for X in (R.randn(20, 8, 8), list(R.randn(20, 8, 8))):
        with pytest.raises(ValueError, match='task="sequences" or task="images"'):
            read(X, Y)
        assert read(X, Y, "images").kind == "images"
        assert read(X, Y, "sequences").kind == "sequences"


def test_rows_that_look_like_sequences_are_named():
    X = R.randn(20, 50).cumsum(axis=1)
    with pytest.warns(ReadingWarning, match='say task="sequences"'):
        assert read(X, Y).kind == "rows"
    assert read(X, Y, "rows").kind == "rows"
    assert read(X, Y, "sequences").kind == "sequences"


def test_sequences_filled_with_nan_are_named():
    sequences = [np.append(R.randn(n), np.full(25 - n, np.nan)) for n in range(5, 25)]
    for X in (np.array(sequences), [x[:, None] for x in sequences]):
        with pytest.warns(ReadingWarning, match="20 sequences that begin or end with NaN"):
            assert read(X, Y, "sequences").kind == "sequences"
    assert not read([x[np.isfinite(x)] for x in sequences], Y).equal


def test_a_column_without_values_is_looked_over():
    X = R.randn(20, 50).cumsum(axis=1)
    X[:, 7] = np.nan
    with pytest.warns(ReadingWarning, match='say task="sequences"'):
        read(X, Y)


def test_targets():
    X = R.randn(60, 3)
    assert read(X, list("ab") * 30).target == "classification"
    assert read(X, R.randn(60)).target == "regression"
    assert read(X, R.randn(60, 2)).target == "regression"
    assert read(X, np.arange(60) % 2, "rows regression").target == "regression"
    assert read(X, np.arange(60) % 2, "regression").kind == "rows"
    assert read(X, np.arange(60.0)).target == "regression"
    assert read(X, np.arange(60.0) % 3).target == "classification"
    with pytest.warns(ReadingWarning, match='task="classification"'):
        assert read(X, np.arange(60)).target == "regression"


def test_folds_are_stratified_grouped_or_as_given():
    X, y = R.randn(40, 3), np.arange(40) % 4 == 0
    for train, test in read(X, y, cv=5).folds:
        assert y[test].sum() == 2
        assert not set(train) & set(test)
    groups = np.arange(40) // 4
    for train, test in read(X, y, cv=5, groups=groups).folds:
        assert not set(groups[train]) & set(groups[test])
    for train, test in read(X, R.randn(40), cv=5, groups=groups).folds:
        assert not set(groups[train]) & set(groups[test])
    for train, test in read(X, y, cv=TimeSeriesSplit(3)).folds:
        assert train.max() < test.min()
    rare = np.array([0] * 37 + [1] * 3)
    assert len(read(X, rare, cv=5).folds) == 3
    again = [read(X, y, cv=3).folds for _ in range(2)]
    np.testing.assert_array_equal(again[0][1][1], again[1][1][1])


def test_a_trial_begins_with_samples_of_all_classes():
    y = np.array(["a"] * 90 + ["b"] * 6 + ["c"] * 4)
    problem = read(R.randn(100, 2), y)
    assert sorted(problem.order) == sorted(problem.folds[0][0])
    assert set(y[problem.order[:6]]) == {"a", "b", "c"}
    assert 30 <= (y[problem.order[:40]] == "a").sum() <= 38


def test_forecasts():
    t = np.arange(120)
    problem = read(10 + np.sin(2 * np.pi * t / 12), cv=4)
    assert (problem.kind, problem.n_steps, problem.periods[0]) == ("forecast", 12, 12)
    assert problem.folds == [48, 36, 24, 12]
    assert problem.lengths == [72, 84, 96, 108]
    several = read([t[:80].astype(float), t.astype(float)], task="forecast", n_steps=5)
    assert several.several
    assert several.size == 110
    with pytest.raises(ValueError, match="shortest series has 10 steps"):
        read(np.arange(10.0), n_steps=8)
    with pytest.raises(ValueError, match="takes no y"):
        read(t, t, "forecast")
    with pytest.raises(ValueError, match="number of origins"):
        read(t, cv=TimeSeriesSplit(3))


def test_losses():
    known, truth = np.array([[0.0], [1.0], [3.0]]), np.array([[4.0], [5.0]])
    found = np.array([[5.0], [8.0]])
    problem = read(np.arange(60.0) ** 1.5, n_steps=2)
    want = {"mae": 2.0, "rmse": np.sqrt(5.0), "mase": 2.0 / 1.5, "smape": 100 * (1 / 9 + 3 / 13)}
    for name, value in want.items():
        problem.scoring = name
        assert loss(problem, known, truth, found) == pytest.approx(value)
    problem.scoring = lambda truth, found: (found - truth).sum()
    assert loss(problem, known, truth, found) == 4.0


@pytest.mark.parametrize(
    "X",
    [
        np.array([[1.0, np.nan]] * 20),
        pd.DataFrame({"a": pd.array([1, None] * 10, dtype="Int64"), "b": R.randn(20)}),
        pd.DataFrame({"a": [True, False] * 10, "b": [np.nan] + [1.0] * 19}),
    ],
)
def test_missing_values_are_seen(X):
    assert read(X, Y).missing
    assert not read(np.ones((20, 2)), Y).missing


def test_scores_that_this_estimator_lacks_are_left_to_the_table():
    def margin(estimator, X, y):
        return estimator.decision_function(X).mean()

    assert read(R.randn(20, 2), Y, scoring=margin).scoring is margin
    assert read(R.randn(20, 2), list("ab") * 10, scoring="roc_auc").score_name == "roc_auc"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"task": "pictures"}, "task must be one of"),
        ({"task": "rows images"}, "task must be one of"),
        ({"task": "forecast"}, "takes no y"),
        ({"cv": 1}, "cv must be 2 folds or more"),
        ({"cv": "many"}, "cv"),
        ({"scoring": "beauty"}, "beauty"),
        ({"scoring": 3}, "scoring must be None"),
        ({"n_steps": 3}, "n_steps is for forecasts"),
        ({"groups": [1, 2]}, "groups must have an entry for each of 20 samples"),
        ({"y": Y[:7]}, "X has 20 samples, but y has 7"),
        ({"X": Y, "y": R.randn(20, 3)}, "Are X and y swapped"),
        ({"X": pd.DataFrame({"a": list("xy") * 10})}, "hold no numbers, \\['a'\\]"),
        ({"X": None}, "X is None"),
        ({"X": csr_array(np.eye(20))}, "X.toarray"),
        ({"X": list("xy") * 10}, "X has 20 texts"),
        ({"X": np.full((20, 2), np.inf)}, "40 infinite values, the first in row 0, column 0"),
        ({"X": np.zeros((0, 2)), "y": []}, "no samples"),
        ({"groups": "city"}, "groups must have an entry for each sample, got 'city'"),
        ({"groups": np.zeros(20)}, "number of groups: 1"),
        ({"scoring": accuracy_score}, "accuracy_score.*make_scorer"),
        ({"scoring": "f1", "y": list("ab") * 10}, "scoring='f1' does not fit to y"),
        ({"scoring": "f1", "y": np.arange(20) % 3}, "scoring='f1' does not fit to y"),
    ],
)
def test_bad_calls(call, message):
    with pytest.raises(ValueError, match=message):
        read(**({"X": R.randn(20, 3), "y": Y} | call))


def test_masked_entries_are_refused():
    X, y = np.arange(24.0).reshape(12, 2), np.arange(12.0)
    with pytest.raises(ValueError, match="X has masked entries"):
        read(np.ma.masked_array(X, X > 20), y)
    with pytest.raises(ValueError, match="y has masked entries"):
        read(X, np.ma.masked_array(y, y > 5))
    with pytest.raises(ValueError, match=r"X\[0\] has masked entries"):
        read([np.ma.masked_array(X, X > 20)] * 12, y)
