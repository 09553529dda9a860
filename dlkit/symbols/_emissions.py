"""Distributions of the next vector, given the states of a reservoir: fitted, scored, drawn from.

A row of features belongs to each step, whose vector the distribution is of. All are made of ridge
regressions on the same rows [1]_.

.. [1] M. Davidian and R. J. Carroll, "Variance function estimation", J. American Statistical
   Association 82, 1987.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve
from scipy.special import logsumexp
from sklearn.base import clone

from ..readout import RidgeReadout

_ROUNDS = 4  # of the fit of log-variances
_LEAST = 1e-12  # variance, in variances of what is left of the target, and a deviation of it
_KEPT = 2000  # residuals of an empirical distribution
_TAU = 0.1  # breadth of the likeness that weighs them


@dataclass(frozen=True)
class Gaussian:
    """Normal with a mean and a covariance that depend on the row.

    x = mean + L e, where L is a constant unit lower triangle and the entries of e are independent
    with log-variances linear in the row; L is the identity unless covariances are fitted.

    Attributes
    ----------
    mean : regressor
        Of the vector.
    log_variance : regressor
        Of the entries of e.
    scale, floor : ndarray of shape (n_outputs,)
        Factor on the variances, and the least variance.
    triangle : ndarray of shape (n_outputs, n_outputs)
        L.
    spread : tuple of ndarray or None
        Mean of the rows, and the Cholesky factor that leverages are computed by.
    """

    mean: object
    log_variance: object
    scale: np.ndarray
    floor: np.ndarray
    triangle: np.ndarray
    spread: tuple | None

    @classmethod
    def fit(cls, rows, targets, readout, rng, full=False):
        """Fit mean, then variances to the residuals, then the mean again under these weights."""
        del rng
        weight, found = None, None
        for _ in range(2):
            mean = _fitted(readout, rows, targets, weight)
            spread, leverage = _leverages(rows, weight, mean)
            with np.errstate(over="ignore"):
                left = (targets - _2d(mean.predict(rows))) / np.maximum(1.0 - leverage, 0.05)
            triangle = _triangle(left) if full else np.eye(targets.shape[1])
            found = cls._of_residuals(rows, left, mean, triangle, spread)
            weight = 1.0 / found._variances(rows).mean(axis=1)
            weight *= len(weight) / weight.sum()
        return found

    @classmethod
    def _of_residuals(cls, rows, left, mean, triangle, spread):
        """Log-variances by the likelihood of a gamma distribution with a logarithmic link."""
        own = np.linalg.solve(triangle, left.T).T
        squares = own**2
        # of a constant nothing is left: its variance is taken to be as small as digits tell
        floor = _LEAST * np.maximum(squares.mean(axis=0), _LEAST)
        squares = np.maximum(squares, floor)
        alphas = np.logspace(-4, 4, 9)
        told = np.log(squares) + 1.27  # −E log χ²
        width = np.log(floor / _LEAST)
        for _ in range(_ROUNDS):
            fitted = RidgeReadout(alphas, selection="gcv", relative=True).fit(rows, told)
            log = np.clip(_2d(fitted.predict(rows)), width - 12, width + 6)
            told = log + np.clip(squares * np.exp(-log) - 1.0, -1.0, 9.0)
        scale = (squares * np.exp(-log)).mean(axis=0)
        return cls(mean, fitted, scale, floor, triangle, spread)

    def _variances(self, rows):
        """Of the entries of e, without what the mean's own error adds."""
        width = np.log(self.floor / _LEAST)
        log = np.clip(_2d(self.log_variance.predict(rows)), width - 12, width + 6)
        return np.maximum(np.exp(log.astype(np.float64)) * self.scale, self.floor)

    def moments(self, rows):
        """Means, and variances of the entries of e; the error of the mean counts."""
        means = _2d(self.mean.predict(rows)).astype(np.float64)
        variances = self._variances(rows)
        if self.spread is not None:
            centre, factor, rest = self.spread
            own = rows - centre
            more = (own * cho_solve((factor, True), own.T).T).sum(axis=1) + rest
            variances = variances * (1.0 + np.clip(more, 0.0, 1.0)[:, None])
        return means, variances

    def deviations(self, rows):
        """Means and standard deviations of the entries of the vector."""
        means, variances = self.moments(rows)
        return means, np.sqrt(variances @ (self.triangle**2).T)

    def log_density(self, rows, targets):
        """Logarithm of the density of each target."""
        means, variances = self.moments(rows)
        own = np.linalg.solve(self.triangle, (targets - means).T).T
        terms = own**2 / variances + np.log(2 * np.pi * variances)
        return -0.5 * terms.sum(axis=1)

    def sample(self, rows, rng, temperature):
        """Draw a vector for each row; the standard deviation is multiplied by ``temperature``."""
        means, variances = self.moments(rows)
        noise = rng.standard_normal(means.shape) * np.sqrt(variances) * temperature
        return means + noise @ self.triangle.T


