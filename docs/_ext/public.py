"""Pages of the public names, by task, made from the package itself.

``TASKS`` says which names a task's page shows, in order. A public name that no task mentions goes
to the page of its module, so that a new name is never missing; a name that is mentioned but does
not exist fails the build.
"""

import inspect
from importlib import import_module
from pathlib import Path

TASKS = {
    "Classify and regress sequences": (
        "A sample is a sequence: an array of shape (T, C).",
        ["ESNClassifier", "ESNRegressor", "ReservoirFeatures", "Rocket", "MiniRocket",
         "MultiRocket", "Hydra", "SparseScaler"],
        ["rocket"],
    ),
    "Forecast": (
        "A sample is a time step; what follows is asked for by ``forecast``.",
        ["SeasonalForecaster", "ESNForecaster", "NVARForecaster", "ConformalForecaster",
         "ForecastDetector", "forecasting.backtest"],
        ["forecasting"],
    ),
    "Label and describe time steps": (
        "A sample is a time step.",
        ["ESNTagger", "ReservoirStates", "NVARFeatures", "ReservoirMemoryMachine", "PerStep"],
        [],
    ),
    "Label every pixel, step and voxel": (
        "A sample is a position of an image, a series or a volume.",
        ["PixelClassifier", "PixelRegressor", "StackedContext", "ScaleFeatures"], ["positions"],
    ),
    "Images, series and volumes": (
        "Features of convolution, without labels.",
        ["ConvFeatures", "ImageScanFeatures"],
        ["conv"],
    ),
    "Features layer by layer": (
        "Each layer is learned, or drawn, on the output of the layer below.",
        ["GreedyLayerwise", "RBM", "ConvRBM", "MarginalizedDenoisingAutoencoder",
         "RandomAutoencoder"],
        ["layerwise"],
    ),
    "Trees and graphs": ("A sample is a tree or a graph.", [], ["trees"]),
    "Symbols and sequences": (
        "Models of sequences, and of sequences that follow from sequences.",
        ["SequenceModel"],
        ["symbols"],
    ),
    "Readouts": (
        "Linear models that are solved once, for features of any kind.",
        ["RidgeReadoutClassifier", "RidgeReadout"],
        ["readout"],
    ),
    "Tune": (
        "Search over the settings of a reservoir.",
        ["ReservoirSearchCV", "reservoir.RecycleSplit"],
        [],
    ),
    "Inside a reservoir": (
        "Cells, topologies and other parameters that are objects; and measures of a reservoir.",
        ["reservoir.Reservoir", "reservoir.Leaky", "reservoir.ES2N", "reservoir.Residual",
         "reservoir.Euler", "reservoir.Clockwork", "reservoir.GRU", "reservoir.MGU",
         "reservoir.LSTM", "reservoir.Legendre", "reservoir.DeepTransition"],
        ["reservoir"],
    ),
    "Compare with baselines": ("What is a good score?", [], ["baselines"]),
    "Sequences and frames": ("Forms of data, and converters.", [], ["sequences", "interop"]),
    "Data sets": ("Real speech, and series that are computed.", [], ["datasets"]),
    "Metrics": ("Errors, and scores of intervals and distributions.", [], ["metrics"]),
    "Pictures": ("Displays, by scikit-learn's conventions.", [], ["plotting"]),
    "Warnings": ("Each can be silenced by its category.", [], ["exceptions"]),
}  # fmt: skip


def public_names():
    """Full names of all public classes and functions, the shortest of each."""
    package = import_module("dlkit")
    modules = ["dlkit"]
    for path in sorted(Path(package.__file__).parent.iterdir()):
        named = path.stem
        if not named.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").exists()):
            modules.append(f"dlkit.{named}")
    found, seen = [], set()
    for name in modules:
        module = import_module(name)
        public = getattr(module, "__all__", None) or [
            n for n, one in vars(module).items()
            if n[0] != "_" and getattr(one, "__module__", None) == name
        ]  # fmt: skip
        for one in public:
            thing = getattr(module, one)
            if not (inspect.isclass(thing) or inspect.isroutine(thing)):
                continue
            if id(thing) not in seen:
                seen.add(id(thing))
                found.append(f"{name}.{one}")
    return found


def by_task():
    """Full names, by task; raises a ValueError at names that do not exist or have no task."""
    names = public_names()
    short = {name.removeprefix("dlkit."): name for name in names}
    pages, placed = {}, set()
    for task, (_, first, _) in TASKS.items():
        for one in first:
            if one not in short:
                raise ValueError(f"{one}, listed under {task!r} in docs/_ext/public.py, is gone.")
        pages[task] = [short[one] for one in first]
        placed.update(pages[task])
    for task, (_, _, modules) in TASKS.items():
        for name in names:
            inside = inspect.getmodule(_object(name)).__name__.split(".")[1]
            if name not in placed and (name.split(".")[1] in modules or inside in modules):
                pages[task].append(name)
                placed.add(name)
    homeless = [name for name in names if name not in placed]
    if homeless:
        raise ValueError(f"{homeless} have no task: add their module to docs/_ext/public.py.")
    return {task: found for task, found in pages.items() if found}


def _object(name):
    module, _, last = name.rpartition(".")
    return getattr(import_module(module), last)


def within(name):
    """Name of a public module, and of those that it exports."""
    module = import_module(name)
    exported = getattr(module, "__all__", ())
    return [name, *(f"{name}.{one}" for one in exported if inspect.ismodule(getattr(module, one)))]


def slug(task):
    """Name of the file of a task."""
    return "_".join(task.lower().replace(",", "").split())


def write(app, config):
    """Write the pages of the API."""
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    pages = by_task()
    lines = ["API", "===", "", "Everything public, by task. The guide says when to use what.", ""]
    lines += [".. toctree::", "   :maxdepth: 1", "   :hidden:", ""]
    lines += [f"   {slug(task)}" for task in pages] + [""]
    texts = {}
    for task, names in pages.items():
        about = TASKS[task][0]
        table = [".. autosummary::", "   :toctree: ../generated", "   :nosignatures:", ""]
        table += [f"   ~{name}" for name in names]
        head = [task, "=" * len(task), "", about, ""]
        tail = [""]  # after the table, since it changes what names are looked up in
        for module in TASKS[task][2]:  # what references to modules lead to
            for name in within(f"dlkit.{module}"):
                tail += [f".. automodule:: {name}", ""]
        texts[f"{slug(task)}.rst"] = "\n".join([*head, *table, *tail])
        link = f":doc:`{task} <{slug(task)}>`"
        lines += [link, "-" * len(link), "", about, "", ".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   ~{name}" for name in names] + [""]
    texts["index.rst"] = "\n".join(lines)
    kept = set(texts) | {f"{name}.rst" for names in pages.values() for name in names}
    for old in [*folder.glob("*.rst"), *(folder.parent / "generated").glob("*.rst")]:
        if old.name not in kept:
            old.unlink()
    config.autosummary_generate = [f"api/{name}" for name in texts]
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app):
    """Write the pages before Sphinx looks for files."""
    app.connect("config-inited", write)
    return {"parallel_read_safe": True}
