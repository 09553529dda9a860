"""The closed loop of reservoirs in series: what is read off them is the input of the next step.

A layer is a tuple whose type says how it makes a step, in memory of its own. All that a step comes
to lies in one record, (u(t), x₁(t), x₂(t), …), where a layer finds its input and leaves its output.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from .cells import Alone, load, make_step, slide, unload
from .closed import enter, keep_inputs, leave
from .compiled import INNER, STRICT, compiled, generic
from .links import add_lone, gather_lone
from .reservoir import update


class Place(NamedTuple):
    """Where things of a layer are: entries of the record, columns of a state and of the noise.

    ``sources`` are those of its input, its own outputs lie from ``first`` on; ``columns`` are its
    own of a state, ``unit`` is the first of its columns of the noise.
    """

    sources: Any
    first: Any
    columns: Any
    unit: Any


class LeakyLayer(NamedTuple):
    """Leaky units: ``links``, ``activation``, and `reservoir.Memory` of one lane."""

    place: Any
    links: Any
    activation: Any
    memory: Any


class CellLayer(NamedTuple):
    """Units of another cell, as `cells.run_cells` takes them.

    ``base`` (1,) is where its window begins, ``state`` (1, n_state) free to use.
    """

    place: Any
    cell: Any
    products: Any
    shape: Any
    activation: Any
    memory: Any
    base: Any
    state: Any


@generic
def _begin(layer, states, j):
    """Bring a layer into the state of series j."""


@_begin.register(LeakyLayer)
def _(layer, states, j):
    x, columns = layer.memory.x_flat, layer.place.columns
    for i in range(x.size):
        x[i] = states[j, columns[i]]
    layer.memory.z_flat[x.size + layer.place.sources.size] = 1


@_begin.register(CellLayer)
def _(layer, states, j):
    shape, memory, columns = layer.shape, layer.memory, layer.place.columns
    state, buffer = layer.state, memory.buffer
    for i in range(columns.size):
        state[0, i] = states[j, columns[i]]
    for row in range(shape.stride - 1, buffer.shape[0] - 1, shape.stride):
        buffer[row, 0] = 1
    layer.base[0] = 0
    load(shape, memory.buffer, 0, memory.beside, memory.clock, 0, layer.state, 0)


@generic
def _end(layer, states, j):
    """Leave a layer's state in that of series j."""


@_end.register(LeakyLayer)
def _(layer, states, j):
    x, columns = layer.memory.x_flat, layer.place.columns
    for i in range(x.size):
        states[j, columns[i]] = x[i]


@_end.register(CellLayer)
def _(layer, states, j):
    memory, columns = layer.memory, layer.place.columns
    unload(
        layer.shape, memory.buffer, layer.base[0], memory.beside, memory.clock, 0, layer.state, 0
    )
    state = layer.state
    for i in range(columns.size):
        states[j, columns[i]] = state[0, i]


@generic
def _step(layer, record, noise, t):
    """Make a layer's step t, from and to the record."""


@_step.register(LeakyLayer)
def _(layer, record, noise, t):
    place, memory = layer.place, layer.memory
    z, x, pre, sources = memory.z_flat, memory.x_flat, memory.pre_flat, place.sources
    n, first = x.size, np.uint64(place.first)
    for c in range(sources.size):
        z[n + c] = record[sources[c]]
    gather_lone(layer.links.listed, z, pre)
    add_lone(layer.links.matrix, z, pre, memory.through)
    update(layer.activation, memory.leak_flat, pre, x)
    if noise.shape[0]:
        for i in range(n):
            x[i] += noise[t, place.unit + i]
    for i in range(n):
        record[first + np.uint64(i)] = x[i]


@_step.register(CellLayer)
def _(layer, record, noise, t):
    place, shape, memory, base = layer.place, layer.shape, layer.memory, layer.base[0]
    buffer, n, sources = memory.buffer, shape.n_units, place.sources
    size = shape.depth * shape.stride
    first = base + size - shape.stride + n + shape.n_between
    for c in range(sources.size):
        buffer[first + c, 0] = record[sources[c]]
    make_step(Alone(), layer.cell, layer.products, shape, layer.activation, buffer, base, memory)
    if noise.shape[0]:
        for i in range(n):
            buffer[base + size + i, 0] += noise[t, place.unit + i]
    for i in range(n):
        record[place.first + i] = buffer[base + size + i, 0]
    if shape.period:
        memory.clock[0] = (memory.clock[0] + 1) % shape.period
    layer.base[0] = slide(shape, buffer, base)


def _for_each(function):
    """Make a function that calls another for every layer of a tuple, in order.

    Layers of one type are compiled as a loop, others one by one.
    """

    def each(layers, *given):
        for layer in layers:
            function(layer, *given)

    def none(layers, *given):
        pass

    def each_apart(layers, *given):
        function(layers[0], *given)
        each(layers[1:], *given)

    def choose(layers, *given):
        if not len(layers):
            return none
        return each_of_one_type if isinstance(layers, types.UniTuple) else each_apart

    def each_of_one_type(layers, *given):
        for layer in layers:
            function(layer, *given)

    overload(each, jit_options={**STRICT, **INNER})(choose)
    return each


@generic
def _keep_seen(out, record, n_seen, t):
    """Write what is seen to row t of ``out``, unless that is None."""


@_keep_seen.register(type(None))
def _(out, record, n_seen, t):
    pass


@_keep_seen.register(np.ndarray)
def _(out, record, n_seen, t):
    for i in range(n_seen):
        out[t, i] = record[record.size - n_seen + i]


_begin_all, _step_all, _end_all = _for_each(_begin), _for_each(_step), _for_each(_end)


@compiled
def run_layers(layers, n_seen, record, values, noise, offsets, states, loop, out):
    """Let each series drive itself through the layers, one after another; see :class:`closed.Loop`.

    The readout sees the last ``n_seen`` entries of the record. ``states`` (n, n_state) are
    advanced in place; ``out`` (total, seen + C), unless it is None, takes what is seen and the
    input of each step.
    """
    n_channels, first = values.shape[1], np.uint64(record.size - n_seen)
    coef, intercept, u, y, which = loop.coef, loop.intercept, loop.u, loop.y, loop.which
    for j in range(states.shape[0]):
        g = which[j]
        _begin_all(layers, states, j)
        for t in range(offsets[j], offsets[j + 1]):
            enter(loop, values, t, j)
            for c in range(n_channels):
                record[c] = u[j, c]
            _step_all(layers, record, noise, t)
            for c in range(y.shape[1]):
                total = intercept[g, c]
                for i in range(n_seen):
                    total += coef[g, c, i] * record[first + np.uint64(i)]
                y[j, c] = total
            leave(loop, t, j, n_seen)
            _keep_seen(out, record, n_seen, t)
            keep_inputs(out, u, t, j, n_seen)
        _end_all(layers, states, j)
