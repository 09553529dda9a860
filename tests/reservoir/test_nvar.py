"""Nonlinear vector autoregression: features against the formula, and the closed loop."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import ESNForecaster, NVARFeatures, NVARForecaster, ReservoirSearchCV, _budgets
from dlkit.datasets import make_henon
from dlkit.forecasting import Horizon
from dlkit.reservoir import _driver

from .. import naive, naive_paths
from ._nvar import SERIES
from .test_estimators import STEP_LEVEL


@pytest.mark.kernels
def test_series_go_on_where_they_stopped():
    model = NVARFeatures(3, stride=2)
    whole = model.fit(SERIES).transform(SERIES)
    model.fit(SERIES[:70])
    np.testing.assert_array_equal(
        model.transform(SERIES[70:], initial_state=model.final_state_), whole[70:]
    )
    np.testing.assert_array_equal(model.set_params(start="fit").transform(SERIES[70:]), whole[70:])
    for n in (1, 2):  # shorter than the delays
        model.set_params(start="rest").fit(SERIES[:n])
        np.testing.assert_array_equal(
            model.transform(SERIES[n:9], initial_state=model.final_state_), whole[n:9]
        )


@pytest.mark.parametrize("increments", [False, True])
def test_forecaster_is_ridge_on_the_formula(increments):
    esn = NVARForecaster(
        2, stride=2, horizon=Horizon(increments=increments), alpha=1e-3, scaling=None
    ).fit(SERIES[:100])
    F = naive_paths.nvar(SERIES, 2, 2, [2], constant=False)
    base = SERIES if increments else 0 * SERIES
    coef, intercept = naive.ridge(F[2:99], (SERIES[3:100] - base[2:99]), 1e-3)
    want = F @ coef + intercept + base
    np.testing.assert_allclose(esn.predict(SERIES), want, atol=1e-10)
    u = list(SERIES[:100])
    for _ in range(10):
        row = naive_paths.nvar(np.array(u[-3:]), 2, 2, [2], constant=False)[-1]
        u.append(row @ coef + intercept + (u[-1] if increments else 0))
    np.testing.assert_allclose(esn.forecast(10), u[100:], atol=1e-10)
    np.testing.assert_allclose(esn.forecast(10, SERIES[60:100]), u[100:], atol=1e-10)


@pytest.mark.parametrize("make", [NVARForecaster, ESNForecaster])
@pytest.mark.parametrize("passthrough", [False, True])
def test_increments_in_the_compiled_loop_and_beside_it(make, passthrough, monkeypatch):
    size, options = (2, {}) if make is NVARForecaster else (20, {"passthrough": passthrough})
    series = [SERIES[:50], SERIES[30:90]]
    options |= {"random_state": 0} if options else {}
    esn = make(size, horizon=Horizon(increments=True), scaling=None, alpha=1e-2, **options)
    got = esn.fit(series).forecast(8)
    with monkeypatch.context() as patch:
        patch.setattr(_driver, "linear_map", lambda *args: None)
        for a, b in zip(got, esn.forecast(8), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-10)
    x = np.array(series[1])
    for t in range(8):  # one step ahead at a time, over the whole series again
        x = np.vstack([x, esn.predict(x)[-1]])
        np.testing.assert_allclose(got[1][t], x[-1], atol=1e-9)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")
def test_increments_count_only_where_the_next_step_is_the_target():
    y = SERIES[:, 0] ** 2
    a, b = (
        NVARForecaster(horizon=Horizon(increments=i), alpha=0.1, scaling=None).fit(SERIES, y)
        for i in (False, True)
    )
    np.testing.assert_array_equal(a.predict(SERIES), b.predict(SERIES))


@pytest.mark.parametrize("readout", [None, KernelRidge(1e-3, kernel="poly")])
@pytest.mark.parametrize("make", [NVARForecaster, ESNForecaster])
def test_pieces_and_blocks_give_what_the_whole_gives(make, readout, monkeypatch):
    alpha = {"alpha": 1e-2} if readout is None else {"readout": readout}
    options = {"horizon": Horizon(increments=True), "scaling": None, **alpha}
    if make is ESNForecaster:
        options |= {"n_units": 10, "random_state": 0}
    whole = make(**options).fit(SERIES)
    if readout is None:
        parts = make(**options)
        for piece in np.split(SERIES, [1, 30, 31, 80]):
            parts.partial_fit(piece)
        np.testing.assert_allclose(parts.readout_.coef_, whole.readout_.coef_, atol=1e-6)
        np.testing.assert_array_equal(parts.final_state_, whole.final_state_)
        np.testing.assert_allclose(parts.forecast(5), whole.forecast(5), atol=1e-6)
        monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
        summed = make(**options).fit([SERIES[:50], SERIES[50:]])
        monkeypatch.undo()
        kept = make(**options).fit([SERIES[:50], SERIES[50:]])
        np.testing.assert_allclose(summed.predict(SERIES), kept.predict(SERIES), atol=1e-6)
    again = pickle.loads(pickle.dumps(whole))
    np.testing.assert_array_equal(again.predict(SERIES), whole.predict(SERIES))
    np.testing.assert_array_equal(clone(whole).fit(SERIES).forecast(3), whole.forecast(3))


def test_mapped_files_and_float32(tmp_path):
    np.save(tmp_path / "x.npy", SERIES.astype(np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    esn = NVARForecaster(alpha=1e-2, scaling=None).fit(mapped)
    assert esn.predict(mapped).dtype == esn.forecast(3).dtype == np.float32
    want = NVARForecaster(alpha=1e-2, scaling=None).fit(SERIES)
    np.testing.assert_allclose(esn.forecast(5), want.forecast(5), atol=1e-3)


def test_henon_is_a_polynomial():
    x = make_henon(330, random_state=0)[:, :1]
    nvar = NVARForecaster(2, horizon=Horizon(increments=False), alpha=1e-12, scaling=None).fit(
        x[:300]
    )
    np.testing.assert_allclose(nvar.readout_.coef_, [[0, 0.3, -1.4, 0, 0]], atol=1e-6)


def test_searches_agree():
    grid = {"n_delays": [1, 2], "alpha": [1e-3, 1.0]}
    cv = TimeSeriesSplit(3)
    want = GridSearchCV(NVARForecaster(scaling=None), grid, cv=cv).fit(SERIES).cv_results_
    with pytest.warns(UserWarning, match="NVARForecaster is none of dlkit's echo state networks"):
        got = ReservoirSearchCV(NVARForecaster(scaling=None), grid, cv=cv).fit(SERIES).cv_results_
    np.testing.assert_array_equal(got["mean_test_score"], want["mean_test_score"])


@pytest.mark.compiled
def test_the_search_shares_what_forecasters_of_increments_share():
    grid = {
        "horizon__increments": [False, True],
        "alpha": [1e-3, 1.0],
        "spectral_radius": [0.5, 0.9],
    }
    esn, cv = ESNForecaster(12, washout=3, random_state=0, scaling=None), TimeSeriesSplit(3)
    for fixed in ({}, {"noise": 1e-3}, {"scaling": "standard"}):
        mine = clone(esn).set_params(**fixed)
        want = GridSearchCV(mine, grid, cv=cv).fit(SERIES).cv_results_["mean_test_score"]
        got = ReservoirSearchCV(mine, grid, cv=cv).fit(SERIES).cv_results_["mean_test_score"]
        np.testing.assert_allclose(got, want, atol=1e-10)


@pytest.mark.parametrize("make", [NVARFeatures, NVARForecaster])
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_delays": 0}, "n_delays.*Got 0"),
        ({"stride": 0}, "stride.*Got 0"),
        ({"order": 0}, "order.*Got 0"),
        ({"order": [1.5, 2]}, "order must be a whole number"),
        ({"order": [2, 0]}, "order must be a whole number"),
    ],
)
def test_parameters(make, options, match):
    model = make(**options)
    with pytest.raises((ValueError, TypeError), match=match):
        model.fit(SERIES)
    assert not hasattr(model, "reservoir_")


def test_one_row_chooses_no_penalty():
    x = np.arange(10.0)[:, None]
    with pytest.raises(ValueError, match=r"n_delays=2.* leaves one of them.*alpha.*one step more"):
        NVARForecaster(2, scaling=None).fit(x[:3])
    for model, n in (
        (NVARForecaster(2, scaling=None), 4),
        (NVARForecaster(2, alpha=0.1, scaling=None), 3),
    ):
        assert model.fit(x[:n]).forecast(1).shape == (1, 1)


def test_series_too_short_for_the_delays():
    with pytest.raises(
        ValueError, match="n_delays=3 and stride=2 leaves .* sequence 1, .*n_samples=5"
    ):
        NVARForecaster(3, stride=2, scaling=None).fit([SERIES[:8], SERIES[:5]])
    NVARForecaster(3, stride=2, alpha=1.0, scaling=None).fit([SERIES[:8], SERIES[:6]])
    with pytest.raises(ValueError, match="initial_state gives states of shape"):
        NVARFeatures(2).fit(SERIES).transform(SERIES, initial_state=np.zeros(3))


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")  # of increments
@parametrize_with_checks(
    [NVARFeatures(), NVARForecaster(), ESNForecaster(20, horizon=Horizon(increments=True))],
    expected_failed_checks=lambda e: (
        {k: v for k, v in STEP_LEVEL.items() if "weight" not in k}
        if isinstance(e, NVARFeatures)
        else STEP_LEVEL
    ),
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("size", [{"order": 200}, {"order": 2**63}, {"order": (1, 500)}])
def test_more_products_than_can_be_learned_from_are_refused(size):
    series = np.random.RandomState(0).standard_normal((60, 2))
    with pytest.raises(ValueError, match="order=.*products"):
        NVARFeatures(**size).fit(series)
