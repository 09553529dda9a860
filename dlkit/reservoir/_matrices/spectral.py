"""Spectral radius, effective radius and norm of a matrix, and the gain that sets one of them."""

from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real

import numpy as np
from scipy import optimize, sparse
from sklearn.utils import check_random_state

from ..._frozen import read_only
from ..._params import validate_params
from .eigen import (
    frobenius_norm,
    largest_singular_value,
    leading_eigenvalue,
)
from .hadamard import HadamardMatrix
from .topology import as_float_matrix, draw_recurrent, is_random

__all__ = [
    "MEASURES",
    "ControlledMatrix",
    "draw_controlled",
    "effective_radius",
    "spectral_norm",
    "spectral_radius",
]

MEASURES = ("radius", "effective", "norm")

_DOUBT = 1e-6  # the relative accuracy that is promised
_N_DRAWS = 20  # of a random topology, before it is given up


_OF_MATRIX = {"W": "no_validation", "random_state": ["random_state"]}


@validate_params(_OF_MATRIX, prefer_skip_nested_validation=True)
def spectral_radius(W, *, random_state=0):
    """Compute the largest modulus of an eigenvalue.

    Parameters
    ----------
    W : ndarray or sparse matrix of shape (N, N)
        Real and finite.
    random_state : int or RandomState, default=0
        Of the start vectors; the result depends on it by rounding only.

    Returns
    -------
    float
        Exactly zero where the graph of ``W`` has no cycle. The value of a matrix that is
        nilpotent without showing it (a rotated Jordan block) is rounding error, which no
        method can tell from a small true radius; reservoirs refuse such a matrix.

    Raises
    ------
    ValueError
        If W is not square, or holds NaN or infinity.

    References
    ----------
    .. [1] Lehoucq, Sorensen & Yang (1998), ARPACK users' guide, SIAM.
    .. [2] Lukoševičius (2012), A practical guide to applying echo state networks, Neural Networks:
       Tricks of the Trade, 2nd ed.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir import spectral_radius
    >>> spectral_radius(np.array([[0.0, 4.0], [1.0, 0.0]]))
    2.0
    """
    return float(abs(leading_eigenvalue(_as_square(W), random_state)[0]))


@validate_params(
    _OF_MATRIX | {"leak_rate": [Real, "array-like"]}, prefer_skip_nested_validation=True
)
def effective_radius(W, leak_rate, *, random_state=0):
    """Compute the spectral radius of ``(1 - a) I + a W``, the leaky map linearised at rest.

    Parameters
    ----------
    W : ndarray or sparse matrix of shape (N, N)
        Real and finite.
    leak_rate : float or array of shape (N,)
        The leak rate ``a``, or one per unit.
    random_state : int or RandomState, default=0
        Of the start vectors; the result depends on it by rounding only.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If W is not square, or holds NaN or infinity.

    References
    ----------
    .. [1] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3), proposition 1.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir import effective_radius
    >>> effective_radius(np.diag([0.5, -0.5]), leak_rate=0.2)
    0.9
    """
    W = _as_square(W)
    leak = _as_leak(leak_rate, W.shape[0])
    if leak.ndim:
        return float(abs(leading_eigenvalue(_leaky_map(W, leak), random_state)[0]))
    leading, _ = leading_eigenvalue(W, random_state, shift=(1 - leak) / leak)
    return float(abs(1 - leak + leak * leading))


@validate_params(_OF_MATRIX, prefer_skip_nested_validation=True)
def spectral_norm(W, *, random_state=0):
    """Compute the largest singular value.

    A reservoir of tanh units whose recurrent matrix has a norm below one has the echo state
    property (Jaeger 2001, GMD report 148, proposition 3).

    Parameters
    ----------
    W : ndarray or sparse matrix of shape (N, N)
        Real and finite.
    random_state : int or RandomState, default=0
        Of the start vectors; the result depends on it by rounding only.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If W is not square, or holds NaN or infinity.

    References
    ----------
    .. [1] Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
       networks, GMD report 148, proposition 3.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir import spectral_norm
    >>> spectral_norm(np.array([[0.0, 3.0], [0.0, 0.0]]))
    3.0
    """
    return largest_singular_value(_as_square(W), random_state)


