"""The line of code that makes an estimator."""

import inspect
import sys
from types import FunctionType

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

__all__ = ["imports", "source"]

SHORT = {"dlkit"}  # packages whose names are all at the top


def source(thing):
    """Code that makes ``thing`` anew: an estimator, a parameter of one.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dlkit import RidgeReadout
    >>> from dlkit.baselines._source import source
    >>> source(make_pipeline(StandardScaler(with_mean=False), RidgeReadout(2.0)))
    'make_pipeline(StandardScaler(with_mean=False), RidgeReadout(2.0))'
    """
    if isinstance(thing, Pipeline):
        return f"make_pipeline({', '.join(source(step) for _, step in thing.steps)})"
    if isinstance(thing, FeatureUnion):
        parts = ", ".join(source(part) for _, part in thing.transformer_list)
        return f"make_union({parts})"
    if isinstance(thing, np.ndarray):
        return _numbers(thing)
    if isinstance(thing, np.generic):
        return repr(thing.item())
    if isinstance(thing, FunctionType | type):
        return thing.__name__
    if isinstance(thing, tuple):
        return f"({''.join(source(each) + ', ' for each in thing)[: -1 - (len(thing) > 1)]})"
    if isinstance(thing, list):
        return f"[{', '.join(map(source, thing))}]"
    if hasattr(thing, "get_params") and not isinstance(thing, type):
        return f"{type(thing).__name__}({', '.join(_arguments(thing))})"
    return repr(thing)


def _arguments(estimator):
    given = estimator.get_params(deep=False)
    for name, parameter in inspect.signature(type(estimator).__init__).parameters.items():
        if name not in given or _same(given[name], parameter.default):
            continue
        positional = parameter.kind is not parameter.KEYWORD_ONLY
        first = next(iter(given_order(estimator))) == name
        yield source(given[name]) if positional and first else f"{name}={source(given[name])}"


def given_order(estimator):
    """Names of the parameters, in order."""
    names = list(inspect.signature(type(estimator).__init__).parameters)
    return [name for name in names if name != "self"]


def _same(one, other):
    if one is other:
        return True
    if type(one) is not type(other) or isinstance(one, np.ndarray):
        return False
    try:
        return bool(one == other)
    except Exception:  # whatever comparing makes of it
        return False


def _numbers(array):
    if array.ndim == 1 and len(array) > 2 and (array > 0).all():
        ends = np.log10(array[[0, -1]])
        whole = np.round(ends, 6)
        if np.allclose(array, np.logspace(*whole, len(array)), rtol=1e-12):
            ends = ", ".join(f"{end:g}" for end in whole)
            return f"np.logspace({ends}, {len(array)})"
    return f"np.array({array.tolist()})"


def imports(*things):
    """Lines that import what the code of :func:`source` names."""
    found = {}
    for thing in things:
        _collect(thing, found)
    lines = ["import numpy as np"] if found.pop("np", None) else []
    for module in sorted(set(found.values())):
        names = ", ".join(sorted(name for name, home in found.items() if home == module))
        lines.append(f"from {module} import {names}")
    return lines


def _collect(thing, found):
    if isinstance(thing, np.ndarray):
        found["np"] = True
    elif isinstance(thing, Pipeline):
        found["make_pipeline"] = "sklearn.pipeline"
        for _, step in thing.steps:
            _collect(step, found)
    elif isinstance(thing, FeatureUnion):
        found["make_union"] = "sklearn.pipeline"
        for _, part in thing.transformer_list:
            _collect(part, found)
    elif isinstance(thing, FunctionType | type):
        found[thing.__name__] = _home(thing)
    elif isinstance(thing, tuple | list):
        for each in thing:
            _collect(each, found)
    elif hasattr(thing, "get_params"):
        found[type(thing).__name__] = _home(type(thing))
        for value in thing.get_params(deep=False).values():
            if not isinstance(value, FunctionType) or isinstance(thing, FunctionTransformer):
                _collect(value, found)


def _home(thing):
    """The public module of a class or function: without private parts."""
    parts = []
    for part in thing.__module__.split("."):
        if part.startswith("_") and part != "__main__":
            break
        parts.append(part)
    home = ".".join(parts)
    top = sys.modules.get(parts[0])
    return parts[0] if hasattr(top, thing.__name__) and parts[0] in SHORT else home
