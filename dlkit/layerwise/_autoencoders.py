"""Autoencoders in closed form, from moments that add."""

import numpy as np
from scipy import linalg
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._params import Interval, Real, StrOptions, count, non_negative, unchanged_on_failure
from ..readout import Moments, RidgeReadout
from ..readout._moments import check_weights, mirror
from ..readout._solve import cholesky_solve

__all__ = ["MarginalizedDenoisingAutoencoder", "RandomAutoencoder"]

FLOATS = [np.float64, np.float32]
ROWS = 4096  # at a time

ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
}


class _Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What the two share: rows in, with weights; features and reconstructions out."""

    @unchanged_on_failure
    def fit(self, X, y=None, sample_weight=None):
        """Learn from scratch.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
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
        self._add(X, sample_weight, first=True)
        self._solve()
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None, sample_weight=None):
        """Add rows: in however many pieces, the end is that of `fit` on all of them.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
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
        X = validate_data(self, X, dtype=FLOATS, reset=first)
        weight = check_weights(sample_weight, len(X))
        if first and weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        self._learn(X, weight, first)

    def _blocks(self, X, width, block):
        """Apply a function to blocks of rows; the result has ``width`` columns, X's dtype."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, reset=False)
        function = block(X.dtype)
        out = np.empty((len(X), width), X.dtype)
        for start in range(0, len(X), ROWS):
            rows = slice(start, start + ROWS)
            out[rows] = function(X[rows])
        return out

    def _check_other(self, other):
        self._validate_params()
        if type(other) is not type(self):
            raise TypeError(f"other must be a {type(self).__name__}, got {type(other).__name__}.")
        check_is_fitted(self)
        check_is_fitted(other)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class MarginalizedDenoisingAutoencoder(_Autoencoder):
    """The linear denoiser of infinitely many corrupted copies, and a nonlinearity: mSDA's layer.

    Each entry of x is set to zero with probability ``noise``; W and b minimise the expectation of
    Σ ‖x − W x̃ − b‖² over that corruption, which has a closed form [1]_: with q = 1 − noise, the
    centred products C = Σ (x − x̄)(x − x̄)ᵀ and m = Σ x²,

        W = q C (q² C + q (1 − q) diag(m) + alpha I)⁻¹,   b = x̄ − q W x̄.

    Parameters
    ----------
    noise : float, default=0.5
        Probability in [0, 1) that an entry is corrupted.
    alpha : float, default=1e-5
        L2 penalty on W, as a sum over rows; b is not penalised.
    activation : {"tanh", "relu", "sigmoid", "identity"}, default="tanh"
        What `transform` applies to W x + b.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features, n_features)
        W, float64.
    intercept_ : ndarray of shape (n_features,)
        b, float64.
    moments_ : Moments
        The sums all is solved from.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had string names.

    See Also
    --------
    RandomAutoencoder : To another number of features.
    GreedyLayerwise : Several layers, one on top of the other: the stacked autoencoder of the paper.

    Notes
    -----
    The paper takes the intercept for one more input, which is never corrupted; about the means,
    as here, that is the same to rounding, and offsets of the data cost no digits.

    References
    ----------
    .. [1] Chen, Xu, Weinberger & Sha (2012). Marginalized denoising autoencoders for domain
       adaptation. ICML, eqs. 5-8.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.layerwise import MarginalizedDenoisingAutoencoder
    >>> X = np.random.RandomState(0).randn(100, 1) @ np.ones((1, 3))  # three times the same
    >>> layer = MarginalizedDenoisingAutoencoder(0.5).fit(X)
    >>> layer.coef_.round(1).tolist()  # what is lost is told from the others
    [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """

    _parameter_constraints = {
        "noise": [Interval(Real, 0, 1, closed="left")],
        "alpha": [non_negative()],
        "activation": [StrOptions(set(ACTIVATIONS))],
    }

    def __init__(self, noise=0.5, *, alpha=1e-5, activation="tanh"):
        self.noise = noise
        self.alpha = alpha
        self.activation = activation

    @property
    def coef_(self):
        """W, shape (n_features, n_features)."""
        return self._solved("coef_")[0]

    @property
    def intercept_(self):
        """The constant b, shape (n_features,)."""
        return self._solved("intercept_")[1]

    def _solved(self, name):
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"{name} exists only once this autoencoder is fitted.")
        return self._solve()

    def _solve(self):
        if self._solution is None:
            self._solution = solve_marginalized(self.moments_, *self._choice)
        return self._solution

    def __sklearn_is_fitted__(self):
        return "moments_" in vars(self)

    def _learn(self, X, weight, first):
        moments = Moments() if first else self.moments_
        moments.update(X, np.zeros(len(X)), weight)
        self._set(moments)

    def _set(self, moments):
        self.moments_, self._solution = moments, None
        self._choice = float(self.noise), float(self.alpha)

    def merge(self, other):
        """Add the rows another autoencoder was fitted on; `other` is left as it is.

        Parameters
        ----------
        other : MarginalizedDenoisingAutoencoder
            Fitted on data of as many features.

        Returns
        -------
        self : MarginalizedDenoisingAutoencoder
            As if fitted on the rows of both, with the parameters of this one.
        """
        self._check_other(other)
        self._set(self.moments_.merge(other.moments_))
        return self

    def transform(self, X):
        """Features ``activation(W x + b)`` of each row.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Data, which is not corrupted.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            In the dtype of X.
        """
        return self._affine(X, ACTIVATIONS[self.activation])

    def reconstruct(self, X):
        """The denoised rows W x + b.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Data.

        Returns
        -------
        X_denoised : ndarray of shape (n, n_features)
        """
        return self._affine(X, ACTIVATIONS["identity"])

    def _affine(self, X, activation):
        def block(dtype):
            W, b = (array.astype(dtype) for array in self._solved("coef_"))

            def apply(rows):
                out = rows @ W.T
                out += b
                return activation(out)

            return apply

        return self._blocks(X, self._n_features_out, block)

    @property
    def _n_features_out(self):
        return self.moments_.n_features


