"""The warning where data are read in one way and another way is likelier."""

import sys
import warnings

from .exceptions import ReadingWarning

__all__ = ["warn_reading"]


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
    warnings.warn(
        f"{taken}. More probably X {likely}: then {mend}. If the reading is right, "
        f"{'' if meant is None else f'{meant}, or '}silence this warning by {silence}.",
        ReadingWarning,
        stacklevel=_levels_to_caller(),
    )


def _levels_to_caller():
    """Levels of the stack up to the first frame that is neither dlkit's nor scikit-learn's."""
    frame, level = sys._getframe(2), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        ("dlkit.", "sklearn.")
    ):
        frame, level = frame.f_back, level + 1
    return level
