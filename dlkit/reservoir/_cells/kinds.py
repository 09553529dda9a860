"""Cells: what the units of a reservoir make of their past.

A cell is one class: its parameters, what is drawn for it besides W, W_in and b, and its layout. The
layout says which of the compiled functions of ``dlkit/_jit/cell_updates.py`` it takes, with which
coefficients for each unit, and what enters which row of pre-activations. The draw of gates and
delays (``draw.py``), the links, the carried state and the loop are the same for all.
"""

import numpy as np
from scipy import sparse
from sklearn.base import clone

from ..._jit import cell_updates as updates
from ..._params import (
    Interval,
    InvalidParameterError,
    Real,
    StrOptions,
    count,
    non_negative,
    positive,
)
from .._matrices.topology import (
    WEIGHTS,
    Sparse,
    as_topology,
    distinct_sources,
    draw_recurrent,
    scale_input,
)
from .cell import (
    Cell,
    Layout,
    Part,
    as_csr,
    biased,
    draw_path,
    forgotten,
    leak,
    leaky_layout,
    legendre_memory,
    listed,
    path_of,
    products,
    sparse_clockwork,
)

__all__ = [
    "CELLS",
    "ES2N",
    "GRU",
    "LSTM",
    "MGU",
    "Clockwork",
    "DeepTransition",
    "Euler",
    "Leaky",
    "Legendre",
    "Residual",
    "as_cell",
]  # fmt: skip

LONGEST_PERIOD = 2**24  # what float32 counts to
_PATHS = {"orthogonal", "hadamard", "ring"}
_FINITE = Interval(Real, None, None, closed="neither")
_DELAYS = [count(), "array-like", dict]


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
    Half of the links are heard five steps late:

    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Leaky
    >>> states = ReservoirStates(20, cell=Leaky(delays=(1, 5)), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
        return leaky_layout(reservoir)


class DeepTransition(Cell):
    """A layer between the states of successive steps: h ← (1 − a) h + a f(W₂ f(W₁ h + U u) + b₂).

    References
    ----------
    .. [1] Pascanu, Gulcehre, Cho & Bengio (2014), How to construct deep recurrent neural networks,
       ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import DeepTransition
    >>> states = ReservoirStates(20, cell=DeepTransition(), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
        return leaky_layout(reservoir)._replace(
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
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import ES2N
    >>> states = ReservoirStates(20, cell=ES2N(path="ring"), leak_rate=0.1, random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    adapts = True
    _parameter_constraints = {"path": [StrOptions(_PATHS)], "delays": _DELAYS}

    def __init__(self, path="orthogonal", delays=1):
        self.path = path
        self.delays = delays

    def draw(self, rng, how):
        """Draw O."""
        return {"path": draw_path(self.path, rng, how)}

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        return leaky_layout(reservoir)._replace(path=reservoir.cell.own["path"])


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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Residual
    >>> states = ReservoirStates(20, cell=Residual(path="identity", alpha=0.98), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
        return {"path": None if self.path == "identity" else draw_path(self.path, rng, how)}

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        a = leak(reservoir)
        rate = self.alpha + a.max() * reservoir.recurrent.spectral_radius
        coef = [a, np.full_like(a, self.alpha)]
        path = reservoir.cell.own["path"]
        return Layout(path_of, coef, [products(reservoir)], rate, path=path)


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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Euler
    >>> states = ReservoirStates(20, cell=Euler(diffusion=0.1), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    _parameter_constraints = {"diffusion": [non_negative()]}

    def __init__(self, diffusion=0.001):
        self.diffusion = diffusion

    def topology(self, topology, n_links):
        """Topology of W − Wᵀ."""
        half = max(n_links // 2, 1)

        def antisymmetric(n_units, rng):
            W = listed(draw_recurrent(topology, n_units, n_links=half, random_state=rng))
            return W - W.T

        return antisymmetric

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        a = leak(reservoir)
        damped = Part(-self.diffusion * sparse.eye_array(reservoir.n_units, format="csr"))
        rate = 1 - a.min() * min(self.diffusion, 1)
        return Layout(path_of, [a, np.ones_like(a)], [[*products(reservoir), damped]], rate)


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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Clockwork
    >>> states = ReservoirStates(20, cell=Clockwork(periods=(1, 4, 16)), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
                return sparse_clockwork(each, rng, n_links, shape.weights)
            W = listed(draw_recurrent(shape, n_units, n_links=n_links, random_state=rng))
            allowed = each[None] >= each[:, None]
            return W.multiply(allowed) if sparse.issparse(W) else W * allowed

        return slow_feeds_fast

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        leaky = leaky_layout(reservoir)
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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import GRU
    >>> states = ReservoirStates(20, cell=GRU(update_bias=2.0), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    gates = "update", "reset"
    leaks = False
    _parameter_constraints = {"update_bias": [_FINITE]}

    def __init__(self, update_bias=0.0):
        self.update_bias = update_bias

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        update = biased(products(reservoir, "update"), self.update_bias)
        return Layout(
            updates.GRU, [], [update, products(reservoir, "reset")],
            forgotten(reservoir, 1 / (1 + np.exp(-self.update_bias))),
            [products(reservoir, source="made")], n_between=reservoir.n_units,
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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import MGU
    >>> states = ReservoirStates(20, cell=MGU(forget_bias=-2.0), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    gates = ("forget",)
    leaks = False
    _parameter_constraints = {"forget_bias": [_FINITE]}

    def __init__(self, forget_bias=0.0):
        self.forget_bias = forget_bias

    def layout(self, reservoir):
        """Lay a drawn reservoir out, see `Layout`."""
        return Layout(
            updates.MGU, [], [biased(products(reservoir, "forget"), self.forget_bias)],
            forgotten(reservoir, 1 / (1 + np.exp(self.forget_bias))),
            [products(reservoir, source="made")], n_between=reservoir.n_units,
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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import LSTM
    >>> states = ReservoirStates(20, cell=LSTM(forget_bias=3.0), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
        gates = [products(reservoir, name) for name in self.gates]
        gates[1] = biased(gates[1], self.forget_bias)
        return Layout(
            updates.LSTM, [], [*gates, products(reservoir)],
            forgotten(reservoir, 1 / (1 + np.exp(-self.forget_bias))), n_beside=reservoir.n_units,
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

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Legendre
    >>> states = ReservoirStates(20, cell=Legendre(), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
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
        n, a = reservoir.cell.n_memory, leak(reservoir)
        A, B, weights = reservoir.cell.own["memory"]
        memory = [Part(A), Part(scale_input(B, reservoir.scaling[0]), "u")]
        rate = max(forgotten(reservoir, 1 - a.min()), np.exp(-1 / self.window))
        return Layout(
            lambda coef: updates.Legendre(coef, n), [a, 1 - a], [memory], rate,
            [[*products(reservoir), Part(weights, "made")]], n_between=n,
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
