"""Convolutional features without labels: whitening, kernels learned from patches, feature maps."""

from ._gabor import gabor_bank
from ._kernels import KERNELS, learn_kernels
from ._preprocess import PatchPreprocess
from ._spherical_kmeans import SphericalKMeans
from ._whitening import ZCAWhitening

__all__ = [
    "KERNELS",
    "PatchPreprocess",
    "SphericalKMeans",
    "ZCAWhitening",
    "gabor_bank",
    "learn_kernels",
]
