"""The warning of likelier readings: what it says, and whose line it names."""

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from dlkit._readings import warn_reading
from dlkit.exceptions import IgnoredParameterWarning, ReadingWarning


def read(X):
    warn_reading("X is read as a", likely="is b", mend="hand over f(X)", meant="pass rows=1")
    return X


def test_the_warning_names_reading_likelihood_mend_and_silence():
    with pytest.warns(ReadingWarning) as caught:
        read(None)
    assert str(caught[0].message) == (
        "X is read as a. More probably X is b: then hand over f(X). If the reading is right, pass "
        'rows=1, or silence this warning by warnings.simplefilter("ignore", '
        "dlkit.exceptions.ReadingWarning)."
    )
    with pytest.warns(ReadingWarning, match=r"If the reading is right, silence this warning by"):
        warn_reading("X is read as a", likely="is b", mend="hand over f(X)")


def test_the_warning_names_the_line_of_the_caller_outside_the_package(monkeypatch):
    monkeypatch.setitem(read.__globals__, "__name__", "dlkit.somewhere")
    pipe = make_pipeline(FunctionTransformer(read))
    with pytest.warns(ReadingWarning) as caught:
        exec(compile("pipe.fit_transform([[1.0]])", "user.py", "exec"), {"pipe": pipe})
    assert caught[0].filename == "user.py"


def test_categories_are_apart():
    assert issubclass(ReadingWarning, UserWarning)
    assert not issubclass(ReadingWarning, IgnoredParameterWarning)
