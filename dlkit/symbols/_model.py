"""A model of sequences: how likely they are, how they go on, and where they end."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._announce import announce
from .._params import (
    HasMethods,
    Integral,
    Real,
    StrOptions,
    count,
    plain,
    unchanged_on_failure,
)
from .._validation import check_array, naming
from ..exceptions import ReadingWarning
from ..readout import RidgeReadout
from ..reservoir import Context, ReservoirStates
from ..reservoir._driver import Driver
from ..sequences import check_sequences
from . import _emissions
from ._alphabet import check_symbols
from ._categorical import CALIBRATED, Categorical
from ._ngrams import NGramMixer
from ._runs import inputs_of, rows_of
from ._sampling import Lanes, draw
from ._scores import Scores
from ._side import Side, refuse_text
from ._stops import Bernoulli, Length, default_classifier

_LIMIT = 10  # times the longest training sequence: where a sample is cut


class SequenceModel(Scores, BaseEstimator):
    """Model of sequences of symbols or vectors: their probability, and new ones like them.

    A fixed random reservoir hears each sequence step by step, and a readout tells from its state
    how the next step is distributed and whether there is one. So the probability of a sequence is
    that of its first step, times that of its second after the first, and so on to its end.

    Parameters
    ----------
    n_units : int, default=500
        Number of units of the reservoir, unless ``reservoir`` is given.
    output : {"categorical", "gaussian", "gaussian_full", "empirical"}, default="categorical"
        What the steps are and how they are distributed. ``"categorical"``: symbols, by the
        probabilities of a classifier. The others: vectors. ``"gaussian"``: a mean and, for each
        entry, a variance that both depend on the state. ``"gaussian_full"``: with covariances too,
        by the modified Cholesky decomposition. ``"empirical"``: a mean, and residuals of those
        training steps whose states were most like the present one.
    stop : {"auto", "symbol", "bernoulli", "length", None}, default="auto"
        How a sequence ends. ``"symbol"``: by one symbol more, for categorical outputs.
        ``"bernoulli"``: after each step with a probability that a logistic regression tells from
        the state. ``"length"``: by its length, whose distribution may depend on the context.
        ``None``: the end is not modelled. ``"auto"``: ``"symbol"`` for symbols, else
        ``"bernoulli"``.
    context : {"both", "input", "state"}, default="both"
        How contexts, if ``fit`` is given any, enter: at each step, by setting the first state, or
        both; see :class:`dlkit.reservoir.Context`.
    reservoir : ReservoirStates, default=None
        Unfitted, with other parameters of the reservoir. If None, for symbols
        ``input_scaling=0.5, leak_rate=("log_uniform", 1, 10)``, else the defaults.
    readout : estimator, default=None
        A classifier with ``predict_proba``, or a regressor of the means;
        ``LogisticReadoutClassifier("auto", cv=KFold(3))`` or ``RidgeReadout`` if None.
    mixer : NGramMixer, default=None
        Mixes the probabilities of symbols with those of n-grams, see
        :class:`dlkit.symbols.NGramMixer`.
    max_steps : int, default=None
        Most steps, the last ones, that a classifier of symbols learns from; all if None. The tables
        of a mixer count all steps.
    calibrate : bool, default=True
        Whether probabilities of symbols are calibrated, see Notes.
    unknown : {"error", "ignore"}, default="error"
        What is done with symbols that ``fit`` never saw: they are refused, or enter as zeros and
        have a log-likelihood of NaN, which `score` leaves out.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of the reservoir, and of the residuals that are kept.
    n_jobs : int, default=None
        Threads that run the reservoir, as in joblib.
    verbose : int, default=0
        1 announces loops that are being compiled.

    Attributes
    ----------
    alphabet_ : ndarray of shape (n_symbols,)
        Symbols seen in ``fit``, sorted; of categorical outputs only.
    driver_ : Driver
        The reservoir, and how it is run.
    emission_ : object
        The fitted distribution of the next step.
    stop_ : object or None
        The fitted distribution of the end, where that is no symbol.
    longest_ : int
        Steps of the longest sequence seen in ``fit``.
    n_channels_in_ : int
        Channels of the vectors seen in ``fit``.

    See Also
    --------
    ESNForecaster : The mean of the next step alone, and forecasts.
    ESNTagger : A label for each step, known from other inputs.

    Notes
    -----
    *Forms.* Sequences of symbols are a list of strings, whose characters are the symbols, or of
    lists or 1-D arrays of whole numbers or strings. Vectors come as in :class:`ESNClassifier`: a
    list of arrays of shape (T_i, C), or an array of shape (n, T, C). Vectors are standardised
    within; likelihoods are in the units of the data.

    *Steps and ends.* Of a sequence of T steps there are T log-likelihoods, and where the end is
    modelled one more, of the end, last. With ``"bernoulli"`` and ``"length"`` each of the T holds
    the probability that the sequence did not end before.

    *Calibration.* A linear readout of a reservoir may be less sure of the likeliest symbol than it
    should be, or surer, however many steps it has learned from. So it tells steps that it has not
    learned from: those before the last ``max_steps``, if there are enough, or one in five, by a
    second readout that is fitted to the others. Probabilities p of symbols become proportional to
    ``max(p, ε)^a exp(b p)``, with a, b and ε of the greatest likelihood on up to 30,000 such steps;
    the likeliest symbol stays the likeliest. With a mixer, its weights are learned from these steps
    instead, and nothing more is needed. With fewer than 500 of them probabilities stay as they are.

    *Memory.* States of symbols are float32. With a :class:`LogisticReadoutClassifier` more states
    than 256 MB are made anew in each iteration, block by block; other readouts see all at once.

    References
    ----------
    .. [1] Tiňo & Dorffner (2001), Predicting the future of discrete sequences from fractal
       representations of the past, Machine Learning 45(2).
    .. [2] Pourahmadi (1999), Joint mean-covariance models with applications to longitudinal data:
       unconstrained parameterisation, Biometrika 86(3).

    Examples
    --------
    >>> from dlkit import SequenceModel
    >>> words = ["banana", "bandana", "cabana", "ana"] * 5
    >>> model = SequenceModel(50, random_state=0).fit(words)
    >>> model.score(["cabana"]) > model.score(["nacaba"])
    True
    >>> set(model.sample(3, random_state=0)) <= set(words)
    True
    """

    _parameter_constraints = {
        "n_units": [count()],
        "output": [StrOptions({"categorical", "gaussian", "gaussian_full", "empirical"})],
        "stop": [StrOptions({"auto", "symbol", "bernoulli", "length"}), None],
        "context": [StrOptions({"both", "input", "state"})],
        "reservoir": [ReservoirStates, None],
        "readout": [HasMethods(["fit", "predict"]), None],
        "mixer": [NGramMixer, None],
        "max_steps": [count(2), None],
        "calibrate": ["boolean"],
        "unknown": [StrOptions({"error", "ignore"})],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_units=500,
        *,
        output="categorical",
        stop="auto",
        context="both",
        reservoir=None,
        readout=None,
        mixer=None,
        max_steps=None,
        calibrate=True,
        unknown="error",
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.output = output
        self.stop = stop
        self.context = context
        self.reservoir = reservoir
        self.readout = readout
        self.mixer = mixer
        self.max_steps = max_steps
        self.calibrate = calibrate
        self.unknown = unknown
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y=None, *, contexts=None):
        """Draw the reservoir, and fit the distributions of the next step and of the end.

        Parameters
        ----------
        X : list of str or of array-like, or array-like
            Sequences, see Notes.
        y : None
            Not used; anything else is announced.
        contexts : array-like of shape (n_sequences, n_context), default=None
            A vector for each sequence that its steps depend on.

        Returns
        -------
        self : object
        """
        self._validate_params()
        self._check_combination()
        rng = check_random_state(self.random_state)
        values, lengths, sequences = self._read(X, reset=True)
        if y is not None and contexts is None and np.ndim(y) == 2:
            announce(
                "y is left out: this model has no targets. If y holds contexts, hand them over by "
                "name, fit(X, contexts=y).",
                ReadingWarning,
            )
        contexts = self._check_contexts(contexts, len(lengths), reset=True, dtype=values.dtype)
        self.longest_ = int(lengths.max())
        batch = inputs_of(values, lengths, contexts, self._ends)
        self.driver_ = self._new_driver(rng, batch).adapted(batch)
        if self.output == "categorical":
            kept = np.ones(len(batch.values), dtype=bool)
            if self._way != "symbol":
                kept = self._within(batch)
            self._fit_symbols(batch, sequences, kept)
        else:
            self._fit_vectors(batch, values, rng)
        self.stop_ = None
        if self._way == "bernoulli":
            last = np.zeros(len(batch.values), dtype=bool)
            last[batch.offsets[1:] - 1] = True
            self.stop_ = Bernoulli.fit(rows_of(self.driver_, batch, self.n_jobs), last)
        elif self._way == "length":
            self.stop_ = Length.fit(lengths, contexts)
        return self

    def _fit_symbols(self, batch, sequences, kept):
        targets = self._symbols_told(sequences)[kept]
        if len(np.unique(targets)) < 2:
            raise ValueError(
                f"X holds one symbol only, {self.alphabet_.tolist()[0]!r}, and stop={self.stop!r} "
                "adds none: there is nothing to tell."
            )
        n_symbols = len(self.alphabet_) + (self._way == "symbol")
        readout = default_classifier(len(targets)) if self.readout is None else self.readout
        told, learned = targets, kept
        if self.max_steps is not None and self.max_steps < len(targets):
            learned, told = kept.copy(), targets[-self.max_steps :]
            learned[np.flatnonzero(kept)[: -self.max_steps]] = False
        found = Categorical.fit(self.driver_, batch, told, learned, n_symbols, readout, self.n_jobs)
        rows = None
        if self.calibrate:
            most = CALIBRATED if self.mixer is None else max(CALIBRATED, self.mixer.max_steps)
            job = targets, kept, learned, readout, most, self.n_jobs
            rows, logs = found.aside(self.driver_, batch, *job)
        if self.mixer is not None:
            mixer = clone(self.mixer).set_params(**plain(self.mixer.get_params()))
            histories = found.histories(sequences, mixer.order, self._ends)[kept]
            if rows is None:
                rows, logs = found.last(self.driver_, batch, kept, mixer.max_steps, self.n_jobs)
            found = found.mixed(mixer, histories, targets, rows, logs)
        elif rows is not None:
            found = found.calibrated(logs, targets[rows])
        self.emission_ = found

    def _fit_vectors(self, batch, values, rng):
        readout = RidgeReadout(np.logspace(-6, 4, 11), selection="gcv")
        readout = readout if self.readout is None else self.readout
        rows = rows_of(self.driver_, batch, self.n_jobs)[self._within(batch)]
        targets = values.astype(np.float64)
        if self.output == "empirical":
            self.emission_ = _emissions.Empirical.fit(rows, targets, readout, rng)
        else:
            full = self.output == "gaussian_full"
            self.emission_ = _emissions.Gaussian.fit(rows, targets, readout, rng, full)

    def _check_combination(self):
        symbols = self.output == "categorical"
        if self.stop == "symbol" and not symbols:
            raise ValueError(
                f'stop="symbol" needs output="categorical", got {self.output!r}: use "bernoulli" '
                'or "length".'
            )
        if self.mixer is not None:
            if not symbols:
                raise ValueError(
                    f'mixer needs output="categorical", got output={self.output!r}: n-grams are of '
                    "symbols."
                )
            self.mixer._validate_params()
        if self.readout is not None and symbols and not hasattr(self.readout, "predict_proba"):
            raise ValueError(
                f"readout={self.readout!r} has no predict_proba, which symbols need: use "
                "LogisticReadoutClassifier, say."
            )
        default = "symbol" if symbols else "bernoulli"
        self._way = default if self.stop == "auto" else self.stop
        self._ends = self._way is not None

    def _new_driver(self, rng, batch):
        seed, symbols = rng.randint(2**31 - 1), self.output == "categorical"
        reservoir = self.reservoir
        if reservoir is None:
            more = {"input_scaling": 0.5, "leak_rate": ("log_uniform", 1, 10)} if symbols else {}
            reservoir = ReservoirStates(plain(self.n_units), **more)
        if reservoir.context is not None or reservoir.bidirectional or reservoir.washout:
            raise ValueError(
                "reservoir of a SequenceModel must have context=None (contexts are given to fit), "
                f"bidirectional=False and washout=0, got {reservoir!r}."
            )
        reservoir = clone(reservoir).set_params(passthrough=True)
        reservoir._validate_params()
        if reservoir.random_state is None:
            reservoir.set_params(random_state=seed)
        if self._n_context:
            channels = np.arange(batch.n_channels - self._n_context, batch.n_channels)
            reservoir.set_params(context=Context(channels, enters=self.context))
        driver = Driver.of(reservoir, batch.n_channels)
        driver.check(batch)
        return driver

    def _read(self, X, reset, name="X"):
        """Steps as vectors, lengths, and the symbols' numbers (None of vectors)."""
        if reset:
            self._side = Side(self.output == "categorical", "X")
        side = self._side
        if not side.symbols:
            refuse_text(X, self.output)
            batch = check_sequences(self, X, reset=reset, rows="sequences")
            if reset:
                side.measure(batch)
            return side.standard(batch), batch.lengths, None
        if reset:
            side.note(X)
            self.alphabet_ = side.alphabet.symbols
        sequences = side.numbers(X, "error" if reset else self.unknown, name)
        lengths = np.array([len(s) for s in sequences])
        return side.one_hot(np.concatenate(sequences)), lengths, sequences

    def _check_contexts(self, contexts, n, reset, dtype):
        if reset:
            self._n_context = 0
        if contexts is None:
            if self._n_context:
                raise ValueError(
                    f"contexts are missing: fit had a vector of {self._n_context} numbers for each "
                    "sequence."
                )
            return None
        contexts = check_array(contexts, dtype=np.float64, input_name="contexts")
        if reset:
            self._n_context = contexts.shape[1]
        if not self._n_context:
            raise ValueError("contexts are given, but fit had none: leave them out, or fit anew.")
        if contexts.shape != (n, self._n_context):
            raise ValueError(
                f"contexts must have shape ({n}, {self._n_context}), a row for each sequence, got "
                f"{contexts.shape}."
            )
        return contexts.astype(dtype)

    def sample(
        self, n=1, *, temperature=1.0, top_k=None, max_length=None, prefix=None, contexts=None,
        random_state=None,
    ):  # fmt: skip
        """Draw sequences, all at the same time, each from its own steps so far.

        Parameters
        ----------
        n : int, default=1
            Number of sequences.
        temperature : float, default=1.0
            Divides log-probabilities of symbols, and multiplies standard deviations of vectors.
            0 takes the most likely symbol, or the mean.
        top_k : int, default=None
            Only so many of the most likely symbols are drawn from; all if None.
        max_length : int, default=None
            Most steps, those of the prefix included: if None ten times the longest training
            sequence, or with ``stop=None`` as many steps as that.
        prefix : str or array-like, default=None
            How each sequence begins: one for all, or a list of n. It is part of what is returned.
        contexts : array-like of shape (n_context,) or (n, n_context), default=None
            One vector for all, or one for each.
        random_state : int, RandomState instance or None, default=None
            Seeds the draw.

        Returns
        -------
        samples : list of str or of ndarray
            In the form that ``fit`` had; vectors as arrays of shape (T_i, n_channels).

        Warns
        -----
        UnfinishedSampleWarning
            If sequences did not end within ``max_length`` steps, and were cut.
        """
        check_is_fitted(self)
        with naming("random_state"):
            rng, symbols = check_random_state(random_state), self.output == "categorical"
        for name, value, kind, least in (
            ("n", n, Integral, 1), ("temperature", temperature, Real, 0),
            ("top_k", 1 if top_k is None else top_k, Integral, 1),
            ("max_length", 1 if max_length is None else max_length, Integral, 1),
        ):  # fmt: skip
            if not isinstance(value, kind) or not least <= value < np.inf:
                what = "whole number" if kind is Integral else "number"
                raise ValueError(f"{name} must be a {what} of at least {least}, got {value!r}.")
        if top_k is not None and not symbols:
            raise ValueError(f'top_k={top_k} needs output="categorical", got {self.output!r}.')
        if max_length is None:
            max_length = self.longest_ * (_LIMIT if self._ends else 1)
        if contexts is not None and np.ndim(contexts) == 1:
            contexts = [contexts] * n
        prefix = self._prefixes(prefix, n)
        begun = self._begun(prefix, n)
        dtype = np.float32 if symbols else self._side.dtype
        contexts = self._check_contexts(contexts, n, reset=False, dtype=dtype)
        lanes = Lanes(self.driver_, self.emission_, self.stop_, contexts, self._side.one_hot)
        ends = len(self.alphabet_) if self._way == "symbol" else None
        told = draw(lanes, begun, ends, self._ends, int(max_length), temperature, top_k, rng)
        if symbols and prefix is not None and any((one < 0).any() for one in begun):
            return self._behind(prefix, begun, told)
        if symbols:
            return [self._side.give_back(one) for one in told]
        return [self._side.unscaled(one) for one in told]

    def _prefixes(self, prefix, n):
        """How each sample begins: a list of n, or None."""
        if prefix is None or (isinstance(prefix, str) and not prefix):
            return None
        if not hasattr(prefix, "__len__"):
            raise ValueError(
                f"prefix must be a beginning, or a list of n={n} of them, got {prefix!r}."
            )
        symbols, one = self.output == "categorical", isinstance(prefix, str)
        if not one:
            first = prefix[0] if len(prefix) else None
            one = first is not None and np.ndim(first) < (1 if symbols else 2)
            one = one and not (isinstance(first, str) and self._side.alphabet.text)
        return [prefix] * n if one else prefix

    def _begun(self, prefix, n):
        """Beginnings of all samples: numbers of symbols, or standardised vectors."""
        if prefix is None:
            return [self._side.nothing()] * n
        values, lengths, sequences = self._read(prefix, reset=False, name="prefix")
        if len(lengths) != n:
            raise ValueError(
                f"prefix holds {len(lengths)} beginnings, but n={n}: give one, or one for each."
            )
        return sequences or np.split(values, np.cumsum(lengths)[:-1])

    def _behind(self, prefix, begun, told):
        """Samples behind their beginnings as given, with symbols that are unknown."""
        found = []
        for first, numbers, one in zip(check_symbols(prefix), begun, told, strict=True):
            rest = self._side.give_back(one[len(numbers) :])
            text = self._side.alphabet.text
            found.append(first + rest if text else np.concatenate([first, rest]))
        return found

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.required = False
        return tags
