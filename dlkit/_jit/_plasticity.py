"""The loop of intrinsic plasticity: a gain and a shift for each unit, learned step by step."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ._vector import STRICT, tanh


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


class Rule(NamedTuple):
    """What is learned: Δshift = rate · p(y), Δgain = rate / gain + Δshift · z.

    ``polynomial`` holds p's four coefficients, the constant first; ``logistic`` says whether
    y = f(gain z + shift) is the logistic function's, or else the hyperbolic tangent's.
    """

    polynomial: Any
    logistic: Any
    rate: Any


@njit(**STRICT)
def adapt(sources, leak, rule, values, done, washout, past, gain, shift):
    """Run leaky units over a stretch of a sequence, learning after each step.

    ``done`` steps came before. ``past`` (longest delay, N), advanced in place, holds the state of
    step t of the sequence in row t modulo its length. Of the first ``washout`` steps nothing is
    learned. ``gain`` and ``shift`` (N,) are updated.
    """
    depth, n = past.shape
    c0, c1, c2, c3 = rule.polynomial
    z, y = np.empty(n), np.empty(n)
    scale = 0.5 if rule.logistic else 1.0  # 1 / (1 + exp(−a)) = (1 + tanh(a / 2)) / 2
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
            y[i] = 1.0 - scale + scale * tanh(scale * (gain[i] * z[i] + shift[i]))
        before, after = past[now - 1], past[now]
        for i in range(n):
            after[i] = (1 - leak[i]) * before[i] + leak[i] * y[i]
        if done + t >= washout:
            for i in range(n):
                step = rule.rate * (c0 + y[i] * (c1 + y[i] * (c2 + y[i] * c3)))
                gain[i] += rule.rate / gain[i] + step * z[i]
                shift[i] += step
