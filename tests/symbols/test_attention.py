"""Attention whose query is fitted to realigned targets, against the formulas and known answers."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from dlkit.symbols._attention import Likelihood, Query, align, keys_of, places, softmax


def test_scores_are_those_of_a_normal_density():
    r = np.random.RandomState(0)
    half = r.randn(3, 3)
    cov = half @ half.T + np.eye(3)
    whiten = np.linalg.inv(np.linalg.cholesky(cov)).T
    query = Query(r.randn(4, 3), r.randn(3), whiten)
    rows, keys = r.randn(5, 4), r.randn(6, 3)
    told = rows @ query.coef + query.intercept
    want = np.array([[multivariate_normal(m, cov).pdf(k) for k in keys] for m in told])
    np.testing.assert_allclose(
        softmax(query.scores(rows, keys)), want / want.sum(axis=1, keepdims=True)
    )


def test_keys_tell_places_from_both_ends():
    states, projection = np.random.RandomState(0).randn(7, 2), np.eye(2, 16)
    keys = keys_of(states, np.array([3, 4]), 10, projection)
    np.testing.assert_allclose(keys[:, :16], places([0, 1, 2, 0, 1, 2, 3], 10))
    np.testing.assert_allclose(keys[:, 16:32], places([2, 1, 0, 3, 2, 1, 0], 10))
    np.testing.assert_allclose(keys[:, 32:34], states)
    apart = np.linalg.norm(places(range(40), 10)[:, None] - places(range(40), 10), axis=2)
    assert apart[~np.eye(40, dtype=bool)].min() > 0.1


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("order", ["same", "reversed"])
def test_positions_are_found(order, table):
    r = np.random.RandomState(0)
    lengths = r.randint(3, 9, size=200)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    sources = np.eye(5)[r.randint(5, size=offsets[-1])] if table else r.randn(offsets[-1], 2)
    where = [np.arange(n) if order == "same" else np.arange(n)[::-1] for n in lengths]
    targets = np.concatenate(
        [sources[a : a + n][w] for a, n, w in zip(offsets, lengths, where, strict=False)]
    )
    clock = np.concatenate([places(np.arange(n), 9) for n in lengths])
    keys = keys_of(np.zeros((offsets[-1], 1)), lengths, 9, np.zeros((1, 16)))
    targets = targets if table else targets @ np.array([[0.0, 2.0], [-1.0, 0.0]])
    likelihood = Likelihood(sources, targets, table)
    query = align(clock, keys, offsets, offsets, likelihood, 10)
    right = []
    for a, n, w in zip(offsets, lengths, where, strict=False):
        weights = softmax(query.scores(clock[a : a + n], keys[a : a + n]))
        right += (weights.argmax(axis=1) == w).tolist()
    assert np.mean(right) > 0.98
