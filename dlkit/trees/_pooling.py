"""From the states of a tree's nodes to one row: the choices of ``pooling``, each one function."""

import numpy as np

__all__ = ["OVER_NODES", "POOLINGS"]


MANY = 32  # nodes of a tree from which on it is reduced by itself, the faster way


def _reduced(by, states, forest):
    """Nodes of each tree, reduced by a ufunc."""
    starts = forest.offsets[:-1]
    if len(states) < MANY * len(starts):
        return by.reduceat(states, starts, axis=0)
    return np.stack([by.reduce(one, axis=0) for one in forest.split(states)])


def root(states, forest):
    """State of the root of each tree."""
    return states[forest.roots]


def mean(states, forest):
    """Mean over the nodes of each tree."""
    return total(states, forest) / forest.sizes[:, None].astype(states.dtype)


def total(states, forest):
    """Sum over the nodes of each tree."""
    return _reduced(np.add, states, forest)


def scaled(states, forest):
    """Sum over the nodes of each tree, over the square root of their number."""
    return total(states, forest) / np.sqrt(forest.sizes)[:, None].astype(states.dtype)


def largest(states, forest):
    """Maximum over the nodes of each tree."""
    return _reduced(np.maximum, states, forest)


POOLINGS = {"root": root, "mean": mean, "sum": total, "scaled_sum": scaled, "max": largest}
OVER_NODES = {name: pool for name, pool in POOLINGS.items() if name != "root"}  # of graphs
