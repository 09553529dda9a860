"""Features of trees, then a readout."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from dlkit.exceptions import IgnoredParameterWarning
from dlkit.trees import Tree, TreeClassifier, TreeRegressor
from dlkit.trees._readouts import BlockScaler


def test_blocks_are_scaled_as_one():
    rng = np.random.RandomState(0)
    rows = rng.randn(50, 6) * [1, 2, 3, 100, 200, 300] + 7.0
    found = BlockScaler(2).fit(rows).transform(rows)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    for block in (found[:, :3], found[:, 3:]):
        assert block.var(axis=0).mean() == pytest.approx(1)
    one, two = found.std(axis=0)[[0, 1]]  # what differs within a block is kept
    assert two / one == pytest.approx(rows.std(axis=0)[1] / rows.std(axis=0)[0])
    weight = rng.randint(0, 3, 50)
    repeated = BlockScaler(2).fit(np.repeat(rows, weight, axis=0))
    weighed = BlockScaler(2).fit(rows, weight)
    np.testing.assert_allclose(weighed.transform(rows), repeated.transform(rows), rtol=1e-10)
    still = np.ones((4, 2), dtype=np.float32)
    assert BlockScaler(1).fit(still).transform(still).dtype == np.float32
    assert (BlockScaler(1).fit(still).transform(still) == 0).all()


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


def test_weights_of_zero_are_refused():
    trees = [Tree([1.0, 2.0], [-1, 0]), Tree([3.0], [-1]), Tree([4.0, 1.0], [-1, 0])]
    with pytest.raises(ValueError, match="sample_weight must sum to more than zero"):
        TreeClassifier(5, random_state=0).fit(trees, [0, 1, 0], sample_weight=np.zeros(3))
    with pytest.raises(ValueError, match="sample_weight must hold real numbers|sample_weight.*NaN"):
        TreeRegressor(5, random_state=0).fit(trees, [0.0, 1.0, 2.0], sample_weight=[None] * 3)
