"""Numbers for time steps, and the closed loop, against the oracle."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

from dlkit import ESNForecaster, NVARForecaster, RidgeReadout
from dlkit.datasets import make_mackey_glass
from dlkit.forecasting import Horizon
from dlkit.metrics import nrmse
from dlkit.reservoir._learning.feedback import linear_map

from .. import naive, naive_paths
from ._walks import SERIES, plain


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("passthrough", [False, True])
def test_forecaster_is_ridge_on_the_oracles_states(passthrough, dtype):
    u = SERIES.astype(dtype)
    y = np.c_[np.roll(u[:, 0], 3), u[:, 1] ** 2]
    esn = ESNForecaster(
        15, washout=20, alpha=0.1, passthrough=passthrough, random_state=0, scaling=None
    ).fit(u[:200], y[:200])
    F = naive.estimator_states(esn, u)
    coef, intercept = naive.ridge(F[20:200], y[20:200], 0.1)
    tolerance = 1e-8 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(esn.predict(u), F @ coef + intercept, atol=tolerance)


def test_next_step_and_closed_loop_follow_the_oracle():
    for passthrough in (False, True):
        esn = ESNForecaster(
            15, washout=20, alpha=1e-3, passthrough=passthrough, random_state=0, scaling=None
        )
        esn.fit(SERIES[:200])
        F = naive.estimator_states(esn, SERIES)
        coef, intercept = naive.ridge(F[20:199], SERIES[21:200], 1e-3)
        np.testing.assert_allclose(esn.predict(SERIES), F @ coef + intercept, atol=1e-8)
        first = F[199] @ coef + intercept
        rest = naive.closed_loop(esn, coef, intercept, F[199, :15], first, 29)
        got = esn.forecast(30)
        np.testing.assert_allclose(got, np.vstack([first, rest]), atol=1e-6)
        # from the end of any series, and from any state
        np.testing.assert_allclose(esn.forecast(30, SERIES[:200]), got, atol=1e-9)
        tail = esn.forecast(30, SERIES[150:200], initial_state=F[149, :15])
        np.testing.assert_allclose(tail, got, atol=1e-9)
        np.testing.assert_array_equal(esn.forecast(5), got[:5])


def test_several_series_at_once():
    parts = [SERIES[:120], SERIES[30:90], SERIES[100:300]]
    esn = ESNForecaster(15, washout=10, alpha=1e-3, random_state=0, scaling=None).fit(parts)
    rows, targets = [], []
    for x in parts:
        rows.append(naive.estimator_states(esn, x)[10:-1])
        targets.append(x[11:])
    coef, intercept = naive.ridge(np.concatenate(rows), np.concatenate(targets), 1e-3)
    for got, x in zip(esn.predict(parts), parts, strict=True):
        np.testing.assert_allclose(
            got, naive.estimator_states(esn, x) @ coef + intercept, atol=1e-8
        )
    assert esn.final_state_.shape == (3, 15)
    ahead = esn.forecast(7)
    assert [a.shape for a in ahead] == [(7, 2)] * 3
    for a, x in zip(ahead, parts, strict=True):
        np.testing.assert_allclose(a, esn.forecast(7, x), atol=1e-9)
    cube = np.stack([SERIES[:50], SERIES[50:100]])
    assert esn.forecast(4, cube).shape == (2, 4, 2)
    assert 0.9 < esn.score(parts) <= 1
    flat = [x[:, 0] for x in parts]
    one = clone(esn).fit(flat)
    assert [a.shape for a in one.forecast(7)] == [(7,)] * 3
    assert [a.shape for a in one.predict(flat)] == [x.shape for x in flat]
    assert esn.score(parts, [np.roll(x, -1, axis=0) for x in parts]) <= 1


@pytest.mark.parametrize(
    "readout",
    [
        Ridge(1e-3),
        LinearRegression(),
        RidgeReadout([1e-3, 1.0], selection="gcv"),
        KernelRidge(1e-3, kernel="poly"),
        make_pipeline(StandardScaler(), Ridge(1e-3)),
    ],
    ids=lambda r: type(r).__name__,
)
def test_any_regressor_closes_the_loop(readout):
    """Linear readouts run in the compiled loop, others step by step, to the same series."""
    esn = ESNForecaster(
        15, readout=readout, activation=plain, washout=5, random_state=0, scaling=None
    )
    esn.fit(SERIES)
    got = esn.forecast(6)
    assert (linear_map(esn.readout_, 2) is None) == (
        type(readout).__name__ in ("KernelRidge", "Pipeline")
    )
    x = np.array(SERIES)
    for t in range(6):  # one step ahead at a time, over the whole series again
        x = np.vstack([x, esn.predict(x)[-1]])
        np.testing.assert_allclose(got[t], x[-1], atol=1e-6)


@pytest.mark.compiled
def test_mackey_glass_is_carried_on():
    x = make_mackey_glass(1700, random_state=0)
    esn = ESNForecaster(150, washout=100, random_state=0, scaling=None).fit(x[:1600])
    assert nrmse(x[1600:1650], esn.forecast(50)) < 0.1


SINGLE = SERIES[:60, :1]
UNFIT = {  # that need other data, other estimators, or several targets
    "CCA", "IsotonicRegression", "MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso",
    "MultiTaskLassoCV", "MultiOutputRegressor", "PLSCanonical", "PLSRegression", "RANSACRegressor",
    "RadiusNeighborsRegressor", "RegressorChain", "StackingRegressor", "VotingRegressor",
    "GammaRegressor", "PoissonRegressor", "TweedieRegressor", "QuantileRegressor",
    "DummyRegressor", "GaussianProcessRegressor", "OrthogonalMatchingPursuitCV",
    "PassiveAggressiveRegressor",
}  # fmt: skip
READOUTS = [(n, r) for n, r in all_estimators(type_filter="regressor") if n not in UNFIT]


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.DivergenceWarning")
@pytest.mark.parametrize("make", [ESNForecaster, NVARForecaster])
@pytest.mark.parametrize(("name", "readout"), READOUTS, ids=[n for n, _ in READOUTS])
def test_predictions_of_one_channel_have_its_shape(name, readout, make):
    """Whatever shape the readout's predictions have, the last input is added step by step."""
    options = {} if make is NVARForecaster else {"n_units": 9, "random_state": 0}
    readout = readout()
    for key, few in (("n_estimators", 3), ("max_iter", 9), ("max_subpopulation", 9), ("cv", 3)):
        if key in readout.get_params(deep=False):
            readout.set_params(**{key: few})
    got = {}
    for increments in (True, False):
        model = make(
            horizon=Horizon(increments=increments), scaling=None, readout=readout, **options
        ).fit(SINGLE)
        got[increments] = model.predict(SINGLE)
        assert got[increments].shape == (60, 1)
        assert model.forecast(3).shape == (3, 1)
        assert np.isscalar(model.score(SINGLE))
        if increments:
            rows = naive_rows(model, SINGLE)
            steps = np.ravel(model.readout_.predict(rows))
            np.testing.assert_allclose(got[True][:, 0], SINGLE[:, 0] + steps, atol=1e-8)


