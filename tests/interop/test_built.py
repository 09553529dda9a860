"""Classes that are made when they are first asked for."""

import importlib.util
import subprocess
import sys

import pytest

import dlkit.interop
from dlkit.interop._built import built


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
