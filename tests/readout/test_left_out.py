"""Errors of rows that are left out, against refits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit.readout import RidgeReadout, _left_out
from dlkit.readout._left_out import squares_left_out
from dlkit.readout._solve import Rows

from .. import naive_readout as naive
from .drawn import data


def refits(X, Y, weight, fit_intercept, which, alphas):
    """Sums of weighted squared errors, a fit for each row and alpha."""
    sums = np.zeros((len(alphas), Y.shape[1]))
    for i in which:
        rest = np.arange(len(X)) != i
        for a, alpha in enumerate(alphas):
            coef, intercept = naive.ridge(X[rest], Y[rest], alpha, weight[rest], fit_intercept)
            sums[a] += weight[i] * (Y[i] - X[i] @ coef - intercept) ** 2
    return sums


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("which", [[2, 7, 19], [4], range(20), range(1, 20)])
def test_squares_of_rows_left_out_are_those_of_refits(which, fit_intercept):
    X, Y, weight = data(20, 3)
    alphas = np.array([0.1, 5.0])
    got = squares_left_out(Rows(X, Y, weight, fit_intercept), np.array(which), alphas)
    assert_allclose(got, refits(X, Y, weight, fit_intercept, which, alphas), rtol=1e-9)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_a_row_that_has_nearly_all_weight(fit_intercept):
    X, Y, weight = data(20, 3)
    weight[5] = 1e6
    alphas = np.array([0.1, 5.0])
    got = squares_left_out(Rows(X, Y, weight, fit_intercept), np.arange(20), alphas)
    assert_allclose(got, refits(X, Y, weight, fit_intercept, range(20), alphas), rtol=1e-6)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_rows_far_larger_than_the_rest_and_nearly_parallel(fit_intercept):
    X, Y, weight = data(20, 3)
    X[0] *= 1e5
    X[1] = X[0] + 1e2 * X[1]
    alphas, which = np.array([1e-3, 1.0]), [0, 1, 7]
    got = squares_left_out(Rows(X, Y, weight, fit_intercept), np.array(which), alphas)
    assert_allclose(got, refits(X, Y, weight, fit_intercept, which, alphas), rtol=1e-4)


def test_nothing_is_left_out_and_no_penalty():
    rows = Rows(*data(20, 3), True)
    none = squares_left_out(rows, np.array([], dtype=int), np.ones(2))
    assert_array_equal(none, np.zeros((2, 3)))
    assert_array_equal(squares_left_out(rows, np.array([3]), np.zeros(1)), np.full((1, 3), np.inf))


def test_many_pixels_that_are_lit_in_one_image_each(monkeypatch):
    X, Y, weight = data(90, 40)
    X[:, 10:] = np.eye(90)[:, :30]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    alphas, calls = np.array([1e-4, 1e-3]), []
    inner = _left_out._left_out
    monkeypatch.setattr(_left_out, "_left_out", lambda *of: calls.append(of) or inner(*of))
    readout = RidgeReadout(alphas).fit(X, Y, weight)
    errors = [naive.loo_errors(X, Y, a, weight, True).mean() for a in alphas]
    assert_allclose(-readout.alpha_scores_, errors, rtol=1e-6)
    assert [len(x) for _, _, x, _ in calls] == [30, 30]  # for all thirty rows at once
