"""Features of trees by a reservoir: one row a tree."""

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._params import unchanged_on_failure
from ._base import POOLING, Growth, pooled, rows_of_samples


class TreeFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Growth):
    """Features of trees: a reservoir runs over each tree, its states become one row.

    The state of a node is the step of a reservoir that hears the node's label u and, in the place
    of its own last state, the states of the node's children [1]_; see :class:`Additive`,
    :class:`Positional` and :class:`Bilinear` for the equations. Nothing is trained. Over a tree
    that is a chain the states are those of :class:`dlkit.ReservoirStates` over the sequence.

    Parameters
    ----------
    n_units : int, default=500
        Number of units.
    node : {"auto", "additive", "positional", "bilinear"} or node, default="auto"
        How a node hears its children: by the sum of their states, told apart by their places, or
        multiplied as well. ``"auto"`` tells the places apart in trees over sequences, which have a
        left and a right, and adds otherwise. :class:`Positional` and :class:`Bilinear` have
        parameters.
    spectral_radius : float, default=0.5
        What the recurrent matrix W is scaled to; see ``control``. A node hears several children, so
        that differences between states fade for sure only where their number times the norm of W is
        below one: see ``contraction_``, and ``amplification_`` for what is measured.
    leak_rate : float or array-like of shape (n_units,), default=1.0
        Leak rate a in (0, 1]: how much of a state is new at each node.
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
        Reservoirs in series, each of which runs over the tree; see
        :class:`dlkit.reservoir.Layers`. One if None.
    direction : {"up", "down", "both"}, default="up"
        Whether states run from the leaves to the root, so that the state of a node tells of what is
        below; from the root to the leaves; or both, side by side.
    structure : {"balanced", "greedy", "bpe"} or structure, default=None
        How trees are grown over sequences, where ``X`` holds sequences and not trees:
        :class:`Balanced`, :class:`Greedy`, :class:`BPE`. Sequences of numbers come in the forms of
        :class:`dlkit.ReservoirFeatures`, a row of a 2-D ``X`` being one.
    unknown : {"error", "ignore"}, default="error"
        What becomes of symbols that ``fit`` has not seen: an error, or no label.
    pooling : str or tuple of str, default=("root", "mean", "max")
        How the states of a tree's nodes become one row: the state of the root (``"root"``), and
        over all nodes the mean, maximum (``"max"``), sum, and sum over the square root of their
        number (``"scaled_sum"``), side by side. Sums carry the size of a tree.
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
    contraction_ : float
        How much of a difference between states that a node hears can reach its own, at most: the
        largest number of children (one for ``direction="down"``) times 1 − a + a ‖W‖. Below one,
        states forget what lies deep below, whatever the labels. Ordinary settings are above one.
    amplification_ : float
        How much larger a small difference between the states of leaves was at the roots of deep
        trees, measured in ``fit`` (from roots to leaves for ``direction="down"``); NaN without
        links. It stays below a few where states forget; ``fit`` warns above 100.
    arity_ : int
        The largest number of children of a node in ``fit``.
    n_channels_in_ : int
        Numbers in a label, or symbols seen in ``fit``; of trees grown over sequences of numbers,
        their channels.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X``: one-channel sequences of one length.
    feature_names_in_ : ndarray of str
        Names of the channels, where ``fit`` saw frames.

    See Also
    --------
    TreeStates : One row for every node.
    TreeClassifier : With a readout.

    Notes
    -----
    All nodes of a level of all trees, those of one height, are run side by side. Sums over nodes
    carry the size of a tree, means do not.

    References
    ----------
    .. [1] Gallicchio & Micheli (2013), Tree echo state networks, Neurocomputing 101.

    Examples
    --------
    >>> from dlkit.trees import TreeFeatures, from_brackets
    >>> trees = from_brackets(["(S (NP she) (VP sleeps))", "(S (NP it) (VP (V saw) (NP her)))"])
    >>> TreeFeatures(50, random_state=0).fit_transform(trees).shape
    (2, 150)
    """

    _parameter_constraints = Growth._parameter_constraints | POOLING

    def __init__(
        self,
        n_units=500,
        *,
        node="auto",
        spectral_radius=0.5,
        leak_rate=1.0,
        input_scaling=0.5,
        bias_scaling=0.2,
        n_links=10,
        topology="sparse",
        control="radius",
        input_weights="uniform",
        activation="tanh",
        layers=None,
        direction="up",
        structure=None,
        unknown="error",
        pooling=("root", "mean", "max"),
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.node = node
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
        self.direction = direction
        self.structure = structure
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
        X : list of Tree or of (labels, parents)
            Trees; with a ``structure``, sequences as of :class:`dlkit.ReservoirFeatures`, or of
            symbols.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._draw(X)
        return self

    def transform(self, X):
        """Run the reservoir over each tree.

        Parameters
        ----------
        X : list of Tree or of (labels, parents)
            Trees, as in :meth:`fit`, with labels of the same kind.

        Returns
        -------
        features : ndarray of shape (n_trees, n_features)
            float32 where labels are float32, float64 otherwise.
        """
        check_is_fitted(self)
        return rows_of_samples(self, self._check_forest(X))

    @property
    def _n_features_out(self):
        return self.runner_.n_features * len(pooled(self))