@dataclass(frozen=True, eq=False)
class ControlledMatrix:
    """A recurrent matrix and the gain that gives it a wanted radius; made by `draw_controlled`.

    Attributes
    ----------
    base : csr_array or ndarray of shape (N, N)
        The matrix as drawn.
    leading : complex
        Its eigenvalue of largest modulus; under ``measure="norm"`` its largest singular value.
    doubt : float
        Relative difference between two evaluations of the modulus of ``leading``.
    measure : {"radius", "effective", "norm"}
        What is controlled.
    leak_rate : float or ndarray of shape (N,)
        The leak rate of the effective radius.
    topology : str
        What error messages call the matrix.
    spectral_radius : float
        The value asked for.
    gain : float
        The factor on ``base`` that reaches it.
    """

    base: object
    leading: complex
    doubt: float
    measure: str
    leak_rate: object
    topology: str
    spectral_radius: float = 0.0
    gain: float = 0.0

    @property
    def base_value(self):
        """Spectral radius of ``base``, or its spectral norm under ``measure="norm"``."""
        return float(abs(self.leading))

    @cached_property
    def matrix(self):
        """``gain * base``, sparse or dense as ``base`` is."""
        return read_only(self.gain * self.base)

    def __post_init__(self):
        vars(self)["base"] = read_only(self.base)

    def __getstate__(self):
        leading = complex(self.leading)  # skops saves no complex numbers
        state = vars(self) | {"leading": (leading.real, leading.imag)}
        state.pop("matrix", None)  # made again where it is needed
        return state

    def __setstate__(self, state):
        vars(self).update(state | {"leading": complex(*state["leading"])})
        self.__post_init__()

    def with_radius(self, spectral_radius):
        """Return the same draw under another radius, by a multiplication.

        Only ``measure="effective"`` with a leak rate other than one needs eigenvalues again.
        """
        gain = _gain(self, spectral_radius)
        return replace(self, spectral_radius=float(spectral_radius), gain=gain)


def draw_controlled(
    topology,
    n_units,
    *,
    spectral_radius,
    measure="radius",
    leak_rate=1.0,
    random_state,
    **options,
):
    """Draw a recurrent matrix and control it.

    A random topology is drawn again, up to 20 times, where a draw is nilpotent, or so nearly
    that it would take large weights to reach the radius: two units with weights of plus and
    minus one are nilpotent in a quarter of all draws.

    Parameters
    ----------
    topology, n_units, random_state, **options
        As in `draw_recurrent`.
    spectral_radius : float
        The value to reach within 1e-6 relative, at least zero.
    measure : {"radius", "effective", "norm"}, default="radius"
        What is to reach it: the spectral radius of ``gain * W``, that of the leaky map
        ``(1 - a) I + a gain W``, or the spectral norm of ``gain * W``.
    leak_rate : float or array of shape (N,), default=1.0
        The leak rate ``a``, for ``"effective"`` only.

    Returns
    -------
    ControlledMatrix

    Raises
    ------
    ValueError, TypeError
        As in `draw_recurrent`; and where no gain reaches the value: the spectral radius of ``W`` is
        zero, or nothing but rounding error, or an effective radius of ``1 - a`` or less is asked
        for.

    Examples
    --------
    >>> from dlkit.reservoir._matrices.spectral import draw_controlled, spectral_radius
    >>> W = draw_controlled("sparse", 200, spectral_radius=0.9, random_state=0).matrix
    >>> round(spectral_radius(W), 9)
    0.9
    """
    rng = check_random_state(random_state)
    name = topology if isinstance(topology, str) else getattr(topology, "name", "the given matrix")
    for _ in range(_N_DRAWS if is_random(topology) else 1):
        W = draw_recurrent(topology, n_units, random_state=rng, **options)
        drawn = _measured(W, measure, leak_rate, name, 0)
        if drawn.doubt <= _DOUBT and drawn.base_value >= 1e-2 * frobenius_norm(W) / n_units**0.5:
            break
    return drawn.with_radius(spectral_radius)


def followed_by(controlled, matrix):
    """Control ``matrix @ W``, W by W's own gain, in the place of W.

    Parameters
    ----------
    controlled : ControlledMatrix
        W.
    matrix : ndarray or sparse matrix of shape (N, N)
        What it is followed by.

    Returns
    -------
    ControlledMatrix
        W, whose ``leading`` is now that of the product.
    """
    product = matrix @ controlled.base
    measured = _measured(product, controlled.measure, 1.0, f"{controlled.topology}, twice,", 0)
    both = replace(controlled, leading=measured.leading, doubt=measured.doubt)
    return both.with_radius(controlled.spectral_radius)


def _measured(W, measure, leak_rate, topology, random_state):
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {MEASURES}, got {measure!r}.")
    if measure == "effective":
        leak_rate = _as_leak(leak_rate, W.shape[0])
    doubt = 0.0
    if measure == "norm":
        leading = largest_singular_value(W, random_state)
    else:
        leading, doubt = leading_eigenvalue(W, random_state)
    return ControlledMatrix(W, leading, doubt, measure, leak_rate, topology)


