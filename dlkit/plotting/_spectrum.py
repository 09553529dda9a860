"""Figure of the eigenvalues of a reservoir."""

import numpy as np
from scipy.sparse import issparse

from ..reservoir._models.layers import DeepReservoir
from ._display import BLUE, GREY, VERMILION, Display, pick, style, table


class SpectrumDisplay(Display):
    """Eigenvalues of a reservoir in the complex plane, with the unit circle.

    Shown are those of the recurrent matrix W and, where units leak, those of the effective map
    (1 − a) I + a W, by which small states move on in each step [1]_.

    Use :meth:`from_estimator` or :meth:`from_matrix` to make one.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_units,)
        Of W.
    effective : ndarray of shape (n_units,), default=None
        Of the effective map.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    points_ : matplotlib Line2D
        Eigenvalues of W.
    effective_points_ : matplotlib Line2D or None
        Those of the effective map.
    circle_ : matplotlib Circle
        The unit circle.

    References
    ----------
    .. [1] Jaeger, Lukosevicius, Popovici & Siewert (2007), Optimization and applications of echo
       state networks with leaky-integrator neurons, Neural Networks 20(3),
       :doi:`10.1016/j.neunet.2007.04.016`.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.plotting import SpectrumDisplay
    >>> esn = ReservoirStates(100, leak_rate=0.3, random_state=0).fit(np.ones((5, 1)))
    >>> display = SpectrumDisplay.from_estimator(esn)
    >>> round(float(np.abs(display.eigenvalues).max()), 6)
    0.9
    >>> len(display.effective)
    100
    """

    def __init__(self, eigenvalues, effective=None):
        self.eigenvalues = eigenvalues
        self.effective = effective

    @classmethod
    def from_estimator(cls, estimator, *, layer=0, ax=None, **kwargs):
        """Draw the eigenvalues of a fitted estimator's reservoir.

        Parameters
        ----------
        estimator : reservoir estimator or Reservoir
            Fitted, or what was drawn: ``reservoir_``.
        layer : int, default=0
            Which of several layers.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the points.

        Returns
        -------
        display : SpectrumDisplay

        Notes
        -----
        All eigenvalues are computed, which takes seconds from 2000 units on.
        """
        drawn = getattr(estimator, "reservoir_", estimator)
        if isinstance(drawn, DeepReservoir):
            drawn = drawn.layers[pick(layer, len(drawn.layers), "layer", "layers")]
        if not hasattr(drawn, "matrix"):
            raise TypeError(
                f"{type(estimator).__name__} has no recurrent matrix: give a fitted estimator with "
                "a reservoir, or a matrix to SpectrumDisplay.from_matrix."
            )
        leak_rate = drawn.leak_rate
        if np.ndim(leak_rate):
            leak_rate = leak_rate[-drawn.matrix.shape[0] :]  # after the units of a linear memory
        return cls.from_matrix(drawn.matrix, leak_rate=leak_rate, ax=ax, **kwargs)

    @classmethod
    def from_matrix(cls, matrix, *, leak_rate=1.0, ax=None, **kwargs):
        """Draw the eigenvalues of a matrix.

        Parameters
        ----------
        matrix : array-like, sparse matrix or linear operator of shape (n_units, n_units)
            W.
        leak_rate : float or array-like of shape (n_units,), default=1.0
            The leak rate a; the effective map is drawn if it is not one.
        ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : SpectrumDisplay
        """
        if issparse(matrix):
            dense = matrix.toarray()
        else:
            dense = matrix if isinstance(matrix, np.ndarray) else matrix @ np.eye(matrix.shape[0])
        W = table(dense, "matrix")
        if W.shape[0] != W.shape[1]:
            raise ValueError(f"matrix must be square, got shape {W.shape}.")
        a = np.broadcast_to(table(np.atleast_1d(leak_rate), "leak_rate", n_dims=1), len(W))
        effective = None
        if not np.all(a == 1):
            effective = np.linalg.eigvals(np.diag(1 - a) + a[:, None] * W)
        return cls(np.linalg.eigvals(W), effective).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the points.

        Returns
        -------
        self : SpectrumDisplay
        """
        ax = self._begin(ax, (5.6, 5.2))
        from matplotlib.patches import Circle

        self.circle_ = ax.add_patch(Circle((0, 0), 1, fill=False, color=GREY, linewidth=1.2))
        ax.axhline(0, color=GREY, linewidth=0.5)
        ax.axvline(0, color=GREY, linewidth=0.5)
        self.effective_points_ = None

        def points(values, color, marker, name):
            label = f"{name}, radius {np.abs(values).max():.3g}"
            look = {"color": color, "marker": marker, "linestyle": "", "markersize": 4}
            look |= {"alpha": 0.8, "label": label}
            return ax.plot(values.real, values.imag, **style(look, kwargs))[0]

        self.points_ = points(self.eigenvalues, BLUE, "o", "W")
        if self.effective is not None:
            name = "(1 − a) I + a W"
            self.effective_points_ = points(self.effective, VERMILION, "^", name)
        every = [self.eigenvalues] + ([] if self.effective is None else [self.effective])
        limit = 1.1 * max(1.0, *(np.abs(values).max() for values in every))
        ax.set(
            xlabel="real part", ylabel="imaginary part", aspect="equal", xlim=(-limit, limit),
            ylim=(-limit, limit),
        )  # fmt: skip
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
        return self
