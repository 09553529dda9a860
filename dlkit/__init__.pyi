# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin

from . import baselines as baselines
from . import datasets as datasets
from . import exceptions as exceptions
from . import forecasting as forecasting
from . import metrics as metrics
from . import plotting as plotting
from . import sequences as sequences
from . import symbols as symbols
from . import trees as trees
from .baselines import compare_baselines as compare_baselines
from .conv import ConvFeatures as ConvFeatures
from .forecasting import ConformalForecaster as ConformalForecaster
from .forecasting import ForecastDetector as ForecastDetector
from .forecasting import SeasonalForecaster as SeasonalForecaster
from .layerwise import ConvRBM as ConvRBM
from .layerwise import GreedyLayerwise as GreedyLayerwise
from .layerwise import MarginalizedDenoisingAutoencoder as MarginalizedDenoisingAutoencoder
from .layerwise import RBM as RBM
from .layerwise import RandomAutoencoder as RandomAutoencoder
from .positions import PixelClassifier as PixelClassifier
from .positions import PixelRegressor as PixelRegressor
from .positions import ScaleFeatures as ScaleFeatures
from .positions import StackedContext as StackedContext
from .readout import AssociativeMemory as AssociativeMemory
from .readout import AttentionReadout as AttentionReadout
from .readout import AttentionReadoutClassifier as AttentionReadoutClassifier
from .readout import BoundedReadout as BoundedReadout
from .readout import HingeReadoutClassifier as HingeReadoutClassifier
from .readout import LogisticReadoutClassifier as LogisticReadoutClassifier
from .readout import RLSReadout as RLSReadout
from .readout import RLSReadoutClassifier as RLSReadoutClassifier
from .readout import RidgeReadout as RidgeReadout
from .readout import RidgeReadoutClassifier as RidgeReadoutClassifier
from .readout import StreamedReadout as StreamedReadout
from .reservoir import ESNClassifier as ESNClassifier
from .reservoir import ESNForecaster as ESNForecaster
from .reservoir import ESNRegressor as ESNRegressor
from .reservoir import ESNTagger as ESNTagger
from .reservoir import ImageScanFeatures as ImageScanFeatures
from .reservoir import NVARFeatures as NVARFeatures
from .reservoir import NVARForecaster as NVARForecaster
from .reservoir import ReservoirFeatures as ReservoirFeatures
from .reservoir import ReservoirSearchCV as ReservoirSearchCV
from .reservoir import ReservoirStates as ReservoirStates
from .rocket import Hydra as Hydra
from .rocket import MiniRocket as MiniRocket
from .rocket import MultiRocket as MultiRocket
from .rocket import Quant as Quant
from .rocket import Rocket as Rocket
from .rocket import SparseScaler as SparseScaler
from .symbols import ReservoirMemoryMachine as ReservoirMemoryMachine
from .symbols import SequenceModel as SequenceModel

__all__ = [
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
    "RBM",
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

class PerStep(TransformerMixin, BaseEstimator):
    transformer_: Any
    n_channels_in_: int
    n_features_in_: int
    feature_names_in_: Any
    transformer: Any
    rows: Literal["sequences", "steps"]
    def __init__(
        self,
        transformer: Any,
        *,
        rows: Literal["sequences", "steps"] = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Any = ...,
        **fit_params: Any,
    ) -> Self: ...
    def fit_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Any = ...,
        **fit_params: Any,
    ) -> Any: ...
    def get_feature_names_out(
        self,
        input_features: Any = ...,
    ) -> Any: ...
    def get_metadata_routing(
        self,
    ) -> Any: ...
    def inverse_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Any = ...,
        **fit_params: Any,
    ) -> Self: ...
    def set_output(
        self,
        *,
        transform: Literal["default", "pandas", "polars"] | None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

__version__: str
