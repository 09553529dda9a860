"""Convolutional features without labels: whitening, kernels learned from patches, feature maps."""

from ._kernels import KERNELS, learn_kernels
from ._preprocess import PatchPreprocess
from ._spherical_kmeans import SphericalKMeans
from ._whitening import ZCAWhitening

__all__ = [
    "KERNELS",
    "PatchPreprocess",
    "SphericalKMeans",
    "ZCAWhitening",
    "learn_kernels",
]
