"""Compiled loops: their cache follows every edit, and is done without where none can be."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

import dlkit
from dlkit._jit import activations
from dlkit._jit.compiled import generic

pytestmark = pytest.mark.compiled


def run(code, folder, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def copy(tmp_path):
    """The package in a folder of its own, without what was compiled."""
    here = Path(dlkit.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(here, tmp_path / "dlkit", ignore=ignored)
    return tmp_path


SUM = """
import numpy as np
from dlkit._jit.reservoir import add_moments
moments = np.empty((1, 2))
add_moments(np.array([[1.0], [3.0]]), np.array([0, 2]), moments)
print(moments.ravel().tolist(), sum(add_moments.stats.cache_hits.values()))
"""


LOOP = """
from dlkit._jit.helper import twice
from dlkit._jit.compiled import compiled
@compiled
def four_times(x):
    return twice(twice(x))
"""


HELPER = """
from dlkit._jit.compiled import compiled
@compiled
def twice(x):
    return {factor} * x
"""


def test_an_edit_in_another_file_is_seen(copy):
    code = "from dlkit._jit.caller import four_times as f\n"
    code += "print(f(1), sum(f.stats.cache_hits.values()))"
    (copy / "dlkit/_jit/caller.py").write_text(LOOP)
    (copy / "dlkit/_jit/helper.py").write_text(HELPER.format(factor=2))
    assert run(code, copy) == "4 0"
    assert run(code, copy) == "4 1"  # from the cache
    (copy / "dlkit/_jit/helper.py").write_text(HELPER.format(factor=3))
    assert run(code, copy) == "9 0"
    assert run(code, copy) == "9 1"


TYPES = """
from typing import Any, NamedTuple
from dlkit._jit.compiled import compiled
class {name}(NamedTuple):
    x: Any
@compiled
def double(thing):
    return 2 * thing.x
"""


def test_types_of_an_older_cache_may_be_gone(copy):
    """As after an upgrade in place, which leaves the old cache where it was."""
    code = "from dlkit._jit import caller as c\nprint(c.double(c.{name}(1)))"
    for name in ("Old", "New"):
        (copy / "dlkit/_jit/caller.py").write_text(TYPES.format(name=name))
        assert run(code.format(name=name), copy) == "2"


@pytest.mark.parametrize(("suffix", "kept"), [("nbi", 0.0), ("nbc", 0.9)])
def test_files_of_a_cache_that_were_cut_short_are_made_anew(copy, suffix, kept):
    """As an interrupted process or a full disk leaves them."""
    assert run(SUM, copy) == "[2.0, 2.0] 0"
    for path in copy.rglob(f"*.{suffix}"):
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])
    assert run(SUM, copy) == "[2.0, 2.0] 0"
    assert run(SUM, copy) == "[2.0, 2.0] 1"


def test_files_of_a_cache_that_cannot_be_read(copy):
    """Another user's, say."""
    assert run(SUM, copy) == "[2.0, 2.0] 0"
    code = "import builtins, pathlib\nplain = builtins.open\n"
    code += "def refuse(path, mode='r', *args, **kwargs):\n"
    code += "    if str(path).endswith(('.nbi', '.nbc')) and 'r' in mode: raise PermissionError\n"
    code += "    return plain(path, mode, *args, **kwargs)\nbuiltins.open = refuse\n" + SUM
    assert run(code, copy) == "[2.0, 2.0] 0"


def test_without_a_folder_that_can_be_written_to(copy):
    """As Numba sees it: no file can be made where a cache could be."""
    code = "import tempfile\ndef refuse(*args, **kwargs): raise PermissionError\n"
    code += "tempfile.TemporaryFile = refuse\n" + SUM
    assert run(code, copy) == "[2.0, 2.0] 0"
    assert run(code, copy) == "[2.0, 2.0] 0"
    assert not list(copy.rglob("*.nbi"))


def test_a_folder_that_can_be_written_to_no_more(copy):
    """The result is there all the same."""
    code = "from numba.core.caching import IndexDataCacheFile\n"
    code += (
        "def refuse(*args): raise OSError('disk full')\nIndexDataCacheFile.save = refuse\n" + SUM
    )
    assert run(code, copy) == "[2.0, 2.0] 0"


def test_every_loop_is_under_the_decorator():
    """Numba's own would look at one file only."""
    folder = Path(dlkit.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name != "compiled.py":
            source = path.read_text()
            assert "@njit" not in source, path
            assert "cache=True" not in source, path


def test_a_line_before_the_first_wait(copy):
    code = "from dlkit._jit.compiled import compile_notice\nwith compile_notice(1):\n    pass\n"
    code += "with compile_notice(1):" + SUM.replace("\n", "\n    ")
    code += "\n    add_moments(np.ones((2, 1), np.float32), np.array([0, 2]), moments)"
    lines = run(code, copy).splitlines()
    assert "compiling" in lines[0]
    assert lines[1:] == ["[2.0, 2.0] 0"]
    assert "compiling" not in run(code, copy)  # all of it is there
    quiet = code.replace("compile_notice(1)", "compile_notice(0)")
    assert run(quiet, copy, NUMBA_CACHE_DIR=str(copy / "empty")) == "[2.0, 2.0] 0"


def test_fit_announces_the_first_wait(copy):
    code = "import numpy as np\nfrom dlkit import ReservoirStates\n"
    code += "ReservoirStates(3, random_state=0, verbose=1).fit(np.ones((9, 1)))"
    assert run(code, copy).splitlines()[0].startswith("[dlkit] compiling")
    assert "compiling" not in run(code.replace("verbose=1", "verbose=0"), copy)


def test_types_pick_what_is_called():
    @generic
    def kind(thing):
        """What it is."""

    @kind.register(type(None))
    def _(thing):
        return 0

    @kind.register(activations.Tanh)
    def _(thing):
        return 1

    @kind.register(np.ndarray)
    def _(thing):
        return 2

    compiled = njit(lambda thing: kind(thing))
    for k, thing in enumerate([None, activations.Tanh(), np.ones(2)]):
        assert kind(thing) == compiled(thing) == k
