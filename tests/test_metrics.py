"""Metrics against their formulas, and the sequence scorer inside scikit-learn's searches."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score

from dlkit.metrics import make_sequence_scorer, nmse, nrmse, valid_time

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


# make_sequence_scorer -------------------------------------------------------------------------


class Scaled(BaseEstimator):
    """Predicts `factor` times the input, a series for a series."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y):
        return self

    def predict(self, X):
        if getattr(X, "ndim", 0) == 2:
            return self.factor * X[:, 0]
        return [self.factor * np.asarray(x)[:, 0] for x in X]


class Tagger(ClassifierMixin, BaseEstimator):
    """The input's columns are the probabilities."""

    def fit(self, X, y):
        self.classes_ = np.unique(np.concatenate(y))
        return self

    def predict(self, X):
        return [self.classes_[x.argmax(axis=1)] for x in X]

    def predict_proba(self, X):
        return list(X)


SERIES = [RNG.normal(size=(n, 1)) for n in (4, 9, 5, 7, 6, 8)]
TARGETS = [2 * x[:, 0] + 0.1 for x in SERIES]


@pytest.mark.parametrize("washout", [0, 3])
def test_scorer_puts_steps_end_to_end(washout):
    scorer = make_sequence_scorer(nmse, greater_is_better=False, washout=washout)
    truth = np.array([v for t in TARGETS for v in t[washout:]])
    guess = np.array([v for x in SERIES for v in x[washout:, 0]])
    assert scorer(Scaled(), SERIES, TARGETS) == pytest.approx(-naive_nmse(truth, guess))


def test_scorer_takes_cubes_object_arrays_and_one_series():
    scorer = make_sequence_scorer(nmse, washout=2)
    cube = RNG.normal(size=(3, 6, 1))
    y = cube[:, :, 0] + RNG.normal(size=(3, 6))
    expected = naive_nmse(y[:, 2:].ravel(), cube[:, 2:].ravel())
    assert scorer(Scaled(), cube, y) == pytest.approx(expected)
    assert scorer(Scaled(), list(cube), y[:, :, None]) == pytest.approx(expected)
    held = np.empty(6, dtype=object)
    held[:] = SERIES
    assert scorer(Scaled(), held, TARGETS) == scorer(Scaled(), SERIES, TARGETS)
    expected = naive_nmse(y[0, 2:], cube[0, 2:, 0])
    assert scorer(Scaled(), cube[0], y[0]) == pytest.approx(expected)
    assert scorer(Scaled(), cube[0], y[0][:, None]) == pytest.approx(expected)


def test_scorer_of_classes_and_probabilities():
    X = [RNG.dirichlet([1, 1], size=n) for n in (5, 8, 3)]
    y = [RNG.randint(2, size=len(x)) for x in X]
    tagger = Tagger().fit(X, y)
    truth, proba = np.concatenate(y), np.concatenate(X)
    found = make_sequence_scorer(accuracy_score)(tagger, X, y)
    assert found == np.mean(truth == proba.argmax(axis=1))
    found = make_sequence_scorer(roc_auc_score, response_method="predict_proba")(tagger, X, y)
    assert found == pytest.approx(roc_auc_score(truth, proba[:, 1]))
    X = [RNG.dirichlet([1, 1, 1], size=n) for n in (5, 8, 3)]
    y = [np.arange(len(x)) % 3 for x in X]
    scorer = make_sequence_scorer(
        log_loss, greater_is_better=False, response_method="predict_proba", labels=[0, 1, 2]
    )
    expected = -log_loss(np.concatenate(y), np.concatenate(X), labels=[0, 1, 2])
    assert scorer(Tagger().fit(X, y), X, y) == pytest.approx(expected)


def test_scorer_in_searches():
    scorer = make_sequence_scorer(nmse, greater_is_better=False)
    search = GridSearchCV(Scaled(), {"factor": [1.0, 1.5, 2.0, 2.5]}, scoring=scorer, cv=3)
    search.fit(SERIES, TARGETS)
    assert search.best_params_ == {"factor": 2.0}
    folds = cross_val_score(Scaled(), SERIES, TARGETS, scoring=scorer, cv=2)
    first = naive_nmse(np.concatenate(TARGETS[:3]), np.concatenate(SERIES[:3])[:, 0])
    assert folds[0] == pytest.approx(-first)
    several = GridSearchCV(
        Scaled(), {"factor": [1.0, 2.0]}, scoring={"nmse": scorer}, refit="nmse", cv=2
    ).fit(SERIES, TARGETS)
    assert several.best_params_ == {"factor": 2.0}


def test_scorer_pickles_and_prints():
    scorer = make_sequence_scorer(nmse, greater_is_better=False, washout=1)
    again = pickle.loads(pickle.dumps(scorer))
    assert again(Scaled(), SERIES, TARGETS) == scorer(Scaled(), SERIES, TARGETS)
    assert repr(scorer) == "make_sequence_scorer(nmse, response_method='predict')"


def test_errors_of_scorer():
    with pytest.raises(ValueError, match="score_func"):
        make_sequence_scorer("nmse")
    with pytest.raises(ValueError, match="response_method"):
        make_sequence_scorer(nmse, response_method="transform")
    with pytest.raises(ValueError, match="washout"):
        make_sequence_scorer(nmse, washout=-1)
    scorer = make_sequence_scorer(nmse)
    with pytest.raises(ValueError, match="one target for each step"):
        scorer(Scaled(), SERIES, TARGETS[1:])
    with pytest.raises(ValueError, match="one target for each step"):
        scorer(Scaled(), SERIES, np.arange(6.0))


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
