"""The leaky reservoir's loops: lanes side by side, a lone lane, and the closed loop.

All three make the step

    x ← (1 − a) x + a f(g W x + W_in (s ∘ u) + β b) + ν

with the same arithmetic for each unit, in the same order, so that a sequence's states are the
same to the last bit whether it runs alone or beside others (dense W, which goes through BLAS:
the same to rounding). g, a, s and β are the setting of a lane. What enters a unit is gathered
from one array z = (x, u, 1): input weights and bias are links like any other.

Profile (N=1000, 10 links and 3 channels, float64, 16 lanes, one core of an AVX-512 machine), in
nanoseconds for a unit's step: links 0.6, tanh and leak 0.7, writing the states out 0.2. With
loops over lanes in place of `gather` the links took 2.3, since LLVM then checks, for every link,
that rows do not overlap; libm's tanh alone would take 8.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

LANES = 16  # two registers of AVX-512; 8 and 32 were slower

TANH, RELU, IDENTITY, USER = 0, 1, 2, 3


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
    times the largest entry. Of the steps from ``begin[j]`` on, ``moments[j]`` takes the mean and,
    as far as it has columns, Σ (x − mean)², unless it has no rows.
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


# Strict arithmetic where the order of operations could be the compiler's choice; multiply and add
# may be fused (on every machine alike) where each sum has one product, in `_fused`.
_strict = {"cache": True, "nogil": True, "error_model": "numpy"}
_fused = {**_strict, "fastmath": {"contract"}}

_LOG2E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SHIFTER = 1.5 * 2.0**52  # adding it leaves the nearest integer in the last bits
_EXPONENT = np.int64(52)
_ONE_BITS = np.int64(0x3FF0000000000000)

_LOG2E_32 = np.float32(_LOG2E)
_LN2_HIGH_32 = np.float32(0.693359375)
_LN2_LOW_32 = np.float32(-2.12194440e-4)
_SHIFTER_32 = np.float32(1.5 * 2.0**23)
_EXPONENT_32 = np.int32(23)
_ONE_BITS_32 = np.int32(0x3F800000)
_f = np.float32


@njit(**_fused)
def fast_tanh(x):
    """Hyperbolic tangent to 2 ulp, free of branches so that loops over it vectorise.

    Below 0.625 the rational function of Cephes (Moshier), x + x³ P(x²) / Q(x²), above it
    1 − 2 / (exp(2x) + 1), with exp(y) = 2ⁿ exp(r), y = n ln 2 + r and a polynomial for
    |r| ≤ ln(2) / 2; the two share one division.
    """
    a = abs(x)
    a = a if a < 20.0 else 20.0  # tanh(20) rounds to one; NaN also lands here
    s = a * a
    p = (-9.64399179425052238628e-1 * s - 9.92877231001918586564e1) * s - 1.61468768441708447952e3
    q = ((s + 1.12811678491631932402e2) * s + 2.23548839060100448583e3) * s
    q += 4.84406305325125486048e3
    y = a + a
    shifted = y * _LOG2E + _SHIFTER
    n = shifted - _SHIFTER
    r = (y - n * _LN2_HIGH) - n * _LN2_LOW
    e = 2.761380686153829e-07 + r * 2.5095554677111112e-08
    e = 2.4801536388690766e-05 + r * (2.755728006701698e-06 + r * e)
    e = 0.0013888888905881542 + r * (0.0001984126985433861 + r * e)
    e = 0.04166666666665136 + r * (0.008333333333332155 + r * e)
    e = 0.5 + r * (0.16666666666666666 + r * e)
    e = r + (r * r) * e  # exp(r) - 1
    bits = np.float64(shifted).view(np.int64)
    power = np.int64((bits << _EXPONENT) + _ONE_BITS).view(np.float64)  # 2ⁿ
    small = a < 0.625
    over = a * s * p if small else -2.0
    under = q if small else power * e + (power + 1.0)
    t = (a if small else 1.0) + over / under
    return math.copysign(t, x) if x == x else x


@njit(**_fused)
def fast_tanh_32(x):
    """`fast_tanh` in float32, with Cephes' polynomial x + x³ P(x²) below 0.625."""
    a = abs(x)
    a = a if a < _f(10.0) else _f(10.0)
    s = a * a
    p = _f(2.06390887954e-2) + s * _f(-5.70498872745e-3)
    p = _f(1.33314422036e-1) + s * (_f(-5.37397155531e-2) + s * p)
    p = _f(-3.33332819422e-1) + s * p
    y = a + a
    shifted = y * _LOG2E_32 + _SHIFTER_32
    n = shifted - _SHIFTER_32
    r = (y - n * _LN2_HIGH_32) - n * _LN2_LOW_32
    e = _f(0.008357204929019698) + r * _f(0.0013918719669483097)
    e = _f(0.16666630810836075) + r * (_f(0.04166662186183431) + r * e)
    e = r + (r * r) * (_f(0.5) + r * e)
    bits = np.float32(shifted).view(np.int32)
    power = np.int32((bits << _EXPONENT_32) + _ONE_BITS_32).view(np.float32)
    small = a < _f(0.625)
    over = a * s * p if small else _f(-2.0)
    under = _f(1.0) if small else power * e + (power + _f(1.0))
    t = (a if small else _f(1.0)) + over / under
    return math.copysign(t, x) if x == x else x


