# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin


__all__ = [
    "AssociativeMemory",
    "AttentionReadout",
    "AttentionReadoutClassifier",
    "BoundedReadout",
    "HingeReadoutClassifier",
    "LogisticReadoutClassifier",
    "Moments",
    "RLSReadout",
    "RLSReadoutClassifier",
    "RidgeReadout",
    "RidgeReadoutClassifier",
    "StreamedReadout",
    "class_indicators",
]

class AssociativeMemory(BaseEstimator):
    keys_: np.ndarray[Any, Any]
    values_: np.ndarray[Any, Any] | None
    beta_: float
    beta: Any
    max_iter: int
    def __init__(
        self,
        beta: Any = ...,
        *,
        max_iter: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        known: Sequence[ArrayLike] | ArrayLike | bool | None = ...,
    ) -> Any: ...
    set_predict_request: Any
    streaming: Any

class AttentionReadout(MultiOutputMixin, RegressorMixin, BaseEstimator):
    beta: Any
    metric: Any
    feature_weights: Any
    prior: Any
    top_k: Any
    groups: Any
    memory: Any
    n_keys: Any
    n_queries: Any
    random_state: Any
    def __init__(
        self,
        beta: Any = ...,
        *,
        metric: Any = ...,
        feature_weights: Any = ...,
        prior: Any = ...,
        top_k: Any = ...,
        groups: Any = ...,
        memory: Any = ...,
        n_keys: Any = ...,
        n_queries: Any = ...,
        random_state: Any = ...,
    ) -> None: ...
    @property
    def beta_(self) -> Any: ...
    @property
    def feature_weights_(self) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    @property
    def keys_(self) -> Any: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    @property
    def prior_(self) -> Any: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    @property
    def streaming(self) -> Any: ...

class AttentionReadoutClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    keys_: np.ndarray[Any, Any]
    beta_: float
    prior_: float
    feature_weights_: np.ndarray[Any, Any]
    n_seen_: int
    beta: Any
    metric: Literal["euclidean", "dot", "match"]
    feature_weights: Any
    prior: Any
    top_k: int | None
    groups: Any
    memory: Literal["all", "sample", "kmeans"]
    n_keys: int
    n_queries: int
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        beta: Any = ...,
        *,
        metric: Literal["euclidean", "dot", "match"] = ...,
        feature_weights: Any = ...,
        prior: Any = ...,
        top_k: int | None = ...,
        groups: Any = ...,
        memory: Literal["all", "sample", "kmeans"] = ...,
        n_keys: int = ...,
        n_queries: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    @property
    def streaming(self) -> Any: ...

