"""ZCA whitening from moments, which add."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import non_negative, unchanged, unchanged_on_failure
from .._products import times
from .._threads import blas_for
from .._validation import check_weights, refuse_overflow, validate_data
from ..readout import Moments

__all__ = ["FLOATS", "Spectrum", "ZCAWhitening"]

FLOATS = [np.float64, np.float32]
LEAST_SQUARES = 1e-280  # sums of squares that keep their digits


@dataclass(frozen=True)
class Spectrum:
    """Mean and principal axes of some rows, in float64.

    Attributes
    ----------
    mean : ndarray of shape (p,)
        Weighted mean.
    eigenvalues : ndarray of shape (p,)
        Variances along the axes, largest first.
    components : ndarray of shape (p, p)
        The axes, one a row, of unit norm; the largest entry of each is positive.
    """

    mean: np.ndarray
    eigenvalues: np.ndarray
    components: np.ndarray

    @classmethod
    def of(cls, moments):
        """Decompose the covariance (over n, not n - 1) that some `Moments` hold."""
        with np.errstate(under="ignore"):
            covariance = moments.centred()[0] / moments.weight_sum
        with blas_for(10 * len(covariance) ** 3):
            values, vectors = eigh(covariance)
        components = vectors.T[::-1]
        largest = np.abs(components).argmax(axis=1)
        signs = np.sign(components[np.arange(len(components)), largest])
        return cls(moments.x_mean, np.maximum(values[::-1], 0), components * signs[:, None])

    def gains(self, regularization):
        """Factor on each axis: 1 / √(λ + regularization · mean λ), 0 where that is no number."""
        level = self.eigenvalues + regularization * self.eigenvalues.mean()
        least = len(level) * np.finfo(np.float64).eps * level[0]
        return np.where(level > least, 1 / np.sqrt(np.where(level > least, level, 1)), 0)


def with_rows(moments, X, weight=None):
    """`Moments` without targets, and some rows more."""
    return moments.plus(X, np.zeros(len(X)), weight)


def check_squares(moments, X):
    """Raise if the squares of rows, all that `Moments` hold so far, vanish in float64."""
    largest = moments.products(True)[0].diagonal().max()
    apart = np.abs(X[1:] - X[:1]).max(initial=0) if largest < LEAST_SQUARES else 1.0
    if 0 < apart < np.sqrt(LEAST_SQUARES):
        raise ValueError(
            f"The rows of X differ by no more than {apart:.3g}, whose squares vanish in float64: "
            "scale X, to a variance of about one, say."
        )


def centred_times(X, mean, W):
    """(X − mean) W in the dtype of X; neither an offset nor the scale of X costs digits.

    ``mean`` and ``W`` are float64. What the mean loses when it is rounded is added to the product.
    Where W is beyond the range of float32, a power of two goes from one factor to the other.
    """
    rounded = mean.astype(X.dtype)
    missed = (rounded - mean) @ W
    rows = X - rounded
    exponent = int(np.frexp(np.abs(W).max())[1])
    if abs(exponent) > 64:
        rows, W = np.ldexp(rows, exponent), np.ldexp(W, -exponent)
    Z = times(rows, W.astype(X.dtype))
    if np.abs(missed).max() > np.finfo(X.dtype).eps:
        Z += missed.astype(X.dtype)
    return Z


class ZCAWhitening(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Rotate nothing, but give every direction about the same variance: ZCA whitening.

    Rows become W (x − x̄) with W = V (Λ + ρ λ̄ I)^(−1/2) Vᵀ, where V Λ Vᵀ is the covariance of the
    training rows, λ̄ the mean of its eigenvalues and ρ the `regularization`. Of all whitenings it is
    the one that changes the rows least [1]_: whitened images still look like images. The zero-phase
    name is from [2]_; on patches of images, as here regularised, see [3]_.

    Parameters
    ----------
    regularization : float, default=0.1
        ρ ≥ 0, free of the data's scale: directions of less variance than ρ times the mean variance
        are amplified no further. 0 whitens exactly; directions without any variance are then left
        out. The larger it is, the less whitening takes place.

    Attributes
    ----------
    mean_ : ndarray of shape (p,)
        Mean x̄ of the training rows.
    eigenvalues_ : ndarray of shape (p,)
        Eigenvalues of their covariance (over n, not n − 1), largest first.
    components_ : ndarray of shape (p, p)
        Eigenvectors, one a row, in the same order.
    whitening_ : ndarray of shape (p, p)
        W, symmetric, float64.
    n_samples_seen_ : int
        Rows seen.
    n_features_in_ : int
        Number of features p.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had string names.

    Notes
    -----
    Rows are summed up in float64 about the first block's mean, whatever their dtype, and sums of
    blocks add: `partial_fit` on any blocks ends where `fit` on all rows would, to rounding.

    References
    ----------
    .. [1] Kessy, Lewin & Strimmer (2018). Optimal whitening and decorrelation. The American
       Statistician 72(4), 309-314.
    .. [2] Bell & Sejnowski (1997). The "independent components" of natural scenes are edge filters.
       Vision Research 37(23), 3327-3338.
    .. [3] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning. AISTATS, section 3.1.1.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import ZCAWhitening
    >>> rng = np.random.RandomState(0)
    >>> X = rng.randn(1000, 3) @ rng.randn(3, 3) + 5.0
    >>> Z = ZCAWhitening(regularization=0).fit_transform(X)
    >>> np.allclose(Z.T @ Z / 1000, np.eye(3))
    True
    """

    _parameter_constraints = {"regularization": [non_negative()]}

    _spectrum = None  # decomposed from the moments; after partial_fit when first asked for

    def __init__(self, regularization=0.1):
        self.regularization = regularization

    @property
    def mean_(self):
        """Mean of the training rows, shape (p,)."""
        return self._solved().mean

    @property
    def eigenvalues_(self):
        """Eigenvalues of the covariance, largest first, shape (p,)."""
        return self._solved().eigenvalues

    @property
    def components_(self):
        """Eigenvectors of the covariance, one a row, shape (p, p)."""
        return self._solved().components

    @property
    def whitening_(self):
        """The symmetric whitening matrix W, shape (p, p)."""
        V, gains = self.components_, self._solved().gains(self.regularization)
        return times(V.T * gains, V)

    @property
    def n_samples_seen_(self):
        """Rows seen by `fit` or all calls of `partial_fit`."""
        check_is_fitted(self)
        return self._moments.n

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Learn mean and covariance.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights; a weight of two is the row twice.

        Returns
        -------
        self : ZCAWhitening
        """
        vars(self).pop("_moments", None)
        self._add(X, sample_weight, reset=True)
        self._spectrum = Spectrum.of(self._moments)
        return self

    def partial_fit(self, X, y=None, sample_weight=None):
        """Learn from more rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights.

        Returns
        -------
        self : ZCAWhitening
            As `fit` on all rows so far would leave it, to rounding.
        """
        with unchanged(self):
            self._add(X, sample_weight, reset=not self.__sklearn_is_fitted__())
            self._spectrum = None
        return self

    def transform(self, X):
        """Whiten rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.

        Returns
        -------
        Z : ndarray of shape (n, p)
            float32 for float32 input, float64 otherwise.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, reset=False)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return refuse_overflow(centred_times(X, self.mean_, self.whitening_), "X")

    def inverse_transform(self, X):
        """Undo the whitening, exactly where no direction was left out.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Whitened rows.

        Returns
        -------
        X : ndarray of shape (n, p)
            Rows as before; float32 for float32 input, float64 otherwise.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, reset=False, skip_check_array=False)
        V, gains = self.components_, self._solved().gains(self.regularization)
        back = times(V.T * np.divide(1, gains, out=np.zeros_like(gains), where=gains > 0), V)
        with np.errstate(over="ignore", invalid="ignore"):
            back = times(X, back.astype(X.dtype)) + self.mean_.astype(X.dtype)
        return refuse_overflow(back, "X")

    def __sklearn_is_fitted__(self):
        return "_moments" in vars(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _add(self, X, sample_weight, reset):
        self._validate_params()
        X = validate_data(self, X, dtype=FLOATS, reset=reset)
        weight = check_weights(sample_weight, len(X))
        moments = vars(self).get("_moments", Moments())
        if weight is not None and not moments.weight_sum + weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        first = moments.n == 0
        self._moments = with_rows(moments, X, weight)
        if first:
            check_squares(self._moments, X)

    def _solved(self):
        check_is_fitted(self)
        if self._spectrum is None:
            self._spectrum = Spectrum.of(self._moments)
        return self._spectrum
