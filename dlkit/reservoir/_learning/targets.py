"""What estimators hand to a readout: labels, classes and weights, checked."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from ..._validation import check_array, check_weights
from ...readout import _labels as labels
from ...readout._streamed import going_on
from .spread import streaming


def check_given(estimator, y):
    """Refuse a missing ``y``."""
    if y is None:
        name = type(estimator).__name__
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")


def check_labels(estimator, y, *, part=False):
    """Return labels as a 1-D array, of at least two classes unless it is a ``part`` of a stream."""
    y = labels.check_labels(y)
    if len(y) and not part and not (y[1:] != y[:-1]).any():
        raise ValueError(
            f"{type(estimator).__name__} needs y of at least two classes; got one class: "
            f"{y[:1].tolist()[0]!r}."
        )
    return y


def check_numbers(y):
    """Return numeric targets as an array; arrays in the cells of a column are stacked."""
    return check_array(labels.stacked(y), ensure_2d=False, dtype="numeric", input_name="y")


def check_classes(estimator, classes):
    """Return all labels of a stream: those of this call, compared with earlier ones."""
    readout = getattr(estimator, "readout_", None)
    stream = getattr(estimator, "_stream", None)
    known = getattr(readout, "classes_", getattr(stream, "classes", None))
    return labels.classes_of_stream(classes, known)


def weigh_classes(class_weight, y, sample_weight):
    """Multiply class weights into sample weights."""
    if class_weight is None:
        return sample_weight
    weight = check_weights(sample_weight, len(y))
    return labels.weigh_classes(class_weight, np.unique(y), y, weight)


def weigh_part(class_weight, classes, y, sample_weight):
    """Multiply class weights into the sample weights of a part of a stream."""
    labels.check_streaming(class_weight)
    return labels.weigh_classes(class_weight, classes, y, sample_weight)


def new_readout(readout, default):
    """Return an unfitted copy of the user's readout, or the default one."""
    return default if readout is None else clone(readout)


def reject_weights(readout):
    """Refuse weights for a readout that takes none."""
    raise ValueError(
        f"sample_weight was given, but the readout {type(readout).__name__} takes none."
    )


def own_copy(estimator):
    """Copy of an estimator's fitted readout that may learn on, with the parameters set by now."""
    return going_on(
        estimator.readout_, new_readout(estimator.readout, estimator._default_readout())
    )


def one_column(readout, y):
    """Targets of one column as the vector that most regressors other than ours want."""
    alone = np.ndim(y) == 2 and y.shape[1] == 1 and streaming(readout) is None
    return y.ravel() if alone else y


def fit_readout(readout, features, y, sample_weight):
    """Fit a readout, with weights if there are any."""
    y = one_column(readout, y)
    if sample_weight is None:
        return readout.fit(features, y)
    if not has_fit_parameter(readout, "sample_weight"):
        reject_weights(readout)
    return readout.fit(features, y, sample_weight=sample_weight)


def readout_has(method):
    """Whether an estimator's readout (the fitted one, if there is one) has a method."""

    def check(self):
        readout = getattr(self, "readout_", None)
        unfitted = self._default_readout() if self.readout is None else self.readout
        getattr(unfitted if readout is None else readout, method)
        return True

    return check
