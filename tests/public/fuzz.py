"""Malformed calls of all public estimators, drawn at random; outcomes nobody would expect.

    python -m tests.public.fuzz --seconds 3600 --seed 1
    python -m tests.public.fuzz --seconds 3600 --seed 1 --calls     # of the examples in docstrings

A call may be right, or raise ValueError, TypeError or NotFittedError (which is a ValueError) with a
message that names an argument. Anything else is printed with the line that makes it again, and so
is a call that has not ended after ten minutes.
"""

import argparse
import re
import signal
import time
import traceback
import warnings
from collections import Counter
from numbers import Integral

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.exceptions import NotFittedError

from .catalogue import ENTRIES, apply, data

NUMBERS = [
    0,
    -1,
    1,
    2,
    3.5,
    np.nan,
    np.inf,
    -np.inf,
    1e300,
    1e-300,
    True,
    None,
    "auto",
    "no",
    [],
    (1, 2),
    [0.1, 1.0],
    np.uint8(200),
    np.int8(-3),
    np.float32(0.5),
    2**40,
    2**63,
    -(2**70),
    np.array([1.0, 2.0]),
    np.array(3),
    {},
    object(),
    1j,
    b"x",
    np.datetime64("NaT"),
]


def spoil(X, rng):
    """Malformed variant of samples, and what was done to them."""
    if isinstance(X, list):
        return (spoil_words if isinstance(X[0], str) else spoil_structures)(X, rng)
    X = np.array(X)
    ways = {
        "NaN": lambda: _with(X, np.nan, rng),
        "infinity": lambda: _with(X, np.inf, rng),
        "huge": lambda: _with(X, 1e308, rng),
        "times 1e200": lambda: X * 1e200,
        "times 1e-200": lambda: X * 1e-200,
        "plus 1e8": lambda: X + 1e8,
        "constant": lambda: np.zeros_like(X),
        "one sample": lambda: X[:1],
        "two samples": lambda: X[:2],
        "no sample": lambda: X[:0],
        "first sample": lambda: X[0],
        "transposed": lambda: X.T,
        "another axis": lambda: X[..., None],
        "flat": lambda: X.ravel(),
        "no columns": lambda: X[..., :0],
        "fewer columns": lambda: X[..., :1],
        "a number": lambda: 3.0,
        "None": lambda: None,
        "text": lambda: "text",
        "strings": lambda: X.astype(str),
        "words": lambda: np.full(X.shape, "word"),
        "objects": lambda: X.astype(object),
        "complex": lambda: X + 0j,
        "dates": lambda: (1000 * X).astype("int64").astype("M8[s]"),
        "booleans": lambda: X > 0,
        "ragged": lambda: [np.atleast_1d(x)[: 1 + i % 3] for i, x in enumerate(X)],
        "ragged columns": lambda: [x[..., : 1 + i % 2] for i, x in enumerate(X)],
        "list with None": lambda: [*X[:-1], None],
        "list of empty": lambda: [*X[:-1], X[-1][:0] if X.ndim > 1 else []],
        "sparse": lambda: sparse.csr_array(X.reshape(len(X), -1)),
        "frame": lambda: pd.DataFrame(X.reshape(len(X), -1)),
        "frame with words": lambda: pd.DataFrame({"a": ["x"] * len(X), "b": 1.0}),
        "generator": lambda: (x for x in X),
        "dictionary": lambda: {"X": X},
        "set": lambda: {1, 2},
        "masked": lambda: np.ma.masked_array(X, X > 0),
        "five axes": lambda: X.reshape(*X.shape, *(1,) * max(0, 5 - X.ndim)),
        "structured": lambda: np.zeros(len(X), dtype=[("a", float)]),
        "as it is": lambda: X,
    }
    what = rng.choice(list(ways))
    with np.errstate(all="ignore"):
        return ways[what](), what


