"""Cells: what the units of a reservoir make of their past, beyond the leak.

A cell is data. An entry of `CELLS` names its parameters, its gates (each a further draw of W, W_in
and b) and a function that lays a drawn reservoir out: which of the compiled elementwise functions
of ``dlkit/_jit/cells.py`` it takes, with which coefficients for each unit, and what enters which
row of pre-activations. The draw (``_cell_draw.py``), the links and the carried state
(``_cell_arrays.py``) and the loop are the same for all.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..._jit import cell_updates as updates
from ..._params import Interval, Real, StrOptions, count, non_negative, positive
from .._matrices.hadamard import HadamardMatrix
from .._matrices.topology import scale_input

__all__ = ["CELLS", "Layout", "Part", "as_csr", "group_periods"]


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


class Kind(NamedTuple):
    """A cell by name: its layout, its gates, and its parameters with defaults and constraints.

    ``delayed`` and ``adapts`` say whether its links can have delays, and its units learn gains.
    """

    layout: object
    gates: tuple = ()
    params: dict = {}
    constraints: dict = {}
    delayed: bool = False
    adapts: bool = False


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


def _es2n(reservoir):
    return _leaky(reservoir)._replace(path=reservoir.cell.path)


def _residual(reservoir):
    a, alpha = _leak(reservoir), reservoir.cell.params["alpha"]
    rate = alpha + a.max() * reservoir.recurrent.spectral_radius
    coef = [a, np.full_like(a, alpha)]
    return Layout(_path, coef, [_products(reservoir)], rate, path=reservoir.cell.path)


def _euler(reservoir):
    a, diffusion = _leak(reservoir), reservoir.cell.params["diffusion"]
    damped = Part(-diffusion * sparse.eye_array(reservoir.n_units, format="csr"))
    rate = 1 - a.min() * min(diffusion, 1)
    return Layout(_path, [a, np.ones_like(a)], [[*_products(reservoir), damped]], rate)


def _clockwork(reservoir):
    periods = reservoir.cell.params["periods"]
    each = group_periods(reservoir.n_units, periods)
    leaky = _leaky(reservoir)
    return leaky._replace(
        kernel=updates.Clockwork, coef=[*leaky.coef, each], period=int(np.lcm.reduce(periods)),
        rate=leaky.rate ** (1 / max(periods)),
    )  # fmt: skip


def _gru(reservoir):
    bias = reservoir.cell.params["update_bias"]
    update = _biased(_products(reservoir, "update"), bias)
    return Layout(
        updates.GRU, [], [update, _products(reservoir, "reset")],
        _forget(reservoir, 1 / (1 + np.exp(-bias))), [_products(reservoir, source="made")],
        n_between=reservoir.n_units,
    )  # fmt: skip


def _mgu(reservoir):
    bias = reservoir.cell.params["forget_bias"]
    return Layout(
        updates.MGU, [], [_biased(_products(reservoir, "forget"), bias)],
        _forget(reservoir, 1 / (1 + np.exp(bias))), [_products(reservoir, source="made")],
        n_between=reservoir.n_units,
    )  # fmt: skip


def _lstm(reservoir):
    bias = reservoir.cell.params["forget_bias"]
    gates = [_products(reservoir, name) for name in ("input", "forget", "output")]
    gates[1] = _biased(gates[1], bias)
    return Layout(
        updates.LSTM, [], [*gates, _products(reservoir)],
        _forget(reservoir, 1 / (1 + np.exp(-bias))), n_beside=reservoir.n_units,
    )  # fmt: skip


def _deep_transition(reservoir):
    W, bias = reservoir.cell.transition
    leaky = _leaky(reservoir)
    second = [Part(W, "made"), Part(reservoir.scaling[1] * bias[:, None], "1")]
    return leaky._replace(kernel=updates.Transition, second=[second], n_between=reservoir.n_units)


def _legendre(reservoir):
    cell, a = reservoir.cell, _leak(reservoir)
    A, B, weights = cell.memory
    memory = [Part(A), Part(scale_input(B, reservoir.scaling[0]), "u")]
    rate = max(_forget(reservoir, 1 - a.min()), np.exp(-1 / cell.params["window"]))
    return Layout(
        lambda coef: updates.Legendre(coef, cell.n_memory), [a, 1 - a], [memory], rate,
        [[*_products(reservoir), Part(weights, "made")]], n_between=cell.n_memory,
    )  # fmt: skip


_PATH = StrOptions({"orthogonal", "hadamard", "ring"})
_FINITE = Interval(Real, None, None, closed="neither")

CELLS = {
    "leaky": Kind(_leaky, delayed=True, adapts=True),
    # h_t = φ(W₂ φ(W₁ h_{t−1} + U x_t)), the deep transition of Pascanu, Gulcehre, Cho & Bengio
    # (2014), How to construct deep recurrent neural networks, ICLR
    "deep_transition": Kind(_deep_transition),
    # x[k] = β φ(W_r x[k−1] + W_in u[k]) + (1 − β) O x[k−1], β the leak rate: Ceni & Gallicchio
    # (2023), Edge of stability echo state network, IEEE TNNLS 36(4), arXiv:2308.02902
    "es2n": Kind(
        _es2n, (), {"path": "orthogonal"}, {"path": [_PATH]}, delayed=True, adapts=True
    ),
    # h(t) = α O h(t−1) + β tanh(W_h h(t−1) + W_x x(t) + b), β the leak rate: Ceni & Gallicchio
    # (2024), Residual echo state networks, Neurocomputing 597
    "residual": Kind(
        _residual, (), {"path": "orthogonal", "alpha": 0.9},
        {"path": [StrOptions({"orthogonal", "hadamard", "ring", "identity"})],
         "alpha": [non_negative()]},
        delayed=True, adapts=True,
    ),
    # h(t) = h(t−1) + ε tanh((W − Wᵀ − γ I) h(t−1) + W_x x(t) + b), ε the leak rate: Gallicchio
    # (2022), Euler state networks: non-dissipative reservoir computing, arXiv:2203.09382
    "euler": Kind(_euler, (), {"diffusion": 0.001}, {"diffusion": [non_negative()]}),
    # modules that move where t mod T_g = 0, a block-triangular W: Koutník, Greff, Gomez &
    # Schmidhuber (2014), A clockwork RNN, ICML, section 3
    "clockwork": Kind(
        _clockwork, (), {"periods": (1, 2, 4, 8)}, {"periods": ["array-like"]}, delayed=True,
        adapts=True,
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
            "topology='hadamard' has no list of links, which delays, plasticity and cells other "
            "than 'leaky' are made of: use another topology."
        )
    return sparse.csr_array(matrix)


def group_periods(n_units, periods):
    """Period of each unit: groups of successive units, as equal in size as can be."""
    return np.asarray(periods, dtype=np.float64)[np.arange(n_units) * len(periods) // n_units]
