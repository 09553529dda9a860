"""A parameter against the score."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from dlkit.plotting import SearchDisplay

GRID = {"C": [0.01, 1.0, 100.0], "kernel": ["linear", "rbf"]}


@pytest.fixture(scope="module")
def search():
    scoring = {"accuracy": "accuracy"}
    return GridSearchCV(SVC(), GRID, scoring=scoring, refit="accuracy", cv=3).fit(
        *load_iris(return_X_y=True)
    )


def test_points_and_best_of_each_value(search):
    display = SearchDisplay.from_estimator(search, "C")
    scores = search.cv_results_["mean_test_accuracy"]
    np.testing.assert_array_equal(display.points_.get_ydata(), scores)
    (line,) = display.lines_
    np.testing.assert_array_equal(line.get_xdata(), GRID["C"])
    np.testing.assert_array_equal(line.get_ydata(), scores.reshape(3, 2).max(axis=1))
    assert display.ax_.get_xscale() == "log"
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("C", "accuracy")


def test_a_line_for_each_value_of_another(search):
    display = SearchDisplay.from_estimator(search, "C", by="kernel")
    scores = search.cv_results_["mean_test_accuracy"].reshape(3, 2)
    assert [line.get_label() for line in display.lines_] == ["kernel=linear", "kernel=rbf"]
    for line, expected in zip(display.lines_, scores.T, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), expected)


def test_words_have_ticks(search):
    display = SearchDisplay.from_estimator(search, "kernel")
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == ["linear", "rbf"]
    np.testing.assert_array_equal(display.lines_[0].get_xdata(), [0, 1])


def test_missing_values_failed_fits_and_signs():
    values = np.ma.masked_array([0.1, 0.2, 0.1, None], mask=[0, 0, 0, 1], dtype=object)
    results = {"param_a": values, "mean_test_neg_log_loss": np.array([-1, -2, np.nan, -3])}
    display = SearchDisplay.from_results(results, "a", metric="neg_log_loss")
    assert display.ax_.get_ylabel() == "−log loss"
    # what has no value has a place of its own
    assert len(display.lines_[0].get_xdata()) == 3
    np.testing.assert_array_equal(display.lines_[0].get_ydata(), [-1, -2, -3])


def test_what_was_not_searched_is_named(search):
    with pytest.raises(ValueError, match=r"'gamma' is none of what was searched: \['C', 'kernel'"):
        SearchDisplay.from_estimator(search, "gamma")
    with pytest.raises(ValueError, match="'loss' is none"):
        SearchDisplay.from_estimator(search, "C", metric="loss")
    with pytest.raises(TypeError, match="GridSearchCV has no cv_results_"):
        SearchDisplay.from_estimator(GridSearchCV(SVC(), GRID), "C")
