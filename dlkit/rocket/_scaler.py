"""The scaler that Hydra's features are given."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import non_negative, unchanged_on_failure
from .._validation import refuse_overflow, validate_data

FLOATS = [np.float64, np.float32]


class SparseScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Standardise the square roots of counts, and leave zeros at zero.

    A column becomes (√x − μ) / (σ + ε) where x > 0 and 0 elsewhere, with mean μ and standard
    deviation σ of √x over the training data (zeros included), and ε the share of its zeros to the
    power ``exponent``: columns that are seldom other than zero are not blown up. Negative numbers
    count as zeros.

    Parameters
    ----------
    exponent : float, default=4
        Power to which the share of zeros is taken.
    mask : bool, default=True
        Whether zeros stay zeros; else they become −μ / (σ + ε).

    Attributes
    ----------
    mean_ : ndarray of shape (n_features,)
        μ.
    scale_ : ndarray of shape (n_features,)
        σ + ε + 1e-8.
    n_features_in_ : int
        Number of columns seen in ``fit``.

    See Also
    --------
    Hydra : Whose features it is meant for.

    References
    ----------
    .. [1] Dempster, Schmidt & Webb (2023), Hydra: competing convolutional kernels for fast and
       accurate time series classification, Data Mining and Knowledge Discovery 37, section 3.

    Examples
    --------
    >>> from dlkit import SparseScaler
    >>> SparseScaler().fit_transform([[0.0, 4.0], [0.0, 1.0], [9.0, 1.0]]).round(2)
    array([[ 0.  ,  1.15],
           [ 0.  , -0.58],
           [ 1.04, -0.58]])
    """

    _parameter_constraints = {"exponent": [non_negative()], "mask": ["boolean"]}

    def __init__(
        self,
        *,
        exponent=4,
        mask=True,
    ):
        self.exponent = exponent
        self.mask = mask

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Take means, deviations and shares of zeros.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Counts.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        X = validate_data(self, X, dtype=FLOATS)
        roots = np.sqrt(np.maximum(X, 0))
        zeros = (roots == 0).mean(axis=0)
        self.mean_ = roots.mean(axis=0, dtype=np.float64)
        # of the sample, as the authors have it; of a single one there is none
        with np.errstate(over="ignore"):
            deviation = roots.std(axis=0, dtype=np.float64, ddof=min(len(X) - 1, 1))
        refuse_overflow(deviation, "X")
        self.scale_ = deviation + zeros**self.exponent + 1e-8
        return self

    def transform(self, X):
        """Scale.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Counts.

        Returns
        -------
        Xt : ndarray of shape (n_samples, n_features)
            float32 for float32 input, float64 otherwise.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, reset=False)
        roots = np.sqrt(np.maximum(X, 0))
        zeros = roots == 0
        roots -= self.mean_.astype(X.dtype)
        roots /= self.scale_.astype(X.dtype)
        if self.mask:
            roots[zeros] = 0
        return roots

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
