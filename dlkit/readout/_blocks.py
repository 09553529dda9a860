"""The ridge readout fitted on rows that come in blocks, as often as they are asked for."""

import numpy as np
from scipy.linalg.blas import dsymm
from sklearn.model_selection import check_cv

from ._moments import Moments, row_tiles, tile_length
from ._select import best_of, finish, means_of, solution_of, solve_moments, solve_primal, solve_rows
from ._solve import Rows, cholesky_solve, gram_spectrum, triangular_spectrum

__all__ = ["folds_of", "solve_blocks"]

FEW = 12  # an eigendecomposition takes as long as some twenty Cholesky factors


class BlockRows(Rows):
    """X̃ and Ỹ of rows that come in blocks: what the primal form asks of :class:`Rows`."""

    def __init__(self, blocks, moments, Y, weight, fit_intercept):
        self.n, self.p = len(Y), moments.n_features
        self.weigh(Y, weight, fit_intercept)
        self.x_mean = moments.x_mean if fit_intercept else np.zeros(self.p)
        self._blocks = blocks

    def by_rows(self, order="C"):
        """As of :class:`Rows`; each time the features are computed anew."""
        targets, length = self.targets(), tile_length(self.p)
        for rows, X in self._blocks():
            root = None if self.root is None else self.root[rows]
            for part, x in row_tiles(X, self.x_mean, root, length, order):
                tile = slice(rows.start + part.start, rows.start + part.stop)
                yield tile, x, np.array(targets[tile], order=order)
            del X  # before the next block is made


def solve_blocks(blocks, n_features, Y, weight, choice, solver, folds=None):
    """Solve as ``solve_rows`` does, to rounding, in the memory of X̃ᵀX̃ and a block.

    Where the rows are fewer than the features, they are the smaller and are kept.

    Parameters
    ----------
    blocks : callable
        ``blocks()`` yields ``(rows, X)``, a slice and the features of those rows. It is called
        again for leave-one-out, and where the condition asks for a QR of the rows.
        ``blocks(index)`` yields the features of some rows and, for ``rows``, parts of ``index``.
    n_features : int
        Number of features p.
    Y, weight, choice, solver
        As of ``solve_rows``.
    folds : ndarray of shape (n,) of int, default=None
        The fold each row is left out in, −1 for none. Of several alphas the one of least error
        on the rows left out is chosen then, and all is solved by moments.

    Returns
    -------
    solution : Solution
    moments : Moments or None
        With ``solver="moments"`` only.
    """
    if folds is not None and choice.several:
        solution, moments = _solve_folds(blocks, Y, weight, choice, folds)
        return solution, moments if solver == "moments" else None
    choice.check_weights(weight, len(Y))
    if solver != "moments" and len(Y) <= n_features:
        return solve_rows(_matrix(blocks, len(Y)), Y, weight, choice, solver)
    moments = _moments(blocks(), Y, weight)
    rows = BlockRows(blocks, moments, Y, weight, choice.fit_intercept)
    if solver == "moments":
        return solve_moments(moments, choice, rows), moments
    if solver == "svd":
        return finish(triangular_spectrum(rows), choice, rows.x_mean, rows.y_mean), None
    return solve_primal(moments, rows, choice), None


def folds_of(cv, y, classifier):
    """For each row the fold that ``cv`` leaves it out in, −1 for none; shape (n,)."""
    folds = np.full(len(y), -1)
    splits = check_cv(cv, y, classifier=classifier).split(np.zeros(len(y)), y)
    for k, (train, test) in enumerate(splits):
        rest = np.ones(len(y), dtype=bool)
        rest[test] = False
        if (folds[test] >= 0).any() or not np.array_equal(np.sort(train), np.flatnonzero(rest)):
            raise ValueError(
                "cv must leave each sample out once at most and train on all others, as KFold, "
                f"StratifiedKFold and GroupKFold do, got {cv!r}."
            )
        folds[test] = k
    return folds


def _solve_folds(blocks, Y, weight, choice, folds):
    """Solution with the alpha of least error on rows left out, and the moments of all rows."""
    if weight is not None and not weight.sum() > 0:
        raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
    parts = {k: _moments(blocks(np.flatnonzero(folds == k)), Y, weight) for k in np.unique(folds)}
    moments = Moments()
    for part in parts.values():
        moments.merge(part)
    parts.pop(-1, None)
    errors = sum(_errors_left_out(moments, part, choice) for part in parts.values())
    errors /= sum(part.weight_sum for part in parts.values())
    alpha, scores, best = best_of(errors, choice)
    del parts, part
    coef = np.empty((moments.n_features, moments.n_targets))
    wanted = np.broadcast_to(alpha, moments.n_targets)
    distinct = np.unique(wanted)
    for one, found in zip(distinct, _path(moments, distinct, choice), strict=True):
        coef[:, wanted == one] = found[:, wanted == one]
    return solution_of(coef, *means_of(moments, choice), alpha, scores, best), moments


def _errors_left_out(total, part, choice):
    """Weighted squared errors on the rows of a part, of fits on all others, shape (A, q)."""
    rest = total.copy().subtract(part)
    XX, XY, YY = part.products_about(*means_of(rest, choice))
    path = _path(rest, choice.alphas, choice, overwrite=True)
    return np.array(
        [YY + np.einsum("pq,pq->q", W, dsymm(1.0, XX, W, lower=1) - 2 * XY) for W in path]
    )


def _path(moments, alphas, choice, overwrite=False):
    """Yield coefficients of shape (p, q) for each of the alphas."""
    XX, XY, YY = moments.products(choice.fit_intercept, overwrite)
    alphas = list(alphas)
    while alphas and len(alphas) <= FEW:
        solved = cholesky_solve(XX.copy(order="F"), alphas[0], XY)
        if solved is None:
            break
        yield solved[0]
        del alphas[0]
    if alphas:
        spectrum = gram_spectrum(XX, XY, YY, moments.n, moments.weight_sum, choice.fit_intercept)
        for alpha in alphas:
            yield spectrum.coefficients(alpha)


def _moments(blocks, Y, weight):
    moments = Moments()
    for rows, X in blocks:
        moments.update(X, Y[rows], None if weight is None else weight[rows])
        del X  # before the next block is made
    return moments


def _matrix(blocks, n):
    matrix = None
    for rows, X in blocks():
        if matrix is None:
            matrix = np.empty((n, X.shape[1]), X.dtype)
        matrix[rows] = X
        del X
    return matrix
