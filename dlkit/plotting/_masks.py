"""Figure of an image, what was found at its pixels, how likely it is, and where it is wrong."""

from numbers import Real

import numpy as np

from .._validation import is_nan, naming
from ._display import DIVERGING, GREY, PALETTE, SEQUENTIAL, Display, ink, pick

MOST_NAMES = 8  # labels that the legend names


class MaskDisplay(Display):
    """Image, labels, the probability of one, and errors, side by side.

    Labels lie over the image in colours, which a legend names; the first of them (the background,
    as a rule) is left clear. Of a volume one slice is shown. Numbers, as of
    :class:`~dlkit.PixelRegressor`, stand in the place of labels as shades, and errors are then
    differences from the truth.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, C)
        What is shown below: three or four channels as colours, of others the first.
    y_pred : ndarray of shape (H, W)
        Labels that were found; or numbers, if not all of them are whole.
    y_true : ndarray of shape (H, W), default=None
        True labels.
    proba : ndarray of shape (H, W), default=None
        Probability of a label.
    labels : ndarray of shape (n_labels,), default=None
        All labels; those of the maps if None.
    unlabeled : object, default=None
        What stands in ``y_true`` where no label is known: no error. The share of errors is that
        of the other positions.
    label : object, default=None
        Whose probability ``proba`` is, for the title.

    Attributes
    ----------
    axes_ : dict of str to matplotlib Axes
        "image", "labels" (or "numbers"), and "probability" and "errors" where they are known.
    legend_ : matplotlib Legend
        Names of colours, of up to eight labels.
    ax_, figure_ : matplotlib Axes and Figure
        The first of the axes, and the figure.

    References
    ----------
    .. [1] Okabe & Ito (2008), Color universal design: how to make figures and presentations that
       are friendly to colorblind people.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.plotting import MaskDisplay
    >>> y = (np.hypot(*np.mgrid[-9:10, -9:10]) < 5).astype(int)
    >>> image = y + 0.1 * np.random.RandomState(0).standard_normal(y.shape)
    >>> display = MaskDisplay.from_predictions(image, image > 0.5, y_true=y)
    >>> list(display.axes_)
    ['image', 'labels', 'errors']
    """

    def __init__(
        self, image, y_pred, y_true=None, proba=None, labels=None, unlabeled=None, label=None
    ):
        self.image = image
        self.y_pred = y_pred
        self.y_true = y_true
        self.proba = proba
        self.labels = labels
        self.unlabeled = unlabeled
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y=None,
        *,
        sample=0,
        depth=None,
        label=None,
        axes=None,
        **kwargs,
    ):
        """Predict one image and draw what is found.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``predict`` that gives label maps, as :class:`dlkit.PixelClassifier`.
        X : array-like or list of array-like
            Images.
        y : array-like or list of array-like, default=None
            True maps.
        sample : int, default=0
            Which image.
        depth : int, default=None
            Which slice of a volume along its first axis; the middle one if None.
        label : object, default=None
            Whose probability is shown; that of the last of ``classes_`` if None.
        axes : array of matplotlib Axes, default=None
            Axes to draw into, as many as there are parts; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow`` of the image.

        Returns
        -------
        display : MaskDisplay
        """
        number = pick(sample, len(X), "sample", "samples")
        one = [X[number]] if isinstance(X, (list, tuple)) else X[number : number + 1]
        classes, proba = getattr(estimator, "classes_", None), None
        if hasattr(estimator, "predict_proba"):
            label = classes[-1] if label is None else label
            column = np.flatnonzero(np.asarray(classes) == label)
            if not len(column):
                raise ValueError(f"label={label!r} is none of {np.asarray(classes).tolist()}.")
            P = estimator.predict_proba(one)[0]
            found, proba = np.asarray(classes)[P.argmax(axis=-1)], P[..., column[0]]
            if getattr(estimator, "readout", None) is not None:  # which may choose otherwise
                found = estimator.predict(one)[0]
        else:
            found = estimator.predict(one)[0]
        return cls.from_predictions(
            one[0],
            found,
            y_true=None if y is None else y[number],
            proba=proba,
            labels=classes,
            unlabeled=getattr(estimator, "unlabeled", None),
            label=label,
            depth=depth,
            axes=axes,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        image,
        y_pred,
        *,
        y_true=None,
        proba=None,
        labels=None,
        unlabeled=None,
        label=None,
        depth=None,
        axes=None,
        **kwargs,
    ):
        """Draw what was found before.

        Parameters
        ----------
        image : array-like of shape (H, W), (H, W, C), (D, H, W) or (D, H, W, C)
            An image, or a volume.
        y_pred : array-like of shape (H, W) or (D, H, W)
            Labels, or numbers, that were found.
        y_true : array-like like ``y_pred``, default=None
            True labels.
        proba : array-like like ``y_pred``, default=None
            Probability of a label.
        labels : array-like, default=None
            All labels; those of the maps if None.
        unlabeled : object, default=None
            What stands in ``y_true`` where no label is known.
        label : object, default=None
            Whose probability ``proba`` is, for the title.
        depth : int, default=None
            Which slice of a volume; the middle one if None.
        axes : array of matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow`` of the image.

        Returns
        -------
        display : MaskDisplay
        """
        with naming("image"):
            image = np.asarray(image)
        maps = {"y_pred": y_pred, "y_true": y_true, "proba": proba}
        maps = {name: np.asarray(one) for name, one in maps.items() if one is not None}
        shape = maps["y_pred"].shape
        if len(shape) not in (2, 3):
            raise ValueError(
                f"y_pred must be the map of one image or volume, got shape {shape}: of a batch "
                "take one, y_pred[0]; labels of series are lines for matplotlib's plot."
            )
        for name, one in {**maps, "image": image}.items():
            if one.shape[: len(shape)] != shape or one.ndim > len(shape) + (name == "image"):
                raise ValueError(f"{name} has shape {one.shape}, but y_pred {shape}.")
        if len(shape) == 3:
            at = pick(shape[0] // 2 if depth is None else depth, shape[0], "depth", "slices")
            image, maps = image[at], {name: one[at] for name, one in maps.items()}
        if labels is None:
            labels = np.unique(
                np.concatenate([np.unique(maps[n]) for n in ("y_pred", "y_true") if n in maps])
            )
            labels = labels if labels.dtype.kind != "f" else labels[~np.isnan(labels)]
            if unlabeled is not None:
                labels = labels[np.asarray(labels != unlabeled)]
        found = cls(
            image, maps["y_pred"], maps.get("y_true"), maps.get("proba"), np.asarray(labels),
            unlabeled, label,
        )  # fmt: skip
        return found.plot(axes=axes, **kwargs)

    def plot(self, axes=None, *, alpha=0.5, **kwargs):
        """Draw.

        Parameters
        ----------
        axes : array of matplotlib Axes, default=None
            Axes to draw into, as many as there are parts; those of a new figure if None.
        alpha : float, default=0.5
            How much of the image the labels' colours cover.
        **kwargs : dict
            Go to ``imshow`` of the image.

        Returns
        -------
        self : MaskDisplay
        """
        if not isinstance(alpha, Real) or not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be a number from 0 to 1, got {alpha!r:.60}.")
        numbers = self._of_numbers()
        parts = ["image", "numbers" if numbers else "labels"]
        parts += ["probability"] * (self.proba is not None) + ["errors"] * (self.y_true is not None)
        height, width = self.y_pred.shape
        if axes is None:
            side = 3.2
            first = self._begin(
                None, (side * len(parts), side * min(height / width, 2) + (1.1 if numbers else 0.7))
            )
            figure = first.figure
            first.remove()
            axes = figure.subplots(1, len(parts), squeeze=False)[0]
        axes = np.atleast_1d(axes).ravel()
        if len(axes) != len(parts):
            raise ValueError(f"axes must hold {len(parts)} axes, for {parts}, got {len(axes)}.")
        self.axes_ = dict(zip(parts, axes, strict=True))
        self._begin(axes[0])
        for name, ax in self.axes_.items():
            ax.set_title(name)
            ax.set_axis_off()
            if name in ("image", "labels") or (name == "errors" and not numbers):
                ax.imshow(self._shown(), **({"cmap": "gray", "interpolation": "nearest"} | kwargs))
        if numbers:
            self._draw_numbers()
        else:
            self._draw_labels(alpha)
        if self.proba is not None:
            self.probability_ = self.axes_["probability"].imshow(
                self.proba, cmap=SEQUENTIAL, vmin=0, vmax=1, interpolation="nearest"
            )
            if self.label is not None:
                self.axes_["probability"].set_title(f"probability of {self.label}")
        return self

    def _of_numbers(self):
        """Whether maps hold numbers, not labels."""
        found = np.asarray(self.y_pred)
        with np.errstate(invalid="ignore"):
            return found.dtype.kind == "f" and not np.array_equal(found, np.round(found))

    def _known(self):
        """Where the truth is known."""
        true = np.asarray(self.y_true)
        known = np.ones(true.shape, dtype=bool)
        if self.unlabeled is not None and not is_nan(self.unlabeled):
            known &= np.asarray(true != self.unlabeled)
        return known & ~np.isnan(true) if true.dtype.kind == "f" else known

    def _draw_labels(self, alpha):
        """Colours over the image, their legend, and errors."""
        from matplotlib.colors import to_rgba
        from matplotlib.patches import Patch

        ax = self.axes_["labels"]
        ax.imshow(self._coloured(self.y_pred, alpha), interpolation="nearest")
        if len(self.labels) <= MOST_NAMES:
            shades = [
                "none",
                *(to_rgba(PALETTE[k % len(PALETTE)], alpha) for k in range(MOST_NAMES)),
            ]
            self.legend_ = ax.legend(
                [Patch(facecolor=shades[k], edgecolor=ink()) for k in range(len(self.labels))],
                [str(label) for label in self.labels], loc="upper center", fontsize="small",
                bbox_to_anchor=(0.5, 0), ncols=min(len(self.labels), 4), frameon=False,
                handlelength=1, handleheight=1, columnspacing=1.2,
            )  # fmt: skip
        if self.y_true is not None:
            known = self._known()
            wrong = np.asarray(self.y_pred != self.y_true) & known
            over = np.zeros((*wrong.shape, 4))
            over[wrong] = to_rgba(PALETTE[3])
            self.axes_["errors"].imshow(over, interpolation="nearest")
            share = wrong.sum() / max(known.sum(), 1)
            self.axes_["errors"].set_title(f"errors: {100 * share:.1f} %")

    def _draw_numbers(self):
        """Shades of numbers, and differences from the truth."""
        ax, found = self.axes_["numbers"], np.asarray(self.y_pred, dtype=np.float64)
        shades = ax.imshow(found, cmap=SEQUENTIAL, interpolation="nearest")
        ax.figure.colorbar(shades, ax=ax, location="bottom", shrink=0.8)
        if self.y_true is not None:
            ax = self.axes_["errors"]
            apart = np.where(self._known(), found - np.asarray(self.y_true, np.float64), np.nan)
            size = np.abs(apart[np.isfinite(apart)])
            most = size.max(initial=0.0) or 1.0
            shades = ax.imshow(
                apart, cmap=DIVERGING, vmin=-most, vmax=most, interpolation="nearest"
            )
            ax.figure.colorbar(shades, ax=ax, location="bottom", shrink=0.8)
            mean = size.mean() if len(size) else float("nan")
            ax.set_title(f"errors: {mean:.3g} on average")

    def _shown(self):
        """The image as numbers or colours that ``imshow`` takes."""
        image = np.asarray(self.image)
        if image.ndim == 2:
            return image
        if image.shape[-1] not in (3, 4):
            return image[..., 0]
        image = image[..., :3]
        if image.dtype == np.uint8:
            return image
        low, high = image.min(), image.max()
        return (image - low) / ((high - low) or 1)

    def _coloured(self, labels, alpha):
        """Colours of labels, the first of which is clear."""
        from matplotlib.colors import to_rgba

        over = np.zeros((*labels.shape, 4))
        for k, label in enumerate(self.labels[1:]):
            colour = PALETTE[k % len(PALETTE)] if k < 2 * len(PALETTE) else GREY
            over[labels == label] = to_rgba(colour, alpha)
        return over
