"""Forecasts that people can act on: what forecasters take, and what stands on them."""

from .._forecasts.horizon import Horizon
from .._forecasts.units import Scaling
from ._seasonal import SeasonalForecaster

__all__ = ["Horizon", "Scaling", "SeasonalForecaster"]
