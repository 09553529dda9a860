"""Ridge fits of all rows but a stretch of them, for many stretches and alphas at once.

With X̃ᵀX̃ = V Λ Vᵀ of all rows, D = (Λ + αI)⁻¹, c = D VᵀX̃ᵀỸ and Z = X̃ₖ V the rows of stretch k in
that basis, the fit without these rows is by Woodbury's identity::

    w = V (c − D Zᵀ (I − Z D Zᵀ − v vᵀ)⁻¹ (Ỹₖ − Z c))

in which v, the square roots of their weights over that of all weights, is what the mean loses. In
the dual form the multipliers a = M Ỹ, with M = (X̃X̃ᵀ + αI)⁻¹ about the mean, become a − M[:, k]
M[k, k]⁻¹ a[k], which are zero in the stretch. For a stretch of a single row both are the formula of
leave-one-out. A fit takes n² p products for a stretch of n rows, where one of its own takes p³.
"""

from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.linalg.blas import dsyrk

from .._threads import blas_for
from ._moments import Moments
from ._reduced import path_of
from ._select import LAST, SCORES, finish, means_of, triangle_solution
from ._solve import Rows, Triangle, dual_spectrum, gram_spectrum

__all__ = ["MomentFits", "StretchFits"]


class StretchFits:
    """Fits of one readout to rows without a stretch of them, for each candidate for alpha.

    Parameters
    ----------
    readout : RidgeReadout
        Not fitted yet, with several candidates for alpha.
    X : ndarray of shape (T, p)
        Rows of features.
    y : ndarray of shape (T,) or (T, q)
        Targets.
    sample_weight : ndarray of shape (T,) or None
        Weights.
    stretches : list of ndarray of int
        Rows to leave out, for each fit.

    Attributes
    ----------
    alphas : ndarray of shape (A,)
        The candidates.
    """

    @np.errstate(all="ignore")  # what overflows is refused by name
    def __init__(self, readout, X, y, sample_weight, stretches):
        self._readout, self._stretches = readout, stretches
        self._given = readout._make_choice()
        Y, weight, self._y_ndim = readout.encode(y, sample_weight)
        self._given.check_weights(weight, len(X))
        n, p = X.shape
        with blas_for(10 * min(n, p) ** 3):
            if self._given.is_dual(n, p):
                self._rows = Rows(X, Y, weight, self._given.fit_intercept)
                self._choice = self._given.scaled(self._rows)
                self._spectrum = self._dual()
            else:
                self._spectrum = self._primal(X, Y, weight)

    @property
    def alphas(self):
        """The candidates, by their given names."""
        return self._given.alphas

    def _dual(self):
        spectrum = dual_spectrum(self._rows, exact=False)
        values = spectrum.values
        if len(values) and values[-1] >= 1e10 * (values[0] + self._choice.alphas.min()):
            return dual_spectrum(self._rows, exact=True)
        return spectrum

    def _primal(self, X, Y, weight):
        moments = Moments().update(X, Y, weight)
        self._rows = rows = Rows(X, Y, weight, self._given.fit_intercept, moments.x_mean)
        self._choice = self._given.scaled(rows)
        products = moments.products(self._choice.fit_intercept, overwrite=True)
        size = rows.n_samples, rows.weight_sum, self._choice.fit_intercept
        spectrum = gram_spectrum(*products, *size, rows)
        if spectrum.sound(self._choice.alphas, SCORES).all():
            return spectrum
        return self._triangle.spectrum

    @cached_property
    def _triangle(self):
        return Triangle(self._rows)

    @property
    def _inverse(self):
        """1 / (eigenvalue + alpha), shape (k, A)."""
        spectrum = self._spectrum
        if spectrum.dual:
            total = spectrum.values[:, None] + self._choice.alphas
            return 1.0 / np.maximum(total, max(spectrum.floor, 1e-300))
        return spectrum.inverse(self._choice.alphas)

    @np.errstate(all="ignore")
    def whole(self):
        """Coefficients (A, q, p) and intercepts (A, q) of the fits to all rows."""
        columns = np.concatenate([self._spectrum.loads * d[:, None] for d in self._inverse.T], 1)
        means = self._rows.x_mean[None], self._rows.y_mean[None]
        coef, intercept = self._readouts(self._spectrum.basis @ columns, *means)
        return coef[0], intercept[0]

    @np.errstate(all="ignore")
    def without(self):
        """Coefficients (K, A, q, p) and intercepts (K, A, q) of the fits without each stretch."""
        rows, make = self._rows, self._without_dual if self._spectrum.dual else self._without_primal
        p, q = rows.p, rows.Y.shape[1]
        with blas_for(10 * p * max(map(len, self._stretches)) ** 2):
            columns = np.concatenate([make(k) for k in self._stretches], axis=1)
            if not self._spectrum.dual:
                columns = self._spectrum.basis @ columns
        weight = np.ones(rows.n) if rows.root is None else rows.root**2
        x_means, y_means = np.zeros((len(self._stretches), p)), np.zeros((len(self._stretches), q))
        if self._choice.fit_intercept:
            for i, k in enumerate(self._stretches):
                w, left = weight[k], rows.weight_sum - weight[k].sum()
                x_means[i] = rows.x_mean - w @ (rows.X[k] - rows.x_mean) / left
                y_means[i] = rows.y_mean - w @ (rows.Y[k] - rows.y_mean) / left
        return self._readouts(columns, x_means, y_means)

    def _readouts(self, columns, x_means, y_means):
        """Coefficients and intercepts from columns (p or T, K A q) and the means of K fits."""
        if self._spectrum.dual:
            columns = self._rows.transpose_times(columns)
        shape = len(x_means), len(self.alphas), y_means.shape[1], self._rows.p
        coef = columns.T.reshape(shape)
        return coef, y_means[:, None] - np.einsum("kaqp,kp->kaq", coef, x_means)

    def _stretch(self, k):
        """X̃, Ỹ and v of a stretch."""
        rows = self._rows
        root = np.ones(len(k)) if rows.root is None else rows.root[k]
        x = root[:, None] * np.subtract(rows.X[k], rows.x_mean, dtype=np.float64)
        y = root[:, None] * np.subtract(rows.Y[k], rows.y_mean, dtype=np.float64)
        return x, y, None if rows.intercept is None else rows.intercept[k]

    def _without_primal(self, k):
        """Coordinates (k, A q) in the spectrum's basis of the fits without a stretch."""
        x, y, v = self._stretch(k)
        z, found = x @ self._spectrum.basis, []
        for d in self._inverse.T:
            c, inner = d[:, None] * self._spectrum.loads, np.eye(len(k), order="F")
            half = z * np.sqrt(d)
            inner = dsyrk(-1.0, half.T, beta=1.0, c=inner, trans=1, lower=1, overwrite_c=1)
            if v is not None:
                inner -= np.outer(v, v)
            found.append(c - d[:, None] * (z.T @ solve_definite(inner, y - z @ c)))
        return np.concatenate(found, axis=1)

    def _without_dual(self, k):
        """Multipliers (T, A q) of the fits without a stretch."""
        basis, found = self._spectrum.basis, []
        for d in self._inverse.T:
            a = basis @ (d[:, None] * self._spectrum.loads)
            half = basis * np.sqrt(d)
            beside = half @ half[k].T
            a -= beside @ solve_definite(beside[k], a[k])
            a[k] = 0.0
            found.append(a)
        return np.concatenate(found, axis=1)

    def fitted(self, best, errors):
        """Fitted copy of the readout, with one of the candidates.

        Parameters
        ----------
        best : int
            Number of the candidate.
        errors : ndarray of shape (A,)
            What the choice was made by.
        """
        choice = self._choice.only(self._choice.alphas[best])
        rows, spectrum = self._rows, self._spectrum
        if spectrum.dual or not spectrum.exact or self._triangle.serves(choice.alphas[0]):
            solution = finish(spectrum, choice, rows.x_mean, rows.y_mean)
        else:
            solution = triangle_solution(self._triangle, choice)
        alpha = float(self._given.alphas[best])
        solution = replace(solution, alpha=alpha, scores=-errors, best=float(-errors[best]))
        return self._readout.with_solution(solution, self._given, rows.p, self._y_ndim)


