"""Warnings that point at the user's own line, and say how to be silenced."""

import sys
import warnings

__all__ = ["announce", "warn"]


def announce(message, category):
    """Warn, and say how to silence the warning.

    Parameters
    ----------
    message : str
        One or more sentences.
    category : type
        A class of ``dlkit.exceptions``.
    """
    name = category.__name__
    warn(
        f"{message} (To silence this: warnings.filterwarnings('ignore', "
        f"category=dlkit.exceptions.{name}).)",
        category,
    )


def warn(message, category):
    """Warn of the first line up the stack that is neither dlkit's nor one of its libraries'."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_ours(frame):
    libraries = "dlkit.", "sklearn.", "joblib.", "numpy.", "contextlib"
    return frame.f_globals.get("__name__", "").startswith(libraries)
