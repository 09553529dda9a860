"""Activation functions: a class for each, entered in `ACTIVATIONS`; nothing else knows their names.

An activation is a value without contents, whose type picks the code that is compiled. Calling one
is f(x) of a number; ``slope`` is f′(x) of an array, given y = f(x).
"""

from functools import lru_cache
from types import BuiltinFunctionType
from typing import Any, NamedTuple

import numpy as np
from numba import cfunc, config, njit
from numba.core.dispatcher import Dispatcher
from numba.extending import overload

from .vector import tanh


class Tanh(NamedTuple):
    """The hyperbolic tangent."""

    def __call__(self, x):
        return tanh(x)

    def slope(self, y):
        return 1 - y**2


class Logistic(NamedTuple):
    """1 / (1 + exp(−x)) = (1 + tanh(x / 2)) / 2."""

    def __call__(self, x):
        half = type(x)(0.5)
        return half + half * tanh(half * x)

    def slope(self, y):
        return y * (1 - y)


class Relu(NamedTuple):
    """The positive part."""

    def __call__(self, x):
        zero = type(x)(0)
        return x if not x < zero else zero

    def slope(self, y):
        return (y > 0).astype(float)


class Identity(NamedTuple):
    """x itself."""

    def __call__(self, x):
        return x

    def slope(self, y):
        return np.ones_like(y)


class User(NamedTuple):
    """A user's own function, as machine code ``float64(float64)``: the loops suit all such."""

    function: Any

    def __call__(self, x):
        return self.function(x)


ACTIVATIONS = {"tanh": Tanh(), "logistic": Logistic(), "relu": Relu(), "identity": Identity()}


def apply(f, x):
    """f(x) of a number."""
    return f(x)


# Inlined before LLVM sees it: optimised by itself, a function gets branches, and half the speed.
@overload(apply, inline="always", strict=False)
def _apply_by_type(f, x):
    return f.instance_class.__call__


@lru_cache(maxsize=32)
def as_activation(activation):
    """Activation by name, or a user's own as machine code, which every loop for such takes."""
    if isinstance(activation, str):
        return ACTIVATIONS[activation]
    try:
        found = activation if config.DISABLE_JIT else _machine_code(activation)
        tried = {x: float(getattr(found, "ctypes", found)(x)) for x in (-1.0, -0.5, 0.5, 1.0)}
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"activation={activation!r} must take a float and return a float, in what Numba "
            f"compiles; this one fails with {type(error).__name__}: {reason}"
        ) from error
    for x, y in tried.items():
        if not np.isfinite(y):
            raise ValueError(
                f"activation={activation!r} gives {y} for {x}: it must give a finite number for "
                "every number."
            )
    return User(found)


def _machine_code(activation):
    """A user's activation as machine code ``float64(float64)``."""
    if not isinstance(activation, (Dispatcher, np.ufunc, BuiltinFunctionType)):
        activation = njit(activation)

    @cfunc("float64(float64)")
    def activate(x):
        return activation(x)

    return activate
