"""Warnings that point at the user's own line, and say how to be silenced."""

import re
import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["announce", "once", "warn"]

_said = ContextVar("said", default=None)  # inside `once`: what was said already


@contextmanager
def once():
    """Context in which a warning is not repeated, as the folds of a search would.

    The filters of Python do not see to that: whatever changes them for a moment makes them forget
    what was said. Messages that differ in numbers alone, as those of folds of several sizes do,
    are one warning: the first is shown.
    """
    token = _said.set(set())
    try:
        yield
    finally:
        _said.reset(token)


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
    said = _said.get()
    if said is not None:
        kind = re.sub(r"\d+", "", message), category
        if kind in said:
            return
        said.add(kind)
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_ours(frame):
    libraries = "dlkit.", "sklearn.", "joblib.", "numpy.", "contextlib"
    return frame.f_globals.get("__name__", "").startswith(libraries)
