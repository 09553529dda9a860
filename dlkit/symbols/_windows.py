"""What a readout sees of a symbol: the symbols about it, and what was put out before it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["PAD", "Windows", "coded"]

PAD, UNKNOWN = 0, -1  # codes beside those of symbols, which begin at one
MOST = 2.0**50  # combinations of symbols that have a number of their own
CONTEXTS = (  # places, from the symbol, whose symbols are looked at as one
    (0, 1), (-1, 0), (-1, 0, 1), (0, 1, 2), (-2, -1, 0), (0, 1, 2, 3), (-2, -1, 0, 1),
    (-1, 0, 1, 2), (-3, -2, -1, 0), (-2, -1, 0, 1, 2),
)  # fmt: skip


def coded(alphabet, sequences, name, unknown="error"):
    """Codes of the symbols of all sequences, from one on, and where each sequence begins.

    Parameters
    ----------
    alphabet : Alphabet
        Symbols that are known; others have the code −1.
    sequences : list
        As `check_symbols` returns them.
    name : str
        What messages call them.
    unknown : {"error", "ignore"}, default="error"
        Whether other symbols are refused.
    """
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    numbers = [
        alphabet.encode(sequence, f"Sequence {i} of {name}", unknown)
        for i, sequence in enumerate(sequences)
    ]
    numbers = np.concatenate([*numbers, np.zeros(0, dtype=np.int64)])
    return np.where(numbers < 0, UNKNOWN, numbers + 1), np.concatenate([[0], np.cumsum(lengths)])


@dataclass(frozen=True)
class Windows:
    """Which symbols a row holds."""

    width: int
    n_source: int
    n_target: int
    history: int

    @property
    def places(self):
        """Places of the window."""
        return range(-self.width, self.width + 1)

    @property
    def contexts(self):
        """Places that are looked at as one."""
        inside = [c for c in CONTEXTS if max(map(abs, c)) <= self.width]
        return [c for c in inside if (self.n_source + 2.0) ** len(c) < MOST]

    @property
    def n_shared(self):
        """Columns of :meth:`codes`; those of :meth:`past` follow."""
        return len(self.places) + len(self.contexts)

    @property
    def groups(self):
        """Columns of the symbol and of the one that follows."""
        return [self.width, self.width + 1]

    def symbols(self, codes, offsets):
        """Codes of the symbols about each, shape (n, 2 width + 1)."""
        w, lengths = self.width, np.diff(offsets)
        pair = np.repeat(np.arange(len(lengths)), lengths)
        padded = np.full(len(codes) + 2 * w * len(lengths), PAD)
        at = np.arange(len(codes)) + 2 * w * pair + w
        padded[at] = codes
        return padded[at[:, None] + np.arange(-w, w + 1)]

    def codes(self, symbols):
        """The window, and numbers of the combinations in it, shape (n, n_shared)."""
        columns = [symbols]
        for context in self.contexts:
            number = np.zeros(len(symbols), dtype=np.int64)
            for place in context:
                number = number * (self.n_source + 2) + symbols[:, self.width + place] + 1
            columns.append(number[:, None])
        return np.concatenate(columns, axis=1)

    def past(self, chunk, last):
        """Codes of what was put out: the chunk before, and one, two and more symbols as one.

        ``last`` are the last symbols' codes, the latest first, of shape (n, history).
        """
        columns, number = [chunk], np.zeros(len(chunk), dtype=np.int64)
        for k in range(self.history):
            if (self.n_target + 1.0) ** (k + 1) >= MOST:
                break
            number = number * (self.n_target + 1) + last[:, k]
            columns.append(number)
        return np.stack(columns, axis=1)

    def one_hot(self, symbols, chunk, n_chunks, last):
        """Indicators of the window, of the chunk before, and of the last symbols, float32."""
        parts = [(symbols[:, j], self.n_source + 1) for j in range(symbols.shape[1])]
        parts += [(chunk, n_chunks + 1)]
        parts += [(last[:, k], self.n_target + 1) for k in range(self.history)]
        out = np.zeros((len(symbols), sum(size for _, size in parts)), dtype=np.float32)
        start = 0
        for codes, size in parts:
            known = np.flatnonzero(codes >= 0)
            out[known, start + codes[known]] = 1.0
            start += size
        return out
