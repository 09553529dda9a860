"""Where kernels come from: drawn, taken or learned from patches, or made by hand.

A learner is a function ``learn(patches, n_kernels, *, rng, kernel_size, n_channels, preprocess,
n_jobs)`` that returns at most ``n_kernels`` rows; those of :data:`KERNELS` go by name.
"""

import warnings
from math import prod

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import assert_all_finite, check_random_state

from .._announce import warn
from .._params import InvalidParameterError
from .._validation import naming
from ..readout._moments import Moments
from ._directions import unit
from ._gabor import check_number, gabor_bank
from ._geometry import Geometry, per_axis
from ._preprocess import as_floats
from ._spherical_kmeans import SphericalKMeans
from ._whitening import Spectrum, with_rows

__all__ = ["KERNELS", "learn_kernels"]

# Patches k-means learns from, for each kernel: more moves the centres by less than a new draw does.
PATCHES_EACH = 100
LEAST_PATCHES = 10_000
ITERATIONS = 10


def random_kernels(patches, n_kernels, *, rng, kernel_size, n_channels, **_):
    """Independent normal entries."""
    return unit(rng.standard_normal((n_kernels, prod(kernel_size) * n_channels)))[0]


def patch_kernels(patches, n_kernels, *, rng, **_):
    """Patches chosen at random, different from each other."""
    return distinct(patches[rng.permutation(len(patches))], n_kernels)


def kmeans_kernels(patches, n_kernels, *, rng, n_jobs, **_):
    """Centres of spherical k-means on random patches, as Coates & Ng (2012) learn them."""
    chosen = rng.permutation(len(patches))[: max(PATCHES_EACH * n_kernels, LEAST_PATCHES)]
    rows = np.asarray(patches)[np.sort(chosen)]
    n_clusters = len(distinct(rows, n_kernels, up_to_sign=True))
    kmeans = SphericalKMeans(
        n_clusters, sign_invariant=True, damping=1.0, max_iter=ITERATIONS, tol=0, n_init=1,
        random_state=rng, n_jobs=n_jobs,
    )  # fmt: skip
    if n_clusters == n_kernels:
        return kmeans.fit(rows).cluster_centers_
    with warnings.catch_warnings():  # that there are too few is said by `learn_kernels`
        warnings.simplefilter("ignore", ConvergenceWarning)
        return kmeans.fit(rows).cluster_centers_


def pca_kernels(patches, n_kernels, *, preprocess, **_):
    """Leading principal components of the patches as they were before whitening."""
    if preprocess is not None and preprocess.whitening is not None:
        spectrum = preprocess.spectrum_
    else:
        spectrum = Spectrum.of(with_rows(Moments(), patches))
    values = spectrum.eigenvalues
    rank = np.count_nonzero(values > len(values) * np.finfo(np.float32).eps * values[0])
    return spectrum.components[: min(n_kernels, rank)]


def gabor_kernels(patches, n_kernels, *, kernel_size, n_channels, **_):
    """Quadrature pairs over directions and scales: see :func:`gabor_bank`."""
    return gabor_bank(n_kernels, kernel_size, n_channels)


KERNELS = {
    "random": random_kernels,
    "patches": patch_kernels,
    "kmeans": kmeans_kernels,
    "pca": pca_kernels,
    "gabor": gabor_kernels,
}
NEED_NO_PATCHES = ("random", "gabor")


