# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike


__all__ = [
    "load_japanese_vowels",
    "make_associative_recall",
    "make_copy",
    "make_henon",
    "make_latch",
    "make_listops",
    "make_lorenz",
    "make_mackey_glass",
    "make_memory",
    "make_multiple_sines",
    "make_narma",
    "make_parity",
    "make_regular_language",
    "make_repeat_copy",
]

def load_japanese_vowels(
    *,
    subset: Any = ...,
    return_X_y: bool = ...,
) -> Any: ...

def make_associative_recall(
    n_sequences: int,
    *,
    n_bits: int = ...,
    item_length: int = ...,
    min_items: int = ...,
    max_items: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_copy(
    n_sequences: int,
    *,
    n_bits: int = ...,
    min_length: int = ...,
    max_length: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_henon(
    n_steps: int,
    *,
    a: float = ...,
    b: float = ...,
    transient: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_latch(
    n_sequences: int,
    n_steps: int = ...,
    *,
    n_spikes: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_listops(
    n_samples: int,
    *,
    max_depth: int = ...,
    max_args: int = ...,
    p_operation: float = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_lorenz(
    n_steps: int,
    *,
    dt: float = ...,
    sigma: float = ...,
    rho: float = ...,
    beta: float = ...,
    transient: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_mackey_glass(
    n_steps: int,
    *,
    tau: float = ...,
    beta: float = ...,
    gamma: float = ...,
    exponent: float = ...,
    dt: float = ...,
    substeps: int = ...,
    transient: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_memory(
    n_steps: int,
    max_delay: int = ...,
    *,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_multiple_sines(
    n_steps: int,
    frequencies: Sequence[ArrayLike] | int | ArrayLike = ...,
) -> Any: ...

def make_narma(
    n_steps: int,
    order: int = ...,
    *,
    coefficients: Any = ...,
    saturate: Any = ...,
    transient: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_parity(
    n_steps: int,
    n_bits: int = ...,
    *,
    delay: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_regular_language(
    n_sequences: int,
    language: Any = ...,
    *,
    min_length: int = ...,
    max_length: int = ...,
    stray: float = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...

def make_repeat_copy(
    n_sequences: int,
    *,
    n_bits: int = ...,
    max_length: int = ...,
    max_repeats: int = ...,
    random_state: int | np.random.RandomState | None = ...,
) -> Any: ...
