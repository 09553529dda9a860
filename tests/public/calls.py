"""Calls that the docstrings of public functions and classes make, each with one argument malformed.

`fuzz.py` calls estimators by their usual methods; here are functions, and what estimators have
beside those methods. Outcomes allowed are the same.
"""

import contextlib
import copy
import doctest
import importlib
import inspect
import io
import pkgutil
import warnings
from functools import cache, wraps
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import dlkit

from . import fuzz

USUAL = {"get_params", "set_params", "get_metadata_routing", "set_output"}
LOOPS = "n_sequences", "n_steps", "n_samples", "transient", "washout", "horizon"
SLOW = {"dlkit.compare_baselines", "dlkit.forecasting.backtest", "dlkit.backtest"}


class Call(NamedTuple):
    """What was called, on which object (None: a function), and with which arguments."""

    name: str
    function: Any
    owner: Any
    arguments: dict


def modules():
    """The package and all modules below it that import with what is installed."""
    found = [dlkit]
    for one in pkgutil.walk_packages(dlkit.__path__, "dlkit."):
        with contextlib.suppress(ImportError):
            found.append(importlib.import_module(one.name))
    return found


@cache
def public():
    """All public functions, estimators and displays with examples, by name."""
    found = {}
    for module in modules():
        if any(part.startswith("_") for part in module.__name__.split(".")):
            continue
        for name in getattr(module, "__all__", []):
            one = getattr(module, name)
            shown = inspect.isfunction(one) or hasattr(one, "fit") or hasattr(one, "plot")
            if shown and ">>>" in (one.__doc__ or "") and one not in found.values():
                found[f"{module.__name__}.{name}"] = one
    return {name: one for name, one in sorted(found.items()) if name not in SLOW}


class Recorder:
    """Notes the first call of each function or method while `active`."""

    def __init__(self):
        self.calls, self.inside = {}, False

    def watched(self, name, function, is_method):
        @wraps(function)
        def call(*args, **kwargs):
            if self.inside:
                return function(*args, **kwargs)
            if name not in self.calls:
                with contextlib.suppress(TypeError):  # what cannot be copied is no case
                    bound = copy.deepcopy(inspect.signature(function).bind(*args, **kwargs))
                    given = dict(bound.arguments)
                    owner = given.pop("self") if is_method else None
                    self.calls[name] = Call(name, function, owner, given)
            self.inside = True
            try:
                return function(*args, **kwargs)
            finally:
                self.inside = False

        return call


@cache
def recorded(name):
    """Calls in the docstring of a public function or class, of itself or of its methods."""
    one, recorder, undo = public()[name], Recorder(), []
    if inspect.isclass(one):
        for key, method in inspect.getmembers(one, inspect.isfunction):
            if not key.startswith(("_", "set_")) and key not in USUAL:
                own = vars(one).get(key)
                undo.append((one, key, own))
                setattr(one, key, recorder.watched(f"{name}.{key}", method, True))
    else:
        for module in modules():
            for key in [key for key, value in vars(module).items() if value is one]:
                undo.append((module, key, one))
                setattr(module, key, recorder.watched(name, one, False))
    source = "".join(e.source for e in doctest.DocTestParser().get_examples(one.__doc__))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, {})
    finally:
        for place, key, value in undo:
            if value is None:
                delattr(place, key)
            else:
                setattr(place, key, value)
    return list(recorder.calls.values())


def vary(value, parameter, rng):
    """Malformed variant of an argument, and what was done to it."""
    if rng.random() < 0.7:
        if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "fi":
            return fuzz.spoil(value, rng)
        if isinstance(value, pd.DataFrame | pd.Series):
            ways = [value[:0], value[:1], value[:-1], value[::-1], value.astype(object)]
            return ways[rng.integers(len(ways))], "a part, or as objects"
        if isinstance(value, list) and value:
            at = rng.integers(len(value))
            if isinstance(value[at], str):
                return fuzz.spoil_words(value, rng)
            one, what = vary(value[at], parameter, rng)
            ways = [value[:-1], [], [value], [*value[:at], one, *value[at + 1 :]]]
            way = rng.integers(len(ways))
            return ways[way], ("short", "none", "nested", f"[{at}] {what}")[way]
    one = fuzz.NUMBERS[rng.integers(len(fuzz.NUMBERS))]
    large = isinstance(one, int) and one > 10**6
    one = 3 if large and (parameter in LOOPS or one < 2**60) else fuzz.affordable(one, parameter)
    return one, repr(one)


def trial(seed, names=None):
    """One random call; returns what was done, and the outcome if it is not allowed.

    ``names`` are the functions and classes whose examples are called; all if None.
    """
    rng = np.random.default_rng(seed)
    calls = recorded(rng.choice(list(public()) if names is None else names))
    if not calls:
        return "nothing is called", None
    name, function, owner, arguments = calls[rng.integers(len(calls))]
    parameters = [
        one
        for key, one in inspect.signature(function).parameters.items()
        if key != "self" and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    ]
    if not parameters:
        return name, None
    owner, arguments = copy.deepcopy((owner, arguments))
    parameter = parameters[rng.integers(len(parameters))]
    default = None if parameter.default is parameter.empty else parameter.default
    value = arguments.get(parameter.name, default)
    given, what = vary(value, parameter.name, rng)
    named = {one.name for one in parameters}
    if hasattr(owner, "get_params"):
        named |= {key.rpartition("__")[2] for key in owner.get_params(deep=True)}
    arguments = arguments | {parameter.name: given}
    more = {}
    for key, one in inspect.signature(function).parameters.items():
        if one.kind is one.VAR_KEYWORD:
            more = arguments.pop(key, {})
    done = f"{name}({parameter.name} {what})"
    before = () if owner is None else (owner,)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            fuzz.attempt(
                lambda: function(*before, **arguments, **more), [*sorted(named), *fuzz.WORDS]
            )
        except fuzz.UnexpectedError as error:
            return done, error
    return done, None
