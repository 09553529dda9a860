"""What every reservoir estimator shares: the parameters of the reservoir, and how it is drawn."""

import re
from dataclasses import replace
from inspect import cleandoc

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator

from .._jit.activations import ACTIVATIONS
from .._params import Integral, Interval, Real, StrOptions, count, non_negative
from .._progress import Progress
from ._cells.kinds import CELLS, cell_from
from ._engine.both_ways import both_ways
from ._learning.context import begin, check_constant, driving, roles_of
from ._matrices.topology import TOPOLOGIES, WEIGHTS
from ._models.layers import Layers, draw_layers
from ._models.plasticity import IntrinsicPlasticity, adapted, plastic
from ._models.reservoir import StateNoise, draw_reservoir

RESERVOIR_DOC = """
n_units : int, default={n_units}
    Number of units.
spectral_radius : float, default=0.9
    What the recurrent matrix is scaled to; see ``control``.
leak_rate : float, array-like of shape (n_units,) or tuple, default={leak_rate}
    Leak rate a in (0, 1], per step; the time constant is about 1/a steps.
    ``("log_uniform", 2, 200)`` draws a time constant between 2 and 200 steps for each unit,
    ``("groups", 1, 10, 100)`` gives a third of the units each of three.
input_scaling : float or array-like of shape (n_channels,), default={input_scaling}
    Factor on the input weights, one for all channels or one for each.
bias_scaling : float, default={bias_scaling}
    Factor on the bias, which is drawn as the input weights are.
n_links : int, default=10
    Links into each unit, for ``topology="sparse"``.
topology : {{"sparse", "dense", "ring", "cycle_jumps", "delay_line", "orthogonal", "hadamard"}}, \
array, sparse matrix or callable, default="sparse"
    Shape of the recurrent matrix; ``"hadamard"`` is orthogonal, of random signs and Hadamard
    transforms, for reservoirs too large for a matrix. A callable is called as
    ``f(n_units, random_state)``.
jump_size : int, default=5
    Length of the jumps, for ``topology="cycle_jumps"``.
weights : {{"normal", "uniform", "signs"}}, default="normal"
    Distribution of the recurrent weights of sparse and dense topologies.
control : {{"radius", "effective", "norm"}}, default="radius"
    What ``spectral_radius`` is: the spectral radius of W, that of the leaky map
    (1 − a) I + a W, or the spectral norm of W (below one, it guarantees the echo state
    property).
input_weights : {{"uniform", "normal", "signs"}}, default="uniform"
    Distribution of the input weights and the bias: U(−1, 1), N(0, 1) or ±1.
input_density : float, default=1.0
    Share of input weights that are not zero.
activation : {{"tanh", "logistic", "relu", "identity"}} or callable, default="tanh"
    f; ``"logistic"`` is 1 / (1 + exp(−z)). A callable takes and returns a float and is compiled by
    Numba (or is already), or is a NumPy ufunc.
cell : {{"leaky", "deep_transition", "es2n", "residual", "euler", "clockwork", "gru", "mgu", \
"lstm", "legendre"}}, default="leaky"
    What a step makes of the state x, the input u and z = W x + W_in u + b:

    - ``"leaky"``: (1 − a) x + a f(z);
    - ``"deep_transition"``: (1 − a) x + a f(W₂ f(z) + b₂), one more random layer between the states
      (Pascanu et al. 2014); ``spectral_radius`` is that of W₂ W;
    - ``"es2n"``: (1 − a) O x + a f(z), O orthogonal (Ceni & Gallicchio 2023);
    - ``"residual"``: α O x + a f(z) (Ceni & Gallicchio 2024);
    - ``"euler"``: x + a f(z − γ x), with an antisymmetric W (Gallicchio 2022);
    - ``"clockwork"``: leaky, but a group of units moves at every T-th step only, and hears only
      itself and slower groups (Koutník et al. 2014);
    - ``"gru"`` (Cho et al. 2014), ``"mgu"``, the minimal gated unit (Zhou et al. 2016), ``"lstm"``
      (Gers et al. 2000): each gate has a W, W_in and b of its own; ``spectral_radius`` is that of
      the candidate's W, whose gain the gates share, and gates stand in for the leak rate;
    - ``"legendre"``: units that hold the last θ steps of each channel in Legendre polynomials, and
      leaky ones that also hear these (Voelker et al. 2019).

    What is carried beside x (the x of longer delays, an LSTM's c, a clock) follows it in
    ``final_state_`` and in every state that is given.
cell_params : dict, default=None
    Parameters of the cell, where they are to differ from: es2n ``{{"path": "orthogonal"}}`` (O is
    drawn from all; "hadamard" and "ring" take less time); residual ``{{"path": "orthogonal",
    "alpha": 0.9}}`` (or "identity"); euler ``{{"diffusion": 0.001}}`` (γ); clockwork ``{{"periods":
    (1, 2, 4, 8)}}``; gru ``{{"update_bias": 0.0}}``, mgu ``{{"forget_bias": 0.0}}``; lstm
    ``{{"forget_bias": 1.0, "recurrent_gates": True}}`` (whether gates see the state); legendre
    ``{{"memory_units": None, "window": 100.0}}`` (of ``n_units``, half if None; θ).
delays : int, tuple of int or dict, default=1
    Steps that the recurrent links look back. ``(1, 5, 20)``: a third of the links each;
    ``{{1: 8, 5: 1, 20: 1}}``: shares of eight, one and one.
plasticity : IntrinsicPlasticity, default=None
    How ``fit`` adapts the gain and the bias of each unit to its input, before anything else, see
    :class:`dlkit.reservoir.IntrinsicPlasticity`. ``spectral_radius`` is that of W without gains.
bidirectional : bool, default=False
    Whether the same reservoir also runs over each sequence from its end, and the features of both
    passes are joined. Where a sample is a time step, series must then come whole.
context : int or array-like of int, default=None
    Numbers of channels that are a fixed vector for each sequence: they hold the same values at
    all of its steps, and are not forecast.
context_as : {{"both", "input", "state"}}, default="both"
    What the context does: it enters at every step as other channels do, it sets the state that the
    sequence begins in, h(0) = tanh(W_c c) with W_c uniform, or both.
context_scaling : float, default=1.0
    Factor on W_c.
layers : int, list of dict or Layers, default=None
    Reservoirs in series: how many, or the parameters of each that differ, or all that
    :class:`dlkit.reservoir.Layers` can say. One if None.
passthrough : bool, default={passthrough}
    Whether the input joins the states the readout sees.
washout : int, default=0
    Steps left out at the start of each sequence.
noise : float, default=0.0
    Standard deviation of Gaussian noise added to the states in training.
random_state : int, RandomState instance or None, default=None
    Seeds the draw.
n_jobs : int, default=None
    Threads, as in joblib; or workers, under ``joblib.parallel_config(backend=...)``. The result
    does not depend on it.
n_lanes : int, default=None
    Chunks of a long series to run side by side, each checked against the one before; found from
    the series and the reservoir's memory if None, and 1 runs it from end to end. A hint: the
    result is the same (to 1e-10 of the largest state, in float32 1e-5).
verbose : int, default=0
    1 reports the progress of long work.
"""


