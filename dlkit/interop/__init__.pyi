# Written by tools/make_stubs.py from signatures and docstrings: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from . import aeon as aeon
from . import sktime as sktime

__all__ = [
    "aeon",
    "sktime",
]

