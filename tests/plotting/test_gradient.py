"""Gradients back in time."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.plotting import GradientDisplay
from dlkit.reservoir import gradient_norms

X = np.sin(0.3 * np.arange(60))[:, None]


def test_line_is_what_was_measured():
    esn = ReservoirStates(10, random_state=0)
    display = GradientDisplay.from_estimator(esn, X, n_steps=20, norm="frobenius")
    (norms,) = gradient_norms(esn, X, n_steps=20, norm="frobenius")
    np.testing.assert_allclose(display.line_.get_ydata(), norms)
    np.testing.assert_array_equal(display.line_.get_xdata(), np.arange(21))
    assert display.ax_.get_yscale() == "log"
    assert display.line_.get_label() == "ReservoirStates"
    assert display.band_ is None


def test_several_series_are_a_band():
    norms = np.array([[1, 0.1, 0.01], [1, 1.0, 1.0]])
    display = GradientDisplay.from_predictions(norms, name="two", color="red")
    np.testing.assert_allclose(display.line_.get_ydata(), [1, 0.1**0.5, 0.1])
    assert display.line_.get_color() == "red"
    assert display.band_ is not None
    assert display.ax_.get_legend().get_texts()[0].get_text() == "two"


def test_what_vanishes_is_drawn_and_what_is_missing_is_not():
    GradientDisplay.from_predictions([1.0, 0.1, 0.0]).figure_.canvas.draw()
    with pytest.raises(ValueError, match="norms"):
        GradientDisplay.from_predictions([1.0, np.nan])
