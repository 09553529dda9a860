"""How a small change of a state lives on, along a trajectory that an input drives."""

import numpy as np
from sklearn.utils import Bunch, check_random_state

from .._params import count, validate_params
from ..sequences import Sequences
from ._diagnostics import RESERVOIR, check_bounded, driven

_STEP = 1e-7  # of the differences, against the largest of them: what is lost is some 1e-8


@validate_params(
    {
        "estimator": RESERVOIR,
        "n_lags": [count()],
        "n_starts": [count()],
        "washout": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def gradient_through_time(estimator, X, *, n_lags=100, n_starts=5, washout=100, random_state=None):
    """Measure how the derivative of later states with respect to an earlier one decays.

    The spectral norm of ∂x(t + k) / ∂x(t) along the trajectory that the input drives, for k of 0 to
    ``n_lags``: what a gradient through time would be multiplied by, which vanishes or explodes
    [1]_. The trajectory is the reservoir's own, with all that its cell carries; x is the output.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`lyapunov_exponent`.
    X : array-like or list of array-like
        Input, as in :func:`lyapunov_exponent`; of several series, the first counts.
    n_lags : int, default=100
        The largest k.
    n_starts : int, default=5
        How many t to take, evenly spaced between the washout and the last that leaves ``n_lags``
        steps.
    washout : int, default=100
        Steps left out at the start of the series.
    random_state : int, RandomState instance or None, default=None
        See ``estimator``.

    Returns
    -------
    gradient : Bunch
        ``norm`` of shape (n_lags + 1,), the geometric mean over the starts, ``each`` of shape
        (n_starts, n_lags + 1) and ``lags``.

    Raises
    ------
    ValueError
        If the series has fewer than washout + n_lags steps, or states grow without bound.

    References
    ----------
    .. [1] Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent
       is difficult, IEEE Transactions on Neural Networks 5(2).

    Examples
    --------
    A linear ring leaves all of a difference but what its radius takes at each step:

    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import gradient_through_time
    >>> ring = ReservoirStates(20, topology="ring", spectral_radius=0.9, activation="identity",
    ...                        random_state=0)
    >>> gradient = gradient_through_time(ring, np.ones((300, 1)), n_lags=20)
    >>> [round(float(norm), 4) for norm in gradient.norm[[0, 10, 20]]]
    [1.0, 0.3487, 0.1216]
    """
    reservoir, batch = driven(estimator, X, washout, check_random_state(random_state))
    lanes, values = reservoir.lanes(np.float64), batch[0]
    if len(values) < max(washout, 1) + n_lags:
        raise ValueError(
            f"washout={washout} and n_lags={n_lags} take {max(washout, 1) + n_lags} steps, and the "
            f"series has {len(values)}."
        )
    starts = np.linspace(max(washout, 1), len(values) - n_lags, n_starts).astype(int)
    each = np.array([_norms(lanes, values, start, n_lags) for start in starts])
    with np.errstate(divide="ignore"):
        norm = np.exp(np.log(each).mean(axis=0))
    return Bunch(norm=norm, each=each, lags=np.arange(n_lags + 1))


def _norms(lanes, values, start, n_lags):
    """Norms of ∂x(start + k) / ∂x(start), by differences of trajectories that run side by side."""
    n = lanes.n_units
    free = slice(lanes.n_free)  # all that is carried but a clock
    state = lanes.run(Sequences(values[:start], np.array([0, start]), "series"), None)
    check_bounded(state)
    tangents = np.eye(n, lanes.n_free)  # of the derivative, divided by ``scale``
    norms, scale = [1.0], 1.0
    rows = np.arange(n + 2)
    for u in values[start : start + n_lags]:
        states = np.repeat(state, n + 1, axis=0)
        step = _STEP * max(1.0, np.abs(state).max())
        states[1:, free] += step * tangents
        inputs = np.ascontiguousarray(np.broadcast_to(u, (n + 1, len(u))))
        lanes.run(Sequences(inputs, rows, "list"), None, states=states)
        check_bounded(states)
        state = states[:1].copy()
        tangents = (states[1:, free] - state[:, free]) / step
        norms.append(scale * np.linalg.norm(tangents[:, :n], 2))
        largest = np.abs(tangents).max()
        if largest == 0:
            norms += [0.0] * (n_lags + 1 - len(norms))
            break
        tangents, scale = tangents / largest, scale * largest
    return norms
