"""Data sets: real speech, which is part of the package, and series computed from formulas.

The input of a computed task is an array of shape (n_steps, n_channels), one series. Its target has
shape (n_steps,), or (n_steps, n_outputs) with several outputs. Values are float64, class labels
int64. The same ``random_state`` always gives the same series. Tasks for explicit memory are
lists of sequences, with a list of targets. ListOps is a list of trees.
"""

from ._dynamics import make_henon, make_lorenz, make_mackey_glass
from ._japanese_vowels import load_japanese_vowels
from ._listops import make_listops
from ._memory_tasks import (
    make_associative_recall,
    make_copy,
    make_latch,
    make_regular_language,
    make_repeat_copy,
)
from ._tasks import make_memory, make_multiple_sines, make_narma, make_parity

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
