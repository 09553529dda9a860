# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ..symbols import Seq2SeqESN
from ..trees import TreeClassifier
from ..trees import TreeFeatures
from ..trees import TreeRegressor
from ..trees import TreeStates

__all__ = [
    "AttentionDisplay",
    "ForecastDisplay",
    "GradientDisplay",
    "KernelsDisplay",
    "MaskDisplay",
    "MemoryCurveDisplay",
    "SearchDisplay",
    "SpectrumDisplay",
    "StatesDisplay",
    "TreeDisplay",
    "plot_forecast",
]

class AttentionDisplay:
    ax_: Any
    figure_: Any
    image_: Any
    weights: np.ndarray[Any, Any]
    source: list[str] | None
    target: list[str] | None
    def __init__(
        self,
        weights: np.ndarray[Any, Any],
        source: list[str] | None = ...,
        target: list[str] | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Seq2SeqESN,
        x: Sequence[ArrayLike] | str | ArrayLike,
        y: Sequence[ArrayLike] | str | ArrayLike | None = ...,
        *,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        weights: Sequence[ArrayLike] | ArrayLike,
        *,
        source: Any = ...,
        target: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class ForecastDisplay:
    ax_: Any
    figure_: Any
    line_: Any
    truth_: Any
    past_: Any
    band_: Any
    forecast: np.ndarray[Any, Any]
    times: np.ndarray[Any, Any]
    truth: np.ndarray[Any, Any] | None
    bounds: Any
    past: np.ndarray[Any, Any] | None
    past_times: np.ndarray[Any, Any] | None
    coverage: float | None
    def __init__(
        self,
        forecast: np.ndarray[Any, Any],
        times: np.ndarray[Any, Any],
        *,
        truth: np.ndarray[Any, Any] | None = ...,
        bounds: Any = ...,
        past: np.ndarray[Any, Any] | None = ...,
        past_times: np.ndarray[Any, Any] | None = ...,
        coverage: float | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        n_steps: int,
        X: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        past: Sequence[ArrayLike] | ArrayLike | None = ...,
        truth: Sequence[ArrayLike] | ArrayLike | None = ...,
        covariates: Sequence[ArrayLike] | ArrayLike | None = ...,
        coverage: float | None = ...,
        channel: int = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        y_true: Sequence[ArrayLike] | ArrayLike | None,
        y_pred: Sequence[ArrayLike] | ArrayLike,
        *,
        past: Sequence[ArrayLike] | ArrayLike | None = ...,
        interval: Any = ...,
        coverage: float | None = ...,
        channel: int = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class GradientDisplay:
    ax_: Any
    figure_: Any
    line_: Any
    band_: Any
    norms: np.ndarray[Any, Any]
    name: str | None
    def __init__(
        self,
        norms: np.ndarray[Any, Any],
        name: str | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Sequence[ArrayLike] | ArrayLike,
        *,
        n_steps: int = ...,
        norm: Literal["spectral", "frobenius"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        name: str | None = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        norms: Sequence[ArrayLike] | ArrayLike,
        *,
        name: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class KernelsDisplay:
    ax_: Any
    figure_: Any
    image_: Any
    kernels: np.ndarray[Any, Any]
    n_columns: int | None
    def __init__(
        self,
        kernels: np.ndarray[Any, Any],
        n_columns: int | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        channel: int | None = ...,
        size: int = ...,
        group: int = ...,
        shape: tuple[int, ...] | None = ...,
        n_columns: int | None = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_kernels(
        cls,
        kernels: Sequence[ArrayLike] | ArrayLike,
        *,
        channel: Any = ...,
        n_columns: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class MaskDisplay:
    axes_: Any
    legend_: Any
    ax_: Any
    figure_: Any
    image: np.ndarray[Any, Any]
    y_pred: np.ndarray[Any, Any]
    y_true: np.ndarray[Any, Any] | None
    proba: np.ndarray[Any, Any] | None
    labels: np.ndarray[Any, Any] | None
    unlabeled: Any
    label: Any
    def __init__(
        self,
        image: np.ndarray[Any, Any],
        y_pred: np.ndarray[Any, Any],
        y_true: np.ndarray[Any, Any] | None = ...,
        proba: np.ndarray[Any, Any] | None = ...,
        labels: np.ndarray[Any, Any] | None = ...,
        unlabeled: Any = ...,
        label: Any = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike | None = ...,
        *,
        sample: int = ...,
        depth: int | None = ...,
        label: Any = ...,
        axes: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        image: Sequence[ArrayLike] | ArrayLike,
        y_pred: Sequence[ArrayLike] | ArrayLike,
        *,
        y_true: Any = ...,
        proba: Any = ...,
        labels: Sequence[ArrayLike] | ArrayLike | None = ...,
        unlabeled: Any = ...,
        label: Any = ...,
        depth: int | None = ...,
        axes: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        axes: Any = ...,
        *,
        alpha: float = ...,
        **kwargs: Any,
    ) -> Self: ...

class MemoryCurveDisplay:
    ax_: Any
    figure_: Any
    line_: Any
    delays: np.ndarray[Any, Any]
    by_delay: np.ndarray[Any, Any]
    total: float
    name: str | None
    def __init__(
        self,
        delays: np.ndarray[Any, Any],
        by_delay: np.ndarray[Any, Any],
        total: float,
        name: str | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        n_steps: int = ...,
        max_delay: int | None = ...,
        random_state: int | np.random.RandomState | None = ...,
        name: str | None = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        capacity: Any,
        *,
        name: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class SearchDisplay:
    ax_: Any
    figure_: Any
    points_: Any
    lines_: Any
    values: np.ndarray[Any, Any]
    scores: np.ndarray[Any, Any]
    param: str
    metric: str
    groups: np.ndarray[Any, Any] | None
    by: str | None
    def __init__(
        self,
        values: np.ndarray[Any, Any],
        scores: np.ndarray[Any, Any],
        param: str,
        metric: str = ...,
        groups: np.ndarray[Any, Any] | None = ...,
        by: str | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        search: Any,
        param: str,
        *,
        by: str | None = ...,
        metric: str | None = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_results(
        cls,
        cv_results: dict[str, Any],
        param: str,
        *,
        by: Any = ...,
        metric: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class SpectrumDisplay:
    ax_: Any
    figure_: Any
    points_: Any
    effective_points_: Any
    circle_: Any
    eigenvalues: np.ndarray[Any, Any]
    effective: np.ndarray[Any, Any] | None
    def __init__(
        self,
        eigenvalues: np.ndarray[Any, Any],
        effective: np.ndarray[Any, Any] | None = ...,
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        layer: int = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_matrix(
        cls,
        matrix: Any,
        *,
        leak_rate: Sequence[ArrayLike] | float | ArrayLike = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class StatesDisplay:
    ax_: Any
    figure_: Any
    image_: Any
    lines_: Any
    states: np.ndarray[Any, Any]
    def __init__(
        self,
        states: np.ndarray[Any, Any],
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Sequence[ArrayLike] | ArrayLike,
        *,
        number: int = ...,
        kind: Literal["image", "lines"] = ...,
        units: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        states: Sequence[ArrayLike] | ArrayLike,
        *,
        kind: Any = ...,
        units: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        *,
        kind: Literal["image", "lines"] = ...,
        units: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

class TreeDisplay:
    ax_: Any
    figure_: Any
    line_: Any
    texts_: Any
    positions_: np.ndarray[Any, Any]
    labels: Any
    parents: np.ndarray[Any, Any]
    def __init__(
        self,
        labels: Any,
        parents: np.ndarray[Any, Any],
    ) -> None: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: TreeFeatures | TreeStates | TreeClassifier | TreeRegressor,
        X: Any,
        *,
        number: int = ...,
        names: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_tree(
        cls,
        tree: Any,
        *,
        names: Any = ...,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    def plot(
        self,
        ax: Any = ...,
        **kwargs: Any,
    ) -> Self: ...

def plot_forecast(
    y_true: Sequence[ArrayLike] | ArrayLike | None,
    y_pred: Sequence[ArrayLike] | ArrayLike,
    *,
    past: Sequence[ArrayLike] | ArrayLike | None = ...,
    interval: Any = ...,
    channel: int = ...,
    title: str | None = ...,
    ax: Any = ...,
) -> Any: ...