def solve_marginalized(moments, noise, alpha):
    """W and b of the marginalised denoiser from the moments of X (see the class)."""
    q = 1.0 - noise
    C, _, _ = moments.products(True)  # lower triangle
    mean = moments.x_mean
    squares = np.einsum("ii->i", C) + moments.weight_sum * mean**2
    A = q * q * C
    np.einsum("ii->i", A)[:] += q * (1 - q) * squares
    full = mirror(C)
    found = cholesky_solve(A.copy(order="F"), alpha, q * full)
    if found is not None:
        coef = found[0].T
    else:  # columns that say the same, without a penalty: the solution of least norm
        coef = q * full @ linalg.pinvh(mirror(A) + alpha * np.eye(len(A)))
    return np.ascontiguousarray(coef), mean - q * (coef @ mean)


class RandomAutoencoder(_Autoencoder):
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

    def __init__(self, n_components=256, *, alpha=1.0, activation="tanh", random_state=None):
        self.n_components = n_components
        self.alpha = alpha
        self.activation = activation
        self.random_state = random_state

    def __sklearn_is_fitted__(self):
        return "readout_" in vars(self)

    def _learn(self, X, weight, first):
        if first:
            self._draw(X.shape[1])
            self.readout_ = RidgeReadout(self.alpha)
        self.readout_.set_params(alpha=self.alpha)
        hidden = self._hidden(X.dtype)
        for start in range(0, len(X), ROWS):
            rows = slice(start, start + ROWS)
            part = None if weight is None else weight[rows]
            if part is None or part.any():
                self.readout_.partial_fit(hidden(X[rows]), X[rows], part)

    def _draw(self, n_features):
        random_state = check_random_state(self.random_state)
        shape = n_features, self.n_components
        tall = random_state.standard_normal((max(shape), min(shape)))
        basis = linalg.qr(tall, mode="economic")[0]
        self.random_weights_ = basis if shape[0] >= shape[1] else basis.T
        bias = random_state.standard_normal(self.n_components)
        self.random_bias_ = bias / np.linalg.norm(bias)

    def _solve(self):
        return self.readout_.coef_

    def _hidden(self, dtype):
        A, a = self.random_weights_.astype(dtype), self.random_bias_.astype(dtype)
        activation = ACTIVATIONS[self.activation]

        def hidden(rows):
            out = rows @ A
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
        self.readout_.merge(other.readout_)
        return self

    def transform(self, X):
        """Features g((X − x̄) Bᵀ).

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Data.

        Returns
        -------
        features : ndarray of shape (n, n_components)
            In the dtype of X.
        """

        def block(dtype):
            coef = self._solve().astype(dtype)
            mean = self.readout_.moments_.y_mean.astype(dtype)
            activation = ACTIVATIONS[self.activation]
            return lambda rows: activation((rows - mean) @ coef)

        return self._blocks(X, self._n_features_out, block)

    def reconstruct(self, X):
        """What the random layer's values of each row are mapped back to, H B + x₀.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Data.

        Returns
        -------
        X_decoded : ndarray of shape (n, n_features)
        """

        def block(dtype):
            hidden = self._hidden(dtype)
            return lambda rows: self.readout_.predict(hidden(rows))

        return self._blocks(X, self.n_features_in_, block)

    @property
    def _n_features_out(self):
        return len(self.random_bias_)
