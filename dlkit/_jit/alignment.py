"""Monotone alignments of sequences: the best, and what all of them are expected to hold."""

import numpy as np

from .compiled import compiled


@compiled
def align(x, x_offsets, y, y_offsets, scores, powers, best, taken, found):
    """Cut each target into chunks, one for each symbol of its source, of the greatest score.

    Parameters
    ----------
    x, y : ndarray of int64
        Symbols of all sources and of all targets, 0 to n − 1.
    x_offsets, y_offsets : ndarray of shape (n_pairs + 1,), int64
        Where they begin.
    scores : ndarray of shape (n_source_symbols, n_chunks)
        Score of a chunk beside a symbol. The number of a chunk is the sum of (symbol + 1) times
        the power of its place.
    powers : ndarray of shape (longest chunk + 1,), int64
        Powers of the number of target symbols and one.
    best, taken : ndarray of shape (longest source + 1, longest target + 1), float64 and int64
        Room to work in.
    found : ndarray of shape (len(x),), int64
        Number of the chunk of each symbol, −1 where a pair cannot be aligned.

    Returns
    -------
    score : float
        Sum over pairs that can be aligned.
    """
    total, longest = 0.0, powers.size - 1
    for i in range(x_offsets.size - 1):
        first, start = x_offsets[i], y_offsets[i]
        n, m = x_offsets[i + 1] - first, y_offsets[i + 1] - start
        if m > longest * n:
            for t in range(n):
                found[first + t] = -1
            continue
        for u in range(m + 1):
            best[0, u] = -1e300
        best[0, 0] = 0.0
        for t in range(n):
            symbol = x[first + t]
            for u in range(m + 1):
                top, length, chunk = -1e300, 0, 0
                for c in range(min(longest, u) + 1):
                    if c > 0:  # one symbol more at the front
                        chunk = chunk * powers[1] + y[start + u - c] + 1
                    score = best[t, u - c] + scores[symbol, chunk]
                    if score > top:
                        top, length = score, c
                best[t + 1, u] = top
                taken[t + 1, u] = length
        total += best[n, m]
        u = m
        for t in range(n - 1, -1, -1):
            chunk = 0
            for c in range(1, taken[t + 1, u] + 1):
                chunk = chunk * powers[1] + y[start + u - c] + 1
            u -= taken[t + 1, u]
            found[first + t] = chunk
    return total


@compiled
def expect(x, x_offsets, y, y_offsets, shares, powers, ahead, behind, counts):
    """Add how often each chunk is expected beside each symbol, over all alignments of each pair.

    Parameters
    ----------
    x, x_offsets, y, y_offsets, powers
        As of :func:`align`.
    shares : ndarray of shape (n_source_symbols, n_chunks)
        Probability of a chunk beside a symbol, above zero.
    ahead, behind : ndarray of shape (longest source + 1, longest target + 1)
        Room to work in.
    counts : ndarray of shape (n_source_symbols, n_chunks)
        Added to.

    Returns
    -------
    total : float
        Log-probability of the targets that can be aligned, given their sources.
    """
    total, longest = 0.0, powers.size - 1
    for i in range(x_offsets.size - 1):
        first, start = x_offsets[i], y_offsets[i]
        n, m = x_offsets[i + 1] - first, y_offsets[i + 1] - start
        if m > longest * n:
            continue
        for u in range(m + 1):
            ahead[0, u] = behind[n, u] = 0.0
        ahead[0, 0] = behind[n, m] = 1.0
        for t in range(n):
            symbol, size = x[first + t], 0.0
            for u in range(m + 1):
                share, chunk = 0.0, 0
                for c in range(min(longest, u) + 1):
                    if c > 0:  # one symbol more at the front
                        chunk = chunk * powers[1] + y[start + u - c] + 1
                    share += ahead[t, u - c] * shares[symbol, chunk]
                if m - u > longest * (n - t - 1):  # what is left would be too long
                    share = 0.0
                ahead[t + 1, u] = share
                size += share
            for u in range(m + 1):
                ahead[t + 1, u] /= size
            total += np.log(size)
        for t in range(n - 1, -1, -1):
            symbol, size, every = x[first + t], 0.0, 0.0
            for u in range(m + 1):
                behind[t, u] = 0.0
            for u in range(m + 1):
                chunk = 0
                for c in range(min(longest, u) + 1):
                    if c > 0:
                        chunk = chunk * powers[1] + y[start + u - c] + 1
                    share = shares[symbol, chunk] * behind[t + 1, u]
                    behind[t, u - c] += share
                    every += ahead[t, u - c] * share
            for u in range(m + 1):
                chunk = 0
                for c in range(min(longest, u) + 1):
                    if c > 0:
                        chunk = chunk * powers[1] + y[start + u - c] + 1
                    share = ahead[t, u - c] * shares[symbol, chunk] * behind[t + 1, u]
                    counts[symbol, chunk] += share / every
            for u in range(m + 1):
                size += behind[t, u]
            for u in range(m + 1):
                behind[t, u] /= size
    return total


def room(n_source, n_target):
    """Arrays for the two tables of :func:`align`."""
    shape = n_source + 1, n_target + 1
    return np.empty(shape), np.empty(shape, dtype=np.int64)
