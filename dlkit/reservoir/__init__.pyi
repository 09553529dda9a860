# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClassifierMixin, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, TransformerMixin

from ..forecasting import Horizon
from ..sequences import Sequences

__all__ = [
    "Clockwork",
    "Context",
    "CycleJumps",
    "DeepTransition",
    "Dense",
    "ES2N",
    "ESNClassifier",
    "ESNForecaster",
    "ESNRegressor",
    "ESNTagger",
    "Euler",
    "Feedback",
    "GRU",
    "ImageScanFeatures",
    "InputWeights",
    "IntrinsicPlasticity",
    "LSTM",
    "Layers",
    "Leaky",
    "Legendre",
    "MGU",
    "ModelSpace",
    "NVARFeatures",
    "NVARForecaster",
    "RecycleSplit",
    "Reservoir",
    "ReservoirFeatures",
    "ReservoirSearchCV",
    "ReservoirStates",
    "Residual",
    "Sparse",
    "diagnose",
    "echo_state_index",
    "effective_radius",
    "generalization_rank",
    "gradient_norms",
    "kernel_rank",
    "lyapunov_exponent",
    "memory_capacity",
    "spectral_norm",
    "spectral_radius",
]

class Clockwork(BaseEstimator):
    periods: Any
    delays: Any
    def __init__(
        self,
        periods: Any = ...,
        delays: Any = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    def of_each(
        self,
        n_units: Any,
    ) -> Any: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Context(BaseEstimator):
    channels: Any
    enters: Literal["both", "input", "state"]
    scaling: float
    def __init__(
        self,
        channels: Any,
        *,
        enters: Literal["both", "input", "state"] = ...,
        scaling: float = ...,
    ) -> None: ...
    def roles(
        self,
        n_channels: int,
    ) -> Any: ...

class CycleJumps(BaseEstimator):
    jump: int
    def __init__(
        self,
        jump: int = ...,
    ) -> None: ...
    name: Any

class DeepTransition(BaseEstimator):
    def __init__(
        self,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: Any,
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    delays: Any
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> Any: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Dense(BaseEstimator):
    weights: Literal["normal", "uniform", "rademacher"]
    def __init__(
        self,
        *,
        weights: Literal["normal", "uniform", "rademacher"] = ...,
    ) -> None: ...
    name: Any

class ES2N(BaseEstimator):
    path: Literal["orthogonal", "hadamard", "ring"]
    delays: Any
    def __init__(
        self,
        path: Literal["orthogonal", "hadamard", "ring"] = ...,
        delays: Any = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> Any: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class ESNClassifier(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    reservoir_: Reservoir
    readout_: Any
    pooling_: Any
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    pooling: Any
    readout: Any
    alpha: Any
    class_weight: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        pooling: Any = ...,
        readout: Any = ...,
        alpha: Any = ...,
        class_weight: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
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
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_partial_fit_request: Any
    set_score_request: Any
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

class ESNForecaster(MultiOutputMixin, RegressorMixin, BaseEstimator):
    reservoir_: Reservoir
    readout_: Any
    final_state_: np.ndarray[Any, Any]
    last_input_: np.ndarray[Any, Any]
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    scaling: Any
    horizon: int | Horizon
    feedback: bool | Feedback
    readout: Any
    alpha: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        scaling: Any = ...,
        horizon: int | Horizon = ...,
        feedback: bool | Feedback = ...,
        readout: Any = ...,
        alpha: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def forecast(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        initial_state: Sequence[ArrayLike] | Literal["rest", "fit"] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_interval(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        coverage: float = ...,
        method: Literal["auto", "rescp", "aci", "loo", "gaussian"] = ...,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_quantiles(
        self,
        n_steps: Any,
        X: Any = ...,
        *,
        quantiles: Any = ...,
        method: Any = ...,
        covariates: Any = ...,
    ) -> Any: ...
    def forecasts_from(
        self,
        n_steps: int,
        origins: Any,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def partial_fit(
        self,
        X: Any,
        y: Any = ...,
        sample_weight: Any = ...,
        *,
        new_series: bool = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | Literal["rest", "fit"] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
        return_state: bool = ...,
    ) -> Any: ...
    def sample_paths(
        self,
        n_steps: int,
        n_paths: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
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
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_partial_fit_request: Any
    set_predict_request: Any
    set_score_request: Any
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Any = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    @property
    def units_(self) -> Any: ...

class ESNRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    reservoir_: Reservoir
    readout_: Any
    pooling_: Any
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    pooling: Any
    readout: Any
    alpha: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        pooling: Any = ...,
        readout: Any = ...,
        alpha: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
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
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_partial_fit_request: Any
    set_score_request: Any
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

class ESNTagger(ClassifierMixin, BaseEstimator):
    classes_: np.ndarray[Any, Any]
    reservoir_: Reservoir
    readout_: Any
    final_state_: np.ndarray[Any, Any]
    last_input_: np.ndarray[Any, Any]
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    start: Literal["rest", "fit"]
    feedback: bool | Feedback
    readout: Any
    alpha: Any
    class_weight: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        start: Literal["rest", "fit"] = ...,
        feedback: bool | Feedback = ...,
        readout: Any = ...,
        alpha: Any = ...,
        class_weight: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def decision_function(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Any = ...,
        *,
        new_series: bool = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        return_state: bool = ...,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_decision_function_request: Any
    set_fit_request: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_partial_fit_request: Any
    set_predict_proba_request: Any
    set_predict_request: Any
    set_score_request: Any
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Any = ...,
    ) -> Any: ...

class Euler(BaseEstimator):
    diffusion: float
    def __init__(
        self,
        diffusion: float = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    delays: Any
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Feedback(BaseEstimator):
    scaling: float
    sampling_ratios: Any
    def __init__(
        self,
        *,
        scaling: float = ...,
        sampling_ratios: Any = ...,
    ) -> None: ...
    def plan(
        self,
        name: str,
        targets: np.ndarray[Any, Any] | None,
        classes: np.ndarray[Any, Any] | None,
        both_ways: bool,
    ) -> Any: ...
    @property
    def ratios(self) -> Any: ...

class GRU(BaseEstimator):
    update_bias: float
    def __init__(
        self,
        update_bias: float = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    delays: Any
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class ImageScanFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoirs_: Any
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    layers: int | list[dict[str, Any]] | Layers | None
    directions: Any
    strip: int | None
    strip_stride: int | None
    step: int
    pooling: Literal["mean", "last"]
    grid: Any
    output: Literal["features", "map"]
    input_shape: tuple[int, ...] | None
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        directions: Any = ...,
        strip: int | None = ...,
        strip_stride: int | None = ...,
        step: int = ...,
        pooling: Literal["mean", "last"] = ...,
        grid: Any = ...,
        output: Literal["features", "map"] = ...,
        input_shape: tuple[int, ...] | None = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def get_feature_names_out(
        self,
        input_features: Any = ...,
    ) -> Any: ...
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class InputWeights(BaseEstimator):
    distribution: Literal["uniform", "normal", "rademacher"]
    density: float
    def __init__(
        self,
        distribution: Literal["uniform", "normal", "rademacher"] = ...,
        *,
        density: float = ...,
    ) -> None: ...

class IntrinsicPlasticity(BaseEstimator):
    mean: float | None
    std: float
    learning_rate: float
    n_passes: int
    def __init__(
        self,
        mean: float | None = ...,
        *,
        std: float = ...,
        learning_rate: float = ...,
        n_passes: int = ...,
    ) -> None: ...
    def rule(
        self,
        activation: str | Callable[..., Any],
        cell: Any,
    ) -> Any: ...

class LSTM(BaseEstimator):
    forget_bias: float
    recurrent_gates: bool
    delays: Any
    def __init__(
        self,
        forget_bias: float = ...,
        recurrent_gates: bool = ...,
        delays: Any = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Layers(BaseEstimator):
    settings: int | list[dict[str, Any]]
    progression: Any
    inputs: Literal["first", "all"]
    skips: bool
    links: int
    scaling: float
    read: Literal["all", "last"]
    def __init__(
        self,
        settings: int | list[dict[str, Any]] = ...,
        *,
        progression: Any = ...,
        inputs: Literal["first", "all"] = ...,
        skips: bool = ...,
        links: int = ...,
        scaling: float = ...,
        read: Literal["all", "last"] = ...,
    ) -> None: ...
    def of_each(
        self,
        common: dict[str, Any],
        check: Callable[..., Any],
    ) -> Any: ...

class Leaky(BaseEstimator):
    delays: Any
    def __init__(
        self,
        delays: Any = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Legendre(BaseEstimator):
    memory_units: int | None
    window: float
    def __init__(
        self,
        memory_units: int | None = ...,
        window: float = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    delays: Any
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> Any: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: Any,
        n_channels: Any,
    ) -> Any: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class MGU(BaseEstimator):
    forget_bias: float
    def __init__(
        self,
        forget_bias: float = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    delays: Any
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> dict[str, Any]: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class ModelSpace(BaseEstimator):
    n_components: int
    whiten: bool
    alpha: float
    def __init__(
        self,
        n_components: int = ...,
        *,
        whiten: bool = ...,
        alpha: float = ...,
    ) -> None: ...
    def fitted(
        self,
        driver: Any,
        batch: Sequences,
        weight: np.ndarray[Any, Any] | None,
        work: Any,
    ) -> Any: ...
    learns: Any

class NVARFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoir_: Any
    final_state_: Any
    n_channels_in_: int
    n_features_in_: int
    n_delays: int
    stride: int
    order: Any
    constant: bool
    start: Literal["rest", "fit"]
    def __init__(
        self,
        n_delays: int = ...,
        *,
        stride: int = ...,
        order: Any = ...,
        constant: bool = ...,
        start: Literal["rest", "fit"] = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def fit_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def get_feature_names_out(
        self,
        input_features: Any = ...,
    ) -> Any: ...
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_transform_request: Any
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

class NVARForecaster(MultiOutputMixin, RegressorMixin, BaseEstimator):
    reservoir_: Any
    readout_: Any
    final_state_: np.ndarray[Any, Any]
    last_input_: np.ndarray[Any, Any]
    n_channels_in_: int
    n_features_in_: int
    n_delays: int
    stride: int
    order: Any
    scaling: Any
    horizon: int | Horizon
    readout: Any
    alpha: Any
    def __init__(
        self,
        n_delays: int = ...,
        *,
        stride: int = ...,
        order: Any = ...,
        scaling: Any = ...,
        horizon: int | Horizon = ...,
        readout: Any = ...,
        alpha: Any = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def forecast(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        initial_state: Sequence[ArrayLike] | Literal["rest", "fit"] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_interval(
        self,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        coverage: float = ...,
        method: Literal["auto", "rescp", "aci", "loo", "gaussian"] = ...,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    def forecast_quantiles(
        self,
        n_steps: Any,
        X: Any = ...,
        *,
        quantiles: Any = ...,
        method: Any = ...,
        covariates: Any = ...,
    ) -> Any: ...
    def forecasts_from(
        self,
        n_steps: int,
        origins: Any,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def partial_fit(
        self,
        X: Any,
        y: Any = ...,
        sample_weight: Any = ...,
        *,
        new_series: bool = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | Literal["rest", "fit"] | ArrayLike | None = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
        return_state: bool = ...,
    ) -> Any: ...
    def sample_paths(
        self,
        n_steps: int,
        n_paths: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
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
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_partial_fit_request: Any
    set_predict_request: Any
    set_score_request: Any
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Any = ...,
        *,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Any: ...
    @property
    def units_(self) -> Any: ...

class RecycleSplit(BaseEstimator):
    n_steps: int
    n_segments: int
    def __init__(
        self,
        n_steps: int = ...,
        *,
        n_segments: int = ...,
    ) -> None: ...
    def get_n_splits(
        self,
        X: Any = ...,
        y: Any = ...,
        groups: Any = ...,
    ) -> int: ...
    set_split_request: Any
    def split(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Any = ...,
        groups: Any = ...,
    ) -> Any: ...

class Reservoir:
    recurrent: Any
    w_in: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]
    leak_rate: float | np.ndarray[Any, Any]
    activation: Literal["tanh", "logistic", "relu", "identity"] | Callable[..., Any]
    noise_seed: int
    unscaled: Any
    scaling: Any
    cell: Any
    leak_seed: int
    plasticity: IntrinsicPlasticity | None
    def __init__(
        self,
        recurrent: Any,
        w_in: Any,
        bias: Any,
        leak_rate: Any,
        activation: Any,
        noise_seed: Any = ...,
        unscaled: Any = ...,
        scaling: Any = ...,
        cell: Any = ...,
        leak_seed: Any = ...,
        plasticity: Any = ...,
    ) -> None: ...
    @property
    def depth(self) -> Any: ...
    def lanes(
        self,
        dtype: Any,
        *,
        passthrough: bool = ...,
        n_lanes: int | None = ...,
    ) -> Any: ...
    @property
    def layout(self) -> Any: ...
    def light(
        self,
    ) -> Any: ...
    @property
    def matrix(self) -> Any: ...
    @property
    def n_channels(self) -> Any: ...
    @property
    def n_features(self) -> Any: ...
    @property
    def n_units(self) -> Any: ...
    def read(
        self,
        states: np.ndarray[Any, Any],
    ) -> np.ndarray[Any, Any]: ...
    def rest(
        self,
        n: int,
        dtype: Any,
    ) -> np.ndarray[Any, Any]: ...
    def with_radius(
        self,
        spectral_radius: float,
    ) -> Self: ...
    def with_settings(
        self,
        *,
        spectral_radius: Any = ...,
        leak_rate: Any = ...,
        input_scaling: Any = ...,
        bias_scaling: Any = ...,
        activation: Any = ...,
    ) -> Self: ...

class ReservoirFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    pooling_: Any
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    pooling: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        pooling: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def fit_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> np.ndarray[Any, Any]: ...
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def states(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class ReservoirSearchCV(MetaEstimatorMixin, BaseEstimator):
    cv_results_: Any
    best_estimator_: Any
    best_score_: float
    best_params_: dict[str, Any]
    best_index_: int
    scorer_: Any
    n_splits_: int
    refit_time_: float
    multimetric_: bool
    classes_: np.ndarray[Any, Any]
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    estimator: ESNClassifier | ESNRegressor | ESNForecaster | ESNTagger
    param_grid: Any
    param_distributions: Any
    n_iter: int
    scoring: Any
    refit: bool | str | Callable[..., Any]
    cv: Any
    n_jobs: int | None
    verbose: int
    pre_dispatch: int | str
    error_score: Any
    return_train_score: bool
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        estimator: ESNClassifier | ESNRegressor | ESNForecaster | ESNTagger,
        param_grid: Any = ...,
        *,
        param_distributions: Any = ...,
        n_iter: int = ...,
        scoring: Any = ...,
        refit: bool | str | Callable[..., Any] = ...,
        cv: Any = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
        pre_dispatch: int | str = ...,
        error_score: Any = ...,
        return_train_score: bool = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        **params: Any,
    ) -> Self: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        **params: Any,
    ) -> float: ...

class ReservoirStates(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    final_state_: np.ndarray[Any, Any]
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    spectral_radius: float
    leak_rate: Any
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    cell: Any
    plasticity: IntrinsicPlasticity | None
    bidirectional: bool
    context: Any
    layers: int | list[dict[str, Any]] | Layers | None
    passthrough: bool
    washout: int
    noise: float
    start: Literal["rest", "fit"]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    n_lanes: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        spectral_radius: float = ...,
        leak_rate: Any = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        cell: Any = ...,
        plasticity: IntrinsicPlasticity | None = ...,
        bidirectional: bool = ...,
        context: Any = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        passthrough: bool = ...,
        washout: int = ...,
        noise: float = ...,
        start: Literal["rest", "fit"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        n_lanes: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def fit_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_transform_request: Any
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        initial_state: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

class Residual(BaseEstimator):
    path: Literal["orthogonal", "hadamard", "ring", "identity"]
    alpha: float
    delays: Any
    def __init__(
        self,
        path: Literal["orthogonal", "hadamard", "ring", "identity"] = ...,
        alpha: float = ...,
        delays: Any = ...,
    ) -> None: ...
    adapts: Any
    def after(
        self,
        own: dict[str, Any],
    ) -> Any: ...
    @property
    def carries_more(self) -> Any: ...
    def check(
        self,
    ) -> Any: ...
    def draw(
        self,
        rng: Any,
        how: Any,
    ) -> Any: ...
    gates: Any
    holds: Any
    def layout(
        self,
        reservoir: Any,
    ) -> Any: ...
    leaks: Any
    def n_memory(
        self,
        n_units: int,
        n_channels: int,
    ) -> int: ...
    @property
    def plain(self) -> Any: ...
    recurrent_gates: Any
    takes_links: Any
    def topology(
        self,
        topology: Any,
        n_links: Any,
    ) -> Any: ...

class Sparse(BaseEstimator):
    weights: Literal["normal", "uniform", "rademacher"]
    def __init__(
        self,
        *,
        weights: Literal["normal", "uniform", "rademacher"] = ...,
    ) -> None: ...
    name: Any

def diagnose(
    estimator: Any,
    X: Sequence[ArrayLike] | ArrayLike | None = ...,
    *,
    washout: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def echo_state_index(
    estimator: Any,
    X: Sequence[ArrayLike] | ArrayLike,
    *,
    n_starts: int = ...,
    washout: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> float: ...

def effective_radius(
    W: Any,
    leak_rate: Sequence[ArrayLike] | float | ArrayLike,
    *,
    random_state: Any = ...,
) -> float: ...

def generalization_rank(
    estimator: Any,
    *,
    n_shared: int = ...,
    n_inputs: int | None = ...,
    n_steps: int = ...,
    rtol: float = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> int: ...

def gradient_norms(
    estimator: Any,
    X: Sequence[ArrayLike] | ArrayLike,
    *,
    n_steps: int = ...,
    norm: Literal["spectral", "frobenius"] = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> np.ndarray[Any, Any]: ...

def kernel_rank(
    estimator: Any,
    *,
    n_inputs: int | None = ...,
    n_steps: int = ...,
    rtol: float = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> int: ...

def lyapunov_exponent(
    estimator: Any,
    X: Sequence[ArrayLike] | ArrayLike,
    *,
    washout: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> float: ...

def memory_capacity(
    estimator: Any,
    *,
    n_steps: int = ...,
    max_delay: int | None = ...,
    washout: int = ...,
    alpha: float = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def spectral_norm(
    W: Any,
    *,
    random_state: Any = ...,
) -> float: ...

def spectral_radius(
    W: Any,
    *,
    random_state: Any = ...,
) -> float: ...
