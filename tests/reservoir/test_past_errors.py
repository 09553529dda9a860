"""Errors of forecasts of the past, by readouts that did not learn what is forecast."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge

from dlkit import ESNForecaster, RidgeReadout
from dlkit.reservoir._learning.intervals import past_errors
from dlkit.reservoir._learning.past_errors import leave_one_out


def noisy(n=400, seed=0):
    rng = np.random.RandomState(seed)
    return 50 + 10 * np.sin(0.3 * np.arange(n)) + rng.normal(size=n)


def esn(**parameters):
    return ESNForecaster(30, random_state=0, **{"alpha": 1e-2} | parameters)


@pytest.mark.parametrize("shape", [(40, 6), (12, 30)])
@pytest.mark.parametrize("alpha", [1e-3, 1.0, np.array([0.1, 10.0])])
def test_leave_one_out_is_a_refit_without_each_row(shape, alpha):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=shape) + 3, rng.normal(size=(shape[0], 2))
    errors, leverage = leave_one_out(X, y, alpha)
    for i in range(shape[0]):
        rest = np.arange(shape[0]) != i
        model = Ridge(alpha).fit(X[rest], y[rest])
        assert_allclose(errors[i], y[i] - model.predict(X[i : i + 1])[0], rtol=1e-6)
    fitted = Ridge(alpha).fit(X, y).predict(X)
    assert_allclose(errors * (1 - leverage), y - fitted, rtol=1e-6, atol=1e-9)


@pytest.mark.compiled
@pytest.mark.parametrize("n_steps", [1, 5])
@pytest.mark.parametrize("cell", ["leaky", "lstm"])
def test_past_forecasts_are_by_readouts_that_did_not_learn_the_stretch(n_steps, cell):
    x = noisy(120)
    model = esn(cell=cell, scaling=None, washout=10).fit(x)
    past = past_errors(model, n_steps)
    assert past.whole
    states = np.empty((120, model.driver_.n_columns))
    model.driver_.run(past.batch, out=states)
    assert past.origins.tolist() == list(range(10, 120 - n_steps))
    number = np.minimum(np.arange(120) * 5 // 120, 4)
    for k, o in list(enumerate(past.origins))[::17]:
        inside = np.flatnonzero(number == number[o])
        rows = np.arange(10, 119)
        rows = rows[(rows < inside[0]) | (rows > inside[-1] + n_steps)]
        other = RidgeReadout(1e-2).fit(states[rows], x[rows + 1])
        known = esn(cell=cell, scaling=None, washout=10).fit(x)
        known.readout_ = other
        future = known.forecast(n_steps, X=x[: o + 1], initial_state="rest")
        assert_allclose(past.errors[k, :, 0], x[o + 1 : o + 1 + n_steps] - future, rtol=1e-6)
