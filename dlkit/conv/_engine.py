"""The engine: samples in, encoded and pooled responses out, one matrix product a tile.

A tile is some positions of one group (those that share kernels): their patches are multiplied by
the kernels, the responses encoded and pooled while they are still in the cache.

How samples are cut into tiles depends on their shape alone. A sample's rows begin where BLAS's own
blocks of rows begin, if it has enough of them, so that its features do not depend, in any bit, on
what else is in the batch.
"""

import math
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .. import _budgets
from .._jit import conv as loops
from .._threads import effective_threads, one_blas_thread, run_over
from .._validation import refuse_overflow
from ._encoders import Encoder, apply_callable
from ._geometry import Geometry
from ._pooling import Cells
from ._tiles import Tiles, cut_slabs, room


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
    root : float or None
        Root of the regulariser of the contrast normalisation; None: none.
    centre : ndarray of shape (P,) or None
        What is taken off patches that are not contrast-normalised; None: nothing.
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
    root: float | None
    centre: np.ndarray | None
    n_norms: int
    encoder: Encoder
    n_columns: int
    threshold: float = 0.0

    @property
    def width(self):
        """Columns of responses there is to be room for."""
        return max(self.weights.shape[2], self.n_columns)


class Workspace:
    """Buffers of one thread for the tiles of one bank."""

    def __init__(self, bank, pooling, n_rows, dtype):
        self.patches = np.empty((n_rows, bank.weights.shape[1]), dtype=dtype)
        self.z = np.zeros((n_rows, bank.width), dtype=dtype)
        self.norms = np.empty(n_rows, dtype=dtype)
        if pooling is not None:  # squares of normalised patches' responses do not overflow
            self.sums = pooling.buffer(self.z[:, : bank.n_columns], safe=bank.root is not None)

    def encode(self, bank, x, slab, lattice, positions, shift, limit):
        """Return the encoded responses of a tile, valid until the next call."""
        patches, norms, z = (a[: len(positions)] for a in (self.patches, self.norms, self.z))
        where = lattice.shape, lattice.steps, lattice.origin
        loops.gather(x, positions, shift, limit, *where, slab.runs, slab.length, patches)
        if bank.root is not None:
            if not loops.normalise(patches, bank.root):
                refuse_overflow(np.array([np.inf], patches.dtype), "X")
        elif bank.centre is not None:
            patches[:, :-1] -= bank.centre
        weights, encoder = bank.weights[lattice.group], bank.encoder
        n_kernels = weights.shape[1] - bank.n_norms
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
        row_bytes = bank.width * dtype.itemsize
        size = max(slab.n_entries for slab in self.slabs) * dtype.itemsize
        if pooling is not None:
            size = max(size, self.cells.n_elementary * bank.n_columns * 8)
        heights = {lattice.n_positions for slab in self.slabs for lattice in slab.lattices}
        # samples that share a tile, in all groups alike, and samples to work on at a time
        self.group = max(
            min(4 * _budgets.CONV_TASK_BYTES // size, *(room(n, row_bytes) for n in heights)), 1
        )
        self.samples = _budgets.CONV_TASK_BYTES // size if len(self.slabs) == 1 else 1
        self.tiles = {n: Tiles(n, row_bytes, self.group) for n in heights}
        self.n_rows = max(t.n_rows for t in self.tiles.values())
        self.tables = {}
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
                for s in range(0, len(numbers), self.group):
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

    def rows(self, samples, n_jobs=None, progress=None, again=None):
        """Return one row of pooled features for each sample.

        ``again`` are the same samples read in another way, whose features come behind.
        """
        plans = self._plans(samples)
        n_columns = sum(
            sum(math.prod(layout.shape) for layout in plan.cells.layouts) * _map_columns(plan)
            for plan in plans(samples.space(0))
        )
        readings = [samples] if again is None else [samples, again]
        out = np.empty((len(samples), n_columns * len(readings)), dtype=self.dtype)
        for r, reading in enumerate(readings):
            part = out[:, r * n_columns : (r + 1) * n_columns]
            self._fill(reading, plans, part, n_jobs, progress)
        return out

    def _fill(self, samples, plans, out, n_jobs, progress):
        """Write the features of all samples to rows of ``out``."""

        def task(plan_list, numbers, _, workspaces):
            mine, column = _index(numbers), 0
            for plan, workspace in zip(plan_list, workspaces, strict=True):
                for pooled in plan.pooled(samples, numbers, workspace):
                    flat = pooled.reshape(len(numbers), -1)
                    out[mine, column : column + flat.shape[1]] = flat
                    column += flat.shape[1]
            out[mine] = refuse_overflow(signed_power(out[mine], self.power), "X")

        self._each_block(samples, plans, task, n_jobs, progress)

    def maps(self, samples, n_jobs=None, progress=None):
        """Return the map of each sample: an array, or a list if samples came in a list."""
        plans = self._plans(samples)
        outs = {}
        for space, numbers in samples.groups():
            shapes = {_map_shape(plan) for plan in plans(space)}
            if len(shapes) > 1:
                raise ValueError(
                    f"kernel_size of several sizes gives maps of shapes {sorted(shapes)}, which "
                    "cannot be joined; use padding='same'."
                )
            width = sum(map(_map_columns, plans(space)))
            outs[space] = np.empty((len(numbers), *shapes.pop(), width), dtype=self.dtype)

        def task(plan_list, numbers, rows, workspaces):
            out, column = outs[samples.space(int(numbers[0]))][rows], 0
            for plan, workspace in zip(plan_list, workspaces, strict=True):
                first = column
                if plan.cells is None:
                    plan.fill(samples, numbers, workspace, out, column)
                    column += plan.bank.n_columns
                else:
                    for pooled in plan.pooled(samples, numbers, workspace):
                        out[..., column : column + pooled.shape[-1]] = pooled
                        column += pooled.shape[-1]
                if plan.bank.root is None:  # responses of normalised patches do not overflow
                    refuse_overflow(out[..., first:column], "X")
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
        """Return a function from a spatial shape to the plans of all banks."""

        @lru_cache(maxsize=16)  # there may be as many shapes as samples
        def plans(space):
            return [
                Plan(bank, space, samples.n_channels, self.dtype, self.pooling)
                for bank in self.banks
            ]

        return plans

    def _each_block(self, samples, plans, task, n_jobs, progress):
        """Call ``task(plans, numbers, rows within the shape's samples, workspaces)`` for blocks."""
        threads = effective_threads(n_jobs)
        spare = deque()

        def blocks():
            for space, numbers in samples.groups():
                # whole tiles, which then hold the same samples whatever the size of the blocks
                group = math.lcm(*(plan.group for plan in plans(space)))
                size = min(plan.samples for plan in plans(space))
                size = min(size, len(numbers) // (4 * threads)) if threads > 1 else size
                size = max(size // group, 1) * group
                for start in range(0, len(numbers), size):
                    part = numbers[start : start + size]
                    yield space, part, slice(start, start + len(part))

        def run(call):
            space, numbers, rows = call
            mine = plans(space)
            try:
                workspaces = spare.pop()
            except IndexError:
                workspaces = [None] * len(mine)
            for k, plan in enumerate(mine):
                if workspaces[k] is None or len(workspaces[k].norms) < plan.n_rows:
                    workspaces[k] = Workspace(plan.bank, self.pooling, plan.n_rows, self.dtype)
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                task(mine, numbers, rows, workspaces)
            spare.append(workspaces)
            if progress is not None:
                progress.advance(len(numbers))

        with one_blas_thread():  # whose products would depend on how many there are
            run_over(blocks(), run, threads)


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
