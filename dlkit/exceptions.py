"""Warnings of dlkit, each of a category of its own, so that each can be silenced by itself."""

__all__ = [
    "ArityWarning",
    "DivergenceWarning",
    "ForecastWarning",
    "ForgettingWarning",
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

    Examples
    --------
    >>> import warnings
    >>> from dlkit.exceptions import ArityWarning
    >>> from dlkit.trees import Tree, TreeFeatures
    >>> few, many = Tree(["a"] * 3, [-1, 0, 0]), Tree(["a"] * 7, [-1] + [0] * 6)
    >>> features = TreeFeatures(20, node="positional", random_state=0).fit([few])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     rows = features.transform([many])
    >>> print(caught[0].message)
    X has a node of 6 children; fit saw 2 at most, and the node tells 4 places apart: ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ArityWarning)
    ...     rows = features.transform([many])
    """


class ForecastWarning(UserWarning):
    """A forecast cannot be believed from some step on: it turns constant, or grows without bound.

    The latter is a :class:`DivergenceWarning`.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import ESNForecaster
    >>> from dlkit.exceptions import ForecastWarning
    >>> x = np.sin(0.3 * np.arange(300))
    >>> esn = ESNForecaster(20, alpha=1e6, random_state=0).fit(x)  # learns next to nothing
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     ahead = esn.forecast(300)
    >>> print(caught[0].message)
    The forecast of series 0 turns constant from its step ... on, unlike the series: ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ForecastWarning)
    ...     ahead = esn.forecast(300)
    """


class DivergenceWarning(ForecastWarning):
    """A forecast, or a run on the model's own outputs, grows without bound.

    Its first steps may still be right; a smaller ``spectral_radius``, a larger ``alpha`` or noise
    in training make a closed loop more stable. Forecasts are held within ten times the width of
    what the series was before.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import NVARForecaster
    >>> from dlkit.exceptions import DivergenceWarning
    >>> x = np.concatenate([np.zeros(30), 2.0 ** np.arange(10)])
    >>> nvar = NVARForecaster(2, order=3, alpha=1e-12).fit(x)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     ahead = nvar.forecast(200)
    >>> print(caught[0].message)
    The forecast of series 0 grows without bound from its step ... on: ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", DivergenceWarning)
    ...     ahead = nvar.forecast(200)
    """


class ForgettingWarning(UserWarning):
    """States of nodes of a tree do not forget what lies deep below: small differences grow.

    Features of deep trees then hang on the last digits of labels. Their ``amplification_`` says how
    much a difference has grown; a smaller ``spectral_radius`` makes states forget.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit.exceptions import ForgettingWarning
    >>> from dlkit.trees import Tree, TreeFeatures
    >>> chain = Tree(np.sin(np.arange(100.0)), np.arange(100) - 1)
    >>> features = TreeFeatures(100, spectral_radius=3, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     features = features.fit([chain])
    >>> print(caught[0].message)
    The states do not forget: a small difference between nodes is ... times as large 99 links on...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ForgettingWarning)
    ...     features = features.fit([chain])
    """


class ForgottenRowsWarning(UserWarning):
    """A readout starts anew and forgets the rows that `fit` has seen.

    `fit` keeps no sums to which `partial_fit` could add, unless ``solver="moments"``.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import RidgeReadout
    >>> from dlkit.exceptions import ForgottenRowsWarning
    >>> X, y = np.arange(12.0).reshape(6, 2), np.arange(6.0)
    >>> readout = RidgeReadout(1.0).fit(X[:4], y[:4])
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     readout = readout.partial_fit(X[4:], y[4:])
    >>> print(caught[0].message)
    partial_fit starts anew: the rows given to fit are forgotten, ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ForgottenRowsWarning)
    ...     readout = RidgeReadout(1.0).fit(X[:4], y[:4]).partial_fit(X[4:], y[4:])
    """


class IgnoredParameterWarning(UserWarning):
    """A parameter was given that means nothing beside the value of another.

    ``leak_rate`` beside a cell with gates, say, or ``n_links`` beside ``topology="ring"``.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.exceptions import IgnoredParameterWarning
    >>> x = np.sin(np.arange(50.0))[:, None]
    >>> states = ReservoirStates(20, cell="gru", leak_rate=0.3, random_state=0)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     states = states.fit(x)
    >>> print(caught[0].message)
    leak_rate=0.3 means nothing beside cell='gru', whose gates take its place. ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", IgnoredParameterWarning)
    ...     states = states.fit(x)
    """


class OverwrittenMemoryWarning(UserWarning):
    """A memory machine wrote more rows than its ring has, and so lost the oldest.

    Examples
    --------
    >>> import warnings
    >>> from dlkit.datasets import make_copy
    >>> from dlkit.exceptions import OverwrittenMemoryWarning
    >>> from dlkit.symbols import ReservoirMemoryMachine
    >>> X, y = make_copy(60, n_bits=4, max_length=8, random_state=0)
    >>> machine = ReservoirMemoryMachine(20, memory_size=20, random_state=0).fit(X, y)
    >>> long, _ = make_copy(1, n_bits=4, min_length=30, max_length=30, random_state=1)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     told = machine.predict(long)
    >>> print(caught[0].message)
    41 rows of the memory were overwritten by later ones: ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", OverwrittenMemoryWarning)
    ...     told = machine.predict(long)
    """


class ReadingWarning(UserWarning):
    """Data were read in one way, but their form makes another way likelier.

    An array of shape (n, 1, 500), say, is read as sequences of one step with 500 channels, but more
    probably holds sequences of 500 steps with one channel, channels first. The warning says how the
    data were read, what they probably are, which line hands them over so that they are read that
    way, and how to say that the reading is right.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import ReservoirFeatures
    >>> from dlkit.exceptions import ReadingWarning
    >>> X = np.random.RandomState(0).randn(10, 1, 200)  # channels first
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     features = ReservoirFeatures(20, random_state=0).fit(X)
    >>> print(caught[0].message)
    ReservoirFeatures reads X as 10 sequences of 1 steps and 200 channels. ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ReadingWarning)
    ...     features = ReservoirFeatures(20, random_state=0).fit(X)
    """


class RoundingWarning(UserWarning):
    """A readout was solved from sums whose rounding is larger than what its penalty decides.

    `partial_fit` and `merge` keep sums of products of features. Where features nearly depend on
    each other and alpha is tiny, the digits that matter are not in these sums. `fit` sees the rows
    and finds them there.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import RidgeReadout
    >>> from dlkit.exceptions import RoundingWarning
    >>> x = np.linspace(-2, 2, 200)
    >>> wave = np.sin(9 * x)
    >>> X = np.column_stack([x, x + 1e-7 * wave])  # nearly the same column twice
    >>> readout = RidgeReadout(alpha=1e-13).partial_fit(X, wave)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     told = readout.predict(X)
    >>> print(caught[0].message)
    alpha=1e-13 is lost in the rounding of the sums ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", RoundingWarning)
    ...     told = RidgeReadout(alpha=1e-13).partial_fit(X, wave).predict(X)
    """


class ScalingWarning(UserWarning):
    """Inputs are so large, or so small, that the settings mean nothing beside them.

    Binary visible units of a Boltzmann machine take numbers from 0 to 1 for probabilities.

    A reservoir hears little of inputs of 1e-9, and inputs of 1e6 drown all that it remembers:
    standardise the series, or choose ``input_scaling`` by the inputs' size.

    Images and series far from zero, as 1000 ± 1, are next to blank beside the zeros that
    ``padding="same"`` puts around them: subtract their mean.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.exceptions import ScalingWarning
    >>> x = 1e-9 * np.sin(np.arange(50.0))[:, None]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     states = ReservoirStates(20, random_state=0).fit(x)
    >>> print(caught[0].message)
    X holds numbers up to 1e-09: next to nothing of them reaches the units. ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ScalingWarning)
    ...     states = ReservoirStates(20, random_state=0).fit(x)
    """


class SaturationWarning(ScalingWarning):
    """Most units of a reservoir are saturated: their outputs hardly change with their inputs.

    That is so where inputs are not scaled, or ``input_scaling`` or ``spectral_radius`` is large.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from dlkit import ReservoirStates
    >>> from dlkit.exceptions import SaturationWarning
    >>> x = 1e6 * np.sin(np.arange(50.0))[:, None]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     states = ReservoirStates(20, random_state=0).fit(x)
    >>> print(caught[0].message)
    99% of the outputs of the units are saturated, ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SaturationWarning)
    ...     states = ReservoirStates(20, random_state=0).fit(x)
    """


class UnfinishedSampleWarning(UserWarning):
    """Sequences that a model drew did not end by themselves and were cut.

    A high temperature or a small ``max_length`` makes that likely.

    Examples
    --------
    >>> import warnings
    >>> from dlkit import SequenceModel
    >>> from dlkit.exceptions import UnfinishedSampleWarning
    >>> words = ["banana", "bandana", "cabana", "ana"] * 5
    >>> model = SequenceModel(30, random_state=0).fit(words)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     drawn = model.sample(5, max_length=2, random_state=0)
    >>> print(caught[0].message)
    5 of 5 samples did not end within max_length=2 steps, and were cut there. ...

    To silence the warning, once one knows that all is well:

    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", UnfinishedSampleWarning)
    ...     drawn = model.sample(5, max_length=2, random_state=0)
    """
