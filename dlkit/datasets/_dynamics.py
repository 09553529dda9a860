"""Series of chaotic systems, each started at a random point of the attractor."""

from itertools import accumulate

import numpy as np
from sklearn.utils import check_random_state

from .._params import Interval, Real, count, positive, validate_params

# The loops run on Python floats. A step takes a few microseconds, so compiling would not pay. Where
# a system diverges, floats overflow to inf without a warning, and _check_bounded reports it.

MOST_STEPS = 1e9  # of Euler's method in one delay: 8 GB


@validate_params(
    {
        "n_steps": [count()],
        "tau": [positive()],
        "beta": [positive()],
        "gamma": [positive()],
        "exponent": [positive()],
        "dt": [positive()],
        "substeps": [count()],
        "transient": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_mackey_glass(
    n_steps,
    *,
    tau=17.0,
    beta=0.2,
    gamma=0.1,
    exponent=10.0,
    dt=1.0,
    substeps=10,
    transient=1000,
    random_state=None,
):
    """Draw a Mackey-Glass series.

    The delay equation of [1]_::

        dx/dt = beta x(t - tau) / (1 + x(t - tau)**exponent) - gamma x(t)

    is integrated by Euler's method with steps of ``h = dt / substeps``, and every ``substeps``-th
    value is kept. The defaults (h = 0.1, every tenth value) are those of the echo state literature
    [2]_. Its figures hold for this Euler map, not exactly for the solution of the equation; with
    more ``substeps`` the series approaches that solution. The series is chaotic for ``tau`` above
    16.8.

    Parameters
    ----------
    n_steps : int
        Length of the series.
    tau : float, default=17.0
        The delay, a whole number of Euler steps. 17 and 30 are the usual delays.
    beta, gamma, exponent : float, default=0.2, 0.1, 10.0
        Coefficients of the equation.
    dt : float, default=1.0
        Time between two values of the series.
    substeps : int, default=10
        Euler steps between two values.
    transient : int, default=1000
        Number of values to drop from the start, until the series has reached its attractor.
    random_state : int, RandomState instance or None, default=None
        Seeds the start: x(t) for t <= 0 is one value, drawn uniformly from [1.1, 1.3].

    Returns
    -------
    x : ndarray of shape (n_steps, 1), float64
        The series.

    Raises
    ------
    ValueError
        If ``tau`` is not a whole number of Euler steps, ``gamma * h`` exceeds one, or the series
        diverges.

    Notes
    -----
    Echo state networks usually learn ``tanh(x - 1)``. The variance of ``tanh(x - 1)`` is 0.0468 at
    ``tau=17`` and 0.067 at ``tau=30``; the variance of ``x`` is 0.0512 and 0.079. Papers often
    divide squared errors by 0.067 at either delay. At ``tau=17`` the NRMSE is then 0.84 times the
    NRMSE by the series' own variance.

    References
    ----------
    .. [1] M. C. Mackey and L. Glass, "Oscillation and chaos in physiological control systems",
       Science 197, 1977.
    .. [2] H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural
       networks", GMD report 148, 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.datasets import make_mackey_glass
    >>> x = make_mackey_glass(5000, tau=17, random_state=0)
    >>> x.shape
    (5000, 1)
    >>> round(float(np.tanh(x - 1).var()), 3)
    0.047
    """
    h, decay = float(dt / substeps), float(1 - gamma * dt / substeps)
    delay = round(tau / h) if h > 0 and tau / h < MOST_STEPS else 0
    if delay < 1 or abs(delay * h - tau) > 1e-9 * tau:
        raise ValueError(
            "tau must be a whole number of Euler steps dt / substeps, at most a billion: "
            f"tau={tau}, dt / substeps={h}"
        )
    if gamma * h > 1:
        raise ValueError(
            f"gamma * dt / substeps must be at most 1 for Euler's method: {gamma * h}; "
            "raise substeps"
        )
    n_euler = (transient + n_steps - 1) * substeps
    x = np.empty(delay + 1 + n_euler)  # x[delay] is time zero
    x[: delay + 1] = check_random_state(random_state).uniform(1.1, 1.3)
    # the delayed values of the next `delay` steps are known: only the decay goes step by step
    for start in range(delay, delay + n_euler, delay):
        past = x[start - delay : min(start, x.size - delay - 1)]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            gain = h * beta * past / (1 + past**exponent)
        steps = accumulate(
            gain.tolist(), lambda value, g: decay * value + g, initial=float(x[start])
        )
        x[start : start + past.size + 1] = list(steps)
    return _check_bounded(
        x[delay::substeps][transient:, None].copy(), "Mackey-Glass", f"beta={beta}, gamma={gamma}"
    )


@validate_params(
    {
        "n_steps": [count()],
        "dt": [positive()],
        "sigma": [positive()],
        "rho": [positive()],
        "beta": [positive()],
        "transient": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_lorenz(
    n_steps, *, dt=0.01, sigma=10.0, rho=28.0, beta=8 / 3, transient=2000, random_state=None
):
    """Draw a trajectory of the Lorenz system.

    The equations of [1]_::

        dx/dt = sigma (y - x)
        dy/dt = x (rho - z) - y
        dz/dt = x y - beta z

    are integrated by the classical Runge-Kutta method of fourth order with step ``dt``. At the
    default coefficients the largest Lyapunov exponent is 0.9056 [2]_. One Lyapunov time is then
    1.104 units of time, or 110 steps of 0.01.

    Parameters
    ----------
    n_steps : int
        Length of the trajectory. For several trajectories cut a long one into pieces.
    dt : float, default=0.01
        Time between two points, and the integration step.
    sigma, rho, beta : float, default=10.0, 28.0, 8/3
        Coefficients of the equations.
    transient : int, default=2000
        Number of steps to drop from the start, until the trajectory has reached the attractor.
    random_state : int, RandomState instance or None, default=None
        Seeds the start, a normal variable with mean (0, 0, rho - 1).

    Returns
    -------
    X : ndarray of shape (n_steps, 3), float64
        x, y and z at each step.

    Raises
    ------
    ValueError
        If the integration diverges because ``dt`` is too large.

    References
    ----------
    .. [1] E. N. Lorenz, "Deterministic nonperiodic flow", J. Atmos. Sci. 20, 1963.
    .. [2] J. C. Sprott, "Chaos and Time-Series Analysis", Oxford University Press, 2003.

    Examples
    --------
    >>> from dlkit.datasets import make_lorenz
    >>> X = make_lorenz(1000, dt=0.01, random_state=0)
    >>> X.shape
    (1000, 3)
    >>> bool(X[:, 2].min() > 0)
    True
    """

    def flow(x, y, z):
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    def shifted(k, step):
        return flow(x + step * k[0], y + step * k[1], z + step * k[2])

    dt, sigma, rho, beta = float(dt), float(sigma), float(rho), float(beta)
    x, y, z = check_random_state(random_state).normal(size=3).tolist()
    z += rho - 1
    points = [(x, y, z)]
    for _ in range(transient + n_steps - 1):
        k1 = flow(x, y, z)
        k2 = shifted(k1, dt / 2)
        k3 = shifted(k2, dt / 2)
        k4 = shifted(k3, dt)
        x, y, z = (
            s + dt / 6 * (a + 2 * b + 2 * c + d)
            for s, a, b, c, d in zip((x, y, z), k1, k2, k3, k4, strict=True)
        )
        points.append((x, y, z))
    return _check_bounded(np.array(points[transient:]), "Lorenz", f"dt={dt}: take a shorter dt")


@validate_params(
    {
        "n_steps": [count()],
        "a": [Interval(Real, None, None, closed="neither")],
        "b": [Interval(Real, None, None, closed="neither")],
        "transient": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_henon(n_steps, *, a=1.4, b=0.3, transient=100, random_state=None):
    """Draw an orbit of the Hénon map.

    The map of [1]_::

        x(t+1) = 1 - a x(t)**2 + y(t)
        y(t+1) = b x(t)

    At the default coefficients the largest Lyapunov exponent is 0.419 a step.

    Parameters
    ----------
    n_steps : int
        Length of the orbit.
    a, b : float, default=1.4, 0.3
        Coefficients of the map.
    transient : int, default=100
        Number of steps to drop from the start, until the orbit has reached the attractor.
    random_state : int, RandomState instance or None, default=None
        Seeds the start: x and y are drawn uniformly from [-0.1, 0.1].

    Returns
    -------
    X : ndarray of shape (n_steps, 2), float64
        x and y at each step.

    Raises
    ------
    ValueError
        If the orbit diverges, because the map has no bounded attractor at these coefficients.

    References
    ----------
    .. [1] M. Hénon, "A two-dimensional mapping with a strange attractor", Commun. Math. Phys.
       50, 1976.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.datasets import make_henon
    >>> X = make_henon(500, random_state=0)
    >>> X.shape
    (500, 2)
    >>> bool(np.array_equal(X[1:, 1], 0.3 * X[:-1, 0]))
    True
    """
    a, b = float(a), float(b)
    x, y = check_random_state(random_state).uniform(-0.1, 0.1, size=2).tolist()
    points = [(x, y)]
    for _ in range(transient + n_steps - 1):
        x, y = 1 - a * x * x + y, b * x
        points.append((x, y))
    return _check_bounded(np.array(points[transient:]), "Hénon", f"a={a}, b={b}")


def _check_bounded(points, system, where):
    if not np.isfinite(points).all():
        raise ValueError(f"the {system} system diverged at {where}")
    return points
