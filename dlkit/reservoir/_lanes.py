"""The lane engine: a drawn reservoir, ready to run over packed sequences.

The loops are in ``dlkit/_jit/_reservoir.py``; here is what they are fed with. Work is cut into
:class:`Span` objects, each some whole sequences or a stretch of a long one, so that memory for
states does not grow with the data and threads have something to share. A sequence's states do not
depend on the cut, on its neighbours or on the number of threads.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numba import cfunc, config, njit
from numba.core.dispatcher import Dispatcher
from scipy.sparse import csr_array, issparse
from threadpoolctl import threadpool_limits

from .._jit import _reservoir as loops

ACTIVATIONS = {"tanh": loops.TANH, "relu": loops.RELU, "identity": loops.IDENTITY}

# States of one span: large enough to fill the lanes, small enough to stay near the caches.
SPAN_BYTES = 16 * 2**20
# Below as many sequences, lanes standing idle cost more than running one after another.
FEW = 6


@dataclass(frozen=True, slots=True)
class Span:
    """Some sequences, or a stretch of one: what a block of states belongs to.

    Attributes
    ----------
    first, last : int
        Sequences ``first`` to ``last - 1``.
    start, stop : int
        Rows of the packed values.
    offsets : ndarray of shape (last - first + 1,)
        Where each sequence begins within the block.
    done : int
        Steps of sequence ``first`` that came before (more than 0 only in a stretch).
    """

    first: int
    last: int
    start: int
    stop: int
    offsets: np.ndarray
    done: int = 0

    def kept(self, washout):
        """Rows that remain, and offsets among them, once each sequence lost ``washout`` steps."""
        if washout <= self.done:
            return slice(None), self.offsets
        lengths = np.diff(self.offsets)
        drop = np.minimum(max(washout - self.done, 0), lengths)
        within = np.arange(self.offsets[-1]) - np.repeat(self.offsets[:-1], lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths - drop)])
        return within >= np.repeat(drop, lengths), offsets


@lru_cache(maxsize=32)
def _compiled(function):
    """Native ``float64(float64)`` function, so that every user's own fits the one compiled loop."""
    if config.DISABLE_JIT:
        return function
    if function is _unused:  # from the disk, where every process finds it
        return cfunc("float64(float64)", cache=True)(_unused)
    scalar = function if isinstance(function, (Dispatcher, np.ufunc)) else njit(function)

    @cfunc("float64(float64)")
    def activate(x):
        return scalar(x)

    return activate


def _unused(x):
    return x


def _frozen(a, dtype):
    """Read-only C-contiguous view (or copy): every caller's arrays compile to one signature."""
    a = np.ascontiguousarray(a, dtype=dtype).view()
    a.flags.writeable = False
    return a


def _check_finite(states, first):
    wild = ~np.isfinite(states).all(axis=1)
    if wild.any():
        raise ValueError(
            "The reservoir's states are not finite at the end of sequence "
            f"{first + wild.argmax()}: with this activation and spectral_radius they grow without "
            "bound. Use a smaller spectral_radius, or activation='tanh'."
        )


