"""The paired test over folds."""

import numpy as np
import pytest
from scipy import stats

from dlkit.baselines._paired import paired


def test_independent_folds_give_students_paired_test():
    r = np.random.RandomState(0)
    a, b = r.rand(7), r.rand(7) + 0.3
    gap, p = paired(dict(enumerate(a)), dict(enumerate(b)), 0.0)
    assert gap == pytest.approx((a - b).mean())
    assert p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_overlapping_training_samples_make_differences_less_sure():
    a, b = {0: 0.9, 1: 0.8, 2: 0.7}, {0: 0.7, 1: 0.7, 2: 0.65}
    gaps = np.array([0.2, 0.1, 0.05])
    t = gaps.mean() / np.sqrt(gaps.var(ddof=1) * (1 / 3 + 0.5))
    assert paired(a, b, 0.5)[1] == pytest.approx(2 * stats.t.sf(t, 2))
    assert paired(a, b, 0.5)[1] > paired(a, b, 0.0)[1]


def test_folds_that_both_have():
    gap, p = paired({0: 1.0, 2: 3.0}, {0: 0.5, 1: 9.0}, 0.2)
    assert gap == 0.5
    assert np.isnan(p)
    assert np.isnan(paired({0: 1.0}, {1: 1.0}, 0.2)[0])
    assert paired({0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0}, 0.2) == (0.0, 1.0)
    assert paired({0: 1.5, 1: 2.5}, {0: 1.0, 1: 2.0}, 0.2) == (0.5, 0.0)
