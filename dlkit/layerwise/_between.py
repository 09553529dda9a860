"""Samples between layers: rows, or maps that keep their axes of space."""

import numpy as np
from scipy.sparse import issparse
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from .._pictures import is_pil, listed_pictures
from .._validation import is_frame, refuse_masked
from ..sequences import is_batch

__all__ = [
    "flat",
    "hand_over",
    "is_maps",
    "joined",
    "plain",
    "sliceable",
    "takes_maps",
]


def sliceable(X):
    """X as something that `take` can cut: arrays, frames and lists of samples stay as they are."""
    for x in X if isinstance(X, (list, tuple)) else [X]:
        refuse_masked(x, "X")
    if is_frame(X) or issparse(X) or isinstance(X, np.ndarray) or is_batch(X):
        return X.tocsr() if issparse(X) else X
    if is_pil(X) or (isinstance(X, (list, tuple)) and len(X) and is_pil(X[0])):
        return np.asarray(listed_pictures(X))
    made = np.asarray(X)
    if made.ndim == 0:
        raise TypeError(f"X must be an array of samples or a list of them, got {type(X).__name__}.")
    return made


def plain(output):
    """What a layer gives, without names of columns, and dense."""
    if issparse(output):
        return output.toarray()
    return output if isinstance(output, list) else np.asarray(output)


def takes_maps(layer):
    """Whether a transformer takes samples of more than one axis, by its tags."""
    while isinstance(layer, Pipeline):
        layer = layer.steps[0][1]
    tags = get_tags(layer)
    return tags.input_tags.three_d_array or tags.no_validation


def hand_over(X, layer):
    """X as ``layer`` takes it: maps as they are, or flattened to rows for one that needs rows."""
    return X if not is_maps(X) or takes_maps(layer) else flat(X)


def is_maps(X):
    """Whether samples have axes of space."""
    return isinstance(X, list) or getattr(X, "ndim", 2) > 2


def flat(X):
    """Maps as rows, all entries side by side."""
    if isinstance(X, list):
        shapes = {np.shape(x) for x in X}
        if len(shapes) > 1:
            raise ValueError(
                f"Maps differ in size ({' and '.join(map(str, sorted(shapes)[:2]))}): they cannot "
                "be flattened into rows of one length. Pool them over a grid."
            )
        X = np.stack(X)
    return X.reshape(len(X), -1)


def joined(blocks):
    """Blocks of samples, one behind the other."""
    if len(blocks) == 1:
        return blocks[0]
    if isinstance(blocks[0], list):
        return [x for block in blocks for x in block]
    return np.concatenate(blocks)
