"""QUANT: quantiles of intervals of a series, its differences and its spectrum."""

from functools import lru_cache

import numpy as np
from scipy import fft

from .._jit import quant as loops
from .._params import Integral, count
from ._base import BaseRocket

HALF_WIDTH = 2  # steps on each side that smooth the differences


class Quant(BaseRocket):
    """Quantiles of nested intervals of a series, of its differences, and of its spectrum.

    Each level cuts a series in twice as many intervals as the level before, and once more with
    all intervals moved by half their length. An interval of m steps gives
    1 + (m − 1) // ``divisor`` quantiles, evenly spread from the least to the largest; every second
    has the mean of the interval subtracted. This is done for the series x, its differences Δx
    smoothed over five steps, its second differences Δ²x, and the moduli of its Fourier transform.

    Parameters
    ----------
    depth : int, default=6
        Levels of intervals, of 1, 2, 4, … intervals each; fewer where a series is too short.
    divisor : int, default=4
        Steps of an interval for each of its quantiles.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    intervals_ : tuple of four QuantIntervals
        Those of x, Δx, Δ²x and the spectrum: named tuples of the ``length`` of the longest
        sequence, ``pieces`` and ``shifted`` of each level, and ``counts`` of quantiles.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    MiniRocket : Features for a linear readout; those of ``Quant`` are for an ensemble of trees.

    Notes
    -----
    Nothing is drawn. Features are ordered as the authors' are (channel; representation; level;
    interval; quantile), and equal theirs for sequences of one length. The paper puts extremely
    randomised trees behind the features, with a tenth of the features tried at each split.

    *Sequences of several lengths.* The number of intervals, and of quantiles of each, is chosen for
    the longest sequence seen in ``fit``. Every sequence is cut by itself in that many intervals,
    whatever its length, and has the same quantiles taken. Where it has fewer steps than a level has
    intervals, an empty interval counts as the step that is nearest. The moduli of the spectrum
    are scaled by the ratio of the lengths, so that the peak of an oscillation is as high in a short
    sequence as in a long one. Differences that a sequence is too short for are a single zero.

    References
    ----------
    .. [1] Dempster, Schmidt & Webb (2024), QUANT: a minimalist interval method for time series
       classification, Data Mining and Knowledge Discovery 38, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from dlkit import Quant
    >>> X = [np.sin(np.arange(40) * w) for w in (0.3, 0.9, 0.31, 0.91)]
    >>> Quant().fit_transform(X).shape
    (4, 471)
    >>> classifier = make_pipeline(
    ...     Quant(), ExtraTreesClassifier(200, max_features=0.1, random_state=0)
    ... )
    >>> classifier.fit(X, ["low", "high", "low", "high"]).predict([np.sin(0.89 * np.arange(40))])
    array(['high'], dtype='<U4')
    """

    _drawn = "intervals_"
    _parameter_constraints = {
        "depth": [count()],
        "divisor": [count()],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        depth=6,
        *,
        divisor=4,
        n_jobs=None,
        verbose=0,
    ):
        self.depth = depth
        self.divisor = divisor
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _draw(self, batch, rng):
        longest = int(batch.lengths.max())
        return tuple(
            choose_intervals(longest, size, int(self.depth), int(self.divisor))
            for size in sizes(longest)
        )

    def _encode(self, batch, intervals, out):
        n_channels = batch.n_channels
        for length in np.unique(batch.lengths):
            rows = np.flatnonzero(batch.lengths == length)
            steps = batch.offsets[rows][:, None] + np.arange(length)
            series = batch.values[steps].transpose(0, 2, 1).reshape(-1, length)
            features = np.empty((len(series), out.shape[1] // n_channels), dtype=out.dtype)
            column = 0
            for values, own in zip(representations(series), intervals, strict=True):
                if own is intervals[-1]:
                    values *= values.dtype.type(own.length / length)
                loops.quantiles(
                    values,
                    np.argsort(values, axis=-1).view(np.uint64),
                    own,
                    *cut(tuple(own.pieces), tuple(own.shifted), values.shape[1]),
                    np.empty(2 * values.shape[1], dtype=values.dtype),
                    column,
                    features,
                )
                column += int(own.counts.sum())
            out[rows] = features.reshape(len(rows), -1)

    @property
    def _n_features_out(self):
        return self.n_channels_in_ * sum(int(own.counts.sum()) for own in self.intervals_)


def sizes(length):
    """Steps of each representation of a series of this length."""
    return length, max(length - 1, 1), max(length - 2, 1), length // 2 + 1


def choose_intervals(longest, size, depth, divisor):
    """Levels of intervals for a representation of ``size`` steps, and quantiles of each."""
    pieces, shifted, counts = [], [], []
    for exponent in range(min(depth, int(np.log2(size)) + 1)):
        n = 2**exponent
        lengths = np.diff(np.arange(n + 1) * size // n)
        number = 1 + (lengths - 1) // divisor
        pieces.append(n)
        shifted.append(False)
        counts.append(number)
        if n > 1 and np.sort(lengths)[(n - 1) // 2] > 1:
            pieces.append(n)
            shifted.append(True)
            counts.append(number[:-1])
    return loops.QuantIntervals(
        longest, np.array(pieces), np.array(shifted), np.concatenate(counts)
    )


@lru_cache(maxsize=64)
def cut(pieces, shifted, size):
    """Where the intervals of each level begin in a series of ``size`` steps, and whose a step is.

    Returns
    -------
    starts : ndarray of shape (n_levels, most + 2), int64
    owners : ndarray of shape (n_levels, size), uint64
    """
    starts = np.zeros((len(pieces), max(pieces) + 2), dtype=np.int64)
    owners = np.empty((len(pieces), size), dtype=np.uint64)
    for level, (n, late) in enumerate(zip(pieces, shifted, strict=True)):
        own = n - late
        begins = np.arange(own + 1) * size // n
        if late:
            begins = np.minimum(begins + -(-size // (2 * n)), size)
        starts[level, : own + 1] = begins
        owner = np.searchsorted(begins, np.arange(size), side="right") - 1
        owners[level] = np.where(owner < 0, own, owner)
    return starts, owners


def representations(series):
    """The series, smoothed differences, second differences and moduli of the spectrum.

    Parameters
    ----------
    series : ndarray of shape (n, length)
        One-channel series.
    """
    zero = np.zeros((len(series), 1), dtype=series.dtype)
    first = np.diff(series) if series.shape[1] > 1 else zero
    second = np.diff(first) if series.shape[1] > 2 else zero
    padded = np.pad(first, ((0, 0), (HALF_WIDTH, HALF_WIDTH)), mode="edge")
    width = 2 * HALF_WIDTH + 1
    smooth = sum(padded[:, i : i + first.shape[1]] for i in range(width)) / series.dtype.type(width)
    return series, smooth, second, np.abs(fft.rfft(series, axis=-1))
