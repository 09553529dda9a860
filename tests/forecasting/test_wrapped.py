"""Any forecaster as one of levels."""

import numpy as np
from sklearn.base import BaseEstimator

from dlkit.forecasting._wrapped import WrappedLevels


class Last(BaseEstimator):
    """The last value, for ever."""

    def fit(self, X):
        self.series_ = X
        return self

    def forecast(self, n_steps, X=None):
        X = self.series_ if X is None else X
        if isinstance(X, list):
            return [np.repeat(x[-1:], n_steps, axis=0) for x in X]
        return np.repeat(X[-1:], n_steps, axis=0)

    def predict(self, X):
        return X


def test_levels_go_through_the_forecaster_by_series():
    rng = np.random.RandomState(0)
    columns = list(rng.standard_normal((4, 50)).cumsum(axis=1))
    levels = WrappedLevels(Last(), 2, single=False).fit(columns, 3)
    assert [x.shape for x in levels.forecaster.series_] == [(50, 2)] * 2
    ahead = levels.forecast(columns, 4, range(4), [0.0] * 4)
    for one, x in zip(ahead, columns, strict=True):
        np.testing.assert_array_equal(one.level, x[-1])
        assert (np.diff(one.spread) > 0).all()
    for one, x in zip(levels.next_steps(columns, range(4)), columns, strict=True):
        np.testing.assert_array_equal(one, x)


def test_errors_are_those_of_forecasts_from_earlier_steps():
    x = np.arange(60.0)
    levels = WrappedLevels(Last(), 1, single=True).fit([x], 3)
    np.testing.assert_allclose(levels.off.squares(x, 0), [1, 4, 9])
    assert levels.forecaster.series_.shape == (60, 1)


def test_short_series_have_no_errors():
    levels = WrappedLevels(Last(), 1, single=True).fit([np.arange(4.0)], 3)
    assert levels.off.own == [None]
