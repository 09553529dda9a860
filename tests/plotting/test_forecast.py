"""Figures: what is drawn is what was given."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlkit.plotting import plot_forecast

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
        ({"channel": 2}, "channel=2 is none of the 1 of y_true"),
        ({"y_true": [[1.0], [1.0, 2.0]]}, "y_true cannot be taken"),
        ({"y_pred": "no"}, "y_pred"),
        ({"past": None, "y_true": [[]]}, "y_true"),
    ],
)
def test_what_cannot_be_drawn_is_named(given, match):
    with pytest.raises((ValueError, TypeError), match=match):
        plot_forecast(**({"y_true": np.sin(T), "y_pred": np.sin(T)} | given))
