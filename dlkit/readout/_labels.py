"""Labels, classes and class weights: what every classifier of the package makes of them.

Class weights mean what they mean in scikit-learn: they multiply the sample weights, whose sum may
thus change, and "balanced" counts a class by the weight of its samples, as if they were repeated.
"""

import numpy as np
from sklearn.utils import assert_all_finite, column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

__all__ = [
    "check_classes",
    "check_labels",
    "check_streaming",
    "class_indicators",
    "classes_of_stream",
    "weigh_classes",
]


def check_labels(y):
    """Return labels as a 1-D array; NaN and numbers that are no labels are refused."""
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
    if (classes[:-1] >= classes[1:]).any():
        raise ValueError(f"classes must be sorted and distinct, got {classes}.")
    return classes


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
    found = np.unique(classes)
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

    Examples
    --------
    >>> from dlkit.readout import class_indicators
    >>> class_indicators(["b", "a"], ["a", "b"]).tolist()
    [1, -1]
    >>> class_indicators([2, 0], [0, 1, 2]).tolist()
    [[-1, -1, 1], [1, -1, -1]]
    """
    y, classes = np.asarray(y), check_classes(classes)
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
    per_class = compute_class_weight(class_weight, classes=classes, y=y, sample_weight=weight)
    per_row = per_class[np.minimum(np.searchsorted(classes, y), len(classes) - 1)]
    return per_row if weight is None else per_row * weight
