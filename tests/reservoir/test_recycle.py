"""Penalties chosen in a closed loop, against fits and forecasts one by one."""

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import ESNForecaster, NVARForecaster, _budgets
from dlkit.datasets import make_mackey_glass
from dlkit.exceptions import DivergenceWarning
from dlkit.readout import RidgeReadout
from dlkit.reservoir import IntrinsicPlasticity
from dlkit.reservoir._learning import recycle
from dlkit.reservoir._learning.recycle import find_segments, geometric_mean
from dlkit.sequences import pack

ALPHAS = [1e-4, 1e-2, 1.0, 100.0]


def wave(n, phase=0.0, seed=0):
    t = np.arange(n)
    noise = 0.05 * np.random.RandomState(seed).randn(n, 2)
    x = np.column_stack([np.sin(0.5 * t + phase), np.cos(0.3 * t + phase) ** 3])
    return x + noise


def twin(model, series, weights=None):
    """Errors (K, A) of the candidates, by a fit for each and a forecast from rest."""
    fitted = clone(model).fit(series if len(series) > 1 else series[0])
    driver, batch = fitted.driver_, pack(series, rows="steps")
    segments = find_segments(batch, np.full(len(series), driver.washout))
    rows, targets, weight, number = [], [], [], []
    free = driver.roles.free
    increments = isinstance(model, NVARForecaster)
    for i, x in enumerate(series):
        out = np.empty((len(x), driver.n_columns))
        driver.run(pack(x, rows="steps"), out=out)
        kept = np.arange(driver.washout, len(x) - 1)
        rows.append(out[kept])
        targets.append(x[kept + 1][:, free] - increments * x[kept][:, free])
        weight.append(np.ones(len(kept)) if weights is None else weights[kept])
        number.append(batch.offsets[i] + kept)
    rows, targets, weight, number = map(np.concatenate, (rows, targets, weight, number))
    spread = np.concatenate(series)[:, free].var(axis=0)
    errors = np.empty((len(segments), len(model.alpha)))
    for k in range(len(segments)):
        steps, i = segments.steps(k), segments.series[k]
        few = len(rows) < recycle.PLENTY * rows.shape[1]
        left = ~np.isin(number + 1, steps) if few else np.ones(len(rows), dtype=bool)
        known = series[i][: segments.first[k] + 1 - batch.offsets[i]]
        truth = batch.values[steps][:, free]
        w = weight[np.searchsorted(number, steps - 1)]
        for a, alpha in enumerate(model.alpha):
            readout = RidgeReadout(alpha).fit(rows[left], targets[left], weight[left])
            alone = clone(model).set_params(alpha=1.0).fit(series[0])
            alone.readout_ = readout
            ahead = alone.forecast(len(steps), known, initial_state="rest")
            squares = ((ahead - truth) ** 2 / spread).mean(axis=1)
            errors[k, a] = np.average(squares, weights=w) if w.any() else np.nan
    return errors


@pytest.mark.compiled
@pytest.mark.parametrize(
    "model",
    [
        ESNForecaster(15, alpha=ALPHAS, scaling=None, random_state=0),
        ESNForecaster(5, alpha=ALPHAS, scaling=None, washout=7, passthrough=False, random_state=0),
        ESNForecaster(15, alpha=ALPHAS, scaling=None, context=1, random_state=0),
        ESNForecaster(15, alpha=ALPHAS, scaling=None, cell="lstm", random_state=0),
        ESNForecaster(8, alpha=ALPHAS, scaling=None, layers=2, random_state=0),
        NVARForecaster(2, alpha=ALPHAS, scaling=None),
        NVARForecaster(2, order=1, alpha=ALPHAS, scaling=None),
    ],
    ids=str,
)
@pytest.mark.parametrize("lengths", [(70,), (30, 60, 45)])
def test_errors_are_those_of_fits_and_forecasts_one_by_one(model, lengths):
    series = [wave(n, phase=n, seed=n) for n in lengths]
    if getattr(model, "context", None) is not None:
        for x in series:
            x[:, 1] = 0.5
    want = geometric_mean(twin(model, series))
    fitted = clone(model).fit(series if len(series) > 1 else series[0])
    found = -fitted.readout_.alpha_scores_
    np.testing.assert_allclose(found, want, rtol=1e-6)
    assert fitted.readout_.alpha_ == ALPHAS[int(np.argmin(want))]
    alone = clone(model).set_params(alpha=fitted.readout_.alpha_)
    alone.fit(series if len(series) > 1 else series[0])
    np.testing.assert_allclose(fitted.readout_.coef_, alone.readout_.coef_, rtol=1e-6)


def test_steps_without_weight_do_not_count():
    x = wave(60)
    weights = np.ones(60)
    weights[40:55] = 0.0
    x[41:50] += 1.0
    model = ESNForecaster(12, alpha=ALPHAS, scaling=None, random_state=0)
    errors = twin(model, [x], weights)
    found = clone(model).fit(x, sample_weight=weights).readout_
    np.testing.assert_allclose(-found.alpha_scores_, geometric_mean(errors), rtol=1e-6)


