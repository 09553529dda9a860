"""How stable a reservoir is: its radii, Lyapunov exponent and echo state index.

What a reservoir can remember and tell apart is in ``capacity.py``.
"""

from dataclasses import replace

import numpy as np
from sklearn.base import clone
from sklearn.utils import Bunch, check_random_state

from ... import _budgets
from ..._jit.activations import ACTIVATIONS
from ..._params import count, validate_params
from ..._threads import one_blas_thread
from ...sequences import Sequences, pack
from .._driver import Driver
from .._matrices.spectral import effective_radius, spectral_norm, spectral_radius
from .._models.layers import DeepReservoir
from .._models.monomials import Monomials
from .._models.plasticity import plastic
from .._models.reservoir import LARGEST_SEED, Reservoir
from .._models.scale import saturated_share
from .._scan import ImageScanFeatures
from .._sequence_esn import SequenceReservoir
from .._states import StepStates
from .._step_esn import StepESN
from .._step_forecaster import Forecaster

# Distance of the second trajectory: below it rounding, above it curvature would show.
_APART = np.finfo(np.float64).eps ** 0.5
_UNBOUNDED = 1e150  # its square is still finite

DRAWN = (Reservoir, DeepReservoir, Monomials)  # what an estimator has as its ``reservoir_``
RESERVOIR = [
    SequenceReservoir,
    StepStates,
    StepESN,
    ImageScanFeatures,
    *DRAWN,
]  # constraint of the parameter ``estimator``


@validate_params(
    {"estimator": RESERVOIR, "washout": [count(0)], "random_state": ["random_state"]},
    prefer_skip_nested_validation=True,
)
def diagnose(estimator, X=None, *, washout=100, random_state=None):
    """Collect what tells whether a reservoir is stable.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`lyapunov_exponent`.
    X : array-like or list of array-like, default=None
        Input, as in :func:`lyapunov_exponent`; without it only W is looked at.
    washout : int, default=100
        Steps of each series left out.
    random_state : int, RandomState instance or None, default=None
        As in :func:`lyapunov_exponent`.

    Returns
    -------
    diagnosis : Bunch
        ``spectral_radius`` and ``spectral_norm`` of W, ``effective_radius`` of (1 − a) I + a W
        (of several ``layers``, arrays with a number for each) and, with ``X``,
        ``lyapunov_exponent``, ``echo_state_index`` and ``saturated_share``: the share of the
        units' outputs, over all steps, at which the activation has less than a hundredth of its
        steepest slope (of ``"relu"``, the share of units that put out zero throughout; NaN for an
        activation of one's own).

    Raises
    ------
    ValueError
        If there is no W, as in an NVAR.

    References
    ----------
    .. [1] Gallicchio (2018), Chasing the echo state property, arXiv:1811.10892.
    .. [2] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3): the effective radius.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import diagnose
    >>> d = diagnose(ReservoirStates(50, topology="ring", leak_rate=0.5), np.ones((400, 1)),
    ...              washout=300)
    >>> round(d.spectral_radius, 6), round(d.spectral_norm, 6), round(d.effective_radius, 6)
    (0.9, 0.9, 0.95)
    >>> d.lyapunov_exponent < 0, d.echo_state_index < 1e-6
    (True, True)
    """
    rng, washout = check_random_state(random_state), int(washout)
    if X is None:
        reservoir = as_driver(estimator, rng).drawn  # W does not depend on the channels
    else:
        reservoir, batch, starts = _driven(estimator, X, washout, rng)
    if isinstance(reservoir, Monomials):
        raise ValueError("diagnose measures W, which an NVAR has not; use lyapunov_exponent.")
    if isinstance(reservoir, DeepReservoir):
        each = [_measured(layer) for layer in reservoir.layers]
        diagnosis = Bunch(**{key: np.array([one[key] for one in each]) for key in each[0]})
    else:
        diagnosis = _measured(reservoir)
    if X is not None:
        diagnosis.lyapunov_exponent = _lyapunov_exponent(reservoir, batch, starts, washout, rng)
        diagnosis.echo_state_index = _echo_state_index(reservoir, batch, starts, 10, washout, rng)
        diagnosis.saturated_share = saturated_share(reservoir, batch, starts.copy(), washout)
    return diagnosis


