"""The leaky reservoir's loops: lanes side by side, and a lone lane.

Both, and the closed loop of `_closed.py`, make the step

    x ← (1 − a) x + a f(g W x + W_in (s ∘ u) + β b) + ν

with the same arithmetic for each unit, in the same order, so that a sequence's states are the
same to the last bit whether it runs alone or beside others (dense W, of which a lone lane's
product is BLAS's: the same to rounding). g, a, s and β are the setting of a lane. What enters a
unit is gathered from one array z = (x, u, 1): input weights and bias are links like any other.

Profile (N=1000, 10 links and 3 channels, float64, 16 lanes, one core of an AVX-512 machine), in
nanoseconds for a unit's step: links 0.6, tanh and leak 0.7, writing the states out 0.2. With
loops over lanes in place of `gather` the links took 2.3, since LLVM then checks, for every link,
that rows do not overlap; libm's tanh alone would take 8.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from .direct import ROWS, available, times_lanes
from .vector import BLOCK, FUSED, LANES, STRICT, gather, gather_alone, tanh, write_block

LOOK = 8  # steps between looks whether a run agrees with an earlier one: a look costs a step

OWN_PRODUCTS = available()  # a constant in the loops, and the compiled code is one machine's

TANH, RELU, IDENTITY, LOGISTIC, USER = 0, 1, 2, 3, 4


class Links(NamedTuple):
    """What enters each unit. Arrays that are not used have no rows.

    ``data``, ``indices``, ``starts``: rows of z's weights in CSR (``starts`` empty: rows equally
    long). ``across_data``, ``across_indices`` of shape (links, N): the same with the k-th link of
    every unit in row k, where rows are equally long. They hold W_in, b and, unless one of the
    others does, W: ``dense`` (N, N); ``signs`` (rounds, N) of a product of Hadamard transforms;
    ``ring`` (1,), the weight of a ring, with shortcuts both ways over ``jump`` units if that is
    not zero.
    """

    data: Any
    indices: Any
    starts: Any
    across_data: Any
    across_indices: Any
    dense: Any
    signs: Any
    ring: Any
    jump: Any


class Settings(NamedTuple):
    """How the reservoir is run: ``leak`` (S, N), and ``factors`` (S, C + 2) or (0, C + 2).

    A lane follows one of S settings. Factors are those on W, on each channel of W_in and on b; no
    rows stand for factors of one. ``activation`` (and, for ``USER``, the function ``user``) are
    the same for all.
    """

    leak: Any
    factors: Any
    activation: Any
    user: Any


class Jobs(NamedTuple):
    """Stretches of input to be run.

    Job j reads ``values[cursor[j]:stops[j]]`` (rows are steps), adds ``noise`` of the same row
    (unless that has no rows), writes its states to row ``t + to[j]`` of ``out`` (likewise) and
    runs in setting ``setting[j]``, from state ``states[j]``. ``cursor`` and ``states`` are left
    where it stands. Where ``tolerance`` is positive, ``out`` holds the states of an earlier run
    from another start, and a job ends where it finds what it would write, to that tolerance
    times the largest entry (looking every eighth step after ``begin[j]``). Of the steps from
    ``begin[j]`` on, ``moments[j]`` takes the mean and, as far as it has columns, Σ (x − mean)²,
    unless it has no rows.
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


@njit(**STRICT)
def _update(activation, user, leak, pre, x):
    """Leak the activated ``pre`` into ``x``; all flat."""
    one, zero = x.dtype.type(1), x.dtype.type(0)
    if activation == TANH:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * tanh(pre[i])
    elif activation == RELU:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * (pre[i] if not pre[i] < zero else zero)
    elif activation == IDENTITY:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * pre[i]
    elif activation == LOGISTIC:
        half = x.dtype.type(0.5)
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * (half + half * tanh(half * pre[i]))
    else:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * user(pre[i])


@njit(**FUSED)
def apply_hadamard(signs, x, width):
    """Orthogonal map of flat ``x`` (N rows of ``width``), in place.

    For each row of ``signs`` (whose entries hold the scaling), the signs, then a fast
    Walsh–Hadamard transform; of the first and of the last rows by turns, as many as the largest
    power of two that N holds.
    """
    n = signs.shape[1]
    size = 1
    while 2 * size <= n:
        size *= 2
    for r in range(signs.shape[0]):
        for i in range(n):
            s = signs[r, i]
            for l in range(i * width, (i + 1) * width):
                x[l] *= s
        start = (n - size) * (r % 2) * width
        half = width
        while half < size * width:
            for block in range(start, start + size * width, 2 * half):
                for l in range(block, block + half):
                    a, b = x[l], x[l + half]
                    x[l] = a + b
                    x[l + half] = a - b
            half *= 2


