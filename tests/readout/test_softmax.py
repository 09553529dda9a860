"""Losses and their minimiser against the formulas, term by term."""

from math import exp, log

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import check_grad, minimize

from dlkit import _budgets
from dlkit.readout._softmax import Fit, Likelihood, Prior, bulk_of, minimise, pull, softmax


def data(seed=0, n=40, p=4, q=3):
    rng = np.random.RandomState(seed)
    return rng.randn(n, p), rng.randint(q, size=n), rng.uniform(0.2, 2, n)


def naive_loss(X, targets, weight, coef, intercept):
    """Minus the log-likelihood, a row and a class at a time."""
    total = 0.0
    for x, target, w in zip(X, targets, weight, strict=True):
        scores = [float(x @ coef[:, k] + intercept[k]) for k in range(coef.shape[1])]
        if np.ndim(target) == 0:
            total += w * (log(sum(exp(s) for s in scores)) - scores[target])
        else:
            total += w * sum(log(1 + exp(-t * s)) for t, s in zip(target, scores, strict=True))
    return total


@pytest.mark.parametrize("columns", [False, True])
def test_loss_and_gradients(columns, monkeypatch):
    monkeypatch.setattr(_budgets, "LOGISTIC_ENTRIES", 1)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    X, y, weight = data()
    targets = np.where(np.arange(3) == y[:, None], 1, -1).astype(np.int8) if columns else y
    blocks = [(slice(0, 25), X[:25]), (slice(25, 40), X[25:])]
    likelihood = Likelihood(lambda: blocks, targets, weight, np.float64)
    v = np.random.RandomState(1).randn(15)

    def at(v):
        return likelihood(v[:12].reshape(4, 3), v[12:])

    assert_allclose(at(v)[0], naive_loss(X, targets, weight, v[:12].reshape(4, 3), v[12:]))
    found = check_grad(
        lambda v: at(v)[0], lambda v: np.concatenate([at(v)[1].ravel(), at(v)[2]]), v
    )
    assert found < 1e-4
    whole = Likelihood(lambda: [(slice(0, 40), X)], targets, weight, np.float64)
    assert_allclose(whole(v[:12].reshape(4, 3), v[12:])[0], at(v)[0])
    shifted = Likelihood(lambda: blocks, targets, weight, np.float64, X.mean(axis=0))
    W = v[:12].reshape(4, 3)
    assert_allclose(shifted(W, v[12:] + X.mean(axis=0) @ W)[0], at(v)[0])


def test_scores_far_out_neither_overflow_nor_vanish():
    loss, falls = pull(np.array([[1000.0, 0, -1000], [0, 0, 0]]), np.array([2, 0]), None)
    assert_allclose(loss, 2000 + log(3))
    assert_allclose(falls, [[1, 0, -1], [-2 / 3, 1 / 3, 1 / 3]])
    loss, falls = pull(np.array([[1000.0], [-1000.0]]), np.array([[-1], [-1]]), None)
    assert_allclose(loss, 1000)
    assert_allclose(falls, [[1], [0]], atol=1e-30)
    with np.errstate(under="ignore"):
        assert_allclose(softmax(np.array([[1e4, 0.0]])), [[1, 0]])


@pytest.mark.parametrize("about", [True, False])
@pytest.mark.parametrize("with_prior", [True, False])
def test_the_minimum_is_that_of_a_plain_minimiser(with_prior, about):
    X, y, weight = data()
    likelihood = Likelihood(lambda: [(slice(0, 40), X)], y, weight, np.float64)
    mean = weight @ X / weight.sum() * about
    XX = (weight[:, None] * (X - mean)).T @ (X - mean)
    prior = Prior(2 * XX, np.ones((4, 3)), mean + 1, np.arange(3.0), 5.0) if with_prior else None

    def objective(v):
        W, b = v[:12].reshape(4, 3), v[12:] * about
        loss, slope, slopes = likelihood(W, b)
        if with_prior:
            more = prior(W, b)
            loss, slope, slopes = loss + more[0], slope + more[1], slopes + more[2]
        gradient = np.concatenate([(slope + 0.5 * W).ravel(), slopes * about])
        return loss + 0.25 * (W**2).sum(), gradient

    assert check_grad(lambda v: objective(v)[0], lambda v: objective(v)[1], np.ones(15)) < 1e-4
    wanted = minimize(objective, np.zeros(15), jac=True, options={"gtol": 1e-10})
    start = Fit(np.zeros((4, 3)), np.zeros(3))
    fit = minimise(
        likelihood, (XX, mean, weight.sum()), np.full(3, 0.2), 0.5, start,
        max_iter=500, tol=1e-14, about=about, prior=prior,
    )  # fmt: skip
    assert fit.converged
    flat = np.concatenate([fit.coef.ravel(), fit.intercept])
    least = objective(flat)[0]
    if with_prior:  # which says what is the same in all classes
        assert_allclose(
            softmax(X @ fit.coef + fit.intercept),
            softmax(X @ wanted.x[:12].reshape(4, 3) + wanted.x[12:] * about),
            atol=1e-5,
        )
    else:
        assert_allclose(least, wanted.fun, rtol=1e-9)


def test_features_that_depend_on_each_other():
    X, y, weight = data()
    X = np.hstack([X, X[:, :1], 0 * X[:, :1]])
    likelihood = Likelihood(lambda: [(slice(0, 40), X)], y, weight, np.float64)
    mean = weight @ X / weight.sum()
    XX = (weight[:, None] * (X - mean)).T @ (X - mean)
    fit = minimise(
        likelihood, (XX, mean, weight.sum()), np.full(3, 0.2), 1e-9,
        Fit(np.zeros((6, 3)), np.zeros(3)), max_iter=500, tol=1e-9, about=True,
    )  # fmt: skip
    assert np.isfinite(fit.coef).all()


def test_the_bulk_of_rows_is_known_from_rounding_and_from_zeros():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((200, 3))
    rare, rounded = 1.0 * (rng.rand(200) < 0.02), 0.1 + 1e-17 * X[:, 0]
    rounded[:3] = 1.0
    for rows in (X, np.exp(X), np.c_[X, rare], np.c_[X, rounded], np.ones((9, 2))):
        assert bulk_of(rows, rows.std(axis=0)) == 1
    X[7] *= 1e5
    assert 0 < bulk_of(X, X.std(axis=0)) < 1e-6
