# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, OneToOneFeatureMixin, TransformerMixin


__all__ = [
    "Hydra",
    "MiniRocket",
    "MultiRocket",
    "Quant",
    "Rocket",
    "SparseScaler",
]

class Hydra(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: Any
    n_channels_in_: int
    n_features_in_: int
    n_groups: int
    n_kernels: int
    max_channels: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_groups: int = ...,
        *,
        n_kernels: int = ...,
        max_channels: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class MiniRocket(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: Any
    n_channels_in_: int
    n_features_in_: int
    n_kernels: int
    max_dilations: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_kernels: int = ...,
        *,
        max_dilations: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class MultiRocket(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: Any
    n_channels_in_: int
    n_features_in_: int
    n_kernels: int
    max_dilations: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_kernels: int = ...,
        *,
        max_dilations: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class Quant(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    intervals_: Any
    n_channels_in_: int
    n_features_in_: int
    depth: int
    divisor: int
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        depth: int = ...,
        *,
        divisor: int = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class Rocket(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    kernels_: Any
    n_channels_in_: int
    n_features_in_: int
    n_kernels: int
    normalize: bool
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_kernels: int = ...,
        *,
        normalize: bool = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...

class SparseScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    mean_: np.ndarray[Any, Any]
    scale_: np.ndarray[Any, Any]
    n_features_in_: int
    exponent: float
    mask: bool
    def __init__(
        self,
        *,
        exponent: float = ...,
        mask: bool = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: None = ...,
    ) -> Self: ...
    def transform(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any]: ...
