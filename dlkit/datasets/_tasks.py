"""Tasks for reservoirs: a random input with a target computed from its past, or a sum of sines."""

from math import tanh

import numpy as np
from sklearn.utils import check_random_state

from .._params import Integral, StrOptions, count, validate_params
from .._validation import naming

_MSO_FREQUENCIES = (0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97)
_NARMA_DRAWS = 100
_NARMA_BOUND = 2.0  # bounded series of order 10 stay below 1.2


@validate_params(
    {
        "n_steps": [count()],
        "order": [count()],
        "coefficients": ["array-like"],
        "saturate": ["boolean", StrOptions({"auto"})],
        "transient": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_narma(
    n_steps,
    order=10,
    *,
    coefficients=(0.3, 0.05, 1.5, 0.1),
    saturate="auto",
    transient=200,
    random_state=None,
):
    """Draw a nonlinear autoregressive moving-average task (NARMA).

    The inputs u are independent and uniform in [0, 0.5]. With n the order and a, b, c, d the
    coefficients, the target y is that of [1]_::

        y(t+1) = a y(t) + b y(t) (y(t) + ... + y(t-n+1)) + c u(t-n+1) u(t) + d

    Some inputs drive y to infinity: at order 10, in about one of forty series of 4000 steps. An
    input for which y leaves [-2, 2] is rejected and another one is drawn. Above order 10 nearly
    every input would be rejected, and the usual remedy is to take the tanh of the right-hand side.

    Parameters
    ----------
    n_steps : int
        Length of the series.
    order : int, default=10
        n, how many steps back the equation looks.
    coefficients : array-like of 4 floats, default=(0.3, 0.05, 1.5, 0.1)
        a, b, c and d. In the literature NARMA-30 has (0.2, 0.04, 1.5, 0.001) and no tanh, and
        NARMA-20 often d = 0.01, inside the tanh.
    saturate : bool or 'auto', default='auto'
        Whether to take the tanh of the right-hand side; 'auto' does so above order 10.
    transient : int, default=200
        Number of steps to drop from the start, where y grows from zero.
    random_state : int, RandomState instance or None, default=None
        Seeds the input.

    Returns
    -------
    u : ndarray of shape (n_steps, 1), float64
        The input.
    y : ndarray of shape (n_steps,), float64
        The target; ``y[t]`` depends on ``u[:t]`` and not on ``u[t]``.

    Raises
    ------
    ValueError
        If ``coefficients`` are not four finite numbers, or 100 draws in a row diverge.

    References
    ----------
    .. [1] A. F. Atiya and A. G. Parlos, "New results on recurrent network training: unifying the
       algorithms and accelerating convergence", IEEE Trans. Neural Networks 11, 2000.

    Examples
    --------
    >>> from dlkit.datasets import make_narma
    >>> u, y = make_narma(2000, order=10, random_state=0)
    >>> u.shape, y.shape
    ((2000, 1), (2000,))
    """
    coefficients = np.asarray(coefficients, dtype=float)
    if coefficients.shape != (4,) or not np.isfinite(coefficients).all():
        raise ValueError(f"coefficients must be four finite numbers: {coefficients}")
    saturate = order > 10 if saturate == "auto" else saturate
    rng = check_random_state(random_state)
    for _ in range(_NARMA_DRAWS):
        u = rng.uniform(0, 0.5, size=order + transient + n_steps)
        y = _narma(u.tolist(), order, *coefficients.tolist(), saturate)
        if y is not None:
            return u[-n_steps:, None].copy(), np.array(y[-n_steps:])
    raise ValueError(
        f"all of {_NARMA_DRAWS} draws diverged at order={order}, "
        f"coefficients={tuple(coefficients.tolist())}, n_steps={n_steps}: "
        "take saturate=True, or smaller coefficients"
    )


def _narma(u, order, a, b, c, d, saturate):
    """Return the target for the input u, or None if the target diverges."""
    y = [0.0] * order
    for t in range(order - 1, len(u) - 1):
        value = a * y[t] + b * y[t] * sum(y[-order:]) + c * u[t - order + 1] * u[t] + d
        value = tanh(value) if saturate else value
        if not abs(value) <= _NARMA_BOUND:
            return None
        y.append(value)
    return y


@validate_params(
    {"n_steps": [count()], "frequencies": [count(), "array-like"]},
    prefer_skip_nested_validation=True,
)
def make_multiple_sines(n_steps, frequencies=8):
    """Compute the task of multiple superimposed oscillators: a sum of sines.

    For t = 0, 1, 2, ...::

        x(t) = sin(f_1 t) + ... + sin(f_k t)

    The task is to forecast the series from the model's own outputs. The more oscillators one
    reservoir has to keep apart, the harder the task is [1]_.

    Parameters
    ----------
    n_steps : int
        Length of the series.
    frequencies : int or array-like of shape (k,), default=8
        Frequencies in radians a step. An int k of at most 8 stands for the first k of the usual
        frequencies 0.2, 0.311, 0.42, 0.51, 0.63, 0.74, 0.85, 0.97.

    Returns
    -------
    x : ndarray of shape (n_steps, 1), float64
        The series. It is not random.

    Raises
    ------
    ValueError
        If ``frequencies`` is above 8, empty, or not finite.

    References
    ----------
    .. [1] D. Koryakin, J. Lohmann and M. V. Butz, "Balanced echo state networks", Neural
       Networks 36, 2012.

    Examples
    --------
    >>> from dlkit.datasets import make_multiple_sines
    >>> make_multiple_sines(3, frequencies=2).round(3).ravel().tolist()
    [0.0, 0.505, 0.972]
    """
    if isinstance(frequencies, Integral):
        if frequencies > len(_MSO_FREQUENCIES):
            raise ValueError(
                f"frequencies must be at most {len(_MSO_FREQUENCIES)}, or an array: {frequencies}"
            )
        frequencies = _MSO_FREQUENCIES[:frequencies]
    with naming("frequencies"):
        frequencies = np.asarray(frequencies, dtype=float)
    with np.errstate(over="ignore"):  # the largest phase may be beyond float64
        sound = frequencies.ndim == 1 and np.isfinite(frequencies * n_steps).all()
    if not sound or frequencies.size == 0:
        raise ValueError(
            "frequencies must be one or more finite numbers, also after multiplication by "
            f"n_steps={n_steps}: {frequencies}"
        )
    return np.sin(np.arange(n_steps)[:, None] * frequencies).sum(axis=1, keepdims=True)


@validate_params(
    {"n_steps": [count()], "max_delay": [count()], "random_state": ["random_state"]},
    prefer_skip_nested_validation=True,
)
def make_memory(n_steps, max_delay=20, *, random_state=None):
    """Draw the short-term memory task: recall the input of up to ``max_delay`` steps ago.

    The inputs u are independent and uniform in [-1, 1]. There is a target ``u(t - d)`` for each
    delay d = 1, ..., ``max_delay``. The memory capacity [1]_ is the squared correlation of target
    and prediction, summed over the delays.

    Parameters
    ----------
    n_steps : int
        Length of the series.
    max_delay : int, default=20
        The longest delay.
    random_state : int, RandomState instance or None, default=None
        Seeds the input.

    Returns
    -------
    u : ndarray of shape (n_steps, 1), float64
        The input.
    Y : ndarray of shape (n_steps, max_delay), float64
        Column ``d - 1`` is the input d steps ago. In the first ``max_delay`` rows some targets are
        inputs from before the series begins, which no model can know: choose a washout that
        leaves these rows out.

    References
    ----------
    .. [1] H. Jaeger, "Short term memory in echo state networks", GMD report 152, 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.datasets import make_memory
    >>> u, Y = make_memory(500, max_delay=30, random_state=0)
    >>> u.shape, Y.shape
    ((500, 1), (500, 30))
    >>> bool(np.array_equal(Y[7:, 6], u[:-7, 0]))
    True
    """
    drawn = check_random_state(random_state).uniform(-1, 1, size=n_steps + max_delay)
    windows = np.lib.stride_tricks.sliding_window_view(drawn, max_delay + 1)
    return windows[:, -1:].copy(), windows[:, -2::-1].copy()


@validate_params(
    {
        "n_steps": [count()],
        "n_bits": [count()],
        "delay": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_parity(n_steps, n_bits=3, *, delay=0, random_state=None):
    """Draw the temporal parity task, which needs both memory and a nonlinearity.

    The inputs u are -1 or 1 with equal probability. The target is the parity of ``n_bits``
    successive inputs, the latest of which is ``delay`` steps old [1]_: 1 if an odd number of
    ``u(t - delay), ..., u(t - delay - n_bits + 1)`` are 1, else 0. With two or more bits the target
    is uncorrelated with every linear function of the inputs.

    Parameters
    ----------
    n_steps : int
        Length of the series.
    n_bits : int, default=3
        Number of inputs in the parity.
    delay : int, default=0
        Age of the latest of these inputs, in steps.
    random_state : int, RandomState instance or None, default=None
        Seeds the input.

    Returns
    -------
    u : ndarray of shape (n_steps, 1), float64
        The input.
    y : ndarray of shape (n_steps,), int64
        The parity. The first ``delay + n_bits - 1`` values depend on inputs from before the
        series begins, which no model can know: choose a washout that leaves them out.

    References
    ----------
    .. [1] N. Bertschinger and T. Natschläger, "Real-time computation at the edge of chaos in
       recurrent neural networks", Neural Computation 16, 2004.

    Examples
    --------
    >>> from dlkit.datasets import make_parity
    >>> u, y = make_parity(6, n_bits=2, random_state=1)
    >>> u.ravel().tolist()
    [1.0, -1.0, -1.0, 1.0, 1.0, 1.0]
    >>> y.tolist()
    [0, 1, 0, 1, 0, 0]
    """
    past = delay + n_bits - 1
    bits = check_random_state(random_state).randint(2, size=n_steps + past, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(bits[: n_steps + n_bits - 1], n_bits)
    return (2.0 * bits[past:] - 1.0)[:, None], windows.sum(axis=1) % 2
