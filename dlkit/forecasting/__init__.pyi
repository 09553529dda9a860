# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MultiOutputMixin, OutlierMixin, RegressorMixin

from ..sequences import Sequences

__all__ = [
    "ConformalForecaster",
    "ForecastDetector",
    "Horizon",
    "Scaling",
    "SeasonalForecaster",
    "backtest",
]

class ConformalForecaster(BaseEstimator):
    forecaster_: Any
    errors_: list[np.ndarray[Any, Any]]
    tau_: float
    n_channels_in_: int
    forecaster: Any
    method: Literal["rescp", "aci", "split"]
    window: int | None
    tau: Any
    gamma: float
    calibration: float | int
    refit: bool
    n_units: int
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        forecaster: Any = ...,
        *,
        method: Literal["rescp", "aci", "split"] = ...,
        window: int | None = ...,
        tau: Any = ...,
        gamma: float = ...,
        calibration: float | int = ...,
        refit: bool = ...,
        n_units: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def follow(
        self,
        new_values: Sequence[ArrayLike] | ArrayLike,
        *,
        coverage: float = ...,
    ) -> np.ndarray[Any, Any]: ...
    def forecast(
        self,
        n_steps: int,
    ) -> Any: ...
    def forecast_interval(
        self,
        n_steps: int,
        *,
        coverage: float = ...,
    ) -> Any: ...
    def forecast_quantiles(
        self,
        n_steps: int,
        *,
        quantiles: Any = ...,
    ) -> Any: ...
    def sample_paths(
        self,
        n_steps: int,
        n_paths: int,
        *,
        random_state: int | np.random.RandomState | None = ...,
    ) -> Any: ...
    def update(
        self,
        new_values: Any,
    ) -> Self: ...

class ForecastDetector(OutlierMixin, BaseEstimator):
    forecaster_: Any
    errors_: np.ndarray[Any, Any]
    offset_: float
    n_features_in_: int
    forecaster: Any
    method: Literal["forecast", "windows"]
    window: int
    smooth: int
    calibration: float | int
    clip: float
    false_alarms: float
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        forecaster: Any = ...,
        *,
        method: Literal["forecast", "windows"] = ...,
        window: int = ...,
        smooth: int = ...,
        calibration: float | int = ...,
        clip: float = ...,
        false_alarms: float = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def score_samples(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class Horizon(BaseEstimator):
    n_steps: int
    increments: Literal["auto"] | bool
    def __init__(
        self,
        n_steps: int = ...,
        *,
        increments: Literal["auto"] | bool = ...,
    ) -> None: ...
    def resolved(
        self,
        increments: bool,
    ) -> Any: ...

class Scaling(BaseEstimator):
    method: Literal["standard", "minmax", "robust"] | None
    power: Literal["log", "box-cox", "auto"] | None
    def __init__(
        self,
        method: Literal["standard", "minmax", "robust"] | None = ...,
        *,
        power: Literal["log", "box-cox", "auto"] | None = ...,
    ) -> None: ...
    def units_like(
        self,
        batch: Sequences,
        power: np.ndarray[Any, Any],
        chosen: Any,
        *,
        each: bool = ...,
    ) -> Any: ...
    def units_of(
        self,
        batch: Sequences,
        free: Any = ...,
        *,
        each: bool = ...,
    ) -> Any: ...

class SeasonalForecaster(MultiOutputMixin, RegressorMixin, BaseEstimator):
    periods_: Any
    horizon_: int
    effects_: np.ndarray[Any, Any] | None
    weights_: np.ndarray[Any, Any] | None
    forecaster_: Any
    n_channels_in_: int
    n_features_in_: int
    forecaster: Any
    period: Any
    form: Literal["auto", "multiplicative", "additive"]
    horizon: Any
    def __init__(
        self,
        forecaster: Any = ...,
        *,
        period: Any = ...,
        form: Literal["auto", "multiplicative", "additive"] = ...,
        horizon: Any = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def forecast(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_interval(
        self,
        n_steps: Any,
        X: Any = ...,
        *,
        coverage: float = ...,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_quantiles(
        self,
        n_steps: Any,
        X: Any = ...,
        *,
        quantiles: Any = ...,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def sample_paths(
        self,
        n_steps: Any,
        n_paths: int,
        X: Any = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> Any: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_predict_request: Any
    set_score_request: Any

def backtest(
    forecaster: Any,
    series: Sequence[ArrayLike] | ArrayLike,
    *,
    n_steps: int,
    n_origins: int = ...,
    stride: int | None = ...,
    refit: bool | int = ...,
    coverage: float | None = ...,
    covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
) -> Any: ...
