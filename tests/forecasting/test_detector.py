"""Steps that no forecast foresaw: p-values, ranks, and what a burst does to its neighbours."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from dlkit import ESNForecaster, NVARForecaster
from dlkit.exceptions import ReadingWarning
from dlkit.forecasting import ForecastDetector
from dlkit.forecasting._detector import _smoothed, _window_errors, _windows

from .naive_forecasters import Drift, LastValue


def hourly(n=1600, seed=0):
    rng = np.random.RandomState(seed)
    t = np.arange(n)
    return np.sin(2 * np.pi * t / 24) + 0.3 * np.cos(2 * np.pi * t / 12) + 0.1 * rng.normal(size=n)


def bursts(x, seed=0, size=0.8):
    rng, x, label = np.random.RandomState(seed), x.copy(), np.zeros(len(x), dtype=bool)
    for start in range(30, len(x) - 20, 60):
        rows = slice(start, start + rng.randint(3, 9))
        x[rows] += size * rng.normal(size=rows.stop - rows.start)
        label[rows] = True
    return x, label


@pytest.mark.compiled
@pytest.mark.parametrize("method", ["forecast", "windows"])
def test_bursts_are_found_and_ordinary_steps_are_not(method):
    x = hourly()
    detector = ForecastDetector(method=method).fit(x[:1000])
    assert np.mean(detector.predict(x[1000:]) == -1) < 0.05
    new, label = bursts(x[1000:])
    assert roc_auc_score(label, -detector.score_samples(new)) > 0.95
    labels = detector.predict(new)
    assert set(labels) == {-1, 1}
    assert_allclose(detector.decision_function(new) < 0, labels == -1)


@pytest.mark.compiled
@pytest.mark.parametrize("smooth", [1, 3])
def test_scores_are_conformal_p_values(smooth):
    x = hourly(700)
    detector = ForecastDetector(smooth=smooth, clip=1.0, calibration=200).fit(x[:600])
    first = NVARForecaster(48, order=1).fit(x[:400])
    raw = np.array([x[t] - first.forecast(1, X=x[:t])[0] for t in range(400, 600)])
    spread = np.sqrt(np.mean(raw**2))
    held_out = [
        np.mean(np.abs(raw / spread)[max(k - smooth // 2, 0) : k + smooth // 2 + 1])
        for k in range(200)
    ]
    assert_allclose(detector.errors_, held_out, rtol=1e-6)
    final = NVARForecaster(48, order=1).fit(x[:600])
    sizes = np.array([abs(x[t] - final.forecast(1, X=x[:t])[0]) for t in range(600, 700)]) / spread
    for k, score in enumerate(detector.score_samples(x[600:])):
        size = np.mean(sizes[max(k - smooth // 2, 0) : k + smooth // 2 + 1])
        p = (1 + sum(e >= size for e in held_out)) / 201
        p *= min(max(held_out) / size, 1)
        assert score == pytest.approx(np.log(p), abs=1e-6)


@pytest.mark.compiled
def test_the_forecaster_hears_clipped_values():
    x = hourly()
    new = x[1000:].copy()
    new[100] += 50
    far = np.arange(len(new))
    far = (far > 104) & (far < 160)  # where the season before would still tell of the outlier
    alarms = {}
    for clip in (0.99, 1.0):
        detector = ForecastDetector(clip=clip).fit(x[:1000])
        detector.limit_ = detector.limit_ if clip < 1 else np.array([np.inf])
        alarms[clip] = np.sum(detector.predict(new)[far] == -1)
        assert detector.predict(new)[100] == -1
    assert alarms[0.99] <= 3 < alarms[1.0]


@pytest.mark.compiled
def test_blocks_are_steps_one_by_one():
    x = hourly(500)
    detector = ForecastDetector(clip=0.9, smooth=1).fit(x[:400])
    found = detector._errors(detector.forecaster_, x, 400)[0][:, 0]
    model = NVARForecaster(48, order=1).fit(x[:400])
    heard = list(x[:400])
    for k in range(100):
        ahead = model.forecast(1, X=np.array(heard))[0]
        e = x[400 + k] - ahead
        assert found[k] == pytest.approx(e, abs=1e-9)
        heard.append(ahead + np.clip(e, -detector.limit_[0], detector.limit_[0]))


def test_window_errors_are_those_of_all_windows_around():
    from sklearn.decomposition import PCA

    x = np.random.RandomState(0).normal(size=(30, 2)).cumsum(axis=0)
    pca = PCA(3).fit(_windows(x, 5))
    found = _window_errors(pca, x, 5)
    for t in range(30):
        each = []
        for start in range(max(t - 4, 0), min(t, 25) + 1):
            row = x[start : start + 5].T.ravel()[None]
            left = (row - pca.inverse_transform(pca.transform(row))).reshape(2, 5)
            each.append(np.mean(left[:, t - start] ** 2))
        assert found[t] == pytest.approx(np.sqrt(np.mean(each)))
    assert not _window_errors(pca, x[:3], 5).any()
    assert_allclose(_smoothed(np.arange(4.0), 3), [0.5, 1, 2, 2.5])
    assert_allclose(_smoothed(np.arange(2.0), 9), [0.5, 0.5])


@pytest.mark.compiled
@pytest.mark.parametrize(
    "make",
    [LastValue, Drift, lambda: ESNForecaster(50, random_state=0)],
    ids=["own", "fast", "esn"],
)
def test_any_forecaster_will_do(make):
    x = hourly(900)
    detector = ForecastDetector(make()).fit(x[:600])
    new, label = bursts(x[600:], size=2.0)
    assert roc_auc_score(label, -detector.score_samples(new)) > 0.85


@pytest.mark.compiled
def test_going_on():
    x = hourly()
    detector = ForecastDetector().fit(x[:800])
    want = detector.score_samples(x[800:1000])[120:]
    n = len(detector.errors_)
    new = x[800:900].copy()
    detector.partial_fit(new)
    assert n < len(detector.errors_) <= n + 100
    detector.errors_ = detector.errors_[:n]
    assert_allclose(detector.score_samples(x[900:1000])[20:], want, atol=1e-9)
    first = ForecastDetector().partial_fit(x[:800])
    assert_allclose(
        first.score_samples(x[800:]), ForecastDetector().fit(x[:800]).score_samples(x[800:])
    )
    wild = ForecastDetector().fit(x[:800])
    wild.partial_fit(x[800:900] + 30 * (np.arange(100) == 50))
    assert wild.errors_.max() < 20


@pytest.mark.compiled
def test_forms():
    x = hourly(900)
    series = pd.Series(x, pd.date_range("2024", periods=900, freq="h"))
    want = ForecastDetector().fit(x[:700]).score_samples(x[700:])
    model = ForecastDetector().fit(series[:700])
    assert_allclose(model.score_samples(series[700:]), want)
    assert_allclose(model.score_samples(x[700:]), want)
    assert len(model.score_samples(series[:700])) == 700  # the training series itself
    assert (model.fit_predict(series[:700])[:48] == 1).all()
    both = np.c_[x, x[::-1]]
    two = ForecastDetector().fit(both[:700])
    assert two.n_features_in_ == 2
    new, label = both[700:].copy(), np.zeros(200, dtype=bool)
    new[50:54, 1] += [1, -1, 1, -1]
    label[50:54] = True
    assert roc_auc_score(label, -two.score_samples(new)) > 0.99
    assert clone(two).fit(both[:700].astype(np.float32)).score_samples(new).shape == (200,)
    with pytest.raises(ValueError, match="X has 1 features, but ForecastDetector is expecting 2"):
        two.predict(x[700:])


def test_what_is_refused():
    x = hourly(300)
    with pytest.raises(ValueError, match="needs 99 held-out steps"):
        ForecastDetector().fit(x)
    with pytest.raises(ValueError, match="needs 96 to learn from"):
        ForecastDetector(window=48, calibration=220).fit(x)
    for name, bad in (("clip", 0.2), ("false_alarms", 0), ("false_alarms", 0.7), ("smooth", 0)):
        with pytest.raises(ValueError, match=name):
            ForecastDetector(**{name: bad}).fit(x)
    with pytest.raises(TypeError, match="must be a forecaster"):
        ForecastDetector("esn", calibration=150).fit(x)


@pytest.mark.compiled
def test_small_integers_do_not_overflow():
    x = np.sin(0.3 * np.arange(400))
    want = ForecastDetector(window=70, calibration=200).fit(x)
    got = ForecastDetector(window=np.uint8(70), calibration=np.uint8(200)).fit(x)
    np.testing.assert_array_equal(got.errors_, want.errors_)
    with pytest.raises(ValueError, match="calibration=200 holds out 200 and leaves -50"):
        ForecastDetector(calibration=np.uint8(200)).fit(x[:150])


def test_steps_that_do_not_follow_by_their_dates_are_refused():
    x = np.sin(np.arange(400) * 2 * np.pi / 7) + 0.1 * np.random.RandomState(0).randn(400)
    days = pd.date_range("2024-01-01", periods=400)
    series = pd.Series(x, days)
    detector = ForecastDetector(window=14, false_alarms=0.02).fit(series[:300])
    want = ForecastDetector(window=14, false_alarms=0.02).fit(x[:300]).score_samples(x[300:])
    np.testing.assert_allclose(detector.score_samples(series[300:]), want)
    detector.score_samples(series)
    with pytest.raises(ValueError, match="the step after the series, 2024-10-27, but at 2024-11-0"):
        detector.predict(series[310:])
    hours = pd.Series(x[300:], pd.date_range(days[300], periods=100, freq="h"))
    with pytest.raises(ValueError, match="other steps than the series"):
        detector.predict(hours)
    detector.partial_fit(series[300:310])
    detector.predict(series[310:])
    with pytest.raises(ValueError, match="2024-11-06, but at 2024-10-27"):
        detector.predict(series[300:310])


def test_a_constant_that_goes_on_is_usual():
    detector = ForecastDetector(window=14, false_alarms=0.02, smooth=1).fit(np.ones(300))
    assert detector.predict([1.0, 1.0, 2.0, 1.0])[:3].tolist() == [1, 1, -1]


def test_a_series_that_comes_again_is_no_alarm():
    """Its first steps, which the forecaster is run over, are those of the training series."""
    counts = np.tile([0.0, 1, 0, 2], 60)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        for forecaster in (None, ESNForecaster(20, random_state=0)):
            detector = ForecastDetector(forecaster, window=2, false_alarms=0.05).fit(counts[:200])
            detector.predict(counts[200:])
