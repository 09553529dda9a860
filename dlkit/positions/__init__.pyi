# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, RegressorMixin, TransformerMixin


__all__ = [
    "PixelClassifier",
    "PixelRegressor",
    "ScaleFeatures",
    "StackedContext",
]

class PixelClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    n_stages_: int
    stage_scores_: list[dict[str, Any]]
    features_: Any
    n_channels_in_: int
    n_units: int
    features: Any
    readout: Any
    n_stages: Any
    context_size: int
    context_rings: int | tuple[int, ...]
    cv: int
    n_positions: int | None
    n_links: int
    unlabeled: Any
    class_weight: Any
    mirrored: bool
    smoothing: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        features: Any = ...,
        readout: Any = ...,
        n_stages: Any = ...,
        context_size: int = ...,
        context_rings: int | tuple[int, ...] = ...,
        cv: int = ...,
        n_positions: int | None = ...,
        n_links: int = ...,
        unlabeled: Any = ...,
        class_weight: Any = ...,
        mirrored: bool = ...,
        smoothing: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        groups: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_score_request: Any

class PixelRegressor(RegressorMixin, BaseEstimator):
    n_stages_: int
    stage_scores_: list[dict[str, Any]]
    features_: Any
    n_channels_in_: int
    n_units: int
    features: Any
    readout: Any
    n_stages: Any
    context_size: int
    context_rings: int | tuple[int, ...]
    cv: int
    n_positions: int | None
    n_links: int
    unlabeled: Any
    mirrored: bool
    smoothing: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        features: Any = ...,
        readout: Any = ...,
        n_stages: Any = ...,
        context_size: int = ...,
        context_rings: int | tuple[int, ...] = ...,
        cv: int = ...,
        n_positions: int | None = ...,
        n_links: int = ...,
        unlabeled: Any = ...,
        mirrored: bool = ...,
        smoothing: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        groups: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_score_request: Any

class ScaleFeatures(TransformerMixin, BaseEstimator):
    n_channels_in_: int
    n_axes_: int
    halo_: tuple[int, ...]
    sigmas: Any
    window: int
    neighbours: bool
    deviation: bool
    spacing: float | tuple[float, ...] | None
    n_axes: int | None
    n_jobs: int | None
    def __init__(
        self,
        sigmas: Any = ...,
        *,
        window: int = ...,
        neighbours: bool = ...,
        deviation: bool = ...,
        spacing: float | tuple[float, ...] | None = ...,
        n_axes: int | None = ...,
        n_jobs: int | None = ...,
    ) -> None: ...
    def describe(
        self,
        a: np.ndarray[Any, Any],
        inner: Any = ...,
    ) -> np.ndarray[Any, Any]: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...

class StackedContext(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    estimators_: Any
    stage_scores_: list[dict[str, Any]]
    n_stages_: int
    n_channels_in_: int
    estimator: Any
    n_stages: Any
    context_size: int
    context_rings: int | tuple[int, ...]
    cv: int
    verbose: int
    def __init__(
        self,
        estimator: Any,
        *,
        n_stages: Any = ...,
        context_size: int = ...,
        context_rings: int | tuple[int, ...] = ...,
        cv: int = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        groups: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_score_request: Any
