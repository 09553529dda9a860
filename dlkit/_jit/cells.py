"""The loop of all cells that are more than leaky units with links of one step.

It is a loop of its own, so that the leaky one (`reservoir.py`) stays as short and as quickly
compiled as it is: there a state is overwritten in place, here each step writes a new block of a
*window* that slides over a buffer,

    block of step k = (x(k), what the cell makes of x on the way, u(k + 1), 1),

so that a link of any delay, to any of these, is a row at a fixed distance from where the window
begins, and is gathered like every other link. What a cell does with the products of a step stands
in `cell_updates.py`. All that varies is in the types of what is handed over, so that nothing is
compiled that is not run.

What a lane carries from step to step is (x(t), x(t − 1), …, x(t − depth + 1), what the cell holds
beside them, a clock).
"""

from typing import Any, NamedTuple

import numpy as np

from .cell_updates import between, finish
from .closed import read_lanes, read_lone, set_input
from .compiled import compiled, generic, inner
from .links import (
    Dense,
    Even,
    Hadamard,
    Ring,
    Uneven,
    add_structured,
    dense_lanes,
    dense_lone,
    gather_lanes,
    gather_lone,
)
from .reservoir import LOOK, _write, agrees, save_sums, sum_up


class Shape(NamedTuple):
    """Numbers of a cell.

    ``n_units``; ``depth``, the longest delay; ``n_between`` rows that `between` fills; ``n_beside``
    numbers carried beside the outputs; ``period`` of the clock, 0 for none; ``stride``, the length
    of a block; ``n_columns`` of a row of states. Rows of states that have more take what is carried
    beside the outputs as well.
    """

    n_units: Any
    depth: Any
    n_between: Any
    n_beside: Any
    period: Any
    stride: Any
    n_columns: Any


class Products(NamedTuple):
    """Links into the rows of the pre-activations, each `Even` or `Uneven`.

    ``first`` from what is there when a step begins, ``second`` also from what `between` made of it
    (None, if there are none); ``path`` is a matrix on x(t − 1), the identity if None.
    """

    first: Any
    second: Any
    path: Any


class Wide(NamedTuple):
    """`LANES` lanes, side by side."""


class Alone(NamedTuple):
    """One lane."""


class CellMemory(NamedTuple):
    """What the lanes are computed in.

    ``buffer`` takes the blocks, and has a last row of zeros. ``first`` holds the pre-activations of
    the first product, None where there is one for each unit and no second product, ``second``
    those of the second; ``z`` both, flat. ``through`` and ``scratch`` are for P x, ``coef`` holds
    the cell's coefficients for each lane; ``beside``, ``clock`` what is carried beside the outputs.
    ``agreed`` counts the steps for which a lane has agreed with an earlier run; ``lane`` and
    ``rows`` are as of `reservoir.Memory`.
    """

    buffer: Any
    first: Any
    second: Any
    z: Any
    through: Any
    through_flat: Any
    scratch: Any
    coef: Any
    beside: Any
    beside_flat: Any
    clock: Any
    sums: Any
    spare: Any
    agreed: Any
    lane: Any
    rows: Any


@generic
def _gather(side, listed, window, target):
    """What comes through a list of links, for all lanes."""


@_gather.register(Wide)
def _(side, listed, window, target):
    gather_lanes(listed, window, target, None)


@_gather.register(Alone)
def _(side, listed, window, target):
    gather_lone(listed, window.reshape(-1), target.reshape(-1))


@generic
def _target(first, new):
    """Where the first product goes."""


@_target.register(type(None))
def _(first, new):
    return new


@_target.register(np.ndarray)
def _(first, new):
    return first


@generic
def _second(links, side, cell, f, window, old, made, memory):
    """The second product, if there is one, and what the cell makes of the first for it."""


@_second.register(type(None))
def _(links, side, cell, f, window, old, made, memory):
    pass


@_second.register(Even)
@_second.register(Uneven)
def _(links, side, cell, f, window, old, made, memory):
    between(cell, f, memory.z, old, made.reshape(-1))
    _gather(side, links, window, memory.second)


@generic
def _along(path, side, buffer, first, old, memory):
    """P x, for x in the buffer from row ``first`` on, which is ``old``; nothing if P is None."""


@_along.register(type(None))
def _(path, side, buffer, first, old, memory):
    pass


@_along.register(Dense)
def _(path, side, buffer, first, old, memory):
    _along_dense(side, path, buffer, first, memory)


