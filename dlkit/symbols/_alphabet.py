"""Symbols: what sequences of them may look like, and their numbers."""

from dataclasses import dataclass, field

import numpy as np

from .._validation import is_frame


@dataclass(frozen=True)
class Alphabet:
    """Distinct symbols, in order, and the kind of sequence they came in.

    Attributes
    ----------
    symbols : ndarray of shape (n_symbols,)
        Sorted.
    text : bool
        Whether sequences are strings, whose characters are the symbols.
    """

    symbols: np.ndarray
    text: bool
    _numbers: dict = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        numbers = {symbol: i for i, symbol in enumerate(self.symbols.tolist())}
        object.__setattr__(self, "_numbers", numbers)

    def __len__(self):
        return len(self.symbols)

    @classmethod
    def of(cls, sequences, name="X"):
        """Find the alphabet of sequences as `check_symbols` returns them."""
        text = isinstance(sequences[0], str)
        try:
            found = set().union(*(set(s if text else s.tolist()) for s in sequences))
            symbols = sorted(found)
        except TypeError as error:
            raise ValueError(
                f"{name} holds symbols that cannot be sorted or are no single values: {error}. Use "
                "strings or whole numbers."
            ) from error
        return cls(np.array(symbols), text)

    def encode(self, sequence, where, unknown="error"):
        """Numbers of the symbols of a sequence, int64; −1 for those that are unknown.

        Parameters
        ----------
        sequence : str or ndarray
            The sequence.
        where : str
            Which one, for error messages.
        unknown : {"error", "ignore"}, default="error"
            Whether symbols that are not in the alphabet are refused.
        """
        if self.text != isinstance(sequence, str):
            kind = "strings" if self.text else "lists or arrays of symbols"
            raise ValueError(f"{where} is a {type(sequence).__name__}, but fit had {kind}.")
        if self.text:
            codes = np.frombuffer(sequence.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            known = np.array([ord(s) for s in self.symbols], dtype=np.uint32)
            found = np.minimum(np.searchsorted(known, codes), len(known) - 1)
            found = np.where(known[found] == codes, found, -1).astype(np.int64)
        else:
            numbers = [self._numbers.get(s, -1) for s in sequence.tolist()]
            found = np.array(numbers, dtype=np.int64)
        if unknown == "error" and (found < 0).any():
            i = int(np.argmax(found < 0))
            raise ValueError(
                f"{where} has the symbol {sequence[i]!r} at step {i}, which fit never saw. Use "
                'unknown="ignore", or fit to sequences that have it.'
            )
        return found

    def decode(self, numbers):
        """Turn numbers into the kind of sequence that fit had."""
        found = self.symbols[numbers]
        return "".join(found.tolist()) if self.text else found


def check_symbols(X, name="X"):
    """List of strings or of 1-D arrays of symbols, at least one, none of them empty."""
    if isinstance(X, str | bytes):
        raise ValueError(
            f"{name} is one {type(X).__name__}; for a single sequence hand over a list of it: "
            f"[{name}]."
        )
    if is_frame(X) or getattr(X, "ndim", 1) > 2 or isinstance(X, dict | set):
        raise ValueError(
            f"{name} must be a list of strings or of 1-D sequences of symbols, got "
            f"{type(X).__name__}{' of shape ' + str(X.shape) if hasattr(X, 'shape') else ''}."
        )
    try:
        members = list(X)
    except TypeError as error:
        raise ValueError(f"{name} must be a list of sequences of symbols: {error}") from error
    if not members:
        raise ValueError(f"{name} is empty: at least one sequence is needed.")
    found, text = [], isinstance(members[0], str)
    for i, member in enumerate(members):
        if isinstance(member, str) != text:
            raise ValueError(
                f"Sequence {i} of {name} is a {type(member).__name__}, unlike sequence 0, a "
                f"{type(members[0]).__name__}."
            )
        if not text:
            member = _one(member, f"Sequence {i} of {name}")
        if len(member) == 0:
            raise ValueError(f"Sequence {i} of {name} is empty: each needs at least one step.")
        found.append(member)
    return found


def _one(member, where):
    """1-D array of symbols."""
    try:
        member = np.asarray(member)
    except ValueError as error:
        raise ValueError(f"{where} is no sequence of symbols: {error}") from error
    if member.ndim == 2 and member.shape[1] == 1:
        member = member[:, 0]
    if member.ndim != 1:
        raise ValueError(
            f"{where} has shape {member.shape}; a sequence of symbols has one axis. Vectors are "
            'taken with output="gaussian", "gaussian_full" or "empirical".'
        )
    if member.dtype.kind == "f":
        if not np.array_equal(member, np.round(member)):
            raise ValueError(
                f"{where} holds {member.dtype} numbers that are not whole: symbols are strings or "
                'whole numbers. For numbers take output="gaussian".'
            )
        member = member.astype(np.int64)
    return member
