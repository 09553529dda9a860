"""Warnings of dlkit, each of a category of its own, so that each can be silenced by itself."""

__all__ = [
    "ArityWarning",
    "DivergenceWarning",
    "ForecastWarning",
    "ForgottenRowsWarning",
    "IgnoredParameterWarning",
    "OverwrittenMemoryWarning",
    "ReadingWarning",
    "RoundingWarning",
    "SaturationWarning",
    "ScalingWarning",
    "UnfinishedSampleWarning",
]


class ArityWarning(UserWarning):
    """Nodes have more children than any node in ``fit``, and more than are told apart.

    Positional and bilinear nodes have weights for ``n_places`` places. All later children share
    those of the last one, which ``fit`` may never have seen used.
    """


class ForecastWarning(UserWarning):
    """A forecast cannot be believed from some step on: it turns constant, or grows without bound.

    The latter is a :class:`DivergenceWarning`.
    """


class DivergenceWarning(ForecastWarning):
    """A forecast, or a run on the model's own outputs, grows without bound.

    Its first steps may still be right; a smaller ``spectral_radius``, a larger ``alpha`` or noise
    in training make a closed loop more stable. Forecasts are held within ten times the width of
    what the series was before.
    """


class ForgottenRowsWarning(UserWarning):
    """A readout starts anew and forgets the rows that `fit` has seen.

    `fit` keeps no sums to which `partial_fit` could add, unless ``solver="moments"``.
    """


class IgnoredParameterWarning(UserWarning):
    """A parameter was given that means nothing beside the value of another.

    ``leak_rate`` beside a cell with gates, say, or ``n_links`` beside ``topology="ring"``.
    """


class OverwrittenMemoryWarning(UserWarning):
    """A memory machine wrote more rows than its ring has, and so lost the oldest."""


class ReadingWarning(UserWarning):
    """Data were read in one way, but their form makes another way likelier.

    An array of shape (n, 1, 500), say, is read as sequences of one step with 500 channels, but more
    probably holds sequences of 500 steps with one channel, channels first. The warning says how the
    data were read, what they probably are, which line hands them over so that they are read that
    way, and how to say that the reading is right.
    """


class RoundingWarning(UserWarning):
    """A readout was solved from sums whose rounding is larger than what its penalty decides.

    `partial_fit` and `merge` keep sums of products of features. Where features nearly depend on
    each other and alpha is tiny, the digits that matter are not in these sums. `fit` sees the rows
    and finds them there.
    """


class ScalingWarning(UserWarning):
    """Inputs are so large, or so small, that the settings mean nothing beside them.

    Binary visible units of a Boltzmann machine take numbers from 0 to 1 for probabilities.

    A reservoir hears little of inputs of 1e-9, and inputs of 1e6 drown all that it remembers:
    standardise the series, or choose ``input_scaling`` by the inputs' size.
    """


class SaturationWarning(ScalingWarning):
    """Most units of a reservoir are saturated: their outputs hardly change with their inputs.

    That is so where inputs are not scaled, or ``input_scaling`` or ``spectral_radius`` is large.
    """


class UnfinishedSampleWarning(UserWarning):
    """Sequences that a model drew did not end by themselves and were cut.

    A high temperature or a small ``max_length`` makes that likely.
    """
