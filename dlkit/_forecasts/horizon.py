"""What a forecaster learns to predict: how many steps ahead, and in which terms."""

from numbers import Integral

from sklearn.base import BaseEstimator

from .._params import StrOptions, count, shown

__all__ = ["HORIZON", "Horizon", "as_horizon", "check_horizon"]


class Horizon(BaseEstimator):
    """What a forecaster learns, without ``y``: the value of its ``horizon``.

    ``horizon=24`` stands for ``Horizon(24)``.

    Parameters
    ----------
    n_steps : int, default=1
        Steps ahead that are learned, all at once from one decomposition. Forecasts of up to so many
        steps are read from the last state; longer ones go on from these, block by block. With 1
        every step of a forecast is the input of the next.
    increments : {"auto"} or bool, default="auto"
        Whether the readout learns how the steps to come differ from the present one. ``"auto"``
        stands for True in :class:`~dlkit.NVARForecaster` and False in
        :class:`~dlkit.ESNForecaster`.

    References
    ----------
    .. [1] Ben Taieb, Bontempi, Atiya & Sorjamaa (2012), A review and comparison of strategies for
       multi-step ahead time series forecasting based on the NN5 forecasting competition, Expert
       Systems with Applications 39(8).

    Examples
    --------
    >>> from dlkit import ESNForecaster
    >>> ESNForecaster(horizon=24).set_params(horizon__increments=True).horizon
    Horizon(increments=True, n_steps=24)
    """

    _parameter_constraints = {
        "n_steps": [count()],
        "increments": [StrOptions({"auto"}), "boolean"],
    }

    def __init__(self, n_steps=1, *, increments="auto"):
        self.n_steps = n_steps
        self.increments = increments

    def resolved(self, increments):
        """Check the parameters, and settle what is chosen by itself.

        Parameters
        ----------
        increments : bool
            What ``increments="auto"`` stands for.

        Returns
        -------
        n_steps : int
            Steps ahead.
        increments : bool
            Whether targets are differences to the last value.
        """
        self._validate_params()
        n_steps = check_horizon(self.n_steps, "horizon")
        return n_steps, increments if isinstance(self.increments, str) else bool(self.increments)


MOST_STEPS = 2**31  # more would not fit into memory

HORIZON = {"horizon": [count(), Horizon]}


def as_horizon(horizon):
    """Horizon from a number of steps, too."""
    return horizon if isinstance(horizon, Horizon) else Horizon(horizon)


def check_horizon(n_steps, name="n_steps"):
    """Return a number of steps ahead as an int; refuse what is none."""
    if not isinstance(n_steps, Integral) or isinstance(n_steps, bool) or n_steps < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {shown(n_steps)}.")
    if n_steps >= MOST_STEPS:
        raise ValueError(f"{name} must be below {MOST_STEPS}, got {shown(n_steps)}.")
    return int(n_steps)
