"""Random matrices of a reservoir: recurrent topologies by name, input weights, biases.

Everything here is unscaled; the spectral-radius controller and the input scaling are applied
by the caller, so that a change of scale never changes a draw.

A new topology is one new function under ``@_topology``; its name then shows up by itself in
``TOPOLOGIES``, in the estimators' parameter and in error messages. A topology with parameters of
its own is also a class, which bears the name and holds the parameters.
"""

from inspect import signature
from numbers import Integral

import numpy as np
from scipy import linalg, sparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from ..._params import Interval, Real, StrOptions, count
from .hadamard import HadamardMatrix

__all__ = [
    "TOPOLOGIES",
    "WEIGHTS",
    "CycleJumps",
    "Dense",
    "InputWeights",
    "Sparse",
    "Topology",
    "as_input_weights",
    "as_topology",
    "draw_bias",
    "draw_input",
    "draw_recurrent",
    "is_random",
    "scale_input",
]

WEIGHTS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "uniform": lambda rng, shape: rng.uniform(-1.0, 1.0, shape),
    "rademacher": lambda rng, shape: 2.0 * rng.randint(0, 2, shape) - 1.0,
}

TOPOLOGIES = {}


class Topology(BaseEstimator):
    """Shape of a recurrent matrix, with the parameters that it has of its own."""

    name = None


class Sparse(Topology):
    """The same number of links into each unit, ``n_links`` of them.

    ``topology="sparse"`` stands for ``Sparse()``.

    Parameters
    ----------
    weights : {"normal", "uniform", "rademacher"}, default="normal"
        Distribution of the weights: standard normal, uniform on (−1, 1), or ±1 with equal
        probability.

    References
    ----------
    .. [1] Lukoševičius (2012), A practical guide to applying echo state networks, Neural Networks:
       Tricks of the Trade, 2nd ed.: sparsity, and distribution of the weights.

    Examples
    --------
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Sparse
    >>> esn = ReservoirStates(100, topology=Sparse(weights="rademacher"), n_links=5)
    """

    name = "sparse"

    _parameter_constraints = {"weights": [StrOptions(set(WEIGHTS))]}

    def __init__(self, *, weights="normal"):
        self.weights = weights