@_along.register(Ring)
@_along.register(Hadamard)
def _(path, side, buffer, first, old, memory):
    through = memory.through_flat
    for i in range(through.size):
        through[i] = 0
    add_structured(path, memory.through.shape[0], old, through, memory.scratch)


@generic
def _kept(path, old, through):
    """P x, given that of a P other than the identity."""


@_kept.register(type(None))
def _(path, old, through):
    return old


@_kept.register(Dense)
@_kept.register(Ring)
@_kept.register(Hadamard)
def _(path, old, through):
    return through


@generic
def _along_dense(side, path, buffer, first, memory):
    """P x, P dense."""


@_along_dense.register(Wide)
def _(side, path, buffer, first, memory):
    dense_lanes(path, buffer[first:], memory.through)


@_along_dense.register(Alone)
def _(side, path, buffer, first, memory):
    dense_lone(path, buffer[first:].reshape(-1), memory.through_flat)


@inner
def make_step(side, cell, products, shape, f, buffer, base, memory):
    """Write the new block's outputs, of all lanes, given all that is in the window at ``base``."""
    n, size = shape.n_units, shape.depth * shape.stride
    last = base + size - shape.stride
    window = buffer[base : base + size]
    new = buffer[base + size : base + size + n]
    old = buffer[last : last + n].reshape(-1)
    _gather(side, products.first, window, _target(memory.first, new))
    made = buffer[last + n : last + n + shape.n_between]
    _second(products.second, side, cell, f, window, old, made, memory)
    _along(products.path, side, buffer, last, old, memory)
    kept = _kept(products.path, old, memory.through_flat)
    flat = new.reshape(-1)
    finish(cell, memory.coef, f, memory.z, kept, flat, memory.beside_flat, memory.clock)


@inner
def load(shape, buffer, base, beside, clock, l, states, j):
    """Put a state into lane l; one that holds no more than the output had rest before it."""
    n, zero = shape.n_units, states.dtype.type(0)
    whole = states.shape[1] > n
    for d in range(shape.depth):
        block = base + (shape.depth - 1 - d) * shape.stride
        for i in range(n):
            buffer[block + i, l] = states[j, d * n + i] if whole or d == 0 else zero
    for i in range(shape.n_beside):
        beside[i, l] = states[j, shape.depth * n + i] if whole else zero
    clock[l] = int(states[j, states.shape[1] - 1]) if whole and shape.period else 0


@inner
def unload(shape, buffer, base, beside, clock, l, states, j):
    """Leave what lane l holds in a state."""
    n = shape.n_units
    for d in range(shape.depth if states.shape[1] > n else 1):
        block = base + (shape.depth - 1 - d) * shape.stride
        for i in range(n):
            states[j, d * n + i] = buffer[block + i, l]
    if states.shape[1] > n:
        for i in range(shape.n_beside):
            states[j, shape.depth * n + i] = beside[i, l]
        if shape.period:
            states[j, states.shape[1] - 1] = clock[l]


@inner
def slide(shape, buffer, base):
    """Where the window begins after a step; it is copied to the buffer's start if need be."""
    base += shape.stride
    if base + (shape.depth + 1) * shape.stride >= buffer.shape[0]:
        for i in range(shape.depth * shape.stride):
            for l in range(buffer.shape[1]):
                buffer[i, l] = buffer[base + i, l]
        base = 0
    return base


@generic
def _read(side, loop, new, lane, cursor, out):
    """Read the outputs off the new states, in a closed loop."""


@_read.register(Wide)
def _(side, loop, new, lane, cursor, out):
    read_lanes(loop, new, lane, cursor, out)


@_read.register(Alone)
def _(side, loop, new, lane, cursor, out):
    read_lone(loop, new.reshape(-1), cursor[lane[0]], lane[0], out)


@generic
def _write_rows(side, new, out, rows, spare):
    """Write the states of all lanes to their rows."""


@_write_rows.register(Wide)
def _(side, new, out, rows, spare):
    _write(new, out, rows, spare)


@_write_rows.register(Alone)
def _(side, new, out, rows, spare):
    row = rows[0]
    for i in range(new.shape[0]):
        out[row, i] = new[i, 0]


@generic
def _keep(out, side, shape, new, lane, rows, jobs, memory):
    """Write the states of all lanes to ``out``, unless it is None.

    A run that is to meet an earlier one ends where all that it carries agrees: as many outputs in a
    row as are carried, and the rest.
    """


