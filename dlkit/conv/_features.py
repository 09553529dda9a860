"""Convolutional features as a transformer: samples to rows, or to maps."""

import copy

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._frozen import read_only
from .._names import NamedUnlessMaps
from .._params import (
    HasMethods,
    Integral,
    Interval,
    Real,
    StrOptions,
    count,
    non_negative,
    positive,
    unchanged_on_failure,
)
from .._pictures import largest_of, warn_of_offset, warn_of_scale
from .._progress import Progress
from ._banks import LearnedBank
from ._encoders import ENCODERS
from ._engine import Extractor
from ._geometry import PADDINGS, Geometry, axes_told, per_axis, size_on
from ._kernels import KERNELS
from ._pooling import POOLINGS, Grid, Pooling
from ._samples import check_samples
from ._upright import Upright, UprightSamples

# Cells along each axis of series, images and volumes, where nothing is said.
CELLS = {1: 4, 2: Grid(3, overlap=0.5)}
FEWEST = 2
# Recipes for many images: see benchmarks/accuracy/image_defaults.py and images.py.
PRESETS = {"accurate": {"upright": "auto"}}


class ConvFeatures(NamedUnlessMaps, TransformerMixin, BaseEstimator):
    r"""Features of series, images and volumes by kernels that are drawn or learned without labels.

    A sample's patches are contrast-normalised and whitened, meet all kernels, and what comes of it
    is encoded and pooled over cells of the sample: one row of features for each. Behind it goes any
    linear classifier. Nothing is learned from labels.

    Parameters
    ----------
    n_kernels : int, default=320
        Kernels of each size. An array or an estimator as ``kernels`` brings its own number.
    kernel_size : int, tuple of int, list of such, default=None
        Extent along each spatial axis: as many entries as there are axes, or one number for all.
        A list means several sizes at once, whose features are joined. None: for an array of kernels
        its own; otherwise 9 (series) or 5 × 5 × 5 (volumes), and no more than half of the smallest
        sample; for images such that a patch has about a hundred entries, 10 × 10 of one channel
        and 6 × 6 of three, and no more than a third of the smallest, but 4 × 4 if there is room.
        See the notes for what ``X`` is then.
    kernels : str, array or estimator, default="kmeans"
        ``"random"``: Gaussian entries; ``"patches"`` of the data; ``"kmeans"``: spherical k-means
        on patches; ``"pca"``: their principal components; ``"gabor"``: quadrature pairs over
        directions and scales; an array of shape (K, \*kernel_size, C); or a scikit-learn estimator
        that has ``components_`` or ``cluster_centers_`` once fitted on patches. See
        :func:`~dlkit.conv.learn_kernels`.
    stride : int or tuple of int, default=1
        Distance of neighbouring positions.
    dilation : int or tuple of int, default=1
        Distance of neighbouring entries of a patch.
    padding : {"valid", "same", "full"}, default="same"
        Zeros around a sample: none; as many as give a position for each entry at stride 1; as many
        as let a kernel overlap by one entry. Zeros are part of the patch, for contrast
        normalisation and whitening too.
    sharing : {"shared", "tiled", "local"}, default="shared"
        The same kernels everywhere; kernels that repeat after ``tile_period`` positions along each
        axis; others at each position (samples must then be of one size).
    tile_period : int or tuple of int, default=2
        Period, for ``sharing="tiled"``.
    contrast : float or None, default=1.0
        Contrast normalisation (x − mean) / √(variance + contrast · v) of each patch, v the mean
        variance of the sampled patches. None: none.
    whitening : float or None, default=0.3
        ZCA whitening with (C + whitening · mean eigenvalue)^−½. None: none.
    encoder : str or callable, default="split_threshold"
        What is made of the responses r_k = d_k·w of a whitened patch w: r (``"linear"``);
        max(0, r) (``"relu"``); \|r\| (``"abs"``); max(0, r − t) (``"soft_threshold"``); that and
        max(0, −r − t), two features for each kernel (``"split_threshold"``);
        max(0, mean distance − distance) for the distances \|w − d_k\| (``"triangle"``); one at the
        nearest kernel (``"hard"``); √(r²₂ᵢ + r²₂ᵢ₊₁) of pairs, half as many features
        (``"energy"``); or what a callable returns for an array of responses of shape
        (n_positions, K), row by row: one row of numbers for each.
    threshold : float, default=0.5
        t of the soft thresholds.
    pooling : {"mean", "sum", "max", "l2", "ppv"} or tuple of them, default="mean"
        What is said of each cell: mean, sum, maximum, root of the sum of squares, share above zero.
    grid : int, tuple of int, Grid, or list of such, default=None
        Cells along each axis; a :class:`~dlkit.conv.Grid`, if neighbouring cells are to overlap; a
        list is a pyramid. None: 4 for series, 3 × 3 that overlap by half for images, 2 × 2 × 2
        for volumes, unless there is a window or ``output="map"``.
    window, window_stride : int or tuple of int, default=None
        Sliding windows in place of a grid, in positions; their distance is their size if None.
    power : float, default=0.5
        Features become sign(f) \|f\|^power at the end.
    output : {"features", "map"}, default="features"
        Rows of pooled features, or maps (n, \*positions, F), as the next layer takes them: pooled
        by windows or one grid if such is asked for, at full resolution if not.
    upright : bool or "auto", default=False
        Whether images are read twice: as they are, and without slant, of one width and in the
        middle. The second reading has features of its own, so that there are twice as many. "auto":
        where images lie on a blank ground, as handwritten digits on paper do. See the notes.
    input_shape : tuple of int, default=None
        Shape of a sample, where ``X`` is 2-D: (\*space) or (\*space, C). None: rows are series.
    n_patches : int, default=100_000
        Patches to learn from, drawn at random in ``fit`` and in each ``partial_fit``.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws.
    n_jobs : int, default=None
        Threads. Results do not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    kernels_ : ndarray of shape (K, \*kernel_size, C)
        Kernels, read-only, as they meet preprocessed patches; (n_groups, K, \*kernel_size, C) if
        they are not shared, and a list of such for several sizes.
    preprocess_ : PatchPreprocess
        Contrast normalisation and whitening; a list for several sizes.
    n_channels_in_ : int
        Channels of the samples seen in ``fit``.
    upright_ : bool
        Whether images are read twice.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    convolve, pool : The two steps as plain functions.
    SphericalKMeans, ZCAWhitening : What is learned, as estimators.

    Notes
    -----
    Samples are of shape (n, \*space, C), or (n, \*space) for one channel; lists of differently
    sized ones are welcome wherever rows of one length come out. A tuple as ``kernel_size`` tells
    how many axes of space there are. Otherwise ``X`` of shape (n, T) or (n, T, 1) holds series, of
    shape (n, H, W) images, and of more axes the last one is channels if it has no more than 16
    entries. So series of several channels, (n, T, C), want a tuple of one entry, (9,), say.

    Samples of float32, float16, uint8 and bool are computed in float32, everything else in float64,
    and read tile by tile: beyond input and output, memory does not grow with n. Patches of a single
    entry are not preprocessed.

    Under ``upright`` the ground is the median entry at the border of the images, and ink is what
    differs from the ground. The ink's covariance of rows and columns is the slant, which is sheared
    out, up to one column a row. Then the standard deviation of the ink's columns is made one for
    all images. Kernels are those learned from images as they are. "auto" asks that there be at the
    border at most 2 % of the ink that there is on average, and otherwise reads once.

    `partial_fit` adds to the moments of the whitening and goes on with k-means (or an estimator's
    own ``partial_fit``, unless it was fitted by `fit`); kernels of other kinds stay as the first
    piece made them. What regularisers are relative to is settled by the first piece. Positions
    that see too few patches that are not blank, for unshared kernels, learn from those of all.

    References
    ----------
    .. [1] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning. AISTATS.
    .. [2] Coates & Ng (2011). The importance of encoding versus training with sparse coding and
       vector quantization. ICML.
    .. [3] Saxe et al. (2011). On random weights and unsupervised feature learning. ICML.
    .. [4] Ngiam et al. (2010). Tiled convolutional neural networks. NIPS.
    .. [5] LeCun, Bottou, Bengio & Haffner (1998). Gradient-based learning applied to document
       recognition. Proceedings of the IEEE 86: images without slant.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from dlkit.conv import ConvFeatures
    >>> digits = load_digits()
    >>> conv = ConvFeatures(32, kernel_size=5, random_state=0)
    >>> conv.fit_transform(digits.images).shape
    (1797, 576)
    >>> conv.kernels_.shape
    (32, 5, 5, 1)
    """

    _parameter_constraints = {
        "n_kernels": [count()],
        "kernel_size": [Integral, tuple, list, None],
        "kernels": [StrOptions(set(KERNELS)), np.ndarray, list, HasMethods(["fit"])],
        "stride": [Integral, tuple, list],
        "dilation": [Integral, tuple, list],
        "padding": [StrOptions(set(PADDINGS))],
        "sharing": [StrOptions({"shared", "tiled", "local"})],
        "tile_period": [Integral, tuple, list],
        "contrast": [positive(), None],
        "whitening": [non_negative(), None],
        "encoder": [StrOptions(set(ENCODERS)), callable],
        "threshold": [Interval(Real, None, None, closed="neither")],
        "pooling": [StrOptions(set(POOLINGS)), tuple, list],
        "grid": [Integral, tuple, list, Grid, None],
        "window": [Integral, tuple, list, None],
        "window_stride": [Integral, tuple, list, None],
        "power": [positive()],
        "output": [StrOptions({"features", "map"})],
        "upright": ["boolean", StrOptions({"auto"})],
        "input_shape": [Integral, tuple, list, None],
        "n_patches": [count()],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_kernels=320,
        *,
        kernel_size=None,
        kernels="kmeans",
        stride=1,
        dilation=1,
        padding="same",
        sharing="shared",
        tile_period=2,
        contrast=1.0,
        whitening=0.3,
        encoder="split_threshold",
        threshold=0.5,
        pooling="mean",
        grid=None,
        window=None,
        window_stride=None,
        power=0.5,
        output="features",
        upright=False,
        input_shape=None,
        n_patches=100_000,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_kernels = n_kernels
        self.kernel_size = kernel_size
        self.kernels = kernels
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.sharing = sharing
        self.tile_period = tile_period
        self.contrast = contrast
        self.whitening = whitening
        self.encoder = encoder
        self.threshold = threshold
        self.pooling = pooling
        self.grid = grid
        self.window = window
        self.window_stride = window_stride
        self.power = power
        self.output = output
        self.upright = upright
        self.input_shape = input_shape
        self.n_patches = n_patches
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @classmethod
    def preset(cls, name, **parameters):
        """Make one by a recipe for many images.

        Parameters
        ----------
        name : {"accurate"}
            "accurate": images on a blank ground, as handwritten digits are, are read a second time,
            upright, which makes twice as many features. Other images are read as by the defaults.
            Behind them ``HingeReadoutClassifier(tol=0.015)`` has fewer errors than ridge on the
            60,000 images of MNIST; on sets of a few thousand images ridge has fewer.
        **parameters : dict
            Parameters beside the recipe's, or in place of them.

        Returns
        -------
        conv : ConvFeatures
            Not fitted.

        Examples
        --------
        >>> from dlkit import ConvFeatures
        >>> ConvFeatures.preset("accurate", random_state=0).upright
        'auto'
        """
        if name not in PRESETS:
            raise ValueError(f"name={name!r} is not allowed; it must be one of {sorted(PRESETS)}.")
        return cls(**copy.deepcopy(PRESETS[name]) | parameters)

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Learn preprocessing and kernels from patches drawn at random.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples: an array of shape (n, ..., C), or (n, ...) for one channel; a list of
            arrays without the first axis; or a 2-D array of flat rows.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._learn(X, reset=True)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None):
        """Learn from one more piece of a stream, the first of which should be a fair sample.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._learn(X, reset=False)
        return self

    def transform(self, X):
        r"""Encode and pool.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            For each kernel size, then pooling, then grid: cells in C order, then kernels. float32
            where samples are float32 or uint8. With ``output="map"`` maps of shape
            (n, \*positions, F), a list of them if ``X`` is a list.
        """
        check_is_fitted(self)
        samples = self._check(X, reset=False)
        warn_of_scale(self, self._largest, largest_of(samples.values))
        self._check_fit(samples)
        banks = [b.folded(self.encoder, self.threshold, samples.dtype) for b in self._banks]
        extractor = Extractor(banks, self._pooling(samples.n_axes), self.power, samples.dtype)
        again = None if self._upright is None else UprightSamples.of(samples, self._upright)
        total = len(samples) * (1 if again is None else 2)
        progress = Progress(type(self).__name__, total, self.verbose)
        if self.output == "map":
            return extractor.maps(samples, self.n_jobs, progress)
        return extractor.rows(samples, self.n_jobs, progress, again)

    def _check(self, X, reset):
        n_axes = self._axes_told() if reset else self._banks[0].geometry.n_axes
        return check_samples(X, n_axes, input_shape=self.input_shape, estimator=self, reset=reset)

    def _learn(self, X, reset):
        first = reset or not hasattr(self, "_banks")
        if first:
            self._validate_params()
        samples = self._check(X, reset=first)
        samples.check_finite()
        if first:
            self.n_channels_in_ = samples.n_channels
            self._rng = check_random_state(self.random_state)
            self._banks = [
                LearnedBank(geometry, samples.n_channels, period, self.contrast, self.whitening)
                for geometry, period in self._geometries(samples)
            ]
            self._space, self._largest = samples.spaces[0], largest_of(samples.values)
            if self.padding != "valid" and (self.contrast, self.whitening) != (None, None):
                warn_of_offset(samples.values, samples.n_channels, self.padding)
            self._upright = self._reading(samples)
            self.upright_ = self._upright is not None
        else:
            warn_of_scale(self, self._largest, largest_of(samples.values))
        self._check_fit(samples)
        kernels = np.asarray(self.kernels) if isinstance(self.kernels, list) else self.kernels
        banks = self._banks if first else copy.deepcopy(self._banks)
        for bank in banks:
            learn = bank.learn if reset else bank.learn_more
            counts = int(self.n_kernels), int(self.n_patches)
            learn(samples, kernels, *counts, self._rng, self.n_jobs)
            bank.n_columns(self.encoder)  # a callable that does not fit is found here
        self._banks = banks
        one = len(banks) == 1
        self.preprocess_ = banks[0].preprocess if one else [bank.preprocess for bank in banks]

    @property
    def kernels_(self):
        """Kernels, read-only: to use others, hand them over as ``kernels``."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"{type(self).__name__} has no kernels_ before it is fitted.")
        shaped = [read_only(bank.shaped()) for bank in self._banks]
        return shaped[0] if len(shaped) == 1 else shaped

    def _reading(self, samples):
        """How images are set upright; None where they are read only as they are."""
        fits = samples.n_axes == 2 and self.output == "features"
        if not self.upright or (self.upright == "auto" and not fits):
            return None
        if not fits:
            raise ValueError(
                f"upright={self.upright!r} is for rows of features of images: got output="
                f"{self.output!r} and samples of {samples.n_axes} spatial axes. Use upright=False."
            )
        return Upright.learn(samples, always=self.upright != "auto")

    def _sizes(self):
        """Kernel sizes as given: tuples, numbers, or None where the samples must tell."""
        given = self.kernel_size
        sizes = given if isinstance(given, list) else [given]
        if isinstance(self.kernels, (np.ndarray, list)):
            if len(sizes) > 1:
                raise ValueError(
                    f"kernel_size={given!r} gives several sizes, but kernels is an array, which "
                    "has one of its own."
                )
            if given is None:
                shape = np.shape(self.kernels)
                if len(shape) < 2:
                    raise ValueError(
                        f"kernels has shape {shape}; it must be (n_kernels, *kernel_size, "
                        "n_channels)."
                    )
                return [tuple(shape[1:-1] or shape[1:])]
        return sizes

    def _axes_told(self):
        """Spatial axes that kernel sizes tell; None where the samples must."""
        sizes = self._sizes()
        told = {axes_told(size) for size in sizes} - {None}
        if len(told) > 1 or not sizes or (None in sizes and len(sizes) > 1):
            raise ValueError(
                f"kernel_size={self.kernel_size!r} is not allowed; a list must hold sizes of as "
                "many spatial axes each, and at least one."
            )
        return told.pop() if told else None

    def _geometries(self, samples):
        """Yield geometry and period of each bank, held against the samples."""
        least = np.min(samples.distinct, axis=0)
        sizes = [size_on(size, least, samples.n_channels) for size in self._sizes()]
        pooling = self._pooling(samples.n_axes)
        for size in sizes:
            geometry = Geometry.of(size, self.stride, self.dilation, self.padding)
            period = None
            if self.sharing == "tiled":
                period = per_axis(self.tile_period, geometry.n_axes, "tile_period")
            elif self.sharing == "local":
                period = geometry.positions(samples.spaces[0])
            if pooling is not None:
                pooling.layouts(geometry.positions(samples.spaces[0]))
            yield geometry, period

    def _pooling(self, n_axes):
        grid = self.grid
        if grid is None and self.window is None and self.output == "features":
            grid = CELLS.get(n_axes, FEWEST)
        pooling = Pooling.of(n_axes, self.pooling, grid, self.window, self.window_stride)
        if self.output == "map" and pooling is not None and len(pooling.grids) > 1:
            raise ValueError(
                f"grid={self.grid!r} is a pyramid, which output='map' cannot be: use one grid."
            )
        return pooling

    def _check_fit(self, samples):
        """Hold samples against what was seen in ``fit``."""
        for bank in self._banks:
            for space in samples.distinct:
                bank.geometry.positions(space)
        others = [space for space in samples.distinct if space != self._space]
        if others and self.sharing == "local":
            raise ValueError(
                "sharing='local' has kernels for each position and needs samples of one size: "
                f"got {others[0]} besides {self._space}."
            )
        if others and self.window is not None and self.output == "features":
            raise ValueError(
                f"window={self.window!r} slides over maps of different sizes (samples of "
                f"{self._space} and {others[0]}), so that rows would differ in length; use a grid, "
                "which gives rows of one length."
            )

    @property
    def _n_features_out(self):
        n_axes = len(self._space)
        pooling, total = self._pooling(n_axes), 0
        for bank in self._banks:
            n_columns = bank.n_columns(self.encoder)
            if pooling is not None:
                n_columns *= len(pooling.names)
                if self.output == "features":
                    n_columns *= pooling.n_cells(bank.geometry.positions(self._space))
            total += n_columns
        return 2 * total if self.upright_ and self.output == "features" else total

    def __sklearn_is_fitted__(self):
        return "preprocess_" in vars(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
