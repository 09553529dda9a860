"""Errors of predictions and forecasts, scores of intervals and distributions, and a scorer."""

from ._errors import nmse, nrmse, valid_time
from ._forecast_scorer import make_forecast_scorer
from ._forecasts import mase, smape
from ._probabilistic import coverage, crps, interval_score, pinball, pit
from ._scorer import make_sequence_scorer

__all__ = [
    "coverage",
    "crps",
    "interval_score",
    "make_forecast_scorer",
    "make_sequence_scorer",
    "mase",
    "nmse",
    "nrmse",
    "pinball",
    "pit",
    "smape",
    "valid_time",
]
