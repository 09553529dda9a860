"""The lane engine: a drawn reservoir, ready to run over packed sequences.

The loops are in ``dlkit/_jit/reservoir.py`` and ``closed.py``; here is what they are fed with.
They run *jobs*, side by side or one after another: a sequence, a chunk of a long one
(``_chunks.py``), or either of them again under another setting of the same random matrices. Jobs
come in spans (``_spans.py``), so that memory for states does not grow with the data. A sequence's
states do not depend on the cut, on its neighbours or on the number of threads: not in the last bit,
but for chunks, whose seams agree to ``TOLERANCE``.
"""

from typing import NamedTuple

import numpy as np

from ... import _budgets
from ..._frozen import frozen
from ..._jit import closed, layers, links
from ..._jit import reservoir as loops
from ..._jit.activations import User, as_activation
from ..._threads import effective_threads, run_over
from ..._validation import first_wild
from .chunks import plan_chunks, run_chunks
from .few_jobs import FEW, run_side_by_side
from .links import make_links
from .memory import aligned, make_sums, none_yet, readouts
from .spans import cut_spans

# Steps times units from which a second thread pays, some 7 ms.
WORTH_THREADS = 5e6


class Setting(NamedTuple):
    """How a reservoir is run: factors on W, W_in and b, and the leak rate (one, or each unit's)."""

    leak_rate: object
    gain: float = 1.0
    input_scaling: object = 1.0
    bias_scaling: float = 1.0


def _check_finite(states, first, passes, activation):
    i = first_wild(states.swapaxes(0, 1))
    if i is not None:
        other = ", or the activation gives NaN" if isinstance(activation, User) else ""
        raise ValueError(
            "The reservoir's states are not finite at the end of sequence "
            f"{(first + i) // passes}: with this "
            f"activation and spectral_radius they grow without bound{other}. Use a smaller "
            "spectral_radius, or activation='tanh'."
        )


