"""States of a reservoir: what is drawn is what the reservoir did."""

import numpy as np
import pytest

from dlkit import ESNClassifier, ESNForecaster, ReservoirStates, RidgeReadout
from dlkit.plotting import StatesDisplay

X = np.sin(0.3 * np.arange(60))


def test_image_of_all_units():
    esn = ESNForecaster(20, random_state=0).fit(X)
    display = StatesDisplay.from_estimator(esn, X[:30])
    np.testing.assert_array_equal(display.image_.get_array(), esn.states(X[:30]).T)
    low, high = display.image_.get_clim()
    assert low == -high < 0
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("step", "unit")
    assert not display.lines_


def test_lines_of_some_units():
    states = ReservoirStates(20, random_state=0).fit(X[:, None])
    rows = states.transform(X[:, None])
    display = StatesDisplay.from_estimator(states, X[:, None], kind="lines", units=[3, -1])
    assert display.image_ is None
    assert [line.get_label() for line in display.lines_] == ["unit 3", "unit 19"]
    np.testing.assert_array_equal(display.lines_[1].get_ydata(), rows[:, 19])
    assert len(display.plot(kind="lines").lines_) == 6
    assert len(display.plot(kind="lines", units=20, lw=0.5).lines_) == 20
    assert display.lines_[0].get_linewidth() == 0.5


def test_one_of_several_sequences():
    several = [X[:10], X[:25], X[:7]]
    esn = ESNClassifier(10, random_state=0).fit(several, [0, 1, 0])
    display = StatesDisplay.from_estimator(esn, several, number=1)
    np.testing.assert_array_equal(display.states, esn.states(several)[1])
    with pytest.raises(ValueError, match="number=3 is none of the 3 sequences"):
        StatesDisplay.from_estimator(esn, several, number=3)


def test_what_cannot_be_drawn_is_named():
    with pytest.raises(TypeError, match="RidgeReadout has no states"):
        StatesDisplay.from_estimator(RidgeReadout(), X)
    with pytest.raises(ValueError, match="units=9 must be 1 to 3"):
        StatesDisplay.from_predictions(np.ones((4, 3)), units=9)
    with pytest.raises(ValueError, match="units=3 is none of the 3 units"):
        StatesDisplay.from_predictions(np.ones((4, 3)), units=[3])
    with pytest.raises(ValueError, match="kind"):
        StatesDisplay.from_predictions(np.ones((4, 3)), kind="dots")
    StatesDisplay.from_predictions(np.zeros((4, 3))).figure_.canvas.draw()
