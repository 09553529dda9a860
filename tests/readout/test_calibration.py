"""Calibrated probabilities of the ridge readout, against refits without each row."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss
from sklearn.preprocessing import PolynomialFeatures

from dlkit import ESNTagger, RidgeReadoutClassifier, StreamedReadout
from dlkit.readout._calibration import Calibration, left_out_scores


def data(n=80, p=4, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(n_classes, size=n)
    return rng.randn(n, p) + rng.randn(n_classes, p)[y] + 2, y, rng.randint(1, 4, n).astype(float)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize(("n", "p"), [(40, 4), (20, 30)])
def test_scores_are_those_of_refits(n, p, fit_intercept):
    X, y, weight = data(n, p)
    readout = RidgeReadoutClassifier(0.5, fit_intercept=fit_intercept).fit(X, y, weight)
    Y = np.where(np.arange(3) == y[:, None], 1.0, -1.0)
    rows = np.arange(0, n, 3)
    got = left_out_scores(X, Y, weight, readout._solved(), fit_intercept, rows)
    for i, score in zip(rows, got, strict=True):
        rest = np.arange(n) != i
        one = RidgeReadoutClassifier(0.5, fit_intercept=fit_intercept)
        one.fit(X[rest], y[rest], weight[rest])
        assert_allclose(score, one.decision_function(X[[i]])[0], atol=1e-8)


def test_the_map_is_that_of_the_greatest_likelihood():
    rng = np.random.RandomState(0)
    shares = rng.uniform(-0.2, 0.8, (3000, 3))
    P = np.maximum(shares, 0.01) ** 2 * np.exp(0.5 * shares)
    P /= P.sum(axis=1, keepdims=True)
    codes = np.array([rng.choice(3, p=row) for row in P])
    found = Calibration.learned(shares, codes, None)
    want = log_loss(codes, P)
    assert log_loss(codes, found(shares)) < want + 0.002
    assert abs(found.power - 2) < 0.3
    assert_array_equal(found(shares).argmax(axis=1), shares.argmax(axis=1))


@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_of_rows_not_seen(n_classes):
    X, y, _ = data(900, 40, n_classes)
    plain = RidgeReadoutClassifier([0.1, 10.0]).fit(X[:300], y[:300])
    readout = RidgeReadoutClassifier([0.1, 10.0], calibrate=True).fit(X[:300], y[:300])
    P = readout.predict_proba(X[300:])
    assert_allclose(P.sum(axis=1), 1)
    assert (P > 0).all()
    assert_array_equal(readout.predict(X), plain.predict(X))
    assert_array_equal(readout.classes_[P.argmax(axis=1)], readout.predict(X[300:]))
    assert log_loss(y[300:], P) < log_loss(y[300:], plain.predict_proba(X[300:])) - 0.01
    single = RidgeReadoutClassifier(10.0, calibrate=True).fit(X.astype(np.float32), y)
    assert single.predict_proba(X.astype(np.float32)).dtype == np.float32
    many = np.c_[y == 0, y == 1, X[:, 0] > 0].astype(int)
    several = RidgeReadoutClassifier(10.0, calibrate=True).fit(X[:300], many[:300])
    assert_array_equal(several.predict_proba(X) > 0.5, several.predict(X))


def test_streamed_is_the_same():
    for n, degree in ((80, 2), (20, 3)):
        X, y, weight = data(n)
        readout = RidgeReadoutClassifier(1.0, calibrate=True)
        features = PolynomialFeatures(degree)
        want = readout.fit(features.fit_transform(X), y, weight).predict_proba(
            features.transform(X)
        )
        streamed = StreamedReadout(features, readout, block_size=17).fit(X, y, weight)
        assert_allclose(streamed.predict_proba(X), want, atol=1e-6)
    tagger = ESNTagger(20, readout=readout, random_state=0).fit(X, y)
    assert (tagger.predict_proba(X) > 0).all()


def test_moments_alone_refuse_it():
    X, y, _ = data()
    readout = RidgeReadoutClassifier(calibrate=True)
    with pytest.raises(ValueError, match="calibrate=True needs all rows"):
        readout.partial_fit(X, y, classes=[0, 1, 2])
    other = readout.set_params(solver="moments").fit(X, y)
    with pytest.raises(ValueError, match="calibrate=True"):
        other.merge(other)
    plain = other.set_params(calibrate=False).fit(X, y).predict_proba(X)
    assert (plain == 0).any()


def test_logarithms_are_those_of_the_probabilities():
    shares = np.random.RandomState(0).dirichlet(np.ones(5) / 3, 50)
    found = Calibration(power=0.8, slope=1.2, floor=1e-4)
    assert_allclose(np.exp(found.logs(np.log(shares))), found(shares), rtol=1e-9)
