"""The leaky reservoir's loops: lanes side by side, and a lone lane.

Both, and the closed loop of `closed.py`, make the step

    x ← (1 − a) x + a f(g W x + W_in (s ∘ u) + β b) + ν

with the same arithmetic for each unit, in the same order, so that a sequence's states are the
same to the last bit whether it runs alone or beside others (for dense W where `direct` has the
registers, else to rounding). g, a, s and β are the setting of a lane. What enters a
unit is gathered from one array z = (x, u, 1): input weights and bias are links like any other.

Profile (N=1000, 10 links and 3 channels, float64, 16 lanes, one core of an AVX-512 machine), in
nanoseconds for a unit's step: links 0.6, tanh and leak 0.7, writing the states out 0.2. With
loops over lanes in place of `vector.gather` the links took 2.3, since LLVM then checks, for every
link, that rows do not overlap; libm's tanh alone would take 8.
"""

from typing import Any, NamedTuple

import numpy as np

from .activations import apply
from .closed import read_lanes, read_lone, set_input
from .compiled import compiled, generic, inner
from .links import add_lanes, add_lone, gather_lanes, gather_lone
from .vector import LANES, write_block

LOOK = 8  # steps between looks whether a run agrees with an earlier one: a look costs a step


class Settings(NamedTuple):
    """How the reservoir is run: ``leak`` (S, N), and ``factors`` (S, C + 2) or None.

    A lane follows one of S settings. Factors are those on W, on each channel of W_in and on b;
    None stands for factors of one. The ``activation`` is the same for all.
    """

    leak: Any
    factors: Any
    activation: Any


class Jobs(NamedTuple):
    """Stretches of input to be run.

    Job j reads ``values[cursor[j]:stops[j]]`` (rows are steps), adds ``noise`` of the same row
    (unless that has no rows), writes its states to row ``t + to[j]`` of what takes them and
    runs in setting ``setting[j]``, from state ``states[j]``. ``cursor`` and ``states`` are left
    where it stands. Where ``tolerance`` is positive, states of an earlier run from another start
    are there, and a job ends where it finds what it would write, to that tolerance times the
    largest entry (looking every eighth step after ``begin[j]``). Of the steps from ``begin[j]``
    on, ``moments[j]`` takes the mean and, as far as it has columns, Σ (x − mean)², unless it is
    None.
    """

    values: Any
    noise: Any
    cursor: Any
    stops: Any
    setting: Any
    to: Any
    tolerance: Any
    begin: Any
    moments: Any


class Sums(NamedTuple):
    """Sums in the making, each of shape (N, width): Σ (x − centre), Σ (x − centre)².

    ``squares`` has no rows where no squares are asked for. Each is there flat as well.
    """

    centre: Any
    sums: Any
    squares: Any
    centre_flat: Any
    sums_flat: Any
    squares_flat: Any


class Memory(NamedTuple):
    """What the lanes are computed in, on boundaries of 64 bytes, which takes a fifth of the time.

    ``z`` (N + C + 2, LANES) holds (x, u, 1, 0); ``x`` are its first N rows, ``x_flat`` the same,
    flat, and so on. ``factors`` is None where the settings have none, ``sums`` where no sums are
    kept. ``through`` is free to use; ``spare`` is what idle lanes write to. Of each lane, ``lane``
    says which job is in it, ``shaped`` which setting it is made up for, and ``rows`` where its
    state is written to: -1 for none.
    """

    z: Any
    z_flat: Any
    x: Any
    x_flat: Any
    pre: Any
    pre_flat: Any
    leak: Any
    leak_flat: Any
    factors: Any
    through: Any
    sums: Any
    spare: Any
    lane: Any
    shaped: Any
    rows: Any


@inner
def update(f, leak, pre, x):
    """Leak the activated ``pre`` into ``x``; all flat."""
    one = x.dtype.type(1)
    for i in range(x.size):
        x[i] = (one - leak[i]) * x[i] + leak[i] * apply(f, pre[i])


