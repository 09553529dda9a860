"""What the maps of the family share: fit, transform over threads, and what they draw alike."""

from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._frozen import frozen
from .._params import Integral, count, unchanged_on_failure
from .._progress import Progress
from .._threads import effective_threads, run_over
from ..sequences import Sequences, check_sequences

FAR = 100  # deviations from zero from which float32 has too few digits for outputs


class BaseRocket(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A map from sequences to rows of features, by kernels that are drawn.

    What varies: ``_draw(batch, rng)`` returns the kernels, ``_encode(batch, kernels, out)`` writes
    the rows of a batch, and ``_n_features_out`` counts the columns. ``_as_read()`` says whether
    kernels meet the numbers as they are, not normalised ones, and ``_drawn`` names the attribute
    that keeps the kernels.
    """

    _drawn = "kernels_"

    _parameter_constraints = {
        "n_kernels": [count()],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def _as_read(self):
        return True

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw the kernels, of dilations that suit the longest sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences: a list of arrays of shape (T_i, C) or (T_i,), an array of shape (n, T, C),
            or of shape (n, T) for one channel.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        batch = check_sequences(self, X, reset=True)
        if self._as_read():
            check_range(batch)
            if far_from_zero(batch).any():
                batch = replace(batch, values=batch.values.astype(np.float64))
        rng = check_random_state(getattr(self, "random_state", None))
        setattr(self, self._drawn, self._draw(batch, rng))
        return self

    def transform(self, X):
        """Convolve each sequence with the kernels, and pool.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`, with as many channels; of any length.

        Returns
        -------
        features : ndarray of shape (n_sequences, n_features)
            float32 for float32 input, float64 otherwise.
        """
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False)
        out = np.empty((len(batch), self._n_features_out), dtype=batch.values.dtype)
        progress = Progress(type(self).__name__, len(batch), self.verbose)
        exact = np.zeros(len(batch), bool)
        if self._as_read():
            check_range(batch)
            exact = far_from_zero(batch)
        if not exact.any():
            self._write(batch, out, progress)
            return out
        for numbers, dtype in ((~exact, batch.values.dtype), (exact, np.float64)):
            if numbers.any():
                part = some_of(batch, numbers)
                part = replace(part, values=part.values.astype(dtype))
                rows = np.empty((len(part), out.shape[1]), dtype)
                self._write(part, rows, progress)
                out[numbers] = rows
        return out

    def _write(self, batch, out, progress):
        """Write the rows of a batch, in the dtype of its values."""
        kernels = ready(getattr(self, self._drawn), batch.values.dtype)
        steps = _budgets.ROCKET_STEPS * len(batch) // len(batch.values)
        size = max(_budgets.ROCKET_SERIES, steps)

        def encode(first):
            last = min(first + size, len(batch))
            self._encode(batch.part(first, last), kernels, out[first:last])
            progress.advance(last - first)

        parts = range(0, len(batch), size)
        threads = min(effective_threads(self.n_jobs), len(parts))
        run_over(parts, encode, threads)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def some_of(batch, chosen):
    """Those series of a batch that are chosen, by a mask, as a batch."""
    offsets = np.concatenate([[0], np.cumsum(batch.lengths[chosen])])
    return replace(batch, values=batch.values[np.repeat(chosen, batch.lengths)], offsets=offsets)


def check_range(batch):
    """Raise if sums of products with numbers as large as these may overflow."""
    largest = max(batch.values.max(), -batch.values.min())
    dtype = batch.values.dtype
    if largest > np.finfo(dtype).max / (512.0 * max(batch.lengths.max(), 512)):
        more = ", or hand it over as float64" if dtype == np.float32 else ""
        raise ValueError(
            f"Input X holds a number of magnitude {largest:.3g}, with which sums overflow {dtype}: "
            f"scale X, to a variance of about one, say{more}."
        )


def far_from_zero(batch):
    """Which series of float32 have so large an offset that few digits tell how they vary.

    What kernels make of those is computed in float64: most kernels' weights sum up to zero, and
    take the offset off.
    """
    far = np.zeros(len(batch), bool)
    if batch.values.dtype != np.float32:
        return far
    some = batch.offsets[:-1] + (batch.lengths - 1) * np.arange(9)[:, None] // 8
    some = batch.values[some]
    alike = (np.ptp(some, axis=0) <= 0.5 * np.abs(some).max(axis=0)).any(axis=1)
    if alike.any():  # as all steps are, far from zero
        far[alike] = _is_far(some_of(batch, alike))
    return far


def _is_far(batch):
    values, starts, lengths = batch.values, batch.offsets[:-1], batch.lengths
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    mean = np.add.reduceat(values, starts, dtype=np.float64) / lengths[:, None]
    squares = np.square(values - np.repeat(mean, lengths, axis=0))
    deviation = np.sqrt(np.add.reduceat(squares, starts) / lengths[:, None])
    varies = low < high
    # a constant channel is added to others
    deviation = np.where(varies, deviation, np.max(deviation * varies, axis=1, keepdims=True))
    return ((np.maximum(high, -low) > FAR * deviation) & (deviation > 0)).any(axis=1)


def arrays(batch):
    """Values and offsets of a batch, for a compiled loop."""
    return frozen(batch.values, batch.values.dtype), frozen(batch.offsets, np.int64)


def ready(kernels, dtype):
    """Kernels (or a tuple of them) with their real numbers in ``dtype``, for a compiled loop."""
    if not hasattr(kernels, "_fields"):
        return tuple(ready(each, dtype) for each in kernels)
    return type(kernels)(
        *(
            frozen(a, dtype if a.dtype.kind == "f" else a.dtype) if isinstance(a, np.ndarray) else a
            for a in kernels
        )
    )


def differences(batch):
    """Steps of each series as a batch of their own; that of a series of length one is a zero."""
    steps = np.zeros_like(batch.values)
    np.subtract(batch.values[1:], batch.values[:-1], out=steps[:-1])
    last = batch.offsets[1:] - 1
    steps[last] = 0
    kept = np.ones(len(steps), dtype=bool)
    kept[last] = batch.lengths == 1
    offsets = np.concatenate([[0], np.cumsum(np.maximum(batch.lengths - 1, 1))])
    return Sequences(steps[kept], offsets, batch.form, batch.first)


def largest_exponent(batch, reach):
    """Binary logarithm of the dilation at which a kernel of dilation 1 and this reach fills it.

    The longest series counts; one that is shorter than the kernel counts as long as it.
    """
    return np.log2(np.maximum((batch.lengths.max() - 1) / reach, 1))


def draw_channels(rng, n_channels, limits):
    """Draw subsets of the channels, the logarithm of their size uniform up to log₂(limit + 1).

    Parameters
    ----------
    rng : RandomState
        Where they are drawn from.
    n_channels : int
        Channels there are.
    limits : ndarray of int
        Most channels of each subset.

    Returns
    -------
    starts : ndarray of shape (len(limits) + 1,), int64
        Where each subset begins.
    channels : ndarray, int64
        The subsets, one after another.
    """
    sizes = (2 ** rng.uniform(0, np.log2(limits + 1.0))).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if n_channels == 1:
        return starts, np.zeros(len(limits), dtype=np.int64)
    channels = [rng.choice(n_channels, size, replace=False) for size in sizes]
    return starts, np.concatenate(channels).astype(np.int64)
