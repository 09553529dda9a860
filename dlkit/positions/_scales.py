"""Intensities, edges and curvatures at several scales, for every position of a sample."""

from itertools import product

import numpy as np
from scipy import ndimage
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import Integral, Real, count, plain, unchanged_on_failure
from .._threads import effective_threads, in_order
from .._validation import refuse_overflow
from ..conv._samples import check_samples
from ._smoothing import WIDEST

__all__ = ["ScaleFeatures", "eigenvalues"]

TRUNCATE = 3.0  # standard deviations at which Gaussians end
OFFSET = 30.0  # times the range of float32 samples, from which sums are taken in float64
MOST_NEIGHBOURS = 10_000  # positions of a window, each of which is a column a channel
DIFFERENCE, SECOND = (-0.5, 0.0, 0.5), (1.0, -2.0, 1.0)


class ScaleFeatures(TransformerMixin, BaseEstimator):
    r"""Maps of what is seen around each position of series, images and volumes, at several scales.

    For each channel and each standard deviation σ a sample is smoothed by a Gaussian. Each position
    then gets the smoothed intensity, the length of the gradient, the eigenvalues of the matrix of
    second derivatives [1]_, the standard deviation of what the Gaussian takes away, and the
    smoothed intensities of its neighbours 2σ away. Beside these stand the intensities of the
    positions next to it, as they are. Borders are reflected. Nothing is learned: `fit` notes the
    number of axes and channels.

    Parameters
    ----------
    sigmas : float or sequence of float, default=(0.7, 1.4, 2.8, 5.6)
        Standard deviations of the Gaussians, in units of ``spacing``.
    window : int, default=3
        Positions along each axis whose intensities are taken as they are; an odd number.
    neighbours : bool, default=True
        Whether smoothed intensities 2σ away are taken, too: in each direction along an axis, and
        along the diagonals.
    deviation : bool, default=True
        Whether the standard deviation of what the Gaussian takes away from the intensities is
        taken, too, in a window of the same Gaussian: it tells textures apart.
    spacing : float or tuple of float, default=None
        Distance of neighbouring positions along each axis, as of the voxels of a scanner: Gaussians
        are round in these units, and derivatives are by them. None: one.
    n_axes : int, default=None
        Axes of space of a sample. None: ``X`` of shape (n, H, W) holds images; of more axes, the
        last one is channels if it has no more than 16 entries. An axis behind those of space is
        channels.
    n_jobs : int, default=None
        Threads. Results do not depend on it.

    Attributes
    ----------
    n_channels_in_ : int
        Channels of the samples seen in ``fit``.
    n_axes_ : int
        Axes of space.
    halo_ : tuple of int
        How far, along each axis, a position's features look.

    See Also
    --------
    PixelClassifier : Labels each position; these features are its default.
    dlkit.conv.ConvFeatures : Kernels that are learned from patches, also as maps.

    References
    ----------
    .. [1] Lindeberg (1998). Feature detection with automatic scale selection. International Journal
       of Computer Vision 30(2), section 4.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> from dlkit.positions import ScaleFeatures
    >>> image = load_sample_image("china.jpg")[:64, :96]
    >>> ScaleFeatures((1.0, 4.0)).fit_transform(image[None]).shape
    (1, 64, 96, 105)
    """

    _parameter_constraints = {
        "sigmas": [Real, tuple, list, np.ndarray],
        "window": [count()],
        "neighbours": ["boolean"],
        "deviation": ["boolean"],
        "spacing": [Real, tuple, list, np.ndarray, None],
        "n_axes": [count(1, 3), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        sigmas=(0.7, 1.4, 2.8, 5.6),
        *,
        window=3,
        neighbours=True,
        deviation=True,
        spacing=None,
        n_axes=None,
        n_jobs=None,
    ):
        self.sigmas = sigmas
        self.window = window
        self.neighbours = neighbours
        self.deviation = deviation
        self.spacing = spacing
        self.n_axes = n_axes
        self.n_jobs = n_jobs

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Note how many axes and channels samples have.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples: an array of shape (n, *space, C), or (n, *space) for one channel; or a list of
            arrays without the first axis, of any sizes.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        samples = check_samples(X, self.n_axes, estimator=self)
        self._scales(samples.n_axes)
        self.n_channels_in_, self.n_axes_ = samples.n_channels, samples.n_axes
        return self

    def transform(self, X):
        r"""Describe each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels.

        Returns
        -------
        maps : ndarray of shape (n, \*space, F), or list of such
            For each channel the intensities of the window; then for each σ smoothed intensity,
            gradient (of series with its sign), eigenvalues from the largest on, deviation, and
            neighbours. A list if ``X`` is one. float32 where samples are float32 or uint8.
        """
        check_is_fitted(self)
        samples = check_samples(X, self.n_axes_, estimator=self, reset=False)
        numbers, pads = np.arange(len(samples)), [(0, 0)] * samples.n_axes

        def work(i):
            return self.describe(samples.read(numbers[i : i + 1], pads)[0])

        maps = in_order(work, range(len(samples)), effective_threads(self.n_jobs))
        if samples.listed:
            return [np.ascontiguousarray(one) for one in maps]
        out = None
        for i, one in enumerate(maps):
            out = np.empty((len(samples), *one.shape), one.dtype) if out is None else out
            out[i] = one
        return out

    def describe(self, a, inner=None):
        """Compute the features of one sample, or of a box of it.

        Parameters
        ----------
        a : ndarray of shape (H, W, C)
            Sample, of any number of axes of space.
        inner : tuple of slice, default=None
            Box: positions along each axis of space. All of the sample if None.

        Returns
        -------
        ndarray of shape (height of the box, its width, F)
            Each feature's entries lie next to one another: written in one go.
        """
        n_axes = self.n_axes_
        inner = tuple(slice(0, n) for n in a.shape[:-1]) if inner is None else inner
        scales = self._scales(n_axes)
        reach = self._window // 2
        near = list(product(range(-reach, reach + 1), repeat=n_axes))
        n_columns = a.shape[-1] * self._columns_of_channel(n_axes)
        out = np.empty((n_columns, *(s.stop - s.start for s in inner)), a.dtype)
        columns = iter(out)

        def write(found, box):
            for one in found:
                next(columns)[...] = one[box]

        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for channel in np.moveaxis(a, -1, 0):
                precise = _digits(channel)
                part, box = _nearby(channel, inner, [*near, (1,) * n_axes])
                write(_shifted(part, near), box)
                for deviations, around in scales:
                    reach = self._reach(deviations, around)
                    some, inside = _nearby(channel, inner, [reach])
                    smooth = _smoothed(some, deviations, precise)
                    part, box = _nearby(smooth, inside, [*around, (1,) * n_axes])
                    write([part, *self._derivatives(part)], box)
                    if self.deviation:
                        part_off, box_off = _nearby(some - smooth, inside, [_radius(deviations)])
                        squares = np.square(part_off, dtype=np.float64)
                        next(columns)[...] = np.sqrt(_smoothed(squares, deviations)[box_off])
                    write(_shifted(part, around), box)
        return np.moveaxis(refuse_overflow(out, "X"), 0, -1)

    @property
    def halo_(self):
        """How far, along each axis, a position's features look."""
        check_is_fitted(self)
        reach = np.full(self.n_axes_, self._window // 2)
        for scale in self._scales(self.n_axes_):
            reach = np.maximum(reach, self._reach(*scale))
        return tuple(int(r) for r in reach)

    def _reach(self, deviations, around):
        """How far, along each axis, what is computed at a scale looks."""
        radius, unit = _radius(deviations), (1,) * len(deviations)
        return np.maximum(radius + np.abs([*around, unit]).max(axis=0), 2 * radius * self.deviation)

    @property
    def _n_features_out(self):
        return self.n_channels_in_ * self._columns_of_channel(self.n_axes_)

    def _columns_of_channel(self, n_axes):
        each = 2 + n_axes + bool(self.deviation)  # and neighbours, of each scale
        return self._window**n_axes + sum(each + len(around) for _, around in self._scales(n_axes))

    @property
    def _window(self):
        return plain(self.window)

    def _spacing(self, n_axes):
        given = 1.0 if self.spacing is None else self.spacing
        spacing = (
            np.broadcast_to(np.asarray(given, float), (n_axes,))
            if _fits(given, n_axes)
            else np.array([np.nan])
        )
        if not (np.isfinite(spacing) & (spacing > 0)).all():
            raise ValueError(
                f"spacing={self.spacing!r} is not allowed; it must be a number above zero, or one "
                f"such number for each of the {n_axes} axes of space."
            )
        return spacing

    def _scales(self, n_axes):
        """Deviations along each axis and offsets of neighbours, for each sigma."""
        if self._window % 2 == 0:
            raise ValueError(f"window={self.window!r} is not allowed; it must be an odd number.")
        if int(self._window) ** n_axes > MOST_NEIGHBOURS:
            raise ValueError(
                f"window={self.window!r} is not allowed; along {n_axes} axes it may hold "
                f"{MOST_NEIGHBOURS} positions: give a smaller one."
            )
        sigmas = np.atleast_1d(np.asarray(self.sigmas, dtype=float))
        if sigmas.ndim != 1 or not len(sigmas) or not (np.isfinite(sigmas) & (sigmas > 0)).all():
            raise ValueError(
                f"sigmas={self.sigmas!r} is not allowed; it must be a number above zero, or "
                "several."
            )
        spacing, scales = self._spacing(n_axes), []
        if sigmas.max() / spacing.min() > WIDEST:
            raise ValueError(
                f"sigmas={self.sigmas!r} with spacing={self.spacing!r} are Gaussians of up to "
                f"{sigmas.max() / spacing.min():.3g} positions; they may have {WIDEST}: give "
                "smaller sigmas, or another spacing."
            )
        for sigma in sigmas:
            deviations = sigma / spacing
            steps = np.maximum(np.rint(2 * deviations), 1).astype(int)
            around = [
                tuple(int(d * s) for d, s in zip(direction, steps, strict=True))
                for direction in directions(n_axes)
            ]
            scales.append((tuple(deviations), around if self.neighbours else []))
        return scales

    def _derivatives(self, smooth):
        """Gradient and eigenvalues of the second derivatives of one smoothed channel."""
        n_axes, spacing = smooth.ndim, self._spacing(smooth.ndim)
        first = [_along(smooth, DIFFERENCE, axis) / spacing[axis] for axis in range(n_axes)]
        second = {}
        for i in range(n_axes):
            second[i, i] = _along(smooth, SECOND, i) / spacing[i] ** 2
            for j in range(i + 1, n_axes):
                # across another axis a difference is even, so that reflection goes on
                second[i, j] = _along(first[i], DIFFERENCE, j) / spacing[j]
        edge = first[0] if n_axes == 1 else np.sqrt(sum(np.square(one) for one in first))
        return [edge, *eigenvalues(second, n_axes)]

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_axes_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _digits(channel):
    """Type in which neighbours are compared: float64 where float32 would lose differences."""
    if channel.dtype == np.float32 and channel.size:
        low, high = float(channel.min()), float(channel.max())
        if max(-low, high) > OFFSET * (high - low):
            return np.float64
    return channel.dtype


def directions(n_axes):
    """Steps forth and back along each axis, and along the diagonals of all axes."""
    along = [
        tuple(sign * int(i == axis) for i in range(n_axes)) for axis in range(n_axes)
        for sign in (-1, 1)
    ]  # fmt: skip
    return along if n_axes == 1 else along + list(product((-1, 1), repeat=n_axes))


def eigenvalues(matrix, n_axes):
    """Eigenvalues of symmetric matrices of up to three rows, from the largest on.

    Parameters
    ----------
    matrix : dict of (int, int) to ndarray
        Entries on and above the diagonal, by row and column.
    n_axes : int
        Rows.

    Returns
    -------
    values : list of ndarray
    """
    if n_axes == 1:
        return [matrix[0, 0]]
    if n_axes == 2:
        mean = (matrix[0, 0] + matrix[1, 1]) / 2
        spread = np.hypot((matrix[0, 0] - matrix[1, 1]) / 2, matrix[0, 1])
        return [mean + spread, mean - spread]
    # the roots of the characteristic polynomial, by angles
    mean = (matrix[0, 0] + matrix[1, 1] + matrix[2, 2]) / 3
    a, b, c = (matrix[i, i] - mean for i in range(3))
    d, e, f = matrix[0, 1], matrix[0, 2], matrix[1, 2]
    size = np.sqrt((a * a + b * b + c * c + 2 * (d * d + e * e + f * f)) / 6)
    a, b, c, d, e, f = (np.divide(x, size, out=np.zeros_like(x), where=size > 0)
                        for x in (a, b, c, d, e, f))  # fmt: skip
    half = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2
    angle = np.arccos(np.clip(half, -1, 1)) / 3
    largest = mean + 2 * size * np.cos(angle)
    least = mean + 2 * size * np.cos(angle + 2 * np.pi / 3)
    return [largest, 3 * mean - largest - least, least]


def _nearby(a, inner, offsets):
    """Part of an array that offsets from a box reach, and the box within the part."""
    reach = np.abs(offsets).max(axis=0)
    low = [max(s.start - int(r), 0) for s, r in zip(inner, reach, strict=True)]
    high = [min(s.stop + int(r), n) for s, r, n in zip(inner, reach, a.shape, strict=True)]
    part = a[tuple(slice(x, y) for x, y in zip(low, high, strict=True))]
    return part, tuple(slice(s.start - x, s.stop - x) for s, x in zip(inner, low, strict=True))


def _radius(deviations):
    return (TRUNCATE * np.array(deviations) + 0.5).astype(int)


def _smoothed(a, deviations, dtype=None):
    return ndimage.gaussian_filter(a, deviations, output=dtype, truncate=TRUNCATE)


def _along(a, kernel, axis):
    return ndimage.correlate1d(a, kernel, axis=axis)


def _shifted(a, offsets):
    """Views of an array, reflected at its borders, moved by offsets."""
    if not offsets:
        return []
    reach = np.abs(offsets).max(axis=0)
    padded = np.pad(a, [(r, r) for r in reach], mode="symmetric")
    return [
        padded[
            tuple(slice(r + o, r + o + n) for r, o, n in zip(reach, offset, a.shape, strict=True))
        ]
        for offset in offsets
    ]


def _fits(given, n_axes):
    try:
        shape = np.shape(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        return False
    return shape in ((), (n_axes,))
