"""From the states of a tree's nodes to one row: the choices of ``pooling``, each one function."""

import numpy as np

__all__ = ["OVER_NODES", "POOLINGS"]


def root(states, forest):
    """State of the root of each tree."""
    return states[forest.roots]


def mean(states, forest):
    """Mean over the nodes of each tree."""
    return total(states, forest) / forest.sizes[:, None].astype(states.dtype)


def total(states, forest):
    """Sum over the nodes of each tree."""
    return np.add.reduceat(states, forest.offsets[:-1], axis=0)


def scaled(states, forest):
    """Sum over the nodes of each tree, over the square root of their number."""
    return total(states, forest) / np.sqrt(forest.sizes)[:, None].astype(states.dtype)


def largest(states, forest):
    """Maximum over the nodes of each tree."""
    return np.maximum.reduceat(states, forest.offsets[:-1], axis=0)


POOLINGS = {"root": root, "mean": mean, "sum": total, "scaled_sum": scaled, "max": largest}
OVER_NODES = {name: pool for name, pool in POOLINGS.items() if name != "root"}  # of graphs
