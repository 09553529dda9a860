"""A readout of numbers that does not run off: scaled features, and bounds from what was seen."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    MultiOutputMixin,
    RegressorMixin,
    clone,
)
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from .._params import HasMethods, non_negative, unchanged_on_failure
from .._validation import check_weights, refuse_overflow, validate_data
from ._base import check_numbers, check_rows
from ._ridge import RidgeReadout

__all__ = ["BoundedReadout"]


class BoundedReadout(MultiOutputMixin, RegressorMixin, MetaEstimatorMixin, BaseEstimator):
    """A regressor that neither hears nor says what lies far beyond the training data.

    A linear readout of thousands of random features may answer 10¹¹ where all targets were below
    one: a feature that hardly varied in training has a large coefficient once it is scaled, and
    varies in the test data. Here each feature is kept within its range in training, stretched by
    ``margin`` times that range at both ends, and is then brought to mean zero and variance one.
    Predictions are kept within the range of the targets, stretched alike.

    Parameters
    ----------
    readout : regressor, default=None
        What learns from the scaled features; if None,
        ``RidgeReadout(np.logspace(-3, 3, 10), selection="gcv", relative=True)``.
    margin : float, default=0.5
        How far beyond the least and the greatest value seen in training features and predictions
        may lie, as a multiple of the difference of these two.

    Attributes
    ----------
    readout_ : regressor
        The fitted readout.
    mean_, scale_ : ndarray of shape (p,)
        Means and standard deviations of the features; of a constant, one takes the place of zero.
    feature_bounds_ : ndarray of shape (2, p)
        Least and greatest value that a feature may have.
    target_bounds_ : ndarray of shape (2,) or (2, q)
        Least and greatest prediction.
    n_features_in_ : int
        Number of features p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had string names.

    See Also
    --------
    RidgeReadout : Extrapolates without bounds, as trends and closed loops need.
    dlkit.Rocket, dlkit.MiniRocket, dlkit.MultiRocket, dlkit.Hydra : Features to put before it.

    Notes
    -----
    Within the range of the training data, predictions are those of the readout on standardised
    features. A trend that goes on beyond that range is cut off: forecasters have other means.

    References
    ----------
    .. [1] Tukey (1962), The future of data analysis, Annals of Mathematical Statistics 33(1),
       page 18: winsorized values.

    Examples
    --------
    The third feature is all but constant in training:

    >>> import numpy as np
    >>> from dlkit import BoundedReadout, RidgeReadout
    >>> X = np.random.RandomState(0).randn(50, 3) * [1, 1, 1e-9]
    >>> y = X @ [1.0, 0.5, 1e8]
    >>> model = BoundedReadout(RidgeReadout(1e-6)).fit(X, y)
    >>> bool(abs(model.predict(X) - y).max() < 1e-6)
    True
    >>> bool(abs(model.predict([[0.0, 0.0, 1.0]])[0]) < 2 * abs(y).max())
    True
    """

    _parameter_constraints = {
        "readout": [HasMethods(["fit", "predict"]), None],
        "margin": [non_negative()],
    }

    def __init__(
        self,
        readout=None,
        *,
        margin=0.5,
    ):
        self.readout = readout
        self.margin = margin

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None):
        """Take ranges, means and deviations, and fit the readout.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.
        y : array-like of shape (n,) or (n, q)
            Targets.
        sample_weight : float or array-like of shape (n,), default=None
            Weights, of means and deviations too; a weight of two equals the row twice.

        Returns
        -------
        self : BoundedReadout
        """
        self._validate_params()
        if y is None:
            validate_data(self, X, y, reset=True)  # refuses, in scikit-learn's words
        X, y = check_rows(self, X, reset=True), check_numbers(y)
        check_consistent_length(X, y)
        weight = check_weights(sample_weight, len(X))
        if weight is not None:
            if not weight.sum() > 0:
                raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
            X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        least, most = X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)
        with np.errstate(over="ignore"):
            mean = np.average(X, axis=0, weights=weight)
            mean = np.clip(mean.astype(np.float64), least, most)
            deviation = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))
            bounds = _stretched(least, most, self.margin)
        refuse_overflow(deviation, "X")
        self.mean_, self.feature_bounds_ = mean, bounds
        self.scale_ = np.where((least == most) | (deviation == 0), 1.0, deviation)
        with np.errstate(over="ignore"):
            self.target_bounds_ = _stretched(y.min(axis=0), y.max(axis=0), self.margin)
        readout = self.readout
        if readout is None:
            readout = RidgeReadout(np.logspace(-3, 3, 10), selection="gcv", relative=True)
        more = {}
        if weight is not None:
            if not has_fit_parameter(readout, "sample_weight"):
                raise ValueError(f"readout={readout!r} takes no sample_weight: leave it out.")
            more["sample_weight"] = weight
        self.readout_ = clone(readout).fit(self._scaled(X), y, **more)
        return self

    def predict(self, X):
        """Predict targets, within the bounds.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Features.

        Returns
        -------
        y : ndarray of shape (n,) or (n, q)
        """
        check_is_fitted(self)
        X = check_rows(self, X, reset=False)
        found = self.readout_.predict(self._scaled(X))
        least, most = self.target_bounds_.astype(found.dtype)
        return np.clip(found, least, most)

    def _scaled(self, X):
        least, most = self.feature_bounds_.astype(X.dtype)
        scaled = np.clip(X, least, most)
        scaled -= self.mean_.astype(X.dtype)
        scaled /= self.scale_.astype(X.dtype)
        return scaled

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = RidgeReadout() if self.readout is None else self.readout
        if hasattr(inner, "__sklearn_tags__"):  # anything else is refused by fit
            tags.target_tags.multi_output = get_tags(inner).target_tags.multi_output
        return tags


def _stretched(least, most, margin):
    """The range from ``least`` to ``most`` with a margin at both ends, within finite numbers."""
    least, most = np.asarray(least, dtype=np.float64), np.asarray(most, dtype=np.float64)
    spread = margin * (most - least)
    limit = np.finfo(np.float64).max
    return np.clip(np.stack([least - spread, most + spread]), -limit, limit)
