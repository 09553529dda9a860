"""Distributions of vectors, against those that the data were drawn from."""

import numpy as np
import pytest
from scipy import stats

from dlkit import RidgeReadout
from dlkit.metrics import crps
from dlkit.symbols._emissions import Empirical, Gaussian, _leverages

N = 3000


def drawn(seed=0):
    """Rows, vectors, and their true means and deviations; both entries share an error."""
    r = np.random.RandomState(seed)
    rows = r.uniform(-1, 1, (N, 3))
    mean = np.stack([rows[:, 0], -rows[:, 1]], axis=1)
    std = np.exp(0.8 * rows[:, [2, 2]])
    noise = r.standard_normal((N, 2))
    noise[:, 1] = 0.8 * noise[:, 0] + 0.6 * noise[:, 1]
    return rows, mean + std * noise, mean, std


def fit(kind, rows, targets, **more):
    return kind.fit(rows, targets, RidgeReadout([1e-3, 1.0]), np.random.RandomState(0), **more)


@pytest.mark.parametrize("full", [False, True])
def test_variances_are_those_of_the_noise(full):
    rows, targets, mean, std = drawn()
    found = fit(Gaussian, rows, targets, full=full)
    new, truth, mean, std = drawn(1)
    told_mean, told_std = found.deviations(new)
    np.testing.assert_allclose(told_std, std, rtol=0.15)
    ours, best = (crps(truth, m, std=s) for m, s in ((told_mean, told_std), (mean, std)))
    assert ours < 1.02 * best


def test_covariances_make_the_truth_likelier():
    rows, targets, *_ = drawn()
    new, truth, mean, std = drawn(1)
    plain, full = (
        fit(Gaussian, rows, targets, full=full).log_density(new, truth) for full in (False, True)
    )
    cov = np.array([[1, 0.8], [0.8, 1]])
    best = [
        stats.multivariate_normal(m, s[0] ** 2 * cov).logpdf(x)
        for m, s, x in zip(mean, std, truth, strict=True)
    ]
    assert np.mean(best) - 0.02 < full.mean() < np.mean(best) + 0.02
    assert full.mean() > plain.mean() + 0.3


@pytest.mark.parametrize("full", [False, True])
def test_densities_are_those_of_a_normal_and_samples_have_its_moments(full):
    rows, targets, *_ = drawn()
    found = fit(Gaussian, rows, targets, full=full)
    means, variances = found.moments(rows[:3])
    for i in range(3):
        cov = found.triangle @ np.diag(variances[i]) @ found.triangle.T
        want = stats.multivariate_normal(means[i], cov).logpdf(targets[i])
        assert found.log_density(rows[:3], targets[:3])[i] == pytest.approx(want)
    many = np.repeat(rows[:1], 40_000, axis=0)
    told = found.sample(many, np.random.RandomState(0), 1.0)
    cov = found.triangle @ np.diag(variances[0]) @ found.triangle.T
    np.testing.assert_allclose(told.mean(axis=0), means[0], atol=0.05)
    np.testing.assert_allclose(np.cov(told.T), cov, atol=0.05 * cov.max())
    cold = found.sample(rows[:3], np.random.RandomState(0), 0.0)
    np.testing.assert_allclose(cold, means)


def test_residuals_of_like_rows_tell_the_density():
    rows, targets, *_ = drawn()
    found = fit(Empirical, rows, targets)
    new, truth, _, std = drawn(1)
    weights = found._weights(new[:5])
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    means = found.mean.predict(new[:5])
    for i in range(5):
        kernels = stats.norm.pdf(truth[i], means[i] + found.residuals, found.width).prod(axis=1)
        want = np.log(weights[i] @ kernels)
        assert found.log_density(new[:5], truth[:5])[i] == pytest.approx(want)
    _, told = found.deviations(new)
    wide, narrow = std[:, 0] > 1.8, std[:, 0] < 0.6
    assert told[wide].mean() > 2 * told[narrow].mean()
    many = found.sample(np.repeat(new[:1], 20_000, axis=0), np.random.RandomState(0), 1.0)
    mean, deviation = found.deviations(new[:1])
    np.testing.assert_allclose(many.mean(axis=0), mean[0], atol=0.05)
    np.testing.assert_allclose(many.std(axis=0), deviation[0], rtol=0.05)


def test_leverages_are_those_of_leaving_out():
    r = np.random.RandomState(0)
    rows, targets = r.randn(20, 4), r.randn(20, 1)
    readout = RidgeReadout(0.5).fit(rows, targets)
    _, leverage = _leverages(rows, None, readout)
    left = (targets - readout.predict(rows)) / (1 - leverage)
    for i in range(20):
        others = np.arange(20) != i
        told = RidgeReadout(0.5).fit(rows[others], targets[others]).predict(rows[i : i + 1])
        assert targets[i, 0] - told[0, 0] == pytest.approx(left[i, 0], rel=1e-6)
