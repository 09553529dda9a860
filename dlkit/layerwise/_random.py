"""The autoencoder with a random hidden layer, from moments that add."""

from copy import copy

import numpy as np
from scipy import linalg
from sklearn.utils import check_random_state

from .._params import StrOptions, count, non_negative
from .._products import times
from .._threads import blas_for
from .._validation import refuse_overflow
from ..conv._whitening import centred_times
from ..readout import RidgeReadout
from ._autoencoder import ACTIVATIONS, Autoencoder

__all__ = ["RandomAutoencoder"]


class RandomAutoencoder(Autoencoder):
    """Features that decode a random hidden layer best: the autoencoder of extreme learning.

    A random layer H = g(X A + a) with orthonormal A is mapped back to X by ridge regression,
    X ≈ H B + x₀, and what has been learned turned around: the features are g((X − x̄) Bᵀ) [1]_.

    Parameters
    ----------
    n_components : int, default=256
        Number of random units, which is the number of features.
    alpha : float, default=1.0
        Ridge penalty on B.
    activation : {"tanh", "relu", "sigmoid", "identity"}, default="tanh"
        The nonlinearity g. Data should have a variance of about one.
    random_state : int, RandomState instance or None, default=None
        Seeds A and a.

    Attributes
    ----------
    random_weights_ : ndarray of shape (n_features, n_components)
        A, of orthonormal columns (or rows, where n_components is more than n_features).
    random_bias_ : ndarray of shape (n_components,)
        The random bias a, of unit norm.
    readout_ : RidgeReadout
        The map back; ``readout_.coef_`` is Bᵀ, of shape (n_features, n_components).
    n_features_in_ : int
        Number of features of X.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had string names.

    See Also
    --------
    MarginalizedDenoisingAutoencoder : Nothing is random, as many features as X has.

    References
    ----------
    .. [1] Kasun, Zhou, Huang & Vong (2013). Representational learning with extreme learning
       machine for big data. IEEE Intelligent Systems 28(6), eqs. 5-8.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from dlkit.layerwise import RandomAutoencoder
    >>> X = load_digits().data / 16
    >>> layer = RandomAutoencoder(100, alpha=0.1, random_state=0).fit(X)
    >>> layer.transform(X).shape
    (1797, 100)
    >>> bool(((layer.reconstruct(X) - X) ** 2).mean() < 0.1 * X.var(axis=0).mean())
    True
    """

    _parameter_constraints = {
        "n_components": [count()],
        "alpha": [non_negative()],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=256,
        *,
        alpha=1.0,
        activation="tanh",
        random_state=None,
    ):
        self.n_components = n_components
        self.alpha = alpha
        self.activation = activation
        self.random_state = random_state

    def __sklearn_is_fitted__(self):
        return "readout_" in vars(self)

    def _learn(self, X, weight, first):
        if first:
            self._draw(X.shape[1])
        readout = RidgeReadout() if first else copy(self.readout_)
        readout.set_params(alpha=self.alpha)
        hidden = self._hidden(X.dtype)
        for block, part in self._weighted(X, weight):
            with np.errstate(over="ignore", under="ignore"):
                refuse_overflow(np.square(np.abs(block).max(), dtype=np.float64)[None], "X")
            readout.partial_fit(hidden(block), block, part)
        self.readout_ = readout

    def _draw(self, n_features):
        random_state = check_random_state(self.random_state)
        shape = n_features, int(self.n_components)
        tall = random_state.standard_normal((max(shape), min(shape)))
        with blas_for(4 * max(shape) * min(shape) ** 2):
            basis = linalg.qr(tall, mode="economic")[0]
        self.random_weights_ = basis if shape[0] >= shape[1] else basis.T
        bias = random_state.standard_normal(self.n_components)
        self.random_bias_ = bias / np.linalg.norm(bias)

    def _solve(self):
        return self.readout_.coef_

    def _hidden(self, dtype):
        A, a = self.random_weights_.astype(dtype), self.random_bias_.astype(dtype)
        activation = self._function(self.activation)

        def hidden(rows):
            out = times(rows, A)
            out += a
            return activation(out)

        return hidden

    def merge(self, other):
        """Add the rows another autoencoder was fitted on; `other` is left as it is.

        Parameters
        ----------
        other : RandomAutoencoder
            Fitted with the same random layer: the same ``random_state``, a number.

        Returns
        -------
        self : RandomAutoencoder
            As if fitted on the rows of both, with the parameters of this one.
        """
        self._check_other(other)
        if not np.array_equal(self.random_weights_, other.random_weights_):
            raise ValueError(
                "other has another random layer: fit both with the same n_components and the same "
                f"whole number for random_state, got {self.random_state!r} and "
                f"{other.random_state!r}."
            )
        self.readout_ = copy(self.readout_).merge(other.readout_)
        return self

    def transform(self, X):
        """Features g((X − x̄) Bᵀ).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        features : ndarray of shape (n, n_components)
            In the dtype of X.
        """
        return self._blocks(X, "_n_features_out", self._features)

    def _features(self, dtype):
        coef, mean = self._solve(), self.readout_.moments_.y_mean
        activation = self._function(self.activation)
        return lambda rows: activation(centred_times(rows, mean, coef))

    def _activated(self, rows):
        """What units put out for some rows, with their names."""
        yield "random units", self._hidden(rows.dtype)(rows)
        yield "features", self._features(rows.dtype)(rows)

    def reconstruct(self, X):
        """What the random layer's values of each row are mapped back to, H B + x₀.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        X_decoded : ndarray of shape (n, n_features)
        """

        def block(dtype):
            hidden = self._hidden(dtype)
            return lambda rows: self.readout_.predict(hidden(rows))

        return self._blocks(X, "n_features_in_", block)

    @property
    def _n_features_out(self):
        return len(self.random_bias_)
