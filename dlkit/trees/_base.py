"""What estimators over trees share: a drawn reservoir, and rows of features of trees or nodes."""

import sys

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._announce import announce
from .._params import (
    Integral,
    StrOptions,
    count,
    params_html,
    plain,
    says,
)
from .._progress import Progress
from .._validation import forget_columns, n_samples
from ..exceptions import ArityWarning, ForgettingWarning
from ..reservoir._learning.parameters import DRAWN, check_params, set_params, warn_ignored
from ..reservoir._matrices.topology import size_of
from ..reservoir._models.layers import MOST, Layers, as_layers, draw_layers
from ..reservoir._models.reservoir import draw_reservoir
from ..sequences import check_sequences
from ._forest import Tree, pack_trees
from ._forgetting import SHORT_OF_FORGETTING, amplification_of, contraction_of
from ._labels import check_labels, read_labels
from ._nodes import NODES, Node, as_node
from ._pooling import POOLINGS
from ._run import Grower, layers_of
from ._structures import STRUCTURES, Structure, as_structure, holds_symbols

OF_RESERVOIR = (
    "n_units", "spectral_radius", "leak_rate", "input_scaling", "bias_scaling", "n_links",
    "topology", "control", "input_weights", "activation",
)  # fmt: skip
"""Parameters that trees share with reservoirs over sequences."""


OWN = {
    **DRAWN,
    "layers": [count(most=MOST), list, Layers, None],
    "unknown": [StrOptions({"error", "ignore"})],
    "random_state": ["random_state"],
    "n_jobs": [Integral, None],
    "verbose": ["verbose"],
}
POOLING = {"pooling": [tuple, list, StrOptions(set(POOLINGS))]}


def draw_of(estimator, n_channels, rng):
    """Draw the reservoir, or the layers, that an estimator's parameters say."""
    warn_ignored(estimator)
    n_channels = max(n_channels, 1)  # all labels may be None
    params = {name: plain(getattr(estimator, name)) for name in OF_RESERVOIR}
    params |= {"cell": "leaky", "plasticity": None}
    if estimator.layers is None:
        params["n_units"] = size_of(params["n_units"], params["topology"])
        return draw_reservoir(n_channels=n_channels, random_state=rng, **params)
    layers = as_layers(estimator.layers)
    if layers.inputs != "first":
        raise ValueError(
            f"layers has inputs={layers.inputs!r}; labels of nodes enter the first layer only: use "
            "inputs='first'."
        )
    return draw_layers(
        layers, params, n_channels, lambda scaling: scaling, rng,
        lambda own: check_params(estimator, own),
    )  # fmt: skip


def pooled(estimator):
    """Names of the poolings that an estimator's ``pooling`` names."""
    own, known = estimator.pooling, estimator._poolings
    names = [own] if isinstance(own, str) else list(own)
    if not names or not all(name in known for name in names):
        raise ValueError(f"pooling={own!r} must hold one or several of {sorted(known)}.")
    return names


def check_pooling(estimator):
    """Refuse a pooling that there is not, where there is a choice of poolings."""
    if hasattr(estimator, "pooling"):
        pooled(estimator)


