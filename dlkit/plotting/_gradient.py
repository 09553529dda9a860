"""Figure of how far gradients reach back in a reservoir."""

import numpy as np

from ..reservoir import gradient_norms
from ._display import PALETTE, Display, style, table


class GradientDisplay(Display):
    """Norms of the gradients of a reservoir's last outputs by its states k steps before.

    A straight line that falls means that the reservoir forgets at a steady rate; one that rises,
    that it is chaotic. See :func:`dlkit.reservoir.gradient_norms`.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    norms : ndarray of shape (n_series, n_steps + 1)
        A row for each series, entry k for k steps back.
    name : str, default=None
        What the legend calls the reservoir.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    line_ : matplotlib Line2D
        The geometric mean over the series.
    band_ : matplotlib PolyCollection or None
        From the least to the largest, of several series.

    References
    ----------
    .. [1] Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent
       is difficult, IEEE Transactions on Neural Networks 5(2).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.plotting import GradientDisplay
    >>> x = np.sin(0.3 * np.arange(100))[:, None]
    >>> slow, fast = (ReservoirStates(50, leak_rate=a, random_state=0) for a in (0.1, 1.0))
    >>> display = GradientDisplay.from_estimator(slow, x, n_steps=50, name="slow")
    >>> display = GradientDisplay.from_estimator(
    ...     fast, x, n_steps=50, name="fast", ax=display.ax_
    ... )
    >>> [line.get_label() for line in display.ax_.lines]
    ['slow', 'fast']
    """

    def __init__(self, norms, name=None):
        self.norms = norms
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        *,
        n_steps=100,
        norm="spectral",
        random_state=None,
        name=None,
        ax=None,
        **kwargs,
    ):
        """Measure the norms under an input, and draw.

        Parameters
        ----------
        estimator : reservoir estimator or Reservoir
            As of :func:`dlkit.reservoir.gradient_norms`.
        X : array-like or list of array-like
            Series that drive the reservoir.
        n_steps : int, default=100
            How many steps to look back.
        norm : {"spectral", "frobenius"}, default="spectral"
            As of :func:`dlkit.reservoir.gradient_norms`.
        random_state : int, RandomState instance or None, default=None
            Draws the reservoir of an estimator that is not fitted.
        name : str, default=None
            What the legend calls the reservoir; its class if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line.

        Returns
        -------
        display : GradientDisplay
        """
        norms = gradient_norms(estimator, X, n_steps=n_steps, norm=norm, random_state=random_state)
        name = type(estimator).__name__ if name is None else name
        return cls.from_predictions(norms, name=name, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, norms, *, name=None, ax=None, **kwargs):
        """Draw norms that were measured.

        Parameters
        ----------
        norms : array-like of shape (n_steps + 1,) or (n_series, n_steps + 1)
            As :func:`dlkit.reservoir.gradient_norms` returns them.
        name, ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : GradientDisplay
        """
        norms = np.asarray(norms)
        norms = table(norms[None] if norms.ndim == 1 else norms, "norms")
        return cls(norms, name).plot(ax=ax, **kwargs)

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
        self : GradientDisplay
        """
        ax = self._begin(ax)
        steps = np.arange(self.norms.shape[1])
        color = PALETTE[len(ax.lines) % len(PALETTE)]
        look = {"color": color, "linewidth": 1.8, "label": self.name}
        look = style(look, kwargs)
        with np.errstate(divide="ignore"):
            mean = np.exp(np.log(self.norms).mean(axis=0))
        (self.line_,) = ax.plot(steps, mean, **look)
        self.band_ = None
        if len(self.norms) > 1:
            ends = self.norms.min(axis=0), self.norms.max(axis=0)
            self.band_ = ax.fill_between(steps, *ends, color=look["color"], alpha=0.2, lw=0)
        ax.set(xlabel="steps back", ylabel="norm of the gradient", yscale="log")
        if self.name is not None:
            ax.legend(loc="best", frameon=False)
        return self
