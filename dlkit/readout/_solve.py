"""Ridge regression in the coordinates where every regularisation strength is a division.

With centred, weighted rows X̃ = √w (X − x̄) and Ỹ = √w (Y − ȳ), the coefficients are
(X̃ᵀX̃ + αI)⁻¹ X̃ᵀỸ (primal) = X̃ᵀ (X̃X̃ᵀ + αI)⁻¹ Ỹ (dual); the intercept is never penalised. A
``Spectrum`` holds one symmetric eigendecomposition of either matrix, and from it come the
coefficients, the generalised cross-validation errors and the leave-one-out errors of all alphas.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._products import add_gram, times
from ._moments import row_tiles, tile_length, weighted_mean

__all__ = [
    "Rows",
    "Spectrum",
    "cholesky_solve",
    "dual_spectrum",
    "gram_spectrum",
    "triangular_spectrum",
]

EPS = np.finfo(np.float64).eps


class Rows:
    """The rows of a fit as X̃ and Ỹ, made in float64 a tile at a time and never as a whole."""

    def __init__(self, X, Y, weight, fit_intercept, x_mean=None):
        self.X = X
        self.n, self.p = X.shape
        self.weigh(Y, weight, fit_intercept)
        if fit_intercept:
            self.x_mean = weighted_mean(X, weight) if x_mean is None else x_mean
        else:
            self.x_mean = np.zeros(self.p)

    def weigh(self, Y, weight, fit_intercept):
        """Take in targets and weights."""
        self.Y = Y
        self.root = None if weight is None else np.sqrt(weight)
        self.weight_sum = float(self.n if weight is None else weight.sum())
        self.y_mean = weighted_mean(Y, weight) if fit_intercept else np.zeros(Y.shape[1])
        # the direction of the intercept: a unit vector orthogonal to the columns of X̃ and Ỹ
        root = np.ones(self.n) if weight is None else self.root
        self.intercept = root / np.sqrt(self.weight_sum) if fit_intercept else None

    def targets(self):
        """Ỹ, shape (n, q)."""
        Y = self.Y - self.y_mean
        return Y if self.root is None else self.root[:, None] * Y

    def by_rows(self, order="C"):
        """Yield ``(rows, x, y)``: tiles of X̃ of shape (rows, p) and of Ỹ of shape (rows, q)."""
        length = tile_length(self.p)
        x_tiles = row_tiles(self.X, self.x_mean, self.root, length, order)
        y_tiles = row_tiles(self.Y, self.y_mean, self.root, length, order)
        for (rows, x), (_, y) in zip(x_tiles, y_tiles, strict=True):
            yield rows, x, y

    def by_columns(self, order="C"):
        """Yield ``(columns, x)``: tiles of X̃ᵀ of shape (columns, n)."""
        for columns, x in row_tiles(self.X.T, 0.0, None, tile_length(self.n), order):
            x -= self.x_mean[columns, None]
            if self.root is not None:
                x *= self.root
            yield columns, x

    def transpose_times(self, A):
        """X̃ᵀ A, shape (p, A.shape[1])."""
        out = np.empty((self.p, A.shape[1]))
        for columns, x in self.by_columns():
            times(x, A, out=out[columns])
        return out

    def times(self, A):
        """X̃ A, shape (n, A.shape[1])."""
        return sum(times(x.T, A[columns]) for columns, x in self.by_columns())

    def gram(self):
        """X̃X̃ᵀ of shape (n, n) in its lower triangle."""
        K = np.zeros((self.n, self.n), order="F")
        for _, x in self.by_columns():
            K = add_gram(K, x)
        return K


@dataclass
class Spectrum:
    """Eigenvalues and -vectors of X̃ᵀX̃ (primal) or of X̃X̃ᵀ without the intercept (dual)."""

    values: np.ndarray  # eigenvalues, ≥ 0, shape (k,)
    basis: np.ndarray  # eigenvectors in columns, shape (p or n, k)
    loads: np.ndarray  # basisᵀ X̃ᵀỸ (primal) or basisᵀ Ỹ (dual), shape (k, q)
    energy: np.ndarray  # squared targets along each left singular vector, shape (k, q)
    rest: np.ndarray  # squared targets outside their span, shape (q,)
    floor: float  # eigenvalues + alpha up to here are rounding
    n: int
    weight_sum: float
    has_intercept: bool
    rows: Rows | None = None
    dual: bool = False
    exact: bool = False  # by QR of the rows

    def inverse(self, alphas):
        """1 / (eigenvalue + alpha), shape (k, len(alphas)); 0 where that is rounding alone."""
        total = self.values[:, None] + alphas
        return np.divide(1.0, total, out=np.zeros_like(total), where=total > self.floor)

    def coefficients(self, alpha):
        """Coefficients of shape (p, q) for one alpha or one per target."""
        inverse = self.inverse(np.atleast_1d(alpha))
        inner = self.basis @ (self.loads * inverse)
        if not self.dual:
            return inner
        coef = self.rows.transpose_times(inner)
        if self.exact:
            # dual weights as large as 1 / alpha cancel in the product: one step of refinement
            missed = self.rows.targets() - self.rows.times(coef) - alpha * inner
            coef += self.rows.transpose_times(self.basis @ (self.basis.T @ missed * inverse))
        return coef

    def residuals(self, alphas):
        """Weighted residual sums of squares (A, q), and the shares not fitted (k, A)."""
        inverse = self.inverse(alphas)
        kept = np.where(inverse > 0, alphas * inverse, 1.0)
        return self.rest + (kept**2).T @ self.energy, kept

    def gcv(self, alphas):
        """Generalised cross-validation, shape (A, q): (RSS/Σw) / (1 − df/Σw)² [1]_.

        .. [1] Golub, Heath & Wahba (1979), Technometrics 21(2), eq. 1.4, with Σw for n.
        """
        squares, kept = self.residuals(alphas)
        # Σw − df, summed from the small parts so that it survives an almost saturated fit
        slack = self.weight_sum - len(self.values) - self.has_intercept + kept.sum(axis=0)
        sound = slack > 10 * EPS * len(kept)
        slack = np.where(sound, slack, 1.0)[:, None] / self.weight_sum
        return np.where(sound[:, None], squares / self.weight_sum / slack**2, np.inf)

    def loo(self, alphas):
        """Weighted mean squared leave-one-out errors, shape (A, q), in closed form."""
        sums = self._loo_dual(alphas) if self.dual else self._loo_primal(alphas)
        return sums / self.weight_sum

    def _loo_primal(self, alphas):
        inverse, rows = self.inverse(alphas), self.rows
        sums = np.zeros((len(alphas), self.loads.shape[1]))
        buffer = np.empty((min(tile_length(rows.p), rows.n), len(self.values)))
        for tile, x, y in rows.by_rows():
            z = times(x, self.basis, out=buffer[: len(x)])
            errors = [y - z @ (self.loads * inverse[:, [a]]) for a in range(len(alphas))]
            slack = 1.0 - np.square(z, out=z) @ inverse
            if self.has_intercept:
                slack -= rows.intercept[tile, None] ** 2
            # a row that alone determines a direction: left out, nothing is known about it
            slack = np.where(slack > 1e-13, slack, 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                for a, error in enumerate(errors):
                    sums[a] += ((error / slack[:, [a]]) ** 2).sum(axis=0)
        return np.where(np.isnan(sums), np.inf, sums)

    def _loo_dual(self, alphas):
        # the residual and its slack both hold a factor alpha: left out, alpha may vanish
        inverse = 1.0 / np.maximum(self.values[:, None] + alphas, max(self.floor, 1e-300))
        slack = self.basis**2 @ inverse
        sums = np.empty((len(alphas), self.loads.shape[1]))
        for a in range(len(alphas)):
            error = self.basis @ (self.loads * inverse[:, [a]])
            sums[a] = ((error / slack[:, [a]]) ** 2).sum(axis=0)
        return sums

    def rounding(self, alphas):
        """Bounds, per alpha and target, on the error that forming X̃ᵀX̃ leaves in the fit.

        Returns the condition numbers (A,), the bounds (A, q) and, to hold them against, the
        residual norms (A, q). A relative rounding error ε of the matrix moves the fitted values
        by ε λ₁ ‖coef‖ / 2√(λ_min + α) at most; unboundedly, where it hides λ_min + α.
        """
        inverse = self.inverse(alphas)
        bottom = self.values.min() + alphas
        bottom = np.where(bottom > self.floor, bottom, 1e-300)
        norms = np.sqrt(((self.loads**2)[:, None] * inverse[:, :, None] ** 2).sum(axis=0))
        moved = EPS * self.values.max() * norms / (2 * np.sqrt(bottom))[:, None]
        squares, _ = self.residuals(alphas)
        return self.values.max() / bottom, moved, np.sqrt(squares)


def gram_spectrum(XX, XY, YY, n, weight_sum, has_intercept, rows=None):
    """Primal spectrum of the moments; the lower triangle of ``XX`` is overwritten."""
    values, basis = _eigh(XX)
    loads = basis.T @ XY
    floor = EPS * max(len(values), 100) * values[-1]
    energy = loads**2 / np.maximum(values, max(floor, 1e-300))[:, None]
    energy[values <= floor] = 0.0
    rest = np.maximum(YY - energy.sum(axis=0), 0.0)
    return Spectrum(values, basis, loads, energy, rest, floor, n, weight_sum, has_intercept, rows)


def triangular_spectrum(rows):
    """Primal spectrum from the rows, through QR and SVD: digits that XᵀX loses are kept."""
    R, loads, rest = triangular_factor(rows)
    left, singular, right = linalg.svd(_finite(R), overwrite_a=True, check_finite=False)
    along = left.T @ loads
    floor = (EPS * max(rows.n, rows.p) * singular[0]) ** 2
    return Spectrum(
        singular**2,
        right.T,
        singular[:, None] * along,
        along**2,
        rest,
        floor,
        rows.n,
        rows.weight_sum,
        rows.intercept is not None,
        rows,
    )


def triangular_factor(rows):
    """R of X̃ = QR, QᵀỸ and the squared targets outside Q's span, tile by tile."""
    p, q = rows.p, rows.Y.shape[1]
    R, loads, rest = np.zeros((p, p), order="F"), np.zeros((p, q), order="F"), np.zeros(q)
    for _, x, y in rows.by_rows(order="F"):
        R, v, t, _ = lapack.dtpqrt(0, min(32, p), R, x, overwrite_a=1, overwrite_b=1)
        loads, y, _ = lapack.dtpmqrt(0, v, t, loads, y, trans="T", overwrite_a=1)
        rest += np.einsum("ij,ij->j", y, y)
    return R, loads, rest


