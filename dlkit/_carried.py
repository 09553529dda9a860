"""Whether a transformer takes the rows of a table for the steps of one series."""

import numpy as np
from scipy.sparse import issparse

from ._validation import alike, n_samples, take

__all__ = ["TRIED", "carries_state", "refuse_noise"]

TRIED = 64  # rows on which it is tried, at most


def refuse_noise(transformer, name):
    """Raise if a fitted transformer has noise on the states of rows that are learned from.

    Only its ``fit_transform`` adds that noise: blocks of rows are made without.

    Parameters
    ----------
    transformer : transformer
        Fitted, perhaps with the noisy one inside.
    name : str
        Of the estimator that makes blocks of rows.
    """
    for one in (transformer, *_within(transformer)):
        noise = getattr(getattr(one, "driver_", None), "noise", 0)
        if noise:
            raise ValueError(
                f"noise={noise} of {type(one).__name__} is added to the rows of its fit_transform "
                f"only, and {name} learns from rows of its transform: set noise=0.0, or put the "
                "transformer and the readout into a Pipeline."
            )


def _within(transformer):
    return list(transformer.get_params().values()) if hasattr(transformer, "get_params") else []


def carries_state(transformer, rows):
    """Whether what a fitted transformer makes of a row depends on rows before it.

    Such a table must not be cut into blocks. Of this package's and scikit-learn's own transformers
    it is known whether they carry a state. Others, and those with a function or another transformer
    inside, are tried: some of the last rows are handed over with those before, and without.

    Parameters
    ----------
    transformer : transformer
        Fitted.
    rows : callable
        ``rows()`` makes the rows to try, some tens of them.
    """
    within = _within(transformer)
    if any(getattr(one, "_carries_state", False) for one in (transformer, *within)):
        return True
    ours = type(transformer).__module__.startswith(("sklearn.", "dlkit."))
    if ours and not any(callable(one) or hasattr(one, "fit") for one in within):
        return False
    rows = rows()
    n = n_samples(rows)
    if not _is_table(rows) or n < 2:
        return False
    few = max(n // 8, 1)
    whole = _plain(transformer.transform(rows))
    if not _is_table(whole):
        return False
    made, ends = len(whole), whole[-few:].copy()
    del whole  # before more is made
    try:
        last = _plain(transformer.transform(take(rows, slice(-few, None))))
    except ValueError:  # as of lags that need more rows
        return True
    return made != n or len(last) != few or not alike(last, ends)


def _is_table(X):
    return not isinstance(X, list) and getattr(X, "ndim", 2) <= 2


def _plain(output):
    if issparse(output):
        return output.toarray()
    return output if isinstance(output, list) else np.asarray(output)
