"""What readouts share: checks of rows and targets; fit, add, merge and solve of the ridge ones."""

from math import isfinite

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import assert_all_finite, check_is_fitted

from .._announce import announce
from .._params import Interval, Real, StrOptions, says, unchanged_on_failure
from .._products import times
from .._threads import blas_for
from .._validation import (
    check_array,
    check_weights,
    forget_columns,
    naming,
    refuse_masked,
    validate_data,
)
from ..exceptions import ForgottenRowsWarning
from ._blocks import solve_blocks
from ._labels import stacked
from ._moments import Moments, row_tiles, tile_length
from ._select import Choice, solve_moments, solve_rows

__all__ = ["FLOATS", "BaseRidgeReadout", "affine", "check_numbers", "check_rows"]

FLOATS = [np.float64, np.float32]


def affine(X, coef, intercept):
    """Return ``X @ coef + intercept``, summed in float64, in the dtype of ``X``."""
    with np.errstate(all="ignore"):  # what overflows is refused by name
        if X.dtype == np.float64:
            out = times(X, coef)
            out += intercept
        else:
            out = np.empty((len(X), coef.shape[1]), dtype=X.dtype)
            for rows, tile in row_tiles(X, 0.0, None, tile_length(X.shape[1])):
                out[rows] = times(tile, coef) + intercept
        sound = isfinite(np.add.reduce(out, axis=None)) or np.isfinite(out).all()
    if not sound:
        mend = "X must be scaled to smaller numbers"
        if X.dtype != np.float64:
            mend = "X must be given as float64, or the targets scaled to smaller numbers in fit"
        raise ValueError(f"Predictions for X overflow {X.dtype}, the dtype of X: {mend}.")
    return out


def check_rows(estimator, X, reset, finite=True):
    """Features as `fit` and `predict` take them: float64 or float32, of the columns there were."""
    return validate_data(estimator, X, dtype=FLOATS, reset=reset, ensure_all_finite=finite)


def check_numbers(y, finite=True):
    """Numeric targets as an array; arrays in the cells of a column are stacked."""
    if issparse(y):
        raise TypeError("y must be a dense array, got a sparse one.")
    refuse_masked(y, "y")
    y = check_array(
        stacked(y), ensure_2d=False, dtype=None, input_name="y", ensure_all_finite=finite
    )
    with naming("y"):
        if y.dtype.kind == "O":
            y = y.astype(np.float64)
            if finite:
                assert_all_finite(y, input_name="y", allow_nan=finite == "allow-nan")
    if y.dtype.kind not in "biuf":
        raise ValueError(f"y must hold real numbers, got dtype {y.dtype}.")
    return y


