"""Symbols: what sequences of them may look like, and their numbers."""

from dataclasses import dataclass, field

import numpy as np

from .._validation import is_frame, refuse_masked


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
    _points: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        symbols = self.symbols.tolist()
        numbers = {symbol: i for i, symbol in enumerate(symbols)}
        object.__setattr__(self, "_numbers", numbers)
        points = [ord(symbol) for symbol in symbols] if self.text else []
        object.__setattr__(self, "_points", np.array(points, dtype=np.uint32))

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
        return cls(_array(symbols), text)

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
            kind, got = "strings", "a list or an array"
            kind, got = (kind, got) if self.text else ("lists or arrays of symbols", "a string")
            raise ValueError(f"{where} is {got}, but fit had {kind}.")
        if self.text:
            codes = np.frombuffer(sequence.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            known = self._points
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


def check_symbols(X, name="X", fewest=1, shortest=1):
    """List of strings or of 1-D arrays of symbols.

    Parameters
    ----------
    X : list of str or of array-like
        Sequences.
    name : str
        What messages call them.
    fewest, shortest : int
        Least number of sequences, and of steps of each.
    """
    members = _members(X, name)
    if len(members) < fewest:
        raise ValueError(f"{name} is empty: at least one sequence is needed.")
    found, text = [], bool(members) and isinstance(members[0], str)
    for i, member in enumerate(members):
        where = f"Sequence {i} of {name}"
        if isinstance(member, bytes):
            raise ValueError(f"{where} is {member!r}, bytes: turn it into text by .decode().")
        if member is None or (isinstance(member, float) and np.isnan(member)):
            raise ValueError(f"{where} is missing, {member!r}: leave it out.")
        if not hasattr(member, "__len__"):
            raise ValueError(
                f"{where} is {member}, a single symbol: {name} must be a list of strings or of "
                f"lists of symbols. If {name} is one sequence, hand over a list of it: [{name}]."
            )
        if isinstance(member, str) != text:
            raise ValueError(
                f"{where} is a {type(member).__name__}, unlike sequence 0, a "
                f"{type(members[0]).__name__}: all must be strings, or none."
            )
        if not text:
            member = _one(member, where)
        if len(member) < shortest:
            raise ValueError(f"{where} is empty: each needs at least one step.")
        found.append(member)
    return found


def _members(X, name):
    """The sequences, in a list."""
    if isinstance(X, str | bytes):
        raise ValueError(
            f"{name} is one {type(X).__name__}; for a single sequence hand over a list of it: "
            f"[{name}]."
        )
    shape = f" of shape {tuple(X.shape)}" if hasattr(X, "shape") else ""
    wanted = f"{name} must be a list of strings or of 1-D sequences of symbols"
    if is_frame(X):
        first = list(X.columns)[:1]
        raise ValueError(
            f"{wanted}, got a DataFrame{shape}: hand over one column, as {name}[{first[0]!r}]."
            if first
            else f"{wanted}, got a DataFrame without columns."
        )
    if isinstance(X, dict | set) or getattr(X, "ndim", 1) > 2 or X is None:
        raise ValueError(f"{wanted}, got {type(X).__name__}{shape}.")
    if not hasattr(X, "__len__"):
        hint = f": hand over list({name})" if hasattr(X, "__next__") else ""
        raise ValueError(f"{wanted}, got {type(X).__name__}{hint}.")
    refuse_masked(X, name)
    if getattr(X, "ndim", 1) == 2 and X.shape[1] == 1 and X.dtype.kind in "OUST":
        raise ValueError(
            f"{name} is an array{shape}, of sequences of one symbol each. If these are strings "
            f"whose letters are the symbols, hand over {name}[:, 0]; if single symbols are meant, "
            f"{name}.tolist()."
        )
    return list(X)


def _one(member, where):
    """1-D array of symbols."""
    refuse_masked(member, where)
    if isinstance(member, list | tuple) and member:
        if all(isinstance(symbol, tuple) for symbol in member):
            return _array(list(member))
        kinds = {isinstance(symbol, str) for symbol in member}
        if len(kinds) > 1:
            raise ValueError(
                f"{where} holds strings and other values, as {member[0]!r}: symbols that are to be "
                "put in order must be of one type. Turn all into strings by str."
            )
    try:
        member = np.asarray(member)
    except ValueError as error:
        raise ValueError(f"{where} is no sequence of symbols: {error}") from error
    if member.ndim == 2 and member.shape[1] == 1:
        member = member[:, 0]
    if member.ndim != 1:
        raise ValueError(
            f"{where} has shape {member.shape}; a sequence of symbols has one axis. SequenceModel "
            'and Seq2SeqESN take vectors with output="gaussian", "gaussian_full" or "empirical".'
        )
    if member.dtype.kind == "f":
        if not np.isfinite(member).all():
            raise ValueError(f"{where} holds a missing or infinite value: leave it out.")
        if not np.array_equal(member, np.round(member)):
            raise ValueError(
                f"{where} holds {member.dtype} numbers that are not whole: symbols are strings or "
                'whole numbers. SequenceModel and Seq2SeqESN take numbers with output="gaussian".'
            )
        member = member.astype(np.int64)
    return member


def _array(symbols):
    """1-D array of symbols, tuples among them."""
    if symbols and isinstance(symbols[0], tuple):
        found = np.empty(len(symbols), dtype=object)
        found[:] = symbols
        return found
    return np.array(symbols)