def _tanh(x):
    return fast_tanh_32(x) if isinstance(x, np.float32) else fast_tanh(x)


@overload(_tanh, inline="always")
def _tanh_by_type(x):
    if x == types.float32:
        return lambda x: fast_tanh_32(x)
    return lambda x: fast_tanh(x)


@njit(**_strict)
def _update(activation, user, leak, pre, x):
    """Leak the activated ``pre`` into ``x``; all flat."""
    one, zero = x.dtype.type(1), x.dtype.type(0)
    if activation == TANH:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * _tanh(pre[i])
    elif activation == RELU:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * (pre[i] if not pre[i] < zero else zero)
    elif activation == IDENTITY:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * pre[i]
    else:
        for i in range(x.size):
            x[i] = (one - leak[i]) * x[i] + leak[i] * user(pre[i])


@intrinsic
def _gather(typingctx, data, indices, first, last, z, pre, i, factors):
    """``pre[i] = Σ_k data[k] z[indices[k]]`` for k from first to last − 1, over all lanes.

    Where ``factors`` has rows, each lane's weights are multiplied by its own first: by row 0 those
    of links from units, by row 1 + c those of what follows the units in z. Written for LLVM: the
    sum stays in registers, and nothing need be checked for overlap.
    """
    signature = types.void(data, indices, types.intp, types.intp, z, pre, types.intp, factors)

    def codegen(context, builder, signature, args):
        d, j, _, _, z, pre, _, factors = signature.args
        units, table = (
            context.make_array(kind)(context, builder, args[place])
            for kind, place in ((pre, 5), (factors, 7))
        )
        data, indices, z = (
            context.make_array(kind)(context, builder, args[place]).data
            for kind, place in ((d, 0), (j, 1), (z, 4))
        )
        n_units, n_factors = (builder.extract_value(a.shape, 0) for a in (units, table))
        real, i64 = context.get_value_type(d.dtype), ir.IntType(64)
        lanes, align = ir.VectorType(real, LANES), d.dtype.bitwidth // 8
        zero, one = ir.Constant(i64, 0), ir.Constant(i64, 1)
        splat = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

        def row(base, index):
            start = builder.gep(base, [builder.mul(index, ir.Constant(i64, LANES))])
            return builder.bitcast(start, lanes.as_pointer())

        def add_up(scaled):
            with cgutils.for_range_slice(builder, args[2], args[3], one, intp=i64) as (k, _):
                index = builder.zext(builder.load(builder.gep(indices, [k])), i64)
                x = builder.load(row(z, index), align=align)
                weight = builder.load(builder.gep(data, [k]))
                undefined = ir.Constant(lanes, ir.Undefined)
                w = builder.insert_element(undefined, weight, ir.Constant(ir.IntType(32), 0))
                w = builder.shuffle_vector(w, undefined, splat)
                if scaled:
                    beyond = builder.sub(index, n_units)
                    unit = builder.icmp_signed("<", beyond, zero)
                    kind = builder.select(unit, zero, builder.add(beyond, one))
                    w = builder.fmul(w, builder.load(row(table.data, kind), align=align))
                product = builder.fmul(w, x, flags=("contract",))
                s = builder.fadd(builder.load(total), product, flags=("contract",))
                builder.store(s, total)

        total = cgutils.alloca_once_value(builder, ir.Constant(lanes, [0.0] * LANES))
        builder.store(ir.Constant(lanes, [0.0] * LANES), total)
        with builder.if_else(builder.icmp_signed("==", n_factors, zero)) as (plain, scaled):
            with plain:
                add_up(False)
            with scaled:
                add_up(True)
        builder.store(builder.load(total), row(units.data, args[6]), align=align)
        return context.get_dummy_value()

    return signature, codegen


