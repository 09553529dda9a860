"""Series that go on in the form they came in, and forecasts from many steps of them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import ESNForecaster, NVARForecaster
from dlkit.forecasting._origins import (
    added,
    ahead_from,
    carries,
    check_forecaster,
    joined,
    members,
    numbers,
    one_step,
)

from .naive_forecasters import Drift, LastValue

X = np.sin(0.3 * np.arange(80)) + 2
DATES = pd.date_range("2024-01-01", periods=80, freq="D")


@pytest.mark.parametrize("make", [lambda: NVARForecaster(4, order=1), LastValue, Drift])
def test_forecasts_from_origins_are_those_of_what_was_known(make):
    model = make().fit(X[:60])
    origins = [3, 40, 41, 60, 75, 80]
    found = ahead_from(model, X, origins, 3)
    want = [model.forecast(3, X=X[:o]) for o in origins]
    assert_allclose(found[:, :, 0], want, rtol=1e-9)
    ahead = one_step(model, X, 20)
    assert_allclose(ahead[:, 0], [model.forecast(1, X=X[:t])[0] for t in range(20, 80)], rtol=1e-9)


def test_origins_out_of_range():
    model = NVARForecaster(4, order=1).fit(X[:60])
    for bad in ([0], [81], [5, 4]):
        with pytest.raises(ValueError, match="origins must increase from 1 to 80"):
            model.forecasts_from(2, bad, X)
    assert model.forecasts_from(2, [], X).shape == (0, 2, 1)


@pytest.mark.parametrize(
    "form",
    [
        np.array, lambda x: x[:, None], lambda x: pd.Series(x, name="a"),
        lambda x: pd.Series(x, DATES[: len(x)], name="a"), lambda x: pl.Series("a", x),
        lambda x: pd.DataFrame({"a": x}, DATES[: len(x)]), lambda x: pl.DataFrame({"a": x}),
        lambda x: pl.DataFrame({"day": DATES[: len(x)].to_numpy(), "a": x}),
    ],
)  # fmt: skip
def test_series_go_on_in_their_form(form):
    whole = form(X)
    head, tail = whole[:70], whole[70:]
    for more in (tail, X[70:], X[70:, None]):
        found = joined(head, more)
        assert type(found) is type(whole)
        assert_allclose(numbers(found)[:, 0], X)
        if hasattr(whole, "index"):
            assert found.index.equals(whole.index)
        if isinstance(whole, pl.DataFrame):
            assert found.equals(whole)
    with pytest.raises(ValueError, match="2 channels"):
        joined(head, np.ones((3, 2)))
    up = added(whole, np.ones((80, 1)))
    assert type(up) is type(whole)
    assert_allclose(numbers(up)[:, 0], X + 1)


def test_what_holds_several_series():
    assert members([X, X[:9]])[0]
    assert members(np.ones((2, 9, 1)))[0]
    assert not members(X)[0]
    assert not members(list(X))[0]
    assert not members(pd.DataFrame(np.ones((9, 2))))[0]
    assert_array_equal(members(list(X))[1][0], X)


def test_what_is_no_forecaster():
    for bad in (3, None, LastValue, ESNForecaster, np.ones(3)):
        with pytest.raises(TypeError, match="must be a forecaster"):
            check_forecaster(bad)
    check_forecaster(LastValue())
    assert carries(ESNForecaster())
    assert not carries(Drift())
    assert not carries(LastValue())


def test_forecasts_that_are_not_finite_are_refused():
    class Wild(Drift):
        made = np.nan

        def predict(self, X):
            return np.full(len(X), self.made)

    wild = Wild().fit(X)
    for wild.made in (np.nan, np.inf):
        with pytest.raises(ValueError, match=r"forecaster\.predict\(X\) contains (NaN|inf)"):
            one_step(wild, X, 10)


def test_gaps_are_named_where_every_step_is_needed():
    gone = np.where(np.arange(len(X)) == 7, np.nan, X)
    with pytest.raises(ValueError, match="X contains NaN in step 7.*Fill the gaps"):
        numbers(gone)
    assert np.isnan(numbers(gone, missing=True)[7]).all()
