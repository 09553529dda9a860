# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, MetaEstimatorMixin, TransformerMixin

from ..readout import Moments
from ..readout import RidgeReadout

__all__ = [
    "ConvRBM",
    "GreedyLayerwise",
    "GroupedMaps",
    "MarginalizedDenoisingAutoencoder",
    "RBM",
    "RandomAutoencoder",
    "energy_correlation",
]

class ConvRBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: np.ndarray[Any, Any]
    intercept_visible_: np.ndarray[Any, Any]
    intercept_hidden_: np.ndarray[Any, Any]
    machine_: Any
    n_channels_in_: int
    n_features_in_: int
    n_kernels: int
    kernel_size: int | tuple[int, ...] | None
    pool_size: int | tuple[int, ...]
    visible: Literal["bernoulli", "gaussian"]
    persistent: bool
    n_gibbs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    sparsity_target: float | None
    sparsity_cost: float
    batch_size: int
    n_epochs: int
    output: Literal["features", "map"]
    grid: Any
    input_shape: tuple[int, ...] | None
    random_state: int | np.random.RandomState | None
    verbose: int
    def __init__(
        self,
        n_kernels: int = ...,
        *,
        kernel_size: int | tuple[int, ...] | None = ...,
        pool_size: int | tuple[int, ...] = ...,
        visible: Literal["bernoulli", "gaussian"] = ...,
        persistent: bool = ...,
        n_gibbs: int = ...,
        learning_rate: float = ...,
        momentum: float = ...,
        weight_decay: float = ...,
        sparsity_target: float | None = ...,
        sparsity_cost: float = ...,
        batch_size: int = ...,
        n_epochs: int = ...,
        output: Literal["features", "map"] = ...,
        grid: Any = ...,
        input_shape: tuple[int, ...] | None = ...,
        random_state: int | np.random.RandomState | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def free_energy(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def get_feature_names_out(
        self,
        input_features: Any = ...,
    ) -> Any: ...
    def gibbs(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        n_steps: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> np.ndarray[Any, Any]: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def reconstruct(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def sample(
        self,
        n_samples: int = ...,
        n_steps: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> np.ndarray[Any, Any]: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class GreedyLayerwise(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    layers_: Any
    layers: Any
    n_samples: Any
    streaming: bool
    n_passes: int
    features: Literal["last", "all"]
    grid: Any
    window: int | tuple[int, ...] | None
    window_stride: int | tuple[int, ...] | None
    power: float
    block_size: int
    random_state: int | np.random.RandomState | None
    verbose: int
    def __init__(
        self,
        layers: Any,
        *,
        n_samples: Any = ...,
        streaming: bool = ...,
        n_passes: int = ...,
        features: Literal["last", "all"] = ...,
        grid: Any = ...,
        window: int | tuple[int, ...] | None = ...,
        window_stride: int | tuple[int, ...] | None = ...,
        power: float = ...,
        block_size: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def evaluate_depth(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        *,
        cv: Any = ...,
        groups: Sequence[ArrayLike] | ArrayLike | None = ...,
        readout: Any = ...,
        scoring: str | Callable[..., Any] | None = ...,
        n_jobs: int | None = ...,
    ) -> Any: ...
    @property
    def feature_names_in_(self) -> Any: ...
    def fit(
        self,
        X: Any,
        y: None = ...,
    ) -> Self: ...
    def get_params(
        self,
        deep: bool = ...,
    ) -> dict[str, Any]: ...
    @property
    def n_features_in_(self) -> Any: ...
    def set_params(
        self,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...

class GroupedMaps(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    groups_: np.ndarray[Any, Any]
    layers_: Any
    n_features_in_: int
    layer: Any
    n_groups: int
    group_size: int
    n_places: int
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        layer: Any,
        *,
        n_groups: int = ...,
        group_size: int = ...,
        n_places: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...

class MarginalizedDenoisingAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    coef_: np.ndarray[Any, Any]
    intercept_: np.ndarray[Any, Any]
    moments_: Moments
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    noise: float
    alpha: float
    activation: Literal["tanh", "relu", "sigmoid", "identity"]
    def __init__(
        self,
        noise: float = ...,
        *,
        alpha: float = ...,
        activation: Literal["tanh", "relu", "sigmoid", "identity"] = ...,
    ) -> None: ...
    def fit(
        self,
        X: Any,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def merge(
        self,
        other: MarginalizedDenoisingAutoencoder,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def reconstruct(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...

class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    components_: np.ndarray[Any, Any]
    intercept_visible_: np.ndarray[Any, Any]
    intercept_hidden_: np.ndarray[Any, Any]
    machine_: Any
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    n_components: int
    visible: Literal["bernoulli", "gaussian"]
    hidden: Literal["bernoulli", "relu"]
    persistent: bool
    n_gibbs: int
    n_chains: int | None
    learning_rate: float
    momentum: float
    weight_decay: float
    sparsity_target: float | None
    sparsity_cost: float
    batch_size: int
    n_epochs: int
    random_state: int | np.random.RandomState | None
    verbose: int
    def __init__(
        self,
        n_components: int = ...,
        *,
        visible: Literal["bernoulli", "gaussian"] = ...,
        hidden: Literal["bernoulli", "relu"] = ...,
        persistent: bool = ...,
        n_gibbs: int = ...,
        n_chains: int | None = ...,
        learning_rate: float = ...,
        momentum: float = ...,
        weight_decay: float = ...,
        sparsity_target: float | None = ...,
        sparsity_cost: float = ...,
        batch_size: int = ...,
        n_epochs: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def free_energy(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def gibbs(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        n_steps: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> np.ndarray[Any, Any]: ...
    def log_partition(
        self,
        method: Literal["auto", "exact", "ais"] = ...,
        n_chains: int = ...,
        n_steps: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> Any: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def reconstruct(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def sample(
        self,
        n_samples: int = ...,
        n_steps: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> np.ndarray[Any, Any]: ...
    def score(
        self,
        X: Any,
        y: None = ...,
    ) -> float: ...
    def score_samples(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...

class RandomAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    random_weights_: np.ndarray[Any, Any]
    random_bias_: np.ndarray[Any, Any]
    readout_: RidgeReadout
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    n_components: int
    alpha: float
    activation: Literal["tanh", "relu", "sigmoid", "identity"]
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        n_components: int = ...,
        *,
        alpha: float = ...,
        activation: Literal["tanh", "relu", "sigmoid", "identity"] = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Any,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def merge(
        self,
        other: RandomAutoencoder,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def reconstruct(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...

def energy_correlation(
    Z: Sequence[ArrayLike] | ArrayLike,
) -> np.ndarray[Any, Any]: ...
