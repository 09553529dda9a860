"""A drawn reservoir: the matrices and constants of one update equation, without any data."""

from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn.utils import check_random_state

from ..._frozen import read_only
from ..._threads import one_blas_thread
from .._cells.draw import Draw, DrawnCell, draw_cell
from .._cells.kinds import Leaky, as_cell
from .._cells.leak_rates import make_leak_rate
from .._engine.cell_arrays import make_cell
from .._engine.chunks import TOLERANCE
from .._engine.lanes import Lanes, Setting
from .._matrices.spectral import ControlledMatrix, draw_controlled, followed_by
from .._matrices.topology import as_input_weights, scale_input

LARGEST_SEED = 2**31 - 1


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
    cell : DrawnCell
        The cell, and what is drawn for the cell besides W, W_in and b.
    leak_seed : int
        Seeds leak rates that are drawn.
    plasticity : IntrinsicPlasticity or None
        How the units are still to adapt to their input. None once they have: the gains are then
        in W, W_in and b.

    References
    ----------
    .. [1] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> drawn = ReservoirStates(20, leak_rate=0.5, random_state=0).fit(np.ones((5, 1))).reservoir_
    >>> drawn.matrix.shape, drawn.w_in.shape, drawn.leak_rate
    ((20, 20), (20, 1), 0.5)
    """

    recurrent: ControlledMatrix
    w_in: np.ndarray
    bias: np.ndarray
    leak_rate: object
    activation: object
    noise_seed: int = 0
    unscaled: tuple = None
    scaling: tuple = None
    cell: DrawnCell = field(default_factory=lambda: DrawnCell(Leaky()))
    leak_seed: int = 0
    plasticity: object = None
    _engines: dict = field(
        default_factory=dict, init=False, repr=False
    )  # slower to make than a step

    def __post_init__(self):
        # an engine keeps copies of the weights, so that an edit would have no effect
        vars(self).update({name: read_only(value) for name, value in vars(self).items()})

    def __getstate__(self):
        return vars(self) | {"_engines": {}}

    def __setstate__(self, state):
        vars(self).update(state)
        self.__post_init__()

    @property
    def n_units(self):
        """Number of units."""
        return self.w_in.shape[0] + self.cell.n_memory

    @property
    def n_channels(self):
        """Number of input channels."""
        return self.w_in.shape[1]

    @property
    def n_features(self):
        """Features of a time step that a readout sees, without the input."""
        return self.n_units

    def read(self, states):
        """What a readout sees of states.

        Parameters
        ----------
        states : ndarray of shape (n, n_state)
            States, with all that is carried from step to step.

        Returns
        -------
        ndarray of shape (n, n_features)
        """
        return states[:, : self.n_units]

    @property
    def matrix(self):
        """W, scaled: sparse array or ndarray of shape (n_units, n_units).

        Of a deep transition W₂ W, the matrix of the step without nonlinearities.
        """
        W, after = self.recurrent.matrix, self.cell.kind.after(self.cell.own)
        return W if after is None else read_only(after @ W)

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

    def light(self):
        """Copy for another process, without the scaled matrix, which is computed again."""
        return replace(self, recurrent=replace(self.recurrent))

    def lanes(self, dtype, *, passthrough=False, n_lanes=None):
        """Engine that runs this reservoir; made once for each set of arguments.

        Parameters
        ----------
        dtype : dtype
            float32 or float64: what states are computed in.
        passthrough : bool, default=False
            Whether inputs follow the states in every row.
        n_lanes : int, default=None
            Chunks of a long series to run side by side; chosen if None.

        Returns
        -------
        Lanes
        """
        kept = self._engines
        key = np.dtype(dtype), passthrough, n_lanes
        if key not in kept:
            kept[key] = self._new_lanes(dtype, passthrough, n_lanes)
        return kept[key]

    def _new_lanes(self, dtype, passthrough, n_lanes):
        matrix = self.matrix if self.cell.kind.plain else None
        return Lanes(
            matrix, self.w_in, self.bias, self.leak_rate, self.activation, dtype,
            passthrough=passthrough, memory=self._memory(dtype), n_lanes=n_lanes,
            cell=self._cell_arrays(dtype, passthrough),
        )  # fmt: skip

    @property
    def depth(self):
        """The longest delay of its links."""
        return self.cell.depth

    @property
    def layout(self):
        """The form that all cells have."""
        return self.cell.kind.layout(self)

    def _cell_arrays(self, dtype, passthrough):
        if self.cell.kind.plain:
            return None
        n_columns = self.n_units + passthrough * self.n_channels
        sizes = self.n_units, self.n_channels, self.depth
        return make_cell(self.layout, *sizes, dtype, n_columns)

    def rest(self, n, dtype):
        """States of sequences that begin at rest: zeros, of the output and what else is carried.

        Parameters
        ----------
        n : int
            Number of sequences.
        dtype : dtype
            float32 or float64.

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
        if not self.cell.kind.plain:
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
    n_units, n_channels, *, topology, n_links, spectral_radius, control, input_weights,
    input_scaling, bias_scaling, leak_rate, activation, random_state, cell="leaky", plasticity=None,
):  # fmt: skip
    """Draw a reservoir; the parameters are those of the estimators, ``cell`` a name or a cell.

    W, W_in, b, the noise and what a cell adds have seeds of their own, so that none of them depends
    on the size or the setting of another.

    Returns
    -------
    Reservoir
    """
    cell = as_cell(cell)
    if control == "effective" and not cell.plain:
        raise ValueError(
            "control='effective' is that of the leaky map, with delays=1 and cell='leaky': use "
            f"control='radius' or 'norm' (got cell={cell!r})."
        )
    rng = check_random_state(random_state)
    w_seed, in_seed, bias_seed, noise_seed = rng.randint(LARGEST_SEED, size=4)
    leak_seed, cell_seed = rng.randint(LARGEST_SEED, size=2)
    n_memory = cell.n_memory(n_units, n_channels)
    leak_rate = make_leak_rate(leak_rate, n_units, leak_seed)
    n_units -= n_memory
    input_weights = as_input_weights(input_weights)
    how = Draw(n_units, n_memory, n_channels, topology, n_links, input_weights)
    recurrent = draw_controlled(
        cell.topology(topology, n_links), n_units, n_links=n_links, measure=control,
        spectral_radius=spectral_radius, leak_rate=leak_rate, random_state=w_seed,
    )  # fmt: skip
    w_in, bias = how.inputs(in_seed), how.bias(bias_seed)
    drawn = draw_cell(cell, recurrent.base, how, cell_seed)
    after = cell.after(drawn.own)
    if after is not None:
        recurrent = followed_by(recurrent, after)
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
    seed : int
        Seed.
    before : int, default=0
        Sequences that came in earlier batches.
    keep : bool, default=False
        Whether the sequences continue in a later batch, each with its stream.
    numbers : ndarray of int, default=None
        Number of each sequence, where ``before`` does not say it.
    """

    def __init__(self, scale, n_units, seed, *, before=0, keep=False, numbers=None):
        self.scale, self.n_units, self.keep = scale, n_units, keep
        self.seeds, self.before, self.numbers = (seed, 0), before, numbers
        self.streams = {}  # of sequences that come in several spans

    def another(self):
        """Return independent noise for the same sequences."""
        other = copy(self)
        other.seeds, other.streams = (self.seeds[0], 1), {}
        return other

    def __call__(self, span):
        """Draw the noise of a span, of shape (rows of the span, n_units)."""
        draws = []
        for i in range(span.first, span.last):
            n = int(span.offsets[i - span.first + 1] - span.offsets[i - span.first])
            rng = self.streams.pop(i, None)
            number = self.before + i if self.numbers is None else int(self.numbers[i])
            rng = rng or np.random.RandomState([*self.seeds, number])
            draws.append(self.scale * rng.standard_normal((n, self.n_units)))
            if self.keep or span.last - span.first == 1:
                self.streams[i] = rng
        return np.concatenate(draws)