class BaseRidgeReadout(BaseEstimator):
    """Fit, add, merge and solve on numeric targets; subclasses say what the targets are."""

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left"), "array-like"],
        "selection": [StrOptions({"loo", "gcv"})],
        "fit_intercept": ["boolean"],
        "solver": [StrOptions({"auto", "moments", "svd"})],
        "relative": ["boolean"],
    }

    _choice = None  # the parameters the coefficients are to be solved with
    _solution = None  # solved from moments_ when first asked for
    _y_ndim = None

    @property
    def coef_(self):
        """Coefficients, shape (p,) for one-dimensional targets, else (q, p)."""
        coef = self._solved().coef
        return coef[:, 0] if self._y_ndim == 1 else coef.T

    @property
    def intercept_(self):
        """Constant term, a number for one-dimensional targets, else of shape (q,)."""
        return self._one(self._solved().intercept)

    @property
    def alpha_(self):
        """The alpha in use; of shape (q,) if chosen per target."""
        return self._one(self._solved().alpha)

    @property
    def alpha_scores_(self):
        """Minus the mean squared error of each candidate, shape (A,), or (q, A) per target."""
        scores = self._selected("alpha_scores_").scores
        return scores[0] if scores.ndim == 2 and self._y_ndim == 1 else scores

    @property
    def best_score_(self):
        """The greatest of ``alpha_scores_``; of shape (q,) if chosen per target."""
        return self._one(self._selected("best_score_").best)

    @unchanged_on_failure
    def merge(self, other):
        """Add the rows another readout was fitted on.

        Parameters
        ----------
        other : readout of the same class
            Like this one fitted by `partial_fit`, by `fit_moments` or with
            ``solver="moments"``; it is left as it is.

        Returns
        -------
        self : object
            As if fitted on the rows of both, with the parameters of this one.

        Raises
        ------
        ValueError
            If either holds no moments, or features, targets or classes differ.
        """
        self._validate_params()
        if type(other) is not type(self):
            raise TypeError(f"other must be a {type(self).__name__}, got {type(other).__name__}.")
        check_is_fitted(self)
        check_is_fitted(other)
        choice = self._make_choice(streaming=True)
        mine, others = self._kept_moments(), other._kept_moments()
        self._check_mergeable(other)
        self._set(None, mine.copy().add_in(others), choice)
        return self

    def encode(self, y, sample_weight=None):
        """Check targets and weights as `fit` does, and return what is solved for.

        A classifier notes its `classes_`. Whoever solves by other means than `fit` hands the
        solution to :meth:`with_solution`.

        Parameters
        ----------
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        Y : ndarray of shape (n, q)
            Numeric targets.
        weight : ndarray of shape (n,) or None
            Weights, those of classes included; None where all are one.
        y_ndim : int
            Whether predictions are of shape (n,), by 1, or (n, q), by 2.
        """
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        Y, weight = self._targets(y, check_weights(sample_weight, len(y)))
        return Y.reshape(len(Y), -1), weight, Y.ndim

    def with_solution(self, solution, choice, n_features, y_ndim, moments=None):
        """Return a fitted copy that has a solution found elsewhere.

        Parameters
        ----------
        solution : Solution
            Coefficients, intercept and alpha.
        choice : Choice
            The parameters it was found with.
        n_features : int
            Number of features p.
        y_ndim : int
            As returned by :meth:`encode`, which must have been called before.
        moments : Moments, default=None
            What it was solved from, if it is to be kept.

        Returns
        -------
        readout : object
            Of the same class and parameters; without names of features.
        """
        readout = object.__new__(type(self))  # copy.copy goes through pickling, and takes longer
        vars(readout).update(vars(self))
        forget_columns(readout)
        readout.n_features_in_ = n_features
        readout._set(solution, moments, choice, y_ndim)
        return readout

    @property
    def streaming(self):
        """How blocks of rows can end where `fit` on all rows does; None if they cannot.

        "merged": fitted apart by `partial_fit`, in any order, then added by `merge`; of other
        readouts "in order": handed to one `partial_fit` after another.
        """
        by_rows = says(self.selection, "loo") and np.ndim(self.alpha) > 0
        balanced = says(getattr(self, "class_weight", None), "balanced")
        return None if by_rows or balanced or says(self.solver, "svd") else "merged"

    def without_moments(self):
        """Return a fitted copy with no more than predictions need: small, to be sent away."""
        self._solved()
        readout = object.__new__(type(self))
        vars(readout).update(vars(self))
        vars(readout).pop("moments_", None)
        return readout

    def __sklearn_is_fitted__(self):
        return self._choice is not None

    def _check_mergeable(self, other):
        names = getattr(self, "feature_names_in_", None), getattr(other, "feature_names_in_", None)
        if all(n is not None for n in names) and list(names[0]) != list(names[1]):
            raise ValueError("other was fitted on features of other names or in another order.")

    def _make_choice(self, streaming=False):
        per_target = getattr(self, "alpha_per_target", False)
        choice = Choice.of(
            self.alpha, self.selection, per_target, self.fit_intercept, self.relative
        )
        if streaming:
            choice.check_streaming()
        return choice

    def _starts_anew(self):
        """Whether `partial_fit` has no moments to add to."""
        if self._choice is not None and "moments_" not in vars(self):
            announce(
                "partial_fit starts anew: the rows given to fit are forgotten, since fit keeps no "
                "moments unless solver='moments'.",
                ForgottenRowsWarning,
            )
        return "moments_" not in vars(self)

    def _fit_rows(self, X, y, weight, choice, y_ndim):
        n, p = X.shape
        choice.check_targets(y)
        with blas_for(10 * min(n, p) ** 3):
            solution, moments = solve_rows(X, y.reshape(n, -1), weight, choice, self.solver)
        if moments is not None:
            moments.y_ndim = y_ndim
        self._set(solution, moments, choice, y_ndim)

    def _fit_blocks(self, blocks, n_features, y, weight, folds):
        """Like `fit`, on features that come in blocks; with folds, alpha is chosen by them."""
        choice = self._make_choice()
        Y, weight, y_ndim = self.encode(y, weight)
        n, p = len(Y), n_features
        choice.check_targets(Y)
        with blas_for(10 * min(n, p) ** 3):
            solution, moments = solve_blocks(blocks, p, Y, weight, choice, self.solver, folds)
        if moments is not None:
            moments.y_ndim = y_ndim
        self.n_features_in_ = p
        self._set(solution, moments, choice, y_ndim)

    def _add_rows(self, X, y, weight, choice):
        """Add rows to the moments, which are replaced: a copy of this may hold them, too."""
        moments = vars(self).get("moments_") or Moments()
        if moments.y_ndim is not None and y.shape[1:] != (moments.n_targets,) * (
            moments.y_ndim - 1
        ):
            known = "(n,)" if moments.y_ndim == 1 else f"(n, {moments.n_targets})"
            raise ValueError(
                f"y has shape {y.shape}, but earlier calls had targets of shape {known}: hand over "
                "the same."
            )
        if weight is not None and not moments.weight_sum + weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        moments = moments.plus(X, y, weight)
        self._set(None, moments, choice, moments.y_ndim)

    def _use_moments(self, moments, choice):
        if not isinstance(moments, Moments):
            raise TypeError(f"moments must be a Moments object, got {type(moments).__name__}.")
        solution = solve_moments(moments, choice)
        self.n_features_in_ = moments.n_features
        vars(self).pop("feature_names_in_", None)
        self._set(solution, moments.copy(), choice, moments.y_ndim)

    def _set(self, solution, moments, choice, y_ndim=None):
        self._solution, self._choice = solution, choice
        self._y_ndim = moments.y_ndim if y_ndim is None else y_ndim
        if moments is not None:
            self.moments_ = moments
        else:
            vars(self).pop("moments_", None)

    def _kept_moments(self):
        if "moments_" not in vars(self):
            raise ValueError(
                "merge adds moments, which fit does not keep: use partial_fit on both, or fit "
                f"with solver='moments' (solver={self.solver!r} now)."
            )
        return self.moments_

    def _solved(self):
        check_is_fitted(self)
        if self._solution is None:
            with blas_for(10 * self.moments_.n_features**3):
                self._solution = solve_moments(self.moments_, self._choice)
        return self._solution

    def _selected(self, name):
        solution = self._solved()
        if solution.scores is None:
            raise AttributeError(f"{name} exists only where alpha is an array of candidates.")
        return solution

    def _one(self, values):
        return values[0] if isinstance(values, np.ndarray) and self._y_ndim == 1 else values

    def _affine(self, X):
        """Predictions of shape (n,) or (n, q), summed in float64, in the dtype of X."""
        solution = self._solved()
        X = check_rows(self, X, reset=False)
        out = affine(X, solution.coef, solution.intercept)
        return out[:, 0] if self._y_ndim == 1 else out
