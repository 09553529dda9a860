"""Beam search over many sequences side by side."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Hypotheses", "search"]

LEAST = 1e-30  # probability
PRIME = np.uint64(1099511628211)


@dataclass
class Hypotheses:
    """Outputs so far, each of one of the sequences.

    Attributes
    ----------
    owner : ndarray of shape (n,)
        Which sequence.
    score : ndarray of shape (n,)
        Log-probability.
    chunk : ndarray of shape (n,)
        Code of the last chunk, zero for none.
    last : ndarray of shape (n, history)
        Codes of the last symbols, the latest first.
    mark : ndarray of shape (n,), uint64
        Hash of the output.
    path : ndarray of shape (n,)
        Number of the last step in the list of all.
    """

    owner: np.ndarray
    score: np.ndarray
    chunk: np.ndarray
    last: np.ndarray
    mark: np.ndarray
    path: np.ndarray

    @classmethod
    def begun(cls, n, history):
        """One of each of n sequences, empty."""
        zeros = np.zeros(n, dtype=np.int64)
        return cls(np.arange(n), np.zeros(n), zeros, np.zeros((n, history), dtype=np.int64),
                   np.zeros(n, dtype=np.uint64), zeros - 1)  # fmt: skip

    def of(self, rows):
        """Some of them."""
        return Hypotheses(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@np.errstate(over="ignore")  # hashes wrap
def search(lengths, probabilities, symbols, windows, beam):
    """Best outputs of sequences of some lengths, all in step.

    Parameters
    ----------
    lengths : ndarray of shape (n,)
        Source symbols of each sequence.
    probabilities : callable
        ``probabilities(hypotheses, t)`` gives the probabilities of chunks, shape (m, K), after
        hypotheses that have come to symbol t.
    symbols : list of tuple
        Symbols of each chunk, K of them.
    windows : Windows
        How the last symbols are kept.
    beam : int
        Hypotheses to keep of each sequence.

    Returns
    -------
    found : list of list of (tuple, float)
        Of each sequence, outputs as numbers of target symbols and log-probabilities, best first.
    """
    longest = max(map(len, symbols))
    table = np.full((len(symbols), longest), -1)
    for k, chunk in enumerate(symbols):
        table[k, : len(chunk)] = chunk
    live, parents, chunks, done = Hypotheses.begun(len(lengths), windows.history), [], [], []
    n_steps = 0
    for t in range(int(lengths.max(initial=0)) + 1):
        over = lengths[live.owner] == t
        done.append(live.of(over))
        live = live.of(~over)
        if not len(live.owner):
            break
        P = probabilities(live, t)
        k = min(beam, P.shape[1])
        near = np.argpartition(-P, k - 1, axis=1)[:, :k]
        row = np.repeat(np.arange(len(P)), k)
        chunk = near.ravel()
        score = live.score[row] + np.log(np.maximum(P[row, chunk], LEAST))
        mark = live.mark[row]
        for place in range(longest):
            code = table[chunk, place]
            mark = np.where(code >= 0, (mark ^ (code + 1).astype(np.uint64)) * PRIME, mark)
        owner = live.owner[row]
        # the same output by another alignment: their probabilities add
        order = np.lexsort((-score, chunk, mark, owner))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (
            (owner[order][1:] != owner[order][:-1])
            | (mark[order][1:] != mark[order][:-1])
            | (chunk[order][1:] != chunk[order][:-1])
        )
        starts = np.flatnonzero(first)
        total = np.logaddexp.reduceat(score[order], starts)
        row, chunk, mark, owner = (a[order][starts] for a in (row, chunk, mark, owner))
        order = np.lexsort((-total, owner))
        begin = np.flatnonzero(np.diff(owner[order], prepend=-1))
        rank = np.arange(len(order)) - np.repeat(begin, np.diff([*begin, len(order)]))
        kept = order[rank < beam]
        row, chunk, mark, owner = (a[kept] for a in (row, chunk, mark, owner))
        parents.append(live.path[row])
        chunks.append(chunk)
        last = live.last[row]
        for place in range(longest):
            code = table[chunk, place]
            if windows.history:
                moved = np.concatenate([code[:, None] + 1, last[:, :-1]], axis=1)
                last = np.where((code >= 0)[:, None], moved, last)
        path = n_steps + np.arange(len(row))
        n_steps += len(row)
        live = Hypotheses(owner, total[kept], chunk + 1, last, mark, path)
    parents = np.concatenate([*parents, np.empty(0, dtype=np.int64)])
    chunks = np.concatenate([*chunks, np.empty(0, dtype=np.int64)])
    found = [{} for _ in lengths]
    for part in done:
        for i, score, path in zip(part.owner, part.score, part.path, strict=True):
            output = _traced(int(path), parents, chunks, symbols)
            before = found[i].get(output, -np.inf)
            found[i][output] = float(np.logaddexp(before, score))
    return [sorted(one.items(), key=lambda pair: (-pair[1], pair[0])) for one in found]


def _traced(path, parents, chunks, symbols):
    parts = []
    while path >= 0:
        parts.append(symbols[chunks[path]])
        path = int(parents[path])
    return tuple(symbol for part in reversed(parts) for symbol in part)