class Lanes:
    """Runs one reservoir, in one or several settings, over sequences.

    Parameters
    ----------
    matrix : ndarray, sparse array or HadamardMatrix of shape (n_units, n_units)
        Recurrent weights.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights.
    bias : ndarray of shape (n_units,)
        Bias.
    leak_rate : float or ndarray of shape (n_units,)
        Leak rates, unless there are ``settings``.
    activation : {"tanh", "logistic", "relu", "identity"} or callable
        Activation function.
    dtype : dtype
        float32 or float64: what everything is computed in.
    passthrough : bool, default=False
        Whether the inputs follow the states in every row.
    settings : list of Setting, default=None
        Settings to run it in.
    memory : float, default=inf
        About how many steps the reservoir remembers its start for: long series are run in chunks
        where that pays. Only time depends on it.
    n_lanes : int, default=None
        Chunks of a long series to run side by side, whatever ``memory`` says.
    cell : CellArrays, default=None
        A cell that is more than leaky units with links of one step. It says all that ``matrix``
        (which may be None), ``w_in``, ``bias`` and ``leak_rate`` say, and has one setting only.

    Attributes
    ----------
    n_state : int
        Numbers carried from step to step, of which the first ``n_units`` are the output.
    n_free : int
        Those of them that are no clock: any values make a state.
    """

    def __init__(
        self, matrix, w_in, bias, leak_rate, activation, dtype, *, passthrough=False,
        settings=None, memory=np.inf, n_lanes=None, cell=None,
    ):  # fmt: skip
        self.n_units, self.n_channels = w_in.shape
        if cell is not None:
            self.n_units = cell.shape.n_units
        self.cell = cell
        self.n_state = self.n_units if cell is None else cell.n_state
        self.n_free = self.n_units if cell is None else cell.n_free
        self.dtype = np.dtype(dtype)
        self.passthrough = passthrough
        self.n_columns = self.n_units + passthrough * self.n_channels
        self.n_lanes = n_lanes
        settings = [Setting(leak_rate)] if settings is None else settings
        self.n_settings = len(settings)
        self.memory = memory
        if cell is None:
            self.links = make_links(matrix, w_in, bias, self.dtype)
            listed, self._matrix = [self.links.listed], self.links.matrix
        else:
            *listed, self._matrix = cell.products
        n_links = sum(each.data.size for each in listed if each is not None)
        n_links += self._matrix.weights.size if isinstance(self._matrix, links.Dense) else 0
        self.links_each = n_links / self.n_units
        leaks = [np.broadcast_to(s.leak_rate, self.n_units) for s in settings]
        factors = [
            np.r_[s.gain, np.broadcast_to(s.input_scaling, self.n_channels), s.bias_scaling]
            for s in settings
        ]
        plain = self.n_settings == 1 and (factors[0] == 1).all()
        self.settings = loops.Settings(
            frozen(leaks, self.dtype),
            None if plain else frozen(factors, self.dtype),
            as_activation(activation),
        )
        self._no_rows = frozen(np.empty((0, self.n_units)), dtype)

    def rest(self, n):
        """States of ``n`` sequences that begin at rest: zeros of shape (n, n_state)."""
        return np.zeros((n, self.n_state), dtype=self.dtype)

    def rest_after(self, states, steps):
        """States at rest, so many steps after others: zeros, but for the clock, which runs on."""
        resting = np.zeros_like(states)
        if self.n_free < self.n_state:
            resting[:, -1] = (states[:, -1] + steps) % self.cell.shape.period
        return resting

    def _whole(self, states):
        """States (..., n_state) where those given may hold no more than outputs at the start."""
        if states.shape[-1] == self.n_state:
            return states
        whole = np.zeros((*states.shape[:-1], self.n_state), dtype=self.dtype)
        whole[..., : self.n_units] = states
        return whole

    def run(self, batch, consume, **options):
        """Run the reservoir over a batch in its one setting; see :meth:`run_each`.

        Parameters
        ----------
        batch : Sequences
            The batch.
        consume : callable or None
            What takes the states.
        **options : dict
            ``states`` of shape (n_sequences, n_state) and ``out``, ``noise``, ``n_jobs``,
            ``progress`` of :meth:`run_each`.

        Returns
        -------
        states : ndarray of shape (n_sequences, n_state)
            The last state of each sequence; only its output, of shape (n_sequences, n_units),
            where all begin at rest and are pooled or written to ``out``: none is gone on with.
        """
        states = options.pop("states", None)
        if states is None:
            lean = hasattr(consume, "sums") or options.get("out") is not None
            width = self.n_units if lean else self.n_state
            states = np.zeros((len(batch), width), dtype=self.dtype)
        self.run_each(batch, [consume], states=states[None], **options)
        return states

    def run_each(
        self, batch, consumers, *, states=None, out=None, noise=None, n_jobs=None, progress=None
    ):
        """Run the reservoir over a batch in all settings and hand over what comes of it.

        Parameters
        ----------
        batch : Sequences
            The batch.
        consumers : list of callable or None
            One for each setting. Called as ``consume(span, block)`` with ``block`` of shape (rows
            of the span, n_columns), valid during the call only. Spans of one sequence come in
            order; others may come from several threads. A consumer that has an attribute ``sums``
            may be given sums in place of states, by ``consume.take(span, states, moments)``: the
            last states and, over the steps after its ``washout``, for ``sums`` of 1 the means, for
            2 also Σ (x − mean)² beside them, of shape (sequences of the span, sums * n_columns).
            With None, no states but the last are kept.
        states : ndarray of shape (n_settings, n_sequences, n_state), default=None
            Where each sequence begins, overwritten by where it ends; at rest if None.
        out : ndarray of shape (total steps, n_columns), default=None
            Takes all states of the one setting, if given.
        noise : callable, default=None
            ``noise(span)`` gives what is added to the states, of shape (rows of the span, n_units).
        n_jobs : int, default=None
            Threads, as in joblib.
        progress : Progress, default=None
            Counts the steps done.

        Returns
        -------
        states : ndarray of shape (n_settings, n_sequences, n_state)
            The last state of each sequence.
        """
        if states is None:
            states = np.zeros((self.n_settings, len(batch), self.n_state), dtype=self.dtype)
        threads = effective_threads(n_jobs)
        sums = getattr(consumers[0], "sums", -1)
        blocks = out is None and consumers[0] is not None
        starts, stops = batch.offsets[:-1], batch.offsets[1:]
        if sums >= 0 and self._chunks(starts, stops, threads, self.memory) is None:
            blocks = False
        elif blocks:
            sums = -1
        # settings to run at once: enough to fill the lanes, all if nothing but sums is kept
        group = -(-loops.LANES // len(batch)) if blocks else self.n_settings
        group = min(group, self.n_settings)
        size = _budgets.SPAN_BYTES if blocks else _budgets.WIDE_SPAN_BYTES
        if blocks and len(batch) * group < loops.LANES and np.isfinite(self.memory):
            size = _budgets.CHUNKED_SPAN_BYTES
        most = max(size // (group * self.n_columns * self.dtype.itemsize), 64)
        tasks = cut_spans(batch, most)
        beside = threads if blocks and len(tasks) > 1 else 1  # tasks at the same time
        memory = [self.memory]  # in steps, as found in the last stretch

        def work(task):
            lasts = states[:, task[0].first : task[0].last]  # all spans are of the same sequences
            carried = self._whole(lasts) if len(task) > 1 else lasts
            for span in task:
                values = frozen(batch.values[span.start : span.stop], self.dtype)
                jitter = self._no_rows if noise is None else frozen(noise(span), self.dtype)
                for first in range(0, self.n_settings, group):
                    each = np.arange(first, min(first + group, self.n_settings))
                    mine = carried[each[0] : each[-1] + 1]
                    if blocks:
                        shape = (len(each), len(values), self.n_columns)
                        block = np.empty(shape, dtype=self.dtype)
                    elif out is not None:
                        block = out[None, span.start : span.stop]
                    else:
                        block = np.empty((len(each), 0, self.n_columns), dtype=self.dtype)
                    jobs = self._jobs(values, jitter, span, each, sums, consumers[0])
                    self._advance(jobs, mine, block, threads // beside, memory)
                    number = batch.first + span.first
                    _check_finite(mine, number, batch.passes, self.settings.activation)
                    if self.passthrough and block.shape[1]:
                        block[:, :, self.n_units :] = values
                    for k, s in enumerate(each):
                        if blocks:
                            consumers[s](span, block[k])
                        elif sums >= 0:
                            rows = slice(k * mine.shape[1], (k + 1) * mine.shape[1])
                            summed = self._summed(jobs, rows, mine[k][:, : self.n_units])
                            consumers[s].take(span, *summed)
                if progress is not None:
                    progress.advance(len(values))
            if carried.shape != lasts.shape:
                lasts[:] = carried[..., : self.n_units]

        run_over(tasks, work, beside)
        return states

    def _jobs(self, values, noise, span, each, sums, consumer):
        """One job for each of the settings ``each`` and each sequence of the span."""
        n, n_rows = span.last - span.first, len(values)
        washout = max(getattr(consumer, "washout", 0) - span.done, 0)
        begin = np.minimum(span.offsets[:-1] + washout, span.offsets[1:] - 1)
        moments = np.empty((len(each) * n, sums * self.n_units)) if sums >= 1 else None
        cursor, stops, begin = (
            np.tile(a, len(each)) for a in (span.offsets[:-1], span.offsets[1:], begin)
        )
        setting, to = np.repeat(each, n), np.repeat(np.arange(len(each)) * n_rows, n)
        return loops.Jobs(values, noise, cursor, stops, setting, to, 0.0, begin, moments)

    def _summed(self, jobs, rows, states):
        """Last states and moments of some jobs, with those of their inputs under passthrough."""
        moments = np.empty((0, self.n_units)) if jobs.moments is None else jobs.moments[rows]
        if not self.passthrough:
            return states, moments
        begin, stops = jobs.begin[rows], jobs.stops[rows]
        inputs = np.empty((len(begin), 2 * self.n_channels))
        for i, (a, b) in enumerate(zip(begin, stops, strict=True)):
            loops.add_moments(jobs.values, np.array([a, b]), inputs[i : i + 1])
        states = np.hstack([states, jobs.values[stops - 1]])
        if not len(moments):
            return states, moments
        pairs = zip(
            np.hsplit(moments, moments.shape[1] // self.n_units), np.hsplit(inputs, 2), strict=False
        )
        return states, np.hstack([both for pair in pairs for both in pair])

    def _chunks(self, starts, stops, threads, memory):
        """Chunks to run each of some jobs in, or None."""
        memory = np.full(len(starts), memory)
        size = self.n_units, self.links_each
        return plan_chunks(starts, stops, memory, self.n_lanes, threads, FEW, *size)

    def _advance(self, jobs, states, block, threads, memory):
        """Run jobs from ``states`` (settings, sequences, n_state or n_units), in place."""
        flat = np.ascontiguousarray(states).reshape(-1, states.shape[-1])
        rows = block.reshape(-1, self.n_columns)
        chunks = None
        if len(rows):
            chunks = self._chunks(jobs.cursor, jobs.stops, threads, memory[0])
        if chunks is None:
            self.run_jobs(jobs, flat, rows, threads)
        else:
            whole, wide = self._whole(flat), rows
            if self.cell is not None and self.cell.shape.n_beside:
                # what is carried beside the outputs must agree at the seams as well
                n_beside = self.cell.shape.n_beside
                wide = np.empty((len(rows), self.n_columns + n_beside), dtype=self.dtype)
            found = run_chunks(self, jobs, whole, wide, chunks, threads)
            if wide is not rows:
                rows[:] = wide[:, : self.n_columns]
            if whole is not flat:
                flat[:] = whole[:, : self.n_units]
            if found is not None:  # what this stretch taught about the next
                memory[0] = found
        if not np.shares_memory(flat, states):
            states[:] = flat.reshape(states.shape)

    def run_jobs(self, jobs, states, out, threads):
        """Run jobs in so many threads; ``jobs.cursor`` and ``states`` are left where they stand.

        Parameters
        ----------
        jobs : Jobs
            What to run.
        states : ndarray of shape (n_jobs, n_state)
            Where each begins, and ends.
        out : ndarray of shape (n_rows, n_columns)
            Takes the states, unless it has no rows.
        threads : int
            Number of threads.
        """
        n = len(jobs.cursor)
        order = np.argsort(jobs.cursor - jobs.stops, kind="stable")  # the longest first
        if (jobs.stops - jobs.cursor).sum() * self.n_units < WORTH_THREADS:
            threads = 1
        threads = min(threads, n if n < FEW else -(-n // loops.LANES))
        if threads == 1:
            self._run_jobs(jobs, states, out, order)
            return

        def work(mine):
            self._run_jobs(jobs, states, out, mine)

        run_over([order[k::threads].copy() for k in range(threads)], work, threads)

    def _run_jobs(self, jobs, states, out, order, loop=None):
        out = out if len(out) else None
        how = self.settings, jobs, states, out, loop
        wide, lone, kept = (self._two_loops if self.cell is None else self.cell.two_loops)(*how)
        # sums, and outputs that are inputs, stay in the lanes to the end
        to_the_end = kept or jobs.moments is not None or loop is not None
        parts = self._matrix, self.settings.activation, loop, jobs.moments, out
        run_side_by_side(
            jobs, order, wide, lone, to_the_end=to_the_end, lone_first=loop is not None,
            size=self.n_units * self.links_each,
            kind=(self.dtype, self.cell and type(self.cell.cell), *map(type, parts)),
        )  # fmt: skip

    def _two_loops(self, settings, jobs, states, out, loop):
        """The loop of many lanes, that of one, and whether jobs stay where they began."""
        how = self.links, settings, jobs

        def wide(order, few):
            memory = self._lane_memory(jobs.moments, loops.LANES)
            loops.run_lanes(*how, order, states, out, few, memory, loop)

        def lone(order):
            memory = self._lane_memory(jobs.moments, 1)
            loops.run_lone(*how, order, states, out, memory, loop)

        return wide, (lone if settings.factors is None else None), False

    def layer(self, place):
        """What this is as a layer of several that run closed, in memory of its own."""
        f = self.settings.activation
        if self.cell is None:
            return layers.LeakyLayer(place, self.links, f, self._lane_memory(None, 1))
        memory, state = self.cell.memory(1, self.dtype), np.zeros((1, self.n_state), self.dtype)
        base = np.zeros(1, dtype=np.int64)
        return layers.CellLayer(place, *self.cell[:3], f, memory, base, state)

    def _lane_memory(self, moments, width):
        """What so many lanes are computed in."""
        n, n_factors = self.n_units, self.n_channels + 2
        wide = width > 1
        z, pre = (aligned(k, width, self.dtype) for k in (n + n_factors, n))
        leak = aligned(n, width, self.dtype) if wide else self.settings.leak.T
        factors = None if self.settings.factors is None else aligned(n_factors, width, self.dtype)
        n_through = 0 if isinstance(self._matrix, links.Listed) else n
        through = np.zeros((2, n_through, width) if wide else n_through, dtype=self.dtype)
        return loops.Memory(
            z, z.reshape(-1), z[:n], z[:n].reshape(-1), pre, pre.reshape(-1), leak,
            leak.reshape(-1), factors, through, make_sums(moments, n, width),
            np.zeros(8, dtype=self.dtype), *none_yet(3, width),
        )  # fmt: skip

    def free_run(self, n_steps, coef, intercept, states, outputs, which=None, shocks=None):
        """Close the loop: every output is the next input.

        Parameters
        ----------
        n_steps : int
            Steps to run.
        coef : ndarray of shape (n_channels, n_columns) or (n_readouts, n_channels, n_columns)
            Linear readout, or several.
        intercept : ndarray of shape (n_channels,) or (n_readouts, n_channels)
            Its intercept.
        states : ndarray of shape (n, n_state)
            States to go on from.
        outputs : ndarray of shape (n, n_channels)
            The outputs of those states: the first inputs.
        which : ndarray of int of shape (n,), default=None
            Number of the readout that reads each series; the first if None.
        shocks : ndarray of shape (n, n_steps, n_channels), default=None
            Added to the outputs, each before it is an input.

        Returns
        -------
        outputs : ndarray of shape (n, n_steps, n_channels)
            The outputs that follow.
        """
        read_by = readouts(coef, intercept, which, len(states), self.dtype)
        states, outputs = (np.array(a, dtype=self.dtype, order="C") for a in (states, outputs))
        out = np.empty((len(states), n_steps, self.n_channels), dtype=self.dtype)
        n, flat = len(states), out.reshape(-1, self.n_channels)
        values, rows = flat[:0], np.empty((0, self.n_columns), dtype=self.dtype)
        loop = closed.Loop(
            *read_by, frozen(np.arange(self.n_channels), np.int64), False,
            frozen(np.empty(0), np.bool_),
            frozen(flat[:0] if shocks is None else shocks.reshape(flat.shape), self.dtype),
            np.empty_like(outputs), outputs, flat,
            np.empty(loops.LANES, dtype=self.dtype),
        )  # fmt: skip
        offsets = frozen(np.arange(n + 1) * n_steps, np.int64)
        self.run_closed(loop, values, offsets, states, rows)
        return out

    def run_closed(self, loop, values, offsets, states, rows, noise=None):
        """Run series on their own outputs.

        Parameters
        ----------
        loop : Loop
            How outputs become inputs.
        values : ndarray of shape (total, n_channels)
            Inputs, or none.
        offsets : ndarray of shape (n + 1,)
            Where each series begins and ends.
        states : ndarray of shape (n, n_state)
            Where each is, advanced in place.
        rows : ndarray of shape (total, n_units + n_channels)
            Takes the state and the input of each step, unless it has no rows.
        noise : ndarray of shape (total, n_units), default=None
            Added to the states.
        """
        noise = self._no_rows if noise is None else frozen(noise, self.dtype)
        starts, stops = offsets[:-1].copy(), offsets[1:].copy()
        each = np.zeros(len(starts), dtype=np.int64)
        values = frozen(values, self.dtype)
        jobs = loops.Jobs(values, noise, starts, stops, each, each, 0.0, starts.copy(), None)
        self._run_jobs(jobs, states, rows, np.arange(len(starts)), loop)
