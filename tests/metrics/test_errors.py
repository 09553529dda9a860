"""Metrics against their formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn.metrics import r2_score

from dlkit.metrics import nmse, nrmse, valid_time

RNG = np.random.RandomState(0)
TRUTH = RNG.normal(size=(50, 3)) * [1, 2, 3] + [5, 0, -1]
GUESS = TRUTH + RNG.normal(size=(50, 3)) * 0.3


def naive_nmse(truth, guess):
    error = sum((t - g) ** 2 for t, g in zip(truth, guess, strict=True)) / len(truth)
    mean = sum(truth) / len(truth)
    return error / (sum((t - mean) ** 2 for t in truth) / len(truth))


def test_nmse_of_one_output():
    expected = naive_nmse(TRUTH[:, 1], GUESS[:, 1])
    assert nmse(TRUTH[:, 1], GUESS[:, 1]) == pytest.approx(expected)
    assert nmse(TRUTH[:, [1]], GUESS[:, 1]) == pytest.approx(expected)
    assert nrmse(TRUTH[:, 1], GUESS[:, 1]) == pytest.approx(expected**0.5)
    assert isinstance(nmse(TRUTH[:, 1], GUESS[:, 1]), float)


def test_nmse_of_several_outputs():
    each = [naive_nmse(TRUTH[:, i], GUESS[:, i]) for i in range(3)]
    pooled = ((TRUTH - GUESS) ** 2).sum() / ((TRUTH - TRUTH.mean(axis=0)) ** 2).sum()
    assert_allclose(nmse(TRUTH, GUESS, multioutput="raw_values"), each)
    assert_allclose(nrmse(TRUTH, GUESS, multioutput="raw_values"), np.sqrt(each))
    assert nmse(TRUTH, GUESS) == pytest.approx(np.mean(each))
    assert nrmse(TRUTH, GUESS) == pytest.approx(np.mean(np.sqrt(each)))
    assert nmse(TRUTH, GUESS, multioutput="variance_weighted") == pytest.approx(pooled)
    assert nrmse(TRUTH, GUESS, multioutput="variance_weighted") == pytest.approx(pooled**0.5)


@given(arrays(float, (12, 2), elements=st.floats(-100, 100)), st.integers(0, 100))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_nmse_is_one_minus_r2(noise, seed):
    truth = np.random.RandomState(seed).normal(size=(12, 2))
    for multioutput in ("raw_values", "uniform_average", "variance_weighted"):
        expected = 1 - r2_score(truth, truth + noise, multioutput=multioutput)
        found = nmse(truth, truth + noise, multioutput=multioutput)
        assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_weights_are_repetitions():
    weights = RNG.randint(4, size=50)
    for metric in (nmse, nrmse):
        weighted = metric(TRUTH, GUESS, sample_weight=weights)
        repeated = metric(np.repeat(TRUTH, weights, axis=0), np.repeat(GUESS, weights, axis=0))
        assert weighted == pytest.approx(repeated)


def test_known_variance():
    mse = ((TRUTH - GUESS) ** 2).mean(axis=0)
    assert nrmse(TRUTH[:, 0], GUESS[:, 0], variance=0.067) == pytest.approx((mse[0] / 0.067) ** 0.5)
    found = nmse(TRUTH, GUESS, variance=[1, 2, 3], multioutput="raw_values")
    assert_allclose(found, mse / [1, 2, 3])
    assert nmse([2.0], [1.0], variance=4.0) == 0.25


def test_constant_truth():
    assert nmse([1.0, 1.0], [1.0, 1.0]) == 0
    assert nmse([1.0, 1.0], [1.0, 2.0]) == np.inf
    assert nrmse([[1.0, 0], [1.0, 1]], [[1.0, 0], [1.0, 1]]) == 0


@pytest.mark.parametrize("value", [0.1, 0.7, 1 / 3, 1e5 + 0.1, -1e-300, 1e300, 0.0])
@pytest.mark.parametrize("n", [3, 7, 10, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_the_variance_of_a_constant_is_zero_whatever_its_rounding(value, n, dtype):
    truth = np.full(n, value if abs(value) < 1e30 or dtype == np.float64 else 1e30, dtype)
    guess = truth * 2 + 1
    assert nmse(truth, guess) == nrmse(truth, guess) == np.inf
    assert nmse(truth, truth) == nrmse(truth, truth) == 0
    assert nmse(truth, guess, sample_weight=np.arange(n) + 0.1) == np.inf
    both = nmse(np.c_[truth, TRUTH[:n, 0] if n <= 50 else truth], np.c_[guess, guess])
    assert both == np.inf


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-30, 1e30, 1e200, 1e307])
@pytest.mark.parametrize("multioutput", ["raw_values", "uniform_average", "variance_weighted"])
def test_errors_do_not_depend_on_the_scale(size, multioutput):
    for metric in (nmse, nrmse):
        for factor in (size, [1.0, size, 1.0]):
            got = metric(TRUTH * factor, GUESS * factor, multioutput=multioutput)
            if multioutput != "variance_weighted" or factor is size:
                assert_allclose(got, metric(TRUTH, GUESS, multioutput=multioutput), rtol=1e-9)
    if 1e-150 < size < 1e150:
        known = nmse(TRUTH * size, GUESS * size, variance=3.0 * size * size)
        assert known == pytest.approx(nmse(TRUTH, GUESS, variance=3.0))


def test_small_numbers_do_not_overflow():
    ones = np.ones(5)
    assert valid_time(ones, ones, dt=np.uint8(200)) == 1000
    half = {"dt": np.float16(6e4), "lyapunov_exponent": np.float16(2)}
    assert valid_time(ones, ones, **half) == 6e5


def test_one_output_far_above_the_others_decides():
    truth, guess = TRUTH * [1.0, 1e200, 1.0], GUESS * [1.0, 1e200, 1.0]
    got = nmse(truth, guess, multioutput="variance_weighted")
    assert got == pytest.approx(nmse(TRUTH[:, 1], GUESS[:, 1]))


def test_float32_is_summed_in_float64():
    truth = (TRUTH[:, 0] + 1e4).astype(np.float32)
    guess = (GUESS[:, 0] + 1e4).astype(np.float32)
    assert nmse(truth, guess) == pytest.approx(nmse(truth.astype(float), guess.astype(float)))


@pytest.mark.parametrize("metric", [nmse, nrmse])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": [1.0, np.nan]}, "y_true"),
        ({"y_pred": [1.0, np.inf]}, "y_pred"),
        ({"y_pred": [1.0]}, "inconsistent numbers of samples"),
        ({"multioutput": "all"}, "multioutput"),
        ({"variance": 0}, "variance"),
        ({"variance": [1.0, 2.0]}, "variance"),
        ({"sample_weight": [1.0]}, "sample_weight"),
    ],
)
def test_errors_of_nmse(metric, change, message):
    given = {"y_true": [1.0, 2.0], "y_pred": [1.0, 2.0]} | change
    with pytest.raises(ValueError, match=message):
        metric(**given)


# valid_time -----------------------------------------------------------------------------------


def naive_valid_time(truth, guess, threshold):
    power = np.mean([np.sum(row**2) for row in truth])
    for t, (a, b) in enumerate(zip(truth, guess, strict=True)):
        if np.sqrt(np.sum((a - b) ** 2) / power) > threshold:
            return t
    return len(truth)


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.3, 0.5, 10.0])
def test_valid_time_is_the_formula(threshold):
    guess = TRUTH + np.linspace(0, 5, 50)[:, None] * RNG.normal(size=(50, 3))
    expected = naive_valid_time(TRUTH, guess, threshold)
    assert valid_time(TRUTH, guess, threshold=threshold) == expected
    found = valid_time(TRUTH, guess, threshold=threshold, dt=0.01, lyapunov_exponent=0.9056)
    assert found == pytest.approx(expected * 0.01 * 0.9056)


def test_valid_time_ends():
    truth = np.ones(10)
    assert valid_time(truth, truth) == 10
    assert valid_time(truth, -truth) == 0
    assert valid_time(truth, np.r_[np.ones(4), 9, np.ones(5)]) == 4
    # exactly at the threshold is still valid
    assert valid_time(truth, truth + 0.5) == 10
    assert valid_time(truth, truth + 0.5, scale=0.9) == 0
    assert valid_time(np.ones((10, 1)), truth) == 10


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e300])
def test_a_forecast_that_blows_up_is_wrong(bad):
    guess = np.ones((10, 2))
    guess[6:] = bad
    assert valid_time(np.ones((10, 2)), guess) == 6


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-30, 1e30, 1e200, 1e308])
def test_valid_time_does_not_depend_on_the_scale(size):
    ones = np.ones(5)
    assert valid_time(size * ones, -size * ones) == 0
    assert valid_time(size * ones, size * np.array([1, 1, 1.25, 0, 1])) == 3
    assert valid_time(size * ones, size * np.array([1, np.inf, 1, 1, 1])) == 1
    assert valid_time(size * ones, -size * ones, scale=size) == 0
    assert valid_time(0 * ones, size * ones) == 0
    assert valid_time(ones, [1, 1, np.inf, 1, 1], scale=1e308, threshold=10.0) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": [np.nan, 1.0]}, "y_true"),
        ({"y_pred": [1.0]}, "y_pred"),
        ({"y_pred": [[1.0, 2.0], [1.0, 2.0]]}, "y_pred"),
        ({"threshold": 0}, "threshold"),
        ({"dt": -1.0}, "dt"),
        ({"lyapunov_exponent": 0.0}, "lyapunov_exponent"),
        ({"scale": 0.0}, "scale"),
    ],
)
def test_errors_of_valid_time(change, message):
    given = {"y_true": [1.0, 2.0], "y_pred": [1.0, 2.0]} | change
    with pytest.raises(ValueError, match=message):
        valid_time(**given)


@pytest.mark.parametrize("size", [1e-280, 1e-30, 1e30, 1e300])
def test_weights_of_any_size(size):
    given = [1.0, 2, 3], [1.0, 2, 4]
    assert nmse(*given, sample_weight=[size] * 3) == pytest.approx(nmse(*given))
    with pytest.raises(ValueError, match="sample_weight must be zero or between"):
        nmse(*given, sample_weight=[5e-324] * 3)


@pytest.mark.parametrize("metric", [nmse, nrmse, valid_time])
def test_what_is_no_truth(metric):
    with pytest.raises(ValueError, match="y_true holds dates"):
        metric(np.array(["2020", "NaT"], dtype="M8[D]"), [1.0, 2.0])
    with pytest.raises(ValueError, match="y_pred"):
        metric(np.ones((4, 2)), np.ones((4, 3)))
    if metric is not valid_time:
        with pytest.raises(ValueError, match="sample_weight must not be negative"):
            metric([1.0, 2.0], [1.0, 2.0], sample_weight=[1.0, -1.0])


@pytest.mark.parametrize("value", [0.1, 0.7, 1e5 + 0.1, 1.23e200])
def test_a_truth_constant_but_for_rows_without_weight_has_no_variance(value):
    truth, weight = np.full(10, value), np.full(10, 0.3)
    truth[0], weight[0] = 7 * value, 0.0
    assert nmse(truth, 1.5 * truth, sample_weight=weight) == np.inf
    assert nmse(truth, truth, sample_weight=weight) == 0.0


def test_a_known_variance_is_finite():
    with pytest.raises(ValueError, match="variance must be positive and finite"):
        nmse([1.0, 2.0], [2.0, 2.0], variance=[np.inf])
