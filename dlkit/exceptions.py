"""Warnings of dlkit, each of a category of its own, so that each can be silenced by itself."""

__all__ = ["IgnoredParameterWarning", "ReadingWarning"]


class IgnoredParameterWarning(UserWarning):
    """A parameter was given that means nothing beside the value of another.

    ``leak_rate`` beside a cell with gates, say, or ``n_links`` beside ``topology="ring"``.
    """


class ReadingWarning(UserWarning):
    """Data were read in one way, but their form makes another way likelier.

    An array of shape (n, 1, 500), say, is read as sequences of one step with 500 channels, but more
    probably holds sequences of 500 steps with one channel, channels first. The warning says how the
    data were read, what they probably are, which line hands them over so that they are read that
    way, and how to say that the reading is right.
    """
