"""The closed loop: what the readout gives is the input of the next step; of the leaky reservoir.

That of other cells is in their own loop (`_cells.py`).

Numba's cache does not see an edit of `_reservoir.py` or `_vector.py` here: touch this file as well.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from .reservoir import (
    _aligned,
    _lanes_links,
    _lanes_matrix,
    _lone_links,
    _lone_matrix,
    _set_lane,
    _update,
)
from .vector import LANES, STRICT


class Loop(NamedTuple):
    """How outputs become inputs.

    ``coef`` (q, N or N + C) reads the state (and, if it is as wide, the input of the step), with
    ``intercept``. The outputs enter channels ``to`` of the next step's input, as 1 for the greatest
    and −1 for others if ``hard`` (of one, by its sign). Before step t, row t of ``given`` (total,
    C), unless it has none, becomes the input, and the last output then enters it where ``own``
    (total,) says so, everywhere if it is empty. ``noise`` (total, N), unless it has no rows, is
    added to the states; series j is rows ``offsets[j]`` to ``offsets[j + 1] - 1``.
    """

    coef: Any
    intercept: Any
    to: Any
    hard: Any
    given: Any
    own: Any
    noise: Any
    offsets: Any


@njit(**STRICT)
def _enter(loop, t, j, u, y):
    """Make up the input ``u[j]`` of step t of series j, given its last output."""
    if loop.given.shape[0]:
        for c in range(u.shape[1]):
            u[j, c] = loop.given[t, c]
    if loop.own.size == 0 or loop.own[t]:
        for c in range(y.shape[1]):
            u[j, loop.to[c]] = y[j, c]


@njit(**STRICT)
def _leave(loop, t, n_units, j, u, y, out):
    """Complete the output ``y[j]`` of step t, which has all that the state gives, and write it."""
    best, n = 0, y.shape[1]
    for c in range(n):
        total = y[j, c]
        for i in range(loop.coef.shape[1] - n_units):
            total += loop.coef[c, n_units + i] * u[j, i]
        y[j, c] = total
        if total > y[j, best]:
            best = c
    if loop.hard:
        alone = n == 1 and not y[j, 0] > 0
        for c in range(n):
            y[j, c] = 1 if c == best and not alone else -1
    for c in range(n):
        out[t, c] = y[j, c]


@njit(**STRICT)
def run_closed(links, settings, loop, states, u, y, out, rows):
    """Let each series drive itself: its last output ``y`` enters the next step, see :class:`Loop`.

    ``states`` (n, N), ``u`` (n, C) and ``y`` (n, q) are advanced in place. ``out`` (total, q)
    takes the outputs as they are fed back, ``rows`` (total, N + C), unless it has none, the state
    and the input of each step.
    """
    n_units, n_channels = settings.leak.shape[1], u.shape[1]
    z = np.ones(n_units + n_channels + 1, dtype=states.dtype)
    x = z[:n_units]
    activation, user, leak = settings.activation, settings.user, settings.leak[0]
    special = links.signs.shape[0] + links.ring.shape[0] + links.dense.shape[0] > 0
    pre, through = np.zeros(n_units, dtype=states.dtype), np.zeros(n_units, dtype=states.dtype)
    for j in range(states.shape[0]):
        for i in range(n_units):
            x[i] = states[j, i]
        for t in range(loop.offsets[j], loop.offsets[j + 1]):
            _enter(loop, t, j, u, y)
            for c in range(n_channels):
                z[n_units + c] = u[j, c]
            _lone_links(links, z, pre)
            if special:
                _lone_matrix(links, z, pre, through)
            _update(activation, user, leak, pre, x)
            if loop.noise.shape[0]:
                for i in range(n_units):
                    x[i] += loop.noise[t, i]
            for c in range(y.shape[1]):
                total = loop.intercept[c]
                for i in range(n_units):
                    total += loop.coef[c, i] * x[i]
                y[j, c] = total
            _leave(loop, t, n_units, j, u, y, out)
            if rows.shape[0]:
                for i in range(n_units):
                    rows[t, i] = x[i]
                for c in range(n_channels):
                    rows[t, n_units + c] = u[j, c]
        for i in range(n_units):
            states[j, i] = x[i]


@njit(**STRICT)
def run_closed_lanes(links, settings, loop, states, u, y, out, rows):
    """As :func:`run_closed`, with ``LANES`` series side by side."""
    n_units, n_channels = settings.leak.shape[1], u.shape[1]
    z = _aligned(n_units + n_channels + 2, states)
    for l in range(LANES):
        z[n_units + n_channels, l] = 1
    x = z[:n_units]
    pre, leak, factors = _aligned(n_units, states), _aligned(n_units, states), z[:0]
    special = links.signs.shape[0] + links.ring.shape[0] + links.dense.shape[0] > 0
    through = np.zeros((2, n_units if special else 0, LANES), dtype=states.dtype)
    dense_rows = np.arange(links.dense.shape[0]) * n_units
    total = np.zeros(LANES, dtype=states.dtype)
    for l in range(LANES):
        _set_lane(leak, l, settings.leak[0])
    for first in range(0, states.shape[0], LANES):
        width = min(LANES, states.shape[0] - first)
        longest = 0
        for l in range(LANES):
            for i in range(n_units + n_channels):
                z[i, l] = 0
        for l in range(width):
            _set_lane(x, l, states[first + l])
            longest = max(longest, loop.offsets[first + l + 1] - loop.offsets[first + l])
        for step in range(longest):
            for l in range(width):
                t = loop.offsets[first + l] + step
                if t < loop.offsets[first + l + 1]:  # who is done runs on, harmlessly
                    _enter(loop, t, first + l, u, y)
                    for c in range(n_channels):
                        z[n_units + c, l] = u[first + l, c]
            _lanes_links(links, z, pre, factors)
            if special:
                _lanes_matrix(links, z, pre, through, factors, dense_rows)
            flat = x.reshape(-1)
            _update(settings.activation, settings.user, leak.reshape(-1), pre.reshape(-1), flat)
            if loop.noise.shape[0]:
                for l in range(width):
                    t = loop.offsets[first + l] + step
                    if t < loop.offsets[first + l + 1]:
                        for i in range(n_units):
                            x[i, l] += loop.noise[t, i]
            for c in range(y.shape[1]):
                for l in range(LANES):
                    total[l] = loop.intercept[c]
                for i in range(n_units):
                    for l in range(LANES):
                        total[l] += loop.coef[c, i] * x[i, l]
                for l in range(width):
                    if step < loop.offsets[first + l + 1] - loop.offsets[first + l]:
                        y[first + l, c] = total[l]
            for l in range(width):
                j = first + l
                t, end = loop.offsets[j] + step, loop.offsets[j + 1]
                if t < end:
                    _leave(loop, t, n_units, j, u, y, out)
                    if rows.shape[0]:
                        for i in range(n_units):
                            rows[t, i] = x[i, l]
                        for c in range(n_channels):
                            rows[t, n_units + c] = u[j, c]
                if t == end - 1:
                    for i in range(n_units):
                        states[j, i] = x[i, l]
