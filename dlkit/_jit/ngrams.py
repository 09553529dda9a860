"""Probabilities of n-gram tables, and the weights that mix them with others."""

import numpy as np

from .compiled import compiled


@compiled
def blend(keys, starts, symbols, counts, wanted, before, own, out, seen):
    """Interpolate one order after Witten and Bell: (c(ctx, s) + D p(s)) / (c(ctx) + D).

    Parameters
    ----------
    keys : ndarray of shape (n_contexts,), uint64
        Contexts, sorted.
    starts : ndarray of shape (n_contexts + 1,), int64
        Where the followers of each begin in ``symbols`` and ``counts``.
    symbols, counts : ndarray of shape (n_pairs,), int64
        Followers, and how often each was seen.
    wanted : ndarray of shape (n,), uint64
        Contexts that are asked for.
    before : ndarray of shape (n, n_symbols)
        p of the next lower order.
    own : ndarray of shape (n,), int64
        A follower that is to be left out once, as if it had not been seen; −1 for none.
    out : ndarray of shape (n, n_symbols)
        Takes the probabilities.
    seen : ndarray of shape (n,), bool
        Takes whether the context was seen.
    """
    n_symbols = before.shape[1]
    for i in range(wanted.size):
        low, high = 0, keys.size
        while low < high:
            middle = (low + high) // 2
            if keys[middle] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        for s in range(n_symbols):
            out[i, s] = before[i, s]
        seen[i] = False
        if low == keys.size or keys[low] != wanted[i]:
            continue
        total = distinct = 0
        for j in range(starts[low], starts[low + 1]):
            c = counts[j] - (symbols[j] == own[i])
            total += c
            distinct += c > 0
        if total == 0:
            continue
        seen[i] = True
        scale = 1.0 / (total + distinct)
        for s in range(n_symbols):
            out[i, s] *= distinct * scale
        for j in range(starts[low], starts[low + 1]):
            out[i, symbols[j]] += (counts[j] - (symbols[j] == own[i])) * scale


@compiled
def mix(logs, which, weights, truth, rate, decay, out):
    """Mix distributions in log-odds, one row after the other, and learn the weights on the way.

    log p(s) is a weighted sum of the logarithms that are mixed, minus the logarithm of the sum over
    all symbols; a step of gradient descent on −log p(truth) follows each row whose truth is given.

    Parameters
    ----------
    logs : ndarray of shape (n, n_models, n_symbols)
        Logarithms of the probabilities.
    which : ndarray of shape (n,), int64
        Set of weights of each row.
    weights : ndarray of shape (n_sets, n_models)
        Changed in place.
    truth : ndarray of shape (n,), int64
        The symbol that came; −1 for none.
    rate : float
        Length of a step; 0 learns nothing.
    decay : ndarray of shape (n_sets,)
        Rows that a set has learned from; the step is ``rate / sqrt(1 + rows / 100)``. Changed in
        place.
    out : ndarray of shape (n, n_symbols)
        Takes log p.
    """
    n_models, n_symbols = logs.shape[1:]
    for i in range(logs.shape[0]):
        w = weights[which[i]]
        top = -np.inf
        for s in range(n_symbols):
            value = 0.0
            for m in range(n_models):
                value += w[m] * logs[i, m, s]
            out[i, s] = value
            top = max(top, value)
        total = 0.0
        for s in range(n_symbols):
            total += np.exp(out[i, s] - top)
        total = np.log(total) + top
        for s in range(n_symbols):
            out[i, s] -= total
        if truth[i] < 0 or rate == 0.0:
            continue
        step = rate / np.sqrt(1.0 + decay[which[i]] / 100.0)
        decay[which[i]] += 1.0
        for m in range(n_models):
            slope = -logs[i, m, truth[i]]
            for s in range(n_symbols):
                slope += np.exp(out[i, s]) * logs[i, m, s]
            w[m] -= step * slope
