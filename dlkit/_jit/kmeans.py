"""The two passes of spherical k-means that are not a matrix product."""

from .compiled import compiled


@compiled
def nearest(S, best, label, absolute):
    """Find the largest entry of each column of ``S`` (K, b), or the one of largest magnitude.

    Its value, with its sign, goes to ``best`` (m,), its row to ``label`` (m,), m ≤ b. Of equal ones
    the first counts. Going down the rows needs no reduction, so that it vectorises.
    """
    for j in range(best.size):
        best[j] = S[0, j]
        label[j] = 0
    if absolute:
        for k in range(1, S.shape[0]):
            for j in range(best.size):
                s, b, l = S[k, j], best[j], label[j]
                better = abs(s) > abs(b)
                best[j] = s if better else b
                label[j] = k if better else l
    else:
        for k in range(1, S.shape[0]):
            for j in range(best.size):
                s, b, l = S[k, j], best[j], label[j]
                better = s > b
                best[j] = s if better else b
                label[j] = k if better else l


@compiled
def add_rows(X, label, factor, first, last, sums):
    """Add ``factor[i] * X[i]`` to ``sums[label[i]]`` row by row, columns ``first:last``."""
    for i in range(X.shape[0]):
        c, f = label[i], factor[i]
        if f != 0.0:
            for j in range(first, last):
                sums[c, j] += f * X[i, j]
