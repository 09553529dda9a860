"""Quantiles of past errors against their definitions, and what they promise."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlkit._forecasts.quantiles import (
    Sphere,
    adapted,
    block_rows,
    check_coverage,
    check_enough,
    check_levels,
    choose_temperature,
    likeness,
    needed,
    reordered,
    tails,
    weighted_quantiles,
)

RNG = np.random.RandomState(0)


def naive_quantile(values, weights, level):
    """Least value whose share of all weights, that of the value to come among them, is enough."""
    if level < 0.5:
        return -naive_quantile([-v for v in values], weights, 1 - level)
    total = sum(weights) + sum(w * w for w in weights) / sum(weights)
    for v in sorted(values):
        if sum(w for w, x in zip(weights, values, strict=True) if x <= v) >= level * total - 1e-9:
            return v
    return max(values)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("weighted", [False, True])
def test_quantiles_are_the_definition(n, weighted):
    values = RNG.normal(size=(n, 3)).round(1)  # ties
    weights = RNG.gamma(1, size=n) if weighted else np.ones(n)
    levels = np.array([0.0, 0.05, 0.3, 0.7, 0.95, 1.0])
    found = weighted_quantiles(values, levels, weights if weighted else None)
    for j, level in enumerate(levels):
        for c in range(3):
            assert found[j, c] == naive_quantile(values[:, c], weights, level)
    middle = weighted_quantiles(values, [0.5], weights if weighted else None)[0]
    for c in range(3):
        both = (
            naive_quantile(values[:, c], weights, 0.5),
            -naive_quantile(-values[:, c], weights, 0.5),
        )
        assert middle[c] == pytest.approx(np.mean(both))
        if not weighted:
            assert middle[c] == pytest.approx(np.median(values[:, c]))


def test_weights_that_are_alike_weigh_nothing():
    values, levels = RNG.normal(size=(30, 2)), [0.1, 0.5, 0.9]
    for weight in (1e-8, 1.0, 1e8):
        found = weighted_quantiles(values, levels, np.full(30, weight))
        assert_allclose(found, weighted_quantiles(values, levels))


def test_intervals_of_as_many_errors_as_are_needed_cover_as_promised():
    for coverage in (0.8, 0.9):
        n = needed(tails(coverage))
        assert n == {0.8: 9, 0.9: 19}[coverage]
        drawn = RNG.normal(size=(20_000, n + 1))
        low, high = weighted_quantiles(drawn[:, :-1].T, tails(coverage))
        inside = (low <= drawn[:, -1]) & (drawn[:, -1] <= high)
        assert np.mean(inside) == pytest.approx(coverage, abs=0.01)
    assert needed([0.005, 0.995]) == 199
    assert needed([0.5]) == 1
    assert needed([1e-300]) == needed(tails(1 - 1e-16)) == needed([1.0]) == 10**15 - 1
    check_enough(19, tails(0.9), "X", "hand over more")
    with pytest.raises(ValueError, match="leaves 18 errors .* need 19: hand over more"):
        check_enough(18, tails(0.9), "X", "hand over more")


def test_directions_do_not_depend_on_the_units_of_the_units():
    states = RNG.normal(size=(50, 4))
    factor, shift = [1.0, 1e6, 1e-6, 3.0], [0.0, 1e3, 5.0, -1.0]
    expected = Sphere(states).of(states)
    other = states * factor + shift
    assert_allclose(Sphere(other).of(other), expected, atol=1e-6)
    assert_allclose(np.linalg.norm(expected, axis=1), 1)
    still = np.c_[states, np.full(50, 0.3)]  # a dead unit tells nothing
    assert_allclose(Sphere(still).of(still)[:, :4], expected)
    assert not Sphere(still).of(still)[:, 4].any()
    assert not Sphere(states).of(states.mean(axis=0)[None]).any()


def test_likeness_is_the_formula():
    directions = Sphere(RNG.normal(size=(9, 3))).of(RNG.normal(size=(5, 3)))
    found = likeness(directions, directions[2], 0.1)
    expected = [np.exp((sum(d * directions[2]) - 1) / 0.1) for d in directions]
    assert_allclose(found, expected)
    other = np.array([0.6, 0.0, 0.8])
    expected = np.array([np.exp(sum(d * other) / 1e-2) for d in directions])
    assert_allclose(likeness(directions, other, 1e-2), expected / expected.max())
    assert likeness(directions, other, 1e-9).max() == 1
    assert likeness(directions, directions[2], np.inf).tolist() == [1] * 5


def test_temperature_is_small_where_states_tell_the_spread_and_large_where_they_do_not():
    angle = RNG.uniform(0, 2 * np.pi, 600)
    directions = np.c_[np.cos(angle), np.sin(angle)]
    noise = RNG.normal(size=(600, 1))
    told = choose_temperature(noise * (1.1 + np.cos(angle))[:, None] ** 2, directions, 0.9)
    assert told <= 0.2
    told = Sphere(RNG.normal(size=(600, 5))).of(RNG.normal(size=(600, 5)))
    assert choose_temperature(noise, told, 0.9, (1e-6, np.inf)) == np.inf
    assert choose_temperature(noise[:6], directions[:6], 0.9) == np.inf


def test_choice_scores_the_intervals_that_would_be_made():
    n = 30
    errors = RNG.normal(size=(n, 1))
    directions = Sphere(RNG.normal(size=(n, 4))).of(RNG.normal(size=(n, 4)))
    scores = {}
    for temperature in (0.05, 0.3, np.inf):
        inside, score = [], []
        for t in range(n // 2, n):
            weights = likeness(directions[:t], directions[t], temperature)
            low, high = weighted_quantiles(errors[:t], tails(0.8), weights)[:, 0]
            e = errors[t, 0]
            inside.append(low <= e <= high)
            score.append(high - low + 10 * (max(low - e, 0) + max(e - high, 0)))
        scores[temperature] = np.mean(inside), np.mean(score)
    margin = 2 * np.sqrt(0.8 * 0.2 / (n - n // 2))
    most = max(share for share, _ in scores.values())
    good = {k: s for k, (share, s) in scores.items() if share >= min(0.8 - margin, most)}
    assert choose_temperature(errors, directions, 0.8, tuple(scores)) == min(good, key=good.get)


def test_adapted_levels_cover_whatever_comes():
    gamma, steps = 0.02, 4000
    for truths in (RNG.normal(size=steps), np.sign(RNG.normal(size=steps)) * np.arange(steps)):
        alpha, missed = 0.1, []
        for t in range(20, steps):
            low, high = np.quantile(truths[max(t - 200, 0) : t], [0, 1])
            width = (high - low) * (0.5 - np.clip(alpha, 0, 1) / 2)
            out = alpha > 0 and abs(truths[t] - (low + high) / 2) > width
            missed.append(out)
            alpha = adapted(alpha, gamma, 0.9, out)
        assert np.mean(missed) == pytest.approx(0.1, abs=(1 + gamma) / (gamma * len(missed)))


def test_blocks_are_successive_and_everywhere():
    rows = block_rows(100, 500, 24, np.random.RandomState(0))
    assert rows.shape == (500, 24)
    assert set(rows.ravel()) == set(range(100))
    steps = np.diff(rows, axis=1)
    assert np.mean(steps == 1) > 0.75
    assert block_rows(1, 2, 5, np.random.RandomState(0)).tolist() == [[0] * 5] * 2


def test_reordered_paths_have_the_marginals_and_the_ranks():
    paths, marginals = RNG.normal(size=(2, 50, 6, 2))
    found = reordered(paths, marginals * 10)
    assert_allclose(np.sort(found, axis=0), np.sort(marginals * 10, axis=0))
    assert (np.argsort(found, axis=0) == np.argsort(paths, axis=0)).all()


@pytest.mark.parametrize(
    "bad", [0, 1, 0.0, 1.0, -0.1, 90, np.nan, "0.9", None, True, [0.9], np.inf]
)
def test_what_is_no_coverage(bad):
    with pytest.raises(ValueError, match="coverage must be a number between 0 and 1"):
        check_coverage(bad)


def test_levels():
    assert check_levels((0.1, np.float32(0.5))).tolist() == pytest.approx([0.1, 0.5])
    for bad in (0.5, (), (0.5, 1.0), "12"):
        with pytest.raises(ValueError, match="quantiles must be"):
            check_levels(bad)
    with pytest.raises(ValueError, match="For 90 percent use 0.9"):
        check_coverage(90)
    with pytest.raises(ValueError, match=r"got 1\.2\.$"):
        check_coverage(1.2)
