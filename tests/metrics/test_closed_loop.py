"""The scorer of closed loops, on an estimator that repeats the last step."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from dlkit.metrics import make_closed_loop_scorer


class Last(BaseEstimator):
    def __init__(self, last=0.0):
        self.last = last

    def forecast(self, n_steps, X=None):
        if X is None:
            return np.full(n_steps, self.last)
        if isinstance(X, list):
            return [np.repeat(x[-1:], n_steps, axis=0) for x in X]
        return np.repeat(X[-1:], n_steps, axis=0)


def test_last_steps_are_forecast_from_those_before():
    x = np.array([1.0, 3.0, 1.0, 3.0, 5.0, 2.0])
    for data in (x, x[:, None]):
        want = -np.log10(((3 - 5) ** 2 + (3 - 2) ** 2) / 2 / x.var())
        np.testing.assert_allclose(make_closed_loop_scorer(2)(Last(), data), want)
    both = make_closed_loop_scorer(2)(Last(), [x, 2 * x])
    np.testing.assert_allclose(both, want)


def test_channels_count_by_their_spread():
    x = np.array([[0.0, 0.0], [1.0, 100.0], [0.0, 0.0], [1.0, 100.0]])
    np.testing.assert_allclose(make_closed_loop_scorer(1)(Last(), x), -np.log10(4))


def test_all_steps_follow_what_was_fitted():
    x = np.array([1.0, 3.0])
    np.testing.assert_allclose(make_closed_loop_scorer()(Last(2.0), x), 0.0)


def test_a_perfect_and_a_wild_forecast_have_finite_scores():
    assert make_closed_loop_scorer()(Last(7.0), np.full(3, 7.0)) == 24
    for wild in (np.nan, np.inf, 1e300):
        assert make_closed_loop_scorer()(Last(wild), np.array([1.0, 2.0])) == -6


def test_scorers_travel_and_say_what_they_are():
    scorer = pickle.loads(pickle.dumps(make_closed_loop_scorer(3)))
    assert scorer.n_steps == 3
    assert repr(scorer) == "make_closed_loop_scorer(3)"
    assert repr(make_closed_loop_scorer()) == "make_closed_loop_scorer()"


@pytest.mark.parametrize("n_steps", [0, -1, 1.5, True, "3"])
def test_bad_numbers_of_steps(n_steps):
    with pytest.raises(ValueError, match="n_steps must be a whole number"):
        make_closed_loop_scorer(n_steps)


def test_series_too_short_or_too_many():
    with pytest.raises(ValueError, match="X has 3 steps.*n_steps=3"):
        make_closed_loop_scorer(3)(Last(), np.zeros(3))
    with pytest.raises(ValueError, match="2 series, but 5 were fitted"):
        make_closed_loop_scorer()(Last(), [np.zeros(5), np.zeros(5)])


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200, 1e300])
def test_scores_do_not_depend_on_the_unit(scale):
    x = np.array([1.0, 3.0, 1.0, 3.0, 5.0, 2.0])
    want = make_closed_loop_scorer(2)(Last(), x)
    with np.errstate(all="raise"):
        np.testing.assert_allclose(make_closed_loop_scorer(2)(Last(), scale * x), want)


def test_steps_that_are_missing_do_not_count():
    x = 10 * np.array([1.0, np.nan, 3.0, 1.0, 3.0, 5.0, np.nan, 2.0])
    want = -np.log10(((30 - 50) ** 2 + (30 - 20) ** 2) / 2 / np.nanvar(x))
    np.testing.assert_allclose(make_closed_loop_scorer(3)(Last(), x), want)
    with pytest.raises(ValueError, match="X has no value that is known"):
        make_closed_loop_scorer(1)(Last(), np.array([1.0, 2.0, np.nan]))
    with pytest.raises(ValueError, match="masked"):
        make_closed_loop_scorer(1)(Last(), np.ma.masked_array([1.0, 2.0, 3.0], [0, 0, 1]))


def test_a_constant_whose_mean_is_rounded_has_no_spread():
    x = np.column_stack([np.tile([1.0, 2.0], 5), np.full(10, 0.1)])
    close = Last(np.nan)
    close.forecast = lambda n_steps, X=None: np.tile([1.5, 0.1 + 1e-9], (n_steps, 1))
    np.testing.assert_allclose(make_closed_loop_scorer(2)(close, x), np.log10(2), rtol=1e-6)
