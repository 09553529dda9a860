"""QUANT: quantiles of nested intervals."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import Quant
from dlkit.rocket._quant import cut, sizes

from .. import naive_rocket as naive
from .maps import REFERENCE, row, series

pytestmark = pytest.mark.kernels


def twin(model, x):
    return naive.quant(x, sizes(model.intervals_[0].length), model.depth, model.divisor)


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("parameters", [{}, {"depth": 3, "divisor": 1}, {"depth": 1}])
def test_features_follow_the_formula(n_channels, dtype, parameters):
    X = [x.astype(dtype) for x in series(n_channels, (75, 1, 2, 3, 8, 30, 74, 200))]
    model = Quant(**parameters).fit(X[:-1])
    got = model.transform(X)
    assert got.dtype == dtype
    tolerance = 1e-11 if dtype == np.float64 else 1e-5
    for x, features in zip(X, got, strict=True):
        want = twin(model, x.astype(float))
        np.testing.assert_allclose(features, want, rtol=tolerance, atol=tolerance * len(x))


@pytest.mark.parametrize("case", ["1/45", "3/45", "1/16", "2/130", "1/64"])
def test_equal_to_the_authors_code(case):
    """Features as aeon 1.6.0 has them, to 1e-5 of the largest number of a series' features."""
    X, want = REFERENCE[f"Quant/{case}/X"], REFERENCE[f"Quant/{case}/features"]
    got = Quant().fit_transform(X)
    assert got.dtype == want.dtype == np.float32
    assert got.shape == want.shape
    largest = np.abs(want).max(axis=1, keepdims=True)
    np.testing.assert_array_less(np.abs(got - want) / largest, 1e-6)
    other = REFERENCE[f"Quant/{case}/coarse"]
    got = Quant(4, divisor=8).fit_transform(X)
    np.testing.assert_array_less(np.abs(got - other) / largest, 1e-6)


def test_intervals_nest_and_are_moved_by_half():
    starts, owners = cut((1, 2, 2), (False, False, True), 10)
    assert starts[:, :3].tolist() == [[0, 10, 0], [0, 5, 10], [3, 8, 0]]
    assert owners.tolist() == [[0] * 10, [0] * 5 + [1] * 5, [1] * 3 + [0] * 5 + [1] * 2]


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    n_channels=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=12, derandomize=True)
def test_a_row_does_not_depend_on_the_batch(lengths, n_channels, seed):
    X = series(n_channels, lengths, seed)
    model = Quant(4).fit(series(n_channels, (20, 9)))
    together = model.transform(X)
    np.testing.assert_array_equal(together, [row(model, x) for x in X])
    np.testing.assert_array_equal(model.set_params(n_jobs=2).transform(X[::-1]), together[::-1])


@pytest.mark.parametrize("length", range(1, 11))
def test_short_series(length):
    X = series(2, (length,) * 3)
    model = Quant().fit(X)
    got = model.transform(X)
    for x, features in zip(X, got, strict=True):
        np.testing.assert_allclose(features, twin(model, x), atol=1e-12)


def test_an_oscillation_has_one_peak_whatever_the_length():
    X = [np.sin(2 * np.pi * np.arange(n) / 8) for n in (160, 80, 40)]
    peaks = Quant(1).fit(X).transform(X).max(axis=1)
    np.testing.assert_allclose(peaks, 80)


def test_forms_names_and_pickle(tmp_path):
    X = np.array(series(1, (15,) * 4))[..., 0]
    model = Quant(3)
    want = model.fit_transform(X)
    names = model.get_feature_names_out()
    assert list(names) == [f"quant{i}" for i in range(want.shape[1])]
    for other in (X[:, :, None], list(X), X.tolist(), pd.DataFrame(X), np.asfortranarray(X)):
        np.testing.assert_array_equal(clone(model).fit_transform(other), want)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(mapped), want)
    table = clone(model).set_output(transform="pandas").fit_transform(X)
    assert list(table.columns) == list(names)
    for kind in (np.uint8, np.int64):
        np.testing.assert_array_equal(Quant(kind(3), divisor=kind(4)).fit_transform(X), want)


def test_far_from_zero_in_float32_is_what_float64_gives():
    X = [(x + 1e5).astype(np.float32) for x in series(2, (40, 25))]
    model = Quant().fit(X)
    want = model.transform([x.astype(float) for x in X])
    np.testing.assert_allclose(model.transform(X), want, rtol=1e-6, atol=1e-6)


@pytest.mark.compiled
@parametrize_with_checks([Quant()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def test_bad_calls():
    for model, message in (
        (Quant(0), "'depth' parameter of Quant"),
        (Quant(divisor=0), "'divisor' parameter of Quant"),
        (Quant(n_jobs="all"), "'n_jobs' parameter of Quant"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(np.ones((3, 12)))
        assert not [name for name in vars(model) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        Quant().transform(np.ones((3, 12)))
    model = Quant().fit(series(2))
    intervals = model.intervals_
    with pytest.raises(ValueError, match="X has 3 channels, but Quant was fitted with 2"):
        model.transform(series(3))
    with pytest.raises(ValueError, match="infinity"):
        model.fit([np.array([[1.0, np.inf]])])
    assert model.intervals_ is intervals
    with pytest.raises(ValueError, match="magnitude .* overflow float32"):
        model.transform([(x * 1e38).astype(np.float32) for x in series(2)])
