"""Many fits of the ridge readout on parts of the same rows, for many alphas each.

What cross-validation over a grid of alphas asks for. The products of the rows are formed once; a
part takes its share of them, and one decomposition of it serves all alphas. Where the condition
is such that another order of sums would show, a part is solved exactly as ``fit`` would solve it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._products import add_gram
from .._threads import one_blas_thread
from ._moments import Moments, tile_length, weighted_mean
from ._select import dual_solution, means_of, pick, solution_of, sound_solution, triangle_solution
from ._solve import Rows, Triangle, dual_spectrum, gram_spectrum
from ._tridiagonal import Tridiagonal

__all__ = ["Fit", "SharedRows"]

# Predictions from shared products differ from those of a fit of its own by some ten roundings
# times the condition: up to here by 2e-9 of their spread, which tests hold.
MAX_CONDITION = 1e6


@dataclass
class Fit:
    """One of many fits: the solution, and the predictions for each query, of shape (m, q)."""

    solution: object
    predictions: list

    def on(self, queries):
        """The same fit with predictions for other queries."""
        coef, intercept = self.solution.coef, self.solution.intercept
        found = [_float64(X[others]) @ coef + intercept for X, others in queries]
        return Fit(self.solution, found)


class KernelSolution:
    """A ``Solution`` in dual form, whose coefficients are computed when first asked for."""

    def __init__(self, rows, solutions, columns, alpha, scores, best):
        self._rows, self._solutions, self._columns = rows, solutions, columns
        self.alpha, self.scores, self.best = alpha, scores, best

    @cached_property
    def coef(self):
        """Coefficients, shape (p, q)."""
        return self._rows.transpose_times(self._solutions.whole[:, self._columns])

    @cached_property
    def intercept(self):
        """Constant term, shape (q,)."""
        return self._rows.y_mean - self._rows.x_mean @ self.coef


class Solutions:
    """Solutions of (A + alpha I) X = B side by side, some of them in the basis of ``reduced``."""

    def __init__(self):
        self._pieces = []

    def add(self, coordinates, reduced=None):
        """Append columns; with ``reduced``, a Tridiagonal, they are Qᵀ X."""
        self._pieces.append((coordinates, reduced))

    @cached_property
    def whole(self):
        """X, shape (n, all columns)."""
        return np.hstack([C if Q is None else Q.rotate(C) for C, Q in self._pieces])

    def left_times(self, K):
        """K X, where K has fewer rows than X has columns: then it is cheaper to turn K."""
        return np.hstack([(K if Q is None else Q.rotate(K.T, "T").T) @ C for C, Q in self._pieces])


class KeptRows(Rows):
    """Part of a table that is copied, and whose Gram matrix and spectra are formed, if need be."""

    def __init__(self, table, part, Y, weight, fit_intercept):
        self.p = table.shape[1]
        self.weigh(Y, weight, fit_intercept)
        self._table, self._rows, self._weight = table, part, weight
        self._spectra = {}

    @cached_property
    def X(self):  # noqa: N802
        """The rows, shape (n, p)."""
        return self._table[self._rows]

    @cached_property
    def x_mean(self):
        """Their mean, or zeros without an intercept."""
        if self.intercept is None:
            return np.zeros(self.p)
        return weighted_mean(self.X, self._weight)

    @cached_property
    def _gram(self):
        return super().gram()

    def gram(self):
        """X̃X̃ᵀ of shape (n, n) in its lower triangle, a copy."""
        return self._gram.copy(order="F")

    def with_far_intercept(self):
        """X̃X̃ᵀ with the intercept's direction sent beyond all others, as in ``dual_spectrum``."""
        K = self.gram()
        if self.intercept is not None:
            K += np.outer((2 * np.trace(K) or 1.0) * self.intercept, self.intercept)
        return K

    def spectrum(self, _, exact):
        """As ``dual_spectrum``."""
        if exact not in self._spectra:
            self._spectra[exact] = dual_spectrum(self, exact)
        return self._spectra[exact]


class KernelRows(KeptRows):
    """Rows that are part of a table of scalar products."""

    def __init__(self, kept, weight, kernel, part):
        vars(self).update(vars(kept), _spectra={})
        self._kernel, self._part = kernel, part
        self._share = np.full(self.n, 1 / self.n) if weight is None else weight / self.weight_sum
        self._own = kernel[part][:, part]
        self._shift = self._own @ self._share
        self._spread = self._share @ self._shift

    @property
    def cancels(self):
        """Whether the mean of all rows lies so far from this part's that digits are lost."""
        spread = np.trace(self._own) / self.n
        return bool(self._spread > 100 * max(spread - self._spread, 0.0))

    @cached_property
    def _gram(self):
        K = self._own - self._shift[:, None] - self._shift + self._spread
        return K if self.root is None else K * self.root[:, None] * self.root

    def cross(self, others):
        """Products of other rows, about this part's mean, with X̃: shape (m, n)."""
        K = self._kernel[others][:, self._part]
        K = K - (K @ self._share)[:, None] - self._shift + self._spread
        return K if self.root is None else K * self.root