class Dense(Topology):
    """Independent weights between all units.

    ``topology="dense"`` stands for ``Dense()``.

    Parameters
    ----------
    weights : {"normal", "uniform", "rademacher"}, default="normal"
        Distribution of the weights, as of :class:`Sparse`.

    References
    ----------
    .. [1] Lukoševičius (2012), A practical guide to applying echo state networks, Neural Networks:
       Tricks of the Trade, 2nd ed.: sparsity, and distribution of the weights.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import Dense
    >>> states = ReservoirStates(20, topology=Dense(), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    name = "dense"

    _parameter_constraints = {"weights": [StrOptions(set(WEIGHTS))]}

    def __init__(self, *, weights="normal"):
        self.weights = weights


class CycleJumps(Topology):
    """A ring with shortcuts both ways (Rodan & Tino 2012).

    ``topology="cycle_jumps"`` stands for ``CycleJumps()``.

    Parameters
    ----------
    jump : int, default=5
        Distance in units between the two ends of a shortcut, at least 2. A reservoir of ``jump``
        units or fewer has no shortcuts.

    References
    ----------
    .. [1] Rodan & Tino (2012), Simple deterministically constructed cycle reservoirs with regular
       jumps, Neural Computation 24(7).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import CycleJumps
    >>> states = ReservoirStates(20, topology=CycleJumps(jump=5), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    name = "cycle_jumps"

    _parameter_constraints = {"jump": [count(2)]}

    def __init__(self, jump=5):
        self.jump = jump


class InputWeights(BaseEstimator):
    """How input weights are drawn; the bias is drawn from the same distribution.

    ``input_weights="uniform"`` stands for ``InputWeights("uniform")``.

    Parameters
    ----------
    distribution : {"uniform", "normal", "rademacher"}, default="uniform"
        U(−1, 1), N(0, 1), or ±1 with equal probability.
    density : float, default=1.0
        Share of input weights that are not zero.

    References
    ----------
    .. [1] Rodan & Tino (2011), Minimum complexity echo state network, IEEE Transactions on Neural
       Networks 22(1): weights of one size, with random signs.
    .. [2] Lukoševičius (2012), A practical guide to applying echo state networks, Neural Networks:
       Tricks of the Trade, 2nd ed.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.reservoir import InputWeights
    >>> states = ReservoirStates(20, input_weights=InputWeights(density=0.5), random_state=0)
    >>> states.fit_transform(np.sin(np.arange(50.0))[:, None]).shape
    (50, 20)
    """

    _parameter_constraints = {
        "distribution": [StrOptions(set(WEIGHTS))],
        "density": [Interval(Real, 0, 1, closed="right")],
    }

    def __init__(self, distribution="uniform", *, density=1.0):
        self.distribution = distribution
        self.density = density


def as_topology(topology):
    """Object for the name of a topology that has parameters; others stay as they are."""
    if isinstance(topology, str):
        _check_name("topology", topology, TOPOLOGIES)
        made = {kind.name: kind for kind in (Sparse, Dense, CycleJumps)}.get(topology)
        return topology if made is None else made()
    if isinstance(topology, Topology):
        topology._validate_params()
    if isinstance(topology, type):  # else its objects would be taken for what it draws
        name = topology.__name__
        raise TypeError(f"topology must be an object, {name}(), but is the class {name}.")
    return topology


def as_input_weights(weights):
    """Object for the name of a distribution."""
    weights = InputWeights(weights) if isinstance(weights, str) else weights
    weights._validate_params()
    return weights


def _function(topology):
    """What draws a topology, given by name or by object; None for a matrix or a callable."""
    name = topology.name if isinstance(topology, Topology) else topology
    return TOPOLOGIES.get(name) if isinstance(name, str) else None


def takes_links(topology):
    """Whether ``n_links`` means something beside a topology."""
    return "n_links" in signature(_function(topology)).parameters if _function(topology) else False


def size_of(n_units, topology):
    """Number of units; a matrix brings its own size."""
    shape = () if callable(topology) else getattr(topology, "shape", ())
    return shape[0] if len(shape) == 2 else n_units  # of other shapes the draw will refuse


def _topology(*, random):
    """Enter a function into ``TOPOLOGIES`` under its own name, without the underscore.

    It is called as ``f(n_units, rng, n_links=, ...)`` with the parameters of its class, if it has
    one, and names what it needs of them. ``W[i, j]`` is the link from unit ``j`` into unit ``i``.
    """

    def enter(function):
        function.is_random = random
        TOPOLOGIES[function.__name__.lstrip("_")] = function
        return function

    return enter


@_topology(random=True)
def _sparse(n_units, rng, *, n_links, weights, **_):
    """Draw the same number of links, from distinct units, into each unit."""
    n_links = min(n_links, n_units)
    sources = distinct_sources(n_units, n_units, n_links, rng)
    values = WEIGHTS[weights](rng, n_units * n_links)
    starts = np.arange(0, n_units * n_links + 1, n_links, dtype=np.int32)
    return sparse.csr_array((values, sources.ravel(), starts), shape=(n_units, n_units))


@_topology(random=True)
def _dense(n_units, rng, *, weights, **_):
    """Draw independent weights between all units."""
    return WEIGHTS[weights](rng, (n_units, n_units))


@_topology(random=True)
def _orthogonal(n_units, rng, **_):
    """Draw from the Haar measure: QR, with the signs of R's diagonal (which bias it otherwise).

    Mezzadri (2007), How to generate random matrices from the classical compact groups.
    """
    q, r = linalg.qr(rng.standard_normal((n_units, n_units)), overwrite_a=True, check_finite=False)
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)


@_topology(random=True)
def _hadamard(n_units, rng, **_):
    """Draw the signs of a structured orthogonal matrix (Dong et al. 2020)."""
    return HadamardMatrix.draw(n_units, rng)


@_topology(random=False)
def _ring(n_units, rng, **_):
    """Link each unit to the next, the last to the first (Rodan & Tino 2011)."""
    units = np.arange(n_units)
    return _links(units, np.roll(units, -1), n_units)


