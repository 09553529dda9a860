"""Lines and windows together."""

import numpy as np
import pytest
from scipy.optimize import minimize

from dlkit.forecasting._levels import PRIOR, Levels, _likely, _weigh, knots_of
from dlkit.forecasting._lines import read_lines


def walks(n, length, seed=0):
    rng = np.random.RandomState(seed)
    return [rng.standard_normal(length).cumsum() + 0.1 * np.arange(length) for _ in range(n)]


def test_knots():
    np.testing.assert_array_equal(knots_of(16), np.arange(1, 17))
    knots = knots_of(336)
    assert knots[0] == 1
    assert knots[-1] == 336
    assert len(knots) <= 16
    assert (np.diff(knots) > 0).all()


def test_weights_minimise_the_error_of_the_mean():
    rng = np.random.RandomState(0)
    common = rng.standard_normal(300)
    errors = np.stack([common + s * rng.standard_normal(300) for s in (0.3, 1.0, 2.0)])

    def loss(w, even=0.2):
        return np.mean(np.abs(w @ errors)) / np.mean(np.abs(errors)) + even * w @ w

    best = minimize(loss, np.full(3, 1 / 3), bounds=[(0, 1)] * 3, method="SLSQP",
                    constraints={"type": "eq", "fun": lambda w: w.sum() - 1}).x  # fmt: skip
    found = _weigh(errors, 0.2)
    np.testing.assert_allclose(found, best, atol=0.05)  # weights are twentieths
    assert found.sum() == pytest.approx(1)
    assert loss(found) < loss(best) + 1e-3
    assert _weigh(np.zeros((3, 5)), 0.2) == pytest.approx([0.35, 0.35, 0.3], abs=0.051)


def test_weights_by_likelihood():
    errors = np.array([[1.0, -1.0], [2.0, 2.0], [1.0, -1.0]])
    expected = PRIOR * np.array([1.0, 4.0**-1.5, 1.0])
    np.testing.assert_allclose(_likely(errors, 3), expected / expected.sum())
    np.testing.assert_allclose(_likely(errors, 1e4), [0.6, 0, 0.4], atol=1e-9)
    np.testing.assert_allclose(_likely(np.zeros((3, 2)), 3), PRIOR)
    np.testing.assert_allclose(_likely(np.array([[0.0], [1.0], [1.0]]), 3), [1, 0, 0])


def test_weighted_mean_of_three():
    x = walks(1, 90)[0]
    levels = Levels().fit([x], 6)
    (ahead,) = levels.forecast([x], 6, [0], [0.0], seen=True)
    steps, last = np.arange(1, 7), np.array([89])
    lines = read_lines(x, last).ahead(steps)[:, 0]
    experts = np.concatenate([lines, levels.ridge.ahead(x, last)])
    np.testing.assert_allclose(ahead.level, levels.weights @ experts)
    assert levels.weights.sum() == pytest.approx(1)
    (again,) = levels.forecast([x], 6, [0], [0.0])
    np.testing.assert_allclose(again.level, ahead.level, rtol=1e-9)
    (wider,) = levels.forecast([x], 6, [0], [0.5])
    spread = 1.1**2 * (1 + 0.5 * steps / 90)
    np.testing.assert_allclose(wider.spread**2 - ahead.spread**2, spread, rtol=1e-6)


def test_beyond_what_was_learned_the_ridge_goes_on_by_blocks():
    x = walks(1, 90)[0]
    levels = Levels().fit([x], 4)
    (ahead,) = levels.forecast([x], 10, [0], [0.0])
    so_far, steps = x, np.arange(1, 11)
    for _ in range(3):
        so_far = np.append(
            so_far, levels.ridge.ahead(so_far, np.array([len(so_far) - 1]), x.std())[0]
        )
    lines = read_lines(x, np.array([89])).ahead(steps)[:, 0]
    expected = levels.weights @ np.stack([*lines, so_far[90:100]])
    np.testing.assert_allclose(ahead.level, expected)
    assert (np.diff(ahead.spread) > 0).all()


def test_next_steps():
    x = walks(1, 60)[0]
    levels = Levels().fit([x], 3)
    predicted = levels.next_steps([x], [0])[0]
    for t in (5, 30, 59):
        (ahead,) = levels.forecast([x[: t + 1]], 1, [0], [0.0])
        np.testing.assert_allclose(predicted[t], ahead.level[0], atol=1e-6)
    assert np.std(x[1:] - predicted[:-1]) < 2 * np.std(np.diff(x))


def test_a_model_of_many_series_forecasts_new_ones():
    many = walks(15, 60)
    levels = Levels().fit(many[:12], 5)
    ahead = levels.forecast(many[12:], 5, [-1] * 3, [0.0] * 3)
    (twice,) = levels.forecast([10 * many[12] + 5], 5, [-1], [0.0])
    np.testing.assert_allclose(twice.level, 10 * ahead[0].level + 5, rtol=1e-9)
    np.testing.assert_allclose(twice.spread, 10 * ahead[0].spread, rtol=1e-9)


@pytest.mark.parametrize("n", [3, 4, 6, 9])
def test_short_levels(n):
    x = walks(1, n)[0]
    (ahead,) = Levels().fit([x], 1).forecast([x], 4, [0], [0.0])
    assert np.isfinite(ahead.level).all()
    assert (ahead.spread > 0).all()
