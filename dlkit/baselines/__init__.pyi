# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator


__all__ = [
    "BaselineTable",
    "NaiveForecaster",
    "compare_baselines",
    "flat",
]

class BaselineTable:
    task: str
    scoring: str
    names: list[str]
    oof_predictions_: Any
    scores_: Any
    expected_seconds_: Any
    seconds_: Any
    warnings_: Any
    folds_: Any
    problem: Any
    rows: Any
    seconds: Any
    def __init__(
        self,
        problem: Any,
        rows: Any,
        seconds: Any,
    ) -> None: ...
    def best(
        self,
    ) -> Any: ...
    @property
    def choice(self) -> Any: ...
    def estimator(
        self,
        name: str,
    ) -> Any: ...
    def explain(
        self,
        name: str | None = ...,
    ) -> Any: ...
    @property
    def frame(self) -> Any: ...
    def plot(
        self,
        *,
        ax: Any = ...,
    ) -> Any: ...
    @property
    def records(self) -> Any: ...

class NaiveForecaster(BaseEstimator):
    series_: list[np.ndarray[Any, Any]]
    period: int
    drift: bool
    def __init__(
        self,
        period: int = ...,
        *,
        drift: bool = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def forecast(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...

def compare_baselines(
    X: Sequence[ArrayLike] | ArrayLike,
    y: Sequence[ArrayLike] | ArrayLike | None = ...,
    *,
    task: str = ...,
    models: Any = ...,
    cv: Any = ...,
    scoring: str | Callable[..., Any] | None = ...,
    budget: float = ...,
    memory: float = ...,
    groups: Sequence[ArrayLike] | ArrayLike | None = ...,
    n_steps: int | None = ...,
    n_jobs: int | None = ...,
    random_state: int | np.random.RandomState | None = ...,
    verbose: int = ...,
) -> BaselineTable: ...

def flat(
    X: Sequence[ArrayLike] | ArrayLike,
) -> np.ndarray[Any, Any]: ...
