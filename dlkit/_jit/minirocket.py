"""Compiled loops of MiniRocket and MultiRocket: 84 kernels of nine taps, −1 six times, 2 thrice.

A kernel's output is −1 times the sum of all nine taps plus 3 times three of them. So the sum of
nine shifted copies of the series serves all 84 kernels of a dilation, and an output costs three
additions. Sums are made in one order, the authors': (((−Σ + 3x_a) + 3x_b) + 3x_c). A bias is a
quantile of such outputs, and many an output of a flat stretch equals its bias, so that another
order would count another number. Biases are taken from sums in another order, −Σ last, as the
authors' code does once compiled.

This is why one-channel `ConvFeatures` with drawn kernels are not the engine here: they gather
patches and multiply by all kernels in one GEMM, which spends nine multiplications on an output,
writes it and reads it again to encode it, while here it costs three additions, never leaves the
first-level cache, and serves several biases (GEMMs as narrow as nine taps reach little of a
machine's speed besides).

A series stands in a buffer with zeros on both sides, as far as the widest kernel reaches.
"""

from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .registers import (
    LANES,
    add,
    count_more,
    fill,
    load,
    maximum,
    store,
    subtract,
    total,
    transpose,
    where_more,
    widen,
)

CHUNK = 256  # steps whose sums are held in 32 bits


class MiniRocketKernels(NamedTuple):
    """Kernels of one representation of a series: what is drawn in ``fit``.

    Attributes
    ----------
    taps : ndarray of shape (84, 3), int64
        The three taps of each kernel whose weight is 2.
    dilations : ndarray of shape (n_dilations,), int64
        Dilations.
    n_biases : ndarray of shape (n_dilations,), int64
        Features of each kernel at each dilation.
    biases : ndarray of shape (84 * n_biases.sum(),)
        Biases, by dilation, then kernel.
    starts : ndarray of shape (84 * n_dilations + 1,), int64
        Where the channels of each kernel at each dilation begin in ``channels``.
    channels : ndarray, int64
        Channels each adds up.
    lead : int
        Steps by which the four left taps lie nearer to the centre.
    """

    taps: np.ndarray
    dilations: np.ndarray
    n_biases: np.ndarray
    biases: np.ndarray
    starts: np.ndarray
    channels: np.ndarray
    lead: int


@inner
def _pad(values, start, stop, margin, width, single, triple):
    """Put each channel of a series, and its threefold, between zeros; step 0 is at ``margin``."""
    zero, three = values.dtype.type(0), values.dtype.type(3)
    for t in range(single.size):
        single[t] = zero
        triple[t] = zero
    for c in range(values.shape[1]):
        place = c * width + margin - start
        for t in range(start, stop):
            single[place + t] = values[t, c]
            triple[place + t] = three * values[t, c]


