"""Figure of what a reservoir remembers, by delay."""

import numpy as np

from ..reservoir import memory_capacity
from ._display import PALETTE, Display, style, table


class MemoryCurveDisplay(Display):
    """How much of the input d steps ago a readout finds in a reservoir's state.

    The curve is r² by delay, its sum the memory capacity; see
    :func:`dlkit.reservoir.memory_capacity`.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    delays : ndarray of shape (max_delay,)
        Steps ago.
    by_delay : ndarray of shape (max_delay,)
        Squared correlations, or their sums over several channels.
    total : float
        Their sum.
    name : str, default=None
        What the legend calls the reservoir.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    line_ : matplotlib Line2D
        The curve.

    References
    ----------
    .. [1] Jaeger (2001), Short term memory in echo state networks, GMD report 152.

    Examples
    --------
    >>> from dlkit import ReservoirStates
    >>> from dlkit.plotting import MemoryCurveDisplay
    >>> ring = ReservoirStates(20, topology="ring", activation="identity", bias_scaling=0,
    ...                        spectral_radius=0.8, random_state=0)
    >>> display = MemoryCurveDisplay.from_estimator(ring, n_steps=10_000, random_state=0)
    >>> round(display.total, 1)
    19.0
    """

    def __init__(self, delays, by_delay, total, name=None):
        self.delays = delays
        self.by_delay = by_delay
        self.total = total
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        n_steps=20_000,
        max_delay=None,
        random_state=None,
        name=None,
        ax=None,
        **kwargs,
    ):
        """Measure the memory of a reservoir, and draw.

        Parameters
        ----------
        estimator : reservoir estimator or Reservoir
            As of :func:`dlkit.reservoir.memory_capacity`.
        n_steps : int, default=20_000
            Steps to measure over.
        max_delay : int, default=None
            Longest delay, twice the number of units if None.
        random_state : int, RandomState instance or None, default=None
            Draws the input, and the reservoir of an estimator that is not fitted.
        name : str, default=None
            What the legend calls the reservoir; its class if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line.

        Returns
        -------
        display : MemoryCurveDisplay
        """
        found = memory_capacity(
            estimator, n_steps=n_steps, max_delay=max_delay, random_state=random_state
        )
        name = type(estimator).__name__ if name is None else name
        return cls.from_predictions(found, name=name, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, capacity, *, name=None, ax=None, **kwargs):
        """Draw a memory that was measured.

        Parameters
        ----------
        capacity : Bunch or array-like of shape (max_delay,)
            As :func:`dlkit.reservoir.memory_capacity` returns it, or its ``by_delay``.
        name, ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : MemoryCurveDisplay
        """
        by_delay = table(getattr(capacity, "by_delay", capacity), "capacity", n_dims=1)
        delays = np.asarray(getattr(capacity, "delays", np.arange(1, len(by_delay) + 1)))
        return cls(delays, by_delay, float(by_delay.sum()), name).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line.

        Returns
        -------
        self : MemoryCurveDisplay
        """
        ax = self._begin(ax)
        name = "" if self.name is None else f"{self.name}: "
        look = {"color": PALETTE[len(ax.lines) % len(PALETTE)], "linewidth": 1.8}
        look["label"] = f"{name}capacity {self.total:.1f}"
        (self.line_,) = ax.plot(self.delays, self.by_delay, **style(look, kwargs))
        ax.set(xlabel="delay (steps)", ylabel="r² of the recalled input")
        if ax.get_yscale() == "linear":
            ax.set_ylim(bottom=min(0, *ax.get_ylim()), auto=True)  # another curve may be higher
        ax.legend(loc="best", frameon=False)
        return self