@validate_params(
    {"estimator": RESERVOIR, "washout": [count(0)], "random_state": ["random_state"]},
    prefer_skip_nested_validation=True,
)
def lyapunov_exponent(estimator, X, *, washout=100, random_state=None):
    """Measure the largest Lyapunov exponent of a reservoir driven by a series.

    The mean rate, per step, at which two trajectories under the same input part::

        λ = 1 / (T − washout) Σ_t log(‖x′(t) − x(t)‖ / ‖x′(t − 1) − x(t − 1)‖)

    where x′ is brought back to a small distance after each step, in the direction in which it left
    [1]_. Below zero the reservoir forgets where it began; above zero it is chaotic.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        If it is not fitted, a copy draws the reservoir, seeded by this function's
        ``random_state`` where its own is None. It is never changed, and its noise is left out.
    X : array-like or list of array-like
        Input in any form the estimator takes; for a :class:`Reservoir` as for
        :class:`ReservoirStates`, one series of shape (T, C) or several. Zeros give the exponent
        of the undriven reservoir. A ``context`` sets where the series begin; outputs that are fed
        back are the last channels.
    washout : int, default=100
        Steps left out at the start of each series, in which the difference turns into the
        direction that grows fastest.
    random_state : int, RandomState instance or None, default=None
        Draws the direction in which the trajectories part first (and see ``estimator``).

    Returns
    -------
    exponent : float
        In natural units per step, the mean over all steps of all series; −inf where the
        difference vanishes, as it does for a nilpotent W or units that are all saturated.

    Raises
    ------
    ValueError
        If the states grow without bound, the washout is as long as a series, or the channels of
        ``X`` are not those of the estimator.

    Notes
    -----
    Of leaky units with a named activation the growth is that of the tangent map. Other cells and
    activations need no derivative: there x′ lies 1.5e-8 from x (relative to ‖x‖, if that is above
    one), and the growth is that of the tangent map to some 1e-8. Where the difference vanishes
    within the washout, another begins.

    References
    ----------
    .. [1] Benettin, Galgani & Strelcyn (1976), Kolmogorov entropy and numerical experiments,
       Physical Review A 14(6).

    Examples
    --------
    A linear leaky reservoir parts at the rate of the effective radius:

    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import lyapunov_exponent
    >>> esn = ReservoirStates(50, topology="ring", spectral_radius=0.8, leak_rate=0.5,
    ...                       activation="identity", random_state=0)
    >>> exponent = lyapunov_exponent(esn, np.ones((1200, 1)), washout=1000, random_state=0)
    >>> round(exponent, 4), round(float(np.log(0.9)), 4)
    (-0.1054, -0.1054)
    """
    rng, washout = check_random_state(random_state), int(washout)
    return _lyapunov_exponent(*_driven(estimator, X, washout, rng), washout, rng)


