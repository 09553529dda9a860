"""From a cell's layout to the arrays of the compiled loop, and the calls of that loop."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..._frozen import frozen
from ..._jit import cells as loops
from ..._jit.closed import Loop
from ..._jit.reservoir import LANES, Jobs
from .links import SPARSE, list_links, make_links

__all__ = ["CellArrays", "gathered", "make_cell"]


class CellArrays(NamedTuple):
    """A cell as the compiled loop takes it."""

    cell: object
    products: object
    shape: object

    @property
    def n_state(self):
        """Numbers that are carried from step to step."""
        return self.n_free + (self.shape.period > 0)

    @property
    def n_free(self):
        """Those of them that are no clock."""
        return self.shape.depth * self.shape.n_units + self.shape.n_beside

    def run(self, settings, jobs, states, out, order, few):
        """Run jobs side by side until fewer than ``few`` are left, and those one after another.

        One after another goes in the same loop, which is then a lane wide.
        """
        none = np.empty((0, 0), states.dtype)
        closed = _open_loop(states.dtype), none, none, none
        lanes = (*self, settings.activation, settings.user, jobs, order, states, out, *closed)
        if len(order) >= few:
            # sums stay in the lanes, and so does what is carried where only outputs are kept
            kept = len(jobs.moments) or states.shape[1] < self.n_state
            loops.run_cells(*lanes, LANES, 1 if kept else few)
        if (jobs.cursor[order] < jobs.stops[order]).any():
            loops.run_cells(*lanes, 1, 1)

    def run_closed(self, settings, loop, states, u, y, out, rows, few):
        """Run series on their own outputs; as `_closed.run_closed`."""
        starts, stops = loop.offsets[:-1].copy(), loop.offsets[1:].copy()
        each = np.zeros(len(starts), dtype=np.int64)
        sums = np.empty((0, self.shape.n_units))
        jobs = Jobs(loop.given, loop.noise, starts.copy(), stops, each, each, 0.0, starts, sums)
        loops.run_cells(
            self.cell, self.products, self.shape._replace(n_columns=rows.shape[1]),
            settings.activation, settings.user, jobs, np.arange(len(starts)), states, rows, loop,
            u, y, out, LANES if len(starts) >= few else 1, 1,
        )  # fmt: skip


@lru_cache(maxsize=2)
def _open_loop(dtype):
    """A loop that no output is fed back in."""
    rows, whole = frozen(np.empty((0, 0)), dtype), frozen(np.empty(0), np.int64)
    number, own = frozen(np.empty(0), dtype), frozen(np.empty(0), np.bool_)
    return Loop(rows, number, whole, False, rows, own, rows, whole)


def make_cell(layout, n_units, n_channels, depth, dtype, n_columns):
    """Bring a layout into arrays.

    Parameters
    ----------
    layout : Layout
        What to bring.
    n_units, n_channels, depth, n_columns : int
        As of the reservoir, its longest delay, and the width of its rows.
    dtype : dtype
        float32 or float64.

    Returns
    -------
    CellArrays
    """
    inputs = n_units + layout.n_between
    stride = inputs + n_channels + 1
    last = (depth - 1) * stride
    where = {
        "x": last + np.arange(n_units), "made": last + np.arange(n_units, inputs),
        "u": last + np.arange(inputs, stride - 1), "1": np.array([last + stride - 1]),
    }  # fmt: skip
    first, second = (
        gathered(rows, where, stride, depth * stride) for rows in (layout.first, layout.second)
    )
    nothing = sparse.csr_array((n_units, n_units)) if layout.path is None else layout.path
    path = make_links(nothing, np.ones((n_units, 1)), np.zeros(n_units), dtype)  # the form of P
    coef = np.array(layout.coef, dtype=np.float64).reshape(-1, n_units)
    return CellArrays(
        layout.kernel(frozen(coef, dtype)),
        loops.Products(list_links(first, dtype), list_links(second, dtype), path),
        loops.Shape(
            n_units, first.shape[0], second.shape[0], depth, layout.n_between, layout.n_beside,
            layout.period, n_columns,
        ),
    )  # fmt: skip


def gathered(rows, where, stride, width):
    """Rows of parts as one CSR matrix of entries in a window.

    Parameters
    ----------
    rows : list of list of Part
        What to gather.
    where : dict of str to ndarray
        Entries of the window that are the columns of each source, of the step that is nearest.
    stride, width : int
        Entries of a step, and of the window.

    Returns
    -------
    csr_array of shape (number of rows, width)
    """
    blocks = [np.empty((3, 0))]
    n_rows = 0
    for parts in rows:
        for matrix, source, delays, offset in parts:
            m = sparse.coo_array(matrix) if sparse.issparse(matrix) else _full(matrix)
            back = 0 if delays is None else (delays - 1) * stride
            columns = where[source][m.col + offset * (source == "x")] - back
            blocks.append(np.stack([m.data, m.row + n_rows, columns]))
        n_rows += parts[0].matrix.shape[0]
    data, row, column = np.hstack(blocks)
    places = row.astype(np.int64), column.astype(np.int64)
    return sparse.csr_array((data, places), shape=(n_rows, width))


def _full(matrix):
    """Entries of an array in COO form: all, or those that are not zero if many are."""
    if (matrix == 0).mean() > SPARSE:
        return sparse.coo_array(matrix)
    rows, columns = np.indices(matrix.shape)
    return sparse.coo_array((matrix.ravel(), (rows.ravel(), columns.ravel())), matrix.shape)
