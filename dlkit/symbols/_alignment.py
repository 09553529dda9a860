"""Monotone alignment of sources and targets, by rounds of Viterbi training."""

from dataclasses import dataclass

import numpy as np

from .._jit.alignment import align, room

__all__ = ["Chunks", "aligned"]

MOST_SCORES = 2**25  # chunks times symbols, of which each has a score
FLOOR = 1e-3  # counts of what has not been seen
EMPTY = 0.1  # share of empty chunks at first


@dataclass(frozen=True)
class Chunks:
    """Numbers of chunks of up to so many target symbols."""

    n_symbols: int
    longest: int

    @property
    def powers(self):
        """What the places of a chunk count, the last of them how many chunks there are."""
        return (self.n_symbols + 1) ** np.arange(self.longest + 1, dtype=np.int64)

    def symbols(self, chunk):
        """Symbols of a chunk, in order: the last has the highest place."""
        found = []
        while chunk:
            chunk, code = divmod(chunk, self.n_symbols + 1)
            found.append(int(code) - 1)
        return tuple(found)


def aligned(x, x_offsets, y, y_offsets, n_source, chunks, n_rounds):
    """Number of the chunk that each source symbol stands for, −1 where a pair has no alignment.

    Each round counts the chunks that are taken beside each symbol, and the next takes those whose
    product of shares is greatest: expectation maximisation on the best alignments alone. At first
    symbols stand for those at the same share of the way.

    Parameters
    ----------
    x, x_offsets, y, y_offsets : ndarray
        As of :func:`dlkit._jit.alignment.align`.
    n_source : int
        Number of source symbols.
    chunks : Chunks
        Numbers of chunks.
    n_rounds : int
        Rounds.
    """
    powers = chunks.powers
    size = float(chunks.n_symbols + 1) ** chunks.longest
    if n_source * size > MOST_SCORES:
        raise ValueError(
            f"max_chunk={chunks.longest} of {chunks.n_symbols} target symbols makes {size:.3g} "
            f"chunks for each of {n_source} source symbols, which is too many: use a smaller "
            "max_chunk."
        )
    lengths, targets = np.diff(x_offsets), np.diff(y_offsets)
    counts = np.full((n_source, int(powers[-1])), FLOOR)
    pair = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(x)) - x_offsets[pair]
    beside = within * targets[pair] // np.maximum(lengths[pair], 1)
    some = targets[pair] > 0
    single = y[y_offsets[pair[some]] + beside[some]] + 1
    np.add.at(counts, (x[some], single), 1.0)
    counts[:, 0] = EMPTY * counts.sum(axis=1)
    found = np.empty(len(x), dtype=np.int64)
    arrays = room(int(lengths.max(initial=0)), int(targets.max(initial=0)))
    last = -np.inf
    for _ in range(n_rounds):
        scores = np.log(counts / counts.sum(axis=1, keepdims=True))
        counts = np.full_like(counts, FLOOR)
        total = align(x, x_offsets, y, y_offsets, scores, powers, *arrays, counts, found)
        if total <= last + 1e-9 * abs(last) and np.isfinite(last):
            break
        last = total
    return found
