"""Convolutional features without labels: whitening, kernels learned from patches, feature maps."""

from ._encoders import ENCODERS
from ._features import ConvFeatures
from ._functions import conv_matrix, convolve, pool
from ._gabor import gabor_bank
from ._kernels import KERNELS, learn_kernels
from ._patches import sample_patches
from ._pooling import POOLINGS, Grid
from ._preprocess import PatchPreprocess
from ._spherical_kmeans import SphericalKMeans
from ._whitening import ZCAWhitening

__all__ = [
    "ENCODERS",
    "KERNELS",
    "POOLINGS",
    "ConvFeatures",
    "Grid",
    "PatchPreprocess",
    "SphericalKMeans",
    "ZCAWhitening",
    "conv_matrix",
    "convolve",
    "gabor_bank",
    "learn_kernels",
    "pool",
    "sample_patches",
]
