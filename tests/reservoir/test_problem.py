"""Fits in memory and block by block."""

import numpy as np
from sklearn.base import clone

from dlkit import ESNForecaster, ESNTagger, _budgets

from ._walks import SERIES


def test_long_series_are_fitted_without_keeping_their_states(monkeypatch):
    y = np.roll(SERIES[:, 0], 2)
    labels = y > 0
    weight = np.linspace(0.5, 1, 300)
    parts = [SERIES[:100], SERIES[100:]]
    kept = [
        ESNForecaster(15, washout=9, alpha=0.1, random_state=0, scaling=None).fit(
            SERIES, y, weight
        ),
        ESNForecaster(15, washout=9, alpha=[0.1, 1.0], random_state=0, scaling=None).fit(parts),
        ESNTagger(15, washout=9, alpha=0.1, random_state=0).fit(SERIES, labels),
    ]
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    summed = [
        clone(kept[0]).fit(SERIES, y, weight),
        clone(kept[1]).fit(parts),
        clone(kept[2]).fit(SERIES, labels),
    ]
    for a, b in zip(kept, summed, strict=True):
        np.testing.assert_allclose(a.readout_.coef_, b.readout_.coef_, atol=1e-7)
        np.testing.assert_array_equal(a.final_state_, b.final_state_)
