"""Cells: what the units of a reservoir make of their past.

A cell is one class: its parameters, what is drawn for it besides W, W_in and b, and its layout. The
layout says which of the compiled functions of ``dlkit/_jit/cell_updates.py`` it takes, with which
coefficients for each unit, and what enters which row of pre-activations. The draw of gates and
delays (``draw.py``), the links, the carried state and the loop are the same for all.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from sklearn.base import BaseEstimator, clone

from ..._jit import cell_updates as updates
from ..._params import (
    Integral,
    Interval,
    InvalidParameterError,
    Real,
    StrOptions,
    count,
    non_negative,
    positive,
)
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import (
    WEIGHTS,
    Sparse,
    as_topology,
    distinct_sources,
    draw_recurrent,
    scale_input,
)

__all__ = [
    "CELLS",
    "ES2N",
    "GRU",
    "LSTM",
    "MGU",
    "Cell",
    "Clockwork",
    "DeepTransition",
    "Euler",
    "Layout",
    "Leaky",
    "Legendre",
    "Part",
    "Residual",
    "as_cell",
    "as_csr",
    "legendre_memory",
    "split_delays",
]  # fmt: skip

LONGEST_PERIOD = 2**24  # what float32 counts to
LONGEST_DELAY = 2**16  # so many steps of all units are held in memory
_PATHS = {"orthogonal", "hadamard", "ring"}
_FINITE = Interval(Real, None, None, closed="neither")
_DELAYS = [count(), "array-like", dict]


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


class Cell(BaseEstimator):
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
        """Units of a linear memory, which come before the others, among so many in all."""
        return 0

    def topology(self, topology, n_links):
        """Topology of W as ``draw_recurrent`` takes it; ``n_links`` as the estimators have it."""
        return topology

    def draw(self, rng, how):
        """Draw what the cell has besides gates and delays, as a dict; ``how`` is a `Draw`."""
        return {}

    def after(self, own):
        """Matrix that the candidate's W is followed by within a step, None if there is none."""
        return None

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        raise NotImplementedError


class Leaky(Cell):
    """Leaky units, whose links may have delays: x ← (1 − a) x + a f(W x + W_in u + b).

    Parameters
    ----------
    delays : int, array-like of int or dict, default=1
        Delays of the links among the units, in steps: one for all, several with equal shares of the
        links, or a dict of delays and their shares. Which link has which is drawn.

    References
    ----------
    .. [1] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3).

    Examples
    --------
    A ring that hears itself five steps late:

    >>> import numpy as np
    >>> from dlkit.reservoir._cells.kinds import Leaky, as_cell
    >>> as_cell(Leaky(delays=(1, 5))).carries_more
    True
    """

    adapts = True
    _parameter_constraints = {"delays": _DELAYS}

    def __init__(self, delays=1):
        self.delays = delays

    @property
    def plain(self):
        """Whether the loop of leaky units whose links have a delay of one runs it."""
        return not self.carries_more

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        return _leaky(reservoir)


class DeepTransition(Cell):
    """A layer between the states of successive steps: h ← (1 − a) h + a f(W₂ f(W₁ h + U u) + b₂).

    References
    ----------
    .. [1] Pascanu, Gulcehre, Cho & Bengio (2014), How to construct deep recurrent neural networks,
       ICLR.
    """

    _parameter_constraints = {}

    def draw(self, rng, how):
        """Draw W₂, with entries so large that it keeps lengths on average, and b₂."""
        seeds = rng.randint(2**31 - 1, size=2)
        W = as_csr(how.recurrent(seeds[0]))
        size = sparse.linalg.norm(W) or 1.0
        bias = how.bias(seeds[1])
        return {"transition": (how.n_units**0.5 / size * W, bias)}

    def after(self, own):
        """Matrix that the candidate's W is followed by within a step."""
        return own["transition"][0]

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        W, bias = reservoir.cell.own["transition"]
        second = [Part(W, "made"), Part(reservoir.scaling[1] * bias[:, None], "1")]
        return _leaky(reservoir)._replace(
            kernel=updates.Transition, second=[second], n_between=reservoir.n_units
        )