@njit(**FUSED)
def _structured(links, n, z, pre, through):
    """Add to ``pre`` what comes through a W of n units that is no list of links; all flat."""
    size = pre.size
    width = size // n
    if links.signs.shape[0]:
        for l in range(size):
            through[l] = z[l]
        apply_hadamard(links.signs, through, width)
        for l in range(size):
            pre[l] += through[l]
    elif links.ring.shape[0]:
        w = links.ring[0]
        for l in range(width):
            pre[l] += w * z[size - width + l]
        for l in range(width, size):
            pre[l] += w * z[l - width]
        if links.jump:
            for start in range(0, n - n % links.jump, links.jump):
                end = (start + links.jump) % n
                for l in range(width):
                    pre[start * width + l] += w * z[end * width + l]
                    pre[end * width + l] += w * z[start * width + l]


@njit(**FUSED)
def _lanes_links(links, z, pre, factors):
    """All that is a list of links, for all lanes."""
    if links.starts.size:
        for i in range(pre.shape[0]):
            first, last = links.starts[i], links.starts[i + 1]
            gather(links.data, links.indices, first, last, z, pre, i, factors)
    else:
        k = links.data.size // pre.shape[0]
        for i in range(pre.shape[0]):
            gather(links.data, links.indices, i * k, i * k + k, z, pre, i, factors)


@njit(**STRICT)
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


@njit(**STRICT)
def _sum_up(x, centre, sums, squares):
    """Add d = x − centre to ``sums``, and its square to ``squares`` unless that is empty."""
    if squares.size:
        for i in range(x.size):
            d = np.float64(x[i]) - centre[i]
            sums[i] += d
            squares[i] += d * d
    else:
        for i in range(x.size):
            sums[i] += np.float64(x[i]) - centre[i]


@njit(**STRICT)
def _finish(c, s, q, n):
    """Mean and Σ (x − mean)² of n numbers from Σ (x − c) = s and Σ (x − c)² = q, c one of them.

    Hence nothing cancels: Σ (x − mean)² is at least (c − mean)² n / (n + 1).
    """
    return c + s / n, max(q - s * s / n, 0.0)


@njit(**STRICT)
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
            _sum_up(block[t], centre, sums, squares)
        steps = offsets[i + 1] - offsets[i]
        for u in range(n):
            mean, square = _finish(centre[u], sums[u], squares[u], steps)
            moments[i, u] = mean
            moments[i, n + u] = square


@njit(**FUSED)
def _lanes_matrix(links, z, pre, through, factors, starts):
    """Add what comes through a W that is no list of links, for all lanes; ``through`` is free.

    ``starts`` are those of a dense W's rows, z's last row is zeros.
    """
    n_units = pre.shape[0]
    flat, flat_through = pre.reshape(-1), through[0].reshape(-1)
    if OWN_PRODUCTS and links.dense.shape[0] >= ROWS:
        times_lanes(links.dense, z, through[0])
    elif links.dense.shape[0]:
        np.dot(links.dense, z[:n_units], through[0])
    elif factors.shape[0]:
        for i in range(flat_through.size):
            flat_through[i] = 0
        _structured(links, n_units, z.reshape(-1), flat_through, through[1].reshape(-1))
    else:
        _structured(links, n_units, z.reshape(-1), flat, flat_through)
        return
    if factors.shape[0]:
        for i in range(n_units):
            for l in range(LANES):
                pre[i, l] += factors[0, l] * through[0, i, l]
    else:
        for i in range(flat.size):
            flat[i] += flat_through[i]


@njit(**STRICT)
def _set_lane(lanes, l, row):
    """``lanes[:, l] = row``, for as many rows as there are."""
    for i in range(min(row.size, lanes.shape[0])):
        lanes[i, l] = row[i]


