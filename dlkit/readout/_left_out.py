"""Errors of rows, each left out of a fit of its own, where a row determines a direction alone.

One minus the leverage of such a row has lost its digits. A pixel that is lit in one image alone,
once scaled, is enough.
"""

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

__all__ = ["absorb", "squares_left_out"]


def absorb(R, loads, x, y):
    """R and QᵀỸ once more rows are there, in place, and what of their targets is left."""
    if not len(x):
        return R, loads, y
    R, v, t, _ = lapack.dtpqrt(0, min(32, len(R)), R, x, overwrite_a=1, overwrite_b=1)
    loads, y, _ = lapack.dtpmqrt(0, v, t, loads, y, trans="T", overwrite_a=1)
    return R, loads, y


def squares_left_out(rows, which, alphas):
    """Sums (A, q) of weighted squared errors of some rows, each left out of a fit of its own.

    For rows that determine a direction nearly alone: rows far larger than all others. Without a
    penalty nothing is known about such a row, and its error is infinite.
    """
    about, sums = int(rows.intercept is not None), np.zeros((len(alphas), rows.Y.shape[1]))
    if not len(which):
        return sums
    size = rows.p + about  # the first column is that of the intercept
    R, loads = np.zeros((size, size), order="F"), np.zeros((size, sums.shape[1]), order="F")
    own = []
    for tile, x, y in rows.by_rows():
        x = np.column_stack([rows.intercept[tile], x]) if about else x.copy()
        mine = np.isin(np.arange(tile.start, tile.stop), which)
        own.append((x[mine], y[mine]))
        R, loads, _ = absorb(R, loads, *(np.asfortranarray(part[~mine]) for part in (x, y)))
    x, y = (np.concatenate(parts) for parts in zip(*own, strict=True))
    groups = [np.arange(len(x))]  # each against all rows outside the group at once
    if about and R[0, 0] ** 2 < 0.01:  # which have hardly any weight to tell the intercept
        heaviest = int(np.argmax(x[:, 0]))
        groups = [np.array([heaviest]), np.delete(groups[0], heaviest)]
    for group in groups:
        others = (np.asfortranarray(np.delete(part, group, axis=0)) for part in (x, y))
        most, known, _ = absorb(R.copy("F"), loads.copy("F"), *others)
        for a, alpha in enumerate(alphas):
            if alpha == 0:
                sums[a] = np.inf
                continue
            below = np.asfortranarray(np.sqrt(alpha) * np.eye(rows.p, size, about))
            none = np.zeros((rows.p, sums.shape[1]), order="F")
            fit = absorb(most.copy("F"), known.copy("F"), below, none)[:2]
            sums[a] += np.square(_left_out(*fit, x[group], y[group])).sum(axis=0)
    return sums


def _left_out(R, loads, x, y):
    """Errors of rows, each left out of a fit to the others and to what is in R and QᵀỸ.

    With z = R⁻ᵀ x of each row in the columns of Z, and errors e of the fit without any of the rows,
    an error is that of (I + ZᵀZ)⁻¹ e divided by the diagonal of the inverse.
    """
    far = linalg.solve_triangular(R, x.T, trans=1, check_finite=False)
    errors = y - x @ linalg.solve_triangular(R, loads, check_finite=False)
    root = linalg.qr(np.vstack([np.eye(len(x)), far]), mode="r", check_finite=False)[0]
    inverse, _ = lapack.dtrtri(np.triu(root[: len(x)]))
    return inverse @ (inverse.T @ errors) / np.square(inverse).sum(axis=1)[:, None]
