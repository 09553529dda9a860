"""A dense W times sixteen lanes, which is too narrow a product for BLAS, and times a lone one.

Every sum is taken in the same order, so that a lane is the same to the last bit alone and beside
others, which BLAS does not promise: OpenBLAS sums the last columns otherwise on some processors.
With AVX-512, lanes take eight rows at a time: their sums stay in 16 of its 32 registers (in
float64). Other processors have half as many registers of half the width, so lanes take two rows.
With N = 500 on one core of a Zen 5, eight rows at a time take 0.10 ms in float64 and 0.055 in
float32; OpenBLAS 0.20 and 0.094.
"""

from numba import config
from numba.core.registry import cpu_target

from .compiled import compiled, inner
from .registers import LANES, fill, load, multiply_add, store


def _wide():
    """Whether the processor compiled for has AVX-512."""
    if config.DISABLE_JIT:  # NumPy has no such limits
        return True
    return "+avx512f" in cpu_target.target_context.codegen().magic_tuple()[2]


WIDE = _wide()  # a constant in the loops, and the compiled code is one machine's
ROWS = 8 if WIDE else 2


@inner
def _eight_rows(W, i, z, through):
    """Rows i to i + 7 of the product; z and ``through`` are flat."""
    none = fill(W.dtype.type(0))
    a, b, c, d, e, f, g, h = none, none, none, none, none, none, none, none
    for j in range(W.shape[1]):
        lanes = load(z, j * LANES)
        a = multiply_add(fill(W[i, j]), lanes, a)
        b = multiply_add(fill(W[i + 1, j]), lanes, b)
        c = multiply_add(fill(W[i + 2, j]), lanes, c)
        d = multiply_add(fill(W[i + 3, j]), lanes, d)
        e = multiply_add(fill(W[i + 4, j]), lanes, e)
        f = multiply_add(fill(W[i + 5, j]), lanes, f)
        g = multiply_add(fill(W[i + 6, j]), lanes, g)
        h = multiply_add(fill(W[i + 7, j]), lanes, h)
    store(through, i * LANES, a)
    store(through, (i + 1) * LANES, b)
    store(through, (i + 2) * LANES, c)
    store(through, (i + 3) * LANES, d)
    store(through, (i + 4) * LANES, e)
    store(through, (i + 5) * LANES, f)
    store(through, (i + 6) * LANES, g)
    store(through, (i + 7) * LANES, h)


@inner
def _two_rows(W, i, z, through):
    """Rows i and i + 1, likewise."""
    none = fill(W.dtype.type(0))
    a, b = none, none
    for j in range(W.shape[1]):
        lanes = load(z, j * LANES)
        a = multiply_add(fill(W[i, j]), lanes, a)
        b = multiply_add(fill(W[i + 1, j]), lanes, b)
    store(through, i * LANES, a)
    store(through, (i + 1) * LANES, b)


@inner
def _four_blocks(across, i, x, through):
    """Rows i to i + 63 of the product with one lane; rows lie side by side in ``across``."""
    flat, n = across.reshape(-1), across.shape[1]
    none = fill(across.dtype.type(0))
    a, b, c, d = none, none, none, none
    for j in range(n):
        place, z = j * n + i, fill(x[j])
        a = multiply_add(load(flat, place), z, a)
        b = multiply_add(load(flat, place + LANES), z, b)
        c = multiply_add(load(flat, place + 2 * LANES), z, c)
        d = multiply_add(load(flat, place + 3 * LANES), z, d)
    store(through, i, a)
    store(through, i + LANES, b)
    store(through, i + 2 * LANES, c)
    store(through, i + 3 * LANES, d)


@inner
def _block(across, i, x, through):
    """Rows i to i + 15, likewise."""
    flat, n = across.reshape(-1), across.shape[1]
    a = fill(across.dtype.type(0))
    for j in range(n):
        a = multiply_add(load(flat, j * n + i), fill(x[j]), a)
    store(through, i, a)


@compiled
def times_lone(across, x, through):
    """``through = W @ x[:N]`` for flat x, with ``across`` the transpose of W, N ≥ `LANES`."""
    n, wide = len(across), 4 * LANES
    if WIDE and n >= wide:
        for i in range(0, n, wide):
            _four_blocks(across, min(i, n - wide), x, through)  # the last rows may be taken twice
    else:
        for i in range(0, n, LANES):
            _block(across, min(i, n - LANES), x, through)


@compiled
def times_few(W, z, through):
    """``through = W @ z[:N]`` for a W too small for registers; z and ``through`` are flat."""
    n = len(W)
    width = through.size // n
    for i in range(n):
        for l in range(width):
            s = W.dtype.type(0)
            for j in range(n):
                s += W[i, j] * z[j * width + l]
            through[i * width + l] = s


@compiled
def times_lanes(W, z, through):
    """``through = W @ z[:N]`` for sixteen columns, which are lanes; W is (N, N), N ≥ `ROWS`."""
    flat, target = z.reshape(-1), through.reshape(-1)
    for i in range(0, len(W) + ROWS - 1, ROWS):
        first = min(i, len(W) - ROWS)  # the last rows may be taken twice
        if WIDE:
            _eight_rows(W, first, flat, target)
        else:
            _two_rows(W, first, flat, target)
