"""How samples are cut: large ones into slabs, positions into groups, and those into tiles."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from .. import _budgets
from .._threads import rows_of_blas

FEW = 24  # positions of samples so small that filling their rows up would take long
ENDLESS = 2**62


@dataclass(frozen=True)
class Lattice:
    """Positions of one group within a slab.

    Attributes
    ----------
    group : int
        Number of its kernels.
    shape, steps : ndarray of shape (1 + d,), int64
        Positions, and what a step is in the flat block of samples.
    origin : int
        Where position zero begins in it.
    first, every : tuple of int
        First position along each axis and the distance of neighbours, in the whole map.
    """

    group: int
    shape: np.ndarray
    steps: np.ndarray
    origin: int
    first: tuple
    every: tuple

    @property
    def n_positions(self):
        """Positions of a sample."""
        return int(np.prod(self.shape[1:]))


@dataclass(frozen=True)
class Slab:
    """Rows ``start`` to ``stop`` of the padded sample, with the positions that begin in them."""

    start: int
    stop: int
    n_entries: int
    runs: np.ndarray
    length: int
    lattices: list


def cut_slabs(geometry, space, n_channels, itemsize, period=None):
    """Cut a sample into slabs along its first axis: one, unless it is large.

    Parameters
    ----------
    geometry : Geometry
        How the kernels are moved.
    space : tuple of int
        Spatial shape of the sample.
    n_channels, itemsize : int
        Channels, and bytes of an entry.
    period : tuple of int, default=None
        Positions after which groups repeat.

    Returns
    -------
    slabs : list of Slab
    """
    positions = geometry.positions(space)
    period = (1,) * len(positions) if period is None else period
    padded = [n + sum(p) for n, p in zip(space, geometry.pads, strict=True)]
    steps = [math.prod(padded[a + 1 :]) * n_channels for a in range(len(padded))]
    runs, length = geometry.runs(steps, n_channels)
    stride, extent = geometry.stride[0], geometry.extents[0]
    most = positions[0]
    if padded[0] * steps[0] * itemsize > _budgets.SLAB_BYTES:
        most = (_budgets.SLAB_BYTES // (steps[0] * itemsize) - extent) // stride + 1
        most = max(most // period[0], 1) * period[0]
    slabs = []
    for first in range(0, positions[0], most):
        last = min(first + most, positions[0])
        start, stop = first * stride, (last - 1) * stride + extent
        if most >= positions[0]:
            start, stop = 0, padded[0]
        size = (stop - start) * steps[0]
        lattices = []
        ends = (last, *positions[1:])
        for phase in product(*(range(min(t, n)) for t, n in zip(period, positions, strict=True))):
            begin = (first + (phase[0] - first) % period[0], *phase[1:])
            shape = [-(-(e - b) // t) for e, b, t in zip(ends, begin, period, strict=True)]
            if min(shape) < 1:
                continue
            moves = [s * m for s, m in zip(geometry.stride, steps, strict=True)]
            origin = sum(b * m for b, m in zip(begin, moves, strict=True)) - start * steps[0]
            lattices.append(
                Lattice(
                    int(np.ravel_multi_index(phase, period)),
                    np.array([ENDLESS, *shape], dtype=np.int64),
                    np.array([size, *(t * m for t, m in zip(period, moves, strict=True))]),
                    origin,
                    begin,
                    tuple(period),
                )
            )
        slabs.append(Slab(start, stop, size, runs, length, lattices))
    return slabs


def rows_of_sample(n_positions):
    """Rows that a sample takes in a tile it shares: whole blocks, unless it has few."""
    return _filled(n_positions) if n_positions >= FEW else n_positions


def _filled(n_rows):
    """So many rows and those that complete BLAS's last."""
    return -(-n_rows // rows_of_blas()) * rows_of_blas()


def rows_of_tile(row_bytes):
    """Rows of a tile, for so many bytes in a row of responses."""
    least, most = _budgets.CONV_TILE_ROWS
    return min(max(_budgets.CONV_TILE_BYTES // row_bytes, least), most)


def room(n_positions, row_bytes):
    """Return how many samples fit into a tile."""
    return rows_of_tile(row_bytes) // rows_of_sample(n_positions)


class Tiles:
    """How the positions of a lattice are cut into tiles of one height.

    Parameters
    ----------
    n_positions : int
        Positions of a sample.
    row_bytes : int
        Bytes of a row of responses.
    n_samples : int
        Samples that share a tile; with one, a sample may be cut into several.

    Attributes
    ----------
    tables : list of ndarray of shape (n_rows,), int64
        Positions of a tile's rows, for each of the tiles a sample is cut into.
    """

    def __init__(self, n_positions, row_bytes, n_samples):
        if n_samples > 1:
            table = np.full((n_samples, rows_of_sample(n_positions)), -1, dtype=np.int64)
            table[:, :n_positions] = np.arange(n_samples * n_positions).reshape(n_samples, -1)
            table = table.ravel()
            self.tables = [np.pad(table, (0, _filled(len(table)) - len(table)), constant_values=-1)]
            return
        n_tiles = -(-n_positions // rows_of_tile(row_bytes))
        n_rows = _filled(-(-n_positions // n_tiles))
        table = np.full(n_tiles * n_rows, -1, dtype=np.int64)
        table[:n_positions] = np.arange(n_positions)
        self.tables = list(table.reshape(n_tiles, n_rows))

    @property
    def n_rows(self):
        """Rows of a tile."""
        return len(self.tables[0])
