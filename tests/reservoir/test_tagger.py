"""A label for each time step."""

import numpy as np

from dlkit import ESNForecaster, ESNTagger

from .. import naive
from ._walks import SERIES


def test_tagger_labels_every_step():
    r = np.random.RandomState(0)
    u = r.uniform(-1, 1, (400, 1))
    y = np.where(np.roll(u[:, 0], 2) > 0, "above", "below")
    esn = ESNTagger(40, leak_rate=1.0, washout=5, alpha=1e-3, random_state=0).fit(u[:300], y[:300])
    F = naive.estimator_states(esn, u)
    signs = np.where(y == "below", 1.0, -1.0)
    coef, intercept = naive.ridge(F[5:300], signs[5:300], 1e-3)
    decision = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(u), decision, atol=1e-6)
    assert esn.score(u[300:], y[300:]) > 0.9
    np.testing.assert_allclose(esn.predict_proba(u).sum(axis=1), 1)
    parts, labels = [u[:100], u[100:150], u[150:300]], [y[:100], y[100:150], y[150:300]]
    several = ESNTagger(40, leak_rate=1.0, washout=5, random_state=0).fit(parts, labels)
    assert several.score(parts, labels) > 0.9
    assert [p.shape for p in several.predict_proba(parts)] == [(100, 2), (50, 2), (150, 2)]
    assert [p.shape for p in several.predict(parts)] == [(100,), (50,), (150,)]
    weights = [np.ones(len(p)) for p in parts]
    again = ESNTagger(40, leak_rate=1.0, washout=5, random_state=0).fit(parts, labels, weights)
    np.testing.assert_allclose(again.readout_.coef_, several.readout_.coef_, rtol=1e-6)
    assert several.score(parts, labels, weights) == several.score(parts, labels)


def test_zero_weight_takes_a_step_out_of_training_but_not_out_of_the_series():
    y = np.roll(SERIES[:, 0], 2)
    weight = (np.arange(300) >= 50).astype(float)
    spoiled = np.where(weight > 0, y, 1e3)
    a = ESNForecaster(15, alpha=0.1, random_state=0, scaling=None).fit(SERIES, spoiled, weight)
    b = ESNForecaster(15, alpha=0.1, washout=50, random_state=0, scaling=None).fit(SERIES, y)
    np.testing.assert_allclose(a.predict(SERIES), b.predict(SERIES), atol=1e-8)
