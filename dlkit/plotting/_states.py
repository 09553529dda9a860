"""Figure of the states of a reservoir under an input."""

import numpy as np

from .._params import StrOptions, validate_params
from ._display import DIVERGING, PALETTE, Display, pick, style, table


class StatesDisplay(Display):
    """States of a reservoir, step by step: an image of all units, or lines of some.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    states : ndarray of shape (T, n_units)
        A row for each step.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    image_ : matplotlib AxesImage or None
        The image, of ``kind="image"``.
    lines_ : list of matplotlib Line2D
        The lines, of ``kind="lines"``.

    See Also
    --------
    dlkit.ESNForecaster.states : States of a fitted estimator.

    References
    ----------
    .. [1] Lukoševičius (2012), A practical guide to applying echo state networks, Neural Networks:
       Tricks of the Trade, 2nd ed.: always plot samples of the activations.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> from dlkit.plotting import StatesDisplay
    >>> x = np.sin(0.3 * np.arange(200))
    >>> esn = ESNForecaster(50, random_state=0).fit(x)
    >>> display = StatesDisplay.from_estimator(esn, x[:80], kind="lines", units=5)
    >>> len(display.lines_)
    5
    """

    def __init__(self, states):
        self.states = states

    @classmethod
    def from_estimator(cls, estimator, X, *, number=0, kind="image", units=None, ax=None, **kwargs):
        """Run a fitted estimator over ``X`` and draw its states.

        Parameters
        ----------
        estimator : reservoir estimator or transformer
            Fitted: an ``ESN...``, :class:`~dlkit.ReservoirStates` or
            :class:`~dlkit.ReservoirFeatures`.
        X : array-like or list of array-like
            In any form the estimator takes.
        number : int, default=0
            Which of several sequences to draw.
        kind : {"image", "lines"}, default="image"
            All units as an image, or lines.
        units : int or array-like of int, default=None
            How many units, spread evenly, or their numbers; all of an image and 6 lines if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow`` or ``plot``.

        Returns
        -------
        display : StatesDisplay
        """
        if hasattr(estimator, "states"):
            states = estimator.states(X)
        elif hasattr(estimator, "_carries_state"):  # a row of which is a step
            states = estimator.transform(X)
        else:
            raise TypeError(
                f"{type(estimator).__name__} has no states: give an ESN, ReservoirStates or "
                "ReservoirFeatures, or states to StatesDisplay.from_predictions."
            )
        if isinstance(states, list) or np.ndim(states) == 3:
            states = states[pick(number, len(states), "number", "sequences")]
        return cls.from_predictions(states, kind=kind, units=units, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, states, *, kind="image", units=None, ax=None, **kwargs):
        """Draw states that were computed.

        Parameters
        ----------
        states : array-like of shape (T, n_units)
            A row for each step.
        kind, units, ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : StatesDisplay
        """
        display = cls(table(states, "states", finite=False))
        return display.plot(ax=ax, kind=kind, units=units, **kwargs)

    @validate_params(
        {"kind": [StrOptions({"image", "lines"})]}, prefer_skip_nested_validation=True
    )  # fmt: skip
    def plot(self, ax=None, *, kind="image", units=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        kind : {"image", "lines"}, default="image"
            All units as an image, or lines.
        units : int or array-like of int, default=None
            How many units, spread evenly, or their numbers; all of an image and 6 lines if None.
        **kwargs : dict
            Go to ``imshow`` or ``plot``.

        Returns
        -------
        self : StatesDisplay
        """
        n = self.states.shape[1]
        units = (n if kind == "image" else min(6, n)) if units is None else units
        if isinstance(units, (int, np.integer)):
            if not 1 <= units <= n:
                raise ValueError(f"units={units} must be 1 to {n}, the number of units.")
            units = np.linspace(0, n - 1, int(units)).round().astype(int)
        units = np.asarray(units)
        if units.ndim != 1 or not len(units):
            raise ValueError(
                f"units must be a number of units, or a list of their numbers, got {units!r}."
            )
        units = np.array([pick(unit, n, "units", "units") for unit in units.tolist()])
        ax = self._begin(ax, (8, 3.6))
        self.image_, self.lines_ = None, []
        shown = self.states[:, units]
        if kind == "image":
            limit = np.abs(shown[np.isfinite(shown)]).max(initial=0) or 1.0
            look = {"cmap": DIVERGING, "vmin": -limit, "vmax": limit, "aspect": "auto"}
            look |= {"interpolation": "nearest", "origin": "lower"}
            self.image_ = ax.imshow(shown.T, **(look | kwargs))
            self.figure_.colorbar(self.image_, ax=ax, label="state")
            ax.set(xlabel="step", ylabel="unit")
            return self
        for i, unit in enumerate(units):
            look = {"color": PALETTE[i % len(PALETTE)], "linewidth": 1.2, "label": f"unit {unit}"}
            self.lines_ += ax.plot(shown[:, i], **style(look, kwargs))
        ax.set(xlabel="step", ylabel="state")
        ax.margins(x=0.01)
        if len(units) <= 10:
            ax.legend(loc="upper right", ncols=min(len(units), 3), fontsize="small")
        return self
