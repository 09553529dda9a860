"""What closed-form autoencoders share: pieces, weights, sparse rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import _budgets
from dlkit.exceptions import SaturationWarning
from dlkit.layerwise import MarginalizedDenoisingAutoencoder, RandomAutoencoder

from .tables import BOTH, data


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
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


@pytest.mark.parametrize("layer", BOTH)
def test_before_fit_there_is_nothing(layer):
    for call in (clone(layer).transform, clone(layer).reconstruct):
        with pytest.raises(NotFittedError):
            call(data())


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.parametrize("layer", BOTH)
def test_offsets_and_overflow(layer):
    X = data().astype(np.float32)
    far = X + np.float32(1e5)
    got = clone(layer).fit(far).transform(far)
    want = clone(layer).fit(far.astype(float)).transform(far.astype(float))
    assert_allclose(got, want, atol=0.05)
    tiny = clone(layer).set_params(activation="identity", alpha=0.0).fit(1e-9 * data())
    with pytest.raises(ValueError, match="Input X holds numbers so large"):
        tiny.transform(1.7e308 * np.array([[1.0, s, t, u] for s, t, u in np.ndindex(2, 2, 2)]))


@pytest.mark.parametrize("layer", BOTH)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_saturated_units_are_announced(layer, activation, recwarn):
    """Bytes of images would come out as ones, all of them."""
    X = np.random.RandomState(0).randint(0, 256, (80, 6)).astype(np.uint8)
    model = clone(layer).set_params(activation=activation)
    for much in (X, sparse.csr_array(X.astype(float)), X + 1e6):
        with pytest.warns(SaturationWarning, match="are saturated.*Scale X, by StandardScaler"):
            model.fit(much)
    recwarn.clear()
    for sound in (X / 255, (X > 99) * 1.0, (X - X.mean()) / X.std()):
        model.fit(sound)
    model.set_params(activation="identity").fit(X)
    assert not recwarn.list
