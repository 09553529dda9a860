"""Transformers at work on the steps of sequences."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNForecaster,
    NVARFeatures,
    PerStep,
    ReservoirFeatures,
    ReservoirStates,
    RidgeReadout,
)

rng = np.random.RandomState(0)
RAGGED = [rng.randn(n, 3) for n in (4, 1, 7)]


@parametrize_with_checks([PerStep(StandardScaler()), PerStep(StandardScaler(), rows="sequences")])
def test_per_step_keeps_the_contract(estimator, check):
    check(estimator)


def test_per_step_fits_on_the_stacked_steps():
    scaler = StandardScaler().fit(np.concatenate(RAGGED))
    per_step = PerStep(StandardScaler()).fit(RAGGED)
    for got, x in zip(per_step.transform(RAGGED), RAGGED, strict=True):
        np.testing.assert_allclose(got, scaler.transform(x), atol=1e-12)
    back = per_step.inverse_transform(per_step.transform(RAGGED))
    for got, x in zip(back, RAGGED, strict=True):
        np.testing.assert_allclose(got, x, atol=1e-12)
    np.testing.assert_allclose(
        PerStep(PCA(2)).fit_transform(rng.randn(1, 4, 5))[..., 0].mean(), 0, atol=1e-12
    )
    assert PerStep(PCA(2)).fit_transform(rng.randn(3, 4, 5)).shape == (3, 4, 2)


def test_per_step_shapes_and_dtype():
    table = rng.randn(6, 8)
    out = PerStep(StandardScaler(), rows="sequences").fit_transform(table)
    assert out.shape == table.shape
    np.testing.assert_allclose(out, (table - table.mean()) / table.std())
    by_column = PerStep(StandardScaler()).fit_transform(table)
    np.testing.assert_allclose(by_column, StandardScaler().fit_transform(table))
    parts = [x.astype(np.float32) for x in RAGGED]
    assert all(x.dtype == np.float32 for x in PerStep(StandardScaler()).fit_transform(parts))
    double = PerStep(FunctionTransformer(lambda u: np.hstack([u, u**2])))
    assert [x.shape for x in double.fit_transform(RAGGED)] == [(4, 6), (1, 6), (7, 6)]


def test_per_step_with_targets():
    X = [
        np.array([[i + 0.01 * rng.randn(), rng.randn()] for _ in range(n)])
        for i, n in enumerate((30, 40, 50))
    ]
    y = [0, 1, 2]
    choose = PerStep(SelectKBest(k=1))
    for target in (y, [np.full(len(x), i) for i, x in enumerate(X)]):
        out = choose.fit_transform(X, target)
        np.testing.assert_array_equal(out[2], X[2][:, :1])
    with pytest.raises(ValueError, match="y holds targets for 2 series"):
        choose.fit(X, [np.zeros(30), np.zeros(40)])


def test_per_step_in_a_pipeline():
    pipe = make_pipeline(PerStep(StandardScaler()), ReservoirFeatures(10, random_state=0))
    pipe.set_output(transform="pandas")
    frame = pipe.fit_transform(RAGGED)
    assert list(frame.columns[:2]) == ["reservoirfeatures0", "reservoirfeatures1"]
    assert not hasattr(PerStep(FunctionTransformer()).fit(RAGGED).transformer, "nonsense")
    assert not hasattr(PerStep(SelectKBestWithoutInverse()), "inverse_transform")
    assert clone(pipe).get_params()["perstep__transformer__with_mean"]


class SelectKBestWithoutInverse(FunctionTransformer):
    inverse_transform = property()


def test_per_step_rejects_other_channels_and_bad_transformers():
    per_step = PerStep(StandardScaler()).fit(RAGGED)
    with pytest.raises(ValueError, match="X has 2 channels, but PerStep was fitted with 3"):
        per_step.transform([np.zeros((4, 2))])
    with pytest.raises(ValueError, match="transformer"):
        PerStep(3).fit(RAGGED)
    assert not hasattr(PerStep(3), "n_channels_in_")


def test_targets_of_a_sequence_may_be_arrays_of_few_elements():
    """As a regressor at the end of a pipeline takes them."""
    class_of_each = [0, 1, 1]
    want = PerStep(SelectKBest(k=2)).fit(RAGGED, class_of_each).transformer_.scores_
    arrays = [np.array([one]) for one in class_of_each]
    np.testing.assert_array_equal(
        PerStep(SelectKBest(k=2)).fit(RAGGED, arrays).transformer_.scores_, want
    )
    for given in (arrays, [rng.randn(2) for _ in RAGGED]):
        made = make_pipeline(PerStep(StandardScaler()), ReservoirFeatures(5), RidgeReadout())
        assert made.fit(RAGGED, given).predict(RAGGED).shape == (3, len(given[0]))


def test_targets_of_each_step_of_a_cube():
    cube = rng.randn(6, 9, 2)
    y = np.tile(np.arange(9) % 2, (6, 1))
    cube[..., 1] += 5 * y
    choose = PerStep(SelectKBest(k=1))
    for target in (y, list(y), y.tolist()):
        np.testing.assert_array_equal(choose.fit_transform(cube, target), cube[..., 1:])


# one series is not many rows, and several are not one


def test_channels_of_one_series_are_scaled_each_by_itself():
    S = np.c_[rng.randn(300), 1000 + 100 * rng.randn(300)]
    Z = PerStep(StandardScaler()).fit_transform(S)
    np.testing.assert_allclose(Z, (S - S.mean(axis=0)) / S.std(axis=0))
    y = np.roll(S[:, 0], 1)
    ours, plain = (
        make_pipeline(scaler, ESNForecaster(20, random_state=0, scaling=None)).fit(S[:200], y[:200])
        for scaler in (PerStep(StandardScaler()), StandardScaler())
    )
    np.testing.assert_array_equal(ours.predict(S[200:]), plain.predict(S[200:]))


@pytest.mark.parametrize(
    "losing", [lambda A: np.diff(A, axis=0), lambda A: A[::2], lambda A: np.vstack([A, A])]
)
def test_a_row_for_each_step_is_asked_for(losing):
    with pytest.raises(ValueError, match="rows of .* steps: PerStep needs .* a row for each step"):
        PerStep(FunctionTransformer(losing)).fit_transform(RAGGED)
    with pytest.raises(ValueError, match="a row for each step"):
        PerStep(FunctionTransformer(losing)).fit_transform(RAGGED[0])


@pytest.mark.parametrize(
    "across",
    [
        lambda A: np.diff(A, axis=0, prepend=A[:1]),
        lambda A: np.diff(A, axis=0, append=A[-1:]),
        lambda A: A - A.mean(axis=0),
        lambda A: np.cumsum(A, axis=0),
        lambda A: A[::-1],
    ],
)
@pytest.mark.parametrize("form", [list, np.asarray, lambda X: [pd.DataFrame(x) for x in X]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_looks_further_than_a_step_stays_within_its_series(across, form, dtype):
    cube = rng.randn(5, 6, 2).astype(dtype)
    X = form([*cube]) if form is not np.asarray else cube
    for got, x in zip(PerStep(FunctionTransformer(across)).fit_transform(X), cube, strict=True):
        np.testing.assert_allclose(got, across(x), rtol=1e-5, atol=1e-5)


def test_lags_do_not_reach_into_the_series_before():
    A, B = np.full((4, 1), 7.0), np.full((4, 1), 1.0)
    nvar = NVARFeatures(2, order=1, constant=False)
    got = PerStep(nvar).fit([A, B]).transform([A, B])
    for one, x in zip(got, nvar.fit([A, B]).transform([A, B]), strict=True):
        np.testing.assert_array_equal(one, x)


def test_rounding_is_not_taken_for_a_look_at_others():
    calls = []

    def project(A):
        calls.append(len(A))
        return A @ np.full((3, 2), 0.1) + 1e-13 * len(A)

    PerStep(FunctionTransformer(project)).fit_transform([rng.randn(20, 3) for _ in range(50)])
    assert len(calls) == 4  # all, and three sequences alone


# what transformers are and give


def test_an_imputer_sees_what_is_missing():
    X = [np.where(rng.rand(t, 2) < 0.2, np.nan, rng.randn(t, 2)) for t in (5, 9, 6)]
    want = SimpleImputer().fit(np.concatenate(X))
    for got, x in zip(PerStep(SimpleImputer()).fit_transform(X), X, strict=True):
        np.testing.assert_allclose(got, want.transform(x))
    pipe = make_pipeline(PerStep(make_pipeline(SimpleImputer(), PCA(1))), ReservoirFeatures(4))
    assert np.isfinite(pipe.fit_transform(X)).all()
    with pytest.raises(ValueError, match="contains NaN"):
        PerStep(PCA(1)).fit(X)
    with pytest.raises(ValueError, match="infinity in sequence 1, step 2"):
        PerStep(SimpleImputer()).fit([X[0], np.array([[0, np.nan], [0, 0], [0, np.inf]])])


def test_sparse_outputs_become_arrays():
    X = [rng.randint(0, 3, (n, 1)).astype(float) for n in (4, 7)]
    for got, x in zip(PerStep(OneHotEncoder()).fit_transform(X), X, strict=True):
        np.testing.assert_array_equal(got, np.eye(3)[x[:, 0].astype(int)])


def test_columns_are_reached_by_name():
    frames = [pd.DataFrame(x, columns=["a", "b", "c"]) for x in RAGGED]
    choose = ColumnTransformer([("scale", StandardScaler(), ["c"]), ("keep", "passthrough", ["a"])])
    per_step = PerStep(choose).fit(frames)
    scaler = StandardScaler().fit(np.concatenate(RAGGED)[:, [2]])
    for got, x in zip(per_step.transform(frames), RAGGED, strict=True):
        np.testing.assert_allclose(got, np.c_[scaler.transform(x[:, [2]]), x[:, 0]])
    assert per_step.get_feature_names_out().tolist() == ["scale__c", "keep__a"]
    with pytest.raises(ValueError, match="feature names should match"):
        per_step.transform([x[["b", "a", "c"]] for x in frames])


def test_one_series_becomes_a_frame_and_several_stay_a_list():
    frame = pd.DataFrame(RAGGED[2], columns=["a", "b", "c"], index=pd.date_range("2020", periods=7))
    per_step = PerStep(StandardScaler()).set_output(transform="pandas").fit(frame)
    got = per_step.transform(frame)
    pd.testing.assert_frame_equal(
        got, StandardScaler().set_output(transform="pandas").fit_transform(frame)
    )
    assert [type(x) for x in per_step.transform([frame, frame])] == [np.ndarray] * 2
    cube = np.array([RAGGED[0]] * 3)
    with config_context(transform_output="pandas"):
        for X, kind in ((RAGGED, list), (cube, np.ndarray), (RAGGED[0], pd.DataFrame)):
            for model in (PerStep(StandardScaler()), NVARFeatures(2), ReservoirStates(4)):
                out = model.fit_transform(X)
                assert type(out) is kind
                assert type(model.transform(X)) is kind
                assert len(out) == len(X)
        table = PerStep(StandardScaler(), rows="sequences").fit_transform(RAGGED[0])
        assert type(table) is np.ndarray
    unnamed = PerStep(FunctionTransformer(np.square)).set_output(transform="pandas")
    assert type(unnamed.fit_transform(frame)) is np.ndarray


def test_polars_output():
    with config_context(transform_output="polars"):
        assert type(ReservoirStates(4).fit_transform(RAGGED)) is list
        assert ReservoirStates(4).fit_transform(RAGGED[0]).shape == (4, 4)
        assert PerStep(StandardScaler()).fit_transform(RAGGED[0]).columns == ["x0", "x1", "x2"]


def test_partial_fit_ends_where_fit_on_all_does():
    per_step = PerStep(StandardScaler()).partial_fit(RAGGED[:1]).partial_fit(RAGGED[1:])
    want = StandardScaler().fit(np.concatenate(RAGGED))
    np.testing.assert_allclose(per_step.transformer_.mean_, want.mean_)
    np.testing.assert_allclose(per_step.transformer_.var_, want.var_)
    assert not hasattr(PerStep(PCA()), "partial_fit")
    before = per_step.transformer_.mean_.copy()
    for bad in ([np.zeros((3, 2))], [np.full((3, 3), np.inf)]):
        with pytest.raises(ValueError, match="channels|infinity"):
            per_step.partial_fit(bad)
    np.testing.assert_array_equal(per_step.transformer_.mean_, before)


def test_weights_come_one_a_sequence_or_one_a_step():
    weight = np.array([1.0, 5.0, 2.0])
    steps = [np.full(len(x), w) for x, w in zip(RAGGED, weight, strict=True)]
    want = StandardScaler().fit(np.concatenate(RAGGED), sample_weight=np.concatenate(steps))
    for given in (weight, steps):
        fitted = PerStep(StandardScaler()).fit(RAGGED, sample_weight=given)
        np.testing.assert_allclose(fitted.transformer_.mean_, want.mean_)
    with config_context(enable_metadata_routing=True):
        asks = StandardScaler().set_fit_request(sample_weight=True)
        pipe = make_pipeline(PerStep(asks), ReservoirFeatures(3, random_state=0))
        fitted = pipe.fit(RAGGED, sample_weight=weight)[0]
        np.testing.assert_allclose(fitted.transformer_.mean_, want.mean_)
        with pytest.raises(TypeError, match="sample_weight"):
            PerStep(PCA()).fit(RAGGED, sample_weight=weight)


@pytest.mark.parametrize(
    "weight", [0, "a", {}, set(), np.zeros((3, 0)), [[[1]], [[2, 3]]], 10**400]
)
@pytest.mark.parametrize("X", [RAGGED, RAGGED[0]], ids=["list", "series"])
def test_weights_that_mean_nothing_are_named(weight, X):
    with pytest.raises((ValueError, TypeError), match="sample_weight"):
        PerStep(StandardScaler()).fit(X, sample_weight=weight)


def test_lists_that_are_no_table_are_named_in_every_method():
    per_step = PerStep(StandardScaler()).fit(RAGGED)
    for bad in ([[[1, 2]], [[3]]], "abc", None, {"a": 1}):
        for method in (per_step.transform, per_step.fit_transform, per_step.inverse_transform):
            with pytest.raises((ValueError, TypeError), match=r"\bX\b"):
                method(bad)
