"""A drawn reservoir: the matrices and constants of one update equation, without any data."""

from copy import copy
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from sklearn.utils import check_random_state

from ..._threads import one_blas_thread
from .._cells.draw import DrawnCell, check_cell, draw_cell, memory_units, shaped
from .._cells.kinds import CELLS
from .._cells.leak_rates import make_leak_rate
from .._engine.cell_arrays import make_cell
from .._engine.chunks import TOLERANCE
from .._engine.lanes import Lanes, Setting
from .._matrices.hadamard import HadamardMatrix
from .._matrices.spectral import ControlledMatrix, draw_controlled, followed_by
from .._matrices.topology import draw_bias, draw_input, scale_input

LARGEST_SEED = 2**31 - 1

# Engines last as long as their reservoir: making one takes longer than a step.
_ENGINES = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Reservoir:
    """A drawn reservoir.

    Its state follows x ← (1 − a) x + a f(W x + W_in u + b), with ``u`` the input of the step, or
    what its ``cell`` makes of these.

    Attributes
    ----------
    recurrent : ControlledMatrix
        W, as a base that was measured once and a gain.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights W_in, scaled.
    bias : ndarray of shape (n_units,)
        b, scaled.
    leak_rate : float or ndarray of shape (n_units,)
        a.
    activation : {"tanh", "logistic", "relu", "identity"} or callable
        f.
    noise_seed : int
        Seeds the noise on the states in training.
    unscaled : tuple of ndarray
        W_in and b as they were drawn.
    scaling : tuple
        ``input_scaling`` and ``bias_scaling``, the factors on them.
    cell : DrawnCell or None
        What it has besides, if it is more than leaky units with links of one step.
    leak_seed : int
        Seeds leak rates that are drawn.
    plasticity : IntrinsicPlasticity or None
        How it has yet to adapt to its input; the gains are then in W, W_in and b.
    """

    recurrent: ControlledMatrix
    w_in: np.ndarray
    bias: np.ndarray
    leak_rate: object
    activation: object
    noise_seed: int = 0
    unscaled: tuple = None
    scaling: tuple = None
    cell: DrawnCell = None
    leak_seed: int = 0
    plasticity: object = None

    @property
    def n_units(self):
        """Number of units."""
        return self.w_in.shape[0] + (0 if self.cell is None else self.cell.n_memory)

    @property
    def n_channels(self):
        """Number of input channels."""
        return self.w_in.shape[1]

    @property
    def n_features(self):
        """Numbers of a step that a readout sees, without the input."""
        return self.n_units

    def read(self, states):
        """What a readout sees of states, of shape (n, n_features)."""
        return states[:, : self.n_units]

    @property
    def matrix(self):
        """W, scaled: sparse array or ndarray of shape (n_units, n_units).

        Of a deep transition W₂ W, which is W in the linear.
        """
        W = self.recurrent.matrix
        deep = self.cell is not None and self.cell.transition
        return self.cell.transition[0] @ W if deep else W

    def with_radius(self, spectral_radius):
        """Return the same draw at another spectral radius.

        Parameters
        ----------
        spectral_radius : float
            The value that is controlled (radius, effective radius or norm).

        Returns
        -------
        Reservoir
            It shares all arrays with this one; nothing is measured again.
        """
        return replace(self, recurrent=self.recurrent.with_radius(spectral_radius))

    def with_settings(
        self, *, spectral_radius=None, leak_rate=None, input_scaling=None, bias_scaling=None,
        activation=None,
    ):  # fmt: skip
        """Return the same draw under other settings.

        Parameters
        ----------
        spectral_radius, leak_rate, input_scaling, bias_scaling, activation
            As of the estimators; what is None stays as it is.

        Returns
        -------
        Reservoir
            Exactly what drawing with these settings gives, but nothing is drawn or, unless
            an effective radius is controlled, measured again.
        """
        new = {}
        recurrent = self.recurrent
        if leak_rate is not None:
            leak_rate = make_leak_rate(leak_rate, self.n_units, self.leak_seed)
            new["leak_rate"] = leak_rate
            recurrent = replace(recurrent, leak_rate=np.asarray(leak_rate))
        if leak_rate is not None or spectral_radius is not None:
            radius = recurrent.spectral_radius if spectral_radius is None else spectral_radius
            new["recurrent"] = recurrent.with_radius(radius)
        (w_in, bias), scaling = self.unscaled, list(self.scaling)
        if input_scaling is not None:
            new["w_in"], scaling[0] = scale_input(w_in, input_scaling), input_scaling
        if bias_scaling is not None:
            new["bias"], scaling[1] = bias_scaling * bias, bias_scaling
        new["scaling"] = tuple(scaling)
        if activation is not None:
            new["activation"] = activation
        return replace(self, **new)

    def lanes(self, dtype, *, passthrough=False, n_lanes=None):
        """Engine that runs this reservoir in ``dtype``."""
        kept = _ENGINES.setdefault(self, {})
        key = np.dtype(dtype), passthrough, n_lanes
        if key not in kept:
            kept[key] = self._new_lanes(dtype, passthrough, n_lanes)
        return kept[key]

    def _new_lanes(self, dtype, passthrough, n_lanes):
        matrix = self.matrix if self.cell is None else None
        return Lanes(
            matrix, self.w_in, self.bias, self.leak_rate, self.activation, dtype,
            passthrough=passthrough, memory=self._memory(dtype), n_lanes=n_lanes,
            cell=self._cell_arrays(dtype, passthrough),
        )  # fmt: skip

    @property
    def depth(self):
        """The longest delay of its links."""
        return 1 if self.cell is None else self.cell.depth

    @property
    def structured(self):
        """Whether a matrix has no list of entries."""
        path = None if self.cell is None else self.cell.path
        return any(isinstance(m, HadamardMatrix) for m in (self.recurrent.base, path))

    @property
    def layout(self):
        """The form that all cells have; leaky units are a cell as well."""
        if self.cell is not None:
            return CELLS[self.cell.name].layout(self)
        return CELLS["leaky"].layout(replace(self, cell=DrawnCell("leaky", {})))

    def _cell_arrays(self, dtype, passthrough):
        if self.cell is None:
            return None
        n_columns = self.n_units + passthrough * self.n_channels
        sizes = self.n_units, self.n_channels, self.depth
        return make_cell(self.layout, *sizes, dtype, n_columns)

    def rest(self, n, dtype):
        """States of ``n`` sequences that begin at rest, zeros: the output and what else is carried.

        Returns
        -------
        ndarray of shape (n, n_state)
        """
        return self.lanes(dtype).rest(n)

    def _memory(self, dtype):
        """About how many steps it takes two runs from different states to agree.

        Half of what the linear map at rest would take: where units saturate they forget sooner.
        """
        rate = self.recurrent.spectral_radius  # how much of a small difference a step leaves
        if self.cell is not None:
            delays = [np.mean(d) for d in self.cell.delays.values()]
            rate = self.layout.rate ** (1 / np.mean(delays or 1.0))
        elif self.recurrent.measure != "effective":
            rate = 1 - np.min(self.leak_rate) * (1 - rate)
        if rate >= 1:
            return np.inf
        return max(np.log(TOLERANCE[np.dtype(dtype)]) / np.log(rate) / 2, 1.0) if rate > 0 else 1.0


