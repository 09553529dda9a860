"""Time told from small portions."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from dlkit import RidgeReadoutClassifier
from dlkit.baselines._contender import Contender
from dlkit.baselines._predict import crowd, expect
from dlkit.baselines._problem import read_problem
from dlkit.baselines._work import Fit, operations

PROBLEM = read_problem(
    np.zeros((1000, 3)), np.arange(1000) % 2, "rows", 5, None, None, None, 0
)  # 800 train, 200 test


def fit(n, *, peak=0.0, width=3, busy=1.0, **cpu):
    cpu = dict.fromkeys(("map", "apply", "fit", "predict"), 0.0) | cpu
    seconds = {part: busy * value for part, value in cpu.items()}
    return Fit(seconds, cpu, n_train=n, n_test=n // 2, width=width, peak=peak)


def test_what_grows_in_proportion():
    fits = [fit(n, map=0.01 * n, apply=0.002 * n, peak=1e6 * n) for n in (25, 50, 100)]
    found = expect(PROBLEM, Contender("a", ExtraTreesClassifier()), fits, (0.0, 0.0))
    assert found.map == pytest.approx(8.0 + 0.002 * 400, rel=0.01)
    assert found.own < 1e-3
    assert found.peak == pytest.approx(800e6)


def test_growth_goes_on_as_it_was_up_to_what_may_be():
    for power, most in ((0.5, 1.2), (1.1, 1.2), (2.0, 1.2), (2.5, 3.0)):
        fits = [fit(n, fit=1e-3 * n**power) for n in (50, 100)]
        found = expect(PROBLEM, Contender("a", None, growth=most), fits, (0.0, 0.0))
        want = 1e-3 * 100**power * 8 ** min(power, most)
        assert found.own == pytest.approx(want, rel=0.01)


def test_a_ridge_takes_its_operations():
    speed = 1e-9, 2e-9
    readout = Contender("a", RidgeReadoutClassifier())
    seconds = {n: np.dot(operations(n, 5000), speed) for n in (50, 100, 800)}
    fits = [fit(n, width=5000, fit=seconds[n] + 3e-3) for n in (50, 100)]
    found = expect(PROBLEM, readout, fits, speed)
    assert found.own == pytest.approx(seconds[800] + 3e-3, rel=0.01)
    assert found.peak == 8.0 * 800 * 5000
    assert operations(30, 7) == (30 * 49.0, 343.0)


def test_a_crowded_machine_takes_longer():
    fits = [fit(n, map=0.01 * n, busy=3.0) for n in (50, 100)]
    found = expect(PROBLEM, Contender("a", None), fits, (0.0, 0.0))
    assert found.total == pytest.approx(3 * 8.0, rel=0.01)
    assert crowd(fits[0]) == pytest.approx(3.0)
    assert crowd(fit(10)) is None
