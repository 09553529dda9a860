"""From a cell's layout to the arrays of the compiled loop, and the calls of that loop."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..._frozen import frozen
from ..._jit import cells as loops
from ..._jit.vector import LANES
from .links import SPARSE, as_form, list_links
from .memory import aligned, make_sums, none_yet

__all__ = ["CellArrays", "gathered", "make_cell"]

SMALL = 2**20  # bytes


class CellArrays(NamedTuple):
    """A cell as the compiled loop takes it."""

    cell: object
    products: object
    shape: object
    n_rows: tuple  # of the first and of the second product

    @property
    def n_state(self):
        """Numbers that are carried from step to step."""
        return self.n_free + (self.shape.period > 0)

    @property
    def n_free(self):
        """Those of them that are no clock."""
        return self.shape.depth * self.shape.n_units + self.shape.n_beside

    def two_loops(self, settings, jobs, states, out, loop):
        """The loop of many lanes, that of one, and whether jobs stay where they began.

        They stay there where only outputs are kept of what is carried from step to step.
        """
        shape = self.shape
        if loop is not None and out is not None:  # whose rows take the inputs as well
            shape = shape._replace(n_columns=out.shape[1])
        how = self.cell, self.products, shape, settings, jobs

        def wide(order, few):
            memory = self.memory(LANES, states.dtype, jobs.moments)
            loops.run_cells(loops.Wide(), *how, order, states, out, few, memory, loop)

        def lone(order):
            memory = self.memory(1, states.dtype, jobs.moments)
            loops.run_cells(loops.Alone(), *how, order, states, out, 1, memory, loop)

        return wide, lone, states.shape[1] < self.n_state

    def memory(self, width, dtype, moments=None):
        """What so many lanes are computed in."""
        n, depth, stride = self.shape.n_units, self.shape.depth, self.shape.stride
        # blocks beyond the window: few copies of it, but no more than the caches hold
        room = SMALL // (stride * width * dtype.itemsize)
        blocks = depth + max(depth, min(4 * depth, room), 2)
        first, second = self.n_rows
        in_place = first == n and self.products.second is None
        z = aligned(0 if in_place else first + second, width, dtype)
        path = self.products.path
        through = aligned(0 if path is None else n, width, dtype)
        beside = aligned(self.shape.n_beside, width, dtype)
        return loops.CellMemory(
            aligned(blocks * stride + 1, width, dtype), None if in_place else z[:first], z[first:],
            z.reshape(-1), through, through.reshape(-1), np.zeros(through.size, dtype),
            np.repeat(self.cell.coef, width, axis=1), beside, beside.reshape(-1),
            np.zeros(width, dtype=np.int64), make_sums(moments, n, width), np.zeros(8, dtype),
            np.zeros(width, dtype=np.int64), *none_yet(2, width),
        )  # fmt: skip


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
    path = None if layout.path is None else as_form(layout.path, dtype)
    coef = np.array(layout.coef, dtype=np.float64).reshape(-1, n_units)
    return CellArrays(
        layout.kernel(frozen(coef, dtype)),
        loops.Products(
            list_links(first, dtype), list_links(second, dtype) if layout.second else None, path
        ),
        loops.Shape(
            n_units, depth, layout.n_between, layout.n_beside, layout.period, stride, n_columns
        ),
        (first.shape[0], second.shape[0]),
    )


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