def _gain(controlled, target):
    """Find the gain that reaches the target, or say why there is none."""
    W, leak, name = controlled.base, controlled.leak_rate, controlled.topology
    if not isinstance(target, Real) or not 0 <= target < np.inf:
        raise ValueError(f"spectral_radius must be a finite number >= 0, got {target!r}.")
    leaky = controlled.measure == "effective" and np.any(leak != 1)
    if leaky and target <= 1 - np.min(leak):
        raise ValueError(
            f"spectral_radius={target!r} cannot be reached as an effective radius with "
            f"leak_rate={np.min(leak):.6g}: the leaky map alone has radius 1 - leak_rate = "
            f"{1 - np.min(leak):.6g}, so spectral_radius must lie above that."
        )
    if target == 0:
        return 0.0
    what, instead = "norm", "use another matrix"
    if controlled.measure != "norm":
        what, instead = "radius", "use control='norm', or topology 'ring'"
    if controlled.base_value == 0:
        raise ValueError(
            f"topology {name!r} has spectral {what} zero, so no scaling can set "
            f"spectral_radius={target!r}; {instead}."
        )
    if controlled.doubt > _DOUBT:
        raise ValueError(
            f"topology {name!r} has a spectral radius that rounding errors change by a factor of "
            f"{1 + controlled.doubt:.2g}: it is nilpotent or too nearly so for any scaling to set "
            f"spectral_radius={target!r}; {instead}."
        )
    if not leaky:
        gain = float(target / controlled.base_value)
    elif leak.ndim:
        gain = _gain_per_unit(W, leak, target, target / controlled.base_value)
    else:
        gain = _gain_leaky(W, float(leak), target, controlled.leading)
    largest = W.scale if isinstance(W, HadamardMatrix) else abs(W).max()
    if not np.isfinite(gain * largest):
        raise ValueError(
            f"spectral_radius={target!r} makes the weights of topology {name!r}, whose spectral "
            f"{what} is {controlled.base_value:.3g}, overflow; {instead}."
        )
    return gain


def _gain_leaky(W, leak, target, leading):
    """Solve ``max |1 - a + a g lambda| = target`` over the eigenvalues of W for g.

    Each eigenvalue alone has one positive root, for its branch is convex in g and starts below
    the target; the least root is the answer. Newton's method on the maximum: the root of any
    eigenvalue lies above the answer, and at that root the leading eigenvalue has a lower one.
    """

    def root(eigenvalue):
        modulus = abs(eigenvalue)
        half = (1 - leak) * eigenvalue.real / modulus
        product = (target - (1 - leak)) * (target + (1 - leak))
        under = np.sqrt(half**2 + product)
        rim = product / (half + under) if half > 0 else under - half
        return float(rim / (leak * modulus))

    for _ in range(50):
        gain = root(leading)
        leading, _ = leading_eigenvalue(W, 0, shift=(1 - leak) / (leak * gain))
        if abs(abs(1 - leak + leak * gain * leading) - target) <= 1e-9 * target:
            break
    return gain


def _gain_per_unit(W, leak, target, start):
    """Find the gain for one leak rate per unit, by bracketing."""

    def excess(gain):
        return abs(leading_eigenvalue(_leaky_map(gain * W, leak), 0)[0]) - target

    high = start
    for _ in range(60):
        if excess(high) >= 0:
            return optimize.brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-10)
        high *= 2
    raise ValueError(
        f"spectral_radius={target!r} cannot be reached as an effective radius by any scaling "
        "under these values of leak_rate."
    )


def _leaky_map(W, leak):
    """Form ``diag(1 - a) + diag(a) W``."""
    W = W.toarray() if isinstance(W, HadamardMatrix) else W
    if sparse.issparse(W):
        return sparse.csr_array(sparse.diags_array(leak) @ W + sparse.diags_array(1 - leak))
    return leak[:, None] * W + np.diag(1 - leak)


def _as_square(W):
    if isinstance(W, HadamardMatrix):
        return W
    W = W if sparse.issparse(W) else np.asarray(W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or W.shape[0] == 0:
        raise ValueError(f"W must be a square matrix, got shape {W.shape}.")
    return as_float_matrix(W, "W")


def _as_leak(leak_rate, n_units):
    """Check the leak rate: a number, or one per unit, in (0, 1]."""
    leak = np.asarray(leak_rate, dtype=np.float64)
    if leak.shape not in [(), (n_units,)]:
        raise ValueError(
            f"leak_rate must be a number or one number for each of the {n_units} units, got an "
            f"array of shape {leak.shape}."
        )
    if not np.all((leak > 0) & (leak <= 1)):
        raise ValueError(f"leak_rate must be in (0, 1], got {leak_rate!r}.")
    return leak