@_topology(random=False)
def _cycle_jumps(n_units, rng, *, jump, **_):
    """Add shortcuts both ways over ``jump`` units to a ring (Rodan & Tino 2012).

    Jumps start at unit 0, each where the last one ended; they close into a loop only where
    ``jump`` divides ``n_units``.
    """
    units = np.arange(n_units)
    starts = np.arange(n_units // jump) * jump if jump < n_units else units[:0]
    ends = (starts + jump) % n_units
    sources = np.concatenate([units, starts, ends])
    return _links(sources, np.concatenate([np.roll(units, -1), ends, starts]), n_units)


@_topology(random=False)
def _delay_line(n_units, rng, **_):
    """Link each unit to the next (Rodan & Tino 2011): the spectral radius is zero."""
    units = np.arange(n_units)
    return _links(units[:-1], units[1:], n_units)


def is_random(topology):
    """Whether a topology is drawn at random, so that another draw differs."""
    function = _function(topology)
    return function is not None and function.is_random


def draw_recurrent(topology, n_units, *, n_links=10, random_state):
    """Draw the unscaled recurrent matrix of a reservoir.

    Parameters
    ----------
    topology : str, Topology, array, sparse matrix or callable
        - ``"sparse"``: ``min(n_links, n_units)`` links from distinct random units (itself
          included) into each unit;
        - ``"dense"``: independent weights between all units;
        - ``"orthogonal"``: a uniformly (Haar) distributed orthogonal matrix;
        - ``"hadamard"``: a structured orthogonal matrix of random signs and Hadamard transforms,
          O(N log N) a product and nothing to store, for 10⁴ to 10⁵ units;
        - ``"ring"``: unit ``i`` feeds unit ``i + 1``, the last one the first;
        - ``"cycle_jumps"``: a ring with shortcuts both ways;
        - ``"delay_line"``: a ring without the closing link.

        The last three are not random, and all their links carry the weight one: the
        controller's gain sets the common weight.

        An own matrix, dense or sparse in any format, is taken as ``W`` with ``W[i, j]`` the
        link from unit ``j`` into unit ``i``; a callable is asked for one by
        ``topology(n_units, random_state)``.
    n_units : int
        Number of units, N.
    n_links : int, default=10
        Links into each unit (``"sparse"``).
    random_state : int or RandomState
        Source of all draws.

    Returns
    -------
    W : csr_array with sorted indices, C-contiguous ndarray or HadamardMatrix, \
(n_units, n_units), float64
        Dense for ``"dense"``, ``"orthogonal"`` and an own dense matrix.

    Raises
    ------
    ValueError, TypeError
        For an unknown name, or an own matrix that is not real, finite, square and of
        ``n_units`` rows; the message names the parameter.

    References
    ----------
    .. [1] Rodan & Tino (2011), Minimum complexity echo state network, IEEE TNN 22(1).
    .. [2] Dong, Ohana, Rafayelyan & Krzakala (2020), Reservoir computing meets recurrent kernels
       and structured transforms, NeurIPS.
    .. [3] Rodan & Tino (2012), Simple deterministically constructed cycle reservoirs with regular
       jumps, Neural Computation 24(7).

    Examples
    --------
    >>> from dlkit.reservoir._matrices.topology import draw_recurrent
    >>> draw_recurrent("ring", 3, random_state=0).toarray()
    array([[0., 0., 1.],
           [1., 0., 0.],
           [0., 1., 0.]])
    >>> draw_recurrent("sparse", 500, n_links=7, random_state=0).nnz
    3500
    """
    rng = check_random_state(random_state)
    _check_count("n_units", n_units)
    topology = as_topology(topology)
    if isinstance(topology, (str, Topology)):
        _check_count("n_links", n_links)
        own = topology.get_params() if isinstance(topology, Topology) else {}
        W = _function(topology)(n_units, rng, n_links=n_links, **own)
    else:
        W = topology(n_units, rng) if callable(topology) else topology
        W = _check_matrix(W, n_units, "topology()" if callable(topology) else "topology")
    return np.ascontiguousarray(W) if isinstance(W, np.ndarray) else W


def draw_input(n_units, n_channels, *, weights="uniform", density=1.0, random_state):
    """Draw the unscaled input weights.

    Parameters
    ----------
    n_units, n_channels : int
        Shape of the result.
    weights : {"uniform", "normal", "rademacher"}, default="uniform"
        Uniform on (-1, 1), standard normal, or plus and minus one.
    density : float in (0, 1], default=1.0
        Fraction of weights kept, the others being zero; at least one is kept. It changes
        neither the kept values nor what is drawn afterwards.
    random_state : int or RandomState
        Source of all draws.

    Returns
    -------
    W_in : ndarray of shape (n_units, n_channels), float64

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir._matrices.topology import draw_input
    >>> W_in = draw_input(100, 3, density=0.2, random_state=0)
    >>> W_in.shape, int(np.count_nonzero(W_in))
    ((100, 3), 60)
    """
    _check_count("n_units", n_units)
    _check_count("n_channels", n_channels)
    _check_name("weights", weights, WEIGHTS)
    if not 0 < density <= 1:
        raise ValueError(f"density must be in (0, 1], got {density!r}.")
    rng = check_random_state(random_state)
    W_in = WEIGHTS[weights](rng, (n_units, n_channels))
    order = rng.permutation(W_in.size)
    W_in.flat[order[max(1, round(density * W_in.size)) :]] = 0.0
    return W_in


def draw_bias(n_units, *, weights="uniform", random_state):
    """Draw the unscaled biases, shape (n_units,), float64; ``weights`` as in `draw_input`.

    Examples
    --------
    >>> from dlkit.reservoir._matrices.topology import draw_bias
    >>> draw_bias(4, weights="rademacher", random_state=0)
    array([-1.,  1.,  1., -1.])
    """
    _check_count("n_units", n_units)
    _check_name("weights", weights, WEIGHTS)
    return WEIGHTS[weights](check_random_state(random_state), n_units)


def scale_input(w_in, input_scaling):
    """Multiply input weights by one factor, or by one factor per channel.

    Parameters
    ----------
    w_in : ndarray of shape (n_units, n_channels)
        Unscaled input weights.
    input_scaling : float or array-like of shape (n_channels,)
        The factors.

    Returns
    -------
    ndarray of shape (n_units, n_channels)

    Raises
    ------
    ValueError
        Where ``input_scaling`` is neither, or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir._matrices.topology import scale_input
    >>> scale_input(np.ones((1, 2)), [0.5, 2.0])
    array([[0.5, 2. ]])
    """
    n_channels = w_in.shape[1]
    try:
        scaling = np.asarray(input_scaling, dtype=np.float64)
    except (TypeError, ValueError):
        scaling = None
    if scaling is None or not np.isfinite(scaling).all():
        raise ValueError(f"input_scaling must be finite numbers, got {input_scaling!r}.")
    if scaling.shape not in [(), (n_channels,)]:
        raise ValueError(
            f"input_scaling must be a number or one number for each of the {n_channels} "
            f"channels, got an array of shape {scaling.shape}."
        )
    return w_in * scaling


def as_float_matrix(W, name):
    """Check that a matrix is real and finite, and bring it into one of two forms, of float64.

    Sparse ones become CSR, with sorted indices and nothing stored twice or as a zero, others
    become C-contiguous. Nothing is copied where nothing is to be changed.
    """
    is_sparse = sparse.issparse(W)
    if W.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers, got dtype {W.dtype}.")
    if is_sparse:
        W = sparse.csr_array(W, dtype=np.float64)
        if not (W.has_canonical_format and W.data.all()):
            W = W.copy()
            W.sum_duplicates()
            W.eliminate_zeros()
    else:
        W = np.asarray(W, dtype=np.float64, order="C")
    if not np.isfinite(W.data if is_sparse else W).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity.")
    return W


def distinct_sources(n_rows, n, k, rng):
    """In each row k distinct numbers below n, every subset equally likely, in order."""
    if k * k <= 8 * n:  # where the second way begins to be the faster one
        # Floyd's algorithm on all rows at once: nothing is ever redrawn.
        chosen = np.empty((k, n_rows), dtype=np.int32)
        for i, last in enumerate(range(n - k, n)):
            drawn = rng.randint(0, last + 1, n_rows)
            taken = (chosen[:i] == drawn).any(axis=0)
            chosen[i] = np.where(taken, last, drawn)
        return np.sort(chosen.T, axis=1)
    chosen = np.empty((n_rows, k), dtype=np.int32)
    step = max(1, 10**6 // n)  # rows at a time: the ranks of all would need n_rows * n numbers
    for start in range(0, n_rows, step):
        rows = chosen[start : start + step]
        rows[:] = np.argpartition(rng.random_sample((len(rows), n)), k - 1, axis=1)[:, :k]
    return np.sort(chosen, axis=1)


def _links(sources, targets, n_units):
    """Links of weight one, each once."""
    shape = (n_units, n_units)
    W = sparse.csr_array((np.ones(len(sources)), (targets, sources)), shape=shape)
    W.sum_duplicates()
    W.data[:] = 1.0
    return W


def _check_matrix(W, n_units, name):
    """Check a matrix of the user's, and copy it."""
    if not sparse.issparse(W) and not isinstance(W, np.ndarray):
        names = ", ".join(map(repr, TOPOLOGIES))
        raise TypeError(
            f"{name} must be one of {names}, an array, a sparse matrix or a function that "
            f"returns one, got {type(W).__name__}."
        )
    if W.shape != (n_units, n_units):
        raise ValueError(
            f"{name} must be a matrix of shape (n_units, n_units) = ({n_units}, {n_units}), "
            f"got shape {W.shape}."
        )
    return as_float_matrix(W.copy(), name)


def _check_name(parameter, value, allowed):
    if value not in allowed:
        names = ", ".join(map(repr, allowed))
        raise ValueError(f"{parameter} must be one of {names}, got {value!r}.")


def _check_count(parameter, value, least=1):
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{parameter} must be a whole number of at least {least}, got {value!r}.")
