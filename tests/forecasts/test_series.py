"""Series as they are given, and what is kept of them."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import (
    NVARForecaster,
    ReservoirFeatures,
    RidgeReadout,
    Rocket,
    SeasonalForecaster,
)
from dlkit._forecasts.series import Past, pack_series
from dlkit.baselines import NaiveForecaster
from dlkit.exceptions import ReadingWarning
from dlkit.forecasting import backtest

X = np.random.RandomState(0).randn(400)


def test_forms():
    for given, form in (
        (X, "series1d"),
        (X.tolist(), "series1d"),
        (pd.Series(X), "series1d"),
        (X[:, None], "series"),
        (pd.DataFrame({"a": X}), "series"),
        ([X, X[:9]], "list1d"),
        ([pd.Series(X)], "list1d"),
        (X.reshape(4, 100, 1), "cube"),
    ):
        series = pack_series(given)
        assert series.raw.form == form
        assert len(series.calendars) == len(series.raw)
        assert_array_equal(series.raw[0][:9, 0], X[:9])


def test_a_number_of_steps_is_no_series():
    with pytest.raises(ValueError, match=r"got the number 3\..* forecast\(3\) does"):
        pack_series(3)


@pytest.mark.parametrize("length", [1, 5, 300, 400])
def test_series_are_known_again_by_their_first_steps(length):
    past = Past.of(pack_series([X[:300], X[50:], X[:300] * 2]))
    found = past.number_of(pack_series([2 * X[:length], X[60:90], X[50 : 50 + length]]))
    assert_array_equal(found, [2, -1, 1])


def test_places_without_an_index():
    one = Past.of(pack_series(X[:300]))
    assert one.places(pack_series(X))[0] == ["start"]
    assert one.places(pack_series(X[300:]))[0] == ["after"]
    assert one.places(pack_series([X[300:]]))[0] == ["elsewhere"]
    several = Past.of(pack_series([X[:300], X[:200] + 1]))
    places, seen = several.places(pack_series([X[:200] + 1, X[300:]]))
    assert places == ["start", "elsewhere"]
    assert_array_equal(seen, [1, -1])


@pytest.mark.parametrize("n", [60, 300])
def test_the_series_with_some_values_changed_is_no_other(n):
    rng = np.random.RandomState(0)
    for series in (X, np.where(rng.uniform(size=400) < 0.8, 0.0, rng.randint(1, 9, 400))):
        past = Past.of(pack_series(series[:n]))
        corrected = series[: n + 20].copy()
        corrected[[3, 40]] = 7.0, -1.5
        assert past.places(pack_series(corrected))[0] == ["start"]
        assert past.places(pack_series(corrected[n - 5 :]))[0] == ["after"]
        assert past.places(pack_series(rng.permutation(series)))[0] == ["after"]
    late = X[:n].copy()
    late[30] = np.nan
    model = NVARForecaster(2, order=1).fit(late)
    assert_allclose(model.predict(X[:n]), model.predict(X[:n], initial_state="rest"))


DAYS = pd.date_range("2024", periods=60)


def dated(values, begin, name=None):
    return pd.Series(values, DAYS[begin : begin + len(values)], name=name)


def test_dates_tell_that_values_go_on_which_are_those_of_the_beginning():
    counts = np.tile([0.0, 3, 0, 5, 1], 8)
    past = Past.of(pack_series(dated(counts, 0)))
    for n in (1, 2, 5, 20):
        assert past.places(pack_series(dated(counts[:n], 40)))[0] == ["after"]
        assert past.places(pack_series(dated(counts[:n], 0)))[0] == ["start"]
    assert past.places(pack_series(dated(counts[:1], 45)))[0] == ["elsewhere"]
    past = Past.of(pack_series(dated(X[:40], 0)))
    assert past.places(pack_series(dated(X[:9], 45)))[0] == ["start"]  # on other dates


def test_values_that_come_again_and_have_no_dates_are_told():
    counts = np.tile([0.0, 3, 0, 5, 1], 8)
    model = NVARForecaster(2, order=1).fit(counts)
    with pytest.warns(ReadingWarning, match="the same value there and further on"):
        model.forecast(1, X=counts[:1])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        model.predict(counts)
        model.forecast(1, X=counts[:1], initial_state="fit")
        model.predict(np.array([7.0]))
        model.predict(counts[:25])
        NVARForecaster(2, order=1).fit(X).predict(X[:1])


@pytest.mark.parametrize("ends", [(20, 20, 20), (20, 30, 25)])
@pytest.mark.parametrize("named", [True, False])
def test_what_follows_is_known_by_name_place_or_end(ends, named):
    names = ["a", "b", "c"] if named else [None] * 3
    train = [dated(X[i : i + end], 0, names[i]) for i, end in enumerate(ends)]
    tails = [dated(X[100 * i + 90 :][:4], end, names[i]) for i, end in enumerate(ends)]
    past = Past.of(pack_series(train))
    places, seen = past.places(pack_series(tails), tell=True)
    assert places == ["after"] * 3
    assert_array_equal(seen, [0, 1, 2])
    for order in ([2, 1, 0], [1], [0, 2], [1, 2, 0, 1]):
        given = pack_series([tails[k] for k in order])
        if named or len(set(ends)) == 3:
            places, seen = past.places(given, tell=True)
            assert places == ["after"] * len(order)
            assert_array_equal(seen, order)
        elif len(order) != 3:
            with pytest.warns(ReadingWarning, match="right after 3 of the series"):
                places, _ = past.places(given, tell=True)
            assert set(places) == {"elsewhere"}


def test_gaps_do_not_hide_a_series():
    series = pack_series(X.copy())
    past = Past.of(series)
    series.raw.values[2] = np.nan
    assert past.number_of(series)[0] == -1  # another series
    assert Past.of(series).number_of(series)[0] == 0


@pytest.mark.parametrize("given", [0.9, np.float64(0.9)])
def test_a_setting_given_in_the_place_of_the_series_is_told_so(given):
    model = SeasonalForecaster().fit(X[:60])
    with pytest.raises(ValueError, match=r"got the number 0\.9.*coverage=0\.9"):
        model.forecast_interval(3, given)


class Foreign:
    """An array of another library: it becomes NumPy's, and is reshaped in no other way."""

    def __init__(self, values, error=None):
        self.values, self.error = values, error
        self.shape, self.ndim, self.dtype = values.shape, values.ndim, values.dtype

    def __len__(self):
        return len(self.values)

    def __getitem__(self, key):
        return Foreign(self.values[key])

    def __array__(self, dtype=None, copy=None):
        if self.error is not None:
            raise self.error
        return np.array(self.values, dtype=dtype)

    def reshape(self, *shape):
        raise ValueError("dimensions must have the same length as the number of data dimensions")

    __array_wrap__ = reshape


