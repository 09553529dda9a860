"""Logistic regression on n-grams of codes, whose weights are found by a hash."""

import numpy as np

from .compiled import compiled, inner

SHORT = 4  # longest n-gram that does not hold the middle of the window


@inner
def _more(mark, code):
    """Hash of what ``mark`` is the hash of, and one code more, from −1 on."""
    mark = (mark ^ np.uint64(code + 7)) * np.uint64(0x9E3779B97F4A7C15)
    return mark ^ (mark >> np.uint64(29))


@inner
def _addresses(window, chunk, last, order, mask, found):
    """Write where the weights of each n-gram begin; how many there are."""
    n, middle = 0, window.size // 2
    start = _more(np.uint64(0), window[middle])
    for a in range(window.size):
        mark = _more(start, a)
        for b in range(a, min(a + order, window.size)):
            mark = _more(mark, window[b])
            if (a <= middle and b >= middle) or b - a < SHORT:
                found[n] = mark & mask
                n += 1
    # what was put out, beside more and more of the symbols about
    for beside in range(4):
        mark = _more(start, window.size + beside)
        if beside > 0:
            mark = _more(mark, window[middle + 1])
        if beside > 1:
            mark = _more(mark, window[middle - 1])
        if beside > 2 and middle > 1:
            mark = _more(mark, window[middle + 2])
        if beside < 2:
            found[n] = _more(_more(mark, -1), chunk) & mask
            n += 1
        for k in range(last.size):
            mark = _more(mark, last[k])
            found[n] = mark & mask
            n += 1
    return n


@inner
def _softmax(weights, found, n, p, n_classes):
    """Write the probabilities of classes whose scores are sums of weights."""
    for c in range(n_classes):
        p[c] = 0.0
    for j in range(n):
        first = found[j]
        for c in range(n_classes):
            p[c] += weights[first + np.uint64(c)]
    top = p[0]
    for c in range(1, n_classes):
        top = max(top, p[c])
    total = 0.0
    for c in range(n_classes):
        p[c] = np.exp(p[c] - top)
        total += p[c]
    for c in range(n_classes):
        p[c] /= total


@compiled
def learn(rows, windows, chunks, lasts, own, n_classes, order, mask, weights, rate, found, p):
    """Descend by the gradient of −log P(class) from row to row.

    Parameters
    ----------
    rows : ndarray of shape (m,), int64
        Rows to learn from, in order.
    windows : ndarray of shape (n, 2 w + 1), int64
        Codes about a symbol, from −1 on.
    chunks : ndarray of shape (n,), int64
        Code of the chunk before.
    lasts : ndarray of shape (n, h), int64
        Codes of the target symbols before, the latest first.
    own : ndarray of shape (n,), int64
        The class of each row, among those of its symbol.
    n_classes : ndarray of shape (n_codes,), int64
        Classes of each code of a symbol.
    order : int
        Longest n-gram.
    mask : uint64
        Of addresses.
    weights : ndarray of shape (mask + 1 + most classes,), float32
        Changed in place.
    rate : float
        Length of a step.
    found, p : ndarray of shape (n_grams,), uint64, and of shape (most classes,), float64
        Room to work in.
    """
    for r in rows:
        window = windows[r]
        k = n_classes[window[window.size // 2]]
        n = _addresses(window, chunks[r], lasts[r], order, mask, found)
        _softmax(weights, found, n, p, k)
        p[own[r]] -= 1.0
        for j in range(n):
            first = found[j]
            for c in range(k):
                weights[first + np.uint64(c)] -= np.float32(rate * p[c])


@compiled
def tell(windows, chunks, lasts, classes, n_classes, order, mask, weights, found, p, out):
    """Write the probabilities of the classes of each row; of unknown symbols nothing.

    Parameters
    ----------
    classes : ndarray of shape (n_codes, most classes), int64
        Columns of ``out`` for the classes of each code.
    out : ndarray of shape (n, K), float64
        Zeros.
    windows, chunks, lasts, n_classes, order, mask, weights, found, p
        As of :func:`learn`.
    """
    for r in range(windows.shape[0]):
        window = windows[r]
        code = window[window.size // 2]
        if code < 0 or n_classes[code] == 0:
            continue
        n = _addresses(window, chunks[r], lasts[r], order, mask, found)
        _softmax(weights, found, n, p, n_classes[code])
        for c in range(n_classes[code]):
            out[r, classes[code, c]] = p[c]
