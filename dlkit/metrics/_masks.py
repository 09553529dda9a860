"""How well maps of labels agree: overlap of areas, and of their boundaries."""

import numpy as np
from scipy import ndimage

from .._announce import warn
from .._params import StrOptions, non_negative, positive, validate_params
from .._validation import is_nan, naming, refuse_masked
from ..exceptions import ReadingWarning

__all__ = ["boundary_f1", "dice", "known_positions", "mean_iou", "pairs_of"]

FEWEST = 16  # rows and columns of what may be one map

_OF_MAPS = {
    "y_true": "no_validation",
    "y_pred": "no_validation",
    "labels": ["array-like", None],
    "unlabeled": "no_validation",
    "average": [StrOptions({"macro"}), None],
}


@validate_params(_OF_MAPS, prefer_skip_nested_validation=True)
def mean_iou(y_true, y_pred, *, labels=None, unlabeled=None, average="macro"):
    """Intersection over union of the areas of each label, over all maps together.

    Parameters
    ----------
    y_true, y_pred : array-like or list of array-like
        Maps of labels, in the same form: an array, or a list of maps of any extents.
    labels : array-like, default=None
        Labels that count; those that occur in ``y_true`` if None.
    unlabeled : object, default=None
        What stands in ``y_true`` where no label is known; these positions do not count.
    average : {"macro", None}, default="macro"
        The mean over labels, or one value for each.

    Returns
    -------
    iou : float or ndarray of shape (n_labels,)
        NaN for a label that occurs in neither, which the mean leaves out.

    Raises
    ------
    ValueError
        If the maps of truth and prediction differ in number or extents, or none holds a label.

    References
    ----------
    .. [1] Everingham, Van Gool, Williams, Winn & Zisserman (2010), The PASCAL visual object classes
       (VOC) challenge, International Journal of Computer Vision 88(2).

    Examples
    --------
    >>> from dlkit.metrics import mean_iou
    >>> mean_iou([[0, 0, 1, 1]], [[0, 1, 1, 1]], average=None).round(2).tolist()
    [0.5, 0.67]
    """
    both, true, predicted = _areas(y_true, y_pred, labels, unlabeled)
    return _averaged(_shares(both, true + predicted - both), average)


@validate_params(_OF_MAPS, prefer_skip_nested_validation=True)
def dice(y_true, y_pred, *, labels=None, unlabeled=None, average="macro"):
    """Dice's coefficient of the areas of each label: twice the overlap by the sum of both.

    Parameters
    ----------
    y_true, y_pred : array-like or list of array-like
        Maps of labels, as for :func:`mean_iou`.
    labels : array-like, default=None
        Labels that count; those that occur in ``y_true`` if None.
    unlabeled : object, default=None
        What stands in ``y_true`` where no label is known; these positions do not count.
    average : {"macro", None}, default="macro"
        The mean over labels, or one value for each.

    Returns
    -------
    dice : float or ndarray of shape (n_labels,)
        The F1 score of positions; NaN for a label that occurs in neither, which the mean leaves
        out.

    Raises
    ------
    ValueError
        If the maps of truth and prediction differ in number or extents, or none holds a label.

    References
    ----------
    .. [1] Dice (1945). Measures of the amount of ecologic association between species. Ecology
       26(3).

    Examples
    --------
    >>> from dlkit.metrics import dice
    >>> dice([[0, 0, 1, 1]], [[0, 1, 1, 1]], labels=[1])
    0.8
    """
    both, true, predicted = _areas(y_true, y_pred, labels, unlabeled)
    return _averaged(_shares(2 * both, true + predicted), average)


