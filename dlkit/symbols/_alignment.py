"""Monotone alignment of sources and targets, by expectation maximisation."""

from dataclasses import dataclass

import numpy as np

from .._jit.alignment import align, expect, room

__all__ = ["Chunks", "aligned"]

MOST_SCORES = 2**25  # chunks times symbols, of which each has a score
MOST_IN_CONTEXT = 2**24  # the same, where neighbours tell symbols apart
FLOOR = 1e-3  # counts of what has not been seen
PRIOR = 1.0  # symbols that shares with fewer neighbours count for


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


def aligned(x, x_offsets, y, y_offsets, n_source, chunks, n_rounds, neighbours):
    """Number of the chunk that each source symbol stands for, −1 where a pair has no alignment.

    Expectation maximisation over all alignments: each round counts how often each chunk is expected
    beside each symbol, and the next takes the shares of these counts for probabilities. At first
    all chunks are as likely. Then one neighbour more to either side tells symbols apart, and the
    rounds go on from the shares that were found with one fewer. At last the likeliest alignment is
    taken.

    Parameters
    ----------
    x, x_offsets, y, y_offsets : ndarray
        As of :func:`dlkit._jit.alignment.align`.
    n_source : int
        Number of source symbols.
    chunks : Chunks
        Numbers of chunks.
    n_rounds : int
        Rounds with as many neighbours; twice as many without.
    neighbours : int
        Most neighbours to either side; fewer, where tables would be too large.
    """
    size = float(np.exp(min(chunks.longest * np.log(chunks.n_symbols + 1), 700.0)))
    if n_source * size > MOST_SCORES:
        raise ValueError(
            f"max_chunk={chunks.longest} of {chunks.n_symbols} target symbols makes {size:.3g} "
            f"chunks for each of {n_source} source symbols, which is too many: use a smaller "
            "max_chunk."
        )
    powers = chunks.powers
    longest = [int(np.diff(o).max(initial=0)) for o in (x_offsets, y_offsets)]
    best, taken = room(*longest)
    behind = np.empty_like(best)
    shares = np.full((n_source, int(powers[-1])), 1.0 / powers[-1])

    def round_of(codes, shares, before):
        counts = before.copy()
        expect(codes, x_offsets, y, y_offsets, shares, powers, best, behind, counts)
        return counts / counts.sum(axis=1, keepdims=True)

    floor = np.full_like(shares, FLOOR)
    for _ in range(2 * n_rounds):
        shares = round_of(x, shares, floor)
    codes = x
    for reach in range(1, min(neighbours, longest[0]) + 1):
        wider, narrower = _wider(x, codes, x_offsets, n_source, reach)
        if len(narrower) * size > MOST_IN_CONTEXT:
            break
        codes, before = wider, PRIOR * shares[narrower]
        shares = before / PRIOR
        for _ in range(n_rounds):
            shares = round_of(codes, shares, before)
    found = np.empty(len(x), dtype=np.int64)
    align(codes, x_offsets, y, y_offsets, np.log(shares), powers, best, taken, found)
    return found


def _wider(x, codes, offsets, n_source, reach):
    """Codes of symbols with one neighbour more to either side, and for each its code before."""
    place = np.arange(len(x)) - np.repeat(offsets[:-1], np.diff(offsets))
    left_over = np.repeat(np.diff(offsets), np.diff(offsets)) - 1 - place
    left, right = (np.full(len(x), n_source) for _ in range(2))
    inside = np.flatnonzero(place >= reach)
    left[inside] = x[inside - reach]
    inside = np.flatnonzero(left_over >= reach)
    right[inside] = x[inside + reach]
    both = (codes * (n_source + 1) + left) * (n_source + 1) + right
    _, first, wider = np.unique(both, return_index=True, return_inverse=True)
    return wider.ravel(), codes[first]
