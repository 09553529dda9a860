# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClassifierMixin, MultiOutputMixin, RegressorMixin, TransformerMixin

from ..reservoir import InputWeights
from ..reservoir import Layers
from ..reservoir import Reservoir

__all__ = [
    "Additive",
    "BPE",
    "Balanced",
    "Bilinear",
    "Graph",
    "GraphFeatures",
    "Greedy",
    "NodeFeatures",
    "Positional",
    "Tree",
    "TreeClassifier",
    "TreeFeatures",
    "TreeRegressor",
    "TreeStates",
    "from_brackets",
    "from_conllu",
    "from_iupac",
    "from_nested",
    "from_networkx",
    "from_smiles_acyclic",
    "rooted_at_centre",
]

class Additive(BaseEstimator):
    def __init__(
        self,
    ) -> None: ...
    def draw(
        self,
        sizes: Any,
        rng: Any,
        n_channels: Any,
    ) -> Any: ...

class BPE(BaseEstimator):
    n_merges: int
    def __init__(
        self,
        n_merges: int = ...,
    ) -> None: ...
    def fitted(
        self,
        X: Any,
    ) -> Any: ...
    takes: Any

class Balanced(BaseEstimator):
    leaf_steps: int
    def __init__(
        self,
        leaf_steps: int = ...,
    ) -> None: ...
    def fitted(
        self,
        X: Any,
    ) -> Any: ...
    takes: Any
    def trees(
        self,
        X: Any,
    ) -> Any: ...

class Bilinear(BaseEstimator):
    n_places: int
    products: Literal["label", "children", "both"]
    scaling: float
    def __init__(
        self,
        n_places: int = ...,
        *,
        products: Literal["label", "children", "both"] = ...,
        scaling: float = ...,
    ) -> None: ...
    def draw(
        self,
        sizes: Any,
        rng: Any,
        n_channels: Any,
    ) -> Any: ...

