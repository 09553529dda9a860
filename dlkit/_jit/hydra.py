"""Compiled loop of Hydra: at each step the kernels of a group compete, and the winner is counted.

Lanes are groups, sixteen at a time, so that who wins is found by comparing registers, without
looking across one, as would be needed with the kernels of a group for lanes. The sum of the
channels a group reads stands in a buffer of sixteen columns, with zeros before and behind.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .registers import (
    LANES,
    add,
    fill,
    load,
    maximum,
    multiply_add,
    store,
    where_more,
    where_same,
    widen,
)

CHUNK = 256  # steps whose sums are held in the precision of the series


class HydraKernels(NamedTuple):
    """Kernels of one representation of a series: what is drawn in ``fit``.

    Attributes
    ----------
    dilations : ndarray of shape (n_dilations,), int64
        Dilations.
    weights : ndarray of shape (n_dilations, n_parts, n_kernels, 9, 16)
        Weights: lane l of part p is group 16 p + l.
    channels : ndarray of shape (n_dilations, n_groups, n_channels), int64
        Channels each group adds up.
    """

    dilations: np.ndarray
    weights: np.ndarray
    channels: np.ndarray


@compiled
def features(values, offsets, kernels, margin, buffers, column, step, out):
    """Write the features of each series to a row of ``out``.

    For each dilation, ``step`` columns apart, from ``column`` on: for each kernel of each group
    the sum of its outputs over the steps at which it is the largest, then for each the number of
    steps at which it is the least. Of equals the first wins. ``buffers`` are for a series of
    sixteen columns with ``margin`` zeros before and behind, and for sixteen of each kernel's
    largest outputs, counts (int32) and sums (float64).
    """
    n_groups = kernels.channels.shape[1]
    n_kernels = kernels.weights.shape[2]
    weights = kernels.weights.reshape(-1)
    one_channel = values.shape[1] == 1
    series, highs, lows, sums = buffers
    infinity = values.dtype.type(np.inf)
    lowest, highest, zero = fill(-infinity), fill(infinity), fill(values.dtype.type(0))
    none, one = fill(np.int32(0)), fill(np.int32(1))
    for i in range(len(offsets) - 1):
        start, n = offsets[i], offsets[i + 1] - offsets[i]
        for t in range(series.size):
            series[t] = 0
        if one_channel:
            for t in range(n):
                store(series, (margin + t) * LANES, fill(values[start + t, 0]))
        for j in range(len(kernels.dilations)):
            d = kernels.dilations[j] * LANES
            for part in range(kernels.weights.shape[1]):
                n_lanes = min(LANES, n_groups - part * LANES)
                if not one_channel:
                    for t in range(n):
                        for l in range(n_lanes):
                            s, group = values.dtype.type(0), part * LANES + l
                            for c in range(kernels.channels.shape[2]):
                                s += values[start + t, kernels.channels[j, group, c]]
                            series[(margin + t) * LANES + l] = s
                for k in range(sums.size):
                    sums[k] = 0
                for k in range(lows.size):
                    lows[k] = 0
                first = (j * kernels.weights.shape[1] + part) * n_kernels * 9 * LANES
                for chunk in range(0, n, CHUNK):
                    for k in range(highs.size):
                        highs[k] = 0
                    for t in range(chunk, min(chunk + CHUNK, n)):
                        place = (margin + t) * LANES
                        a, b = load(series, place - 4 * d), load(series, place - 3 * d)
                        c, e = load(series, place - 2 * d), load(series, place - d)
                        f = load(series, place)
                        g, h = load(series, place + d), load(series, place + 2 * d)
                        p, q = load(series, place + 3 * d), load(series, place + 4 * d)
                        most, least, winner, loser = lowest, highest, none, none
                        for k in range(n_kernels):
                            w = first + k * 9 * LANES
                            x = multiply_add(load(weights, w), a, zero)
                            x = multiply_add(load(weights, w + LANES), b, x)
                            x = multiply_add(load(weights, w + 2 * LANES), c, x)
                            x = multiply_add(load(weights, w + 3 * LANES), e, x)
                            x = multiply_add(load(weights, w + 4 * LANES), f, x)
                            x = multiply_add(load(weights, w + 5 * LANES), g, x)
                            x = multiply_add(load(weights, w + 6 * LANES), h, x)
                            x = multiply_add(load(weights, w + 7 * LANES), p, x)
                            x = multiply_add(load(weights, w + 8 * LANES), q, x)
                            this = fill(np.int32(k))
                            winner = where_more(x, most, this, winner)
                            loser = where_more(least, x, this, loser)
                            most = maximum(x, most)
                            least = where_more(least, x, x, least)
                        for k in range(n_kernels):
                            this = fill(np.int32(k))
                            x = where_same(winner, this, most, zero)
                            store(highs, k * LANES, add(load(highs, k * LANES), x))
                            u = where_same(loser, this, one, none)
                            store(lows, k * LANES, add(load(lows, k * LANES), u))
                    for k in range(n_kernels):
                        x = widen(load(highs, k * LANES))
                        store(sums, k * LANES, add(load(sums, k * LANES), x))
                at = column + j * step + part * LANES * n_kernels
                for l in range(n_lanes):
                    for k in range(n_kernels):
                        out[i, at + l * n_kernels + k] = sums[k * LANES + l]
                        low = at + (n_groups + l) * n_kernels + k
                        out[i, low] = lows[k * LANES + l]
