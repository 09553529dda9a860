"""What the values of images say of how they were handed over: as one picture, as rows, scaled."""

import re
from collections.abc import Mapping
from os import PathLike

import numpy as np
from scipy.sparse import issparse

from ._announce import announce
from ._readings import warn_reading
from ._validation import is_frame, refuse_masked, refuse_names
from .exceptions import ScalingWarning

__all__ = [
    "is_pil",
    "largest_of",
    "like_a_picture",
    "listed_pictures",
    "side_of_rows",
    "unfolded",
    "warn_of_channels_first",
    "warn_of_offset",
    "warn_of_one_picture",
    "warn_of_planes",
    "warn_of_scale",
]

FEWEST = 16  # rows and columns of a picture, at least
LOOK_ROWS = 256  # rows and columns that are looked at, at most
LOOK_SAMPLES, LOOK_ENTRIES = 8, 512
LOOK_PLANES = 64  # samples that are looked at for planes of colour, and for what is around zero
LOOK_PIXELS = 2**14  # of them in all
FAR = 40.0  # times the largest deviation from zero, where data show little but the zeros around
FILE = re.compile(r".*\.(png|jpe?g|tiff?|bmp|gif|webp|p[bgnp]m|npy|dcm|nii(\.gz)?)", re.IGNORECASE)
SHARES, COUNTS = 1.0, 16.0  # what shares of the brightest do not exceed, and counts of levels do


def listed_pictures(X):
    """Samples as they came, or as a list, if they came in a Series or are images of PIL.

    Raises
    ------
    ValueError, TypeError
        If they are names of files, one image of PIL, images whose entries are numbers of colours
        in a palette, or nothing that has samples; or if some have masked entries.
    """
    refuse_names(X, "X")
    if issparse(X):
        return X
    if X is None or isinstance(X, Mapping | set) or hasattr(X, "__next__"):
        more = ", hand over one of its arrays" if isinstance(X, Mapping) else ""
        raise TypeError(
            f"X must be an array of samples or a list of them, got {type(X).__name__}{more}."
        )
    if is_pil(X):
        _refuse_palette(X, "X")
        raise ValueError(f"X is one image of size {X.size}: hand over [X], a list of images.")
    if is_frame(X):
        for cell in [np.asarray(X[c])[0] for c in X.columns] if len(X) else []:
            if isinstance(cell, PathLike) or (isinstance(cell, str) and FILE.fullmatch(cell)):
                refuse_names(cell, "X")
        return X
    series = not isinstance(X, np.ndarray) and hasattr(X, "to_numpy") and np.ndim(X) == 1
    if series or (isinstance(X, np.ndarray) and X.dtype.kind in "OUS" and X.ndim == 1):
        X = list(X)
    if not isinstance(X, (list, tuple)):
        return X
    refuse_names(X, "X")
    for i, x in enumerate(X):
        if is_pil(x):
            _refuse_palette(x, f"Sample {i} of X")
        else:
            refuse_masked(x, f"Sample {i} of X")
    return [np.asarray(x) if is_pil(x) else x for x in X]


def is_pil(x):
    """Whether x is an image of PIL."""
    return hasattr(x, "getbands") and hasattr(x, "convert")


def _refuse_palette(image, name):
    if image.mode in ("P", "PA"):
        raise ValueError(
            f"{name} is an image with a palette (mode {image.mode!r}): its entries are numbers of "
            "colours, not light. Hand over image.convert('RGB') for each image."
        )


def like_a_picture(X):
    """Whether X has the shape of one picture in colour, and neighbouring rows that are alike."""
    if X.ndim != 3 or X.shape[-1] not in (3, 4) or min(X.shape[:2]) < FEWEST:
        return False
    some = X[:LOOK_ROWS, :LOOK_ROWS].astype(np.float64)
    with np.errstate(all="ignore"):  # what overflows is not looked into
        some = some - some.mean(axis=(0, 1))
        return np.mean(np.diff(some, axis=0) ** 2) < 0.5 * np.mean(some**2)


def warn_of_one_picture(shape):
    """Warn that so many images of three or four columns are rather one picture in colour."""
    warn_reading(
        f"X of shape {tuple(shape)} is read as {shape[0]} images of {shape[1]} x {shape[2]} "
        "entries",
        likely=f"is one image with {shape[2]} channels, without an axis of samples",
        mend="hand over X[None]",
    )


def warn_of_channels_first(shape, rows=False):
    """Warn where the shape (n, ..., channels) of images or volumes has channels first instead.

    With ``rows``, X came as flat rows, and ``input_shape`` gave the rest of the shape.
    """
    first, *rest = shape[1:]
    if first in (1, 3, 4) and min(rest) >= 8 and max(rest) < 2 * min(rest):
        warn_reading(
            f"X of shape {tuple(shape)} is read as samples of "
            f"{' x '.join(map(str, shape[1:-1]))} entries with {shape[-1]} channels each",
            likely=f"has its channels first, {first} of them",
            mend=f"hand over np.moveaxis({unfolded(shape[1:]) if rows else 'X'}, 1, -1)",
        )


