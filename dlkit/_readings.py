"""The warning where data are read in one way and another way is likelier."""

import numpy as np

from ._announce import warn
from .exceptions import ReadingWarning

__all__ = ["channels_are_steps", "rows_are_steps", "warn_reading"]

LOOK = 2**14  # numbers that are looked at


def warn_reading(taken, *, likely, mend, meant=None):
    """Warn that data may have been read in another way than was meant.

    Parameters
    ----------
    taken : str
        How the data are read: a sentence without its full stop.
    likely : str
        What the data probably are: what follows "More probably X ...".
    mend : str
        The one line that hands the data over as that; what follows "then".
    meant : str, default=None
        A way to say that the reading is right, if there is one beside silencing the warning; what
        follows "If the reading is right,".
    """
    silence = 'warnings.simplefilter("ignore", dlkit.exceptions.ReadingWarning)'
    warn(
        f"{taken}. More probably X {likely}: then {mend}. If the reading is right, "
        f"{'' if meant is None else f'{meant}, or '}silence this warning by {silence}.",
        ReadingWarning,
    )


@np.errstate(all="ignore")  # what overflows is not looked into
def channels_are_steps(values, offsets):
    """Whether what is read as channels looks like steps, and the steps like channels.

    It does if there are far more channels than steps, and either hardly any steps, or values change
    little from one channel to the next and much from one step to the next.

    Parameters
    ----------
    values : ndarray of shape (total steps, n_channels)
        Packed sequences, see :class:`dlkit.sequences.Sequences`.
    offsets : ndarray of shape (n_sequences + 1,)
        Where each begins.
    """
    n, c = len(offsets) - 1, values.shape[1]
    steps = len(values) / n
    if c < 8 or c < 2 * steps:
        return False
    if steps == 1 or (steps <= 3 and c >= 30):
        return n > 1 or c >= 30
    last = np.searchsorted(offsets, max(LOOK // c, offsets[1]), side="right") - 1
    some = values[: offsets[last]].astype(np.float64)
    some = some - some.mean(axis=1, keepdims=True)
    along_steps = np.delete(np.diff(some, axis=0), offsets[1:last] - 1, axis=0)
    spread = np.mean(some**2)
    across, along = np.mean(np.diff(some) ** 2), np.mean(along_steps**2)
    return bool(3 * across < along and along > 0.9 * spread)


@np.errstate(all="ignore")
def rows_are_steps(table):
    """Whether the rows of a table look like the steps of a series, and not like sequences.

    They do if there are far more rows than columns, and values change little from one row to the
    next and much from one column to the next, each column being on a scale of its own.
    """
    n, c = table.shape
    if c < 2 or n < max(20, 4 * c):
        return False
    some = table[: max(LOOK // c, 20)].astype(np.float64)
    some = some - some.mean(axis=0)
    deviation = some.std(axis=0)
    some = some[:, deviation > 0] / deviation[deviation > 0]
    if some.shape[1] < 2:
        return False
    return bool(np.mean(np.diff(some, axis=0) ** 2) < 0.1 and np.mean(np.diff(some) ** 2) > 0.7)
