"""Slow, obvious twins of the reservoir: one sequence, dense matrices, written from the formula."""

import math
from functools import partial
from itertools import pairwise

import numpy as np

ACTIVATIONS = {
    "tanh": np.tanh,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0.0),
    "identity": lambda z: z,
}


def states(W, w_in, bias, leak_rate, activation, sequence, start=None, noise=None):
    """x ← (1 − a) x + a f(W x + W_in u + b) + ν, the states of one (T, C) sequence."""
    W = W.toarray() if hasattr(W, "toarray") else np.asarray(W)
    f = ACTIVATIONS.get(activation, activation)
    x = np.zeros(len(W)) if start is None else np.array(start, dtype=float)
    rows = []
    for t, u in enumerate(np.asarray(sequence, dtype=float)):
        x = (1 - leak_rate) * x + leak_rate * f(W @ x + w_in @ u + bias)
        if noise is not None:
            x = x + noise[t]
        rows.append(x)
    return np.array(rows)


def estimator_states(estimator, sequence, start=None):
    """States of one sequence under a fitted estimator, with the input beside them if it says so."""
    r = estimator.reservoir_
    x = states(r.matrix, r.w_in, r.bias, r.leak_rate, r.activation, sequence, start)
    return np.hstack([x, sequence]) if estimator.passthrough else x


def pool_last(x):
    return x[-1]


def pool_mean(x):
    return sum(x) / len(x)


def pool_last_mean(x):
    return np.concatenate([pool_last(x), pool_mean(x)])


def pool_moments(x):
    mean = pool_mean(x)
    variance = sum((row - mean) ** 2 for row in x) / len(x)
    return np.concatenate([mean, np.sqrt(variance)])


def pool_statistics(x, rise=1e-9):
    steps = [new - old for old, new in pairwise(x)] or [0 * x[0]]
    change = 2 * np.sqrt(sum(step**2 for step in steps) / len(steps))
    up = sum(step > rise for step in steps)  # beyond the rounding of states near one
    rest = up / len(steps), np.min(x, axis=0), np.max(x, axis=0)
    return np.concatenate([pool_moments(x), change, *(part / 4 for part in rest)])


POOLINGS = {
    "last": pool_last,
    "mean": pool_mean,
    "last_mean": pool_last_mean,
    "moments": pool_moments,
    "statistics": pool_statistics,
}


def pooling(name, dtype=np.float64):
    """Pooling of that name, of states in float64 or float32, which round otherwise."""
    single = name == "statistics" and dtype == np.float32
    return partial(pool_statistics, rise=1e-6) if single else POOLINGS[name]


def model_space(x, mean, components, alpha):
    """Coefficients and intercept of the ridge regression z(t + 1) ≈ U z(t) + u₀."""
    z = (x - mean) @ components.T
    old, new = z[:-1], z[1:]
    d = len(components)
    if len(old) == 0:
        return np.zeros(d * (d + 1))
    # the intercept is a column of ones that is not penalised
    A = np.hstack([old, np.ones((len(old), 1))])
    penalty = alpha * np.eye(d + 1)
    penalty[-1, -1] = 0.0
    solution = np.linalg.solve(A.T @ A + penalty, A.T @ new)
    return np.concatenate([solution[:-1].T.ravel(), solution[-1]])


def ridge(X, Y, alpha):
    """Coefficients (p, q) and intercept of ridge regression, the intercept not penalised."""
    X, Y = np.asarray(X, float), np.asarray(Y, float).reshape(len(Y), -1)
    x_mean, y_mean = X.mean(0), Y.mean(0)
    A, B = X - x_mean, Y - y_mean
    coef = np.linalg.solve(A.T @ A + alpha * np.eye(X.shape[1]), A.T @ B)
    return coef, y_mean - x_mean @ coef


def closed_loop(estimator, coef, intercept, x, u, n_steps):
    """Each output is the next input; the (n_steps, C) outputs that follow state x and output u."""
    r = estimator.reservoir_
    out = []
    for _ in range(n_steps):
        x = states(r.matrix, r.w_in, r.bias, r.leak_rate, r.activation, u[None], x)[-1]
        row = np.concatenate([x, u]) if estimator.passthrough else x
        u = row @ coef + intercept
        out.append(u)
    return np.array(out)


def tanh(x):
    """The library's hyperbolic tangent, one number at a time."""
    return np.array([math.tanh(v) for v in np.ravel(x)]).reshape(np.shape(x))
