"""Features and states against the oracle: every topology, pooling, dtype and form of input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ReservoirFeatures, ReservoirStates
from dlkit.reservoir import ModelSpace

from .. import naive
from ._ragged import RAGGED, TOPOLOGY, oracle, rng


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
@pytest.mark.parametrize("topology", TOPOLOGY)
def test_features_follow_the_formula(topology, pooling, dtype):
    model = ReservoirFeatures(
        17, topology=topology, pooling=pooling, washout=2, passthrough=True, random_state=3
    )
    X = [x.astype(dtype) for x in RAGGED]
    got = model.fit_transform(X)
    assert got.dtype == dtype
    assert got.shape == (len(X), model._n_features_out)
    np.testing.assert_allclose(got, oracle(model, X), atol=1e-10 if dtype == np.float64 else 2e-5)


@settings(deadline=None, max_examples=10, derandomize=True)
@given(st.permutations(range(len(RAGGED))), st.integers(1, len(RAGGED)))
def test_rows_do_not_depend_on_the_batch(order, n):
    model = ReservoirFeatures(11, spectral_radius=1.5, random_state=0).fit(RAGGED)
    chosen = order[:n]
    got = model.transform([RAGGED[i] for i in chosen])
    np.testing.assert_array_equal(got, model.transform(RAGGED)[chosen])


def test_every_form_of_input_gives_the_same_rows():
    cube = rng.randn(4, 6, 2)
    model = ReservoirFeatures(11, random_state=0).fit(cube)
    want = model.transform(cube)
    objects = np.empty(4, dtype=object)
    objects[:] = list(cube)
    for X in (list(cube), objects, [pd.DataFrame(x) for x in cube], np.asfortranarray(cube)):
        np.testing.assert_array_equal(model.transform(X), want)
    table = rng.randn(4, 6)
    model = ReservoirFeatures(11, random_state=0).fit(table)
    want = model.transform(table)
    for X in (table[:, :, None], list(table), pd.DataFrame(table)):
        np.testing.assert_array_equal(clone(model).fit(X).transform(X), want)


def test_memory_maps(tmp_path):
    path = tmp_path / "x.npy"
    x = rng.randn(5, 8, 2)
    np.save(path, x)
    mapped = np.load(path, mmap_mode="r")
    model = ReservoirFeatures(6, random_state=0)
    np.testing.assert_array_equal(model.fit_transform(mapped), model.fit_transform(x))


def test_feature_names_and_pandas_output():
    model = ReservoirFeatures(3, pooling="mean", random_state=0).set_output(transform="pandas")
    frame = model.fit_transform(RAGGED)
    assert list(frame.columns) == [f"reservoirfeatures{i}" for i in range(3)]
    states = ReservoirStates(3, random_state=0).set_output(transform="pandas")
    frame = states.fit_transform(pd.DataFrame(RAGGED[0], index=range(5, 10)))
    assert list(frame.index) == list(range(5, 10))


ORDER = "a row depends on the rows before it"


STEP_LEVEL = {
    "check_methods_subset_invariance": ORDER,
    "check_methods_sample_order_invariance": ORDER,
}


@pytest.mark.compiled
@parametrize_with_checks(
    [
        ReservoirFeatures(),
        *(ReservoirFeatures(20, pooling=p) for p in ("last", "mean", "last_mean", "model_space")),
        ReservoirFeatures(20, pooling=ModelSpace(whiten=True)),
        ReservoirFeatures(20, passthrough=True, control="norm", topology="dense"),
        ReservoirStates(),
    ],
    expected_failed_checks=lambda e: STEP_LEVEL if isinstance(e, ReservoirStates) else {},
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
