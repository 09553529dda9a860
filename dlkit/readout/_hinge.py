"""A linear support vector machine by ridge regressions on moving targets."""

import numpy as np
from scipy.linalg import lapack
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from .._announce import warn
from .._params import StrOptions, count, non_negative, positive, unchanged_on_failure
from .._products import WORTH_THREADS
from .._threads import blas_for, mapping, one_blas_thread
from ._base import affine, check_rows
from ._classifier import IndicatorClassifier
from ._moments import Moments, tile_length
from ._softmax import bulk_of
from ._solve import TINY

__all__ = ["HingeReadoutClassifier"]

FAR_OUT = (
    " A few rows of X lie far out, and have next to all of the variance of a feature: clip or "
    "transform it, by sklearn.preprocessing.QuantileTransformer say, or leave these rows out."
)


class HingeReadoutClassifier(IndicatorClassifier, BaseEstimator):
    r"""Linear classifier by the squared hinge loss, with a ridge penalty.

    For each class (for one of two) it minimises ``Σ wᵢ max(0, 1 − yᵢ dᵢ)² + alpha ‖w‖²`` with
    ``dᵢ = w·xᵢ + b`` and targets y = ±1: the linear support vector machine with squared loss.
    A sample that is right by a margin of 1 or more adds nothing to the loss. In the squared error
    of a ridge readout such samples count as errors as well, which costs accuracy where many
    features leave few samples wrong.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty; 1 / (2C) of scikit-learn's ``LinearSVC`` (which penalises the
        intercept too).
    max_iter : int, default=200
        Most iterations; each reads X once.
    tol : float, default=1e-3
        Stop once an iteration changes the fitted values by less, relative to their size.
    class_weight : dict, "balanced" or None, default=None
        Weights of classes, times `sample_weight`; "balanced" gives each class the same total.
    fit_intercept : bool, default=True
        Whether to fit b, which is not penalised; without it data are taken to be centred.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The labels, sorted.
    coef_ : ndarray of shape (p,) for two classes or (K, p)
        Coefficients, float64.
    intercept_ : float or ndarray of shape (K,)
        Constant term.
    n_iter_ : int
        Iterations done.
    n_features_in_, feature_names_in_
        Of X, as of any scikit-learn estimator.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` iterations were not enough for `tol`.

    See Also
    --------
    RidgeReadoutClassifier : Solved at once, from moments alone, with a choice among alphas.

    Notes
    -----
    The squared hinge lies below the squared error of any target beyond y on y's side, and touches
    it at the target y max(1, y d). So each iteration is a ridge regression on the targets of the
    last one's fit (as in [1]_), of which all have the same matrix: it is factorised once, and an
    iteration costs two products with X. Momentum with restarts [2]_ speeds them up. They start from
    :class:`RidgeReadoutClassifier`'s fit.

    X is read in tiles of rows: memory is that of X and of one p × p matrix. Their products are in
    the dtype of X, sums over them and the matrix in float64. With more features than rows, or
    with a small alpha, convergence is slow but errors settle long before: raise `tol`.

    References
    ----------
    .. [1] Ho & Kashyap (1965). An algorithm for linear inequalities and its applications. IEEE
       Trans. Electronic Computers 14(5).
    .. [2] O'Donoghue & Candès (2015). Adaptive restart for accelerated gradient schemes.
       Foundations of Computational Mathematics 15(3), section 3.2.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit.readout import HingeReadoutClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> round(HingeReadoutClassifier(alpha=0.1).fit(X, y).score(X, y), 2)
    0.97
    """

    _parameter_constraints = {
        "alpha": [positive()],
        "max_iter": [count()],
        "tol": [non_negative()],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "fit_intercept": ["boolean"],
    }

    def __init__(
        self,
        alpha=1.0,
        *,
        max_iter=200,
        tol=1e-3,
        class_weight=None,
        fit_intercept=True,
    ):
        self.alpha = alpha
        self.max_iter = max_iter
        self.tol = tol
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Fit on these rows alone.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, L)
            Labels of at least two classes; or zeros and ones, a column for each label that a
            sample may have beside others.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights; a weight of two equals the row twice.

        Returns
        -------
        self : HingeReadoutClassifier

        Raises
        ------
        ValueError
            If alpha is so small that X'X + alpha I is singular to rounding.
        """
        self._validate_params()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        Y, weight = self._indicators(y, weight)
        with blas_for(10 * X.shape[1] ** 3):
            solution = self._solve(X, Y.reshape(len(Y), -1), weight)
        self.coef_ = solution[:-1].T if Y.ndim == 2 else solution[:-1, 0]
        self.intercept_ = solution[-1] if Y.ndim == 2 else float(solution[-1, 0])
        return self

    @np.errstate(all="ignore")  # what overflows is refused by name
    def _solve(self, X, Y, weight):
        """Coefficients and, in the last row, intercepts, of shape (p + 1, q)."""
        moments = Moments().update(X, Y, weight)
        about = self.fit_intercept
        centre = moments.x_mean if about else np.zeros(X.shape[1])
        total, mean = moments.weight_sum, moments.y_mean * about
        XX, XY, _ = moments.products(about, overwrite=True)
        lengths, shift = np.sqrt(np.einsum("ii->i", XX)), np.zeros(len(centre))
        if X.dtype == np.float32 and (np.abs(centre) > 100 * lengths / np.sqrt(total)).any():
            shift = centre.astype(np.float32)  # whose digits the products would lack
            X, centre = X - shift, centre - shift
        ends = np.array([lengths.max(), 1.0 if weight is None else weight.max()])
        bulk = bulk_of(X, lengths / np.sqrt(total))
        tol = float(self.tol) * np.sqrt(bulk)  # of fits whose size is not that of rows far out
        dtype = X.dtype if (np.abs(np.log10(ends + TINY)) < 15).all() else np.float64
        np.einsum("ii->i", XX)[...] += self.alpha
        L, info = lapack.dpotrf(XX, lower=1, clean=0, overwrite_a=1)
        if info != 0:
            raise ValueError(
                f"alpha={self.alpha!r} is too small for these features: X'X + alpha I is not "
                "positive definite to rounding, or not finite."
            )

        def solve(loads):
            """Ridge regression on targets of which these are the sums, with X and alone."""
            return np.vstack([lapack.dpotrs(L, loads[:-1], lower=1)[0], loads[-1:] / total])

        loads = np.vstack([XY, mean * total])  # of intercepts about the centre
        now = solve(loads)
        ahead, ahead_loads, momentum = now, loads, 1.0
        for n_iter in range(1, int(self.max_iter) + 1):  # noqa: B007
            last, last_loads = now, loads
            loads = _target_loads(X, Y, weight, centre, ahead, dtype)
            loads[-1] *= about
            now = solve(loads)
            # scalar products in the metric of the matrix, in which lengths are those of fits
            step, step_loads = now - last, loads - last_loads
            length, whole = np.vdot(step, step_loads), np.vdot(now, loads)
            if length <= 0 or np.sqrt(length) <= tol * np.sqrt(max(whole, 0.0)):
                break
            if np.vdot(ahead_loads - loads, step) > 0:
                momentum = 1.0
            slower, momentum = momentum - 1, (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            ahead = now + slower / momentum * step
            ahead_loads = loads + slower / momentum * step_loads
        else:
            warn(
                f"max_iter={self.max_iter} iterations did not reach tol={self.tol!r}."
                + (FAR_OUT if bulk < 1 else ""),
                ConvergenceWarning,
            )
        self.n_iter_ = n_iter
        now[-1] -= (centre + shift) @ now[:-1]
        if not np.isfinite(now).all():
            raise ValueError("Products of X overflow float64: X must be scaled to smaller numbers.")
        return now

    def _affine(self, X):
        check_is_fitted(self)
        X = check_rows(self, X, reset=False)
        if self.coef_.ndim == 2:
            return affine(X, self.coef_.T, self.intercept_)
        return affine(X, self.coef_[:, None], self.intercept_)[:, 0]


def _target_loads(X, Y, weight, centre, solution, dtype):
    """Sums of centred X and 1 with the targets that the hinge makes of a fit, of its shape."""
    coef, intercept = solution[:-1], solution[-1] - centre @ solution[:-1]
    dtype = dtype if np.abs(coef).max() < 1e30 else np.float64
    coef = coef.astype(dtype)
    loads, length = np.zeros(solution.shape), tile_length(X.shape[1])

    def of_tile(start):
        rows = slice(start, start + length)
        targets = X[rows] @ coef + intercept
        targets *= Y[rows]
        np.maximum(targets, 1.0, out=targets)
        targets *= Y[rows]
        if weight is not None:
            targets *= weight[rows, None]
        return X[rows].T @ targets.astype(dtype), targets.sum(axis=0)

    with one_blas_thread() as threads:
        worth = 4.0 * X.size * coef.shape[1] > WORTH_THREADS
        with mapping(threads if worth else 1) as each:
            for products, sums in each(of_tile, range(0, len(X), length)):
                loads[:-1] += products
                loads[-1] += sums
    loads[:-1] -= np.outer(centre, loads[-1])
    return loads
