"""Slow, obvious twins of the ROCKET family: one sequence, one kernel, written from the papers."""

import numpy as np


def convolve(x, weights, dilation, first, last, nearer=0):
    """Output of a kernel of odd length, of shape (C, l), at the steps from first to last − 1.

    Tap j lies (j − (l − 1) / 2) d steps from the output's, beyond the ends of the (T, C) sequence
    are zeros, and ``nearer`` moves the taps left of the centre to the right.
    """
    half = (weights.shape[1] - 1) // 2
    out = []
    for t in range(first, last):
        total = 0.0
        for j in range(weights.shape[1]):
            place = t + (j - half) * dilation + nearer * (j < half)
            if 0 <= place < len(x):
                total += weights[:, j] @ x[place]
        out.append(total)
    return np.array(out)


def window(n, reach, padded):
    """Steps with an output: all with padding, and where the sequence is too short for none."""
    if padded or n <= reach:
        return 0, n
    return reach // 2, n - reach // 2


def subset(kernels, k):
    return kernels.channels[kernels.starts[k] : kernels.starts[k + 1]]


def rocket(x, kernels):
    """Share of positive outputs, and the largest, of each kernel."""
    row, begin = [], 0
    for k, length in enumerate(kernels.lengths):
        channels = subset(kernels, k)
        end = begin + length * len(channels)
        weights = np.zeros((x.shape[1], length))
        weights[channels] = kernels.weights[begin:end].reshape(len(channels), length)
        first, last = window(len(x), (length - 1) * kernels.dilations[k], kernels.padded[k])
        out = convolve(x, weights, kernels.dilations[k], first, last) + kernels.biases[k]
        row += [np.mean(out > 0), out.max()]
        begin = end
    return np.array(row)


def mini_outputs(x, kernels):
    """Outputs of MiniRocket's kernels, by dilation and kernel, each with its biases."""
    biases = iter(kernels.biases)
    for j, dilation in enumerate(kernels.dilations):
        for k, taps in enumerate(kernels.taps):
            weights = np.zeros((x.shape[1], 9))
            channels = subset(kernels, len(kernels.taps) * j + k)
            weights[channels] = -1
            weights[np.ix_(channels, taps)] = 2
            first, last = window(len(x), 8 * dilation, (j + k) % 2 == 0)
            out = convolve(x, weights, dilation, first, last, kernels.lead)
            yield out, [next(biases) for _ in range(kernels.n_biases[j])]


def minirocket(x, kernels):
    return np.array([np.mean(out > b) for out, bs in mini_outputs(x, kernels) for b in bs])


def longest_stretch(below):
    """Largest distance between neighbours among: outputs below, the first, the last."""
    marks = [0, *np.flatnonzero(below), len(below) - 1]
    return max(np.diff(marks))


def multirocket(x, kernels):
    blocks = []
    steps = np.diff(x, axis=0) if len(x) > 1 else np.zeros_like(x)
    for series, own in zip((x, steps), kernels, strict=True):
        rows = []
        for out, biases in mini_outputs(series, own):
            for b in biases:
                above = np.flatnonzero(out > b)
                rows.append(
                    [
                        len(above) / len(out),
                        longest_stretch(out < b),
                        np.mean(out[above] + b) if len(above) else 0,
                        np.mean(above) if len(above) else -1,
                    ]
                )
        blocks.append(np.array(rows).T.ravel())
    return np.concatenate(blocks)


def hydra(x, kernels):
    steps = np.diff(x, axis=0) if len(x) > 1 else np.zeros_like(x)
    row = []
    for j, dilation in enumerate(kernels[0].dilations):
        for series, own in zip((x, steps), kernels, strict=False):
            n_kernels = own.weights.shape[2]
            n_groups = own.channels.shape[1]
            largest, least = np.zeros((2, n_groups, n_kernels))
            for g in range(n_groups):
                read = series[:, own.channels[j, g]].sum(axis=1, keepdims=True)
                w = own.weights[j, g // 16, :, :, g % 16]
                out = [convolve(read, each[None], dilation, 0, len(read)) for each in w]
                for t in range(len(read)):
                    now = [each[t] for each in out]
                    largest[g, np.argmax(now)] += max(now)
                    least[g, np.argmin(now)] += 1
            row += [largest.ravel(), least.ravel()]
    return np.concatenate(row)


def quant(x, lengths, depth, divisor):
    """Quantiles of nested intervals of one (T, C) sequence, for a longest sequence of lengths[0].

    ``lengths`` are those of the longest sequence's representations.
    """
    row = []
    for channel in x.T:
        first = np.diff(channel) if len(channel) > 1 else np.zeros(1)
        padded = np.concatenate([[first[0]] * 2, first, [first[-1]] * 2])
        smooth = np.array([padded[t : t + 5].mean() for t in range(len(first))])
        second = np.diff(first) if len(channel) > 2 else np.zeros(1)
        spectrum = np.abs(np.fft.rfft(channel)) * lengths[0] / len(channel)
        for size, values in zip(lengths, (channel, smooth, second, spectrum), strict=True):
            for level in range(min(depth, int(np.log2(size)) + 1)):
                ends = [(i * size // 2**level, (i + 1) * size // 2**level) for i in range(2**level)]
                middle = sorted(b - a for a, b in ends)[(2**level - 1) // 2]
                late = level > 0 and middle > 1
                for shifted in (False, True)[: 1 + late]:
                    for i, (a, b) in enumerate(ends[: len(ends) - shifted]):
                        number = 1 + (b - a - 1) // divisor
                        row += interval(values, level, i, shifted, number)
    return np.array(row)


def interval(values, level, i, shifted, number):
    """Quantiles of one interval of ``values``, cut in 2^level."""
    n, pieces = len(values), 2**level
    move = int(np.ceil(n / pieces / 2)) if shifted else 0
    part = values[i * n // pieces + move : (i + 1) * n // pieces + move]
    if len(part) == 0:
        part = values[min(i * n // pieces + move, n - 1)][None]
    if number == 1:
        return [np.median(part)]
    quantiles = np.quantile(part, np.arange(number) / (number - 1))
    quantiles[1::2] -= part.mean()
    return list(quantiles)
