"""The ridge readout as a classifier."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import check_consistent_length

from .._params import StrOptions, unchanged_on_failure
from .._validation import check_weights, validate_data
from ._base import BaseRidgeReadout, check_rows
from ._blocks import matrix_of
from ._calibration import Calibration, left_out_scores, looked_at
from ._labels import (
    check_classes,
    check_labels,
    check_streaming,
    class_indicators,
    classes_of_stream,
    warn_of_one_hot,
    weigh_classes,
)
from ._moments import Moments

__all__ = ["IndicatorClassifier", "RidgeReadoutClassifier"]


class IndicatorClassifier(ClassifierMixin):
    """What the classifiers share that fit the targets of :func:`class_indicators`."""

    _multilabel = False  # whether a sample may have several labels, each with a column of its own

    def decision_function(self, X):
        """Signed fit of the ±1 targets.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        d : ndarray of shape (n,) for two classes, else (n, K)
            In float32 if X is, else float64.
        """
        return self._affine(X)

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        y : ndarray of shape (n,), or (n, L) of zeros and ones if that is what `fit` was given
            The class of the largest fit; of several labels those with a positive fit.
        """
        return self.labels_of(self._affine(X))

    def labels_of(self, d):
        """Labels that values of `decision_function` stand for: the class of the largest fit.

        Parameters
        ----------
        d : ndarray of shape (n,) for two classes, else (n, K)
            Values of `decision_function`.

        Returns
        -------
        y : ndarray of shape (n,), or (n, L) of zeros and ones
        """
        if self._multilabel:
            return (d > 0).astype(int)
        return self.classes_[(d > 0).astype(int) if d.ndim == 1 else d.argmax(axis=1)]

    def predict_proba(self, X):
        """Estimate class probabilities, see Notes.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        P : ndarray of shape (n, K)
            Rows sum to one, nothing is negative, and the largest is the class of `predict`. Of
            several labels each has a probability of its own, above zero and below one.
        """
        d = self._affine(X)
        if self._multilabel:
            least = np.finfo(d.dtype).eps
            return np.clip((d + 1) / 2, least, 1 - least)
        if d.ndim == 1:
            d = np.column_stack([-d, d])
        return _project_to_simplex((d + 1) / 2, d.argmax(axis=1))

    def _check_rows(self, X, y, sample_weight, reset, finite=True):
        if y is None:
            validate_data(self, X, y, reset=reset)  # refuses, in scikit-learn's words
        X, y = check_rows(self, X, reset, finite), check_labels(y, multilabel=True)
        check_consistent_length(X, y)
        return X, y, check_weights(sample_weight, len(X))

    def _indicators(self, y, weight):
        """Targets and weights of all rows there will be; learns the classes."""
        self._multilabel = y.ndim == 2
        if self._multilabel:
            warn_of_one_hot(y)
        return self._encode(y, weight, np.arange(y.shape[1]) if self._multilabel else np.unique(y))

    def _indicators_of_block(self, y, weight, classes, first):
        """The same of a block, in a call of `partial_fit`; ``first`` where it is the first."""
        # a first block may come after a `fit`, whose classes hold unless others are given
        known = getattr(self, "classes_", None) if classes is None or not first else None
        if y.ndim == 2:
            classes = np.arange(y.shape[1]) if classes is None else classes
        elif self._multilabel and known is not None:
            raise ValueError(
                f"y is one-dimensional, but earlier calls had a column for each of {len(known)} "
                "labels."
            )
        self._multilabel = y.ndim == 2
        return self._encode(y, weight, check_classes(classes_of_stream(classes, known)))

    def _encode(self, y, weight, classes):
        if y.ndim == 1:
            Y = class_indicators(y, classes)
            self.classes_ = classes
            return Y, weigh_classes(self.class_weight, classes, y, weight)
        if self.class_weight is not None:
            raise ValueError(
                f"class_weight={self.class_weight!r} is for classes that exclude each other, but y "
                "has a column for each label: leave it at None and give sample_weight to fit."
            )
        if not np.array_equal(classes, np.arange(y.shape[1])):
            raise ValueError(
                f"y has {y.shape[1]} columns, one for each label: classes must be left out or be "
                f"the numbers of the columns, got {classes}."
            )
        self.classes_ = classes
        return 2 * y - 1, weight

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class RidgeReadoutClassifier(IndicatorClassifier, BaseRidgeReadout):
    """Classifier by ridge regression on targets of ±1, one column per class (one for two).

    Parameters
    ----------
    alpha, selection, fit_intercept, solver, relative
        As of :class:`RidgeReadout`; errors are squared errors of the ±1 targets.
    class_weight : dict, "balanced" or None, default=None
        Weights of classes, times `sample_weight`; "balanced" gives each class the same total.
    calibrate : bool, default=False
        Whether `predict_proba` is calibrated, see Notes. Needs all rows: `partial_fit`, `merge` and
        `fit_moments`, which have moments alone, refuse it.

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
    alpha_scores_, best_score_, moments_, n_features_in_, feature_names_in_
        As of :class:`RidgeReadout`.

    Notes
    -----
    The least-squares fit d of a ±1 target estimates 2 P(class | x) − 1, so (d + 1) / 2 estimates
    the posterior probabilities, up to values outside [0, 1]. `predict_proba` returns the nearest
    point of the probability simplex [1]_. A probability of exactly zero is therefore common, and
    others are as sure as rows of the fit are, which each had a share in it.

    Where that hurts (log loss), set ``calibrate=True``: probabilities are then proportional to
    ``max(s, ε)^a exp(b s)`` with s = (d + 1) / 2, and a, b and ε those of the greatest likelihood
    on up to 4096 rows, each with the score that the fit to all other rows would give it. The map
    rises with s, so that predictions stay the same. It costs about as much as the fit.
    :class:`LogisticReadoutClassifier` learns probabilities at once.

    References
    ----------
    .. [1] Duchi, Shalev-Shwartz, Singer & Chandra (2008). Efficient projections onto the
       l1-ball for learning in high dimensions. ICML, fig. 1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from dlkit.readout import RidgeReadoutClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> readout = RidgeReadoutClassifier(alpha=[0.01, 0.1, 1.0]).fit(X, y)
    >>> round(readout.score(X, y), 2)
    0.85
    """

    _parameter_constraints = {
        **BaseRidgeReadout._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "calibrate": ["boolean"],
    }

    _calibration = None  # learned with ``calibrate=True``

    def __init__(
        self,
        alpha=1.0,
        *,
        selection="loo",
        class_weight=None,
        fit_intercept=True,
        solver="auto",
        relative=False,
        calibrate=False,
    ):
        self.alpha = alpha
        self.selection = selection
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.relative = relative
        self.calibrate = calibrate

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
        self : RidgeReadoutClassifier
        """
        self._validate_params()
        choice = self._make_choice()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
        Y, weight = self._indicators(y, weight)
        self._fit_rows(X, Y, weight, choice, Y.ndim)
        if self.calibrate:
            self._learn_map(X, Y, weight, looked_at(len(X), weight))
        return self

    def _fit_blocks(self, blocks, n_features, y, weight, folds):
        super()._fit_blocks(blocks, n_features, y, weight, folds)
        if not self.calibrate:
            return
        Y, weight = self._targets(y, check_weights(weight, len(y)))
        rows, moments = looked_at(len(Y), weight), None
        if len(Y) <= n_features:
            X = matrix_of(blocks, len(Y))
        else:
            X = np.concatenate([x for _, x in blocks(rows)])
            moments = Moments()
            for span, x in blocks():
                own = None if weight is None else weight[span]
                moments = moments.take_in(x, np.zeros(len(x)), own)
        self._learn_map(X, Y, weight, rows, moments)

    def _learn_map(self, X, Y, weight, rows, moments=None):
        """Learn how scores become probabilities."""
        wide = Y.reshape(len(Y), -1).astype(np.float64)
        about = bool(self.fit_intercept)
        d = left_out_scores(X, wide, weight, self._solved(), about, rows, moments)
        own = None if weight is None else weight[rows]
        shares, codes = (d + 1) / 2, wide[rows].argmax(axis=1)
        if self._multilabel or Y.ndim == 1:
            share = shares.ravel()
            shares, codes = (
                np.column_stack([1 - share, share]),
                (wide[rows] > 0).ravel().astype(int),
            )
            own = None if own is None else np.repeat(own, wide.shape[1])
        self._calibration = Calibration.learned(shares, codes, own)

    def predict_proba(self, X):
        """Estimate class probabilities, see Notes.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        P : ndarray of shape (n, K)
            Rows sum to one, nothing is negative, and the largest is the class of `predict`. Of
            several labels each has a probability of its own, above zero and below one.
        """
        if self._calibration is None:
            return super().predict_proba(X)
        shares = (self._affine(X) + 1) / 2
        with np.errstate(under="ignore"):
            if self._multilabel:
                flat = shares.ravel()
                P = self._calibration(np.column_stack([1 - flat, flat]))[:, 1]
                least = np.finfo(P.dtype).eps
                return np.clip(P, least, 1 - least).reshape(shares.shape)
            if shares.ndim == 1:
                shares = np.column_stack([1 - shares, shares])
            return self._calibration(shares)

    @property
    def streaming(self):
        """How blocks of rows can end where `fit` on all rows does; None if they cannot."""
        calibrated = isinstance(self.calibrate, (bool, np.bool_)) and self.calibrate
        return None if calibrated else super().streaming

    def _make_choice(self, streaming=False):
        if streaming and self.calibrate:
            raise ValueError(
                "calibrate=True needs all rows at once, as fit has them; partial_fit, merge and "
                "fit_moments have moments alone: set calibrate=False."
            )
        return super()._make_choice(streaming)

    def _set(self, solution, moments, choice, y_ndim=None):
        self._calibration = None
        super()._set(solution, moments, choice, y_ndim)

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
        self : RidgeReadoutClassifier
            As `fit` on all rows so far would leave it, to rounding.

        Raises
        ------
        ValueError
            With several alphas and ``selection="loo"``; with ``class_weight="balanced"``, which
            needs all labels at once; or if a label is not among the classes.

        Warns
        -----
        ForgottenRowsWarning
            After a `fit` without ``solver="moments"``, which kept nothing to add to: this block
            is then the first.
        """
        self._validate_params()
        choice = self._make_choice(streaming=True)
        check_streaming(self.class_weight)
        first = self._starts_anew()
        X, y, weight = self._check_rows(X, y, sample_weight, reset=first)
        Y, weight = self._indicators_of_block(y, weight, classes, first)
        self._add_rows(X, Y, weight, choice)
        return self

    @unchanged_on_failure
    def fit_moments(self, moments, classes):
        """Solve from moments instead of rows.

        Parameters
        ----------
        moments : Moments
            Of features and of the targets of :func:`class_indicators`, class weights included;
            copied.
        classes : array-like of shape (K,)
            The labels, sorted.

        Returns
        -------
        self : RidgeReadoutClassifier

        Raises
        ------
        ValueError
            If `class_weight` is set, which moments can no longer follow, or if the numbers of
            classes and of targets do not agree.
        """
        self._validate_params()
        choice = self._make_choice(streaming=True)
        classes = check_classes(classes)
        if self.class_weight is not None:
            raise ValueError(
                "fit_moments cannot weigh classes afterwards: put the weights into the moments "
                f"and set class_weight=None, got {self.class_weight!r}."
            )
        wanted = (1, 1) if len(classes) == 2 else (len(classes), 2)
        if (
            got := (getattr(moments, "n_targets", None), getattr(moments, "y_ndim", None))
        ) != wanted:
            raise ValueError(
                f"For {len(classes)} classes the moments must be of {wanted[0]} "
                f"{wanted[1]}-dimensional targets, as class_indicators makes them, got {got}."
            )
        self._use_moments(moments, choice)
        self.classes_, self._multilabel = classes, False
        return self

    def _targets(self, y, weight):
        return self._indicators(check_labels(y, multilabel=True), weight)

    def _check_mergeable(self, other):
        super()._check_mergeable(other)
        same = self._multilabel == other._multilabel
        if not same or not np.array_equal(self.classes_, other.classes_):
            raise ValueError(
                f"other was fitted on the classes {other.classes_}, this on {self.classes_}."
            )


def _project_to_simplex(P, top):
    """Nearest points of the probability simplex; ``top`` are the columns to stay largest."""
    descending = -np.sort(-P, axis=1)
    counts = np.arange(1, P.shape[1] + 1, dtype=P.dtype)
    excess = (np.cumsum(descending, axis=1) - 1) / counts
    last = (descending > excess).sum(axis=1, keepdims=True) - 1
    P = np.maximum(P - np.take_along_axis(excess, last, axis=1), 0)
    # what rounding made a tie, rounding may undo
    tied = np.flatnonzero(P.argmax(axis=1) != top)
    P[tied, top[tied]] = np.nextafter(P[tied].max(axis=1), P.dtype.type(2))
    return P