def naive_rows(model, series):
    if isinstance(model, NVARForecaster):
        return naive_paths.nvar(series, 2, 1, (2,), False)
    return naive.estimator_states(model, series)


def test_targets_of_one_column_are_predicted_as_one_column():
    y = np.roll(SINGLE, 1, axis=0)
    for targets in (y, y[:, 0]):
        for readout in (Ridge(), LinearRegression(), None):
            esn = ESNForecaster(9, readout=readout, random_state=0, scaling=None).fit(
                SINGLE, targets
            )
            assert esn.predict(SINGLE).shape == targets.shape


def test_steps_whose_lags_are_not_known_do_not_count():
    """A second-order process about 290, which zeros for missing steps are far from."""
    r = np.random.RandomState(0)
    z = np.zeros(400)
    for t in range(2, 400):
        z[t] = 1.6 * z[t - 1] - 0.9 * z[t - 2] + 0.1 * r.randn()
    x = 290 + 5 * z[:, None] / z.std()
    model = NVARForecaster(3, stride=2, order=1, scaling=None).fit(x[:300])
    ahead = model.predict(x[300:], initial_state="rest")
    want = r2_score(x[305:], ahead[4:-1])
    assert model.score([x[300:]]) == pytest.approx(want)
    parts = [x[300:320], x[320:]]
    truth = [np.roll(part, -1, axis=0) for part in parts]
    seen = np.concatenate([part[4:] for part in model.predict(parts)])
    want = r2_score(np.concatenate([part[4:] for part in truth]), seen)
    assert model.score(parts, truth) == pytest.approx(want)
    model.fit(x[:300])
    assert model.score(x[300:]) == pytest.approx(r2_score(x[301:], model.predict(x[300:])[:-1]))
    with pytest.raises(ValueError, match="no step to score.*n_delays=3 and stride=2"):
        model.score([x[:5]])
    grid = {"n_delays": [1, 2, 3]}
    search = GridSearchCV(NVARForecaster(order=1, scaling=None), grid, cv=TimeSeriesSplit(3)).fit(x)
    assert search.best_params_["n_delays"] > 1


@pytest.mark.compiled
def test_a_forecast_starts_from_a_state_without_noise():
    plain, noisy = (
        ESNForecaster(15, noise=n, random_state=0, scaling=None).fit(SERIES) for n in (0.0, 0.2)
    )
    np.testing.assert_array_equal(noisy.final_state_, plain.final_state_)
    F = noisy.readout_.predict(np.hstack([plain.final_state_, SERIES[-1:]]))
    np.testing.assert_allclose(noisy.forecast(1), F)
    pieces = ESNForecaster(15, noise=0.2, alpha=1.0, random_state=0, scaling=None)
    for piece in np.array_split(SERIES, 4):
        pieces.partial_fit(piece)
    np.testing.assert_allclose(pieces.final_state_, plain.final_state_, atol=1e-12)
    readout = RidgeReadout(1.0, solver="moments")
    whole = ESNForecaster(15, noise=0.2, readout=readout, random_state=0, scaling=None).fit(SERIES)
    np.testing.assert_allclose(pieces.readout_.coef_, whole.readout_.coef_, atol=1e-9)


@pytest.mark.parametrize(
    "esn", [ESNForecaster(5, random_state=0, scaling=None), NVARForecaster(scaling=None)]
)
def test_lengths_of_forecasts_that_no_memory_holds_are_named(esn):
    esn.fit(np.sin(np.arange(60.0))[:, None])
    for n_steps in (2**50, 2**63):
        with pytest.raises(ValueError, match="n_steps"):
            esn.forecast(n_steps)
    np.testing.assert_array_equal(esn.forecast(np.uint8(2)), esn.forecast(2))


def test_targets_of_its_own_are_scored_against_targets():
    series = np.random.RandomState(0).standard_normal((60, 2))
    esn = ESNForecaster(5, random_state=0, scaling=None).fit(series, series[:, 0])
    with pytest.raises(ValueError, match="score needs y"):
        esn.score(series)
