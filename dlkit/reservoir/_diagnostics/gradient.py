"""How far gradients reach back in time: norms of products of a driven reservoir's Jacobians.

Steps of other cells than leaky units are differentiated numerically.
"""

import numpy as np
from sklearn.utils import check_random_state

from ..._params import StrOptions, count, validate_params
from ..._threads import one_blas_thread
from ...sequences import Sequences
from .stability import RESERVOIR, _driven, check_bounded, is_smooth, leaky_slope

# Step of central differences: errors of rounding and of curvature are then about equal.
_STEP = np.finfo(np.float64).eps ** (1 / 3)


def leaky(reservoir, before, after):
    """Apply ∂x(t)/∂x(t − 1) = diag(1 − a) + diag(a f′(z)) W of leaky units.

    Parameters
    ----------
    reservoir : Reservoir
        Leaky units with a named activation.
    before, after : ndarray of shape (n_units,)
        States before and after the step.

    Returns
    -------
    product : callable
        Of an ndarray (m, n_units): its product with the Jacobian, from the right.
    """
    a, slope = leaky_slope(reservoir, before, after)
    return lambda G: G * (1 - a) + (G * slope) @ reservoir.matrix


def numeric(reservoir, before, u):
    """Apply the Jacobian of any cell, found by central differences: as :func:`leaky`.

    Parameters
    ----------
    reservoir : Reservoir
        Anything with an engine.
    before : ndarray of shape (n_state,)
        State before the step.
    u : ndarray of shape (n_channels,)
        Input of the step.
    """
    lanes = reservoir.lanes(np.float64)
    n = lanes.n_free  # what else is carried is no number to vary
    step = _STEP * max(1.0, np.abs(before[:n]).max())
    moved = np.tile(before, (2 * n, 1))
    moved[:n, :n] += step * np.eye(n)
    moved[n:, :n] -= step * np.eye(n)
    inputs = Sequences(np.tile(u, (2 * n, 1)), np.arange(2 * n + 1), "list")
    lanes.run(inputs, None, states=moved)
    jacobian = (moved[:n, :n] - moved[n:, :n]).T / (2 * step)
    return lambda G: G @ jacobian


def _jacobian(reservoir, before, after, u):
    if is_smooth(reservoir):
        return leaky(reservoir, before, after)
    return numeric(reservoir, before, u)


@validate_params(
    {
        "estimator": RESERVOIR,
        "n_steps": [count()],
        "norm": [StrOptions({"spectral", "frobenius"})],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
@one_blas_thread()
def gradient_norms(estimator, X, *, n_steps=100, norm="spectral", random_state=None):
    """Measure how a reservoir's last outputs depend on the states before, under an input.

    The norms, along the trajectory that a series drives, of::

        ∂h(T)/∂s(T − k) = H J(T) J(T − 1) ... J(T − k + 1)

    in which J(t) is the Jacobian of step t and H picks the outputs h of the units from all that is
    carried, s: of leaky units s is h, while an LSTM also carries its c, and delayed links the
    outputs before. The decay of the norms is what gradients through time suffer from in a network
    that is trained: they vanish, or explode, with the power of k [1]_.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`lyapunov_exponent`.
    X : array-like or list of array-like
        Input, as in :func:`lyapunov_exponent`; T is the last step of each series.
    n_steps : int, default=100
        Largest k.
    norm : {"spectral", "frobenius"}, default="spectral"
        Largest singular value, or root of the sum of squares over the number of outputs.
    random_state : int, RandomState instance or None, default=None
        As in :func:`lyapunov_exponent`.

    Returns
    -------
    norms : ndarray of shape (n_series, n_steps + 1)
        Entry k of each row is that of ∂h(T)/∂s(T − k), beginning with one.

    Raises
    ------
    ValueError
        If a series has fewer than ``n_steps`` steps, or its states grow without bound.

    Notes
    -----
    Exact for leaky units with a named activation; other cells, other activations and several
    layers are differentiated numerically, to some 1e-9 of the norm in each step.

    References
    ----------
    .. [1] Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent
       is difficult, IEEE Transactions on Neural Networks 5(2).

    Examples
    --------
    An orthogonal linear map hands on everything, leaky units at rest forget at a steady rate:

    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import gradient_norms
    >>> ring = ReservoirStates(20, topology="ring", spectral_radius=1.0, activation="identity")
    >>> gradient_norms(ring, np.ones((50, 1)), n_steps=4).round(6)
    array([[1., 1., 1., 1., 1.]])
    >>> leaky = ReservoirStates(20, topology="ring", spectral_radius=0.8, leak_rate=0.5)
    >>> rest = leaky.set_params(input_scaling=0.0, bias_scaling=0.0)
    >>> gradient_norms(rest, np.ones((50, 1)), n_steps=2).round(6)
    array([[1.  , 0.9 , 0.81]])
    """
    rng, n_steps = check_random_state(random_state), int(n_steps)
    reservoir, batch, starts = _driven(estimator, X, n_steps - 1, rng)
    lanes = reservoir.lanes(np.float64)
    found = np.empty((len(batch), n_steps + 1))
    for i in range(len(batch)):
        values, state = batch[i].astype(np.float64), starts[i : i + 1].copy()
        start = len(values) - n_steps
        if start:
            _run(lanes, values[:start], state)
        path = [state[0].copy()]
        for u in values[start:]:
            _run(lanes, u[None], state)
            path.append(state[0].copy())
        check_bounded(np.array(path))
        n, n_free = lanes.n_units, lanes.n_free  # outputs, and numbers carried but for a clock
        product = np.eye(n, n_free)
        found[i, 0] = 1.0
        for k in range(1, n_steps + 1):
            t = n_steps - k
            product = _jacobian(reservoir, path[t], path[t + 1], values[start + t])(product)
            if norm == "spectral":
                found[i, k] = np.linalg.norm(product, 2)
            else:
                found[i, k] = np.linalg.norm(product) / np.sqrt(n)
    return found


def _run(lanes, values, state):
    lanes.run(Sequences(values, np.array([0, len(values)]), "series"), None, states=state)
