"""A fixed vector for each sequence: some of its channels, whose values stay the same throughout."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from ... import _budgets
from ..._announce import announce
from ..._params import Integral, Interval, Real, StrOptions
from ..._threads import one_blas_thread
from ...exceptions import IgnoredParameterWarning
from ...sequences import release


class Context(BaseEstimator):
    """Channels that are a fixed vector for each sequence: the value of an estimator's ``context``.

    The channels of the context hold the same values at all steps of a sequence, and are not
    forecast. ``context=(0, 2)`` stands for ``Context((0, 2))``.

    Parameters
    ----------
    channels : int or array-like of int
        Numbers of the channels.
    enters : {"both", "input", "state"}, default="both"
        What the context does. ``"input"``: its channels enter at every step, as all others do.
        ``"state"``: the context sets the state in which the sequence begins,
        h(0) = tanh(scaling · W_c c) with W_c uniform on (−1, 1). ``"both"``: the two together.
    scaling : float, default=1.0
        Factor on W_c, for ``enters="state"`` and ``"both"``.

    References
    ----------
    .. [1] Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, EMNLP: a
       vector that sets the first state and enters at each step.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Context
    >>> X = np.column_stack([np.sin(np.arange(20.0)), np.full(20, 3.0)])
    >>> esn = ReservoirStates(10, context=Context(1, enters="state"), random_state=0).fit(X)
    >>> esn.reservoir_.n_channels  # the context does not enter at each step
    1
    """

    _parameter_constraints = {
        "channels": [Integral, "array-like"],
        "enters": [StrOptions({"both", "input", "state"})],
        "scaling": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(self, channels, *, enters="both", scaling=1.0):
        self.channels = channels
        self.enters = enters
        self.scaling = scaling

    def roles(self, n_channels):
        """What each channel is for.

        Parameters
        ----------
        n_channels : int
            Number of channels.

        Returns
        -------
        Roles

        Raises
        ------
        ValueError
            If ``channels`` names a channel that is not there, or twice, or leaves none.
        """
        self._validate_params()
        given = np.atleast_1d(self.channels)
        good = given.ndim == 1 and given.dtype.kind in "iu" and given.size
        if not good or (given < 0).any() or (given >= n_channels).any():
            raise ValueError(
                f"context must hold numbers of channels, from 0 to {n_channels - 1}; got "
                f"{self.channels!r}."
            )
        if len(set(given.tolist())) < len(given) or len(given) == n_channels:
            raise ValueError(
                f"context must name each channel once and leave one of the {n_channels} channels "
                f"that is not part of the context; got {self.channels!r}."
            )
        if self.enters == "input" and self.scaling != 1.0:
            announce(
                f"scaling={self.scaling!r} means nothing beside enters='input': the context then "
                "enters as other channels do, by input_scaling. Leave scaling out.",
                IgnoredParameterWarning,
            )
        free = np.setdiff1d(np.arange(n_channels), given)
        driving = free if self.enters == "state" else slice(None)
        return Roles(given, driving, free, None if self.enters == "input" else self.scaling)


class Roles(NamedTuple):
    """What the channels of an input are for.

    Attributes
    ----------
    context : ndarray of int
        Channels that hold the context.
    driving : slice or ndarray of int
        Channels that enter the reservoir at every step.
    free : slice or ndarray of int
        Channels that are not part of the context, and are forecast.
    scaling : float or None
        Factor on W_c; None where the context does not set the first state.
    """

    context: np.ndarray = ()
    driving: object = slice(None)
    free: object = slice(None)
    scaling: float | None = None

    def beside(self, n_channels, n_known):
        """Roles of the same channels, after which those of covariates follow."""
        if not n_known:
            return self
        driving, free = self.driving, np.arange(n_channels)[self.free]
        if not isinstance(driving, slice):
            driving = np.concatenate([driving, n_channels + np.arange(n_known)])
        return self._replace(driving=driving, free=free)


def roles_of(context, n_channels):
    """Roles of the channels, given the parameter ``context`` of an estimator."""
    if context is None:
        return Roles()
    context = context if isinstance(context, Context) else Context(context)
    return context.roles(n_channels)


def driving(batch, roles):
    """Batch of the channels that enter the reservoir."""
    if isinstance(roles.driving, slice):
        return batch
    return replace(batch, values=np.ascontiguousarray(batch.values[:, roles.driving]))


@one_blas_thread()
def begin(states, reservoir, batch, roles):
    """Let the context of each sequence set the state in which the sequence begins.

    h(0) = tanh(scaling · W_c c), the entries of W_c uniform on (−1, 1).

    Parameters
    ----------
    states : ndarray of shape (n_sequences, at least n_units)
        Overwritten.
    reservoir : Reservoir
        W_c is drawn from a seed of its own that goes with the reservoir.
    batch : Sequences
        The sequences, each with the same context at all of its steps.
    roles : Roles
        Which channels are the context.
    """
    rows = batch.values[batch.offsets[:-1]][:, roles.context].astype(np.float64)
    shape = reservoir.n_units, len(roles.context)
    weights = np.random.RandomState([reservoir.noise_seed, 2]).uniform(-1, 1, shape)
    states[:, : reservoir.n_units] = np.tanh(roles.scaling * (rows @ weights.T))


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
