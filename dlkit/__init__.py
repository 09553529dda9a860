"""Reservoir computing and unsupervised features in the scikit-learn style."""

from ._version import __version__
from .readout import RidgeReadout, RidgeReadoutClassifier, RLSReadout, RLSReadoutClassifier
from .reservoir import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    NVARFeatures,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
)
from .sequences import PerStep

__all__ = [
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
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
    "__version__",
]
