"""Matrix products: patches with kernels from wherever the patches lie, a dense W with lanes.

Twelve rows meet two registers of columns at a time: 24 of the 32 registers of AVX-512 add up, and
every entry of a row is broadcast once for both. Rows do not know of one another, so that a
response is the same in whatever tile.

Profile (6×6×3 patches, 400 kernels, float32, one core of a Zen 5): 250 GFLOP/s; OpenBLAS with its
AVX2 kernels 125. Of encoding images, two thirds of the time are spent here, of volumes four fifths.
"""

from functools import lru_cache

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from .compiled import compiled
from .vector import LANES

ROWS, REGISTERS = 12, 2  # 6 × 4 is as fast, but fills up with more columns of zeros
REGISTER_BYTES = 64


@lru_cache
def available():
    """Whether the machine compiled for has the registers; without, sums would not stay in them."""
    if config.DISABLE_JIT:  # NumPy has no such limits
        return True
    return "+avx512f" in cpu_target.target_context.codegen().magic_tuple()[2]


def block_columns(dtype):
    """Kernels that are taken at a time."""
    return REGISTERS * REGISTER_BYTES // np.dtype(dtype).itemsize


def whole_blocks(n_columns, dtype):
    """Columns that responses to so many kernels are written to."""
    width = block_columns(dtype)
    return -(-n_columns // width) * width


def pack(weights):
    """Kernels in the order they are read in: blocks, then entries of a patch, then kernels.

    Parameters
    ----------
    weights : ndarray of shape (n_groups, P + 1, columns)
        For (patch, 1).

    Returns
    -------
    packed : ndarray of shape (n_groups, n_blocks * (1 + P) * block_columns)
        The last row of the weights comes first in each block; zeros fill the last block.
    """
    n_groups, n_rows, n_columns = weights.shape
    filled = np.zeros((n_groups, n_rows, whole_blocks(n_columns, weights.dtype)), weights.dtype)
    filled[:, 1:, :n_columns] = weights[:, :-1]
    filled[:, 0, :n_columns] = weights[:, -1]
    blocks = filled.reshape(n_groups, n_rows, -1, block_columns(weights.dtype))
    return np.ascontiguousarray(blocks.swapaxes(1, 2)).reshape(n_groups, -1)


def _product(n_bytes):
    """Make the product of twelve rows with so many bytes of columns, as an intrinsic.

    Written for LLVM, so that all sums stay in registers.
    """

    def product(typingctx, x, starts, first, runs, length, packed, bias, block, z, to, step):
        i64, i32 = ir.IntType(64), ir.IntType(32)
        signature = types.void(
            x, starts, types.intp, runs, types.intp, packed, types.intp, types.intp, z,
            types.intp, types.intp,
        )  # fmt: skip

        def codegen(context, builder, signature, args):
            x, starts, runs, packed, z = (
                context.make_array(signature.args[k])(context, builder, args[k])
                for k in (0, 1, 3, 5, 8)
            )
            first, length, bias, block, to, step = (args[k] for k in (2, 4, 6, 7, 9, 10))
            dtype = signature.args[0].dtype
            align = dtype.bitwidth // 8
            n_lanes = REGISTER_BYTES // align
            n_registers = n_bytes(align) // REGISTER_BYTES
            vector = ir.VectorType(context.get_value_type(dtype), n_lanes)
            zeros = ir.Constant(ir.VectorType(i32, n_lanes), [0] * n_lanes)
            nothing = ir.Constant(vector, ir.Undefined)

            def at(base, index):
                index = ir.Constant(i64, index) if isinstance(index, int) else index
                return builder.gep(base, [index])

            def register(base, index):
                return builder.bitcast(at(base, index), vector.as_pointer())

            def columns(base):
                places = [register(base, n_lanes * q) for q in range(n_registers)]
                return [builder.load(place, align=align) for place in places]

            bias = columns(at(packed.data, bias))
            sums = [[cgutils.alloca_once(builder, vector) for _ in bias] for _ in range(ROWS)]
            for row in sums:
                for value, place in zip(bias, row, strict=True):
                    builder.store(value, place)
            at_row = at(starts.data, first)
            rows = [at(x.data, builder.load(at(at_row, r))) for r in range(ROWS)]
            factors_at = cgutils.alloca_once_value(builder, at(packed.data, block))
            zero, one = ir.Constant(i64, 0), ir.Constant(i64, 1)
            n_runs = builder.extract_value(runs.shape, 0)
            with cgutils.for_range_slice(builder, zero, n_runs, one, intp=i64) as (k, _):
                offset = builder.load(at(runs.data, k))
                heads = [at(row, offset) for row in rows]
                with cgutils.for_range_slice(builder, zero, length, one, intp=i64) as (j, _):
                    here = builder.load(factors_at)
                    factors = columns(here)
                    builder.store(at(here, n_lanes * n_registers), factors_at)
                    for head, row in zip(heads, sums, strict=True):
                        entry = builder.insert_element(nothing, builder.load(at(head, j)), zero)
                        entry = builder.shuffle_vector(entry, nothing, zeros)
                        for factor, place in zip(factors, row, strict=True):
                            term = builder.fmul(entry, factor, flags=("contract",))
                            total = builder.fadd(term, builder.load(place), flags=("contract",))
                            builder.store(total, place)
            for r, row in enumerate(sums):
                target = at(z.data, builder.add(to, builder.mul(step, ir.Constant(i64, r))))
                for q, place in enumerate(row):
                    builder.store(builder.load(place), register(target, n_lanes * q), align=align)
            return context.get_dummy_value()

        return signature, codegen

    def plain(x, starts, first, runs, length, packed, bias, block, z, to, step):
        n_columns = n_bytes(z.itemsize) // z.itemsize
        entries = (runs[:, None] + np.arange(length)).ravel()
        flat = packed.reshape(-1)
        factors = flat[block : block + len(entries) * n_columns].reshape(-1, n_columns)
        for r, start in enumerate(starts[first : first + ROWS]):
            row = z.reshape(-1)[to + r * step :]
            row[:n_columns] = x.reshape(-1)[start + entries] @ factors
            row[:n_columns] += flat[bias : bias + n_columns]

    return plain if config.DISABLE_JIT else intrinsic(product)


# Both: z[to + r step + c] = bias_c + Σ_j x[starts[first + r] + j] packed[block + j n_columns + c]
# for twelve r and all columns c, where j goes over runs of ``length`` entries from each of ``runs``
# on, and the bias lies in ``packed`` as well, from ``bias`` on.
respond_block = _product(lambda itemsize: REGISTERS * REGISTER_BYTES)
respond_lanes = _product(lambda itemsize: LANES * itemsize)


@compiled
def respond(x, starts, runs, length, packed, z):
    """Write the responses of patches, a row each.

    Parameters
    ----------
    x : ndarray of shape (size,)
        Where the patches lie.
    starts : ndarray of shape (n_rows,), int64
        Where each of them begins; ``n_rows`` is a multiple of `ROWS`.
    runs : ndarray, int64
        Where each run of ``length`` neighbouring entries begins in a patch, from its start.
    length : int
        Entries of a run.
    packed : ndarray
        Kernels, packed.
    z : ndarray of shape (n_rows, at least n_blocks * block_columns), C-contiguous
        Takes the responses, and zeros of the columns that fill the last block.
    """
    width = REGISTERS * REGISTER_BYTES // z.itemsize
    size = width * (1 + len(runs) * length)
    for b in range(len(packed) // size):
        for i in range(0, len(starts), ROWS):
            respond_block(
                x, starts, i, runs, length, packed, b * size, b * size + width, z,
                i * z.shape[1] + b * width, z.shape[1],
            )  # fmt: skip


@compiled
def times_lanes(W, starts, z, zeros, through):
    """``through = W @ z`` for sixteen columns, which are lanes.

    Parameters
    ----------
    W : ndarray of shape (N, N), N at least `ROWS`
        Weights.
    starts : ndarray of shape (N,)
        Where their rows begin.
    z : ndarray of shape (at least zeros + 1, LANES)
        What they meet, and a row of zeros.
    zeros : int
        Which one that is.
    through : ndarray of shape (N, LANES)
        Takes the product.
    """
    n_units = len(W)
    runs = np.zeros(1, dtype=np.int64)
    for i in range(0, n_units + ROWS - 1, ROWS):
        first = min(i, n_units - ROWS)  # the last rows may be taken twice
        respond_lanes(
            W, starts, first, runs, n_units, z, zeros * LANES, 0, through, first * LANES, LANES
        )
