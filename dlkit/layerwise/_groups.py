"""Receptive fields of a layer over many maps: groups of maps that are active together."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._params import HasMethods, count, unchanged_on_failure
from .._validation import check_array, forget_columns, naming, validate_data
from ..conv import ZCAWhitening
from ..sequences import is_batch
from ._between import hand_over, plain

__all__ = ["GroupedMaps", "energy_correlation"]

RIDGE = 1e-6  # of the whitening, relative to the mean eigenvalue: only against division by zero


def energy_correlation(Z):
    """Correlation of the squares of columns, once the columns are decorrelated.

    Whatever two columns share linearly is taken out first, by whitening; what is left tells
    that they are active at the same places.

    Parameters
    ----------
    Z : array-like of shape (n, F)
        Responses of F maps at n places.

    Returns
    -------
    similarity : ndarray of shape (F, F)
        Zero where a column is constant; one on the diagonal.

    Raises
    ------
    ValueError
        If Z is not 2-D, or holds NaN or infinity.

    References
    ----------
    .. [1] Coates & Ng (2011). Selecting receptive fields in deep networks. NIPS, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.layerwise import energy_correlation
    >>> r = np.random.RandomState(0)
    >>> there = r.rand(1000, 1) < 0.3  # two maps that are active together, but uncorrelated
    >>> Z = np.hstack([there * r.randn(1000, 2), r.randn(1000, 1)])
    >>> abs(energy_correlation(Z)).round(1).tolist()
    [[1.0, 0.2, 0.0], [0.2, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    with naming("Z"):
        Z = check_array(Z, dtype=np.float64, input_name="Z")
    whitening = ZCAWhitening(regularization=RIDGE).set_output(transform="default")
    energy = np.square(whitening.fit_transform(Z))
    energy -= energy.mean(axis=0)
    norm = np.sqrt(np.square(energy).sum(axis=0))
    energy /= np.where(norm > 1e-12 * max(norm.max(), 1e-300), norm, np.inf)
    similarity = energy.T @ energy
    np.fill_diagonal(similarity, 1.0)
    return similarity


class GroupedMaps(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    """A layer over groups of maps, each with a copy of its own: learned receptive fields.

    A second layer of kernels over all maps of the first learns next to nothing: too many inputs
    that have nothing to do with one another. Here each copy of the layer sees a few maps that are
    active together: to maps drawn at random, those are added whose squared responses, whitened,
    correlate with theirs most [1]_.

    Parameters
    ----------
    layer : transformer
        What is cloned, fitted and applied to each group of maps.
    n_groups : int, default=16
        Number of groups, each around a map of its own; no more than there are maps.
    group_size : int, default=16
        Maps of a group, which may overlap; no more than there are maps.
    n_places : int, default=50_000
        Places of the maps that correlations are estimated from, drawn at random.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of groups and places. The layer has its own.

    Attributes
    ----------
    groups_ : ndarray of shape (n_groups, group_size)
        Numbers of the maps of each group, the one it was made around first.
    layers_ : list of transformer
        The fitted copies.
    n_features_in_ : int
        Number of columns of X, where ``fit`` saw a 2-D X.

    See Also
    --------
    energy_correlation : The similarity of maps.
    GreedyLayerwise : Where such a layer belongs.

    References
    ----------
    .. [1] Coates & Ng (2011). Selecting receptive fields in deep networks. NIPS, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.conv import ConvFeatures
    >>> from dlkit.layerwise import GroupedMaps
    >>> maps = np.random.RandomState(0).rand(20, 8, 8, 32)
    >>> layer = ConvFeatures(10, kernel_size=(3, 3), grid=1, random_state=0)
    >>> GroupedMaps(layer, n_groups=4, group_size=6, random_state=0).fit_transform(maps).shape
    (20, 80)
    """

    _parameter_constraints = {
        "layer": [HasMethods(["fit", "transform"])],
        "n_groups": [count()],
        "group_size": [count()],
        "n_places": [count(2)],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        layer,
        *,
        n_groups=16,
        group_size=16,
        n_places=50_000,
        random_state=None,
    ):
        self.layer = layer
        self.n_groups = n_groups
        self.group_size = group_size
        self.n_places = n_places
        self.random_state = random_state

    @unchanged_on_failure
    def fit(self, X, y=None):
        r"""Choose the groups and fit a copy of the layer on each.

        Parameters
        ----------
        X : array-like of shape (n, \*positions, F), or list of array-like of shape (\*positions, F)
            Maps; or rows of F features.
        y : None
            Ignored.

        Returns
        -------
        self : GroupedMaps
        """
        self._validate_params()
        X = self._check(X, reset=True)
        random_state = check_random_state(self.random_state)
        n_maps = X[0].shape[-1]
        self.n_maps_in_ = n_maps
        similarity = energy_correlation(_places(X, self.n_places, random_state))
        seeds = random_state.permutation(n_maps)[: self.n_groups]
        order = np.argsort(-similarity[seeds], axis=1, kind="stable")
        # the seed itself comes first, even where another map says just the same
        self.groups_ = np.array(
            [
                [seed, *(i for i in row if i != seed)][: self.group_size]
                for seed, row in zip(seeds, order, strict=True)
            ]
        )
        self.layers_ = []
        for group in self.groups_:
            layer = clone(self.layer)
            with naming("X"):
                self.layers_.append(layer.fit(hand_over(_pick(X, group), layer)))
        first = self._join(X[:1])
        self._n_features_out = first[0].shape[-1]
        return self

    def transform(self, X):
        r"""Outputs of all copies, side by side.

        Parameters
        ----------
        X : array-like of shape (n, \*positions, F), or list of array-like of shape (\*positions, F)
            Maps, or rows, as in :meth:`fit`.

        Returns
        -------
        features : ndarray of shape (n, n_features) or (n, \*positions, n_features), or a list
            As the layer gives them, joined along the last axis in the order of the groups.
        """
        check_is_fitted(self)
        return self._join(self._check(X, reset=False))

    def _join(self, X):
        parts = [
            plain(layer.transform(hand_over(_pick(X, group), layer)))
            for layer, group in zip(self.layers_, self.groups_, strict=True)
        ]
        if isinstance(parts[0], list):
            return [np.concatenate(maps, axis=-1) for maps in zip(*parts, strict=True)]
        return np.concatenate(parts, axis=-1)

    def _check(self, X, reset):
        rows = not is_batch(X) and len(getattr(X, "shape", (0, 0))) <= 2
        if rows:
            X = validate_data(self, X, dtype=[np.float64, np.float32], reset=reset)
        elif is_batch(X):
            X = [check_array(x, allow_nd=True, ensure_2d=True, input_name="X") for x in X]
        else:
            X = check_array(X, allow_nd=True, input_name="X")
        if len(X) == 0:
            raise ValueError("X is an empty list: at least one sample is needed.")
        n_maps = {x.shape[-1] for x in X}
        if n_maps == {0}:
            raise ValueError(f"X has samples of shape {X[0].shape}: at least one map is needed.")
        if len(n_maps) > 1 or (not reset and n_maps != {self.n_maps_in_}):
            expected = f"but {self.n_maps_in_} in fit" if not reset else "which differ"
            raise ValueError(f"X has samples of {sorted(n_maps)} maps (last axis), {expected}.")
        if reset and not rows:
            forget_columns(self)
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _pick(X, group):
    return [x[..., group] for x in X] if isinstance(X, list) else X[..., group]


def _places(X, n_places, random_state):
    """Some places of the maps as rows, of shape (≤ n_places, F)."""
    sizes = [x[..., 0].size for x in X] if isinstance(X, list) else len(X) * [X[0][..., 0].size]
    ends = np.cumsum(sizes)
    if ends[-1] <= n_places:
        return np.concatenate([np.atleast_2d(x).reshape(-1, x.shape[-1]) for x in X])
    picks = np.sort(random_state.choice(ends[-1], n_places, replace=False))
    owners = np.searchsorted(ends, picks, side="right")
    out = np.empty((n_places, X[0].shape[-1]))
    for i in np.unique(owners):
        mine = owners == i
        out[mine] = X[i].reshape(-1, X[i].shape[-1])[picks[mine] - (ends[i] - sizes[i])]
    return out
