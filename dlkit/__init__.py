"""Reservoir computing and unsupervised features in the scikit-learn style."""

from .sequences import PerStep
from ._version import __version__

__all__ = ["PerStep", "__version__"]
