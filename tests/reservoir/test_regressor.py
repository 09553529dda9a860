"""A number for each sequence: ridge on the oracle's features."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.neighbors import KNeighborsRegressor

from dlkit import ESNRegressor

from .. import naive
from ._walks import X, Y


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
def test_regressor_is_ridge_on_the_oracles_features(pooling, dtype):
    parts = [x.astype(dtype) for x in X]
    esn = ESNRegressor(15, pooling=pooling, alpha=0.3, random_state=0)
    target = np.c_[Y, [len(x) for x in X]]
    esn.fit(parts[:30], target[:30])
    pool = naive.pooling(pooling, dtype)
    F = np.array([pool(naive.estimator_states(esn, x)) for x in parts])
    coef, intercept = naive.ridge(F[:30], target[:30], 0.3)
    got = esn.predict(parts[30:])
    tolerance = 1e-8 if dtype == np.float64 else 2e-2
    np.testing.assert_allclose(got, F[30:] @ coef + intercept, atol=tolerance)


@pytest.mark.compiled
@pytest.mark.parametrize("readout", [None, Ridge(), LinearRegression(), KNeighborsRegressor(2)])
def test_predictions_have_the_form_of_the_targets(readout):
    y = np.arange(float(len(X)))
    for targets in (y, y[:, None], np.c_[y, -y]):
        esn = ESNRegressor(9, readout=readout, random_state=0).fit(X, targets)
        assert esn.predict(X).shape == targets.shape
    esn = ESNRegressor(9, readout=SGDRegressor(), random_state=0).partial_fit(X, y[:, None])
    assert esn.predict(X[:5]).shape == (5, 1)
