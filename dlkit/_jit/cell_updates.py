"""What cells make of the products of a step, as functions of flat arrays.

A cell is a named tuple, whose type picks two of them: what it does `between` the products, and how
it makes the new state in the end (`finish`).
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload

from .reservoir import IDENTITY, LOGISTIC, RELU, TANH
from .vector import STRICT, tanh


class Path(NamedTuple):
    """x ← κ P x + a f(z); rows of ``coef``: a, κ, each of which is one number if ``uniform``."""

    coef: Any
    uniform: Any


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


@njit(**STRICT)
def _logistic(x):
    """Apply 1 / (1 + exp(−x)) to flat ``x``, in place."""
    half = x.dtype.type(0.5)
    for i in range(x.size):
        x[i] = half + half * tanh(half * x[i])


@njit(**STRICT)
def _activate(activation, user, x):
    """Apply f to flat ``x``, in place."""
    zero = x.dtype.type(0)
    if activation == TANH:
        for i in range(x.size):
            x[i] = tanh(x[i])
    elif activation == RELU:
        for i in range(x.size):
            x[i] = x[i] if not x[i] < zero else zero
    elif activation == LOGISTIC:
        _logistic(x)
    elif activation != IDENTITY:
        for i in range(x.size):
            x[i] = user(x[i])


@njit(**STRICT)
def _mix(gate, new, old, x):
    """``x = gate ∘ new + (1 − gate) ∘ old``, all flat."""
    one = x.dtype.type(1)
    for i in range(x.size):
        x[i] = gate[i] * new[i] + (one - gate[i]) * old[i]


@njit(**STRICT)
def _add(a, x, b, y, out):
    """``out = a ∘ x + b ∘ y``, all flat."""
    for i in range(out.size):
        out[i] = a[i] * x[i] + b[i] * y[i]


@njit(**STRICT)
def _add_in_place(a, x, b, y):
    """``x = a ∘ x + b ∘ y``, all flat."""
    for i in range(x.size):
        x[i] = a[i] * x[i] + b[i] * y[i]


def _gate_gru(cell, activation, user, z, old, made):
    n = old.size
    _logistic(z[: 2 * n])
    for i in range(n):
        made[i] = z[n + i] * old[i]


def _gate_mgu(cell, activation, user, z, old, made):
    _logistic(z[: old.size])
    for i in range(old.size):
        made[i] = z[i] * old[i]


def _remember(cell, activation, user, z, old, made):
    for i in range(made.size):
        made[i] = z[i]


def _hide(cell, activation, user, z, old, made):
    for i in range(made.size):
        made[i] = z[i]
    _activate(activation, user, made)


def _nothing(cell, activation, user, z, old, made):
    pass


def _finish_path(cell, coef, activation, user, z, kept, x, beside, clock):
    if activation == TANH and cell.uniform:  # most delayed ones: in one pass, by two numbers
        a, keep = coef[0, 0], coef[1, 0]
        for i in range(x.size):
            x[i] = a * tanh(x[i]) + keep * kept[i]
    else:
        _activate(activation, user, x)
        _add_in_place(coef[0], x, coef[1], kept)


def _finish_clockwork(cell, coef, activation, user, z, kept, x, beside, clock):
    _activate(activation, user, x)
    width = clock.size
    a, keep, periods = coef[0], coef[1], coef[2]
    for i in range(0, x.size, width):
        period = np.int64(periods[i])
        for l in range(width):
            new = a[i] * x[i + l] + keep[i] * kept[i + l]
            x[i + l] = new if clock[l] % period == 0 else kept[i + l]


def _finish_gru(cell, coef, activation, user, z, kept, x, beside, clock):
    n = x.size
    _activate(activation, user, z[2 * n :])
    _mix(z[:n], kept, z[2 * n :], x)


def _finish_mgu(cell, coef, activation, user, z, kept, x, beside, clock):
    n = x.size
    _activate(activation, user, z[n:])
    _mix(z[:n], z[n:], kept, x)


def _finish_lstm(cell, coef, activation, user, z, kept, x, beside, clock):
    n = x.size
    _logistic(z[: 3 * n])
    _activate(activation, user, z[3 * n :])
    _add(z[:n], z[3 * n :], z[n : 2 * n], beside, x)
    beside[:] = x
    _activate(activation, user, x)
    for i in range(n):
        x[i] *= z[2 * n + i]


def _finish_transition(cell, coef, activation, user, z, kept, x, beside, clock):
    n = x.size
    _activate(activation, user, z[n:])
    _add(coef[0], z[n:], coef[1], kept, x)


def _finish_legendre(cell, coef, activation, user, z, kept, x, beside, clock):
    n = cell.n_memory * clock.size
    x[:n] = z[:n]
    _activate(activation, user, z[n:])
    _add(coef[0][n:], z[n:], coef[1][n:], kept[n:], x[n:])


FUNCTIONS = {
    Path: (_nothing, _finish_path),
    Clockwork: (_nothing, _finish_clockwork),
    GRU: (_gate_gru, _finish_gru),
    MGU: (_gate_mgu, _finish_mgu),
    LSTM: (_nothing, _finish_lstm),
    Transition: (_hide, _finish_transition),
    Legendre: (_remember, _finish_legendre),
}


def between(cell, activation, user, z, old, made):
    """What the cell makes of the first pre-activations, for links of the second product."""
    FUNCTIONS[type(cell)][0](cell, activation, user, z, old, made)


def finish(cell, coef, activation, user, z, kept, x, beside, clock):
    """Make the new state ``x`` of the pre-activations ``z`` and of ``kept``, P times the old one.

    Where there is one pre-activation for each unit and no second product, ``x`` holds them instead
    of ``z``. All flat, each unit's lanes next to each other; ``coef`` has the cell's rows, each
    number once for every lane.
    """
    FUNCTIONS[type(cell)][1](cell, coef, activation, user, z, kept, x, beside, clock)


@overload(between)
def _between_by_type(cell, activation, user, z, old, made):
    return FUNCTIONS[cell.instance_class][0]


@overload(finish)
def _finish_by_type(cell, coef, activation, user, z, kept, x, beside, clock):
    return FUNCTIONS[cell.instance_class][1]
