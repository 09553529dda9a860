"""Columns of positions, box by box, kept between the stages that read them."""

import numpy as np

from .. import _budgets
from ._blocks import boxes

__all__ = ["Described"]


class Described:
    """Columns of positions, kept between stages if there are not too many."""

    def __init__(self, problem):
        self.problem, self.kept, self.bytes = problem, {}, 0

    def forget(self):
        """Keep nothing of what was read so far."""
        self.kept, self.bytes = {}, 0

    def box(self, i, low, high):
        """Columns of a box of sample ``i``."""
        key = i, low, high
        if key in self.kept:
            return self.kept[key]
        found = self.problem.describer(self.problem.samples, i, low, high)
        if self.bytes + found.nbytes <= _budgets.POSITION_CACHE_BYTES:
            self.kept[key] = found
            self.bytes += found.nbytes
        return found

    def boxes(self, region=None, sample=None):
        """Boxes of a region, or of a sample."""
        problem = self.problem
        halo = problem.describer.halo
        if region is not None:
            low, high = region.low, region.high
        else:
            low, high = (0,) * problem.samples.n_axes, problem.samples.space(sample)
        sides = tuple(b - a for a, b in zip(low, high, strict=True))
        n_bytes = 256 * problem.samples.dtype.itemsize
        for first, last in boxes(sides, n_bytes, (0,) * len(sides), halo):
            yield (
                tuple(a + f for a, f in zip(low, first, strict=True)),
                tuple(a + b for a, b in zip(low, last, strict=True)),
            )

    def rows(self):
        """Columns at the positions that are learned from: (n_rows, p)."""
        problem, out = self.problem, None
        samples, parts = problem.samples, problem.rows.slices()
        for region in problem.regions:
            i, space = region.sample, samples.space(region.sample)
            at = np.array(np.unravel_index(problem.rows.positions[i], space))
            for low, high in self.boxes(region):
                inside = (at >= np.array(low)[:, None]) & (at < np.array(high)[:, None])
                mine = np.flatnonzero(inside.all(axis=0))
                if not len(mine):
                    continue
                found = self.box(i, low, high)
                if out is None:
                    out = np.empty((len(problem.rows), found.shape[-1]), found.dtype)
                where = tuple(at[:, mine] - np.array(low)[:, None])
                out[parts[i].start + mine] = found[where]
        return out
