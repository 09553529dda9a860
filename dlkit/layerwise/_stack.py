"""Layers learned one after another, each on what those before it make of the samples."""

from contextlib import suppress

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from sklearn.utils import check_consistent_length, check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted

from .._carried import TRIED, carries_state, refuse_training_rows
from .._params import (
    Composition,
    Integral,
    StrOptions,
    boxes,
    count,
    positive,
    unchanged_on_failure,
)
from .._progress import Progress
from .._validation import is_frame, n_samples, naming, splitter_of, take, validate_data
from ..conv import Grid, pool
from ..readout import RidgeReadoutClassifier
from ._between import (
    flat,
    hand_over,
    is_maps,
    joined,
    plain,
    sliceable,
    takes_maps,
)

__all__ = ["GreedyLayerwise"]

GRID = 2
FEW = 10_000  # samples a layer learns from, where nothing is said
LEFT_OUT = "passthrough"  # in the place of a layer, as in a Pipeline


class GreedyLayerwise(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Composition):
    r"""Deep features without labels: each layer is learned on the output of those before it.

    A `Pipeline` of transformers for what is too large for one: maps go from layer to layer with
    their axes of space, a layer learns from some of the samples or from a stream of blocks, never
    from a whole intermediate data set, and the features may be those of all layers together.
    No layer ever sees a label [1]_.

    Parameters
    ----------
    layers : list of (str, transformer)
        Names and layers, which are cloned. Parameters of theirs are set by
        ``set_params(name__parameter=...)``, a layer is replaced by ``set_params(name=...)``, and
        left out by ``set_params(name="passthrough")``. Fitted transformers are kept as they are in
        scikit-learn's ``FrozenEstimator``.
    n_samples : int, None or list of such, default=None
        Most samples that a layer learns from, drawn at random if there are more. None means
        10,000, or all for a layer that learns from a stream. A list says so for each layer. See
        the notes for rows that are the steps of one series.
    streaming : bool, default=False
        Whether layers that have ``partial_fit`` learn by it, block by block.
    n_passes : int, default=1
        Passes over the samples, where a layer learns from a stream.
    features : {"last", "all"}, default="last"
        Output of the last layer, or of all layers, side by side.
    grid : int, tuple of int, Grid, list of such or None, default=None
        Where a layer's output is maps, ``transform`` gives their means over this grid of cells
        (see :func:`dlkit.conv.pool`); two along each axis if None, unless there is a window. Maps
        go to the next layer as they are, or flattened to rows if it takes nothing else.
    window, window_stride : int or tuple of int, default=None
        The same over sliding windows, in positions of the maps.
    power : float, default=1.0
        Features pooled from maps become sign(f) \|f\|^power.
    block_size : int, default=1000
        Samples that go through the layers at a time.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of samples. Layers have their own.
    verbose : int, default=0
        1 reports progress.

    Attributes
    ----------
    layers_ : list of (str, transformer)
        The fitted layers.
    n_features_in_, feature_names_in_
        Those of the first layer, where it has them.

    See Also
    --------
    GroupedMaps : Receptive fields for a second layer over many maps.
    RBM, ConvRBM, MarginalizedDenoisingAutoencoder, RandomAutoencoder : Layers.
    dlkit.conv.ConvFeatures : With ``output="map"`` the layer of deep convolutional features.

    Notes
    -----
    What follows another layer is made anew from the samples, a block at a time, whenever it is
    needed: time for memory. A layer takes maps if its tag ``input_tags.three_d_array`` is set.

    *One series.* If what a layer makes of a row depends on the rows before it, as that of
    :class:`ReservoirStates` or of differences does, the rows of a 2-D ``X`` are the steps of one
    series. That is tried once the layer is fitted. ``X`` then goes through the layers whole, not
    block by block, and such a layer learns from all rows, or from the first ``n_samples``.

    References
    ----------
    .. [1] Bengio, Lamblin, Popovici & Larochelle (2007). Greedy layer-wise training of deep
       networks. NIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from dlkit.layerwise import RBM, GreedyLayerwise
    >>> X, y = load_digits(return_X_y=True)
    >>> deep = GreedyLayerwise(
    ...     [("one", RBM(100, random_state=0)), ("two", PCA(20, random_state=0))]
    ... )
    >>> deep.set_params(one__learning_rate=0.1).fit_transform(X / 16).shape
    (1797, 20)
    >>> scores = deep.evaluate_depth(X / 16, y, cv=3)
    >>> list(scores), bool(scores["one"].mean() > 0.85)
    (['input', 'one', 'two'], True)
    """

    _parameter_constraints = {
        "layers": [list],
        "n_samples": [count(), list, None],
        "streaming": ["boolean"],
        "n_passes": [count()],
        "features": [StrOptions({"last", "all"})],
        "grid": [Integral, tuple, list, Grid, None],
        "window": [Integral, tuple, None],
        "window_stride": [Integral, tuple, None],
        "power": [positive()],
        "block_size": [count()],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        layers,
        *,
        n_samples=None,
        streaming=False,
        n_passes=1,
        features="last",
        grid=None,
        window=None,
        window_stride=None,
        power=1.0,
        block_size=1000,
        random_state=None,
        verbose=0,
    ):
        self.layers = layers
        self.n_samples = n_samples
        self.streaming = streaming
        self.n_passes = n_passes
        self.features = features
        self.grid = grid
        self.window = window
        self.window_stride = window_stride
        self.power = power
        self.block_size = block_size
        self.random_state = random_state
        self.verbose = verbose

    def get_params(self, deep=True):
        """Parameters, those of the layers as ``name__parameter`` among them.

        Parameters
        ----------
        deep : bool, default=True
            Whether to tell those of the layers.

        Returns
        -------
        params : dict
        """
        return self._get_params("layers", deep=deep)

    def set_params(self, **params):
        """Set parameters, those of layers as ``name__parameter``, whole layers as ``name``.

        Parameters
        ----------
        **params : dict
            Parameters and their values.

        Returns
        -------
        self : GreedyLayerwise
        """
        self._set_params("layers", **params)
        return self

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Learn the layers, one after another.

        Parameters
        ----------
        X : array-like, DataFrame or list of array-like
            Samples, as the first layer takes them: rows, an array of any number of dimensions, a
            list of samples of different sizes, a memory map.
        y : None
            Ignored.

        Returns
        -------
        self : GreedyLayerwise

        Raises
        ------
        ValueError, TypeError
            If a parameter is not as allowed, or a layer cannot take what the one before it gives.
            The estimator is then as it was.
        """
        self._fit(X)
        return self

    def _fit(self, X):
        self._validate_params()
        limits = self._check_layers()
        X = sliceable(X)
        random_state = check_random_state(self.random_state)
        self.layers_, self._one_series = [], False
        for (name, layer), limit in zip(self.layers, limits, strict=True):
            fitted = clone(layer, safe=False)
            if fitted != LEFT_OUT:
                drawn = False
                if not isinstance(fitted, FrozenEstimator):
                    drawn = self._learn(name, fitted, X, limit, random_state)
                if self._carries_state(fitted, X):
                    if drawn:
                        rows = None if limit is None else np.arange(min(limit, n_samples(X)))
                        fitted = clone(layer)
                        fitted.fit(hand_over(self._inputs(X, rows), fitted))
                    self._one_series = True
            self.layers_.append((name, fitted))
        first = take(X, slice(TRIED if self._one_series else 1))
        self._n_features_out = self._features(first).shape[1]

    def _learn(self, name, layer, X, limit, random_state):
        """Fit a layer; returns whether it has not seen all samples at once and in order."""
        streams = self.streaming and hasattr(layer, "partial_fit")
        rows = self._choose(X, limit, streams, random_state)
        progress = Progress(f"{type(self).__name__}: {name}", n_samples(X), self.verbose)
        if streams:
            for _ in range(self.n_passes):
                for block in self._inputs_in_blocks(X, rows):
                    layer.partial_fit(hand_over(block, layer))
                    progress.advance(n_samples(block))
        else:
            layer.fit(hand_over(self._inputs(X, rows), layer))
            progress.advance(n_samples(X))
        return streams or rows is not None

    def _carries_state(self, layer, X):
        """Whether a layer must see all samples at once, tried on some from the middle."""
        n = n_samples(X)

        def rows(k):
            return hand_over(self._through(take(X, slice((n - k) // 2, (n + k) // 2))), layer)

        return carries_state(layer, rows, n, self.block_size, table=not is_maps(X))

    def _check_layers(self):
        if not self.layers or not all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
            for pair in self.layers
        ):
            raise ValueError(
                "layers must be a list of at least one pair (name, transformer), got "
                f"{self.layers!r}."
            )
        names, layers = zip(*self.layers, strict=True)
        self._validate_names(names)
        for name, layer in self.layers:
            fits = hasattr(layer, "fit") and hasattr(layer, "transform")
            if layer != LEFT_OUT and (isinstance(layer, type) or not fits):
                raise TypeError(
                    f"layers: {name!r} must be a transformer, with fit and transform, or "
                    f"{LEFT_OUT!r}, got {layer!r}."
                )
            refuse_training_rows(layer, type(self).__name__)
        if all(layer == LEFT_OUT for layer in layers):
            raise ValueError(f"layers must hold one that is not {LEFT_OUT!r}, got {self.layers!r}.")
        limits = self.n_samples
        if not isinstance(limits, list):
            return [limits] * len(layers)
        sound = all(n is None or (isinstance(n, Integral) and n >= 1) for n in limits)
        if len(limits) != len(layers) or not sound:
            raise ValueError(
                f"n_samples={limits!r} is not allowed; a list must hold a whole number of at least "
                f"1, or None, for each of the {len(layers)} layers."
            )
        return limits

    def _check(self, X):
        """X as something that can be cut, its names of columns held against those of ``fit``."""
        check_is_fitted(self)
        if is_frame(X) and hasattr(self, "feature_names_in_"):
            validate_data(self, X, reset=False, skip_check_array=True, ensure_2d=False)
        return sliceable(X)

    def _choose(self, X, limit, streams, random_state):
        """Numbers of the samples a layer learns from, in order; None for all."""
        n = n_samples(X)
        if limit is None:
            limit = n if streams else FEW
        if limit >= n:
            return None
        return np.sort(random_state.choice(n, limit, replace=False))

    def _blocks(self, X, rows=None):
        n, size = n_samples(X) if rows is None else len(rows), int(self.block_size)
        for start in range(0, max(n, 1), size):
            part = slice(start, min(start + size, n))
            yield take(X, part if rows is None else rows[part])

    def _inputs(self, X, rows):
        """What the layers learned so far make of some samples."""
        if not _present(self.layers_):
            return X if rows is None else take(X, rows)
        return joined(list(self._inputs_in_blocks(X, rows)))

    def _inputs_in_blocks(self, X, rows=None):
        if self._one_series:
            yield from self._blocks(self._through(X), rows)
        else:
            yield from map(self._through, self._blocks(X, rows))

    def _through(self, X):
        """Output of the last layer learned so far, with its axes."""
        for output in self._outputs(X):
            X = output
        return X

    def _outputs(self, X):
        for _, layer in _present(self.layers_):
            X = plain(layer.transform(hand_over(X, layer)))
            yield X

    def _features(self, X):
        outputs = list(self._outputs(X)) if self.features == "all" else [self._through(X)]
        rows = [self._pooled(output) for output in outputs]
        return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)

    def _pooled(self, output):
        """Rows of features of what a layer gives."""
        if not is_maps(output):
            return output
        grid = GRID if self.grid is None and self.window is None else self.grid
        rows = pool(output, "mean", grid=grid, window=self.window, window_stride=self.window_stride)
        return rows if self.power == 1.0 else np.copysign(np.abs(rows) ** self.power, rows)

    def transform(self, X):
        """Features of samples, block by block.

        Parameters
        ----------
        X : array-like, DataFrame or list of array-like
            Samples, as in :meth:`fit`.

        Returns
        -------
        features : ndarray of shape (n, n_features)
            Of the last layer, or of all in their order; see ``features`` and ``grid``.
        """
        X = self._check(X)
        if self._one_series:
            return self._features(X)
        out, done = None, 0
        progress = Progress(type(self).__name__, max(n_samples(X), 1), self.verbose)
        for block in self._blocks(X):
            rows = self._features(block)
            if out is None:
                out = np.empty((n_samples(X), rows.shape[1]), rows.dtype)
            out[done : done + len(rows)] = rows
            done += len(rows)
            progress.advance(len(rows))
        return out

    def evaluate_depth(
        self,
        X,
        y,
        *,
        cv=5,
        groups=None,
        readout=None,
        scoring=None,
        n_jobs=None,
    ):
        """Score a readout on the input and after each layer: whether another layer pays.

        The layers are those fitted, which have seen no label; only the readout is cross-validated.
        The layers have seen the samples of the test folds, without labels, unless they were fitted
        to other samples than ``X``.

        Parameters
        ----------
        X : array-like, DataFrame or list of array-like
            Samples, as in :meth:`fit`. The features of all layers are held together.
        y : array-like of shape (n,)
            Targets of the readout.
        cv : int, cross-validation splitter or iterable, default=5
            Splits; the same for each depth, so that scores can be compared split by split.
        groups : array-like of shape (n,), default=None
            Groups of samples, for a ``cv`` that keeps them together, as GroupKFold does.
        readout : estimator, default=None
            What reads the rows of features; by default :class:`RidgeReadoutClassifier`, which
            chooses among penalties from 1e-3 to 1e3 by leave-one-out.
        scoring : str or callable, default=None
            As in ``cross_val_score``: the readout's own score if None, a classifier's accuracy.
        n_jobs : int, default=None
            Splits side by side, as in ``cross_val_score``.

        Returns
        -------
        scores : dict of str to ndarray of shape (n_splits,)
            ``"input"`` for the samples themselves (left out if they are a list of different
            sizes), then the names of the layers that are not passed through.
        """
        X = self._check(X)
        check_consistent_length(X, y)
        if readout is None:
            readout = RidgeReadoutClassifier(np.logspace(-3, 3, 7))
        elif not (hasattr(readout, "fit") and hasattr(readout, "get_params")):
            raise TypeError(f"readout must be an estimator, got {readout!r:.60}.")
        blocks = [X] if self._one_series else self._blocks(X)
        parts = [[self._pooled(output) for output in self._outputs(block)] for block in blocks]
        depths = {
            name: np.concatenate([part[i] for part in parts])
            for i, (name, _) in enumerate(_present(self.layers_))
        }
        del parts
        if not isinstance(X, list):
            depths = {"input": flat(plain(X))} | depths
        cv = splitter_of(cv, y, classifier=is_classifier(readout))
        with naming("groups, cv or y"):
            splits = list(cv.split(np.zeros(n_samples(X)), y, groups))
        return {
            name: cross_val_score(
                readout, rows, y, cv=splits, scoring=scoring, n_jobs=n_jobs, error_score="raise"
            )
            for name, rows in depths.items()
        }

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_n_features_out")

    @property
    def n_features_in_(self):
        """Number of columns of X, where the first layer has it."""
        return self._of_first("n_features_in_")

    @property
    def feature_names_in_(self):
        """Names of the columns of X, where the first layer has them."""
        return self._of_first("feature_names_in_")

    def _of_first(self, name):
        if "layers_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no {name} before it is fitted.")
        return getattr(_present(self.layers_)[0][1], name)

    def _sk_visual_block_(self):
        return boxes(self.layers)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        with suppress(AttributeError, IndexError, TypeError, ValueError):  # fit says what is wrong
            first = _present(self.layers)[0][1]
            tags.input_tags.three_d_array = takes_maps(first)
            tags.input_tags.sparse = get_tags(first).input_tags.sparse
        return tags


def _present(layers):
    """Layers that are not left out."""
    return [(name, layer) for name, layer in layers if layer != LEFT_OUT]
