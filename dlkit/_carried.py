"""Whether what a transformer makes of a row depends on the rows beside it."""

from copy import copy

import numpy as np
from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator

from ._validation import alike, n_samples, take

__all__ = ["TRIED", "carries_state", "is_one_table", "refuse_training_rows"]

TRIED = 64  # rows on which it is tried first
MANY = 4096  # and then, where there are so many: lags may be long
LEAST = 8  # even where blocks are smaller
FEW = 16  # rows that are tried alone, at most
NUMBERS = 2**20  # that many rows are or become, at most


def refuse_training_rows(transformer, name):
    """Raise if a transformer makes other rows in ``fit_transform`` than those of its ``transform``.

    Reservoirs do: training rows alone have ``noise``, and begin at rest whatever ``start`` says.

    Parameters
    ----------
    transformer : transformer
        Perhaps with such a one inside. One that is frozen has been fitted elsewhere.
    name : str
        Of the estimator that learns from rows of ``transform``.
    """
    if isinstance(transformer, FrozenEstimator):
        return
    parts = transformer.get_params() if hasattr(transformer, "get_params") else {}
    frozen = tuple(f"{key}__" for key, one in parts.items() if isinstance(one, FrozenEstimator))
    for key, one in parts.items():
        if hasattr(one, "_training_rows") and not key.startswith(frozen):
            refuse_training_rows(one, name)
    if not hasattr(transformer, "_training_rows"):
        return
    kind, noise = type(transformer).__name__, getattr(transformer, "noise", 0)
    mend = "or put the transformer and what learns from its rows into a Pipeline"
    if noise:
        raise ValueError(
            f"noise={noise} of {kind} is added to the rows of its fit_transform only, and {name} "
            f"learns from rows of its transform: set noise=0.0, {mend}."
        )
    if getattr(transformer, "start", "rest") == "fit":
        raise ValueError(
            f'start="fit" of {kind} begins where the training series ended, and {name} learns from '
            f'rows of its transform, which would begin there too: set start="rest", {mend}.'
        )


def _within(transformer):
    return list(transformer.get_params().values()) if hasattr(transformer, "get_params") else []


def carries_state(transformer, rows, n, block_size, *, table):
    """Whether what a fitted transformer makes of a row depends on other rows beside it.

    Such a table must not be cut into blocks. Of this package's and scikit-learn's own transformers
    it is known whether they carry a state. Others, and functions inside, are tried: some rows are
    handed over together, and the first and the last few of these alone.

    Parameters
    ----------
    transformer : transformer
        Fitted.
    rows : callable
        ``rows(k)`` makes k rows to try.
    n : int
        Number of rows there are.
    block_size : int
        Rows that are held at a time; a few more of these only where rows are narrow.
    table : bool
        Whether rows are those of a table, perhaps the steps of one series; else each is a sample
        by itself, as a series or an image is.
    """
    within = list(_all_within(transformer))
    if table and any(getattr(one, "_carries_state", False) for one in within):
        return True
    if all(map(_is_known, within)):
        return False
    some = rows(min(n, TRIED, max(int(block_size), LEAST)))
    if not table:
        some = take(some, slice(0, FEW))
    told, made = _depends_on_others(transformer, some)
    many = min(n // 8, MANY)
    if told or not table or many <= TRIED:
        return told
    width = max(made // max(n_samples(some), 1), int(np.prod(np.shape(some)[1:])), 1)
    many = min(many, NUMBERS // width)
    return many > TRIED and _depends_on_others(transformer, rows(many))[0]


def _all_within(transformer):
    """A transformer, what is inside it, and what is inside that: estimators and parameters."""
    yield transformer
    for one in _within(transformer):
        if hasattr(one, "fit") and not isinstance(one, type):
            yield from _all_within(one)
        else:
            yield one


def _is_known(one):
    if hasattr(one, "fit") and not isinstance(one, type):
        return type(one).__module__.startswith(("sklearn.", "dlkit."))
    return not callable(one) or isinstance(one, (type, np.ufunc))


def _depends_on_others(transformer, rows):
    """Whether some rows come out otherwise alone, and how many numbers came out of all."""
    n = n_samples(rows)
    few = min(max(n // 8, 1), FEW)
    if n < 2:
        return False, 0
    whole = _plain(transformer.transform(rows))
    if n_samples(whole) != n:
        return True, 0
    size = 0 if isinstance(whole, list) else whole.size
    ends = [(part, copy(whole[part])) for part in (slice(-few, None), slice(0, few))]
    del whole  # before more is made
    for part, want in ends:
        try:
            alone = _plain(transformer.transform(take(rows, part)))
        except (ValueError, IndexError):  # as of lags that need more rows
            return True, size
        if n_samples(alone) != few or not _all_alike(alone, want):
            return True, size
        del alone
    return False, size


def _all_alike(one, other):
    if isinstance(one, list) or isinstance(other, list):
        pairs = zip(map(np.asarray, one), map(np.asarray, other), strict=True)
        return all(a.shape == b.shape and alike(a, b) for a, b in pairs)
    return one.shape == other.shape and alike(one, other)


def is_one_table(X):
    """Whether X is a table of numbers, not a batch of series or images."""
    if isinstance(X, (list, tuple)):
        arrays = any(hasattr(x, "shape") and np.ndim(x) for x in X)
        return not arrays and len({len(x) if hasattr(x, "__len__") else 0 for x in X}) <= 1
    cells = getattr(X, "ndim", 2) == 1 and str(getattr(X, "dtype", "")) == "object"
    return not cells and getattr(X, "ndim", 2) <= 2


def _plain(output):
    if issparse(output):
        return output.toarray()
    return output if isinstance(output, list) else np.asarray(output)