@pytest.mark.parametrize("make", [SeasonalForecaster, NVARForecaster, NaiveForecaster])
def test_arrays_of_other_libraries(make):
    want = make().fit(X).forecast(3)
    assert_array_equal(make().fit(Foreign(X)).forecast(3), want)
    both = make().fit([X, X[:90]]).forecast(3)
    assert_array_equal(make().fit([Foreign(X), Foreign(X[:90])]).forecast(3), both)
    found = backtest(make(), Foreign(X), n_steps=2, n_origins=2)
    assert_array_equal(found.truth, X[-4:])


@pytest.mark.parametrize("shape", [400, (400, 1), (20, 20, 1)])
def test_tensors_with_a_gradient_are_named(shape):
    error = RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach()")
    given = Foreign(X.reshape(shape), error)
    for X_given in (given, [given]):
        if given.ndim == 3 and X_given is not given:
            continue
        with pytest.raises(TypeError, match=r"\bX\b.* cannot be taken: .*tensor.detach"):
            NVARForecaster().fit(X_given)
    with pytest.raises(TypeError, match=r"y cannot be taken: .*tensor.detach"):
        NVARForecaster().fit(X[:, None], Foreign(X, error))
    with pytest.raises(TypeError, match=r"covariates cannot be taken: .*tensor.detach"):
        NVARForecaster().fit(X, covariates=Foreign(X, error))


def test_plans_of_frames_are_named():
    plan = pl.DataFrame({"a": X, "b": X}).lazy()
    for make in (NVARForecaster, ReservoirFeatures, Rocket, RidgeReadout):
        with pytest.raises(TypeError, match=r"X is a LazyFrame: hand over X.collect\(\)"):
            make().fit(plan, X > 0)
    with pytest.raises(TypeError, match=r"X is a LazyFrame"):
        SeasonalForecaster().fit(plan)