class ES2N(Cell):
    """Edge of stability: x ← β f(W x + W_in u + b) + (1 − β) O x, O orthogonal, β the leak rate.

    Parameters
    ----------
    path : {"orthogonal", "hadamard", "ring"}, default="orthogonal"
        Topology of O.
    delays : int, array-like of int or dict, default=1
        Delays of W's links, as of :class:`Leaky`.

    References
    ----------
    .. [1] Ceni & Gallicchio (2023), Edge of stability echo state network, IEEE TNNLS 36(4),
       arXiv:2308.02902.

    Examples
    --------
    >>> from dlkit.reservoir._cells.kinds import ES2N, as_cell
    >>> as_cell("es2n"), as_cell(ES2N(path="ring"))
    (ES2N(), ES2N(path='ring'))
    """

    adapts = True
    _parameter_constraints = {"path": [StrOptions(_PATHS)], "delays": _DELAYS}

    def __init__(self, path="orthogonal", delays=1):
        self.path = path
        self.delays = delays

    def draw(self, rng, how):
        """Draw O."""
        return {"path": _draw_path(self.path, rng, how)}

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        return _leaky(reservoir)._replace(path=reservoir.cell.own["path"])


class Residual(Cell):
    """Residual units: h ← α O h + β f(W h + W_in u + b), O orthogonal, β the leak rate.

    Parameters
    ----------
    path : {"orthogonal", "hadamard", "ring", "identity"}, default="orthogonal"
        Topology of O.
    alpha : float, default=0.9
        α.
    delays : int, array-like of int or dict, default=1
        Delays of W's links, as of :class:`Leaky`.

    References
    ----------
    .. [1] Ceni & Gallicchio (2024), Residual echo state networks, Neurocomputing 597.
    """

    adapts = True
    _parameter_constraints = {
        "path": [StrOptions({*_PATHS, "identity"})],
        "alpha": [non_negative()],
        "delays": _DELAYS,
    }

    def __init__(self, path="orthogonal", alpha=0.9, delays=1):
        self.path = path
        self.alpha = alpha
        self.delays = delays

    def draw(self, rng, how):
        """Draw O, None for the identity."""
        return {"path": None if self.path == "identity" else _draw_path(self.path, rng, how)}

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        a = _leak(reservoir)
        rate = self.alpha + a.max() * reservoir.recurrent.spectral_radius
        coef = [a, np.full_like(a, self.alpha)]
        path = reservoir.cell.own["path"]
        return Layout(_path, coef, [_products(reservoir)], rate, path=path)


