"""What the table chooses."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from dlkit.baselines._contender import Contender
from dlkit.baselines._problem import read_problem
from dlkit.baselines._schedule import Row
from dlkit.baselines._table import BaselineTable
from dlkit.baselines._work import Fit

R = np.random.RandomState(0)
X, Y = R.randn(50, 3), np.arange(50) % 2


def made(problem, favoured=("vote",), **scores):
    """A table of contenders that had such scores."""
    rows = []
    for name, values in scores.items():
        model = DummyClassifier() if problem.y is not None else DummyRegressor()
        row = Row(Contender(name, model, favoured=name in favoured), status="ok")
        for number, score in enumerate(values):
            n_test = len(problem.folds[number][1]) if problem.y is not None else 1
            row.take(number, Fit(score=score, prediction=np.zeros(n_test)))
        row.status = "ok" if len(values) == len(problem.folds) else "stopped"
        rows.append(row)
    return BaselineTable(problem, rows, 1.0)


def test_the_vote_is_chosen_within_a_standard_error():
    problem = read_problem(X, Y, "rows", 4, None, None, None, 0)
    first = [0.8, 0.9, 0.8, 0.9]
    gaps = np.array([0.1, 0.0, -0.1, 0.1])
    # s of the gaps is 0.096 and 1/4 + 1/3 the factor of its square: a standard error is 0.073
    table = made(problem, first=first, vote=np.array(first) - gaps, other=first)
    assert table.names == ["first", "other", "vote"]
    assert table.choice == "vote"
    assert repr(table).endswith("best() takes vote, which is within a standard error of the first")
    far = made(problem, first=first, vote=np.array(first) - gaps - 0.06)
    assert far.choice == "first"
    assert "best()" not in repr(far)
    assert made(problem, first=first, vote=np.array(first) - gaps - 0.04).choice == "vote"
    assert made(problem, first=first, other=np.array(first) - gaps).choice == "first"
    ahead = made(problem, first=first, vote=[0.95] * 4)
    assert ahead.names[0] == ahead.choice == "vote"
    steady = made(problem, first=first, vote=np.array(first) - 0.01)
    assert steady.choice == "first"


def test_where_less_is_better():
    t = np.arange(60.0)
    problem = read_problem(np.sin(t), None, "auto", 4, None, None, 3, 0)
    first, gaps = np.array([0.8, 0.9, 0.8, 0.9]), np.array([0.1, 0.0, -0.1, 0.1])
    assert made(problem, first=first, vote=first + gaps).choice == "vote"
    assert made(problem, first=first, vote=first + gaps + 0.2).choice == "first"


def test_a_vote_that_was_stopped_is_not_chosen():
    problem = read_problem(X, Y, "rows", 4, None, None, None, 0)
    assert made(problem, first=[0.5] * 4, vote=[0.9] * 3).choice == "first"
    with pytest.raises(ValueError, match="No contender has a score on all folds"):
        _ = made(problem, vote=[0.9] * 3).choice


def test_one_fold_has_no_standard_error():
    problem = read_problem(X, Y, "rows", [(np.arange(40), np.arange(40, 50))], *[None] * 3, 0)
    assert made(problem, first=[0.9], vote=[0.8]).choice == "first"
    assert made(problem, first=[0.9], vote=[0.9]).choice == "vote"