@validate_params(
    _OF_MAPS | {"tolerance": [non_negative()], "spacing": [positive(), "array-like", None]},
    prefer_skip_nested_validation=True,
)
def boundary_f1(
    y_true,
    y_pred,
    *,
    labels=None,
    unlabeled=None,
    tolerance=2.0,
    spacing=None,
    average="macro",
):
    """F1 score of boundaries: how much of each lies within a distance of the other [1]_.

    The boundary of an area are its positions that have a neighbour, along an axis, outside of the
    area; the border of the map is none. Precision is the share of the predicted boundary that is
    near the true one, recall the share of the true one that is near the predicted one.

    Parameters
    ----------
    y_true, y_pred : array-like or list of array-like
        Maps of labels, in the same form: an array, whose first axis counts maps, or a list of maps.
    labels : array-like, default=None
        Labels that count; those that occur in ``y_true`` if None.
    unlabeled : object, default=None
        What stands in ``y_true`` where no label is known; these positions do not count.
    tolerance : float, default=2.0
        What is near, in units of ``spacing``.
    spacing : float or tuple of float, default=None
        Distance of neighbouring positions along each axis; one if None.
    average : {"macro", None}, default="macro"
        The mean over labels, or one value for each.

    Returns
    -------
    f1 : float or ndarray of shape (n_labels,)
        Over the boundaries of all maps together. NaN for a label without boundaries, which the
        mean leaves out.

    Raises
    ------
    ValueError
        If the maps of truth and prediction differ in number or extents, none holds a label, or
        ``tolerance`` is negative.

    References
    ----------
    .. [1] Csurka, Larlus & Perronnin (2013). What is a good evaluation measure for semantic
       segmentation? BMVC, section 2.3.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.metrics import boundary_f1
    >>> y = np.zeros((1, 9, 9), dtype=int)
    >>> y[0, 2:6, 2:6] = 1
    >>> boundary_f1(y, np.roll(y, 1, axis=2), tolerance=1)
    1.0
    """
    pairs = _label_pairs(y_true, y_pred)
    _warn_of_one_map(y_true)
    labels = _labels(pairs, labels, unlabeled)
    if spacing is not None:
        spacing = _check_spacing(spacing, pairs[0][0].ndim)
    counts = np.zeros((4, len(labels)))
    for true, predicted in pairs:
        known = known_positions(true, unlabeled)
        for k, label in enumerate(labels):
            one, other = _boundary(true == label) & known, _boundary(predicted == label) & known
            counts[:, k] += (
                (one & _near(other, tolerance, spacing)).sum(), one.sum(),
                (other & _near(one, tolerance, spacing)).sum(), other.sum(),
            )  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = counts[0] / counts[1], counts[2] / counts[3]
        values = 2 * recall * precision / (recall + precision)
    none = (counts[1] == 0) & (counts[3] == 0)
    return _averaged(np.where(none, np.nan, np.nan_to_num(values)), average)


def _check_spacing(spacing, n_axes):
    """Distance of neighbours along each axis."""
    with naming("spacing"):
        each = np.array(spacing, dtype=np.float64)
    if each.shape not in ((), (n_axes,)) or not (np.isfinite(each).all() and (each > 0).all()):
        raise ValueError(
            f"spacing={spacing!r} is not allowed; it must be a number above zero, or one for each "
            f"of {n_axes} axes."
        )
    return np.broadcast_to(each, n_axes)


def _boundary(area):
    """Positions of an area that have a neighbour outside of it."""
    inner = ndimage.binary_erosion(area, border_value=1)
    return area & ~inner


def _near(boundary, tolerance, spacing):
    """Positions within a distance of a boundary."""
    if not boundary.any():
        return np.zeros(boundary.shape, dtype=bool)
    distance = ndimage.distance_transform_edt(~boundary, sampling=spacing)
    return distance <= tolerance * (1 + 1e-9)


def _areas(y_true, y_pred, labels, unlabeled):
    """Positions of each label in both, in truth, and in prediction."""
    pairs = _label_pairs(y_true, y_pred)
    labels = _labels(pairs, labels, unlabeled)
    counts = np.zeros((3, len(labels)))
    for true, predicted in pairs:
        known = known_positions(true, unlabeled)
        for k, label in enumerate(labels):
            one, other = (true == label) & known, (predicted == label) & known
            counts[:, k] += (one & other).sum(), one.sum(), other.sum()
    return counts


