"""What the lane loops are made of: a hyperbolic tangent, and gathering and writing in registers."""

import math

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from .compiled import compiled

LANES = 16  # two registers of AVX-512; 8 and 32 were slower
BLOCK = 8  # units of a lone lane that are gathered together

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


@compiled(fused=True)
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


@compiled(fused=True)
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


def tanh(x):
    """The tanh of x's dtype."""
    return fast_tanh_32(x) if isinstance(x, np.float32) else fast_tanh(x)


@overload(tanh, inline="always")
def _tanh_by_type(x):
    if x == types.float32:
        return lambda x: fast_tanh_32(x)
    return lambda x: fast_tanh(x)


@intrinsic
def gather(typingctx, data, indices, first, last, z, pre, i, factors):
    """``pre[i] = Σ_k data[k] z[indices[k]]`` for k from first to last − 1, over all lanes.

    Unless ``factors`` is None, each lane's weights are multiplied by its own first: by row 0 those
    of links from units, by row 1 + c those of what follows the units in z. Written for LLVM: the
    sum stays in registers, and nothing need be checked for overlap.
    """
    signature = types.void(data, indices, types.intp, types.intp, z, pre, types.intp, factors)

    def codegen(context, builder, signature, args):
        d, j, _, _, z, pre, _, factors = signature.args
        scaled = not isinstance(factors, types.NoneType)
        units = context.make_array(pre)(context, builder, args[5])
        if scaled:
            table = context.make_array(factors)(context, builder, args[7])
        data, indices, z = (
            context.make_array(kind)(context, builder, args[place]).data
            for kind, place in ((d, 0), (j, 1), (z, 4))
        )
        n_units = builder.extract_value(units.shape, 0)
        real, i64 = context.get_value_type(d.dtype), ir.IntType(64)
        lanes, align = ir.VectorType(real, LANES), d.dtype.bitwidth // 8
        zero, one = ir.Constant(i64, 0), ir.Constant(i64, 1)
        splat = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

        def row(base, index):
            start = builder.gep(base, [builder.mul(index, ir.Constant(i64, LANES))])
            return builder.bitcast(start, lanes.as_pointer())

        total = cgutils.alloca_once_value(builder, ir.Constant(lanes, [0.0] * LANES))
        builder.store(ir.Constant(lanes, [0.0] * LANES), total)
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
        builder.store(builder.load(total), row(units.data, args[6]), align=align)
        return context.get_dummy_value()

    return signature, codegen


if config.DISABLE_JIT:

    def gather(data, indices, first, last, z, pre, i, factors):
        pre[i] = 0
        for k in range(first, last):
            w = data[k]
            if factors is not None:
                w = w * factors[max(int(indices[k]) - len(pre) + 1, 0)]
            pre[i] += w * z[indices[k]]


@intrinsic
def gather_alone(typingctx, data, indices, z, pre, i):
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

    def gather_alone(data, indices, z, pre, i):
        pre[i : i + BLOCK] = 0
        for k in range(len(data)):
            pre[i : i + BLOCK] += data[k, i : i + BLOCK] * z[indices[k, i : i + BLOCK]]


@intrinsic
def write_block(typingctx, x, i, out, rows, spare):
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

    def write_block(x, i, out, rows, spare):
        out[rows[rows >= 0], i : i + 8] = x[i : i + 8, rows >= 0].T