def spoil_structures(X, rng):
    """Malformed variant of a list of trees or graphs."""
    first = X[0]
    links = first.parents if hasattr(first, "parents") else first.adjacency
    ways = {
        "NaN": lambda: apply(X, lambda x: x * np.nan),
        "huge": lambda: apply(X, lambda x: x * 1e308),
        "one": lambda: first,
        "none": lambda: [],
        "one sample": lambda: X[:1],
        "with None": lambda: [*X, None],
        "with text": lambda: [*X, "text"],
        "None": lambda: None,
        "text": lambda: "text",
        "numbers": lambda: np.ones((4, 3)),
        "words": lambda: apply(X, lambda x: ["word"] * len(x)),
        "no labels": lambda: apply(X, lambda x: x[:0]),
        "fewer columns": lambda: apply(X, lambda x: x[:, :1]),
        "more labels": lambda: apply(X, lambda x: np.vstack([x, x])),
        "links of words": lambda: [(first.labels, ["a"] * len(first.labels))],
        "links beyond": lambda: [(first.labels, np.asarray(links) + 99)],
        "empty": lambda: [([], [])],
        "dictionary": lambda: {"X": X},
        "generator": lambda: (x for x in X),
        "as it is": lambda: X,
    }
    what = rng.choice(list(ways))
    return ways[what](), what


def spoil_words(X, rng):
    """Malformed variant of a list of strings."""
    numbers = [[ord(symbol) for symbol in x] for x in X]
    ways = {
        "as it is": lambda: X,
        "one string": lambda: X[0],
        "bytes": lambda: [x.encode() for x in X],
        "no string": lambda: [],
        "one sample": lambda: X[:1],
        "empty strings": lambda: [""] * len(X),
        "an empty one": lambda: [*X[:-1], ""],
        "other symbols": lambda: [*X[:-1], "\u00e9\U0001f600\n"],
        "half of a pair": lambda: [*X[:-1], "\ud800"],
        "zeros": lambda: [*X[:-1], "a\0b"],
        "the same": lambda: ["aaa"] * len(X),
        "long": lambda: [*X[:-1], "abc" * 200],
        "with None": lambda: [*X[:-1], None],
        "with a number": lambda: [*X[:-1], 3],
        "with lists": lambda: [*X[:-1], ["a", "b"]],
        "lists": lambda: [list(x) for x in X],
        "numbers": lambda: numbers,
        "huge numbers": lambda: [[n + 2**62 for n in one] for one in numbers],
        "negative numbers": lambda: [[-n for n in one] for one in numbers],
        "floats": lambda: [[n + 0.5 for n in one] for one in numbers],
        "NaN": lambda: [[np.nan for _ in one] for one in numbers],
        "mixed": lambda: [["a", 1, None] for _ in X],
        "nested": lambda: [[["a"], ["b"]] for _ in X],
        "vectors": lambda: [np.ones((3, 2)) for _ in X],
        "a frame": lambda: pd.DataFrame({"a": X}),
        "a column": lambda: np.array(X)[:, None],
        "a table": lambda: np.ones((len(X), 3), dtype=int),
        "None": lambda: None,
        "a number": lambda: 3.0,
        "dictionary": lambda: {"X": X},
        "set": lambda: set(X),
        "generator": lambda: (x for x in X),
        "booleans": lambda: [[n > 98 for n in one] for one in numbers],
        "dates": lambda: [np.array(one).astype("M8[s]") for one in numbers],
        "shorter": lambda: X[:-1],
    }
    what = rng.choice(list(ways))
    return ways[what](), what


def _with(X, value, rng):
    X = X.astype(np.float64)
    X[tuple(rng.integers(n) for n in X.shape)] = value
    return X


def affordable(value, parameter=None):
    """The value, unless a call would take long over it, as over many turns of a loop."""
    large = isinstance(value, Integral) and value > (50 if parameter in FITS else 10**6)
    return 3 if large and (value < 2**60 or parameter in LOOPS) else value


