"""Whether rows are the steps of one series for a transformer."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from dlkit import (
    ConvFeatures,
    GreedyLayerwise,
    NVARFeatures,
    PerStep,
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
    StreamedReadout,
)
from dlkit._carried import carries_state, is_one_table

ROWS = np.random.RandomState(0).randn(40, 3)


def rows(k):
    return ROWS[:k]


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
        FunctionTransformer(lambda A: np.vstack([A[1:], 0 * A[:1]])),
        FunctionTransformer(lambda A: np.gradient(A, axis=0)),
        make_pipeline(FrozenEstimator(FunctionTransformer(np.cumsum, kw_args={"axis": 0}))),
        Lagged(lambda A: np.roll(A, 1, axis=0)),
    ],
)
def test_those_that_do(transformer):
    assert carries_state(transformer.fit(ROWS, None), rows, len(ROWS), 40, table=True)


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
    assert not carries_state(transformer.fit(ROWS, None), rows, len(ROWS), 40, table=True)


def test_rows_are_made_only_to_be_tried():
    def never(k):
        raise AssertionError

    assert not carries_state(PCA(2).fit(ROWS), never, 40, 40, table=True)
    assert not carries_state(
        make_pipeline(FrozenEstimator(PCA(2).fit(ROWS))), never, 40, 40, table=True
    )
    assert carries_state(NVARFeatures(2).fit(ROWS), never, 40, 40, table=True)


@pytest.mark.parametrize("lag", [100, -100])
def test_lags_that_are_long_beside_the_rows_tried_first(lag):
    many = np.random.RandomState(0).randn(3000, 2)
    at = np.arange(3000) - lag

    def lagged(A):
        reached = (at[: len(A)] >= 0) & (at[: len(A)] < len(A))
        return np.where(reached[:, None], A[np.clip(at[: len(A)], 0, len(A) - 1)], 0)

    assert carries_state(
        FunctionTransformer(lagged).fit(many), lambda k: many[:k], 3000, 10, table=True
    )


def test_samples_of_several_axes_and_lists():
    centred = FunctionTransformer(lambda A: [a - np.mean([np.mean(a) for a in A]) for a in A]).fit(
        ROWS
    )
    each = FunctionTransformer(lambda A: [a - np.mean(a) for a in A]).fit(ROWS)
    for batch in (ROWS.reshape(4, 10, 3), list(ROWS), [ROWS[:3], ROWS[3:9]]):
        n = len(batch)
        assert carries_state(centred, lambda k, batch=batch: batch[:k], n, 10, table=False)
        assert not carries_state(each, lambda k, batch=batch: batch[:k], n, 10, table=False)


def test_a_batch_of_series_is_cut_between_series():
    """Each begins at rest, in whatever block."""
    pooled = FunctionTransformer(lambda A: [a.mean(axis=0) for a in A])
    states = make_pipeline(ReservoirStates(4), pooled).fit([ROWS, ROWS[:9]])
    for batch in ([ROWS[:5], ROWS[5:]], np.stack([ROWS[:20], ROWS[20:]])):
        assert not is_one_table(batch)
        assert not carries_state(states, lambda k, batch=batch: batch[:k], 2, 10, table=False)
    assert is_one_table(ROWS.tolist())
    assert is_one_table(ROWS)
    assert is_one_table(pd.DataFrame(ROWS))
    assert not is_one_table(pd.Series([ROWS, ROWS]))


def test_images_that_are_normalised_together_are_not_cut():
    images, y = np.random.RandomState(0).uniform(0, 1, (20, 5, 5)), np.arange(20.0)
    scale = FunctionTransformer(lambda A: (A - A.mean()) / A.std())
    maps = make_pipeline(scale, ConvFeatures(2, kernel_size=(3, 3), random_state=0))
    want = maps.fit_transform(images)
    deep = GreedyLayerwise([("a", scale), ("b", maps[-1])], block_size=6).fit(images)
    np.testing.assert_allclose(deep.transform(images), want, rtol=1e-6)
    streamed = StreamedReadout(maps, RidgeReadout(1.0), block_size=6).fit(images, y)
    whole = RidgeReadout(1.0).fit(want, y).predict(want)
    np.testing.assert_allclose(streamed.predict(images), whole, rtol=1e-6)


def test_one_row_tells_nothing():
    sums = FunctionTransformer(lambda A: np.cumsum(A, axis=0)).fit(ROWS)
    assert not carries_state(sums, rows, 1, 10, table=True)


@pytest.mark.parametrize("setting", [{"noise": 0.1}, {"start": "fit"}])
@pytest.mark.parametrize(
    "around",
    [
        lambda t: StreamedReadout(make_pipeline(t), RidgeReadout()),
        lambda t: StreamedReadout(make_union(make_pipeline(PCA(2), t)), RidgeReadout()),
        lambda t: StreamedReadout(ColumnTransformer([("a", t, [0, 1])]), RidgeReadout()),
        lambda t: GreedyLayerwise([("a", t), ("b", PCA(2))]),
        lambda t: GreedyLayerwise([("a", PCA(2)), ("b", make_pipeline(t))]),
        lambda t: PerStep(t),
        lambda t: make_pipeline(PerStep(make_pipeline(StandardScaler(), t)), RidgeReadout()),
    ],
)
def test_rows_that_are_not_those_of_training_are_refused(around, setting):
    y = np.arange(40.0)
    with pytest.raises(ValueError, match=f"{next(iter(setting))}=.*of ReservoirStates.*Pipeline"):
        around(ReservoirStates(4, **setting)).fit(ROWS, y)
    around(ReservoirStates(4)).fit(ROWS, y)
    around(FrozenEstimator(ReservoirStates(4, **setting).fit(ROWS[:, :2]))).fit(ROWS[:, :2], y)


def test_lags_across_the_end_of_training_are_refused_in_layers():
    with pytest.raises(ValueError, match='start="fit" of NVARFeatures'):
        GreedyLayerwise([("a", NVARFeatures(2, start="fit"))]).fit(ROWS)
    StreamedReadout(NVARFeatures(2, start="fit"), RidgeReadout()).fit(ROWS, np.arange(40.0))
