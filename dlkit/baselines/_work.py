"""What is done where contenders run: fits on folds, trials on portions, the machine's speed.

All functions here are called in a process of their own; what they are given and give back is
pickled.
"""

import gc
import os
import pickle
import traceback
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from joblib.externals.loky.backend.reduction import dumps
from sklearn.base import clone
from sklearn.metrics import r2_score

from .._threads import one_blas_thread
from .._validation import take
from ..forecasting._origins import cloned, numbers
from ..readout import RidgeReadoutClassifier
from ._memory import Peak
from ._problem import loss

__all__ = ["Fit", "calibrate", "hello", "load", "run_fold", "run_trial", "stored"]

PARTS = "map", "apply", "fit", "predict"
TRIAL = 1.0  # seconds of a trial, from which it is the last
TRIALS = 2.0  # seconds of all trials of a contender, likewise
BRIEF = 0.2  # seconds of a trial that is done twice, since one may be disturbed
FIRST, STEP = 16, 3  # samples of the first trial, and how many times more the next one takes


@dataclass
class Fit:
    """What one fit of one contender took and gave.

    Attributes
    ----------
    seconds, cpu : dict of str to float
        Of "map" (features of training samples), "apply" (of test samples), "fit" and "predict": by
        the clock, and of the processor.
    n_train, n_test, width : int
        Samples, and features there were.
    score : float
        Score of the fold.
    prediction : ndarray or list
        Predictions of the test samples.
    peak : float
        Bytes held beyond those before.
    error : str or None
        Why there is none of these.
    """

    seconds: dict = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    cpu: dict = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    n_train: int = 0
    n_test: int = 0
    width: int = 0
    score: float = float("nan")
    prediction: object = None
    peak: float = float("nan")
    error: str | None = None
    notes: list = field(default_factory=list)

    @property
    def total(self):
        """Seconds in all."""
        return sum(self.seconds.values())

    @contextmanager
    def timing(self, part):
        """Context whose time is that of a part."""
        start, cpu = perf_counter(), process_time()
        yield
        self.seconds[part] = perf_counter() - start
        self.cpu[part] = process_time() - cpu


def stored(problem, path):
    """Store a problem for other processes."""
    Path(path).write_bytes(dumps(problem))
    return str(path)


@lru_cache(maxsize=1)
def load(path):
    """The problem that is stored there."""
    return pickle.loads(Path(path).read_bytes())


def hello(path):
    """Get ready: load what is needed; return the number of the process, and its speed."""
    load(path)
    return os.getpid(), calibrate()


@lru_cache(maxsize=1)
def calibrate():
    """Processor seconds for each operation of a ridge readout, of products and of decompositions.

    Two problems of known sizes are solved, one whose time goes into the product and one whose time
    goes into the decomposition.
    """
    rng = np.random.RandomState(0)
    y = np.arange(600) % 2
    rows, taken = [], []
    for n, p in ((400, 6000), (600, 610)):
        X = rng.standard_normal((n, p))
        readout = RidgeReadoutClassifier(np.logspace(-3, 3, 10))
        readout.fit(X[:40, :40], y[:40])
        times = []
        for _ in range(3):
            start = process_time()
            readout.fit(X, y[:n])
            times.append(process_time() - start)
        rows.append(operations(n, p))
        taken.append(min(times))
    found = np.linalg.lstsq(np.array(rows), np.array(taken), rcond=None)[0]
    least = np.array(taken) / np.array(rows).sum(axis=1) / 100
    return tuple(np.maximum(found, least))


def operations(n, p):
    """Operations of a ridge readout: of its product, and of its decomposition."""
    small = min(n, p)
    return float(n) * p * small, float(small) ** 3


def run_fold(path, bundle, number):
    """Fit contenders that share features on one fold; a `Fit` for each."""
    problem = load(path)
    if problem.kind == "forecast":
        return [_forecast(problem, each, problem.X, problem.folds[number]) for each in bundle]
    train, test = problem.folds[number]
    return _measure(problem, bundle, train, test)


def run_trial(path, bundle):
    """Fit contenders on growing portions of the first fold, for a second or two.

    Returns
    -------
    trials : list of list of Fit
        Those of each portion. The first portion is fitted once more before: what is loaded or
        compiled once is not timed.
    """
    problem = load(path)
    trials, m, most = [], _first_portion(problem, bundle), problem.size
    _portion(problem, bundle, m)
    began = perf_counter()
    while True:
        fits = _portion(problem, bundle, m)
        if any(fit.error for fit in fits):
            # a small portion may lack what the contender needs: the folds will tell
            return [*trials, fits]
        took = max(fit.total for fit in fits)
        if took < BRIEF:
            again = _portion(problem, bundle, m)
            fits = [_middle(*both) for both in zip(fits, again, strict=True)]
        trials.append(fits)
        enough = took > TRIAL or perf_counter() - began > TRIALS
        one = len(trials) == 1 and took < 4 * TRIAL  # which does not tell how time grows
        if m >= most / 2 or (enough and not one):
            return trials
        m = min(most, STEP * m)


