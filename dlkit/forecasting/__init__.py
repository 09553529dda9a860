"""Forecasts that people can act on: what forecasters take, and what stands on them."""

from .._forecasts.horizon import Horizon
from .._forecasts.units import Scaling

__all__ = ["Horizon", "Scaling"]
