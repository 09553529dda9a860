"""Sequences as inputs of a reservoir that predicts each step from those before, and its rows."""

import numpy as np

from .. import _budgets
from ..sequences import Sequences


def inputs_of(values, lengths, contexts, ends):
    """Batch whose row t tells step t: the step before, a mark of the beginning, the context.

    Parameters
    ----------
    values : ndarray of shape (total steps, n_channels)
        Steps of all sequences.
    lengths : ndarray of shape (n_sequences,)
        Steps of each.
    contexts : ndarray of shape (n_sequences, n_context) or None
        A vector for each.
    ends : bool
        Whether there is a row after the last step, too.

    Returns
    -------
    Sequences
        Of ``lengths + ends`` rows each.
    """
    n, C = len(lengths), values.shape[1]
    offsets = np.concatenate([[0], np.cumsum(lengths + ends)]).astype(np.int64)
    d = 0 if contexts is None else contexts.shape[1]
    found = np.zeros((offsets[-1], C + 1 + d), dtype=values.dtype)
    found[offsets[:-1], C] = 1.0
    at = 0
    for i in range(n):
        told = lengths[i] - (not ends)
        found[offsets[i] + 1 : offsets[i] + 1 + told, :C] = values[at : at + told]
        at += lengths[i]
    if d:
        found[:, C + 1 :] = np.repeat(contexts, lengths + ends, axis=0)
    return Sequences(found, offsets, "list")


def blocks_of(driver, batch, most=None, n_jobs=None):
    """Yield slices of all rows and the rows, in order; long sequences are cut."""
    width = driver.n_columns * batch.values.itemsize
    if most is None:
        size = min(_budgets.STATES_BYTES // 4, _budgets.CHUNKED_SPAN_BYTES)
        most = max(size // width, 256)
    first = 0
    while first < len(batch):
        limit = batch.offsets[first] + most
        last = int(np.searchsorted(batch.offsets, limit, side="right")) - 1
        if last > first:  # whole sequences
            part = batch.part(first, last)
            yield slice(*batch.offsets[[first, last]].tolist()), rows_of(driver, part, n_jobs)
            first = last
            continue
        single = batch.part(first, first + 1)
        states, start = driver.rest(single), int(batch.offsets[first])
        for a in range(0, len(single.values), most):
            values = single.values[a : a + most]
            part = Sequences(values, np.array([0, len(values)]), "list")
            rows = rows_of(driver, part, n_jobs, states)
            yield slice(start + a, start + a + len(values)), rows
        first += 1


def rows_of(driver, batch, n_jobs=None, states=None):
    """Rows of all steps of a batch; ``states`` are advanced in place, if given."""
    out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
    driver.run(batch, states=states, out=out, n_jobs=n_jobs)
    return out


def is_large(driver, batch):
    """Whether all rows at once would take much memory."""
    return len(batch.values) * driver.n_columns * batch.values.itemsize > _budgets.STATES_BYTES
