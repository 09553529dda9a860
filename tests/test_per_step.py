"""Transformers at work on the steps of sequences."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import PerStep, ReservoirFeatures

rng = np.random.RandomState(0)
RAGGED = [rng.randn(n, 3) for n in (4, 1, 7)]


@parametrize_with_checks([PerStep(StandardScaler()), PerStep(StandardScaler(), rows="steps")])
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
    out = PerStep(StandardScaler()).fit_transform(table)
    assert out.shape == table.shape
    np.testing.assert_allclose(out, (table - table.mean()) / table.std())
    by_column = PerStep(StandardScaler(), rows="steps").fit_transform(table)
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
