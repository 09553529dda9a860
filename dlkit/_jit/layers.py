"""The closed loop of reservoirs in series: what is read off them is the input of the next step.

All layers, of whatever cells, are one list of links into the rows of their pre-activations, which
are worked off layer by layer. A link begins in a *window* that slides over a buffer, of blocks

    block of step t = (u(t), x₁(t), what layer 1 makes on the way, x₂(t), …, 1):

those of as many steps before as the longest delay has, and the one that is being written, where a
layer finds the input and what the layers below it have just become. So one function, compiled once,
serves all, where `_cells.run_cells` is compiled for each type of cell.

Numba's cache does not see an edit of `_cell_updates.py`, `_closed.py` or `_vector.py` here: touch
this file as well.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from . import cell_updates as updates
from .closed import _enter, _leave
from .vector import BLOCK, STRICT, gather_alone

KINDS = list(updates.FUNCTIONS)
PATH, CLOCKWORK, GRU, MGU, LSTM, TRANSITION, LEGENDRE = range(len(KINDS))
BLOCKS = 16  # that the window slides before it is copied back


def _compiled(functions):
    return [njit(**STRICT)(function) for function in functions]


_gru, _mgu, _hide, _remember = _compiled(
    updates.FUNCTIONS[KINDS[kind]][0] for kind in (GRU, MGU, TRANSITION, LEGENDRE)
)
(
    _finish_path, _finish_clockwork, _finish_gru, _finish_mgu, _finish_lstm, _finish_transition,
    _finish_legendre,
) = _compiled(finish for _, finish in updates.FUNCTIONS.values())  # fmt: skip


class Layer(NamedTuple):
    """Numbers of a layer: a row of the table of all.

    ``kind`` is that of its cell. Its rows are ``first`` and ``second`` ones of pre-activations and
    ``path`` ones of P x(t − 1), from ``row`` on, each with ``first_links`` and so on if these lie
    across, else 0. In a block it writes ``n_units`` entries from ``x`` on and ``n_between`` from
    ``made`` on. Columns of the coefficients and of the noise begin at ``unit``, what it carries
    beside its output at ``beside``.
    """

    kind: Any
    activation: Any
    row: Any
    first: Any
    second: Any
    path: Any
    first_links: Any
    second_links: Any
    path_links: Any
    x: Any
    n_units: Any
    made: Any
    n_between: Any
    n_memory: Any
    unit: Any
    beside: Any
    n_beside: Any
    period: Any


@njit(**STRICT)
def _row(table, k):
    t = table[k]
    return Layer(
        t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13],
        t[14], t[15], t[16], t[17],
    )  # fmt: skip


class Layers(NamedTuple):
    """All layers: links, coefficients (3, units of all), the table, a user's f.

    Links of successive rows lie in ``data`` and ``indices`` row by row, from ``starts`` on; those
    of parts whose rows have equally many, across them: the first of each row, the second of each.
    ``stride`` is the length of a block, ``seen`` are those of its entries that the readout sees.
    """

    data: Any
    indices: Any
    starts: Any
    coef: Any
    table: Any
    user: Any
    stride: Any
    seen: Any


class Numbers(NamedTuple):
    """What `_cell_updates` reads of a cell besides its coefficients."""

    uniform: Any
    n_memory: Any


@njit(**STRICT)
def _gather(layers, row, n_links, window, out):
    """What comes through the links of successive rows, ``n_links`` to each if they are across."""
    data, indices, starts = layers.data, layers.indices, layers.starts
    if n_links:
        n = out.size
        begin, end = starts[row], starts[row] + n_links * n
        across = data[begin:end].reshape(n_links, n), indices[begin:end].reshape(n_links, n)
        for i in range(0, n - n % BLOCK, BLOCK):
            gather_alone(across[0], across[1], window, out, i)
        for i in range(n - n % BLOCK, n):
            total = out.dtype.type(0)
            for k in range(n_links):
                total += across[0][k, i] * window[across[1][k, i]]
            out[i] = total
    else:
        for i in range(out.size):
            total = out.dtype.type(0)
            for k in range(starts[row + i], starts[row + i + 1]):
                total += data[k] * window[indices[k]]
            out[i] = total


@njit(**STRICT)
def _step(layers, layer, window, z, kept, beside, clock):
    """Write the present block's part of a layer."""
    n, stride = layer.n_units, layers.stride
    now = window.size - stride
    old, new = window[now - stride + layer.x :][:n], window[now + layer.x :][:n]
    made = window[now + layer.made :][: layer.n_between]
    kind, f, user = layer.kind, layer.activation, layers.user
    cell, coef = Numbers(False, layer.n_memory), layers.coef[:, layer.unit : layer.unit + n]
    in_place = layer.first == n and layer.second == 0
    _gather(layers, layer.row, layer.first_links, window, new if in_place else z[: layer.first])
    if layer.second:
        if kind == GRU:
            _gru(cell, f, user, z, old, made)
        elif kind == MGU:
            _mgu(cell, f, user, z, old, made)
        elif kind == TRANSITION:
            _hide(cell, f, user, z, old, made)
        else:
            _remember(cell, f, user, z, old, made)
        row = layer.row + layer.first
        target = z[layer.first : layer.first + layer.second]
        _gather(layers, row, layer.second_links, window, target)
    z = z[: layer.first + layer.second]
    if layer.path:
        row = layer.row + layer.first + layer.second
        _gather(layers, row, layer.path_links, window, kept[:n])
    else:
        kept[:n] = old
    kept = kept[:n]
    if kind == PATH:
        _finish_path(cell, coef, f, user, z, kept, new, beside, clock)
    elif kind == CLOCKWORK:
        _finish_clockwork(cell, coef, f, user, z, kept, new, beside, clock)
    elif kind == GRU:
        _finish_gru(cell, coef, f, user, z, kept, new, beside, clock)
    elif kind == MGU:
        _finish_mgu(cell, coef, f, user, z, kept, new, beside, clock)
    elif kind == LSTM:
        _finish_lstm(cell, coef, f, user, z, kept, new, beside, clock)
    elif kind == TRANSITION:
        _finish_transition(cell, coef, f, user, z, kept, new, beside, clock)
    else:
        _finish_legendre(cell, coef, f, user, z, kept, new, beside, clock)
    if layer.period:
        clock[0] = (clock[0] + 1) % layer.period


