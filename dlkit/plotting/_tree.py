"""Figure of a tree: its leaves from left to right, each node above what it joins."""

import numpy as np

from ._display import BLUE, Display, pick, style


class TreeDisplay(Display):
    """A tree, given or grown over a sequence, with its labels.

    Leaves stand side by side in their order, and each node above the middle of its children, one
    higher than the highest of them.

    Use :meth:`from_estimator` or :meth:`from_tree` to make one.

    Parameters
    ----------
    labels : sequence of length n_nodes
        What is written at the nodes; nothing where a label is None or an array.
    parents : ndarray of shape (n_nodes,)
        Number of the parent of each node; -1 for the root.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        What was drawn into.
    line_ : matplotlib Line2D
        The links, from each child up to its parent.
    texts_ : list of matplotlib Text
        The labels.
    positions_ : ndarray of shape (n_nodes, 2)
        Where each node stands, and its height above the leaves.

    References
    ----------
    .. [1] Reingold & Tilford (1981), Tidier drawings of trees, IEEE Transactions on Software
       Engineering SE-7(2).

    Examples
    --------
    >>> from dlkit.plotting import TreeDisplay
    >>> from dlkit.trees import TreeFeatures
    >>> words = ["banana", "bandana", "ananas"]
    >>> features = TreeFeatures(20, structure="bpe", random_state=0).fit(words)
    >>> display = TreeDisplay.from_estimator(features, words)
    >>> "".join(text.get_text() for text in display.texts_)
    'banana'
    """

    def __init__(self, labels, parents):
        self.labels = labels
        self.parents = parents

    @classmethod
    def from_estimator(cls, estimator, X, *, number=0, names=None, ax=None, **kwargs):
        """Draw a tree that a fitted estimator reads in its input, or grows over it.

        Parameters
        ----------
        estimator : TreeFeatures, TreeStates, TreeClassifier or TreeRegressor
            Fitted.
        X : list of Tree, or of sequences where the estimator has a ``structure``
            Trees.
        number : int, default=0
            Which of them.
        names : sequence of str, default=None
            What is written at the leaves, from left to right; their labels if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the links.

        Returns
        -------
        display : TreeDisplay

        Raises
        ------
        TypeError
            If the estimator reads no trees.
        """
        if not hasattr(estimator, "trees"):
            raise TypeError(
                f"{type(estimator).__name__} reads no trees: TreeFeatures, TreeStates, "
                "TreeClassifier and TreeRegressor of dlkit.trees do."
            )
        trees = estimator.trees(X)
        number = pick(number, len(trees), "number", "trees")
        return cls.from_tree(trees[number], names=names, ax=ax, **kwargs)

    @classmethod
    def from_tree(cls, tree, *, names=None, ax=None, **kwargs):
        """Draw a tree.

        Parameters
        ----------
        tree : Tree or (labels, parents)
            The tree.
        names : sequence of str, default=None
            What is written at the leaves, from left to right; their labels if None.
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the links.

        Returns
        -------
        display : TreeDisplay

        Raises
        ------
        ValueError
            If there are not as many names as leaves, or the tree is none.
        """
        labels, parents = tree if isinstance(tree, tuple) else (tree.labels, tree.parents)
        parents = np.asarray(parents)
        labels = list(labels)
        leaves = _in_order(parents)[1]
        if names is not None:
            if len(names) != len(leaves):
                raise ValueError(
                    f"names has {len(names)} entries; the tree has {len(leaves)} leaves."
                )
            for leaf, name in zip(leaves, names, strict=True):
                labels[leaf] = str(name)
        return cls(labels, parents).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the tree.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; those of a new figure if None.
        **kwargs : dict
            Go to the line of the links.

        Returns
        -------
        self : TreeDisplay
        """
        order, leaves, children = _in_order(self.parents)
        places = np.zeros((len(order), 2))
        places[leaves, 0] = np.arange(len(leaves))
        for node in order:  # children before their parents
            below = children[node]
            if below:
                places[node] = places[below, 0].mean(), 1 + places[below, 1].max()
        ax = self._begin(ax, figsize=(max(4.0, 0.35 * len(leaves)), 3.5))
        xs, ys = [], []
        for node, above in enumerate(self.parents):
            if above >= 0:
                (x, y), (x_above, y_above) = places[node], places[above]
                xs += [x, x, x_above, np.nan]
                ys += [y, y_above, y_above, np.nan]
        (self.line_,) = ax.plot(xs, ys, **style({"color": BLUE, "linewidth": 1.2}, kwargs))
        self.texts_ = []
        for node, label in enumerate(self.labels):
            if isinstance(label, (str, int, float, np.number)):
                leaf = not children[node]
                self.texts_.append(
                    ax.annotate(
                        str(label), places[node], (0, -4 if leaf else 3),
                        textcoords="offset points", ha="center", va="top" if leaf else "bottom",
                    )
                )  # fmt: skip
        ax.set_ylim(-0.08 * max(places[:, 1].max(), 1) - 0.3, places[:, 1].max() + 0.5)
        ax.set_axis_off()
        self.positions_ = places
        return self


def _in_order(parents):
    """Nodes with children before parents, leaves from left to right, and children of each node."""
    children = [[] for _ in parents]
    roots = [node for node, above in enumerate(parents) if above < 0]
    for node, above in enumerate(parents):
        if above >= 0:
            children[above].append(node)
    if len(roots) != 1:
        raise ValueError(f"A tree has one root (a node of parent -1), this one has {len(roots)}.")
    order, leaves, todo = [], [], [roots[0]]
    while todo:
        node = todo.pop()
        order.append(node)
        if not children[node]:
            leaves.append(node)
        todo += children[node][::-1]
    if len(order) != len(parents):
        raise ValueError("The parents run in a cycle: some nodes are not below the root.")
    return order[::-1], leaves, children
