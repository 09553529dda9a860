"""The ridge readout as a classifier."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from .._params import StrOptions, unchanged
from ._moments import check_weights
from ._ridge import FLOATS, BaseRidgeReadout

__all__ = ["IndicatorClassifier", "RidgeReadoutClassifier", "class_indicators"]


def class_indicators(y, classes):
    """Targets of a least-squares classifier: +1 for a row's own class and −1 for the others.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels, each one of `classes`.
    classes : array-like of shape (K,)
        At least two distinct labels, sorted.

    Returns
    -------
    Y : ndarray of shape (n, K) or, for two classes, (n,), of int8
        With two classes +1 stands for the second.

    Raises
    ------
    ValueError
        If `classes` are not sorted or a label is not among them.

    Examples
    --------
    >>> from dlkit.readout import class_indicators
    >>> class_indicators(["b", "a"], ["a", "b"]).tolist()
    [1, -1]
    >>> class_indicators([2, 0], [0, 1, 2]).tolist()
    [[-1, -1, 1], [1, -1, -1]]
    """
    y, classes = np.asarray(y), _check_classes(classes)
    place = np.minimum(np.searchsorted(classes, y), len(classes) - 1)
    unknown = classes[place] != y
    if unknown.any():
        raise ValueError(
            f"y holds labels that are not among the classes {classes}: {np.unique(y[unknown])}."
        )
    if len(classes) == 2:
        return (2 * place - 1).astype(np.int8)
    Y = np.full((len(y), len(classes)), -1, dtype=np.int8)
    Y[np.arange(len(y)), place] = 1
    return Y


class IndicatorClassifier(ClassifierMixin):
    """What the classifiers share that fit the targets of :func:`class_indicators`."""

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
        y : ndarray of shape (n,)
            The class of the largest fit.
        """
        d = self._affine(X)
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
            Rows sum to one, nothing is negative, and the largest is the class of `predict`.
        """
        d = self._affine(X)
        if d.ndim == 1:
            d = np.column_stack([-d, d])
        return _project_to_simplex((d + 1) / 2, d.argmax(axis=1))

    def _check_rows(self, X, y, sample_weight, reset, finite=True):
        checks = {"dtype": FLOATS, "ensure_all_finite": finite}
        X, y = validate_data(self, X, y, reset=reset, **checks)
        check_classification_targets(y)
        return X, column_or_1d(y, warn=True), check_weights(sample_weight, len(X))

    def _check_streaming(self, classes, first):
        """Refuse what `partial_fit` cannot do; ``first`` where no classes are known yet."""
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, which does not see all "
                "labels at once: compute the weights with "
                "sklearn.utils.compute_class_weight('balanced', classes=classes, y=y) and pass "
                "them as a dict."
            )
        if classes is None and first:
            raise ValueError("classes must be passed on the first call to partial_fit.")

    def _take_classes(self, classes, first):
        """Keep the ``classes`` of a first call, or hold those of a later one against them."""
        if classes is None:
            return
        if first:
            self.classes_ = _check_classes(np.unique(classes))
        elif not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(f"classes={classes!r} differs from the first call's {self.classes_}.")

    def _weigh_classes(self, y, weight):
        """Class times sample weights; "balanced" counts by weight, as if rows were repeated."""
        if self.class_weight is None:
            return weight
        per_class = compute_class_weight(
            self.class_weight, classes=self.classes_, y=y, sample_weight=weight
        )
        per_row = per_class[np.searchsorted(self.classes_, y)]
        return per_row if weight is None else per_row * weight


class RidgeReadoutClassifier(IndicatorClassifier, BaseRidgeReadout):
    """Classifier by ridge regression on targets of ±1, one column per class (one for two).

    Parameters
    ----------
    alpha, selection, fit_intercept, solver
        As of :class:`RidgeReadout`; errors are squared errors of the ±1 targets.
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
    alpha_ : float
        The strength in use.
    alpha_scores_, best_score_, moments_, n_features_in_, feature_names_in_
        As of :class:`RidgeReadout`.

    Notes
    -----
    The least-squares fit d of a ±1 target estimates 2 P(class | x) − 1, so (d + 1) / 2 estimates
    the posterior probabilities, up to values outside [0, 1]. `predict_proba` returns the nearest
    point of the probability simplex [1]_. A probability of exactly zero is therefore common;
    where that hurts (log loss), calibrate.

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
    }

    def __init__(
        self,
        alpha=1.0,
        *,
        selection="loo",
        class_weight=None,
        fit_intercept=True,
        solver="auto",
    ):
        self.alpha = alpha
        self.selection = selection
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.solver = solver

    def fit(self, X, y, sample_weight=None):
        """Fit on these rows alone.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,)
            Labels of at least two classes.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights; a weight of two equals the row twice.

        Returns
        -------
        self : RidgeReadoutClassifier
        """
        self._validate_params()
        choice = self._make_choice()
        with unchanged(self):
            X, y, weight = self._check_rows(X, y, sample_weight, reset=True)
            Y, weight = self._targets(y, weight)
            self._fit_rows(X, Y, weight, choice, Y.ndim)
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Add a block of rows to those seen by earlier calls.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; a block need not hold every class.
        classes : array-like of shape (K,), default=None
            All labels there will be. Required on the first call.

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
        UserWarning
            After a `fit` without ``solver="moments"``, which kept nothing to add to: this block
            is then the first.
        """
        self._validate_params()
        choice = self._make_choice(streaming=True)
        self._check_streaming(classes, self._choice is None)
        first = self._starts_anew()
        with unchanged(self):
            X, y, weight = self._check_rows(X, y, sample_weight, reset=first)
            self._take_classes(classes, first)
            Y = class_indicators(y, self.classes_)
            self._add_rows(X, Y, self._weigh_classes(y, weight), choice)
        return self

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
        classes = _check_classes(classes)
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
        self.classes_ = classes
        return self

    def _targets(self, y, weight):
        self.classes_ = np.unique(y)
        return class_indicators(y, self.classes_), self._weigh_classes(y, weight)

    def _check_mergeable(self, other):
        super()._check_mergeable(other)
        if not np.array_equal(self.classes_, other.classes_):
            raise ValueError(
                f"other was fitted on the classes {other.classes_}, this on {self.classes_}."
            )


def _check_classes(classes):
    classes = np.asarray(classes)
    if classes.ndim != 1 or len(classes) < 2:
        raise ValueError(
            f"A classifier needs at least two classes, got {classes.size} class: {classes}."
        )
    if (classes[:-1] >= classes[1:]).any():
        raise ValueError(f"classes must be sorted and distinct, got {classes}.")
    return classes


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
