"""ROCKET: random kernels, of random length, dilation and padding."""

from dataclasses import replace

import numpy as np

from .._jit import rocket as loops
from ._base import BaseRocket, arrays, draw_channels, largest_exponent

LENGTHS = (7, 9, 11)
MODERATE = 400  # binary exponents of numbers whose squares are numbers


class Rocket(BaseRocket):
    """Largest output and share of positive outputs of thousands of random kernels.

    A kernel has 7, 9 or 11 taps with normal weights of mean zero, a bias uniform in (−1, 1), a
    dilation whose logarithm is uniform up to the length of the series, and padding or none by the
    toss of a coin.

    Parameters
    ----------
    n_kernels : int, default=10_000
        Number of kernels; each makes two features.
    normalize : bool, default=True
        Whether each channel of each sequence is brought to mean zero and variance one first, which
        the distribution of the biases takes for granted. A constant becomes zeros.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    kernels_ : RocketKernels
        Named tuple of ``lengths``, ``dilations``, ``padded``, ``biases``, ``channels`` with their
        ``starts``, and ``weights``, kernel after kernel.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    MiniRocket : Much faster, and on average more accurate.

    Notes
    -----
    Of each kernel in turn, the share of positive outputs and then the largest output, as the
    authors have it; with their kernels the features equal theirs. Kernels are sorted once drawn,
    so that those which differ in nothing but their weights can share each look at the series.

    *Sequences of several lengths.* Dilations are drawn for the longest sequence seen in ``fit``.
    Every sequence is convolved by itself, as if zeros stood before and behind it. A kernel without
    padding gives the outputs for which it lies within the sequence altogether; where the sequence
    is too short for a single one, it is used with padding instead.

    *Several channels.* Each kernel has weights for a random subset of the channels, of no more
    than it has taps.

    References
    ----------
    .. [1] Dempster, Petitjean & Webb (2020), ROCKET: exceptionally fast and accurate time series
       classification using random convolutional kernels, Data Mining and Knowledge Discovery 34,
       section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dlkit import RidgeReadoutClassifier, Rocket
    >>> X = [np.sin(np.arange(40) * w) for w in (0.3, 0.9, 0.31, 0.91)]
    >>> Rocket(random_state=0).fit_transform(X).shape
    (4, 20000)
    >>> classifier = make_pipeline(
    ...     Rocket(500, random_state=0),
    ...     StandardScaler(with_mean=False),
    ...     RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
    ... )
    >>> classifier.fit(X, ["low", "high", "low", "high"]).predict([np.sin(0.89 * np.arange(50))])
    array(['high'], dtype='<U4')
    """

    _parameter_constraints = BaseRocket._parameter_constraints | {"normalize": ["boolean"]}

    def __init__(
        self,
        n_kernels=10_000,
        *,
        normalize=True,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_kernels = n_kernels
        self.normalize = normalize
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _as_read(self):
        return not self.normalize

    def _draw(self, batch, rng):
        n = int(self.n_kernels)
        lengths = rng.choice(LENGTHS, n)
        exponents = largest_exponent(batch, lengths - 1)
        dilations = (2 ** rng.uniform(0, exponents)).astype(np.int64)
        padded = rng.randint(2, size=n).astype(bool)
        order = np.lexsort((padded, dilations, lengths))
        lengths, dilations, padded = lengths[order], dilations[order], padded[order]
        starts, channels = draw_channels(
            rng, batch.n_channels, np.minimum(lengths, batch.n_channels)
        )
        rows = np.repeat(lengths, np.diff(starts))  # a row of weights for each channel
        begins = np.cumsum(rows) - rows
        weights = rng.standard_normal(rows.sum())
        weights -= np.repeat(np.add.reduceat(weights, begins) / rows, rows)
        biases = rng.uniform(-1, 1, n)
        return loops.RocketKernels(lengths, dilations, padded, biases, starts, channels, weights)

    def _encode(self, batch, kernels, out):
        values, offsets = arrays(normalized(batch) if self.normalize else batch)
        margin = int(np.max((kernels.lengths - 1) * kernels.dilations)) // 2
        width = batch.lengths.max() + 2 * margin + loops.WIDE
        most_taps = np.max(np.diff(kernels.starts) * kernels.lengths)
        buffers = (
            np.zeros(batch.n_channels * width, dtype=values.dtype),
            np.empty(loops.LANES, dtype=values.dtype),
            np.empty(most_taps, dtype=np.int64),
            np.zeros(2 * most_taps, dtype=values.dtype),
        )
        loops.features(values, offsets, kernels, pairs(kernels), margin, buffers, out)

    @property
    def _n_features_out(self):
        return 2 * len(self.kernels_.biases)


def pairs(kernels):
    """Kernels to be taken together: neighbours that differ in nothing but weights and bias.

    Loads, not products, are what takes time: a kernel on its own has itself for a twin.

    Returns
    -------
    pairs : ndarray of shape (n_pairs, 3), int64
        Both kernels, and where the weights of the first begin.
    """
    n_channels = np.diff(kernels.starts)
    same = np.ones(len(n_channels) - 1, dtype=bool)
    for each in (kernels.lengths, kernels.dilations, kernels.padded, n_channels):
        same &= each[1:] == each[:-1]
    owner = np.repeat(np.arange(len(n_channels)), n_channels)
    after = np.minimum(np.arange(len(owner)) + n_channels[owner], len(owner) - 1)
    other = np.bincount(owner, kernels.channels != kernels.channels[after], len(n_channels))
    same &= other[:-1] == 0
    # of a run of kernels alike, the first two are a pair, then the next two
    place = np.arange(len(n_channels))
    begins = np.maximum.accumulate(np.where(np.append(False, same), 0, place))
    firsts = np.flatnonzero((place - begins) % 2 == 0)
    twins = firsts + np.append(same, False)[firsts]
    sizes = n_channels * kernels.lengths
    return np.stack([firsts, twins, (np.cumsum(sizes) - sizes)[firsts]], axis=1)


def normalized(batch):
    """Bring each channel of each series to mean zero and variance one, a constant to zeros.

    Where squares might overflow or vanish, numbers are first divided by a power of two.
    """
    starts, lengths = batch.offsets[:-1], batch.lengths
    n = lengths[:, None]
    low, high = np.minimum.reduceat(batch.values, starts), np.maximum.reduceat(batch.values, starts)
    exponent = np.frexp(np.maximum(np.abs(low), np.abs(high)).astype(np.float64))[1]
    values = batch.values
    if np.abs(exponent).max() > MODERATE:
        values = np.ldexp(values, -np.repeat(exponent, lengths, axis=0), dtype=np.float64)
    mean = np.add.reduceat(values, starts, dtype=np.float64) / n
    values = values - np.repeat(mean, lengths, axis=0)
    deviation = np.sqrt(np.add.reduceat(values**2, starts) / n)
    constant = (low == high) | (deviation == 0)
    scale = np.where(constant, 0, 1 / np.where(constant, 1, deviation))
    values *= np.repeat(scale, lengths, axis=0)
    return replace(batch, values=values.astype(batch.values.dtype, copy=False))
