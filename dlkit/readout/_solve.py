"""Ridge regression in the coordinates where every regularisation strength is a division.

With centred, weighted rows X̃ = √w (X − x̄) and Ỹ = √w (Y − ȳ), the coefficients are
(X̃ᵀX̃ + αI)⁻¹ X̃ᵀỸ (primal) = X̃ᵀ (X̃X̃ᵀ + αI)⁻¹ Ỹ (dual); the intercept is never penalised. A
``Spectrum`` holds one symmetric eigendecomposition of either matrix, and from it come the
coefficients, the generalised cross-validation errors and the leave-one-out errors of all alphas.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from .._products import add_gram, eigh, times
from ._left_out import absorb, squares_left_out
from ._moments import EPS, count_samples, row_tiles, tile_length, weighted_mean

__all__ = [
    "Factored",
    "Rows",
    "Spectrum",
    "Triangle",
    "cholesky_solve",
    "dual_spectrum",
    "gram_spectrum",
]

TINY = 1e-290  # squares up to here may have lost digits
LEAST_SLACK = 1e-5  # of a row that is left out: of less, 1 − leverage has lost digits


class Rows:
    """The rows of a fit as X̃ and Ỹ, made in float64 a tile at a time and never as a whole."""

    def __init__(self, X, Y, weight, fit_intercept, x_mean=None):
        self.X = X
        self.p = X.shape[1]
        self.weigh(Y, weight, fit_intercept)
        if fit_intercept:
            self.x_mean = weighted_mean(X, weight) if x_mean is None else x_mean
        else:
            self.x_mean = np.zeros(self.p)

    def weigh(self, Y, weight, fit_intercept):
        """Take in targets and weights."""
        self.Y, self.n = Y, len(Y)
        self.n_samples = count_samples(weight, self.n)
        self.root = None if weight is None else np.sqrt(weight)
        self.weight_sum = float(self.n if weight is None else weight.sum())
        self.y_mean = weighted_mean(Y, weight, "y") if fit_intercept else np.zeros(Y.shape[1])
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
    n: int  # samples, see ``Moments``
    weight_sum: float
    has_intercept: bool
    rows: Rows | None = None
    dual: bool = False
    exact: bool = False  # by QR of the rows
    underflows: bool = False  # squares of the rows are too small for their digits

    def inverse(self, alphas):
        """1 / (eigenvalue + alpha), shape (k, len(alphas)); 0 where that is rounding alone."""
        total = self.values[:, None] + alphas
        return np.divide(1.0, total, out=np.zeros_like(total), where=total > self.floor)

    def coefficients(self, alpha):
        """Coefficients of shape (p, q) for one alpha or one per target.

        Dual weights as large as 1 / alpha cancel in the product with the rows. Where the spectrum
        is that of the rows, a step or more of refinement finds the digits.
        """
        alpha = np.atleast_1d(alpha)
        inverse = self.inverse(alpha)
        inner = self.basis @ (self.loads * inverse)
        if not self.dual:
            return inner
        coef = self.rows.transpose_times(inner)
        root = np.sqrt(self.values.max(initial=0.0) * inverse.max(initial=0.0))
        for _ in range(self.exact * (4 if EPS * root > 1e-7 else 1)):
            missed = self.rows.targets() - self.rows.times(coef) - alpha * inner
            step = self.basis @ (self.basis.T @ missed * inverse)
            inner += step
            coef += self.rows.transpose_times(step)
        return coef

    def residuals(self, alphas):
        """Weighted residual sums of squares (A, q), and the shares not fitted (k, A)."""
        inverse = self.inverse(alphas)
        kept = np.where(inverse > 0, alphas * inverse, 1.0)
        return self.rest + (kept**2).T @ self.energy, kept

    def gcv(self, alphas):
        """Generalised cross-validation, shape (A, q): (RSS/Σw) / (1 − df/n)² [1]_.

        Weights weigh the errors; whatever they sum to, n is the number of samples.

        .. [1] Golub, Heath & Wahba (1979), Technometrics 21(2), eq. 1.4.
        """
        squares, kept = self.residuals(alphas)
        return gcv_of(squares, self.slack(kept), self.n, self.weight_sum)

    def slack(self, kept):
        """Rows less degrees of freedom, summed from small parts: exact where hardly any is left."""
        slack = self.n - len(self.values) - self.has_intercept + kept.sum(axis=0)
        return np.where(slack > 10 * EPS * len(kept), slack, 0.0)

    def loo(self, alphas):
        """Weighted mean squared leave-one-out errors, shape (A, q), in closed form."""
        sums = self._loo_dual(alphas) if self.dual else self._loo_primal(alphas)
        return sums / self.weight_sum

    def _loo_primal(self, alphas):
        inverse, rows = self.inverse(alphas), self.rows
        sums, left = np.zeros((len(alphas), self.loads.shape[1])), []
        buffer = np.empty((min(tile_length(rows.p), rows.n), len(self.values)))
        for tile, x, y in rows.by_rows():
            z = times(x, self.basis, out=buffer[: len(x)])
            errors = [y - z @ (self.loads * inverse[:, [a]]) for a in range(len(alphas))]
            slack = 1.0 - np.square(z, out=z) @ inverse
            if self.has_intercept:
                slack -= rows.intercept[tile, None] ** 2
            alone = slack.min(axis=1) < LEAST_SLACK
            left.append(tile.start + np.flatnonzero(alone))
            for a, error in enumerate(errors):
                sums[a] += ((error / slack[:, [a]])[~alone] ** 2).sum(axis=0)
        return sums + squares_left_out(rows, np.concatenate(left), alphas)

    def _loo_dual(self, alphas):
        # the residual and its slack both hold a factor alpha: left out, alpha may vanish
        inverse = 1.0 / np.maximum(self.values[:, None] + alphas, max(self.floor, 1e-300))
        slack = self.basis**2 @ inverse
        sums = np.empty((len(alphas), self.loads.shape[1]))
        for a in range(len(alphas)):
            error = self.basis @ (self.loads * inverse[:, [a]])
            sums[a] = ((error / slack[:, [a]]) ** 2).sum(axis=0)
        return sums

    def sound(self, alphas, tolerance, least=0.0):
        """For which alphas forming X̃ᵀX̃ leaves the fit and its score their digits, shape (A,).

        Coefficients w solve exactly what differs from (X̃ᵀX̃ + αI) w = X̃ᵀỸ by E w − e, where the
        matrix differs by E, of norm ε λ₁, and the right side by e, of norm ε √λ₁ ‖Ỹ‖ and of what
        was cut off below the floor. The fitted values are moved by ‖E w − e‖ / 2√(λ_min + α) at
        most, and the degrees of freedom by ε λ₁ Σ 1 / (λ + 2α): less than the share ``tolerance``
        of the residual's norm, and of n − df. Where no scores are compared, degrees of freedom do
        not count, nor what moves fitted values by less than ``least`` of the targets.
        """
        inverse = self.inverse(alphas)
        cut, top = inverse == 0, self.values.max(initial=0.0)
        squares, kept = self.residuals(alphas)
        energy = self.rest + self.energy.sum(axis=0)
        noise = EPS * np.sqrt(top * energy)
        lost = np.sqrt(cut.T.astype(np.float64) @ self.loads**2)
        lost = np.where(lost > 10 * len(cut) * noise, lost, 0.0)
        norms = np.sqrt((inverse**2).T @ self.loads**2)
        steep = np.sqrt(inverse.max(axis=0, initial=0.0))[:, None] / 2
        moved = (EPS * top * norms + noise) * steep
        moved += np.where(lost > 0, lost / np.sqrt(4 * alphas[:, None] + 1e-300), 0.0)
        blurred = EPS * top * np.sum(~cut / (self.values[:, None] + 2 * alphas + 1e-300), axis=0)
        blurred += np.where(alphas > 0, cut.sum(axis=0), 0)
        fine = (moved <= np.maximum(tolerance * np.sqrt(squares), least * np.sqrt(energy))).all(
            axis=1
        )
        if not least:
            fine &= blurred < tolerance * self.slack(kept)
        return fine | (top * inverse.max(axis=0, initial=0.0) < 1e8) & ~cut.any(axis=0)

    def is_lost(self, alpha):
        """Whether digits are lost even to a QR of the rows, in directions that are fitted."""
        inverse = self.inverse(np.atleast_1d(alpha))
        fitted = self.energy * (self.values[:, None] * inverse) ** 2
        seen = fitted > 1e-6 * (self.rest + self.energy.sum(axis=0))
        steep = np.where(seen, inverse, 0.0).max(initial=0.0)
        below = (inverse == 0) & (np.atleast_1d(alpha) > 0) & (self.energy > 0)
        return bool(below.any()) or EPS * np.sqrt(self.values.max(initial=0.0) * steep) > 1e-3


def gcv_of(squares, slack, n, weight_sum):
    """Generalised cross-validation errors (A, q), infinite where nothing is left to vary."""
    slack = slack[:, None] / n
    return np.divide(
        squares / weight_sum, slack**2, out=np.full(squares.shape, np.inf), where=slack > 0
    )


def gram_spectrum(XX, XY, YY, n, weight_sum, has_intercept, rows=None, n_rows=np.inf):
    """Primal spectrum of the moments; the lower triangle of ``XX`` is overwritten.

    So many rows, if fewer than features, have no part in further directions: eigenvalues there are
    rounding, and the targets have no share outside the others, which differences would not tell.
    """
    values, basis = eigh(_finite(XX))
    none = int(max(len(values) - max(n_rows - has_intercept, 1), 0))
    values, basis = values[none:], basis[:, none:]
    loads = basis.T @ XY
    floor = EPS * max(len(XY), 100) * values[-1]
    energy = loads**2 / np.maximum(values, max(floor, 1e-300))[:, None]
    energy[values <= floor] = 0.0
    rest = np.maximum(YY - energy.sum(axis=0), 0.0)
    if none and values[0] > floor:
        rest[:] = 0.0
    small = values[-1] < TINY and bool(XY.any())
    size = n, weight_sum, has_intercept, rows
    return Spectrum(values, basis, loads, energy, rest, floor, *size, underflows=small)


class Triangle:
    """R of X̃ = QR and QᵀỸ: digits that X̃ᵀX̃ loses are kept.

    Parameters
    ----------
    rows : Rows
        The rows, which are read once, tile by tile.
    """

    def __init__(self, rows):
        p, q = rows.p, rows.Y.shape[1]
        R, loads, rest = np.zeros((p, p), order="F"), np.zeros((p, q), order="F"), np.zeros(q)
        for _, x, y in rows.by_rows(order="F"):
            R, loads, y = absorb(R, loads, x, y)
            rest += np.einsum("ij,ij->j", y, y)
        self.rows, self.loads, self.rest = rows, loads, rest  # rest: squares outside Q's span
        self.R = _finite(R)

    def serves(self, alpha):
        """Whether the singular values of R have the digits that such an alpha asks for."""
        return EPS * np.linalg.norm(self.R) < 1e-6 * np.sqrt(alpha)

    @cached_property
    def spectrum(self):
        """Primal spectrum, from the singular value decomposition of R."""
        rows = self.rows
        left, singular, right = linalg.svd(self.R, check_finite=False)
        along = left.T @ self.loads
        floor = (EPS * max(rows.n, rows.p) * singular[0]) ** 2
        return Spectrum(
            singular**2,
            right.T,
            singular[:, None] * along,
            along**2,
            self.rest,
            floor,
            rows.n_samples,
            rows.weight_sum,
            rows.intercept is not None,
            rows,
            exact=True,
            underflows=0 < singular[0] < np.sqrt(TINY),
        )

    def solve(self, alpha):
        """Coefficients (p, q) for one alpha above zero, and the factor R of X̃ᵀX̃ + αI.

        By a QR of R and √α I: the scales of the features do not matter to it.
        """
        p = len(self.R)
        below = np.asfortranarray(np.sqrt(alpha) * np.eye(p))
        R, v, t, _ = lapack.dtpqrt(p, min(32, p), self.R, below)
        loads = np.zeros_like(self.loads)
        loads, _, _ = lapack.dtpmqrt(p, v, t, self.loads, loads, trans="T")
        return linalg.solve_triangular(R, loads, check_finite=False), R

    def errors(self, alpha, loo):
        """Leave-one-out or generalised cross-validation errors (q,) for one alpha above zero."""
        rows = self.rows
        coef, R = self.solve(alpha)
        if not loo:
            squares = self.rest + np.square(self.loads - np.triu(self.R) @ coef).sum(axis=0)
            inverse, _ = lapack.dtrtri(np.triu(R))
            slack = rows.n_samples - (rows.intercept is not None) - rows.p
            slack = np.array([slack + alpha * np.square(inverse).sum()])
            return gcv_of(squares[None], slack, rows.n_samples, rows.weight_sum)[0]
        sums, left = 0.0, []
        for tile, x, y in rows.by_rows():
            z = linalg.solve_triangular(R, x.T, trans=1, check_finite=False)
            slack = 1.0 - np.square(z).sum(axis=0)
            if rows.intercept is not None:
                slack -= rows.intercept[tile] ** 2
            alone = slack < LEAST_SLACK
            left.append(tile.start + np.flatnonzero(alone))
            sums += np.square((y - x @ coef)[~alone] / slack[~alone, None]).sum(axis=0)
        sums += squares_left_out(rows, np.concatenate(left), np.array([alpha]))[0]
        return sums / rows.weight_sum


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
        lengths, basis = singular[::-1], right[::-1].T
        values = lengths**2
        floor = EPS * max(n, rows.p)
        floor *= floor
    else:
        K = rows.gram()
        top = np.trace(K)
        if v is not None:
            K += np.outer((2 * top or 1.0) * v, v)
        values, basis = eigh(_finite(K))
        lengths = np.sqrt(values)
        floor = EPS * max(n, 100)
    if v is not None:
        values, lengths, basis = values[:-1], lengths[:-1], basis[:, :-1]
    loads = basis.T @ rows.targets()
    floor *= 3 * top
    return Spectrum(
        values,
        basis,
        loads,
        loads**2,
        np.zeros(loads.shape[1]),
        floor,
        rows.n_samples,
        rows.weight_sum,
        v is not None,
        rows,
        dual=True,
        exact=exact,
        underflows=0 < lengths.max(initial=0.0) < np.sqrt(TINY),
    )


class Factored(NamedTuple):
    """What a Cholesky factor of a matrix yields, whose rows and columns were scaled alike."""

    x: np.ndarray  # the solution
    top: float  # bounds the eigenvalues of the scaled matrix from above
    bottom: float  # and from below, by LAPACK's estimate
    L: np.ndarray  # its factor
    scale: np.ndarray | float  # of the rows and columns

    @property
    def condition(self):
        """Condition number of the scaled matrix, which is what rounding is multiplied by."""
        return self.top / self.bottom

    def inverse_trace(self):
        """Trace of the inverse of the matrix that was given."""
        inverse, _ = lapack.dtrtri(np.tril(self.L), lower=1)
        return float(np.square(inverse * self.scale).sum())

    def sound(self, squares, energy, tolerance, least=0.0):
        """Whether the fitted values have their digits, see ``Spectrum.sound``.

        ``squares`` are those of the residuals, and ``energy`` those of the targets.
        """
        norms = np.linalg.norm(self.x.T / self.scale, axis=1)
        moved = EPS * (self.top * norms + np.sqrt(self.top * energy)) / (2 * np.sqrt(self.bottom))
        limit = np.maximum(tolerance**2 * squares, least**2 * energy)
        return self.condition < 1e8 or bool((moved**2 <= limit).all())


def cholesky_solve(A, alpha, B):
    """Solve (A + alpha I) x = B from the lower triangle of ``A`` (zeros above), overwriting it.

    Features of different scale make a matrix whose condition is large for no other reason. A
    Cholesky factor does not suffer from that, so the condition is that of the scaled matrix.

    Returns a `Factored`, or None where the matrix is not positive definite to rounding.
    """
    diagonal = np.einsum("ii->i", _finite(A))
    diagonal += alpha
    if not 0 < diagonal.min() <= diagonal.max() < np.inf:
        return None
    scale = 1.0
    if diagonal.max() > 100 * diagonal.min():
        scale = np.exp2(-np.rint(np.log2(diagonal) / 2))
        A *= scale
        A *= scale[:, None]
        B = B * scale[:, None]
    top = np.sqrt(2 * np.einsum("ij,ij->", A, A) - diagonal @ diagonal)
    L, info = lapack.dpotrf(A, lower=1, clean=0, overwrite_a=1)
    if info != 0:
        return None
    rcond, _ = lapack.dpocon(L, top, uplo="L")
    if rcond < EPS * max(len(A), 100):
        return None
    x, _ = lapack.dpotrs(L, B, lower=1)
    return Factored((x.T * scale).T, top, rcond * top, L, scale)


def _finite(A):
    if not np.isfinite(A).all():
        raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
    return A
