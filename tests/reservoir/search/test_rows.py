"""Rows of all folds, run once."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit

from dlkit import ESNForecaster, ESNTagger
from dlkit.metrics import make_sequence_scorer, nmse

from .twins import GRID, SIGNS, U, V, assert_same, some_uncompiled, twins


@pytest.mark.compiled
@pytest.mark.parametrize("scaling", some_uncompiled(None, "standard"))
@pytest.mark.parametrize(
    "cv",
    some_uncompiled(
        TimeSeriesSplit(4),
        TimeSeriesSplit(3, gap=5, max_train_size=60),
        KFold(3),
        KFold(3, shuffle=True, random_state=0),
    ),
)
@pytest.mark.parametrize("targets", some_uncompiled("given", "next step"))
def test_forecaster_on_one_series(scaling, cv, targets, fused):
    esn = ESNForecaster(15, random_state=0, scaling=scaling)
    grid = GRID | {"washout": [0, 7]}
    y = V if targets == "given" else None
    assert_same(*twins(esn, grid, U, y, cv=cv, return_train_score=scaling is None))


@pytest.mark.compiled
def test_start_may_be_searched_over(fused):
    grid = {"start": ["rest", "fit"], "alpha": [0.1, 1.0], "passthrough": [True, False]}
    assert_same(*twins(ESNTagger(15, random_state=0), grid, U, SIGNS, cv=TimeSeriesSplit(3)))


@pytest.mark.parametrize("form", some_uncompiled("list", "cube"))
def test_forecaster_on_several_series(form, fused):
    rows = [slice(13 * i, 13 * i + (13 if form == "cube" else 8 + i % 5)) for i in range(12)]
    several, targets = [U[r] for r in rows], [V[r] for r in rows]
    if form == "cube":
        several, targets = np.array(several), np.array(targets)
    score = make_sequence_scorer(nmse, greater_is_better=False, washout=2)
    for scoring in (None, score):
        esn = ESNForecaster(10, washout=2, random_state=0, scaling=None)
        assert_same(*twins(esn, GRID, several, targets, cv=KFold(4), scoring=scoring))


def test_noise_on_a_series(fused):
    esn = ESNForecaster(10, noise=0.01, random_state=0, scaling=None)
    grid = {"alpha": [0.01, 0.3, 10.0]}
    assert_same(*twins(esn, grid, U, V, cv=TimeSeriesSplit(3), return_train_score=True))
