"""A fixed vector for each sequence: some of its channels, whose values stay the same throughout."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ... import _budgets
from ..._threads import one_blas_thread
from ...sequences import release


class Roles(NamedTuple):
    """What the channels of an input are for.

    Attributes
    ----------
    context : ndarray of int
        Channels that hold the context.
    driving : slice or ndarray of int
        Channels that enter the reservoir at every step.
    free : slice or ndarray of int
        Channels that are no context, and are forecast.
    """

    context: np.ndarray
    driving: object = slice(None)
    free: object = slice(None)


def roles_of(context, context_as, n_channels):
    """Sort the channels of an input; the parameters are those of the estimators.

    Raises
    ------
    ValueError
        If ``context`` names a channel that is not there, or twice, or leaves none.
    """
    if context is None:
        return Roles(np.empty(0, dtype=np.int64))
    given = np.atleast_1d(context)
    good = given.ndim == 1 and given.dtype.kind in "iu" and given.size
    if not good or (given < 0).any() or (given >= n_channels).any():
        raise ValueError(
            f"context must hold numbers of channels, from 0 to {n_channels - 1}; got {context!r}."
        )
    if len(set(given.tolist())) < len(given) or len(given) == n_channels:
        raise ValueError(
            f"context must name each channel once and leave one of the {n_channels} that is none; "
            f"got {context!r}."
        )
    free = np.setdiff1d(np.arange(n_channels), given)
    return Roles(given, free if context_as == "state" else slice(None), free)


def driving(batch, roles):
    """Batch of the channels that enter the reservoir."""
    if isinstance(roles.driving, slice):
        return batch
    return replace(batch, values=np.ascontiguousarray(batch.values[:, roles.driving]))


@one_blas_thread()
def begin(states, reservoir, batch, roles, scaling):
    """Let each sequence's context set the state that it begins in.

    h(0) = tanh(scaling · W_c c), the entries of W_c uniform on (−1, 1).

    Parameters
    ----------
    states : ndarray of shape (n_sequences, at least n_units)
        Overwritten.
    reservoir : Reservoir
        W_c is drawn from a seed of its own that goes with it.
    batch : Sequences
        The sequences, each with the same context at all of its steps.
    roles : Roles
        Which channels are the context.
    scaling : float
        Factor.
    """
    rows = batch.values[batch.offsets[:-1]][:, roles.context].astype(np.float64)
    shape = reservoir.n_units, len(roles.context)
    weights = np.random.RandomState([reservoir.noise_seed, 2]).uniform(-1, 1, shape)
    states[:, : reservoir.n_units] = np.tanh(scaling * (rows @ weights.T))


def check_constant(batch, roles):
    """Refuse a context that changes within a sequence."""
    series = np.repeat(np.arange(len(batch)), batch.lengths)
    for start in range(0, len(batch.values), _budgets.LOOK_ROWS):
        rows = slice(start, start + _budgets.LOOK_ROWS)
        part = batch.values[rows]
        first = batch.values[batch.offsets[series[rows]]]
        changed = (part[:, roles.context] != first[:, roles.context]).any(axis=1)
        release(part)
        if changed.any():
            row = start + int(changed.argmax())
            i = int(series[row])
            raise ValueError(
                f"context channels must stay the same throughout a sequence, but they change in "
                f"sequence {batch.first + i}, step {row - int(batch.offsets[i])}."
            )