class BoundedReadout(MultiOutputMixin, RegressorMixin, MetaEstimatorMixin, BaseEstimator):
    readout_: Any
    mean_: np.ndarray[Any, Any]
    scale_: np.ndarray[Any, Any]
    feature_bounds_: np.ndarray[Any, Any]
    target_bounds_: np.ndarray[Any, Any]
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    readout: Any
    margin: float
    def __init__(
        self,
        readout: Any = ...,
        *,
        margin: float = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_score_request: Any

class HingeReadoutClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    coef_: Any
    intercept_: float | np.ndarray[Any, Any]
    n_iter_: int
    alpha: float
    max_iter: int
    tol: float
    class_weight: Any
    fit_intercept: bool
    def __init__(
        self,
        alpha: float = ...,
        *,
        max_iter: int = ...,
        tol: float = ...,
        class_weight: Any = ...,
        fit_intercept: bool = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def labels_of(
        self,
        d: Any,
    ) -> Any: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_score_request: Any

class LogisticReadoutClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    coef_: Any
    intercept_: float | np.ndarray[Any, Any]
    alpha_: float
    alphas_: np.ndarray[Any, Any]
    alpha_scores_: np.ndarray[Any, Any]
    best_score_: float
    n_iter_: int
    moments_: Moments
    alpha: Any
    cv: Any
    max_iter: int
    tol: float
    class_weight: Any
    fit_intercept: bool
    def __init__(
        self,
        alpha: Any = ...,
        *,
        cv: Any = ...,
        max_iter: int = ...,
        tol: float = ...,
        class_weight: Any = ...,
        fit_intercept: bool = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def labels_of(
        self,
        d: Any,
    ) -> Any: ...
    def merge(
        self,
        other: LogisticReadoutClassifier,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    streaming: Any
    def without_moments(
        self,
    ) -> Any: ...

class Moments:
    n: int
    n_samples: int
    weight_sum: float
    n_features: int | None
    n_targets: int | None
    y_ndim: int | None
    x_mean: Any
    y_mean: Any
    x_sum: Any
    y_sum: Any
    def __init__(
        self,
    ) -> None: ...
    def add_in(
        self,
        other: Moments,
    ) -> Self: ...
    def centred(
        self,
    ) -> Any: ...
    def check_weighted(
        self,
    ) -> Any: ...
    def copy(
        self,
    ) -> Any: ...
    def merge(
        self,
        other: Moments,
    ) -> Self: ...
    def plus(
        self,
        X: Any,
        Y: Any,
        sample_weight: Any = ...,
    ) -> Self: ...
    def products(
        self,
        about_mean: bool,
        overwrite: bool = ...,
    ) -> np.ndarray[Any, Any]: ...
    def products_about(
        self,
        x_shift: np.ndarray[Any, Any],
        y_shift: np.ndarray[Any, Any],
    ) -> np.ndarray[Any, Any]: ...
    def subtract(
        self,
        other: Moments,
    ) -> Self: ...
    def take_in(
        self,
        X: Any,
        Y: Any,
        sample_weight: Any = ...,
    ) -> Self: ...
    def update(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        Y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...

class RLSReadout(MultiOutputMixin, RegressorMixin, BaseEstimator):
    coef_: np.ndarray[Any, Any]
    intercept_: float | np.ndarray[Any, Any]
    covariance_: np.ndarray[Any, Any]
    n_skipped_: int
    n_clipped_: int
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    alpha: float
    forgetting: float
    clip_norm: float | None
    clip_value: float | None
    fit_intercept: bool
    def __init__(
        self,
        alpha: float = ...,
        *,
        forgetting: float = ...,
        clip_norm: float | None = ...,
        clip_value: float | None = ...,
        fit_intercept: bool = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    streaming: Any

class RLSReadoutClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    coef_: Any
    intercept_: float | np.ndarray[Any, Any]
    alpha: Any
    forgetting: Any
    clip_norm: Any
    clip_value: Any
    class_weight: Any
    fit_intercept: Any
    def __init__(
        self,
        alpha: Any = ...,
        *,
        forgetting: Any = ...,
        clip_norm: Any = ...,
        clip_value: Any = ...,
        class_weight: Any = ...,
        fit_intercept: Any = ...,
    ) -> None: ...
    @property
    def covariance_(self) -> Any: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def labels_of(
        self,
        d: Any,
    ) -> Any: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    streaming: Any

class RidgeReadout(MultiOutputMixin, RegressorMixin, BaseEstimator):
    coef_: np.ndarray[Any, Any]
    intercept_: float | np.ndarray[Any, Any]
    alpha_: float | np.ndarray[Any, Any]
    alpha_scores_: np.ndarray[Any, Any]
    best_score_: float | np.ndarray[Any, Any]
    moments_: Moments
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    alpha: Sequence[ArrayLike] | float | ArrayLike
    selection: Literal["loo", "gcv"]
    alpha_per_target: bool
    fit_intercept: bool
    solver: Literal["auto", "moments", "svd"]
    relative: bool
    def __init__(
        self,
        alpha: Sequence[ArrayLike] | float | ArrayLike = ...,
        *,
        selection: Literal["loo", "gcv"] = ...,
        alpha_per_target: bool = ...,
        fit_intercept: bool = ...,
        solver: Literal["auto", "moments", "svd"] = ...,
        relative: bool = ...,
    ) -> None: ...
    def encode(
        self,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def fit_moments(
        self,
        moments: Moments,
    ) -> Self: ...
    def merge(
        self,
        other: Any,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    @property
    def streaming(self) -> Any: ...
    def with_solution(
        self,
        solution: Any,
        choice: Any,
        n_features: int,
        y_ndim: int,
        moments: Moments | None = ...,
    ) -> Any: ...
    def without_moments(
        self,
    ) -> Any: ...

class RidgeReadoutClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    coef_: Any
    intercept_: float | np.ndarray[Any, Any]
    alpha_: float
    alpha: Any
    selection: Any
    class_weight: Any
    fit_intercept: Any
    solver: Any
    relative: Any
    calibrate: bool
    def __init__(
        self,
        alpha: Any = ...,
        *,
        selection: Any = ...,
        class_weight: Any = ...,
        fit_intercept: Any = ...,
        solver: Any = ...,
        relative: Any = ...,
        calibrate: bool = ...,
    ) -> None: ...
    @property
    def alpha_scores_(self) -> Any: ...
    @property
    def best_score_(self) -> Any: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def encode(
        self,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Any: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def fit_moments(
        self,
        moments: Moments,
        classes: Sequence[ArrayLike] | ArrayLike,
    ) -> Self: ...
    def labels_of(
        self,
        d: Any,
    ) -> Any: ...
    def merge(
        self,
        other: Any,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    @property
    def streaming(self) -> Any: ...
    def with_solution(
        self,
        solution: Any,
        choice: Any,
        n_features: int,
        y_ndim: int,
        moments: Moments | None = ...,
    ) -> Any: ...
    def without_moments(
        self,
    ) -> Any: ...

class StreamedReadout(MetaEstimatorMixin, BaseEstimator):
    transformer_: Any
    readout_: Any
    classes_: np.ndarray[Any, Any]
    transformer: Any
    readout: Any
    cv: Any
    block_size: int
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        transformer: Any,
        readout: Any,
        *,
        cv: Any = ...,
        block_size: int = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Any,
    ) -> Any: ...
    @property
    def feature_names_in_(self) -> Any: ...
    def fit(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
        groups: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    @property
    def n_features_in_(self) -> Any: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def predict_proba(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def score(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any

def class_indicators(
    y: Sequence[ArrayLike] | ArrayLike,
    classes: Sequence[ArrayLike] | ArrayLike,
) -> Any: ...