@njit(**STRICT)
def run_closed(layers, windows, besides, clocks, loop, u, y, out, rows):
    """Let each series drive itself through the layers; as `_closed.run_closed`.

    ``windows`` (n, longest delay · stride), ``besides`` (n, numbers) and ``clocks`` (n, layers)
    hold what is carried, and are advanced in place.
    """
    stride, dtype = layers.stride, windows.dtype
    size, n_channels = windows.shape[1], u.shape[1]
    n_seen, read = layers.seen.size, np.zeros(layers.seen.size, dtype=dtype)
    buffer = np.zeros(size + BLOCKS * stride, dtype=dtype)
    most, units = 0, 0
    for k in range(len(layers.table)):
        layer = _row(layers.table, k)
        most = max(most, layer.first + layer.second)
        units = max(units, layer.n_units)
    z, kept = np.zeros(most, dtype=dtype), np.zeros(units, dtype=dtype)
    for j in range(u.shape[0]):
        base = 0
        buffer[:size] = windows[j]
        for t in range(loop.offsets[j], loop.offsets[j + 1]):
            if base + size + stride > buffer.size:
                for i in range(size):
                    buffer[i] = buffer[base + i]
                base = 0
            window = buffer[base : base + size + stride]
            now = window[size:]
            _enter(loop, t, j, u, y)
            for c in range(n_channels):
                now[c] = u[j, c]
            now[stride - 1] = 1
            for k in range(len(layers.table)):
                layer = _row(layers.table, k)
                beside = besides[j, layer.beside : layer.beside + layer.n_beside]
                _step(layers, layer, window, z, kept, beside, clocks[j, k : k + 1])
                if loop.noise.shape[0]:
                    for i in range(layer.n_units):
                        now[layer.x + i] += loop.noise[t, layer.unit + i]
            for i in range(n_seen):
                read[i] = now[layers.seen[i]]
            if rows.shape[0]:
                for i in range(n_seen):
                    rows[t, i] = read[i]
                for c in range(n_channels):
                    rows[t, n_seen + c] = u[j, c]
            for c in range(y.shape[1]):
                total = loop.intercept[c]
                for i in range(n_seen):
                    total += loop.coef[c, i] * read[i]
                y[j, c] = total
            _leave(loop, t, n_seen, j, u, y, out)
            base += stride
        windows[j] = buffer[base : base + size]
