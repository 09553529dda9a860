"""What the values of images say of how they were handed over: as one picture, as rows, scaled."""

import numpy as np

from ._readings import warn_reading

__all__ = [
    "largest_of",
    "like_a_picture",
    "side_of_rows",
    "warn_of_channels_first",
    "warn_of_one_picture",
    "warn_of_scale",
]

FEWEST = 16  # rows and columns of a picture, at least
LOOK_ROWS = 256  # rows and columns that are looked at, at most
LOOK_SAMPLES, LOOK_ENTRIES = 8, 512
SHARES, COUNTS = 1.0, 16.0  # what shares of the brightest do not exceed, and counts of levels do


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


def warn_of_channels_first(shape):
    """Warn where the shape (n, ..., channels) of images or volumes has channels first instead."""
    first, *rest = shape[1:]
    if first in (1, 3, 4) and min(rest) >= 8 and max(rest) < 2 * min(rest):
        warn_reading(
            f"X of shape {tuple(shape)} is read as samples of "
            f"{' x '.join(map(str, shape[1:-1]))} entries with {shape[-1]} channels each",
            likely=f"has its channels first, {first} of them",
            mend="hand over np.moveaxis(X, 1, -1)",
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
