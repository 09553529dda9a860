"""Slow, obvious twins of dlkit.readout, from the formulas."""

import numpy as np


def ridge(X, Y, alpha, weight=None, fit_intercept=True):
    """Coefficients (p, q) and intercept (q,) by least squares on augmented rows.

    The penalty is sqrt(alpha) I below the rows; for alpha = 0 lstsq gives the least norm.
    """
    weight = np.ones(len(X)) if weight is None else weight
    p, q = X.shape[1], Y.shape[1]
    x_mean, y_mean = np.zeros(p), np.zeros(q)
    if fit_intercept:
        x_mean, y_mean = (weight @ X) / weight.sum(), (weight @ Y) / weight.sum()
    root = np.sqrt(weight)[:, None]
    rows = np.vstack([root * (X - x_mean), np.sqrt(alpha) * np.eye(p)])
    targets = np.vstack([root * (Y - y_mean), np.zeros((p, q))])
    coef = np.linalg.lstsq(rows, targets, rcond=None)[0]
    return coef, y_mean - x_mean @ coef


def loo_errors(X, Y, alpha, weight=None, fit_intercept=True):
    """Weighted mean squared errors (q,), refitting without each row."""
    weight = np.ones(len(X)) if weight is None else weight
    total = np.zeros(Y.shape[1])
    for i in np.flatnonzero(weight):
        rest = np.arange(len(X)) != i
        coef, intercept = ridge(X[rest], Y[rest], alpha, weight[rest], fit_intercept)
        total += weight[i] * (Y[i] - X[i] @ coef - intercept) ** 2
    return total / weight.sum()


def gcv_errors(X, Y, alpha, fit_intercept=True):
    """(1/n) |(I - H) y|² / ((1/n) tr(I - H))², H column by column from fits of unit vectors."""
    n = len(X)
    coef, intercept = ridge(X, np.eye(n), alpha, None, fit_intercept)
    kept = np.eye(n) - (X @ coef + intercept)
    return ((kept @ Y) ** 2).mean(axis=0) / (np.trace(kept) / n) ** 2


def moments(X, Y, weight=None):
    """Sums and centred products, row by row."""
    weight = np.ones(len(X)) if weight is None else weight
    x_mean = sum(w * x for w, x in zip(weight, X, strict=True)) / weight.sum()
    y_mean = sum(w * y for w, y in zip(weight, Y, strict=True)) / weight.sum()
    XX, XY, YY = 0, 0, 0
    for w, x, y in zip(weight, X, Y, strict=True):
        XX = XX + w * np.outer(x - x_mean, x - x_mean)
        XY = XY + w * np.outer(x - x_mean, y - y_mean)
        YY = YY + w * (y - y_mean) ** 2
    return x_mean, y_mean, XX, XY, YY


def nearest_on_simplex(point):
    """Projection by bisection on the shift θ with Σ max(point − θ, 0) = 1."""
    low, high = point.min() - 1, point.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(point - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(point - low, 0)
