"""Reservoir computing and unsupervised features in the scikit-learn style."""

from ._version import __version__
from .conv import ConvFeatures
from .layerwise import (
    RBM,
    ConvRBM,
    GreedyLayerwise,
    MarginalizedDenoisingAutoencoder,
    RandomAutoencoder,
)
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
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
)
from .sequences import PerStep

__all__ = [
    "RBM",
    "ConvFeatures",
    "ConvRBM",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "GreedyLayerwise",
    "MarginalizedDenoisingAutoencoder",
    "PerStep",
    "RLSReadout",
    "RLSReadoutClassifier",
    "RandomAutoencoder",
    "ReservoirFeatures",
    "ReservoirSearchCV",
    "ReservoirStates",
    "RidgeReadout",
    "RidgeReadoutClassifier",
    "StreamedReadout",
    "__version__",
]
