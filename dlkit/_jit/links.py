"""What enters the units: links in lists, and matrices that are no list of links.

The type of each says how it is gathered, so that no other way is compiled. Arrays get names of
their own before a loop: to take one out of a tuple, and count who has it, takes long in a loop.
"""

from typing import Any, NamedTuple

import numpy as np

from .compiled import compiled, generic, inner
from .direct import times_few, times_lanes, times_lone
from .vector import BLOCK, LANES, gather, gather_alone


class Even(NamedTuple):
    """Links of rows that have equally many.

    ``data``, ``indices``: the rows one after another; ``across_data``, ``across_indices``, of shape
    (links, rows): the same with the k-th link of every row in row k.
    """

    data: Any
    indices: Any
    across_data: Any
    across_indices: Any


class Uneven(NamedTuple):
    """Links in CSR: ``data``, ``indices``, ``starts``."""

    data: Any
    indices: Any
    starts: Any


class Listed(NamedTuple):
    """Nothing besides links in lists."""


class Dense(NamedTuple):
    """All entries, ``weights`` (N, N), and the same transposed, ``across``."""

    weights: Any
    across: Any


class Ring(NamedTuple):
    """``weight`` (1,) of a ring, with shortcuts both ways over ``jump`` units unless that is 0."""

    weight: Any
    jump: Any


class Hadamard(NamedTuple):
    """``signs`` (rounds, N) of a product of Hadamard transforms; they hold the scaling."""

    signs: Any


class Links(NamedTuple):
    """``listed`` (`Even` or `Uneven`) holds W_in, b and, unless ``matrix`` is another, W."""

    listed: Any
    matrix: Any


@generic(fused=True)
def gather_lanes(listed, z, pre, factors):
    """Set ``pre`` to what comes through a list of links, for all lanes; see `vector.gather`."""


@gather_lanes.register(Even)
def _(listed, z, pre, factors):
    data, indices = listed.data, listed.indices
    k = data.size // pre.shape[0]
    for i in range(pre.shape[0]):
        gather(data, indices, i * k, i * k + k, z, pre, i, factors)


@gather_lanes.register(Uneven)
def _(listed, z, pre, factors):
    data, indices, starts = listed.data, listed.indices, listed.starts
    for i in range(pre.shape[0]):
        gather(data, indices, starts[i], starts[i + 1], z, pre, i, factors)


@generic(fused=True)
def gather_lone(listed, z, pre):
    """Set flat ``pre`` to what comes through a list of links, for one lane."""


@gather_lone.register(Even)
def _(listed, z, pre):
    data, indices = listed.across_data, listed.across_indices
    whole = pre.size - pre.size % BLOCK
    for i in range(0, whole, BLOCK):
        gather_alone(data, indices, z, pre, i)
    for i in range(whole, pre.size):
        s = pre.dtype.type(0)
        for k in range(data.shape[0]):
            s += data[k, i] * z[indices[k, i]]
        pre[i] = s


@gather_lone.register(Uneven)
def _(listed, z, pre):
    data, indices, starts = listed.data, listed.indices, listed.starts
    for i in range(pre.size):
        s = pre.dtype.type(0)
        for k in range(starts[i], starts[i + 1]):
            s += data[k] * z[indices[k]]
        pre[i] = s


@compiled(fused=True)
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


@inner(fused=True)
def _add_ring(weight, jump, n, z, pre):
    w, size = weight[0], pre.size
    width = size // n
    for l in range(width):
        pre[l] += w * z[size - width + l]
    for l in range(width, size):
        pre[l] += w * z[l - width]
    if jump:
        for start in range(0, n - n % jump, jump):
            end = (start + jump) % n
            for l in range(width):
                pre[start * width + l] += w * z[end * width + l]
                pre[end * width + l] += w * z[start * width + l]


@generic(fused=True)
def add_structured(matrix, n, z, pre, through):
    """Add W z to ``pre``, for n units; all flat, z may be longer; ``through`` is free."""


@add_structured.register(Ring)
def _(matrix, n, z, pre, through):
    _add_ring(matrix.weight, matrix.jump, n, z, pre)


@add_structured.register(Hadamard)
def _(matrix, n, z, pre, through):
    for l in range(pre.size):
        through[l] = z[l]
    apply_hadamard(matrix.signs, through, pre.size // n)
    for l in range(pre.size):
        pre[l] += through[l]


@generic(fused=True)
def add_lanes(matrix, z, pre, through, factors):
    """Add W z to ``pre`` for all lanes, times row 0 of ``factors`` unless that is None.

    z's last row is zeros; ``through`` (2, N, LANES) is free.
    """


@add_lanes.register(Listed)
def _(matrix, z, pre, through, factors):
    pass


@add_lanes.register(Dense)
def _(matrix, z, pre, through, factors):
    dense_lanes(matrix, z, through[0])
    add_scaled(factors, through[0], pre)


@add_lanes.register(Ring)
@add_lanes.register(Hadamard)
def _(matrix, z, pre, through, factors):
    _add_structured_lanes(factors, matrix, z, pre, through)


@generic(fused=True)
def _add_structured_lanes(factors, matrix, z, pre, through):
    """`add_lanes` of what is neither listed nor dense."""


@_add_structured_lanes.register(type(None))
def _(factors, matrix, z, pre, through):
    add_structured(matrix, len(pre), z.reshape(-1), pre.reshape(-1), through[0].reshape(-1))


@_add_structured_lanes.register(np.ndarray)
def _(factors, matrix, z, pre, through):
    flat = through[0].reshape(-1)
    for i in range(flat.size):
        flat[i] = 0
    add_structured(matrix, len(pre), z.reshape(-1), flat, through[1].reshape(-1))
    add_scaled(factors, through[0], pre)


@generic(fused=True)
def add_scaled(factors, through, pre):
    """Add ``through`` to ``pre``, times row 0 of ``factors`` unless that is None."""


@add_scaled.register(type(None))
def _(factors, through, pre):
    target, added = pre.reshape(-1), through.reshape(-1)
    for i in range(target.size):
        target[i] += added[i]


@add_scaled.register(np.ndarray)
def _(factors, through, pre):
    for i in range(pre.shape[0]):
        for l in range(LANES):
            pre[i, l] += factors[0, l] * through[i, l]


@inner
def dense_lanes(matrix, z, through):
    """``through = W z`` for all lanes, W dense."""
    weights = matrix.weights
    if weights.shape[0] >= LANES:
        times_lanes(weights, z, through)
    else:
        times_few(weights, z.reshape(-1), through.reshape(-1))


@inner
def dense_lone(matrix, z, through):
    """``through = W z`` for one lane, W dense; all flat."""
    weights, across = matrix.weights, matrix.across
    if weights.shape[0] >= LANES:
        times_lone(across, z, through)
    else:
        times_few(weights, z, through)


@generic(fused=True)
def add_lone(matrix, z, pre, through):
    """Add W z to ``pre`` for one lane; z may be longer, ``through`` is free."""


@add_lone.register(Listed)
def _(matrix, z, pre, through):
    pass


@add_lone.register(Dense)
def _(matrix, z, pre, through):
    dense_lone(matrix, z, through)
    for i in range(pre.size):
        pre[i] += through[i]


@add_lone.register(Ring)
@add_lone.register(Hadamard)
def _(matrix, z, pre, through):
    add_structured(matrix, pre.size, z, pre, through)
