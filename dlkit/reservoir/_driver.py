"""How something drawn is run over a batch: the one place where states and features come from.

What is drawn may be a reservoir, reservoirs in series, monomials, or anything else that has

- ``n_channels``, ``n_features`` and ``noise_seed``, and ``n_units``, the numbers of its output;
- ``rest(n, dtype)``: states of shape (n, n_state) in which ``n`` sequences begin;
- ``read(states)``: what a readout sees of states, of shape (n, n_features);
- ``lanes(dtype, passthrough=, n_lanes=)``: an engine, whose ``run`` is that of :class:`Lanes`.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from .. import _budgets
from .._params import plain
from .._validation import refuse_masked
from ..sequences import Sequences
from ._engine.both_ways import BothWays, both_ways
from ._engine.spans import cut_spans
from ._learning.context import Roles, begin, check_constant, driving, roles_of
from ._learning.feedback import Fed, Loop, close_loop, linear_map, shifted
from ._learning.parameters import draw
from ._models.plasticity import adapted, plastic
from ._models.reservoir import StateNoise
from ._models.scale import ENOUGH, check_growth, check_scale, sample_of

__all__ = ["Driver"]


@dataclass(frozen=True, eq=False)
class Driver:
    """Runs something drawn over batches.

    A driver knows no targets and no readout. It can be pickled, and is the part of an estimator
    that travels to other machines.

    Attributes
    ----------
    drawn : Reservoir, DeepReservoir, Monomials or the like
        What is run.
    roles : Roles
        What the channels of an input are for.
    washout : int
        Steps at the start of each sequence that are run, but not learned from.
    passthrough : bool
        Whether the input joins the states in every row.
    both_ways : bool
        Whether a second pass runs over each sequence from its end.
    noise : float
        Standard deviation of the noise on the states in training.
    n_lanes : int or None
        Chunks of a long series to run side by side; found from the series if None.
    feedback : Fed or None
        Outputs that are inputs of the next step. They follow the drawn thing's own state in every
        state.
    """

    drawn: object
    roles: Roles = field(default_factory=Roles)
    washout: int = 0
    passthrough: bool = False
    both_ways: bool = False
    noise: float = 0.0
    n_lanes: int | None = None
    feedback: Fed | None = None

    @classmethod
    def of(cls, estimator, n_channels, fed=None, drawn=None, n_known=0):
        """Draw what an estimator's parameters say, and run it as they say.

        Parameters
        ----------
        estimator : estimator
            Has the parameters of a reservoir; others are read as far as it has them.
        n_channels : int
            Channels of the input.
        fed : Fed, default=None
            Outputs that are fed back.
        drawn : object, default=None
            What to run, if it is drawn already.
        n_known : int, default=0
            Channels of these, the last, that are covariates.
        """
        own = n_channels - n_known
        roles = roles_of(estimator.context, own).beside(own, n_known)
        if drawn is None:
            n_driving = len(np.arange(n_channels)[roles.driving])
            drawn = draw(estimator, n_driving, fed, n_known=n_known)
        how = estimator.washout, estimator.passthrough, estimator.bidirectional
        return cls(drawn, roles, *plain((*how, estimator.noise, estimator.n_lanes)), fed)

    @property
    def n_fed(self):
        """Outputs that are fed back."""
        return 0 if self.feedback is None else self.feedback.n_outputs

    @property
    def n_passes(self):
        """Passes over each sequence."""
        return 2 if self.both_ways else 1

    @property
    def width(self):
        """Columns of the states of one pass."""
        return self.drawn.n_features + self.passthrough * self.drawn.n_channels

    @property
    def n_columns(self):
        """Columns of a row, where a row is a time step."""
        return self.width + self.both_ways * self.drawn.n_features

    @property
    def cause(self):
        """Parameters that say how many steps a series must have, for error messages."""
        return getattr(self.drawn, "cause", f"washout={self.washout}")

    def light(self):
        """Copy for another process, without arrays that can be computed again."""
        drawn = self.drawn
        return replace(self, drawn=drawn.light() if hasattr(drawn, "light") else drawn)

    def check(self, batch, extra=0):
        """Check that a batch can be run.

        Every sequence must be longer than the washout and ``extra`` steps, and its context
        constant.
        """
        if len(self.roles.context):
            check_constant(batch, self.roles)
        short = batch.lengths <= self.washout + extra
        if short.any():
            i = int(np.argmax(short))
            more = f" and the {extra} steps of horizon" if extra > 1 else ""
            more = " and the step after the last state" if extra == 1 else more
            raise ValueError(
                f"{self.cause} leaves no step of sequence {i}, which has "
                f"{batch.lengths[i]} (n_samples={batch.lengths[i]}): every sequence must be longer "
                f"than the washout of {self.washout} steps{more}."
            )

    def check_scale(self, batch, **more):
        """Warn where the reservoir hears too little or too much; ``more`` goes to `check_scale`."""
        if not plastic(self.drawn):  # whose units adapt to what they hear
            enough = len(batch.values) >= ENOUGH[0] and batch.lengths.max() >= ENOUGH[1]
            check_scale(self.drawn, driving(sample_of(batch), self.roles), enough, **more)

    def inputs(self, batch, fed=None):
        """Batch of the channels that enter; fed-back outputs, if given, are the last of them."""
        inputs = driving(batch, self.roles)
        if fed is None:
            return inputs
        return replace(inputs, values=np.hstack([inputs.values, fed]))

    def rest(self, batch):
        """States in which the sequences of a batch begin: zeros, or what the context sets.

        Columns for outputs that are fed back follow; they are zeros.
        """
        states = self._rest(batch)
        if not self.n_fed:
            return states
        return np.hstack([states, np.zeros((len(states), self.n_fed), dtype=states.dtype)])

    def _rest(self, batch):
        states = self.drawn.rest(len(batch), batch.values.dtype)
        if self.roles.scaling is not None:
            begin(states, self.drawn, batch, self.roles)
        return states

    def begin(self, batch, states=None, name="initial_state"):
        """Own copy of the states that series begin in, of shape (n, n_state).

        Parameters
        ----------
        batch : Sequences
            The series.
        states : array-like of shape (n_units,) or (n_series, n_units or n_state), default=None
            Given by the user; at rest if None.
        name : str, default="initial_state"
            Name of the parameter, for error messages.
        """
        if len(self.roles.context):
            check_constant(batch, self.roles)
        n, rest, n_units = len(batch), self.rest(batch), self.drawn.n_units
        if states is None:
            return rest
        refuse_masked(states, name)
        try:
            given = np.asarray(states, dtype=rest.dtype)
            width = n_units if given.shape[-1:] == (n_units,) else rest.shape[1]
            rest[:, :width] = np.broadcast_to(given, (n, width))
        except ValueError:
            more = f" (with all that is carried, {rest.shape[1]})" * (rest.shape[1] > n_units)
            raise ValueError(
                f"{name} gives states of shape {np.shape(states)}; allowed for {n} series is "
                f"({n_units},) or ({n}, {n_units}){more}."
            ) from None
        if not np.isfinite(rest).all():
            raise ValueError(f"{name} holds NaN or infinity; states must be finite.")
        return rest

    def state_noise(self, **options):
        """Noise on the states of sequences in training; None if none is asked for.

        The options are those of :class:`StateNoise`.
        """
        if self.noise == 0:
            return None
        seed = self.drawn.noise_seed
        return StateNoise(self.noise, self.drawn.n_units, seed, **options)

    def adapted(self, batch, fed=None, verbose=0):
        """Driver of the same drawn thing, adapted to a batch where plasticity is asked for."""
        if not plastic(self.drawn):
            return self
        batch = both_ways(batch) if self.both_ways else batch
        starts = self.rest(batch)[:, : self.drawn.n_units]
        inputs = self.inputs(batch, fed)
        return replace(self, drawn=adapted(self.drawn, inputs, starts, self.washout, verbose))

    # where a row is a time step

    def run(
        self, batch, consume=None, *, states=None, out=None, noise=None, fed=None, n_jobs=None,
        progress=None,
    ):  # fmt: skip
        """Run over a batch.

        Parameters
        ----------
        batch : Sequences
            Series, all their channels.
        consume : callable, default=None
            Takes the rows, as of :meth:`Lanes.run_each`.
        states : ndarray of shape (n_series, n_state), default=None
            Where each series begins, overwritten by where it ends; at rest if None.
        out : ndarray of shape (total steps, n_columns), default=None
            Takes all rows, if given.
        noise : StateNoise, default=None
            Noise on the states.
        fed : ndarray of shape (total steps, n_fed), default=None
            True outputs, where outputs are fed back: each is an input of the step that follows.
        n_jobs : int, default=None
            Threads.
        progress : Progress, default=None
            Counts the steps done.

        Returns
        -------
        states : ndarray of shape (n_series, n_state)
        """
        q = self.n_fed
        if hasattr(self.drawn, "refuse_overflow"):
            self.drawn.refuse_overflow(batch)
        states = self.rest(batch) if states is None else states
        own, late = states, None
        if q:
            fed = fed.astype(batch.values.dtype)
            own = np.ascontiguousarray(states[:, :-q])
            late = shifted(fed, states[:, -q:], batch.offsets)
        dtype = batch.values.dtype
        if self.both_ways:
            lanes = self.drawn.lanes(dtype, n_lanes=self.n_lanes)
            engine = BothWays(lanes, self.passthrough, self._rest(batch))
        else:
            engine = self._lanes(dtype)
        options = {"out": out, "noise": noise, "n_jobs": n_jobs, "progress": progress}
        engine.run(self.inputs(batch, late), consume, states=own, **options)
        check_growth(own, batch.values)
        if q:
            states[:, :-q], states[:, -q:] = own, fed[batch.offsets[1:] - 1]
        return states

    def _lanes(self, dtype):
        return self.drawn.lanes(dtype, passthrough=self.passthrough, n_lanes=self.n_lanes)

    # where a row is a sequence

    def run_passes(
        self, batch, consume, *, train=False, before=0, numbers=None, n_jobs=None, progress=None
    ):
        """Run over each sequence, and with ``both_ways`` over each turned around as well.

        Parameters
        ----------
        batch : Sequences
            The sequences.
        consume : callable
            Takes the states of all passes, as of :meth:`Lanes.run_each`. With ``both_ways``
            sequence i is passes 2i and 2i + 1.
        train : bool, default=False
            Whether there is noise on the states, if any is asked for.
        before : int, default=0
            Sequences of earlier batches, which had noise of their own.
        numbers : ndarray of int, default=None
            Number of each sequence among all, which says its noise; successive if None.
        n_jobs, progress
            As of :meth:`run`.
        """
        passes = both_ways(batch) if self.both_ways else batch
        states = self._rest(passes) if self.roles.scaling is not None else None
        noise = None
        if train and numbers is not None:
            numbers = self.n_passes * np.asarray(numbers)[:, None] + np.arange(self.n_passes)
            noise = self.state_noise(numbers=numbers.ravel())
        elif train:
            noise = self.state_noise(before=passes.first + self.n_passes * before)
        options = {"noise": noise, "n_jobs": n_jobs, "progress": progress}
        lanes = self._lanes(batch.values.dtype)
        lanes.run(self.inputs(passes), consume, states=states, **options)

    def pooled(self, batch, pooling, **options):
        """Run over sequences and pool the states of each.

        Parameters
        ----------
        batch : Sequences
            The sequences.
        pooling : Summary or Coordinates
            A pooling, fitted.
        **options
            As of :meth:`run_passes`.

        Returns
        -------
        features : ndarray of shape (n_sequences, n_features)
            Of all passes of a sequence, joined.
        """
        sink = pooling.start(self.n_passes * len(batch), self.width, self.washout)
        with np.errstate(over="ignore", invalid="ignore"):  # which is then refused
            self.run_passes(batch, sink, **options)
            rows = sink.result().astype(batch.values.dtype, copy=False)
        check_growth(rows, batch.values, "pooled states")
        return rows.reshape(len(batch), -1)

    # in a closed loop

    def loop(self, readout, n_channels, increments=False):
        """A fitted readout, in the closed loop.

        Parameters
        ----------
        readout : estimator
            Fitted to rows of this driver.
        n_channels : int
            Channels of the user's input.
        increments : bool, default=False
            Whether the readout tells how the next step differs from the last.
        """
        fed = self.feedback
        channels = np.arange(n_channels)
        if fed is not None:
            to = self.drawn.n_channels - fed.n_outputs + np.arange(fed.n_outputs)
        else:  # the next step: what is free of what drives
            to = np.flatnonzero(np.isin(channels[self.roles.driving], channels[self.roles.free]))
        hard = fed is not None and fed.classes is not None

        def read(states, inputs):
            rows = np.hstack([states, inputs]) if self.passthrough else states
            sound = np.isfinite(rows).all(axis=1)  # most readouts refuse other rows
            if not sound.all():
                found = np.full((len(rows), len(to)), np.nan)
                if sound.any():
                    found[sound] = read(states[sound], inputs[sound])
                return found
            found = readout.predict(rows)
            if hard:
                return fed.encode(found)
            found = np.asarray(found).reshape(len(rows), len(to))
            return found + inputs[:, to] if increments else found

        linear = linear_map(readout, len(to))
        if linear is not None and increments:
            linear = self._with_input(linear[0], to), linear[1]
        return Loop(linear, read, to, hard)

    def _with_input(self, coef, to):
        """Coefficients (..., q, p) that add the input to what is read."""
        n = self.drawn.n_features
        add = np.zeros((len(to), self.drawn.n_channels))
        add[np.arange(len(to)), to] = 1.0
        beside = coef[..., n:] if self.passthrough else 0.0
        add = np.broadcast_to(add, (*coef.shape[:-2], *add.shape))
        return np.concatenate([coef[..., :n], beside + add], axis=-1)

    def loop_of(self, coef, intercept, which, n_channels, increments=False):
        """Several linear readouts that give the next step, in the closed loop.

        Parameters
        ----------
        coef : ndarray of shape (n_readouts, n_outputs, n_columns)
            Coefficients for rows of this driver.
        intercept : ndarray of shape (n_readouts, n_outputs)
            Intercepts.
        which : ndarray of int of shape (n_series,)
            Number of the readout of each series.
        n_channels, increments
            As of :meth:`loop`.
        """
        channels = np.arange(n_channels)
        to = np.flatnonzero(np.isin(channels[self.roles.driving], channels[self.roles.free]))
        coef = self._with_input(coef, to) if increments else coef
        return Loop((coef, intercept), None, to, False, which)

    def run_closed(self, batch, loop, states, *, true=None, own=None, noise=None):
        """Yield spans of a batch and their rows, run on own outputs, in order.

        Parameters
        ----------
        batch : Sequences
            Series.
        loop : Loop
            As of :meth:`loop`.
        states : ndarray of shape (n_series, n_state)
            Where each begins, advanced in place.
        true : ndarray of shape (total steps, n_fed), default=None
            True outputs, for steps that are fed these.
        own : ndarray of shape (total steps,), default=None
            Steps that are fed own outputs; all if None.
        noise : StateNoise, default=None
            Noise on the states.
        """
        q, n = self.n_fed, self.drawn.n_features
        late = None
        if q:
            true = np.zeros((len(batch.values), q)) if true is None else true
            late = shifted(true.astype(batch.values.dtype), states[:, -q:], batch.offsets)
        inputs = self.inputs(batch, late)
        most = max(_budgets.SPAN_BYTES // ((inputs.n_channels + n) * batch.values.itemsize), 64)
        for span in (span for task in cut_spans(batch, most) for span in task):
            part = Sequences(inputs.values[span.start : span.stop], span.offsets, "list")
            mine = None if own is None else own[span.start : span.stop]
            jitter = None if noise is None else noise(span)
            x = states[span.first : span.last]
            last = x[:, -q:].copy() if q else np.zeros((len(x), len(loop.to)))
            begin = np.ascontiguousarray(x[:, :-q] if q else x)
            _, rows = close_loop(self.drawn, loop, part, begin, last, mine, jitter)
            x[:, : begin.shape[1]] = begin
            if q:
                x[:, -q:] = last
            yield span, rows if self.passthrough else rows[:, :n]

    def forecast(self, n_steps, loop, states, inputs, known=None, shocks=None):
        """Outputs of shape (n, n_steps, n_outputs) that follow ``states``.

        Parameters
        ----------
        n_steps : int
            Steps.
        loop : Loop
            As of :meth:`loop`, of a readout that gives the next step.
        states : ndarray of shape (n, n_state)
            After the last steps that are known.
        inputs : ndarray of shape (n, n_channels)
            Those last steps.
        known : ndarray of shape (n, n_steps - 1, n_known), default=None
            The last channels of the steps to come, if covariates are among the channels.
        shocks : ndarray of shape (n, n_steps, n_outputs), default=None
            Added to the outputs, each before it is the next input.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return self._forecast(n_steps, loop, states, inputs, known, shocks)

    def _forecast(self, n_steps, loop, states, inputs, known, shocks):
        dtype = states.dtype
        u = inputs[:, self.roles.driving].astype(dtype, copy=False)
        out = np.empty((len(states), n_steps, len(loop.to)), dtype=dtype)
        out[:, 0] = loop.outputs(self.drawn.read(states), u)
        if shocks is not None:
            shocks = shocks.astype(dtype, copy=False)
            out[:, 0] += shocks[:, 0]
            shocks = shocks[:, 1:]
        if n_steps == 1:
            return out
        lanes = self.drawn.lanes(dtype, passthrough=self.passthrough)
        alone = known is None and not len(self.roles.context)
        if loop.linear is not None and alone and hasattr(lanes, "free_run"):
            ahead = n_steps - 1, *loop.linear, states, out[:, 0], loop.which, shocks
            out[:, 1:] = lanes.free_run(*ahead)
            return out
        held = np.repeat(u, n_steps - 1, axis=0)  # a context stays what it is
        if known is not None:
            held[:, held.shape[1] - known.shape[2] :] = known.reshape(len(held), -1)
        ahead = Sequences(held, np.arange(len(u) + 1) * (n_steps - 1), "list")
        how = {"keep": False, "shocks": None if shocks is None else shocks.reshape(len(held), -1)}
        fed, _ = close_loop(self.drawn, loop, ahead, states, out[:, 0].copy(), **how)
        out[:, 1:] = fed.reshape(len(u), n_steps - 1, -1)
        return out
