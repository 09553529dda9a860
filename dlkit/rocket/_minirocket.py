"""MiniRocket, and the kernels that MultiRocket shares with it."""

from itertools import combinations

import numpy as np

from .._jit import minirocket as loops
from .._params import count
from ._base import BaseRocket, arrays, draw_channels, largest_exponent, ready

# The 84 ways to give three of nine taps the weight 2; the others have −1.
TAPS = np.array(list(combinations(range(9), 3)), dtype=np.int64)
MOST_CHANNELS = 9


class MiniRocket(BaseRocket):
    """Shares of outputs above a bias, of 84 fixed kernels at many dilations.

    The kernels have nine taps, of weight −1 or (three of them) 2. Each is used at dilations up to
    the length of the series, with and without padding in turn, and with several biases, which are
    quantiles of its output on a series of the training data.

    Parameters
    ----------
    n_kernels : int, default=10_000
        Features, rounded down to a multiple of 84 (and never fewer than 84).
    max_dilations : int, default=32
        Most dilations of each kernel.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of the series that biases are taken from, and of the channels.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    kernels_ : MiniRocketKernels
        Named tuple of ``taps``, ``dilations``, ``n_biases`` of each kernel at each dilation,
        ``biases``, and ``channels`` with their ``starts``.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    MultiRocket : Four features for each bias, on the series and on its differences.
    Rocket : Kernels that are random altogether.

    Notes
    -----
    Features are ordered by dilation, kernel and bias, as the authors' are, and with their kernels
    and biases equal theirs.

    *Sequences of several lengths.* Dilations are chosen for the longest sequence seen in ``fit``.
    Every sequence is convolved by itself, as if zeros stood before and behind it. A kernel without
    padding gives the outputs for which it lies within the sequence altogether; where the sequence
    is too short for a single one, it is used with padding instead. A feature is a share of the
    sequence's own outputs, so its length leaves no trace of itself: where length tells classes
    apart, put it beside the features, or take :class:`MultiRocket` or :class:`Hydra`, whose
    stretches, places and counts grow with it.

    *Several channels.* Each kernel at each dilation adds up its outputs on a random subset of the
    channels, of up to nine.

    References
    ----------
    .. [1] Dempster, Schmidt & Webb (2021), MiniRocket: a very fast (almost) deterministic transform
       for time series classification, KDD, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dlkit import MiniRocket, RidgeReadoutClassifier
    >>> X = [np.sin(np.arange(40) * w) for w in (0.3, 0.9, 0.31, 0.91)]
    >>> MiniRocket(random_state=0).fit_transform(X).shape
    (4, 9996)
    >>> classifier = make_pipeline(
    ...     MiniRocket(random_state=0),
    ...     StandardScaler(with_mean=False),
    ...     RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
    ... )
    >>> classifier.fit(X, ["low", "high", "low", "high"]).predict([np.sin(0.89 * np.arange(50))])
    array(['high'], dtype='<U4')
    """

    _parameter_constraints = BaseRocket._parameter_constraints | {"max_dilations": [count()]}

    def __init__(
        self,
        n_kernels=10_000,
        *,
        max_dilations=32,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_kernels = n_kernels
        self.max_dilations = max_dilations
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _draw(self, batch, rng):
        return draw_kernels(batch, self.n_kernels, self.max_dilations, rng)

    def _encode(self, batch, kernels, out):
        loops.shares(*loop_arguments(batch, kernels), out)

    @property
    def _n_features_out(self):
        return len(self.kernels_.biases)


def loop_arguments(batch, kernels):
    """What the loops over a batch of series begin with: from the series to the buffers."""
    begins = len(TAPS) * (np.cumsum(kernels.n_biases) - kernels.n_biases)
    margin = 4 * int(kernels.dilations.max())
    return *arrays(batch), kernels, begins, margin, buffers(batch, batch.lengths.max(), margin)


def buffers(batch, length, margin):
    """Four rows of zeros, for all channels of a series with margins."""
    width = length + 2 * margin + loops.LANES
    return np.zeros((4, batch.n_channels * width), dtype=batch.values.dtype)


def draw_kernels(batch, n_kernels, max_dilations, rng, lead=0):
    """Choose dilations, draw channels, and take biases from a batch.

    Parameters
    ----------
    batch : Sequences
        The training data.
    n_kernels : int
        Biases, to be rounded down to a multiple of 84.
    max_dilations : int
        Most dilations.
    rng : RandomState
        Where series and channels are drawn from.
    lead : int, default=0
        Steps by which the left taps lie nearer to the centre in the features.

    Returns
    -------
    MiniRocketKernels
    """
    dilations, n_biases = spread(n_kernels, max_dilations, largest_exponent(batch, 8))
    limits = np.full(len(TAPS) * len(dilations), min(batch.n_channels, MOST_CHANNELS))
    starts, channels = draw_channels(rng, batch.n_channels, limits)
    # the authors take biases from outputs without the lead that the features then have
    kernels = loops.MiniRocketKernels(
        TAPS, dilations, n_biases, np.empty(0), starts, channels, lead=0
    )
    values, offsets = arrays(batch)
    ready_kernels = ready(kernels, values.dtype)
    levels = quantile_levels(len(TAPS) * n_biases.sum())
    biases, begin = [], 0
    for j, n in enumerate(n_biases):
        picks = rng.randint(len(batch), size=len(TAPS))
        lengths = batch.lengths[picks]
        out = np.full((len(TAPS), lengths.max()), np.inf, dtype=values.dtype)
        spare = buffers(batch, lengths.max(), 4 * int(dilations[j]))
        loops.outputs(values, offsets, picks, ready_kernels, j, spare, out)
        end = begin + len(TAPS) * n
        biases.append(quantiles(out, lengths, levels[begin:end].reshape(len(TAPS), n)).ravel())
        begin = end
    return kernels._replace(biases=np.concatenate(biases).astype(values.dtype), lead=lead)


def spread(n_kernels, max_dilations, exponent):
    """Dilations with logarithms evenly spaced, and how many biases fall to each.

    Parameters
    ----------
    n_kernels : int
        Biases over all 84 kernels and all dilations.
    max_dilations : int
        Most dilations.
    exponent : float
        Binary logarithm of the largest.

    Returns
    -------
    dilations, n_biases : ndarray of int64
    """
    n = max(int(n_kernels) // len(TAPS), 1)
    n_exponents = min(n, int(max_dilations))
    powers = np.logspace(0, exponent, n_exponents, base=2).astype(np.int64)
    dilations, n_biases = np.unique(powers, return_counts=True)
    n_biases = (n_biases * (n / n_exponents)).astype(np.int64)
    more, rest = divmod(n - n_biases.sum(), len(dilations))
    return dilations, n_biases + more + (np.arange(len(dilations)) < rest)


def quantile_levels(n):
    """Multiples of the golden ratio, modulo one: levels that fill (0, 1) evenly however many.

    In single precision, as the authors have them.
    """
    return ((np.arange(1, n + 1) * ((np.sqrt(5) + 1) / 2)) % 1).astype(np.float32)


def quantiles(rows, lengths, levels):
    """Quantiles of each row's first numbers, linearly interpolated; the row is sorted in place.

    Parameters
    ----------
    rows : ndarray of shape (n, m)
        Numbers, with infinity after the last of each row.
    lengths : ndarray of shape (n,)
        How many each row has.
    levels : ndarray of shape (n, k)
        Levels from 0 to 1.

    Returns
    -------
    quantiles : ndarray of shape (n, k), float64
    """
    rows.sort(axis=1)
    place = levels * (lengths[:, None] - 1)
    below = place.astype(np.int64)
    above = np.minimum(below + 1, lengths[:, None] - 1)
    low = np.take_along_axis(rows, below, axis=1).astype(np.float64)
    high = np.take_along_axis(rows, above, axis=1)
    return low + (place - below) * (high - low)  # exactly low where the two are equal
