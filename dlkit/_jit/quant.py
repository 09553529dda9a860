"""Compiled loop of QUANT: quantiles of nested intervals, from a single order of the steps.

Steps are sorted once, over the whole series. Dealt out to the intervals of a level in that order,
the steps of each interval stand sorted too: no interval is sorted by itself.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled


class QuantIntervals(NamedTuple):
    """Intervals of one representation: what is chosen in ``fit``.

    Attributes
    ----------
    length : int
        Steps of the longest sequence.
    pieces : ndarray of shape (n_levels,), int64
        In how many intervals each level cuts a series.
    shifted : ndarray of shape (n_levels,), bool
        Whether the intervals of a level begin half an interval later, the last one left out.
    counts : ndarray of shape (n_intervals,), int64
        Quantiles of each interval, level after level.
    """

    length: int
    pieces: np.ndarray
    shifted: np.ndarray
    counts: np.ndarray


@compiled
def quantiles(values, order, intervals, starts, owners, dealt, column, out):
    """Quantiles of each interval, the mean subtracted from every second, a row a series.

    Parameters
    ----------
    values : ndarray of shape (n_series, n_steps)
        Series of one length.
    order : ndarray of shape (n_series, n_steps), uint64
        Steps in the order of their values.
    intervals : QuantIntervals
        What to cut a series into.
    starts : ndarray of shape (n_levels, most + 2), int64
        Where the intervals of each level begin, one after another, and where the last ends.
    owners : ndarray of shape (n_levels, n_steps), uint64
        Interval of each step; their number for a step of none.
    dealt : ndarray of shape (2 * n_steps,)
        Takes the sorted intervals of a level, and behind those the steps of none.
    column : int
        Column of the first feature.
    out : ndarray of shape (n_series, n_features)
        Takes the features.
    """
    n = values.shape[1]
    cursors = np.empty(starts.shape[1], dtype=np.uint64)
    sums = np.zeros(n + 1)
    one = np.uint64(1)
    for i in range(len(values)):
        for t in range(n):
            sums[t + 1] = sums[t] + values[i, t]
        k, at = 0, column
        for level in range(len(intervals.pieces)):
            own = intervals.pieces[level] - intervals.shifted[level]
            for j in range(own):
                cursors[j] = starts[level, j]
            cursors[own] = n
            for r in range(n):
                step = order[i, r]
                owner = owners[level, step]
                dealt[cursors[owner]] = values[i, step]
                cursors[owner] += one
            for j in range(own):
                begin, count = starts[level, j], intervals.counts[k]
                m = starts[level, j + 1] - begin
                k += 1
                if m <= 0:  # the series has fewer steps than the level has intervals
                    nearest = values[i, min(begin, n - 1)]
                    for q in range(count):
                        out[i, at + q] = nearest if q % 2 == 0 else 0
                    at += count
                    continue
                if count == 1:
                    rank = 0.5 * (m - 1)
                    low = int(rank)
                    a, b = dealt[begin + low], dealt[begin + min(low + 1, m - 1)]
                    out[i, at] = a + (rank - low) * (b - a)
                    at += 1
                    continue
                mean = (sums[begin + m] - sums[begin]) / m
                stride = (m - 1) / (count - 1)
                for q in range(count):
                    rank = q * stride
                    low = min(int(rank), m - 1)
                    a, b = dealt[begin + low], dealt[begin + min(low + 1, m - 1)]
                    value = a + (rank - low) * (b - a)
                    out[i, at + q] = value if q % 2 == 0 else value - mean
                at += count
