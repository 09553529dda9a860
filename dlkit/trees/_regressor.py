"""Numbers for trees, or for their nodes, by a reservoir and a readout."""

from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score

from ..readout import RidgeReadout
from ..reservoir._learning.targets import check_numbers
from ._readouts import TreeReadout


class TreeRegressor(MultiOutputMixin, RegressorMixin, TreeReadout):
    """Regressor of trees, or of their nodes.

    The features of :class:`TreeFeatures` (or, where nodes have targets, the states of
    :class:`TreeStates`), and a readout, linear by default, that learns the targets.

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
    pooling : str or tuple of str, default=("root", "sum")
        How the states of a tree's nodes become one row: the state of the root (``"root"``), and
        over all nodes the mean, maximum (``"max"``), sum, and sum over the square root of their
        number (``"scaled_sum"``), side by side. Sums carry the size of a tree.
    target : {"tree", "node"}, default="tree"
        What has a target: each tree, or each of its nodes.
    readout : regressor, default=None
        Any scikit-learn regressor. If None, ``RidgeReadout(alpha)``, on features that are
        centred, those of each pooling and direction scaled to unit variance in the mean.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the default readout; of several, the best by exact leave-one-out.
        ``"auto"`` stands for 25 values from 1e-8 to 1e4.
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
    readout_ : regressor
        The fitted readout.

    See Also
    --------
    TreeFeatures : The features alone.

    References
    ----------
    .. [1] Gallicchio & Micheli (2013), Tree echo state networks, Neurocomputing 101.

    Examples
    --------
    How many nodes does a tree have?

    >>> import numpy as np
    >>> from dlkit.trees import Tree, TreeRegressor
    >>> sizes = np.random.RandomState(0).randint(1, 30, 100)
    >>> trees = [Tree(["a"] * n, np.arange(n) // 2 - (np.arange(n) == 0)) for n in sizes]
    >>> model = TreeRegressor(50, random_state=0).fit(trees[:50], sizes[:50])
    >>> bool(np.abs(model.predict(trees[50:]) - sizes[50:]).max() < 0.5)
    True
    """

    _parameter_constraints = TreeReadout._parameter_constraints

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
        pooling=("root", "sum"),
        target="tree",
        readout=None,
        alpha="auto",
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
        self.target = target
        self.readout = readout
        self.alpha = alpha
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _default_readout(self):
        return RidgeReadout(**self._penalties)

    def _check_targets(self, y, weight):
        return check_numbers(y), weight

    def score(self, X, y, sample_weight=None):
        """Coefficient of determination R² over trees, or over the nodes of all trees.

        Parameters
        ----------
        X : list of Tree or of (labels, parents)
            Trees.
        y : array-like of shape (n_trees,) or (n_trees, n_outputs), or list of array-like
            True targets.
        sample_weight : array-like, default=None
            Weights in the form of ``y``.

        Returns
        -------
        score : float
        """
        return self._score(r2_score, X, y, sample_weight)
