"""Reservoirs: echo state networks as scikit-learn estimators, and the parts they are made of."""

from ._features import ReservoirFeatures, ReservoirStates
from ._reservoir import Reservoir
from ._sequence_estimators import ESNClassifier, ESNRegressor
from ._spectral import effective_radius, spectral_norm, spectral_radius
from ._step_estimators import ESNForecaster, ESNTagger

__all__ = [
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "Reservoir",
    "ReservoirFeatures",
    "ReservoirStates",
    "effective_radius",
    "spectral_norm",
    "spectral_radius",
]
