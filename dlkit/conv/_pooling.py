"""Cells that responses are pooled over, and what is said of each.

Every axis is cut at all borders of all cells. Each position then adds to exactly one elementary
cell, and cells that overlap, pyramids and sliding windows are merged from those at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from .._params import Real
from ._geometry import per_axis


class Statistic(NamedTuple):
    """What is said of the entries of a cell.

    Attributes
    ----------
    needs : str
        Which of the `Accumulators` it is made from.
    join : ufunc
        Joins those of elementary cells.
    value : callable
        ``value(joined, sizes)``, for the numbers of entries of cells.
    """

    needs: str
    join: np.ufunc
    value: Callable


POOLINGS = {  # name: what a cell's row is, from a sum over its cells and their sizes
    "mean": Statistic("sums", np.add, lambda total, sizes: total / sizes),
    "sum": Statistic("sums", np.add, lambda total, sizes: total),
    "max": Statistic("peaks", np.maximum, lambda total, sizes: total),
    "l2": Statistic("squares", np.add, lambda total, sizes: np.sqrt(total)),
    "ppv": Statistic("above", np.add, lambda total, sizes: total / sizes),
}


def check_poolings(pooling):
    """Return the names in ``pooling``, a name or a sequence of them, as a tuple."""
    names = (pooling,) if isinstance(pooling, str) else pooling
    if (
        not isinstance(names, (tuple, list))
        or not names
        or not all(isinstance(name, str) and name in POOLINGS for name in names)
    ):
        raise ValueError(
            f"pooling={pooling!r} is not allowed; it must be one of {sorted(POOLINGS)}, or several "
            "of them."
        )
    return tuple(names)


class Accumulators:
    """Sums over the elementary cells of some samples, those that some poolings need.

    Attributes
    ----------
    sums, squares, above : ndarray of shape (n_samples * n_cells, n_columns), float64
        Sum, sum of squares and number above zero; without rows where not needed.
    peaks : ndarray of shape (n_samples * n_cells, n_columns)
        Maximum, likewise.
    """

    def __init__(self, poolings, n_rows, n_columns, dtype):
        needed = {POOLINGS[name].needs for name in poolings}
        for name in ("sums", "squares", "above"):
            rows = n_rows if name in needed else 0
            setattr(self, name, np.zeros((rows, n_columns)))
        self.peaks = np.full((n_rows if "peaks" in needed else 0, n_columns), -np.inf, dtype=dtype)

    def arrays(self):
        """All, in the order of the jitted loop."""
        return self.sums, self.squares, self.peaks, self.above


@dataclass(frozen=True)
class Layout:
    """One arrangement of cells: a grid, or sliding windows.

    Attributes
    ----------
    cells : list of ndarray of shape (n, 2), int64
        For each axis, first and last + 1 of the positions of each cell.
    """

    cells: list

    @property
    def shape(self):
        """Cells along each axis."""
        return tuple(len(c) for c in self.cells)

    @property
    def sizes(self):
        """Positions in each cell, of shape (*shape, 1)."""
        sizes = np.ones(1)
        for cells in self.cells:
            sizes = np.multiply.outer(sizes, np.diff(cells)[:, 0])
        return sizes[0][..., None]


class Grid(BaseEstimator):
    """Cells of one size in rows, beside or over one another, that cover all positions.

    ``grid=3`` stands for ``Grid(3)``, whose cells do not overlap.

    Parameters
    ----------
    cells : int or tuple of int
        Cells along each axis.
    overlap : float, default=0.0
        What neighbouring cells share, as a part of a cell's extent, below 1. With 0.5 each position
        but those at the borders lies in two cells along each axis.

    Notes
    -----
    Along n positions g cells are w = n / (g - (g - 1) overlap) long and begin (1 - overlap) w
    after one another. Each takes in every position that it touches, so that none is empty. The
    overlap is taken as the nearest fraction with a denominator of at most 1000.

    References
    ----------
    .. [1] Krizhevsky, Sutskever & Hinton (2012), ImageNet classification with deep convolutional
       neural networks, NIPS: pooling that overlaps.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import Grid, pool
    >>> maps = np.arange(8.0).reshape(1, 8, 1)
    >>> pool(maps, grid=Grid(3, overlap=0.5)).tolist()
    [[1.5, 3.5, 5.5]]
    """

    def __init__(self, cells, overlap=0.0):
        self.cells = cells
        self.overlap = overlap


@dataclass(frozen=True)
class Level:
    """Grid of one level of a pyramid, checked.

    Attributes
    ----------
    counts : tuple of int
        Cells along each axis.
    overlap : Fraction
        What neighbours share, of a cell's extent: exact, so that no cell depends on rounding.
    """

    counts: tuple
    overlap: Fraction

    @classmethod
    def of(cls, grid, n_axes):
        """Make one of what the user gave."""
        grid = grid if isinstance(grid, Grid) else Grid(grid)
        overlap = grid.overlap
        if not isinstance(overlap, Real) or isinstance(overlap, bool) or not 0 <= overlap < 1:
            raise ValueError(
                f"overlap={overlap!r} is not allowed; it must be a number from 0 to below 1: the "
                "part of a cell that it shares with the next."
            )
        exact = Fraction(float(overlap)).limit_denominator(1000)
        return cls(per_axis(grid.cells, n_axes, "grid"), min(exact, Fraction(999, 1000)))

    def layout(self, positions):
        """Return the cells for maps of ``positions`` along each axis."""
        axes = zip(positions, self.counts, strict=True)
        return Layout([_grid_cells(n, g, self.overlap) for n, g in axes])


def _grid_cells(n, g, overlap=Fraction(0)):
    """Cells of about one size that cover n positions, never empty.

    Without overlap they are PyTorch's adaptive ones.
    """
    # a cell is n p / q long and begins n r / q after the one before
    p, r = overlap.denominator, overlap.denominator - overlap.numerator
    q = p + (g - 1) * r
    i = np.arange(g, dtype=np.int64)
    return np.stack([i * r * n // q, -(-(i * r + p) * n // q)], axis=1)


def _window_cells(n, width, stride):
    starts = np.arange((n - width) // stride + 1, dtype=np.int64) * stride
    return np.stack([starts, starts + width], axis=1)


@dataclass(frozen=True)
class Pooling:
    """How maps are pooled: names of poolings, and grids or windows.

    Attributes
    ----------
    names : tuple of str
        Poolings.
    grids : list of Level
        One entry for each level of a pyramid.
    window, window_stride : tuple or None
        Sliding windows in place of grids.
    """

    names: tuple
    grids: list
    window: tuple | None = None
    window_stride: tuple | None = None

    @classmethod
    def of(cls, n_axes, pooling="mean", grid=None, window=None, window_stride=None):
        """Check what the user gave; None if neither a grid nor a window is asked for."""
        names = check_poolings(pooling)
        if window_stride is not None and window is None:
            raise ValueError(f"window_stride={window_stride!r} needs a window, got window=None.")
        if grid is None and window is None:
            return None
        if grid is not None and window is not None:
            raise ValueError(
                f"grid={grid!r} and window={window!r} exclude one another: one of them must be "
                "None."
            )
        if window is not None:
            window = per_axis(window, n_axes, "window")
            stride = window if window_stride is None else window_stride
            return cls(names, [], window, per_axis(stride, n_axes, "window_stride"))
        levels = grid if isinstance(grid, list) else [grid]
        if not levels:
            raise ValueError("grid=[] is not allowed; a pyramid needs at least one grid.")
        return cls(names, [Level.of(level, n_axes) for level in levels])

    def buffer(self, z, safe=False):
        """Space for sums over some rows of ``z``; squares want float64, unless they are safe."""
        squares = any(POOLINGS[name].needs == "squares" for name in self.names)
        return np.zeros((3, z.shape[1]), np.float64 if squares and not safe else z.dtype)

    def layouts(self, positions):
        """Return the cells for maps of ``positions`` along each axis."""
        if self.window is None:
            return [grid.layout(positions) for grid in self.grids]
        for n, width in zip(positions, self.window, strict=True):
            if width > n:
                raise ValueError(
                    f"window={self.window} is larger than the map of {tuple(positions)} positions "
                    "it is to slide over."
                )
        cells = zip(positions, self.window, self.window_stride, strict=True)
        return [Layout([_window_cells(n, w, s) for n, w, s in cells])]

    def n_cells(self, positions=None):
        """Number of cells of all layouts; of windows only for known ``positions``."""
        if self.window is None:
            return sum(int(np.prod(grid.counts)) for grid in self.grids)
        return int(np.prod(self.layouts(positions)[0].shape))


class Cells:
    """Cells for maps of one size, cut into elementary ones.

    Parameters
    ----------
    pooling : Pooling
        How to pool.
    positions : tuple of int
        Positions along each axis.
    """

    def __init__(self, pooling, positions):
        self.names = pooling.names
        self.layouts = pooling.layouts(positions)
        self.edges = [
            np.unique(
                np.concatenate([[0, n], *(layout.cells[a].ravel() for layout in self.layouts)])
            )
            for a, n in enumerate(positions)
        ]
        self.shape = tuple(len(edges) - 1 for edges in self.edges)
        self.n_elementary = int(np.prod(self.shape))
        steps = np.cumprod((1, *self.shape[:0:-1]))[::-1]
        # what each position along an axis adds to the number of its elementary cell
        self.tables = [
            (np.searchsorted(edges, np.arange(n), side="right") - 1) * step
            for edges, n, step in zip(self.edges, positions, steps, strict=True)
        ]

    def accumulators(self, n_samples, n_columns, dtype):
        """Fresh sums for some samples."""
        return Accumulators(self.names, n_samples * self.n_elementary, n_columns, dtype)

    def results(self, accumulators, n_samples):
        """Yield (cells, n_columns) of every sample for each pooling and layout, in that order.

        Yields
        ------
        pooled : ndarray of shape (n_samples, *cells, n_columns)
        """
        for name in self.names:
            needs, join, value = POOLINGS[name]
            for layout in self.layouts:
                joined = self._merge(getattr(accumulators, needs), join, layout, n_samples)
                yield value(joined, layout.sizes)

    def _merge(self, sums, ufunc, layout, n_samples):
        """Join the elementary cells of every cell, axis by axis."""
        merged = sums.reshape(n_samples, *self.shape, -1)
        for a, (edges, cells) in enumerate(zip(self.edges, layout.cells, strict=True)):
            bounds = np.searchsorted(edges, cells)
            if np.array_equal(bounds.ravel(), np.repeat(np.arange(len(edges)), 2)[1:-1]):
                continue  # each is an elementary one already
            merged = np.moveaxis(merged, 1 + a, 0)
            joined = np.empty((len(bounds), *merged.shape[1:]), dtype=merged.dtype)
            for k, (start, stop) in enumerate(bounds):
                ufunc.reduce(merged[start:stop], axis=0, out=joined[k])
            merged = np.moveaxis(joined, 0, 1 + a)
        return merged
