"""Whether rows are the steps of one series for a transformer."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from dlkit import NVARFeatures, PerStep, ReservoirFeatures, ReservoirStates
from dlkit._carried import carries_state

ROWS = np.random.RandomState(0).randn(40, 3)


class Lagged(FunctionTransformer):
    """Somebody else's."""

    __module__ = "elsewhere"


@pytest.mark.parametrize(
    "transformer",
    [
        ReservoirStates(4),
        NVARFeatures(2),
        make_pipeline(StandardScaler(), ReservoirStates(4)),
        make_union(PCA(2), NVARFeatures(2)),
        FrozenEstimator(ReservoirStates(4).fit(ROWS)),
        PerStep(NVARFeatures(2)),
        FunctionTransformer(lambda A: np.cumsum(A, axis=0)),
        FunctionTransformer(lambda A: np.diff(A, axis=0)),
        FunctionTransformer(lambda A: np.cumsum(A > 0, axis=0)),
        FunctionTransformer(lambda A: A - A.mean(axis=0)),
        Lagged(lambda A: np.roll(A, 1, axis=0)),
    ],
)
def test_those_that_do(transformer):
    assert carries_state(transformer.fit(ROWS, None), lambda: ROWS)


@pytest.mark.parametrize(
    "transformer",
    [
        PCA(2),
        make_pipeline(StandardScaler(), PCA(2)),
        FunctionTransformer(np.square),
        FunctionTransformer(lambda A: A > 0),
        OneHotEncoder(handle_unknown="ignore"),
        PerStep(StandardScaler()),
        ReservoirFeatures(4),
        Lagged(np.square),
    ],
)
def test_those_that_do_not(transformer):
    assert not carries_state(transformer.fit(ROWS, None), lambda: ROWS)


def test_rows_are_made_only_to_be_tried():
    def never():
        raise AssertionError

    assert not carries_state(PCA(2).fit(ROWS), never)
    assert carries_state(NVARFeatures(2).fit(ROWS), never)


def test_one_row_and_samples_of_several_axes_tell_nothing():
    sums = FunctionTransformer(lambda A: np.cumsum(A, axis=0)).fit(ROWS)
    assert not carries_state(sums, lambda: ROWS[:1])
    assert not carries_state(sums, lambda: ROWS.reshape(4, 10, 3))
    assert not carries_state(sums, lambda: list(ROWS))
