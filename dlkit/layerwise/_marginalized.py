"""The marginalized denoising autoencoder, from moments that add."""

import numpy as np
from scipy import linalg

from .._params import Interval, Real, StrOptions, non_negative
from .._products import times
from .._threads import blas_for
from ..conv._whitening import check_squares, with_rows
from ..readout import Moments
from ..readout._moments import mirror
from ..readout._solve import cholesky_solve
from ._autoencoder import ACTIVATIONS, Autoencoder

__all__ = ["MarginalizedDenoisingAutoencoder"]


class MarginalizedDenoisingAutoencoder(Autoencoder):
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

    def __init__(
        self,
        noise=0.5,
        *,
        alpha=1e-5,
        activation="tanh",
    ):
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
        for block, part in self._weighted(X, weight):
            moments = with_rows(moments, block, part)
            if first:
                check_squares(moments, block)
                first = False
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
        self._set(self.moments_.copy().merge(other.moments_))
        return self

    def transform(self, X):
        """Features ``activation(W x + b)`` of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data, which is not corrupted.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            In the dtype of X.
        """
        return self._affine(X, self.activation)

    def _activated(self, rows):
        """What units put out for some rows, with their name."""
        yield "features", self._features(self.activation)(rows.dtype)(rows)

    def reconstruct(self, X):
        """The denoised rows W x + b.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        X_denoised : ndarray of shape (n, n_features)
        """
        return self._affine(X, "identity")

    def _affine(self, X, activation):
        return self._blocks(X, "_n_features_out", self._features(activation))

    def _features(self, activation):
        def block(dtype):
            function = self._function(activation)
            W, b = (array.astype(dtype) for array in self._solved("coef_"))

            def apply(rows):
                out = times(rows, W.T)
                out += b
                return function(out)

            return apply

        return block

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
    with blas_for(10 * len(A) ** 3):
        found = cholesky_solve(A.copy(order="F"), alpha, q * full)
        if found is not None:
            coef = found[0].T
        else:  # columns that say the same, without a penalty: the solution of least norm
            coef = times(q * full, linalg.pinvh(mirror(A) + alpha * np.eye(len(A))))
    return np.ascontiguousarray(coef), mean - q * (coef @ mean)