def unfolded(shape):
    """Expression that gives flat rows X a shape."""
    return f"X.reshape(-1, {', '.join(map(str, shape))})"


@np.errstate(all="ignore")
def warn_of_planes(X, shape):
    """Warn where pictures in colour were rather stored plane by plane, a colour after the other.

    They were if entries a row of one plane apart are more alike than those a row of pixels apart.

    Parameters
    ----------
    X : ndarray of shape (n, ...)
        Images, flat or not.
    shape : tuple
        (height, width, channels) as which each is read.
    """
    if len(shape) != 3 or shape[2] not in (3, 4) or min(shape[:2]) < 8 or X.dtype.kind not in "iuf":
        return
    height, width, n_channels = shape
    some = X[:: max(len(X) // LOOK_PLANES, 1)][:LOOK_PLANES].astype(np.float64)
    some = some.reshape(len(some), -1)
    some = some - (some.mean(axis=0) if len(some) > 1 else some.mean())
    plane, pixel, half = (
        np.mean((some[:, lag:] - some[:, :-lag]) ** 2)
        for lag in (width, n_channels * width, width // 2)
    )
    if plane < 0.8 * pixel and plane < 0.8 * half:
        planes = n_channels, height, width
        warn_reading(
            f"X of shape {X.shape} is read as images of {height} x {width} pixels with "
            f"{n_channels} channels each, the channels of a pixel side by side",
            likely="has the pixels of one channel after those of the other, as CIFAR-10's files do",
            mend=f"hand over np.moveaxis({unfolded(planes)}, 1, -1)",
        )


@np.errstate(all="ignore")
def side_of_rows(X):
    """Side of the square images that rows look like, flattened; None if they do not.

    They do if entries as far apart as the side are more alike than those half as far apart and
    those twice as far apart: rows of an image follow one another.

    Parameters
    ----------
    X : ndarray of shape (n, p)

    Returns
    -------
    side : int or None
    """
    side = round(np.sqrt(X.shape[1]))
    if side < 8 or side**2 != X.shape[1] or len(X) < 2 or X.dtype.kind not in "iuf":
        return None
    some = X[:: max(len(X) // LOOK_ROWS, 1)][:LOOK_ROWS].astype(np.float64)
    some = some - some.mean(axis=0)
    there, half, twice = (
        np.mean((some[:, lag:] - some[:, :-lag]) ** 2) for lag in (side, side // 2, 2 * side)
    )
    return side if there < 0.8 * half and there < 0.8 * twice else None


def largest_of(samples):
    """Largest magnitude among some entries of some samples; 0.0 of none that is finite.

    Parameters
    ----------
    samples : ndarray or list of ndarray
        A batch.

    Returns
    -------
    largest : float
    """
    most = 0.0
    for i in np.unique(np.linspace(0, len(samples) - 1, LOOK_SAMPLES).astype(int)):
        one = np.asarray(samples[i])
        step = max(one.size // LOOK_ENTRIES, 1) | 1  # odd: not one channel of two or four alone
        some = np.asarray(one.flat[::step], dtype=np.float64)
        some = np.abs(some[np.isfinite(some)])
        most = max(most, float(some.max(initial=0.0)))
    return most


@np.errstate(all="ignore")
def warn_of_offset(samples, n_channels, padding):
    """Warn where zeros around the samples are so far from the data that these look blank.

    Parameters
    ----------
    samples : ndarray or list of ndarray
        A batch.
    n_channels : int
        Channels, the last axis if there are several.
    padding : str
        The parameter that asks for zeros.
    """
    some = []
    n = min(len(samples), LOOK_PLANES)
    for i in np.unique(np.linspace(0, len(samples) - 1, n).astype(int)):
        one = np.asarray(samples[i]).reshape(-1, n_channels)
        some.append(one[:: max(len(one) * n // LOOK_PIXELS, 1) | 1].astype(np.float64))
    some = np.concatenate(some)
    mean = some.mean(axis=0)
    spread = np.abs(some - mean).max()
    level = np.sqrt(np.mean(mean**2))
    if np.isfinite(level) and level > FAR * spread:
        announce(
            f"X lies far from zero, near {level:.3g}, and deviates by {spread:.2g} at most: zeros "
            f"that padding={padding!r} puts around each sample outweigh all that there is within. "
            "Hand over X - X.mean(), or use padding='valid'.",
            ScalingWarning,
        )


def warn_of_scale(estimator, before, now):
    """Warn where samples were counts of levels in `fit`, and are shares of one now, or vice versa.

    Parameters
    ----------
    estimator : estimator
        Who reads.
    before, now : float
        What `largest_of` says of the samples in ``fit``, and of those there are now.
    """
    small, large = sorted((before, now))
    if 0 < small <= SHARES and large > COUNTS:
        warn_reading(
            f"{type(estimator).__name__} was fitted on numbers of up to {before:.3g}, and X holds "
            f"numbers of up to {now:.3g}",
            likely="is on another scale than in fit, as bytes and shares of 255 are",
            mend="hand over both on one scale, X / 255 or X * 255, say",
        )
