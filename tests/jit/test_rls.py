"""Recursive least squares, row by row, against ridge regression on all rows."""

import numpy as np
import pytest

from dlkit._jit import rls

from .. import naive_readout

pytestmark = pytest.mark.kernels


def learn(X, Y, weight, alpha=0.5, clip_norm=np.inf):
    p, q = X.shape[1], Y.shape[1]
    state = np.eye(p), np.full(p, 1 / alpha), np.zeros(p), np.zeros(1)
    coef, intercept = np.zeros((q, p)), np.zeros(q)
    left = rls.rls_rows(
        X, Y, weight, *state, coef, intercept, 1.0, alpha, clip_norm, np.inf, True
    )  # fmt: skip
    return coef, intercept, left


def test_rows_one_after_another_are_ridge():
    r = np.random.RandomState(0)
    X, Y, weight = r.randn(40, 3) + 2, r.randn(40, 2), r.uniform(0.5, 2, 40)
    weight[7] = 0.0
    coef, intercept, left = learn(X, Y, weight)
    want = naive_readout.ridge(X, Y, 0.5, weight)
    np.testing.assert_allclose(coef.T, want[0], atol=1e-10)
    np.testing.assert_allclose(intercept, want[1], atol=1e-10)
    assert left == (0, 0)


def test_a_step_is_no_longer_than_the_limit():
    r = np.random.RandomState(1)
    X, Y = r.randn(1, 3), 100 * r.randn(1, 1)
    coef, intercept, left = learn(X, Y, np.ones(1), clip_norm=0.25)
    np.testing.assert_allclose(np.sqrt((coef**2).sum() + (intercept**2).sum()), 0.25)
    assert left == (0, 1)
