"""Products with matrices of mostly zeros, such as states of binary units: sums of rows.

A matrix is held in compressed rows, cut at every `SEGMENT` columns: entries ``starts[r, s]`` to
``starts[r, s + 1]`` of ``columns`` and ``values`` are what is not zero in segment s of row r.

Profile (100 images of 784 pixels, a quarter of them on, and as many chains, 256 hidden units, one
core of a Zen 5): 3.5 registers of 16 entries are added a nanosecond; at that density a dense
product would have to do 490 GFLOP/s to be as fast. Segment by segment, what is added up stays in
the first cache; all at once it takes 1.4 times as long, and 1.5 with arrays that do not begin at
cache lines.
"""

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from .compiled import compiled
from .direct import available
from .registers import LANES, _splat, transpose

LINE = 64  # bytes
BYTE = 8  # entries that are looked at together
SEGMENT = (
    32  # rows that are added up with all that needs them, 32 kB of the first cache; whole bytes
)


def lined(shape):
    """Like ``np.empty``, float32, but it begins at a cache line."""
    room = np.empty(4 * np.prod(shape, dtype=int) + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    return room[start : start + room.size - LINE].view(np.float32).reshape(shape)


def _sum_rows(n_registers):
    """Make the sum of so many registers of some rows, as an intrinsic."""

    def sum_rows(typingctx, values, columns, first, last, table, at, rate, keep, out, to, skip):
        signature = types.void(
            values, columns, types.intp, types.intp, table, types.intp, table.dtype, table.dtype,
            out, types.intp, types.intp,
        )  # fmt: skip

        def codegen(context, builder, signature, args):
            kinds = signature.args
            values, columns, table, out = (
                context.make_array(kinds[k])(context, builder, args[k]) for k in (0, 1, 4, 8)
            )
            first, last, at, rate, keep, to, skip = (args[k] for k in (2, 3, 5, 6, 7, 9, 10))
            align = kinds[4].dtype.bitwidth // 8
            vector = ir.VectorType(context.get_value_type(kinds[4].dtype), LANES)
            zeros, i64 = ir.Constant(vector, [0.0] * LANES), ir.IntType(64)
            width = builder.extract_value(table.shape, 1)

            def places(base, index):
                start = builder.gep(base, [index])
                steps = (ir.Constant(i64, LANES * q) for q in range(n_registers))
                return [
                    builder.bitcast(builder.gep(start, [step]), vector.as_pointer())
                    for step in steps
                ]

            def times_plus(a, b, c):
                product = builder.fmul(a, b, flags=("contract",))
                return builder.fadd(product, c, flags=("contract",))

            sums = [cgutils.alloca_once(builder, vector) for _ in range(n_registers)]
            for place in sums:
                builder.store(zeros, place)
            one = ir.Constant(i64, 1)
            with cgutils.for_range_slice(builder, first, last, one, intp=i64) as (k, _):
                row = builder.sext(builder.load(builder.gep(columns.data, [k])), i64)
                value = builder.load(builder.gep(values.data, [k]))
                value = _splat(builder, vector, value)
                start = builder.add(builder.mul(row, width), at)
                for entry, place in zip(places(table.data, start), sums, strict=True):
                    term = builder.load(entry, align=align)
                    builder.store(times_plus(value, term, builder.load(place)), place)
            anew = builder.fcmp_ordered("==", keep, ir.Constant(keep.type, 0.0))
            rate, keep = _splat(builder, vector, rate), _splat(builder, vector, keep)
            lanes = ir.VectorType(ir.IntType(32), LANES)
            skip = _splat(builder, lanes, builder.trunc(skip, ir.IntType(32)))
            for q, (entry, place) in enumerate(zip(places(out.data, to), sums, strict=True)):
                before = builder.load(entry, align=align)
                kept = builder.fmul(keep, builder.select(anew, zeros, before))
                after = times_plus(rate, builder.load(place), kept)
                numbers = ir.Constant(lanes, [LANES * q + lane for lane in range(LANES)])
                skipped = builder.icmp_signed("<", numbers, skip)
                builder.store(builder.select(skipped, before, after), entry, align=align)
            return context.get_dummy_value()

        return signature, codegen

    def plain(values, columns, first, last, table, at, rate, keep, out, to, skip):
        assert 0 <= at <= table.shape[1] - LANES * n_registers
        picked = table[columns[first:last], at + skip : at + LANES * n_registers]
        place = out.reshape(-1)[to + skip : to + LANES * n_registers]
        place[:] = rate * (values[first:last] @ picked) + (keep * place if keep else 0)

    return plain if config.DISABLE_JIT else intrinsic(sum_rows)


# All: out[to + c] ← keep · out[to + c] + rate · Σ_k values[k] table[columns[k], at + c] for k from
# first to last − 1 and the c of the registers from ``skip`` on, ``out`` being flat; with keep = 0,
# it may hold anything.
MANY = 16 if available() else 4  # sums that stay in registers
SOME = MANY // 4
sum_many, sum_some, sum_one = _sum_rows(MANY), _sum_rows(SOME), _sum_rows(1)


@compiled
def add_rows(starts, columns, values, table, rate, keep, out):
    """``out ← keep · out + rate · A table``.

    Parameters
    ----------
    starts, columns, values : ndarrays of shape (n, segments + 1), (at least nnz,), (at least nnz,)
        The matrix A of shape (n, m), in compressed rows.
    table : ndarray of shape (m, w), C-contiguous
        What it meets.
    rate, keep : float
        Factors. With ``keep`` 0, out may hold anything.
    out : ndarray of shape (n, w), C-contiguous
        Changed in place.
    """
    n, w = out.shape
    c = 0
    while c < w:  # a block that would reach beyond the end begins earlier, and skips what is done
        rest = w - c
        if rest > SOME * LANES and w >= MANY * LANES:
            width = MANY * LANES
        elif rest > LANES and w >= SOME * LANES:
            width = SOME * LANES
        else:
            width = min(LANES, w)
        at = min(c, w - width)
        for s in range(starts.shape[1] - 1):
            kept = keep if s == 0 else keep * 0 + 1
            for r in range(n):
                first, last, to = starts[r, s], starts[r, s + 1], r * w + at
                if width == MANY * LANES:
                    sum_many(values, columns, first, last, table, at, rate, kept, out, to, c - at)
                elif width == SOME * LANES:
                    sum_some(values, columns, first, last, table, at, rate, kept, out, to, c - at)
                elif width == LANES:
                    sum_one(values, columns, first, last, table, at, rate, kept, out, to, c - at)
                else:
                    for b in range(w):
                        total = rate * 0
                        for k in range(first, last):
                            total += values[k] * table[columns[k], b]
                        out[r, b] = rate * total + (kept * out[r, b] if kept != 0.0 else kept)
        c = at + width


# By the bits of a byte: which of its eight entries are set, in their order.
_PLACES = np.zeros((256, BYTE), np.uint8)
for _row in range(256):
    _set = [k for k in range(BYTE) if _row >> k & 1]
    _PLACES[_row, : len(_set)] = _set


@intrinsic
def _put_eight(typingctx, row, first, columns, at, table):
    """Write which of eight entries of a row are not zero, and return how many.

    ``columns[at : at + 8]`` take them, and what follows them there has no meaning. The bits of the
    comparison are looked up, without a branch.
    """

    def codegen(context, builder, signature, args):
        row, columns, table = (
            context.make_array(signature.args[k])(context, builder, args[k]).data for k in (0, 2, 4)
        )
        i8, i32, i64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
        reals, whole, small = (ir.VectorType(kind, BYTE) for kind in (ir.FloatType(), i32, i8))

        def place(base, index, kind):
            return builder.bitcast(builder.gep(base, [index]), kind.as_pointer())

        entries = builder.load(place(row, args[1], reals), align=4)
        bits = builder.fcmp_unordered("!=", entries, ir.Constant(reals, [0.0] * BYTE))
        byte = builder.zext(builder.bitcast(bits, i8), i64)
        found = place(table, builder.mul(byte, ir.Constant(i64, BYTE)), small)
        found = builder.zext(builder.load(found, align=1), whole)
        nothing = ir.Constant(whole, ir.Undefined)
        start = builder.insert_element(nothing, builder.trunc(args[1], i32), ir.Constant(i32, 0))
        start = builder.shuffle_vector(start, nothing, ir.Constant(whole, [0] * BYTE))
        builder.store(builder.add(found, start), place(columns, args[3], whole), align=4)
        return builder.ctpop(byte)

    return types.intp(row, types.intp, columns, types.intp, table), codegen


if config.DISABLE_JIT:

    def _put_eight(row, first, columns, at, table):
        found = np.flatnonzero(row[first : first + BYTE])
        columns[at : at + len(found)] = first + found
        return len(found)


def segments(n_columns):
    """Number of segments of a row."""
    return -(-n_columns // SEGMENT)


@compiled
def compress(A, starts, columns, values):
    """Write a matrix of shape (n, m) in compressed rows; there is room for nm + 8 entries."""
    n, m = A.shape
    at = 0
    for r in range(n):
        row = A[r]
        for s in range(starts.shape[1] - 1):
            starts[r, s] = at
            first, last = s * SEGMENT, min((s + 1) * SEGMENT, m)
            for c in range(first, last - BYTE + 1, BYTE):
                at += _put_eight(row, c, columns, at, _PLACES)
            for c in range(last - last % BYTE, last):
                columns[at] = c
                at += row[c] != 0
        starts[r, -1] = at
        for k in range(starts[r, 0], at):
            values[k] = row[columns[k]]


@compiled
def transpose_into(A, out):
    """``out = Aᵀ``, both C-contiguous."""
    n, m = A.shape
    flat, target = A.reshape(-1), out.reshape(-1)
    for i in range(0, n - LANES + 1, LANES):
        for j in range(0, m - LANES + 1, LANES):
            transpose(flat, i * m + j, m, target, j * n + i, n)
        for j in range(m - m % LANES, m):
            for k in range(i, i + LANES):
                out[j, k] = A[k, j]
    for i in range(n - n % LANES, n):
        for j in range(m):
            out[j, i] = A[i, j]
