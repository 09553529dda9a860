"""Every kind of cell, data for them, and their states from the formulas."""

import os
from functools import lru_cache

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from dlkit import ReservoirSearchCV, ReservoirStates
from dlkit.reservoir import ES2N, GRU, LSTM, Clockwork, Euler, Leaky, Legendre, Residual
from dlkit.reservoir._cells.kinds import as_cell

from .. import naive_cells

COMMON = {"input_scaling": 0.5, "bias_scaling": 0.3, "random_state": 0, "leak_rate": 0.6}
KINDS = {
    "delays": {"cell": Leaky(delays=(1, 5))},
    "no delay of one": {"cell": Leaky(delays={3: 2, 7: 1}), "topology": "dense"},
    "deep transition": {"cell": "deep_transition"},
    "deep transition, ring": {
        "cell": "deep_transition",
        "topology": "ring",
        "activation": "logistic",
        "leak_rate": ("groups", 1, 3),
        "control": "norm",
    },
    "es2n": {"cell": "es2n", "leak_rate": 0.3},
    "es2n, ring, delays": {"cell": ES2N(path="ring", delays=(1, 4))},
    "residual": {"cell": Residual(path="hadamard", alpha=0.7)},
    "residual, identity": {"cell": Residual(path="identity")},
    "euler": {"cell": Euler(diffusion=0.2), "leak_rate": 0.1},
    "clockwork": {"cell": "clockwork"},
    "clockwork, delays": {
        "cell": Clockwork(periods=[3, 1], delays=(1, 2)),
        "topology": "dense",
        "leak_rate": ("log_uniform", 1, 10),
    },
    "gru": {"cell": GRU(update_bias=-0.5)},
    "mgu": {"cell": "mgu"},
    "lstm": {"cell": "lstm"},
    "lstm, delays": {"cell": LSTM(recurrent_gates=False, delays=(2, 3)), "activation": "relu"},
    "legendre": {"cell": Legendre(window=7.0, memory_units=9), "leak_rate": ("groups", 1, 4)},
}


N, C = 21, 2
SINGLE = "delays", "gru", "lstm, delays", "es2n, ring, delays"
LAYOUTS = (*SINGLE, "legendre")  # one of each layout of the arrays
BOUNDS = os.environ.get("NUMBA_BOUNDSCHECK") == "1"  # each is compiled anew, and slowly
# one of each cell, for what estimators do with all: the loop itself is tested with every kind
ONE_OF_EACH = LAYOUTS if BOUNDS else (
    *LAYOUTS, "deep transition", "residual", "euler", "clockwork, delays", "mgu", "lstm",
)  # fmt: skip


def _marks(kind, plain):
    return () if kind in plain else pytest.mark.compiled


def with_kinds(*plain, of=ONE_OF_EACH):
    """All of these kinds, of which only the ``plain`` are also for the uncompiled run."""
    marks = {kind: _marks(kind, plain) for kind in of}
    return pytest.mark.parametrize("kind", [pytest.param(k, marks=m) for k, m in marks.items()])


def in_both_dtypes(of=ONE_OF_EACH, marks=(), plain=tuple(KINDS)):
    """These kinds in float64, and a few of them in float32: each is compiled anew for a dtype.

    Only the ``plain`` ones are also for the uncompiled run.
    """
    pairs = [pytest.param(kind, np.float64, marks=_marks(kind, plain)) for kind in of]
    singles = [
        pytest.param(kind, np.float32, marks=marks or _marks(kind, plain))
        for kind in of
        if kind in SINGLE
    ]
    return pytest.mark.parametrize(("kind", "dtype"), pairs + singles)


compiled = pytest.mark.compiled
LENGTHS = [9, 3, 14, 1, 30, 5, 8, 2, 11]


def meaningful(params):
    """Parameters without a leak rate where gates stand in for the leak rate."""
    leaks = as_cell(params.get("cell", "leaky")).leaks
    return {name: value for name, value in params.items() if leaks or name != "leak_rate"}


def options(kind, **others):
    return meaningful(COMMON | KINDS[kind] | others)


def data(lengths, dtype=np.float64, seed=0):
    r = np.random.RandomState(seed)
    return [r.randn(n, C).astype(dtype) for n in lengths]


SEQUENCES = data(LENGTHS)
SERIES = data([80])[0]


@lru_cache
def truth(kind, which="sequences"):
    """States of the sequences, or of the series, from the formulas."""
    reservoir = ReservoirStates(N, **options(kind)).fit(SERIES).reservoir_
    parts = SEQUENCES if which == "sequences" else [SERIES]
    return [naive_cells.states(reservoir, x) for x in parts]


def same(estimator, grid, X, y, **others):
    ours = ReservoirSearchCV(estimator, grid, **others).fit(X, y)
    theirs = GridSearchCV(estimator, grid, **others).fit(X, y)
    for key, want in theirs.cv_results_.items():
        if key.startswith(("split", "mean_test")):
            np.testing.assert_allclose(ours.cv_results_[key], want, atol=1e-8)
    assert ours.best_index_ == theirs.best_index_
    return ours, theirs


def states_of(**params):
    return ReservoirStates(N, **meaningful(COMMON | params)).fit(SERIES).transform(SERIES)
