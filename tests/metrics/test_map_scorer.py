"""Metrics of scikit-learn on positions of maps."""

import pickle

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score
from sklearn.model_selection import KFold, cross_val_score

from dlkit import PixelClassifier, PixelRegressor
from dlkit.metrics import make_map_scorer

RNG = np.random.RandomState(0)
X = [RNG.standard_normal((9, n)) for n in (8, 11, 7, 9)]
Y = [(x > 0).astype(int) + (x > 0.8) for x in X]
MODEL = PixelClassifier(20, n_stages=1, random_state=0)


def rows(maps):
    return np.concatenate(
        [np.reshape(one, (9 * n, -1)) for one, n in zip(maps, (8, 11, 7, 9), strict=True)]
    )


def test_positions_of_all_maps_are_rows():
    model = MODEL.fit(X, Y)
    true, P = rows(Y).ravel(), rows(model.predict_proba(X))
    assert make_map_scorer(accuracy_score)(model, X, Y) == model.score(X, Y)
    loss = make_map_scorer(log_loss, greater_is_better=False, response_method="predict_proba")
    np.testing.assert_allclose(loss(model, X, Y), -log_loss(true, P))
    found = cross_val_score(MODEL, X, Y, cv=KFold(2), scoring=pickle.loads(pickle.dumps(loss)))
    assert found.shape == (2,)
    assert np.isfinite(found).all()
    assert "log_loss" in repr(loss)


def test_of_two_classes_the_second_is_scored():
    two = [np.minimum(y, 1) for y in Y]
    model = MODEL.fit(X, two)
    area = make_map_scorer(roc_auc_score, response_method="predict_proba")(model, X, two)
    np.testing.assert_allclose(area, roc_auc_score(rows(two), rows(model.predict_proba(X))[:, 1]))


def test_positions_without_a_target_do_not_count():
    marks = [np.where(RNG.uniform(size=y.shape) < 0.5, y, -1) for y in Y]
    model = PixelClassifier(20, n_stages=1, unlabeled=-1, random_state=0).fit(X, marks)
    assert make_map_scorer(accuracy_score)(model, X, marks) == model.score(X, marks)
    all_ = make_map_scorer(accuracy_score, unlabeled=None)(model, X, marks)
    np.testing.assert_allclose(all_, np.mean(rows(model.predict(X)) == rows(marks)))
    numbers = [np.where(m < 0, np.nan, x) for m, x in zip(marks, X, strict=True)]
    reg = PixelRegressor(20, n_stages=1, unlabeled=float("nan"), random_state=0).fit(X, numbers)
    error = make_map_scorer(mean_absolute_error, greater_is_better=False)(reg, X, numbers)
    np.testing.assert_allclose(error, -np.nanmean(np.abs(rows(reg.predict(X)) - rows(numbers))))


def test_what_cannot_be_scored_is_named():
    scorer = make_map_scorer(accuracy_score, unlabeled=0)
    model = MODEL.fit(X, Y)
    with pytest.raises(ValueError, match="as many maps, got 3 and 4"):
        scorer(model, X, Y[:3])
    with pytest.raises(ValueError, match=r"y\[0\] and the response\[0\]"):
        scorer(model, X, [y[1:] for y in Y])
    with pytest.raises(ValueError, match="no position to score"):
        scorer(model, X, [0 * y for y in Y])
    with pytest.raises(ValueError, match="response_method"):
        make_map_scorer(accuracy_score, response_method="transform")
