"""Choices that retrieval rests on, apart from its estimators."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import approx_fprime

from dlkit.readout._retrieval import Codes, Groups, Settings, Table, measure


def test_the_gradient_of_the_weights_of_codes():
    rng = np.random.RandomState(0)
    X, y = rng.randint(3, size=(40, 4)), rng.randint(2, size=40)
    codes = Codes(X, y, np.ones(40), 2)
    rows, ranges = np.arange(40), np.tile([0, 40], (40, 1))
    about = np.bincount(y) / 40

    def loss(w):
        found = codes.votes(X, ranges, Settings(w, 1.0, 0.1), rows)
        return measure(*found, [0.1], about, y, np.ones(40))[0]

    w, least = codes.learn(rows, ranges, np.full(4, 0.5), 0.1 * about)
    assert_allclose(loss(w), least, atol=1e-3)
    assert least < loss(np.full(4, 0.5))
    slope = approx_fprime(w, loss, 1e-3)
    assert (np.abs(slope[w > 0]) < 5e-3).all()
    assert (slope[w == 0] > -5e-3).all()


def test_groups_and_their_ranges():
    X = np.array([[2.0, 0], [1, 0], [2, 1], [1, 5]])
    groups = Groups.of(X, np.array([0]))
    assert_array_equal(X[groups.order, 0], [1, 1, 2, 2])
    assert_array_equal(groups.ranges(np.array([[2.0, 9], [3, 0]]), np.array([0])), [[2, 4], [0, 4]])
    assert_array_equal(Groups.of(X, None).ranges(X[:1], None), [[0, 4]])


def test_groups_of_several_columns():
    rng = np.random.RandomState(0)
    X, queries, columns = rng.randint(4, size=(50, 3)), rng.randint(5, size=(30, 3)), [0, 2]
    groups = Groups.of(X, columns)
    for query, (first, last) in zip(queries, groups.ranges(queries, columns), strict=True):
        same = np.flatnonzero((X[:, columns] == query[columns]).all(axis=1))
        mine = sorted(groups.order[first:last])
        assert mine == (same.tolist() or list(range(50)))


def test_a_row_that_is_left_out_has_no_vote():
    X = np.array([[0.0], [0.1], [5.0]])
    table = Table(X, np.eye(3), np.ones(3), True)
    sums, totals = table.votes(X, np.tile([0, 3], (3, 1)), Settings(np.ones(1), 1.0, 0.0),
                               np.arange(3))  # fmt: skip
    assert_array_equal(np.diag(sums), 0)
    assert (totals >= 1).all()
    alone = Table(X[:1], np.eye(1), np.ones(1), True)
    sums, totals = alone.votes(X[:1], np.array([[0, 1]]), Settings(np.ones(1), 1.0, 0.0),
                               np.arange(1))  # fmt: skip
    assert_array_equal(totals, 0)
