"""What echo state networks have to do with a readout: its parameters, labels and weights."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import has_fit_parameter

from ..._params import HasMethods, StrOptions, non_negative


class ReadoutParams:
    """The readout's parameters, shared by all echo state networks."""

    _readout_constraints = {
        "readout": [HasMethods(["fit", "predict"]), None],
        "alpha": [non_negative(), "array-like", StrOptions({"auto"})],
    }
    _auto_alphas = np.logspace(-6, 3, 19)  # features of tanh units are of order one

    def _alpha(self):
        return self._auto_alphas if isinstance(self.alpha, str) else self.alpha


def check_given(estimator, y):
    """Refuse a missing ``y``."""
    if y is None:
        name = type(estimator).__name__
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")


def check_labels(estimator, y, *, part=False):
    """Return labels as a 1-D array, of at least two classes unless it is a ``part`` of a stream."""
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    if len(y) and not part and not (y[1:] != y[:-1]).any():
        raise ValueError(
            f"{type(estimator).__name__} needs y of at least two classes; got one class: "
            f"{y[:1].tolist()[0]!r}."
        )
    return y


def check_classes(estimator, classes):
    """Return all labels of a stream: those of this call, held against those of earlier ones."""
    readout = getattr(estimator, "readout_", None)
    known = getattr(readout, "classes_", getattr(estimator, "_classes", None))
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return known
    classes = np.unique(classes)
    if known is not None and not np.array_equal(classes, known):
        raise ValueError(f"classes={classes!r} differs from the first call's {known!r}.")
    return classes


def weigh_classes(class_weight, y, sample_weight):
    """Multiply class weights into sample weights, keeping their sum: any readout can then do it.

    The sum is what the penalty of a readout is up against, so that it stays what it was.
    """
    if class_weight is None:
        return sample_weight
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    classes, index = np.unique(y, return_inverse=True)
    per_class = compute_class_weight(class_weight, classes=classes, y=y, sample_weight=weight)
    skewed = weight * per_class[index]
    return skewed * (weight.sum() / skewed.sum())


def weigh_part(class_weight, classes, y, sample_weight):
    """Multiply class weights into the sample weights of a part of a stream, whose sum is unknown.

    Nothing can keep the sum here, so the weights are multiplied as they are.
    """
    if class_weight is None:
        return sample_weight
    if class_weight == "balanced":
        raise ValueError(
            "class_weight='balanced' is not supported for partial_fit, which does not see all "
            "labels at once: compute the weights with "
            "sklearn.utils.compute_class_weight('balanced', classes=classes, y=y) and pass "
            "them as a dict."
        )
    per_class = compute_class_weight(class_weight, classes=classes, y=y)
    # a label that is no class gets any weight: the readout refuses it
    weight = per_class[np.minimum(np.searchsorted(classes, y), len(classes) - 1)]
    return weight if sample_weight is None else weight * sample_weight


def new_readout(readout, default):
    """Return an unfitted copy of the user's readout, or the default one."""
    return default if readout is None else clone(readout)


def reject_weights(readout):
    """Refuse weights for a readout that takes none."""
    raise ValueError(
        f"sample_weight was given, but the readout {type(readout).__name__} takes none."
    )


def fit_readout(readout, features, y, sample_weight):
    """Fit a readout, with weights if there are any."""
    if sample_weight is None:
        return readout.fit(features, y)
    if not has_fit_parameter(readout, "sample_weight"):
        reject_weights(readout)
    return readout.fit(features, y, sample_weight=sample_weight)


def readout_has(method):
    """Whether an estimator's readout (the fitted one, if there is one) has a method."""

    def check(self):
        readout = getattr(self, "readout_", None)
        getattr(self._new_readout() if readout is None else readout, method)
        return True

    return check
