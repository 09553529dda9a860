"""What is to be predicted: labels or numbers, as they come."""

import numpy as np
from sklearn.utils.multiclass import type_of_target

from .._readings import warn_reading
from .._validation import naming, refuse_missing

__all__ = ["read_targets"]

FEW = 20  # different whole numbers that are labels in any case


def read_targets(y, n, target):
    """Targets as an array, and whether these are labels or numbers.

    Parameters
    ----------
    y : array-like
        A single column is taken as one target.
    n : int
        Number of samples.
    target : {"classification", "regression"} or None
        As the user said.

    Returns
    -------
    y : ndarray of shape (n,) or (n, q)
    target : {"classification", "regression"}
    """
    if isinstance(y, str | bytes) or np.ndim(y) == 0:
        raise ValueError(
            f"y must hold a label or a number for each sample, got {y!r}: hand over the values, "
            "y=data[name], and data.drop(columns=name) as X."
        )
    given = y
    with naming("y"):
        y = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if len(y) != n:
        raise ValueError(f"X has {n} samples, but y has {len(y)}.")
    if not n:
        raise ValueError("X and y hold no samples.")
    if y.dtype.kind == "U" and isinstance(given, (list, tuple)):
        refuse_missing(given, "y")  # in an array of text NaN is a word
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    _refuse_missing(y)
    y = _plain(y)
    target = target or _target_of(y)
    if target == "regression" and y.dtype.kind not in "iufb":
        raise ValueError(
            f"y must hold numbers for a regression, got for instance {y.flat[0]!r}: convert these "
            'with y.astype(float), or say task="classification".'
        )
    if target == "classification":
        if np.ndim(y) == 1 and len(np.unique(y)) < 2:
            raise ValueError(
                f"y holds the label {y[0]!r} alone, and nothing is to be told apart: at least two "
                "labels are needed."
            )
        if y.dtype.kind == "f" and type_of_target(y).startswith("continuous"):
            raise ValueError(
                f"y must hold labels for a classification, got real numbers, for instance {y[0]}: "
                'say task="regression", or make classes of the numbers, with numpy.digitize.'
            )
    return y, target


def _refuse_missing(y):
    if y.dtype.kind == "f":
        missing = np.isnan(y)
    elif y.dtype == object:  # whatever is not equal to itself, as NaN and NaT are not
        missing = np.array([one is None or _odd(one) for one in y.flat]).reshape(y.shape)
    else:
        return
    if missing.any():
        rows = np.flatnonzero(missing.reshape(len(y), -1).any(axis=1))
        raise ValueError(
            f"y has no value for {len(rows)} of {len(y)} samples, the first of them sample "
            f"{rows[0]}: leave these samples out of X and y."
        )


def _odd(one):
    try:
        return bool(one != one)
    except TypeError:  # pandas' NA neither is nor is not
        return True


def _plain(y):
    """Objects that are all text, or all numbers, as such an array."""
    if y.dtype != object:
        return y
    if all(isinstance(one, str) for one in y.flat):
        return y.astype(str)
    if all(isinstance(one, int | float | np.number | np.bool_) for one in y.flat):
        return np.array(y.tolist())
    kinds = sorted({type(one).__name__ for one in y.flat})
    raise ValueError(
        f"y must hold texts or numbers, got a mix of {' and '.join(kinds[:4])}: make all of one "
        "kind, with y.astype(str)."
    )


def _target_of(y):
    with naming("y"):
        found = type_of_target(y)
    if y.ndim == 2:
        if y.shape[1] > 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
            warn_reading(
                f"y has {y.shape[1]} columns, and each is taken for a number to be predicted",
                likely="has labels beside it, with a one in the column of each",
                mend="say y.argmax(axis=1)",
                meant='say task="regression"',
            )
        return "regression"
    if found.startswith("continuous"):
        return "regression"
    several = len(np.unique(y)) if y.dtype.kind in "iufU" else 0
    if y.dtype.kind == "f" and several > FEW:
        return "regression"  # whole numbers, but labels are seldom so many and written as floats
    many = several > max(FEW, len(y) // 3)
    if y.dtype.kind in "iu" and many:
        warn_reading(
            f"y holds {several} different whole numbers in {len(y)} samples, and they "
            "are taken for numbers to be predicted",
            likely="goes with numbers",
            mend='say task="regression"',
            meant='say task="classification" if they are labels',
        )
        return "regression"
    if many and _numbers(y):
        warn_reading(
            f"y holds {several} different texts in {len(y)} samples, and they are taken for labels",
            likely="goes with numbers, which the texts are",
            mend="say y.astype(float)",
            meant='say task="classification"',
        )
    return "classification"


def _numbers(y):
    try:
        y.astype(np.float64)
    except ValueError:
        return False
    return True
