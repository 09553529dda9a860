"""Closed loops: what the readout gives is the input of the next step.

The loops that run a reservoir on given inputs run it on its own outputs as well: they take a
`Loop`, or None, and the type says which of the two is compiled.
"""

from typing import Any, NamedTuple

import numpy as np

from .compiled import generic, inner
from .vector import LANES


class Loop(NamedTuple):
    """How outputs become inputs.

    ``coef`` (G, q, N or N + C) reads the state (and, if it is as wide, the input of the step), with
    ``intercept`` (G, q); series j is read by number ``which[j]`` of the G. The outputs enter
    channels ``to`` of the next step's input, as 1 for the greatest and −1 for others if ``hard``
    (of one, by its sign). Before step t, row t of the values, if there are any, becomes the input,
    and the last output then enters it where ``own`` (total,) says so, everywhere if it is empty.
    ``shocks`` (total, q) are added to the outputs, unless empty.
    ``u`` (n, C) and ``y`` (n, q), the input and the output of each series, are advanced in place;
    ``fed`` (total, q) takes what is fed back; ``total`` (LANES,) is free to use.
    """

    coef: Any
    intercept: Any
    which: Any
    to: Any
    hard: Any
    own: Any
    shocks: Any
    u: Any
    y: Any
    fed: Any
    total: Any


@generic
def set_input(loop, values, t, j, z, first, l):
    """Write the input of step t of job j to lane l of ``z``, from row ``first`` on."""


@set_input.register(type(None))
def _(loop, values, t, j, z, first, l):
    for c in range(values.shape[1]):
        z[first + c, l] = values[t, c]


@set_input.register(Loop)
def _(loop, values, t, j, z, first, l):
    u = loop.u
    enter(loop, values, t, j)
    for c in range(values.shape[1]):
        z[first + c, l] = u[j, c]


@inner
def enter(loop, values, t, j):
    """Make up the input ``u[j]`` of step t of series j, given its last output."""
    u, y, to, own = loop.u, loop.y, loop.to, loop.own
    if values.shape[0]:
        for c in range(values.shape[1]):
            u[j, c] = values[t, c]
    if own.size == 0 or own[t]:
        for c in range(y.shape[1]):
            u[j, to[c]] = y[j, c]


@inner
def leave(loop, t, j, n_units):
    """Complete the output ``y[j]`` of step t, which has all that the state gives, and write it."""
    coef, u, y, fed = loop.coef, loop.u, loop.y, loop.fed
    best, n, g = 0, y.shape[1], loop.which[j]
    for c in range(n):
        total = y[j, c]
        for i in range(coef.shape[2] - n_units):
            total += coef[g, c, n_units + i] * u[j, i]
        y[j, c] = total
        if total > y[j, best]:
            best = c
    if loop.hard:
        alone = n == 1 and not y[j, 0] > 0
        for c in range(n):
            y[j, c] = 1 if c == best and not alone else -1
    if loop.shocks.size:
        for c in range(n):
            y[j, c] += loop.shocks[t, c]
    for c in range(n):
        fed[t, c] = y[j, c]


@generic
def keep_inputs(out, u, t, j, first):
    """Write an input beside the state in row t of ``out``, unless that is None."""


@keep_inputs.register(type(None))
def _(out, u, t, j, first):
    pass


@keep_inputs.register(np.ndarray)
def _(out, u, t, j, first):
    for c in range(u.shape[1]):
        out[t, first + c] = u[j, c]


@generic
def read_lanes(loop, x, lane, cursor, out):
    """Read the outputs off the states of all lanes; ``out`` takes the inputs beside the states."""


@read_lanes.register(type(None))
def _(loop, x, lane, cursor, out):
    pass


@read_lanes.register(Loop)
def _(loop, x, lane, cursor, out):
    coef, intercept, y, u, n = loop.coef, loop.intercept, loop.y, loop.u, x.shape[0]
    total, which, alone = loop.total, loop.which, coef.shape[0] == 1
    for c in range(y.shape[1]):
        if alone:
            for l in range(LANES):
                total[l] = intercept[0, c]
            for i in range(n):
                for l in range(LANES):
                    total[l] += coef[0, c, i] * x[i, l]
        else:
            for first in range(0, LANES, 4):  # four sums at a time, since each waits for its last
                g0, g1, g2, g3 = (
                    which[max(lane[first], 0)],
                    which[max(lane[first + 1], 0)],
                    which[max(lane[first + 2], 0)],
                    which[max(lane[first + 3], 0)],
                )
                t0, t1 = intercept[g0, c], intercept[g1, c]
                t2, t3 = intercept[g2, c], intercept[g3, c]
                for i in range(n):
                    t0 += coef[g0, c, i] * x[i, first]
                    t1 += coef[g1, c, i] * x[i, first + 1]
                    t2 += coef[g2, c, i] * x[i, first + 2]
                    t3 += coef[g3, c, i] * x[i, first + 3]
                total[first], total[first + 1] = t0, t1
                total[first + 2], total[first + 3] = t2, t3
        for l in range(LANES):
            if lane[l] >= 0:
                y[lane[l], c] = total[l]
    for l in range(LANES):
        if lane[l] >= 0:
            leave(loop, cursor[lane[l]], lane[l], n)
            keep_inputs(out, u, cursor[lane[l]], lane[l], n)


@generic
def read_lone(loop, x, t, j, out):
    """As `read_lanes`, for a lone lane; ``x`` is flat."""


@read_lone.register(type(None))
def _(loop, x, t, j, out):
    pass


@read_lone.register(Loop)
def _(loop, x, t, j, out):
    coef, intercept, y, g = loop.coef, loop.intercept, loop.y, loop.which[j]
    for c in range(y.shape[1]):
        total = intercept[g, c]
        for i in range(x.size):
            total += coef[g, c, i] * x[i]
        y[j, c] = total
    leave(loop, t, j, x.size)
    keep_inputs(out, loop.u, t, j, x.size)