@validate_params(
    {
        "estimator": RESERVOIR,
        "n_starts": [count()],
        "washout": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def echo_state_index(estimator, X, *, n_starts=10, washout=100, random_state=None):
    """Measure how far a series leaves a reservoir from forgetting where it began.

    The mean distance, after a transient, between the trajectory from rest, x₀, and those from
    P random states, x₁ to x_P, under the same input [1]_::

        1 / P Σ_i 1 / (T − washout) Σ_t ‖x_i(t) − x₀(t)‖

    It is zero, but for what is left of the transient, where the echo state property holds for
    this input. Other than the Lyapunov exponent it sees several stable trajectories side by side.

    Parameters
    ----------
    estimator : reservoir estimator or Reservoir
        As in :func:`lyapunov_exponent`.
    X : array-like or list of array-like
        Input, as in :func:`lyapunov_exponent`.
    n_starts : int, default=10
        P; each unit of each state is drawn uniformly from [−1, 1].
    washout : int, default=100
        Steps left out at the start of each series.
    random_state : int, RandomState instance or None, default=None
        Draws the states (and see ``estimator``).

    Returns
    -------
    index : float
        The mean over all steps of all series. It grows with the root of the number of units.

    Raises
    ------
    ValueError
        As in :func:`lyapunov_exponent`.

    References
    ----------
    .. [1] Gallicchio (2018), Chasing the echo state property, arXiv:1811.10892.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import echo_state_index
    >>> u = np.random.RandomState(0).uniform(-0.1, 0.1, (200, 1))
    >>> for radius in (0.5, 2.0):
    ...     esn = ReservoirStates(40, spectral_radius=radius, random_state=0)
    ...     print(bool(echo_state_index(esn, u, random_state=0) < 1e-9))
    True
    False
    """
    rng = check_random_state(random_state)
    n_starts, washout = int(n_starts), int(washout)
    return _echo_state_index(*_driven(estimator, X, washout, rng), n_starts, washout, rng)


def _measured(reservoir):
    """Radii and norm of one W."""
    W, leak_rate = reservoir.matrix, reservoir.leak_rate
    if np.ndim(leak_rate):
        leak_rate = leak_rate[-W.shape[0] :]  # after the units of a linear memory
    return Bunch(
        spectral_radius=spectral_radius(W),
        spectral_norm=spectral_norm(W),
        effective_radius=effective_radius(W, leak_rate),
    )


def as_driver(estimator, rng, n_channels=1):
    """Driver of an estimator; of an unfitted one, as a copy draws it for ``n_channels``."""
    if isinstance(estimator, DRAWN):
        return Driver(estimator)
    if isinstance(estimator, ImageScanFeatures):
        raise ValueError(
            "ImageScanFeatures has a reservoir for each direction: fit it and hand over one of "
            "reservoirs_."
        )
    if hasattr(estimator, "driver_"):
        return estimator.driver_
    estimator = clone(estimator)
    if getattr(estimator, "random_state", 0) is None:
        estimator.set_params(random_state=rng.randint(LARGEST_SEED))
    estimator._validate_params()
    driver = estimator._new_driver(n_channels)
    if plastic(driver.drawn):
        raise ValueError(
            "plasticity adapts a reservoir in fit: hand over an estimator that is fitted."
        )
    return driver


def check_bounded(states):
    """Refuse states whose distances would overflow."""
    if not np.abs(states).max() < _UNBOUNDED:
        raise ValueError(
            "The states of the reservoir grow without bound under this input: spectral_radius is "
            "too large for its activation, or the series too long."
        )


def _driven(estimator, X, washout, rng):
    """Return the reservoir, its input, packed, and the state that each series begins in."""
    batch = pack(X, rows="sequences" if isinstance(estimator, SequenceReservoir) else "steps")
    if batch.lengths.min() <= washout:
        raise ValueError(
            f"washout={washout} leaves no step of series {batch.lengths.argmin()}, which has "
            f"{batch.lengths.min()}: every series must be longer than the washout."
        )
    driver = as_driver(estimator, rng, batch.n_channels)
    n_fed, drawn = driver.n_fed, driver.drawn
    fitted = getattr(estimator, "n_channels_in_", batch.n_channels)
    expected = drawn.n_channels if estimator is drawn else fitted + n_fed
    if batch.n_channels != expected:
        beside = f", of which the last {n_fed} are outputs that are fed back" if n_fed else ""
        raise ValueError(
            f"X has {batch.n_channels} channels, but the reservoir has {expected}{beside}."
        )
    own = batch.n_channels - n_fed
    fed = batch.values[:, own:] if n_fed else None
    batch = replace(batch, values=batch.values[:, :own].astype(np.float64))
    if isinstance(estimator, Forecaster):
        batch = estimator._in_units(batch)
    states = driver.begin(batch)
    return drawn, driver.inputs(batch, fed), states[:, : states.shape[1] - n_fed]


def _lyapunov_exponent(reservoir, batch, starts, washout, rng):
    each = zip((batch[i] for i in range(len(batch))), starts, strict=True)
    growth = _tangent_growth if is_smooth(reservoir) else _growth
    total = sum(growth(reservoir, values, start, washout, rng) for values, start in each)
    return float(total / (batch.lengths - washout).sum())


def is_smooth(reservoir):
    """Whether the derivative of a step is known: leaky units with a named activation."""
    plain = isinstance(reservoir, Reservoir) and reservoir.cell.kind.plain
    return plain and isinstance(reservoir.activation, str)


def leaky_slope(reservoir, before, after):
    """A f′(z) of leaky units, of states before and after a step."""
    a = np.broadcast_to(reservoir.leak_rate, before.shape[-1])
    return a, a * ACTIVATIONS[reservoir.activation].slope((after - (1 - a) * before) / a)


class _Direction:
    """The direction in which two trajectories part, and the log of how far they come."""

    def __init__(self, n, washout, rng):
        self.n, self.washout, self.rng, self.total = n, washout, rng, 0.0
        self.draw()

    def draw(self):
        """Begin in a random direction."""
        self.vector = self.rng.standard_normal(self.n)
        self.vector /= np.linalg.norm(self.vector)

    def move(self, t, vector, length=1.0):
        """Take step t, which made ``vector`` of a difference of this length."""
        after = np.linalg.norm(vector)
        if after == 0 and t < self.washout:  # what does not count yet begins anew
            self.draw()
            return
        if t >= self.washout:
            self.total += np.log(after / length) if after else -np.inf
        self.vector = vector / after if after else vector


@one_blas_thread()
def _tangent_growth(reservoir, values, start, washout, rng):
    """Log of the growth of a small difference over one series, by the derivatives of its steps."""
    n, W = reservoir.n_units, reservoir.matrix
    direction = _Direction(n, washout, rng)
    states, lanes = start[None].copy(), reservoir.lanes(np.float64)
    for first in range(0, len(values), _budgets.ECHO_STEPS):
        u = values[first : first + _budgets.ECHO_STEPS]
        path = np.empty((1 + len(u), n))
        path[0] = states[0]
        rows = np.empty((len(u), lanes.n_columns))
        lanes.run(Sequences(u, np.array([0, len(u)]), "series"), None, states=states, out=rows)
        path[1:] = rows[:, :n]
        check_bounded(path)
        a, slope = leaky_slope(reservoir, path[:-1], path[1:])
        for t in range(len(u)):
            v = direction.vector
            direction.move(first + t, (1 - a) * v + slope[t] * (W @ v))
            if direction.total == -np.inf:
                return direction.total
    return direction.total


@one_blas_thread()
def _growth(reservoir, values, start, washout, rng):
    """Log of the growth of a small difference between two trajectories, over one series."""
    lanes = reservoir.lanes(np.float64)
    each = np.arange(3)
    free = slice(lanes.n_free)  # of what is carried, all but a clock
    direction, state = _Direction(lanes.n_free, washout, rng), start

    def step(u, apart):
        pair = np.stack([state, state])
        pair[1, free] += apart * direction.vector
        before = np.linalg.norm(pair[1] - pair[0])  # as rounded
        lanes.run(Sequences(np.stack([u, u]), each, "list"), None, states=pair)
        check_bounded(pair)
        return pair, before

    for t, u in enumerate(values):
        apart = _APART * max(1.0, np.linalg.norm(state[free]))
        pair, before = step(u, apart)
        wanted = _APART * np.linalg.norm(pair[0, free])
        if wanted > 4 * apart:  # the new state is so large that the difference is lost in it
            pair, before = step(u, wanted)
        direction.move(t, pair[1, free] - pair[0, free], before)
        if direction.total == -np.inf:
            break
        state = pair[0]
    return direction.total


@one_blas_thread()
def _echo_state_index(reservoir, batch, starts, n_starts, washout, rng):
    lanes = reservoir.lanes(np.float64)
    total = 0.0
    for i, begin in enumerate(starts):
        values, states = batch[i], np.tile(begin, (1 + n_starts, 1))
        states[1:, : lanes.n_free] = rng.uniform(-1, 1, (n_starts, lanes.n_free))
        for start in range(0, len(values), _budgets.ECHO_STEPS):
            u = values[start : start + _budgets.ECHO_STEPS]
            out = np.empty((len(states), len(u), lanes.n_columns))
            stretch = pack(np.broadcast_to(u, (len(states), *u.shape)))
            lanes.run(stretch, None, states=states, out=out.reshape(-1, lanes.n_columns))
            check_bounded(states)
            kept = out[:, max(washout - start, 0) :]
            total += np.linalg.norm(kept[1:] - kept[0], axis=-1).sum()
    return float(total / (n_starts * (batch.lengths - washout).sum()))
