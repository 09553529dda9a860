"""Activation functions: a class for each, entered in `ACTIVATIONS`; nothing else knows their names.

An activation is a value without contents, whose type picks the code that is compiled. Calling one
is f(x) of a number; ``slope`` is f′(x) of an array, given y = f(x).
"""

from typing import Any, NamedTuple

import numpy as np
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
