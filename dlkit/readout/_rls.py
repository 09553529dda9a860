"""Recursive least squares: readouts that learn row by row and may forget."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._jit.rls import rls_rows
from .._params import Interval, Real, StrOptions, positive, unchanged_on_failure
from .._validation import check_weights, validate_data
from ._base import affine, check_numbers, check_rows
from ._classifier import IndicatorClassifier
from ._labels import check_streaming
from ._moments import row_tiles

__all__ = ["RLSReadout", "RLSReadoutClassifier"]


class BaseRLSReadout(BaseEstimator):
    """The state of the recursion; subclasses say what the targets are."""

    _parameter_constraints = {
        "alpha": [positive()],
        "forgetting": [Interval(Real, 0, 1, closed="right")],
        "clip_norm": [positive(), None],
        "clip_value": [positive(), None],
        "fit_intercept": ["boolean"],
    }
    # U by rows, D, the features' mean, the sum of weights and the solution: what a row changes
    _learned = ("_factor", "_spread", "_mean", "_total", "_coef", "_intercept")

    streaming = "in order"  # each row counts with what came before it: blocks cannot be merged

    @property
    def coef_(self):
        """Coefficients, shape (p,) for one-dimensional targets, else (q, p); a copy."""
        check_is_fitted(self)
        return self._coef[0].copy() if self._y_ndim == 1 else self._coef.copy()

    @property
    def intercept_(self):
        """Constant term, a number for one-dimensional targets, else of shape (q,); a copy."""
        check_is_fitted(self)
        return float(self._intercept[0]) if self._y_ndim == 1 else self._intercept.copy()

    @property
    def covariance_(self):
        """P, the inverse of the penalised scatter of the features; made anew at each access."""
        check_is_fitted(self)
        U = np.tril(self._factor, -1) + np.eye(len(self._spread))
        return (U.T * self._spread) @ U

    def __sklearn_is_fitted__(self):
        return "_factor" in vars(self)

    def _start(self, p, q, y_ndim):
        self._y_ndim, self._start_alpha = y_ndim, float(self.alpha)
        self._factor = np.zeros((p, p))
        self._spread = np.full(p, 1.0 / self._start_alpha)
        self._mean, self._total = np.zeros(p), np.zeros(1)
        self._coef, self._intercept = np.zeros((q, p)), np.zeros(q)
        self.n_skipped_ = self.n_clipped_ = 0

    def _learn(self, X, Y, weight):
        """Run the recursion over checked rows; nothing can fail once it runs."""
        y_ndim, Y = Y.ndim, Y.reshape(len(Y), -1)
        q, p = Y.shape[1], X.shape[1]
        weight = np.ones(len(X)) if weight is None else weight
        if not self.__sklearn_is_fitted__():
            if not weight.sum() > 0:
                raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
            self._start(p, q, y_ndim)
        elif (q, y_ndim) != (len(self._intercept), self._y_ndim):
            raise ValueError(
                f"y has {q} targets ({y_ndim}-dimensional), but earlier calls had "
                f"{len(self._intercept)} ({self._y_ndim}-dimensional)."
            )
        # copies: the arrays may be maps of a file, or another readout's, and stay if this fails
        learned = {name: np.array(getattr(self, name), order="C") for name in self._learned}
        limits = [np.inf if c is None else float(c) for c in (self.clip_norm, self.clip_value)]
        x_tiles, y_tiles = (row_tiles(A, 0.0, None, _budgets.RLS_ROWS) for A in (X, Y))
        counts = np.zeros(2, dtype=int)
        for (rows, x), (_, y) in zip(x_tiles, y_tiles, strict=True):
            with np.errstate(all="ignore"):  # rows that overflow are left out
                counts += rls_rows(
                    x, y, weight[rows], *learned.values(), float(self.forgetting),
                    self._start_alpha, *limits, bool(self.fit_intercept),
                )  # fmt: skip
        counts += self.n_skipped_, self.n_clipped_
        self.n_skipped_, self.n_clipped_ = counts.tolist()
        vars(self).update(learned)

    def _learn_anew(self, X, Y, weight):
        """Forget everything, then learn from rows that are finite: none may be left out."""
        vars(self).pop("_factor", None)
        self._learn(X, Y, weight)
        if self.n_skipped_:
            raise ValueError(
                f"Products of X and y overflow float64 in {self.n_skipped_} rows: X or y must be "
                "scaled to smaller numbers."
            )

    def _affine(self, X):
        """Predictions of shape (n,) or (n, q), in the dtype of X."""
        check_is_fitted(self)
        X = check_rows(self, X, reset=False)
        out = affine(X, self._coef.T, self._intercept)
        return out[:, 0] if self._y_ndim == 1 else out


class RLSReadout(MultiOutputMixin, RegressorMixin, BaseRLSReadout):
    """Linear least squares, solved anew after every row, with forgetting: online learning.

    Recursive least squares [1]_ [2]_: after each row the coefficients are those which minimise
    ``Σ wᵢ λⁿ⁻ⁱ ‖yᵢ − W xᵢ − b‖² + λⁿ alpha ‖W‖²`` over the n rows so far, at O(p²) a row (for the
    second term see Notes). Without forgetting (λ = 1) that is :class:`RidgeReadout`'s solution
    exactly, to rounding; the intercept b is not penalised in either.

    Parameters
    ----------
    alpha : float, default=1.0
        Penalty the recursion begins with: P₀ = I / alpha. The smaller, the faster the first rows
        are followed.
    forgetting : float, default=1.0
        Forgetting factor λ in (0, 1]: the weight of a row shrinks by λ with every later one, so
        that about 1 / (1 − λ) rows are remembered.
    clip_norm : float, default=None
        Longest step: the greatest Euclidean norm of the change of all coefficients and intercepts
        by one row. See Notes.
    clip_value : float, default=None
        The same by element: the greatest change of any coefficient or intercept by one row.
    fit_intercept : bool, default=True
        Whether to fit b; without it data are taken to be centred.

    Attributes
    ----------
    coef_ : ndarray of shape (p,) or (q, p)
        Coefficients W, float64; two-dimensional if y is.
    intercept_ : float or ndarray of shape (q,)
        Constant term b.
    covariance_ : ndarray of shape (p, p)
        P, the inverse of ``Σ wᵢ λⁿ⁻ⁱ (xᵢ − x̄)(xᵢ − x̄)ᵀ + λⁿ alpha I`` (see Notes); about zero
        without an intercept.
    n_skipped_ : int
        Rows that `partial_fit` left out since they, or their products, were not finite.
    n_clipped_ : int
        Rows whose step was clipped.
    n_features_in_ : int
        Number of features p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had string names.

    See Also
    --------
    RidgeReadout : Learns from blocks as well, chooses alpha, never forgets.

    Notes
    -----
    *Clipping.* A row whose step would be too long counts with the lower weight at which its step
    is as long as allowed. The coefficients thus remain a weighted ridge solution, and an outlier
    takes no more of P with it than of the coefficients; cutting the step alone would leave P as
    if the row had been learned. Choose a limit well above the usual steps, or learning is slow.

    *What is not finite.* `partial_fit` leaves out rows with NaN or infinity in X or y and counts
    them in ``n_skipped_``, as rows whose products overflow; `fit` and `predict` refuse them. For
    such a row, as for one of weight zero, no time passes: nothing is forgotten.

    *Numerics.* P is kept as U D Uᵀ [3]_, positive definite and symmetric whatever the rounding.
    With forgetting, a direction that the rows do not excite would let P grow without bound
    ("wind-up"): each term Dⱼ uⱼ uⱼᵀ is therefore held to the trace 1 / alpha it began with. The
    trace of P never exceeds p / alpha, and the penalty is forgotten only in directions that the
    rows excite, for which alone the formula above is exact.

    Everything is summed in float64; predictions come in the dtype of X.

    References
    ----------
    .. [1] Haykin (2002). Adaptive Filter Theory, 4th ed., ch. 9, table 9.1; here about the
       running mean, which frees the intercept of a penalty.
    .. [2] Sussillo & Abbott (2009). Generating coherent patterns of activity from chaotic neural
       networks. Neuron 63(4), eqs. 4-5: FORCE, learning by this rule in the closed loop.
    .. [3] Bierman (1976). Measurement updating using the U-D factorization. Automatica 12(4).

    Examples
    --------
    A gain that changes half-way is followed:

    >>> import numpy as np
    >>> from dlkit.readout import RLSReadout
    >>> X = np.random.RandomState(0).randn(400, 3)
    >>> y = X @ [1.0, -2.0, 0.5] + 3.0
    >>> y[200:] = X[200:] @ [5.0, -2.0, 0.5] + 3.0
    >>> readout = RLSReadout(forgetting=0.9)
    >>> for x, target in zip(X, y):
    ...     readout = readout.partial_fit(x[None], [target])
    >>> readout.coef_.round(3).tolist(), round(readout.intercept_, 3)
    ([5.0, -2.0, 0.5], 3.0)
    """

    def __init__(
        self,
        alpha=1.0,
        *,
        forgetting=1.0,
        clip_norm=None,
        clip_value=None,
        fit_intercept=True,
    ):
        self.alpha = alpha
        self.forgetting = forgetting
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.fit_intercept = fit_intercept

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Forget everything, then learn from the rows in their order.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        self : RLSReadout
        """
        self._validate_params()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        self._learn_anew(X, y, weight)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, sample_weight=None):
        """Learn from more rows, one after another.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features; one row will do.
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        self : RLSReadout
            As `fit` on all rows so far would leave it.
        """
        self._validate_params()
        first = not self.__sklearn_is_fitted__()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=first, finite=False)
        self._learn(X, y, weight)
        return self

    def predict(self, X):
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        y : ndarray of shape (n,) or (n, q)
            In float32 if X is, else float64.
        """
        return self._affine(X)

    def _check_rows(self, X, y, sample_weight, reset, finite=True):
        if y is None:
            validate_data(self, X, y, reset=reset)  # refuses, in scikit-learn's words
        X, y = check_rows(self, X, reset, finite), check_numbers(y, finite).astype(np.float64)
        check_consistent_length(X, y)
        return X, y, check_weights(sample_weight, len(X))


class RLSReadoutClassifier(IndicatorClassifier, BaseRLSReadout):
    """Classifier by recursive least squares on targets of ±1, one column per class (one for two).

    Parameters
    ----------
    alpha, forgetting, clip_norm, clip_value, fit_intercept
        As of :class:`RLSReadout`.
    class_weight : dict, "balanced" or None, default=None
        Weights of classes, times `sample_weight`; "balanced" gives each class the same total.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The labels, sorted.
    coef_ : ndarray of shape (p,) for two classes or (K, p)
        Coefficients, float64.
    intercept_ : float or ndarray of shape (K,)
        Constant term.
    covariance_, n_skipped_, n_clipped_, n_features_in_, feature_names_in_
        As of :class:`RLSReadout`.

    See Also
    --------
    RidgeReadoutClassifier : The same solution from sums, where nothing is to be forgotten.

    References
    ----------
    .. [1] Haykin (2002). Adaptive Filter Theory, 4th ed., ch. 9, table 9.1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit.readout import RLSReadoutClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> readout = RLSReadoutClassifier().partial_fit(X[::2], y[::2], classes=[0, 1, 2])
    >>> round(readout.partial_fit(X[1::2], y[1::2]).score(X, y), 2)
    0.85
    """

    _parameter_constraints = {
        **BaseRLSReadout._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        alpha=1.0,
        *,
        forgetting=1.0,
        clip_norm=None,
        clip_value=None,
        class_weight=None,
        fit_intercept=True,
    ):
        self.alpha = alpha
        self.forgetting = forgetting
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Forget everything, then learn from the rows in their order.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, L)
            Labels of at least two classes; or zeros and ones, a column for each label that a
            sample may have beside others.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        self : RLSReadoutClassifier
        """
        self._validate_params()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        Y, weight = self._indicators(y, weight)
        self._learn_anew(X, Y, weight)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Learn from more rows, one after another.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; rows of X that are not finite are left out, and a block need not
            hold every class.
        classes : array-like of shape (K,), default=None
            All labels there will be. Required on the first call, unless y has a column for each.

        Returns
        -------
        self : RLSReadoutClassifier
            As `fit` on all rows so far would leave it.
        """
        self._validate_params()
        first = not self.__sklearn_is_fitted__()
        check_streaming(self.class_weight)
        X, y, weight = self._check_rows(X, y, sample_weight, reset=first, finite=False)
        Y, weight = self._indicators_of_block(y, weight, classes, first)
        self._learn(X, Y, weight)
        return self
