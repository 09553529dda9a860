"""Features of trees, then a readout."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from dlkit.exceptions import IgnoredParameterWarning
from dlkit.trees import Tree, TreeRegressor


def test_weights_count_trees():
    X = [Tree(np.ones(n), [-1] + [0] * (n - 1)) for n in (1, 2, 3, 4)]
    y = np.array([1.0, 2.0, 3.0, 40.0])
    heavy = TreeRegressor(20, alpha=1e-6, random_state=0).fit(X, y, sample_weight=[1, 1, 1, 0])
    assert heavy.predict(X[:3]) == pytest.approx(y[:3], abs=0.1)


def test_readouts_without_weights_say_so():
    X = [Tree([1.0], [-1])] * 6
    model = TreeRegressor(20, readout=KNeighborsRegressor(2), random_state=0)
    with pytest.raises(ValueError, match="takes none"):
        model.fit(X, np.arange(6.0), sample_weight=np.ones(6))


def test_idle_penalties_are_announced():
    X = [Tree([1.0], [-1])] * 6
    model = TreeRegressor(20, readout=KNeighborsRegressor(2), alpha=1.0, random_state=0)
    with pytest.warns(IgnoredParameterWarning, match="alpha=1.0 means nothing"):
        model.fit(X, np.arange(6.0))


def test_a_failed_fit_leaves_the_model_as_it_was():
    X = [Tree([float(n)], [-1]) for n in range(6)]
    model = TreeRegressor(20, random_state=0).fit(X, np.arange(6.0))
    before = model.predict(X)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(X, np.full(6, np.nan))
    np.testing.assert_array_equal(model.predict(X), before)
