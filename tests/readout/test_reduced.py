"""Scores of many alphas without eigenvectors, against eigenvectors and refits."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import _budgets
from dlkit.readout import RidgeReadout
from dlkit.readout._reduced import Reduced, path_of
from dlkit.readout._solve import Rows, Spectrum, gram_spectrum

from .. import naive_readout as naive
from .drawn import ALPHAS, check_selection, data


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """Every matrix counts as a large one."""
    monkeypatch.setattr(_budgets, "EIGH_BYTES", 0)


def products(n=30, p=6, has_intercept=True, weight=None):
    X, Y, _ = data(n, p)
    rows = Rows(X, Y, weight, has_intercept)
    x, y = np.vstack([x.copy() for _, x, _ in rows.by_rows()]), rows.targets()
    parts = np.asfortranarray(np.tril(x.T @ x)), x.T @ y, np.square(y).sum(axis=0)
    return parts, (rows.n_samples, rows.weight_sum, has_intercept), rows


@pytest.mark.parametrize("has_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_it_says_what_a_spectrum_says(has_intercept, weighted):
    weight = data(30, 6)[2] if weighted else None
    (XX, XY, YY), size, rows = products(has_intercept=has_intercept, weight=weight)
    want = gram_spectrum(XX.copy(order="F"), XY, YY, *size, rows)
    found = path_of(XX, XY, YY, *size, ALPHAS, rows)
    assert isinstance(found, Reduced)
    assert_allclose(found.values, want.values, rtol=1e-9)
    for method in ("gcv", "loo"):
        assert_allclose(getattr(found, method)(ALPHAS), getattr(want, method)(ALPHAS), rtol=1e-8)
    several = ALPHAS[[2, 0, 2]]
    assert_allclose(found.coefficients(several), want.coefficients(several), rtol=1e-8)
    assert_array_equal(found.sound(ALPHAS, 1e-3), want.sound(ALPHAS, 1e-3))


@pytest.mark.parametrize("per_target", [True, False])
@pytest.mark.parametrize("selection", ["gcv", "loo"])
def test_a_readout_chooses_as_refits_do(selection, per_target):
    X, Y, _ = data(30, 6)
    readout = RidgeReadout(ALPHAS, selection=selection, alpha_per_target=per_target).fit(X, Y)
    errors_of = {"gcv": naive.gcv_errors, "loo": naive.loo_errors}[selection]
    errors = np.array([errors_of(X, Y, alpha) for alpha in ALPHAS])
    check_selection(readout, X, Y, None, errors, True, per_target)


def test_where_digits_are_lost_it_goes_on_to_eigenvectors():
    (XX, XY, YY), size, rows = products()
    XX[:, 2] = XX[2] = 0.0  # a feature that is constant
    XY[2] = 0.0
    want = gram_spectrum(XX.copy(order="F"), XY, YY, *size, rows)
    alphas = np.array([0.0, 1.0])
    found = path_of(XX, XY, YY, *size, alphas, rows)
    assert isinstance(found, Spectrum)
    assert_allclose(found.gcv(alphas), want.gcv(alphas), rtol=1e-8)
    assert_allclose(found.coefficients(1.0), want.coefficients(1.0), rtol=1e-8)


def test_targets_that_are_fitted_whole_go_on_to_eigenvectors():
    (XX, _, _), size, rows = products()
    XX = np.tril(XX) + np.tril(XX, -1).T
    coef = np.ones((6, 1))
    found = path_of(XX, XX @ coef, (coef.T @ XX @ coef)[0], *size, np.array([1e-12]), rows)
    assert isinstance(found, Spectrum)


def test_it_takes_the_memory_of_the_matrix_alone():
    rng = np.random.RandomState(0)
    X = rng.randn(700, 600)
    parts = np.asfortranarray(X.T @ X), X.T @ X[:, :3], np.full(3, 1e9)
    tracemalloc.start()
    path_of(*parts, 700, 700.0, True, ALPHAS).gcv(ALPHAS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * parts[0].nbytes


def test_products_that_overflow():
    with pytest.raises(ValueError, match="overflow float64"):
        path_of(np.full((3, 3), np.inf, order="F"), np.ones((3, 1)), np.ones(1), 9, 9.0, True, [1])
