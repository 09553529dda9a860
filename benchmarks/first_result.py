"""First result in a fresh process: a classifier fitted to JapaneseVowels.

(`rocket_first_call.py` asks the same of the ROCKET family, through this script.)

What counts is the time beyond the import of dlkit's dependencies. A process that has done all of
it tells which of their modules were loaded; the process that is timed imports those first, then
starts the clock, imports dlkit, loads the data and fits `ESNClassifier(random_state=0)`. "Empty
cache" is a new folder for Numba's compiled code, and "full" one in which a process has done the
same before.

    python benchmarks/first_result.py

prints where the time goes: dlkit's own modules, and each function compiled.
"""

import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from time import perf_counter

START = perf_counter()

import _child  # noqa: E402

DEPENDENCIES = (
    "numpy", "scipy", "sklearn", "numba", "llvmlite", "joblib", "threadpoolctl", "aeon", "pandas",
    "torch",
)  # fmt: skip
CLASSIFIER = "ESNClassifier"


def work(name=CLASSIFIER):
    """Fit the classifier, or the transformer of that name in dlkit or aeon, to a few series."""
    if name != CLASSIFIER:
        import numpy as np

        X = np.random.RandomState(0).standard_normal((10, 500))
        if name.startswith("aeon "):
            home = import_module("aeon.transformations.collection.convolution_based")
            return getattr(home, name.removeprefix("aeon "))().fit_transform(X[:, None])
        return getattr(import_module("dlkit"), name)().fit_transform(X)
    from dlkit import ESNClassifier
    from dlkit.datasets import load_japanese_vowels

    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    return ESNClassifier(random_state=0).fit(X, y)


def probe(name):
    """Do the work, and tell what was imported for it."""
    work(name)
    dlkit = [name for name in sys.modules if name.partition(".")[0] == "dlkit"]
    theirs = [name for name in sys.modules if name.partition(".")[0] in DEPENDENCIES]
    _child.report(dlkit=dlkit, theirs=theirs)


def import_dependencies(names):
    for name in names.split(","):
        with suppress(ImportError):  # some exist only as entries of sys.modules
            import_module(name)


def timed(name, names):
    """Import the dependencies, then time the work."""
    import_dependencies(names)
    imported = perf_counter()
    work(name)
    _child.report(seconds=perf_counter() - imported, imports=imported - START)


def explain(names):
    """Do the work with the clock on each part of it, and on each compilation."""
    import_dependencies(names)
    from numba.core import event

    compiled = event.RecordingListener()
    event.register("numba:compile", compiled)
    marks = [("", perf_counter())]

    def mark(what):
        marks.append((what, perf_counter()))

    from dlkit import ESNClassifier
    from dlkit.datasets import load_japanese_vowels

    mark("import dlkit")
    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    mark("load the data")
    ESNClassifier(random_state=0).fit(X, y)
    mark("fit")
    ESNClassifier(random_state=0).fit(X, y)
    mark("fit again")
    parts = [(what, after - before) for (_, before), (what, after) in pairwise(marks)]
    opened, functions = [], []
    for at, one in compiled.buffer:
        if one.is_start:
            opened.append(at)
        else:
            function = one.data["dispatcher"].py_func
            depth = "… " * (len(opened) - 1)  # its time is part of its caller's too
            name = f"{depth}compile {function.__module__}.{function.__name__}"
            seconds = at - opened.pop()
            if len(opened) < 2:
                functions.append((name, seconds))
    _child.report(parts=parts, functions=functions)


def probe_modules(cache, name=CLASSIFIER):
    """Fill a cache, and return the dependencies' modules that are loaded once it is full."""
    for _ in range(2):
        found = _child.call(__file__, "probe", name, NUMBA_CACHE_DIR=cache)
    return ",".join(found["theirs"])


def setup(threads, name=CLASSIFIER):
    from _timing import Figures

    full = tempfile.TemporaryDirectory()
    modules = probe_modules(full.name, name)
    held = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}

    def run(cache):
        return Figures(_child.call(__file__, "timed", name, modules, NUMBA_CACHE_DIR=cache, **held))

    def with_empty(i):
        with tempfile.TemporaryDirectory() as cache:
            return run(cache)

    return {"empty cache": with_empty, "full cache": lambda i: run(full.name)}


def main():
    from _common import table

    with tempfile.TemporaryDirectory() as cache:
        modules = probe_modules(cache)
        where = {}
        with tempfile.TemporaryDirectory() as empty:
            where["empty cache"] = _child.call(__file__, "explain", modules, NUMBA_CACHE_DIR=empty)
        where["full cache"] = _child.call(__file__, "explain", modules, NUMBA_CACHE_DIR=cache)
    for name, found in where.items():
        rows = found["parts"] + found["functions"]
        print(f"\n{name}\n\n{table(['part', 'seconds'], rows)}")


if __name__ == "__main__":
    child = _child.arguments()
    if child is None:
        main()
    else:
        {"probe": probe, "timed": timed, "explain": explain}[child[0]](*child[1:])
else:
    from _bench import Benchmark, Limit

    BENCHMARK = Benchmark(
        title="First fitted classifier in a fresh process (JapaneseVowels), beyond imports",
        setup=setup,
        cases=[{}],
        quick=[{}],
        judged=[Limit("empty cache", 12), Limit("full cache", 0.7)],
        unit="s",
        scale=lambda **case: 1.0,
        warm_up=False,
    )
