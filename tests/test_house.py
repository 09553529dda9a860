"""The house: what may import what. CONTRIBUTING.md shows the ladder."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import dlkit

PACKAGE = Path(dlkit.__file__).parent
FLOORS = [  # from the ground up; rooms of one floor do not import each other
    ["_jit", "exceptions"],
    [],  # shared helpers: the private modules directly in dlkit/ that are not named elsewhere
    ["readout", "sequences", "datasets", "metrics", "_version"],
    ["_forecasts"],
    ["conv", "rocket", "reservoir", "_per_step"],
    ["forecasting", "symbols", "trees"],
    ["layerwise", "positions"],
    ["baselines", "interop"],
    ["plotting"],
    ["__init__"],
]
RESERVOIR = [
    ["_matrices"], ["_cells"], ["_engine"], ["_models"], ["_learning"], ["_driver"],
    [],  # estimators: the private modules directly in dlkit/reservoir/
    ["_diagnostics"], ["search"], ["__init__"],
]  # fmt: skip


def read_imports():
    """Arrows between modules, by the name of the module that imports; absolute imports of dlkit."""
    paths = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("dlkit", *path.relative_to(PACKAGE).with_suffix("").parts)
        paths[parts[:-1] if parts[-1] == "__init__" else parts] = path
    arrows, absolute = {}, []
    for name, path in paths.items():
        folder = name if path.name == "__init__.py" else name[:-1]
        arrows[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                home = folder[: len(folder) + 1 - node.level]
                home += tuple(node.module.split(".")) if node.module else ()
                targets = [(*home, alias.name) for alias in node.names]
                arrows[name] |= {target if target in paths else home for target in targets}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                module = getattr(node, "module", None)
                named = [module] if module else [alias.name for alias in node.names]
                absolute += [(name, one) for one in named if one.split(".")[0] == "dlkit"]
    return arrows, absolute


ARROWS, ABSOLUTE = read_imports()


def floor(name, floors, depth):
    """Floor of a module, and its room: what it is called ``depth`` levels down."""
    room = name[depth] if len(name) > depth else "__init__"
    default = floors.index([]) if room.startswith("_") else None
    level = next((i for i, rooms in enumerate(floors) if room in rooms), default)
    assert level is not None, f"{room} has no floor: give it one here and in CONTRIBUTING.md."
    return level, room


@pytest.mark.parametrize(
    ("floors", "inside"), [(FLOORS, ("dlkit",)), (RESERVOIR, ("dlkit", "reservoir"))]
)
def test_arrows_point_down(floors, inside):
    depth, up = len(inside), []
    for source, targets in ARROWS.items():
        for target in targets:
            if source[:depth] == target[:depth] == inside:
                (high, room), (low, other) = (floor(m, floors, depth) for m in (source, target))
                siblings = high == low and not floors[high]  # the helpers, or the estimators
                if room != other and low >= high and not siblings:
                    up.append(f"{'.'.join(source)} imports {'.'.join(target)}")
    assert not up


def test_no_module_imports_itself_by_way_of_others():
    list(TopologicalSorter(ARROWS).static_order())  # raises a CycleError that names the circle


def test_imports_within_the_package_are_relative():
    assert len(ARROWS) > 80
    assert not ABSOLUTE


def test_rooms_of_the_reservoir_can_be_taken_in_at_a_glance():
    entries = [path for path in (PACKAGE / "reservoir").iterdir() if path.name != "__pycache__"]
    entries = [path for path in entries if path.suffix != ".pyi"]  # made from the modules
    assert 10 < len(entries) <= 20
