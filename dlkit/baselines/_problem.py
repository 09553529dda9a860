"""What is to be compared: kind of samples, kind of targets, folds, and the score."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import issparse
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.utils import check_array, check_random_state

from .._forecasts.horizon import check_horizon
from .._frames import is_nested
from .._params import Integral, InvalidParameterError
from .._readings import warn_of_labels, warn_reading
from .._validation import is_frame, n_samples, naming, refuse_masks, splitter_of, take
from ..forecasting._origins import members, numbers
from ..forecasting._shape import find_periods
from ..metrics import smape
from ..sequences import is_batch
from ..trees import Graph, Tree
from ._targets import read_targets

__all__ = ["KINDS", "Problem", "read_problem"]

KINDS = ("rows", "sequences", "images", "trees", "forecast")
TARGETS = ("classification", "regression")
LOOK = 2**16  # numbers that are looked at
LOSSES = ("mase", "mae", "rmse", "smape")


@dataclass
class Problem:
    """A comparison, whatever the contenders.

    Attributes
    ----------
    kind : {"rows", "sequences", "images", "trees", "forecast"}
        What a sample is.
    target : {"classification", "regression", "future"}
        What is predicted.
    X, y
        Samples and targets; for forecasts, X is a list of series, and y None.
    folds : list of (ndarray, ndarray), or list of int
        Numbers of training and test samples; for forecasts, steps between origin and end.
    scoring : str or callable
        As in scikit-learn; for forecasts a loss.
    score_name : str
        What the column is called.
    sign : {1, -1}
        -1 where less is better.
    n_steps : int
        Steps ahead, of forecasts.
    several : bool
        Whether there is a list of series to forecast.
    periods : tuple of int
        Seasons, of forecasts.
    equal : bool
        Whether all samples have one shape.
    order : ndarray
        Training samples of the first fold in the order that trials take them.
    """

    kind: str
    target: str
    X: object
    y: object
    folds: list
    scoring: object
    score_name: str
    sign: int = 1
    n_steps: int = 0
    several: bool = False
    periods: tuple = ()
    equal: bool = True
    missing: bool = False
    order: np.ndarray = field(default=None)

    @property
    def size(self):
        """Samples that the first fold trains on; of forecasts, steps."""
        if self.kind == "forecast":
            return max(len(x) for x in self.X) - self.folds[0]
        return len(self.folds[0][0])

    @property
    def lengths(self):
        """Steps or rows that each fold trains on."""
        if self.kind == "forecast":
            return [max(len(x) for x in self.X) - away for away in self.folds]
        return [len(train) for train, _ in self.folds]

    def scorer(self):
        """``score(estimator, X, y)``, larger is better."""
        return get_scorer(self.scoring) if isinstance(self.scoring, str) else self.scoring


def read_problem(X, y, task, cv, scoring, groups, n_steps, random_state):
    """Find out what is to be compared."""
    kind, target = _read_task(task)
    if X is None:
        raise ValueError("X is None: what is compared, or forecast, is handed over as X.")
    if y is None and kind not in ("auto", "forecast"):
        raise ValueError(f"task={task!r} needs targets y, but y is None.")
    warn_of_labels(X, y, ("X", "y"))
    for values, name in ((X, "X"), (y, "y")):
        refuse_masks(values, name)
    if kind == "forecast" or y is None:
        if y is not None:
            raise ValueError('task="forecast" takes no y: what is forecast is X itself.')
        if groups is not None:
            raise ValueError("groups are for samples with targets; a forecast has none.")
        return _read_forecast(X, cv, scoring, n_steps)
    if n_steps is not None:
        raise ValueError("n_steps is for forecasts, but y is given: leave it out.")
    n = n_samples(X)
    apart = str(getattr(X, "dtype", "")) == "object" and np.ndim(X) == 1  # an array of arrays
    X = X if (hasattr(X, "shape") and not apart) or is_nested(X) else list(X)
    if issparse(X):
        raise ValueError("X is a sparse matrix, which most contenders take not: use X.toarray().")
    kind = kind if kind != "auto" else _kind_of(X)
    y, target = read_targets(y, n, target)
    folds = _folds(cv, y, target, groups, random_state)
    scoring, name, sign = _read_scoring(scoring, target)
    _try_scoring(scoring, y, target)
    problem = Problem(kind, target, X, y, folds, scoring, name, sign)
    problem.equal = hasattr(X, "shape") or len({np.shape(x) for x in X}) == 1
    if kind == "rows":
        problem.missing = _has_missing(X)
    elif kind == "sequences":
        _look_for_filling(X)
    problem.order = _trial_order(y, folds[0][0], target)
    return problem


def _read_task(task):
    words = task.replace(",", " ").split() if isinstance(task, str) else [None]
    kinds = [word for word in words if word in (*KINDS, "auto")]
    targets = [word for word in words if word in TARGETS]
    if len(kinds) > 1 or len(targets) > 1 or len(kinds) + len(targets) != len(words):
        raise InvalidParameterError(
            f"task must be one of {['auto', *KINDS]}, alone or with 'classification' or "
            f"'regression' behind (\"rows regression\"), got {task!r}."
        )
    return (kinds or ["auto"])[0], (targets or [None])[0]


def _kind_of(X):
    """What samples are, where their form tells."""
    if is_nested(X):
        return "sequences"
    if (is_batch(X) or isinstance(X, list)) and len(X):
        first = X[0]
        if isinstance(first, (Tree, Graph)) or (isinstance(first, tuple) and len(first) == 2):
            return "trees"
        axes = {np.ndim(x) for x in X}
        if axes == {3}:
            return "images"
        if len({np.shape(x) for x in X}) > 1 and axes <= {1, 2}:
            return "sequences"
        axes = 1 + max(axes)
    else:
        axes = np.ndim(X)
    if axes == 2:
        _look_for_steps(X)
        return "rows"
    if axes == 4:
        return "images"
    if axes < 2 and isinstance(X[0] if isinstance(X, list) else np.ravel(X)[0], str):
        raise ValueError(
            f"X has {n_samples(X)} texts: make numbers of these first, with "
            "sklearn.feature_extraction.text.TfidfVectorizer().fit_transform(X).toarray(). "
            "Are X and y swapped?"
        )
    if axes < 2:
        raise ValueError(
            f"X has {n_samples(X)} single numbers beside y: give samples of several numbers, "
            "as rows are, or leave y out to forecast one series. Are X and y swapped?"
        )
    raise ValueError(
        f"X has samples of shape {np.shape(X[0])}, which may be sequences (steps, channels) or "
        'images (rows, columns): say task="sequences" or task="images".'
    )


@np.errstate(all="ignore")
def _look_for_steps(X):
    """Warn where the columns of a table look like the steps of a series."""
    if is_frame(X) or n_samples(X) < 2:
        return
    some = np.asarray(take(X, slice(0, max(LOOK // max(np.shape(X)[1], 1), 2))))
    if some.dtype.kind not in "fiu" or some.shape[1] < 16:
        return
    some = some.astype(np.float64)
    some = some[:, np.isfinite(some).any(axis=0)]
    some = some - np.nanmean(some, axis=0)
    apart, whole = np.diff(some, axis=1) ** 2, some**2
    if np.isfinite(apart).any() and np.nanmean(apart) < 0.2 * np.nanmean(whole):
        warn_reading(
            f"X has {len(some)} rows of {some.shape[1]} columns, and its rows are compared as "
            "rows of features, whatever the order of columns",
            likely="holds a one-channel sequence in each row, since neighbouring columns are alike",
            mend='say task="sequences" (or task="images", for flat images after a reshape)',
            meant='say task="rows"',
        )


def _folds(cv, y, target, groups, random_state):
    classify = target == "classification"
    if isinstance(groups, str):
        raise ValueError(f"groups must have an entry for each sample, got {groups!r}: use X[name].")
    if groups is not None and np.shape(groups)[:1] != (len(y),):
        raise ValueError(
            f"groups must have an entry for each of {len(y)} samples, got shape {np.shape(groups)}."
        )
    if isinstance(cv, Integral) and not isinstance(cv, bool):
        if cv < 2:
            raise InvalidParameterError(f"cv must be 2 folds or more, got {cv}.")
        seed = check_random_state(random_state).randint(2**31 - 1)
        mixed = {"n_splits": cv, "shuffle": True, "random_state": seed}
        if classify:
            least = np.unique(y, return_counts=True)[1].min()
            stratified = min(cv, int(least))
            if groups is not None:
                cv = StratifiedGroupKFold(**mixed)
            elif stratified >= 2:
                cv = StratifiedKFold(**(mixed | {"n_splits": stratified}))
            else:
                cv = KFold(**mixed)
        else:
            cv = KFold(**mixed) if groups is None else GroupKFold(cv)
    splitter = splitter_of(cv, y, classifier=classify)
    with naming("cv or y" if groups is None else "cv, y or groups"):
        folds = [
            (np.asarray(train), np.asarray(test))
            for train, test in splitter.split(np.zeros((len(y), 1)), y, groups)
        ]
    if not all(len(train) and len(test) for train, test in folds):
        raise ValueError("cv leaves a fold without training or without test samples.")
    return folds


def _read_scoring(scoring, target):
    if scoring is None:
        scoring = "accuracy" if target == "classification" else "r2"
    if isinstance(scoring, str):
        with naming("scoring"):
            get_scorer(scoring)
        return scoring, scoring, 1
    if not callable(scoring):
        raise InvalidParameterError(
            "scoring must be None, a name of scikit-learn's scorers or a callable of estimator, "
            f"X and y, got {scoring!r}."
        )
    return scoring, getattr(scoring, "__name__", "score"), 1


def _look_for_filling(X):
    """Warn where sequences of several lengths look filled with NaN to one length."""
    filled = 0
    for x in X if isinstance(X, list | np.ndarray) else ():
        x = np.asarray(x)
        if x.dtype.kind != "f" or not len(x) or np.isfinite(x.sum()):
            continue
        missing = np.isnan(x.reshape(len(x), -1)).all(axis=1)
        filled += bool(missing[-1] or missing[0])
    if filled:
        warn_reading(
            f"X has {filled} sequences that begin or end with NaN, which most contenders refuse",
            likely="holds sequences of several lengths, filled with NaN",
            mend="hand over [x[np.isfinite(x)] for x in X], with several channels "
            "[x[np.isfinite(x).any(axis=1)] for x in X]",
        )


def _try_scoring(scoring, y, target):
    """Refuse a score that says of itself that it is not for such targets."""
    nothing = np.zeros((len(y), 1))
    dummy = (DummyClassifier() if target == "classification" else DummyRegressor()).fit(nothing, y)
    given = f"scoring={scoring if isinstance(scoring, str) else getattr(scoring, '__name__', '')!r}"
    try:
        (get_scorer(scoring) if isinstance(scoring, str) else scoring)(dummy, nothing, y)
    except TypeError as error:
        if "positional argument" not in str(error):
            return  # of this estimator, perhaps: the table will tell
        raise ValueError(
            f"{given} must take an estimator, X and y: of a function of truth and prediction, "
            "sklearn.metrics.make_scorer makes such a score."
        ) from None
    except ValueError as error:
        if "pos_label" in str(error) or "multiclass" in str(error):
            raise ValueError(
                f"{given} does not fit to y: {' '.join(str(error).split())} Choose another score, "
                'as "f1_macro" or "roc_auc_ovr", or make one that knows the labels, with '
                "sklearn.metrics.make_scorer."
            ) from None
    except Exception:  # of this estimator, perhaps: the table will tell
        return


def _has_missing(X):
    if is_frame(X):
        kinds = [str(dtype) for dtype in X.dtypes]
        words = ("object", "str", "cat", "date", "utf", "enum")
        wrong = [
            name
            for name, kind in zip(X.columns, kinds, strict=True)
            if kind.lower().startswith(words)
        ]
        if wrong:
            raise ValueError(
                f"X has columns that hold no numbers, {wrong}: encode them first, with "
                "pandas.get_dummies(X) or scikit-learn's OneHotEncoder; of dates take the year, "
                "the month, the day of the week as columns."
            )
    X = np.asarray(X) if not is_frame(X) else check_array(X, ensure_all_finite=False)
    if X.dtype.kind != "f":
        return False
    with np.errstate(all="ignore"):
        total = X.sum()
    if np.isfinite(total):
        return False
    if np.isinf(X).any():
        row, column = np.argwhere(np.isinf(X))[0]
        raise ValueError(
            f"X has {np.isinf(X).sum()} infinite values, the first in row {row}, column {column}: "
            "replace these, by NaN where the value is missing."
        )
    return bool(np.isnan(X).any())


def _trial_order(y, train, target):
    """Training samples in an order whose beginnings hold all classes."""
    mixed = np.random.RandomState(0).permutation(train)
    if target != "classification" or np.ndim(y) > 1:
        return mixed
    labels = np.unique(y[mixed], return_inverse=True)[1]
    turn = np.empty(len(mixed))
    for label in range(labels.max() + 1):
        own = np.flatnonzero(labels == label)
        turn[own] = np.arange(len(own)) * len(mixed) / len(own) if len(own) > 2 else -1
        turn[own[:2]] = -1
    return mixed[np.argsort(turn, kind="stable")]


def _read_forecast(X, cv, scoring, n_steps):
    several, parts = members(X)
    values = [numbers(x, f"X[{i}]" if several else "X") for i, x in enumerate(parts)]
    shortest = min(len(x) for x in values)
    longest = max(values, key=len)
    periods = find_periods(longest[:, 0]) if len(longest) > 6 else ()
    if not isinstance(cv, Integral) or isinstance(cv, bool) or cv < 1:
        raise InvalidParameterError(
            f"cv must be a number of origins where series are forecast, got {cv!r}."
        )
    if n_steps is None:
        season = min(periods) if periods else 8
        n_steps = max(1, min(season, shortest // (2 * int(cv) + 2)))
    n_steps = check_horizon(n_steps)
    least = n_steps * int(cv) + max(8, n_steps)
    if shortest < least:
        raise ValueError(
            f"The shortest series has {shortest} steps; {cv} forecasts of {n_steps} steps need "
            f"{least}: use a smaller cv or n_steps."
        )
    scoring = "mase" if scoring is None else scoring
    if isinstance(scoring, str) and scoring not in LOSSES:
        raise InvalidParameterError(
            f"scoring must be one of {LOSSES} or a callable of truth and forecast for series, got "
            f"{scoring!r}."
        )
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "loss")
    folds = [n_steps * k for k in range(int(cv), 0, -1)]
    return Problem(
        "forecast", "future", parts, None, folds, scoring, name, -1, n_steps, several, periods
    )


def loss(problem, known, truth, found):
    """Loss of a forecast, numbers of shape (n_steps, C), mean over channels."""
    if callable(problem.scoring):
        return float(problem.scoring(truth, found))
    if problem.scoring == "smape":
        return float(smape(truth, found))
    error = np.abs(truth - found)
    if problem.scoring == "rmse":
        return float(np.sqrt(np.mean(error**2)))
    if problem.scoring == "mase":
        m = min(problem.periods) if problem.periods and min(problem.periods) < len(known) else 1
        scale = np.abs(known[m:] - known[:-m]).mean(axis=0)
        error = error / np.where(scale > 0, scale, 1.0)
    return float(error.mean())