@njit(**STRICT)
def _save_lane(x, centre, sums, squares, l, j, states, jobs):
    """Leave what lane l holds in the places of job j."""
    n = x.shape[0]
    for i in range(n):
        states[j, i] = x[i, l]
    steps = jobs.cursor[j] - jobs.begin[j]
    for i in range(sums.shape[0]):
        square = squares[i, l] if squares.shape[0] else 0.0
        mean, square = _finish(centre[i, l], sums[i, l], square, steps)
        jobs.moments[j, i] = mean
        if squares.shape[0]:
            jobs.moments[j, n + i] = square


@njit(**STRICT)
def _agrees(x, l, row, tolerance):
    """Whether lane l holds what ``row`` does."""
    away, largest = row.dtype.type(0), row.dtype.type(0)
    for i in range(x.shape[0]):
        away = max(away, abs(x[i, l] - row[i]))
        largest = max(largest, abs(x[i, l]))
    return away <= tolerance * largest


@njit(**STRICT)
def _aligned(n_rows, like):
    """Zeros of shape (n_rows, LANES), on a boundary of 64 bytes: a fifth of the time."""
    a = np.zeros(n_rows * LANES + 64 // like.itemsize, dtype=like.dtype)
    start = (64 - a.ctypes.data % 64) % 64 // like.itemsize
    return a[start : start + n_rows * LANES].reshape(n_rows, LANES)


@njit(**STRICT)
def run_lanes(links, settings, jobs, order, states, out, few):
    """Advance jobs ``LANES`` at a time, in ``order``, until fewer than ``few`` are left running.

    A lane that finishes its job takes the next.
    """
    cursor, stops = jobs.cursor, jobs.stops
    n_units, n_channels = settings.leak.shape[1], jobs.values.shape[1]
    n_factors = n_channels + 2 if settings.factors.shape[0] else 0
    z = _aligned(n_units + n_channels + 2, states)
    for l in range(LANES):
        z[n_units + n_channels, l] = 1
    x = z[:n_units]
    pre = _aligned(n_units, states)
    special = links.signs.shape[0] + links.ring.shape[0] + links.dense.shape[0] > 0
    through = np.zeros((2, n_units if special else 0, LANES), dtype=states.dtype)
    dense_rows = np.arange(links.dense.shape[0]) * n_units
    leak, factors = _aligned(n_units, states), _aligned(n_factors, states)
    n_sums = n_units if jobs.moments.shape[0] else 0
    n_squares = n_units if n_sums < jobs.moments.shape[1] and n_sums else 0
    centre, sums = _aligned(n_sums, jobs.moments), _aligned(n_sums, jobs.moments)
    squares = _aligned(n_squares, jobs.moments)
    spare = np.zeros(8, dtype=states.dtype)  # what idle lanes write to
    lane = np.zeros(LANES, dtype=np.int64)  # the job in each lane, or -1
    shaped = np.zeros(LANES, dtype=np.int64)  # the setting each lane is made up for, or -1
    rows = np.zeros(LANES, dtype=np.int64)
    for l in range(LANES):
        lane[l] = shaped[l] = rows[l] = -1
    waiting = 0
    while True:
        running = 0
        for l in range(LANES):
            j = lane[l]
            if j >= 0 and cursor[j] == stops[j]:
                _save_lane(x, centre, sums, squares, l, j, states, jobs)
                j = -1
            if j < 0 and waiting < order.size:
                j = order[waiting]
                waiting += 1
                s = jobs.setting[j]
                _set_lane(x, l, states[j])
                if s != shaped[l]:
                    shaped[l] = s
                    _set_lane(leak, l, settings.leak[s])
                    if n_factors:
                        _set_lane(factors, l, settings.factors[s])
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
                rows[l] = cursor[j] + jobs.to[j]
                for c in range(n_channels):
                    z[n_units + c, l] = jobs.values[cursor[j], c]
        _lanes_links(links, z, pre, factors)
        if special:
            _lanes_matrix(links, z, pre, through, factors, dense_rows)
        flat = x.reshape(-1)
        _update(settings.activation, settings.user, leak.reshape(-1), pre.reshape(-1), flat)
        if jobs.noise.shape[0]:
            for l in range(LANES):
                if lane[l] >= 0:
                    for i in range(n_units):
                        x[i, l] += jobs.noise[cursor[lane[l]], i]
        if n_sums:
            for l in range(LANES):
                if lane[l] >= 0 and cursor[lane[l]] == jobs.begin[lane[l]]:
                    for i in range(n_units):
                        centre[i, l] = x[i, l]
                        sums[i, l] = 0.0
                    for i in range(n_squares):
                        squares[i, l] = 0.0
            _sum_up(flat, centre.reshape(-1), sums.reshape(-1), squares.reshape(-1))
        for l in range(LANES):
            j = lane[l]
            if j >= 0:
                look = jobs.tolerance > 0 and (cursor[j] - jobs.begin[j]) % LOOK == LOOK - 1
                if look and _agrees(x, l, out[rows[l]], jobs.tolerance):
                    stops[j] = cursor[j] + 1
                cursor[j] += 1
        if out.shape[0]:
            _write(x, out, rows, spare)
    for l in range(LANES):
        if lane[l] >= 0:
            _save_lane(x, centre, sums, squares, l, lane[l], states, jobs)


@njit(**FUSED)
def _lone_links(links, z, pre):
    """All that is a list of links, for one lane."""
    if links.across_data.shape[0]:
        whole = pre.size - pre.size % BLOCK
        for i in range(0, whole, BLOCK):
            gather_alone(links.across_data, links.across_indices, z, pre, i)
        for i in range(whole, pre.size):
            s = pre.dtype.type(0)
            for k in range(links.across_data.shape[0]):
                s += links.across_data[k, i] * z[links.across_indices[k, i]]
            pre[i] = s
    else:
        for i in range(pre.size):
            s = pre.dtype.type(0)
            for k in range(links.starts[i], links.starts[i + 1]):
                s += links.data[k] * z[links.indices[k]]
            pre[i] = s


@njit(**STRICT)
def _lone_matrix(links, z, pre, through):
    """Add what comes through a W that is no list of links, for one lane; ``through`` is free."""
    n_units = pre.size
    if links.dense.shape[0]:
        np.dot(links.dense, z[:n_units], through)
        for i in range(n_units):
            pre[i] += through[i]
    else:
        _structured(links, n_units, z, pre, through)


@njit(**STRICT)
def run_lone(links, settings, jobs, order, states, out):
    """Advance jobs one after another, in ``order``, in the only setting there is."""
    cursor, stops, begin, to = jobs.cursor, jobs.stops, jobs.begin, jobs.to
    values, noise = jobs.values, jobs.noise
    activation, user, leak = settings.activation, settings.user, settings.leak[0]
    special = links.signs.shape[0] + links.ring.shape[0] + links.dense.shape[0] > 0
    n_units, n_channels = leak.size, values.shape[1]
    z = np.ones(n_units + n_channels + 1, dtype=states.dtype)
    x = z[:n_units]
    pre, through = np.zeros(n_units, dtype=states.dtype), np.zeros(n_units, dtype=states.dtype)
    n_sums = n_units if jobs.moments.shape[0] else 0
    n_squares = n_units if n_sums < jobs.moments.shape[1] and n_sums else 0
    centre, sums, squares = np.zeros(n_sums), np.zeros(n_sums), np.zeros(n_squares)
    for j in order:
        first, stop = cursor[j], stops[j]
        for i in range(n_units):
            x[i] = states[j, i]
        for t in range(first, stop):
            for c in range(n_channels):
                z[n_units + c] = values[t, c]
            _lone_links(links, z, pre)  # a function for all of the step would count the arrays
            if special:
                _lone_matrix(links, z, pre, through)
            _update(activation, user, leak, pre, x)
            if noise.shape[0]:
                for i in range(n_units):
                    x[i] += noise[t, i]
            cursor[j] = t + 1
            if n_sums and t >= begin[j]:
                if t == begin[j]:
                    for i in range(n_units):
                        centre[i], sums[i] = x[i], 0.0
                    for i in range(n_squares):
                        squares[i] = 0.0
                _sum_up(x, centre, sums, squares)
            if out.shape[0]:
                r = t + to[j]
                look = jobs.tolerance > 0 and (t - begin[j]) % LOOK == LOOK - 1
                if look and _agrees(x.reshape(-1, 1), 0, out[r], jobs.tolerance):
                    break
                for i in range(n_units):
                    out[r, i] = x[i]
        for i in range(n_units):
            states[j, i] = x[i]
        if first < stop:
            for i in range(n_sums):
                square = squares[i] if n_squares else 0.0
                mean, square = _finish(centre[i], sums[i], square, stop - begin[j])
                jobs.moments[j, i] = mean
                if n_squares:
                    jobs.moments[j, n_units + i] = square
