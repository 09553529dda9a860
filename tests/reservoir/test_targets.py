"""Targets and weights on their way to the readout."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier

from dlkit import ESNClassifier, ESNTagger

from ._walks import SERIES, X, Y


def test_weights_reach_the_readout():
    weight = np.where(np.arange(len(X)) < 20, 1.0, 0.0)
    weighted = ESNClassifier(20, alpha=1.0, random_state=0).fit(X, Y, weight)
    fewer = ESNClassifier(20, alpha=1.0, random_state=0).fit(X[:20], Y[:20])
    np.testing.assert_allclose(weighted.decision_function(X), fewer.decision_function(X))
    skewed = ESNClassifier(20, class_weight={0: 1, 1: 50}, random_state=0).fit(X, Y)
    assert skewed.predict(X).mean() >= Y.mean()
    few = np.r_[:20, 20:40:4]  # classes out of balance
    few_X, few_y = [X[i] for i in few], np.where(few < 20, 0, 1)
    balanced = ESNClassifier(20, class_weight="balanced", alpha=1.0, random_state=0)
    by_hand = np.where(few_y == 0, 25 / 2 / 20, 25 / 2 / 5)
    np.testing.assert_allclose(
        balanced.fit(few_X, few_y).decision_function(X),
        ESNClassifier(20, alpha=1.0, random_state=0)
        .fit(few_X, few_y, by_hand)
        .decision_function(X),
    )
    labels = SERIES[:, 0] > 0.5
    rare = ESNTagger(9, washout=5, class_weight={0: 1, 1: 30}, random_state=0)
    common = clone(rare).set_params(class_weight=None).fit(SERIES, labels)
    assert rare.fit(SERIES, labels).predict(SERIES).mean() > common.predict(SERIES).mean()
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        ESNClassifier(20, readout=KNeighborsClassifier()).fit(X, Y, weight)
