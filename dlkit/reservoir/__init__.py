"""Reservoirs over sequences and series: transformers, estimators, search and diagnostics."""

from ._cells.kinds import (
    ES2N,
    GRU,
    LSTM,
    MGU,
    Clockwork,
    DeepTransition,
    Euler,
    Leaky,
    Legendre,
    Residual,
)
from ._classifier import ESNClassifier
from ._diagnostics.capacity import generalization_rank, kernel_rank, memory_capacity
from ._diagnostics.gradient import gradient_norms
from ._diagnostics.stability import diagnose, echo_state_index, lyapunov_exponent
from ._features import ReservoirFeatures
from ._forecaster import ESNForecaster
from ._learning.context import Context
from ._learning.feedback import Feedback
from ._learning.pooling import ModelSpace
from ._matrices.spectral import effective_radius, spectral_norm, spectral_radius
from ._matrices.topology import CycleJumps, Dense, InputWeights, Sparse
from ._models.layers import Layers
from ._models.plasticity import IntrinsicPlasticity
from ._models.reservoir import Reservoir
from ._nvar import NVARFeatures, NVARForecaster
from ._regressor import ESNRegressor
from ._scan import ImageScanFeatures
from ._states import ReservoirStates
from ._tagger import ESNTagger
from .search import RecycleSplit, ReservoirSearchCV

__all__ = [
    "ES2N",
    "GRU",
    "LSTM",
    "MGU",
    "Clockwork",
    "Context",
    "CycleJumps",
    "DeepTransition",
    "Dense",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "Euler",
    "Feedback",
    "ImageScanFeatures",
    "InputWeights",
    "IntrinsicPlasticity",
    "Layers",
    "Leaky",
    "Legendre",
    "ModelSpace",
    "NVARFeatures",
    "NVARForecaster",
    "RecycleSplit",
    "Reservoir",
    "ReservoirFeatures",
    "ReservoirSearchCV",
    "ReservoirStates",
    "Residual",
    "Sparse",
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
