"""The ridge on windows, against fits written out."""

from itertools import pairwise

import numpy as np
import pytest

from dlkit.forecasting._windows import ALPHAS, fit_windows, lag_blocks


def features(x, t, edges):
    """Row of step t, with loops; steps before the first count as the first."""
    row = []
    for a, b in pairwise(edges):
        block = [x[t - lag] for lag in range(a, b) if t - lag >= 0]
        row.append(x[t] - (np.mean(block) if block else x[0]))
    return np.array(row)


def ridge(X, Y, alpha):
    mean, deviation = X.mean(0), X.std(0)
    Z = (X - mean) / deviation
    coef = np.linalg.solve(Z.T @ Z / len(Z) + alpha * np.eye(Z.shape[1]), Z.T @ (Y - Y.mean(0)))
    coef = coef / len(Z) / deviation[:, None]
    return lambda A: (A - mean) @ coef + Y.mean(0)


def walks(n, length, seed=0):
    rng = np.random.RandomState(seed)
    return [3.0**i * rng.standard_normal(length).cumsum() for i in range(n)]


def windows(series, knots, edges, starts):
    X, Y, own, at = [], [], [], []
    for i, (x, start) in enumerate(zip(series, starts, strict=True)):
        for t in range(start, len(x) - knots[-1]):
            X.append(features(x, t, edges) / x.std())
            Y.append((x[t + knots] - x[t]) / x.std())
            own.append(i)
            at.append(t)
    return map(np.array, (X, Y, own, at))


def test_blocks_grow():
    assert lag_blocks(3).tolist() == [1, 2, 3, 4]
    edges = lag_blocks(100)
    assert edges[0] == 1
    assert edges[-1] == 101
    assert (np.diff(edges)[:-1][1:] >= np.diff(edges)[:-1][:-1]).all()
    assert len(edges) < 20


def test_one_series_like_fits_that_leave_out_what_overlaps():
    (x,), knots, edges = walks(1, 80), np.array([1, 2, 5]), lag_blocks(6)
    found, origins, predicted = fit_windows([x], knots, 6, [8])
    X, Y, _, at = windows([x], knots, edges, [8])
    np.testing.assert_array_equal(origins[0], at)
    folds = np.arange(len(X)) * 5 // len(X)
    errors = {}
    for alpha in ALPHAS:
        held = np.empty_like(Y)
        for k in range(5):
            inside = folds == k
            far = (at <= at[inside].min() - 5) | (at >= at[inside].max() + 5)
            held[inside] = ridge(X[far], Y[far], alpha)(X[inside])
        errors[alpha] = ((held - Y) ** 2).mean(), held
    best = min(errors, key=lambda a: errors[a][0])
    assert found.alpha == best
    expected = x[at][:, None] + x.std() * errors[best][1]
    np.testing.assert_allclose(predicted[0], expected, rtol=1e-8)
    row = features(x, 79, edges)[None] / x.std()
    expected = x[-1] + x.std() * ridge(X, Y, best)(row)
    np.testing.assert_allclose(found.ahead(x, np.array([79])), expected, rtol=1e-8)


def test_many_series_like_one_fit_to_all():
    series, knots, edges = walks(12, 40), np.array([1, 3]), lag_blocks(4)
    found, origins, predicted = fit_windows(series, knots, 4, [6] * 12)
    X, Y, own, at = windows(series, knots, edges, [6] * 12)
    model = ridge(X, Y, found.alpha)
    x = walks(1, 15, seed=9)[0]
    row = features(x, 14, edges)[None] / x.std()
    expected = x[-1] + x.std() * model(row)
    np.testing.assert_allclose(found.ahead(x, np.array([14])), expected, rtol=1e-8)
    # each by a fit to the series of other folds; its last window by one to earlier windows
    others, early = own % 5 != 2, at < 40 - 6
    x = series[2]
    expected = x[at[own == 2]][:, None] + x.std() * ridge(X[others], Y[others], found.alpha)(
        X[own == 2]
    )
    np.testing.assert_allclose(predicted[2][:-1], expected[:-1], rtol=1e-8)
    last = ridge(X[early], Y[early], found.alpha)(X[own == 2][-1:])
    np.testing.assert_allclose(predicted[2][-1], x[36] + x.std() * last[0], rtol=1e-8)
    assert origins[2][-1] == 36


def test_too_few_windows():
    found, origins, predicted = fit_windows([np.arange(8.0)], np.array([1, 2]), 3, [2])
    assert found is None
    assert len(origins[0]) == len(predicted[0]) == 0


@pytest.mark.parametrize("x", [np.zeros(40), np.full(40, 1e6)])
def test_constant_series(x):
    found, _, predicted = fit_windows([x], np.array([1, 2]), 5, [8])
    np.testing.assert_array_equal(found.ahead(x, np.array([39])), [x[:2]])
    np.testing.assert_array_equal(predicted[0], x[:2] + np.zeros((len(predicted[0]), 2)))