@inner
def _write(x, out, rows, spare):
    """Write the states of lane l to ``out[rows[l]]``; none for rows < 0."""
    n = x.shape[0]
    whole = n - n % 8
    for i in range(0, whole, 8):
        write_block(x, i, out, rows, spare)
    for l in range(LANES):
        if rows[l] >= 0:
            for i in range(whole, n):
                out[rows[l], i] = x[i, l]


@inner
def agrees(x, l, out, row, first, tolerance):
    """Whether lane l holds what ``out[row]`` does from column ``first`` on."""
    away, largest = out.dtype.type(0), out.dtype.type(0)
    for i in range(x.shape[0]):
        away = max(away, abs(x[i, l] - out[row, first + i]))
        largest = max(largest, abs(x[i, l]))
    return away <= tolerance * largest


@generic
def keep_lanes(out, x, lane, rows, spare, jobs):
    """Write the states of all lanes to ``out``, unless it is None.

    Who finds what was there already is to stop.
    """


@keep_lanes.register(type(None))
def _(out, x, lane, rows, spare, jobs):
    pass


@keep_lanes.register(np.ndarray)
def _(out, x, lane, rows, spare, jobs):
    cursor, stops, begin = jobs.cursor, jobs.stops, jobs.begin
    if jobs.tolerance > 0:
        for l in range(LANES):
            j = lane[l]
            look = j >= 0 and (cursor[j] - begin[j]) % LOOK == LOOK - 1
            if look and agrees(x, l, out, rows[l], 0, jobs.tolerance):
                stops[j] = cursor[j] + 1
    _write(x, out, rows, spare)


@generic
def sum_up(sums, x, x_flat, lane, cursor, begin):
    """Add the states of all lanes to their sums, which begin where their jobs say."""


@sum_up.register(type(None))
def _(sums, x, x_flat, lane, cursor, begin):
    pass


@sum_up.register(Sums)
def _(sums, x, x_flat, lane, cursor, begin):
    centre, added, squares = sums.centre, sums.sums, sums.squares
    for l in range(lane.size):
        if lane[l] >= 0 and cursor[lane[l]] == begin[lane[l]]:
            for i in range(x.shape[0]):
                centre[i, l] = x[i, l]
                added[i, l] = 0.0
            for i in range(squares.shape[0]):
                squares[i, l] = 0.0
    _add_up(x_flat, sums.centre_flat, sums.sums_flat, sums.squares_flat)


@inner
def _add_up(x, centre, sums, squares):
    """Add d = x − centre to ``sums``, and its square to ``squares`` unless that is empty."""
    if squares.size:
        for i in range(x.size):
            d = np.float64(x[i]) - centre[i]
            sums[i] += d
            squares[i] += d * d
    else:
        for i in range(x.size):
            sums[i] += np.float64(x[i]) - centre[i]


@inner
def _finish(c, s, q, n):
    """Mean and Σ (x − mean)² of n numbers from Σ (x − c) = s and Σ (x − c)² = q, c one of them.

    Hence nothing cancels: Σ (x − mean)² is at least (c − mean)² n / (n + 1).
    """
    return c + s / n, max(q - s * s / n, 0.0)


@generic
def save_sums(sums, l, j, steps, moments):
    """Leave what lane l has summed up in so many steps in row j of ``moments``."""


@save_sums.register(type(None))
def _(sums, l, j, steps, moments):
    pass


@save_sums.register(Sums)
def _(sums, l, j, steps, moments):
    centre, added, squares = sums.centre, sums.sums, sums.squares
    n, n_squares = added.shape[0], squares.shape[0]
    for i in range(n):
        square = squares[i, l] if n_squares else 0.0
        mean, square = _finish(centre[i, l], added[i, l], square, steps)
        moments[j, i] = mean
        if n_squares:
            moments[j, n + i] = square


