"""The associative memory against its update, a pattern at a time."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import AssociativeMemory, _budgets


def naive(keys, values, pattern, beta):
    """One step: the mean of the values under votes by the distance over what is known."""
    known = ~np.isnan(pattern)
    scores = [-beta * sum((key - pattern)[known] ** 2) for key in keys]
    votes = [np.exp(score - max(scores)) for score in scores]
    return sum(v * value for v, value in zip(votes, values, strict=True)) / sum(votes)


@parametrize_with_checks([AssociativeMemory(), AssociativeMemory(1.0, max_iter=1)])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_one_step(monkeypatch):
    monkeypatch.setattr(_budgets, "RETRIEVAL_ENTRIES", 20)
    rng = np.random.RandomState(0)
    X, y = rng.randn(15, 6) + 3, rng.randn(15, 2)
    Q = rng.randn(7, 6) + 3
    known = np.ones(Q.shape, dtype=bool)
    known[::2, 3:] = False
    Q[~known] = np.nan
    memory = AssociativeMemory(0.4, max_iter=1)
    for x, one, other in zip(
        Q, memory.fit(X).predict(Q, known), clone(memory).fit(X, y).predict(Q, known), strict=True
    ):
        assert_allclose(one, naive(X, X, x, 0.4))
        assert_allclose(other, naive(X, y, x, 0.4))


def test_steps_go_on_to_a_fixed_point():
    rng = np.random.RandomState(0)
    X = rng.randn(20, 5)
    memory = AssociativeMemory(0.8, max_iter=500).fit(X)
    found = memory.predict(X + 0.3 * rng.randn(20, 5))
    again = [naive(X, X, x, 0.8) for x in found]
    assert_allclose(found, again, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_recalls_what_it_has_seen_half_of(dtype):
    X, y = load_digits(return_X_y=True)
    X = X[:300].astype(dtype)
    known = np.tile(np.arange(64) < 32, (300, 1))
    half = np.where(known, X, 0)
    noisy = X + np.random.RandomState(0).randn(*X.shape).astype(dtype)
    memory = AssociativeMemory().fit(X)
    for query, given in ((half, known), (noisy, None), (X, None)):
        found = memory.predict(query, given)
        assert found.dtype == dtype
        assert (np.abs(found - X).max(axis=1) < 1e-2).mean() > 0.99
    names = AssociativeMemory().fit(X, y[:300])
    assert_array_equal(np.rint(names.predict(half, known)), y[:300])
    first = AssociativeMemory().partial_fit(X[:100]).partial_fit(X[100:])
    assert_array_equal(first.predict(half, known), memory.predict(half, known))


def test_bad_input_is_named():
    X = np.random.RandomState(0).randn(10, 3)
    memory = AssociativeMemory()
    with pytest.raises(NotFittedError):
        memory.predict(X)
    with pytest.raises(ValueError, match="NaN"):
        memory.fit(np.full((4, 3), np.nan))
    memory.fit(X)
    with pytest.raises(ValueError, match="in all calls or in none"):
        memory.partial_fit(X, X[:, 0])
    with pytest.raises(ValueError, match="beta"):
        AssociativeMemory(0.0).fit(X)
    with pytest.raises(ValueError, match="known"):
        memory.predict(X, np.ones((10, 2), dtype=bool))
    with pytest.raises(ValueError, match="known"):
        memory.predict(np.full((10, 3), np.nan), np.ones((10, 3), dtype=bool))
    one = AssociativeMemory().fit(X[:1])
    assert_allclose(one.predict(X), np.tile(X[0], (10, 1)))


def test_patterns_beyond_the_dtype_are_named():
    X = np.eye(4) * 1e290
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"X, or the patterns.*scale"):
        AssociativeMemory().fit(X).predict(X)
