"""Errors of many alphas from a tridiagonal form of X̃ᵀX̃: in the memory of that one matrix.

Eigenvectors are a second matrix as large, and most of the time of an eigendecomposition. Scores and
coefficients can do without. With X̃ᵀX̃ = Q T Qᵀ, coefficients are Q (T + αI)⁻¹ QᵀX̃ᵀỸ, leverages of
rows x are (Qᵀx)ᵀ (T + αI)⁻¹ (Qᵀx), and degrees of freedom need eigenvalues alone.
"""

import numpy as np

from .. import _budgets
from ._left_out import squares_left_out
from ._moments import EPS
from ._solve import (
    LEAST_SLACK,
    TINY,
    Spectrum,
    gcv_of,
    gram_spectrum,
)
from ._tridiagonal import Tridiagonal

__all__ = ["Reduced", "path_of"]

DIGITS = 1e-10  # share of the targets' squares below which differences of them have lost digits


def path_of(XX, XY, YY, n, weight_sum, has_intercept, alphas, rows=None, n_rows=np.inf):
    """Primal spectrum as of ``gram_spectrum``, for some alphas: of a large matrix without basis.

    The lower triangle of ``XX`` is overwritten.

    Parameters
    ----------
    XX, XY, YY, n, weight_sum, has_intercept, rows, n_rows
        As of ``gram_spectrum``.
    alphas : ndarray of shape (A,)
        Those that will be asked for.

    Returns
    -------
    spectrum : Reduced or Spectrum
        Both say the same of these alphas, to rounding.
    """
    size = n, weight_sum, has_intercept, rows
    if XX.nbytes <= _budgets.EIGH_BYTES or n_rows - has_intercept < len(XX) or len(XX) < 2:
        return gram_spectrum(XX, XY, YY, *size, n_rows=n_rows)
    if not np.isfinite(np.add.reduce(XX, axis=None)):
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    reduced = Reduced(XX, XY, YY, *size)
    return reduced if reduced.serves(alphas) else reduced.spectrum()


class Reduced:
    """What a :class:`Spectrum` says of alphas that leave enough digits, without eigenvectors.

    Parameters
    ----------
    XX : ndarray of shape (p, p)
        X̃ᵀX̃ in its lower triangle, in Fortran order; it is overwritten.
    XY, YY : ndarray of shape (p, q) and (q,)
        X̃ᵀỸ, and squares of the targets.
    n, weight_sum, has_intercept, rows
        As of :class:`Spectrum`.
    """

    exact = False

    def __init__(self, XX, XY, YY, n, weight_sum, has_intercept, rows):
        self._T = Tridiagonal(XX, XY)
        self._XY, self._YY = XY, YY
        self._n, self._weight_sum, self._has_intercept, self._rows = (
            n, weight_sum, has_intercept, rows,
        )  # fmt: skip
        self._found = {}  # of each alpha: coefficients, and squares of residuals
        self.values = self._T.values
        self._floor = EPS * max(len(XY), 100) * self.values[-1]
        self.underflows = bool(self.values[-1] < TINY and XY.any())

    def serves(self, alphas):
        """Whether nothing is cut off at these alphas, and differences keep their digits."""
        if not self.values[0] + min(alphas) > self._floor:
            return False
        try:
            squares = [self._fit(alpha)[1] for alpha in alphas]
        except np.linalg.LinAlgError:
            return False
        return bool((np.array(squares) > DIGITS * self._YY).all())

    def spectrum(self):
        """The same with eigenvectors."""
        basis, values = self._T.eigenvectors, self.values
        loads = basis.T @ self._XY
        energy = loads**2 / np.maximum(values, max(self._floor, 1e-300))[:, None]
        energy[values <= self._floor] = 0.0
        rest = np.maximum(self._YY - energy.sum(axis=0), 0.0)
        size = self._n, self._weight_sum, self._has_intercept, self._rows
        parts = values, basis, loads, energy, rest, self._floor
        return Spectrum(*parts, *size, underflows=self.underflows)

    def _fit(self, alpha):
        """Coefficients (p, q) for one alpha, and weighted squares (q,) that are not fitted."""
        if alpha not in self._found:
            coef = self._T.rotate(self._T.solve([alpha]))
            squares = self._YY - np.einsum("pq,pq->q", coef, self._XY)
            self._found[alpha] = coef, squares - alpha * np.square(coef).sum(axis=0)
        return self._found[alpha]

    def coefficients(self, alpha):
        """Coefficients of shape (p, q) for one alpha or one per target."""
        alpha = np.broadcast_to(alpha, len(self._YY))
        return np.column_stack([self._fit(one)[0][:, j] for j, one in enumerate(alpha)])

    def _slack(self, alphas):
        """Rows less degrees of freedom, shape (A,), as of :class:`Spectrum`."""
        kept = alphas / (self.values[:, None] + alphas)
        slack = self._n - len(self.values) - self._has_intercept + kept.sum(axis=0)
        return np.where(slack > 10 * EPS * len(kept), slack, 0.0)

    def _squares(self, alphas):
        return np.array([self._fit(alpha)[1] for alpha in alphas])

    def gcv(self, alphas):
        """Generalised cross-validation errors, shape (A, q)."""
        return gcv_of(self._squares(alphas), self._slack(alphas), self._n, self._weight_sum)

    def loo(self, alphas):
        """Weighted mean squared leave-one-out errors, shape (A, q)."""
        rows, sums, left = self._rows, np.zeros((len(alphas), len(self._YY))), []
        for tile, x, y in rows.by_rows():
            turned = self._T.rotate(x.T, "T")
            slack = 1.0 - np.array([self._T.shares(alpha, turned) for alpha in alphas]).T
            if self._has_intercept:
                slack -= rows.intercept[tile, None] ** 2
            alone = slack.min(axis=1) < LEAST_SLACK
            left.append(tile.start + np.flatnonzero(alone))
            for a, alpha in enumerate(alphas):
                error = (y - x @ self._fit(alpha)[0])[~alone] / slack[~alone, a, None]
                sums[a] += np.square(error).sum(axis=0)
        sums += squares_left_out(rows, np.concatenate(left), alphas)
        return sums / self._weight_sum

    def sound(self, alphas, tolerance):
        """For which alphas the fit and its score have their digits, as of :class:`Spectrum`."""
        top, lowest = self.values[-1], self.values[0] + alphas
        norms = np.array([np.linalg.norm(self._fit(alpha)[0], axis=0) for alpha in alphas])
        moved = EPS * (top * norms + np.sqrt(top * self._YY)) / (2 * np.sqrt(lowest[:, None]))
        fine = (moved <= tolerance * np.sqrt(self._squares(alphas))).all(axis=1)
        blurred = EPS * top * np.sum(1 / (self.values[:, None] + 2 * alphas), axis=0)
        fine &= blurred < tolerance * self._slack(alphas)
        return fine | (top < 1e8 * lowest)