@inner
def _sum_taps(single, width, margin, n, d, lead, sums):
    """Sum the nine taps of dilation d at each step of each channel."""
    for c in range(len(single) // width):
        for t in range(0, n, LANES):
            place = c * width + margin + t
            s = load(single, place)
            for k in range(-4, 0):
                s = add(s, load(single, place + k * d + lead))
            for k in range(1, 5):
                s = add(s, load(single, place + k * d))
            store(sums, c * width + t, s)


@inner
def _places(kernels, k, d):
    """Where the three taps of kernel k lie from the centre, at dilation d."""
    a, b, c = kernels.taps[k, 0] - 4, kernels.taps[k, 1] - 4, kernels.taps[k, 2] - 4
    lead = kernels.lead
    return a * d + lead * (a < 0), b * d + lead * (b < 0), c * d + lead * (c < 0)


@inner
def _outputs_at(triple, place, sums, base, a, b, c):
    """Sixteen outputs on one channel."""
    s = subtract(load(triple, place + a), load(sums, base))
    return add(add(s, load(triple, place + b)), load(triple, place + c))


@inner
def _convolve(triple, sums, width, margin, first, n, d, kernels, j, k_0, rows, stride):
    """Outputs ``first`` to ``first + n - 1`` of kernels k_0, k_0 + 2, ..., each to its row.

    Returns how many rows that makes, at most `LANES`.
    """
    n_kernels = len(kernels.taps)
    n_rows = min(LANES, (n_kernels - k_0 + 1) // 2)
    for l in range(n_rows):
        k = k_0 + 2 * l
        q = j * n_kernels + k
        a, b, c = _places(kernels, k, d)
        for slot in range(kernels.starts[q], kernels.starts[q + 1]):
            base = kernels.channels[slot] * width + first
            for t in range(0, n, LANES):
                s = _outputs_at(triple, base + margin + t, sums, base + t, a, b, c)
                if slot > kernels.starts[q]:
                    s = add(load(rows, l * stride + t), s)
                store(rows, l * stride + t, s)
    return n_rows


@compiled
def outputs(values, offsets, picks, kernels, j, buffers, out):
    """Outputs, with padding, of all kernels at dilation number j, each on a series of its own.

    ``out[k, :n]`` takes those of kernel k on series ``picks[k]``, which has n steps. They differ by
    a rounding from those that are counted. ``buffers`` are as for `features`, of this dilation.
    """
    d, margin = kernels.dilations[j], 4 * kernels.dilations[j]
    single, triple, sums, row = buffers[0], buffers[1], buffers[2], buffers[3]
    width, n_kernels = single.size // values.shape[1], len(picks)
    for k in range(n_kernels):
        start, stop = offsets[picks[k]], offsets[picks[k] + 1]
        n = stop - start
        _pad(values, start, stop, margin, width, single, triple)
        _sum_taps(single, width, margin, n, d, kernels.lead, sums)
        a, b, c = _places(kernels, k, d)
        for t in range(n):
            out[k, t] = 0
        for slot in range(kernels.starts[j * n_kernels + k], kernels.starts[j * n_kernels + k + 1]):
            base = kernels.channels[slot] * width
            for t in range(0, n, LANES):
                place = base + margin + t
                s = add(load(triple, place + a), load(triple, place + b))
                s = subtract(add(s, load(triple, place + c)), load(sums, base + t))
                store(row, t, s)
            for t in range(n):
                out[k, t] += row[t]


@compiled
def shares(values, offsets, kernels, begins, margin, buffers, out):
    """Write MiniRocket's features of each series to a row of ``out``.

    Parameters
    ----------
    values, offsets : ndarray
        Series, one after another, and where each begins.
    kernels : MiniRocketKernels
        Of the dtype of the series.
    begins : ndarray of shape (n_dilations,), int64
        Where the biases of each dilation begin.
    margin : int
        Zeros before and behind a series.
    buffers : ndarray of shape (4, n_channels * width)
        With room for all channels of the longest series, their margins and `LANES` spare.
    out : ndarray of shape (n_series, n_biases)
        Takes the features.
    """
    single, triple, sums, outs = buffers[0], buffers[1], buffers[2], buffers[3]
    width = single.size // values.shape[1]
    for i in range(len(offsets) - 1):
        n, row = offsets[i + 1] - offsets[i], out[i]
        _pad(values, offsets[i], offsets[i + 1], margin, width, single, triple)
        for j in range(len(kernels.dilations)):
            d = kernels.dilations[j]
            _sum_taps(single, width, margin, n, d, kernels.lead, sums)
            for turn in range(2):
                first, m = _window(n, d, turn)
                _count(
                    triple, sums, width, margin, first, m, d, kernels, j, (j + turn) % 2,
                    begins[j], outs, row,
                )  # fmt: skip


@compiled
def poolings(values, offsets, kernels, begins, margin, buffers, pooled, column, out):
    """Write MultiRocket's features of each series to a row of ``out``, from ``column`` on.

    They are four blocks of columns, of what `_pool_four` says. ``pooled`` are buffers: two of
    sixteen rows of outputs, and one of shape (4, 16). All else is as for `shares`.
    """
    single, triple, sums = buffers[0], buffers[1], buffers[2]
    rows, block, four = pooled
    width, stride = single.size // values.shape[1], rows.size // LANES
    n_kernels, n_all = len(kernels.taps), len(kernels.biases)
    for i in range(len(offsets) - 1):
        n, row = offsets[i + 1] - offsets[i], out[i, column:]
        _pad(values, offsets[i], offsets[i + 1], margin, width, single, triple)
        for j in range(len(kernels.dilations)):
            d, n_biases = kernels.dilations[j], kernels.n_biases[j]
            _sum_taps(single, width, margin, n, d, kernels.lead, sums)
            for turn in range(2):
                first, m = _window(n, d, turn)
                for k_0 in range((j + turn) % 2, n_kernels, 2 * LANES):
                    n_rows = _convolve(
                        triple, sums, width, margin, first, m, d, kernels, j, k_0, rows, stride
                    )
                    for t in range(0, m, LANES):
                        transpose(rows, t, stride, block, t * LANES, LANES)
                    at, step = begins[j] + k_0 * n_biases, 2 * n_biases
                    for f in range(at, at + n_biases):
                        _pool_four(block, m, kernels.biases, f, step, n_rows, four)
                        for p in range(4):
                            for l in range(n_rows):
                                row[p * n_all + f + l * step] = four[p, l]


@inner
def _window(n, d, turn):
    """First output and number of outputs of every other kernel: first those with padding.

    One that would have no output, the series being too short, is padded too.
    """
    if turn == 1 and n > 8 * d:
        return 4 * d, n - 8 * d
    return 0, n


@inner
def _count(triple, sums, width, margin, first, m, d, kernels, j, side, begin, outs, row):
    """Share of outputs above each bias of every other kernel, to ``row`` from ``begin`` on.

    Outputs are counted against four biases as they arise, against the rest from ``outs``.
    Overwrites what follows the window in ``sums``.
    """
    none, infinity = fill(np.int32(0)), fill(sums.dtype.type(np.inf))
    for c in range(len(sums) // width):
        store(sums, c * width + first + m, infinity)  # outputs there fall below every bias
    n_biases, biases = kernels.n_biases[j], kernels.biases
    for k in range(side, len(kernels.taps), 2):
        a, b, c = _places(kernels, k, d)
        q = j * len(kernels.taps) + k
        slots = range(kernels.starts[q] + 1, kernels.starts[q + 1])
        only = kernels.channels[kernels.starts[q]] * width + first
        start = begin + k * n_biases
        last = start + n_biases - 1
        for f in range(start, last + 1, 4):
            f1, f2, f3 = min(f + 1, last), min(f + 2, last), min(f + 3, last)
            b0, b1, b2, b3 = fill(biases[f]), fill(biases[f1]), fill(biases[f2]), fill(biases[f3])
            n0, n1, n2, n3 = none, none, none, none
            if f == start:
                for t in range(0, m, LANES):
                    x = _outputs_at(triple, only + margin + t, sums, only + t, a, b, c)
                    for slot in slots:
                        base = kernels.channels[slot] * width + first + t
                        x = add(x, _outputs_at(triple, base + margin, sums, base, a, b, c))
                    store(outs, t, x)
                    n0, n1 = count_more(n0, x, b0), count_more(n1, x, b1)
                    n2, n3 = count_more(n2, x, b2), count_more(n3, x, b3)
            else:
                for t in range(0, m, LANES):
                    x = load(outs, t)
                    n0, n1 = count_more(n0, x, b0), count_more(n1, x, b1)
                    n2, n3 = count_more(n2, x, b2), count_more(n3, x, b3)
            row[f3], row[f2] = total(n3) / m, total(n2) / m
            row[f1], row[f] = total(n1) / m, total(n0) / m


@inner
def _pool_four(block, m, biases, f, step, n_rows, pooled):
    """Pool m outputs of up to sixteen kernels, whose biases b are ``biases[f + l step]``.

    Share of outputs above b; longest stretch from one output below b (or an end) to the next; mean
    of output plus b, and of the step, over outputs above b (0 and −1 where there are none).
    """
    for l in range(n_rows):
        block[m * LANES + l] = biases[f + l * step]
    bias, nothing = load(block, m * LANES), fill(biases.dtype.type(0))
    none, one = fill(np.int32(0)), fill(np.int32(1))
    zero = fill(0.0)
    time, last, longest, count = none, none, none, none
    sum_out, sum_time = zero, zero
    chunk = min(CHUNK, 2**31 // m)  # steps of which even the last ones' numbers add up
    for start in range(0, m, chunk):
        steps, s = none, nothing
        for t in range(start, min(start + chunk, m)):
            x = load(block, t * LANES)
            count = count_more(count, x, bias)
            s = add(s, where_more(x, bias, add(x, bias), nothing))
            steps = add(steps, where_more(x, bias, time, none))
            gap = maximum(subtract(time, last), longest)
            longest = where_more(bias, x, gap, longest)
            last = where_more(bias, x, time, last)
            time = add(time, one)
        sum_out = add(sum_out, widen(s))
        sum_time = add(sum_time, widen(steps))
    longest = maximum(subtract(subtract(time, one), last), longest)
    store(pooled, 0, widen(count))
    store(pooled, LANES, widen(longest))
    store(pooled, 2 * LANES, sum_out)
    store(pooled, 3 * LANES, sum_time)
    for l in range(n_rows):
        n = pooled[0, l]
        pooled[0, l] = n / m
        pooled[2, l] = pooled[2, l] / n if n > 0 else 0.0
        pooled[3, l] = pooled[3, l] / n if n > 0 else -1.0