STREAMS_DOC = """
*Streams.* `partial_fit` needs a readout that has it, and after `fit` it goes on from there with the
same reservoir, while `fit` always starts anew. The default readout learns from sums and ends where
`fit` on all pieces would, to the rounding of a solve from those sums; but it keeps none of a `fit`
in memory and then warns that it begins anew (``readout=RidgeReadout(alpha, selection="gcv",
solver="moments")`` or its classifier keeps them, :class:`RLSReadout` needs none).
"""


def with_reservoir_doc(cls):
    """Write the shared parameters, with the class's own defaults, into its docstring."""
    defaults = cls.__init__.__kwdefaults__ | {"n_units": cls.__init__.__defaults__[0]}
    doc = cleandoc(cls.__doc__)
    entries = re.split(r"\n(?=\w)", RESERVOIR_DOC.strip())
    mine = [entry for entry in entries if entry.split(" :")[0] in defaults]
    text = "\n".join(mine).format(**defaults)
    cls.__doc__ = doc.replace("{reservoir}", text).replace("{streams}", STREAMS_DOC.strip())
    return cls


class BaseReservoir(BaseEstimator):
    """Parameters of a reservoir, and the steps from them to states."""

    _parameter_constraints = {
        "n_units": [count()],
        "spectral_radius": [non_negative()],
        "leak_rate": [Interval(Real, 0, 1, closed="right"), "array-like"],
        "input_scaling": [Interval(Real, None, None, closed="neither"), "array-like"],
        "bias_scaling": [Interval(Real, None, None, closed="neither")],
        "n_links": [count()],
        "topology": [StrOptions(set(TOPOLOGIES)), np.ndarray, "sparse matrix", callable],
        "jump_size": [count()],
        "weights": [StrOptions(set(WEIGHTS))],
        "control": [StrOptions({"radius", "effective", "norm"})],
        "input_weights": [StrOptions(set(WEIGHTS))],
        "input_density": [Interval(Real, 0, 1, closed="right")],
        "activation": [StrOptions(set(ACTIVATIONS)), callable],
        "cell": [StrOptions(set(CELLS))],
        "cell_params": [dict, None],
        "delays": [count(), "array-like", dict],
        "plasticity": [IntrinsicPlasticity, None],
        "bidirectional": ["boolean"],
        "context": [Integral, "array-like", None],
        "context_as": [StrOptions({"both", "input", "state"})],
        "context_scaling": [Interval(Real, None, None, closed="neither")],
        "layers": [count(), list, Layers, None],
        "passthrough": ["boolean"],
        "washout": [count(0)],
        "noise": [non_negative()],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "n_lanes": [count(), None],
        "verbose": ["verbose"],
    }
    progress = None  # of work that this is but a part of
    _n_fed = 0  # input channels beside those of X
    # Parameters that say which reservoir is drawn; the rest say how it is run.
    _drawn = (
        "topology", "n_links", "jump_size", "weights", "spectral_radius", "control",
        "input_weights", "input_density", "input_scaling", "bias_scaling", "leak_rate",
        "activation", "cell", "cell_params", "delays", "plasticity", "random_state",
    )  # fmt: skip

    def _store(self, arguments):
        """Store the arguments of ``__init__``, which is all it may do."""
        for name, value in arguments.items():
            if name != "self":
                setattr(self, name, value)

    def _draw(self, n_channels):
        n_units = self.n_units
        if isinstance(self.topology, np.ndarray) or issparse(self.topology):
            n_units = self.topology.shape[0]  # a matrix brings its own size
        n_driving = len(np.arange(n_channels)[self._roles(n_channels).driving])

        def scaled(input_scaling):
            scaling = np.asarray(input_scaling, dtype=float)
            if not self._n_fed or scaling.ndim > 1 or scaling.size not in (1, n_driving):
                return input_scaling
            more = np.full(self._n_fed, self.feedback_scaling)
            return np.concatenate([np.broadcast_to(scaling, n_driving), more])

        if self.layers is not None:
            return draw_layers(self, n_driving + self._n_fed, scaled)
        drawn = {name: getattr(self, name) for name in self._drawn}
        drawn["input_scaling"] = scaled(self.input_scaling)
        cell = drawn.pop("cell"), drawn.pop("cell_params"), drawn.pop("delays")
        drawn["cell"] = cell_from(*cell)
        return draw_reservoir(n_units, n_driving + self._n_fed, **drawn)

    def _draw_for(self, batch, beside=None):
        """Draw the reservoir that runs over a batch, adapted to it under plasticity."""
        reservoir = self._draw(batch.n_channels)
        if not plastic(reservoir):
            return reservoir
        batch = both_ways(batch) if self.bidirectional else batch
        starts = self._rest(reservoir, batch)[:, : reservoir.n_units]
        inputs = self._inputs(batch, beside)
        return adapted(reservoir, inputs, starts, self.washout, self.verbose)

    def _roles(self, n_channels):
        """What the channels of an input are for."""
        if self.context is None:  # of an NVAR, too, which has no such parameters
            return roles_of(None, None, n_channels)
        return roles_of(self.context, self.context_as, n_channels)

    def _check_context(self, batch):
        if self.context is not None:
            check_constant(batch, self._roles(batch.n_channels))

    def _inputs(self, batch, beside=None):
        """Batch of the channels that enter the reservoir; more of them are ``beside``."""
        inputs = driving(batch, self._roles(batch.n_channels))
        if beside is None:
            return inputs
        return replace(inputs, values=np.hstack([inputs.values, beside]))

    def _rest(self, reservoir, batch):
        """States that sequences begin in: at rest, or where their context puts them."""
        states = reservoir.rest(len(batch), batch.values.dtype)
        if self.context is not None:
            roles = self._roles(batch.n_channels)
            if self.context_as != "input":
                begin(states, reservoir, batch, roles, self.context_scaling)
        return states

    @property
    def _n_columns(self):
        """Width of a row of states."""
        reservoir = self.reservoir_
        return reservoir.n_features + self.passthrough * reservoir.n_channels

    def _check_batch(self, batch, extra=0):
        """Every sequence must outlast the washout by ``extra`` steps more than one.

        And its context must stay what it is.
        """
        self._check_context(batch)
        short = batch.lengths <= self.washout + extra
        if short.any():
            i = int(np.argmax(short))
            more = " and the step after the last state" if extra else ""
            raise ValueError(
                f"washout={self.washout} leaves no step of sequence {i}, which has "
                f"{batch.lengths[i]}: every sequence must be longer than the washout{more}."
            )

    def _state_noise(self, reservoir, n, **options):
        """Noise for the states of ``n`` sequences in training, None if none is asked for."""
        if self.noise == 0:
            return None
        return StateNoise(self.noise, reservoir.n_units, n, reservoir.noise_seed, **options)

    def _engine(self, reservoir, batch):
        return reservoir.lanes(
            batch.values.dtype, passthrough=self.passthrough, n_lanes=self.n_lanes
        )

    def _run(
        self, reservoir, batch, consume=None, *, states=None, out=None, train=False, noise=None,
        n_jobs=None, beside=None,
    ):  # fmt: skip
        """States of a batch, block by block (see ``Lanes.run``); more channels are ``beside``."""
        if states is None and self.context is not None:
            states = self._rest(reservoir, batch)
        lanes = self._engine(reservoir, batch)
        if train and noise is None:
            noise = self._state_noise(reservoir, len(batch), before=batch.first)
        progress = self.progress or Progress(type(self).__name__, len(batch.values), self.verbose)
        return lanes.run(
            self._inputs(batch, beside), consume, states=states, out=out, noise=noise,
            n_jobs=self.n_jobs if n_jobs is None else n_jobs, progress=progress,
        )  # fmt: skip

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
