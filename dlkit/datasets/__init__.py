"""Data sets: one of real speech inside the package, and those that are formulas.

Inputs are arrays of shape (n_steps, n_channels), so a step-level estimator takes them as they
are; targets are (n_steps,), or (n_steps, n_outputs) where there are several. All are float64
(class labels: int64), and one ``random_state`` always gives one series.
"""

from ._dynamics import make_henon, make_lorenz, make_mackey_glass
from ._japanese_vowels import load_japanese_vowels
from ._tasks import make_memory, make_multiple_sines, make_narma, make_parity

__all__ = [
    "load_japanese_vowels",
    "make_henon",
    "make_lorenz",
    "make_mackey_glass",
    "make_memory",
    "make_multiple_sines",
    "make_narma",
    "make_parity",
]
