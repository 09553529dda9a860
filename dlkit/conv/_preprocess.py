"""What is done to a patch before a kernel meets it: contrast normalisation, then whitening."""

import numpy as np
from scipy.linalg import qr
from sklearn.exceptions import NotFittedError
from sklearn.utils import assert_all_finite

from .._params import non_negative, positive, validate_params
from .._products import times
from ..readout._moments import Moments, row_tiles, tile_length
from ._whitening import Spectrum, add_to

__all__ = ["PatchPreprocess", "as_floats"]

# Share of the mean variance up to which a patch is blank: a hundredth of the usual contrast.
BLANK = 1e-4


def as_floats(A):
    """``A`` as an array of floats: float32 and uint8 in float32, all else in float64."""
    A = np.asarray(A)
    return A.astype(np.float32 if A.dtype in (np.float32, np.uint8) else np.float64, copy=False)


class PatchPreprocess:
    """Contrast normalisation and ZCA whitening of patches, as a map that folds into kernels.

    A patch x of P entries, of mean m and variance v, becomes W ((x − m) / s − μ) with
    s = √(v + eps). μ and W are mean and whitening (:class:`ZCAWhitening`) of the normalised
    training patches. Without contrast normalisation (x − m) / s is x, without whitening μ is 0 and
    W the identity.

    Parameters
    ----------
    contrast : float or None, default=0.1
        Regulariser > 0 of the contrast normalisation, relative to the mean variance of the first
        block of patches: eps = contrast · mean variance. Patches of much less variance than that
        stay faint. None does without normalisation.
    whitening : float or None, default=0.1
        Regulariser ≥ 0 of the whitening, relative to the mean eigenvalue of the normalised
        patches' covariance, as in :class:`ZCAWhitening`. None does without whitening.

    Attributes
    ----------
    eps_ : float
        What is added to a patch's variance; 0 without contrast normalisation, when s is 1.
    mean_variance_ : float
        Mean variance of the first block's patches that are not blank.
    n_patches_ : int
        Patches seen that were not blank.
    spectrum_ : Spectrum
        `mean` (μ), `eigenvalues` and `components` of the normalised training patches; only with
        whitening.

    Notes
    -----
    The variance of a patch is that of all its P entries, channels included. *Blank* patches, of
    no more than 1e-4 of the mean variance of the first block, are left out of everything that is
    learned, but preprocessed as any other. Sums of blocks add; only what is relative to the
    variance is settled by the first block, which should therefore be a fair sample.

    References
    ----------
    Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature learning.
    AISTATS, section 3.1.1.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import PatchPreprocess
    >>> rng = np.random.RandomState(0)
    >>> patches, kernels = rng.rand(500, 9), rng.randn(4, 9)
    >>> pre = PatchPreprocess(contrast=0.1, whitening=0.1).fit(patches)
    >>> A, b = pre.fold(kernels)
    >>> s = np.sqrt(patches.var(axis=1) + pre.eps_)
    >>> np.allclose(pre.apply(patches) @ kernels.T, patches @ A.T / s[:, None] - b)
    True
    """

    @validate_params(
        {"contrast": [positive(), None], "whitening": [non_negative(), None]},
        prefer_skip_nested_validation=True,
    )
    def __init__(
        self,
        contrast=0.1,
        whitening=0.1,
    ):
        self.contrast = contrast
        self.whitening = whitening
        self._forget()

    def fit(self, patches):
        """Forget everything, then learn from patches.

        Parameters
        ----------
        patches : array-like of shape (n, P)
            Raw patches, of any real dtype.

        Returns
        -------
        self : PatchPreprocess

        Raises
        ------
        ValueError
            If all patches are blank and there is anything to learn from them.
        """
        self._forget()
        return self.update(patches)

    def update(self, patches):
        """Learn from more patches; the first block settles what the regularisers are relative to.

        Parameters
        ----------
        patches : array-like of shape (n, P)
            Raw patches, of any real dtype.

        Returns
        -------
        self : PatchPreprocess
        """
        patches = np.asarray(patches)
        if patches.ndim != 2 or 0 in patches.shape:
            raise ValueError(f"patches must be of shape (n, P), not empty, got {patches.shape}.")
        if self._width not in (None, patches.shape[1]):
            raise ValueError(
                f"patches must have {self._width} entries, as before, got {patches.shape[1]}."
            )
        assert_all_finite(patches, input_name="patches")
        variances = _variances(patches)
        if self.mean_variance_ is None:
            self._scale_by(variances)
            self._width = patches.shape[1]
        used = patches[variances > self._blank]
        self.n_patches_ += len(used)
        if self.whitening is not None:
            for _, tile in row_tiles(used, 0.0, None, tile_length(patches.shape[1])):
                add_to(self._moments, self._normalised(tile))
            self._spectrum = None
        return self

    def is_blank(self, patches):
        """Tell which patches are too flat to learn from.

        Parameters
        ----------
        patches : array-like of shape (n, P)
            Raw patches.

        Returns
        -------
        blank : ndarray of bool, shape (n,)
        """
        self._check_fitted()
        return _variances(np.asarray(patches)) <= self._blank

    def apply(self, patches):
        """Preprocess patches one by one: the slow plain form of what :meth:`fold` folds away.

        Parameters
        ----------
        patches : array-like of shape (n, P)
            Raw patches.

        Returns
        -------
        preprocessed : ndarray of shape (n, P)
            A new array: float32 for float32 and uint8 input, float64 otherwise.
        """
        out = self._normalised(as_floats(patches))
        if self.whitening is not None:
            out -= self.spectrum_.mean.astype(out.dtype)
            out = times(out, self._matrix().astype(out.dtype))
        return out

    def fold(self, kernels):
        """Turn kernels for preprocessed patches into kernels for raw ones.

        Parameters
        ----------
        kernels : array-like of shape (K, P)
            Kernels.

        Returns
        -------
        A : ndarray of shape (K, P)
            float64; its rows sum to zero where there is contrast normalisation, so that the patch's
            mean need not be taken off.
        b : ndarray of shape (K,)
            With which ``kernels @ apply(x)`` is ``(A @ x) / s - b``, s = √(variance + ``eps_``), or
            1 without contrast normalisation.
        """
        A = np.array(kernels, dtype=np.float64)
        b = np.zeros(len(A))
        if self.whitening is not None:
            A = A @ self._matrix()
            b = A @ self.spectrum_.mean
        if self.contrast is not None:
            A -= A.mean(axis=1, keepdims=True)
        return A, b

    def norm_operator(self):
        """Return what gives the norm of a preprocessed patch from the raw one.

        Returns
        -------
        operator : tuple of ndarray (R, c), or None
            With whitening, R of shape (r, P), r ≤ P, and c of shape (r,) for which
            ``|apply(x)|² = |(R @ x) / s - c|²``, in the form of :meth:`fold`: more rows for the
            same product. R is upper triangular (trapezoidal), so that half of it need not be
            multiplied. Without whitening None, as sums suffice: P v / s² with contrast
            normalisation, Σ x² without.
        """
        if self.whitening is None:
            return None
        spectrum = self.spectrum_
        root = spectrum.gains(self.whitening)[:, None] * spectrum.components
        if self.contrast is not None:
            root -= root.mean(axis=1, keepdims=True)
        R = np.triu(qr(root, mode="r")[0])  # a rotation of the rows leaves the norm as it is
        norms = np.linalg.norm(R, axis=1)
        R = R[norms > 1e-12 * norms.max()]
        return R, R @ spectrum.mean

    @property
    def spectrum_(self):
        """Mean, eigenvalues and components of the normalised training patches."""
        self._check_fitted()
        if self._spectrum is None:
            self._spectrum = Spectrum.of(self._moments)
        return self._spectrum

    def _forget(self):
        self.eps_, self.mean_variance_, self.n_patches_ = 0.0, None, 0
        self._moments, self._spectrum = Moments(), None
        self._blank, self._width = 0.0, None

    def _scale_by(self, variances):
        blank = BLANK * variances.mean()
        kept = variances[variances > blank]
        if not len(kept) and (self.contrast is not None or self.whitening is not None):
            raise ValueError(
                f"All {len(variances)} patches are constant: contrast normalisation and whitening "
                "have nothing to learn from. Give images that vary, larger kernels, or "
                "contrast=None and whitening=None."
            )
        self._blank = blank
        self.mean_variance_ = float(kept.mean()) if len(kept) else 0.0
        if self.contrast is not None:
            self.eps_ = float(self.contrast * self.mean_variance_)

    def _normalised(self, patches):
        """Contrast-normalised copy of an array of floats."""
        if self.contrast is None:
            return patches.copy()
        self._check_fitted()
        out = patches - patches.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", out, out) / out.shape[1]
        out /= np.sqrt(variance + out.dtype.type(self.eps_))[:, None]
        return out

    def _matrix(self):
        spectrum = self.spectrum_
        gains = spectrum.gains(self.whitening)
        return times(spectrum.components.T * gains, spectrum.components)

    def _check_fitted(self):
        if self.mean_variance_ is None:
            raise NotFittedError("This PatchPreprocess has seen no patches yet: call fit first.")


def _variances(patches):
    """Variance of each patch over its entries, in float64."""
    out = np.empty(len(patches))
    for rows, tile in row_tiles(patches, 0.0, None, tile_length(patches.shape[1])):
        tile -= tile.mean(axis=1, keepdims=True)
        out[rows] = np.einsum("ij,ij->i", tile, tile) / tile.shape[1]
    return out
