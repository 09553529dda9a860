"""What displays share: axes, colours, and errors that name what cannot be drawn."""

import numpy as np

from .._validation import check_array, naming

# Okabe & Ito's colours, told apart by colour-blind readers, and clear on white and on black
PALETTE = ("#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#F0E442")
ORANGE, SKY, GREEN, VERMILION, BLUE, PURPLE, YELLOW = PALETTE
GREY = "#8C8C8C"
SEQUENTIAL, DIVERGING = "cividis", "RdBu_r"


def ink():
    """Colour of text: dark on a light figure, light under ``plt.style.use("dark_background")``."""
    from matplotlib import rcParams

    return rcParams["text.color"]


class Display:
    """A figure that keeps what it drew: ``ax_`` and ``figure_`` after :meth:`plot`."""

    def _begin(self, ax, figsize=(6.4, 4.0)):
        """Axes to draw into, those of a new figure if None; and keep both."""
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise ImportError(
                f'{type(self).__name__} needs matplotlib: pip install "dlkit-learn[plots]".'
            ) from error
        if ax is not None and not isinstance(ax, plt.Axes):
            raise TypeError(f"ax must be axes of matplotlib, or None, got {ax!r:.60}.")
        if ax is None:
            ax = plt.subplots(figsize=figsize, layout="constrained")[1]
        self.ax_, self.figure_ = ax, ax.figure
        return ax


def table(values, name, *, n_dims=2, finite=True):
    """Numbers of a figure, as an array of so many axes; named in errors."""
    with naming(name):
        values = np.asarray(values)
        values = values[:, None] if values.ndim == 1 and n_dims == 2 else values
        options = {"input_name": name, "ensure_all_finite": finite}
        if n_dims == 1:
            return check_array(values, ensure_2d=False, **options)
        if values.ndim != n_dims:
            raise ValueError(f"{name} must have {n_dims} axes, got shape {values.shape}.")
        return check_array(values, allow_nd=True, **options)


def style(defaults, given):
    """How a line is drawn: ``given`` before ``defaults``, whatever name a property goes by."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return normalize_kwargs(defaults, Line2D) | normalize_kwargs(given, Line2D)


def pick(number, n, name, of):
    """A place in 0 … n − 1, counted from the end if negative; refused where there is none."""
    if not isinstance(number, (int, np.integer)) or not -n <= number < n:
        raise ValueError(f"{name}={number!r} is none of the {n} {of}.")
    return int(number) % n
