"""Figure of which positions of an input an output attends to."""

import numpy as np

from ._display import SEQUENTIAL, Display, table


class AttentionDisplay(Display):
    """Weights of the positions of an input, at each step of an output.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    weights : ndarray of shape (T_y, T_x) or (T_y, T_x + 2)
        A row for each step of the output; with two more columns, the places before and after the
        input.
    source, target : list of str, default=None
        Names of the positions of the input and of the steps of the output.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    image_ : matplotlib AxesImage
        The weights.

    References
    ----------
    .. [1] Bahdanau, Cho & Bengio (2015), Neural machine translation by jointly learning to align
       and translate, ICLR, arXiv:1409.0473, figure 3.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.plotting import AttentionDisplay
    >>> from dlkit.symbols import Seq2SeqESN
    >>> r = np.random.RandomState(0)
    >>> words = ["".join(r.choice(list("abcd"), n)) for n in r.randint(1, 7, 150)]
    >>> backwards = [word[::-1] for word in words]
    >>> model = Seq2SeqESN(30, decoder_units=20, random_state=0).fit(words, backwards)
    >>> display = AttentionDisplay.from_estimator(model, "abcd", "dcba")
    >>> display.weights[:, 1:-1].argmax(axis=1)
    array([3, 2, 1, 0])
    """

    def __init__(self, weights, source=None, target=None):
        self.weights = weights
        self.source = source
        self.target = target

    @classmethod
    def from_estimator(cls, estimator, x, y=None, *, ax=None, **kwargs):
        """Draw what a fitted model attends to while it writes an output.

        Parameters
        ----------
        estimator : Seq2SeqESN
            Fitted, with ``context="attention"``.
        x : str or array-like
            One input.
        y : str or array-like, default=None
            Its output; what the model predicts if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to ``imshow``.

        Returns
        -------
        display : AttentionDisplay
        """
        if not hasattr(estimator, "attention"):
            raise TypeError(
                f"{type(estimator).__name__} has no attention: give a fitted Seq2SeqESN, or "
                "weights to AttentionDisplay.from_predictions."
            )
        y = estimator.predict([x])[0] if y is None else y
        if len(y) == 0:
            raise ValueError("y is an empty output, which attends to nothing: give another y or x.")
        (weights,) = estimator.attention([x], [y])
        return cls.from_predictions(weights, source=x, target=y, ax=ax, **kwargs)

    @classmethod
    def from_predictions(cls, weights, *, source=None, target=None, ax=None, **kwargs):
        """Draw weights that were computed.

        Parameters
        ----------
        weights : array-like of shape (T_y, T_x) or (T_y, T_x + 2)
            Weights; with two more columns than ``source`` has steps, the places before and after
            the input.
        source, target : str or sequence, default=None
            Symbols of the input and of the output; their steps are numbered if None, and if a step
            is a vector.
        ax, **kwargs
            As of :meth:`from_estimator`.

        Returns
        -------
        display : AttentionDisplay
        """
        weights = table(weights, "weights")
        source, target = _names(source), _names(target)
        if source is not None and len(source) + 2 == weights.shape[1]:
            source = ["⊢", *source, "⊣"]
        for name, labels, n in (
            ("source", source, weights.shape[1]), ("target", target, len(weights))
        ):  # fmt: skip
            if labels is not None and len(labels) != n:
                raise ValueError(f"{name} has {len(labels)} steps, but weights are for {n}.")
        return cls(weights, source, target).plot(ax=ax, **kwargs)

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
        self : AttentionDisplay
        """
        rows, columns = self.weights.shape
        ax = self._begin(ax, (min(10, 2 + 0.35 * columns), min(10, 1.5 + 0.35 * rows)))
        look = {"cmap": SEQUENTIAL, "vmin": 0, "vmax": max(1.0, self.weights.max())}
        look |= {"aspect": "auto", "interpolation": "nearest"}
        self.image_ = ax.imshow(self.weights, **(look | kwargs))
        if self.source is not None and columns <= 60:
            ax.set_xticks(np.arange(columns), self.source)
        if self.target is not None and rows <= 60:
            ax.set_yticks(np.arange(rows), self.target)
        ax.set(xlabel="input", ylabel="output")
        self.figure_.colorbar(self.image_, ax=ax, label="weight")
        return self


def _names(sequence):
    """Names of the steps of a sequence: its symbols, or numbers where a step is a vector."""
    if sequence is None:
        return None
    if not isinstance(sequence, str) and np.ndim(sequence) > 1:
        return [str(step) for step in range(len(sequence))]
    return [str(symbol) for symbol in sequence]
