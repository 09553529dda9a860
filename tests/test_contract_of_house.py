"""What the house promises: shallow classes, short signatures, docstrings that agree."""

import ast
import importlib.util
import inspect
import pkgutil
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import dlkit
import dlkit.trees

PACKAGE = Path(dlkit.__file__).parent
ESTIMATORS = [
    one
    for package in (dlkit, dlkit.trees)
    for one in (getattr(package, name) for name in package.__all__)
    if inspect.isclass(one)
]


def family(of):
    """Estimators of a folder that draw a reservoir."""
    return [
        one for one in ESTIMATORS
        if one.__module__.startswith(f"dlkit.{of}.") and hasattr(one, "_get_param_names")
        and "n_units" in one._get_param_names()
    ]  # fmt: skip


MODELS, TREES = family("reservoir"), family("trees")
SERVICE = {
    "readout", "alpha", "class_weight", "random_state", "n_jobs", "n_lanes", "verbose",
}  # fmt: skip
SPECIFIC = {"pooling", "readout", "alpha", "start", "feedback"}  # rightly read otherwise in some
OF_GRAPHS = {"spectral_radius", "leak_rate", "layers"}  # what trees and graphs read otherwise


def entries(estimator):
    """Texts of a docstring's parameters by name, without the line of their types."""
    section = inspect.getdoc(estimator).partition("Parameters\n----------\n")[2]
    section = re.split(r"\n\n(?=\S.*\n-{3,}\n)", section)[0]
    found = re.findall(r"^(\w[\w, ]*) : .*((?:\n+ .*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in found for name in names.split(", ")}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_no_estimator_stands_on_more_than_three_levels_of_ours(estimator):
    ours = [level.__name__ for level in estimator.__mro__ if level.__module__[:6] == "dlkit."]
    assert len(ours) <= 3, ours


@pytest.mark.parametrize("name", ["ESNClassifier", "ESNForecaster", "ESNTagger"])
def test_signatures_stay_short(name):
    parameters = set(getattr(dlkit, name)._get_param_names())
    assert "n_units" in parameters
    assert len(parameters) <= 27, sorted(parameters)
    assert len(parameters - SERVICE) <= 22, sorted(parameters - SERVICE)


@pytest.mark.parametrize("estimator", MODELS + TREES)
def test_docstrings_are_written_out(estimator):
    assert list(entries(estimator)) == list(inspect.signature(estimator).parameters)
    tree = ast.parse(Path(inspect.getsourcefile(estimator)).read_text(encoding="utf-8"))
    written = {
        node.name: ast.get_docstring(node) for node in tree.body if isinstance(node, ast.ClassDef)
    }
    assert written[estimator.__name__] == inspect.getdoc(estimator)


@pytest.mark.parametrize(
    ("models", "specific"), [(MODELS, SPECIFIC), (TREES, SPECIFIC | OF_GRAPHS)]
)
def test_a_shared_parameter_reads_the_same_everywhere(models, specific):
    texts = defaultdict(lambda: defaultdict(list))
    for estimator in models:
        for name, text in entries(estimator).items():
            texts[name][text].append(estimator.__name__)
    assert len(texts) > 20
    different = {
        name: list(found.values())
        for name, found in texts.items()
        if len(found) > 1 and name not in specific
    }
    assert not different


@pytest.mark.compiled
def test_the_package_imports_without_docstrings():
    subprocess.run([sys.executable, "-OO", "-c", "import dlkit"], check=True)


def namesake(module):
    """Test file of a module: folders that are private inside a family do not show."""
    *folders, file = module.relative_to(PACKAGE).parts
    shown = [folder.lstrip("_") for i, folder in enumerate(folders) if i == 0 or folder[0] != "_"]
    return Path(__file__).parent.joinpath(*shown, f"test_{file.lstrip('_')}")


def test_modules_have_tests_of_their_name():
    modules = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    missing = [str(namesake(path)) for path in modules if not namesake(path).exists()]
    assert len(modules) > 100
    assert len(missing) <= len(modules) // 10, missing


def test_headings_of_docstrings_stand_alone():
    lost = re.compile(r"\S +-{4,}$|\w -{4,} \w", re.MULTILINE)
    found = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
        if lost.search(ast.get_docstring(node) or "")
    ]
    assert not found


# no paper's idea, but a hand to other tools: the converter of scikit-learn's own rows, scorers
# after its make_scorer, and its transformers at work on steps
WITHOUT_SOURCE = {
    "flat",
    "make_forecast_scorer",
    "make_map_scorer",
    "make_sequence_scorer",
    "PerStep",
}


def public_names():
    """Public classes and functions by full name, each once."""
    found = {}
    modules = [f"dlkit.{one.name}" for one in pkgutil.iter_modules(dlkit.__path__)]
    for module in ["dlkit", *sorted(m for m in modules if not m.startswith("dlkit._"))]:
        public = importlib.import_module(module)
        for name in getattr(public, "__all__", []):
            one = getattr(public, name)
            if inspect.isclass(one) or inspect.isfunction(one):
                found.setdefault(one, f"{module}.{name}")
    return {name: one for one, name in found.items()}


PUBLIC = public_names()


def section(one, heading):
    """Text of a section of a docstring; empty without."""
    text = inspect.getdoc(one).partition(f"\n{heading}\n{'-' * len(heading)}\n")[2]
    return re.split(r"\n\n(?=\S.*\n-{3,}\n)", text)[0]


def test_all_public_names_are_looked_at():
    assert len(PUBLIC) > 170
    assert {name.rpartition(".")[2] for name in PUBLIC} >= WITHOUT_SOURCE


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_an_example(name):
    example = section(PUBLIC[name], "Examples")
    assert ">>> " in example
    assert not re.search(r"^\s*>>> .*\bdlkit(\.\w+)*\._", example, re.MULTILINE), "a private name"


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_name_a_source(name):
    source = section(PUBLIC[name], "References")
    category = inspect.isclass(PUBLIC[name]) and issubclass(PUBLIC[name], Warning)
    if category or name.rpartition(".")[2] in WITHOUT_SOURCE:
        assert not source, "no longer without a source: take the name off the list"
        return
    entries = re.split(r"^(?=\.\. \[)", source, flags=re.MULTILINE)[1:]
    assert entries, "a numbered reference, to which the site adds the DOI"
    assert "".join(entries) == source
    numbers = re.findall(r"^\.\. \[(\d+)\]", source, re.MULTILINE)
    assert numbers == [str(i + 1) for i in range(len(entries))]
    cited = re.findall(r"\[(\d+)\]_", inspect.getdoc(PUBLIC[name]))
    assert set(cited) <= set(numbers)
    for entry in entries:
        assert re.search(r"\b(1[89]|20)\d\d\b", entry) or "Apache Arrow" in entry, "a year"


def test_types_of_public_names_are_up_to_date():
    assert (PACKAGE / "py.typed").exists()
    tool = Path(__file__).parent.parent / "tools" / "make_stubs.py"
    spec = importlib.util.spec_from_file_location("make_stubs", tool)
    make_stubs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_stubs)
    texts = make_stubs.stubs()
    stale = [
        path.relative_to(PACKAGE).as_posix()
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert len(texts) > 10
    assert not stale, "out of date: run `make stubs`"
