"""What displays share."""

import inspect
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from dlkit import plotting
from dlkit.plotting import GradientDisplay, MemoryCurveDisplay
from dlkit.plotting._display import GREY, PALETTE, ink, pick, table

DISPLAYS = [one for one in vars(plotting).values() if inspect.isclass(one)]


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_colours_stand_out_on_white_and_on_black():
    for colour in (*PALETTE[:6], GREY):
        on_white = 1.05 / (luminance(colour) + 0.05)
        on_black = (luminance(colour) + 0.05) / 0.05
        assert min(on_white, on_black) > 2
    assert len(set(PALETTE)) == 7


def test_text_is_dark_on_light_and_light_on_dark():
    assert luminance(ink()) < 0.1
    with plt.style.context("dark_background"):
        assert luminance(ink()) > 0.9


@pytest.mark.parametrize("display", DISPLAYS)
def test_conventions(display):
    assert len(DISPLAYS) >= 8
    makers = [name for name in vars(display) if name.startswith("from_")]
    assert "from_estimator" in makers
    assert len(makers) > 1
    for name in [*makers, "plot"]:
        parameters = inspect.signature(getattr(display, name)).parameters
        if "axes" not in parameters:
            assert parameters["ax"].default is None
            assert parameters["kwargs"].kind is inspect.Parameter.VAR_KEYWORD
        else:  # several axes at once
            assert parameters["axes"].default is None


def test_axes_are_new_or_given_and_kept():
    display = GradientDisplay.from_predictions([1.0, 0.5, 0.25])
    assert display.figure_ is display.ax_.figure
    ax = plt.figure().subplots()
    assert display.plot(ax=ax) is display
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    # what is drawn into the same axes has another colour
    other = MemoryCurveDisplay.from_predictions([1.0, 0.5], ax=ax)
    assert other.line_.get_color() != display.line_.get_color()


def test_numbers_are_checked_by_name():
    with pytest.raises(ValueError, match="norms"):
        table([[1.0, np.nan]], "norms")
    with pytest.raises(ValueError, match=r"weights must have 2 axes, got shape \(1, 1, 1\)"):
        table(np.ones((1, 1, 1)), "weights")
    assert table([1, 2], "states").shape == (2, 1)
    assert pick(-1, 3, "layer", "layers") == 2
    with pytest.raises(ValueError, match="layer=3 is none of the 3 layers"):
        pick(3, 3, "layer", "layers")


def test_matplotlib_is_imported_when_a_figure_is_drawn():
    code = (
        "import sys, dlkit; assert not any(m.startswith('matplotlib') for m in sys.modules)\n"
        "sys.modules['matplotlib'] = sys.modules['matplotlib.pyplot'] = None\n"
        "try: dlkit.plotting.GradientDisplay.from_predictions([1.0])\n"
        "except ImportError as error: assert 'dlkit-learn[plots]' in str(error)\n"
        "else: raise AssertionError"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
