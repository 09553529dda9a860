"""Data drawn at random for the tests of readouts, and what several of them hold against."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from .. import naive_readout as naive

ALPHAS = np.array([1e-3, 0.1, 3.0, 100.0])
SHAPES = [(30, 6), (12, 11), (11, 11), (9, 20)]
SOLVERS = ["auto", "moments", "svd"]


def data(n, p, q=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randn(n, p) @ rng.randn(p, p) / np.sqrt(p) + rng.randn(p)
    Y = X @ rng.randn(p, q) + 5 + rng.randn(n, q) * 10.0 ** np.arange(-1, q - 1)
    weight = rng.randint(1, 4, n).astype(float)
    weight[n // 2] = 0
    return X, Y, weight


def labels(n, p, n_classes, seed=0):
    X, _, weight = data(n, p, seed=seed)
    scores = X @ np.random.RandomState(seed + 1).randn(p, n_classes)
    y = np.argmax(scores + 0.3, axis=1)
    y[: 3 * n_classes] = np.tile(np.arange(n_classes), 3)
    return X, np.array(["d", "a", "c", "b"])[y], weight


def check_selection(readout, X, Y, weight, errors, fit_intercept, per_target, rtol=1e-7):
    if not per_target:
        errors = errors.mean(axis=1)
    assert_allclose(-readout.alpha_scores_, errors.T, rtol=rtol, atol=1e-12)
    assert_allclose(readout.best_score_, -errors.min(axis=0), rtol=rtol, atol=1e-12)
    assert_array_equal(readout.alpha_, ALPHAS[errors.argmin(axis=0)])
    alphas = np.broadcast_to(readout.alpha_, Y.shape[1])
    for j, alpha in enumerate(alphas):
        coef, intercept = naive.ridge(X, Y[:, [j]], alpha, weight, fit_intercept)
        assert_allclose(readout.coef_[j], coef[:, 0], rtol=1e-6, atol=1e-8)
        assert_allclose(readout.intercept_[j], intercept[0], rtol=1e-6, atol=1e-8)
