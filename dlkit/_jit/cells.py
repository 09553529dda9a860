"""The loop of all cells that are more than leaky units with links of one step.

It is a loop of its own, so that the leaky one (`_reservoir.py`) stays as short and as quickly
compiled as it is: there a state is overwritten in place, here each step writes a new block of a
*window* that slides over a buffer,

    block of step k = (x(k), what the cell makes of x on the way, u(k + 1), 1),

so that a link of any delay, to any of these, is a row at a fixed distance from where the window
begins, and is gathered like every other link. What a cell does with the products of a step stands
in `_cell_updates.py`; `run_cells` compiles for each type of cell apart, when it is first run.

What a lane carries from step to step is (x(t), x(t − 1), …, x(t − depth + 1), what the cell holds
beside them, a clock).

Numba's cache does not see an edit of `_cell_updates.py`, `_closed.py`, `_reservoir.py` or
`_vector.py` here: touch this file as well.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from .cell_updates import between, finish
from .closed import _enter, _leave
from .direct import ROWS, times_lanes
from .reservoir import (
    LOOK,
    OWN_PRODUCTS,
    _agrees,
    _aligned,
    _lanes_links,
    _lone_links,
    _save_lane,
    _structured,
    _sum_up,
    _write,
)
from .vector import LANES, STRICT

SMALL = 2**20  # bytes


class Shape(NamedTuple):
    """Numbers of a cell.

    ``n_units``; ``n_first`` and ``n_second``, the rows of the two products; ``depth``, the longest
    delay; ``n_between`` rows that `between` fills; ``n_beside`` numbers carried beside the outputs;
    ``period`` of the clock, 0 for none; ``n_columns`` of a row of states. Rows of ``out`` that have
    more take what is carried beside the outputs as well.
    """

    n_units: Any
    n_first: Any
    n_second: Any
    depth: Any
    n_between: Any
    n_beside: Any
    period: Any
    n_columns: Any


class Products(NamedTuple):
    """Links, each in the form of `_reservoir.Links`, into the rows of the pre-activations.

    ``first`` from what is there when a step begins, ``second`` also from what `between` made of it
    (the rows that follow; none, if it has none); ``path`` is a matrix on x(t − 1), and the
    identity if none of its forms is there.
    """

    first: Any
    second: Any
    path: Any


@njit(**STRICT)
def _rows(n, width, like):
    """Zeros of shape (n, width)."""
    return _aligned(n, like) if width == LANES else np.zeros((n, width), dtype=like.dtype)


@njit(**STRICT)
def _copy(source, target):
    for i in range(target.size):
        target[i] = source[i]


@njit(**STRICT)
def _along(path, buffer, first, zeros, rows, through, scratch):
    """``through = P x``, for x in the buffer from row ``first`` on; its row ``zeros`` is empty."""
    n = through.shape[0]
    x = buffer[first : first + n]
    if OWN_PRODUCTS and through.shape[1] == LANES and path.dense.shape[0] >= ROWS:
        times_lanes(path.dense, x, through)
    elif path.dense.shape[0]:
        np.dot(path.dense, x, through)
    else:
        flat = through.reshape(-1)
        flat[:] = 0
        _structured(path, n, x.reshape(-1), flat, scratch)


@njit(**STRICT)
def _load(window, stride, beside, clock, l, state, shape):
    """Put a state into lane l; one that holds no more than the output had rest before it."""
    n, zero = shape.n_units, state.dtype.type(0)
    whole = state.size > n
    for d in range(shape.depth):
        block = (shape.depth - 1 - d) * stride
        for i in range(n):
            window[block + i, l] = state[d * n + i] if whole or d == 0 else zero
    for i in range(shape.n_beside):
        beside[i, l] = state[shape.depth * n + i] if whole else zero
    clock[l] = np.int64(state[-1]) if whole and shape.period else 0


@njit(**STRICT)
def _unload(window, stride, beside, clock, l, state, shape):
    """Leave what lane l holds, beyond the output, in ``state``."""
    n = shape.n_units
    if state.size > n:
        for d in range(1, shape.depth):
            block = (shape.depth - 1 - d) * stride
            for i in range(n):
                state[d * n + i] = window[block + i, l]
        for i in range(shape.n_beside):
            state[shape.depth * n + i] = beside[i, l]
        if shape.period:
            state[-1] = clock[l]


@njit(**STRICT)
def run_cells(
    cell, products, shape, activation, user, jobs, order, states, out, loop, u, y, fed, width, few
):
    """Advance jobs in ``order``, ``width`` (``LANES`` or one) at a time, until fewer than ``few``.

    As `_reservoir.run_lanes` and `_reservoir.run_lone` do. A run that is to meet an earlier one
    ends where all it carries agrees: as many outputs in a row as are carried, and the rest.

    Where ``loop`` has a readout, jobs are its series, which drive themselves: ``u``, ``y`` and
    ``fed`` as of `_closed.run_closed`, and rows of ``out`` take the input of the step as well.
    """
    # arrays by names of their own: to take one out of a tuple, and count it, takes long in a loop
    cursor, stops, begin, to = jobs.cursor, jobs.stops, jobs.begin, jobs.to
    values, noise = jobs.values, jobs.noise
    first, second, path = products.first, products.second, products.path
    n, depth, n_channels = shape.n_units, shape.depth, values.shape[1]
    inputs = n + shape.n_between
    stride = inputs + n_channels + 1
    # blocks there is room for beyond the window: few copies of it, but no more than the caches hold
    room = SMALL // (stride * width * states.itemsize)
    blocks = depth + max(depth, min(4 * depth, room), 2)
    end = blocks * stride
    buffer = _rows(end + 1, width, states)  # and a row of zeros
    for b in range(blocks):
        for l in range(width):
            buffer[(b + 1) * stride - 1, l] = 1
    base, last = 0, (depth - 1) * stride  # where the window begins; in it, the newest block
    in_place = shape.n_first == n and shape.n_second == 0
    z = _rows(0 if in_place else shape.n_first + shape.n_second, width, states)
    z_first, z_second, z_flat = z[: shape.n_first], z[shape.n_first :], z.reshape(-1)
    factors = _rows(0, LANES, states)
    special = path.signs.shape[0] + path.ring.shape[0] + path.dense.shape[0] > 0
    through = _rows(n if special else 0, width, states)
    dense_rows = np.arange(path.dense.shape[0]) * n
    scratch = np.zeros(through.size, dtype=states.dtype)
    coef = np.zeros((cell.coef.shape[0], n * width), dtype=states.dtype)
    for k in range(coef.shape[0]):
        for i in range(coef.shape[1]):
            coef[k, i] = cell.coef[k, i // width]
    beside = _rows(shape.n_beside, width, states)
    beside_flat, through_flat = beside.reshape(-1), through.reshape(-1)
    clock = np.zeros(width, dtype=np.int64)
    n_sums = n if jobs.moments.shape[0] else 0
    n_squares = n if n_sums < jobs.moments.shape[1] and n_sums else 0
    centre, sums = _rows(n_sums, width, jobs.moments), _rows(n_sums, width, jobs.moments)
    squares = _rows(n_squares, width, jobs.moments)
    spare = np.zeros(8, dtype=states.dtype)
    lane, rows = np.full(width, -1), np.full(width, -1)
    agreed = np.zeros(width, dtype=np.int64)  # steps for which it has agreed with an earlier run
    closed = loop.coef.shape[0] > 0
    waiting = 0
    while True:
        window = buffer[base : base + depth * stride]
        x = window[last : last + n]
        running = 0
        for l in range(width):
            j = lane[l]
            if j >= 0 and cursor[j] == stops[j]:
                _save_lane(x, centre, sums, squares, l, j, states, jobs)
                _unload(window, stride, beside, clock, l, states[j], shape)
                j = -1
            while j < 0 and waiting < order.size:
                j = order[waiting]
                waiting += 1
                if cursor[j] == stops[j]:  # done by a run before this one
                    j = -1
                else:
                    _load(window, stride, beside, clock, l, states[j], shape)
                    agreed[l] = 0
            if j < 0 and lane[l] >= 0:
                for i in range(window.shape[0]):  # an idle lane runs on, harmlessly
                    window[i, l] = 0
                rows[l] = -1
            lane[l] = j
            running += j >= 0
        if running == 0 or (waiting == order.size and running < few):
            break
        for l in range(width):
            j = lane[l]
            if j >= 0:
                t = cursor[j]
                rows[l] = t + to[j]
                if closed:
                    _enter(loop, t, j, u, y)
                for c in range(n_channels):  # no view of a row: to count who has one takes long
                    window[last + inputs + c, l] = u[j, c] if closed else values[t, c]
        new = buffer[base + depth * stride : base + depth * stride + n]
        target = new if in_place else z_first
        if width == LANES:  # here and below: a function for both would count the arrays
            _lanes_links(first, window, target, factors)
        else:
            _lone_links(first, window.reshape(-1), target.reshape(-1))
        kept = old = x.reshape(-1)
        if shape.n_second:
            made = window[last + n : last + inputs]
            between(cell, activation, user, z_flat, old, made.reshape(-1))
            if width == LANES:
                _lanes_links(second, window, z_second, factors)
            else:
                _lone_links(second, window.reshape(-1), z_second.reshape(-1))
        if special:
            _along(path, buffer, base + last, end, dense_rows, through, scratch)
            kept = through_flat
        flat = new.reshape(-1)
        finish(cell, coef, activation, user, z_flat, kept, flat, beside_flat, clock)
        if noise.shape[0]:
            for l in range(width):
                if lane[l] >= 0:
                    for i in range(n):
                        new[i, l] += noise[cursor[lane[l]], i]
        if n_sums:
            for l in range(width):
                if lane[l] >= 0 and cursor[lane[l]] == begin[lane[l]]:
                    for i in range(n):
                        centre[i, l] = new[i, l]
                        sums[i, l] = 0.0
                    for i in range(n_squares):
                        squares[i, l] = 0.0
            _sum_up(flat, centre.reshape(-1), sums.reshape(-1), squares.reshape(-1))
        for l in range(width):
            j = lane[l]
            if j < 0:
                continue
            if shape.period:
                clock[l] = (clock[l] + 1) % shape.period
            t = cursor[j]
            if jobs.tolerance > 0 and (agreed[l] > 0 or (t - begin[j]) % LOOK == LOOK - 1):
                row = out[rows[l]]
                same = _agrees(new, l, row, jobs.tolerance)
                if same and shape.n_beside:
                    same = _agrees(beside, l, row[shape.n_columns :], jobs.tolerance)
                agreed[l] = agreed[l] + 1 if same else 0
                if agreed[l] == depth:
                    stops[j] = t + 1
            if closed:
                for c in range(y.shape[1]):
                    total = loop.intercept[c]
                    for i in range(n):
                        total += loop.coef[c, i] * new[i, l]
                    y[j, c] = total
                _leave(loop, t, n, j, u, y, fed)
                if out.shape[0]:
                    for c in range(n_channels):
                        out[t, n + c] = u[j, c]
            cursor[j] = t + 1
        if out.shape[0]:
            if width == LANES:
                _write(new, out, rows, spare)
            else:
                row = rows[0]  # no view of it
                for i in range(n):
                    out[row, i] = flat[i]
            if out.shape[1] > shape.n_columns:
                for l in range(width):
                    if rows[l] >= 0:
                        for i in range(shape.n_beside):
                            out[rows[l], shape.n_columns + i] = beside[i, l]
        base += stride
        if base + (depth + 1) * stride > end:
            _copy(buffer[base:end].reshape(-1), buffer[: depth * stride].reshape(-1))
            base = 0
    for l in range(width):
        if lane[l] >= 0:
            _save_lane(x, centre, sums, squares, l, lane[l], states, jobs)
            _unload(window, stride, beside, clock, l, states[lane[l]], shape)
