# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, OneToOneFeatureMixin, TransformerMixin


__all__ = [
    "ConvFeatures",
    "ENCODERS",
    "Grid",
    "KERNELS",
    "POOLINGS",
    "PatchPreprocess",
    "SphericalKMeans",
    "ZCAWhitening",
    "conv_matrix",
    "convolve",
    "gabor_bank",
    "learn_kernels",
    "pool",
    "sample_patches",
]

class ConvFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: np.ndarray[Any, Any]
    preprocess_: PatchPreprocess
    n_channels_in_: int
    upright_: bool
    n_features_in_: int
    n_kernels: int
    kernel_size: Any
    kernels: Any
    stride: int | tuple[int, ...]
    dilation: int | tuple[int, ...]
    padding: Literal["valid", "same", "full"]
    sharing: Literal["shared", "tiled", "local"]
    tile_period: int | tuple[int, ...]
    contrast: float | None
    whitening: float | None
    encoder: str | Callable[..., Any]
    threshold: float
    pooling: Any
    grid: Any
    window: int | tuple[int, ...] | None
    window_stride: int | tuple[int, ...] | None
    power: float
    output: Literal["features", "map"]
    upright: Any
    input_shape: tuple[int, ...] | None
    n_patches: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_kernels: int = ...,
        *,
        kernel_size: Any = ...,
        kernels: Any = ...,
        stride: int | tuple[int, ...] = ...,
        dilation: int | tuple[int, ...] = ...,
        padding: Literal["valid", "same", "full"] = ...,
        sharing: Literal["shared", "tiled", "local"] = ...,
        tile_period: int | tuple[int, ...] = ...,
        contrast: float | None = ...,
        whitening: float | None = ...,
        encoder: str | Callable[..., Any] = ...,
        threshold: float = ...,
        pooling: Any = ...,
        grid: Any = ...,
        window: int | tuple[int, ...] | None = ...,
        window_stride: int | tuple[int, ...] | None = ...,
        power: float = ...,
        output: Literal["features", "map"] = ...,
        upright: Any = ...,
        input_shape: tuple[int, ...] | None = ...,
        n_patches: int = ...,
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
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    @classmethod
    def preset(
        cls,
        name: Literal["accurate"],
        **parameters: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

ENCODERS: Any

class Grid(BaseEstimator):
    cells: int | tuple[int, ...]
    overlap: float
    def __init__(
        self,
        cells: int | tuple[int, ...],
        overlap: float = ...,
    ) -> None: ...

KERNELS: Any

POOLINGS: Any

class PatchPreprocess:
    eps_: float
    root: float
    mean_variance_: float
    n_patches_: int
    spectrum_: Any
    contrast: float | None
    whitening: float | None
    def __init__(
        self,
        contrast: float | None = ...,
        whitening: float | None = ...,
    ) -> None: ...
    def apply(
        self,
        patches: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def fit(
        self,
        patches: Sequence[ArrayLike] | ArrayLike,
    ) -> Self: ...
    def fold(
        self,
        kernels: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def is_blank(
        self,
        patches: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def learn(
        self,
        patches: np.ndarray[Any, Any],
    ) -> Any: ...
    def norm_operator(
        self,
    ) -> Any: ...
    def update(
        self,
        patches: Sequence[ArrayLike] | ArrayLike,
    ) -> Self: ...

class SphericalKMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    cluster_centers_: np.ndarray[Any, Any]
    labels_: np.ndarray[Any, Any]
    inertia_: float
    n_iter_: int
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    n_clusters: int
    sign_invariant: bool
    damping: float
    init: Sequence[ArrayLike] | Literal["k-means++", "random"] | Callable[..., Any] | ArrayLike
    n_init: Any
    max_iter: int
    tol: float
    verbose: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    def __init__(
        self,
        n_clusters: int = ...,
        *,
        sign_invariant: bool = ...,
        damping: float = ...,
        init: Sequence[ArrayLike] | Literal["k-means++", "random"] | Callable[..., Any] | ArrayLike = ...,
        n_init: Any = ...,
        max_iter: int = ...,
        tol: float = ...,
        verbose: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    set_score_request: Any
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class ZCAWhitening(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    mean_: np.ndarray[Any, Any]
    eigenvalues_: np.ndarray[Any, Any]
    components_: np.ndarray[Any, Any]
    whitening_: np.ndarray[Any, Any]
    n_samples_seen_: int
    n_features_in_: int
    feature_names_in_: np.ndarray[Any, Any]
    regularization: float
    def __init__(
        self,
        regularization: float = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    def inverse_transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
    def partial_fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
        sample_weight: Sequence[ArrayLike] | float | ArrayLike | None = ...,
    ) -> Self: ...
    set_fit_request: Any
    set_partial_fit_request: Any
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

def conv_matrix(
    kernels: Any,
    input_shape: int | tuple[int, ...],
    *,
    stride: int | tuple[int, ...] = ...,
    dilation: int | tuple[int, ...] = ...,
    padding: Literal["valid", "same", "full"] = ...,
) -> Any: ...

def convolve(
    X: Sequence[ArrayLike] | ArrayLike,
    kernels: Any,
    *,
    stride: int | tuple[int, ...] = ...,
    dilation: int | tuple[int, ...] = ...,
    padding: Literal["valid", "same", "full"] = ...,
    input_shape: tuple[int, ...] | None = ...,
    n_jobs: int | None = ...,
) -> Any: ...

def gabor_bank(
    n_kernels: int,
    kernel_size: tuple[int, ...],
    n_channels: int = ...,
) -> Any: ...

def learn_kernels(
    kernels: Any,
    patches: Sequence[ArrayLike] | ArrayLike | None,
    n_kernels: int,
    kernel_size: int | tuple[int, ...],
    n_channels: int = ...,
    random_state: int | np.random.RandomState | None = ...,
    *,
    preprocess: PatchPreprocess | None = ...,
    n_jobs: int | None = ...,
) -> np.ndarray[Any, Any]: ...

def pool(
    maps: Any,
    pooling: Any = ...,
    *,
    grid: Any = ...,
    window: int | tuple[int, ...] | None = ...,
    window_stride: int | tuple[int, ...] | None = ...,
) -> np.ndarray[Any, Any]: ...

def sample_patches(
    X: Sequence[ArrayLike] | ArrayLike,
    kernel_size: int | tuple[int, ...],
    n_patches: int = ...,
    *,
    stride: int | tuple[int, ...] = ...,
    dilation: int | tuple[int, ...] = ...,
    padding: Literal["valid", "same", "full"] = ...,
    input_shape: tuple[int, ...] | None = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...
