"""What is done to a patch before a kernel meets it: contrast normalisation, then whitening."""

import numpy as np
from scipy.linalg import qr
from sklearn.exceptions import NotFittedError
from sklearn.utils import assert_all_finite

from .._params import non_negative, positive, unchanged, validate_params
from .._products import times
from .._validation import check_array, refuse_overflow
from ..readout._moments import Moments, row_tiles, tile_length
from ._directions import row_norms
from ._whitening import Spectrum, with_rows

__all__ = ["PatchPreprocess", "as_floats"]

# Any shape: what it is is said elsewhere.
ANY = {
    "ensure_2d": False, "allow_nd": True, "ensure_min_samples": 0, "ensure_min_features": 0,
    "ensure_all_finite": False,
}  # fmt: skip
BLANK = 1e-2  # share of the usual contrast up to which a patch is blank


def as_floats(A):
    """``A`` as an array of floats: float32 and uint8 in float32, all else in float64."""
    A = check_array(A, dtype="numeric", input_name="patches", **ANY)
    return A.astype(_float(A.dtype), copy=False)


def _float(dtype):
    return np.dtype(np.float32 if dtype in (np.float32, np.uint8) else np.float64)


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
    root : float
        Its root.
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
    .. [1] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning. AISTATS, section 3.1.1.

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
        with unchanged(self):
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
        self.learn(patches)
        return self

    def learn(self, patches):
        """Learn from a block of patches, as :meth:`update`, and tell which of them are blank.

        Parameters
        ----------
        patches : ndarray of shape (n, P)
            Patches.

        Returns
        -------
        blank : ndarray of bool of shape (n,)
            Patches of about one value, which nothing is learned from.
        """
        patches = self._check(patches)
        if 0 in patches.shape:
            raise ValueError(f"patches must be of shape (n, P), not empty, got {patches.shape}.")
        assert_all_finite(patches, input_name="patches")
        first = self.mean_variance_ is None
        with unchanged(self):
            spreads = _spreads(patches)
            if first:
                self._scale_by(spreads)
                self._width = patches.shape[1]
            blank = spreads <= self._blank
            used = patches[~blank]
            self.n_patches_ += len(used)
            if self.whitening is not None:
                self._spectrum = None
                for tile in self._tiles(used):
                    self._moments = with_rows(self._moments, tile)
                if first:
                    self._check_variety(used)
        return blank

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
        return _spreads(self._check(patches)) <= self._blank

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
        patches = as_floats(self._check(patches))
        if self.contrast is None:
            out = patches.copy()
        else:
            self._check_fitted()
            tiles = [tile.astype(patches.dtype) for tile in self._tiles(patches)]
            out = np.concatenate(tiles) if tiles else patches.copy()
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
        A = check_array(kernels, dtype=np.float64, input_name="kernels", copy=True)
        if self._width not in (None, A.shape[1]):
            raise ValueError(
                f"kernels must have {self._width} entries each, as patches, got {A.shape[1]}."
            )
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

    def _check(self, patches):
        patches = check_array(patches, dtype="numeric", input_name="patches", **ANY)
        if patches.ndim != 2:
            raise ValueError(f"patches must be of shape (n, P), got {patches.shape}.")
        if self._width not in (None, patches.shape[1]):
            raise ValueError(
                f"patches must have {self._width} entries, as before, got {patches.shape[1]}."
            )
        return patches

    def _forget(self):
        self.eps_, self.root, self.mean_variance_, self.n_patches_ = 0.0, 0.0, None, 0
        self._moments, self._spectrum = Moments(), None
        self._blank, self._width = 0.0, None

    def _scale_by(self, spreads):
        with np.errstate(over="ignore", invalid="ignore"):
            size = _root_mean_square(spreads)
        refuse_overflow(np.array([size]), "X")
        blank = BLANK * size
        kept = spreads[spreads > blank]
        if not len(kept) and (self.contrast is not None or self.whitening is not None):
            raise ValueError(
                f"All {len(spreads)} patches are constant: contrast normalisation and whitening "
                "have nothing to learn from. Give images that vary, larger kernels, or "
                "contrast=None and whitening=None."
            )
        self._blank = blank
        typical = _root_mean_square(kept) if len(kept) else 0.0
        self.mean_variance_ = typical * typical
        if self.contrast is not None:
            self.root = float(np.sqrt(self.contrast)) * typical
            self.eps_ = self.root * self.root

    def _check_variety(self, patches):
        """Raise if normalised patches differ by rounding alone."""
        rounding = np.finfo(_float(patches.dtype)).eps * np.abs(patches).max()
        if self.contrast is not None:
            rounding /= self.root / np.sqrt(self.contrast)
        if self.spectrum_.eigenvalues[0] <= patches.shape[1] * rounding**2:
            raise ValueError(
                f"All {len(patches)} patches are the same"
                f"{' once contrast-normalised' if self.contrast is not None else ''}: whitening "
                "has nothing to learn from. Give samples of more than one pattern, larger kernels, "
                "or whitening=None."
            )

    def _tiles(self, patches):
        """Contrast-normalised patches in float64, some at a time: the next overwrite the last."""
        for _, tile in row_tiles(patches, 0.0, None, tile_length(patches.shape[1])):
            if self.contrast is not None:
                spreads = _centred(tile)
                tile /= np.hypot(spreads, self.root)[:, None]
            yield tile

    def _matrix(self):
        spectrum = self.spectrum_
        gains = spectrum.gains(self.whitening)
        return times(spectrum.components.T * gains, spectrum.components)

    def _check_fitted(self):
        if self.mean_variance_ is None:
            raise NotFittedError("This PatchPreprocess has seen no patches yet: call fit first.")


def _centred(tile):
    """Take the mean off each row of float64, in place; returns the root of its variance.

    The mean is taken about the first entry, so that an offset costs no digits.
    """
    tile -= tile[:, :1].copy()
    tile -= tile.mean(axis=1, keepdims=True)
    return row_norms(tile) / np.sqrt(tile.shape[1])


def _spreads(patches):
    """Root of the variance of each patch over its entries, in float64; 0 where it is rounding."""
    rounding = np.finfo(_float(patches.dtype)).eps
    out = np.empty(len(patches))
    for rows, tile in row_tiles(patches, 0.0, None, tile_length(patches.shape[1])):
        offset = np.abs(tile[:, 0])
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            spreads = _centred(tile)
            refuse_overflow(spreads, "X")
            out[rows] = np.where(spreads > rounding * offset, spreads, 0)
    return out


def _root_mean_square(spreads):
    return float(row_norms(spreads[None])[0] / np.sqrt(len(spreads)))
