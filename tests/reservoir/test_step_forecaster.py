"""What forecasters take and answer: forms, units, and where series begin."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, TimeSeriesSplit, cross_val_score
from sklearn.preprocessing import StandardScaler

from dlkit import ESNForecaster, NVARForecaster
from dlkit.exceptions import ReadingWarning
from dlkit.forecasting import Horizon, Scaling

T = np.arange(160)
X = 40 + 3 * np.sin(0.3 * T) + np.cos(0.11 * T)
TWO = np.c_[X, 1000 * np.sin(0.2 * T)]
DATES = pd.date_range("2024-01-31", periods=170, freq="ME")
MAKES = [lambda **o: ESNForecaster(20, random_state=0, **o), NVARForecaster]
make = pytest.mark.parametrize("make", MAKES, ids=["ESN", "NVAR"])


@pytest.mark.compiled
@make
def test_every_form_gives_the_same_numbers_in_its_own_form(make):
    want = make().fit(TWO).forecast(4)
    assert want.shape == (4, 2)
    frame = pd.DataFrame(TWO, columns=["a", "b"], index=DATES[:160])
    got = make().fit(frame).forecast(4)
    assert_array_equal(got.to_numpy(), want)
    assert got.index.equals(DATES[160:164])
    assert list(got.columns) == ["a", "b"]
    dated = pl.DataFrame(TWO, schema=["a", "b"])
    dated = dated.insert_column(0, pl.Series("day", DATES[:160].to_numpy()))
    got = make().fit(dated).forecast(4)
    assert_array_equal(got.drop("day").to_numpy(), want)
    assert_array_equal(got["day"].to_numpy(), DATES[160:164].to_numpy())

    want = make().fit(X[:, None]).forecast(4)[:, 0]
    periods = pd.period_range("2020", periods=160, freq="M")
    for series in (X, X.tolist(), pd.Series(X), pl.Series("a", X), pd.Series(X, periods, name="a")):
        model = make().fit(series)
        got = model.forecast(4)
        assert type(got) is (np.ndarray if isinstance(series, list) else type(series))
        assert_array_equal(np.asarray(got), want)
        assert_array_equal(np.asarray(model.forecast(4, series)), want)
        assert_array_equal(np.asarray(model.predict(series)).shape, (160,))
        assert np.isscalar(model.score(series))
    assert (got.name, str(got.index[0])) == ("a", "2033-05")


@pytest.mark.compiled
@make
def test_lists_of_series_of_any_form(make):
    arrays = [X[:60], 5 * X[40:130], X[20:] - 9]
    want = make().fit(arrays).forecast(3)
    assert [a.shape for a in want] == [(3,)] * 3
    given = [
        pd.Series(arrays[0], DATES[:60], name="a"),
        pd.Series(arrays[1], DATES[40:130].to_period("M"), name="b"),
        pl.Series("c", arrays[2]),
    ]
    got = make().fit(given).forecast(3)
    assert [type(a) for a in got] == [pd.Series, pd.Series, pl.Series]
    for a, b in zip(got, want, strict=True):
        assert_array_equal(np.asarray(a), b)
    assert got[0].index.equals(DATES[60:63])
    assert got[1].index.equals(DATES[130:133].to_period("M"))
    cube = np.stack([TWO[:50], TWO[50:100]])
    assert make().fit(cube).forecast(3).shape == (2, 3, 2)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.floats(1e-4, 1e4), st.floats(-100, 100), st.integers(0, 9),
    st.sampled_from(["standard", "minmax", "robust", StandardScaler()]), st.booleans(),
    st.sampled_from(MAKES),
)  # fmt: skip
def test_units_do_not_matter(a, b, seed, scaling, several, make):
    """A series mapped by a x + b gives the forecasts mapped likewise, to 1e-8 of the range."""
    r = np.random.RandomState(seed)
    x = np.sin(0.4 * np.arange(80)) + np.cumsum(r.randn(80)) / 10 + 0.1 * r.randn(80)
    x = [x[:50], 3 * x[20:]] if several else x
    options = {"scaling": scaling, "alpha": 1e-2}
    maps = [lambda y: a * y + a * b, lambda y: y]
    mapped, plain = (
        make(**options).fit([m(y) for y in x] if several else m(x)).forecast(10) for m in maps
    )
    for got, want, one in zip(*((mapped, plain, x) if several else ([mapped], [plain], [x])),
                              strict=True):  # fmt: skip
        assert_allclose(got, maps[0](want), atol=1e-8 * a * np.ptp(one), rtol=0)


@pytest.mark.compiled
def test_default_settings_do_not_care_for_units():
    for make in MAKES:
        want = make().fit(X).forecast(20)
        for a, b in ((1e-6, 0), (1e6, 0), (1, 1e4), (9 / 5, 32)):
            got = make().fit(a * X + b).forecast(20)
            assert_allclose(got, a * want + b, atol=1e-8 * a * np.ptp(X), rtol=0)


@pytest.mark.compiled
@make
@pytest.mark.parametrize("scaling", ["log", Scaling(power="auto"), Scaling("robust", power="log")])
def test_logs_stay_positive_and_follow_the_oracle(make, scaling):
    x = np.exp(0.01 * T) * (2 + np.sin(0.4 * T))
    got = make(scaling=scaling).fit(x).forecast(8)
    assert (got > 0).all()
    method = "robust" if isinstance(scaling, Scaling) and scaling.method == "robust" else "standard"
    want = np.exp(make(scaling=method).fit(np.log(x)).forecast(8))
    assert_allclose(got, want, rtol=1e-8)


def test_float32_stays():
    model = ESNForecaster(20, alpha=1e-3, random_state=0)
    want = model.fit(X).forecast(5)
    small = clone(model).fit(X.astype(np.float32))
    assert small.forecast(5).dtype == small.predict(X.astype(np.float32)).dtype == np.float32
    assert_allclose(small.forecast(5), want, rtol=1e-3)
    assert small.forecast(5, pd.Series(X.astype(np.float32))).dtype == np.float32


def test_new_series_are_forecast_in_their_own_scale():
    model = ESNForecaster(20, alpha=1e-3, random_state=0)
    model.fit([X[:90], 1e4 * TWO[:, 1] + 7])
    new = X[30:120]
    want = model.forecast(6, [new])[0]
    assert_allclose(model.forecast(6, [1e5 * new - 3])[0], 1e5 * want - 3, rtol=1e-7)
    assert_allclose(model.forecast(6, new), want)  # one series alone
    # those it was fitted to are known again, whatever is with them, in the scale of fit
    first, second = model.forecast(6)
    got = model.forecast(6, [new, 1e4 * TWO[:, 1] + 7, X[:90]])
    assert_allclose(got[1:], [second, first], rtol=1e-9)
    scaled = (X[:40] - X[:90].mean()) / X[:90].std()
    raw = model.readout_.predict
    states = model.driver_.run(model._begin([X[:40]], None)[0].batch)
    z = raw(np.hstack([states, scaled[-1:, None]]))
    assert_allclose(model.predict([X[:40]])[0][-1], z[0, 0] * X[:90].std() + X[:90].mean())


def test_one_series_sets_the_scale_of_later_ones():
    model = ESNForecaster(20, alpha=1e-3, random_state=0).fit(X[:100])
    assert_allclose(model.units_.shift, [[X[:100].mean()]])
    later = model._begin(X[100:], None)[0].batch.values[:, 0]
    assert_allclose(later, (X[100:] - X[:100].mean()) / X[:100].std())
    assert_allclose(model.last_input_, X[99:100, None])


@pytest.mark.compiled
@make
@pytest.mark.parametrize("form", ["1-D", "2-D", "RangeIndex", "dates", "polars"])
def test_where_a_series_begins_is_told_from_the_data(make, form):
    whole = {
        "1-D": X,
        "2-D": X[:, None],
        "RangeIndex": pd.Series(X),
        "dates": pd.Series(X, DATES[:160]),
        "polars": pl.DataFrame({"day": DATES[:160].to_numpy(), "a": X}),
    }[form]
    part = whole.iloc if hasattr(whole, "iloc") else whole
    model = make().fit(part[:100])
    want = np.ravel(model.predict(whole))  # begins as the training series does: at rest
    assert_array_equal(want[:100], np.ravel(model.predict(part[:100])))
    assert_array_equal(want[:10], np.ravel(model.predict(part[:10])))
    assert_allclose(np.ravel(model.predict(part[100:])), want[100:], atol=1e-9)
    rest = np.ravel(model.predict(part[100:], initial_state="rest"))
    assert abs(rest[0] - want[100]) > 1e-6
    np.testing.assert_allclose(
        np.ravel(model.predict(part[100:], model.final_state_)), want[100:], atol=1e-9
    )
    fit = model.predict(part[:9], initial_state="fit")
    assert_allclose(fit, model.predict(part[:9], model.final_state_))
    middle = np.ravel(model.predict(part[50:70]))
    dated = form in ("dates", "polars", "RangeIndex")  # by the index it does not go on there
    other = model.predict(part[50:70], initial_state="rest" if dated else "fit")
    assert_array_equal(middle, np.ravel(other))
    ahead = model.forecast(8, part[100:120])
    assert_allclose(
        np.asarray(ahead["a"] if form == "polars" else ahead).ravel(),
        np.asarray(model.forecast(8, part[:120])["a"] if form == "polars" else
                   model.forecast(8, part[:120])).ravel(), atol=1e-6,
    )  # fmt: skip
    with pytest.raises(ValueError, match='initial_state must be "rest", "fit"'):
        model.predict(whole, initial_state="middle")


def test_other_dates_or_lists_begin_at_rest():
    model = ESNForecaster(20, random_state=0).fit(pd.Series(X[:100], DATES[:100]))
    later = pd.Series(X[101:], DATES[101:160])  # a step is missing
    assert_array_equal(model.predict(later), model.predict(later, initial_state="rest"))
    several = ESNForecaster(20, random_state=0).fit([pd.Series(X[:100], DATES[:100])] * 2)
    goes_on, rest = [pd.Series(X[100:], DATES[100:160])] * 2, [X[100:]] * 2
    assert_allclose(several.predict(goes_on)[0], several.predict([X] * 2)[0][100:], atol=1e-9)
    assert_array_equal(several.predict(rest)[0], several.predict(rest, initial_state="rest")[0])


@pytest.mark.compiled
@make
@pytest.mark.parametrize("form", [np.asarray, pd.Series, lambda x: pd.Series(x, DATES[:160]),
                                  lambda x: pd.DataFrame({"a": x})])  # fmt: skip
def test_cross_validation_as_first_written_is_right(make, form):
    series = form(X)
    scores = cross_val_score(make(), series, cv=TimeSeriesSplit(5))
    want = []
    for train, test in TimeSeriesSplit(5).split(X):
        ahead = make().fit(X[train]).predict(X[: test[-1] + 1])[test[:-1]]
        want.append(r2_score(X[test[1:]], ahead))
    assert_allclose(scores, want, atol=1e-9)
    assert scores.min() > 0.99


def test_shuffled_folds_are_told_where_an_index_shows_them():
    folds = KFold(4, shuffle=True, random_state=0)
    model = NVARForecaster()
    with pytest.warns(ReadingWarning, match="TimeSeriesSplit"):
        cross_val_score(model, pd.Series(X), cv=folds)
    with pytest.raises(ValueError, match="gaps.*TimeSeriesSplit"):
        cross_val_score(model, pd.Series(X, DATES[:160]), cv=folds, error_score="raise")


def test_pieces_with_dates_go_on():
    model = ESNForecaster(20, alpha=1e-3, random_state=0)
    model.partial_fit(pd.Series(X[:120], DATES[:120], name="a"))
    for k in range(120, 125):
        model.partial_fit(pd.Series(X[k : k + 1], DATES[k : k + 1], name="a"))
    ahead = model.forecast(3)
    assert ahead.index.equals(DATES[125:128])
    assert_allclose(ahead, X[125:128], atol=0.3)
    assert_allclose(model.units_.shift, [[X[:120].mean()]])
    again = pickle.loads(pickle.dumps(model))
    pd.testing.assert_series_equal(again.forecast(3), ahead)
    later = pd.Series(X[125:140], DATES[125:140])
    assert model.forecast(2, later).index.equals(DATES[140:142])


def test_forms_that_are_not_series_are_refused():
    model = ESNForecaster(20, random_state=0)
    for bad, match in (
        (pd.Series(list("abc")), "string|number|float"),
        (pd.Series(DATES[:5]), "dates"),
        (3.0, "X must be a series"),
        ("text", "X"),
        (pd.DataFrame({"d": DATES[:9], "a": X[:9]}), "set_index"),
        (pd.Series([1.0, np.inf, 2.0]), "infinity"),
    ):
        with pytest.raises((ValueError, TypeError), match=match):
            model.fit(bad)
    model.fit(TWO)
    with pytest.raises(ValueError, match="one channel.*fitted with 2 channels. Reshape your data"):
        model.predict(X)


def test_targets_of_their_own_stay_in_their_units():
    y = 1e4 * np.roll(X, 2)
    model = ESNForecaster(20, alpha=1e-6, random_state=0).fit(pd.Series(X), y)
    assert model.predict(X).shape == (160,)
    assert model.score(X, y) > 0.99
    with pytest.warns(UserWarning, match="horizon=Horizon.*means nothing beside y"):
        ESNForecaster(20, horizon=Horizon(increments=True), random_state=0).fit(X, y)


STEPS = pd.date_range("2024-01-01", periods=140)
LATER = {
    "gap": (STEPS[103:], "the step after the series, 2024-04-10, but at 2024-04-13"),
    "overlap": (STEPS[97:117], "the step after the series, 2024-04-10, but at 2024-04-07"),
    "hours": (pd.date_range(STEPS[100], periods=20, freq="h"), "other steps than the series"),
    "numbers": (pd.RangeIndex(7, 27), None),
    "plain": (pd.RangeIndex(20), None),
    "next": (STEPS[100:120], None),
}


@pytest.mark.parametrize("name", LATER)
def test_pieces_that_do_not_follow_by_their_index(name):
    index, match = LATER[name]
    x = np.sin(np.arange(140.0))
    first, later = pd.Series(x[:100], STEPS[:100]), pd.Series(x[100 : 100 + len(index)], index)
    model = NVARForecaster().partial_fit(first)
    if match is None:
        assert model.partial_fit(later).forecast(1).shape == (1,)
        return
    with pytest.raises(ValueError, match=f"{match}.*new_series=True"):
        model.partial_fit(later)
    assert NVARForecaster().partial_fit([first, first]).partial_fit([later] * 2, new_series=True)
    with pytest.raises(ValueError, match=rf"X\[0\].*{match[:20]}"):
        NVARForecaster().partial_fit([first, first]).partial_fit([later, later])


def test_hours_do_not_follow_days():
    x = np.sin(np.arange(140.0))
    model = NVARForecaster().fit(pd.Series(x[:100], STEPS[:100]))
    begins = {}
    for freq in ("D", "24h", "h"):
        index = pd.date_range(STEPS[100], periods=20, freq=freq)
        begins[freq] = model.predict(pd.Series(x[100:120], index))
    rest = model.predict(x[100:120], "rest")
    assert_array_equal(begins["D"], begins["24h"])
    assert_array_equal(begins["h"], rest)
    assert np.abs(begins["D"] - rest).max() > 0.01
