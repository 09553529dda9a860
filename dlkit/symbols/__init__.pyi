# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin

from ..reservoir import ReservoirStates

__all__ = [
    "NGramMixer",
    "NGramReadout",
    "ReservoirMemoryMachine",
    "Seq2SeqESN",
    "SequenceModel",
    "SequenceTransducer",
]

class NGramMixer(BaseEstimator):
    order: int
    learning_rate: float
    n_passes: int
    max_steps: int
    online: float
    def __init__(
        self,
        order: int = ...,
        *,
        learning_rate: float = ...,
        n_passes: int = ...,
        max_steps: int = ...,
        online: float = ...,
    ) -> None: ...

class NGramReadout(BaseEstimator):
    order: int
    n_passes: int
    learning_rate: float
    n_weights: int
    random_state: int | np.random.RandomState | None
    def __init__(
        self,
        order: int = ...,
        *,
        n_passes: int = ...,
        learning_rate: float = ...,
        n_weights: int = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> None: ...

class ReservoirMemoryMachine(MultiOutputMixin, RegressorMixin, BaseEstimator):
    machine_: Any
    driver_: Any
    n_states_: int
    training_error_: float
    n_channels_in_: int
    n_features_in_: int
    n_units: int
    addressing: Literal["pointer", "content", "states"]
    memory_size: int
    key_length: int
    max_states: int
    reservoir: ReservoirStates | None
    alpha: Any
    controller: Any
    max_rounds: int
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        addressing: Literal["pointer", "content", "states"] = ...,
        memory_size: int = ...,
        key_length: int = ...,
        max_states: int = ...,
        reservoir: ReservoirStates | None = ...,
        alpha: Any = ...,
        controller: Any = ...,
        max_rounds: int = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
    ) -> Self: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...
    def read(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
    ) -> Any: ...
    def score(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        y: Sequence[ArrayLike] | ArrayLike,
        sample_weight: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_score_request: Any

class Seq2SeqESN(BaseEstimator):
    encoder_: Any
    decoder_: Any
    query_: Any
    emission_: Any
    stop_: Any
    longest_: int
    n_channels_in_: int
    n_units: int
    decoder_units: int
    context: Literal["attention", "state", "input", "both"]
    output: Literal["categorical", "gaussian", "gaussian_full", "empirical"]
    stop: Literal["auto", "symbol", "bernoulli", "length", None]
    n_rounds: int
    encoder: ReservoirStates | None
    decoder: ReservoirStates | None
    readout: Any
    unknown: Literal["error", "ignore"]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        decoder_units: int = ...,
        context: Literal["attention", "state", "input", "both"] = ...,
        output: Literal["categorical", "gaussian", "gaussian_full", "empirical"] = ...,
        stop: Literal["auto", "symbol", "bernoulli", "length", None] = ...,
        n_rounds: int = ...,
        encoder: ReservoirStates | None = ...,
        decoder: ReservoirStates | None = ...,
        readout: Any = ...,
        unknown: Literal["error", "ignore"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def attention(
        self,
        X: Any,
        y: Any,
    ) -> list[np.ndarray[Any, Any]]: ...
    def fit(
        self,
        X: Any,
        y: Any,
    ) -> Self: ...
    def predict(
        self,
        X: Any,
        max_length: int | None = ...,
    ) -> Any: ...
    def sample(
        self,
        X: Any,
        *,
        temperature: float = ...,
        max_length: int | None = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> Any: ...
    def score(
        self,
        X: Any,
        y: Any,
    ) -> float: ...
    set_predict_request: Any

class SequenceModel(BaseEstimator):
    alphabet_: np.ndarray[Any, Any]
    driver_: Any
    emission_: Any
    stop_: Any
    longest_: int
    n_channels_in_: int
    n_units: int
    output: Literal["categorical", "gaussian", "gaussian_full", "empirical"]
    stop: Literal["auto", "symbol", "bernoulli", "length", None]
    context: Literal["both", "input", "state"]
    reservoir: ReservoirStates | None
    readout: Any
    mixer: NGramMixer | None
    max_steps: int | None
    calibrate: bool
    unknown: Literal["error", "ignore"]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    def __init__(
        self,
        n_units: int = ...,
        *,
        output: Literal["categorical", "gaussian", "gaussian_full", "empirical"] = ...,
        stop: Literal["auto", "symbol", "bernoulli", "length", None] = ...,
        context: Literal["both", "input", "state"] = ...,
        reservoir: ReservoirStates | None = ...,
        readout: Any = ...,
        mixer: NGramMixer | None = ...,
        max_steps: int | None = ...,
        calibrate: bool = ...,
        unknown: Literal["error", "ignore"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        n_jobs: int | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def bits(
        self,
        X: Any,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    def fit(
        self,
        X: Any,
        y: None = ...,
        *,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> Self: ...
    def log_likelihood(
        self,
        X: Any,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> list[np.ndarray[Any, Any]]: ...
    def perplexity(
        self,
        X: Any,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    def predict(
        self,
        X: Sequence[ArrayLike] | ArrayLike,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
        return_std: bool = ...,
    ) -> Any: ...
    def predict_proba(
        self,
        X: Any,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> list[np.ndarray[Any, Any]]: ...
    def predict_stop(
        self,
        X: Any,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> list[np.ndarray[Any, Any]]: ...
    def sample(
        self,
        n: int = ...,
        *,
        temperature: float = ...,
        top_k: int | None = ...,
        max_length: int | None = ...,
        prefix: Sequence[ArrayLike] | str | ArrayLike | None = ...,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
        random_state: int | np.random.RandomState | None = ...,
    ) -> Any: ...
    def score(
        self,
        X: Any,
        y: None = ...,
        *,
        contexts: Sequence[ArrayLike] | ArrayLike | None = ...,
    ) -> float: ...
    set_fit_request: Any
    set_predict_proba_request: Any
    set_predict_request: Any
    set_score_request: Any

class SequenceTransducer(BaseEstimator):
    readout_: Any
    encoder_: Any
    source_symbols_: Any
    target_symbols_: Any
    chunks_: Any
    alignment_: Any
    n_skipped_: int
    readout: Any
    window: int
    max_chunk: int
    history: int
    encoder: Any
    n_rounds: int
    neighbours: int
    beam: int
    unknown: Literal["error", "ignore"]
    unaligned: Literal["error", "skip"]
    random_state: int | np.random.RandomState | None
    verbose: int
    def __init__(
        self,
        readout: Any = ...,
        *,
        window: int = ...,
        max_chunk: int = ...,
        history: int = ...,
        encoder: Any = ...,
        n_rounds: int = ...,
        neighbours: int = ...,
        beam: int = ...,
        unknown: Literal["error", "ignore"] = ...,
        unaligned: Literal["error", "skip"] = ...,
        random_state: int | np.random.RandomState | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def fit(
        self,
        X: Any,
        y: Any,
    ) -> Self: ...
    def predict(
        self,
        X: Any,
    ) -> Any: ...
    def predict_nbest(
        self,
        X: Any,
        n: int = ...,
    ) -> Any: ...
    def score(
        self,
        X: Any,
        y: Any,
    ) -> float: ...
