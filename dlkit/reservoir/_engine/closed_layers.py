"""Reservoirs in series as the arrays of their compiled closed loop."""

import numpy as np

from ..._frozen import frozen
from ..._jit import layers as loops
from ..._jit.reservoir import USER
from .._cells.kinds import Part
from .cell_arrays import gathered


class ClosedLayers:
    """Runs a :class:`DeepReservoir` on its own outputs.

    Parameters
    ----------
    drawn : DeepReservoir
        What to run; its matrices can be written out.
    engines : list of Lanes
        One for each layer.
    columns : list of ndarray
        Columns of a state that are each layer's.
    """

    def __init__(self, drawn, engines, columns):
        layouts = [layer.layout for layer in drawn.layers]
        self.depth = max(layer.depth for layer in drawn.layers)
        places, self.stride = _places(drawn, layouts)
        self._x, self._beside, self._clocks = [], [], []
        blocks, table = [], []
        coef = np.zeros((3, drawn.n_units))
        row = unit = n_beside = 0
        for k, (layer, layout) in enumerate(zip(drawn.layers, layouts, strict=True)):
            (x, made), n, depth = places[k], layer.n_units, layer.depth
            kernel = layout.kernel(np.zeros((3, 1)))
            links = self._links(layout, x, made, _heard(drawn, places[:k]))
            rows = [part.shape[0] for part in links]
            blocks += [_listed(part) for part in links]
            across = [n_links for *_, n_links in blocks[-3:]]
            own = np.array(layout.coef, dtype=float).reshape(-1, n)
            coef[: len(own), unit : unit + n] = own
            table.append(
                loops.Layer(
                    loops.KINDS.index(type(kernel)), engines[k].settings.activation, row, *rows,
                    *across, x[0], n, x[-1] + 1, layout.n_between, getattr(kernel, "n_memory", 0),
                    unit, n_beside, layout.n_beside, layout.period,
                )
            )  # fmt: skip
            # a layer's own state: its last outputs, what it holds beside them, its clock
            outputs, held = np.split(columns[k][: depth * n + layout.n_beside], [depth * n])
            for d in range(depth):
                back = (self.depth - 1 - d) * self.stride
                self._x.append((outputs[d * n : d * n + n], back + x))
            self._beside.append((held, n_beside + np.arange(layout.n_beside)))
            if layout.period:
                self._clocks.append((columns[k][-1:], np.array([k])))
            row, unit, n_beside = row + sum(rows), unit + n, n_beside + len(held)
        self.n_beside, self.n_layers = n_beside, len(table)
        seen = np.concatenate([x for x, _ in places])[unit - drawn.n_features :]
        users = [e.settings.user for e in engines if e.settings.activation == USER]
        user = users[0] if users else engines[0].settings.user
        data, indices, counts = (np.concatenate([part[k] for part in blocks]) for k in range(3))
        starts = np.concatenate([[0], np.cumsum(counts)])
        self._arrays = data, indices, starts, coef, np.array(table), user, seen
        self._layers = {}

    def _links(self, layout, x, made, heard):
        """Links into the rows of both products, and into those of P x(t − 1), if it is there."""
        now = self.depth * self.stride  # where the block of this step begins in the window
        where = {
            "x": now - self.stride + x, "made": now + made, "u": now + heard,
            "1": np.array([now + self.stride - 1]),
        }  # fmt: skip
        path = [] if layout.path is None else [[Part(layout.path)]]
        each = layout.first, layout.second, path
        return [gathered(rows, where, self.stride, now + self.stride) for rows in each]

    def _layers_in(self, dtype):
        """The arrays in a dtype."""
        if dtype not in self._layers:
            data, indices, starts, coef, table, user, seen = self._arrays
            starts, table, seen = (frozen(a, np.int64) for a in (starts, table, seen))
            self._layers[dtype] = loops.Layers(
                frozen(data, dtype), frozen(indices, np.uint32), starts, frozen(coef, dtype),
                table, user, self.stride, seen,
            )  # fmt: skip
        return self._layers[dtype]

    def run(self, loop, states, u, outputs, out, rows):
        """Run series on their own outputs, one after another; as `_closed.run_closed`."""
        n, dtype = len(states), states.dtype
        windows = np.zeros((n, self.depth * self.stride), dtype=dtype)
        windows[:, self.stride - 1 :: self.stride] = 1
        besides = np.zeros((n, self.n_beside), dtype=dtype)
        clocks = np.zeros((n, self.n_layers), dtype=np.int64)
        carried = [(windows, self._x), (besides, self._beside), (clocks, self._clocks)]
        for held, places in carried:
            for columns, to in places:
                held[:, to] = states[:, columns]
        layers = self._layers_in(dtype)
        loops.run_closed(layers, windows, besides, clocks, loop, u, outputs, out, rows)
        for held, places in carried:
            for columns, to in places:
                states[:, columns] = held[:, to]


def _listed(links):
    """Entries of some rows, their columns, how many each has, and that number if it is one.

    Rows with equally many are listed across: the first entry of each, the second of each.
    """
    counts = np.diff(links.indptr)
    if not len(counts) or not counts[0] or (counts != counts[0]).any():
        return links.data, links.indices, counts, 0
    across = (a.reshape(len(counts), -1).T.ravel() for a in (links.data, links.indices))
    return *across, counts, counts[0]


def _places(drawn, layouts):
    """Where in a block each layer's outputs are, and what it makes on the way; a block's length."""
    places, end = [], drawn.n_channels
    for layer, layout in zip(drawn.layers, layouts, strict=True):
        x = end + np.arange(layer.n_units)
        end += layer.n_units + layout.n_between
        places.append((x, np.arange(end - layout.n_between, end)))
    return places, end + 1


def _heard(drawn, below):
    """Where in a block a layer's input is, given the places of the layers below it."""
    channels = np.arange(drawn.n_channels)[None]
    return drawn.heard(channels, [x[None] for x, _ in below])[0]
