"""Forecasts that people can act on: what forecasters take, and what stands on them."""

from .._forecasts.horizon import Horizon
from .._forecasts.units import Scaling
from ._backtest import backtest
from ._conformal import ConformalForecaster
from ._detector import ForecastDetector
from ._seasonal import SeasonalForecaster

__all__ = [
    "ConformalForecaster",
    "ForecastDetector",
    "Horizon",
    "Scaling",
    "SeasonalForecaster",
    "backtest",
]
