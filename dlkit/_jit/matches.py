"""Softmax retrieval over rows of codes, of which a row is the nearer the more codes agree."""

import numpy as np

from .compiled import compiled, inner


@inner
def _add(codes, f, query, w, first, last, scores):
    """Add w to the score of each row from ``first`` to ``last`` whose code f is the query's."""
    for j in range(first, last):
        scores[j - first] += w if codes[f, j] == query else np.float32(0.0)


@inner
def _greatest(scores, n):
    """Greatest of the first n scores; by eights, which need not wait for one another."""
    a = b = c = d = np.float32(-1e30)
    e = f = g = h = np.float32(-1e30)
    for j in range(n // 8):
        k = 8 * j
        a = max(a, scores[k])
        b = max(b, scores[k + 1])
        c = max(c, scores[k + 2])
        d = max(d, scores[k + 3])
        e = max(e, scores[k + 4])
        f = max(f, scores[k + 5])
        g = max(g, scores[k + 6])
        h = max(h, scores[k + 7])
    for j in range(8 * (n // 8), n):
        a = max(a, scores[j])
    return max(max(max(a, b), max(c, d)), max(max(e, f), max(g, h)))


@compiled
def vote(codes, labels, shares, X, ranges, weights, n_shared, cut, skip, scores, near, late, votes):
    """Add the votes of stored rows: exp of what a row's score is short of the greatest.

    The score of a row is the sum of the weights of the codes that it shares with the query. Rows
    that are short by ``cut`` or more have no vote. Where the first ``n_shared`` codes of a query
    are those of the query before, their scores are not computed again.

    Parameters
    ----------
    codes : ndarray of shape (F, n), int32
        Stored rows, by columns; −1 is no code and equals none.
    labels : ndarray of shape (n,), int32
        Column of ``votes`` that a row votes for.
    shares : ndarray of shape (n,), float32
        What its vote is multiplied by.
    X : ndarray of shape (m, F), int32
        Queries; −2 equals no code.
    ranges : ndarray of shape (m, 2), int64
        Stored rows that are looked at, from the first to before the last.
    weights : ndarray of shape (F,), float32
        Weights, at least zero.
    n_shared : int
        Codes that are looked at first.
    cut : float32
        See above.
    skip : ndarray of shape (m,), int64
        A stored row that has no vote on a query; −1 for none.
    scores, near : ndarray of shape (longest range,), float32 and int64
        Room to work in.
    late : ndarray of shape (F − n_shared, longest range), int32
        The same, for the codes that are looked at last of the rows that are near by then.
    votes : ndarray of shape (m, K), float64
        Added to.
    """
    n_late = codes.shape[0] - n_shared
    slack = np.float32(0.0)
    for f in range(n_shared, codes.shape[0]):
        slack += weights[f]
    n_near, last_skip = 0, -1
    total = np.empty(scores.size, np.float32)
    base = np.empty(scores.size, np.float32)
    for i in range(X.shape[0]):
        first, last = ranges[i, 0], ranges[i, 1]
        if last <= first:
            n_near = 0
            continue
        same = i > 0 and ranges[i - 1, 0] == first and ranges[i - 1, 1] == last
        same = same and skip[i] < 0 and last_skip < 0
        f = 0
        while same and f < n_shared:
            same = X[i, f] == X[i - 1, f]
            f += 1
        if not same:
            last_skip = skip[i]
            for j in range(last - first):
                scores[j] = 0.0
            for f in range(n_shared):
                if weights[f] > 0.0 and X[i, f] >= 0:
                    _add(codes, f, X[i, f], weights[f], first, last, scores)
            if skip[i] >= 0:
                scores[skip[i] - first] = -1e30
            top = _greatest(scores, last - first)
            least = max(top - cut - slack, np.float32(-1e29))
            n_near = 0
            for j in range(last - first):
                if scores[j] > least:
                    near[n_near] = first + j
                    base[n_near] = scores[j]
                    n_near += 1
            for f in range(n_late):
                for a in range(n_near):
                    late[f, a] = codes[n_shared + f, near[a]]
        for a in range(n_near):
            total[a] = base[a]
        for f in range(n_late):
            if weights[n_shared + f] > 0.0 and X[i, n_shared + f] >= 0:
                _add(late, f, X[i, n_shared + f], weights[n_shared + f], 0, n_near, total)
        top = _greatest(total, n_near)
        for a in range(n_near):
            if total[a] > top - cut:
                j = near[a]
                votes[i, labels[j]] += shares[j] * np.exp(total[a] - top)


@compiled
def left_out(
    codes, labels, shares, rows, ranges, weights, prior, cut, scores, slope, mine, theirs
):  # fmt: skip
    """Minus the log-likelihood of stored rows, each by the votes of all others, and its gradient.

    Parameters
    ----------
    codes, labels, shares, weights, cut, scores
        As of :func:`vote`.
    rows : ndarray of shape (m,), int64
        Numbers of the rows.
    ranges : ndarray of shape (m, 2), int64
        Rows that are looked at.
    prior : ndarray of shape (K,), float64
        Votes that are added for each class.
    slope : ndarray of shape (F,), float64
        The gradient with respect to the weights, added to.
    mine, theirs : ndarray of shape (F,), float64
        Room to work in.

    Returns
    -------
    loss : float
    """
    n_codes, loss, before = codes.shape[0], 0.0, prior.sum()
    for i in range(rows.size):
        row, first, last = rows[i], ranges[i, 0], ranges[i, 1]
        label = labels[row]
        for j in range(last - first):
            scores[j] = 0.0
        for f in range(n_codes):
            if weights[f] > 0.0 and codes[f, row] >= 0:
                _add(codes, f, codes[f, row], weights[f], first, last, scores)
        scores[row - first] = -1e30
        best = 0
        for j in range(last - first):
            if scores[j] > scores[best]:
                best = j
        top = scores[best]
        right, total = prior[label], before
        for f in range(n_codes):
            mine[f] = theirs[f] = 0.0
        if top > -1e29:
            for j in range(last - first):
                if scores[j] > top - cut:
                    e = shares[first + j] * np.exp(scores[j] - top)
                    total += e
                    ours = labels[first + j] == label
                    if ours:
                        right += e
                    for f in range(n_codes):
                        code = codes[f, row]
                        if code >= 0:
                            m = 1.0 if codes[f, first + j] == code else 0.0
                            m -= 1.0 if codes[f, first + best] == code else 0.0
                            theirs[f] += e * m
                            if ours:
                                mine[f] += e * m
        right = max(right, 1e-12)
        total = max(total, 1e-12)
        loss += np.log(total) - np.log(right)
        for f in range(n_codes):
            slope[f] += theirs[f] / total - mine[f] / right
    return loss