def pairs_of(y_true, y_pred, names=("y_true", "y_pred"), columns=False):
    """Pairs of maps of the same extents.

    Parameters
    ----------
    y_true, y_pred : array-like or list of array-like
        Maps.
    names : tuple of str, default=("y_true", "y_pred")
        What messages call them.
    columns : bool, default=False
        Whether the second may have an axis of classes behind.
    """
    pairs = []
    for name, y in zip(names, (y_true, y_pred), strict=True):
        if not isinstance(y, (list, tuple)) and np.ndim(y) == 0:
            raise ValueError(f"{name} must hold maps of labels, got {y!r}.")
        with naming(name):
            for one in (y, *y):
                refuse_masked(one, name)
            pairs.append([np.asarray(one) for one in y])
    if len(pairs[0]) != len(pairs[1]):
        raise ValueError(
            f"{names[0]} and {names[1]} must hold as many maps, got {len(pairs[0])} and "
            f"{len(pairs[1])}."
        )
    if not pairs[0]:
        raise ValueError(f"{names[0]} and {names[1]} must hold a map at least, got none.")
    for i, (one, other) in enumerate(zip(*pairs, strict=True)):
        shape = other.shape[: one.ndim] if columns else other.shape
        if one.shape != shape or one.ndim == 0:
            raise ValueError(
                f"{names[0]}[{i}] and {names[1]}[{i}] must be maps of the same extents, got shapes "
                f"{one.shape} and {other.shape}."
            )
    return list(zip(*pairs, strict=True))


def _label_pairs(y_true, y_pred):
    """Pairs of maps, which must hold labels."""
    pairs = pairs_of(y_true, y_pred)
    for name, maps in zip(("y_true", "y_pred"), zip(*pairs, strict=True), strict=True):
        for one in maps:
            if one.dtype.kind == "f" and (wild := one[one != np.round(one)]).size:
                wild = wild[~np.isnan(wild)]  # positions without a label
                if wild.size:
                    raise ValueError(
                        f"{name} holds {wild[0].item()!r}, which is no label: of probabilities, "
                        f"{name}.argmax(axis=-1) are labels, or {name} > 0.5."
                    )
    return pairs


def _warn_of_one_map(y):
    """Warn where rows that are read as maps are rather those of one map: neighbours are alike."""
    if not hasattr(y, "shape") or len(y.shape) != 2 or min(y.shape) < FEWEST:
        return
    y = np.asarray(y)
    half = len(y) // 2
    if np.mean(y[1:] != y[:-1]) < 0.5 * np.mean(y[half:] != y[: len(y) - half]):
        warn(
            f"y_true of shape {y.shape} is read as {len(y)} maps of {y.shape[1]} steps. More "
            "probably it is one map: then hand over [y_true] and [y_pred]. If the reading is "
            "right, hand over list(y_true) and list(y_pred).",
            ReadingWarning,
        )


def known_positions(true, unlabeled):
    """Where a map says what is true: everywhere but where ``unlabeled`` stands."""
    if unlabeled is None:
        return np.ones(true.shape, dtype=bool)
    if np.ndim(unlabeled) > 0:
        raise ValueError(f"unlabeled must be one label, or None, got {unlabeled!r}.")
    _refuse_other_kind(np.asarray(unlabeled), true, "unlabeled")
    if is_nan(unlabeled):
        return ~np.isnan(true) if true.dtype.kind == "f" else np.ones(true.shape, dtype=bool)
    known = np.asarray(true != unlabeled)
    if known.dtype != bool or known.shape != true.shape:
        raise ValueError(f"unlabeled must be a label that y_true can hold, got {unlabeled!r}.")
    return known


def _refuse_other_kind(labels, true, name):
    """Raise if labels are text where maps hold numbers, or the other way round."""
    if not (labels.size and true.size) or "O" in (labels.dtype.kind, true.dtype.kind):
        return
    mine, theirs = ("text" if one.dtype.kind in "US" else "numbers" for one in (labels, true))
    if mine != theirs:
        raise ValueError(
            f"{name} holds {mine}, {labels.flat[0].item()!r} say, but y_true {theirs}, "
            f"{true.flat[0].item()!r} say: give labels that y_true can hold."
        )


def _labels(pairs, labels, unlabeled):
    known = [t[known_positions(t, unlabeled)].ravel() for t, _ in pairs]
    if labels is not None:
        with naming("labels"):
            labels = np.array(labels).ravel()
        _refuse_other_kind(labels, pairs[0][0], "labels")
    else:
        with naming("y_true"):
            labels = np.unique(np.concatenate(known))
    if not len(labels):
        raise ValueError("y_true holds no labels to compare.")
    return labels


def _shares(part, whole):
    """Quotients; NaN where there is nothing."""
    with np.errstate(invalid="ignore"):
        return part / whole


def _averaged(values, average):
    if average is None:
        return values
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")
