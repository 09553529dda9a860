"""Whether states forget on their way through a tree: the guarantee, and what is measured."""

from dataclasses import replace

import numpy as np

from ..reservoir._matrices.spectral import spectral_norm
from ._forest import Forest
from ._run import layers_of

__all__ = ["SHORT_OF_FORGETTING", "amplification_of", "contraction_of", "deep_part"]

SHORT_OF_FORGETTING = 100.0  # so much larger a difference has become where it is told of
_MOST_TREES, _MOST_NODES = 8, 300  # trees that are measured, and nodes of each
_SMALL = 1e-6


def contraction_of(drawn, n_heard):
    """How much of a difference between states that a node hears can reach its own, at most.

    Parameters
    ----------
    drawn : Reservoir or DeepReservoir
        As drawn; of several layers the one that forgets least.
    n_heard : int
        Most states that a node hears.

    Returns
    -------
    float
    """
    found = []
    for layer in layers_of(drawn):
        a = np.asarray(layer.leak_rate)
        found.append(np.max(1 - a) + np.max(a) * spectral_norm(layer.matrix))
    return float(n_heard * max(found))


def amplification_of(runner, forest):
    """How much larger, or smaller, a small difference is at the end of deep trees.

    All leaves are moved by a little, and the roots tell how far they move; where states run down,
    roots are moved, and the deepest leaves tell.

    Parameters
    ----------
    runner : Grower
        What runs over trees.
    forest : Forest
        Trees, of which some of the deepest are looked at, from their lowest nodes up.

    Returns
    -------
    amplification : float
        Mean distance at the end by mean distance at the beginning; NaN where no node hears one,
        infinity where states grow without bound.
    n_links : int
        Links between the two in the deepest tree.
    """
    part = deep_part(forest)
    down = runner.direction == "down"
    levels = part.depths if down else part.levels
    if len(levels) < 2:
        return float("nan"), 0
    one = replace(runner, direction="down" if down else "up")
    rng = np.random.RandomState(0)
    moved_by = _SMALL * rng.standard_normal((len(levels[0]), one.n_carried))
    try:
        apart = one.run(part, moved_by=moved_by) - one.run(part)
    except ValueError:  # the states are not finite, which whatever runs all trees will say
        return float("inf"), len(levels) - 1
    with np.errstate(over="ignore"):
        apart = np.linalg.norm(apart, axis=1)
    begin, end = apart[levels[0]], apart[levels[-1] if down else part.roots]
    return float(end.mean() / begin.mean()), len(levels) - 1


def deep_part(forest, most_trees=_MOST_TREES, most_nodes=_MOST_NODES):
    """Some of the deepest trees, cut off above so that each has not too many nodes.

    Parameters
    ----------
    forest : Forest
        Trees.
    most_trees, most_nodes : int
        How many trees, and how many nodes of each.

    Returns
    -------
    Forest
        Its labels are numbers of float64, or symbols.
    """
    height, size = np.zeros(forest.n_nodes, dtype=np.int64), np.ones(forest.n_nodes, dtype=np.int64)
    for i, level in enumerate(forest.levels):
        height[level] = i
        above = forest.parents[level]
        np.add.at(size, above[above >= 0], size[level][above >= 0])
    order, starts, _ = forest.siblings
    found, parents = [], []
    for root in forest.roots[np.argsort(-height[forest.roots], kind="stable")[:most_trees]]:
        top = root
        while size[top] > most_nodes:
            below = order[starts[top] : starts[top + 1]]
            top = below[np.argmax(height[below])]
        nodes = [top]
        for node in nodes:
            nodes += order[starts[node] : starts[node + 1]].tolist()
        nodes = np.sort(nodes)  # children keep their order
        above = np.searchsorted(nodes, forest.parents[nodes])
        parents.append(np.where(nodes == top, -1, above + sum(map(len, found))))
        found.append(nodes)
    nodes = np.concatenate(found)
    labels = forest.labels
    labels = [labels[i] for i in nodes] if forest.symbolic else labels[nodes].astype(np.float64)
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in found])])
    return Forest(labels, offsets, np.concatenate(parents))