def test_segments_lie_within_what_is_learned_from():
    lengths = np.array([6, 40, 300, 2, 4000])
    batch = pack([np.zeros((n, 1)) for n in lengths], rows="steps")
    drop = np.array([0, 10, 0, 0, 50])
    for most in (3, 10):
        found = find_segments(batch, drop, n_segments=most)
        assert 3 <= len(found) <= most
        for k in range(len(found)):
            i, first = found.series[k], found.first[k] - batch.offsets[found.series[k]]
            assert first >= drop[i]
            assert 1 <= found.lengths[k] <= 200
            assert first + found.lengths[k] < lengths[i]
    long = find_segments(pack(np.zeros((4000, 1)), rows="steps"), [0], n_steps=900, n_segments=4)
    np.testing.assert_array_equal(long.lengths, 900)
    assert len(np.unique(long.first)) == 4
    assert not len(find_segments(pack(np.zeros((2, 1)), rows="steps"), [0]))


def test_many_series_have_a_segment_in_some():
    batch = pack([np.zeros((20, 1))] * 500, rows="steps")
    found = find_segments(batch, np.zeros(500, dtype=int))
    assert len(found) == len(np.unique(found.series)) == 10


def test_what_diverges_counts_as_huge_and_what_has_no_weight_not_at_all():
    errors = np.array([[1.0, 1e-30, np.inf], [np.nan] * 3, [4.0, 1e-30, 1e-6]])
    np.testing.assert_allclose(geometric_mean(errors), [2.0, 1e-24, 1.0])


@pytest.mark.compiled
def test_a_short_noisy_series_is_not_interpolated():
    r = np.random.RandomState(0)
    t = np.arange(72)
    x = 0.02 * t + np.sin(2 * np.pi * t / 12) + 0.2 * r.randn(72)
    truth = 0.02 * t[60:] + np.sin(2 * np.pi * t[60:] / 12)
    for seed in range(3):
        esn = ESNForecaster(200, random_state=seed).fit(x[:60])
        assert esn.readout_.alpha_ >= 1e-6
        assert np.abs(esn.forecast(12) - truth).mean() < 0.35


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8, 10, 15])
@pytest.mark.parametrize("model", [ESNForecaster(20, random_state=0), NVARForecaster(1)])
def test_short_series(model, n):
    x = np.sin(np.arange(n))
    ahead = clone(model).fit(x).forecast(3)
    assert np.isfinite(ahead).all()


def test_with_targets_of_its_own_a_penalty_is_chosen_by_gcv():
    x = wave(80)
    for y in (x[:, 0], np.roll(x, -1, axis=0)):
        found = ESNForecaster(20, alpha=ALPHAS, scaling=None, random_state=0).fit(x, y).readout_
        assert found.alpha_ in ALPHAS
        assert found.best_score_ == found.alpha_scores_.max()
        rows = np.empty((80, 22))
        esn = ESNForecaster(20, alpha=1.0, scaling=None, random_state=0).fit(x, y)
        esn.driver_.run(pack(x, rows="steps"), out=rows)
        want = RidgeReadout(ALPHAS, selection="gcv").fit(rows, y)
        np.testing.assert_allclose(found.alpha_scores_, want.alpha_scores_, rtol=1e-6)


@pytest.mark.compiled
@pytest.mark.parametrize(
    "parameters",
    [
        {"noise": 0.01},
        {"plasticity": IntrinsicPlasticity(n_passes=1)},
        {"feedback": {"sampling_ratios": (0.5,)}},
    ],
    ids=str,
)
def test_other_ways_of_training(parameters):
    from dlkit.reservoir import Feedback

    if "feedback" in parameters:
        parameters = {"feedback": Feedback(**parameters["feedback"])}
    x = wave(150)
    esn = ESNForecaster(20, alpha=ALPHAS, random_state=0, **parameters)
    a, b = clone(esn).fit(x), clone(esn).fit(x)
    assert a.readout_.alpha_scores_.shape == (4,)
    np.testing.assert_array_equal(a.forecast(20), b.forecast(20))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_scores_go_to_the_largest_penalty(dtype):
    x = np.full((40, 1), 3.0, dtype=dtype)
    esn = ESNForecaster(10, alpha=ALPHAS, random_state=0).fit(x)
    assert esn.readout_.alpha_ == 100.0
    np.testing.assert_allclose(esn.forecast(5), 3.0, rtol=1e-6)


@pytest.mark.parametrize("increments", [False, True])
def test_a_loop_that_leaves_the_range_does_not_hold(increments):
    """x(t + 1) = s x(t), by hand: within ten widths for as many steps as the series has, or not."""
    x = wave(60)[:, :1]
    model = NVARForecaster(1, order=1, alpha=1.0, scaling=None).fit(x)
    driver, batch = model.driver_, pack([x], rows="steps")
    segments = find_segments(batch, np.zeros(1, dtype=int))
    states = recycle.start_states(driver, batch, segments)
    low, high = x.min(), x.max()
    for share in (0.5, 1.01, 1.05, 1.2, -1.2, np.inf):
        coef, intercept = np.array([[share - increments]]), np.zeros(1)
        ends = x[segments.first, 0][:, None] * share ** np.arange(1.0, 61.0)
        want = (ends >= low - 10 * (high - low)).all() and (ends <= high + 10 * (high - low)).all()
        with np.errstate(all="ignore"):
            found = recycle.holds(
                driver, batch, segments, states.copy(), coef, intercept, increments=increments
            )
        assert found == want, share