def states_of(estimator, packed):
    """Yield parts of packed samples and the states of their nodes.

    A part is so small that its states fit into the memory they may have.
    """
    runner = estimator.runner_
    width = runner.n_features * packed.dtype.itemsize
    progress = Progress(type(estimator).__name__, packed.n_nodes, estimator.verbose)
    for part in packed.parts(max(_budgets.CHUNKED_SPAN_BYTES // width, 1)):
        yield part, runner.run(part, estimator.n_jobs)
        progress.advance(part.n_nodes)


def rows_of_samples(estimator, packed):
    """One row of features for each tree or graph."""
    names = pooled(estimator)
    return np.concatenate(
        [
            np.hstack([POOLINGS[name](states, part) for name in names])
            for part, states in states_of(estimator, packed)
        ]
    )


def rows_of_nodes(estimator, packed):
    """One row of features for each node."""
    return np.concatenate([states for _, states in states_of(estimator, packed)])


class Growth(BaseEstimator):
    """Draws a reservoir and runs it over trees."""

    _parameter_constraints = {
        **OWN,
        "node": [StrOptions({"auto", *NODES}), Node],
        "direction": [StrOptions({"up", "down", "both"})],
        "structure": [StrOptions(set(STRUCTURES)), Structure, None],
    }

    _poolings = POOLINGS
    _rows_are_nodes = False
    set_params = set_params
    _get_params_html = params_html
    cell, plasticity = "leaky", None  # what a reservoir over trees has no choice of

    @property
    def reservoir_(self):
        """What was drawn."""
        return self.runner_.drawn

    def _read_trees(self, X):
        """Forest of the trees in ``X``, or of those made of the sequences in ``X``."""
        if self.structure is None:
            return pack_trees(X)
        numbers = self.runner_.vocabulary is None and not holds_symbols(X)
        return self.structure_.trees(check_sequences(self, X, reset=False) if numbers else X)

    def _learn_trees(self, X):
        """Learn how trees are grown, if they are; forest of those in ``X``."""
        if self.structure is None:
            forget_columns(self)
            return pack_trees(X)
        structure = as_structure(self.structure)
        kind = "symbols" if holds_symbols(X) else "numbers"
        if kind not in structure.takes and n_samples(X):
            others = [f"{name!r}" for name, one in STRUCTURES.items() if kind in one.takes]
            raise ValueError(
                f"X holds sequences of {kind}, and structure={self.structure!r} joins "
                f"{' or '.join(structure.takes)}: use structure={' or '.join(others)}."
            )
        if kind in structure.takes and kind == "numbers":
            X = check_sequences(self, X, reset=True)
        else:
            forget_columns(self)
        self.structure_ = structure.fitted(X)
        return self.structure_.trees(X)

    def _draw(self, X):
        """Check parameters and trees, and draw what is random.

        Returns
        -------
        Forest
        """
        self._validate_params()
        check_pooling(self)
        rng = check_random_state(self.random_state)
        forest = self._learn_trees(X)
        vocabulary, n_channels = read_labels(forest, self.unknown)
        drawn = draw_of(self, n_channels, rng)
        layers = layers_of(drawn)
        node_rng = np.random.RandomState([layers[0].noise_seed, 7])
        kind = self.node
        if isinstance(kind, str) and kind == "auto":
            kind = "additive" if self.structure is None else "positional"
        sizes = [layer.n_units for layer in layers]
        node = as_node(kind).draw(sizes, node_rng, max(n_channels, 1))
        self.runner_ = Grower(drawn, vocabulary, node, self.direction)
        if self.structure is None or vocabulary is not None:
            self.n_channels_in_ = n_channels
        self.arity_ = forest.arity
        self._tell_of_forgetting(forest)
        return forest

    @property
    def contraction_(self):
        """How much of a difference between states that a node hears can reach its own, at most.

        That is the largest number of children (one, where states run down) times
        1 − a + a ‖W‖, with a the leak rate and ‖W‖ the spectral norm of W; products of bilinear
        nodes are not counted. Below one, states of deep nodes are forgotten, whatever the labels.
        Ordinary settings are above one, and forget all the same: ``amplification_`` is measured.
        """
        n_heard = 1 if says(self.direction, "down") else max(self.arity_, 1)
        return contraction_of(self.reservoir_, n_heard)

    def _tell_of_forgetting(self, forest):
        """Measure whether states forget; say so under ``verbose``, and warn if they do not."""
        self.amplification_, n_links = amplification_of(self.runner_, forest)
        on = f"{n_links} link{'s' * (n_links != 1)} on"
        if self.verbose:
            contraction = self.contraction_
            less = "below one: states" if contraction < 1 else "not below one: states need not"
            print(
                f"[{type(self).__name__}] contraction by arity, {contraction:.2f}, is {less} "
                f"forget; a small difference was {self.amplification_:.2g} times as large {on}",
                file=sys.stdout,
            )
        if self.amplification_ > SHORT_OF_FORGETTING:
            announce(
                f"The states do not forget: a small difference between nodes is "
                f"{self.amplification_:.2g} times as large {on}, so that features of "
                "deep trees hang on the last digits of labels. Use a spectral_radius below "
                f"{plain(self.spectral_radius)!r}.",
                ForgettingWarning,
            )

    def trees(self, X):
        """Trees that are read in ``X``, or grown over the sequences in ``X``.

        Parameters
        ----------
        X : list
            Trees or sequences, as in ``fit``.

        Returns
        -------
        trees : list of Tree
            Nodes that join two neighbours have no label: None, or zeros.
        """
        check_is_fitted(self)
        forest = self._check_forest(X)
        starts = forest.offsets[:-1]
        return [
            Tree(forest.labels[a : a + n], np.where(above < 0, -1, above - a))
            for a, n, above in zip(starts, forest.sizes, forest.split(forest.parents), strict=True)
        ]

    def _check_forest(self, X):
        forest = self._read_trees(X)
        check_labels(forest, self.runner_.vocabulary, self.runner_.n_channels)
        n_places = len(self.runner_.node.places) + 1
        if n_places > 1 and forest.arity > max(n_places, self.arity_):
            announce(
                f"X has a node of {forest.arity} children; fit saw {self.arity_} at most, and the "
                f"node tells {n_places} places apart: use n_places={forest.arity}, or fit on trees "
                "that have such nodes.",
                ArityWarning,
            )
        return forest

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        structure = self.structure
        structure = STRUCTURES.get(structure) if isinstance(structure, str) else structure
        numbers = "numbers" in getattr(structure, "takes", ())  # each row of a table is a sequence
        tags.input_tags.three_d_array = numbers
        tags.input_tags.two_d_array = numbers and not self._rows_are_nodes
        return tags
