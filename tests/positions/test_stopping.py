import numpy as np
import pytest
from scipy.stats import t

from dlkit.positions._stopping import GAIN, SURE, means_of_folds, pays

ALIKE = np.ones(4)


def test_means_of_folds_are_weighted():
    losses, weight = np.array([1.0, 2, 3, 9]), np.array([1.0, 3, 2, 0])
    means, weights = means_of_folds(losses, weight, np.array([0, 0, 4, 7]))
    np.testing.assert_allclose(means, [7 / 4, 3, 0])
    np.testing.assert_allclose(weights, [4, 2, 0])


@pytest.mark.parametrize(
    ("saved", "wanted"),
    [
        ([0.1, 0.1, 0.1, 0.1], True),
        ([0.1, 0.12, 0.02, 0.1], True),
        ([0.3, -0.1, -0.1, -0.05], False),  # one part alone
        ([-0.1, -0.1, -0.1, -0.1], False),
        ([0.9 * GAIN] * 4, False),
        ([1.1 * GAIN] * 4, True),
    ],
)
def test_a_stage_pays_where_the_parts_agree(saved, wanted):
    assert pays(ALIKE, ALIKE - saved, ALIKE) == wanted


def test_a_saving_is_held_against_chance_by_students_test():
    rng = np.random.RandomState(0)
    for _ in range(50):
        saved = rng.standard_normal(5)
        error = saved.std(ddof=1) / np.sqrt(5)
        wanted = saved.mean() > max(t.ppf(SURE, 4) * error, 3 * GAIN)
        assert pays(np.full(5, 3.0), 3 - saved, np.full(5, 7.0)) == wanted


def test_heavy_parts_count_more():
    before, now = np.ones(3), np.array([0.5, 1.2, 1.2])
    assert not pays(before, now, np.ones(3))
    assert pays(before, now, np.array([98.0, 1, 1]))
    assert not pays(before, now, np.array([0.0, 1, 1]))