class SharedRows:
    """Rows of features, parts of which are to be fitted.

    Parameters
    ----------
    X : ndarray of shape (n, p), float32 or float64
        The features.
    parts : list of slice or ndarray of int
        The rows of each fit to come.
    """

    def __init__(self, X, parts):
        self.X, self.parts = X, parts

    @one_blas_thread()
    @np.errstate(all="ignore")  # what overflows is refused by name
    def fit(self, part, Y, weight, choices, queries=()):
        """Fit on some rows with each of several choices of alpha.

        Parameters
        ----------
        part : int
            Which of ``parts``.
        Y : ndarray of shape (rows of the part, q)
            Targets.
        weight : ndarray of shape (rows of the part,) or None
            Weights.
        choices : list of Choice
            Alphas, or candidates to choose from.
        queries : list of (ndarray of shape (n, p), slice or ndarray of int)
            What to predict: rows of a matrix, which may be ``X``.

        Returns
        -------
        fits : list of Fit or None
            None where a choice cannot be solved.
        """
        if weight is not None and not weight.sum() > 0:
            return [None] * len(choices)
        rows = self.parts[part]
        kept = KeptRows(self.X, rows, Y, weight, choices[0].fit_intercept)
        fits, choices = [None] * len(choices), [choice.scaled(kept) for choice in choices]
        dual = choices[0].is_dual(kept.n, kept.p)
        if choices[0].fit_intercept:
            try_fast = self._fast_dual if dual else self._fast_primal
            try_fast(part, kept, weight, choices, queries, fits)
        slow = _slow_dual if dual else _slow_primal
        left = [i for i, fit in enumerate(fits) if fit is None]
        for i, solution in zip(left, slow(kept, weight, [choices[i] for i in left]), strict=True):
            if solution is not None:
                predictions = [
                    _float64(X[others]) @ solution.coef + solution.intercept
                    for X, others in queries
                ]
                fits[i] = Fit(solution, predictions)
        for choice, fit in zip(choices, fits, strict=True):
            if fit is not None:
                fit.solution = choice.named(fit.solution)
        return fits

    # the dual form

    @cached_property
    def _kernel(self):
        """Scalar products of all rows about their mean, or None where they would cost more."""
        sizes = np.array([_length(part, len(self.X)) for part in self.parts], dtype=float)
        if len(self.X) ** 2 > (sizes**2).sum():
            return None
        n, p = self.X.shape
        mean, K = self.X.mean(axis=0, dtype=np.float64), np.zeros((n, n), order="F")
        width = tile_length(n)
        for columns in (slice(start, start + width) for start in range(0, p, width)):
            x = np.subtract(self.X[:, columns], mean[columns], dtype=np.float64)
            K = add_gram(K, x.T)
        return np.tril(K) + np.tril(K, -1).T

    def _fast_dual(self, part, kept, weight, choices, queries, fits):
        rows, kernel = kept, self._kernel
        if kernel is not None:
            rows = KernelRows(kept, weight, kernel, self.parts[part])
            if rows.cancels:
                rows, kernel = kept, None
        good, picked, solutions = _well_conditioned(
            choices,
            lambda: rows.with_far_intercept(),
            rows.targets(),
            rows.intercept is not None,
            lambda: rows.spectrum(rows, exact=False),
        )
        if not good:
            return
        coef = None
        predictions = []
        for X, others in queries:
            if X is self.X and kernel is not None:
                predictions.append(solutions.left_times(rows.cross(others)))
            else:
                coef = kept.transpose_times(solutions.whole) if coef is None else coef
                predictions.append((_float64(X[others]) - kept.x_mean) @ coef)
        for j, (i, mine) in enumerate(_columns(good, kept)):
            solution = KernelSolution(kept, solutions, mine, *picked[j])
            fits[i] = Fit(solution, [kept.y_mean + p[:, mine] for p in predictions])

    # the primal form

    @cached_property
    def _atoms(self):
        """Moments of the pieces the parts are made of, by a code of who holds them; or None."""
        if len(self.parts) > 60:
            return None
        codes = np.zeros(len(self.X), dtype=np.int64)
        for k, part in enumerate(self.parts):
            held = np.zeros(len(self.X), dtype=bool)
            held[part] = True
            if held.sum() != _length(part, len(self.X)):
                return None  # some rows count twice
            codes |= held.astype(np.int64) << k
        found = [int(code) for code in np.unique(codes) if code]
        if len(found) > 2 * len(self.parts):
            return None
        return {code: _moments(self.X[codes == code]) for code in found}

    def _moments_of(self, part, kept, weight):
        """Moments of a part: the sum over the pieces it holds.

        All rows less the pieces it leaves out would take fewer sums, and digits where a piece is
        much larger than the rest.
        """
        if weight is not None or self._atoms is None:
            return _moments(kept.X, weight)
        total = Moments()
        for code, moments in self._atoms.items():
            if code >> part & 1:
                total = total.add_in(moments)
        return total

    def _fast_primal(self, part, kept, weight, choices, queries, fits):
        XX, _, _ = self._moments_of(part, kept, weight).products(True, overwrite=True)
        XY, YY = 0.0, 0.0
        for _, x, y in kept.by_rows():
            XY, YY = XY + x.T @ y, YY + np.einsum("ij,ij->j", y, y)
        size = kept.n_samples, kept.weight_sum, True
        good, picked, solutions = _well_conditioned(
            choices,
            lambda: XX.copy(order="F"),
            XY,
            0,
            lambda: gram_spectrum(XX, XY, YY, *size, kept),
        )
        if not good:
            return
        coef = solutions.whole
        predictions = [(_float64(X[others]) - kept.x_mean) @ coef for X, others in queries]
        for j, (i, mine) in enumerate(_columns(good, kept)):
            solution = solution_of(coef[:, mine], kept.x_mean, kept.y_mean, *picked[j])
            fits[i] = Fit(solution, [kept.y_mean + p[:, mine] for p in predictions])


