"""Cells: what the units of a reservoir make of their past, beyond the leak.

A cell is data. An entry of `CELLS` names its parameters, its gates (each a further draw of W, W_in
and b) and a function that lays a drawn reservoir out: which of the compiled elementwise functions
of ``dlkit/_jit/_cells.py`` it takes, with which coefficients for each unit, and what enters which
row of pre-activations. The loop, the links and the carried state are the same for all.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from sklearn.utils import check_random_state

from .._jit import _cells as loops
from .._params import (
    Integral,
    Interval,
    InvalidParameterError,
    Real,
    StrOptions,
    count,
    non_negative,
    positive,
    validate_parameter_constraints,
)
from ._hadamard import HadamardMatrix
from ._links import frozen, list_links, make_links
from ._topology import (
    WEIGHTS,
    distinct_sources,
    draw_bias,
    draw_input,
    draw_recurrent,
    scale_input,
)

__all__ = ["CELLS", "CellArrays", "DrawnCell", "check_cell", "draw_cell", "make_cell", "memory_units",
    "carries_more", "shaped", "split_delays",
]

LONGEST_PERIOD = 2**24  # what float32 counts to


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
    """A drawn reservoir in the form that all cells have, see ``dlkit/_jit/_cells.py``.

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


class Kind(NamedTuple):
    """A cell by name: its layout, its gates, and its parameters with defaults and constraints."""

    layout: object
    gates: tuple = ()
    params: dict = {}
    constraints: dict = {}
    delayed: bool = False


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
    depth : int
        The longest delay.
    """

    name: str
    params: dict
    gates: dict = field(default_factory=dict)
    path: object = None
    delays: dict = field(default_factory=dict)
    memory: tuple = ()
    depth: int = 1

    @property
    def n_memory(self):
        """Units of a linear memory, which come before the others."""
        return self.memory[2].shape[1] if self.memory else 0


def _products(reservoir, name="state", source="x"):
    """What enters the candidate, or a gate, as parts."""
    cell, (input_scaling, bias_scaling) = reservoir.cell, reservoir.scaling
    gain = reservoir.recurrent.gain
    if name == "state":
        matrix, (w_in, bias) = reservoir.recurrent.base, reservoir.unscaled
    else:
        matrix, w_in, bias = cell.gates[name]
    parts = [Part(scale_input(w_in, input_scaling), "u"), Part(bias_scaling * bias[:, None], "1")]
    if matrix is not None:
        parts.append(Part(gain * as_csr(matrix), source, cell.delays.get(name), cell.n_memory))
    return parts


def _biased(parts, bias):
    """Parts with a number added to the bias."""
    return [p._replace(matrix=p.matrix + bias) if p.source == "1" else p for p in parts]


def _leak(reservoir):
    return np.broadcast_to(reservoir.leak_rate, reservoir.n_units)


def _forget(reservoir, keep):
    """How much of a difference is left where a share ``keep`` of the state is."""
    return keep + (1 - keep) * reservoir.recurrent.spectral_radius


def _leaky(reservoir):
    a = _leak(reservoir)
    rate = _forget(reservoir, 1 - a.min())
    return Layout(loops.Path, [a, 1 - a], [_products(reservoir)], rate)


def _es2n(reservoir):
    return _leaky(reservoir)._replace(path=reservoir.cell.path)


def _residual(reservoir):
    a, alpha = _leak(reservoir), reservoir.cell.params["alpha"]
    rate = alpha + a.max() * reservoir.recurrent.spectral_radius
    coef = [a, np.full_like(a, alpha)]
    return Layout(
        loops.Path, coef, [_products(reservoir)], rate, path=reservoir.cell.path
    )


def _euler(reservoir):
    a, diffusion = _leak(reservoir), reservoir.cell.params["diffusion"]
    damped = Part(-diffusion * sparse.eye_array(reservoir.n_units, format="csr"))
    rate = 1 - a.min() * min(diffusion, 1)
    return Layout(loops.Path, [a, np.ones_like(a)], [[*_products(reservoir), damped]], rate)


def _clockwork(reservoir):
    periods = reservoir.cell.params["periods"]
    each = group_periods(reservoir.n_units, periods)
    leaky = _leaky(reservoir)
    return leaky._replace(
        kernel=loops.Clockwork, coef=[*leaky.coef, each], period=int(np.lcm.reduce(periods)),
        rate=leaky.rate ** (1 / max(periods)),
    )  # fmt: skip


def _gru(reservoir):
    bias = reservoir.cell.params["update_bias"]
    update = _biased(_products(reservoir, "update"), bias)
    return Layout(
        loops.GRU, [], [update, _products(reservoir, "reset")],
        _forget(reservoir, 1 / (1 + np.exp(-bias))), [_products(reservoir, source="made")],
        n_between=reservoir.n_units,
    )  # fmt: skip


def _mgu(reservoir):
    bias = reservoir.cell.params["forget_bias"]
    return Layout(
        loops.MGU, [], [_biased(_products(reservoir, "forget"), bias)],
        _forget(reservoir, 1 / (1 + np.exp(bias))), [_products(reservoir, source="made")],
        n_between=reservoir.n_units,
    )  # fmt: skip


def _lstm(reservoir):
    bias = reservoir.cell.params["forget_bias"]
    gates = [_products(reservoir, name) for name in ("input", "forget", "output")]
    gates[1] = _biased(gates[1], bias)
    return Layout(
        loops.LSTM, [], [*gates, _products(reservoir)],
        _forget(reservoir, 1 / (1 + np.exp(-bias))), n_beside=reservoir.n_units,
    )  # fmt: skip


def _legendre(reservoir):
    cell, a = reservoir.cell, _leak(reservoir)
    A, B, weights = cell.memory
    memory = [Part(A), Part(scale_input(B, reservoir.scaling[0]), "u")]
    rate = max(_forget(reservoir, 1 - a.min()), np.exp(-1 / cell.params["window"]))
    return Layout(
        lambda coef: loops.Legendre(coef, cell.n_memory), [a, 1 - a], [memory], rate,
        [[*_products(reservoir), Part(weights, "made")]], n_between=cell.n_memory,
    )  # fmt: skip


_PATH = StrOptions({"orthogonal", "hadamard", "ring"})
_FINITE = Interval(Real, None, None, closed="neither")

CELLS = {
    "leaky": Kind(_leaky, delayed=True),
    # x[k] = β φ(W_r x[k−1] + W_in u[k]) + (1 − β) O x[k−1], β the leak rate: Ceni & Gallicchio
    # (2023), Edge of stability echo state network, IEEE TNNLS 36(4), arXiv:2308.02902
    "es2n": Kind(_es2n, (), {"path": "orthogonal"}, {"path": [_PATH]}, delayed=True),
    # h(t) = α O h(t−1) + β tanh(W_h h(t−1) + W_x x(t) + b), β the leak rate: Ceni & Gallicchio
    # (2024), Residual echo state networks, Neurocomputing 597
    "residual": Kind(
        _residual, (), {"path": "orthogonal", "alpha": 0.9},
        {"path": [StrOptions({"orthogonal", "hadamard", "ring", "identity"})],
         "alpha": [non_negative()]},
        delayed=True,
    ),
    # h(t) = h(t−1) + ε tanh((W − Wᵀ − γ I) h(t−1) + W_x x(t) + b), ε the leak rate: Gallicchio
    # (2022), Euler state networks: non-dissipative reservoir computing, arXiv:2203.09382
    "euler": Kind(_euler, (), {"diffusion": 0.001}, {"diffusion": [non_negative()]}),
    # modules that move where t mod T_g = 0, a block-triangular W: Koutník, Greff, Gomez &
    # Schmidhuber (2014), A clockwork RNN, ICML, section 3
    "clockwork": Kind(
        _clockwork, (), {"periods": (1, 2, 4, 8)}, {"periods": ["array-like"]}, delayed=True
    ),
    # Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, EMNLP,
    # section 2.3: r, z, h = z h⟨t−1⟩ + (1 − z) h̃, h̃ = φ(W x + U (r ∘ h⟨t−1⟩))
    "gru": Kind(_gru, ("update", "reset"), {"update_bias": 0.0}, {"update_bias": [_FINITE]}),
    # h = (1 − f) h⟨t−1⟩ + f h̃, h̃ = tanh(W_h [f ∘ h⟨t−1⟩, x] + b_h): Zhou, Wu, Zhang & Zhou (2016),
    # Minimal gated unit for recurrent neural networks, Int. J. Automation and Computing 13(3)
    "mgu": Kind(_mgu, ("forget",), {"forget_bias": 0.0}, {"forget_bias": [_FINITE]}),
    # Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM,
    # Neural Computation 12(10); a forget bias of one: Jozefowicz et al. (2015), ICML
    "lstm": Kind(
        _lstm, ("input", "forget", "output"), {"forget_bias": 1.0, "recurrent_gates": True},
        {"forget_bias": [_FINITE], "recurrent_gates": ["boolean"]}, delayed=True,
    ),
    # Voelker, Kajić & Eliasmith (2019), Legendre memory units, NeurIPS, equations (1), (2), (6)
    "legendre": Kind(
        _legendre, (), {"memory_units": None, "window": 100.0},
        {"memory_units": [count(), None], "window": [positive()]},
    ),
}  # fmt: skip


def as_csr(matrix):
    """CSR form with every link that can be; its data may be zero."""
    if isinstance(matrix, HadamardMatrix):
        raise ValueError(
            "topology='hadamard' has no list of links, which delays and cells other than 'leaky' "
            "are made of: use another topology."
        )
    return sparse.csr_array(matrix)


def group_periods(n_units, periods):
    """Period of each unit: groups of successive units, as equal in size as can be."""
    return np.asarray(periods, dtype=np.float64)[np.arange(n_units) * len(periods) // n_units]


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
    >>> from dlkit.reservoir._cells import split_delays
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
    name, params, delays, shares, n_units, n_memory, n_channels, *, base, topology, n_links, weights,
    jump_size, input_weights, input_density, random_state,
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
    gates, path, memory = {}, None, ()
    for gate in CELLS[name].gates:
        W = None
        seeds = rng.randint(2**31 - 1, size=3)
        if params.get("recurrent_gates", True):
            W = draw_recurrent(
                topology, n_units, n_links=n_links, weights=weights, jump_size=jump_size,
                random_state=seeds[0],
            )  # fmt: skip
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
    drawn = {}
    if len(delays) > 1 or delays[0] != 1:
        matrices = {"state": base} | {k: g.matrix for k, g in gates.items()}
        for key, matrix in matrices.items():
            if matrix is not None:
                drawn[key] = _share_out(delays, shares, as_csr(matrix).nnz, rng)
    return DrawnCell(name, params, gates, path, drawn, memory, int(delays[-1]))


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
    begin = {"x": last, "made": last + n_units, "u": last + inputs, "1": last + stride - 1}

    def place(rows):
        blocks = [np.empty((3, 0))]
        n_rows = 0
        for parts in rows:
            for matrix, source, delays, offset in parts:
                m = sparse.coo_array(matrix) if sparse.issparse(matrix) else _full(matrix)
                back = 0 if delays is None else (delays - 1) * stride
                columns = begin[source] + m.col + offset * (source == "x") - back
                blocks.append(np.stack([m.data, m.row + n_rows, columns]))
            n_rows += parts[0].matrix.shape[0]
        data, row, column = np.hstack(blocks)
        where = row.astype(np.int64), column.astype(np.int64)
        return sparse.csr_array((data, where), shape=(n_rows, depth * stride))

    first, second = place(layout.first), place(layout.second)
    nothing = sparse.csr_array((n_units, n_units)) if layout.path is None else layout.path
    path = make_links(nothing, np.empty((n_units, 0)), np.zeros(n_units), dtype)
    coef = np.array(layout.coef, dtype=np.float64).reshape(-1, n_units)
    return CellArrays(
        layout.kernel(frozen(coef, dtype)),
        loops.Products(list_links(first, dtype), list_links(second, dtype), path),
        loops.Shape(
            n_units, first.shape[0], second.shape[0], depth, layout.n_between, layout.n_beside,
            layout.period, n_columns,
        ),
    )  # fmt: skip


def _full(matrix):
    """All entries of an array, zeros and all, in COO form."""
    rows, columns = np.indices(matrix.shape)
    return sparse.coo_array((matrix.ravel(), (rows.ravel(), columns.ravel())), matrix.shape)
