"""First result in a fresh process, with an empty and with a full cache of compiled code.

    python benchmarks/run.py first_result                  # all of the table
    python benchmarks/speed/first_result.py                # where the time of each row goes
    python benchmarks/speed/first_result.py "gated cell"   # of this row

The time counts from the end of the import of dlkit's dependencies. A process that has done all of
the work tells which modules of theirs were loaded. The process that is timed imports these first,
then starts the clock, imports dlkit, makes or loads the data and does the work. "Empty cache" is a
new folder for Numba's compiled code, "full cache" one in which a process has done the same before.
aeon compiles its ROCKETs in a fresh process too; where it is installed, its times stand beside.

The second way of calling prints parts of the work and each function compiled, in seconds.
"""

import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from time import perf_counter

START = perf_counter()

import _above  # noqa: E402, F401
import _child  # noqa: E402

DEPENDENCIES = (
    "numpy", "scipy", "sklearn", "numba", "llvmlite", "joblib", "threadpoolctl", "aeon", "pandas",
    "torch",
)  # fmt: skip
ROCKETS = ("MiniRocket", "MultiRocket", "Hydra", "Rocket")


def vowels(name, **parameters):
    """Fit an estimator of dlkit to 270 spoken vowels."""
    import dlkit
    from dlkit.datasets import load_japanese_vowels

    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    return getattr(dlkit, name)(**parameters, random_state=0).fit(X, y)


def search():
    """Search over leak rates and penalties, on the same vowels."""
    import dlkit
    from dlkit.datasets import load_japanese_vowels

    X, y = load_japanese_vowels(subset="train", return_X_y=True)
    grid = {"leak_rate": [0.1, 0.3], "alpha": [0.1, 1.0]}
    return dlkit.ReservoirSearchCV(dlkit.ESNClassifier(random_state=0), grid).fit(X, y)


def forecast(**parameters):
    """Fit a forecaster to a chaotic series, and let it run on."""
    from dlkit import ESNForecaster
    from dlkit.datasets import make_mackey_glass

    series = make_mackey_glass(2000, random_state=0)
    return ESNForecaster(**parameters, random_state=0, scaling=None).fit(series).forecast(100)


def rocket(name, home="dlkit"):
    """Fit a transformer of a ROCKET kind to ten series of 500 steps, and transform them."""
    import numpy as np

    X = np.random.RandomState(0).standard_normal((10, 500))
    return getattr(import_module(home), name)().fit_transform(X[:, None] if home != "dlkit" else X)


def digits(name, **parameters):
    """Fit a transformer of dlkit to 200 digits of 8 by 8 pixels, and transform them."""
    from sklearn.datasets import load_digits

    import dlkit

    images = load_digits().images[:200] / 16
    X = images if name == "ConvFeatures" else images.reshape(len(images), -1)
    return getattr(dlkit, name)(**parameters, random_state=0).fit(X).transform(X)


WORK = {  # what is done; seconds it may take with an empty cache, and with a full one
    "ESNClassifier": (lambda: vowels("ESNClassifier"), 4, 0.7),
    "gated cell": (lambda: vowels("ESNClassifier", cell="gru"), 5, 0.7),
    "forecaster": (forecast, 4, 0.7),
    "layers, forecaster": (lambda: forecast(layers=2), 5, 0.7),
    "ReservoirSearchCV": (search, 5, 0.7),
    **{name: (lambda name=name: rocket(name), 2.5, 0.5) for name in ROCKETS},
    "RBM": (lambda: digits("RBM"), 2.5, 0.7),
    "ConvFeatures": (lambda: digits("ConvFeatures", kernel_size=(3, 3)), 2.5, 0.7),
}
AEON = "aeon.transformations.collection.convolution_based"
PEERS = {f"aeon {name}": (lambda name=name: rocket(name, AEON),) for name in ROCKETS[:3]}


def work(name):
    """Do the work of a row, or a peer's."""
    (WORK | PEERS)[name][0]()


def probe(name):
    """Do the work, and tell which modules of the dependencies were imported for it."""
    work(name)
    loaded = [name for name in sys.modules if name.partition(".")[0] in DEPENDENCIES]
    _child.report(modules=loaded)


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


def explain(name, names):
    """Do the work with the clock on its parts, and on each compilation."""
    import_dependencies(names)
    from numba.core import event

    compiled = event.RecordingListener()
    event.register("numba:compile", compiled)
    marks = [("", perf_counter())]

    def mark(what):
        marks.append((what, perf_counter()))

    import_module("dlkit")
    mark("import dlkit")
    work(name)
    mark("the work")
    work(name)
    mark("the work again")
    parts = [(what, after - before) for (_, before), (what, after) in pairwise(marks)]
    opened, functions = [], []
    for at, one in compiled.buffer:
        if one.is_start:
            opened.append(at)
        else:
            function = one.data["dispatcher"].py_func
            depth = "… " * (len(opened) - 1)  # its time is part of its caller's too
            label = f"{depth}compile {function.__module__}.{function.__name__}"
            seconds = at - opened.pop()
            if len(opened) < 2:
                functions.append((label, seconds))
    _child.report(parts=parts, functions=functions)


def probe_modules(cache, name):
    """Fill a cache, and return the dependencies' modules that are loaded once it is full."""
    for _ in range(2):
        found = _child.call(__file__, "probe", name, NUMBA_CACHE_DIR=cache)
    return ",".join(found["modules"])


def contenders(threads, name):
    """Work in fresh processes, by the state of the cache."""
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


def setup(threads, work):
    from _peers import installed

    ours, peer = contenders(threads, work), f"aeon {work}"
    if peer not in PEERS:
        return ours
    theirs = contenders(threads, peer) if installed("aeon") else dict.fromkeys(ours)
    return ours | {f"aeon, {cache}": call for cache, call in theirs.items()}


def main(names):
    from _common import table

    if unknown := set(names) - set(WORK | PEERS):
        sys.exit(f"No row of that name: {', '.join(unknown)}. There are: {', '.join(WORK)}.")
    for name in names or WORK:
        with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as empty:
            modules = probe_modules(full, name)
            for state, cache in [("empty cache", empty), ("full cache", full)]:
                found = _child.call(__file__, "explain", name, modules, NUMBA_CACHE_DIR=cache)
                rows = found["parts"] + found["functions"]
                print(f"\n{name}, {state}\n\n{table(['part', 'seconds'], rows)}", flush=True)


if __name__ == "__main__":
    child = _child.arguments()
    if child is None:
        main(sys.argv[1:])
    else:
        {"probe": probe, "timed": timed, "explain": explain}[child[0]](*child[1:])
else:
    from _bench import Benchmark, Limit

    def limits(cache, which):
        """One limit for all rows of which as much is asked."""
        by_seconds = {}
        for name, asked in WORK.items():
            by_seconds.setdefault(asked[which], []).append(name)
        return [
            Limit(cache, seconds, where=lambda work, named=named: work in named,
                  label=f"{', '.join(named)}: {cache}")
            for seconds, named in by_seconds.items()
        ]  # fmt: skip

    BENCHMARK = Benchmark(
        title="First result in a fresh process, beyond imports",
        setup=setup,
        cases=[{"work": name} for name in WORK],
        quick=[{"work": "Hydra"}],
        judged=limits("empty cache", 1) + limits("full cache", 2),
        unit="s",
        scale=lambda **case: 1.0,
        most_rounds=3,
        warm_up=False,
    )
