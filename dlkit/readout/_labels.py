"""Labels, classes and class weights: what every classifier of the package makes of them.

Class weights mean what they mean in scikit-learn: they multiply the sample weights, whose sum may
thus change, and "balanced" counts a class by the weight of its samples, as if they were repeated.
"""

from contextlib import contextmanager
from numbers import Number, Real

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite, column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, is_multilabel

from .._readings import warn_reading
from .._validation import is_frame, is_missing, naming, refuse_masked, refuse_missing

__all__ = [
    "check_classes",
    "check_labels",
    "check_streaming",
    "class_indicators",
    "classes_of_stream",
    "refuse_mixture",
    "stacked",
    "warn_of_one_hot",
    "weigh_classes",
]

FEWEST = 20  # rows with a single 1 each, for columns to look one-hot


def stacked(y):
    """Return ``y``; one array of it where its cells hold arrays, as in a Series of arrays."""
    if getattr(getattr(y, "dtype", None), "kind", "") != "O" or y.ndim != 1 or not len(y):
        return y
    if not isinstance(np.asarray(y)[0], (np.ndarray, list, tuple)):
        return y
    cells = [np.asarray(cell) for cell in y]
    if len({cell.shape for cell in cells}) > 1:
        shapes = sorted({cell.shape for cell in cells})[:2]
        raise ValueError(
            f"y holds arrays of different shapes, as {shapes[0]} and {shapes[1]}: each sample must "
            "have one target, or as many as the others."
        )
    return np.stack(cells)


def refuse_mixture(y, name="y"):
    """Raise if labels in a list or in an array of objects are missing, or not of one kind.

    NumPy makes the words '1' and 'nan' of a number and of NaN beside other words, and scikit-learn
    calls numbers in an array of objects, as in a column of a table of mixed content, "unknown".

    Parameters
    ----------
    y : object
        Labels, or columns of zeros and ones.
    name : str, default="y"
        What messages call them.
    """
    listed, kind = isinstance(y, (list, tuple)), getattr(getattr(y, "dtype", None), "kind", "")
    if not (listed or is_frame(y) or kind in ("O", "T")):
        return
    values = np.asarray(y)
    if values.dtype.kind not in ("OUS" if listed else "OT") or not values.size:
        return
    made = listed and values.dtype.kind in "US"  # by NumPy, of whatever there was
    cells = (np.array(y, dtype=object) if made else values.astype(object)).ravel()
    missing = [i for i, cell in enumerate(cells) if is_missing(cell)]
    if missing:
        sample = missing[0] * len(values) // len(cells)
        raise ValueError(
            f"Input {name} contains NaN, None or NA, at sample {sample} first: leave out samples "
            "without a label."
        )
    words = [isinstance(cell, (str, bytes)) for cell in cells]
    numbers = [isinstance(cell, (Number, np.bool_)) for cell in cells]
    if any(words) and any(numbers):
        word, number = cells[words.index(True)], cells[numbers.index(True)]
        raise ValueError(
            f"{name} must hold words or numbers, got both, as {word!r} and {number!r}: make all of "
            f"them words, by [str(label) for label in {name}] say."
        )
    if kind == "T" or (all(numbers) and (not listed or values.dtype.kind == "O")):
        as_what = (
            "object" if kind == "T" else np.array(cells.tolist()).dtype.name.rstrip("0123456789")
        )
        if as_what == "object" and kind != "T":  # of Decimal, Fraction and their kind
            as_what = "float"
        mend = f"[float(label) for label in {name}]" if listed else f"{name}.astype({as_what})"
        raise ValueError(
            f"Unknown label type: {name} holds {'words' if kind == 'T' else 'numbers'}, but its "
            f"dtype is {values.dtype}: hand over {mend}."
        )


def warn_of_one_hot(Y):
    """Warn where columns of labels look like classes that exclude each other, one-hot."""
    if len(Y) >= FEWEST and (Y.sum(axis=1) == 1).all():
        warn_reading(
            f"y has {Y.shape[1]} columns, read as labels of which a sample may have any number",
            likely="has classes that exclude each other, since every row of y has a single 1",
            mend="hand over np.argmax(y, axis=1)",
            name="y",
        )


def check_labels(y, multilabel=False):
    """Return labels as a 1-D array; NaN and numbers that are no labels are refused.

    With ``multilabel=True``, columns of zeros and ones are taken, too: a column for each label that
    a sample may have beside others, shape (n, L).
    """
    refuse_masked(y, "y")
    refuse_missing(y, "y")
    with naming("y"):
        y = stacked(y)
        refuse_mixture(y)
        return _checked(y, multilabel)


def _checked(y, multilabel):
    shape = getattr(y, "shape", None) or np.asarray(y).shape
    if multilabel and len(shape) == 2 and shape[1] > 1 and is_multilabel(y):
        y = np.asarray(y.toarray() if issparse(y) else y)
        if not np.isin(y, [0, 1]).all():
            raise ValueError(
                "y of several columns must hold zeros and ones, one column for each label that a "
                f"sample may have, got {np.unique(y)}."
            )
        return y.astype(np.int8)
    if len(shape) == 2 and shape[1] > 1:
        y = np.asarray(y)
        assert_all_finite(y, input_name="y")
        raise ValueError(
            f"y should be a 1d array of labels, got an array of shape {tuple(shape)} instead"
            + (
                ", which does not hold zeros and ones, a column for each label."
                if multilabel
                else "."
            )
            + " For several targets, each of some classes, use "
            "sklearn.multioutput.MultiOutputClassifier."
        )
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    return y


