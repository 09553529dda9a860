"""The ridge readout of numbers."""

from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils import check_consistent_length

from .._params import unchanged_on_failure
from .._validation import check_weights, validate_data
from ._base import BaseRidgeReadout, check_numbers, check_rows

__all__ = ["RidgeReadout"]


class RidgeReadout(MultiOutputMixin, RegressorMixin, BaseRidgeReadout):
    """Linear least squares with an L2 penalty, solved from sums that add.

    Minimises ``Σ wᵢ ‖yᵢ − W xᵢ − b‖² + alpha ‖W‖²`` [1]_; the intercept b is not penalised.
    Several strengths are compared at the price of one: a single symmetric eigendecomposition
    yields the coefficients and the errors of them all.

    Parameters
    ----------
    alpha : float or array-like of shape (A,), default=1.0
        Strength of the penalty, at least zero, or candidates of which the best is chosen. With
        ``alpha=0`` and dependent columns the coefficients are those of least norm.
    selection : {"loo", "gcv"}, default="loo"
        How to choose among several: by the mean squared leave-one-out error, exactly that of a
        refit without each row (a row is left out whole, whatever its weight), or by generalised
        cross-validation [2]_, which needs no rows, only their moments. There a row of a whole
        weight counts as so many samples, as if it were repeated, and a row of any other weight as
        one, whatever the weights sum to.
    alpha_per_target : bool, default=False
        Choose for each target by itself instead of by the mean error.
    fit_intercept : bool, default=True
        Whether to fit b; without it data are taken to be centred.
    solver : {"auto", "moments", "svd"}, default="auto"
        How `fit` solves; `partial_fit`, `merge` and `fit_moments` have only the moments, and warn
        where these have lost the digits that a tiny alpha asks for.

        * "auto": from XᵀX (n > p) or XXᵀ (n ≤ p), whichever is smaller. If the matrix is so
          ill-conditioned that rounding could move the fitted values by more than a hundredth
          of the residual (for n ≤ p: if its condition exceeds 1e10), or the score of any
          candidate by more than a few thousandths, as for a reservoir's states with a tiny alpha
          or for features on different scales, the solve is repeated as by "svd". Nothing but the
          solution is kept.
        * "moments": as "auto", and the moments are kept, so that `partial_fit` and `merge` can go
          on from there.
        * "svd": from a QR of the rows, tile by tile, and the SVD of its small factor: some 2 to 4
          times slower, with twice the digits.
    relative : bool, default=False
        Whether alpha counts for weights that are one in the mean, whatever they sum to: then it is
        multiplied by the mean weight of a sample. Whole weights count rows, and change nothing.

    Attributes
    ----------
    coef_ : ndarray of shape (p,) or (q, p)
        Coefficients W, float64; two-dimensional if y is.
    intercept_ : float or ndarray of shape (q,)
        Constant term b.
    alpha_ : float or ndarray of shape (q,)
        The strength in use; an array if chosen per target.
    alpha_scores_ : ndarray of shape (A,) or (q, A)
        Minus the mean squared error of each candidate; only if alpha is an array.
    best_score_ : float or ndarray of shape (q,)
        Greatest of `alpha_scores_`; only if alpha is an array.
    moments_ : Moments
        Only after `partial_fit`, `merge`, `fit_moments` or with ``solver="moments"``.
    n_features_in_ : int
        Number of features p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had string names.

    Notes
    -----
    Features may be float32 or float64; sums are float64, and no float64 copy of float32 features
    is made. After `partial_fit` and `merge` the solve waits until the coefficients are
    first asked for, with the parameters set at that call. Then a ``RoundingWarning`` (of
    ``dlkit.exceptions``) says so where alpha is lost in the rounding of the moments.

    References
    ----------
    .. [1] Hoerl & Kennard (1970). Ridge regression: biased estimation for nonorthogonal
       problems. Technometrics 12(1), 55-67, eq. 2.1.
    .. [2] Golub, Heath & Wahba (1979). Generalized cross-validation as a method for choosing a
       good ridge parameter. Technometrics 21(2), 215-223, eq. 1.4.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.readout import RidgeReadout
    >>> X = np.random.RandomState(0).randn(200, 3)
    >>> y = X @ [1.0, -2.0, 0.5] + 3.0
    >>> readout = RidgeReadout(alpha=[1e-6, 1.0, 100.0]).fit(X, y)
    >>> readout.alpha_, readout.coef_.round(3).tolist(), round(float(readout.intercept_), 3)
    (1e-06, [1.0, -2.0, 0.5], 3.0)
    >>> blocks = RidgeReadout().partial_fit(X[:80], y[:80]).partial_fit(X[80:], y[80:])
    >>> np.allclose(blocks.coef_, RidgeReadout().fit(X, y).coef_)
    True
    """

    _parameter_constraints = {
        **BaseRidgeReadout._parameter_constraints,
        "alpha_per_target": ["boolean"],
    }

    def __init__(
        self,
        alpha=1.0,
        *,
        selection="loo",
        alpha_per_target=False,
        fit_intercept=True,
        solver="auto",
        relative=False,
    ):
        self.alpha = alpha
        self.selection = selection
        self.alpha_per_target = alpha_per_target
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.relative = relative

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Fit on these rows alone.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights; a weight of two equals the row twice.

        Returns
        -------
        self : RidgeReadout
        """
        self._validate_params()
        choice = self._make_choice()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        self._fit_rows(X, y, weight, choice, y.ndim)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y, sample_weight=None):
        """Add a block of rows to those seen by earlier calls.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        self : RidgeReadout
            As `fit` on all rows so far would leave it, to rounding.

        Raises
        ------
        ValueError
            With several alphas and ``selection="loo"``, which needs all rows at once.

        Warns
        -----
        ForgottenRowsWarning
            After a `fit` without ``solver="moments"``, which kept nothing to add to: this block
            is then the first.
        """
        self._validate_params()
        choice = self._make_choice(streaming=True)
        X, y, weight = self._check_rows(X, y, sample_weight, reset=self._starts_anew())
        self._add_rows(X, y, weight, choice)
        return self

    @unchanged_on_failure
    def fit_moments(self, moments):
        """Solve from moments instead of rows.

        Parameters
        ----------
        moments : Moments
            Of features and targets; copied.

        Returns
        -------
        self : RidgeReadout
        """
        self._validate_params()
        self._use_moments(moments, self._make_choice(streaming=True))
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

    def _check_rows(self, X, y, sample_weight, reset):
        if y is None:
            validate_data(self, X, y, reset=reset)  # refuses, in scikit-learn's words
        X, y = check_rows(self, X, reset), check_numbers(y)
        check_consistent_length(X, y)
        return X, y, check_weights(sample_weight, len(X))

    def _targets(self, y, weight):
        return check_numbers(y), weight
