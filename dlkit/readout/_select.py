"""Which route to the coefficients, and which alpha of several."""

from copy import copy
from dataclasses import dataclass, replace
from numbers import Real
from typing import NamedTuple

import numpy as np

from .._announce import announce
from .._params import InvalidParameterError
from .._threads import blas_for
from ..exceptions import RoundingWarning
from ._moments import Moments, count_samples
from ._reduced import path_of
from ._solve import (
    EPS,
    TINY,
    Rows,
    Triangle,
    cholesky_solve,
    dual_spectrum,
    gcv_of,
    gram_spectrum,
)

__all__ = [
    "Choice",
    "Samples",
    "Solution",
    "chosen",
    "dual_solution",
    "finish",
    "gram_solution",
    "means_of",
    "pick",
    "solution_of",
    "solve_moments",
    "solve_primal",
    "solve_rows",
    "sound_solution",
    "triangle_solution",
]

# Shares of the residual that rounding may move fitted values by: where one alpha is given, where
# the scores of several are compared, and where there are moments alone and no other way is left.
ONE, SCORES, LAST = 1e-2, 1e-3, 0.1
FAINTEST = 1e-145  # span of targets whose squares have their digits yet
FAINT_TARGETS = (
    "Products of y underflow float64, so that no alpha can be chosen: y must be scaled to larger "
    "numbers."
)
LEAST = 1e-6  # share of the targets that the last may be off by, where hardly a residual is left


class Samples(NamedTuple):
    """What weights sum to, and how many samples they stand for."""

    weight_sum: float
    n_samples: int

    @classmethod
    def of(cls, weight, n):
        """Of the weights of n rows, or None where all are one."""
        return cls(n if weight is None else weight.sum(), count_samples(weight, n))


@dataclass(frozen=True)
class Choice:
    """The checked parameters of a fit."""

    alphas: np.ndarray  # the candidates, shape (A,)
    several: bool  # alpha came as an array: select, and report errors, even of one candidate
    selection: str
    per_target: bool
    fit_intercept: bool
    relative: bool = False  # alphas count where weights are one in the mean
    given: np.ndarray | None = None  # the candidates by their given names, once multiplied

    @classmethod
    def of(cls, alpha, selection, per_target, fit_intercept, relative=False):
        """Check `alpha`, a number or an array-like of candidates."""
        several = not isinstance(alpha, Real)
        try:
            alphas = np.asarray(alpha)
            alphas = alphas.astype(np.float64) if alphas.dtype.kind in "biufO" else np.empty(0)
        except (TypeError, ValueError, OverflowError):
            alphas = np.empty(0)
        good = alphas.ndim == several and alphas.size and np.isfinite(alphas).all()
        if not good or (alphas < 0).any() or isinstance(alpha, str):
            raise InvalidParameterError(
                "alpha must be a finite non-negative number or a non-empty one-dimensional array "
                f"of such, got {alpha!r}."
            )
        return cls(np.atleast_1d(alphas), several, selection, per_target, fit_intercept, relative)

    def scaled(self, of):
        """For rows or moments: relative alphas multiplied by the mean weight of a sample."""
        if not self.relative or of.weight_sum in (0, of.n_samples):
            return self
        mean = of.weight_sum / of.n_samples
        return replace(self, alphas=mean * self.alphas, given=self.alphas)

    def named(self, solution):
        """Call the alpha of a solution by its given name."""
        if self.given is None or solution is None:
            return solution
        places = np.argmin(np.abs(self.alphas - np.reshape(solution.alpha, (-1, 1))), axis=1)
        alpha, solution = self.given[places], copy(solution)
        vars(solution)["alpha"] = alpha if np.ndim(solution.alpha) else float(alpha[0])
        return solution

    def only(self, alpha):
        """The same with one alpha."""
        return replace(self, alphas=np.array([alpha]), several=False, relative=False, given=None)

    def absolute(self):
        """The same with alphas that are no longer multiplied."""
        return replace(self, relative=False, given=None)

    def is_dual(self, n, p):
        """Whether n rows of p features are solved by the n × n matrix: also where n − 1 = p.

        Then the intercept takes the last row. Leave-one-out errors are quotients of what a
        penalty leaves, which the dual form knows without a difference.
        """
        return n <= p + self.fit_intercept

    def check_weights(self, weight, n_rows):
        """There must be weight, and two rows of it where one is to be left out."""
        if weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        used = n_rows if weight is None else np.count_nonzero(weight)
        if self.several and used < 2:
            raise ValueError(
                f"Choosing alpha by selection={self.selection!r} needs at least 2 samples, got "
                f"n_samples = {used} of non-zero weight."
            )

    def check_targets(self, Y):
        """Squares of the targets must not vanish where errors of several alphas are compared."""
        if not self.several or Y.dtype.kind != "f" or not len(Y):
            return
        with np.errstate(over="ignore"):
            span = np.atleast_1d(Y.max(axis=0).astype(np.float64) - Y.min(axis=0))
        spans = span[span > 0] if self.per_target else [span.max()]
        if any(0 < one < FAINTEST for one in spans):
            raise ValueError(FAINT_TARGETS)

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


