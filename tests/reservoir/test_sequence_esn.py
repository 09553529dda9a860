"""Sequences in scikit-learn's company."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, ESNRegressor, PerStep, ReservoirFeatures

from ._walks import X, Y


@pytest.mark.compiled
@pytest.mark.parametrize(
    "meta",
    [
        lambda e: VotingClassifier([("a", e), ("b", clone(e).set_params(random_state=1))]),
        lambda e: VotingClassifier([("a", e), ("b", clone(e))], voting="soft"),
        lambda e: StackingClassifier([("a", e)], cv=3),
        lambda e: CalibratedClassifierCV(e, cv=3),
        lambda e: make_pipeline(PerStep(StandardScaler()), e),
        lambda e: make_pipeline(
            make_union(ReservoirFeatures(9), ReservoirFeatures(8, pooling="last")),
            LogisticRegression(),
        ),
    ],
)
def test_lists_pass_through_scikit_learns_meta_estimators(meta):
    model = meta(ESNClassifier(20, random_state=0)).fit(X[:30], Y[:30])
    assert model.score(X[30:], Y[30:]) >= 0.9


@pytest.mark.compiled
def test_splits_searches_and_bagging():
    train, test, y_train, y_test = train_test_split(X, Y, random_state=0)
    grid = {"spectral_radius": [0.5, 0.9], "leak_rate": [0.1, 0.5], "pooling": ["mean", "last"]}
    search = GridSearchCV(ESNClassifier(15, random_state=0), grid, cv=3, n_jobs=2)
    assert search.fit(train, y_train).score(test, y_test) >= 0.9
    assert cross_val_predict(ESNClassifier(15, random_state=0), X, Y, cv=3).shape == Y.shape
    table = np.array([x[:15, 0] for x in X])  # bagging slices arrays, so it takes 2-D ones
    bag = BaggingClassifier(ESNClassifier(10), 5, random_state=0).fit(table, Y)
    assert bag.score(table, Y) >= 0.9


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_targets_in_other_containers():
    want = ESNClassifier(5, random_state=0).fit(X, Y).predict(X)
    for given in (list(Y), pd.Series(Y, index=Y), [np.array([label]) for label in Y]):
        found = ESNClassifier(5, random_state=0).fit(X, given).predict(X)
        np.testing.assert_array_equal(found, want)
    steps = [np.zeros(len(x)) for x in X]
    for make, instead in ((ESNClassifier, "ESNTagger"), (ESNRegressor, "ESNForecaster")):
        for given in (steps, pd.Series(steps)):
            with pytest.raises(ValueError, match=f"y holds sequences of targets.*use {instead}"):
                make(5, random_state=0).fit(X, given)


@pytest.mark.parametrize("more", [{}, {"bidirectional": True, "layers": 2}])
def test_states_are_what_is_pooled(more):
    esn = ESNClassifier(12, pooling="last_mean", random_state=0, **more).fit(X[:20], Y[:20])
    states = esn.states(X[20:])
    assert [len(s) for s in states] == [len(x) for x in X[20:]]
    more = more | {"leak_rate": esn.leak_rate}
    features = ReservoirFeatures(12, pooling="last_mean", random_state=0, **more).fit(X[:20])
    if len(more) == 1:
        pooled = [np.r_[s[-1], s.mean(axis=0)] for s in states]
        np.testing.assert_allclose(features.transform(X[20:]), pooled, atol=1e-12)
    steps = features.states(X[20:])
    for mine, other in zip(states, steps, strict=True):
        np.testing.assert_array_equal(mine, other)
        assert mine.shape[1] == (12 if len(more) == 1 else 48)
    one = X[20].astype(np.float32)
    assert esn.states([one])[0].dtype == np.float32
    with pytest.raises(NotFittedError):
        ESNClassifier().states(X)
