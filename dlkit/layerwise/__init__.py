"""Greedy layer-wise pretraining: deep features without labels, one layer at a time."""

from ._autoencoders import MarginalizedDenoisingAutoencoder, RandomAutoencoder
from ._rbm import RBM

__all__ = ["RBM", "MarginalizedDenoisingAutoencoder", "RandomAutoencoder"]
