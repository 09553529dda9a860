"""A reservoir that reads a sequence, and one that writes another."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._params import (
    HasMethods,
    Integral,
    StrOptions,
    count,
    plain,
    unchanged_on_failure,
)
from ..readout import RidgeReadout
from ..reservoir import Context, ReservoirStates
from ..reservoir._driver import Driver
from ..sequences import pack
from . import _attention, _emissions
from ._alphabet import check_symbols
from ._categorical import Categorical
from ._runs import rows_of
from ._sampling import draw
from ._side import Side
from ._stops import Bernoulli, Length, default_classifier
from ._writing import Writer, heard, marked

_LIMIT = 10  # times the longest training output: where an output is cut


class Seq2SeqESN(BaseEstimator):
    """Echo state networks from sequences to sequences of other lengths: encoder and decoder.

    One random reservoir reads a whole sequence. A second one writes the other, step by step, and
    hears what it wrote before. A readout tells from its state, and from what it is given of the
    first, what comes next and whether anything does.

    Parameters
    ----------
    n_units : int, default=300
        Number of units of the encoder, unless ``encoder`` is given.
    decoder_units : int, default=100
        Number of units of the decoder, unless ``decoder`` is given.
    context : {"attention", "state", "input", "both"}, default="attention"
        What the decoder is given. ``"attention"``: at each step a weighted mean of all positions,
        of what stands there and of the encoder's state, see Notes. ``"state"``: the encoder's last
        state sets the decoder's first; ``"input"``: it enters at every step, and the readout sees
        it; ``"both"``: the two together.
    output : {"categorical", "gaussian", "gaussian_full", "empirical"}, default="categorical"
        What outputs are: symbols, or vectors and how these are distributed, as of
        :class:`SequenceModel`.
    stop : {"auto", "symbol", "bernoulli", "length", None}, default="auto"
        How an output ends, as of :class:`SequenceModel`; ``"length"`` depends on the encoder's last
        state and the length of the input. With None an output is as long as its input.
    n_rounds : int, default=10
        Rounds in which attention is aligned.
    encoder, decoder : ReservoirStates, default=None
        Unfitted, with other parameters of the reservoirs. If None, the encoder is
        ``bidirectional`` under attention, and linear, orthogonal and of radius 1 otherwise.
    readout : estimator, default=None
        As of :class:`SequenceModel`.
    unknown : {"error", "ignore"}, default="error"
        Whether symbols of inputs that ``fit`` never saw are refused, or enter as zeros.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws.
    n_jobs : int, default=None
        Threads that run the reservoirs, as in joblib.
    verbose : int, default=0
        1 announces loops that are being compiled.

    Attributes
    ----------
    encoder_, decoder_ : Driver
        The reservoirs, and how they are run.
    query_ : object or None
        What tells the position that is needed, under attention.
    emission_, stop_ : object
        The fitted distributions of the next step and of the end.
    longest_ : int
        Steps of the longest input or output seen in ``fit``.
    n_channels_in_ : int
        Channels of inputs that are vectors.

    See Also
    --------
    SequenceTransducer : For outputs in the order of their inputs.
    SequenceModel : How likely sequences are, under contexts that are vectors.

    Notes
    -----
    Inputs are symbols (strings, or lists or 1-D arrays of whole numbers or strings), or vectors
    (arrays of shape (T_i, C), or 1-D arrays of floats).

    *Attention.* Each position, and one before and one after the input, has a key: sines of its
    place from the start and from the end, and fixed random projections of its state. A linear map
    of the decoder's row tells the key that is needed, up to a normal error. Which position an
    output needs is found by expectation-maximisation, in which the map is a least-squares fit to
    realigned targets.

    References
    ----------
    .. [1] P. F. Brown, S. A. Della Pietra, V. J. Della Pietra and R. L. Mercer, "The mathematics of
       statistical machine translation: parameter estimation", Computational Linguistics 19, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.symbols import Seq2SeqESN
    >>> r = np.random.RandomState(0)
    >>> words = ["".join(r.choice(list("abcd"), n)) for n in r.randint(1, 7, 150)]
    >>> model = Seq2SeqESN(30, decoder_units=20, random_state=0)
    >>> model.fit(words, [word[::-1] for word in words]).predict(["abacd"])
    ['dcaba']
    """

    _parameter_constraints = {
        "n_units": [count()],
        "decoder_units": [count()],
        "context": [StrOptions({"attention", "state", "input", "both"})],
        "output": [StrOptions({"categorical", "gaussian", "gaussian_full", "empirical"})],
        "stop": [StrOptions({"auto", "symbol", "bernoulli", "length"}), None],
        "n_rounds": [count()],
        "encoder": [ReservoirStates, None],
        "decoder": [ReservoirStates, None],
        "readout": [HasMethods(["fit", "predict"]), None],
        "unknown": [StrOptions({"error", "ignore"})],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_units=300,
        *,
        decoder_units=100,
        context="attention",
        output="categorical",
        stop="auto",
        n_rounds=10,
        encoder=None,
        decoder=None,
        readout=None,
        unknown="error",
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.decoder_units = decoder_units
        self.context = context
        self.output = output
        self.stop = stop
        self.n_rounds = n_rounds
        self.encoder = encoder
        self.decoder = decoder
        self.readout = readout
        self.unknown = unknown
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y):
        """Draw the reservoirs, align, and fit the distributions of the next step and of the end.

        Parameters
        ----------
        X : list of str or of array-like
            Inputs.
        y : list of str or of array-like
            An output for each.

        Returns
        -------
        self : object
        """
        if y is None:
            raise ValueError("Seq2SeqESN requires y to be passed, but the target y is None.")
        self._validate_params()
        symbols = self.output == "categorical"
        if self.stop == "symbol" and not symbols:
            raise ValueError(
                f'stop="symbol" needs output="categorical", got {self.output!r}: use "bernoulli" '
                'or "length".'
            )
        self._way = ("symbol" if symbols else "bernoulli") if self.stop == "auto" else self.stop
        rng = check_random_state(self.random_state)
        self._source, self._target = Side(None, "X"), Side(symbols, "y")
        values, lengths = self._source.learn(X, self)
        told, told_lengths = self._target.learn(y)
        if len(lengths) != len(told_lengths):
            raise ValueError(
                "Found input variables with inconsistent numbers of samples: X has "
                f"{len(lengths)} sequences, y has {len(told_lengths)}."
            )
        self.longest_ = int(max(told_lengths.max(), lengths.max()))
        sources = marked(values, lengths)
        self.encoder_ = self._encoder(rng, sources)
        states = rows_of(self.encoder_, sources, self.n_jobs)
        ends = self._way is not None
        attends = self.context == "attention"
        self._shift, self._spread = states.mean(axis=0), states.std(axis=0) + 1e-6
        given = self._last(states, sources)
        batch = heard(
            told, told_lengths, ends, None if attends else given,
            self.longest_ if attends else None,
        )  # fmt: skip
        self.decoder_ = self._decoder(rng, batch, 0 if attends else given.shape[1])
        rows = rows_of(self.decoder_, batch, self.n_jobs)
        self.query_, self._projection = None, None
        if attends:
            rows = self._attend(rng, sources, states, batch, rows, told, told_lengths)
        self._learn(batch, rows, told, told_lengths, given, lengths, rng)
        return self

    def _encoder(self, rng, batch):
        seed, reservoir = rng.randint(2**31 - 1), self.encoder
        if reservoir is None:
            more = (
                {"bidirectional": True, "input_scaling": 0.5}
                if self.context == "attention"
                else {
                    "topology": "orthogonal", "spectral_radius": 1.0, "activation": "identity",
                    "bias_scaling": 0.0,
                }
            )  # fmt: skip
            reservoir = ReservoirStates(plain(self.n_units), **more)
        return self._driver(reservoir, seed, batch, "encoder")

    def _decoder(self, rng, batch, n_context):
        seed, reservoir = rng.randint(2**31 - 1), self.decoder
        if reservoir is None:
            reservoir = ReservoirStates(plain(self.decoder_units), input_scaling=0.5)
        if reservoir.bidirectional:
            raise ValueError("decoder must have bidirectional=False: outputs are written forward.")
        reservoir = clone(reservoir).set_params(passthrough=True)
        if n_context:
            channels = np.arange(batch.n_channels - n_context, batch.n_channels)
            # many channels of unit variance are not to saturate the units
            size = n_context**-0.5
            scaling = 1.0 if self.context == "input" else size
            reservoir.set_params(context=Context(channels, enters=self.context, scaling=scaling))
            if np.ndim(reservoir.input_scaling) == 0 and self.context != "state":
                each = np.full(batch.n_channels, float(reservoir.input_scaling))
                each[channels] *= size
                reservoir.set_params(input_scaling=each)
        return self._driver(reservoir, seed, batch, "decoder")

    def _driver(self, reservoir, seed, batch, name):
        if (name == "encoder" and reservoir.context is not None) or reservoir.washout:
            raise ValueError(f"{name} must have context=None and washout=0, got {reservoir!r}.")
        reservoir = clone(reservoir)
        reservoir._validate_params()
        if reservoir.random_state is None:
            reservoir.set_params(random_state=seed)
        driver = Driver.of(reservoir, batch.n_channels)
        driver.check(batch)
        return driver.adapted(batch)

    def _last(self, states, sources):
        """What is known of each input at its end: the last state, standardised.

        Of an encoder that also reads backwards, its state at the beginning.
        """
        last = states[sources.offsets[1:] - 1]
        if self.encoder_.both_ways:
            back = self.encoder_.drawn.n_features
            last = np.hstack([last[:, :-back], states[sources.offsets[:-1], -back:]])
        return ((last - self._shift) / self._spread).astype(states.dtype)

    def _attend(self, rng, sources, states, batch, rows, told, lengths):
        """Fit the query; rows with what is attended to beside them."""
        self._projection = _attention.draw_projection(states, rng)
        keys = _attention.keys_of(states, sources.lengths, self.longest_, self._projection)
        ends = self._way is not None
        targets = np.zeros((len(rows), told.shape[1] + 1))
        kept = np.ones(len(rows), dtype=bool)
        if ends:
            kept[batch.offsets[1:] - 1] = False
            targets[~kept, -1] = 1.0
        targets[kept, :-1] = told
        table = self._source.symbols and self._target.symbols
        likelihood = _attention.Likelihood(sources.values.astype(np.float64), targets, table)
        self.query_ = _attention.align(
            rows, keys, batch.offsets, sources.offsets, likelihood, plain(self.n_rounds)
        )
        beside = np.hstack([sources.values, states])
        found = np.empty((len(rows), beside.shape[1]), dtype=rows.dtype)
        for i in range(len(batch)):
            mine = slice(*sources.offsets[i : i + 2])
            own = slice(*batch.offsets[i : i + 2])
            weights = _attention.softmax(self.query_.scores(rows[own], keys[mine]))
            found[own] = weights @ beside[mine]
        return np.hstack([rows, found])

    def _learn(self, batch, rows, told, told_lengths, given, lengths, rng):
        """Fit distributions to rows."""
        last = np.zeros(len(rows), dtype=bool)
        if self._way is not None:
            last[batch.offsets[1:] - 1] = True
        if self.output == "categorical":
            n = len(self._target.alphabet) + (self._way == "symbol")
            targets = np.full(len(rows), len(self._target.alphabet))
            targets[~last] = told.argmax(axis=1)
            kept = np.ones(len(rows), dtype=bool) if self._way == "symbol" else ~last
            readout = default_classifier(len(rows)) if self.readout is None else self.readout
            if len(np.unique(targets[kept])) < 2:
                raise ValueError(f"y holds one symbol only, and stop={self.stop!r} adds none.")
            self.emission_ = Categorical(clone(readout).fit(rows[kept], targets[kept]), n)
        else:
            readout = RidgeReadout(np.logspace(-6, 4, 11)) if self.readout is None else self.readout
            job = rows[~last], told.astype(np.float64), readout, rng
            if self.output == "empirical":
                self.emission_ = _emissions.Empirical.fit(*job)
            else:
                full = self.output == "gaussian_full"
                self.emission_ = _emissions.Gaussian.fit(*job, full)
        self.stop_ = None
        if self._way == "bernoulli":
            self.stop_ = Bernoulli.fit(rows, last)
        elif self._way == "length":
            self.stop_ = Length.fit(told_lengths, _sized(given, lengths))

    def predict(self, X, max_length=None):
        """Most likely next step after the other: an output for each input.

        Where no symbol says so, outputs end as soon as more likely than not they have ended.

        Parameters
        ----------
        X : list of str or of array-like
            Inputs.
        max_length : int, default=None
            Most steps of an output; ten times the longest sequence of training if None.

        Returns
        -------
        outputs : list of str or of ndarray
            In the form of ``y``.

        Warns
        -----
        UnfinishedSampleWarning
            If outputs did not end within ``max_length`` steps, and were cut.
        """
        return self._write(X, max_length, 0.0, None)

    def sample(self, X, *, temperature=1.0, max_length=None, random_state=None):
        """Draw an output for each input.

        Parameters
        ----------
        X : list of str or of array-like
            Inputs.
        temperature : float, default=1.0
            As of :meth:`SequenceModel.sample`.
        max_length : int, default=None
            As of :meth:`predict`.
        random_state : int, RandomState instance or None, default=None
            Seeds the draw.

        Returns
        -------
        outputs : list of str or of ndarray
            In the form of ``y``.
        """
        return self._write(X, max_length, temperature, random_state)

    def _write(self, X, max_length, temperature, random_state):
        check_is_fitted(self)
        if max_length is not None and (not isinstance(max_length, Integral) or max_length < 1):
            raise ValueError(
                f"max_length must be a whole number of at least 1, got {max_length!r}."
            )
        sources, lengths, states = self._open(X)
        given = self._last(states, sources)
        attends = self.query_ is not None
        writer = Writer(
            self.decoder_, self.emission_, self.stop_, self._target.one_hot,
            _sized(given, lengths), None if attends else given,
        )  # fmt: skip
        if attends:
            keys = _attention.keys_of(states, sources.lengths, self.longest_, self._projection)
            beside = np.hstack([sources.values, states])
            writer.attend(self.query_, keys, beside, sources.offsets, self.longest_)
        ends = self._way is not None
        most = self.longest_ * _LIMIT if max_length is None else int(max_length)
        end = len(self._target.alphabet) if self._way == "symbol" else None
        begun = [self._target.nothing()] * len(lengths)
        rng = check_random_state(0 if temperature == 0 else random_state)
        most = most if ends else int(lengths.max())
        likely = temperature == 0
        found = draw(writer, begun, end, ends, most, temperature, None, rng, likely)
        if not ends:
            found = [one[:n] for one, n in zip(found, lengths, strict=True)]
        return [self._target.give_back(one) for one in found]

    def attention(self, X, y):
        """Weights of the positions of inputs, at each step of outputs that are given.

        Parameters
        ----------
        X : list of str or of array-like
            Inputs.
        y : list of str or of array-like
            Outputs.

        Returns
        -------
        weights : list of ndarray
            For each pair of shape (T_y, T_x + 2): the first and the last column stand for the
            places before and after the input.
        """
        check_is_fitted(self)
        if self.query_ is None:
            raise ValueError(f'attention needs context="attention", got {self.context!r}.')
        sources, _, states = self._open(X)
        told, lengths = self._target.read(y, "error")
        if len(lengths) != len(sources):
            raise ValueError(f"y holds {len(lengths)} sequences, X has {len(sources)}.")
        batch = heard(told, lengths, False, None, self.longest_)
        rows = rows_of(self.decoder_, batch, self.n_jobs)
        keys = _attention.keys_of(states, sources.lengths, self.longest_, self._projection)
        return [
            _attention.softmax(
                self.query_.scores(
                    rows[slice(*batch.offsets[i : i + 2])],
                    keys[slice(*sources.offsets[i : i + 2])],
                )
            )
            for i in range(len(batch))
        ]

    def score(self, X, y):
        """Share of outputs that are right in every symbol; of vectors R² over the steps both have.

        Parameters
        ----------
        X : list of str or of array-like
            Inputs.
        y : list of str or of array-like
            True outputs.

        Returns
        -------
        score : float
        """
        told = self.predict(X)
        symbols = self.output == "categorical"
        truth = check_symbols(y, "y") if symbols else pack(y, rows="sequences", name="y")
        if len(truth) != len(told):
            raise ValueError(f"y holds {len(truth)} sequences, X has {len(told)}.")
        if symbols:
            plain = self._target.plain
            return float(np.mean([plain(a) == plain(b) for a, b in zip(told, truth, strict=True)]))
        pairs = [(truth[i][: len(a)], a[: len(truth[i])]) for i, a in enumerate(told)]
        return r2_score(*(np.concatenate(side) for side in zip(*pairs, strict=True)))

    def _open(self, X):
        values, lengths = self._source.read(X, self.unknown, self)
        sources = marked(values, lengths)
        return sources, lengths, rows_of(self.encoder_, sources, self.n_jobs)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.three_d_array = True
        return tags


def _sized(given, lengths):
    """What a length depends on: the last state, and the length of the input."""
    return np.column_stack([given, lengths, np.log(lengths)]).astype(np.float64)
