"""What a reservoir can remember and tell apart: memory capacity, kernel and generalisation rank."""

import numpy as np
from sklearn.utils import Bunch, check_random_state

from ..._params import Interval, Real, count, non_negative, plain, validate_params
from ..._threads import one_blas_thread
from ...readout import Moments, RidgeReadout
from ...sequences import Sequences, pack
from .stability import RESERVOIR, as_driver, check_bounded

_TRAINING_SHARE = 0.8


@validate_params(
    {
        "estimator": RESERVOIR,
        "n_steps": [count(20)],
        "max_delay": [count(), None],
        "washout": [count(0)],
        "alpha": [non_negative()],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
@one_blas_thread()
def memory_capacity(
    estimator, *, n_steps=100_000, max_delay=None, washout=1000, alpha=1e-6, random_state=None
):
    """Measure how much of its past input can be read from a reservoir's state.

    The input u is independent and uniform on [−1, 1], and a linear readout û_d of the state x(t)
    is fitted to the input d steps ago, for each d. The capacity [1]_ is the sum of their squared
    correlations on steps the readouts have not seen::

        MC = Σ_d r²(u(t − d), û_d(t)),    d = 1, …, max_delay

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        If it is not fitted, a copy draws the reservoir, for one channel, seeded by this
        function's ``random_state`` where its own is None. It is never changed; its noise and its
        readout are left out. The channels of a fitted one get inputs independent of each other,
        and the capacities for all are added up.
    n_steps : int, default=100_000
        Steps counted: the first four fifths fit the readouts, the rest measure. States
        are summed up as they come, not kept.
    max_delay : int, default=None
        Longest delay, 2 n_units if None.
    washout : int, default=1000
        Steps run before these, or ``max_delay`` if that is more.
    alpha : float, default=1e-6
        Ridge penalty. Over 80,000 steps the default acts as noise of variance 1.25e-11 on the
        states would: inputs that only weaker components of the states hold are not counted.
    random_state : int, RandomState instance or None, default=None
        Draws the input (and see ``estimator``).

    Returns
    -------
    capacity : Bunch
        ``total``, a float; ``by_delay``, its terms, of shape (max_delay,); ``delays``, 1 to
        max_delay.

    Raises
    ------
    ValueError
        If the states grow without bound.

    Notes
    -----
    Independent series of n steps have r² of 1 / (n − 1) on average, so 1 − (1 − r²)(n − 1)/(n − 2)
    stands for r²: a delay that is not remembered adds zero on average, and single terms may lie
    just below. What is left is the error of the fitted readouts, which takes about n_units divided
    by the training steps off each term that is neither zero nor one: at 100 units and the default
    ``n_steps`` some 0.001 to 0.002 off each, 0.2 off a total of 99.

    The capacity is n_units at most, delay 0 included. That delay, which is not counted, takes
    1 − det(A)² of a linear reservoir with state matrix A = (1 − a) I + a W all of whose units the
    input excites, so that MC = n_units − 1 + det(A)²: for a ring of radius r, N − (1 − r^(2N))
    [2]_. Much of that is below any readout's precision unless A is close to orthogonal.

    References
    ----------
    .. [1] Jaeger (2001), Short term memory in echo state networks, GMD report 152.
    .. [2] Rodan & Tino (2011), Minimum complexity echo state network, IEEE Transactions on Neural
       Networks 22(1).

    Examples
    --------
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import memory_capacity
    >>> ring = ReservoirStates(20, topology="ring", spectral_radius=0.8, activation="identity",
    ...                        bias_scaling=0, random_state=0)
    >>> capacity = memory_capacity(ring, n_steps=10_000, random_state=0)
    >>> round(capacity.total, 1), round(20 - 1 + 0.8**40, 1)
    (19.0, 19.0)
    >>> capacity.by_delay.shape
    (40,)
    """
    rng = check_random_state(random_state)
    reservoir = as_driver(estimator, rng).drawn
    n_steps, max_delay, washout = plain((n_steps, max_delay, washout))
    max_delay = 2 * reservoir.n_units if max_delay is None else max_delay
    lead = max(washout, max_delay)
    cut = lead + int(_TRAINING_SHARE * n_steps)
    u = rng.uniform(-1, 1, (lead + n_steps, reservoir.n_channels))
    # row t − max_delay, of shape (n_channels, max_delay): the inputs 1, 2, … steps before t
    past = np.lib.stride_tricks.sliding_window_view(u, max_delay + 1, axis=0)[:, :, -2::-1]

    def targets(start, stop):
        return past[start - max_delay : stop - max_delay].reshape(stop - start, -1)

    moments = Moments()

    def learn(span, block):
        check_bounded(block[-1])
        first = max(lead, span.start)
        if first < span.stop:
            moments.update(block[first - span.start :], targets(first, span.stop))

    lanes = reservoir.lanes(np.float64)
    states = lanes.run(_series(u[:cut]), learn)
    readout = RidgeReadout(alpha).fit_moments(moments)
    sums = np.zeros((5, max_delay * reservoir.n_channels))

    def measure(span, block):
        p, y = readout.predict(block), targets(cut + span.start, cut + span.stop)
        p = p.reshape(y.shape)
        sums[:] += [a.sum(axis=0) for a in (p, y, p * p, y * y, p * y)]

    lanes.run(_series(u[cut:]), measure, states=states)
    r2 = _squared_correlation(*sums, len(u) - cut)
    by_delay = r2.reshape(-1, max_delay).sum(axis=0)
    delays = np.arange(1, max_delay + 1)
    return Bunch(total=float(by_delay.sum()), by_delay=by_delay, delays=delays)


_RANK_CONSTRAINTS = {
    "estimator": RESERVOIR,
    "n_inputs": [count(), None],
    "n_steps": [count()],
    "rtol": [Interval(Real, 0, 1, closed="left")],
    "random_state": ["random_state"],
}


@validate_params(_RANK_CONSTRAINTS, prefer_skip_nested_validation=True)
def kernel_rank(estimator, *, n_inputs=None, n_steps=100, rtol=0.01, random_state=None):
    """Count the independent directions into which different inputs drive a reservoir.

    The rank of the matrix of final states x_i(T), as a readout sees them, under m independent
    inputs u_1 to u_m, the kernel quality of [1]_: a linear readout can give that many inputs any
    targets it likes. A reservoir computes well where it is high and :func:`generalization_rank`
    low.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`memory_capacity`.
    n_inputs : int, default=None
        m; if None, as many as the readout sees columns. The inputs are independent and uniform on
        [−1, 1], and all begin at rest.
    n_steps : int, default=100
        T, the length of each.
    rtol : float, default=0.01
        Singular values above ``rtol`` times the largest count. In exact arithmetic nearly every
        reservoir has full rank; what is meant is the rank beyond the readout's precision.
    random_state : int, RandomState instance or None, default=None
        Draws the inputs (and see ``estimator``).

    Returns
    -------
    rank : int
        At most n_inputs and the number of columns that a readout sees.

    References
    ----------
    .. [1] Legenstein & Maass (2007), Edge of chaos and prediction of computational performance for
       neural circuit models, Neural Networks 20(3).

    Examples
    --------
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import kernel_rank
    >>> weak, strong = (ReservoirStates(40, spectral_radius=r, random_state=0) for r in (0.3, 0.9))
    >>> kernel_rank(weak, random_state=0) < kernel_rank(strong, random_state=0) <= 40
    True
    """
    return _rank(estimator, n_inputs, n_steps, 0, rtol, random_state)


@validate_params(_RANK_CONSTRAINTS | {"n_shared": [count(0)]}, prefer_skip_nested_validation=True)
def generalization_rank(
    estimator, *, n_shared=10, n_inputs=None, n_steps=100, rtol=0.01, random_state=None
):
    """Count the directions in which a reservoir still tells apart inputs that end alike.

    As :func:`kernel_rank`, but the m inputs are the same in their last steps [1]_. The fewer
    directions are left, the better the reservoir generalises over what lies further back; a
    chaotic one keeps as many as its kernel rank [2]_.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`memory_capacity`.
    n_shared : int, default=10
        Last steps in which all inputs are the same, at most ``n_steps``.
    n_inputs : int, default=None
        As in :func:`kernel_rank`.
    n_steps : int, default=100
        As in :func:`kernel_rank`.
    rtol : float, default=0.01
        As in :func:`kernel_rank`.
    random_state : int, RandomState instance or None, default=None
        As in :func:`kernel_rank`; the same seed draws the same inputs but for the shared steps.

    Returns
    -------
    rank : int
        At most n_inputs and the number of columns that a readout sees.

    References
    ----------
    .. [1] Büsing, Schrauwen & Legenstein (2010), Connectivity, dynamics, and memory in reservoir
       computing with binary and analog neurons, Neural Computation 22(5).
    .. [2] Legenstein & Maass (2007), Edge of chaos and prediction of computational performance for
       neural circuit models, Neural Networks 20(3).

    Examples
    --------
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import generalization_rank, kernel_rank
    >>> esn = ReservoirStates(40, spectral_radius=0.9, random_state=0)
    >>> generalization_rank(esn, random_state=0) < kernel_rank(esn, random_state=0)
    True
    """
    if n_shared > n_steps:
        raise ValueError(
            f"n_shared must be at most n_steps={n_steps}, the length of the inputs; got {n_shared}."
        )
    return _rank(estimator, n_inputs, n_steps, n_shared, rtol, random_state)


@one_blas_thread()
def _rank(estimator, n_inputs, n_steps, n_shared, rtol, random_state):
    rng = check_random_state(random_state)
    reservoir = as_driver(estimator, rng).drawn
    n_inputs, n_steps, n_shared = plain((n_inputs, n_steps, n_shared))
    n_inputs = reservoir.n_features if n_inputs is None else n_inputs
    u = rng.uniform(-1, 1, (n_inputs, n_steps, reservoir.n_channels))
    u[:, n_steps - n_shared :] = u[0, n_steps - n_shared :]
    states = reservoir.rest(n_inputs, np.float64)
    reservoir.lanes(np.float64).run(pack(u), None, states=states)
    check_bounded(states)
    values = np.linalg.svd(reservoir.read(states), compute_uv=False)
    return int(np.count_nonzero(values > rtol * values[0]))


def _series(u):
    return Sequences(u, np.array([0, len(u)]), "series")


def _squared_correlation(p, y, pp, yy, py, n):
    """From sums over n steps; adjusted so that independent series have zero on average."""
    variances = (pp - p * p / n) * (yy - y * y / n)
    covariance = py - p * y / n
    r2 = np.divide(covariance**2, variances, out=np.zeros(len(p)), where=variances > 0)
    return 1 - (1 - r2) * (n - 1) / (n - 2)
