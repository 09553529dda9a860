"""What cells make of the products of a step, as functions of flat arrays.

A cell is a named tuple, whose type picks two of them: what it does `between` the products, and how
it makes the new state in the end (`finish`). Slices of arrays are avoided: each takes Numba a tenth
of a second. Numbers that are added to an index are unsigned, as LLVM vectorises no loop in which an
index might be negative.
"""

from typing import Any, NamedTuple

import numpy as np

from .activations import Logistic, apply
from .compiled import generic, inner


class Path(NamedTuple):
    """x ← κ P x + a f(z); rows of ``coef``: a, κ."""

    coef: Any


class UniformPath(NamedTuple):
    """The same with an a and a κ that all units have: most delayed ones."""

    coef: Any


class Clockwork(NamedTuple):
    """x ← (1 − a) x + a f(z) where the clock is a multiple of T; rows of ``coef``: a, 1 − a, T."""

    coef: Any


class GRU(NamedTuple):
    """Gates z and r, candidate f(z_h) with links from r ∘ x; x ← z x + (1 − z) f(z_h)."""

    coef: Any


class MGU(NamedTuple):
    """Gate φ, candidate f(z_h) with links from φ ∘ x; x ← (1 − φ) x + φ f(z_h)."""

    coef: Any


class LSTM(NamedTuple):
    """Gates i, φ, o and candidate f(z_c); c ← φ c + i f(z_c), x ← o f(c)."""

    coef: Any


class Transition(NamedTuple):
    """Hidden units f(z), then x ← (1 − a) x + a f(z₂) with links from these."""

    coef: Any


class Legendre(NamedTuple):
    """Linear units first, then x ← (1 − a) x + a f(z) with links from these as they now are."""

    coef: Any
    n_memory: Any


@inner
def _activate(f, x, start, stop):
    """Apply f to flat ``x`` from ``start`` to ``stop``, in place."""
    for i in range(np.uint64(start), np.uint64(stop)):
        x[i] = apply(f, x[i])


@generic
def between(cell, f, z, old, made):
    """What the cell makes of the first pre-activations, for links of the second product."""


@between.register(GRU)
def _(cell, f, z, old, made):
    n = np.uint64(old.size)
    _activate(Logistic(), z, 0, 2 * n)
    for i in range(n):
        made[i] = z[n + i] * old[i]


@between.register(MGU)
def _(cell, f, z, old, made):
    _activate(Logistic(), z, 0, old.size)
    for i in range(old.size):
        made[i] = z[i] * old[i]


@between.register(Transition)
def _(cell, f, z, old, made):
    for i in range(made.size):
        made[i] = apply(f, z[i])


@between.register(Legendre)
def _(cell, f, z, old, made):
    for i in range(made.size):
        made[i] = z[i]


@generic
def finish(cell, coef, f, z, kept, x, beside, clock):
    """Make the new state ``x`` of the pre-activations ``z`` and of ``kept``, P times the old one.

    Where there is one pre-activation for each unit and no second product, ``x`` holds them instead
    of ``z``. All flat, each unit's lanes next to each other; ``coef`` has the cell's rows, each
    number once for every lane.
    """


@finish.register(Path)
def _(cell, coef, f, z, kept, x, beside, clock):
    for i in range(x.size):
        x[i] = coef[0, i] * apply(f, x[i]) + coef[1, i] * kept[i]


@finish.register(UniformPath)
def _(cell, coef, f, z, kept, x, beside, clock):
    a, keep = coef[0, 0], coef[1, 0]
    for i in range(x.size):
        x[i] = a * apply(f, x[i]) + keep * kept[i]


@finish.register(Clockwork)
def _(cell, coef, f, z, kept, x, beside, clock):
    width = clock.size
    _activate(f, x, 0, x.size)
    for i in range(0, x.size, width):
        period = int(coef[2, i])
        for l in range(width):
            new = coef[0, i] * x[i + l] + coef[1, i] * kept[i + l]
            x[i + l] = new if clock[l] % period == 0 else kept[i + l]


@finish.register(GRU)
def _(cell, coef, f, z, kept, x, beside, clock):
    n, one = np.uint64(x.size), x.dtype.type(1)
    _activate(f, z, 2 * n, 3 * n)
    for i in range(n):
        x[i] = z[i] * kept[i] + (one - z[i]) * z[2 * n + i]


@finish.register(MGU)
def _(cell, coef, f, z, kept, x, beside, clock):
    n, one = np.uint64(x.size), x.dtype.type(1)
    _activate(f, z, n, 2 * n)
    for i in range(n):
        x[i] = z[i] * z[n + i] + (one - z[i]) * kept[i]


@finish.register(LSTM)
def _(cell, coef, f, z, kept, x, beside, clock):
    n = np.uint64(x.size)
    _activate(Logistic(), z, 0, 3 * n)
    _activate(f, z, 3 * n, 4 * n)
    for i in range(n):
        x[i] = z[i] * z[3 * n + i] + z[n + i] * beside[i]
        beside[i] = x[i]
    _activate(f, x, 0, n)
    for i in range(n):
        x[i] *= z[2 * n + i]


@finish.register(Transition)
def _(cell, coef, f, z, kept, x, beside, clock):
    n = np.uint64(x.size)
    for i in range(n):
        x[i] = coef[0, i] * apply(f, z[n + i]) + coef[1, i] * kept[i]


@finish.register(Legendre)
def _(cell, coef, f, z, kept, x, beside, clock):
    n = np.uint64(cell.n_memory * clock.size)
    for i in range(n):
        x[i] = z[i]
    for i in range(n, np.uint64(x.size)):
        x[i] = coef[0, i] * apply(f, z[i]) + coef[1, i] * kept[i]
