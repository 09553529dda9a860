"""Images scanned by reservoirs: lines of pixels are sequences, in up to four directions."""

import math
from copy import copy

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import _budgets
from .._names import NamedUnlessMaps
from .._params import Integral, StrOptions, count, unchanged_on_failure
from .._progress import Progress
from .._validation import forget_columns, refuse_wild
from ..sequences import Sequences, is_batch, release
from ._base import BaseReservoir, with_reservoir_doc
from ._models.plasticity import adapted, plastic
from ._models.reservoir import LARGEST_SEED

DIRECTIONS = ("right", "left", "down", "up")
CHECKS = {"dtype": "numeric", "ensure_all_finite": False}


def _differ_in_size(X):
    """Whether X is a list of images that no array holds."""
    if not is_batch(X):
        return False
    shapes = {np.shape(x) for x in X}
    return len(shapes) > 1 and all(len(shape) in (2, 3) for shape in shapes)


def _working_dtype(X):
    return np.float32 if X.dtype in (np.float32, np.float16, np.uint8) else np.float64


@with_reservoir_doc
class ImageScanFeatures(NamedUnlessMaps, TransformerMixin, BaseReservoir):
    r"""Features of images by reservoirs that scan them in several directions.

    For a direction the image is cut into strips along it, and each strip is a sequence whose steps
    are the pixels of ``step`` lines across it. A reservoir of its own for each direction runs over
    all of them; its states are pooled over cells of the image, to one row or to a map. Behind it
    goes any linear classifier; nothing is learned.

    Parameters
    ----------
    {reservoir}
    directions : tuple of {"right", "left", "down", "up"}, default=all four
        Directions to scan in.
    strip : int, default=None
        Width of a strip in pixels; the whole image if None, which is then one sequence.
    strip_stride : int, default=None
        Distance of neighbouring strips; their width if None.
    step : int, default=1
        Lines of pixels in each time step.
    pooling : {"mean", "last"}, default="mean"
        Mean state of the steps in each cell, or the last (of the strips of a cell, the mean).
    grid : int or (int, int), default=None
        Cells along height and width. A direction has no more cells than it has strips and steps.
        None: 4, but the full resolution of the steps for ``output="map"``.
    output : {"features", "map"}, default="features"
        Rows of pooled features; or maps of shape (n, \*grid, directions · n_units), in which
        strips are repeated where there are fewer of them than cells.
    input_shape : tuple of int, default=None
        (height, width) or (height, width, channels), where ``X`` is 2-D. None: one line of pixels.

    Attributes
    ----------
    reservoirs_ : list of Reservoir
        One for each direction, or the layers of one.
    n_channels_in_ : int
        Channels of the images seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    ReservoirFeatures : One row for a sequence.

    Notes
    -----
    Images are of shape (n, height, width) or (n, height, width, channels), or a list of them; with
    ``strip`` they may differ in size. Those of uint8 are divided by 255; float32, float16 and uint8
    are computed in float32, others in float64. A last time step that the image does not fill is
    filled up with zeros. Images are read in blocks: beyond input and output, memory of
    ``transform`` does not grow with n. ``fit`` reads only the shape, or under ``plasticity`` the
    strips of all images, which it holds.

    With ``layers``, the units of a direction are those of all layers, or of the last.

    References
    ----------
    Visin et al. (2015), ReNet: a recurrent neural network based alternative to convolutional
    networks, arXiv:1505.00393. Schaetti, Salomon & Couturier (2016), Echo state networks-based
    reservoir computing for MNIST handwritten digits recognition, IEEE CSE.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from dlkit.reservoir import ImageScanFeatures
    >>> images = load_digits().images / 16
    >>> scan = ImageScanFeatures(50, random_state=0)
    >>> scan.fit_transform(images).shape
    (1797, 800)
    >>> scan.set_params(output="map", strip=2).fit_transform(images).shape
    (1797, 8, 8, 200)
    """

    _parameter_constraints = {
        name: constraint
        for name, constraint in BaseReservoir._parameter_constraints.items()
        if name in ("n_units", "layers", "n_jobs", "verbose", *BaseReservoir._drawn)
    } | {
        "directions": [tuple, list],
        "strip": [count(), None],
        "strip_stride": [count(), None],
        "step": [count()],
        "pooling": [StrOptions({"mean", "last"})],
        "grid": [Integral, tuple, list, None],
        "output": [StrOptions({"features", "map"})],
        "input_shape": [tuple, list, None],
    }
    context = None  # no channel of an image is one

    def __init__(
        self, n_units=100, *, spectral_radius=0.9, leak_rate=0.5, input_scaling=0.5,
        bias_scaling=0.2, n_links=10, topology="sparse", jump_size=5, weights="normal",
        control="radius", input_weights="uniform", input_density=1.0, activation="tanh",
        cell="leaky", cell_params=None, delays=1, plasticity=None, layers=None,
        directions=DIRECTIONS, strip=None, strip_stride=None, step=1, pooling="mean", grid=None,
        output="features", input_shape=None, random_state=None, n_jobs=None, verbose=0,
    ):  # fmt: skip
        self._store(locals())

    def _check_images(self, X, *, reset):
        """Images as arrays of shape (n, height, width, channels), one for each size.

        Returns
        -------
        groups : list of (ndarray of int, ndarray)
            Numbers of the images of a size, and these, of whatever dtype.
        """
        if _differ_in_size(X):
            images = [check_array(x, allow_nd=True, input_name="X", **CHECKS) for x in X]
            images = [x[..., None] if x.ndim == 2 else x for x in images]
            dtype = np.result_type(*images)
            sizes = list(dict.fromkeys(x.shape for x in images))
            groups = []
            for size in sizes:
                mine = np.flatnonzero([x.shape == size for x in images])
                groups.append((mine, np.stack([images[i] for i in mine]).astype(dtype, copy=False)))
        else:
            X = self._check_array(X, reset)
            groups = [(np.arange(len(X)), X)]
        if reset and groups[0][1].ndim == 4:
            self._shape, self.n_channels_in_ = groups[0][1].shape[1:], groups[0][1].shape[3]
        for _, X in groups:
            if X.ndim != 4 or 0 in X.shape:
                raise ValueError(
                    f"X has shape {X.shape}; images must be of shape (n, height, width) or "
                    "(n, height, width, channels), none of them zero."
                )
        return groups

    def _check_array(self, X, reset):
        X = X if hasattr(X, "shape") else np.asarray(X)
        if len(X.shape) <= 2:
            if reset or hasattr(self, "n_features_in_"):
                X = validate_data(self, X, reset=reset, **CHECKS)
            else:
                X = check_array(X, **CHECKS)
            shape = (1, X.shape[1]) if self.input_shape is None else tuple(self.input_shape)
            if len(shape) not in (2, 3) or np.prod(shape) != X.shape[1]:
                raise ValueError(
                    f"input_shape={self.input_shape!r} must be (height, width) or (height, width, "
                    f"channels) and hold the {X.shape[1]} columns of X."
                )
            X = X.reshape(len(X), *shape)
        else:
            X = check_array(X, allow_nd=True, input_name="X", **CHECKS)
            if reset:
                forget_columns(self)
        return X[..., None] if X.ndim == 3 else X

    def _sized(self, shape):
        """The same for images of another size, if the reservoirs can scan them."""
        if shape == self._shape:
            return self
        other, why = copy(self), None
        other._shape = shape
        each = self.directions
        across = [other._axes(d)[0] for d in each]
        if shape[2] != self.n_channels_in_:
            why = "all must have as many channels"
        elif self.strip is None and across != [self._axes(d)[0] for d in each]:
            why = "a time step is a whole line, unless strip says how much of it"
        elif (self.strip or 0) > min(across):
            why = f"they are narrower than strip={self.strip}"
        elif self.output == "features" and other._n_each != self._n_each:
            why = f"not all have the cells of grid={self.grid}"
        if why:
            raise ValueError(
                f"X has images of shape {shape}, but {type(self).__name__} was fitted with "
                f"{self._shape}: {why}."
            )
        return other

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw a reservoir for each direction, and adapt it under ``plasticity``.

        Parameters
        ----------
        X : array-like of shape (n, height, width[, channels]) or (n, pixels), or list of array-like
            Images. Without ``plasticity`` only their shape matters; with it, the reservoirs learn
            from all of them, and a few thousand will do.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        unknown = [d for d in self.directions if d not in DIRECTIONS]
        if unknown or len(set(self.directions)) < len(self.directions) or not self.directions:
            raise ValueError(
                f"directions must be some of {DIRECTIONS}, each once; got {self.directions!r}."
            )
        groups = self._check_images(X, reset=True)
        for numbers, X in groups:
            refuse_wild(X, "X", lambda i, numbers=numbers: f"image {numbers[i]}")
        grid = np.atleast_1d(4 if self.grid is None else self.grid)
        if grid.ndim > 1 or len(grid) > 2 or grid.dtype.kind not in "iu" or (grid < 1).any():
            raise ValueError(
                f"grid must be a whole number of cells, or two of them; got {self.grid!r}."
            )
        for d in self.directions:
            across = self._axes(d)[0]
            if self.strip is not None and self.strip > across:
                raise ValueError(
                    f"strip={self.strip} is wider than the images, which have {across} lines "
                    f"across the direction {d!r}."
                )
        for _, X in groups:
            self._sized(X.shape[1:])
        rng = check_random_state(self.random_state)
        seeds = rng.randint(LARGEST_SEED, size=len(DIRECTIONS))
        self.reservoirs_ = [
            self._drawn_for(d, seeds[DIRECTIONS.index(d)], groups) for d in self.directions
        ]
        return self

    def _drawn_for(self, direction, seed, groups):
        """Reservoir of a direction, adapted to the images under plasticity."""
        own = copy(self)
        own.random_state = seed
        strip = self.strip or self._axes(direction)[0]
        reservoir = own._draw(strip * self.step * self.n_channels_in_)
        if not plastic(reservoir):
            return reservoir
        parts = [self._sized(X.shape[1:])._strips(self._read(X), direction) for _, X in groups]
        lengths = np.concatenate([part.lengths for part in parts])
        batch = Sequences(
            np.concatenate([part.values for part in parts]),
            np.concatenate([[0], np.cumsum(lengths)]), "list",
        )  # fmt: skip
        starts = reservoir.rest(len(batch), np.float64)[:, : reservoir.n_units]
        return adapted(reservoir, batch, starts, 0, self.verbose)

    def transform(self, X):
        r"""Scan images.

        Parameters
        ----------
        X : array-like of shape (n, height, width[, channels]) or (n, pixels), or list of array-like
            Images, of the size seen in ``fit`` or, where ``strip`` is given, of any that holds
            the cells.

        Returns
        -------
        features : ndarray of shape (n, n_features) or (n, \*grid, directions · n_units)
            Rows, or maps for ``output="map"``: a list of them for images of different sizes.
        """
        check_is_fitted(self)
        groups = self._check_images(X, reset=False)
        order = np.argsort(np.concatenate([numbers for numbers, _ in groups]))
        progress = Progress(type(self).__name__, len(order), self.verbose)
        found = [self._sized(X.shape[1:])._scan_all(X, numbers, progress) for numbers, X in groups]
        if len(groups) == 1:
            return found[0]
        if self.output == "features":
            return np.concatenate(found)[order]
        maps = [one for part in found for one in part]
        return [maps[i] for i in order]

    def _scan_all(self, X, numbers, progress):
        """Features of images of one size, block by block; ``numbers`` are for errors."""
        dtype = _working_dtype(X)
        n = len(X)
        n_units = self.reservoirs_[0].n_features
        if self.output == "map":
            out = np.empty((n, *self._grid, len(self.directions) * n_units), dtype=dtype)
        else:
            out = np.empty((n, self._n_features_out), dtype=dtype)
        most = max(strips * steps for strips, steps in map(self._counts, self.directions))
        block = max(_budgets.SCAN_BYTES // (most * n_units * np.dtype(dtype).itemsize), 1)
        for start in range(0, n, block):
            images = self._read(X[start : start + block])
            refuse_wild(images, "X", lambda i, start=start: f"image {numbers[start + i]}")
            self._scan(images, out[start : start + block])
            release(X[start : start + block])
            progress.advance(len(images))
        return out

    def _read(self, X):
        """Images in the dtype they are computed in, bytes as shares of 255."""
        dtype = _working_dtype(X)
        images = np.asarray(X, dtype=dtype)
        return images / dtype(255) if X.dtype == np.uint8 else images

    def _axes(self, direction):
        """Pixels across a direction and along it."""
        height, width = self._shape[:2]
        return (height, width) if direction in ("right", "left") else (width, height)

    def _counts(self, direction):
        """Strips of a direction and time steps of each."""
        across, along = self._axes(direction)
        strip = self.strip or across
        return (across - strip) // (self.strip_stride or strip) + 1, -(-along // self.step)

    @property
    def _grid(self):
        """Cells along height and width."""
        if self.grid is None and self.output == "map":
            return tuple(-(-n // self.step) for n in self._shape[:2])
        grid = 4 if self.grid is None else self.grid
        return tuple(np.broadcast_to(grid, 2).tolist())

    def _cells(self, direction):
        """Cells across a direction and along it, as far as there are strips and steps."""
        grid = self._grid if direction in ("right", "left") else self._grid[::-1]
        return tuple(map(min, grid, self._counts(direction)))

    def _scan(self, images, out):
        """Write the features of some images."""
        place, n_units = 0, self.reservoirs_[0].n_features
        for direction, reservoir in zip(self.directions, self.reservoirs_, strict=True):
            cells = self._pool(self._states(images, direction, reservoir), direction)
            if direction in ("down", "up"):
                cells = cells.swapaxes(1, 2)
            if self.output == "map":
                for axis, size in enumerate(self._grid, start=1):
                    n = cells.shape[axis]
                    cells = cells.take(np.arange(size) * n // size, axis=axis)
                out[..., place : place + n_units] = cells
                place += n_units
            else:
                rows = cells.reshape(len(images), -1)
                out[:, place : place + rows.shape[1]] = rows
                place += rows.shape[1]

    def _strips(self, images, direction):
        """Batch of the strips of all images, each in the order of the scan."""
        if direction in ("down", "up"):
            images = images.swapaxes(1, 2)
        if direction in ("left", "up"):
            images = images[:, :, ::-1]
        n, across, along, n_channels = images.shape
        n_strips, n_steps = self._counts(direction)
        strip = self.strip or across
        if n_steps * self.step > along:
            more = n_steps * self.step - along
            images = np.pad(images, ((0, 0), (0, 0), (0, more), (0, 0)))
        strips = np.lib.stride_tricks.sliding_window_view(images, strip, axis=1)
        strips = strips[:, :: self.strip_stride or strip]
        values = strips.reshape(n * n_strips * n_steps, self.step * n_channels * strip)
        offsets = np.arange(n * n_strips + 1, dtype=np.int64) * n_steps
        return Sequences(values, offsets, "cube")

    def _states(self, images, direction, reservoir):
        """States of shape (n, strips, steps, n_units), in the order of the scan."""
        batch = self._strips(images, direction)
        out = np.empty((len(batch.values), reservoir.n_features), dtype=images.dtype)
        reservoir.lanes(images.dtype).run(batch, None, out=out, n_jobs=self.n_jobs)
        return out.reshape(len(images), *self._counts(direction), -1)

    def _pool(self, states, direction):
        """Pool states over cells, (n, cells across, cells along, n_units) as they lie."""
        n_across, n_along = self._cells(direction)
        n_strips, n_steps = states.shape[1:3]
        # as a scan from the other end has them, cells are the same pixels
        ends = (np.arange(1, n_along + 1) * n_steps) // n_along
        backward = direction in ("left", "up")
        if backward:
            ends = n_steps - np.concatenate([[0], ends[:-1]])[::-1]
        starts = np.concatenate([[0], ends[:-1]])
        if self.pooling == "last":
            cells = states[:, :, ends - 1]
        else:
            cells = np.add.reduceat(states, starts, axis=2) / (ends - starts)[:, None]
        first = (np.arange(n_across) * n_strips) // n_across
        sizes = np.diff(np.append(first, n_strips))
        cells = np.add.reduceat(cells, first, axis=1) / sizes[:, None, None]
        cells = cells.astype(states.dtype, copy=False)
        return cells[:, :, ::-1] if backward else cells

    @property
    def _n_each(self):
        """Cells of each direction, across it and along it."""
        return [self._cells(d) for d in self.directions]

    @property
    def _n_features_out(self):
        n_units = self.reservoirs_[0].n_features
        if self.output == "map":
            return len(self.directions) * n_units
        return sum(map(math.prod, self._n_each)) * n_units

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
