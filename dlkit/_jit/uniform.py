"""Uniform random numbers, sixteen generators side by side in the lanes of a register."""

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiled import compiled
from .registers import LANES

WORDS = 4  # of 32 bits, in the state of each generator


@intrinsic
def _draw(typingctx, state, out, at, n):
    """Sixteen numbers after the other, n times: xoshiro128+ of Blackman & Vigna (2021), fig. 2."""

    def codegen(context, builder, signature, args):
        state, out = (
            context.make_array(signature.args[k])(context, builder, args[k]).data for k in (0, 1)
        )
        i32, i64 = ir.IntType(32), ir.IntType(64)
        words, reals = ir.VectorType(i32, LANES), ir.VectorType(ir.FloatType(), LANES)

        def place(base, index, kind):
            return builder.bitcast(builder.gep(base, [index]), kind.as_pointer())

        def all_lanes(x):
            return ir.Constant(words, [x] * LANES)

        kept = [cgutils.alloca_once(builder, words) for _ in range(WORDS)]
        homes = [place(state, ir.Constant(i64, LANES * k), words) for k in range(WORDS)]
        for word, home in zip(kept, homes, strict=True):
            builder.store(builder.load(home, align=4), word)
        scale = ir.Constant(reals, [2.0**-24] * LANES)
        with cgutils.for_range(builder, args[3], intp=i64) as loop:
            a, b, c, d = (builder.load(word) for word in kept)
            drawn = builder.lshr(builder.add(a, d), all_lanes(8))  # 24 bits
            index = builder.add(args[2], builder.mul(loop.index, ir.Constant(i64, LANES)))
            numbers = builder.fmul(builder.sitofp(drawn, reals), scale)
            builder.store(numbers, place(out, index, reals), align=4)
            shifted = builder.shl(b, all_lanes(9))
            c, d = builder.xor(c, a), builder.xor(d, b)
            b, a = builder.xor(b, c), builder.xor(a, d)
            c = builder.xor(c, shifted)
            turned = builder.lshr(d, all_lanes(21))
            d = builder.or_(builder.shl(d, all_lanes(11)), turned)
            for word, value in zip(kept, (a, b, c, d), strict=True):
                builder.store(value, word)
        for word, home in zip(kept, homes, strict=True):
            builder.store(builder.load(word), home, align=4)
        return context.get_dummy_value()

    return types.void(state, out, types.intp, types.intp), codegen


if config.DISABLE_JIT:

    def _draw(state, out, at, n):
        for k in range(n):
            a, b, c, d = state.copy()
            out[at + k * LANES : at + (k + 1) * LANES] = ((a + d) >> 8) * np.float32(2.0**-24)
            c, d, shifted = c ^ a, d ^ b, b << 9
            b, a = b ^ c, a ^ d
            state[:] = a, b, c ^ shifted, d << 11 | d >> 21


@compiled
def uniform(state, out):
    """Fill ``out`` with numbers uniform in [0, 1), multiples of 2⁻²⁴.

    Parameters
    ----------
    state : ndarray of shape (4, 16), uint32
        Of the generators; no column all zero. Changed in place.
    out : ndarray of shape (n,), float32
        Takes the numbers.
    """
    whole = len(out) // LANES
    _draw(state, out, 0, whole)
    if whole * LANES < len(out):
        rest = np.empty(LANES, dtype=out.dtype)
        _draw(state, rest, 0, 1)
        out[whole * LANES :] = rest[: len(out) - whole * LANES]