@_keep.register(type(None))
def _(out, side, shape, new, lane, rows, jobs, memory):
    pass


@_keep.register(np.ndarray)
def _(out, side, shape, new, lane, rows, jobs, memory):
    beside, agreed, tolerance = memory.beside, memory.agreed, jobs.tolerance
    cursor, stops, begin = jobs.cursor, jobs.stops, jobs.begin
    if tolerance > 0:
        for l in range(lane.size):
            j = lane[l]
            if j < 0:
                continue
            t = cursor[j]
            if agreed[l] > 0 or (t - begin[j]) % LOOK == LOOK - 1:
                same = agrees(new, l, out, rows[l], 0, tolerance)
                if same and shape.n_beside:
                    same = agrees(beside, l, out, rows[l], shape.n_columns, tolerance)
                agreed[l] = agreed[l] + 1 if same else 0
                if agreed[l] == shape.depth:
                    stops[j] = t + 1
    _write_rows(side, new, out, rows, memory.spare)
    if out.shape[1] > shape.n_columns:
        for l in range(lane.size):
            if rows[l] >= 0:
                for i in range(shape.n_beside):
                    out[rows[l], shape.n_columns + i] = beside[i, l]


@compiled
def run_cells(side, cell, products, shape, settings, jobs, order, states, out, few, memory, loop):
    """Advance jobs in ``order``, as many at a time as there are lanes, until fewer than ``few``.

    As `reservoir.run_lanes` and `reservoir.run_lone` do.
    """
    # arrays by names of their own: to take one out of a tuple, and count it, takes long in a loop
    cursor, stops, begin, noise = jobs.cursor, jobs.stops, jobs.begin, jobs.noise
    buffer, beside, clock = memory.buffer, memory.beside, memory.clock
    agreed, to, values = memory.agreed, jobs.to, jobs.values
    n, width = shape.n_units, buffer.shape[1]
    size, inputs = shape.depth * shape.stride, n + shape.n_between
    lane, rows = memory.lane, memory.rows
    for l in range(width):
        for row in range(shape.stride - 1, buffer.shape[0] - 1, shape.stride):
            buffer[row, l] = 1
    waiting = 0
    base = 0 * size  # what takes a literal 0 would be compiled for that, and once more
    while True:
        running = 0
        for l in range(width):
            j = lane[l]
            if j >= 0 and cursor[j] == stops[j]:
                unload(shape, buffer, base, beside, clock, l, states, j)
                save_sums(memory.sums, l, j, cursor[j] - begin[j], jobs.moments)
                j = -1
            while j < 0 and waiting < order.size:
                j = order[waiting]
                waiting += 1
                if cursor[j] == stops[j]:  # done by a run before this one
                    j = -1
                else:
                    load(shape, buffer, base, beside, clock, l, states, j)
                    agreed[l] = 0
            if j < 0 and lane[l] >= 0:
                for i in range(base, base + size):  # an idle lane runs on, harmlessly
                    buffer[i, l] = 0
                rows[l] = -1
            lane[l] = j
            running += j >= 0
        if running == 0 or (waiting == order.size and running < few):
            break
        for l in range(width):
            j = lane[l]
            if j >= 0:
                rows[l] = cursor[j] + to[j]
                first = base + size - shape.stride + inputs
                set_input(loop, values, cursor[j], j, buffer, first, l)
        make_step(side, cell, products, shape, settings.activation, buffer, base, memory)
        new = buffer[base + size : base + size + n]
        if noise.shape[0]:
            for l in range(width):
                if lane[l] >= 0:
                    for i in range(n):
                        new[i, l] += noise[cursor[lane[l]], i]
        sum_up(memory.sums, new, new.reshape(-1), lane, cursor, begin)
        _read(side, loop, new, lane, cursor, out)
        _keep(out, side, shape, new, lane, rows, jobs, memory)
        for l in range(width):
            if lane[l] >= 0:
                cursor[lane[l]] += 1
                if shape.period:
                    clock[l] = (clock[l] + 1) % shape.period
        base = slide(shape, buffer, base)
    for l in range(width):
        if lane[l] >= 0:
            unload(shape, buffer, base, beside, clock, l, states, lane[l])
            save_sums(memory.sums, l, lane[l], cursor[lane[l]] - begin[lane[l]], jobs.moments)
