# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike


__all__ = [
    "Sequences",
    "from_channels_first",
    "from_long",
    "from_nested",
    "from_panel",
    "pack",
    "to_long",
    "to_panel",
]

class Sequences:
    values: Any
    offsets: Any
    form: Literal["table", "series", "series1d", "cube", "list", "list1d"]
    first: int
    passes: int
    def __init__(
        self,
        values: Any,
        offsets: Any,
        form: Any,
        first: Any = ...,
        passes: Any = ...,
    ) -> None: ...
    @property
    def lengths(self) -> Any: ...
    @property
    def n_channels(self) -> Any: ...
    def part(
        self,
        first: int,
        last: int,
    ) -> Self: ...
    def unpack(
        self,
        values: np.ndarray[Any, Any] | None = ...,
    ) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]: ...

def from_channels_first(
    X: Any,
) -> Any: ...

def from_long(
    df: Any,
    *,
    id: str | list[str] = ...,
    time: str | None = ...,
    target: str | None = ...,
) -> Any: ...

def from_nested(
    X: Any,
) -> Any: ...

def from_panel(
    panel: Any,
) -> Any: ...

def pack(
    X: Sequence[ArrayLike] | ArrayLike,
    *,
    rows: Literal["sequences", "steps"] = ...,
    name: str = ...,
) -> Sequences: ...

def to_long(
    X: Sequence[ArrayLike] | ArrayLike,
    columns: list[str] | None = ...,
    *,
    id: str = ...,
    time: str = ...,
) -> Any: ...

def to_panel(
    X: Sequence[ArrayLike] | ArrayLike,
    columns: list[str] | None = ...,
    *,
    names: Any = ...,
) -> Any: ...
