"""What forests and batches of graphs share: the nodes of all samples, one after the other."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from .._validation import check_array, naming, refuse_masked

__all__ = ["Packed", "is_list", "join_labels", "refuse_no_batch"]


@dataclass(frozen=True, eq=False)
class Packed(ABC):
    """Samples, packed: the nodes of the first, then those of the second, and so on.

    What is derived from the fields is kept once computed, and is left out of pickles.

    Attributes
    ----------
    labels : ndarray of shape (n_nodes, n_channels) or list
        Numbers; or a list of symbols, one a node.
    offsets : ndarray of shape (n_samples + 1,)
        Where each sample begins.
    """

    labels: object
    offsets: np.ndarray

    def __len__(self):
        return len(self.offsets) - 1

    def __getstate__(self):
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state):
        vars(self).update(state)

    @property
    def n_nodes(self):
        """Number of nodes of all samples."""
        return int(self.offsets[-1])

    @property
    def sizes(self):
        """Number of nodes of each sample."""
        return np.diff(self.offsets)

    @cached_property
    def samples(self):
        """Number of the sample of each node."""
        return np.repeat(np.arange(len(self)), self.sizes)

    @property
    def symbolic(self):
        """Whether labels are symbols."""
        return isinstance(self.labels, list)

    @property
    def n_channels(self):
        """Numbers in the label of a node."""
        return 0 if self.symbolic else self.labels.shape[1]

    @property
    def dtype(self):
        """What states are computed in."""
        return np.dtype(np.float64) if self.symbolic else self.labels.dtype

    @abstractmethod
    def part(self, first, last):
        """Samples ``first`` to ``last - 1`` as a batch of their own."""

    def parts(self, most):
        """Yield batches of about ``most`` nodes at most, of one sample at least."""
        first = 0
        while first < len(self):
            last = np.searchsorted(self.offsets, self.offsets[first] + most, side="right") - 1
            last = max(int(last), first + 1)
            yield self.part(first, last)
            first = last

    def split(self, values):
        """Values of nodes, an array for each sample."""
        return np.split(values, self.offsets[1:-1])


def is_list(X):
    """Whether ``X`` may hold samples, one after the other."""
    column = hasattr(X, "to_list") and getattr(X, "ndim", 1) == 1 and hasattr(X, "dtype")
    return column or isinstance(X, (list, tuple, np.ndarray))


def refuse_no_batch(X, name, one, kind):
    """Refuse what is no batch of samples.

    Parameters
    ----------
    X : object
        What was handed over.
    name : str
        What errors call it.
    one : bool
        Whether ``X`` is one sample.
    kind : str
        What a sample is called.
    """
    if one:
        raise ValueError(f"{name} is one {kind}; a batch of {kind}s is wanted: use [{name}].")
    if not is_list(X):
        raise TypeError(f"{name} must be a list of {kind}s, got {type(X).__name__}.")
    if getattr(X, "shape", None) == () or not len(X):
        raise ValueError(f"{name} holds no {kind}: at least one is wanted (n_samples=0).")


def _symbolic(labels):
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "fiub":
        return False
    return any(isinstance(label, str) for label in labels)


def join_labels(each, name, kind):
    """Labels of all nodes of several samples: an array of numbers, or a list of symbols.

    Parameters
    ----------
    each : list
        Labels of each sample.
    name : str
        What errors call the batch.
    kind : str
        What a sample is called.
    """
    symbolic = [_symbolic(labels) or all(label is None for label in labels) for labels in each]
    if all(symbolic):
        joined = [label for labels in each for label in labels]
        for label in joined:
            if label is not None and not isinstance(label, str):
                raise ValueError(
                    f"{name} has labels that are symbols and the label {label!r}: all must be "
                    "strings (or None for no label), or all numbers."
                )
        return joined
    if any(symbolic):
        i = symbolic.index(True)
        raise ValueError(
            f"{name}[{i}] has symbols for labels where other {kind}s have numbers: all {kind}s "
            "must have labels of one kind."
        )
    arrays, width = [], None
    for i, labels in enumerate(each):
        where = f"labels of {name}[{i}]"
        refuse_masked(labels, where)
        with naming(where):
            found = np.asarray(labels)
        found = found[:, None] if found.ndim == 1 else found
        found = check_array(found, input_name=where, dtype=[np.float64, np.float32])
        if width is not None and found.shape[1] != width:
            raise ValueError(
                f"{where} have {found.shape[1]} numbers a node, those of {name}[0] have {width}: "
                "all must have as many."
            )
        width = found.shape[1]
        arrays.append(found)
    return np.concatenate(arrays)
