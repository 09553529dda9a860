"""How far forecasts are off."""

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from dlkit.forecasting._errors import POOLED, WIDER, WIDER_ONE, Errors

KNOTS = np.array([1, 2, 4, 8])


def drawn(n_series=1, n=200, seed=0):
    rng = np.random.RandomState(seed)
    walks = rng.standard_normal((n_series, n, 8)).cumsum(axis=2)
    return [(i + 1) * walk[:, KNOTS - 1] for i, walk in enumerate(walks)]


def test_own_errors_of_one_series():
    (e,) = drawn()
    found = Errors(KNOTS, [e])
    squares = found.squares(np.arange(50.0), 0)
    np.testing.assert_allclose(squares, (e**2).mean(0))
    np.testing.assert_allclose(found.growth, np.sqrt((e**2).mean(0) / (e[:, 0] ** 2).mean()))
    assert 1 > found.correlation[1, 2] > found.correlation[0, 3] > 0.1


def test_of_many_series_others_count_where_a_series_has_few():
    many = drawn(20)
    many[3] = many[3][:4]
    found = Errors(KNOTS, many)
    own = (many[3] ** 2).mean(0)
    growth = np.median([(e**2).mean(0) / (e[:, 0] ** 2).mean() for e in many], axis=0)
    n = 4 / np.sqrt(KNOTS)
    expected = (n * own + POOLED * own[0] * np.maximum.accumulate(growth)) / (n + POOLED)
    np.testing.assert_allclose(found.squares(np.arange(9.0), 3), expected)
    x = np.array([1.0, 3.0, 2.0, 5.0])
    steps = np.mean(np.diff(x) ** 2)
    np.testing.assert_allclose(found.squares(x, -1), steps * np.maximum.accumulate(growth))


def test_without_errors_they_grow_with_the_root():
    found = Errors(KNOTS, [np.empty((0, 4))])
    np.testing.assert_allclose(found.squares(np.array([0.0, 2.0, 0.0]), 0), 4.0 * KNOTS)


def test_between_knots_and_beyond():
    found = Errors(KNOTS, drawn())
    ahead = found.around(np.zeros(32), KNOTS.astype(float) ** 2, np.arange(100.0))
    wider = WIDER_ONE * np.sqrt(1 + 0.5 * np.arange(1, 33) / 100)
    np.testing.assert_allclose(ahead.spread[:8], wider[:8] * np.arange(1, 9))
    np.testing.assert_allclose(ahead.spread[[15, 31]], wider[[15, 31]] * 8 * np.sqrt([2.0, 4.0]))
    many = Errors(KNOTS, drawn(12)).around(np.zeros(32), KNOTS.astype(float) ** 2, np.arange(100.0))
    np.testing.assert_allclose(many.spread, ahead.spread * WIDER / WIDER_ONE)
    np.testing.assert_allclose(ahead.freedom[[0, 9, 31]], [102, 12, 100 / 32 + 2])
    level = found.around(np.array([5e3, -5e3]), np.ones(4), np.arange(11.0)).level
    np.testing.assert_allclose(level, [10 + 10 * (1 + 2 / 11), -10 * (1 + 4 / 11)])


def test_quantiles_of_students_t():
    ahead = Errors(KNOTS, drawn()).around(np.arange(3.0), np.ones(4), np.arange(30.0))
    freedom = np.array([32.0, 17.0, 12.0])
    expected = np.arange(3.0) + ahead.spread * student.ppf(0.9, freedom)
    np.testing.assert_allclose(ahead.quantile(0.9), expected)


@pytest.mark.parametrize("n_steps", [1, 6, 20])
def test_paths_are_uniform_at_each_step_and_correlated(n_steps):
    found = Errors(KNOTS, drawn())
    paths = found.draw(4000, n_steps, np.random.RandomState(0))
    assert paths.shape == (4000, n_steps)
    np.testing.assert_allclose(np.sort(paths, axis=0)[::400, 0], np.arange(10) / 10, atol=0.03)
    np.testing.assert_allclose(paths.std(0), np.sqrt(1 / 12), rtol=0.05)
    if n_steps > 3:
        z = norm.ppf(paths)
        seen = np.corrcoef(z[:, 0], z[:, 3])[0, 1]
        assert abs(seen - found.correlation[0, 2]) < 0.05