def _middle(fit, again):
    """A fit with the mean seconds of two fits of the same."""
    for part in PARTS if not again.error else ():
        fit.seconds[part] = (fit.seconds[part] + again.seconds[part]) / 2
        fit.cpu[part] = (fit.cpu[part] + again.cpu[part]) / 2
    return fit


def _first_portion(problem, bundle):
    if problem.kind == "forecast":
        season = max(problem.periods, default=1)
        return min(problem.size, max(64, 4 * season + problem.n_steps, 4 * problem.n_steps))
    n_classes = len(np.unique(problem.y)) if problem.target == "classification" else 1
    return min(problem.size, max(FIRST, 2 * n_classes, *(each.least for each in bundle)))


def _portion(problem, bundle, m):
    if problem.kind == "forecast":
        away = problem.folds[0]
        series = [take(x, slice(max(0, len(x) - away - m), None)) for x in problem.X]
        return [_forecast(problem, each, series, away) for each in bundle]
    test = problem.folds[0][1]
    return _measure(problem, bundle, problem.order[:m], test[: max(2, min(len(test), m))])


def _measure(problem, bundle, train, test):
    """Fits of contenders that share features, on these samples."""
    fits = [Fit(n_train=len(train), n_test=len(test)) for _ in bundle]
    X, X_test = take(problem.X, train), take(problem.X, test)
    y, y_test = problem.y[train], problem.y[test]
    features = bundle[0].features
    if gc.get_freeze_count():  # a process of its own, where there is little to look through
        gc.collect()
    peak = Peak()
    with warnings.catch_warnings(record=True) as notes, one_blas_thread():
        warnings.simplefilter("always")
        shared = Fit()
        try:
            if features is not None:
                features = clone(features)
                with shared.timing("map"):
                    X = features.fit_transform(X, y)
                with shared.timing("apply"):
                    X_test = features.transform(X_test)
        except Exception as error:
            return [_failed(fit, error) for fit in fits]
        before = len(notes)
        for each, fit in zip(bundle, fits, strict=True):
            fit.seconds, fit.cpu = dict(shared.seconds), dict(shared.cpu)
            try:
                readout = cloned(each.readout)
                with fit.timing("fit"):
                    readout.fit(X, y)
                with fit.timing("predict"):
                    fit.prediction = readout.predict(X_test)
                fit.width = _width(X, readout if each.solves else None)
                fit.score = _score(problem, readout, X_test, y_test, fit.prediction)
                _refuse_wild(fit)
            except Exception as error:
                _failed(fit, error)
            fit.peak = peak.read()
            if not fit.error:
                fit.notes = _messages(notes)
            del notes[before:]
    return fits


def _width(X, reservoir):
    """Number of features that a readout, or the one inside a reservoir, learned from."""
    if reservoir is not None:
        return int(np.shape(reservoir.readout_.coef_)[-1])
    return X.shape[1] if hasattr(X, "shape") and X.ndim == 2 else 0


def _score(problem, readout, X, y, found):
    """Score of a fold; those of predictions alone are not predicted a second time."""
    if problem.scoring == "accuracy" and np.ndim(y) == 1:
        return float(np.mean(np.asarray(found) == y))
    if problem.scoring == "r2":
        return float(r2_score(y, found))
    return float(problem.scorer()(readout, X, y))


def _forecast(problem, contender, series, away):
    """Forecast from one origin of all series."""
    known = [take(x, slice(0, len(x) - away)) for x in series]
    fit = Fit(n_train=max(len(x) for x in known), n_test=problem.n_steps)
    peak = Peak()
    with warnings.catch_warnings(record=True) as notes, one_blas_thread():
        warnings.simplefilter("always")
        try:
            with fit.timing("fit"):
                model = cloned(contender.readout).fit(known if problem.several else known[0])
            with fit.timing("predict"):
                found = model.forecast(problem.n_steps)
            found = list(found) if problem.several else [found]
            fit.prediction, losses = [], []
            for x, before, one in zip(series, known, found, strict=True):
                end = len(x) - away + problem.n_steps
                truth = numbers(take(x, slice(len(x) - away, end)))
                one = numbers(one)
                fit.prediction.append(one)
                losses.append(loss(problem, numbers(before), truth, one))
            fit.score = float(np.mean(losses))
            _refuse_wild(fit)
        except Exception as error:
            _failed(fit, error)
    fit.peak = peak.read()
    if not fit.error:
        fit.notes = _messages(notes)
    return fit


def _refuse_wild(fit):
    if not np.isfinite(fit.score):
        raise ValueError(f"the score is {fit.score}")


def _messages(notes):
    return list(dict.fromkeys(f"{one.category.__name__}: {one.message}" for one in notes))


def _failed(fit, error):
    """The reason in a line; where it was raised is the last frame that is not ours."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split())
    fit.error = f"{type(error).__name__}: {text}"
    fit.notes = [f"raised in {Path(last.filename).name}, line {last.lineno}"]
    return fit