@compiled
def add_moments(block, offsets, moments):
    """Set ``moments[i]`` of rows ``offsets[i]`` to ``offsets[i + 1] - 1`` of ``block``.

    As of :class:`Jobs`; mean and Σ (x − mean)².
    """
    n = block.shape[1]
    centre, sums, squares = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(moments.shape[0]):
        for u in range(n):
            centre[u], sums[u], squares[u] = block[offsets[i], u], 0.0, 0.0
        for t in range(offsets[i], offsets[i + 1]):
            _add_up(block[t], centre, sums, squares)
        steps = offsets[i + 1] - offsets[i]
        for u in range(n):
            mean, square = _finish(centre[u], sums[u], squares[u], steps)
            moments[i, u] = mean
            moments[i, n + u] = square


@compiled
def add_steps(block, offsets, before, known, rise, squares, rises, least, greatest):
    """Add rows ``offsets[i]`` to ``offsets[i + 1] - 1`` of ``block`` to row i of what is kept.

    ``squares`` takes Σ (x(t) − x(t − 1))², ``rises`` how often x(t) is above x(t − 1) by more than
    ``rise`` (and by more than this share of it), ``least`` and ``greatest`` the ends of x.
    ``before[i]`` is the row before the first, if it is ``known``; else the first is taken to have
    been there before.
    """
    for i in range(len(known)):
        for t in range(offsets[i], offsets[i + 1]):
            old = block[max(t - 1, offsets[i])]
            if t == offsets[i] and known[i]:
                old = before[i]
            _add_step(old, block[t], rise, squares[i], rises[i], least[i], greatest[i])


@inner
def _add_step(old, new, rise, squares, rises, least, greatest):
    for u in range(old.size):
        x, last = np.float64(new[u]), np.float64(old[u])
        d = x - last
        squares[u] += d * d
        rises[u] += 1.0 if d > rise * max(1.0, abs(last)) else 0.0
        least[u] = x if x < least[u] else least[u]
        greatest[u] = x if x > greatest[u] else greatest[u]


@generic
def set_lane(lanes, l, table, row):
    """``lanes[:, l] = table[row]``, for as many rows as there are; nothing if ``lanes`` is None."""


@set_lane.register(type(None))
def _(lanes, l, table, row):
    pass


@set_lane.register(np.ndarray)
def _(lanes, l, table, row):
    for i in range(min(table.shape[1], lanes.shape[0])):
        lanes[i, l] = table[row, i]


@inner
def _save_lane(x, sums, l, j, states, jobs):
    """Leave what lane l holds in the places of job j."""
    for i in range(x.shape[0]):
        states[j, i] = x[i, l]
    save_sums(sums, l, j, jobs.cursor[j] - jobs.begin[j], jobs.moments)


