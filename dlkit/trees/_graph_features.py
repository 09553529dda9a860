"""Features of graphs by a reservoir: one row a graph."""

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ._base import POOLING, pooled, rows_of_samples
from ._graph_base import GraphReservoir


class GraphFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, GraphReservoir):
    """Features of graphs: a reservoir runs over the nodes, their states become one row a graph.

    The state x(v) of a node v follows, from zero,

        x(v) ← (1 − a) x(v) + a f(W Σ_k P_k Σ_v' A_k(v, v') x(v') + W_in u(v) + b)

    with u(v) the label, A_k the links of kind k, and P_k a random permutation with random signs
    that tells the kinds apart (P_0 is the identity) [1]_, [2]_. Nothing is trained.

    Parameters
    ----------
    n_units : int, default=500
        Number of units.
    n_steps : int or "fixed_point", default="fixed_point"
        Steps of the states: so many, or until no state changes by more than 1e-6 of the largest.
    spectral_radius : float, default=0.9
        What the recurrent matrix W is scaled to; see ``control``. With ``normalize="spectral"``
        states run into one fixed point where the norm of W is below one.
    leak_rate : float, default=1.0
        Leak rate a in (0, 1]: how much of a state is new after a step.
    input_scaling : float or array-like of shape (n_channels,), default=0.5
        Factor on the weights of labels.
    bias_scaling : float, default=0.2
        Factor on the bias.
    n_links : int, default=10
        Links into each unit, for ``topology="sparse"``.
    topology : str, Topology, array, sparse matrix or callable, default="sparse"
        Shape of W, as of :class:`dlkit.ReservoirFeatures`.
    control : {"radius", "effective", "norm"}, default="radius"
        What ``spectral_radius`` is, as of :class:`dlkit.ReservoirFeatures`.
    input_weights : {"uniform", "normal", "rademacher"} or InputWeights, default="uniform"
        Distribution of the weights of labels and of the bias.
    activation : str or callable, default="tanh"
        f, as of :class:`dlkit.ReservoirFeatures`.
    layers : int, list of dict or Layers, default=None
        Reservoirs in series; see :class:`dlkit.reservoir.Layers`. One if None.
    normalize : {"spectral", "degree", None}, default="spectral"
        What the adjacency of each graph is divided by: its spectral norm, the degrees of the nodes
        (so that a node hears the mean of its neighbours), or nothing.
    directed : bool, default=True
        Whether links may have a direction; an adjacency that is not symmetric is refused otherwise.
    unknown : {"error", "ignore"}, default="error"
        What becomes of symbols that ``fit`` has not seen: an error, or no label.
    pooling : str or tuple of str, default=("mean", "sum")
        How the states of a graph's nodes become one row: over all nodes the mean, sum, maximum
        (``"max"``), and sum over the square root of their number (``"scaled_sum"``), side by side.
        Sums carry the size of a graph.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    reservoir_ : Reservoir
        The drawn reservoir.
    n_channels_in_ : int
        Numbers in a label, or symbols seen in ``fit``.
    n_kinds_in_ : int
        Kinds of links seen in ``fit``.

    See Also
    --------
    NodeFeatures : One row for every node.

    Notes
    -----
    Sums over nodes carry the size of a graph, means do not. More than the fixed point, the states
    after a few steps at a ``spectral_radius`` above one may tell graphs apart.

    References
    ----------
    .. [1] Gallicchio & Micheli (2010), Graph echo state networks, IJCNN.
    .. [2] Gallicchio & Micheli (2020), Fast and deep graph neural networks, AAAI.

    Examples
    --------
    >>> from dlkit.trees import Graph, GraphFeatures
    >>> triangle = Graph([[0, 1, 1], [1, 0, 1], [1, 1, 0]], ["C", "C", "O"])
    >>> path = Graph([[0, 1, 0], [1, 0, 1], [0, 1, 0]], ["C", "O", "C"])
    >>> GraphFeatures(50, random_state=0).fit_transform([triangle, path]).shape
    (2, 100)
    """

    _parameter_constraints = GraphReservoir._parameter_constraints | POOLING

    def __init__(
        self,
        n_units=500,
        *,
        n_steps="fixed_point",
        spectral_radius=0.9,
        leak_rate=1.0,
        input_scaling=0.5,
        bias_scaling=0.2,
        n_links=10,
        topology="sparse",
        control="radius",
        input_weights="uniform",
        activation="tanh",
        layers=None,
        normalize="spectral",
        directed=True,
        unknown="error",
        pooling=("mean", "sum"),
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.n_steps = n_steps
        self.spectral_radius = spectral_radius
        self.leak_rate = leak_rate
        self.input_scaling = input_scaling
        self.bias_scaling = bias_scaling
        self.n_links = n_links
        self.topology = topology
        self.control = control
        self.input_weights = input_weights
        self.activation = activation
        self.layers = layers
        self.normalize = normalize
        self.directed = directed
        self.unknown = unknown
        self.pooling = pooling
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Draw the reservoir.

        Parameters
        ----------
        X : list of Graph or of (adjacency, labels)
            Graphs; those of networkx will do.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._draw(X)
        return self

    def transform(self, X):
        """Run the reservoir over each graph.

        Parameters
        ----------
        X : list of Graph or of (adjacency, labels)
            Graphs, as in :meth:`fit`, with labels of the same kind.

        Returns
        -------
        features : ndarray of shape (n_graphs, n_features)
            float32 where labels are float32, float64 otherwise.
        """
        check_is_fitted(self)
        return rows_of_samples(self, self._check_graphs(X))

    @property
    def _n_features_out(self):
        return self.runner_.n_features * len(pooled(self))
