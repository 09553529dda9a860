"""Warnings of dlkit, each of a category of its own, so that each can be silenced by itself."""

__all__ = ["IgnoredParameterWarning"]


class IgnoredParameterWarning(UserWarning):
    """A parameter was given that means nothing beside the value of another.

    ``leak_rate`` beside a cell with gates, say, or ``n_links`` beside ``topology="ring"``.
    """
