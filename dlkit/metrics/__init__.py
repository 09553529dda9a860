"""Errors of predictions, sequences and maps; scores of intervals and distributions."""

from ._closed_loop import make_closed_loop_scorer
from ._errors import nmse, nrmse, valid_time
from ._forecast_scorer import make_forecast_scorer
from ._forecasts import mase, smape
from ._map_scorer import make_map_scorer
from ._masks import boundary_f1, dice, mean_iou
from ._probabilistic import coverage, crps, interval_score, pinball, pit
from ._scorer import make_sequence_scorer
from ._sequences import edit_distance, sequence_accuracy, token_error_rate

__all__ = [
    "boundary_f1",
    "coverage",
    "crps",
    "dice",
    "edit_distance",
    "interval_score",
    "make_closed_loop_scorer",
    "make_forecast_scorer",
    "make_map_scorer",
    "make_sequence_scorer",
    "mase",
    "mean_iou",
    "nmse",
    "nrmse",
    "pinball",
    "pit",
    "sequence_accuracy",
    "smape",
    "token_error_rate",
    "valid_time",
]
