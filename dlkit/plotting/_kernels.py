"""Figure of the kernels of a convolutional feature map."""

import numpy as np

from .._readings import warn_reading
from ._display import DIVERGING, Display, pick, table


class KernelsDisplay(Display):
    """Kernels side by side, each on its own scale, in one image.

    Kernels of images are small pictures, in colour where they have three channels; kernels of
    series are rows; of volumes the middle slice is shown.

    Use :meth:`from_estimator` or :meth:`from_kernels` to make one.

    Parameters
    ----------
    kernels : ndarray of shape (K, height, width) or (K, height, width, 3)
        Values from −1 to 1.
    n_columns : int, default=None
        Kernels in a row; about as many as rows if None.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    image_ : matplotlib AxesImage
        The image.

    References
    ----------
    .. [1] Coates, Ng & Lee (2011). An analysis of single-layer networks in unsupervised feature
       learning. AISTATS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from dlkit import ConvFeatures
    >>> from dlkit.plotting import KernelsDisplay
    >>> conv = ConvFeatures(12, kernel_size=(5, 5), random_state=0).fit(load_digits().images)
    >>> display = KernelsDisplay.from_estimator(conv)
    >>> display.kernels.shape
    (12, 5, 5)
    """

    def __init__(self, kernels, n_columns=None):
        self.kernels = kernels
        self.n_columns = n_columns

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        channel=None,
        size=0,
        group=0,
        shape=None,
        n_columns=None,
        ax=None,
        **kwargs,
    ):
        """Draw the kernels of a fitted estimator.

        Parameters
        ----------
        estimator : ConvFeatures, ConvRBM or estimator with components
            Fitted: with ``kernels_``, or with ``components_`` or ``cluster_centers_``, one kernel
            a row.
        channel : int, default=None
            Which channel of the kernels; if None all three as colours where there are three, else
            the first.
        size : int, default=0
            Which of several kernel sizes.
        group : int, default=0
            Which group, where positions do not share their kernels.
        shape : tuple of int, default=None
            Shape of a kernel, with its channels last, where kernels are rows; square if None.
        n_columns : int, default=None
            Kernels in a row; about as many as rows if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow``.

        Returns
        -------
        display : KernelsDisplay
        """
        names = ("kernels_", "components_", "cluster_centers_")
        kernels = next((getattr(estimator, n) for n in names if hasattr(estimator, n)), None)
        if kernels is None:
            raise TypeError(
                f"{type(estimator).__name__} has none of {', '.join(names)}: fit it first, or give "
                "an array to KernelsDisplay.from_kernels."
            )
        if isinstance(kernels, list):
            kernels = kernels[pick(size, len(kernels), "size", "kernel sizes")]
        if isinstance(kernels, tuple) or np.asarray(kernels).dtype.kind not in "fiub":
            raise TypeError(
                f"The kernels of {type(estimator).__name__} are no array that a figure could show."
            )
        kernels = np.asarray(kernels)
        if getattr(estimator, "sharing", "shared") != "shared" and kernels.ndim > 3:
            kernels = kernels[pick(group, len(kernels), "group", "groups")]
        if kernels.ndim == 2:
            side = round(kernels.shape[1] ** 0.5)
            shape = shape or ((side, side) if side**2 == kernels.shape[1] else kernels.shape[1:])
            if np.prod(shape) != kernels.shape[1]:
                raise ValueError(
                    f"shape={shape} does not fit kernels of {kernels.shape[1]} numbers."
                )
            kernels = kernels.reshape(len(kernels), *shape)
            if len(shape) < 3:
                kernels = kernels[..., None]
        return cls._drawn(kernels, channel, n_columns, ax, kwargs)

    @classmethod
    def from_kernels(cls, kernels, *, channel=None, n_columns=None, ax=None, **kwargs):
        r"""Draw kernels.

        Parameters
        ----------
        kernels : array-like of shape (K, \*kernel_size, C)
            Kernels with one to three axes of space, channels last.
        channel, n_columns, ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : KernelsDisplay
        """
        shape = np.shape(kernels)
        if 3 <= len(shape) <= 4:
            _warn_of_axes(shape)
        return cls._drawn(kernels, channel, n_columns, ax, kwargs)

    @classmethod
    def _drawn(cls, kernels, channel, n_columns, ax, kwargs):
        kernels = np.asarray(kernels, dtype=float)
        if not 3 <= kernels.ndim <= 5:
            raise ValueError(
                "kernels must have shape (K, *kernel_size, C), with one to three axes of space; "
                f"got {kernels.shape}."
            )
        kernels = table(kernels, "kernels", n_dims=kernels.ndim)
        if channel is not None or kernels.shape[-1] != 3:
            channel = pick(channel or 0, kernels.shape[-1], "channel", "channels")
            kernels = kernels[..., channel, None]
        n_space = kernels.ndim - 2
        if n_space == 1:
            kernels = kernels[:, None]
        elif n_space == 3:
            kernels = kernels[:, kernels.shape[1] // 2]
        most = np.abs(kernels).max(axis=(1, 2, 3), keepdims=True)
        kernels = kernels / np.where(most > 0, most, 1)
        kernels = kernels[..., 0] if kernels.shape[-1] == 1 else kernels
        return cls(kernels, n_columns).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow``.

        Returns
        -------
        self : KernelsDisplay
        """
        ax = self._begin(ax, (6, 6))
        n, height, width = self.kernels.shape[:3]
        n_columns = self.n_columns or int(np.ceil((n * height / width) ** 0.5))
        n_columns = min(n, n_columns)
        n_rows = -(-n // n_columns)
        colours = self.kernels.shape[3:]
        frame = np.full((n_rows * (height + 1) + 1, n_columns * (width + 1) + 1, *colours), np.nan)
        for k, kernel in enumerate(self.kernels):
            row, column = divmod(k, n_columns)
            y, x = row * (height + 1) + 1, column * (width + 1) + 1
            frame[y : y + height, x : x + width] = kernel
        if colours:
            gap = np.isnan(frame[..., :1])
            frame = np.concatenate([np.nan_to_num((frame + 1) / 2), np.where(gap, 0.0, 1.0)], -1)
        look = {"interpolation": "nearest"}
        if not colours:
            look |= {"cmap": DIVERGING, "vmin": -1, "vmax": 1}
        self.image_ = ax.imshow(frame, **(look | kwargs))
        ax.set_axis_off()
        return self


def _warn_of_axes(shape):
    """Warn where kernels of shape (K, *kernel_size, C) rather lack channels, or have them first."""
    first, *rest = shape[1:]
    if rest == [first] and first > 4:
        warn_reading(
            f"kernels of shape {shape} are read as kernels of series with {first} channels",
            likely="are kernels of images, without an axis of channels",
            mend="hand over kernels[..., None]",
            name="kernels",
        )
    elif len(rest) == 2 and first in (1, 3, 4) and rest[0] == rest[1] > 4:
        warn_reading(
            f"kernels of shape {shape} are read as kernels of {first} x {rest[0]} entries with "
            f"{rest[0]} channels",
            likely=f"have their channels first, {first} of them",
            mend="hand over np.moveaxis(kernels, 1, -1)",
            name="kernels",
        )
