"""Several steps ahead at once, against ridge fits written out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.neighbors import KNeighborsRegressor

from dlkit import ESNForecaster, NVARForecaster, _budgets
from dlkit.forecasting import Horizon

from .. import naive, naive_paths
from ._nvar import SERIES


@pytest.mark.parametrize("increments", [False, True])
@pytest.mark.parametrize("form", ["series", "list"])
def test_all_horizons_are_ridge_fits_of_the_same_rows(increments, form):
    horizon, x = 4, SERIES[:100]
    model = NVARForecaster(2, alpha=1e-3, scaling=None, horizon=Horizon(4, increments=increments))
    model.fit(x if form == "series" else [x[:40], x[40:]])
    rows, targets = [], []
    for part in [x] if form == "series" else [x[:40], x[40:]]:
        F = naive_paths.nvar(part, 2, 1, [2], constant=False)
        rows.append(F[1 : len(part) - horizon])
        base = part[1 : len(part) - horizon] * increments
        targets.append(
            np.hstack([part[1 + h : len(part) - horizon + h] - base for h in range(1, 5)])
        )
    coef, intercept = naive.ridge(np.concatenate(rows), np.concatenate(targets), 1e-3)

    def block(past):
        row = naive_paths.nvar(past, 2, 1, [2], constant=False)[-1]
        return (row @ coef + intercept).reshape(4, 2) + past[-1] * increments

    last = x if form == "series" else x[40:]
    want = block(last)
    want = np.vstack([want, block(np.vstack([last, want]))])
    for n in (1, 3, 4, 7, 8):
        got = model.forecast(n)
        assert_allclose(got if form == "series" else got[1], want[:n], atol=1e-9)
    assert_allclose(model.forecast(7, [SERIES[60:90]])[0][:4], block(SERIES[60:90]), atol=1e-9)
    F = naive_paths.nvar(SERIES, 2, 1, [2], constant=False)
    one = (F @ coef + intercept)[:, :2] + SERIES * increments
    assert_allclose(model.predict([SERIES])[0], one, atol=1e-9)
    assert np.isscalar(model.score(SERIES))


def test_scaled_and_with_a_context():
    t = np.arange(200)
    x = 50 + 9 * np.sin(0.3 * t)
    esn = ESNForecaster(30, horizon=24, washout=20, random_state=0).fit(x[:150])
    assert_allclose(esn.forecast(50), x[150:], atol=0.05)
    mapped = ESNForecaster(30, horizon=24, washout=20, random_state=0).fit(1e3 * x[:150] - 7)
    assert_allclose(mapped.forecast(50), 1e3 * esn.forecast(50) - 7, rtol=1e-8)
    held = ESNForecaster(30, horizon=5, context=1, washout=20, random_state=0)
    held.fit(np.c_[x, np.ones(200)][:150])
    assert_allclose(held.forecast(12)[:, 0], x[150:162], atol=0.05)
    assert_allclose(held.predict(np.c_[x, np.ones(200)])[30:-1, 0], x[31:], atol=0.05)


def test_any_readout_and_blocks_of_rows(monkeypatch):
    knn = NVARForecaster(readout=KNeighborsRegressor(2), horizon=3).fit(SERIES[:, 0])
    assert knn.forecast(8).shape == (8,)
    model = NVARForecaster(2, alpha=1e-2, horizon=3)
    whole = model.fit([SERIES[:50], SERIES[50:]]).forecast(8)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    for got, want in zip(model.fit([SERIES[:50], SERIES[50:]]).forecast(8), whole, strict=True):
        assert_allclose(got, want, atol=1e-7)


def test_what_is_too_short_or_in_pieces():
    with pytest.raises(ValueError, match="n_delays=2"):
        NVARForecaster(horizon=9).fit(SERIES[:10])
    with pytest.raises(ValueError, match="and the 200 steps of horizon"):
        NVARForecaster(horizon=200).fit(SERIES[:50])
    for horizon in (2, 200):  # the first piece, too: what follows it could not be learned
        with pytest.raises(ValueError, match=f"partial_fit learns one .* horizon={horizon}: use"):
            NVARForecaster(horizon=horizon).partial_fit(SERIES[:50])
    assert_array_equal(NVARForecaster(horizon=1).fit(SERIES).forecast(3),
                       NVARForecaster(horizon=Horizon(1)).fit(SERIES).forecast(3))  # fmt: skip
