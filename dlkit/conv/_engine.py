"""The engine: samples in, encoded and pooled responses out, one matrix product a tile.

A tile is some positions of one group (those that share kernels): their patches are gathered into a
table, multiplied by the kernels, encoded and pooled while everything is still in the cache. How
samples are cut into tiles depends on their shape alone. A sample's rows begin where the product's
own blocks of rows begin, if it has enough of them, so that its features do not depend, in any bit,
on what else is in the batch.
"""

import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np

from .._jit import _conv as loops
from .._threads import effective_threads, one_blas_thread
from ._encoders import Encoder, apply_callable
from ._geometry import Geometry
from ._pooling import Cells

# Responses of a tile: a few hundred rows, for which the product is at its fastest. That they stay
# in the second-level cache matters less.
TILE_BYTES = 2**21
MOST_ROWS, LEAST_ROWS = 768, 256
ALIGN = 12  # rows that BLAS's kernels take at a time, or a multiple of those
BLOCK_BYTES = 2**22  # input, and sums over cells, of the samples that a thread works on at a time
SLAB_BYTES = 2**23  # samples beyond this are read in slabs of their first axis
ENDLESS = 2**62


@dataclass(frozen=True)
class Bank:
    """Kernels of one size, all folded together, in the dtype computed in.

    Attributes
    ----------
    geometry : Geometry
        Their size and how they are moved.
    weights : ndarray of shape (n_groups, P + 1, columns)
        For (patch, 1); what encoders are given is one product.
    period : tuple of int, or None
        Positions along each axis after which the groups of kernels repeat; None: one group.
    eps : float or None
        Regulariser of the contrast normalisation; None: none.
    n_norms : int
        The last columns of the weights that are no kernels: a factor of the whitening, of whose
        responses the sum of squares is the norm |w|² of a whitened patch. With 0, it is that of the
        patch, if an encoder wants it.
    encoder : Encoder
        What is made of the responses.
    n_columns : int
        Columns that it makes.
    threshold : float
        Its threshold.
    """

    geometry: Geometry
    weights: np.ndarray
    period: tuple | None
    eps: float | None
    n_norms: int
    encoder: Encoder
    n_columns: int
    threshold: float = 0.0


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
    if padded[0] * steps[0] * itemsize > SLAB_BYTES:
        most = (SLAB_BYTES // (steps[0] * itemsize) - extent) // stride + 1
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


class Tiles:
    """How the positions of a lattice are cut into tiles of one height.

    Parameters
    ----------
    n_positions : int
        Positions of a sample.
    row_bytes : int
        Bytes of a row of responses.
    most_samples : int
        Samples that a tile may hold.

    Attributes
    ----------
    samples : int
        Samples in a tile; one, if a sample has enough positions for a tile or more.
    tables : list of ndarray of shape (n_rows,), int64
        Positions of a tile's rows, for each of the tiles a sample is cut into.
    """

    def __init__(self, n_positions, row_bytes, most_samples):
        rows = min(max(TILE_BYTES // row_bytes, LEAST_ROWS), MOST_ROWS)
        aligned = -(-n_positions // ALIGN) * ALIGN if n_positions >= 3 * ALIGN else n_positions
        self.samples = max(min(rows // aligned, most_samples), 1)
        if self.samples > 1:
            table = np.full((self.samples, aligned), -1, dtype=np.int64)
            table[:, :n_positions] = np.arange(self.samples * n_positions).reshape(-1, n_positions)
            self.tables = [table.ravel()]
            return
        n_tiles = -(-n_positions // rows)
        rows = -(-n_positions // n_tiles)
        table = np.full(n_tiles * rows, -1, dtype=np.int64)
        table[:n_positions] = np.arange(n_positions)
        self.tables = list(table.reshape(n_tiles, rows))

    @property
    def n_rows(self):
        """Rows of a tile."""
        return len(self.tables[0])


class Workspace:
    """Buffers of one thread for the tiles of one bank."""

    def __init__(self, bank, n_rows, dtype):
        _, n_inputs, n_weights = bank.weights.shape
        self.patches = np.empty((n_rows, n_inputs), dtype=dtype)
        self.z = np.zeros((n_rows, max(n_weights, bank.n_columns)), dtype=dtype)
        self.norms = np.empty(n_rows, dtype=dtype)
        self.sums = np.empty((3, bank.n_columns), dtype=dtype)

    def encode(self, bank, x, slab, lattice, positions, shift, limit):
        """Return the encoded responses of a tile, valid until the next call."""
        patches, norms = self.patches[: len(positions)], self.norms[: len(positions)]
        loops.gather(
            x, positions, shift, limit, lattice.shape, lattice.steps, lattice.origin, slab.runs,
            slab.length, patches,
        )  # fmt: skip
        if bank.eps is not None:
            loops.normalise(patches, bank.eps)
        weights, encoder = bank.weights[lattice.group], bank.encoder
        n_kernels = weights.shape[1] - bank.n_norms
        z = self.z[: len(positions)]
        np.matmul(patches, weights, out=z[:, : weights.shape[1]])
        if encoder.norms:
            rows = (
                (z, n_kernels, weights.shape[1]) if bank.n_norms else (patches, 0, len(weights) - 1)
            )
            loops.row_norms(*rows, norms)
        if encoder.by_user:
            encoded = apply_callable(encoder.loop, z[:, :n_kernels].copy())
            z[:, : bank.n_columns] = encoded
        elif encoder.loop is not None:
            encoder.loop(z, n_kernels, norms, bank.threshold)
        return z


class Plan:
    """A bank and samples of one shape: slabs, tiles, cells."""

    def __init__(self, bank, space, n_channels, dtype, pooling):
        self.bank, self.dtype = bank, dtype
        self.positions = bank.geometry.positions(space)
        self.n_positions = math.prod(self.positions)
        self.slabs = cut_slabs(bank.geometry, space, n_channels, dtype.itemsize, bank.period)
        self.cells = None if pooling is None else Cells(pooling, self.positions)
        width = max(bank.weights.shape[2], bank.n_columns)
        self.row_bytes = width * dtype.itemsize
        size = max(slab.n_entries for slab in self.slabs) * dtype.itemsize
        if pooling is not None:
            size = max(size, self.cells.n_elementary * bank.n_columns * 8)
        self.tiles, self.tables = {}, {}
        for slab in self.slabs:
            for lattice in slab.lattices:
                n, most = lattice.n_positions, 4 * BLOCK_BYTES // size
                if n not in self.tiles:
                    self.tiles[n] = Tiles(n, self.row_bytes, most)
        self.n_rows = max(t.n_rows for t in self.tiles.values())
        group = max(t.samples for t in self.tiles.values())
        self.samples = max(BLOCK_BYTES // size // group, 1) * group if len(self.slabs) == 1 else 1
        self._steps = np.cumprod((1, *self.positions[:0:-1]))[::-1]

    def run(self, samples, numbers, workspace, take):
        """Encode some samples; ``take(lattice, positions, shift, limit, z)`` gets every tile."""
        pads = self.bank.geometry.pads
        for slab in self.slabs:
            block = samples.read(numbers, pads, slab.start, slab.stop)
            x = block.reshape(-1)
            x.flags.writeable = False  # one compiled version serves all
            for lattice in slab.lattices:
                tiles, n = self.tiles[lattice.n_positions], lattice.n_positions
                limit = n * len(numbers)
                for s in range(0, len(numbers), tiles.samples):
                    for positions in tiles.tables:
                        z = workspace.encode(self.bank, x, slab, lattice, positions, s * n, limit)
                        take(lattice, positions, s * n, limit, z)
            del block, x
        samples.release(numbers)

    def pooled(self, samples, numbers, workspace):
        """Yield what each pooling and layout makes of some samples: (n, *cells, n_columns)."""
        n_columns = self.bank.n_columns
        sums = self.cells.accumulators(len(numbers), n_columns, self.dtype)
        arrays = sums.arrays()

        def take(lattice, positions, shift, limit, z):
            loops.pool(
                z, n_columns, positions, shift, limit, lattice.shape, *self._cell_tables(lattice),
                self.cells.n_elementary, workspace.sums, *arrays,
            )  # fmt: skip

        self.run(samples, numbers, workspace, take)
        yield from self.cells.results(sums, len(numbers))

    def _cell_tables(self, lattice):
        key = lattice.first, tuple(lattice.shape)
        if key not in self.tables:
            parts = [
                table[b::t][:n]
                for table, b, t, n in zip(
                    self.cells.tables, lattice.first, lattice.every, lattice.shape[1:], strict=True
                )
            ]
            starts = np.cumsum([0, 0, *(len(part) for part in parts[:-1])], dtype=np.int64)
            self.tables[key] = np.concatenate(parts).astype(np.int64), starts
        return self.tables[key]

    def fill(self, samples, numbers, workspace, out, column):
        """Write the whole maps of some samples to ``out``, (n, n_positions, all columns)."""
        rows = out.reshape(-1, out.shape[-1])

        def take(lattice, positions, shift, limit, z):
            steps = np.array(
                [
                    self.n_positions,
                    *(t * s for t, s in zip(lattice.every, self._steps, strict=True)),
                ]
            )
            origin = sum(b * int(s) for b, s in zip(lattice.first, self._steps, strict=True))
            loops.place(
                z, self.bank.n_columns, positions, shift, limit, lattice.shape, steps, origin, rows,
                column,
            )  # fmt: skip

        self.run(samples, numbers, workspace, take)


def signed_power(values, power):
    """sign(v) |v|^power, in place."""
    if power == 1:
        return values
    signs = np.sign(values)
    np.abs(values, out=values)
    if power == 0.5:
        np.sqrt(values, out=values)
    else:
        np.power(values, power, out=values)
    values *= signs
    return values


class Extractor:
    """Runs banks of kernels over samples.

    Parameters
    ----------
    banks : list of Bank
        Whose features are joined.
    pooling : Pooling or None
        How maps are pooled; None: not at all.
    power : float
        Signed power of all features.
    dtype : dtype
        What is computed in.
    """

    def __init__(self, banks, pooling, power, dtype):
        self.banks, self.pooling, self.power = banks, pooling, power
        self.dtype = np.dtype(dtype)

    def rows(self, samples, n_jobs=None, progress=None):
        """Return one row of pooled features for each sample."""
        plans = self._plans(samples)
        n_columns = [
            sum(math.prod(layout.shape) for layout in plan.cells.layouts)
            * len(plan.cells.names)
            * plan.bank.n_columns
            for plan in next(iter(plans.values()))
        ]
        out = np.empty((len(samples), sum(n_columns)), dtype=self.dtype)

        def task(plan_list, numbers, _, workspaces):
            column = 0
            for plan, workspace in zip(plan_list, workspaces, strict=True):
                for pooled in plan.pooled(samples, numbers, workspace):
                    flat = signed_power(pooled.reshape(len(numbers), -1), self.power)
                    out[_index(numbers), column : column + flat.shape[1]] = flat
                    column += flat.shape[1]

        self._each_block(samples, plans, task, n_jobs, progress)
        return out

    def maps(self, samples, n_jobs=None, progress=None):
        """Return the map of each sample: an array, or a list if samples came in a list."""
        plans = self._plans(samples)
        outs = {}
        for space, numbers in samples.groups():
            shapes = {_map_shape(plan) for plan in plans[space]}
            if len(shapes) > 1:
                raise ValueError(
                    f"kernel_size of several sizes gives maps of shapes {sorted(shapes)}, which "
                    "cannot be joined; use padding='same'."
                )
            width = sum(_map_columns(plan) for plan in plans[space])
            outs[space] = np.empty((len(numbers), *shapes.pop(), width), dtype=self.dtype)

        def task(plan_list, numbers, rows, workspaces):
            space, column = samples.space(int(numbers[0])), 0
            out = outs[space][rows]
            for plan, workspace in zip(plan_list, workspaces, strict=True):
                if plan.cells is None:
                    plan.fill(samples, numbers, workspace, out, column)
                    column += plan.bank.n_columns
                    continue
                for pooled in plan.pooled(samples, numbers, workspace):
                    out[..., column : column + pooled.shape[-1]] = pooled
                    column += pooled.shape[-1]
            signed_power(out, self.power)

        self._each_block(samples, plans, task, n_jobs, progress)
        if not samples.listed:
            return next(iter(outs.values()))
        maps = [None] * len(samples)
        for space, numbers in samples.groups():
            for i, one in zip(numbers, outs[space], strict=True):
                maps[i] = one
        return maps

    def _plans(self, samples):
        return {
            space: [
                Plan(bank, space, samples.n_channels, self.dtype, self.pooling)
                for bank in self.banks
            ]
            for space in samples.distinct
        }

    def _each_block(self, samples, plans, task, n_jobs, progress):
        """Call ``task(plans, numbers, rows within the shape's samples, workspaces)`` for blocks."""
        threads = effective_threads(n_jobs)
        calls = []
        for space, numbers in samples.groups():
            size = min(plan.samples for plan in plans[space])
            for start in range(0, len(numbers), size):
                part = numbers[start : start + size]
                calls.append((space, part, slice(start, start + len(part))))
        spare = {space: deque() for space in plans}

        def run(call):
            space, numbers, rows = call
            try:
                workspaces = spare[space].pop()
            except IndexError:
                workspaces = [Workspace(p.bank, p.n_rows, self.dtype) for p in plans[space]]
            task(plans[space], numbers, rows, workspaces)
            spare[space].append(workspaces)
            if progress is not None:
                progress.advance(len(numbers))

        with one_blas_thread():  # whose products would depend on how many there are
            if min(threads, len(calls)) > 1:
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(run, calls))
            else:
                for call in calls:
                    run(call)


def _map_shape(plan):
    if plan.cells is None:
        return plan.positions
    return plan.cells.layouts[0].shape


def _map_columns(plan):
    return plan.bank.n_columns * (1 if plan.cells is None else len(plan.cells.names))


def _index(numbers):
    """Index of some rows: a slice if they are neighbours, so that nothing is looked up."""
    first, last = int(numbers[0]), int(numbers[-1]) + 1
    return slice(first, last) if last - first == len(numbers) else numbers
