"""The ridge readout fitted on rows that come in blocks, as often as they are asked for."""

from functools import partial

import numpy as np
from scipy.linalg.blas import dsymm

from .._validation import naming, splitter_of
from ._moments import EPS, Moments, row_tiles, tile_length
from ._select import (
    SCORES,
    Samples,
    chosen,
    gram_solution,
    means_of,
    solve_primal,
    solve_rows,
    triangle_solution,
)
from ._solve import Rows, Triangle, gram_spectrum

__all__ = ["folds_of", "matrix_of", "solve_blocks"]

FEW = 12  # an eigendecomposition takes as long as some twenty Cholesky factors


class BlockRows(Rows):
    """X̃ and Ỹ of rows that come in blocks: what the primal form asks of :class:`Rows`."""

    def __init__(self, blocks, n_features, x_mean, Y, weight, fit_intercept):
        self.p = n_features
        self.weigh(Y, weight, fit_intercept)
        self.x_mean = x_mean if fit_intercept else np.zeros(self.p)
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
        if weight is not None and not weight.sum() > 0:
            raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
        choice = choice.scaled(Samples.of(weight, len(Y)))
        solution, moments = _solve_folds(blocks, Y, weight, choice, folds)
        return choice.named(solution), moments if solver == "moments" else None
    choice.check_weights(weight, len(Y))
    choice = choice.scaled(Samples.of(weight, len(Y)))
    solution, kept = _solve_blocks(blocks, n_features, Y, weight, choice, solver)
    return choice.named(solution), kept


def _solve_blocks(blocks, n_features, Y, weight, choice, solver):
    if choice.is_dual(len(Y), n_features):
        return solve_rows(matrix_of(blocks, len(Y)), Y, weight, choice.absolute(), solver)
    moments = _moments(blocks(), Y, weight)
    rows = BlockRows(blocks, n_features, moments.x_mean, Y, weight, choice.fit_intercept)
    if solver == "svd":
        return triangle_solution(Triangle(rows), choice), None
    kept = moments.copy() if solver == "moments" else None
    return solve_primal(moments, rows, choice), kept


def folds_of(cv, y, classifier, groups=None):
    """For each row the fold that ``cv`` leaves it out in, −1 for none; shape (n,)."""
    folds = np.full(len(y), -1)
    splitter = splitter_of(cv, y, classifier=classifier)
    with naming("groups, cv or y"):
        splits = list(splitter.split(np.zeros(len(y)), y, groups))
    for k, split in enumerate(splits):
        train, test = map(np.atleast_1d, split)
        rest = np.ones(len(y), dtype=bool)
        inside = test.dtype == bool or (test < len(y)).all()
        rest[test if inside else []] = False
        if (
            not inside
            or (folds[test] >= 0).any()
            or not np.array_equal(np.sort(train), np.flatnonzero(rest))
        ):
            raise ValueError(
                "cv must leave each sample out once at most and train on all others, as KFold, "
                f"StratifiedKFold and GroupKFold do, got {cv!r}."
            )
        folds[test] = k
    if (folds < 0).all():
        raise ValueError(f"cv must leave some samples out, got {cv!r}.")
    return folds


@np.errstate(all="ignore")  # what overflows is refused by name
def _solve_folds(blocks, Y, weight, choice, folds):
    """Solution with the alpha of least error on rows left out, and the moments of all rows."""
    parts = {k: _moments(blocks(np.flatnonzero(folds == k)), Y, weight) for k in np.unique(folds)}
    always = parts.pop(-1, Moments())
    errors = sum(
        _errors_left_out(k, rest, parts[k], blocks, Y, weight, choice, folds)
        for k, rest in _rests(list(parts), parts, always)
    )
    errors /= sum(part.weight_sum for part in parts.values())
    moments = always.copy()
    for k in list(parts):
        moments = moments.add_in(parts.pop(k))
    means = means_of(moments, choice)
    rows = BlockRows(blocks, moments.n_features, means[0], Y, weight, choice.fit_intercept)

    def solve(alpha):
        return solve_primal(moments.copy(), rows, choice.only(alpha)).coef

    return chosen(errors, choice, means, solve), moments


