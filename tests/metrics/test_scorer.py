"""The sequence scorer inside scikit-learn's searches."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score

from dlkit.metrics import make_sequence_scorer, nmse

from .test_errors import naive_nmse

RNG = np.random.RandomState(0)


class Scaled(BaseEstimator):
    """Predicts `factor` times the input, a series for a series."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y):
        return self

    def predict(self, X):
        if getattr(X, "ndim", 0) == 2:
            return self.factor * X[:, 0]
        return [self.factor * np.asarray(x)[:, 0] for x in X]


class Tagger(ClassifierMixin, BaseEstimator):
    """The input's columns are the probabilities."""

    def fit(self, X, y):
        self.classes_ = np.unique(np.concatenate(y))
        return self

    def predict(self, X):
        return [self.classes_[x.argmax(axis=1)] for x in X]

    def predict_proba(self, X):
        return list(X)


SERIES = [RNG.normal(size=(n, 1)) for n in (4, 9, 5, 7, 6, 8)]
TARGETS = [2 * x[:, 0] + 0.1 for x in SERIES]


@pytest.mark.parametrize("washout", [0, 3])
def test_scorer_puts_steps_end_to_end(washout):
    scorer = make_sequence_scorer(nmse, greater_is_better=False, washout=washout)
    truth = np.array([v for t in TARGETS for v in t[washout:]])
    guess = np.array([v for x in SERIES for v in x[washout:, 0]])
    assert scorer(Scaled(), SERIES, TARGETS) == pytest.approx(-naive_nmse(truth, guess))


def test_scorer_takes_cubes_object_arrays_and_one_series():
    scorer = make_sequence_scorer(nmse, washout=2)
    cube = RNG.normal(size=(3, 6, 1))
    y = cube[:, :, 0] + RNG.normal(size=(3, 6))
    expected = naive_nmse(y[:, 2:].ravel(), cube[:, 2:].ravel())
    assert scorer(Scaled(), cube, y) == pytest.approx(expected)
    assert scorer(Scaled(), list(cube), y[:, :, None]) == pytest.approx(expected)
    held = np.empty(6, dtype=object)
    held[:] = SERIES
    assert scorer(Scaled(), held, TARGETS) == scorer(Scaled(), SERIES, TARGETS)
    expected = naive_nmse(y[0, 2:], cube[0, 2:, 0])
    assert scorer(Scaled(), cube[0], y[0]) == pytest.approx(expected)
    assert scorer(Scaled(), cube[0], y[0][:, None]) == pytest.approx(expected)


def test_scorer_of_classes_and_probabilities():
    X = [RNG.dirichlet([1, 1], size=n) for n in (5, 8, 3)]
    y = [RNG.randint(2, size=len(x)) for x in X]
    tagger = Tagger().fit(X, y)
    truth, proba = np.concatenate(y), np.concatenate(X)
    found = make_sequence_scorer(accuracy_score)(tagger, X, y)
    assert found == np.mean(truth == proba.argmax(axis=1))
    found = make_sequence_scorer(roc_auc_score, response_method="predict_proba")(tagger, X, y)
    assert found == pytest.approx(roc_auc_score(truth, proba[:, 1]))
    X = [RNG.dirichlet([1, 1, 1], size=n) for n in (5, 8, 3)]
    y = [np.arange(len(x)) % 3 for x in X]
    scorer = make_sequence_scorer(
        log_loss, greater_is_better=False, response_method="predict_proba", labels=[0, 1, 2]
    )
    expected = -log_loss(np.concatenate(y), np.concatenate(X), labels=[0, 1, 2])
    assert scorer(Tagger().fit(X, y), X, y) == pytest.approx(expected)


def test_scorer_in_searches():
    scorer = make_sequence_scorer(nmse, greater_is_better=False)
    search = GridSearchCV(Scaled(), {"factor": [1.0, 1.5, 2.0, 2.5]}, scoring=scorer, cv=3)
    search.fit(SERIES, TARGETS)
    assert search.best_params_ == {"factor": 2.0}
    folds = cross_val_score(Scaled(), SERIES, TARGETS, scoring=scorer, cv=2)
    first = naive_nmse(np.concatenate(TARGETS[:3]), np.concatenate(SERIES[:3])[:, 0])
    assert folds[0] == pytest.approx(-first)
    several = GridSearchCV(
        Scaled(), {"factor": [1.0, 2.0]}, scoring={"nmse": scorer}, refit="nmse", cv=2
    ).fit(SERIES, TARGETS)
    assert several.best_params_ == {"factor": 2.0}


def test_scorer_pickles_and_prints():
    scorer = make_sequence_scorer(nmse, greater_is_better=False, washout=1)
    again = pickle.loads(pickle.dumps(scorer))
    assert again(Scaled(), SERIES, TARGETS) == scorer(Scaled(), SERIES, TARGETS)
    assert repr(scorer) == "make_sequence_scorer(nmse, response_method='predict')"


def test_errors_of_scorer():
    with pytest.raises(ValueError, match="score_func"):
        make_sequence_scorer("nmse")
    with pytest.raises(ValueError, match="response_method"):
        make_sequence_scorer(nmse, response_method="transform")
    with pytest.raises(ValueError, match="washout"):
        make_sequence_scorer(nmse, washout=-1)
    scorer = make_sequence_scorer(nmse)
    with pytest.raises(ValueError, match="one target for each step"):
        scorer(Scaled(), SERIES, TARGETS[1:])
    with pytest.raises(ValueError, match="one target for each step"):
        scorer(Scaled(), SERIES, np.arange(6.0))
