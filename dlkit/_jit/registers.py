"""Sixteen numbers as one value in a compiled loop: what the random convolutions are written in.

A loop written with these takes sixteen numbers a step whatever LLVM thinks of it: nothing need be
proved about overlap, sums stay in registers, and compiling takes a fraction of the time that
vectorising plain loops does. Widths that a machine lacks, LLVM splits. Elements are float32,
float64 or int32; indices count elements from the start of a contiguous array, and nobody checks
them, so arrays end in `LANES` spare elements where a loop runs over.
"""

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 16  # one register of AVX-512 in float32, and two in float64


class Register(types.Type):
    """Numba's type of sixteen numbers."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"Register({dtype})")


@register_model(Register)
class RegisterModel(models.PrimitiveModel):
    """How a register is held: as a vector of LLVM."""

    def __init__(self, manager, kind):
        element = manager.lookup(kind.dtype).get_value_type()
        super().__init__(manager, kind, ir.VectorType(element, LANES))


def _place(context, builder, array, value, index):
    """Address of sixteen elements of an array."""
    data = context.make_array(array)(context, builder, value).data
    vector = context.get_value_type(Register(array.dtype))
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def _splat(builder, vector, x):
    nothing = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(nothing, x, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, nothing, zeros)


def _exceeds(builder, kind, a, b):
    if isinstance(kind.dtype, types.Integer):
        return builder.icmp_signed(">", a, b)
    return builder.fcmp_ordered(">", a, b)


@intrinsic
def load(typingctx, array, index):
    """``array[index : index + 16]``."""

    def codegen(context, builder, signature, args):
        place = _place(context, builder, array, *args)
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return Register(array.dtype)(array, types.intp), codegen


@intrinsic
def store(typingctx, array, index, value):
    """``array[index : index + 16] = value``."""

    def codegen(context, builder, signature, args):
        place = _place(context, builder, array, *args[:2])
        builder.store(args[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


@intrinsic
def fill(typingctx, x):
    """Sixteen times ``x``."""

    def codegen(context, builder, signature, args):
        return _splat(builder, context.get_value_type(signature.return_type), args[0])

    return Register(x)(x), codegen


@intrinsic
def add(typingctx, a, b):
    """``a + b``."""

    def codegen(context, builder, signature, args):
        whole = isinstance(a.dtype, types.Integer)
        return builder.add(*args) if whole else builder.fadd(*args)

    return a(a, b), codegen


@intrinsic
def subtract(typingctx, a, b):
    """``a - b``."""

    def codegen(context, builder, signature, args):
        whole = isinstance(a.dtype, types.Integer)
        return builder.sub(*args) if whole else builder.fsub(*args)

    return a(a, b), codegen


@intrinsic
def multiply_add(typingctx, a, b, c):
    """``a * b + c``, rounded once where the machine can."""

    def codegen(context, builder, signature, args):
        product = builder.fmul(args[0], args[1], flags=("contract",))
        return builder.fadd(product, args[2], flags=("contract",))

    return c(a, b, c), codegen


@intrinsic
def where_more(typingctx, a, b, x, y):
    """``x`` where ``a > b``, else ``y``."""

    def codegen(context, builder, signature, args):
        return builder.select(_exceeds(builder, a, args[0], args[1]), args[2], args[3])

    return x(a, b, x, y), codegen


@intrinsic
def maximum(typingctx, a, b):
    """The larger of ``a`` and ``b``."""

    def codegen(context, builder, signature, args):
        return builder.select(_exceeds(builder, a, *args), *args)

    return a(a, b), codegen


@intrinsic
def where_same(typingctx, a, b, x, y):
    """``x`` where the whole numbers ``a == b``, else ``y``."""

    def codegen(context, builder, signature, args):
        return builder.select(builder.icmp_signed("==", *args[:2]), *args[2:])

    return x(a, b, x, y), codegen


@intrinsic
def count_more(typingctx, counts, a, b):
    """``counts + (a > b)``, with int32 ``counts``."""

    def codegen(context, builder, signature, args):
        more = _exceeds(builder, a, args[1], args[2])
        ones = ir.Constant(context.get_value_type(counts), [1] * LANES)
        return builder.select(more, builder.add(args[0], ones), args[0])

    return counts(counts, a, b), codegen


@intrinsic
def widen(typingctx, a):
    """The same numbers in float64."""

    def codegen(context, builder, signature, args):
        vector = context.get_value_type(signature.return_type)
        if isinstance(a.dtype, types.Integer):
            return builder.sitofp(args[0], vector)
        return args[0] if a.dtype == types.float64 else builder.fpext(args[0], vector)

    return Register(types.float64)(a), codegen


@intrinsic
def total(typingctx, a):
    """Sum of int32 numbers."""

    def codegen(context, builder, signature, args):
        element = context.get_value_type(a.dtype)
        kind = ir.FunctionType(element, [args[0].type])
        name = f"llvm.vector.reduce.add.v{LANES}i{a.dtype.bitwidth}"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return a.dtype(a), codegen


@intrinsic
def transpose(typingctx, rows, start, stride, out, at, step):
    """Write sixteen rows, ``stride`` apart, as columns: sixteen elements each from ``start`` on.

    ``out[at + t step + l] = rows[start + l stride + t]``, by four rounds of interleaving halves.
    """

    def codegen(context, builder, signature, args):
        align, i64 = rows.dtype.bitwidth // 8, ir.IntType(64)
        halves = [
            ir.Constant(
                ir.VectorType(ir.IntType(32), LANES),
                [k // 2 + LANES * (k % 2) + first for k in range(LANES)],
            )
            for first in (0, LANES // 2)
        ]
        block = []
        for l in range(LANES):
            index = builder.add(args[1], builder.mul(args[2], ir.Constant(i64, l)))
            block.append(builder.load(_place(context, builder, rows, args[0], index), align=align))
        for _ in range(4):
            block = [
                builder.shuffle_vector(block[k], block[k + LANES // 2], half)
                for k in range(LANES // 2)
                for half in halves
            ]
        for t in range(LANES):
            index = builder.add(args[4], builder.mul(args[5], ir.Constant(i64, t)))
            builder.store(block[t], _place(context, builder, out, args[3], index), align=align)
        return context.get_dummy_value()

    return types.void(rows, types.intp, types.intp, out, types.intp, types.intp), codegen


if config.DISABLE_JIT:  # the same in NumPy

    def load(array, index):
        assert 0 <= index <= array.size - LANES
        return array.ravel()[index : index + LANES].copy()

    def store(array, index, value):
        assert 0 <= index <= array.size - LANES
        array.reshape(-1)[index : index + LANES] = value

    def fill(x):
        return np.full(LANES, x)

    def add(a, b):
        return a + b

    def subtract(a, b):
        return a - b

    def multiply_add(a, b, c):
        return a * b + c

    def where_more(a, b, x, y):
        return np.where(a > b, x, y)

    def maximum(a, b):
        return np.where(a > b, a, b)

    def where_same(a, b, x, y):
        return np.where(a == b, x, y)

    def count_more(counts, a, b):
        return counts + (a > b)

    def widen(a):
        return a.astype(np.float64)

    def total(a):
        return a.sum()

    def transpose(rows, start, stride, out, at, step):
        for l in range(LANES):
            first, last = start + l * stride, at + l + (LANES - 1) * step + 1
            out[at + l : last : step] = rows[first : first + LANES]
