"""The loop of intrinsic plasticity: a gain and a shift for each unit, learned step by step."""

from typing import Any, NamedTuple

import numpy as np

from .activations import apply
from .compiled import compiled


class Sources(NamedTuple):
    """What enters the units, in CSR: ``data``, ``indices``, ``starts``.

    ``delays`` of each link: so many steps back to the unit of that index, or 0 from the input
    channel of that index.
    """

    data: Any
    indices: Any
    starts: Any
    delays: Any
    bias: Any


class Update(NamedTuple):
    """x ← κ P x + a y where the clock is a multiple of T, each of these for every unit.

    ``keep`` is κ, ``leak`` a, ``periods`` T. ``data``, ``indices`` and ``starts`` are P in CSR
    form; without entries it is the identity.
    """

    leak: Any
    keep: Any
    periods: Any
    data: Any
    indices: Any
    starts: Any


class Rule(NamedTuple):
    """What is learned: Δshift = rate · p(y), Δgain = rate / gain + Δshift · z.

    ``polynomial`` holds p's four coefficients, the constant first; ``activation`` is f of
    y = f(gain z + shift).
    """

    polynomial: Any
    activation: Any
    rate: Any


@compiled
def adapt(sources, update, rule, values, done, washout, past, gain, shift):
    """Run units over a stretch of a sequence, learning after each step.

    ``done`` steps came before. ``past`` (longest delay, N), advanced in place, holds the state of
    step t of the sequence in row t modulo its length. Of the first ``washout`` steps nothing is
    learned. ``gain`` and ``shift`` (N,) are updated.
    """
    depth, n = past.shape
    c0, c1, c2, c3 = rule.polynomial
    z, y, kept = np.empty(n), np.empty(n), np.empty(n)
    for t in range(values.shape[0]):
        now = (done + t) % depth
        for i in range(n):
            total = sources.bias[i]
            for k in range(sources.starts[i], sources.starts[i + 1]):
                j, delay = sources.indices[k], sources.delays[k]
                if delay == 0:
                    total += sources.data[k] * values[t, j]
                else:
                    row = now - delay
                    total += sources.data[k] * past[row + depth if row < 0 else row, j]
            z[i] = total
        for i in range(n):  # short loops, which LLVM vectorises
            y[i] = apply(rule.activation, gain[i] * z[i] + shift[i])
        before, after = past[now - 1], past[now]
        kept[:] = before
        if update.data.size:
            for i in range(n):
                total = 0.0
                for k in range(update.starts[i], update.starts[i + 1]):
                    total += update.data[k] * before[update.indices[k]]
                kept[i] = total
        for i in range(n):
            moves = (done + t) % update.periods[i] == 0
            new = update.keep[i] * kept[i] + update.leak[i] * y[i]
            after[i] = new if moves else before[i]
        if done + t >= washout:
            for i in range(n):
                step = rule.rate * (c0 + y[i] * (c1 + y[i] * (c2 + y[i] * c3)))
                gain[i] += rule.rate / gain[i] + step * z[i]
                shift[i] += step