@np.errstate(all="ignore")  # what overflows is refused by name
def solve_rows(X, Y, weight, choice, solver):
    """Solve from rows; returns the solution, and the moments where ``solver="moments"``."""
    choice.check_weights(weight, len(X))
    choice = choice.scaled(Samples.of(weight, len(X)))
    solution, kept = _solve_rows(X, Y, weight, choice, solver)
    return choice.named(solution), kept


def _solve_rows(X, Y, weight, choice, solver):
    kept = Moments().update(X, Y, weight) if solver == "moments" else None
    if choice.is_dual(*X.shape):
        return dual_solution(Rows(X, Y, weight, choice.fit_intercept), choice, solver), kept
    if solver == "svd":
        rows = Rows(X, Y, weight, choice.fit_intercept)
        return triangle_solution(Triangle(rows), choice), None
    moments = Moments().update(X, Y, weight) if kept is None else kept.copy()
    rows = Rows(X, Y, weight, choice.fit_intercept, moments.x_mean)
    return solve_primal(moments, rows, choice), kept


@np.errstate(all="ignore")
def solve_moments(moments, choice):
    """Solve from moments alone, which are left as they are.

    Candidates whose scores rounding has changed are left out of the choice. A warning says so
    where none is left, or where a single alpha is lost in rounding.
    """
    means = means_of(moments, choice)
    choice = choice.scaled(moments)
    return choice.named(_solve_moments(moments, choice, means))


def _solve_moments(moments, choice, means):
    size = moments.n_samples, moments.weight_sum, choice.fit_intercept
    with blas_for(10 * (moments.n_features or 0) ** 3):
        products = moments.products(choice.fit_intercept)
        XY, YY = products[1:]
        if choice.several:
            faint = (YY < FAINTEST**2) & XY.any(axis=0)
            if faint.any() if choice.per_target else YY.max() < FAINTEST**2 and faint.any():
                raise ValueError(FAINT_TARGETS)
            spectrum = path_of(*products, *size, choice.alphas, n_rows=moments.n)
            if spectrum.sound(choice.alphas, LAST).all():
                return finish(spectrum, choice, *means)
            XX, _, _ = moments.products(choice.fit_intercept)
            errors = _gcv_errors(XX, XY, YY, choice.alphas, *size)
            if np.isfinite(errors.min()):
                return chosen(
                    errors,
                    choice,
                    means,
                    lambda alpha: cholesky_solve(XX.copy(order="F"), alpha, XY).x,
                )
            fine = False
        else:
            alpha = choice.alphas[0]
            coef = gram_solution(products[0].copy(order="F"), XY, YY, alpha, LAST, LEAST)
            if coef is not None:
                return solution_of(coef, *means, alpha)
            spectrum = gram_spectrum(*products, *size, n_rows=moments.n)
            fine = spectrum.sound(choice.alphas, LAST, LEAST).all()
        solution = finish(spectrum, choice, *means)
        if not fine:
            _warn_lost(
                choice.alphas.max(),
                "the sums that partial_fit, merge and fit_moments solve from: the features nearly "
                "depend on each other, and predictions may be far from those of fit. Use a larger "
                "alpha, leave out features that say the same, or call fit with all rows, which "
                "finds digits that sums have lost",
            )
        return solution


def _warn_lost(alpha, where):
    announce(f"alpha={np.max(alpha):.3g} is lost in the rounding of {where}.", RoundingWarning)


def _gcv_errors(XX, XY, YY, alphas, n, weight_sum, has_intercept):
    """Errors (A, q) by Cholesky factors, whatever the scales of the features.

    They are infinite from the first alpha on, downwards, that is lost in rounding.
    """
    errors = np.full((len(alphas), len(YY)), np.inf)
    for a in np.argsort(-alphas):
        found = cholesky_solve(XX.copy(order="F"), alphas[a], XY)
        if found is None:
            break
        squares = _squares(found.x, XY, YY, alphas[a])
        free = alphas[a] * found.inverse_trace()  # p less the degrees of freedom
        slack = n - has_intercept - len(XX) + free
        if not found.sound(squares, YY, LAST) or EPS * found.condition * free > LAST * slack:
            break
        errors[a] = gcv_of(squares[None], np.array([slack]), n, weight_sum)[0]
    return errors


def _squares(coef, XY, YY, alpha):
    """Weighted sums of squares that are not fitted, shape (q,)."""
    return YY - np.einsum("pq,pq->q", coef, XY) - alpha * np.square(coef).sum(axis=0)


def gram_solution(XX, XY, YY, alpha, tolerance=ONE, least=0.0):
    """Coefficients by X̃ᵀX̃, which is overwritten; None where its rounding would show in the fit."""
    found = cholesky_solve(XX, alpha, XY)
    squares = None if found is None else _squares(found.x, XY, YY, alpha)
    if found is None or not found.sound(squares, YY, tolerance, least):
        return None
    return found.x