def check_classes(classes):
    """Return all labels there are as an array: at least two, sorted and distinct."""
    classes = np.asarray(classes)
    if classes.ndim != 1 or len(classes) < 2:
        raise ValueError(
            f"A classifier needs at least two classes, got {classes.size} class: {classes}."
        )
    with _orderly("classes"):
        rising = (classes[:-1] < classes[1:]).all()
    if not rising:  # as where one is NaN
        raise ValueError(f"classes must be sorted and distinct, got {classes}.")
    return classes


@contextmanager
def _orderly(name):
    """Name the labels that cannot be put in order, such as numbers beside words."""
    try:
        yield
    except TypeError as error:
        raise ValueError(f"{name} must hold labels that can be put in order: {error}.") from error


def check_streaming(class_weight):
    """Refuse class weights that need all labels at once, in a call of `partial_fit`."""
    if isinstance(class_weight, str):
        raise ValueError(
            f"class_weight={class_weight!r} is not supported for partial_fit, which does not see "
            "all labels at once: compute the weights with "
            "sklearn.utils.compute_class_weight('balanced', classes=classes, y=y) and pass "
            "them as a dict."
        )


def classes_of_stream(classes, known):
    """Classes of a call of `partial_fit`, held against those ``known`` from earlier calls.

    Parameters
    ----------
    classes : array-like or None
        What the call says; None is allowed after the first.
    known : ndarray or None
        What the first call said; None in the first.
    """
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return known
    refuse_mixture(classes, "classes")
    with _orderly("classes"):
        found = np.unique([*classes] if isinstance(classes, (set, frozenset)) else classes)
    if known is not None and not np.array_equal(found, known):
        raise ValueError(f"classes={classes!r} differs from the first call's {known!r}.")
    return found


def class_indicators(y, classes):
    """Targets of a least-squares classifier: +1 for a row's own class and −1 for the others.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels, each one of `classes`.
    classes : array-like of shape (K,)
        At least two distinct labels, sorted.

    Returns
    -------
    Y : ndarray of shape (n, K) or, for two classes, (n,), of int8
        With two classes +1 stands for the second.

    Raises
    ------
    ValueError
        If `classes` are not sorted or a label is not among them.

    References
    ----------
    .. [1] Rifkin & Klautau (2004), In defense of one-vs-all classification, Journal of Machine
       Learning Research 5.

    Examples
    --------
    >>> from dlkit.readout import class_indicators
    >>> class_indicators(["b", "a"], ["a", "b"]).tolist()
    [1, -1]
    >>> class_indicators([2, 0], [0, 1, 2]).tolist()
    [[-1, -1, 1], [1, -1, -1]]
    """
    with naming("y"):
        y, classes = np.asarray(y), check_classes(classes)
    if y.ndim != 1:
        raise ValueError(f"y must be one-dimensional, got an array of shape {y.shape}.")
    with _orderly("y"):
        place = np.minimum(np.searchsorted(classes, y), len(classes) - 1)
    unknown = classes[place] != y
    if unknown.any():
        raise ValueError(
            f"y holds labels that are not among the classes {classes}: {np.unique(y[unknown])}."
        )
    if len(classes) == 2:
        return (2 * place - 1).astype(np.int8)
    Y = np.full((len(y), len(classes)), -1, dtype=np.int8)
    Y[np.arange(len(y)), place] = 1
    return Y


def weigh_classes(class_weight, classes, y, weight):
    """Multiply class weights into the weights of samples.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        The estimator's parameter.
    classes : ndarray of shape (K,)
        All labels, sorted.
    y : ndarray of shape (n,)
        Labels. One that is no class gets any weight: the readout refuses it.
    weight : ndarray of shape (n,) or None
        Weights of the samples; None means one each.

    Returns
    -------
    weight : ndarray of shape (n,) or None
    """
    if class_weight is None:
        return weight
    if isinstance(class_weight, dict):
        for label, value in class_weight.items():
            if not isinstance(value, Real) or not 0 <= value < np.inf:
                raise ValueError(
                    "class_weight must hold finite numbers of at least zero, got "
                    f"{value!r} for the class {label!r}."
                )
    with np.errstate(divide="ignore"):  # a class may be there without weight
        per_class = compute_class_weight(class_weight, classes=classes, y=y, sample_weight=weight)
    per_class = np.where(np.isfinite(per_class), per_class, 0.0)
    per_row = per_class[np.minimum(np.searchsorted(classes, y), len(classes) - 1)]
    with np.errstate(over="ignore"):
        per_row = per_row if weight is None else per_row * weight
        if not np.isfinite(per_row.sum()):
            raise ValueError(f"class_weight={class_weight!r} makes weights that overflow float64.")
    return per_row
