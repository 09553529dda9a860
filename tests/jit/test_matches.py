"""Votes of rows of codes against a loop over rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit._jit.matches import left_out, vote

pytestmark = pytest.mark.kernels


def drawn(seed=0, n=30, n_codes=5, n_values=4):
    rng = np.random.RandomState(seed)
    codes = rng.randint(-1, 3, size=(n_codes, n)).astype(np.int32)
    labels = rng.randint(n_values, size=n).astype(np.int32)
    shares = rng.uniform(0.5, 1, n).astype(np.float32)
    return codes, labels, shares, rng.uniform(0, 2, n_codes).astype(np.float32)


def naive(codes, labels, shares, weights, query, first, last, skip, cut, n_values):
    rows = [j for j in range(first, last) if j != skip]
    score = {j: sum(w for w, c, q in zip(weights, codes[:, j], query, strict=True)
                    if c == q and q >= 0) for j in rows}  # fmt: skip
    top = max(score.values())
    votes = np.zeros(n_values)
    for j in rows:
        if score[j] > top - cut:
            votes[labels[j]] += shares[j] * np.exp(score[j] - top)
    return votes


@pytest.mark.parametrize("n_shared", [5, 3])
def test_votes(n_shared):
    codes, labels, shares, weights = drawn()
    X = np.random.RandomState(1).randint(-2, 3, size=(12, 5)).astype(np.int32)
    X[X == -1] = -2
    X[1::3, :n_shared] = X[0::3, :n_shared]
    ranges = np.tile(np.array([5, 28]), (12, 1))
    ranges[7:] = 0, 30
    ranges[11] = 9, 9
    for skip in (np.full(12, -1), np.arange(6, 18)):
        votes = np.zeros((12, 4))
        vote(codes, labels, shares, X, ranges, weights, n_shared, np.float32(3.0), skip,
             np.empty(30, np.float32), np.empty(30, np.int64),
             np.empty((5 - n_shared, 30), np.int32), votes)  # fmt: skip
        for i in range(11):
            want = naive(codes, labels, shares, weights, X[i], *ranges[i], skip[i], 3.0, 4)
            assert_allclose(votes[i], want, rtol=1e-5)
        assert_allclose(votes[11], 0)


def test_rows_left_out():
    codes, labels, shares, weights = drawn()
    rows, prior = np.arange(0, 30, 3), np.full(4, 0.05)
    ranges = np.tile(np.array([0, 30]), (10, 1))

    def loss(v, slope):
        room = np.empty(30, np.float32), slope, *np.zeros((2, 5))
        v = v.astype(np.float32)
        return left_out(codes, labels, shares, rows, ranges, v, prior, np.float32(1e6), *room)

    slope = np.zeros(5)
    found, want = loss(weights, slope), 0.0
    for i in rows:
        votes = naive(codes, labels, shares, weights, codes[:, i], 0, 30, i, 1e6, 4) + prior
        want -= np.log(votes[labels[i]] / votes.sum())
    assert_allclose(found, want, rtol=1e-5)
    for f in range(5):
        step = np.eye(5)[f] * 1e-2
        change = loss(weights + step, np.zeros(5)) - loss(weights - step, np.zeros(5))
        assert_allclose(change / 2e-2, slope[f], atol=2e-2)
