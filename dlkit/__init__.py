"""Reservoir computing and unsupervised features in the scikit-learn style."""

from ._version import __version__
from .conv import ConvFeatures
from .readout import (
    RidgeReadout,
    RidgeReadoutClassifier,
    RLSReadout,
    RLSReadoutClassifier,
    StreamedReadout,
)
from .reservoir import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ImageScanFeatures,
    NVARFeatures,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
)
from .rocket import Hydra, MiniRocket, MultiRocket, Rocket, SparseScaler
from .sequences import PerStep

__all__ = [
    "ConvFeatures",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "Hydra",
    "ImageScanFeatures",
    "MiniRocket",
    "MultiRocket",
    "NVARFeatures",
    "NVARForecaster",
    "PerStep",
    "RLSReadout",
    "RLSReadoutClassifier",
    "ReservoirFeatures",
    "ReservoirSearchCV",
    "ReservoirStates",
    "RidgeReadout",
    "RidgeReadoutClassifier",
    "Rocket",
    "SparseScaler",
    "StreamedReadout",
    "__version__",
]