@dataclass(frozen=True)
class Empirical:
    """A mean, and the residuals of training steps whose states were most like the present one.

    Attributes
    ----------
    mean : regressor
        Of the vector.
    residuals : ndarray of shape (n_kept, n_outputs)
        Of training steps, each as if the step had been left out.
    keys : ndarray of shape (n_kept, n_features)
        Rows of these steps, centred and of length one.
    centre, width : ndarray
        What rows are centred by; the bandwidth of the density of each output.
    """

    mean: object
    residuals: np.ndarray
    keys: np.ndarray
    centre: np.ndarray
    width: np.ndarray

    @classmethod
    def fit(cls, rows, targets, readout, rng):
        """Fit the mean and keep residuals, with their rows."""
        mean = _fitted(readout, rows, targets, None)
        _, leverage = _leverages(rows, None, mean)
        left = (targets - _2d(mean.predict(rows))) / np.maximum(1.0 - leverage, 0.05)
        kept = np.arange(len(rows))
        if len(kept) > _KEPT:
            kept = np.sort(rng.choice(len(rows), _KEPT, replace=False))
        centre = rows.mean(axis=0, dtype=np.float64)
        spread = np.maximum(left.std(axis=0), _LEAST)
        width = 1.06 * spread * min(len(kept), _KEPT) ** -0.2  # Silverman's rule
        return cls(mean, left[kept], _unit(rows[kept], centre), centre, width)

    def _weights(self, rows):
        """Softmax of the cosine with each kept row, over τ."""
        scores = _unit(rows, self.centre) @ self.keys.T / _TAU
        scores -= scores.max(axis=1, keepdims=True)
        weights = np.exp(scores)
        return weights / weights.sum(axis=1, keepdims=True)

    def deviations(self, rows):
        """Means and standard deviations of the entries of the vector."""
        weights = self._weights(rows)
        shift = weights @ self.residuals
        square = weights @ self.residuals**2 - shift**2
        means = _2d(self.mean.predict(rows)).astype(np.float64) + shift
        return means, np.sqrt(np.maximum(square, 0.0) + self.width**2)

    def log_density(self, rows, targets):
        """Logarithm of the density: a kernel on each residual, weighted by likeness."""
        means = _2d(self.mean.predict(rows))
        left = (targets - means) / self.width
        points = self.residuals / self.width
        with np.errstate(divide="ignore", under="ignore"):
            logs = np.log(self._weights(rows))
        squares = (left**2).sum(axis=1)[:, None] - 2 * left @ points.T + (points**2).sum(axis=1)
        constant = np.log(self.width * np.sqrt(2 * np.pi)).sum()
        return logsumexp(logs - 0.5 * np.maximum(squares, 0.0), axis=1) - constant

    def sample(self, rows, rng, temperature):
        """Draw a vector for each row; residuals are multiplied by ``temperature``."""
        means = _2d(self.mean.predict(rows)).astype(np.float64)
        below = np.cumsum(self._weights(rows), axis=1) < rng.uniform(size=(len(rows), 1))
        drawn = self.residuals[np.minimum(below.sum(axis=1), len(self.residuals) - 1)]
        noise = rng.standard_normal(means.shape) * self.width
        return means + temperature * (drawn + noise)


def _fitted(readout, rows, targets, weight):
    if weight is None:
        return clone(readout).fit(rows, targets)
    return clone(readout).fit(rows, targets, sample_weight=weight)


def _leverages(rows, weight, mean):
    """What the error of the mean is computed by, and the leverage of each row, (n, 1).

    The penalty is the fitted readout's ``alpha_``; of readouts that have none nothing is known,
    and leverages are zero.
    """
    alpha = getattr(mean, "alpha_", None)
    if alpha is None or rows.shape[1] > 4000:
        return None, np.zeros((len(rows), 1))
    weight = np.ones(len(rows)) if weight is None else weight
    centre = np.average(rows, axis=0, weights=weight).astype(np.float64)
    own = rows - centre
    gram = (own * weight[:, None]).T @ own
    penalty = float(np.mean(alpha))
    gram[np.diag_indices_from(gram)] += penalty + 1e-10 * np.trace(gram) / len(gram) + 1e-300
    factor, rest = np.linalg.cholesky(gram), 1.0 / len(rows)
    solved = cho_solve((factor, True), own.T).T
    own_share = (own * solved).sum(axis=1) + rest
    return (centre, factor, rest), np.clip(own_share * weight, 0.0, 1.0)[:, None]


def _triangle(left):
    """Unit lower triangle of the modified Cholesky decomposition of the covariance."""
    n = left.shape[1]
    cov = left.T @ left / len(left)
    cov[np.diag_indices(n)] += 1e-10 * np.trace(cov) / n + np.finfo(float).tiny
    factor = np.linalg.cholesky(cov)
    return factor / np.diag(factor)


def _unit(rows, centre):
    own = rows - centre
    length = np.linalg.norm(own, axis=1, keepdims=True)
    return own / np.maximum(length, 1e-12)


def _2d(values):
    return np.asarray(values).reshape(len(values), -1)
