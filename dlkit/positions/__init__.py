"""A target for every position: pixels of images, steps of series, voxels of volumes."""

from ._classifier import PixelClassifier
from ._regressor import PixelRegressor
from ._scales import ScaleFeatures
from ._stacked import StackedContext

__all__ = ["PixelClassifier", "PixelRegressor", "ScaleFeatures", "StackedContext"]
