"""Sequences in both directions.

Of a sequence that is one sample, the passes are two sequences of a batch twice as large, whose
features are joined. Of a sequence whose steps are samples, :class:`BothWays` runs both passes and
puts states of the same step side by side.
"""

from copy import deepcopy
from dataclasses import replace

import numpy as np

from ... import _budgets
from ...sequences import Sequences
from .spans import cut_spans


def mirror(offsets):
    """Rows that turn every sequence of a packed batch around."""
    lengths = np.diff(offsets)
    return np.repeat(offsets[:-1] + offsets[1:] - 1, lengths) - np.arange(offsets[-1])


def both_ways(batch):
    """Batch in which each sequence is followed by itself turned around."""
    lengths = np.repeat(batch.lengths, 2)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.empty(offsets[-1], dtype=np.int64)
    forward = np.arange(len(batch.values))
    place = forward + np.repeat(batch.offsets[:-1], batch.lengths)
    rows[place] = forward
    rows[place + np.repeat(batch.lengths, batch.lengths)] = mirror(batch.offsets)
    return Sequences(batch.values[rows], offsets, batch.form, 2 * batch.first, 2)


class BothWays:
    """Engine of the two passes; it takes the place of :class:`Lanes`.

    A row holds the state after the steps up to its own, that after the steps from the end down to
    its own and, under ``passthrough``, the input. States that come and go are those of the pass
    forward. Where rows are handed over in blocks of a long
    sequence, the pass backward runs twice: first for the states between blocks.

    Parameters
    ----------
    lanes : Lanes
        Engine of either pass, without passthrough.
    passthrough : bool
        Whether the inputs follow the states in every row.
    ends : ndarray of shape (n_sequences, n_state)
        States that the pass backward begins in.
    """

    def __init__(self, lanes, passthrough, ends):
        self.lanes, self.passthrough, self.ends = lanes, passthrough, ends

    def run(self, batch, consume, *, states=None, out=None, noise=None, n_jobs=None, progress=None):
        """Run both passes over a batch; as of :meth:`Lanes.run`."""
        lanes = self.lanes
        states = lanes.rest(len(batch)) if states is None else states
        back = None if noise is None else noise.another()
        width = 2 * lanes.n_columns + self.passthrough * batch.n_channels
        options = {"n_jobs": n_jobs, "progress": progress}
        if out is not None:
            self._join(batch, states, self.ends.copy(), out, noise, back, options)
        elif consume is None:
            lanes.run(batch, None, states=states, noise=noise, **options)
        else:
            most = max(_budgets.SPAN_BYTES // (width * lanes.dtype.itemsize), 64)
            for spans in cut_spans(batch, most):
                parts = [_part(batch, span) for span in spans]
                marks = self._marks(parts, back, n_jobs)
                for span, part, (ends, jitter) in zip(spans, parts, marks, strict=True):
                    rows = np.empty((len(part.values), width), dtype=lanes.dtype)
                    mine = states[span.first : span.last]
                    self._join(part, mine, ends, rows, _ahead(noise, span), jitter, options)
                    consume(span, rows)
        return states

    def _marks(self, parts, noise, n_jobs):
        """States (and noise) that the pass backward comes to each of some successive parts with."""
        first = parts[0].first
        marks = []
        state = self.ends[first : first + len(parts[-1])].copy()
        noise = _ahead(noise, parts[0])
        for part in parts[::-1]:
            marks.append((state.copy(), deepcopy(noise)))
            if part.first == first and len(marks) < len(parts):
                self.lanes.run(_turned(part), None, states=state, noise=noise, n_jobs=n_jobs)
        return marks[::-1]

    def _join(self, batch, states, ends, out, noise, back, options):
        """Write the rows of a batch, whose passes begin in ``states`` and ``ends``."""
        n = self.lanes.n_columns
        rows = mirror(batch.offsets)

        def forward(span, block):
            out[span.start : span.stop, :n] = block

        def backward(span, block):
            out[rows[span.start : span.stop], n : 2 * n] = block

        self.lanes.run(batch, forward, states=states, noise=noise, **options)
        options = {"n_jobs": options["n_jobs"]}  # what progress counts has been counted
        self.lanes.run(_turned(batch), backward, states=ends, noise=back, **options)
        if self.passthrough:
            out[:, 2 * n :] = batch.values


def _turned(batch):
    return replace(batch, values=batch.values[mirror(batch.offsets)])


def _part(batch, span):
    """The sequences of a span, or the stretch of one, as a batch of their own."""
    return Sequences(batch.values[span.start : span.stop], span.offsets, batch.form, span.first)


class _Ahead:
    """Noise of a part of a batch, asked for by the part's own numbers of sequences."""

    def __init__(self, noise, first):
        self.noise, self.first = noise, first

    def __call__(self, span):
        span = replace(span, first=span.first + self.first, last=span.last + self.first)
        return self.noise(span)


def _ahead(noise, part):
    return None if noise is None else _Ahead(noise, part.first)
