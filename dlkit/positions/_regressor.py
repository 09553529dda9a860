"""A number for every position."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ._base import BasePositions
from ._data import check_batch, check_numbers, check_position_weights

__all__ = ["PixelRegressor"]


class PixelRegressor(RegressorMixin, BasePositions):
    """Predict a number at each position of images, volumes or series: depth, dose, density.

    A position is described by what is seen around it, at several scales, and by random units of
    that; a linear model learns the numbers at some positions. Further stages also see what the
    first found around.

    Parameters
    ----------
    n_units : int, default=600
        Random units: rectified sums of a few of a position's columns each. With 0 there are none,
        and the readout sees the columns alone.
    features : transformer or list of transformer, default=None
        What describes a position: one or several transformers that make maps, with an entry for
        each position, as :class:`ScaleFeatures`, and :class:`~dlkit.ConvFeatures` and
        :class:`~dlkit.ImageScanFeatures` with ``output="map"``. For series :class:`~dlkit.PerStep`
        will do, too. None: ``ScaleFeatures()``, intensities, edges, curvatures and deviations at
        four scales.
    readout : regressor, default=None
        Any scikit-learn regressor. None: a ridge regression.
    n_stages : int or "auto", default="auto"
        Stages of auto-context [1]_. The first sees the image. Each of the others sees, beside the
        image, what the one before predicted around a position. "auto": as many as lower the loss
        on what is left out, by more than chance would in two cases of five, up to ten.
    context_size : int, default=3
        Positions along each axis of the window in which a stage sees the one before; an odd number.
    context_rings : int or tuple of int, default=(2, 4, 8)
        Distances of further points, along the axes and the diagonals.
    cv : int, default=5
        Parts of the batch that are left out in turn: whole images, each by itself where there are
        fewer images than that, or slabs of one or two images; whole groups where `fit` is told of
        ``groups``.
    n_positions : int or None, default=20_000
        Positions that are learned from, in all: each image gets the same share, half of it by the
        numbers of its classes and half equally for all. Weights make up for that. None: all.
    n_links : int, default=16
        Columns that a random unit sums.
    unlabeled : object, default=None
        What stands in ``y`` where no number is known, as 0 around scribbles, or NaN. None: all
        positions count.
    mirrored : bool, default=False
        Whether predictions are means over a sample and its mirror images along each axis: four
        images, eight volumes, and as many times the work. It makes what has no direction, as cells
        under a microscope, better; not what has a left and a right, as a brain or letters.
    smoothing : None, float or "guided", default=None
        What is done to the predictions: nothing; a Gaussian of this standard deviation, in
        positions; or the guided filter [2]_, which keeps the edges of the image.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws.
    n_jobs : int, default=None
        Threads. Results do not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    n_stages_ : int
        Stages in use.
    stage_scores_ : list of dict
        What was measured of each stage on what was left out: "loss" (mean squared error as a share
        of the targets' variance there), "score" (R²) and the penalty "alpha". With
        ``n_stages="auto"`` no stage has seen what it was measured on; of a given number of stages,
        all but the first are flattered (see Notes). Empty where nothing could be left out, or no
        stage had to be compared.
    features_ : list of transformer
        The fitted transformers.
    n_channels_in_ : int
        Channels of the samples seen in `fit`.

    See Also
    --------
    PixelClassifier : A label for each position.

    Notes
    -----
    **What a batch is.** Images of shape (n, H, W) or (n, H, W, C), volumes (n, D, H, W[, C]),
    series (n, T, C), or a list of such samples, without the first axis, of any sizes. The maps in
    ``y`` tell how many axes are space. ``len(X) == len(y)``, so that scikit-learn's splitters leave
    out images.

    **How much memory.** Samples are read in boxes, from memory maps too, and only the boxes'
    columns are in memory: prediction takes some hundred megabytes beside ``X`` and the result,
    whatever their size. A transformer whose features look across the whole sample, as
    :class:`~dlkit.ImageScanFeatures`, takes samples whole. With several stages, `fit` also holds
    what the last one found at all positions of the batch.

    **How stages are learned.** Sums over the rows of each part are formed once [3]_. Taking those
    of a part away gives a ridge regression that has not seen the part, and what such regressions
    find in the parts is what the next stage is taught with. Otherwise the next stage would trust
    maps that are better in training than they ever are again. The penalty is the best on what was
    left out. Of one or two images parts are slabs across the longest axis, of both at once, and
    positions next to a slab, which see into it, are left out with it, but no more than half of the
    slab there. Where samples come in kinds, and new ones will be of other kinds, name the kinds by
    ``groups``.

    **How stages are counted.** What teaches a stage was found by others that had seen all parts but
    one, so that scores of its own on a part flatter. Hence "auto" first learns stages without one
    part, of slabs the middle one, and looks at squared errors there, of probabilities too, until a
    stage no longer pays. Of one or two images that is done twice, with slabs along the two longest
    axes. It takes one to two times as long as the fit itself. Where parts are fewer than three, or
    a class is in one part alone, there is one stage.

    Borders of the image are reflected; beyond them what a stage finds is zero.

    References
    ----------
    .. [1] Tu & Bai (2010). Auto-context and its application to high-level vision tasks and 3D brain
       image segmentation. IEEE TPAMI 32(10), section 3.
    .. [2] He, Sun & Tang (2013). Guided image filtering. IEEE TPAMI 35(6), eq. 5, 6 and 8.
    .. [3] Cohen & Carvalho (2005). Stacked sequential learning. IJCAI, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.ndimage import gaussian_filter
    >>> from dlkit import PixelRegressor
    >>> y = gaussian_filter(np.random.RandomState(0).standard_normal((4, 24, 24)), (0, 2, 2))
    >>> X = y + 0.1 * np.random.RandomState(1).standard_normal(y.shape)
    >>> model = PixelRegressor(50, n_stages=1, random_state=0).fit(X[:3], y[:3])
    >>> model.score(X[3:], y[3:]) > 0.7
    True
    """

    _parameter_constraints = BasePositions._parameter_constraints

    def __init__(
        self,
        n_units=600,
        *,
        features=None,
        readout=None,
        n_stages="auto",
        context_size=3,
        context_rings=(2, 4, 8),
        cv=5,
        n_positions=20_000,
        n_links=16,
        unlabeled=None,
        mirrored=False,
        smoothing=None,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.features = features
        self.readout = readout
        self.n_stages = n_stages
        self.context_size = context_size
        self.context_rings = context_rings
        self.cv = cv
        self.n_positions = n_positions
        self.n_links = n_links
        self.unlabeled = unlabeled
        self.mirrored = mirrored
        self.smoothing = smoothing
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None, groups=None):
        """Learn from positions whose numbers are known.

        Parameters
        ----------
        X : array-like or list of array-like
            Images, volumes or series, see Notes.
        y : array-like or list of array-like
            A map of numbers for each, of the same extents.
        sample_weight : array-like or list of array-like, default=None
            Non-negative weights: a map for each sample, or one number for each.
        groups : array-like of shape (n,), default=None
            A name of a group for each sample, of whom or what it shows: a patient, a scene.
            All of a group are left out together, in place of samples by themselves.

        Returns
        -------
        self : PixelRegressor

        Raises
        ------
        ValueError
            If a map has other extents than its sample, or no number is known.
        """

        def check(maps, weights):
            return check_numbers(maps, self.unlabeled, weights)

        self._learn(X, y, sample_weight, groups, check)
        return self

    def _method(self):
        return "predict"

    def predict(self, X):
        """Predict the number at each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels, of any sizes.

        Returns
        -------
        y : ndarray of shape (n, *space), or list of ndarray
            A list if ``X`` is one. float32 where samples are float32 or uint8.
        """
        return self._filled(X, None, None, lambda values: values[..., 0])

    def score(self, X, y, sample_weight=None):
        """R², over all positions whose numbers are known.

        Parameters
        ----------
        X : array-like or list of array-like
            Images, volumes or series, see Notes.
        y : array-like or list of array-like
            A map of numbers for each, of the same extents.
        sample_weight : array-like or list of array-like, default=None
            Non-negative weights: a map for each sample, or one number for each.

        Returns
        -------
        r2 : float
        """
        check_is_fitted(self)
        samples, maps = check_batch(self, X, y, self._n_axes)
        targets = check_numbers(
            maps, self.unlabeled, check_position_weights(sample_weight, samples)
        )
        true, predicted, weight = [], [], []
        for i, found in enumerate(self.predict(X)):
            for start, part, known in targets.pieces(i):
                at = start + np.flatnonzero(known)
                true.append(part[known].astype(np.float64))
                predicted.append(found.reshape(-1)[at])
                weight.append(targets.weigh(i, at))
        parts = (np.concatenate(one) for one in (true, predicted, weight))
        true, predicted, weight = parts
        return float(r2_score(true, predicted, sample_weight=weight))