if config.DISABLE_JIT:

    def _gather(data, indices, first, last, z, pre, i, factors):
        pre[i] = 0
        for k in range(first, last):
            w = data[k]
            if len(factors):
                w = w * factors[max(int(indices[k]) - len(pre) + 1, 0)]
            pre[i] += w * z[indices[k]]


@njit(**_fused)
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


@njit(**_fused)
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


@njit(**_fused)
def _lanes_links(links, z, pre, factors):
    """All that is a list of links, for all lanes."""
    if links.starts.size:
        for i in range(pre.shape[0]):
            first, last = links.starts[i], links.starts[i + 1]
            _gather(links.data, links.indices, first, last, z, pre, i, factors)
    else:
        k = links.data.size // pre.shape[0]
        for i in range(pre.shape[0]):
            _gather(links.data, links.indices, i * k, i * k + k, z, pre, i, factors)


@intrinsic
def _write_block(typingctx, x, i, out, rows, spare):
    """``out[rows[l], i:i + 8] = x[i:i + 8, l]`` for all lanes; where ``rows[l] < 0``, to ``spare``.

    Blocks of 8 × 8 are transposed in registers, by three rounds of interleaving their halves.
    """
    signature = types.void(x, types.intp, out, rows, spare)

    def codegen(context, builder, signature, args):
        x, _, out, rows, spare = signature.args
        real, i64, i32 = context.get_value_type(x.dtype), ir.IntType(64), ir.IntType(32)
        target = context.make_array(out)(context, builder, args[2])
        x_data, out_data, row_data, spare_data = (
            context.make_array(kind)(context, builder, args[place]).data
            for kind, place in ((x, 0), (out, 2), (rows, 3), (spare, 4))
        )
        width = builder.extract_value(target.shape, 1)
        eight, align = ir.VectorType(real, 8), x.dtype.bitwidth // 8
        halves = [
            ir.Constant(ir.VectorType(i32, 8), [k // 2 + 8 * (k % 2) + start for k in range(8)])
            for start in (0, 4)
        ]
        for first in range(0, LANES, 8):
            block = []
            for k in range(8):
                row = builder.add(args[1], ir.Constant(i64, k))
                place = builder.mul(row, ir.Constant(i64, LANES))
                place = builder.add(place, ir.Constant(i64, first))
                pointer = builder.bitcast(builder.gep(x_data, [place]), eight.as_pointer())
                block.append(builder.load(pointer, align=align))
            for _ in range(3):
                block = [
                    builder.shuffle_vector(block[k], block[k + 4], half)
                    for k in range(4)
                    for half in halves
                ]
            for k in range(8):
                row = builder.load(builder.gep(row_data, [ir.Constant(i64, first + k)]))
                place = builder.add(builder.mul(row, width), args[1])
                idle = builder.icmp_signed("<", row, ir.Constant(i64, 0))
                pointer = builder.select(idle, spare_data, builder.gep(out_data, [place]))
                pointer = builder.bitcast(pointer, eight.as_pointer())
                builder.store(block[k], pointer, align=align)
        return context.get_dummy_value()

    return signature, codegen


if config.DISABLE_JIT:

    def _write_block(x, i, out, rows, spare):
        out[rows[rows >= 0], i : i + 8] = x[i : i + 8, rows >= 0].T


@njit(**_strict)
def _write(x, out, rows, spare):
    """Write the states of lane l to ``out[rows[l]]``; none for rows < 0."""
    n = x.shape[0]
    whole = n - n % 8
    for i in range(0, whole, 8):
        _write_block(x, i, out, rows, spare)
    for l in range(LANES):
        if rows[l] >= 0:
            for i in range(whole, n):
                out[rows[l], i] = x[i, l]


@njit(**_strict)
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


@njit(**_strict)
def _finish(c, s, q, n):
    """Mean and Σ (x − mean)² of n numbers from Σ (x − c) = s and Σ (x − c)² = q, c one of them.

    Hence nothing cancels: Σ (x − mean)² is at least (c − mean)² n / (n + 1).
    """
    return c + s / n, max(q - s * s / n, 0.0)


@njit(**_strict)
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


@njit(**_fused)
def _lanes_matrix(links, z, pre, through, factors):
    """Add what comes through a W that is no list of links, for all lanes; ``through`` is free."""
    n_units = pre.shape[0]
    flat, flat_through = pre.reshape(-1), through[0].reshape(-1)
    if links.dense.shape[0]:
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


@njit(**_strict)
def _set_lane(lanes, l, row):
    """``lanes[:, l] = row``, for as many rows as there are."""
    for i in range(min(row.size, lanes.shape[0])):
        lanes[i, l] = row[i]


@njit(**_strict)
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


@njit(**_strict)
def _aligned(n_rows, like):
    """Zeros of shape (n_rows, LANES), on a boundary of 64 bytes: a quarter of the time."""
    a = np.zeros(n_rows * LANES + 64 // like.itemsize, dtype=like.dtype)
    start = (64 - a.ctypes.data % 64) % 64 // like.itemsize
    return a[start : start + n_rows * LANES].reshape(n_rows, LANES)


@njit(**_strict)
def run_lanes(links, settings, jobs, order, states, out, few):
    """Advance jobs ``LANES`` at a time, in ``order``, until fewer than ``few`` are left running.

    A lane that finishes its job takes the next.
    """
    cursor, stops = jobs.cursor, jobs.stops
    n_units, n_channels = settings.leak.shape[1], jobs.values.shape[1]
    n_factors = n_channels + 2 if settings.factors.shape[0] else 0
    z = _aligned(n_units + n_channels + 1, states)
    for l in range(LANES):
        z[n_units + n_channels, l] = 1
    x = z[:n_units]
    pre = _aligned(n_units, states)
    special = links.signs.shape[0] + links.ring.shape[0] + links.dense.shape[0] > 0
    through = np.zeros((2, n_units if special else 0, LANES), dtype=states.dtype)
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
            _lanes_matrix(links, z, pre, through, factors)
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
                if jobs.tolerance > 0:
                    away, largest = states.dtype.type(0), states.dtype.type(0)
                    for i in range(n_units):
                        away = max(away, abs(x[i, l] - out[rows[l], i]))
                        largest = max(largest, abs(x[i, l]))
                    if away <= jobs.tolerance * largest:
                        stops[j] = cursor[j] + 1
                cursor[j] += 1
        if out.shape[0]:
            _write(x, out, rows, spare)
    for l in range(LANES):
        if lane[l] >= 0:
            _save_lane(x, centre, sums, squares, l, lane[l], states, jobs)


BLOCK = 8  # units of a lone lane that are gathered together


@intrinsic
def _gather_alone(typingctx, data, indices, z, pre, i):
    """``pre[i:i + 8] = Σ_k data[k, i:i + 8] z[indices[k, i:i + 8]]``; LLVM's own loop is slower."""
    signature = types.void(data, indices, z, pre, types.intp)

    def codegen(context, builder, signature, args):
        d, j = signature.args[:2]
        table = context.make_array(d)(context, builder, args[0])
        data, indices, z, pre = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[:4], args, strict=False)
        )
        n_links, n_units = (builder.extract_value(table.shape, k) for k in (0, 1))
        i64, i32 = ir.IntType(64), ir.IntType(32)
        real, short = (context.get_value_type(kind.dtype) for kind in (d, j))
        reals, shorts = ir.VectorType(real, BLOCK), ir.VectorType(short, BLOCK)

        def load(base, place, kind, dtype):
            pointer = builder.bitcast(builder.gep(base, [place]), kind.as_pointer())
            return builder.load(pointer, align=dtype.bitwidth // 8)

        total = cgutils.alloca_once_value(builder, ir.Constant(reals, [0.0] * BLOCK))
        zero, one = ir.Constant(i64, 0), ir.Constant(i64, 1)
        with cgutils.for_range_slice(builder, zero, n_links, one, intp=i64) as (k, _):
            place = builder.add(builder.mul(k, n_units), args[4])
            w, index = load(data, place, reals, d.dtype), load(indices, place, shorts, j.dtype)
            x = ir.Constant(reals, ir.Undefined)
            for u in range(BLOCK):
                source = builder.zext(builder.extract_element(index, ir.Constant(i32, u)), i64)
                value = builder.load(builder.gep(z, [source]))
                x = builder.insert_element(x, value, ir.Constant(i32, u))
            product = builder.fmul(w, x, flags=("contract",))
            builder.store(builder.fadd(builder.load(total), product, flags=("contract",)), total)
        pointer = builder.bitcast(builder.gep(pre, [args[4]]), reals.as_pointer())
        builder.store(builder.load(total), pointer, align=d.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return signature, codegen


if config.DISABLE_JIT:

    def _gather_alone(data, indices, z, pre, i):
        pre[i : i + BLOCK] = 0
        for k in range(len(data)):
            pre[i : i + BLOCK] += data[k, i : i + BLOCK] * z[indices[k, i : i + BLOCK]]


@njit(**_fused)
def _lone_links(links, z, pre):
    """All that is a list of links, for one lane."""
    if links.across_data.shape[0]:
        whole = pre.size - pre.size % BLOCK
        for i in range(0, whole, BLOCK):
            _gather_alone(links.across_data, links.across_indices, z, pre, i)
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


@njit(**_strict)
def _lone_step(links, settings, u, z, pre, through):
    """One step of one lane with input ``u``; loops run over units. The state is z's beginning."""
    n_units = pre.size
    for c in range(u.size):
        z[n_units + c] = u[c]
    _lone_links(links, z, pre)
    if links.dense.shape[0]:
        np.dot(links.dense, z[:n_units], through)
        for i in range(n_units):
            pre[i] += through[i]
    else:
        _structured(links, n_units, z, pre, through)
    _update(settings.activation, settings.user, settings.leak[0], pre, z[:n_units])


@njit(**_strict)
def run_lone(links, settings, jobs, states, out):
    """Advance jobs one after another, in the only setting there is."""
    n_units, n_channels = settings.leak.shape[1], jobs.values.shape[1]
    z = np.ones(n_units + n_channels + 1, dtype=states.dtype)
    x = z[:n_units]
    pre, through = np.zeros(n_units, dtype=states.dtype), np.zeros(n_units, dtype=states.dtype)
    n_sums = n_units if jobs.moments.shape[0] else 0
    n_squares = n_units if n_sums < jobs.moments.shape[1] and n_sums else 0
    centre, sums, squares = np.zeros(n_sums), np.zeros(n_sums), np.zeros(n_squares)
    for j in range(jobs.cursor.size):
        first, stop = jobs.cursor[j], jobs.stops[j]
        for i in range(n_units):
            x[i] = states[j, i]
        for t in range(first, stop):
            _lone_step(links, settings, jobs.values[t], z, pre, through)
            if jobs.noise.shape[0]:
                for i in range(n_units):
                    x[i] += jobs.noise[t, i]
            jobs.cursor[j] = t + 1
            if n_sums and t >= jobs.begin[j]:
                if t == jobs.begin[j]:
                    for i in range(n_units):
                        centre[i], sums[i] = x[i], 0.0
                    for i in range(n_squares):
                        squares[i] = 0.0
                _sum_up(x, centre, sums, squares)
            if out.shape[0]:
                row = out[t + jobs.to[j]]
                if jobs.tolerance > 0:
                    away, largest = states.dtype.type(0), states.dtype.type(0)
                    for i in range(n_units):
                        away = max(away, abs(x[i] - row[i]))
                        largest = max(largest, abs(x[i]))
                    if away <= jobs.tolerance * largest:
                        break
                for i in range(n_units):
                    row[i] = x[i]
        for i in range(n_units):
            states[j, i] = x[i]
        if first < stop:
            for i in range(n_sums):
                square = squares[i] if n_squares else 0.0
                mean, square = _finish(centre[i], sums[i], square, stop - jobs.begin[j])
                jobs.moments[j, i] = mean
                if n_squares:
                    jobs.moments[j, n_units + i] = square


@njit(**_strict)
def run_closed(links, settings, coef, intercept, states, u, out):
    """Let each series drive itself: its output is its next input.

    ``coef`` (n_channels, N or N + n_channels) reads the state (and, if it is as wide, the input
    after it). ``states`` (n, N) and ``u`` (n, n_channels), the last outputs, are advanced in
    place; ``out`` (n, n_steps, n_channels) takes the outputs that follow ``u``.
    """
    n_units, n_channels = settings.leak.shape[1], u.shape[1]
    z = np.ones(n_units + n_channels + 1, dtype=states.dtype)
    x = z[:n_units]
    pre, through = np.zeros(n_units, dtype=states.dtype), np.zeros(n_units, dtype=states.dtype)
    for j in range(out.shape[0]):
        uj = u[j]
        for i in range(n_units):
            x[i] = states[j, i]
        for t in range(out.shape[1]):
            _lone_step(links, settings, uj, z, pre, through)
            y = out[j, t]
            for c in range(n_channels):
                total = intercept[c]
                for i in range(n_units):
                    total += coef[c, i] * x[i]
                for i in range(coef.shape[1] - n_units):
                    total += coef[c, n_units + i] * uj[i]
                y[c] = total
            for c in range(n_channels):
                uj[c] = y[c]
        for i in range(n_units):
            states[j, i] = x[i]
