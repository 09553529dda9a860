"""Samples, a feature map and explicit refits, for the tests of readouts fed block by block."""

import numpy as np
from numpy.testing import assert_allclose
from sklearn.preprocessing import PolynomialFeatures

from dlkit import RidgeReadoutClassifier

from .. import naive_readout as naive

RNG = np.random.RandomState(0)
X = RNG.randn(120, 4)
Y = np.c_[X @ [1.0, -1.0, 0.5, 0.0] + X[:, 0] ** 2, np.sin(X[:, 1])] + 0.1 * RNG.randn(120, 2)
LABELS = np.array(["a", "b", "c"])[np.digitize(Y[:, 0], [-0.5, 1.5])]
WEIGHT = RNG.randint(0, 3, 120).astype(float)
POLY = PolynomialFeatures(3)
F = POLY.fit_transform(X)
ALPHAS = [1e-3, 0.1, 10.0]


def same(streamed, plain, atol=1e-8):
    """Assert that a streamed readout is the plain one, fitted on all features."""
    readout = streamed.readout_
    assert_allclose(readout.coef_, plain.coef_, atol=atol)
    assert_allclose(readout.intercept_, plain.intercept_, atol=atol)
    assert_allclose(readout.alpha_, plain.alpha_)
    if np.ndim(plain.alpha):
        assert_allclose(readout.alpha_scores_, plain.alpha_scores_, atol=atol)


CLASSIFIERS = [
    RidgeReadoutClassifier(),
    RidgeReadoutClassifier(alpha=ALPHAS),
    RidgeReadoutClassifier(alpha=ALPHAS, selection="gcv"),
    RidgeReadoutClassifier(alpha=0.5, fit_intercept=False),
    RidgeReadoutClassifier(class_weight="balanced"),
    RidgeReadoutClassifier(class_weight={"a": 3.0, "c": 0.5}, alpha=ALPHAS),
    RidgeReadoutClassifier(alpha=ALPHAS, solver="svd"),
    RidgeReadoutClassifier(alpha=ALPHAS, solver="moments"),
]


def left_out_errors(y, folds, weight, readout, alphas):
    """Mean squared errors (A, q) of explicit refits without each fold."""
    y, weight = y.reshape(len(y), -1), np.ones(len(y)) if weight is None else weight
    errors = np.zeros((len(alphas), y.shape[1]))
    for k in range(folds.max() + 1):
        test, train = folds == k, folds != k
        for i, alpha in enumerate(alphas):
            coef, intercept = naive.ridge(
                F[train], y[train], alpha, weight[train], readout.fit_intercept
            )
            miss = F[test] @ coef + intercept - y[test]
            errors[i] += weight[test] @ miss**2
    return errors / weight[folds >= 0].sum()
