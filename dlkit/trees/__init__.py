"""Reservoirs over trees and graphs."""

from ._classifier import TreeClassifier
from ._convert import (
    from_brackets,
    from_conllu,
    from_iupac,
    from_nested,
    from_smiles_acyclic,
    rooted_at_centre,
)
from ._features import TreeFeatures
from ._forest import Tree
from ._graph_features import GraphFeatures
from ._graphs import Graph, from_networkx
from ._node_features import NodeFeatures
from ._nodes import Additive, Bilinear, Positional
from ._regressor import TreeRegressor
from ._states import TreeStates
from ._structures import BPE, Balanced, Greedy

__all__ = [
    "BPE",
    "Additive",
    "Balanced",
    "Bilinear",
    "Graph",
    "GraphFeatures",
    "Greedy",
    "NodeFeatures",
    "Positional",
    "Tree",
    "TreeClassifier",
    "TreeFeatures",
    "TreeRegressor",
    "TreeStates",
    "from_brackets",
    "from_conllu",
    "from_iupac",
    "from_nested",
    "from_networkx",
    "from_smiles_acyclic",
    "rooted_at_centre",
]
