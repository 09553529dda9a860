"""A label for each sequence: ridge on signs, and other classifiers."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from dlkit import ESNClassifier, ReservoirFeatures

from .. import naive
from ._walks import X, Y


def test_classifier_is_ridge_on_signs():
    esn = ESNClassifier(15, alpha=0.3, random_state=0).fit(X[:30], Y[:30])
    F = np.array([naive.pool_statistics(naive.estimator_states(esn, x)) for x in X])
    coef, intercept = naive.ridge(F[:30], 2.0 * Y[:30] - 1, 0.3)
    decision = (F[30:] @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(X[30:]), decision, atol=1e-8)
    np.testing.assert_array_equal(esn.predict(X[30:]), decision > 0)
    p = esn.predict_proba(X[30:])
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(p[:, 1], np.clip((decision + 1) / 2, 0, 1), atol=1e-8)
    assert esn.score(X[30:], Y[30:]) == 1.0


@pytest.mark.compiled
@pytest.mark.parametrize("readout", [LogisticRegression(), SVC(), KNeighborsClassifier()])
def test_any_classifier_can_read_out(readout):
    esn = ESNClassifier(30, readout=readout, random_state=0).fit(X[:30], Y[:30])
    assert type(esn.readout_) is type(readout)
    assert not hasattr(readout, "classes_")
    assert hasattr(esn, "predict_proba") == hasattr(readout, "predict_proba")
    assert hasattr(esn, "decision_function") == hasattr(readout, "decision_function")
    assert esn.score(X[30:], Y[30:]) >= 0.9
    parameters = {"leak_rate": esn.leak_rate, "pooling": esn.pooling}
    F = ReservoirFeatures(30, random_state=0, **parameters).fit_transform(X)
    np.testing.assert_array_equal(
        esn.predict(X[30:]), clone(readout).fit(F[:30], Y[:30]).predict(F[30:])
    )


@pytest.mark.compiled
def test_labels_of_any_kind():
    for names in (["b", "a"], np.array([7, 3]), np.array(["x", "yy"], dtype=object)):
        labels = np.asarray(names)[Y]
        esn = ESNClassifier(20, random_state=0).fit(X, labels)
        assert esn.classes_.tolist() == sorted(np.asarray(names).tolist())
        assert set(esn.predict(X)) <= set(names)
    three = np.array(["a", "b", "c"])[np.arange(len(X)) % 3]
    esn = ESNClassifier(20, random_state=0).fit(X, three)
    assert esn.decision_function(X).shape == (len(X), 3)
    np.testing.assert_allclose(esn.predict_proba(X).sum(axis=1), 1)