class Graph:
    adjacency: Any
    labels: Sequence[ArrayLike] | ArrayLike | None
    def __init__(
        self,
        adjacency: Any,
        labels: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> None: ...

class GraphFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    n_channels_in_: int
    n_kinds_in_: int
    n_units: int
    n_steps: Any
    spectral_radius: float
    leak_rate: float
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    normalize: Literal["spectral", "degree", None]
    directed: bool
    unknown: Literal["error", "ignore"]
    pooling: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        n_steps: Any = ...,
        spectral_radius: float = ...,
        leak_rate: float = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        normalize: Literal["spectral", "degree", None] = ...,
        directed: bool = ...,
        unknown: Literal["error", "ignore"] = ...,
        pooling: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def fit(
        self,
        X: Any,
        y: None = ...,
    ) -> Self: ...
    plasticity: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...

class Greedy(BaseEstimator):
    n_components: int
    def __init__(
        self,
        n_components: int = ...,
    ) -> None: ...
    def fitted(
        self,
        X: Any,
    ) -> Any: ...
    takes: Any

class NodeFeatures(TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    n_channels_in_: int
    n_kinds_in_: int
    n_units: int
    n_steps: Any
    spectral_radius: float
    leak_rate: float
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    normalize: Literal["spectral", "degree", None]
    directed: bool
    unknown: Literal["error", "ignore"]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        n_steps: Any = ...,
        spectral_radius: float = ...,
        leak_rate: float = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        normalize: Literal["spectral", "degree", None] = ...,
        directed: bool = ...,
        unknown: Literal["error", "ignore"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def fit(
        self,
        X: Any,
        y: None = ...,
    ) -> Self: ...
    plasticity: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Any,
    ) -> list[np.ndarray[Any, Any]]: ...

class Positional(BaseEstimator):
    n_places: int
    def __init__(
        self,
        n_places: int = ...,
    ) -> None: ...
    def draw(
        self,
        sizes: Any,
        rng: Any,
        n_channels: Any,
    ) -> Any: ...

class Tree:
    labels: Sequence[ArrayLike] | ArrayLike
    parents: Sequence[ArrayLike] | ArrayLike
    def __init__(
        self,
        labels: Sequence[ArrayLike] | ArrayLike,
        parents: Sequence[ArrayLike] | ArrayLike,
    ) -> None: ...
    @property
    def depth(self) -> Any: ...

class TreeClassifier(ClassifierMixin, BaseEstimator):
    reservoir_: Reservoir
    contraction_: float
    amplification_: float
    arity_: int
    n_channels_in_: int
    n_features_in_: int
    feature_names_in_: Any
    readout_: Any
    classes_: np.ndarray[Any, Any]
    n_units: int
    node: Any
    spectral_radius: float
    leak_rate: Sequence[ArrayLike] | float | ArrayLike
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    direction: Literal["up", "down", "both"]
    structure: Any
    unknown: Literal["error", "ignore"]
    pooling: Any
    target: Literal["tree", "node"]
    readout: Any
    alpha: Any
    class_weight: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        node: Any = ...,
        spectral_radius: float = ...,
        leak_rate: Sequence[ArrayLike] | float | ArrayLike = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        direction: Literal["up", "down", "both"] = ...,
        structure: Any = ...,
        unknown: Literal["error", "ignore"] = ...,
        pooling: Any = ...,
        target: Literal["tree", "node"] = ...,
        readout: Any = ...,
        alpha: Any = ...,
        class_weight: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def decision_function(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def fit(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    plasticity: Any
    def predict(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def predict_proba(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_score_request: Any
    def trees(
        self,
        X: Any,
    ) -> Any: ...

class TreeFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    contraction_: float
    amplification_: float
    arity_: int
    n_channels_in_: int
    n_features_in_: int
    feature_names_in_: Any
    n_units: int
    node: Any
    spectral_radius: float
    leak_rate: Sequence[ArrayLike] | float | ArrayLike
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    direction: Literal["up", "down", "both"]
    structure: Any
    unknown: Literal["error", "ignore"]
    pooling: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        node: Any = ...,
        spectral_radius: float = ...,
        leak_rate: Sequence[ArrayLike] | float | ArrayLike = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        direction: Literal["up", "down", "both"] = ...,
        structure: Any = ...,
        unknown: Literal["error", "ignore"] = ...,
        pooling: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def fit(
        self,
        X: Any,
        y: None = ...,
    ) -> Self: ...
    plasticity: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any]: ...
    def trees(
        self,
        X: Any,
    ) -> Any: ...

class TreeRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    reservoir_: Reservoir
    contraction_: float
    amplification_: float
    arity_: int
    n_channels_in_: int
    n_features_in_: int
    feature_names_in_: Any
    readout_: Any
    n_units: int
    node: Any
    spectral_radius: float
    leak_rate: Sequence[ArrayLike] | float | ArrayLike
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    direction: Literal["up", "down", "both"]
    structure: Any
    unknown: Literal["error", "ignore"]
    pooling: Any
    target: Literal["tree", "node"]
    readout: Any
    alpha: Any
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        node: Any = ...,
        spectral_radius: float = ...,
        leak_rate: Sequence[ArrayLike] | float | ArrayLike = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        direction: Literal["up", "down", "both"] = ...,
        structure: Any = ...,
        unknown: Literal["error", "ignore"] = ...,
        pooling: Any = ...,
        target: Literal["tree", "node"] = ...,
        readout: Any = ...,
        alpha: Any = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def fit(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    plasticity: Any
    def predict(
        self,
        X: Any,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def score(
        self,
        X: Any,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    set_score_request: Any
    def trees(
        self,
        X: Any,
    ) -> Any: ...

class TreeStates(TransformerMixin, BaseEstimator):
    reservoir_: Reservoir
    contraction_: float
    amplification_: float
    arity_: int
    n_channels_in_: int
    n_features_in_: int
    feature_names_in_: Any
    n_units: int
    node: Any
    spectral_radius: float
    leak_rate: Sequence[ArrayLike] | float | ArrayLike
    input_scaling: Sequence[ArrayLike] | float | ArrayLike
    bias_scaling: float
    n_links: int
    topology: Any
    control: Literal["radius", "effective", "norm"]
    input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights
    activation: str | Callable[..., Any]
    layers: int | list[dict[str, Any]] | Layers | None
    direction: Literal["up", "down", "both"]
    structure: Any
    unknown: Literal["error", "ignore"]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        node: Any = ...,
        spectral_radius: float = ...,
        leak_rate: Sequence[ArrayLike] | float | ArrayLike = ...,
        input_scaling: Sequence[ArrayLike] | float | ArrayLike = ...,
        bias_scaling: float = ...,
        n_links: int = ...,
        topology: Any = ...,
        control: Literal["radius", "effective", "norm"] = ...,
        input_weights: Literal["uniform", "normal", "rademacher"] | InputWeights = ...,
        activation: str | Callable[..., Any] = ...,
        layers: int | list[dict[str, Any]] | Layers | None = ...,
        direction: Literal["up", "down", "both"] = ...,
        structure: Any = ...,
        unknown: Literal["error", "ignore"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    cell: Any
    def fit(
        self,
        X: Any,
        y: None = ...,
    ) -> Self: ...
    plasticity: Any
    def set_params(
        self,
        estimator: Any,
        **params: Any,
    ) -> Self: ...
    def transform(
        self,
        X: Any,
    ) -> list[np.ndarray[Any, Any]]: ...
    def trees(
        self,
        X: Any,
    ) -> Any: ...

def from_brackets(
    X: str | list[str],
) -> Any: ...

def from_conllu(
    text: str,
    *,
    label: Literal["form", "lemma", "upos", "xpos", "deprel"] = ...,
    target: str | None = ...,
) -> Any: ...

def from_iupac(
    X: str | list[str],
    *,
    linkages: Literal["label", "node", "drop"] = ...,
) -> Any: ...

def from_nested(
    X: Any,
) -> Any: ...

def from_networkx(
    graph: Any,
    *,
    label: str = ...,
    weight: str = ...,
) -> Graph: ...

def from_smiles_acyclic(
    X: str | list[str],
) -> Any: ...

def rooted_at_centre(
    tree: Tree,
) -> Tree: ...
