"""From the states of a tree's nodes to one row: the choices of ``pooling``, each one function."""

import numpy as np

__all__ = ["POOLINGS"]


def root(states, forest):
    """State of the root of each tree."""
    return states[forest.roots]


def mean(states, forest):
    """Mean over the nodes of each tree."""
    return total(states, forest) / np.diff(forest.offsets)[:, None].astype(states.dtype)


def total(states, forest):
    """Sum over the nodes of each tree."""
    return np.add.reduceat(states, forest.offsets[:-1], axis=0)


def largest(states, forest):
    """Maximum over the nodes of each tree."""
    return np.maximum.reduceat(states, forest.offsets[:-1], axis=0)


POOLINGS = {"root": root, "mean": mean, "sum": total, "max": largest}
