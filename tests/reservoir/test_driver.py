"""A new feature map over time becomes every kind of estimator, without a change of the package."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNTagger,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirStates,
)
from dlkit.reservoir._driver import Driver
from dlkit.reservoir._engine.spans import Span
from dlkit.sequences import Sequences

RATES = np.array([0.1, 0.5, 1.0])


class Averages:
    """Exponential moving averages of each channel, one for every rate."""

    noise_seed = 0

    def __init__(self, n_channels):
        self.n_channels = n_channels
        self.n_units = self.n_features = n_channels * len(RATES)

    def rest(self, n, dtype):
        return np.zeros((n, self.n_units), dtype=dtype)

    def read(self, states):
        return states

    def lanes(self, dtype, **_):
        return self

    def run(self, batch, consume, *, states=None, out=None, **_):
        rows = np.empty((len(batch.values), self.n_units)) if out is None else out
        states = self.rest(len(batch), rows.dtype) if states is None else states
        rates = np.tile(RATES, self.n_channels)
        for i in range(len(batch)):
            for t, u in enumerate(batch[i], start=batch.offsets[i]):
                states[i] += rates * (np.repeat(u, len(RATES)) - states[i])
                rows[t] = states[i]
        if consume is not None:
            consume(Span(0, len(batch), 0, len(rows), batch.offsets), rows)
        return states


def of_averages(cls):
    drive = lambda self, n, fed=None, drawn=None, n_known=0: Driver(drawn or Averages(n))  # noqa: E731
    return type("Averaging" + cls.__name__, (cls,), {"_new_driver": drive})


def test_averages_as_every_estimator():
    x = np.sin(0.2 * np.arange(300))
    X = np.column_stack([x, np.cos(0.2 * np.arange(300))])
    rows = of_averages(ReservoirStates)().fit(X).transform(X)
    np.testing.assert_allclose(rows[1, :3], RATES * x[1] + (1 - RATES) * RATES * x[0])
    ahead = of_averages(ESNForecaster)(alpha=1e-9).fit(X[:250]).forecast(50)
    np.testing.assert_allclose(ahead, X[250:], atol=1e-3)
    assert of_averages(ESNTagger)().fit(X, x > 0).score(X, x > 0) > 0.95
    waves, kind = [x[:40], 2 * x[:50], x[5:60], 3 * x[:30]], [0, 1, 0, 1]
    assert of_averages(ReservoirFeatures)().fit_transform(waves).shape == (4, 6)
    assert of_averages(ESNClassifier)(alpha=1e-9).fit(waves, kind).score(waves, kind) == 1


@pytest.mark.parametrize(
    "parameters",
    [{}, {"cell": "gru"}, {"layers": 2}, {"passthrough": False}, {"context": 1}, {"nvar": True}],
    ids=str,
)
@pytest.mark.parametrize("n", [3, 20])
def test_series_read_by_readouts_of_their_own(parameters, n):
    parameters = dict(parameters)
    r = np.random.RandomState(0)
    X = r.randn(30, 2)
    X[:, 1] = 0.5
    if parameters.pop("nvar", False):
        esn = NVARForecaster(alpha=1.0).fit(X)
    else:
        esn = ESNForecaster(12, alpha=1.0, random_state=0, **parameters).fit(X)
    driver = esn.driver_
    loop = driver.loop(esn.readout_, 2)
    coef = loop.linear[0] * np.array([1.0, 0.5, -0.3])[:, None, None]
    intercept = loop.linear[1] + np.arange(3)[:, None]
    which = np.arange(n) % 3
    states = esn.final_state_ * r.uniform(0.5, 1, (n, 1))
    inputs = X[r.randint(30, size=n)]
    several = loop._replace(linear=(coef, intercept), which=which)
    found = driver.forecast(6, several, states.copy(), inputs)
    for g in range(3):

        def read(states, inputs, g=g):
            return np.hstack([states, inputs])[:, : coef.shape[2]] @ coef[g].T + intercept[g]

        mine, alone = which == g, loop._replace(linear=(coef[g], intercept[g]), read=read)
        want = driver.forecast(6, alone, states[mine], inputs[mine])
        np.testing.assert_allclose(found[mine], want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "parameters",
    [
        {}, {"cell": "gru"}, {"layers": 2}, {"passthrough": False}, {"context": 1}, {"nvar": True},
        {"readout": KNeighborsRegressor(3)},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("n", [3, 20])
def test_shocks_are_added_before_an_output_is_the_next_input(parameters, n):
    parameters = dict(parameters)
    r = np.random.RandomState(0)
    X = r.randn(30, 2)
    X[:, 1] = 0.5
    if parameters.pop("nvar", False):
        esn = NVARForecaster(alpha=1.0).fit(X)
    else:
        parameters = parameters or {"alpha": 1.0}
        esn = ESNForecaster(12, random_state=0, **parameters).fit(X)
    driver = esn.driver_
    loop = driver.loop(esn.readout_, 2)
    states = esn.final_state_ * r.uniform(0.5, 1, (n, 1))
    inputs = X[r.randint(30, size=n)]
    shocks = r.randn(n, 6, len(loop.to))
    found = driver.forecast(6, loop, states.copy(), inputs, shocks=shocks)
    own, u = states.copy(), inputs.copy()
    for t in range(6):
        out = driver.forecast(1, loop, own, u)[:, 0] + shocks[:, t]
        np.testing.assert_allclose(found[:, t], out, rtol=1e-9, atol=1e-11)
        u[:, loop.to] = out
        driver.run(Sequences(u, np.arange(n + 1), "list"), states=own)
