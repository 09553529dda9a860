import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from dlkit import PixelRegressor

RNG = np.random.RandomState(0)
Y = gaussian_filter(RNG.standard_normal((4, 20, 20)), (0, 2, 2)) * 10 + 5
X = Y + RNG.standard_normal(Y.shape)


def test_numbers_where_they_are_known():
    y = np.where(RNG.uniform(size=Y.shape) < 0.3, np.nan, Y)
    model = PixelRegressor(30, unlabeled=np.nan, random_state=0).fit(X[:3], y[:3])
    found = model.predict(X[3:])
    known = ~np.isnan(y[3:])
    assert found.shape == (1, 20, 20)
    np.testing.assert_allclose(model.score(X[3:], y[3:]), r2_score(Y[3:][known], found[known]))
    assert model.score(X[3:], Y[3:]) > 0.8
    with pytest.raises(ValueError, match="NaN"):
        PixelRegressor().fit(X, y)
    with pytest.raises(ValueError, match="real numbers"):
        PixelRegressor().fit(X, np.full(X.shape, "a"))


def test_volumes_in_lists_and_any_regressor():
    rng = np.random.RandomState(0)
    y = [gaussian_filter(rng.standard_normal(s), 1) for s in [(8, 9, 7), (6, 8, 9), (7, 7, 7)]]
    X = [(one + 0.05 * rng.standard_normal(one.shape)).astype(np.float32) for one in y]
    for readout in (None, Ridge(10.0)):
        model = PixelRegressor(20, readout=readout, n_stages=2, cv=2, random_state=0).fit(X, y)
        found = model.predict(X)
        assert [one.shape for one in found] == [one.shape for one in y]
        assert model.score(X, y, sample_weight=[1, 1, 2]) > 0.7
