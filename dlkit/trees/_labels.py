"""From labels to what enters the units: input weights times numbers, or the weights of a symbol."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Vocabulary", "check_labels", "driven_by", "read_labels", "weighed_before", "weighed_by"]

FEW_CHANNELS = 64  # more are multiplied as matrices, which is faster
TILE_ROWS = 128


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Symbols, each with a number.

    Attributes
    ----------
    symbols : ndarray of str
        All symbols, sorted.
    ignores : bool
        Whether other symbols count as no label; they are refused otherwise.
    """

    symbols: np.ndarray
    ignores: bool

    @classmethod
    def of(cls, labels, unknown):
        """Vocabulary of what occurs in ``labels``."""
        found = sorted({label for label in labels if label is not None})
        return cls(np.array(found, dtype=str), unknown == "ignore")

    def numbers(self, labels, name="X"):
        """Number of each symbol; as many as there are symbols for no label."""
        known = {symbol: i for i, symbol in enumerate(self.symbols.tolist())} | {None: self.none}
        found = np.array([known.get(label, -1) for label in labels], dtype=np.int64)
        if (found < 0).any():
            new = sorted({label for label in labels if label not in known})
            if not self.ignores:
                raise ValueError(
                    f"{name} has labels that fit has not seen: {new[:5]}"
                    f"{' and others' * (len(new) > 5)}. With unknown='ignore' they count as no "
                    "label."
                )
            found[found < 0] = self.none
        return found

    @property
    def none(self):
        """Number of no label."""
        return len(self.symbols)


def read_labels(packed, unknown):
    """Vocabulary of symbols (None where labels are numbers), and the channels that labels make."""
    if not packed.symbolic:
        return None, packed.n_channels
    vocabulary = Vocabulary.of(packed.labels, unknown)
    return vocabulary, len(vocabulary.symbols)


def check_labels(packed, vocabulary, n_channels):
    """Refuse labels of another kind, or of other numbers a node, than those of ``fit``."""
    if packed.symbolic != (vocabulary is not None):
        kinds = ["numbers", "symbols"]
        raise ValueError(
            f"X has labels that are {kinds[packed.symbolic]}, but fit saw "
            f"{kinds[vocabulary is not None]}."
        )
    if vocabulary is None and packed.n_channels != n_channels:
        raise ValueError(
            f"X has labels of {packed.n_channels} numbers a node, but fit saw {n_channels}."
        )


def driven_by(packed, vocabulary, w_in, dtype):
    """What takes numbers of nodes and says what enters the reservoir there, of shape (n, width).

    A few numbers enter as they are, by the input weights of the engine. Of symbols the columns of
    ``w_in`` enter the units one by one, and of many numbers their products with ``w_in``.

    Parameters
    ----------
    packed : Forest or Graphs
        Nodes with labels.
    vocabulary : Vocabulary or None
        Of symbols.
    w_in : ndarray of shape (n_units, n_channels)
        Input weights.
    dtype : dtype
        Of the result.
    """
    if not weighed_before(vocabulary, w_in.shape[1]):
        return lambda nodes: packed.labels[nodes]
    return weighed_by(packed, vocabulary, w_in, dtype)


def weighed_by(packed, vocabulary, weights, dtype):
    """What takes numbers of nodes and gives weights times labels; of symbols, their columns.

    Parameters
    ----------
    packed : Forest or Graphs
        Nodes with labels.
    vocabulary : Vocabulary or None
        Of symbols.
    weights : ndarray of shape (n_units, n_channels)
        Weights.
    dtype : dtype
        Of the result.
    """
    if not packed.symbolic:
        across = np.ascontiguousarray(weights.T, dtype=dtype)
        return lambda nodes: _by_tiles(packed.labels[nodes], across)
    rows = np.vstack([weights.T[: vocabulary.none], np.zeros(len(weights))]).astype(dtype)
    numbers = vocabulary.numbers(packed.labels)
    return lambda nodes: rows[numbers[nodes]]


def weighed_before(vocabulary, n_channels):
    """Whether labels are multiplied by the input weights before they enter the engine."""
    return vocabulary is not None or n_channels > FEW_CHANNELS


def _by_tiles(labels, across):
    """Products of labels and weights, of as many rows at a time: a row knows nothing of others."""
    told = np.flatnonzero(labels.any(axis=1))  # inner nodes over sequences have no label
    out = np.zeros((len(labels), across.shape[1]), dtype=across.dtype)
    tile = np.zeros((TILE_ROWS, labels.shape[1]), dtype=across.dtype)
    for start in range(0, len(told), TILE_ROWS):
        mine = told[start : start + TILE_ROWS]
        tile[: len(mine)] = labels[mine]
        out[mine] = (tile @ across)[: len(mine)]
    return out
