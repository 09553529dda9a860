"""Images with maps of labels or numbers: what is handed over, checked and read piece by piece."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage
from sklearn.base import is_classifier, is_regressor
from sklearn.utils import assert_all_finite

from .. import _budgets
from .._announce import warn
from .._pictures import listed_pictures
from .._validation import (
    check_weights,
    is_nan,
    naming,
    refuse_masked,
    refuse_masks,
    refuse_names,
    refuse_unreal,
)
from ..conv._samples import MOST_CHANNELS, check_samples, warn_of_picture
from ..exceptions import ReadingWarning
from ..sequences import is_batch, release

__all__ = [
    "Maps",
    "check_batch",
    "check_images",
    "check_labels",
    "check_numbers",
    "check_position_weights",
    "check_readout",
    "pixel_score",
]

OBJECTS = 20  # labels, above which they may be numbers of objects
PICTURE = 16  # rows and columns of a picture, at least
COLOURS = 3, 4  # entries of the last axis of a picture in colour


@dataclass(frozen=True)
class Maps:
    """One map for each sample, as they came.

    Attributes
    ----------
    values : list of ndarray
        Each of the spatial shape of its sample.
    classes : ndarray or None
        Labels there are, sorted; None: numbers.
    unlabeled : object
        What marks positions without a target; None: nothing does.
    weights : list of ndarray, ndarray of shape (n,) or None
        Weights of positions, or of samples.
    """

    values: list
    classes: np.ndarray | None
    unlabeled: object
    weights: object

    def __len__(self):
        return len(self.values)

    def pieces(self, i):
        """Yield where pieces of map ``i`` begin, their flat targets, and which are known."""
        flat = self.values[i].reshape(-1)
        for start in range(0, flat.size, _budgets.LOOK_ENTRIES):
            part = flat[start : start + _budgets.LOOK_ENTRIES]
            yield start, part, labelled(part, self.unlabeled)
            release(part)

    def coded(self, part):
        """Numbers of labels."""
        return np.searchsorted(self.classes, part)

    def weigh(self, i, positions):
        """Weights of flat positions of sample ``i``, float64."""
        if isinstance(self.weights, list):
            return self.weights[i].reshape(-1)[positions].astype(np.float64)
        return np.full(len(positions), 1.0 if self.weights is None else self.weights[i])


def labelled(part, unlabeled):
    """Where there is a target."""
    if unlabeled is None:
        return np.ones(part.shape, dtype=bool)
    if np.ndim(unlabeled) > 0:
        raise ValueError(f"unlabeled must be one label or None, got {unlabeled!r}.")
    if isinstance(unlabeled, str) != (part.dtype.kind in "US") and len(part):
        raise ValueError(
            f"unlabeled={unlabeled!r} is never found in y, which holds "
            f"{'text' if part.dtype.kind in 'US' else 'numbers'}: {part[0].item()!r}, say. Give "
            "one of what y holds, or None."
        )
    if is_nan(unlabeled):
        return ~np.isnan(part) if part.dtype.kind == "f" else np.ones(part.shape, dtype=bool)
    return np.asarray(part != unlabeled)


def check_images(estimator, X, n_axes, reset=False):
    """Samples whose axes of space are known."""
    X = listed_pictures(X)
    shape = None if is_batch(X) else np.shape(X)
    if shape is not None and len(shape) < 3:
        raise ValueError(
            f"X has shape {shape}, but {type(estimator).__name__} takes a batch of images, volumes "
            "or series: (n, height, width) or (n, height, width, channels), and so on, or a list. "
            "If X is one image, hand over X[None]; if its rows are series of one channel, "
            "X[..., None]; if they are flattened images, X.reshape(len(X), height, width)."
        )
    # in fit the maps have told the axes of space: no other reading is likelier
    return check_samples(X, n_axes, estimator=None if reset else estimator, reset=reset)


def _maps(y, name):
    """Return the maps of ``y`` as a list of arrays."""
    if y is None:
        raise ValueError(f"{name} must hold a map for each sample, got None.")
    refuse_masked(y, name)
    refuse_unreal(y, name)
    refuse_names(y, name)
    if not isinstance(y, (list, tuple)) and (not hasattr(y, "__len__") or np.ndim(y) == 0):
        raise TypeError(
            f"{name} must be an array or a list, with a map for each sample, got {y!r:.60}."
        )
    with naming(name):
        maps = [np.asarray(one) for one in y]
    for i, one in enumerate(maps):
        if one.dtype.kind == "O" and one.ndim:
            maps[i] = one = _of_objects(one, f"{name}[{i}]")
        if one.ndim == 0 or one.dtype.kind == "O":
            raise ValueError(
                f"{name} must hold a map for each sample, with a target for each position, but "
                f"its entry {i} is {one!r:.60}. For one target a sample, use ConvFeatures and any "
                "classifier or regressor."
            )
    return maps


def _of_objects(one, name):
    """A map of numbers or text in place of objects."""
    kinds = {type(value) for value in one.flat}
    unknown = [value for value in one.flat if value is None or is_nan(value)][:1]
    text = any(issubclass(kind, str) for kind in kinds)
    if None in unknown or (text and unknown):
        mark = '""' if text else "float('nan'), or -1,"
        raise ValueError(
            f"{name} holds {unknown[0]!r} beside other entries: if it stands where no target is "
            f"known, put {mark} there, and give unlabeled={mark.split(',')[0]}."
        )
    if text and not all(issubclass(kind, str) for kind in kinds):
        raise ValueError(
            f"{name} holds text beside {min(k.__name__ for k in kinds if k is not str)}: labels "
            f"must be of one kind, {name}.astype(str), say."
        )
    try:
        return np.asarray(one.tolist())
    except ValueError:
        return one


def _one_hot(one, axis=-1):
    """Whether each position of a map has a one among zeros."""
    some = one[:PICTURE] if axis == -1 else one[:, :PICTURE]
    with np.errstate(all="ignore"):
        return some.dtype.kind in "biuf" and bool(
            ((some == 0) | (some == 1)).all() and (some.sum(axis=axis) == 1).all()
        )


def _axes(X, maps):
    """Axes of space that images and maps agree upon, and maps without an axis of one channel."""
    first, map_shape = np.shape(X[0] if hasattr(X, "__getitem__") else X), maps[0].shape
    images, given = len(first), len(map_shape)
    coloured = map_shape[-1] in COLOURS and (
        given == images + 1
        or (given == images >= 3 and first[-1] in (*COLOURS, 1) and first[:-1] == map_shape[:-1])
        # the rows of one picture in colour, without an axis of samples
        or (given == images == 2 and min(len(X), map_shape[0]) >= PICTURE)
    )
    if coloured and not _one_hot(maps[0]):
        raise ValueError(
            f"y[0] has shape {map_shape}: its last axis seems to hold colours, but a map has one "
            "label for each position. Turn colours into labels: "
            "np.unique(y.reshape(-1, y.shape[-1]), axis=0, return_inverse=True)[1]"
            ".reshape(y.shape[:-1]). If the last axis is one of space, hand over X[..., None]."
        )
    several = (
        map_shape[-1] not in (1, *first[-1:]) and max(map_shape[-1], first[-1]) <= MOST_CHANNELS
    )
    if (
        coloured
        or (given == images + 1 and map_shape[-1] > 1 and map_shape[:-1] == first)
        or (given == images > 1 and several and map_shape[:-1] == first[:-1])
    ):
        raise ValueError(
            f"y[0] has shape {map_shape}, and its sample {first}: a map has one target for each "
            "position. If the last axis has a column for each class, hand over y.argmax(axis=-1); "
            "if it holds several targets, fit an estimator for each."
        )
    _refuse_channels_first(first, maps[0])
    single = given > 1 and all(one.shape[-1:] == (1,) for one in maps)
    if single and (
        given == images + 1
        or (given == images and (first[-1] == 1 or map_shape[:-1] == first[:-1]))
    ):
        return given - 1, [one.reshape(one.shape[:-1]) for one in maps]
    return given, maps


def _refuse_channels_first(first, one):
    """Refuse a map whose first axis is one channel, or has a row for each class."""
    shape, rest = one.shape, one.shape[1:]
    if len(rest) < 2 or shape[0] > MOST_CHANNELS:
        return
    channels_first = len(first) == len(shape) and first[1:] == rest
    if rest == first or (len(first) == len(shape) and rest == first[:-1] and shape != first):
        image = ""
    elif channels_first and (shape[0] != first[0] or (shape[0] > 1 and _one_hot(one, 0))):
        image = "np.moveaxis(X, 1, -1) and "
    else:
        return
    kind = "one channel" if shape[0] == 1 else "a row for each class"
    raise ValueError(
        f"y[0] has shape {shape}, and its sample {first}: a map has one target for each position, "
        f"and the first axis of y[0] seems to have {kind}. Hand over {image}"
        f"{'y[:, 0]' if shape[0] == 1 else 'y.argmax(axis=1)'} (of a list, the same of each map "
        "without the first axis). If the first axis is one of space, hand over X[..., None]."
    )


def check_batch(estimator, X, y, n_axes=None):
    """Samples with their maps, each of the extents of its sample.

    Parameters
    ----------
    estimator : estimator
        Whose `fit` (``n_axes`` None) or `score` this is.
    X, y : array-like or list of array-like
        What the user gave.
    n_axes : int, default=None
        Axes of space; None: those of the maps.

    Returns
    -------
    samples : Samples
    maps : list of ndarray
    """
    reset, X = n_axes is None, listed_pictures(X)
    X = X if is_batch(X) or hasattr(X, "shape") else np.asarray(X)
    if not is_batch(X) and np.ndim(X) < 3:
        check_images(estimator, X, n_axes)
    maps = _maps(y, "y")
    if len(X) != len(maps):
        raise ValueError(
            f"X holds {len(X)} samples and y {len(maps)} maps: there must be a map for each sample."
        )
    if not len(maps):
        raise ValueError("X and y are empty: at least one sample is needed.")
    found, maps = _axes(X, maps)
    if reset and found == 1 and not is_batch(X):
        warn_of_picture(X)
    samples = check_images(estimator, X, found if reset else n_axes, reset)
    check_extents(samples, maps, "y")
    return samples, maps


def check_extents(samples, maps, name):
    """Refuse maps of other extents than their samples."""
    for i, one in enumerate(maps):
        if one.shape != samples.space(i):
            shape, hint = np.shape(samples.values[i]), ""
            if shape[1:] == one.shape:
                hint = " If X has its channels first, hand over np.moveaxis(X, 1, -1)."
            elif samples.space(i)[::-1] == one.shape:
                hint = f" {name} seems to be transposed."
            raise ValueError(
                f"Sample {i} of X has spatial shape {samples.space(i)}, but {name}[{i}] has shape "
                f"{one.shape}: a map has one entry for each position of its sample.{hint}"
            )


def check_position_weights(sample_weight, samples):
    """Weights as a list of maps, or one for each sample, or None."""
    if sample_weight is None:
        return None
    refuse_masks(sample_weight, "sample_weight")
    n = len(samples)
    listed = is_batch(sample_weight) or np.ndim(sample_weight) > 1
    if not listed:
        return check_weights(sample_weight, n)
    if len(sample_weight) != n:
        raise ValueError(
            f"sample_weight holds {len(sample_weight)} entries, but X {n} samples: give a map of "
            "weights for each sample, or one number for each."
        )
    maps = [np.asarray(one) for one in sample_weight]
    check_extents(samples, maps, "sample_weight")
    return [check_weights(one.reshape(-1), one.size).reshape(one.shape) for one in maps]


def check_labels(maps, unlabeled, weights):
    """Label maps with their classes."""
    text = [one.dtype.kind in "US" for one in maps]
    if any(text) and not all(text):
        raise ValueError(
            f"y[{text.index(True)}] holds text and y[{text.index(False)}] numbers: labels must be "
            "of one kind."
        )
    with naming("y"):
        dtype = np.result_type(*maps) if len({one.dtype.kind for one in maps} - {*"biu"}) else None
        maps = [one.astype(dtype, copy=False) for one in maps] if dtype is not None else maps
    found = Maps(maps, None, unlabeled, weights)
    classes, ends = [], []
    for i in range(len(maps)):
        ends.append(len(classes))
        for _, part, known in found.pieces(i):
            part = part[known]
            if part.dtype.kind == "f":
                with naming("y"):
                    _refuse_unknown(part)
                if not np.array_equal(part, np.round(part)):
                    raise ValueError(
                        f"y holds {float(part[part != np.round(part)][0])!r}, which is no label: "
                        "labels are whole numbers, booleans or text. For a number at each position "
                        "use PixelRegressor; of probabilities, y > 0.5 are labels."
                    )
            classes.append(np.unique(part))
    of_maps = [classes[a:b] for a, b in pairwise([*ends, len(classes)])]
    classes = np.unique(np.concatenate(classes))
    if not len(classes):
        raise ValueError(
            f"y has no labelled position: all entries are unlabeled={unlabeled!r}. At least two "
            "classes must be marked."
        )
    if len(classes) < 2:
        hint = "" if unlabeled is None else f" beside unlabeled={unlabeled!r}"
        raise ValueError(
            f"A classifier needs at least two classes, but y holds one, {classes.tolist()[0]!r}"
            f"{hint}."
        )
    if unlabeled is None:
        _warn_of_mark(classes)
    if len(classes) > OBJECTS and classes.dtype.kind in "iu":
        _warn_of_objects(maps, classes, [np.unique(np.concatenate(one)) for one in of_maps])
    return Maps(maps, classes, unlabeled, weights)


def _warn_of_mark(classes):
    """Warn where one of the labels is what others use for positions without one."""
    if len(classes) < 3 or classes.dtype.kind not in "iuf":
        return
    first, last = classes[0], classes[-1]
    mark = -1 if first == -1 else 255 if last == 255 and classes[-2] < len(classes) else None
    if mark is not None and np.array_equal(classes, np.round(classes)):
        warn(
            f"y holds {mark} beside {len(classes) - 1} other labels, and {mark} is learned as a "
            f"class of its own. If it marks positions without a label, give unlabeled={mark}. If "
            "it is a class, silence this warning by "
            'warnings.simplefilter("ignore", dlkit.exceptions.ReadingWarning).',
            ReadingWarning,
        )


def _warn_of_objects(maps, classes, of_maps):
    """Warn where labels are rather numbers of objects, each of which is one connected area.

    So are regions of an atlas, but these are the same in all maps.
    """
    if maps[0].ndim < 2 or (len(maps) > 1 and all(map(np.array_equal, of_maps, of_maps[1:]))):
        return
    if len(maps) == 1 and maps[0].ndim > 2:
        return
    i = int(np.argmax([len(one) for one in of_maps]))
    some = of_maps[i][of_maps[i] != 0][:OBJECTS]
    if not len(some) or len(of_maps[i]) < OBJECTS // 2:
        return
    areas = [np.nonzero(maps[i] == label) for label in some]
    boxes = [tuple(slice(int(a.min()), int(a.max()) + 1) for a in area) for area in areas]
    whole = np.ones((3,) * maps[i].ndim)
    pieces = [
        ndimage.label(maps[i][box] == label, whole)[1]
        for box, label in zip(boxes, some, strict=True)
    ]
    if np.mean(np.equal(pieces, 1)) >= 0.9 and np.mean([len(a[0]) for a in areas]) > 1:
        warn(
            f"y is read as maps of {len(classes)} classes, most of them one connected area each. "
            "More probably y numbers objects one by one: then hand over y > 0, and tell objects "
            "apart in what is found, by scipy.ndimage.label, say. If they are classes, silence "
            'this warning by warnings.simplefilter("ignore", dlkit.exceptions.ReadingWarning).',
            ReadingWarning,
        )


def check_readout(readout, of_labels):
    """Refuse a regressor where labels are learned, and a classifier where numbers are."""
    wrong, name, wanted = is_classifier, "PixelRegressor", "regressor"
    if of_labels:
        wrong, name, wanted = is_regressor, "PixelClassifier", "classifier"
    if readout is not None and wrong(readout):
        raise ValueError(f"readout={readout!r:.80} is no {wanted}, which {name} needs.")


def _refuse_unknown(part):
    if np.isnan(part).any():
        raise ValueError(
            "y holds NaN: if NaN marks positions without a target, give unlabeled=float('nan')."
        )
    assert_all_finite(part, input_name="y")


def check_numbers(maps, unlabeled, weights):
    """Maps of numbers."""
    for i, one in enumerate(maps):
        if one.dtype.kind not in "biuf":
            raise ValueError(f"y must hold real numbers, got dtype {one.dtype} in y[{i}].")
    found, total = Maps(maps, None, unlabeled, weights), 0
    for i in range(len(maps)):
        for _, part, known in found.pieces(i):
            if part.dtype.kind == "f":
                _refuse_unknown(part[known])
            total += int(known.sum())
    if not total:
        raise ValueError(
            f"y has no position with a target: all entries are unlabeled={unlabeled!r}."
        )
    return found


def pixel_score(targets, predicted):
    """Share of the labelled positions, by weight, that are labelled rightly."""
    right = total = 0.0
    for i, found in enumerate(predicted):
        flat = found.reshape(-1)
        for start, part, known in targets.pieces(i):
            at = start + np.flatnonzero(known)
            weight = targets.weigh(i, at)
            right += weight @ (flat[at] == part[known])
            total += weight.sum()
    if not total > 0:
        raise ValueError("y has no labelled position of a weight above zero to score.")
    return float(right / total)