@pytest.mark.compiled
def test_a_penalty_whose_loop_grows_in_the_long_run_is_passed_over(monkeypatch):
    """Of Mackey and Glass's equation: the best in segments of 200 steps grows after 400."""
    x = make_mackey_glass(2500, random_state=1)
    model = ESNForecaster(300, random_state=1)
    future = clone(model).fit(x[:2000]).forecast(500)
    assert np.sqrt(np.mean((future - x[2000:]) ** 2)) < 0.5 * x.std()
    monkeypatch.setattr(recycle, "holds", lambda *args, **options: True)
    with pytest.warns(DivergenceWarning, match="step 4"):
        clone(model).fit(x[:2000]).forecast(500)


def test_where_no_loop_holds_the_best_in_segments_is_taken(monkeypatch):
    x = wave(60)
    model = ESNForecaster(12, alpha=ALPHAS, scaling=None, random_state=0)
    want = clone(model).fit(x).readout_
    monkeypatch.setattr(recycle, "holds", lambda *args, **options: False)
    got = clone(model).fit(x).readout_
    assert got.alpha_ == want.alpha_ == ALPHAS[int(np.argmax(got.alpha_scores_))]


@pytest.mark.parametrize(
    "model",
    [
        ESNForecaster(12, alpha=ALPHAS, washout=5, random_state=0),
        ESNForecaster(12, alpha=[1e-14, *ALPHAS], layers=2, random_state=0),
        ESNForecaster(12, alpha=ALPHAS, noise=1e-3, random_state=0),
        NVARForecaster(2, alpha=ALPHAS),
    ],
    ids=str,
)
@pytest.mark.compiled
@pytest.mark.parametrize("lengths", [(170,), (60, 130, 90)])
def test_a_fit_in_blocks_chooses_as_a_fit_in_memory(monkeypatch, model, lengths):
    series = [wave(n, phase=n, seed=n) for n in lengths]
    series = series if len(series) > 1 else series[0]
    want = clone(model).fit(series)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "LOOK_ENTRIES", 50)
    got = clone(model).fit(series)
    assert got.readout_.moments_.n >= recycle.PLENTY * got.readout_.moments_.n_features
    assert got.readout_.alpha_ == want.readout_.alpha_
    scores = got.readout_.alpha_scores_
    resolved = np.isfinite(scores)
    assert resolved[-4:].all()
    assert got.readout_.best_score_ == scores[model.alpha.index(got.readout_.alpha_)]
    np.testing.assert_allclose(scores[resolved], want.readout_.alpha_scores_[resolved], rtol=1e-5)
    np.testing.assert_allclose(got.readout_.coef_, want.readout_.coef_, rtol=1e-5, atol=1e-8)


def test_few_rows_in_blocks_choose_by_gcv(monkeypatch):
    x = wave(90)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    got = ESNForecaster(30, alpha=ALPHAS, random_state=0).fit(x).readout_
    want = RidgeReadout(ALPHAS, selection="gcv", solver="moments").fit_moments(got.moments_)
    np.testing.assert_allclose(got.alpha_scores_, want.alpha_scores_)


@pytest.mark.parametrize("delays", [False, True])
def test_states_before_segments_are_those_of_runs_from_the_start(monkeypatch, delays):
    series = [wave(n, seed=n) for n in (40, 75, 20)]
    model = NVARForecaster(3) if delays else ESNForecaster(10, random_state=0)
    driver = model.fit(series).driver_
    batch = pack(series, rows="steps")
    segments = find_segments(batch, np.zeros(3, dtype=int))
    monkeypatch.setattr(_budgets, "LOOK_ENTRIES", 30)
    found = recycle.start_states(driver, batch, segments)
    for k, first in enumerate(segments.first):
        known = batch.values[batch.offsets[segments.series[k]] : first + 1]
        want = driver.run(pack([known], rows="steps"))[0]
        np.testing.assert_allclose(found[k], want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_series", [3, 7, 23])
def test_the_choice_does_not_depend_on_the_order_of_the_series(n_series):
    rng = np.random.RandomState(0)
    series = [np.sin(0.3 * np.arange(50 + i % 5)) + rng.randn(50 + i % 5) for i in range(n_series)]
    model, order = NVARForecaster(3), rng.permutation(n_series)
    want = model.fit(series)
    alpha, ahead = want.readout_.alpha_, want.forecast(4)
    found = model.fit([series[i] for i in order])
    assert found.readout_.alpha_ == alpha
    np.testing.assert_allclose(found.forecast(4), np.asarray(ahead)[order], rtol=1e-7, atol=1e-9)
