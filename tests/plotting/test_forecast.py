"""Figures: what is drawn is what was given."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from dlkit import ESNForecaster, NVARForecaster, SeasonalForecaster
from dlkit.plotting import ForecastDisplay, plot_forecast

T = np.arange(40.0)


def test_forecast_is_drawn_beside_the_truth():
    truth, forecast, past = np.sin(T), np.sin(1.1 * T), np.sin(T[:10] - 10)
    ax = plot_forecast(truth, forecast, past=past, title="sine")
    assert ax.get_title() == "sine"
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["truth"].get_ydata(), truth)
    np.testing.assert_array_equal(lines["forecast"].get_ydata(), forecast)
    np.testing.assert_array_equal(lines["past"].get_ydata(), past)
    # the past ends where the forecast begins
    assert lines["past"].get_xdata()[-1] + 1 == lines["forecast"].get_xdata()[0]


def test_channels_axes_and_runaway_forecasts(tmp_path):
    truth = np.c_[np.sin(T), np.cos(T)]
    figure = Figure()
    ax = figure.subplots()
    forecast = truth.copy()
    forecast[-1] = [1e9, np.nan]
    assert plot_forecast(truth, forecast, channel=1, ax=ax) is ax
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), truth[:, 1])
    low, high = ax.get_ylim()
    assert -2 < low < -1 < 1 < high < 2
    figure.savefig(tmp_path / "forecast.png")
    assert (tmp_path / "forecast.png").stat().st_size > 1000
    plot_forecast(np.ones(5), np.ones(5))  # a constant series still has an axis


def test_unequal_shapes_are_refused():
    with pytest.raises(ValueError, match=r"same shape, got \(40,\) and \(39,\)"):
        plot_forecast(T, T[:-1])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_truth_with_holes_is_drawn(bad):
    truth = np.where(T == 3, bad, np.sin(T))
    low, high = plot_forecast(truth, np.sin(T)).get_ylim()
    assert -2 < low < -1 < 1 < high < 2
    assert np.isfinite(plot_forecast(np.full(4, bad), np.ones(4)).get_ylim()).all()


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"channel": 2}, "channel=2 is none of the 1 of y_pred"),
        ({"y_true": [[1.0], [1.0, 2.0]]}, "y_true cannot be taken"),
        ({"y_pred": "no"}, "y_pred"),
        ({"past": None, "y_true": [[]]}, "y_true"),
    ],
)
def test_what_cannot_be_drawn_is_named(given, match):
    with pytest.raises((ValueError, TypeError), match=match):
        plot_forecast(**({"y_true": np.sin(T), "y_pred": np.sin(T)} | given))


DAYS = pd.date_range("2024-03-01", periods=60, tz="Europe/Berlin")


@pytest.mark.parametrize("index", [DAYS, DAYS.tz_localize(None).to_period("D"), None, "polars"])
def test_dates_and_intervals_are_drawn(index, tmp_path):
    x = np.sin(np.arange(60.0))
    if index is None:
        whole = x
    elif isinstance(index, str):
        whole = pl.DataFrame({"day": DAYS.tz_localize(None).to_numpy(), "a": x})
    else:
        whole = pd.Series(x, index)
    take = whole.iloc if hasattr(whole, "iloc") else whole
    past, ahead = take[:40], take[40:]
    value = x[40:]
    ax = plot_forecast(None, ahead, past=past, interval=(value - 0.3, value + 0.3))
    lines = {line.get_label(): line for line in ax.lines}
    assert "truth" not in lines
    np.testing.assert_array_equal(lines["forecast"].get_ydata(), value)
    first = np.asarray(lines["forecast"].get_xdata())[0]
    want = 1 if index is None else np.datetime64("2024-04-10")
    assert first == want
    assert ax.get_xlabel() == ("step" if index is None else "time")
    (band,) = ax.collections
    heights = band.get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose(
        [heights.min(), heights.max()], [value.min() - 0.3, value.max() + 0.3]
    )
    low, high = ax.get_ylim()
    assert -2 < low < -1 < 1 < high < 2
    ax.figure.savefig(tmp_path / "forecast.png")


def test_intervals_are_pairs_of_the_right_shape():
    with pytest.raises(ValueError, match="interval and y_pred must have the same shape"):
        plot_forecast(None, T, interval=(T, T[:-1]))
    with pytest.raises(ValueError, match="interval must be a pair"):
        plot_forecast(None, T, interval=T)


def test_a_forecaster_is_asked_and_drawn():
    series = pd.Series(10 + np.sin(np.arange(60) * np.pi / 6), DAYS)
    past, future = series[:48], series[48:]
    model = SeasonalForecaster(period=12).fit(past)
    display = ForecastDisplay.from_estimator(model, 12, past=past, truth=future, coverage=0.8)
    np.testing.assert_array_equal(display.line_.get_ydata(), model.forecast(12))
    np.testing.assert_array_equal(display.truth_.get_ydata(), future)
    np.testing.assert_array_equal(display.past_.get_ydata(), past)
    assert display.line_.get_xdata()[0] == np.datetime64("2024-04-18")
    lower, upper = model.forecast_interval(12, coverage=0.8)
    np.testing.assert_array_equal(display.bounds, [lower, upper])
    heights = display.band_.get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([heights.min(), heights.max()], [lower.min(), upper.max()])
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert names == ["past", "80 % interval", "truth", "forecast"]
    display.figure_.canvas.draw()
    bare = ForecastDisplay.from_estimator(model, 12, coverage=None, color="red")
    assert bare.band_ is bare.truth_ is bare.past_ is None
    assert bare.line_.get_color() == "red"


def test_a_series_is_carried_on_and_several_are_refused():
    x = np.sin(0.3 * np.arange(200))
    model = NVARForecaster(3).fit([x, x[:150]])
    display = ForecastDisplay.from_estimator(model, 5, x[:100], coverage=None)
    np.testing.assert_array_equal(display.past_.get_ydata(), x[:100])
    np.testing.assert_array_equal(display.line_.get_ydata(), model.forecast(5, x[:100]))
    with pytest.raises(ValueError, match="draws one series"):
        ForecastDisplay.from_estimator(model, 5)


def test_covariates_are_handed_on():
    x, extra = np.sin(0.3 * np.arange(200)), np.cos(0.3 * np.arange(205))[:, None]
    model = ESNForecaster(20, random_state=0).fit(x, covariates=extra[:200])
    ahead = {"covariates": extra[200:], "coverage": None}
    display = ForecastDisplay.from_estimator(model, 5, **ahead)
    np.testing.assert_array_equal(
        display.line_.get_ydata(), model.forecast(5, covariates=extra[200:])
    )


def test_a_forecast_beyond_the_past_is_seen():
    past = np.arange(20.0)
    ax = ForecastDisplay.from_predictions(None, 20 + np.arange(10.0), past=past).ax_
    assert ax.get_ylim()[1] > 29
    wide = (np.full(3, -9.0), np.full(3, 9.0))
    known = ForecastDisplay.from_predictions(np.zeros(3), np.zeros(3), interval=wide).ax_
    assert known.get_ylim() == (-3, 3)  # bounds far off do not flatten the truth
