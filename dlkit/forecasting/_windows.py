"""Ridge regression on windows of levels: one for all series, several steps ahead at once."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from ..readout import Moments
from ._errors import MANY

__all__ = ["WindowRidge", "fit_windows", "lag_blocks", "scale_of"]

ALPHAS = np.logspace(-4, 1, 6)
N_FOLDS = 5
MOST_ROWS = 600  # windows of one series; more of them overlap the more
MOST_OF_ALL = 20000  # of many
LEAST_ROWS = 8
MOST_LAGS = 400


def lag_blocks(n_lags):
    """Edges of blocks of lags 1, ..., n_lags, which grow with the lag: by a third each."""
    edges = [1]
    while edges[-1] <= n_lags:
        edges.append(edges[-1] + max(1, edges[-1] // 3))
    return np.array([*(e for e in edges if e <= n_lags), n_lags + 1])


def _features(x, origins, edges):
    """How far the present step is from the mean of each block of steps before it."""
    shifted = x - x[-1]
    sums = np.concatenate([[0.0], np.cumsum(shifted)])
    last = np.maximum(origins[:, None] - edges[:-1] + 1, 1)
    first = np.minimum(np.maximum(origins[:, None] - edges[1:] + 1, 0), last - 1)
    return shifted[origins, None] - (sums[last] - sums[first]) / (last - first)


def scale_of(x):
    """Deviation of a series; 1 if it has none."""
    scale = x.std()
    return scale if scale > 1e-12 * np.abs(x).max(initial=0.0) else 1.0


@dataclass(frozen=True)
class WindowRidge:
    """What windows of a level say of the steps ahead, relative to the present one.

    Attributes
    ----------
    edges : ndarray of int
        Of the blocks of lags.
    coef : ndarray of shape (n_blocks, n_knots)
    intercept : ndarray of shape (n_knots,)
    alpha : float
        Penalty, relative to the number of windows.
    """

    edges: np.ndarray
    coef: np.ndarray
    intercept: np.ndarray
    alpha: float

    def ahead(self, x, origins, scale=None):
        """Level at the knots after some steps of a series, of shape (m, n_knots)."""
        scale = scale_of(x) if scale is None else scale
        rise = _features(x, origins, self.edges) @ self.coef / scale + self.intercept
        return x[origins, None] + scale * rise


class _Solver:
    """Coefficients for all penalties, from moments."""

    def __init__(self, moments):
        XX, XY, _ = moments.centred()
        deviation = np.sqrt(np.diag(XX) / moments.n)
        self.inverse = np.where(deviation > 1e-10, 1.0 / np.maximum(deviation, 1e-10), 0.0)
        values, self.vectors = eigh(XX * np.outer(self.inverse, self.inverse) / moments.n)
        self.values = np.maximum(values, 0.0)
        self.rotated = self.vectors.T @ (XY * self.inverse[:, None] / moments.n)
        self.x_mean, self.y_mean = moments.x_mean, moments.y_mean

    def coef(self, alpha):
        inner = self.vectors @ (self.rotated / (self.values + alpha)[:, None])
        return self.inverse[:, None] * inner

    def predict(self, X, alpha):
        return (X - self.x_mean) @ self.coef(alpha) + self.y_mean


def fit_windows(levels, knots, n_lags, starts):
    """Fit the ridge, and predict every window by a fit that did not see it.

    Each series counts in its own scale. Features and targets are relative to the present step, so
    that a series may be anywhere. Folds are series where there are ten or more; else they are
    stretches of time, and the fit that predicts a stretch leaves out windows that overlap with it.
    What the last window of each of many series is predicted by has seen earlier windows alone. The
    penalty is the best of `ALPHAS` in the folds. All fits are solved from moments that are added.

    Parameters
    ----------
    levels : list of ndarray
        Series without seasons.
    knots : ndarray of int
        Steps ahead.
    n_lags : int
        Length of a window.
    starts : sequence of int
        First origin in each series.

    Returns
    -------
    ridge : WindowRidge or None
        None where there are too few windows.
    origins : list of ndarray
        Of the windows of each series.
    predicted : list of ndarray of shape (m, n_knots)
        Levels at the knots after them, each by a fit that did not see it.
    """
    edges, n_steps, several = lag_blocks(n_lags), knots[-1], len(levels) >= MANY
    n_windows = sum(max(len(x) - n_steps - s, 0) for x, s in zip(levels, starts, strict=True))
    most = max(MOST_OF_ALL, 10 * len(levels)) if several else MOST_ROWS * len(levels)
    stride = max(1, -(-n_windows // most))
    origins, X, Y, scales = [], [], [], []
    for x, start in zip(levels, starts, strict=True):
        found = np.arange(len(x) - n_steps - 1, start - 1, -stride)[::-1]
        scales.append(scale_of(x))
        X.append(_features(x, found, edges) / scales[-1])
        Y.append((x[found[:, None] + knots] - x[found, None]) / scales[-1])
        origins.append(found)
    counts = np.array([len(o) for o in origins])
    if counts.sum() < LEAST_ROWS:
        return None, [o[:0] for o in origins], [np.empty((0, len(knots)))] * len(levels)
    X, Y, at = np.concatenate(X), np.concatenate(Y), np.concatenate(origins)
    own = np.repeat(np.arange(len(levels)), counts)
    folds = own % N_FOLDS if several else np.empty(len(X), dtype=int)
    if not several:
        for i in range(len(levels)):
            folds[own == i] = np.arange(counts[i]) * N_FOLDS // max(counts[i], 1)
    parts = [Moments().update(X[folds == k], Y[folds == k]) if (folds == k).any() else Moments()
             for k in range(N_FOLDS)]  # fmt: skip
    whole = Moments()
    for part in parts:
        whole.add_in(part)
    predicted = np.empty((len(ALPHAS), *Y.shape))
    for k in range(N_FOLDS):
        inside = folds == k
        if not inside.any():
            continue
        rest = _without(parts, k, X, Y, own, at, inside, n_steps, several, len(edges))
        for j, alpha in enumerate(ALPHAS):
            predicted[j, inside] = rest.predict(X[inside], alpha)
    best = int(np.argmin(((predicted - Y) ** 2).mean(axis=(1, 2))))
    alpha, predicted = ALPHAS[best], predicted[best]
    if several:
        lengths = np.array([len(x) for x in levels])[own]
        last, early = at == lengths - n_steps - 1, at < lengths - 2 * n_steps
        if early.sum() >= max(20, 2 * len(edges)):
            before = _Solver(Moments().update(X[early], Y[early]))
            predicted[last] = before.predict(X[last], alpha)
    solver = _Solver(whole)
    coef = solver.coef(alpha)
    ridge = WindowRidge(edges, coef, solver.y_mean - solver.x_mean @ coef, float(alpha))
    ends = np.cumsum(counts)
    rises = np.split(predicted, ends[:-1])
    levels_ahead = [
        x[o, None] + scale * rise
        for x, o, scale, rise in zip(levels, origins, scales, rises, strict=True)
    ]
    return ridge, origins, levels_ahead


def _without(parts, k, X, Y, own, at, inside, n_steps, several, n_edges):
    """Fit to what neither is in a fold nor overlaps with it."""
    others = Moments()
    for j, part in enumerate(parts):
        if j != k and part.n:
            others.add_in(part)
    if not several:
        keep = ~inside
        for i in np.unique(own):
            mine = own == i
            first, last = at[mine & inside].min(initial=10**9), at[mine & inside].max(initial=-1)
            keep &= ~mine | (at <= first - n_steps) | (at >= last + n_steps)
        if keep.sum() >= max(LEAST_ROWS, n_edges // 2):
            others = Moments().update(X[keep], Y[keep])
    return _Solver(others)
