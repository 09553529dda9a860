"""Scores of distributions, quantiles and intervals against their definitions."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import kstest, norm

from dlkit.metrics import coverage, crps, interval_score, pinball, pit

RNG = np.random.RandomState(0)
TRUTH, MEAN = RNG.normal(size=(2, 6, 2))
STD = RNG.gamma(3, size=(6, 2))
SAMPLES = MEAN + STD * RNG.normal(size=(30, 6, 2))
LEVELS = np.arange(1, 10) / 10
QUANTILES = MEAN + STD * norm.ppf(LEVELS)[:, None, None]


def integral(cdf, y):
    """CRPS by its definition."""
    below = quad(lambda x: cdf(x) ** 2, y - 60, y, limit=500)[0]
    return below + quad(lambda x: (cdf(x) - 1) ** 2, y, y + 60, limit=500)[0]


def test_crps_of_gaussians_is_the_integral():
    every = crps(TRUTH, MEAN, std=STD, average=False)
    for at in np.ndindex(TRUTH.shape):
        expected = integral(norm(MEAN[at], STD[at]).cdf, TRUTH[at])
        assert every[at] == pytest.approx(expected, rel=1e-6)
    assert crps(TRUTH, MEAN, std=STD) == pytest.approx(every.mean())
    assert crps(TRUTH, MEAN, std=0.0) == pytest.approx(np.abs(TRUTH - MEAN).mean())
    assert crps([1e300], [-1e300], std=1e-300) == 2e300


@pytest.mark.parametrize("fair", [True, False])
def test_crps_of_samples_is_the_mean_over_pairs(fair):
    m = len(SAMPLES)
    pairs = sum(abs(x - z) for x in SAMPLES for z in SAMPLES) / (m * (m - fair))
    expected = sum(abs(x - TRUTH) for x in SAMPLES) / m - pairs / 2
    assert_allclose(crps(TRUTH, SAMPLES, fair=fair, average=False), expected)
    assert crps(TRUTH, list(SAMPLES), fair=fair) == pytest.approx(expected.mean())
    assert crps(TRUTH[:, 0], SAMPLES[:, :, 0], fair=fair) == pytest.approx(expected[:, 0].mean())
    if not fair:  # then it is the integral of the empirical distribution function
        one = SAMPLES[:, 2, 1]
        exact = integral(lambda x: np.mean(one <= x), TRUTH[2, 1])
        assert exact == pytest.approx(expected[2, 1], rel=1e-3)


def test_crps_of_many_quantiles_comes_to_the_integral():
    levels = (np.arange(400) + 0.5) / 400
    quantiles = MEAN + STD * norm.ppf(levels)[:, None, None]
    exact = crps(TRUTH, MEAN, std=STD)
    assert crps(TRUTH, quantiles, quantiles=levels) == pytest.approx(exact, rel=1e-3)


def test_pinball_is_the_formula():
    expected = [
        [[max(q * (y - f), (q - 1) * (y - f)) for y, f in zip(*rows, strict=True)]
         for rows in zip(TRUTH, forecast, strict=True)]
        for q, forecast in zip(LEVELS, QUANTILES, strict=True)
    ]  # fmt: skip
    assert_allclose(pinball(TRUTH, QUANTILES, quantiles=LEVELS, average=False), expected)
    as_tuple = tuple(pd.DataFrame(q) for q in QUANTILES)
    assert pinball(TRUTH, as_tuple, quantiles=LEVELS) == pytest.approx(np.mean(expected))
    assert pinball(TRUTH, QUANTILES[4], quantiles=0.5) == pytest.approx(np.mean(expected[4]))
    assert pinball(TRUTH[:, 0], QUANTILES[4, :, 0], quantiles=[0.5]) == pytest.approx(
        np.abs(TRUTH - QUANTILES[4])[:, 0].mean() / 2
    )
    assert crps(TRUTH, as_tuple, quantiles=tuple(LEVELS)) == pytest.approx(2 * np.mean(expected))


def test_intervals():
    lower, upper = MEAN - STD, MEAN + 0.5 * STD
    scores, inside = [], []
    for y, l, u in zip(TRUTH.ravel(), lower.ravel(), upper.ravel(), strict=True):
        scores.append(u - l + (20 * (l - y) if y < l else 20 * (y - u) if y > u else 0))
        inside.append(l <= y <= u)
    assert 0 < sum(inside) < len(inside)
    assert interval_score(TRUTH, lower, upper, coverage=0.9) == pytest.approx(np.mean(scores))
    assert coverage(TRUTH, lower, upper) == np.mean(inside)
    found = interval_score(TRUTH, lower, upper, average=False).ravel()
    assert_allclose(found, scores)
    assert_allclose(coverage(TRUTH, lower, upper, average=False).ravel(), inside)
    assert coverage([1.0, 2.0], [1.0, 0.0], [1.0, 2.0]) == 1


def test_the_interval_between_the_quantiles_scores_best():
    y = RNG.gamma(2, size=20_000)
    best = np.quantile(y, [0.1, 0.9])
    bounds = [best, best + 0.2, best - 0.2, [best[0] - 0.2, best[1] + 0.2]]
    scores = [interval_score(y, *np.repeat(b, len(y)).reshape(2, -1), coverage=0.8) for b in bounds]
    assert np.argmin(scores) == 0


@pytest.mark.parametrize("kind", ["gaussian", "samples", "quantiles"])
def test_calibrated_forecasts_have_uniform_pit(kind):
    n, rng = 3000, np.random.RandomState(1)
    mean, std = rng.normal(size=n), rng.gamma(2, size=n)
    truth = mean + std * rng.normal(size=n)
    if kind == "gaussian":
        found = pit(truth, mean, std=std)
    elif kind == "samples":
        found = pit(truth, mean + std * rng.normal(size=(20, n)), random_state=0)
    else:
        levels = np.arange(1, 40) / 40
        quantiles = mean + std * norm.ppf(levels)[:, None]
        found = pit(truth, quantiles, quantiles=levels, random_state=0)
    assert kstest(found, "uniform").pvalue > 0.01
    assert found.min() >= 0
    assert found.max() <= 1


def test_pit_of_quantiles_is_linear_between_them():
    found = pit([1.5, 2.0, -1.0, 9.0], [[1.0] * 4, [2.0] * 4], quantiles=[0.2, 0.6], random_state=0)
    assert_allclose(found[:2], [0.4, 0.6])
    assert 0 <= found[2] <= 0.2
    assert 0.6 <= found[3] <= 1
    same = pit([1.0] * 500, [[1.0] * 500] * 2, quantiles=[0.2, 0.6], random_state=0)
    assert 0 <= same.min() < 0.1
    assert 0.9 < same.max() <= 1


def test_pit_where_there_is_no_spread():
    assert list(pit([0.0, 2.0], [1.0, 1.0], std=0.0)) == [0, 1]
    assert 0 < pit([1.0], [1.0], std=0.0, random_state=0)[0] < 1


def test_lists_of_series():
    truths = [TRUTH[:4, 0], TRUTH[:, 1]]
    lower, upper = [[one - k for one in truths] for k in (1, -1)]
    assert coverage(truths, lower, upper) == 1
    paths = [SAMPLES[:, :4, 0], SAMPLES[:, :, 1]]
    each = [crps(t, p) for t, p in zip(truths, paths, strict=True)]
    assert crps(truths, paths) == pytest.approx(np.mean(each))
    quantiles = tuple([q[:4, 0], q[:, 1]] for q in QUANTILES)
    each = [pinball(t, [q[k] for q in quantiles], quantiles=LEVELS) for k, t in enumerate(truths)]
    assert pinball(truths, quantiles, quantiles=LEVELS) == pytest.approx(np.mean(each))
    assert [len(p) for p in pit(truths, paths)] == [4, 6]
    means = [MEAN[:4, 0], MEAN[:, 1]]
    each = [crps(t, m, std=2.0) for t, m in zip(truths, means, strict=True)]
    assert crps(truths, means, std=2.0) == pytest.approx(np.mean(each))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pinball([1.0], [1.0], quantiles=1.0), "quantiles"),
        (lambda: pinball([1.0], [[1.0], [1.0]], quantiles=[0.5, 0.2]), "quantiles must increase"),
        (lambda: pinball([1.0, 2.0], [[1.0], [1.0]], quantiles=[0.2, 0.5]), "y_pred must have"),
        (lambda: crps([1.0], np.ones((3, 1)), quantiles=[0.2, 0.5]), "y_pred must hold 2 quantil"),
        (lambda: crps([1.0], [[1.0]]), "fair=False"),
        (lambda: crps([1.0], [1.0], std=-1.0), "std"),
        (lambda: crps([1.0], [1.0], std=[-1.0]), "std must not be negative"),
        (lambda: crps([1.0], [1.0], std=1.0, quantiles=0.5), "exclude each other"),
        (lambda: interval_score([1.0], [0.0], [2.0], coverage=1.0), "coverage"),
        (lambda: interval_score([1.0], [0.0], [2.0], coverage=90), "coverage"),
        (lambda: coverage([1.0], [2.0], [0.0]), "exchanged"),
        (lambda: coverage([1.0, 2.0], [0.0], [2.0, 3.0]), "lower must have the shape"),
        (lambda: coverage([np.nan], [0.0], [2.0]), "y_true"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("fair", [True, False])
def test_crps_of_samples_far_from_zero(fair):
    y, X = RNG.normal(size=1), RNG.normal(size=(8, 1))
    y, X = np.round(2**10 * y) / 2**10, np.round(2**10 * X) / 2**10  # exact far from zero, too
    far = crps(y + 2.0**40, X + 2.0**40, fair=fair)
    assert far == pytest.approx(crps(y, X, fair=fair), rel=1e-9)
