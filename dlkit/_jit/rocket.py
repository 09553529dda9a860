"""Compiled loop of ROCKET: random kernels of random length, dilation, padding and channels.

A series stands in a buffer with zeros on both sides, as far as the widest kernel reaches: a tap
beyond an end adds nothing, and no loop asks where the ends are. Four registers of outputs share
each weight, and are pooled as they stand: nothing is written but the two features.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .registers import (
    LANES,
    count_more,
    fill,
    load,
    maximum,
    multiply_add,
    store,
    total,
    where_more,
)

WIDE = 4 * LANES
_STEPS = np.arange(LANES, dtype=np.int32)


class RocketKernels(NamedTuple):
    """Kernels: what is drawn in ``fit``.

    Attributes
    ----------
    lengths, dilations : ndarray of shape (n_kernels,), int64
        Taps of each kernel, and the steps from one to the next.
    padded : ndarray of shape (n_kernels,), bool
        Whether zeros are put before and behind, so that there is an output for each step.
    biases : ndarray of shape (n_kernels,)
        Biases.
    starts : ndarray of shape (n_kernels + 1,), int64
        Where the channels of each begin in ``channels``.
    channels : ndarray, int64
        Channels each reads.
    weights : ndarray
        Of each kernel, for each of its channels, a weight for each tap.
    """

    lengths: np.ndarray
    dilations: np.ndarray
    padded: np.ndarray
    biases: np.ndarray
    starts: np.ndarray
    channels: np.ndarray
    weights: np.ndarray


@inner
def _largest(ends, most):
    """Largest of sixteen numbers; ``ends`` takes them."""
    store(ends, 0, most)
    largest = ends[0]
    for l in range(1, LANES):
        largest = max(largest, ends[l])
    return largest


@compiled
def features(values, offsets, kernels, pairs, margin, buffers, out):
    """Share of positive outputs and largest output of each kernel, in turn, a row a series.

    Parameters
    ----------
    values, offsets : ndarray
        Series, one after another, and where each begins.
    kernels : RocketKernels
        Of the dtype of the series.
    pairs : ndarray of shape (n_pairs, 3), int64
        Kernels that are taken together, two that differ in nothing but weights and bias or one
        twice, and where the weights of the first begin.
    margin : int
        Zeros before and behind a series.
    buffers : tuple of four ndarrays
        For a series with its margins and `WIDE` spare, sixteen ends, and the places and twice the
        weights of a kernel's taps.
    out : ndarray of shape (n_series, 2 * n_kernels)
        Takes the features.
    """
    series, ends, places, weights = buffers
    n_channels, width = values.shape[1], series.size // values.shape[1]
    steps = _STEPS
    lowest, zero = fill(values.dtype.type(-np.inf)), fill(values.dtype.type(0))
    for i in range(len(offsets) - 1):
        n = offsets[i + 1] - offsets[i]
        for t in range(series.size):
            series[t] = 0
        for c in range(n_channels):
            for t in range(n):
                series[c * width + margin + t] = values[offsets[i] + t, c]
        for pair in range(len(pairs)):
            k, twin, first_weight = pairs[pair, 0], pairs[pair, 1], pairs[pair, 2]
            length, d = kernels.lengths[k], kernels.dilations[k]
            reach = (length - 1) * d
            # a kernel longer than the series is padded in any case, or would have no output
            padded = kernels.padded[k] or n <= reach
            begin, m = (margin - reach // 2, n) if padded else (margin, n - reach)
            slots = kernels.starts[k + 1] - kernels.starts[k]
            n_taps = slots * length
            for slot in range(slots):
                channel = kernels.channels[kernels.starts[k] + slot]
                for j in range(length):
                    tap, w = j * slots + slot, first_weight + slot * length + j
                    places[tap] = channel * width + begin + j * d
                    weights[2 * tap] = kernels.weights[w]
                    weights[2 * tap + 1] = kernels.weights[w + (twin - k) * n_taps]
            bias_1, bias_2 = fill(kernels.biases[k]), fill(kernels.biases[twin])
            count_1, count_2 = fill(np.int32(0)), fill(np.int32(0))
            most_1, most_2 = lowest, lowest
            wide = m // WIDE * WIDE
            for t in range(0, wide, WIDE):
                a1, b1, c1, d1 = bias_1, bias_1, bias_1, bias_1
                a2, b2, c2, d2 = bias_2, bias_2, bias_2, bias_2
                for tap in range(n_taps):
                    place = places[tap] + t
                    w1, w2 = fill(weights[2 * tap]), fill(weights[2 * tap + 1])
                    x = load(series, place)
                    a1, a2 = multiply_add(w1, x, a1), multiply_add(w2, x, a2)
                    x = load(series, place + LANES)
                    b1, b2 = multiply_add(w1, x, b1), multiply_add(w2, x, b2)
                    x = load(series, place + 2 * LANES)
                    c1, c2 = multiply_add(w1, x, c1), multiply_add(w2, x, c2)
                    x = load(series, place + 3 * LANES)
                    d1, d2 = multiply_add(w1, x, d1), multiply_add(w2, x, d2)
                for a, b in ((a1, a2), (b1, b2), (c1, c2), (d1, d2)):
                    count_1, count_2 = count_more(count_1, a, zero), count_more(count_2, b, zero)
                    most_1, most_2 = maximum(a, most_1), maximum(b, most_2)
            for t in range(wide, m, LANES):
                a, b = bias_1, bias_2
                for tap in range(n_taps):
                    x = load(series, places[tap] + t)
                    a = multiply_add(fill(weights[2 * tap]), x, a)
                    b = multiply_add(fill(weights[2 * tap + 1]), x, b)
                # outputs there are no more of
                rest, step = fill(np.int32(m - t)), load(steps, 0)
                a, b = where_more(rest, step, a, lowest), where_more(rest, step, b, lowest)
                count_1, count_2 = count_more(count_1, a, zero), count_more(count_2, b, zero)
                most_1, most_2 = maximum(a, most_1), maximum(b, most_2)
            out[i, 2 * twin] = total(count_2) / m
            out[i, 2 * twin + 1] = _largest(ends, most_2)
            out[i, 2 * k] = total(count_1) / m
            out[i, 2 * k + 1] = _largest(ends, most_1)
