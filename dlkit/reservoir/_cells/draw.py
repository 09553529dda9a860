"""What is drawn of a cell: gates, the delays of links, and what is the cell's own."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from ..._frozen import read_only
from .._matrices.topology import (
    InputWeights,
    as_topology,
    draw_bias,
    draw_input,
    draw_recurrent,
)
from .cell import Cell, as_csr, split_delays

__all__ = ["Draw", "DrawnCell", "draw_cell"]


class Gate(NamedTuple):
    """Unscaled W, W_in and b of a gate."""

    matrix: object
    w_in: np.ndarray
    bias: np.ndarray


class Draw(NamedTuple):
    """How a reservoir's matrices are drawn; the parameters are those of the estimators.

    ``n_units`` does not count the ``n_memory`` units of a linear memory.
    """

    n_units: int
    n_memory: int
    n_channels: int
    topology: object
    n_links: int
    input_weights: InputWeights

    @property
    def weights(self):
        """Distribution of the recurrent weights."""
        return getattr(as_topology(self.topology), "weights", "normal")

    def recurrent(self, random_state):
        """Draw an unscaled W."""
        options = {"n_links": self.n_links, "random_state": random_state}
        return draw_recurrent(self.topology, self.n_units, **options)

    def inputs(self, random_state):
        """Draw an unscaled W_in."""
        weights, density = self.input_weights.distribution, self.input_weights.density
        options = {"weights": weights, "density": density, "random_state": random_state}
        return draw_input(self.n_units, self.n_channels, **options)

    def bias(self, random_state):
        """Draw an unscaled b."""
        weights = self.input_weights.distribution
        return draw_bias(self.n_units, weights=weights, random_state=random_state)


@dataclass(frozen=True, eq=False)
class DrawnCell:
    """What is drawn of a cell besides W, W_in and b.

    Attributes
    ----------
    kind : Cell
        The cell, with its parameters.
    gates : dict of str to Gate
        Further draws; the gain on W and the scalings are those of the candidate.
    delays : dict of str to ndarray
        The delay of each stored link of W (``"state"``) and of the gates' matrices, in the order of
        CSR; without an entry all are one.
    depth : int
        The longest delay.
    n_memory : int
        Units of a linear memory, which come before the others.
    own : dict
        What the cell has of its own, by name.
    """

    kind: Cell
    gates: dict = field(default_factory=dict)
    delays: dict = field(default_factory=dict)
    depth: int = 1
    n_memory: int = 0
    own: dict = field(default_factory=dict)

    def __post_init__(self):
        vars(self).update({name: read_only(value) for name, value in vars(self).items()})

    def __setstate__(self, state):
        vars(self).update(state)
        self.__post_init__()


def draw_cell(cell, base, how, random_state):
    """Draw what a cell has besides W, W_in and b.

    Parameters
    ----------
    cell : Cell
        Checked.
    base : ndarray or sparse array of shape (n_units, n_units)
        W, drawn and measured before.
    how : Draw
        How the rest is drawn.
    random_state : int
        Seeds it.

    Returns
    -------
    DrawnCell
    """
    if cell.plain:
        return DrawnCell(cell)
    rng = check_random_state(random_state)
    as_csr(base)
    gates, delays = {}, {}
    for gate in cell.gates:
        W = None
        seeds = rng.randint(2**31 - 1, size=3)
        if cell.recurrent_gates:
            W = how.recurrent(seeds[0])
        gates[gate] = Gate(W, how.inputs(seeds[1]), how.bias(seeds[2]))
    own = cell.draw(rng, how)
    steps, shares = split_delays(cell.delays)
    if steps.tolist() != [1]:
        for key, matrix in ({"state": base} | {k: g.matrix for k, g in gates.items()}).items():
            if matrix is not None:
                delays[key] = _share_out(steps, shares, as_csr(matrix).nnz, rng)
    return DrawnCell(cell, gates, delays, int(steps[-1]), how.n_memory, own)


def _share_out(delays, shares, n, rng):
    """A delay for each of n links, at random, so many of each as its share says."""
    ends = np.round(np.cumsum(shares) * n).astype(int)
    return rng.permutation(np.repeat(delays, np.diff(ends, prepend=0)))
