"""Images scanned by reservoirs: lines of pixels are sequences, in up to four directions."""

import math
from dataclasses import dataclass, replace

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._announce import once
from .._names import NamedUnlessMaps
from .._params import Integral, StrOptions, count, params_html, plain, unchanged_on_failure
from .._pictures import (
    largest_of,
    like_a_picture,
    listed_pictures,
    side_of_rows,
    warn_of_channels_first,
    warn_of_one_picture,
    warn_of_planes,
    warn_of_scale,
)
from .._progress import Progress
from .._readings import warn_reading
from .._validation import check_array, forget_columns, naming, refuse_wild, validate_data
from ..sequences import Sequences, is_batch, release
from ._driver import Driver
from ._learning import parameters
from ._models.plasticity import plastic
from ._models.reservoir import LARGEST_SEED

MEND = "Scale X, to numbers from 0 to 1 say"
MOST = 0.9  # share of saturated outputs that is announced: ground of images is often alike
LOOK = 16  # images by which the size of what enters is judged
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


class ImageScanFeatures(NamedUnlessMaps, TransformerMixin, BaseEstimator):
    r"""Features of images by reservoirs that scan them in several directions.

    For a direction the image is cut into strips along it, and each strip is a sequence whose steps
    are the pixels of ``step`` lines across it. A reservoir of its own for each direction runs over
    all of them; its states are pooled over cells of the image, to one row or to a map. Behind it
    goes any linear classifier; nothing is learned.

    Parameters
    ----------
    n_units : int, default=100
        Number of units.
    spectral_radius : float, default=0.9
        What the recurrent matrix W is scaled to; see ``control``.
    leak_rate : float, array-like of shape (n_units,) or tuple, default=0.5
        Leak rate a in (0, 1], per step; the time constant is about 1/a steps.
        ``("log_uniform", 2, 200)`` draws a time constant between 2 and 200 steps for each unit,
        ``("groups", 1, 10, 100)`` gives a third of the units each of three time constants.
    input_scaling : float or array-like of shape (n_channels,), default=0.5
        Factor on the input weights, one for all channels or one for each.
    bias_scaling : float, default=0.2
        Factor on the bias, which is drawn as the input weights are.
    n_links : int, default=10
        Links into each unit, for ``topology="sparse"``.
    topology : str, Topology, array, sparse matrix or callable, default="sparse"
        Shape of W: ``"sparse"``, ``"dense"``, ``"orthogonal"``, ``"hadamard"`` (orthogonal, of
        random signs and Hadamard transforms, for reservoirs too large for a matrix), ``"ring"``,
        ``"cycle_jumps"`` or ``"delay_line"``. :class:`dlkit.reservoir.Sparse`,
        :class:`~dlkit.reservoir.Dense` and :class:`~dlkit.reservoir.CycleJumps` have parameters. A
        callable is called as ``f(n_units, random_state)``.
    control : {"radius", "effective", "norm"}, default="radius"
        What ``spectral_radius`` is: the spectral radius of W, the spectral radius of the leaky map
        (1 − a) I + a W, or the spectral norm of W (below one, the norm guarantees the echo state
        property).
    input_weights : {"uniform", "normal", "rademacher"} or InputWeights, default="uniform"
        Distribution of the input weights and the bias: U(−1, 1), N(0, 1), or ±1 with equal
        probability. :class:`dlkit.reservoir.InputWeights` also leaves a share of them out.
    activation : str or callable, default="tanh"
        f: ``"tanh"``, ``"logistic"`` (1 / (1 + exp(−z))), ``"relu"`` or ``"identity"``. A callable
        takes and returns a float and is compiled by Numba (or is already), or is a NumPy ufunc.
    cell : str or cell, default="leaky"
        What a step makes of the state x, the input u and z = W x + W_in u + b. ``"leaky"`` units
        follow (1 − a) x + a f(z). The others are ``"deep_transition"``, ``"es2n"``, ``"residual"``,
        ``"euler"``, ``"clockwork"``, ``"gru"``, ``"mgu"``, ``"lstm"`` and ``"legendre"``. An object
        has parameters: ``Leaky(delays=(1, 5, 20))``, ``ES2N(path="hadamard")``; see
        :class:`dlkit.reservoir.Leaky` and its neighbours for the equations.
    plasticity : IntrinsicPlasticity, default=None
        How ``fit`` adapts the gain and the bias of each unit to the input, before anything else is
        learned, see :class:`dlkit.reservoir.IntrinsicPlasticity`. ``spectral_radius`` is that of W
        without gains.
    layers : int, list of dict or Layers, default=None
        Reservoirs in series: how many, or the parameters of each that differ, or all that
        :class:`dlkit.reservoir.Layers` can say. One if None.
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
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    n_jobs : int, default=None
        Threads, as in joblib; or workers, under ``joblib.parallel_config(backend=...)``. The result
        does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

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
    .. [1] Visin et al. (2015), ReNet: a recurrent neural network based alternative to convolutional
       networks, arXiv:1505.00393.
    .. [2] Schaetti, Salomon & Couturier (2016), Echo state networks-based reservoir computing for
       MNIST handwritten digits recognition, IEEE CSE.

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
        **parameters.DRAWN,
        **{
            name: parameters.RESERVOIR[name]
            for name in ("layers", "random_state", "n_jobs", "verbose")
        },
        "directions": [tuple, list],
        "strip": [count(), None],
        "strip_stride": [count(), None],
        "step": [count()],
        "pooling": [StrOptions({"mean", "last"})],
        "grid": [Integral, tuple, list, None],
        "output": [StrOptions({"features", "map"})],
        "input_shape": [tuple, list, None],
    }

    set_params = parameters.set_params
    _get_params_html = params_html

    def __init__(
        self,
        n_units=100,
        *,
        spectral_radius=0.9,
        leak_rate=0.5,
        input_scaling=0.5,
        bias_scaling=0.2,
        n_links=10,
        topology="sparse",
        control="radius",
        input_weights="uniform",
        activation="tanh",
        cell="leaky",
        plasticity=None,
        layers=None,
        directions=DIRECTIONS,
        strip=None,
        strip_stride=None,
        step=1,
        pooling="mean",
        grid=None,
        output="features",
        input_shape=None,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.bias_scaling = bias_scaling
        self.n_links = n_links
        self.topology = topology
        self.control = control
        self.input_weights = input_weights
        self.activation = activation
        self.cell = cell
        self.plasticity = plasticity
        self.layers = layers
        self.directions = directions
        self.strip = strip
        self.strip_stride = strip_stride
        self.step = step
        self.pooling = pooling
        self.grid = grid
        self.output = output
        self.input_shape = input_shape
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_images(self, X, *, reset):
        """Images as arrays of shape (n, height, width, channels), one for each size.

        Returns
        -------
        groups : list of (ndarray of int, ndarray)
            Numbers of the images of a size, and these, of whatever dtype.
        """
        X = listed_pictures(X)
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
            self._scan = Scan.of(self, groups[0][1].shape[1:])
            self._largest = _largest(groups)
            self.n_channels_in_ = self._scan.n_channels
        for _, X in groups:
            if X.ndim != 4 or 0 in X.shape:
                raise ValueError(
                    f"X has shape {X.shape}; images must be of shape (n, height, width) or "
                    "(n, height, width, channels), none of them zero."
                )
        return groups

    def _check_array(self, X, reset):
        if not hasattr(X, "shape"):
            if isinstance(X, (list, tuple)) and not X:
                raise ValueError("X is an empty list: at least one sample is needed.")
            with naming("X"):
                X = np.asarray(X)
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
            if reset and self.input_shape is None and (side := side_of_rows(X)) is not None:
                warn_reading(
                    f"X of shape {X.shape} is read as {len(X)} images of one line",
                    likely=f"holds images of {side} x {side} entries, flattened to rows",
                    mend=f"give input_shape=({side}, {side})",
                    meant=f"give input_shape={shape}",
                )
            if reset and len(shape) == 3:
                warn_of_channels_first((len(X), *shape), rows=True)
                warn_of_planes(X, shape)
            X = X.reshape(len(X), *shape)
        else:
            X = check_array(X, allow_nd=True, input_name="X", **CHECKS)
            if reset:
                forget_columns(self)
                if like_a_picture(X):
                    warn_of_one_picture(X.shape)
                if X.ndim == 4:
                    warn_of_channels_first(X.shape)
                    warn_of_planes(X, X.shape[1:])
        return X[..., None] if X.ndim == 3 else X

    def _scan_of(self, shape):
        """Scan of images of another size, if the reservoirs can scan them."""
        own, other, why = self._scan, replace(self._scan, shape=shape), None
        across = [other.axes(d)[0] for d in own.directions]
        if shape[2] != own.n_channels:
            why = "all must have as many channels"
        elif own.strip is None and across != [own.axes(d)[0] for d in own.directions]:
            why = "a time step is a whole line, unless strip says how much of it"
        elif (own.strip or 0) > min(across):
            why = f"they are narrower than strip={own.strip}"
        elif own.output == "features" and other.n_each != own.n_each:
            why = f"not all have the cells of grid={own.grid}"
        if why:
            raise ValueError(
                f"X has images of shape {shape}, but {type(self).__name__} was fitted with "
                f"{own.shape}: {why}."
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
            across = self._scan.axes(d)[0]
            if self.strip is not None and self.strip > across:
                raise ValueError(
                    f"strip={self.strip} is wider than the images, which have {across} lines "
                    f"across the direction {d!r}."
                )
        scans = [self._scan_of(X.shape[1:]) for _, X in groups]
        rng = check_random_state(self.random_state)
        seeds = rng.randint(LARGEST_SEED, size=len(DIRECTIONS))
        self.reservoirs_ = []
        for d in self.directions:
            across = self._scan.strip or self._scan.axes(d)[0]
            n_inputs = across * self._scan.step * self.n_channels_in_
            seed = seeds[DIRECTIONS.index(d)]
            driver = Driver(parameters.draw(self, n_inputs, random_state=seed))
            if plastic(driver.drawn):
                driver = self._adapted(driver, d, groups, scans)
            self.reservoirs_.append(driver.drawn)
        some = _read(groups[0][1][:LOOK])
        with once():
            for d, drawn in zip(self.directions, self.reservoirs_, strict=True):
                Driver(drawn).check_scale(scans[0].strips(some, d), mend=MEND, most=MOST)
        return self

    def _adapted(self, driver, direction, groups, scans):
        """Driver of a direction, adapted to all images under plasticity."""
        parts = [
            scan.strips(_read(X), direction) for (_, X), scan in zip(groups, scans, strict=True)
        ]
        lengths = np.concatenate([part.lengths for part in parts])
        values = np.concatenate([part.values for part in parts])
        batch = Sequences(values, np.concatenate([[0], np.cumsum(lengths)]), "list")
        return driver.adapted(batch, verbose=self.verbose)

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
        warn_of_scale(self, self._largest, _largest(groups))
        order = np.argsort(np.concatenate([numbers for numbers, _ in groups]))
        progress = Progress(type(self).__name__, len(order), self.verbose)
        found = [self._scan_all(X, numbers, progress) for numbers, X in groups]
        if len(groups) == 1:
            return found[0]
        if self.output == "features":
            return np.concatenate(found)[order]
        maps = [one for part in found for one in part]
        return [maps[i] for i in order]

    def _scan_all(self, X, numbers, progress):
        """Features of images of one size, block by block; ``numbers`` are for errors."""
        dtype, scan = _working_dtype(X), self._scan_of(X.shape[1:])
        n, n_units = len(X), self.reservoirs_[0].n_features
        if self.output == "map":
            out = np.empty((n, *scan.cells, len(self.directions) * n_units), dtype=dtype)
        else:
            out = np.empty((n, self._n_features_out), dtype=dtype)
        most = max(strips * steps for strips, steps in map(scan.counts, self.directions))
        block = max(_budgets.SCAN_BYTES // (most * n_units * np.dtype(dtype).itemsize), 1)
        for start in range(0, n, block):
            images = _read(X[start : start + block])
            refuse_wild(images, "X", lambda i, start=start: f"image {numbers[start + i]}")
            self._write(scan, images, out[start : start + block])
            release(X[start : start + block])
            progress.advance(len(images))
        return out

    def _write(self, scan, images, out):
        """Write the features of some images."""
        place, n_units = 0, self.reservoirs_[0].n_features
        for direction, reservoir in zip(self.directions, self.reservoirs_, strict=True):
            cells = scan.pool(self._states(scan, images, direction, reservoir), direction)
            if direction in ("down", "up"):
                cells = cells.swapaxes(1, 2)
            if self.output == "map":
                for axis, size in enumerate(scan.cells, start=1):
                    n = cells.shape[axis]
                    cells = cells.take(np.arange(size) * n // size, axis=axis)
                out[..., place : place + n_units] = cells
                place += n_units
            else:
                rows = cells.reshape(len(images), -1)
                out[:, place : place + rows.shape[1]] = rows
                place += rows.shape[1]

    def _states(self, scan, images, direction, reservoir):
        """States of shape (n, strips, steps, n_units), in the order of the scan."""
        batch = scan.strips(images, direction)
        out = np.empty((len(batch.values), reservoir.n_features), dtype=images.dtype)
        Driver(reservoir).run(batch, out=out, n_jobs=self.n_jobs)
        return out.reshape(len(images), *scan.counts(direction), -1)

    @property
    def _n_features_out(self):
        n_units = self.reservoirs_[0].n_features
        if self.output == "map":
            return len(self.directions) * n_units
        return sum(map(math.prod, self._scan.n_each)) * n_units

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


@dataclass(frozen=True)
class Scan:
    """How images of one size are cut into strips, and their states pooled over cells.

    The attributes are the parameters of :class:`ImageScanFeatures` by the same names, and
    ``shape``, (height, width, channels) of the images.
    """

    shape: tuple
    directions: tuple
    strip: int
    strip_stride: int
    step: int
    pooling: str
    grid: object
    output: str

    @classmethod
    def of(cls, estimator, shape):
        """Read the parameters of an estimator."""
        names = list(cls.__dataclass_fields__)[1:]
        return cls(tuple(shape), *(plain(getattr(estimator, name)) for name in names))

    @property
    def n_channels(self):
        """Channels of the images."""
        return self.shape[2]

    def axes(self, direction):
        """Pixels across a direction and along it."""
        height, width = self.shape[:2]
        return (height, width) if direction in ("right", "left") else (width, height)

    def counts(self, direction):
        """Strips of a direction and time steps of each."""
        across, along = self.axes(direction)
        strip = self.strip or across
        return (across - strip) // (self.strip_stride or strip) + 1, -(-along // self.step)

    @property
    def cells(self):
        """Cells along height and width."""
        if self.grid is None and self.output == "map":
            return tuple(-(-n // self.step) for n in self.shape[:2])
        grid = 4 if self.grid is None else self.grid
        return tuple(np.broadcast_to(grid, 2).tolist())

    def cells_of(self, direction):
        """Cells across a direction and along it, as far as there are strips and steps."""
        grid = self.cells if direction in ("right", "left") else self.cells[::-1]
        return tuple(map(min, grid, self.counts(direction)))

    def strips(self, images, direction):
        """Batch of the strips of all images, each in the order of the scan."""
        if direction in ("down", "up"):
            images = images.swapaxes(1, 2)
        if direction in ("left", "up"):
            images = images[:, :, ::-1]
        n, across, along, n_channels = images.shape
        n_strips, n_steps = self.counts(direction)
        strip = self.strip or across
        if n_steps * self.step > along:
            more = n_steps * self.step - along
            images = np.pad(images, ((0, 0), (0, 0), (0, more), (0, 0)))
        strips = np.lib.stride_tricks.sliding_window_view(images, strip, axis=1)
        strips = strips[:, :: self.strip_stride or strip]
        values = strips.reshape(n * n_strips * n_steps, self.step * n_channels * strip)
        offsets = np.arange(n * n_strips + 1, dtype=np.int64) * n_steps
        return Sequences(values, offsets, "cube")

    def pool(self, states, direction):
        """Pool states over cells, (n, cells across, cells along, n_units) as they lie."""
        n_across, n_along = self.cells_of(direction)
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
    def n_each(self):
        """Cells of each direction, across it and along it."""
        return [self.cells_of(d) for d in self.directions]


def _largest(groups):
    """Largest of some numbers as they are computed."""
    return max(largest_of(X) / (255 if X.dtype == np.uint8 else 1) for _, X in groups)


def _read(X):
    """Images in the dtype they are computed in, bytes as shares of 255."""
    dtype = _working_dtype(X)
    images = np.asarray(X, dtype=dtype)
    return images / dtype(255) if X.dtype == np.uint8 else images
