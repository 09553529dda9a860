"""Which route to the coefficients, and which alpha of several."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from .._params import InvalidParameterError
from .._threads import blas_for
from ._moments import Moments
from ._solve import EPS, Rows, cholesky_solve, dual_spectrum, gram_spectrum, triangular_spectrum

__all__ = [
    "Choice",
    "Solution",
    "best_of",
    "dual_solution",
    "finish",
    "means_of",
    "pick",
    "solution_of",
    "solve_moments",
    "solve_primal",
    "solve_rows",
    "sound_solution",
]


@dataclass(frozen=True)
class Choice:
    """The checked parameters of a fit."""

    alphas: np.ndarray  # the candidates, shape (A,)
    several: bool  # alpha came as an array: select, and report errors, even of one candidate
    selection: str
    per_target: bool
    fit_intercept: bool

    @classmethod
    def of(cls, alpha, selection, per_target, fit_intercept):
        """Check `alpha`, a number or an array-like of candidates."""
        several = not isinstance(alpha, Real)
        try:
            alphas = np.array(alpha, dtype=np.float64)
        except (TypeError, ValueError):
            alphas = np.empty(0)
        good = alphas.ndim == several and alphas.size and np.isfinite(alphas).all()
        if not good or (alphas < 0).any() or isinstance(alpha, str):
            raise InvalidParameterError(
                "alpha must be a finite non-negative number or a non-empty one-dimensional array "
                f"of such, got {alpha!r}."
            )
        return cls(np.atleast_1d(alphas), several, selection, per_target, fit_intercept)

    def check_weights(self, weight, n_rows):
        """There must be weight, and two rows of it where one is to be left out."""
        if weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        if self.several and self.selection == "loo":
            used = n_rows if weight is None else np.count_nonzero(weight)
            if used < 2:
                raise ValueError(
                    "Choosing alpha by leave-one-out needs at least 2 samples, got n_samples = "
                    f"{used} of non-zero weight."
                )

    def check_streaming(self):
        """Leave-one-out needs the rows, which moments do not have."""
        if self.several and self.selection == "loo":
            raise ValueError(
                "selection='loo' with several alphas needs all rows at once, as fit has them; "
                "with partial_fit, merge and fit_moments use selection='gcv' or a single alpha."
            )


@dataclass(frozen=True)
class Solution:
    """What a solve yields, for q targets."""

    coef: np.ndarray  # (p, q)
    intercept: np.ndarray  # (q,)
    alpha: float | np.ndarray  # or (q,)
    scores: np.ndarray | None = None  # (A,) or (q, A), greater is better
    best: float | np.ndarray | None = None  # or (q,)


def solve_rows(X, Y, weight, choice, solver):
    """Solve from rows; returns the solution, and the moments where ``solver="moments"``."""
    choice.check_weights(weight, len(X))
    if solver != "moments" and len(X) <= X.shape[1]:
        return dual_solution(Rows(X, Y, weight, choice.fit_intercept), choice, solver), None
    if solver == "svd":
        rows = Rows(X, Y, weight, choice.fit_intercept)
        return finish(triangular_spectrum(rows), choice, rows.x_mean, rows.y_mean), None
    moments = Moments().update(X, Y, weight)
    rows = Rows(X, Y, weight, choice.fit_intercept, moments.x_mean)
    if solver == "moments":
        return solve_moments(moments, choice, rows), moments
    return solve_primal(moments, rows, choice), None


def solve_moments(moments, choice, rows=None):
    """Solve from moments alone; `rows` serve leave-one-out only. `moments` are left as they are."""
    means = means_of(moments, choice)
    with blas_for(10 * (moments.n_features or 0) ** 3):
        if not choice.several:
            XX, XY, _ = moments.products(choice.fit_intercept)
            solved = cholesky_solve(XX, choice.alphas[0], XY)
            if solved is not None:
                return solution_of(solved[0], *means, choice.alphas[0])
        products = moments.products(choice.fit_intercept)
        size = moments.n, moments.weight_sum, choice.fit_intercept
        return finish(gram_spectrum(*products, *size, rows), choice, *means)


def solve_primal(moments, rows, choice):
    """By X̃ᵀX̃, unless its rounding would show in the fit: then by QR of the rows themselves.

    The moments give their arrays away.
    """
    means = means_of(moments, choice)
    products = moments.products(choice.fit_intercept, overwrite=True)
    solution = sound_solution(*products, rows, choice, means)
    if solution is None:
        del products
        solution = finish(triangular_spectrum(rows), choice, *means)
    return solution


def sound_solution(XX, XY, YY, rows, choice, means):
    """By X̃ᵀX̃, which is overwritten; None where its rounding would show in the fit."""
    if choice.several:
        spectrum = gram_spectrum(XX, XY, YY, rows.n, rows.weight_sum, choice.fit_intercept, rows)
        return finish(spectrum, choice, *means) if _sound(spectrum, choice.alphas) else None
    alpha = choice.alphas[0]
    solved = cholesky_solve(XX, alpha, XY)
    if solved is None:
        return None
    coef, top, bottom = solved
    norms = np.linalg.norm(coef, axis=0)
    squares = YY - np.einsum("pq,pq->q", coef, XY) - alpha * norms**2
    moved = EPS * top * norms / (2 * np.sqrt(bottom))
    if not _negligible(top / bottom, moved, np.sqrt(np.maximum(squares, 0))):
        return None
    return solution_of(coef, *means, alpha)


def _sound(spectrum, alphas):
    """Whether the Gram matrix is exact enough where the errors are least and one step below."""
    errors = spectrum.gcv(alphas).mean(axis=1)
    order = np.argsort(alphas)
    place = int(np.argmin(errors[order]))
    near = alphas[order[max(place - 1, 0) : place + 1]]
    condition, moved, residual = spectrum.rounding(near)
    return _negligible(condition[:, None], moved, residual)


def _negligible(condition, moved, residual):
    """Tell whether rounding moves the fitted values by less than a hundredth of what they miss."""
    return bool(np.all((condition < 1e8) | (moved < 0.01 * residual)))


def dual_solution(rows, choice, solver, spectrum_of=dual_spectrum):
    means = rows.x_mean, rows.y_mean
    if solver == "auto" and not choice.several:
        solved = cholesky_solve(rows.gram(), choice.alphas[0], rows.targets())
        if solved is not None and solved[1] < 1e10 * solved[2]:
            return solution_of(rows.transpose_times(solved[0]), *means, choice.alphas[0])
    elif solver == "auto":
        spectrum = spectrum_of(rows, exact=False)
        values = spectrum.values
        if not len(values) or values[-1] < 1e10 * (values[0] + choice.alphas.min()):
            return finish(spectrum, choice, *means)
    return finish(spectrum_of(rows, exact=True), choice, *means)


def finish(spectrum, choice, x_mean, y_mean):
    alpha, scores, best = pick(spectrum, choice)
    return solution_of(spectrum.coefficients(alpha), x_mean, y_mean, alpha, scores, best)


def pick(spectrum, choice):
    """Choose of the alphas; returns the one (or one per target), all scores and the best."""
    alphas = choice.alphas
    if not choice.several:
        return float(alphas[0]), None, None
    errors = spectrum.loo(alphas) if choice.selection == "loo" else spectrum.gcv(alphas)
    alpha, scores, best = best_of(errors, choice)
    if not np.isfinite(best).all():
        raise ValueError(
            f"No alpha can be chosen by selection={choice.selection!r}: every candidate of "
            f"{alphas} interpolates the data (n_samples = {spectrum.n}, sum of weights "
            f"{spectrum.weight_sum}). Larger alphas or more rows are needed, and for 'gcv' weights "
            "that count rows."
        )
    return alpha, scores, best


def best_of(errors, choice):
    """Of errors of shape (A, q): the alpha of the least (or one per target), scores, the best."""
    if not choice.per_target:
        errors = errors.mean(axis=1, keepdims=True)
    alpha, scores = choice.alphas[np.argmin(errors, axis=0)], -errors.T
    best = -errors.min(axis=0)
    if not choice.per_target:
        alpha, scores, best = float(alpha[0]), scores[0], float(best[0])
    return alpha, scores, best


def means_of(moments, choice):
    if choice.fit_intercept:
        return moments.x_mean, moments.y_mean
    return np.zeros(moments.n_features), np.zeros(moments.n_targets)


def solution_of(coef, x_mean, y_mean, alpha, scores=None, best=None):
    alpha = alpha if isinstance(alpha, np.ndarray) else float(alpha)
    return Solution(coef, y_mean - x_mean @ coef, alpha, scores, best)
