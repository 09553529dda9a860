# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike


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

def boundary_f1(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    labels: Sequence[ArrayLike] | ArrayLike | None = ...,
    unlabeled: Any = ...,
    tolerance: float = ...,
    spacing: float | tuple[float, ...] | None = ...,
    average: Literal["macro", None] = ...,
) -> float | np.ndarray[Any, Any]: ...

def coverage(
    y_true: Any,
    lower: Any,
    upper: Any,
    *,
    average: bool = ...,
) -> Any: ...

def crps(
    y_true: Any,
    y_pred: Any,
    *,
    std: Any = ...,
    quantiles: Any = ...,
    fair: bool = ...,
    average: bool = ...,
) -> Any: ...

def dice(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    labels: Sequence[ArrayLike] | ArrayLike | None = ...,
    unlabeled: Any = ...,
    average: Literal["macro", None] = ...,
) -> float | np.ndarray[Any, Any]: ...

def edit_distance(
    one: Any,
    other: Any,
) -> int: ...

def interval_score(
    y_true: Any,
    lower: Any,
    upper: Any,
    *,
    coverage: float = ...,
    average: bool = ...,
) -> Any: ...

def make_closed_loop_scorer(
    n_steps: int | None = ...,
) -> Callable[..., Any]: ...

def make_forecast_scorer(
    scoring: str | Callable[..., Any],
    *,
    greater_is_better: bool = ...,
    **kwargs: Any,
) -> Callable[..., Any]: ...

def make_map_scorer(
    score_func: Callable[..., Any],
    *,
    greater_is_better: bool = ...,
    response_method: Any = ...,
    unlabeled: Any = ...,
    **kwargs: Any,
) -> Callable[..., Any]: ...

def make_sequence_scorer(
    score_func: Callable[..., Any],
    *,
    greater_is_better: bool = ...,
    response_method: Any = ...,
    washout: int = ...,
    **kwargs: Any,
) -> Callable[..., Any]: ...

def mase(
    y_true: Any,
    y_pred: Any,
    *,
    y_train: Any,
    period: int = ...,
    average: bool = ...,
) -> Any: ...

def mean_iou(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    labels: Sequence[ArrayLike] | ArrayLike | None = ...,
    unlabeled: Any = ...,
    average: Literal["macro", None] = ...,
) -> float | np.ndarray[Any, Any]: ...

def nmse(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    multioutput: Any = ...,
    variance: Sequence[ArrayLike] | float | ArrayLike | None = ...,
) -> Any: ...

def nrmse(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    multioutput: Any = ...,
    variance: Sequence[ArrayLike] | float | ArrayLike | None = ...,
) -> Any: ...

def pinball(
    y_true: Any,
    y_pred: Any,
    *,
    quantiles: Any,
    average: bool = ...,
) -> Any: ...

def pit(
    y_true: Any,
    y_pred: Any,
    *,
    std: Any = ...,
    quantiles: Any = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def sequence_accuracy(
    y_true: Any,
    y_pred: Any,
) -> float: ...

def smape(
    y_true: Any,
    y_pred: Any,
    *,
    average: bool = ...,
) -> Any: ...

def token_error_rate(
    y_true: Any,
    y_pred: Any,
) -> float: ...

def valid_time(
    y_true: Sequence[ArrayLike] | ArrayLike,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    threshold: float = ...,
    dt: float = ...,
    lyapunov_exponent: float | None = ...,
    scale: float | None = ...,
) -> float: ...
