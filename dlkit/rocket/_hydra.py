"""Hydra: groups of random kernels, in which the best match at each step is counted."""

import numpy as np

from .._jit import hydra as loops
from .._params import count
from ._base import BaseRocket, arrays, differences, largest_exponent

TAPS = 9


class Hydra(BaseRocket):
    """Counts of which kernel of a group fits best, and which worst, over the steps of a series.

    The kernels have nine normal weights of mean zero, scaled to a sum of magnitudes of one, and
    dilations that are powers of two. Half of the groups read the series, half its differences. For
    each kernel the outputs are summed over the steps at which it has the largest of its group, and
    the steps are counted at which it has the least.

    Parameters
    ----------
    n_groups : int, default=64
        Groups at each dilation, rounded down to an even number. With a single one, the series is
        read and its differences are not.
    n_kernels : int, default=8
        Kernels of each group.
    max_channels : int, default=8
        Most channels a group adds up.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    kernels_ : tuple of HydraKernels
        Those of the series and those of its differences: named tuples of ``dilations``, ``weights``
        of shape (n_dilations, n_parts, n_kernels, 9, 16), for group 16 p + l at [:, p, ..., l], and
        ``channels`` of shape (n_dilations, n_groups, n).
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    SparseScaler : What the features are scaled with.
    MultiRocket : Its company in the strongest combination of the family.

    Notes
    -----
    Features are ordered as the authors' are (dilation; series and differences; largest and least;
    group; kernel), and with their kernels equal theirs. Of equal outputs the first wins; over a
    flat stretch that is not zero, all outputs are zero but for rounding, and so is their order.

    Dilations are chosen for the longest sequence seen in ``fit``. Every sequence is convolved by
    itself, as if zeros stood before and behind it, and has an output for each step. The
    differences of a sequence of length one are a single zero. Of C > 1 channels, each group adds
    up C / 2 that are drawn with replacement, but at least 2 and at most ``max_channels``.

    References
    ----------
    .. [1] Dempster, Schmidt & Webb (2023), Hydra: competing convolutional kernels for fast and
       accurate time series classification, Data Mining and Knowledge Discovery 37, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from dlkit import Hydra, RidgeReadoutClassifier, SparseScaler
    >>> X = [np.sin(np.arange(40) * w) for w in (0.3, 0.9, 0.31, 0.91)]
    >>> Hydra(random_state=0).fit_transform(X).shape
    (4, 3072)
    >>> classifier = make_pipeline(
    ...     Hydra(random_state=0),
    ...     SparseScaler(),
    ...     RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
    ... )
    >>> classifier.fit(X, ["low", "high", "low", "high"]).predict([np.sin(0.89 * np.arange(50))])
    array(['high'], dtype='<U4')
    """

    _parameter_constraints = BaseRocket._parameter_constraints | {
        "n_groups": [count()],
        "max_channels": [count(2)],
    }

    def __init__(
        self,
        n_groups=64,
        *,
        n_kernels=8,
        max_channels=8,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_groups = n_groups
        self.n_kernels = n_kernels
        self.max_channels = max_channels
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _draw(self, batch, rng):
        exponent = int(largest_exponent(batch, TAPS - 1))
        dilations = 2 ** np.arange(exponent + 1, dtype=np.int64)
        sides = min(int(self.n_groups), 2)  # the series, and its differences
        n_groups, n_channels = int(self.n_groups) // sides, batch.n_channels
        added = min(max(n_channels // 2, 2), int(self.max_channels)) if n_channels > 1 else 1
        kernels = []
        for _ in range(sides):
            weights = rng.standard_normal((len(dilations), n_groups, int(self.n_kernels), TAPS))
            channels = rng.randint(n_channels, size=(len(dilations), n_groups, added))
            kernels.append(loops.HydraKernels(dilations, in_lanes(scaled(weights)), channels))
        return tuple(kernels)

    def _encode(self, batch, kernels, out):
        width = 2 * kernels[0].channels.shape[1] * kernels[0].weights.shape[2]
        parts = (batch, differences(batch))[: len(kernels)]
        margin = 4 * int(kernels[0].dilations.max())
        size = kernels[0].weights.shape[2] * loops.LANES
        buffers = (
            np.empty((batch.lengths.max() + 2 * margin) * loops.LANES, dtype=out.dtype),
            np.empty(size, dtype=out.dtype),
            np.empty(size, dtype=np.int32),
            np.empty(size),
        )
        for side, (part, own) in enumerate(zip(parts, kernels, strict=True)):
            columns = side * width, len(kernels) * width
            loops.features(*arrays(part), own, margin, buffers, *columns, out)

    @property
    def _n_features_out(self):
        return sum(2 * own.channels[..., 0].size * own.weights.shape[2] for own in self.kernels_)


def scaled(weights):
    """Weights of mean zero and a sum of magnitudes of one, over the taps."""
    weights = weights - weights.mean(axis=-1, keepdims=True)
    return weights / np.abs(weights).sum(axis=-1, keepdims=True)


def in_lanes(weights):
    """Weights of shape (n_dilations, n_groups, n_kernels, 9), in sixteens of groups."""
    n_dilations, n_groups, n_kernels, taps = weights.shape
    n_parts = -(-n_groups // loops.LANES)
    filled = np.zeros((n_dilations, n_parts * loops.LANES, n_kernels, taps))
    filled[:, :n_groups] = weights
    filled = filled.reshape(n_dilations, n_parts, loops.LANES, n_kernels, taps)
    return np.ascontiguousarray(filled.transpose(0, 1, 3, 4, 2))
