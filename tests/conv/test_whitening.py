"""ZCAWhitening against its definition."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit.conv import ZCAWhitening

from .. import naive_kernels as naive


@parametrize_with_checks([ZCAWhitening(), ZCAWhitening(regularization=0.0)])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


def data(seed, n=80, p=5, offset=3.0):
    rng = np.random.RandomState(seed)
    return rng.randn(n, p) @ rng.randn(p, p) + offset


@pytest.mark.parametrize("regularization", [0.0, 0.1, 10])
@pytest.mark.parametrize("weighted", [False, True])
def test_is_the_inverse_root_of_the_covariance(regularization, weighted):
    X = data(0)
    weight = np.random.RandomState(1).rand(len(X)) if weighted else None
    zca = ZCAWhitening(regularization).fit(X, sample_weight=weight)
    mean, W = naive.whitening(X, regularization, weight)
    assert_allclose(zca.mean_, mean)
    assert_allclose(zca.whitening_, W, rtol=1e-9)
    assert_allclose(zca.transform(X), (X - mean) @ W, rtol=1e-8, atol=1e-8)
    assert_allclose(zca.inverse_transform(zca.transform(X)), X, atol=1e-9)
    C = np.cov(X.T, aweights=weight, ddof=0)
    assert_allclose((zca.components_.T * zca.eigenvalues_) @ zca.components_, C, atol=1e-10)
    assert (np.diff(zca.eigenvalues_) <= 0).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 99),
    p=st.integers(1, 6),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
    offset=st.sampled_from([0.0, -7.0, 300.0]),
)
def test_whitened_covariance_goes_to_the_identity(seed, p, scale, offset):
    X = (data(seed, 60, p, 0.0) + offset) * scale
    apart = []
    for regularization in (1e-1, 1e-6, 0.0):
        Z = ZCAWhitening(regularization).fit_transform(X)
        assert_allclose(Z.mean(axis=0), 0, atol=1e-6)
        apart.append(np.abs(Z.T @ Z / len(Z) - np.eye(p)).max())
    assert apart[0] > apart[1] > apart[2]
    assert apart[2] < 1e-5


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(1, 79), max_size=4, unique=True),
    order=st.randoms(use_true_random=False),
    weighted=st.booleans(),
)
def test_any_split_is_the_whole(cuts, order, weighted):
    X = data(2)
    weight = np.random.RandomState(3).rand(len(X)) if weighted else None
    blocks = [slice(a, b) for a, b in pairwise([0, *sorted(cuts), len(X)])]
    order.shuffle(blocks)
    streamed = ZCAWhitening()
    for block in blocks:
        streamed.partial_fit(X[block], sample_weight=None if weight is None else weight[block])
        assert streamed.transform(X).shape == X.shape  # looking in between changes nothing
    whole = ZCAWhitening().fit(X, sample_weight=weight)
    assert streamed.n_samples_seen_ == whole.n_samples_seen_ == len(X)
    assert_allclose(streamed.whitening_, whole.whitening_, rtol=1e-9, atol=1e-9)
    assert_allclose(streamed.mean_, whole.mean_)
    streamed.fit(X[:40])  # starts anew
    assert_array_equal(streamed.whitening_, ZCAWhitening().fit(X[:40]).whitening_)


def test_regularization_is_free_of_scale():
    X = data(4)
    once, thousand = ZCAWhitening(0.3).fit(X), ZCAWhitening(0.3).fit(1000 * X)
    assert_allclose(thousand.transform(1000 * X), once.transform(X), rtol=1e-9)


def test_of_all_whitenings_it_changes_rows_least():
    X = data(5, n=500)
    zca = ZCAWhitening(0.0).fit(X)
    rotated = np.linalg.qr(np.random.RandomState(0).randn(5, 5))[0] @ zca.whitening_
    apart = [
        np.square((X - zca.mean_) @ (W.T - np.eye(5))).sum() for W in (zca.whitening_, rotated)
    ]
    assert apart[0] < apart[1]


@pytest.mark.parametrize("regularization", [0.0, 0.1])
def test_directions_without_variance(regularization):
    few = data(6, n=4, p=7)  # three directions
    constant = np.c_[data(7, p=3), np.full(80, 5.0)]
    for X, rank in ((few, 3), (constant, 3), (np.ones((6, 2)), 0), (few[:1], 0)):
        zca = ZCAWhitening(regularization)
        Z = zca.fit_transform(X)
        assert np.isfinite(Z).all()
        assert np.linalg.matrix_rank(Z, tol=1e-6) == rank
        assert_allclose(zca.inverse_transform(Z), X, atol=1e-8)


def test_float32_keeps_its_digits():
    X = data(8, n=500, offset=100.0).astype(np.float32)
    zca = ZCAWhitening(0.01).fit(X)
    Z = zca.transform(X)
    assert Z.dtype == zca.inverse_transform(Z).dtype == np.float32
    assert zca.whitening_.dtype == np.float64
    exact = ZCAWhitening(0.01).fit_transform(X.astype(np.float64))
    assert_allclose(Z, exact, atol=2e-3)
    assert ZCAWhitening().fit_transform(np.arange(6).reshape(3, 2)).dtype == np.float64


def test_weights_are_repetitions():
    X, weight = data(9, n=20), np.arange(20) % 4
    weighted = ZCAWhitening().fit(X, sample_weight=weight)
    repeated = ZCAWhitening().fit(np.repeat(X, weight, axis=0))
    assert_allclose(weighted.whitening_, repeated.whitening_, rtol=1e-9, atol=1e-12)


def test_pickle_clone_memory_map_and_frames(tmp_path):
    X = data(10)
    zca = ZCAWhitening(0.2).fit(X)
    assert clone(zca).get_params() == {"regularization": 0.2}
    again = pickle.loads(pickle.dumps(zca))
    assert_array_equal(again.transform(X), zca.transform(X))
    assert_allclose(again.partial_fit(X).whitening_, zca.whitening_)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_array_equal(ZCAWhitening(0.2).fit_transform(mapped), zca.transform(X))
    frame = pd.DataFrame(X, columns=list("abcde"))
    out = ZCAWhitening(0.2).set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == list("abcde")
    assert_allclose(out, zca.transform(X), atol=1e-12)


def test_bad_input():
    X = data(11)
    for bad in (-0.1, "0.1", None, np.nan):
        with pytest.raises(ValueError, match="regularization"):
            ZCAWhitening(bad).fit(X)
    for value in (np.nan, np.inf):
        Y = X.copy()
        Y[3, 2] = value
        zca = ZCAWhitening().fit(X)
        before = zca.whitening_
        for method in (zca.fit, zca.partial_fit, zca.transform, zca.inverse_transform):
            with pytest.raises(ValueError, match="NaN|infinity"):
                method(Y)
        assert_array_equal(zca.whitening_, before)
    for weight in (np.zeros(80), -np.ones(80), np.ones(79)):
        with pytest.raises(ValueError, match="sample_weight"):
            ZCAWhitening().fit(X, sample_weight=weight)
    with pytest.raises(ValueError, match="5 features"):
        zca.partial_fit(X[:, :4])
    with pytest.raises(NotFittedError):
        ZCAWhitening().transform(X)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e30, 1e37])
def test_float32_at_every_scale(scale):
    X = data(12, offset=0.0).astype(np.float32)
    want = ZCAWhitening(0.01).fit_transform(X)
    scaled = X * np.float32(scale)
    with np.errstate(all="raise"):
        zca = ZCAWhitening(0.01).fit(scaled)
        Z = zca.transform(scaled)
    assert_allclose(Z, ZCAWhitening(0.01).fit_transform(scaled.astype(float)), atol=1e-4)
    if scale > 1e-35:  # below, float32 has no more digits
        assert_allclose(Z, want, atol=1e-4)
        assert_allclose(zca.inverse_transform(Z) / np.float32(scale), X, atol=1e-4)


def test_offsets_cost_float32_no_digits():
    X = data(13, offset=0.0).astype(np.float32) + np.float32(1e5)
    Z = ZCAWhitening(0.1).fit_transform(X)
    assert_allclose(Z, ZCAWhitening(0.1).fit_transform(X.astype(float)), atol=1e-4)


def test_squares_out_of_range_are_named():
    X = data(14)
    for scale in (1e-170, 1e170):
        with pytest.raises(ValueError, match="X.*scale"):
            ZCAWhitening().fit(X * scale)
    zca = ZCAWhitening().fit(X * 1e-3)
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        zca.transform(1e308 * np.sign(X))


def test_what_was_handed_out_is_not_written_to():
    zca = ZCAWhitening().fit(data(15))
    twin = copy.copy(zca)
    before = zca.whitening_
    for array in vars(zca._moments).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False  # as it comes back from joblib's workers
    twin.partial_fit(data(16))
    assert_array_equal(zca.whitening_, before)
    both = ZCAWhitening().fit(np.r_[data(15), data(16)])
    assert_allclose(twin.whitening_, both.whitening_)
