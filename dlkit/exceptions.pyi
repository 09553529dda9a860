# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike


__all__ = [
    "ArityWarning",
    "DivergenceWarning",
    "ForecastWarning",
    "ForgettingWarning",
    "ForgottenRowsWarning",
    "IgnoredParameterWarning",
    "OverwrittenMemoryWarning",
    "ReadingWarning",
    "RoundingWarning",
    "SaturationWarning",
    "ScalingWarning",
    "UnfinishedSampleWarning",
]

class ArityWarning(UserWarning):
    ...

class DivergenceWarning(UserWarning):
    ...

class ForecastWarning(UserWarning):
    ...

class ForgettingWarning(UserWarning):
    ...

class ForgottenRowsWarning(UserWarning):
    ...

class IgnoredParameterWarning(UserWarning):
    ...

class OverwrittenMemoryWarning(UserWarning):
    ...

class ReadingWarning(UserWarning):
    ...

class RoundingWarning(UserWarning):
    ...

class SaturationWarning(UserWarning):
    ...

class ScalingWarning(UserWarning):
    ...

class UnfinishedSampleWarning(UserWarning):
    ...
