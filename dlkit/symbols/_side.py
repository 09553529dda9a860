"""What inputs and outputs are, symbols or vectors; how they are read and given back."""

import numpy as np

from .._readings import warn_reading
from .._validation import refuse_overflow
from ..sequences import check_sequences, pack
from ._alphabet import Alphabet, check_symbols

FEW = 32  # different whole numbers that are likelier symbols


class Side:
    """Inputs or outputs: symbols or vectors, and how to read them and give them back.

    Parameters
    ----------
    symbols : bool or None
        Whether these are symbols; found from the data if None.
    name : str
        What messages call them.
    """

    def __init__(self, symbols, name):
        self.symbols, self.name = symbols, name

    def learn(self, data, owner=None):
        """Note alphabet or scale; vectors of all steps, and lengths.

        ``owner`` is the estimator that is to note the names of channels, if it is to.
        """
        guessed = self.symbols is None
        if guessed:
            self.symbols = _are_symbols(data)
        if self.symbols:
            self.note(data)
            return self.read(data, "error")
        batch = self._pack(data, owner, reset=True)
        if guessed and batch.form == "list1d":
            _warn_of_whole_numbers(batch.values, self.name)
        self.measure(batch)
        return self.standard(batch), batch.lengths

    def note(self, data):
        """Note the alphabet of symbols."""
        self.alphabet = Alphabet.of(check_symbols(data, self.name), self.name)

    def measure(self, batch):
        """Note mean and scale of vectors."""
        wide = batch.values.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            self.middle, scale = wide.mean(axis=0), wide.std(axis=0)
        refuse_overflow(scale, self.name)
        self.scale = np.where(scale > 1e-12 * np.abs(wide).max(axis=0), scale, 1.0)
        self.dtype, self.flat = batch.values.dtype.name, batch.form == "list1d"

    def _pack(self, data, owner, reset):
        if owner is None:
            return pack(data, rows="sequences", name=self.name)
        return check_sequences(owner, data, reset=reset, rows="sequences")

    def read(self, data, unknown, owner=None):
        """Vectors of all steps, and lengths; ``owner`` as of :meth:`learn`."""
        if self.symbols:
            numbers = self.numbers(data, unknown)
            lengths = np.array([len(one) for one in numbers])
            return self.one_hot(np.concatenate(numbers)), lengths
        batch = self._pack(data, owner, reset=False)
        if batch.n_channels != len(self.scale):
            raise ValueError(
                f"{self.name} has {batch.n_channels} channels, but fit had {len(self.scale)}."
            )
        return self.standard(batch), batch.lengths

    def numbers(self, data, unknown, name=None):
        """Numbers of the symbols of each sequence; ``name`` is what messages call these data."""
        name = self.name if name is None else name
        return [
            self.alphabet.encode(one, f"Sequence {i} of {name}", unknown)
            for i, one in enumerate(check_symbols(data, name))
        ]

    def standard(self, batch):
        """Standardised vectors of all steps."""
        values = (batch.values - self.middle) / self.scale
        with np.errstate(over="ignore"):
            return refuse_overflow(values.astype(self.dtype), self.name)

    @property
    def n_channels(self):
        """Entries of a step."""
        return len(self.alphabet) if self.symbols else len(self.scale)

    @property
    def one_hot(self):
        """Turns numbers of symbols into vectors; None of vectors."""
        return self._one_hot if self.symbols else None

    def _one_hot(self, numbers):
        found = np.zeros((len(numbers), len(self.alphabet)), dtype=np.float32)
        known = np.flatnonzero(numbers >= 0)
        found[known, numbers[known]] = 1.0
        return found

    def nothing(self):
        """A sequence without a step."""
        if self.symbols:
            return np.zeros(0, dtype=np.int64)
        return np.zeros((0, len(self.scale)), dtype=self.dtype)

    def give_back(self, told):
        """Turn numbers, or standardised vectors, into the form that fit had."""
        if self.symbols:
            return self.alphabet.decode(told)
        told = self.unscaled(told.reshape(len(told), -1))
        return told[:, 0] if self.flat else told

    def unscaled(self, values):
        """Vectors as they were before they were standardised."""
        return (values * self.scale + self.middle).astype(self.dtype)

    @staticmethod
    def plain(sequence):
        """A sequence that compares with another."""
        return sequence if isinstance(sequence, str) else sequence.tolist()


def refuse_text(X, output):
    """Refuse strings where vectors are needed."""
    kind = getattr(getattr(X, "dtype", None), "kind", "")
    first = None if hasattr(X, "columns") or not hasattr(X, "__len__") else next(iter(X), None)
    if kind in ("U", "S") or isinstance(first, (str, bytes)):
        raise ValueError(
            f'X holds strings, but output={output!r} is for vectors: use output="categorical".'
        )


def _warn_of_whole_numbers(values, name):
    """Warn of floats that look like numbers of symbols."""
    if not np.array_equal(values, np.round(values)):
        return
    n = len(np.unique(values))
    if 2 < n <= min(FEW, len(values) // 3):
        warn_reading(
            f"The sequences of {name} hold floats and are read as numbers that vary in time, but "
            f"all are whole, {n} different ones",
            likely="holds numbers of symbols, which became floats",
            mend=f"hand over [x.astype(int) for x in {name}]",
            meant=f"hand over [x[:, None] for x in {name}]",
            name=name,
        )


def _are_symbols(data):
    """Whether inputs are symbols: strings, tuples with such, or 1-D and not of floats."""
    if isinstance(data, np.ndarray) and data.dtype.kind != "O":
        return data.dtype.kind in "US" or (data.ndim == 2 and data.dtype.kind not in "fc")
    try:
        first = next(iter(data))
    except (TypeError, StopIteration):
        return True  # which is refused by name
    if isinstance(first, (str, bytes)):
        return True
    first = np.asarray(first)
    return first.dtype.kind in "US" or (first.ndim == 1 and first.dtype.kind not in "fc")
