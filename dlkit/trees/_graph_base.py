"""What transformers over graphs share: a drawn reservoir, and its states at the nodes."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import svds
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._announce import announce
from .._params import StrOptions, count, params_html
from ..exceptions import DivergenceWarning
from ..reservoir._learning.parameters import set_params
from ._base import OWN, check_pooling, draw_of
from ._graphs import pack_graphs, warn_of_halves
from ._labels import check_labels, read_labels
from ._nodes import Positional
from ._pooling import OVER_NODES
from ._run import Runner, layers_of, step

# What a state may still change by, to the largest, at the fixed point; steps after which it is
# given up.
STILL, MOST_STEPS = 1e-6, 200


@dataclass(frozen=True, eq=False)
class GraphRunner(Runner):
    """Runs a reservoir over graphs.

    Attributes
    ----------
    drawn : Reservoir or DeepReservoir
        As drawn, with its input weights.
    vocabulary : Vocabulary or None
        Of symbols; None where labels are numbers.
    places : list of (ndarray, ndarray)
        Permutation and signs for the second kind of links, the third, and so on.
    n_steps : int or None
        Steps; to the fixed point if None.
    leak_rate : float
        How much of a state is new.
    normalize : {"spectral", "degree"} or None
        What adjacencies are divided by.
    """

    places: list
    n_steps: int | None
    leak_rate: float
    normalize: str | None

    def run(self, packed, n_jobs=None):
        """States of all nodes, of shape (n_nodes, n_features)."""
        dtype = packed.dtype
        drive = self.drive(packed)(np.arange(packed.n_nodes))
        kinds = [links.astype(dtype) for links in _normalized(packed, self.normalize)]
        lanes, states = self.opened.lanes(dtype), self.opened.rest(packed.n_nodes, dtype)
        a = dtype.type(self.leak_rate)
        moving = np.ones(len(packed), dtype=bool)  # a graph's states do not depend on the others'
        for _ in range(self.n_steps or MOST_STEPS):
            heard = kinds[0] @ states
            for links, (order, sign) in zip(kinds[1:], self.places, strict=True):
                heard += (links @ states)[:, order] * sign.astype(dtype)
            new = a * step(lanes, drive, heard, n_jobs) + (1 - a) * states
            if self.n_steps is None:
                change = np.abs(new - states).max(axis=1)
                size = np.maximum.reduceat(np.abs(new).max(axis=1), packed.offsets[:-1])
                still = np.maximum.reduceat(change, packed.offsets[:-1]) <= STILL * size
                new = np.where(moving[packed.samples][:, None], new, states)
                moving &= ~still
            states = new
            if not moving.any():
                break
        if self.n_steps is None and moving.any():
            announce(
                f"The states of {np.count_nonzero(moving)} graphs of {len(packed)} have found no "
                f"fixed point in {MOST_STEPS} steps: use a smaller spectral_radius, or n_steps=10, "
                "say.",
                DivergenceWarning,
            )
        return self.drawn.read(states)


def _normalized(graphs, normalize):
    """Links of each kind, divided by what ``normalize`` says of all kinds together."""
    if normalize is None:
        return graphs.kinds
    total = sum(abs(links) for links in graphs.kinds)
    if normalize == "degree":
        size = np.asarray(total.sum(axis=1)).ravel()
    else:
        norms = [
            _norm(total[a:b, a:b])
            for a, b in zip(graphs.offsets[:-1], graphs.offsets[1:], strict=True)
        ]
        size = np.repeat(norms, graphs.sizes)
    scale = diags_array(np.divide(1.0, size, out=np.zeros(len(size)), where=size > 0))
    return [csr_array(scale @ links) for links in graphs.kinds]


def _norm(links):
    """Spectral norm of the adjacency of a graph."""
    if links.shape[0] <= 300:
        return np.linalg.norm(links.toarray(), 2)
    if not links.nnz:
        return 0.0
    start = np.ones(min(links.shape))
    return float(svds(links, k=1, v0=start, return_singular_vectors=False)[0])


def without_leak(drawn):
    """The same draw with units that do not leak: what leaks is a node's own state, not the sum."""
    if hasattr(drawn, "layers"):
        layers = tuple(replace(layer, leak_rate=1.0) for layer in drawn.layers)
        return replace(drawn, layers=layers)
    return replace(drawn, leak_rate=1.0)


class GraphReservoir(BaseEstimator):
    """Draws a reservoir and runs it over graphs."""

    _parameter_constraints = {
        **OWN,
        "n_steps": [count(), StrOptions({"fixed_point"})],
        "normalize": [StrOptions({"spectral", "degree"}), None],
        "directed": ["boolean"],
    }

    _poolings = OVER_NODES
    set_params = set_params
    _get_params_html = params_html
    cell, plasticity = "leaky", None  # what a reservoir over graphs has no choice of

    @property
    def reservoir_(self):
        """What was drawn."""
        return self.runner_.drawn

    def _draw(self, X):
        """Check parameters and graphs, and draw what is random."""
        self._validate_params()
        check_pooling(self)
        if np.ndim(self.leak_rate):
            raise ValueError("leak_rate must be one number over graphs, got several.")
        rng = check_random_state(self.random_state)
        graphs = pack_graphs(X, directed=self.directed)
        warn_of_halves(self, X, graphs)
        vocabulary, n_channels = read_labels(graphs, self.unknown)
        drawn = without_leak(draw_of(self, n_channels, rng))
        layers = layers_of(drawn)
        n_kinds = len(graphs.kinds)
        rng = np.random.RandomState([layers[0].noise_seed, 7])
        sizes = [layer.n_units for layer in layers]
        places = Positional(n_kinds).draw(sizes, rng, n_channels).places
        n_steps = None if self.n_steps == "fixed_point" else int(self.n_steps)
        leak = float(self.leak_rate)
        self.runner_ = GraphRunner(drawn, vocabulary, places, n_steps, leak, self.normalize)
        self.n_channels_in_, self.n_kinds_in_ = n_channels, n_kinds

    def _check_graphs(self, X):
        graphs = pack_graphs(X, directed=self.directed)
        check_labels(graphs, self.runner_.vocabulary, self.n_channels_in_)
        if len(graphs.kinds) != self.n_kinds_in_:
            raise ValueError(
                f"X has {len(graphs.kinds)} kinds of links, but fit saw {self.n_kinds_in_}."
            )
        return graphs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags
