"""Warnings point at the user's line and say how to be silenced."""

import inspect
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import dlkit
from dlkit import ESNClassifier, ESNForecaster, NVARForecaster, ReservoirStates, RidgeReadout
from dlkit._announce import announce
from dlkit.exceptions import (
    DivergenceWarning,
    IgnoredParameterWarning,
    SaturationWarning,
    ScalingWarning,
)
from dlkit.forecasting import Horizon

u = np.random.RandomState(0).randn(60, 1)
X, y = np.random.RandomState(1).randn(8, 9, 2), np.arange(8) % 2


def line_of(action):
    """Category of the warning, and whether it names the line of the action."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    (one,) = caught
    source, first = inspect.getsourcelines(action)
    assert one.filename == __file__
    assert first <= one.lineno < first + len(source)
    return one


def test_no_other_module_warns():
    package = Path(dlkit.__file__).parent
    found = {p.name for p in package.rglob("*.py") if re.search(r"warnings\.warn\(", p.read_text())}
    assert found == {"_announce.py"}


@pytest.mark.parametrize("category", [DivergenceWarning, IgnoredParameterWarning, ScalingWarning])
def test_the_message_says_how_to_silence_it(category):
    one = line_of(lambda: announce("Such is the case.", category))
    assert one.category is category
    assert str(one.message).startswith("Such is the case. (To silence this")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=category)  # as the message says
        announce("Such is the case.", category)


@pytest.mark.parametrize(
    ("action", "category"),
    [
        (
            lambda: ESNForecaster(9, cell="gru", leak_rate=0.5, random_state=0).fit(u),
            IgnoredParameterWarning,
        ),
        (
            lambda: ESNForecaster(9, alpha=1.0, readout=RidgeReadout(), random_state=0).fit(u),
            IgnoredParameterWarning,
        ),
        (
            lambda: NVARForecaster(2, horizon=Horizon(increments=True)).fit(u, u[:, 0]),
            IgnoredParameterWarning,
        ),
        (
            lambda: ESNClassifier(9, topology="ring", n_links=3, random_state=0).fit(X, y),
            IgnoredParameterWarning,
        ),
        (
            lambda: ESNClassifier(9, topology="ring", n_links=3).partial_fit(X, y, [0, 1]),
            IgnoredParameterWarning,
        ),
        (lambda: ReservoirStates(9, random_state=0).fit_transform(1e6 * u), SaturationWarning),
        (
            lambda: make_pipeline(ReservoirStates(9, random_state=0)).fit(1e6 * u),
            SaturationWarning,
        ),
        (
            lambda: GridSearchCV(
                ESNClassifier(9, topology="ring", n_links=3), {"alpha": [1.0]}, cv=2, refit=False
            ).fit(X, y),
            IgnoredParameterWarning,
        ),
    ],
)  # fmt: skip
def test_warnings_name_the_users_line(action, category):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    source, first = inspect.getsourcelines(action)
    assert caught
    for one in caught:
        assert one.category is category
        assert one.filename == __file__
        assert first <= one.lineno < first + len(source)
