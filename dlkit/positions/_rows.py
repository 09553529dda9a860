"""Which positions are learned from, and which are left out together."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.utils.random import sample_without_replacement

FEW = 3  # samples of which none is left out as a whole, being fewer than that

__all__ = ["Region", "Rows", "draw_rows", "regions_of"]


@dataclass(frozen=True)
class Region:
    """Part of a sample that is left out as a whole.

    Attributes
    ----------
    sample : int
        Number of the sample.
    low, high : tuple of int
        First position, and the one behind the last, along each axis.
    fold : int
        Number of the fold.
    """

    sample: int
    low: tuple
    high: tuple
    fold: int


@dataclass(frozen=True)
class Rows:
    """Positions that are learned from.

    Attributes
    ----------
    positions : list of ndarray of int
        Flat positions in each sample, rising.
    targets : ndarray of shape (n_rows,)
        Numbers of classes, or numbers.
    weight : ndarray of shape (n_rows,) or None
        Weights, of mean one; None where all are one.
    folds : ndarray of shape (n_rows,), int
        Fold of each.
    """

    positions: list
    targets: np.ndarray
    weight: np.ndarray | None
    folds: np.ndarray

    def __len__(self):
        return len(self.targets)

    def slices(self):
        """Rows of each sample."""
        ends = np.cumsum([0, *(len(p) for p in self.positions)])
        return [slice(a, b) for a, b in pairwise(ends)]


def regions_of(spaces, positions, n_folds, random_state):
    """Cut a batch into regions of as many folds: whole samples, or slabs where there are too few.

    Samples are dealt out so that folds have about as many rows; slabs have as many rows each.

    Parameters
    ----------
    spaces : list of tuple
        Spatial shape of each sample.
    positions : list of ndarray of int
        Flat positions that are learned from.
    n_folds : int
        Folds.
    random_state : RandomState
        Deals samples out.

    Returns
    -------
    regions : list of Region
        Of a sample those that follow one another, along its longest axis.
    """
    n = len(spaces)
    if n >= FEW:
        n_folds = min(n, n_folds)
        loads, folds = np.zeros(n_folds), np.empty(n, dtype=int)
        sizes = np.array([len(p) for p in positions], dtype=float)
        order = random_state.permutation(n)
        for i in order[np.argsort(-sizes[order], kind="stable")]:  # the largest first
            folds[i] = int(loads.argmin())
            loads[folds[i]] += sizes[i] + 1e-3
        return [Region(i, (0,) * len(s), tuple(s), int(folds[i])) for i, s in enumerate(spaces)]
    regions = []
    for i, (space, mine) in enumerate(zip(spaces, positions, strict=True)):
        axis = int(np.argmax(space))
        at = np.sort(np.unravel_index(mine, space)[axis])
        if len(at):
            cuts = at[np.linspace(0, len(at), n_folds + 1).astype(int)[1:-1].clip(0, len(at) - 1)]
        else:
            cuts = np.linspace(0, space[axis], n_folds + 1).astype(int)[1:-1]
        ends = np.unique([0, *cuts, space[axis]])
        for k, (first, last) in enumerate(pairwise(ends)):
            low, high = [0] * len(space), list(space)
            low[axis], high[axis] = int(first), int(last)
            regions.append(Region(i, tuple(low), tuple(high), k))
    return regions


def folds_at(regions, positions, spaces):
    """Fold of each row: the number of the region that holds it."""
    found = []
    for i, (mine, space) in enumerate(zip(positions, spaces, strict=True)):
        own = [region for region in regions if region.sample == i]
        axis = int(np.argmax(space))
        ends = np.array([region.high[axis] for region in own])
        folds = np.array([region.fold for region in own])
        found.append(folds[np.searchsorted(ends, np.unravel_index(mine, space)[axis], "right")])
    return np.concatenate(found)


def _allotted(counts, budget):
    """Rows to take of each stratum, (n_samples, n_classes), no more than there are.

    Samples get equal shares. Half of a sample's share goes to its classes equally, half by their
    numbers. What a sample, or a class, cannot use goes to the others.
    """
    of_samples = _poured(counts.sum(axis=1), budget, np.ones(len(counts)))
    taken = np.zeros_like(counts)
    for i, (mine, share) in enumerate(zip(counts, of_samples, strict=True)):
        if share:
            there = mine > 0
            taken[i] = _poured(mine, share, there / there.sum() + mine / mine.sum())
    return _with_every_class(taken, counts)


def _poured(room, amount, shares):
    """Part an amount by shares, whole numbers, where there is only so much room."""
    taken = np.zeros_like(room)
    while (left := min(amount, room.sum()) - taken.sum()) > 0:
        able = np.where(taken < room, shares, 0.0)
        exact = np.minimum(able / able.sum() * left, room - taken)
        more = np.floor(exact).astype(room.dtype)
        if not more.any():  # fewer than there are vessels: one each to the largest shares
            more[np.argsort(-exact, kind="stable")[:left]] = 1
            more = np.minimum(more, room - taken)
        taken += more
    return taken


def _with_every_class(taken, counts):
    """Of each class that there is, one row at least."""
    for c in np.flatnonzero((taken.sum(axis=0) == 0) & (counts.sum(axis=0) > 0)):
        taken[counts[:, c].argmax(), c] = 1
    return taken


def draw_rows(maps, samples, budget, n_folds, random_state, class_weights=None):
    """Draw the positions to learn from, by sample and by class.

    Parameters
    ----------
    maps : Maps
        Targets.
    samples : Samples
        The batch.
    budget : int or None
        Rows at most; None: all.
    n_folds : int
        Parts of the batch that are left out in turn.
    random_state : RandomState
        Draws.
    class_weights : callable, default=None
        From codes and weights of all rows to weights that count classes as the user wants.

    Returns
    -------
    rows : Rows
        Weighted so that each class has the weight that its positions have.
    regions : list of Region
        What is left out together.
    """
    spaces = [samples.space(i) for i in range(len(samples))]
    n, n_classes = len(maps), 1 if maps.classes is None else len(maps.classes)
    counts = np.zeros((n, n_classes), dtype=np.int64)
    for i in range(n):
        for _, part, known in maps.pieces(i):
            codes = np.zeros(known.sum(), int) if maps.classes is None else maps.coded(part[known])
            counts[i] += np.bincount(codes, minlength=n_classes)
    few = budget is None or counts.sum() <= budget
    taken = counts if few else _allotted(counts, int(budget))
    positions, targets, weight = [], [], []
    for i in range(n):
        ranks = [
            None if t == c else np.sort(sample_without_replacement(c, t, random_state=random_state))
            for c, t in zip(counts[i], taken[i], strict=True)
        ]
        found, values = _gathered(maps, i, ranks)
        positions.append(found)
        targets.append(values)
        strata = values if maps.classes is not None else np.zeros(len(values), dtype=int)
        share = counts[i] / np.maximum(taken[i], 1)
        weight.append(share[strata] * maps.weigh(i, found))
    targets, weight = np.concatenate(targets), np.concatenate(weight)
    if not weight.sum() > 0:
        raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
    if class_weights is not None:
        weight = class_weights(targets, weight)
    weight = weight * (np.count_nonzero(weight) / weight.sum())
    regions = regions_of(spaces, positions, n_folds, random_state)
    folds = folds_at(regions, positions, spaces)
    return Rows(positions, targets, None if np.allclose(weight, 1.0) else weight, folds), regions


def _gathered(maps, i, ranks):
    """Flat positions, rising, and targets of the members of strata with these ranks."""
    seen = np.zeros(len(ranks), dtype=np.int64)
    positions, targets = [], []
    for start, part, known in maps.pieces(i):
        at = np.flatnonzero(known)
        values = part[at]
        codes = np.zeros(len(at), dtype=int) if maps.classes is None else maps.coded(values)
        keep = np.zeros(len(at), dtype=bool)
        for c, chosen in enumerate(ranks):
            mine = np.flatnonzero(codes == c)
            if chosen is None:
                keep[mine] = True
            else:
                here = chosen[np.searchsorted(chosen, seen[c]) :]
                here = here[: np.searchsorted(here, seen[c] + len(mine))]
                keep[mine[here - seen[c]]] = True
            seen[c] += len(mine)
        positions.append(start + at[keep])
        targets.append(values[keep].astype(np.float64) if maps.classes is None else codes[keep])
    return np.concatenate(positions), np.concatenate(targets)