def _rests(names, parts, others):
    """Yield each name and the moments of all rows but its part's.

    Halves are added to each other's outside, and so on within each: nothing is subtracted, since a
    part much larger than the rest would take the digits of the rest with it.
    """
    if len(names) == 1:
        yield names[0], others
        return
    middle = len(names) // 2
    for mine, beside in ((names[:middle], names[middle:]), (names[middle:], names[:middle])):
        outside = others.copy()
        for name in beside:
            outside = outside.add_in(parts[name])
        yield from _rests(mine, parts, outside)


def _errors_left_out(k, rest, part, blocks, Y, weight, choice, folds):
    """Weighted squared errors on the rows of a part, of fits on all others, shape (A, q)."""
    means = means_of(rest, choice)
    XX, XY, YY = part.products_about(*means)
    errors = []
    for W in _path(rest, choice):
        if W is None:
            break
        terms = np.einsum("pq,pq->q", W, dsymm(1.0, XX, W, lower=1)), np.einsum("pq,pq->q", W, XY)
        squares = YY + terms[0] - 2 * terms[1]
        if (squares < EPS / SCORES * (YY + terms[0])).any():
            break  # the errors are rounding
        errors.append(squares)
    else:
        return np.array(errors)
    return _errors_by_rows(k, rest, blocks, Y, weight, choice, folds)


def _errors_by_rows(k, rest, blocks, Y, weight, choice, folds):
    """The same from the rows themselves, where moments have lost the digits."""
    train, test = np.flatnonzero(folds != k), np.flatnonzero(folds == k)
    own = None if weight is None else weight[train]
    means = means_of(rest, choice)
    again = partial(_numbered, blocks, train)
    rows = BlockRows(again, rest.n_features, means[0], Y[train], own, choice.fit_intercept)
    triangle = Triangle(rows)
    path = [triangle_solution(triangle, choice.only(alpha)).coef for alpha in choice.alphas]
    errors = np.zeros((len(path), rest.n_targets))
    for index, X in blocks(test):
        x, y = X - means[0], Y[index] - means[1]
        own = np.ones(len(x)) if weight is None else weight[index]
        errors += [own @ np.square(y - x @ W) for W in path]
    return errors


def _numbered(blocks, index):
    """Blocks of some rows, with the numbers that these rows have among themselves."""
    start = 0
    for _, X in blocks(index):
        yield slice(start, start + len(X)), X
        start += len(X)


def _path(moments, choice):
    """Yield coefficients of shape (p, q) for each alpha, None where they have lost digits."""
    XX, XY, YY = moments.products(choice.fit_intercept)
    if len(choice.alphas) > FEW:
        size = moments.n_samples, moments.weight_sum, choice.fit_intercept
        spectrum = gram_spectrum(XX.copy(order="F"), XY, YY, *size, n_rows=moments.n)
        if spectrum.sound(choice.alphas, SCORES).all():
            yield from (spectrum.coefficients(alpha) for alpha in choice.alphas)
            return
    for alpha in choice.alphas:
        yield gram_solution(XX.copy(order="F"), XY, YY, alpha, SCORES)


def _moments(blocks, Y, weight):
    moments = Moments()
    for rows, X in blocks:
        moments = moments.take_in(X, Y[rows], None if weight is None else weight[rows])
        del X  # before the next block is made
    return moments


def matrix_of(blocks, n):
    """All n rows of features that come in blocks, as one matrix."""
    matrix = None
    for rows, X in blocks():
        if matrix is None:
            matrix = np.empty((n, X.shape[1]), X.dtype)
        matrix[rows] = X
        del X
    return matrix
