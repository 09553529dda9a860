"""Classes that are made when they are first asked for."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, RidgeClassifier

import dlkit.interop
from dlkit.interop._built import Classifies, built


def test_dlkit_needs_neither_toolbox():
    code = (
        "import sys, dlkit.interop; "
        "assert not {'sktime', 'aeon'} & {m.partition('.')[0] for m in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_are_there_before_they_are_made():
    for module in (dlkit.interop.sktime, dlkit.interop.aeon):
        assert {"Classifier", "Regressor", "Transformer", "Forecaster"} <= set(dir(module))
        with pytest.raises(AttributeError, match="has no attribute 'Oracle'"):
            module.Oracle  # noqa: B018


@pytest.mark.parametrize("toolbox", ["sktime", "aeon"])
def test_a_toolbox_that_is_missing_is_named(toolbox):
    if importlib.util.find_spec(toolbox):
        pytest.skip(f"{toolbox} is installed")
    with pytest.raises(ImportError, match=f"Classifier needs {toolbox}: pip install"):
        getattr(dlkit.interop, toolbox).Classifier  # noqa: B018


def test_a_class_is_made_once_and_found_by_pickle():
    module = {"__name__": "somewhere"}
    get, names = built(module, {"Thing": lambda: type("made", (), {})}, "toolbox")
    made = get("Thing")
    assert module["Thing"] is made
    assert (made.__name__, made.__qualname__, made.__module__) == ("Thing", "Thing", "somewhere")
    assert "Thing" in names()


def test_other_errors_are_not_hidden():
    def broken():
        raise ModuleNotFoundError("No module named 'other'", name="other")

    get, _ = built({"__name__": "somewhere"}, {"Thing": broken}, "toolbox")
    with pytest.raises(ModuleNotFoundError, match="other"):
        get("Thing")


def test_what_is_wrapped_is_a_clone_that_gets_arrays_of_steps_by_channels():
    class Base:
        def _predict_proba(self, X):
            return "the toolbox's own"

    class Model(Classifies, Base):
        def __init__(self, estimator=None):
            self.estimator = estimator

        def _default(self):
            return LogisticRegression()

        def _arrays(self, X):
            return [x.ravel() for x in X]

    X, y = list(np.random.RandomState(0).randn(8, 2, 3)), np.arange(8) % 2
    rows = np.reshape(X, (8, 6))
    for given in (None, LogisticRegression(C=3.0), RidgeClassifier()):
        model = Model(given)._fit(X, y)
        want = clone(given or LogisticRegression()).fit(rows, y)
        assert model.estimator_ is not given
        np.testing.assert_array_equal(model._predict(X), want.predict(rows))
        if hasattr(want, "predict_proba"):
            np.testing.assert_allclose(model._predict_proba(X), want.predict_proba(rows))
        else:
            assert model._predict_proba(X) == "the toolbox's own"