@compiled
def run_lanes(links, settings, jobs, order, states, out, few, memory, loop):
    """Advance jobs ``LANES`` at a time, in ``order``, until fewer than ``few`` are left running.

    A lane that finishes its job takes the next. ``out``, unless it is None, takes the states.
    """
    cursor, stops, begin = jobs.cursor, jobs.stops, jobs.begin
    values, noise = jobs.values, jobs.noise
    z, x, x_flat, pre, sums = memory.z, memory.x, memory.x_flat, memory.pre, memory.sums
    factors, leak, through, spare = memory.factors, memory.leak, memory.through, memory.spare
    leak_flat, pre_flat = memory.leak_flat, memory.pre_flat
    setting, to, leaks = jobs.setting, jobs.to, settings.leak
    n_units, n_channels = settings.leak.shape[1], values.shape[1]
    lane, shaped, rows = memory.lane, memory.shaped, memory.rows
    for l in range(LANES):
        z[n_units + n_channels, l] = 1
    waiting = 0
    while True:
        running = 0
        for l in range(LANES):
            j = lane[l]
            if j >= 0 and cursor[j] == stops[j]:
                _save_lane(x, sums, l, j, states, jobs)
                j = -1
            if j < 0 and waiting < order.size:
                j = order[waiting]
                waiting += 1
                s = setting[j]
                set_lane(x, l, states, j)
                if s != shaped[l]:
                    shaped[l] = s
                    set_lane(leak, l, leaks, s)
                    set_lane(factors, l, settings.factors, s)
            elif j < 0 and lane[l] >= 0:
                for i in range(n_units + n_channels):  # an idle lane runs on, harmlessly
                    z[i, l] = 0
                rows[l] = -1
            lane[l] = j
            running += j >= 0
        if running == 0 or (waiting == order.size and running < few):
            break
        for l in range(LANES):
            j = lane[l]
            if j >= 0:
                rows[l] = cursor[j] + to[j]
                set_input(loop, values, cursor[j], j, z, n_units, l)
        gather_lanes(links.listed, z, pre, factors)
        add_lanes(links.matrix, z, pre, through, factors)
        update(settings.activation, leak_flat, pre_flat, x_flat)
        if noise.shape[0]:
            for l in range(LANES):
                if lane[l] >= 0:
                    for i in range(n_units):
                        x[i, l] += noise[cursor[lane[l]], i]
        sum_up(sums, x, x_flat, lane, cursor, begin)
        read_lanes(loop, x, lane, cursor, out)
        keep_lanes(out, x, lane, rows, spare, jobs)
        for l in range(LANES):
            if lane[l] >= 0:
                cursor[lane[l]] += 1
    for l in range(LANES):
        if lane[l] >= 0:
            _save_lane(x, sums, l, lane[l], states, jobs)


@generic
def keep_lone(out, x, r, step, tolerance):
    """Write a state to row r of ``out``, unless it is None; whether it was there already."""


@keep_lone.register(type(None))
def _(out, x, r, step, tolerance):
    return False


@keep_lone.register(np.ndarray)
def _(out, x, r, step, tolerance):
    if tolerance > 0 and step % LOOK == LOOK - 1 and agrees(x, 0, out, r, 0, tolerance):
        return True
    for i in range(x.shape[0]):
        out[r, i] = x[i, 0]
    return False


@compiled
def run_lone(links, settings, jobs, order, states, out, memory, loop):
    """Advance jobs one after another, in ``order``, in the only setting there is.

    The memory is one lane wide here.
    """
    cursor, stops, begin, to = jobs.cursor, jobs.stops, jobs.begin, jobs.to
    values, noise = jobs.values, jobs.noise
    z, z_flat, x, x_flat = memory.z, memory.z_flat, memory.x, memory.x_flat
    pre, sums = memory.pre_flat, memory.sums
    through, leak = memory.through, memory.leak_flat
    n_units, n_channels = x_flat.size, values.shape[1]
    z_flat[n_units + n_channels] = 1
    lane = memory.lane
    for j in order:
        lane[0] = j
        first, stop = cursor[j], stops[j]
        for i in range(n_units):
            x_flat[i] = states[j, i]
        for t in range(first, stop):
            set_input(loop, values, t, j, z, n_units, 0)
            gather_lone(links.listed, z_flat, pre)  # one function for a step would count the arrays
            add_lone(links.matrix, z_flat, pre, through)
            update(settings.activation, leak, pre, x_flat)
            if noise.shape[0]:
                for i in range(n_units):
                    x_flat[i] += noise[t, i]
            sum_up(sums, x, x_flat, lane, cursor, begin)
            read_lone(loop, x_flat, t, j, out)
            cursor[j] = t + 1
            if keep_lone(out, x, t + to[j], t - begin[j], jobs.tolerance):
                break
        for i in range(n_units):
            states[j, i] = x_flat[i]
        if first < stop:
            save_sums(sums, 0, j, stop - begin[j], jobs.moments)