def learn_kernels(
    kernels,
    patches,
    n_kernels,
    kernel_size,
    n_channels=1,
    random_state=None,
    *,
    preprocess=None,
    n_jobs=None,
):
    r"""Make a bank of kernels, by any of the ways there are.

    Parameters
    ----------
    kernels : str, array-like or estimator
        Kernels are for *preprocessed* patches: whatever their origin, a response is
        ``kernels @ preprocess.apply(patch)``. Whitening therefore comes before hand-made kernels
        too (Gabors of whitened images); without contrast normalisation and whitening they act on
        the patches as they are.

        - ``"random"``: independent normal entries.
        - ``"patches"``: patches chosen at random, no two the same.
        - ``"kmeans"``: centres of :class:`SphericalKMeans` with ``sign_invariant=True, damping=1``,
          10 iterations on 100 random patches for each kernel, and at least 10,000.
        - ``"pca"``: leading principal components. Whitened patches have none, so with whitening
          they are those of the contrast-normalised patches, of `preprocess`; the responses are then
          the components' scores, whitened.
        - ``"gabor"``: even and odd pairs over directions and scales, the same in every channel.
        - an array of shape (K, \*kernel_size[, C]) or (K, P): taken as it is, all of it.
        - an estimator with ``components_`` or ``cluster_centers_``: a clone is fitted on the
          patches and its rows taken as they are. It says itself how many.
    patches : array-like of shape (n, P), or None
        Preprocessed patches, without blank ones. ``"random"``, ``"gabor"`` and an array need none.
    n_kernels : int
        Kernels asked for, where `kernels` is a name.
    kernel_size : int or tuple of int
        Extent along each axis.
    n_channels : int, default=1
        Channels C; P = prod(kernel_size) · C.
    random_state : int, RandomState instance or None, default=None
        What is random; also given to an estimator that has none of its own.
    preprocess : PatchPreprocess, default=None
        What the patches were preprocessed with; ``"pca"`` asks it for the unwhitened components.
    n_jobs : int, default=None
        Threads for ``"kmeans"``. Kernels do not depend on it.

    Returns
    -------
    bank : ndarray of shape (K, P)
        float32 if the patches are, else float64. By name, rows have unit norm, and there are fewer
        than `n_kernels`, with a UserWarning, if there are not so many different ones.

    Raises
    ------
    ValueError, TypeError
        If the name is unknown, an array of the wrong shape or not finite, an estimator without
        components, or there are no patches where some are needed.

    References
    ----------
    .. [1] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning.
    .. [2] Coates & Ng (2012). Learning feature representations with k-means.
    .. [3] Chan et al. (2015). PCANet: A simple deep learning baseline for image classification?
       IEEE Trans. Image Processing 24(12).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import learn_kernels
    >>> patches = np.random.RandomState(0).randn(500, 5 * 5)
    >>> learn_kernels("kmeans", patches, 16, (5, 5), random_state=0).shape
    (16, 25)
    >>> from sklearn.decomposition import MiniBatchDictionaryLearning
    >>> dictionary = MiniBatchDictionaryLearning(4, max_iter=5)
    >>> learn_kernels(dictionary, patches, None, (5, 5), random_state=0).shape
    (4, 25)
    """
    with naming("random_state"):
        rng = check_random_state(random_state)
    kernel_size = Geometry.of(kernel_size).kernel_size
    (n_channels,) = per_axis(n_channels, 1, "n_channels")
    width = prod(kernel_size) * n_channels
    if patches is not None:
        patches = as_floats(patches)
        if patches.ndim != 2 or patches.shape[1] != width:
            raise ValueError(
                f"patches must be of shape (n, {width}) for kernel_size={kernel_size} and "
                f"{n_channels} channel(s), got {patches.shape}."
            )
        assert_all_finite(patches, input_name="patches")
    dtype = np.float64 if patches is None else patches.dtype
    if isinstance(kernels, str):
        if kernels not in KERNELS:
            raise ValueError(f"kernels must be one of {sorted(KERNELS)}, got {kernels!r}.")
        n_kernels = check_number(n_kernels)
        if kernels not in NEED_NO_PATCHES:
            _check_any(patches, f"kernels={kernels!r}")
        bank = KERNELS[kernels](
            patches, n_kernels, rng=rng, kernel_size=kernel_size, n_channels=n_channels,
            preprocess=preprocess, n_jobs=n_jobs,
        )  # fmt: skip
        if not len(bank):
            raise ValueError(
                f"kernels={kernels!r} needs patches that differ, got {len(patches)} all the same."
            )
        if len(bank) < n_kernels:
            warn(
                f"kernels={kernels!r} gives {len(bank)} kernels, n_kernels={n_kernels}: there are "
                "not so many different ones.",
                UserWarning,
            )
    elif hasattr(kernels, "fit") and not isinstance(kernels, type):
        bank = _fitted_rows(kernels, patches, width, rng)
    else:
        bank = _given(kernels, kernel_size, n_channels)
    return np.ascontiguousarray(bank, dtype=dtype)


def distinct(patches, most, up_to_sign=False):
    """The first ``most`` different directions among patches, in their order, of unit norm."""
    n_tried = 2 * most
    while True:
        rows, is_direction = unit(patches[:n_tried])
        rows = rows[is_direction]
        key = np.round(rows, 5)
        if up_to_sign and len(key):
            largest = np.abs(key).argmax(axis=1)
            key *= np.sign(key[np.arange(len(key)), largest])[:, None]
        first = np.sort(np.unique(key + 0.0, axis=0, return_index=True)[1])[:most]
        if len(first) == most or n_tried >= len(patches):
            return rows[first]
        n_tried *= 4


def _check_any(patches, wanted):
    if patches is None or not len(patches) or not patches.any():
        got = "none" if patches is None or not len(patches) else f"{len(patches)} of zeros alone"
        raise ValueError(f"{wanted} needs patches that are not blank, got {got}.")


def _fitted_rows(estimator, patches, width, rng):
    """Components or centres of a clone fitted on the patches."""
    name = type(estimator).__name__
    _check_any(patches, f"kernels={name}")
    estimator = seeded(clone(estimator), rng).fit(patches)
    for attribute in ("components_", "cluster_centers_"):
        rows = getattr(estimator, attribute, None)
        if rows is not None:
            break
    else:
        raise TypeError(
            "kernels must be an estimator that has components_ or cluster_centers_ once fitted, "
            f"got {name}."
        )
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(
            f"kernels must have rows of {width} entries, got {name}.{attribute} of shape "
            f"{rows.shape}."
        )
    return rows


def seeded(estimator, rng):
    """Give an estimator seeds where it has None."""
    unset = [
        key
        for key, value in estimator.get_params().items()
        if value is None and (key == "random_state" or key.endswith("__random_state"))
    ]
    return estimator.set_params(**{key: rng.randint(2**31 - 1) for key in sorted(unset)})


def _given(kernels, kernel_size, n_channels):
    """An array of one's own, checked and flattened."""
    try:
        bank = np.asarray(kernels, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(
            f"kernels must be one of {sorted(KERNELS)}, an array of numbers or an estimator (an "
            f"instance, with fit), got {kernels!r}."
        ) from error
    full = (*kernel_size, n_channels)
    shapes = {full, (prod(full),)} | ({kernel_size} if n_channels == 1 else set())
    if bank.ndim < 2 or bank.shape[1:] not in shapes or not len(bank):
        allowed = " or ".join(f"(K, {', '.join(map(str, shape))})" for shape in sorted(shapes))
        raise ValueError(f"kernels must be of shape {allowed}, got {bank.shape}.")
    if not np.isfinite(bank).all():
        raise ValueError("kernels must be finite, got NaN or infinity.")
    return bank.reshape(len(bank), -1)