def _float64(X):
    return X.astype(np.float64, copy=False)


def _length(part, n):
    return len(range(*part.indices(n))) if isinstance(part, slice) else len(part)


def _moments(X, weight=None):
    """Moments of features alone."""
    return Moments().update(X, np.zeros(len(X)), weight)


def _columns(good, rows):
    """Pairs of a choice's index and its columns in what was computed for all."""
    q = rows.Y.shape[1]
    return [(i, slice(j * q, (j + 1) * q)) for j, i in enumerate(good)]


def _well_conditioned(choices, matrix, B, n_far, spectrum):
    """Choices that are solved without loss: by number, what each picks, and the solutions.

    A single alpha needs no more than a tridiagonal matrix; several need eigenvalues as well.
    ``matrix`` and ``spectrum`` are functions that make them.
    """
    good, picked, found = [], [], Solutions()
    single = [i for i, choice in enumerate(choices) if not choice.several]
    if single and len(B) >= 2 + n_far:
        reduced = Tridiagonal(matrix(), B, n_far)
        good = [i for i in single if reduced.is_sound(choices[i].alphas[0], MAX_CONDITION)]
        picked = [(float(choices[i].alphas[0]), None, None) for i in good]
        if good:
            found.add(reduced.solve([alpha for alpha, _, _ in picked]), reduced)
    several = [i for i, choice in enumerate(choices) if choice.several]
    if several:
        spectrum = spectrum()
        values = spectrum.values
        for i in several:
            if len(values) and values[-1] <= MAX_CONDITION * (values[0] + choices[i].alphas.min()):
                try:
                    picked.append(pick(spectrum, choices[i]))
                except ValueError:  # every alpha interpolates: the caller's to report
                    continue
                good.append(i)
                inverse = spectrum.inverse(np.atleast_1d(picked[-1][0]))
                found.add(spectrum.basis @ (spectrum.loads * inverse))
    return good, picked, found


def _try(solve):
    """Solution, or None where there is none."""
    try:
        return solve()
    except ValueError:
        return None


def _slow_dual(kept, weight, choices):
    """As ``solve_rows``, but with one Gram matrix and one spectrum of a kind for all."""
    return [
        _try(lambda choice=choice: dual_solution(kept, choice, "auto", kept.spectrum))
        for choice in choices
    ]


def _slow_primal(kept, weight, choices):
    """As ``solve_rows``, but with moments made once and one QR for all."""
    if not choices:
        return []
    moments = Moments().update(kept.X, kept.Y, weight)
    means = means_of(moments, choices[0])
    products = moments.products(choices[0].fit_intercept, overwrite=True)
    triangle = []

    def solve(choice):
        solution = sound_solution(*(a.copy(order="F") for a in products), kept, choice, means)
        if solution is None:
            if not triangle:
                triangle.append(Triangle(kept))
            solution = triangle_solution(triangle[0], choice)
        return solution

    return [_try(lambda choice=choice: solve(choice)) for choice in choices]
