"""Reservoir computing and unsupervised features in the scikit-learn style."""

from . import datasets, exceptions, forecasting, metrics, plotting, sequences, symbols, trees
from ._per_step import PerStep
from ._site import documented
from ._version import __version__
from .baselines import compare_baselines
from .conv import ConvFeatures
from .forecasting import ConformalForecaster, ForecastDetector, SeasonalForecaster
from .layerwise import (
    RBM,
    ConvRBM,
    GreedyLayerwise,
    MarginalizedDenoisingAutoencoder,
    RandomAutoencoder,
)
from .positions import PixelClassifier, PixelRegressor, ScaleFeatures, StackedContext
from .readout import (
    AssociativeMemory,
    AttentionReadout,
    AttentionReadoutClassifier,
    BoundedReadout,
    HingeReadoutClassifier,
    LogisticReadoutClassifier,
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
from .rocket import Hydra, MiniRocket, MultiRocket, Quant, Rocket, SparseScaler
from .symbols import ReservoirMemoryMachine, SequenceModel

__all__ = [
    "RBM",
    "AssociativeMemory",
    "AttentionReadout",
    "AttentionReadoutClassifier",
    "BoundedReadout",
    "ConformalForecaster",
    "ConvFeatures",
    "ConvRBM",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "ForecastDetector",
    "GreedyLayerwise",
    "HingeReadoutClassifier",
    "Hydra",
    "ImageScanFeatures",
    "LogisticReadoutClassifier",
    "MarginalizedDenoisingAutoencoder",
    "MiniRocket",
    "MultiRocket",
    "NVARFeatures",
    "NVARForecaster",
    "PerStep",
    "PixelClassifier",
    "PixelRegressor",
    "Quant",
    "RLSReadout",
    "RLSReadoutClassifier",
    "RandomAutoencoder",
    "ReservoirFeatures",
    "ReservoirMemoryMachine",
    "ReservoirSearchCV",
    "ReservoirStates",
    "RidgeReadout",
    "RidgeReadoutClassifier",
    "Rocket",
    "ScaleFeatures",
    "SeasonalForecaster",
    "SequenceModel",
    "SparseScaler",
    "StackedContext",
    "StreamedReadout",
    "__version__",
    "baselines",
    "compare_baselines",
    "datasets",
    "exceptions",
    "forecasting",
    "metrics",
    "plotting",
    "sequences",
    "symbols",
    "trees",
]

documented(globals())
