"""Memory by delay."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.plotting import MemoryCurveDisplay
from dlkit.reservoir import memory_capacity

RING = ReservoirStates(8, topology="ring", activation="identity", bias_scaling=0, random_state=0)


def test_curve_is_what_was_measured():
    display = MemoryCurveDisplay.from_estimator(RING, n_steps=500, random_state=0, name="ring")
    found = memory_capacity(RING, n_steps=500, random_state=0)
    np.testing.assert_array_equal(display.line_.get_ydata(), found.by_delay)
    np.testing.assert_array_equal(display.line_.get_xdata(), found.delays)
    assert display.total == pytest.approx(found.total)
    assert display.line_.get_label() == f"ring: capacity {found.total:.1f}"


def test_an_array_has_delays_from_one():
    display = MemoryCurveDisplay.from_predictions([1.0, 0.5], color="red")
    np.testing.assert_array_equal(display.line_.get_xdata(), [1, 2])
    assert display.line_.get_label() == "capacity 1.5"
    assert display.line_.get_color() == "red"
    with pytest.raises(ValueError, match="capacity"):
        MemoryCurveDisplay.from_predictions([np.nan])


def test_a_second_curve_is_not_cut_off():
    display = MemoryCurveDisplay.from_predictions([0.3, 0.2], name="low")
    MemoryCurveDisplay.from_predictions([1.0, 0.1], name="high", ax=display.ax_)
    bottom, top = display.ax_.get_ylim()
    assert bottom <= 0
    assert top >= 1