def spoil_targets(y, n, rng):
    """Malformed variant of targets."""
    if isinstance(y, list) and isinstance(y[0], str):
        return spoil_words(y, rng)
    if isinstance(y, list):
        return spoil_sequences(y, rng)
    y = np.zeros(n) if y is None else np.asarray(y)
    second = (np.arange(len(y)) == 1).reshape(-1, *(1,) * (y.ndim - 1))
    ways = {
        "None": lambda: None,
        "as it is": lambda: y,
        "short": lambda: y[:-1],
        "one class": lambda: y * 0,
        "NaN": lambda: np.where(second, np.nan, y),
        "words": lambda: np.where(y > 0, "a", "b"),
        "column": lambda: y[:, None],
        "two columns": lambda: np.c_[y, y],
        "objects": lambda: y.astype(object),
        "mixed": lambda: [1, "a", None] * (n // 3) + [2] * (n % 3),
        "complex": lambda: y + 1j,
        "huge": lambda: y * 1e300,
        "cells": lambda: [np.array([v]) for v in y],
        "a number": lambda: 3,
        "infinity": lambda: np.where(second, np.inf, y),
        "dates": lambda: y.astype("M8[s]"),
    }
    what = rng.choice(list(ways))
    return ways[what](), what


def spoil_sequences(y, rng):
    """Malformed variant of targets that are sequences of vectors."""
    ways = {
        "None": lambda: None,
        "as it is": lambda: y,
        "short": lambda: y[:-1],
        "NaN": lambda: [one * np.nan for one in y],
        "huge": lambda: [one * 1e308 for one in y],
        "constant": lambda: [one * 0 for one in y],
        "flat": lambda: [one[:, 0] for one in y],
        "an empty one": lambda: [*y[:-1], y[-1][:0]],
        "no columns": lambda: [one[:, :0] for one in y],
        "other columns": lambda: [np.hstack([one] * (1 + i % 2)) for i, one in enumerate(y)],
        "words": lambda: ["ab"] * len(y),
        "numbers": lambda: np.arange(len(y)),
        "with None": lambda: [*y[:-1], None],
        "complex": lambda: [one + 1j for one in y],
    }
    what = rng.choice(list(ways))
    return ways[what](), what


def spoil_weights(n, rng):
    """Malformed sample weights."""
    ways = [
        None,
        -np.ones(n),
        np.zeros(n),
        np.full(n, np.nan),
        np.full(n, np.inf),
        np.ones(n - 1),
        "x",
        np.ones(n) * 1j,
        np.ones((n, 2)),
        2.0,
        np.full(n, 1e-300),
        np.ones(n),
        [None] * n,
    ]
    return ways[rng.integers(len(ways))]


class UnexpectedError(Exception):
    """An outcome that is not allowed."""


def _of_others(error):
    """Whether an error comes out of an estimator or a metric of scikit-learn's."""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(f"sklearn/{one}" in name for name in frames for one in ("preprocessing", "metrics"))


def attempt(call, names):
    """Call, and raise UnexpectedError where the outcome is not allowed."""
    try:
        return call()
    except NotFittedError:
        return None
    except (ValueError, TypeError) as error:
        message = str(error)
        if not re.search(rf"\b({'|'.join(names)})\b", message) and not _of_others(error):
            raise UnexpectedError(
                f"names no argument: {type(error).__name__}: {message}"
            ) from error
    except Exception as error:
        raise UnexpectedError(f"{type(error).__name__}: {error}") from error
    return None


FITS = {"n_stages"}  # counts of fits of a model each
LOOPS = "n_stages", "n_epochs", "n_gibbs", "max_iter", "n_iter", "n_passes", "n_samples", "n_rounds"
WRAPPERS = "ReservoirSearchCV", "StreamedReadout", "PerStep", "GroupedMaps"
WORDS = [
    "X",
    "y",
    "sample_weight",
    "[Ww]eights",
    "y_true",
    "scorers",
    "classes",
    "n_steps",
    "initial_state",
    "samples?",
    "features?",
    "sequences?",
    "labels?",
    "array",
    "targets?",
    "input",
    "class",
    "classes",
    "estimator",
    "unexpected keyword",
    "series",
    "groups",
    "[Ff]ound",
    "states",
    "continuous",
    "argument",
]


def trial(seed):
    """One random call; returns what was done, and the outcome if it is not allowed."""
    rng = np.random.default_rng(seed)
    name = rng.choice(list(ENTRIES))
    entry = ENTRIES[name]
    X, y = data(entry)
    estimator, done = entry.make(), [name]
    names = [one.rpartition("__")[2] for one in estimator.get_params(deep=True)] + WORDS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if rng.random() < 0.4:
                parameters = set(estimator.get_params(deep=False))
                if name.partition(",")[0] in WRAPPERS:  # around no estimator they have no methods
                    parameters -= {"estimator", "transformer", "readout", "layer"}
                parameter = rng.choice(sorted(parameters))
                value = affordable(NUMBERS[rng.integers(len(NUMBERS))], parameter)
                done.append(f"{parameter}={value!r}")
                estimator.set_params(**{parameter: value})
            if rng.random() < 0.7:
                given, what = X, "as it is"
                targets, what_y = y, "as it is"
                if rng.random() < 0.5:
                    given, what = spoil(X, rng)
                elif rng.random() < 0.5:
                    targets, what_y = spoil_targets(y, len(X), rng)
                options = {}
                if rng.random() < 0.2:
                    options["sample_weight"] = spoil_weights(len(X), rng)
                method = "fit"
                if rng.random() < 0.3 and hasattr(estimator, "partial_fit"):
                    method = "partial_fit"
                done.append(f"{method}(X {what}, y {what_y}, {options})")
                attempt(lambda: getattr(estimator, method)(given, targets, **options), names)
            method = rng.choice(
                [
                    "transform",
                    "predict",
                    "predict_proba",
                    "decision_function",
                    "score",
                    "forecast",
                    "get_feature_names_out",
                    "partial_fit",
                    "score_samples",
                ]
            )
            if hasattr(estimator, method):
                given, what = spoil(X, rng)
                done.append(f"{method}(X {what})")
                if method == "forecast":
                    steps = affordable(NUMBERS[rng.integers(len(NUMBERS))])
                    done[-1] = f"forecast({steps!r})"
                    attempt(lambda: estimator.forecast(steps), names)
                elif method in ("score", "partial_fit") and entry.target is not None:
                    attempt(lambda: getattr(estimator, method)(given, y), names)
                elif method == "get_feature_names_out":
                    attempt(estimator.get_feature_names_out, names)
                else:
                    attempt(lambda: getattr(estimator, method)(given), names)
            repr(estimator)
        except UnexpectedError as error:
            return " -> ".join(done), error
        except Exception as error:
            return " -> ".join(done), UnexpectedError(f"outside: {type(error).__name__}: {error}")
    return " -> ".join(done), None


LONGEST = 600  # seconds of a call


def _no_end(*_):
    raise TimeoutError(f"has not ended after {LONGEST} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", type=int, help="number of a single trial, with its traceback")
    parser.add_argument("--calls", action="store_true", help="calls of examples: see calls.py")
    given = parser.parse_args()
    one_trial = trial
    if given.calls:
        from .calls import trial as one_trial
    if given.one is not None:
        done, error = one_trial(given.one)
        print(done)
        if error is not None:
            traceback.print_exception(error)
        return
    signal.signal(signal.SIGALRM, _no_end)
    begin, seed, kinds = time.perf_counter(), given.seed * 10**9, Counter()
    while time.perf_counter() - begin < given.seconds:
        signal.alarm(LONGEST)
        done, error = one_trial(seed)
        signal.alarm(0)
        if error is not None:
            kind = done.split(" -> ")[0], str(error)[:60]
            kinds[kind] += 1
            if kinds[kind] == 1:
                print(f"--one {seed}: {done}\n    {str(error)[:300]}", flush=True)
        seed += 1
    print(f"{seed - given.seed * 10**9} calls, {sum(kinds.values())} unexpected")


if __name__ == "__main__":
    main()
