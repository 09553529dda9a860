"""Leak rates: given, or drawn from a distribution of time constants by name."""

import numpy as np
from sklearn.utils import check_random_state

__all__ = ["TIME_SCALES", "make_leak_rate"]


def _log_uniform(n_units, rng, shortest, longest):
    """One for each unit, uniform in its logarithm."""
    return np.exp(rng.uniform(np.log(shortest), np.log(longest), n_units))


def _groups(n_units, rng, *constants):
    """The same for each of as many groups of successive units, as equal in size as can be."""
    return np.asarray(constants)[np.arange(n_units) * len(constants) // n_units]


TIME_SCALES = {"log_uniform": _log_uniform, "groups": _groups}


def make_leak_rate(leak_rate, n_units, random_state):
    """Return the leak rate as a float, or a float64 array with one value for each unit.

    Parameters
    ----------
    leak_rate : float, array-like of shape (n_units,) or tuple
        ``("log_uniform", 2, 200)`` draws a time constant τ between 2 and 200 steps for each unit,
        ``("groups", 1, 10, 100)`` gives a third of the units each of three; the leak rate is 1/τ.
    n_units : int
        Number of units.
    random_state : int or RandomState
        Of the draw.

    Returns
    -------
    float or ndarray of shape (n_units,)

    Raises
    ------
    ValueError
        For an unknown name, other than two time constants between which to draw or none at all,
        constants below one step, another number of leak rates than of units, or some outside
        (0, 1].

    Examples
    --------
    >>> from dlkit.reservoir._cells.leak_rates import make_leak_rate
    >>> make_leak_rate(("groups", 1, 4), 4, 0)
    array([1.  , 1.  , 0.25, 0.25])
    """
    if isinstance(leak_rate, (tuple, list)) and leak_rate and isinstance(leak_rate[0], str):
        name, *constants = leak_rate
        _check_constants(leak_rate, name, constants)
        tau = TIME_SCALES[name](n_units, check_random_state(random_state), *constants)
        return np.minimum(1.0 / tau, 1.0)
    try:
        a = np.asarray(leak_rate, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"leak_rate must hold numbers, got {leak_rate!r}.") from None
    if a.ndim > 1 or (a.ndim == 1 and len(a) != n_units):
        raise ValueError(
            f"leak_rate must be a number or hold one for each of the {n_units} units; got shape "
            f"{a.shape}."
        )
    if not ((a > 0) & (a <= 1)).all():
        raise ValueError(f"leak_rate must lie in (0, 1], got {leak_rate!r}.")
    return a if a.ndim else float(a)


def _check_constants(leak_rate, name, constants):
    if name not in TIME_SCALES:
        names = ", ".join(map(repr, TIME_SCALES))
        raise ValueError(f"leak_rate must name one of {names}, got {leak_rate!r}.")
    try:
        tau = np.asarray(constants, dtype=np.float64)
    except (TypeError, ValueError):
        tau = np.empty(0)
    good = tau.ndim == 1 and len(tau) and ((tau >= 1) & (tau < np.inf)).all()
    if not good or (name == "log_uniform" and (len(tau) != 2 or tau[0] > tau[1])):
        what = "the shortest and the longest" if name == "log_uniform" else "one or more"
        raise ValueError(
            f"leak_rate={leak_rate!r} must give {what} of the time constants, in steps, each at "
            "least 1."
        )
