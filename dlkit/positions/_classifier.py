"""A label for every position."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._params import StrOptions, unchanged_on_failure
from ..readout._labels import weigh_classes
from ._base import BasePositions
from ._data import Maps, check_batch, check_labels, check_position_weights, pixel_score

__all__ = ["PixelClassifier"]


def _gives_probabilities(self):
    return self.readout is None or hasattr(self.readout, "predict_proba")


class PixelClassifier(ClassifierMixin, BasePositions):
    """Label each position of images, volumes or series.

    A position is described by what is seen around it, at several scales, and by random units of
    that; a linear classifier learns the labels of some positions. Further stages also see what the
    first found around. This is what one marks a few pixels for: ``unlabeled=0`` leaves the others
    out.

    Parameters
    ----------
    n_units : int, default=600
        Random units: rectified sums of a few of a position's columns each. With 0 there are none,
        and the readout sees the columns alone.
    features : transformer or list of transformer, default=None
        What describes a position: one or several transformers that make maps, with an entry for
        each position, as :class:`ScaleFeatures`, and :class:`~dlkit.ConvFeatures` and
        :class:`~dlkit.ImageScanFeatures` with ``output="map"``. For series :class:`~dlkit.PerStep`
        will do, too. One's own get samples in the form `fit` was given. None: ``ScaleFeatures()``,
        intensities, edges, curvatures and deviations at four scales.
    readout : classifier, default=None
        Any scikit-learn classifier. None: :class:`~dlkit.LogisticReadoutClassifier`. Without
        `smoothing` and `mirrored`, labels are the readout's own: scikit-learn's
        ``TunedThresholdClassifierCV(…, scoring="jaccard")``, say, chooses the threshold that
        intersection over union wants.
    n_stages : int or "auto", default="auto"
        Stages of auto-context [1]_. The first sees the image. Each of the others sees, beside the
        image, what the one before found likely around a position. "auto": as many as lower the loss
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
        What stands in ``y`` where no label is known, as 0 around scribbles, or NaN. None: all
        positions count.
    class_weight : dict, "balanced" or None, default=None
        Weights of classes, times `sample_weight`; "balanced" gives each class the same total.
    mirrored : bool, default=False
        Whether predictions are means over a sample and its mirror images along each axis: four
        images, eight volumes, and as many times the work. It makes what has no direction, as cells
        under a microscope, better; not what has a left and a right, as a brain or letters.
    smoothing : None, float or "guided", default=None
        What is done to the probabilities before the largest is taken: nothing; a Gaussian of this
        standard deviation, in positions; or the guided filter [2]_, which keeps the edges of the
        image.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws.
    n_jobs : int, default=None
        Threads. Results do not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; without ``unlabeled``.
    n_stages_ : int
        Stages in use.
    stage_scores_ : list of dict
        What was measured of each stage on what was left out: "loss" (minus the mean log-likelihood
        of the calibrated probabilities), "score" (share of positions labelled rightly) and the
        penalty "alpha". With ``n_stages="auto"`` no stage has seen what it was measured on; of a
        given number of stages, all but the first are flattered (see Notes). Empty where nothing
        could be left out, or no stage had to be compared.
    features_ : list of transformer
        The fitted transformers.
    n_channels_in_ : int
        Channels of the samples seen in `fit`.

    See Also
    --------
    PixelRegressor : A number for each position.
    StackedContext : The same idea around any estimator of labels for steps or positions.
    dlkit.metrics.mean_iou, dlkit.metrics.dice, dlkit.metrics.boundary_f1 : How good maps are.
    dlkit.plotting.MaskDisplay : Image, labels, probabilities and errors side by side.

    Notes
    -----
    **What a batch is.** Images of shape (n, H, W) or (n, H, W, C), volumes (n, D, H, W[, C]),
    series (n, T, C), or a list of such samples, without the first axis, of any sizes. The maps in
    ``y`` tell how many axes are space. ``len(X) == len(y)``, so that scikit-learn's splitters leave
    out images. Give ``cross_val_score`` and searches a splitter, ``cv=KFold(5)``: with a number of
    folds scikit-learn looks into ``y``, and fails on lists of maps of one height and several
    widths. Its metrics take maps by way of :func:`dlkit.metrics.make_map_scorer`.

    **How much memory.** Samples are read in boxes, from memory maps too, and only the boxes'
    columns are in memory: prediction takes some hundred megabytes beside ``X`` and the result,
    whatever their size. A transformer whose features look across the whole sample, as
    :class:`~dlkit.ImageScanFeatures`, takes samples whole. With several stages, `fit` also holds
    what the last one found at all positions of the batch.

    **How stages are learned.** Sums over the rows of each part are formed once [3]_. Taking those
    of a part away gives a ridge regression that has not seen the part, and what such regressions
    find in the parts is what the next stage is taught with. Otherwise the next stage would trust
    maps that are better in training than they ever are again. The penalty is the best on what was
    left out. Of one or two images parts are slabs across the longest axis, of both at once.
    Positions next to a slab, which see into it, are left out with it, but no more than half of the
    slab there. A part says what is gained on images that are as different from all others as it
    is. Where samples come in kinds (a word written by several hands, frames of one film) and new
    ones will be of other kinds, name the kinds by ``groups``: stages may otherwise learn the kinds
    by heart, and what is left out will not show it.

    **How stages are counted.** What teaches a stage was found by others that had seen all parts but
    one, so that scores of its own on a part flatter. Hence "auto" first learns stages without one
    part, of slabs the middle one, and looks at squared errors there, of probabilities too, until a
    stage no longer pays. Of one or two images that is done twice, with slabs along the two longest
    axes. It takes one to two times as long as the fit itself. Where parts are fewer than three, or
    a class is in one part alone, there is one stage.

    **How sure.** Where the readout fits what it learned from better than what was left out, its
    scores are too large for other images. Probabilities are then those of the scores times a
    factor, by which labels of three parts left out are likeliest. Labels do not depend on it.
    A readout of one's own is left as it is.

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
    >>> from dlkit import PixelClassifier
    >>> rng = np.random.RandomState(0)
    >>> y = np.zeros((4, 24, 24), dtype=int)
    >>> y[:, 6:18, 6:18] = 1
    >>> X = y + rng.standard_normal(y.shape)
    >>> model = PixelClassifier(50, n_stages=1, random_state=0).fit(X[:3], y[:3])
    >>> model.predict_proba(X[3:]).shape
    (1, 24, 24, 2)
    >>> model.score(X[3:], y[3:]) > 0.9
    True
    """

    _of_labels = True
    _parameter_constraints = {
        **BasePositions._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

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
        class_weight=None,
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
        self.class_weight = class_weight
        self.mirrored = mirrored
        self.smoothing = smoothing
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y, sample_weight=None, groups=None):
        """Learn from labelled positions.

        Parameters
        ----------
        X : array-like or list of array-like
            Images, volumes or series, see Notes.
        y : array-like or list of array-like
            A map of labels, of any dtype, for each, of the same extents.
        sample_weight : array-like or list of array-like, default=None
            Non-negative weights: a map for each sample, or one number for each.
        groups : array-like of shape (n,), default=None
            A name of a group for each sample, of whom or what it shows: a patient, a slide, a word.
            All of a group are left out together, in place of samples by themselves.

        Returns
        -------
        self : PixelClassifier

        Raises
        ------
        ValueError
            If a map has other extents than its sample, holds colours in place of labels, or no
            labels of two classes.
        """
        classes = []

        def check(maps, weights):
            targets = check_labels(maps, self.unlabeled, weights)
            classes.append(targets.classes)
            return targets

        def weigh(codes, weight):
            if not isinstance(self.class_weight, dict):
                return weigh_classes(self.class_weight, np.arange(len(classes[0])), codes, weight)
            return weigh_classes(self.class_weight, classes[0], classes[0][codes], weight)

        self.classes_ = self._learn(
            X, y, sample_weight, groups, check, None if self.class_weight is None else weigh
        ).classes
        return self

    def _method(self):
        if _gives_probabilities(self):
            return "predict_proba"
        return "predict"

    def predict(self, X):
        """Label each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`fit`, with as many channels, of any sizes.

        Returns
        -------
        y : ndarray of shape (n, *space), or list of ndarray
            Labels; a list if ``X`` is one.
        """
        check_is_fitted(self)

        chain = self._chain
        if self.smoothing is None and not self.mirrored:
            chain = chain.of_labels()  # a readout may choose otherwise than by the largest

        def of_values(values):
            if chain.method == "predict":
                return self.classes_[values[..., 0].astype(int)]
            return self.classes_[values.argmax(axis=-1)]

        return self._filled(X, self.classes_.dtype, None, of_values, chain)

    @available_if(_gives_probabilities)
    def predict_proba(self, X):
        """Estimate the probability of each class at each position.

        Parameters
        ----------
        X : array-like or list of array-like
            Samples, as in :meth:`predict`.

        Returns
        -------
        P : ndarray of shape (n, *space, n_classes), or list of ndarray
            They sum to one at each position. float32 where samples are float32 or uint8.
        """
        check_is_fitted(self)

        def of_values(values):
            if self.smoothing is None:
                return values
            values = np.maximum(values, 0)
            return values / values.sum(axis=-1, keepdims=True)

        return self._filled(X, None, len(self.classes_), of_values)

    def score(self, X, y, sample_weight=None):
        """Share of the labelled positions that are labelled rightly.

        Parameters
        ----------
        X : array-like or list of array-like
            Images, volumes or series, see Notes.
        y : array-like or list of array-like
            A map of labels for each, of the same extents.
        sample_weight : array-like or list of array-like, default=None
            Non-negative weights: a map for each sample, or one number for each.

        Returns
        -------
        accuracy : float
        """
        check_is_fitted(self)
        samples, maps = check_batch(self, X, y, self._n_axes)
        weights = check_position_weights(sample_weight, samples)
        return pixel_score(Maps(maps, self.classes_, self.unlabeled, weights), self.predict(X))
