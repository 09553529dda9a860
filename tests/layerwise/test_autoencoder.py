"""Closed-form autoencoders against explicit corruption and plain ridge regression."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import _budgets
from dlkit.layerwise import MarginalizedDenoisingAutoencoder, RandomAutoencoder

from .. import naive_layerwise as naive

BOTH = [MarginalizedDenoisingAutoencoder(0.3), RandomAutoencoder(5, random_state=0)]


def data(n=60, p=4, seed=0):
    r = np.random.RandomState(seed)
    return r.randn(n, p) @ r.randn(p, p) + 2 * r.randn(p)


@parametrize_with_checks(
    [
        MarginalizedDenoisingAutoencoder(),
        MarginalizedDenoisingAutoencoder(0.0, alpha=0.0, activation="relu"),
        RandomAutoencoder(),
        RandomAutoencoder(3, activation="sigmoid"),
    ]
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("layer", BOTH)
def test_sparse_rows_are_rows(layer, weighted, monkeypatch):
    X = np.maximum(data(50), 0)
    weight = np.random.RandomState(1).rand(50) * (np.arange(50) >= 16) if weighted else None
    monkeypatch.setattr(_budgets, "AUTOENCODER_ROWS", 16)
    want = clone(layer).fit(X, sample_weight=weight)
    for form in (sparse.csr_matrix, sparse.csr_array, sparse.csc_array):
        got = clone(layer).fit(form(X), sample_weight=weight)
        for name in ("transform", "reconstruct"):
            assert_allclose(getattr(got, name)(form(X)), getattr(want, name)(X), atol=1e-10)
        single = clone(layer).fit(form(X.astype(np.float32))).transform(form(X.astype(np.float32)))
        assert single.dtype == np.float32


@pytest.mark.parametrize("noise", [0.1, 0.5, 0.8])
def test_it_is_the_expectation_over_every_corruption(noise):
    """All 2ᵈ masks, weighted by their probabilities, in one weighted ridge regression."""
    X = data()
    masks = naive.states(4)
    p = np.prod(np.where(masks == 1, 1 - noise, noise), axis=1)
    rows = np.vstack([X * mask for mask in masks])
    ridge = Ridge(0.7).fit(rows, np.tile(X, (16, 1)), np.repeat(p, len(X)))
    layer = MarginalizedDenoisingAutoencoder(noise, alpha=0.7).fit(X)
    assert_allclose(layer.coef_, ridge.coef_, atol=1e-10)
    assert_allclose(layer.intercept_, ridge.intercept_, atol=1e-10)
    assert_allclose(layer.transform(X), np.tanh(ridge.predict(X)), atol=1e-10)
    assert_allclose(layer.reconstruct(X), ridge.predict(X), atol=1e-10)


def test_many_corrupted_copies_come_near():
    X = data(300)
    rows, clean = naive.corrupted_copies(X, 0.5, 200, np.random.RandomState(1))
    ridge = Ridge(1e-3).fit(rows, clean)
    layer = MarginalizedDenoisingAutoencoder(0.5).fit(X)
    assert np.linalg.norm(layer.coef_ - ridge.coef_) < 0.03 * np.linalg.norm(ridge.coef_)


def test_dependent_columns_without_a_penalty():
    X = data()
    X = np.c_[X, X[:, 0], np.zeros(len(X))]
    layer = MarginalizedDenoisingAutoencoder(0.0, alpha=0.0).fit(X)
    assert_allclose(layer.reconstruct(X), X, atol=1e-8)
    expected = np.linalg.pinv(X - X.mean(axis=0)) @ (X - X.mean(axis=0))
    assert_allclose(layer.coef_, expected, atol=1e-8)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("n_components", [2, 9])
def test_random_autoencoder_is_ridge_turned_around(n_components, activation):
    g = {
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "identity": lambda x: x,
    }[activation]
    X, weight = data(), np.random.RandomState(1).rand(60)
    layer = RandomAutoencoder(n_components, alpha=0.2, activation=activation, random_state=0)
    layer.fit(X, sample_weight=weight)
    A, a = layer.random_weights_, layer.random_bias_
    side = A.T @ A if n_components < 4 else A @ A.T
    assert_allclose(side, np.eye(len(side)), atol=1e-12)
    assert_allclose(a @ a, 1)
    H = g(X @ A + a)
    ridge = Ridge(0.2).fit(H, X, weight)
    mean = np.average(X, axis=0, weights=weight)
    assert_allclose(layer.transform(X), g((X - mean) @ ridge.coef_), atol=1e-9)
    assert_allclose(layer.reconstruct(X), ridge.predict(H), atol=1e-9)


@pytest.mark.parametrize("layer", BOTH)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(cuts=st.sets(st.integers(1, 59), max_size=4), seed=st.integers(0, 3))
def test_pieces_add_up(layer, cuts, seed):
    X, weight = data(seed=seed), np.random.RandomState(seed).randint(0, 3, 60).astype(float)
    weight[0] = 1.0
    whole = clone(layer).fit(X, sample_weight=weight)
    stream, merged = clone(layer), None
    for rows in np.split(np.arange(60), sorted(cuts)):
        stream.partial_fit(X[rows], sample_weight=weight[rows])
        if not weight[rows].any():
            continue
        part = clone(layer).fit(X[rows], sample_weight=weight[rows])
        merged = part if merged is None else merged.merge(part)
    repeated = clone(layer).fit(np.repeat(X, weight.astype(int), axis=0))
    for other in (stream, merged, repeated):
        assert_allclose(other.transform(X), whole.transform(X), atol=1e-7)


@pytest.mark.parametrize("layer", BOTH)
def test_dtypes_names_and_pickles(layer):
    X = data().astype(np.float32)
    X.flags.writeable = False
    layer = clone(layer).fit(X)
    assert layer.transform(X).dtype == layer.reconstruct(X).dtype == np.float32
    precise = clone(layer).fit(X.astype(float)).transform(X.astype(float))
    assert_allclose(layer.transform(X), precise, atol=1e-4)
    frame = pd.DataFrame(X, columns=list("abcd"))
    out = clone(layer).set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == list(layer.get_feature_names_out())
    assert_array_equal(pickle.loads(pickle.dumps(layer)).transform(X), layer.transform(X))


def test_an_offset_costs_no_digits():
    X = data()
    shifted = X + 1e6
    expected = MarginalizedDenoisingAutoencoder(0.0, alpha=1.0).fit(X).coef_
    got = MarginalizedDenoisingAutoencoder(0.0, alpha=1.0).fit(shifted).coef_
    assert_allclose(got, expected, atol=1e-8)


def test_bad_input():
    X = data()
    for bad in ({"noise": 1.0}, {"noise": -0.1}, {"alpha": -1.0}, {"activation": "sine"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            MarginalizedDenoisingAutoencoder(**bad).fit(X)
    for bad in ({"n_components": 0}, {"alpha": -1.0}, {"activation": "sine"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            RandomAutoencoder(**bad).fit(X)
    for layer in BOTH:
        fitted = clone(layer).fit(X)
        before = fitted.transform(X)
        with pytest.raises(ValueError, match="sample_weight"):
            fitted.fit(X, sample_weight=np.zeros(60))
        with pytest.raises(ValueError, match="sample_weight"):
            fitted.partial_fit(X, sample_weight=-np.ones(60))
        with pytest.raises(ValueError, match="NaN"):
            fitted.partial_fit(np.full((2, 4), np.nan))
        with pytest.raises(ValueError, match="4 features"):
            fitted.partial_fit(X[:, :3])
        with pytest.raises(TypeError, match="other"):
            fitted.merge(Ridge())
        assert_array_equal(fitted.transform(X), before)
    with pytest.raises(ValueError, match="random layer"):
        clone(BOTH[1]).fit(X).merge(RandomAutoencoder(5, random_state=1).fit(X))
    with pytest.raises(AttributeError, match="fitted"):
        MarginalizedDenoisingAutoencoder().coef_  # noqa: B018