def shared_lanes(reservoirs, dtype, *, passthrough=False, n_lanes=None):
    """Engine that runs reservoirs of one draw and one activation side by side.

    Parameters
    ----------
    reservoirs : list of Reservoir
        One is made from the other by ``with_settings``.
    dtype, passthrough, n_lanes
        As of ``Lanes``.

    Returns
    -------
    Lanes
        With a setting for each of the reservoirs.
    """
    first = reservoirs[0]
    settings = [Setting(r.leak_rate, r.recurrent.gain, *r.scaling) for r in reservoirs]
    return Lanes(
        first.recurrent.base, *first.unscaled, None, first.activation, dtype,
        passthrough=passthrough, settings=settings, n_lanes=n_lanes,
        memory=max(r._memory(dtype) for r in reservoirs),
    )  # fmt: skip


@one_blas_thread()
def draw_reservoir(
    n_units, n_channels, *, topology, n_links, jump_size, weights, spectral_radius, control,
    input_weights, input_density, input_scaling, bias_scaling, leak_rate, activation, random_state,
    cell="leaky", cell_params=None, delays=1, plasticity=None,
):  # fmt: skip
    """Draw a reservoir; the parameters are those of the estimators.

    W, W_in, b, the noise and what a cell adds have seeds of their own, so that none of them depends
    on the size or the setting of another.

    Returns
    -------
    Reservoir
    """
    params, delays, shares = check_cell(cell, cell_params, delays, control)
    rng = check_random_state(random_state)
    w_seed, in_seed, bias_seed, noise_seed = rng.randint(LARGEST_SEED, size=4)
    leak_seed, cell_seed = rng.randint(LARGEST_SEED, size=2)
    n_memory = memory_units(params, n_units, n_channels)
    leak_rate = make_leak_rate(leak_rate, n_units, leak_seed)
    n_units -= n_memory
    options = {"n_links": n_links, "weights": weights, "jump_size": jump_size}
    recurrent = draw_controlled(
        shaped(cell, params, topology, options), n_units, **options, measure=control,
        spectral_radius=spectral_radius, leak_rate=leak_rate, random_state=w_seed,
    )  # fmt: skip
    w_in = draw_input(
        n_units, n_channels, weights=input_weights, density=input_density, random_state=in_seed
    )
    bias = draw_bias(n_units, weights=input_weights, random_state=bias_seed)
    drawn = None
    if cell != "leaky" or delays.tolist() != [1]:
        drawn = draw_cell(
            cell, params, delays, shares, n_units, n_memory, n_channels, base=recurrent.base,
            topology=topology, **options, input_weights=input_weights,
            input_density=input_density, random_state=cell_seed,
        )  # fmt: skip
        if drawn.transition:
            recurrent = followed_by(recurrent, drawn.transition[0])
    return Reservoir(
        recurrent, scale_input(w_in, input_scaling), bias_scaling * bias, leak_rate, activation,
        int(noise_seed), (w_in, bias), (input_scaling, bias_scaling), drawn, int(leak_seed),
        plasticity,
    )  # fmt: skip


