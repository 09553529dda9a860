"""Reservoirs: echo state networks as scikit-learn estimators, and the parts they are made of."""

from ._diagnostics.capacity import generalization_rank, kernel_rank, memory_capacity
from ._diagnostics.gradient import gradient_norms
from ._diagnostics.stability import diagnose, echo_state_index, lyapunov_exponent
from ._features import ReservoirFeatures, ReservoirStates
from ._forecaster import ESNForecaster
from ._matrices.spectral import effective_radius, spectral_norm, spectral_radius
from ._models.layers import Layers
from ._models.plasticity import IntrinsicPlasticity
from ._models.reservoir import Reservoir
from ._nvar import NVARFeatures, NVARForecaster
from ._scan import ImageScanFeatures
from ._sequence_esn import ESNClassifier, ESNRegressor
from ._tagger import ESNTagger
from .search import ReservoirSearchCV

__all__ = [
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "ImageScanFeatures",
    "IntrinsicPlasticity",
    "Layers",
    "NVARFeatures",
    "NVARForecaster",
    "Reservoir",
    "ReservoirFeatures",
    "ReservoirSearchCV",
    "ReservoirStates",
    "diagnose",
    "echo_state_index",
    "effective_radius",
    "generalization_rank",
    "gradient_norms",
    "kernel_rank",
    "lyapunov_exponent",
    "memory_capacity",
    "spectral_norm",
    "spectral_radius",
]
