"""What series are made of, and which form they have."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import SeasonalForecaster
from dlkit._forecasts.series import read_series
from dlkit.forecasting._courses import Courses, read_channel, unit_of

RNG = np.random.RandomState(0)
T = np.arange(160)
EVENTS = (RNG.rand(160) < 0.15).astype(float)
SUM = 40 + 2.5 * T + 10 * np.sin(2 * np.pi * T / 7) + RNG.randn(160)
PRODUCT = np.exp(3 + 0.02 * T + 0.3 * np.sin(2 * np.pi * T / 7) + 0.05 * RNG.randn(160))


def taken_apart(x, table, form="auto"):
    model = SeasonalForecaster(form=form)
    return Courses.fit(read_series(model, x, reset=True, allow_nan=True), 7, form, table)


@pytest.mark.parametrize("power", [-1000, -300, -3, 0, 9, 300, 1000])
def test_units_are_powers_of_two(power):
    x = np.ldexp(np.array([0.75, np.nan, -0.25]), power)
    unit = unit_of(x)
    assert np.frexp(unit)[0] == 0.5
    assert unit == (2.0**power if abs(power) > 256 else 1.0)
    assert_array_equal(x / unit * unit, x)
    assert unit_of(np.array([np.nan, 0.0])) == 1.0


@pytest.mark.parametrize("product", [False, True])
def test_the_form_is_that_of_what_is_left_without_effects(product):
    """Effects that the other form takes for steps of the level do not change the form."""
    plain = PRODUCT if product else SUM
    # at each level alike if added; in proportion to it, if not
    x = plain * np.exp(0.8 * EVENTS) if product else plain + 300 * EVENTS
    table = EVENTS[:, None]
    (course,) = taken_apart(x, table).courses
    assert course.shape.log == product
    assert taken_apart(plain, None).courses[0].shape.log == product
    form = "multiplicative" if product else "additive"
    (known,) = taken_apart(x, table, form).courses
    assert_allclose(course.level, known.level, rtol=1e-12)
    model = SeasonalForecaster(period=7).fit(x[:150], covariates=table[:150])
    assert_allclose(model.forecast(10, covariates=table[150:]), x[150:], rtol=0.2)


def test_the_form_of_a_new_series_is_told_without_effects():
    x, table = SUM + 300 * EVENTS, EVENTS[:, None]
    many, tables = [x[:80], 2 * x[:70]], [table[:80], table[:70]]
    courses = taken_apart(many, tables)
    assert not any(course.shape.log for course in courses.courses)
    model = SeasonalForecaster(period=7).fit(many, covariates=tables)
    new = model.forecast(5, [x[80:150]], covariates=[table[80:155]])
    assert_allclose(new[0], x[150:155], rtol=0.2)


def test_values_that_are_missing_or_too_few():
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0], "b": [1.0, np.nan, np.nan, 2.0]})
    raw = read_series(SeasonalForecaster(), frame, reset=True, allow_nan=True).raw
    x, unit = read_channel(raw, 0, 0, "auto")
    assert_array_equal(x, [1, np.nan, 3, 4])
    assert unit == 1
    with pytest.raises(ValueError, match=r"2 values in series 0, channel 1, of 4 steps"):
        read_channel(raw, 0, 1, "auto")


@pytest.mark.compiled
@pytest.mark.parametrize("scale", [1e-290, 1e290])
@pytest.mark.parametrize("form", ["additive", "auto"])
def test_nothing_overflows_or_vanishes(scale, form):
    want, got = (SeasonalForecaster(form=form) for _ in range(2))
    table = EVENTS[:, None]
    want.fit(SUM[:90], covariates=table[:90])
    with np.errstate(all="raise"):
        got.fit(scale * SUM[:90], covariates=table[:90])
        ahead = {"covariates": table[90:100]}
        assert_allclose(got.forecast(10, **ahead) / scale, want.forecast(10, **ahead))
        lower, upper = got.forecast_interval(10, **ahead)
        assert (lower < upper).all()
        known = {"covariates": table[:90]}
        one, other = got.score(scale * SUM[:90], **known), want.score(SUM[:90], **known)
        assert_allclose(one, other)
        got.predict(scale * SUM[:95], covariates=table[:95])
    assert got.periods_ == want.periods_ == [(7,)]