def solve_primal(moments, rows, choice):
    """By X̃ᵀX̃, unless its rounding would show in the fit: then by QR of the rows themselves.

    The moments give their arrays away.
    """
    means = means_of(moments, choice)
    products = moments.products(choice.fit_intercept, overwrite=True)
    solution = sound_solution(*products, rows, choice, means)
    if solution is None:
        del products
        solution = triangle_solution(Triangle(rows), choice)
    return solution


def triangle_solution(triangle, choice):
    """By a QR of the rows: from its singular values, or alpha by alpha where that is needed."""
    means, alphas = (triangle.rows.x_mean, triangle.rows.y_mean), choice.alphas
    if alphas.min() == 0 or (choice.several and triangle.serves(alphas.min())):
        return finish(triangle.spectrum, choice, *means)
    if not choice.several:
        return solution_of(triangle.solve(alphas[0])[0], *means, alphas[0])
    loo = choice.selection == "loo"
    errors = np.array([triangle.errors(alpha, loo) for alpha in alphas])
    return chosen(errors, choice, means, lambda alpha: triangle.solve(alpha)[0])


def chosen(errors, choice, means, solve):
    """Of errors of shape (A, q): the solution for the best alpha, or the best per target."""
    alpha, scores, best = best_of(errors, choice)
    wanted = np.broadcast_to(alpha, errors.shape[1])
    coef = np.empty((len(means[0]), errors.shape[1]))
    for one in np.unique(wanted):
        coef[:, wanted == one] = solve(one)[:, wanted == one]
    return solution_of(coef, *means, alpha, scores, best)


def sound_solution(XX, XY, YY, rows, choice, means):
    """By X̃ᵀX̃, which is overwritten; None where its rounding would show in the fit."""
    if choice.several:
        size = rows.n_samples, rows.weight_sum, choice.fit_intercept
        spectrum = path_of(XX, XY, YY, *size, choice.alphas, rows)
        sound = spectrum.sound(choice.alphas, SCORES).all()
        return finish(spectrum, choice, *means) if sound else None
    coef = gram_solution(XX, XY, YY, choice.alphas[0])
    return None if coef is None else solution_of(coef, *means, choice.alphas[0])


def dual_solution(rows, choice, solver, spectrum_of=dual_spectrum):
    means = rows.x_mean, rows.y_mean
    if solver != "svd" and not choice.several:
        solved = cholesky_solve(rows.gram(), choice.alphas[0], rows.targets())
        if solved is not None and solved.condition < 1e10:
            return solution_of(rows.transpose_times(solved.x), *means, choice.alphas[0])
    elif solver != "svd":
        spectrum = spectrum_of(rows, exact=False)
        values = spectrum.values
        if not len(values) or values[-1] < 1e10 * (values[0] + choice.alphas.min()):
            return finish(spectrum, choice, *means)
    return finish(spectrum_of(rows, exact=True), choice, *means)


def finish(spectrum, choice, x_mean, y_mean):
    if spectrum.underflows and choice.alphas.min() < TINY:
        raise ValueError("Products of X underflow float64: X must be scaled to larger numbers.")
    alpha, scores, best = pick(spectrum, choice)
    if spectrum.exact and spectrum.is_lost(alpha):
        _warn_lost(
            alpha,
            "float64: numbers of X differ in scale by too many orders of magnitude. Bring features "
            "to similar size, by StandardScaler say, or use a larger alpha",
        )
    return solution_of(spectrum.coefficients(alpha), x_mean, y_mean, alpha, scores, best)


def pick(spectrum, choice):
    """Choose of the alphas; returns the one (or one per target), all scores and the best."""
    alphas = choice.alphas
    if not choice.several:
        return float(alphas[0]), None, None
    errors = spectrum.loo(alphas) if choice.selection == "loo" else spectrum.gcv(alphas)
    return best_of(errors, choice)


def best_of(errors, choice):
    """Of errors of shape (A, q): the alpha of the least (or one per target), scores, the best."""
    if not choice.per_target:
        errors = errors.mean(axis=1, keepdims=True)
    alpha, scores = choice.alphas[np.argmin(errors, axis=0)], -errors.T
    best = -errors.min(axis=0)
    if not np.isfinite(best).all():
        raise ValueError(
            f"No alpha can be chosen by selection={choice.selection!r}: every candidate of "
            f"{choice.alphas} interpolates the data. Larger alphas or more rows are needed."
        )
    if not choice.per_target:
        alpha, scores, best = float(alpha[0]), scores[0], float(best[0])
    return alpha, scores, best


def means_of(moments, choice):
    moments.check_weighted()
    if choice.fit_intercept:
        return moments.x_mean, moments.y_mean
    return np.zeros(moments.n_features), np.zeros(moments.n_targets)


def solution_of(coef, x_mean, y_mean, alpha, scores=None, best=None):
    alpha = alpha if isinstance(alpha, np.ndarray) else float(alpha)
    return Solution(coef, y_mean - x_mean @ coef, alpha, scores, best)
