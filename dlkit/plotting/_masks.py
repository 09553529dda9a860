"""Figure of an image, what was found at its pixels, how likely it is, and where it is wrong."""

from numbers import Real

import numpy as np

from .._validation import naming
from ._display import GREY, PALETTE, SEQUENTIAL, Display, pick


class MaskDisplay(Display):
    """Image, labels, the probability of one, and errors, side by side.

    Labels lie over the image in colours, the first of them (the background, as a rule) is left
    clear. Of a volume one slice is shown.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, C)
        What is shown below; with other than three channels, the first.
    y_pred : ndarray of shape (H, W)
        Labels that were found.
    y_true : ndarray of shape (H, W), default=None
        True labels.
    proba : ndarray of shape (H, W), default=None
        Probability of a label.
    labels : ndarray of shape (n_labels,), default=None
        All labels; those of the maps if None.
    unlabeled : object, default=None
        What stands in ``y_true`` where no label is known: no error.

    Attributes
    ----------
    axes_ : dict of str to matplotlib Axes
        "image", "labels", and "probability" and "errors" where they are known.
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

    def __init__(self, image, y_pred, y_true=None, proba=None, labels=None, unlabeled=None):
        self.image = image
        self.y_pred = y_pred
        self.y_true = y_true
        self.proba = proba
        self.labels = labels
        self.unlabeled = unlabeled

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
        else:
            found = estimator.predict(one)[0]
        return cls.from_predictions(
            one[0],
            found,
            y_true=None if y is None else y[number],
            proba=proba,
            labels=classes,
            unlabeled=getattr(estimator, "unlabeled", None),
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
            Labels that were found.
        y_true : array-like like ``y_pred``, default=None
            True labels.
        proba : array-like like ``y_pred``, default=None
            Probability of a label.
        labels : array-like, default=None
            All labels; those of the maps if None.
        unlabeled : object, default=None
            What stands in ``y_true`` where no label is known.
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
                "take one, y_pred[0]."
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
        found = cls(
            image, maps["y_pred"], maps.get("y_true"), maps.get("proba"), np.asarray(labels),
            unlabeled,
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
        parts = ["image", "labels"]
        parts += ["probability"] * (self.proba is not None) + ["errors"] * (self.y_true is not None)
        height, width = self.y_pred.shape
        if axes is None:
            side = 3.2
            first = self._begin(None, (side * len(parts), side * min(height / width, 2) + 0.4))
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
            if name != "probability":
                ax.imshow(self._shown(), **({"cmap": "gray", "interpolation": "nearest"} | kwargs))
        self.axes_["labels"].imshow(self._coloured(self.y_pred, alpha), interpolation="nearest")
        if self.proba is not None:
            self.probability_ = self.axes_["probability"].imshow(
                self.proba, cmap=SEQUENTIAL, vmin=0, vmax=1, interpolation="nearest"
            )
        if self.y_true is not None:
            from matplotlib.colors import to_rgba

            wrong = np.asarray(self.y_pred != self.y_true)
            if self.unlabeled is not None:
                wrong &= np.asarray(self.y_true != self.unlabeled)
            over = np.zeros((*wrong.shape, 4))
            over[wrong] = to_rgba(PALETTE[3])
            self.axes_["errors"].imshow(over, interpolation="nearest")
            share = wrong.mean()
            self.axes_["errors"].set_title(f"errors: {100 * share:.1f} %")
        return self

    def _shown(self):
        """The image as numbers or colours that ``imshow`` takes."""
        image = np.asarray(self.image)
        if image.ndim == 2:
            return image
        if image.shape[-1] != 3:
            return image[..., 0]
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
