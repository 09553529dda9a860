"""Which positions are learned from, and which are left out together."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.random import sample_without_replacement

from .._validation import naming

FEW = 3  # samples of which none is left out as a whole, being fewer than that

__all__ = ["Region", "Rows", "check_groups", "cut_anew", "draw_rows", "regions_of"]


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
    near : ndarray of shape (n_rows,), int
        Another fold that a row sees into, being next to it in the same sample; -1 of most.
    """

    positions: list
    targets: np.ndarray
    weight: np.ndarray | None
    folds: np.ndarray
    near: np.ndarray

    def __len__(self):
        return len(self.targets)

    def slices(self):
        """Rows of each sample."""
        ends = np.cumsum([0, *(len(p) for p in self.positions)])
        return [slice(a, b) for a, b in pairwise(ends)]

    def part(self, keep):
        """Those of a mask."""
        weight = None if self.weight is None else self.weight[keep]
        return Rows(
            [p[keep[s]] for p, s in zip(self.positions, self.slices(), strict=True)],
            self.targets[keep], weight, self.folds[keep], self.near[keep],
        )  # fmt: skip

    def samples(self):
        """Number of each row's sample."""
        return np.repeat(np.arange(len(self.positions)), [len(p) for p in self.positions])


def check_groups(groups, n):
    """Numbers of groups of samples, or None.

    Parameters
    ----------
    groups : array-like of shape (n,) or None
        A name of a group for each sample, as the user gave it.
    n : int
        Samples.

    Returns
    -------
    groups : ndarray of shape (n,), int, or None
    """
    if groups is None:
        return None
    with naming("groups"):
        groups = column_or_1d(groups) if np.ndim(groups) > 0 else np.asarray(groups)
    if groups.shape != (n,):
        raise ValueError(
            f"groups must name a group for each of the {n} samples of X, got shape {groups.shape}."
        )
    names, numbers = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError(
            f"groups holds one group, {names.tolist()[0]!r}, and whole groups are left out in "
            "turn: name at least two, or give groups=None."
        )
    return numbers


def axis_of(space, rank):
    """Axis that is the longest but for ``rank`` others."""
    return int(np.argsort([-n for n in space], kind="stable")[rank])


def regions_of(spaces, positions, n_folds, random_state, groups=None, rank=0):
    """Cut a batch into regions of as many folds: whole samples, or slabs where there are too few.

    Samples, or groups of them, are dealt out so that folds have about as many rows; slabs have as
    many rows each.

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
    groups : ndarray of shape (n,), int, or None
        Numbers of groups of samples; a group is in one fold.
    rank : int
        Slabs are along the longest axis but for so many.

    Returns
    -------
    regions : list of Region
        Of a sample those that follow one another, along the axis.
    """
    n = len(spaces)
    if n >= FEW or groups is not None:
        groups = np.arange(n) if groups is None else groups
        n_groups = groups.max() + 1
        n_folds = min(n_groups, n_folds)
        loads, folds = np.zeros(n_folds), np.empty(n_groups, dtype=int)
        sizes = np.bincount(groups, [len(p) + 1e-3 for p in positions], n_groups)
        order = random_state.permutation(n_groups)
        for k in order[np.argsort(-sizes[order], kind="stable")]:  # the largest first
            folds[k] = int(loads.argmin())
            loads[folds[k]] += sizes[k]
        return [
            Region(i, (0,) * len(s), tuple(s), int(folds[groups[i]])) for i, s in enumerate(spaces)
        ]
    regions = []
    for i, (space, mine) in enumerate(zip(spaces, positions, strict=True)):
        axis = axis_of(space, rank)
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


def folds_at(regions, positions, spaces, reach, rank=0):
    """Fold of each row, and the fold next to it that it sees into.

    Parameters
    ----------
    regions : list of Region
        From :func:`regions_of`.
    positions : list of ndarray of int
        Flat positions of rows in each sample.
    spaces : list of tuple
        Spatial shape of each sample.
    reach : tuple of int or None
        How far a row sees, along each axis. Beyond half of a region rows count as far away, for
        some have to be left.
    rank : int
        As of :func:`regions_of`.

    Returns
    -------
    folds : ndarray of shape (n_rows,), int
    near : ndarray of shape (n_rows,), int
        -1: no other.
    """
    found, nearest = [], []
    for i, (mine, space) in enumerate(zip(positions, spaces, strict=True)):
        own = [region for region in regions if region.sample == i]
        axis = axis_of(space, rank)
        ends = np.array([region.high[axis] for region in own])
        folds = np.array([region.fold for region in own])
        at = np.unravel_index(mine, space)[axis]
        k = np.searchsorted(ends, at, "right")
        found.append(folds[k])
        near = np.full(len(mine), -1)
        if reach is not None and len(own) > 1:
            starts = np.append(0, ends[:-1])
            seen = np.minimum(reach[axis], (ends - starts) // 2)[k]
            before, behind = at - starts[k] < seen, ends[k] - at <= seen
            near[before & (k > 0)] = folds[k - 1][before & (k > 0)]
            last = k == len(own) - 1
            near[behind & ~last] = folds[np.minimum(k + 1, len(own) - 1)][behind & ~last]
        nearest.append(near)
    return np.concatenate(found), np.concatenate(nearest)


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


def draw_rows(
    maps, samples, budget, n_folds, random_state, class_weights=None, groups=None, reach=None
):
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
    groups : ndarray of shape (n,), int, default=None
        Numbers of groups of samples, which are left out together.
    reach : tuple of int, default=None
        How far a position is described from, along each axis.

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
    regions = regions_of(spaces, positions, n_folds, random_state, groups)
    where = folds_at(regions, positions, spaces, reach)
    return Rows(positions, targets, None if np.allclose(weight, 1.0) else weight, *where), regions


def cut_anew(rows, spaces, n_folds, reach, rank):
    """The same rows, in slabs along another axis.

    Parameters
    ----------
    rows : Rows
        Of one or two samples.
    spaces : list of tuple
        Spatial shape of each sample.
    n_folds : int
        Folds.
    reach : tuple of int or None
        How far a position is described from.
    rank : int
        Slabs are along the longest axis but for so many.

    Returns
    -------
    rows : Rows
    regions : list of Region
    """
    regions = regions_of(spaces, rows.positions, n_folds, None, rank=rank)
    folds, near = folds_at(regions, rows.positions, spaces, reach, rank)
    return replace(rows, folds=folds, near=near), regions


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
