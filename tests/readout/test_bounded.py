"""BoundedReadout: scaled features, and bounds from what was seen in training."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import BoundedReadout, Hydra, RidgeReadout


def data(n=60, seed=0):
    r = np.random.RandomState(seed)
    X = r.randn(n, 4) * [1, 10, 0.1, 1] + 3
    return X, X @ [1.0, 0.1, -2.0, 0.0] + 0.1 * r.randn(n)


def test_within_the_range_it_is_the_readout_on_standardised_features():
    X, y = data()
    want = make_pipeline(StandardScaler(), RidgeReadout(2.0)).fit(X, y).predict(X)
    model = BoundedReadout(RidgeReadout(2.0)).fit(X, y)
    np.testing.assert_allclose(model.predict(X), want, rtol=1e-12)
    single = BoundedReadout(RidgeReadout(2.0)).fit(X.astype(np.float32), y)
    got = single.predict(X.astype(np.float32))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_beyond_the_range_both_are_bounded():
    X, y = data()
    model = BoundedReadout(LinearRegression(), margin=0.25).fit(X, y)
    spread = np.ptp(y)
    least, most = y.min() - 0.25 * spread, y.max() + 0.25 * spread
    np.testing.assert_allclose(model.target_bounds_, [least, most])
    far = X + np.array([1e6, 1e6, -1e6, 0])
    assert (model.predict(far) == most).all()
    assert (model.predict(2 * X.mean(axis=0) - far) == least).all()
    # a feature counts up to the end of its own stretched range
    edge = X.max(axis=0) + 0.25 * np.ptp(X, axis=0)
    one = X[:1].copy()
    one[0, 2] = edge[2]
    beyond = one.copy()
    beyond[0, 2] = 1e9
    np.testing.assert_allclose(model.predict(beyond), model.predict(one))


def test_a_feature_that_hardly_varied_cannot_take_over():
    """What a ridge on scaled convolution features did: answers of 10^8 for targets near one."""
    X, y = data()
    X[:, 3] = 1 + 1e-9 * np.random.RandomState(1).randn(len(X))
    y = y + 1e8 * (X[:, 3] - 1)
    test = X.copy()
    test[:, 3] = 2
    plain = make_pipeline(StandardScaler(), RidgeReadout(1e-3)).fit(X, y).predict(test)
    assert np.abs(plain).max() > 1e6
    bounded = BoundedReadout(RidgeReadout(1e-3)).fit(X, y).predict(test)
    assert np.abs(bounded - y).max() < 2 * np.ptp(y)


def test_constant_features_and_targets():
    X, _ = data()
    X[:, 0] = 7.3
    model = BoundedReadout().fit(X, np.full(len(X), 4.2))
    test = X.copy()
    test[:, 0] = 1e300
    np.testing.assert_array_equal(model.predict(test), 4.2)


def test_several_targets_weights_and_names():
    X, y = data()
    Y = np.stack([y, -2 * y], axis=1)
    weight = np.arange(len(X)) % 3
    model = BoundedReadout().fit(X, Y, sample_weight=weight)
    assert model.target_bounds_.shape == (2, 2)
    kept = weight > 0
    want = BoundedReadout().fit(X[kept], Y[kept], sample_weight=weight[kept]).predict(X)
    np.testing.assert_allclose(model.predict(X), want)
    repeated = BoundedReadout().fit(np.repeat(X, weight, axis=0), np.repeat(Y, weight, axis=0))
    np.testing.assert_allclose(model.predict(X), repeated.predict(X))
    with pytest.raises(ValueError, match="takes no sample_weight"):
        BoundedReadout(KNeighborsRegressor()).fit(X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="all-zero"):
        BoundedReadout().fit(X, y, sample_weight=0 * weight)
    with pytest.raises(ValueError, match="'margin' parameter of BoundedReadout"):
        BoundedReadout(margin=-1).fit(X, y)
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = BoundedReadout().fit(frame, y)
    assert list(model.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("dcba")])


@pytest.mark.compiled
def test_behind_features_of_convolutions():
    r = np.random.RandomState(0)
    y = r.uniform(0.2, 0.8, 40)
    X = [np.sin(v * np.arange(60)) for v in y]
    model = make_pipeline(Hydra(8, random_state=0), BoundedReadout()).fit(X[:30], y[:30])
    assert model.score(X[30:], y[30:]) > 0.9
    found = model.predict([1e6 * x for x in X])
    assert (np.abs(found - 0.5) < 0.6).all()


@parametrize_with_checks([BoundedReadout()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("readout", [3.5, 1j, {}, np.uint8(200)])
def test_what_is_no_readout_is_refused_by_name(readout):
    with pytest.raises(ValueError, match="'readout' parameter of BoundedReadout"):
        BoundedReadout(readout).fit(np.eye(3), np.arange(3.0))


@pytest.mark.parametrize("total", [1e-6, 1.0, 1e6])
def test_weights_of_any_sum_choose_alike(total):
    X, y = data()
    weight = np.random.RandomState(1).uniform(0.5, 2, len(X))
    want = BoundedReadout().fit(X, y, sample_weight=weight / weight.mean()).predict(X)
    got = BoundedReadout().fit(X, y, sample_weight=total * weight / weight.sum()).predict(X)
    np.testing.assert_allclose(got, want, rtol=1e-6)