class Lanes:
    """Runs one reservoir over sequences.

    Parameters
    ----------
    matrix : ndarray or sparse array of shape (n_units, n_units)
        Recurrent weights.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights.
    bias : ndarray of shape (n_units,)
        Bias.
    leak_rate : float or ndarray of shape (n_units,)
        Leak rates.
    activation : {"tanh", "relu", "identity"} or callable
        Activation function.
    dtype : dtype
        float32 or float64: what everything is computed in.
    passthrough : bool, default=False
        Whether the inputs follow the states in every row.
    """

    def __init__(self, matrix, w_in, bias, leak_rate, activation, dtype, *, passthrough=False):
        self.n_units, self.n_channels = w_in.shape
        self.dtype = np.dtype(dtype)
        self.passthrough = passthrough
        self.n_columns = self.n_units + passthrough * self.n_channels
        named = isinstance(activation, str)
        code = ACTIVATIONS[activation] if named else loops.USER
        user = _compiled(_unused if named else activation)
        leak = np.broadcast_to(np.asarray(leak_rate, dtype=np.float64), self.n_units)
        unit_wise = [_frozen(a, dtype) for a in (bias, 1.0 - leak, leak)]
        dense, csr, ell = self._recurrent(matrix)
        self._wide = (dense, *csr, _frozen(w_in, dtype), *unit_wise, code, user)
        self._lone = (dense, *ell, *csr, _frozen(w_in.T, dtype), *unit_wise, code, user)
        self._no_rows = _frozen(np.empty((0, self.n_units)), dtype)

    def _recurrent(self, matrix):
        """W in the loops' three forms; a form that is not used has no rows."""
        n = self.n_units
        dense, W = np.empty((0, n)), csr_array((n, n))
        if issparse(matrix):
            W = csr_array(matrix)
        else:
            dense = matrix
        links = np.diff(W.indptr)
        n_links = links[0] if (links == links[0]).all() else 0
        csr = (W.data, self.dtype), (W.indices, np.int32), (W.indptr, np.int32)
        ell = (W.data, self.dtype), (W.indices, np.int32)
        ell = [
            _frozen(a.reshape(n, -1)[:, :n_links].T if n_links else a[:0, None], t) for a, t in ell
        ]
        return _frozen(dense, self.dtype), [_frozen(a, t) for a, t in csr], ell

    def rest(self, n):
        """States of ``n`` sequences that begin at rest: zeros of shape (n, n_units)."""
        return np.zeros((n, self.n_units), dtype=self.dtype)

    def _advance(self, values, offsets, states, out, noise):
        """Run sequences ``values[offsets[i]:offsets[i + 1]]`` from ``states``, in place."""
        cursor, stops = offsets[:-1].copy(), offsets[1:].copy()
        values, noise = _frozen(values, self.dtype), _frozen(noise, self.dtype)
        if len(cursor) >= FEW:
            order = np.argsort(cursor - stops, kind="stable")  # the longest first
            loops.run_lanes(*self._wide, values, noise, order, cursor, stops, states, out, FEW)
        loops.run_lone(*self._lone, values, noise, cursor, stops, states, out)

    def spans(self, batch):
        """Cut a batch into tasks, each a list of spans that must run one after another.

        Parameters
        ----------
        batch : Sequences
            The batch.

        Returns
        -------
        tasks : list of list of Span
        """
        most = max(SPAN_BYTES // (self.n_columns * self.dtype.itemsize), 64)
        lengths, offsets = batch.lengths, batch.offsets
        tasks, first = [], 0
        while first < len(lengths):
            last = int(np.searchsorted(offsets, offsets[first] + most, side="right")) - 1
            # lanes want company: sixteen at least, as long as that is not very much memory
            last = max(last, min(first + loops.LANES, len(lengths)))
            while last > first + 1 and offsets[last] - offsets[first] > 8 * most:
                last -= 1
            start, stop = int(offsets[first]), int(offsets[last])
            if last == first + 1 and stop - start > most:
                cuts = list(range(start, stop, most))
                ends = [*cuts[1:], stop]
                tasks.append(
                    [
                        Span(first, last, a, b, np.array([0, b - a]), a - start)
                        for a, b in zip(cuts, ends, strict=True)
                    ]
                )
            else:
                tasks.append([Span(first, last, start, stop, offsets[first : last + 1] - start)])
            first = last
        return tasks

    def run(self, batch, consume, *, states=None, out=None, noise=None, n_jobs=None, progress=None):
        """Run the reservoir over a batch and hand over its states, block by block.

        Parameters
        ----------
        batch : Sequences
            The batch.
        consume : callable or None
            Called as ``consume(span, block)`` with ``block`` of shape (rows of the span,
            n_columns), valid during the call only. Spans of one sequence come in order; others may
            come from several threads. With None, no states but the last are kept.
        states : ndarray of shape (n_sequences, n_units), default=None
            Where each sequence begins, overwritten by where it ends; at rest if None.
        out : ndarray of shape (total steps, n_columns), default=None
            Takes all states, if given.
        noise : callable, default=None
            ``noise(span)`` gives what is added to the states, of shape (rows of the span, n_units).
        n_jobs : int, default=None
            Threads, as in joblib.
        progress : Progress, default=None
            Counts the steps done.

        Returns
        -------
        states : ndarray of shape (n_sequences, n_units)
            The last state of each sequence.
        """
        states = self.rest(len(batch)) if states is None else states
        tasks = self.spans(batch)

        def work(task):
            for span in task:
                values = batch.values[span.start : span.stop]
                if out is not None:
                    block = out[span.start : span.stop]
                elif consume is not None:
                    block = np.empty((len(values), self.n_columns), dtype=self.dtype)
                else:
                    block = np.empty((0, self.n_columns), dtype=self.dtype)
                jitter = self._no_rows if noise is None else noise(span)
                mine = states[span.first : span.last]
                self._advance(values, span.offsets, mine, block, jitter)
                _check_finite(mine, batch.first + span.first)
                if self.passthrough and len(block):
                    block[:, self.n_units :] = values
                if consume is not None:
                    consume(span, block)
                if progress is not None:
                    progress.advance(len(values))

        if len(tasks) > 1 and effective_n_jobs(n_jobs) > 1:
            # W's products must not start threads of their own inside ours
            with threadpool_limits(1, "blas") if len(self._wide[0]) else nullcontext():
                parallel = Parallel(n_jobs=n_jobs, prefer="threads", require="sharedmem")
                parallel(delayed(work)(task) for task in tasks)
        else:
            for task in tasks:
                work(task)
        return states

    def free_run(self, n_steps, coef, intercept, states, outputs):
        """Close the loop: every output is the next input.

        Parameters
        ----------
        n_steps : int
            Steps to run.
        coef : ndarray of shape (n_channels, n_columns)
            Linear readout.
        intercept : ndarray of shape (n_channels,)
            Its intercept.
        states : ndarray of shape (n, n_units)
            States to go on from.
        outputs : ndarray of shape (n, n_channels)
            The outputs of those states: the first inputs.

        Returns
        -------
        outputs : ndarray of shape (n, n_steps, n_channels)
            The outputs that follow.
        """
        out = np.empty((len(states), n_steps, self.n_channels), dtype=self.dtype)
        coef, intercept = _frozen(coef, self.dtype), _frozen(intercept, self.dtype)
        states, outputs = (np.array(a, dtype=self.dtype, order="C") for a in (states, outputs))
        loops.run_closed(*self._lone, coef, intercept, states, outputs, out)
        return out