def dual_spectrum(rows, exact):
    """Dual spectrum, from X̃X̃ᵀ or, with ``exact``, from the QR of X̃ᵀ.

    The intercept's direction v has eigenvalue 0 and would mix with others that are small. A
    multiple of vvᵀ larger than every eigenvalue sends it to the far end, where it is cut off.
    """
    n, v = rows.n, rows.intercept
    if exact:
        R = np.zeros((n, n), order="F")
        top = 0.0
        for _, x in rows.by_columns(order="F"):
            top += np.einsum("ij,ij->", x, x)
            R, _, _, _ = lapack.dtpqrt(0, min(32, n), R, x, overwrite_a=1, overwrite_b=1)
        if v is not None:
            far = np.asfortranarray(np.sqrt(2 * top or 1.0) * v[None])
            R, _, _, _ = lapack.dtpqrt(0, min(32, n), R, far, overwrite_a=1)
        _, singular, right = linalg.svd(_finite(R), overwrite_a=True, check_finite=False)
        values, basis = singular[::-1] ** 2, right[::-1].T
        floor = EPS * max(n, rows.p)
        floor *= floor
    else:
        K = rows.gram()
        top = np.trace(K)
        if v is not None:
            K += np.outer((2 * top or 1.0) * v, v)
        values, basis = _eigh(K)
        floor = EPS * max(n, 100)
    if v is not None:
        values, basis = values[:-1], basis[:, :-1]
    loads = basis.T @ rows.targets()
    floor *= 3 * top
    return Spectrum(
        values,
        basis,
        loads,
        loads**2,
        np.zeros(loads.shape[1]),
        floor,
        n,
        rows.weight_sum,
        v is not None,
        rows,
        dual=True,
        exact=exact,
    )


def cholesky_solve(A, alpha, B):
    """Solve (A + alpha I) x = B from the lower triangle of ``A`` (zeros above), overwriting it.

    Returns ``(x, top, bottom)``, where `top` bounds the eigenvalues from above and `bottom`
    from below, the latter by LAPACK's estimate; or None where the matrix is not positive
    definite to rounding.
    """
    diagonal = np.einsum("ii->i", _finite(A))
    diagonal += alpha
    top = np.sqrt(2 * np.einsum("ij,ij->", A, A) - diagonal @ diagonal)
    L, info = lapack.dpotrf(A, lower=1, clean=0, overwrite_a=1)
    if info != 0:
        return None
    rcond, _ = lapack.dpocon(L, top, uplo="L")
    if rcond < EPS * max(len(A), 100):
        return None
    x, _ = lapack.dpotrs(L, B, lower=1)
    return x, top, rcond * top


def _eigh(A):
    values, basis = linalg.eigh(
        _finite(A), lower=True, driver="evd", overwrite_a=True, check_finite=False
    )
    return np.maximum(values, 0.0), basis


def _finite(A):
    if not np.isfinite(A).all():
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    return A