class Euler(Cell):
    """Steps of ε, the leak rate, without dissipation: h ← h + ε f((W − Wᵀ − γ I) h + W_in u + b).

    Parameters
    ----------
    diffusion : float, default=0.001
        γ.

    References
    ----------
    .. [1] Gallicchio (2022), Euler state networks: non-dissipative reservoir computing,
       arXiv:2203.09382.
    """

    _parameter_constraints = {"diffusion": [non_negative()]}

    def __init__(self, diffusion=0.001):
        self.diffusion = diffusion

    def topology(self, topology, n_links):
        """Topology of W − Wᵀ."""
        half = max(n_links // 2, 1)

        def antisymmetric(n_units, rng):
            W = _listed(draw_recurrent(topology, n_units, n_links=half, random_state=rng))
            return W - W.T

        return antisymmetric

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        a = _leak(reservoir)
        damped = Part(-self.diffusion * sparse.eye_array(reservoir.n_units, format="csr"))
        rate = 1 - a.min() * min(self.diffusion, 1)
        return Layout(_path, [a, np.ones_like(a)], [[*_products(reservoir), damped]], rate)


class Clockwork(Cell):
    """Groups of leaky units that move only where t mod T = 0; slow ones feed fast ones.

    Parameters
    ----------
    periods : array-like of int, default=(1, 2, 4, 8)
        T of each group; groups are of successive units, as equal in size as can be.
    delays : int, array-like of int or dict, default=1
        Delays of W's links, as of :class:`Leaky`.

    References
    ----------
    .. [1] Koutník, Greff, Gomez & Schmidhuber (2014), A clockwork RNN, ICML, section 3.
    """

    adapts = True
    holds = True
    _parameter_constraints = {"periods": ["array-like"], "delays": _DELAYS}

    def __init__(self, periods=(1, 2, 4, 8), delays=1):
        self.periods = periods
        self.delays = delays

    def check(self):
        """Check the parameters."""
        super().check()
        a = np.asarray(self.periods)
        if a.ndim != 1 or not len(a) or a.dtype.kind not in "iu" or (a < 1).any():
            raise InvalidParameterError(
                f"periods must be whole numbers of at least 1, got {self.periods!r}."
            )
        if np.lcm.reduce(a.astype(object)) >= LONGEST_PERIOD:
            raise InvalidParameterError(
                f"periods must have a common multiple below {LONGEST_PERIOD}, got {self.periods!r}."
            )

    def of_each(self, n_units):
        """Period of each unit, ascending."""
        periods = np.sort(np.asarray(self.periods, dtype=np.float64))
        return periods[np.arange(n_units) * len(periods) // n_units]

    def topology(self, topology, n_links):
        """Topology of a W without links from faster units to slower ones."""

        def slow_feeds_fast(n_units, rng):
            each = self.of_each(n_units)
            shape = as_topology(topology)
            if isinstance(shape, Sparse):
                return _sparse_clockwork(each, rng, n_links, shape.weights)
            W = _listed(draw_recurrent(shape, n_units, n_links=n_links, random_state=rng))
            allowed = each[None] >= each[:, None]
            return W.multiply(allowed) if sparse.issparse(W) else W * allowed

        return slow_feeds_fast

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        leaky = _leaky(reservoir)
        return leaky._replace(
            kernel=updates.Clockwork, coef=[*leaky.coef, self.of_each(reservoir.n_units)],
            period=int(np.lcm.reduce(self.periods)),
            rate=leaky.rate ** (1 / max(self.periods)),
        )  # fmt: skip


class GRU(Cell):
    """Gated recurrent units: h ← z h + (1 − z) f(W u + U (r ∘ h) + b), with gates z and r.

    Parameters
    ----------
    update_bias : float, default=0.0
        Added to the bias of z: the larger, the longer the memory.

    References
    ----------
    .. [1] Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, EMNLP,
       section 2.3.
    """

    gates = "update", "reset"
    leaks = False
    _parameter_constraints = {"update_bias": [_FINITE]}

    def __init__(self, update_bias=0.0):
        self.update_bias = update_bias

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        update = _biased(_products(reservoir, "update"), self.update_bias)
        return Layout(
            updates.GRU, [], [update, _products(reservoir, "reset")],
            _forget(reservoir, 1 / (1 + np.exp(-self.update_bias))),
            [_products(reservoir, source="made")], n_between=reservoir.n_units,
        )  # fmt: skip


class MGU(Cell):
    """Minimal gated units: h ← (1 − g) h + g f(W u + U (g ∘ h) + b), with one gate g.

    Parameters
    ----------
    forget_bias : float, default=0.0
        Added to the bias of g: the larger, the shorter the memory.

    References
    ----------
    .. [1] Zhou, Wu, Zhang & Zhou (2016), Minimal gated unit for recurrent neural networks, Int. J.
       Automation and Computing 13(3).
    """

    gates = ("forget",)
    leaks = False
    _parameter_constraints = {"forget_bias": [_FINITE]}

    def __init__(self, forget_bias=0.0):
        self.forget_bias = forget_bias

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        return Layout(
            updates.MGU, [], [_biased(_products(reservoir, "forget"), self.forget_bias)],
            _forget(reservoir, 1 / (1 + np.exp(self.forget_bias))),
            [_products(reservoir, source="made")], n_between=reservoir.n_units,
        )  # fmt: skip


class LSTM(Cell):
    """Long short-term memory: c ← g c + i f(W h + W_in u + b), h ← o f(c), with gates i, g and o.

    Parameters
    ----------
    forget_bias : float, default=1.0
        Added to the bias of g: the larger, the longer the memory; one as of [2]_.
    recurrent_gates : bool, default=True
        Whether gates hear the units, or only the input.
    delays : int, array-like of int or dict, default=1
        Delays of the links, as of :class:`Leaky`.

    References
    ----------
    .. [1] Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM,
       Neural Computation 12(10).
    .. [2] Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network
       architectures, ICML.
    """

    gates = "input", "forget", "output"
    leaks = False
    holds = True
    _parameter_constraints = {
        "forget_bias": [_FINITE],
        "recurrent_gates": ["boolean"],
        "delays": _DELAYS,
    }

    def __init__(self, forget_bias=1.0, recurrent_gates=True, delays=1):
        self.forget_bias = forget_bias
        self.recurrent_gates = recurrent_gates
        self.delays = delays

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        gates = [_products(reservoir, name) for name in self.gates]
        gates[1] = _biased(gates[1], self.forget_bias)
        return Layout(
            updates.LSTM, [], [*gates, _products(reservoir)],
            _forget(reservoir, 1 / (1 + np.exp(-self.forget_bias))), n_beside=reservoir.n_units,
        )  # fmt: skip


class Legendre(Cell):
    """A linear memory of the input's last steps, m ← A m + B u, and leaky units that hear it.

    Parameters
    ----------
    memory_units : int, default=None
        Units of the memory among ``n_units``, for each channel equally many; half of all if None.
    window : float, default=100.0
        θ, steps that the memory spans.

    References
    ----------
    .. [1] Voelker, Kajić & Eliasmith (2019), Legendre memory units: continuous-time representation
       in recurrent neural networks, NeurIPS, equations (1), (2), (6).
    """

    takes_links = True
    _parameter_constraints = {"memory_units": [count(), None], "window": [positive()]}

    def __init__(self, memory_units=None, window=100.0):
        self.memory_units = memory_units
        self.window = window

    def n_memory(self, n_units, n_channels):
        """Units of the linear memory among so many in all."""
        n = n_units // 2 if self.memory_units is None else self.memory_units
        n -= n % n_channels
        if not 0 < n < n_units:
            raise ValueError(
                f"memory_units={self.memory_units!r} of n_units={n_units} gives each of the "
                f"{n_channels} channels {n // n_channels} and leaves {n_units - n} other units; "
                "allowed are one or more of each."
            )
        return n

    def draw(self, rng, how):
        """A and B of the memory, and the weights of its units into the others."""
        A, B = legendre_memory(how.n_memory // how.n_channels, self.window)
        k = min(how.n_links, how.n_memory)
        sources = distinct_sources(how.n_units, how.n_memory, k, rng).ravel()
        values = WEIGHTS[how.weights](rng, len(sources)) / np.sqrt(k)
        starts = np.arange(0, len(sources) + 1, k)
        weights = sparse.csr_array((values, sources, starts), shape=(how.n_units, how.n_memory))
        A = sparse.block_diag([A] * how.n_channels, format="csr")
        return {"memory": (A, np.kron(np.eye(how.n_channels), B[:, None]), weights)}

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        n, a = reservoir.cell.n_memory, _leak(reservoir)
        A, B, weights = reservoir.cell.own["memory"]
        memory = [Part(A), Part(scale_input(B, reservoir.scaling[0]), "u")]
        rate = max(_forget(reservoir, 1 - a.min()), np.exp(-1 / self.window))
        return Layout(
            lambda coef: updates.Legendre(coef, n), [a, 1 - a], [memory], rate,
            [[*_products(reservoir), Part(weights, "made")]], n_between=n,
        )  # fmt: skip


CELLS = {
    "leaky": Leaky, "deep_transition": DeepTransition, "es2n": ES2N, "residual": Residual,
    "euler": Euler, "clockwork": Clockwork, "gru": GRU, "mgu": MGU, "lstm": LSTM,
    "legendre": Legendre,
}  # fmt: skip


def as_cell(cell):
    """Return a checked copy of a cell, or the one of that name as it is by default.

    Parameters
    ----------
    cell : str or Cell
        A name in `CELLS`, or a cell.

    Returns
    -------
    Cell
    """
    cell = CELLS[cell]() if isinstance(cell, str) else clone(cell)
    cell.check()
    return cell


def split_delays(delays):
    """Delays, ascending, and the share of links that each has.

    Parameters
    ----------
    delays : int, array-like of int or dict
        All with the same share; or a dict of delays and their shares, which need not sum to one.

    Examples
    --------
    >>> from dlkit.reservoir._cells.kinds import split_delays
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
    return sparse.csr_array(_listed(matrix))


def _listed(matrix):
    if isinstance(matrix, HadamardMatrix):
        raise ValueError(
            "topology='hadamard' has no list of links, which delays, plasticity and cells other "
            "than 'leaky' are made of: use another topology."
        )
    return matrix


def _draw_path(path, rng, how):
    path = draw_recurrent(path, how.n_units, random_state=rng)
    return path.toarray() if how.n_units < 3 and sparse.issparse(path) else path


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


def _products(reservoir, name="state", source="x"):
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


def _biased(parts, bias):
    """Parts with a number added to the bias."""
    return [p._replace(matrix=p.matrix + bias) if p.source == "1" else p for p in parts]


def _leak(reservoir):
    return np.broadcast_to(reservoir.leak_rate, reservoir.n_units)


def _forget(reservoir, keep):
    """How much of a difference is left where a share ``keep`` of the state is."""
    return keep + (1 - keep) * reservoir.recurrent.spectral_radius


def _path(coef):
    return (updates.UniformPath if (coef == coef[:, :1]).all() else updates.Path)(coef)


def _leaky(reservoir):
    a = _leak(reservoir)
    rate = _forget(reservoir, 1 - a.min())
    return Layout(_path, [a, 1 - a], [_products(reservoir)], rate)
