"""What autoencoders in closed form share: rows in, with weights; rows of features out."""

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._announce import announce
from .._params import check_params, unchanged_on_failure
from .._validation import check_weights, refuse_overflow
from ..exceptions import SaturationWarning
from ._tables import blocks, check_rows

__all__ = ["ACTIVATIONS", "Autoencoder"]

LOOK = 64  # rows by which saturation is judged
FLAT, MOST = 0.01, 0.75  # slope, to the steepest, of a saturated unit; share that is announced
SLOPES = {"tanh": lambda f: 1 - f**2, "sigmoid": lambda f: 4 * f * (1 - f)}
ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
}


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Subclasses learn from checked rows (``_learn``) and solve what `fit` is to leave solved."""

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Learn from scratch.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights of the rows; one each if None.

        Returns
        -------
        self : object
        """
        self._validate_params()
        X = self._add(X, sample_weight, first=True)
        self._solve()
        self._check_scale(X)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None, sample_weight=None):
        """Add rows: in however many pieces, the end is that of `fit` on all of them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.
        y : None
            Ignored.
        sample_weight : float or array-like of shape (n,), default=None
            Non-negative weights of the rows; one each if None.

        Returns
        -------
        self : object
        """
        self._validate_params()
        self._add(X, sample_weight, first=not self.__sklearn_is_fitted__())
        return self

    def _add(self, X, sample_weight, first):
        X = check_rows(self, X, reset=first)
        weight = check_weights(sample_weight, X.shape[0])
        if first and weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        self._learn(X, weight, first)
        return X

    @np.errstate(all="ignore")
    def _check_scale(self, X):
        """Warn where units are saturated, so that rows hardly differ in what is made of them."""
        if self.activation not in SLOPES:
            return
        _, rows = next(blocks(X[:LOOK], LOOK))
        for what, values in self._activated(rows):
            share = np.mean(SLOPES[self.activation](values) < FLAT)
            if share > MOST:
                announce(
                    f"{share:.0%} of the {what} are saturated, so that they hardly change with X, "
                    f"which holds numbers up to {np.abs(rows).max():.2g}. Scale X, by "
                    "StandardScaler say.",
                    SaturationWarning,
                )
                return

    def _function(self, activation):
        """What an activation does, in place; its name is checked, as it may have been set anew."""
        check_params(self, {"activation": activation})
        return ACTIVATIONS[activation]

    @staticmethod
    def _weighted(X, weight):
        """Yield blocks of rows and their weights, but for those of no weight at all."""
        for rows, block in blocks(X, _budgets.AUTOENCODER_ROWS):
            part = None if weight is None else weight[rows]
            if part is None or part.any():
                yield block, part

    def _blocks(self, X, width, block):
        """Apply a function to blocks of rows; the result has X's dtype.

        ``width`` is the name of the attribute that counts its columns.
        """
        check_is_fitted(self)
        X = check_rows(self, X, reset=False)
        out = np.empty((X.shape[0], getattr(self, width)), X.dtype)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            function = block(X.dtype)
            for rows, part in blocks(X, _budgets.AUTOENCODER_ROWS):
                out[rows] = function(part)
        return refuse_overflow(out, "X")

    def _check_other(self, other):
        self._validate_params()
        if type(other) is not type(self):
            raise TypeError(f"other must be a {type(self).__name__}, got {type(other).__name__}.")
        check_is_fitted(self)
        check_is_fitted(other)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        tags.input_tags.sparse = True
        return tags
