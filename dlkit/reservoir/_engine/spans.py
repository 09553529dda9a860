"""Pieces that a batch is run in: some whole sequences, or a stretch of a long one."""

from dataclasses import dataclass

import numpy as np

from ..._jit.vector import LANES


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


def cut_spans(batch, most):
    """Cut a batch into tasks of about ``most`` rows, each a list of spans in the order to be run.

    Parameters
    ----------
    batch : Sequences
        The batch.
    most : int
        Rows of a span; sixteen sequences may take up to eight times as many, so that all lanes
        are busy.

    Returns
    -------
    tasks : list of list of Span
    """
    lengths, offsets = batch.lengths, batch.offsets
    tasks, first = [], 0
    while first < len(lengths):
        last = int(np.searchsorted(offsets, offsets[first] + most, side="right")) - 1
        last = max(last, min(first + LANES, len(lengths)))
        while last > first + 1 and offsets[last] - offsets[first] > 8 * most:
            last -= 1
        start, stop = int(offsets[first]), int(offsets[last])
        if last == first + 1 and stop - start > most:
            cuts = list(range(start, stop, most))
            tasks.append(
                [
                    Span(first, last, a, b, np.array([0, b - a]), a - start)
                    for a, b in zip(cuts, [*cuts[1:], stop], strict=True)
                ]
            )
        else:
            tasks.append([Span(first, last, start, stop, offsets[first : last + 1] - start)])
        first = last
    return tasks