class StateNoise:
    """Gaussian noise for the states of each sequence, from a random stream of its own.

    Parameters
    ----------
    scale : float
        Standard deviation.
    n_units : int
        Number of units.
    n_sequences : int
        Number of sequences.
    seed : int
        Seed.
    before : int, default=0
        Sequences that came in earlier batches.
    keep : bool, default=False
        Whether every sequence will go on with its stream, in a later batch.
    """

    def __init__(self, scale, n_units, n_sequences, seed, *, before=0, keep=False):
        self.scale, self.n_units, self.keep = scale, n_units, keep
        seeds = np.random.RandomState(seed).randint(LARGEST_SEED, size=before + n_sequences)
        self.seeds = seeds[before:]
        self.streams = {}  # of sequences that come in stretches

    def another(self):
        """Return independent noise for the same sequences."""
        other = copy(self)
        other.seeds = [np.random.RandomState(seed).randint(LARGEST_SEED) for seed in self.seeds]
        other.streams = {}
        return other

    def __call__(self, span):
        """Draw the noise of a span, of shape (rows of the span, n_units)."""
        draws = []
        for i in range(span.first, span.last):
            n = int(span.offsets[i - span.first + 1] - span.offsets[i - span.first])
            rng = self.streams.pop(i, None) or np.random.RandomState(self.seeds[i])
            draws.append(self.scale * rng.standard_normal((n, self.n_units)))
            if self.keep or span.last - span.first == 1:
                self.streams[i] = rng
        return np.concatenate(draws)
