"""What all cells have: their base class, their layout, and the parts that layouts are made of."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from sklearn.base import BaseEstimator

from ..._jit import cell_updates as updates
from ..._params import Integral, InvalidParameterError
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import WEIGHTS, distinct_sources, draw_recurrent, scale_input

__all__ = [
    "Cell",
    "Layout",
    "Part",
    "as_csr",
    "biased",
    "draw_path",
    "forgotten",
    "leak",
    "leaky_layout",
    "legendre_memory",
    "listed",
    "path_of",
    "products",
    "sparse_clockwork",
    "split_delays",
]

LONGEST_DELAY = 2**16  # so many steps of all units are held in memory


class Part(NamedTuple):
    """Links into some rows: a matrix, and what its columns are: "x", "made", "u" or "1".

    The columns begin ``offset`` units late; ``delays`` hold one number for each stored link of a
    CSR matrix, all one if None.
    """

    matrix: object
    source: str = "x"
    delays: object = None
    offset: int = 0


class Layout(NamedTuple):
    """A drawn reservoir in the form that all cells have, see ``dlkit/_jit/cells.py``.

    ``first`` and ``second`` are lists of rows, each a list of `Part`; ``rate`` is about how much of
    a small difference a step leaves.
    """

    kernel: object
    coef: list
    first: list
    rate: float
    second: list = ()
    path: object = None
    n_between: int = 0
    n_beside: int = 0
    period: int = 0


class Cell(BaseEstimator, ABC):
    """What all cells have.

    Attributes
    ----------
    gates : tuple of str
        Further draws of W, W_in and b.
    recurrent_gates : bool
        Whether gates hear the units.
    delays : int, array-like or dict
        Delays of the links, where the cell has them as a parameter.
    leaks : bool
        Whether ``leak_rate`` means anything.
    adapts : bool
        Whether its units, of one activation each, can learn gains: `IntrinsicPlasticity`.
    holds : bool
        Whether more than outputs is carried from step to step.
    takes_links : bool
        Whether ``n_links`` links are drawn besides those of W.
    """

    gates = ()
    recurrent_gates = True
    delays = 1
    leaks = True
    adapts = False
    holds = False
    takes_links = False

    @property
    def carries_more(self):
        """Whether more than the last output is carried from step to step."""
        return self.holds or split_delays(self.delays)[0].tolist() != [1]

    @property
    def plain(self):
        """Whether the loop of leaky units whose links have a delay of one runs it."""
        return False

    def check(self):
        """Check the parameters."""
        self._validate_params()
        split_delays(self.delays)

    def n_memory(self, n_units, n_channels):
        """Units of a linear memory, which come before the others.

        Parameters
        ----------
        n_units, n_channels : int
            Units in all, and input channels.

        Returns
        -------
        int
        """
        return 0

    def topology(self, topology, n_links):
        """Topology of W that the cell makes of the one asked for.

        Parameters
        ----------
        topology, n_links : object
            As the estimators have them.

        Returns
        -------
        object
            As ``draw_recurrent`` takes it.
        """
        return topology

    def draw(self, rng, how):
        """Draw what the cell has besides gates and delays.

        Parameters
        ----------
        rng : RandomState
            Draws.
        how : Draw
            Sizes and scales.

        Returns
        -------
        dict
            What was drawn, by name.
        """
        return {}

    def after(self, own):
        """Matrix that follows the candidate's W within a step.

        Parameters
        ----------
        own : dict
            What :meth:`draw` returned.

        Returns
        -------
        ndarray, sparse array or None
            None if there is no such matrix.
        """
        return None

    @abstractmethod
    def layout(self, reservoir):
        """Lay a drawn reservoir out in the form that all cells have.

        Parameters
        ----------
        reservoir : Reservoir
            What was drawn.

        Returns
        -------
        Layout
        """


def split_delays(delays):
    """Delays, ascending, and the share of links that each has.

    Parameters
    ----------
    delays : int, array-like of int or dict
        All with the same share; or a dict of delays and their shares, which need not sum to one.

    Examples
    --------
    >>> from dlkit.reservoir._cells.cell import split_delays
    >>> split_delays({20: 1, 1: 3})
    (array([ 1, 20]), array([0.75, 0.25]))
    """
    given = delays if isinstance(delays, dict) else dict.fromkeys(np.ravel(delays).tolist(), 1.0)
    n = len(given) if isinstance(delays, dict) else np.size(delays)
    whole = all(
        isinstance(d, Integral) and not isinstance(d, bool) and 1 <= d <= LONGEST_DELAY
        for d in given
    )
    if not given or n != len(given) or not whole:
        raise InvalidParameterError(
            f"delays must be a whole number of steps from 1 to {LONGEST_DELAY}, several different "
            f"ones or a dict of such numbers and their shares; got {delays!r}."
        )
    order = sorted(given)
    try:
        shares = np.array([given[d] for d in order], dtype=np.float64)
    except (TypeError, ValueError):
        shares = np.array([np.nan])
    if not ((shares > 0) & (shares < np.inf)).all():
        raise InvalidParameterError(
            f"the shares of delays must be finite numbers above zero, got {delays!r}."
        )
    return np.array(order), shares / shares.sum()


def legendre_memory(order, window):
    """A and B of the Legendre delay, for steps over which the input is held.

    θ m' = A m + B u has the last θ = ``window`` steps of u in the coordinates of the shifted
    Legendre polynomials (Voelker, Kajić & Eliasmith 2019, equations (1) and (2)).

    Parameters
    ----------
    order : int
        Number of polynomials.
    window : float
        Steps.

    Returns
    -------
    A : ndarray of shape (order, order)
    B : ndarray of shape (order,)
    """
    i = np.arange(order)
    scale = (2.0 * i + 1) / window
    below = np.where((i[:, None] - i) % 2, 1.0, -1.0)  # (−1)^(i − j + 1)
    A = scale[:, None] * np.where(i[:, None] < i, -1.0, below)
    B = scale * np.where(i % 2, -1.0, 1.0)
    both = linalg.expm(np.block([[A, B[:, None]], [np.zeros((1, order + 1))]]))
    return both[:order, :order], both[:order, order]


def as_csr(matrix):
    """CSR form with every link that can be; its data may be zero."""
    return sparse.csr_array(listed(matrix))


def listed(matrix):
    if isinstance(matrix, HadamardMatrix):
        raise ValueError(
            "topology='hadamard' has no list of links, which delays, plasticity and cells other "
            "than 'leaky' are made of: use another topology."
        )
    return matrix


def draw_path(path, rng, how):
    path = draw_recurrent(path, how.n_units, random_state=rng)
    return path.toarray() if how.n_units < 3 and sparse.issparse(path) else path


def products(reservoir, name="state", source="x"):
    """What enters the candidate, or a gate, as parts."""
    cell, (input_scaling, bias_scaling) = reservoir.cell, reservoir.scaling
    if name == "state":
        matrix, w_in, bias = reservoir.recurrent.base, reservoir.w_in, reservoir.bias
    else:
        matrix, w_in, bias = cell.gates[name]
        w_in, bias = scale_input(w_in, input_scaling), bias_scaling * bias
    parts = [Part(w_in, "u"), Part(bias[:, None], "1")]
    if matrix is not None:
        W = reservoir.recurrent.gain * as_csr(matrix)
        parts.append(Part(W, source, cell.delays.get(name), cell.n_memory))
    return parts


def biased(parts, bias):
    """Parts with a number added to the bias."""
    return [p._replace(matrix=p.matrix + bias) if p.source == "1" else p for p in parts]


def leak(reservoir):
    return np.broadcast_to(reservoir.leak_rate, reservoir.n_units)


def forgotten(reservoir, keep):
    """How much of a difference is left where a share ``keep`` of the state is."""
    return keep + (1 - keep) * reservoir.recurrent.spectral_radius


def path_of(coef):
    return (updates.UniformPath if (coef == coef[:, :1]).all() else updates.Path)(coef)


def leaky_layout(reservoir):
    a = leak(reservoir)
    rate = forgotten(reservoir, 1 - a.min())
    return Layout(path_of, [a, 1 - a], [products(reservoir)], rate)


def sparse_clockwork(each, rng, n_links, weights):
    """As many links into each unit, from units of the same or a longer period."""
    n_units = len(each)
    rows, columns = [], []
    for period in np.unique(each):
        units, first = np.flatnonzero(each == period), np.searchsorted(each, period)
        k = min(n_links, n_units - first)
        rows.append(np.repeat(units, k))
        columns.append(first + distinct_sources(len(units), n_units - first, k, rng).ravel())
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    values = WEIGHTS[weights](rng, len(rows))
    return sparse.csr_array((values, (rows, columns)), shape=(n_units, n_units))
