"""Greedy layer-wise pretraining: deep features without labels, one layer at a time."""

from ._conv_rbm import ConvRBM
from ._groups import GroupedMaps, energy_correlation
from ._marginalized import MarginalizedDenoisingAutoencoder
from ._random import RandomAutoencoder
from ._rbm import RBM
from ._stack import GreedyLayerwise

__all__ = [
    "RBM",
    "ConvRBM",
    "GreedyLayerwise",
    "GroupedMaps",
    "MarginalizedDenoisingAutoencoder",
    "RandomAutoencoder",
    "energy_correlation",
]