class MomentFits:
    """Fits of one readout to moments, for each candidate for alpha that these leave its digits.

    Parameters
    ----------
    readout : RidgeReadout
        Fitted by ``partial_fit``, with several candidates for alpha.

    Attributes
    ----------
    alphas : ndarray of shape (A,)
        Such candidates.
    """

    @np.errstate(all="ignore")  # what overflows is refused by name
    def __init__(self, readout):
        self._readout, moments = readout, readout.moments_
        self._given = readout._make_choice()
        self._means = means_of(moments, self._given)
        self._choice = self._given.scaled(moments)
        products = moments.products(self._choice.fit_intercept)
        size = moments.n_samples, moments.weight_sum, self._choice.fit_intercept
        with blas_for(10 * moments.n_features**3):
            self._spectrum = path_of(*products, *size, self._choice.alphas, n_rows=moments.n)
            self._sound = np.flatnonzero(self._spectrum.sound(self._choice.alphas, LAST))
        self.alphas = self._given.alphas[self._sound]

    def whole(self):
        """Coefficients (A, q, p) and intercepts (A, q)."""
        alphas = self._choice.alphas[self._sound]
        coef = np.array([self._spectrum.coefficients(alpha).T for alpha in alphas])
        x_mean, y_mean = self._means
        return coef, y_mean - coef @ x_mean

    def fitted(self, best, errors):
        """Fitted copy of the readout, with one of the candidates; see :class:`StretchFits`."""
        place = self._sound[best]
        solution = finish(
            self._spectrum, self._choice.only(self._choice.alphas[place]), *self._means
        )
        scores = np.full(len(self._given.alphas), -np.inf)
        scores[self._sound] = -errors
        solution = replace(
            solution, alpha=float(self._given.alphas[place]), scores=scores, best=scores[place]
        )
        moments = self._readout.moments_
        return self._readout.with_solution(
            solution, self._given, moments.n_features, moments.y_ndim, moments
        )


def solve_definite(A, B):
    """Solve A X = B by the lower triangle of A, positive definite but for rounding.

    Rounding must not make X larger.
    """
    try:
        return linalg.cho_solve(linalg.cho_factor(A, lower=True), B)
    except (linalg.LinAlgError, ValueError):
        pass
    if not np.isfinite(A).all():
        return np.full(B.shape, np.nan)
    values, basis = linalg.eigh(A)
    return basis @ ((basis.T @ B) / np.maximum(values, 1e-14 * max(values[-1], 1e-300))[:, None])
