"""Multinomial logistic regression on the decomposition of the ridge readout."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._announce import announce, warn
from .._params import Interval, Real, StrOptions, count, non_negative, unchanged_on_failure
from .._threads import blas_for
from .._validation import check_weights
from ..exceptions import ForgottenRowsWarning
from ._base import affine, check_rows
from ._blocks import folds_of, matrix_of
from ._classifier import IndicatorClassifier
from ._labels import check_labels, check_streaming
from ._moments import Moments, mirror
from ._select import Choice, solve_moments
from ._softmax import (
    Fit,
    Likelihood,
    Prior,
    beginning,
    check_weighty,
    minimise,
    products_of,
    softmax,
    targets_of,
    working,
)
from ._solve import Rows, dual_spectrum

__all__ = ["LogisticReadoutClassifier"]

LEAST_SQUARES = 1e-280  # a sum of squares whose digits are all there

GRID = np.logspace(0, -7, 8)  # of penalties, in squares of a feature
PATIENCE = 2  # weaker penalties that may be worse than the best, one after another


class LogisticReadoutClassifier(IndicatorClassifier, BaseEstimator):
    r"""Linear classifier by the likelihood of the labels: multinomial logistic regression.

    It minimises ``−Σ wᵢ log P(yᵢ | xᵢ) + alpha / 2 ‖W‖²``, where P is the softmax of ``W x + b``,
    or of two classes the logistic function of ``w·x + b``. Its probabilities are calibrated where
    the penalty is chosen well, and where classes are many and overlap it is often right where a
    ridge readout on the same features is not.

    Parameters
    ----------
    alpha : float, array-like of shape (A,) or "auto", default=1.0
        Strength of the penalty, above zero; 1 / C of scikit-learn's ``LogisticRegression``. Of
        several, the one of the greatest likelihood on rows left out. "auto": eight strengths by
        the size of the features.
    cv : int, cross-validation splitter or iterable of (train, test), default=3
        How rows are left out where there are several alphas. Each row is left out once at most.
    max_iter : int, default=500
        Most iterations; each reads X once.
    tol : float, default=1e-6
        Stop once the mean loss is about as close as this to the least.
    class_weight : dict, "balanced" or None, default=None
        Weights of classes, times `sample_weight`; "balanced" gives each class the same total.
    fit_intercept : bool, default=True
        Whether to fit b, which is not penalised; without it data are taken to be centred.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The labels, sorted; the numbers of the columns where y has a column for each label.
    coef_ : ndarray of shape (p,) for two classes or (K, p)
        Coefficients, float64.
    intercept_ : float or ndarray of shape (K,)
        Constant term.
    alpha_ : float
        The strength in use.
    alphas_, alpha_scores_ : ndarray of shape (A,)
        Strengths that were compared, and the mean log-likelihood of rows left out under each; minus
        infinity where stronger ones were better by then. Only where alpha is no number.
    best_score_ : float
        Greatest of `alpha_scores_`; only where alpha is no number.
    n_iter_ : int
        Iterations done in the last fit.
    moments_ : Moments
        Only after `partial_fit`: sums that stand for the rows seen.
    n_features_in_, feature_names_in_
        Of X, as of any scikit-learn estimator.

    Warns
    -----
    ConvergenceWarning
        If `max_iter` iterations were not enough for `tol`.

    See Also
    --------
    RidgeReadoutClassifier : Solved at once, with leave-one-out.
    HingeReadoutClassifier : Rows that are right by far do not count.

    Notes
    -----
    The second derivatives of the loss are close to those of a ridge regression, times the variance
    of each class's indicator [1]_. So the factor of the ridge readout's matrix is computed once,
    for all classes and steps, and makes coordinates in which L-BFGS [2]_ converges in few steps,
    whatever the scales and the correlations of the features. With at least as many features as
    rows, the rows are first turned into as many features as there are rows. Products are in the
    dtype of X, sums over rows in float64. Memory is that of X, of a p × p matrix and of some 25
    arrays like `coef_`.

    *Streams.* In :class:`StreamedReadout` features that fit into 256 MB are kept; otherwise each
    iteration computes the features anew, so a larger `tol` is worth its while. The other estimators
    hold the features of `fit` in memory.

    `partial_fit` sees each row once. It fits a block beside what stands for the earlier ones, and
    then replaces the block by a parabola that touches its loss there (Laplace's approximation):
    weighted sums, those of a ridge regression on working responses, which `merge` adds. So the
    result depends somewhat on how rows are cut into blocks; blocks of several times as many rows as
    there are features come close to `fit`. It needs a single alpha.

    References
    ----------
    .. [1] Böhning (1992). Multinomial logistic regression algorithm. Annals of the Institute of
       Statistical Mathematics 44, 197-200, eq. 2.5.
    .. [2] Liu & Nocedal (1989). On the limited memory BFGS method for large scale optimization.
       Mathematical Programming 45.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit.readout import LogisticReadoutClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> readout = LogisticReadoutClassifier(alpha=[0.01, 0.1, 1.0]).fit(X, y)
    >>> readout.alpha_, round(readout.score(X, y), 2)
    (0.01, 0.98)
    >>> readout.predict_proba(X[:1]).round(3).tolist()
    [[1.0, 0.0, 0.0]]
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="neither"), "array-like", StrOptions({"auto"})],
        "cv": ["cv_object"],
        "max_iter": [count()],
        "tol": [non_negative()],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "fit_intercept": ["boolean"],
    }

    # rows of earlier calls are replaced by sums, which do not end where fit on all rows would
    streaming = None

    def __init__(
        self,
        alpha=1.0,
        *,
        cv=3,
        max_iter=500,
        tol=1e-6,
        class_weight=None,
        fit_intercept=True,
    ):
        self.alpha = alpha
        self.cv = cv
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
        self : LogisticReadoutClassifier
        """
        self._validate_params()
        self._alphas()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        Y, weight = self._indicators(y, weight)
        self._solve(lambda: [(slice(0, len(X)), X)], X.shape, X.dtype, y, Y, weight, X=X)
        return self

    def _fit_blocks(self, blocks, n_features, y, weight, folds):
        """Like `fit`, on features that come in blocks; with folds, alpha is chosen by them."""
        self._alphas()
        y = check_labels(y, multilabel=True)
        Y, weight = self._indicators(y, check_weights(weight, len(y)))
        shape, X = (len(y), n_features), None
        if len(y) <= n_features or 4 * len(y) * n_features <= _budgets.STATES_BYTES:
            X = matrix_of(blocks, len(y))
            blocks = partial(iter, [(slice(0, len(y)), X)])
        dtype = X.dtype if X is not None else next(iter(blocks()))[1].dtype
        self.n_features_in_ = n_features
        self._solve(blocks, shape, dtype, y, Y, weight, folds, X)

    @unchanged_on_failure
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Add a block of rows to those seen by earlier calls.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; a block need not hold every class.
        classes : array-like of shape (K,), default=None
            All labels there will be. Required on the first call, unless y has a column for each.

        Returns
        -------
        self : LogisticReadoutClassifier
            Close to what `fit` on all rows so far would leave, see Notes.

        Raises
        ------
        ValueError
            With several alphas; with ``class_weight="balanced"``, which needs all labels at once;
            or if a label is not among the classes.

        Warns
        -----
        ForgottenRowsWarning
            After a `fit`, which keeps nothing to add to: this block is then the first.
        """
        self._validate_params()
        alpha = self._single_alpha("partial_fit")
        check_streaming(self.class_weight)
        first = "moments_" not in vars(self)
        if first and "_found" in vars(self):
            announce(
                "partial_fit starts anew: the rows given to fit are forgotten, since fit keeps no "
                "sums that stand for its rows.",
                ForgottenRowsWarning,
            )
        X, y, weight = self._check_rows(X, y, sample_weight, reset=first)
        Y, weight = self._indicators_of_block(y, weight, classes, first)
        check_weighty(weight, before=0 if first else self.moments_.weight_sum)
        if weight is None or weight.any():
            self._learn(X, Y, weight, alpha, None if first else self.moments_)
        return self

    @unchanged_on_failure
    def merge(self, other):
        """Add the rows that another readout was given by `partial_fit`.

        Parameters
        ----------
        other : LogisticReadoutClassifier
            Fitted by `partial_fit` on the same features and classes; left as it is.

        Returns
        -------
        self : LogisticReadoutClassifier
            With what stands for the rows of both.

        Raises
        ------
        ValueError
            If either was not fitted by `partial_fit`, or features or classes differ.
        """
        self._validate_params()
        if type(other) is not type(self):
            raise TypeError(f"other must be a {type(self).__name__}, got {type(other).__name__}.")
        check_is_fitted(self)
        check_is_fitted(other)
        alpha = self._single_alpha("merge")
        if "moments_" not in vars(self) or "moments_" not in vars(other):
            raise ValueError("merge adds sums, which fit does not keep: use partial_fit on both.")
        names = getattr(self, "feature_names_in_", None), getattr(other, "feature_names_in_", None)
        if all(n is not None for n in names) and list(names[0]) != list(names[1]):
            raise ValueError("other was fitted on features of other names or in another order.")
        if self._multilabel != other._multilabel or not np.array_equal(
            self.classes_, other.classes_
        ):
            raise ValueError(
                f"other was fitted on the classes {other.classes_}, this on {self.classes_}."
            )
        moments = self.moments_.copy().merge(other.moments_)
        choice = Choice.of(alpha, "gcv", False, self.fit_intercept)
        solution = solve_moments(moments, choice)
        self.moments_ = moments
        self._keep(Fit(solution.coef, solution.intercept, self.n_iter_), alpha)
        return self

    def predict_proba(self, X):
        """Estimate class probabilities.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        P : ndarray of shape (n, K)
            Rows sum to one, and the largest is the class of `predict`. Of several labels each has
            a probability of its own.
        """
        d = self._affine(X)
        with np.errstate(under="ignore"):
            if d.ndim == 1:
                d = np.column_stack([np.zeros_like(d), d])
            elif self._multilabel:
                d = np.clip(d, -80, 80)  # above zero, and below one as far as the dtype can tell
                return np.clip(1 / (1 + np.exp(-d)), None, 1 - np.finfo(d.dtype).eps)
            return softmax(d)

    @property
    def coef_(self):
        """Coefficients, shape (p,) for two classes, else (K, p)."""
        check_is_fitted(self)
        coef = self._found.coef
        return coef.T if self._is_wide() else coef[:, 0]

    @property
    def intercept_(self):
        """Constant term, a number for two classes, else of shape (K,)."""
        check_is_fitted(self)
        intercept = self._found.intercept
        return intercept if self._is_wide() else float(intercept[0])

    def __sklearn_is_fitted__(self):
        return "_found" in vars(self)

    def without_moments(self):
        """Return a fitted copy with no more than predictions need: small, to be sent away."""
        readout = object.__new__(type(self))
        vars(readout).update(vars(self))
        vars(readout).pop("moments_", None)
        return readout

    def _is_wide(self):
        return self._multilabel or len(self.classes_) > 2

    def _affine(self, X):
        check_is_fitted(self)
        X = check_rows(self, X, reset=False)
        d = affine(X, self._found.coef, self._found.intercept)
        return d if self._is_wide() else d[:, 0]

    def _alphas(self):
        """Candidates in falling order; None for those of "auto"."""
        if isinstance(self.alpha, str):
            return None
        alphas = Choice.of(self.alpha, "gcv", False, True).alphas
        if not (alphas > 0).all():
            raise ValueError(
                f"alpha must be above zero, got {self.alpha!r}: without a penalty the likelihood "
                "of classes that can be told apart has no maximum."
            )
        return np.sort(alphas)[::-1]

    def _make_choice(self, streaming=False):
        self._single_alpha("partial_fit") if streaming else self._alphas()

    def _single_alpha(self, method):
        if np.ndim(self.alpha) or isinstance(self.alpha, str):
            raise ValueError(
                f"{method} takes a single alpha, got {self.alpha!r}: several are compared on rows "
                "left out, which fit has."
            )
        return float(self._alphas()[0])

    def _solve(self, blocks, shape, dtype, y, Y, weight, folds=None, X=None):
        """Fit, with the best of the alphas, and keep the result."""
        check_weighty(weight)
        targets = targets_of(Y, self._multilabel)
        with blas_for(10 * min(shape) ** 3), np.errstate(all="ignore"):
            rows = None
            if X is not None and len(X) <= X.shape[1]:
                rows = Rows(X, np.zeros((len(X), 1)), None, self.fit_intercept)
                spectrum = dual_spectrum(rows, exact=False)
                held = spectrum.values > spectrum.floor
                roots = np.sqrt(spectrum.values[held])
                Z, basis = spectrum.basis[:, held] * roots, spectrum.basis[:, held] / roots
                if not Z.shape[1]:
                    Z, basis = np.zeros((len(X), 1)), np.zeros((len(X), 1))
                blocks, dtype = partial(iter, [(slice(0, len(Z)), Z)]), np.float64
            moments, shift, dtype, bulk = products_of(blocks, weight, dtype, self.fit_intercept)
            size = float(np.trace(moments[0]))
            varied = X if X is None or weight is None else X[weight > 0]
            if size < LEAST_SQUARES and (size or (X is not None and np.ptp(varied, axis=0).any())):
                raise ValueError(
                    "Products of X underflow float64: X must be scaled to larger numbers."
                )
            likelihood = Likelihood(blocks, targets, weight, dtype, shift, bulk)
            found = self._search(likelihood, moments, y, folds)
            fit, alpha = self._shifted(found[0], shift), found[1]
            if rows is not None:
                coef = rows.transpose_times(basis @ fit.coef)
                fit = Fit(coef, fit.intercept - rows.x_mean @ coef, fit.n_iter)
        vars(self).pop("moments_", None)
        self._keep(fit, alpha)
        names = ("alphas_", "alpha_scores_", "best_score_")
        for name, value in zip(names, found[2:] or (None,) * 3, strict=True):
            if value is None:
                vars(self).pop(name, None)
            else:
                setattr(self, name, value)

    def _search(self, likelihood, moments, y, folds):
        """Fit and alpha; of several alphas, also what was compared, the scores and the best."""
        targets, weight = likelihood.targets, likelihood.weight
        spread, start = beginning(targets, weight, len(moments[1]), self._width(targets))
        start.intercept *= bool(self.fit_intercept)
        settings = {"max_iter": int(self.max_iter), "about": bool(self.fit_intercept)}
        alphas = self._alphas()
        if alphas is None:
            size = float(np.trace(moments[0])) / len(moments[0])
            alphas = GRID * (size if size > 0 else 1.0)
        if np.ndim(self.alpha) == 0 and not isinstance(self.alpha, str):
            fit = self._minimised(likelihood, moments, spread, alphas[0], start, settings)
            return fit, float(alphas[0])
        folds = folds_of(self.cv, y, True) if folds is None else folds
        weight = np.ones(len(targets)) if weight is None else weight
        numbers = [k for k in np.unique(folds) if k >= 0]
        halves = [(weight * (folds != k), weight * (folds == k)) for k in numbers]
        halves = [half for half in halves if half[0].any() and half[1].any()]
        if not halves:
            raise ValueError(f"cv={self.cv!r} leaves no rows of weight to choose alpha by.")
        scores = np.full(len(alphas), -np.inf)
        total = sum(left.sum() for _, left in halves)
        for a, alpha in enumerate(alphas):
            loss = 0.0
            for train, left in halves:
                part = likelihood.weighing(train)
                share = moments[0], moments[1], float(train.sum())
                # each from the start, as the last fit: where classes can be told apart, how far a
                # fit goes matters
                fit = minimise(part, share, spread, alpha, start, tol=float(self.tol), **settings)
                one = likelihood.weighing(left)(fit.coef, fit.intercept, gradient=False)
                loss += one[0]
            scores[a] = -loss / total
            if a - scores.argmax() >= PATIENCE:
                break
        best = int(scores.argmax())
        fit = self._minimised(likelihood, moments, spread, alphas[best], start, settings)
        return fit, float(alphas[best]), alphas, scores, float(scores[best])

    def _minimised(self, likelihood, moments, spread, alpha, start, settings, prior=None):
        tol = float(self.tol)
        fit = minimise(likelihood, moments, spread, alpha, start, tol=tol, prior=prior, **settings)
        if not fit.converged:
            warn(
                f"max_iter={self.max_iter} iterations did not reach tol={self.tol!r}.",
                ConvergenceWarning,
            )
        return fit

    @staticmethod
    def _shifted(fit, shift):
        """The same for rows from which nothing was taken."""
        if shift is None:
            return fit
        return Fit(fit.coef, fit.intercept - shift @ fit.coef, fit.n_iter)

    def _learn(self, X, Y, weight, alpha, before):
        """Fit to a block and the sums before it, and add what stands for the block."""
        targets = targets_of(Y, self._multilabel)
        blocks = partial(iter, [(slice(0, len(X)), X)])
        with blas_for(10 * X.shape[1] ** 3), np.errstate(all="ignore"):
            moments, shift, dtype, bulk = products_of(blocks, weight, X.dtype, self.fit_intercept)
            if before is None:
                prior, start = None, None
            else:
                XX, XY, _ = before.products(self.fit_intercept)
                x_mean, y_mean = before.x_mean, before.y_mean
                if not self.fit_intercept:
                    x_mean, y_mean = np.zeros_like(x_mean), np.zeros_like(y_mean)
                elif shift is not None:
                    x_mean = x_mean - shift
                prior = Prior(mirror(XX), XY, x_mean, y_mean, before.weight_sum)
                intercept = self._found.intercept
                if shift is not None:
                    intercept = intercept + shift @ self._found.coef
                start = Fit(self._found.coef, intercept)
            spread, first = beginning(targets, weight, X.shape[1], self._width(targets))
            first.intercept *= bool(self.fit_intercept)
            settings = {"max_iter": int(self.max_iter), "about": bool(self.fit_intercept)}
            likelihood = Likelihood(blocks, targets, weight, dtype, shift, bulk)
            fit = self._minimised(
                likelihood, moments, spread, alpha, first if start is None else start, settings,
                prior,
            )  # fmt: skip
            fit = self._shifted(fit, shift)
            S = affine(X, fit.coef, fit.intercept).astype(np.float64)
            certain, responses = working(S, targets)
            certain = certain if weight is None else certain * weight
            responses = responses if Y.ndim == 2 else responses[:, 0]
            sums = Moments() if before is None else before
            self.moments_ = sums.plus(X, responses, certain)
        self._keep(fit, alpha)

    def _width(self, targets):
        return len(self.classes_) if targets.ndim == 1 else targets.shape[1]

    def _keep(self, fit, alpha):
        self._found, self.alpha_, self.n_iter_ = fit, alpha, fit.n_iter
