"""What is drawn of a cell: gates, an orthogonal path, the delays of links, a linear memory."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from sklearn.utils import check_random_state

from ..._params import Integral, InvalidParameterError, validate_parameter_constraints
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import WEIGHTS, distinct_sources, draw_bias, draw_input, draw_recurrent
from .kinds import CELLS, as_csr, group_periods

__all__ = [
    "DrawnCell", "carries_more", "check_cell", "draw_cell", "legendre_memory", "memory_units",
    "shaped", "split_delays",
]  # fmt: skip

LONGEST_PERIOD = 2**24  # what float32 counts to


class Gate(NamedTuple):
    """Unscaled W, W_in and b of a gate."""

    matrix: object
    w_in: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True, eq=False)
class DrawnCell:
    """What is drawn of a cell besides W, W_in and b.

    Attributes
    ----------
    name : str
        Its name in `CELLS`.
    params : dict
        Its parameters, defaults and all.
    gates : dict of str to Gate
        Further draws; the gain on W and the scalings are those of the candidate.
    path : csr_array, ndarray, HadamardMatrix or None
        The orthogonal matrix on the last state, the identity if None.
    delays : dict of str to ndarray
        The delay of each stored link of W (``"state"``) and of the gates' matrices, in the order of
        CSR; without an entry all are one.
    memory : tuple of ndarray
        The linear memory's A and B, and the weights of its units into the others.
    transition : tuple of ndarray
        W₂ and b₂ of the layer between the states of successive steps, W₂ with entries so large that
        it keeps lengths on average.
    depth : int
        The longest delay.
    """

    name: str
    params: dict
    gates: dict = field(default_factory=dict)
    path: object = None
    delays: dict = field(default_factory=dict)
    memory: tuple = ()
    transition: tuple = ()
    depth: int = 1

    @property
    def n_memory(self):
        """Units of a linear memory, which come before the others."""
        return self.memory[2].shape[1] if self.memory else 0


def check_cell(name, params, delays, control):
    """Return the cell's parameters, with defaults, and delays with their shares.

    Returns
    -------
    params : dict
    delays : ndarray of int
        Ascending.
    shares : ndarray of float
        Of the links; their sum is one.
    """
    kind = CELLS[name]
    given = {} if params is None else dict(params)
    unknown = given.keys() - kind.params.keys()
    if unknown:
        allowed = ", ".join(map(repr, kind.params)) or "none"
        raise ValueError(
            f"cell_params of cell={name!r} may be {allowed}; got {', '.join(map(repr, unknown))}."
        )
    params = kind.params | given
    validate_parameter_constraints(kind.constraints, params, f"cell {name!r}'s cell_params")
    if "periods" in params:
        params["periods"] = _check_periods(params["periods"])
    delays, shares = split_delays(delays)
    plain = len(delays) == 1 and delays[0] == 1
    if not plain and not kind.delayed:
        able = ", ".join(repr(k) for k, other in CELLS.items() if other.delayed)
        raise ValueError(
            f"delays={delays.tolist()} are for the cells {able}; links of cell={name!r} have a "
            "delay of 1."
        )
    if control == "effective" and not (plain and name == "leaky"):
        raise ValueError(
            "control='effective' is that of the leaky map, with delays=1 and cell='leaky': use "
            f"control='radius' or 'norm' (got cell={name!r}, delays={delays.tolist()})."
        )
    return params, delays, shares


def carries_more(name, delays):
    """Whether such a cell carries more than its output from one step to the next."""
    return name in ("lstm", "clockwork") or split_delays(delays)[0].tolist() != [1]


def _check_periods(periods):
    a = np.asarray(periods)
    if a.ndim != 1 or not len(a) or a.dtype.kind not in "iu" or (a < 1).any():
        raise ValueError(f"periods must be whole numbers of at least 1, got {periods!r}.")
    if np.lcm.reduce(a.astype(object)) >= LONGEST_PERIOD:
        raise ValueError(
            f"periods must have a common multiple below {LONGEST_PERIOD}, got {periods!r}."
        )
    return tuple(sorted(a.tolist()))


def split_delays(delays):
    """Delays, ascending, and the share of links that each has.

    Parameters
    ----------
    delays : int, array-like of int or dict
        All with the same share; or a dict of delays and their shares, which need not sum to one.

    Examples
    --------
    >>> from dlkit.reservoir._cells.draw import split_delays
    >>> split_delays({20: 1, 1: 3})
    (array([ 1, 20]), array([0.75, 0.25]))
    """
    given = delays if isinstance(delays, dict) else dict.fromkeys(np.ravel(delays).tolist(), 1.0)
    n = len(given) if isinstance(delays, dict) else np.size(delays)
    whole = all(isinstance(d, Integral) and not isinstance(d, bool) and d >= 1 for d in given)
    if not given or n != len(given) or not whole:
        raise InvalidParameterError(
            "delays must be a whole number of steps of at least 1, several different ones or a "
            f"dict of such numbers and their shares; got {delays!r}."
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


def shaped(name, params, topology, options):
    """Topology of a cell's W, as ``draw_recurrent`` takes it.

    ``options`` are ``n_links``, ``weights`` and ``jump_size``.
    """
    if name == "euler":

        def antisymmetric(n_units, rng):
            half = options | {"n_links": max(options["n_links"] // 2, 1)}
            W = _listed(draw_recurrent(topology, n_units, random_state=rng, **half))
            return W - W.T

        return antisymmetric
    if name == "clockwork":

        def slow_feeds_fast(n_units, rng):
            each = group_periods(n_units, params["periods"])
            if topology == "sparse":
                return _sparse_clockwork(each, rng, options["n_links"], options["weights"])
            W = _listed(draw_recurrent(topology, n_units, random_state=rng, **options))
            allowed = each[None] >= each[:, None]
            return W.multiply(allowed) if sparse.issparse(W) else W * allowed

        return slow_feeds_fast
    return topology


def _listed(W):
    if isinstance(W, HadamardMatrix):
        as_csr(W)
    return W


def _sparse_clockwork(each, rng, n_links, weights):
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


def draw_cell(
    name, params, delays, shares, n_units, n_memory, n_channels, *, base, topology, n_links,
    weights, jump_size, input_weights, input_density, random_state,
):  # fmt: skip
    """Draw what a cell has besides W (``base``, drawn and measured before), W_in and b.

    Parameters
    ----------
    name, params, delays, shares
        As `check_cell` returns them.
    n_units, n_memory : int
        Units without those of a linear memory, and these.
    **others
        As of ``draw_reservoir``.

    Returns
    -------
    DrawnCell
    """
    rng = check_random_state(random_state)
    as_csr(base)
    gates, path, memory, transition = {}, None, (), ()
    options = {"n_links": n_links, "weights": weights, "jump_size": jump_size}
    for gate in CELLS[name].gates:
        W = None
        seeds = rng.randint(2**31 - 1, size=3)
        if params.get("recurrent_gates", True):
            W = draw_recurrent(topology, n_units, random_state=seeds[0], **options)
        gates[gate] = Gate(
            W,
            draw_input(
                n_units, n_channels, weights=input_weights, density=input_density,
                random_state=seeds[1],
            ),
            draw_bias(n_units, weights=input_weights, random_state=seeds[2]),
        )  # fmt: skip
    if params.get("path", "identity") != "identity":
        path = draw_recurrent(params["path"], n_units, random_state=rng)
        path = path.toarray() if n_units < 3 and sparse.issparse(path) else path
    if n_memory:
        order = n_memory // n_channels
        A, B = legendre_memory(order, params["window"])
        k = min(n_links, n_memory)
        sources = distinct_sources(n_units, n_memory, k, rng).ravel()
        values = WEIGHTS[weights](rng, len(sources)) / np.sqrt(k)
        starts = np.arange(0, len(sources) + 1, k)
        memory = (
            sparse.block_diag([A] * n_channels, format="csr"),
            np.kron(np.eye(n_channels), B[:, None]),
            sparse.csr_array((values, sources, starts), shape=(n_units, n_memory)),
        )
    if name == "deep_transition":
        seeds = rng.randint(2**31 - 1, size=2)
        W = as_csr(draw_recurrent(topology, n_units, random_state=seeds[0], **options))
        size = sparse.linalg.norm(W) or 1.0
        bias = draw_bias(n_units, weights=input_weights, random_state=seeds[1])
        transition = n_units**0.5 / size * W, bias
    drawn = {}
    if len(delays) > 1 or delays[0] != 1:
        matrices = {"state": base} | {k: g.matrix for k, g in gates.items()}
        for key, matrix in matrices.items():
            if matrix is not None:
                drawn[key] = _share_out(delays, shares, as_csr(matrix).nnz, rng)
    return DrawnCell(name, params, gates, path, drawn, memory, transition, int(delays[-1]))


def _share_out(delays, shares, n, rng):
    """A delay for each of n links, at random, so many of each as its share says."""
    ends = np.round(np.cumsum(shares) * n).astype(int)
    return rng.permutation(np.repeat(delays, np.diff(ends, prepend=0)))


def memory_units(params, n_units, n_channels):
    """Units of the linear memory (of a cell that has one) among so many in all."""
    if "memory_units" not in params:
        return 0
    n = n_units // 2 if params["memory_units"] is None else params["memory_units"]
    n -= n % n_channels
    if not 0 < n < n_units:
        raise ValueError(
            f"memory_units={params['memory_units']!r} of n_units={n_units} gives each of the "
            f"{n_channels} channels {n // n_channels} and leaves {n_units - n} other units; "
            "allowed are one or more of each."
        )
    return n


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
