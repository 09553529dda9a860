"""Compiled loop of ROCKET: random kernels of random length, dilation, padding and channels.

A series stands in a buffer with zeros on both sides, as far as the widest kernel reaches: a tap
beyond an end adds nothing, and no loop asks where the ends are. Four registers of outputs share
each weight, and are pooled as they stand: nothing is written but the two features.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
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


class Kernels(NamedTuple):
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


@compiled
def _alike(kernels, k):
    """Whether kernel k + 1 differs from kernel k in nothing but its weights and bias."""
    if k + 1 == len(kernels.lengths):
        return False
    first, second, third = kernels.starts[k], kernels.starts[k + 1], kernels.starts[k + 2]
    if (
        kernels.lengths[k] != kernels.lengths[k + 1]
        or kernels.dilations[k] != kernels.dilations[k + 1]
        or kernels.padded[k] != kernels.padded[k + 1]
        or second - first != third - second
    ):
        return False
    for slot in range(first, second):
        if kernels.channels[slot] != kernels.channels[slot + second - first]:
            return False
    return True


@compiled
def features(values, offsets, kernels, out):
    """Share of positive outputs and largest output of each kernel, in turn, a row a series."""
    margin = np.max((kernels.lengths - 1) * kernels.dilations) // 2
    n_channels, n_kernels = values.shape[1], len(kernels.lengths)
    width = np.diff(offsets).max() + 2 * margin + WIDE
    series = np.zeros(n_channels * width, dtype=values.dtype)
    ends, steps = np.empty(LANES, dtype=values.dtype), np.arange(LANES).astype(np.int32)
    most_taps = np.max(np.diff(kernels.starts) * kernels.lengths)
    places = np.empty(most_taps, dtype=np.int64)
    weights = np.zeros(2 * most_taps, dtype=values.dtype)
    lowest, zero = fill(values.dtype.type(-np.inf)), fill(values.dtype.type(0))
    for i in range(len(offsets) - 1):
        n = offsets[i + 1] - offsets[i]
        series[:] = 0
        for c in range(n_channels):
            for t in range(n):
                series[c * width + margin + t] = values[offsets[i] + t, c]
        k, first_weight = 0, 0
        while k < n_kernels:
            length, d = kernels.lengths[k], kernels.dilations[k]
            reach = (length - 1) * d
            # a kernel longer than the series is padded in any case, or would have no output
            padded = kernels.padded[k] or n <= reach
            begin, m = (margin - reach // 2, n) if padded else (margin, n - reach)
            slots = kernels.starts[k + 1] - kernels.starts[k]
            n_taps = slots * length
            # a kernel on its own has itself for a twin: loads, not products, are what takes time
            twin = k + _alike(kernels, k)
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
            store(ends, 0, most_2)
            out[i, 2 * twin] = total(count_2) / m
            out[i, 2 * twin + 1] = ends.max()
            store(ends, 0, most_1)
            out[i, 2 * k] = total(count_1) / m
            out[i, 2 * k + 1] = ends.max()
            first_weight += (twin + 1 - k) * n_taps
            k = twin + 1
