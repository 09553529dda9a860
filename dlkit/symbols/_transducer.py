"""Sequences of symbols to sequences of other symbols, in the same order."""

from itertools import pairwise

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._params import HasMethods, Integral, StrOptions, count, unchanged_on_failure
from .._progress import Progress
from ..metrics import sequence_accuracy
from ..readout import AttentionReadoutClassifier
from ._alignment import Chunks, aligned
from ._alphabet import Alphabet, check_symbols
from ._beam import search
from ._loglinear import LogLinear, NGramReadout
from ._windows import Windows, coded

__all__ = ["SequenceTransducer"]


class SequenceTransducer(BaseEstimator):
    r"""Turn sequences of symbols into sequences of other symbols that keep their order.

    Spelling into sounds, digits into words, words into tags: each source symbol stands for a chunk
    of none, one or more target symbols. `fit` finds the chunks by expectation maximisation over
    all alignments of all pairs [1]_, first by symbols alone, then by symbols among more and more
    neighbours; then a readout learns the chunk of a symbol from the symbols about it and from what
    was put out before. `predict` searches for the likeliest output along a beam.

    Parameters
    ----------
    readout : NGramReadout or classifier, default=None
        Learns the chunks. None: an :class:`NGramReadout`. A classifier needs `predict_proba`. An
        :class:`~dlkit.AttentionReadoutClassifier` with ``metric="match"`` sees codes of the
        symbols in the window, of combinations of neighbouring symbols, of the chunk before, and of
        the last one, two, … target symbols; with ``groups=[window, window + 1]`` stored rows must
        agree in the symbol and in the next one. Any other classifier sees indicators of the
        symbols, float32.
    window : int, default=5
        Source symbols to either side that the readout sees.
    max_chunk : int, default=2
        Most target symbols that a source symbol stands for.
    history : int, default=3
        Target symbols before that the readout sees.
    encoder : transformer, default=None
        More features of the source, for a classifier of numbers: takes a list of arrays of shape
        (length, n_symbols), indicators of the symbols, and gives a row for each symbol, as
        ``ReservoirStates(100, bidirectional=True)`` does.
    n_rounds : int, default=8
        Rounds of alignment, with as many neighbours.
    neighbours : int, default=4
        Source symbols to either side on which alignment lets a chunk depend, in the end: without,
        a symbol may stand now for one chunk, now for another. Fewer, where there are so many
        combinations that the table would take more than 128 MB.
    beam : int, default=5
        Outputs that are followed at a time.
    unknown : {"error", "ignore"}, default="error"
        What `predict` makes of symbols that were not in the training data: refuse them, or let
        them agree with no other symbol.
    unaligned : {"error", "skip"}, default="error"
        What `fit` makes of pairs whose target is longer than `max_chunk` times the source: refuse
        them, or learn from the others.
    random_state : int, RandomState instance or None, default=None
        Of the readout that None stands for.
    verbose : int, default=0
        With 1, long work reports its progress.

    Attributes
    ----------
    readout_ : object
        The fitted readout, whose classes are numbers of chunks.
    encoder_ : transformer or None
        The fitted encoder.
    source_symbols_, target_symbols_ : list
        Symbols, in order.
    chunks_ : list of tuple
        Chunks that symbols stand for, in the order of the readout's classes.
    alignment_ : list of list of (symbol, tuple)
        For each training pair, source symbols and the chunks they stand for; None for a pair that
        has no alignment.
    n_skipped_ : int
        Training pairs without alignment.

    Notes
    -----
    Outputs are strings if all targets are, else lists of symbols. Probabilities of alignments that
    make the same output are added. All sequences advance together, so many at a time are faster
    than one by one.

    References
    ----------
    .. [1] Jiampojamarn, Kondrak & Sherif (2007). Applying many-to-many alignments and hidden Markov
       models to letter-to-phoneme conversion. NAACL HLT, section 2.

    Examples
    --------
    >>> from dlkit.symbols import SequenceTransducer
    >>> words = ["cat", "cot", "act", "taco", "cit", "city", "tic", "attic", "coat"] * 3
    >>> sounds = ["kat", "kot", "akt", "tako", "sit", "siti", "tik", "atik", "kot"] * 3
    >>> model = SequenceTransducer(random_state=0).fit(words, sounds)
    >>> model.predict(["tact", "cocoa"])[0]
    'takt'
    >>> model.alignment_[8]
    [('c', ('k',)), ('o', ('o',)), ('a', ()), ('t', ('t',))]
    """

    _parameter_constraints = {
        "readout": [NGramReadout, HasMethods(["fit", "predict_proba"]), None],
        "window": [count(1)],
        "max_chunk": [count(1)],
        "history": [count(0)],
        "encoder": [HasMethods(["fit", "transform"]), None],
        "n_rounds": [count()],
        "neighbours": [count(0)],
        "beam": [count()],
        "unknown": [StrOptions({"error", "ignore"})],
        "unaligned": [StrOptions({"error", "skip"})],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        readout=None,
        *,
        window=5,
        max_chunk=2,
        history=3,
        encoder=None,
        n_rounds=8,
        neighbours=4,
        beam=5,
        unknown="error",
        unaligned="error",
        random_state=None,
        verbose=0,
    ):
        self.readout = readout
        self.window = window
        self.max_chunk = max_chunk
        self.history = history
        self.encoder = encoder
        self.n_rounds = n_rounds
        self.neighbours = neighbours
        self.beam = beam
        self.unknown = unknown
        self.unaligned = unaligned
        self.random_state = random_state
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y):
        """Align the pairs, and learn what symbols stand for.

        Parameters
        ----------
        X : sequence of str or of sequences of symbols
            Sources, none of them empty. Symbols are strings, whole numbers, or tuples of such.
        y : sequence of str or of sequences of symbols
            Targets; they may be empty.

        Returns
        -------
        self : SequenceTransducer

        Raises
        ------
        ValueError
            If a target is too long for its source, see `unaligned`, or there is no choice of
            chunks to learn.
        """
        self._validate_params()
        readout = self._checked_readout()
        if y is None:
            raise ValueError(
                "SequenceTransducer requires y to be passed, but the target y is None."
            )
        X, y = check_symbols(X, "X"), check_symbols(y, "y", shortest=0)
        check_consistent_length(X, y)
        long = [i for i in range(len(X)) if len(y[i]) > int(self.max_chunk) * len(X[i])]
        if long and (self.unaligned == "error" or len(long) == len(X)):
            i = long[0]
            raise ValueError(
                f"y[{i}] has {len(y[i])} symbols, more than max_chunk={self.max_chunk} for each of "
                f"the {len(X[i])} of X[{i}] ({len(long)} such pairs): use a larger max_chunk, "
                "leave these pairs out, or set unaligned='skip'."
            )
        source, target = Alphabet.of(X, "X"), Alphabet.of(y, "y")
        if not len(target):
            raise ValueError("y must hold a symbol at least, got empty targets alone.")
        x, x_offsets = coded(source, X, "X")
        codes, y_offsets = coded(target, y, "y")
        chunks = Chunks(len(target), int(self.max_chunk))
        found = aligned(
            x - 1, x_offsets, codes - 1, y_offsets, len(source), chunks, int(self.n_rounds),
            int(self.neighbours),
        )  # fmt: skip
        self._source, self._target, self._pairs = source, target, (x, x_offsets, found)
        self.n_skipped_ = len(long)
        numbers, labels = np.unique(found[found >= 0], return_inverse=True)
        if len(numbers) < 2:
            raise ValueError(
                "All symbols of X stand for the same chunk of y: there is nothing to learn."
            )
        self._symbols = [chunks.symbols(int(number)) for number in numbers]
        self._windows = Windows(int(self.window), len(source), len(target), int(self.history))
        last, before = self._past(labels, x_offsets, found)
        self.encoder_ = None
        if isinstance(readout, NGramReadout):
            rows = self._windows.symbols(x, x_offsets)[found >= 0]
            self.readout_ = LogLinear.learn(
                readout, rows, before, last, labels, len(self._symbols), self.verbose
            )
            return self
        if self.encoder is not None:
            self.encoder_ = self._fitted_encoder(self._indicators(x, x_offsets))
        self.readout_ = clone(readout)
        rows = self._rows(x, x_offsets)[found >= 0]
        features = self._features(rows, before, last)
        if self.encoder_ is not None:
            more = np.concatenate(self.encoder_.transform(self._indicators(x, x_offsets)))
            features = np.hstack([features, more[found >= 0].astype(np.float32)])
        self.readout_.fit(features, labels)
        return self

    @property
    def source_symbols_(self):
        """Source symbols, in order."""
        check_is_fitted(self)
        return self._source.symbols.tolist()

    @property
    def target_symbols_(self):
        """Target symbols, in order."""
        check_is_fitted(self)
        return self._target.symbols.tolist()

    @property
    def chunks_(self):
        """Chunks, in the order of the readout's classes."""
        check_is_fitted(self)
        target = self.target_symbols_
        return [tuple(target[s] for s in chunk) for chunk in self._symbols]

    @property
    def alignment_(self):
        """Source symbols of each training pair, and the chunks they stand for."""
        check_is_fitted(self)
        x, offsets, found = self._pairs
        chunks = Chunks(len(self._target), int(self.max_chunk))
        source, target = self.source_symbols_, self.target_symbols_
        known = {n: tuple(target[s] for s in chunks.symbols(int(n))) for n in np.unique(found)
                 if n >= 0}  # fmt: skip
        result = []
        for start, stop in pairwise(offsets):
            pair = [(source[x[t] - 1], known.get(found[t])) for t in range(start, stop)]
            result.append(None if found[start] < 0 else pair)
        return result

    def predict(self, X):
        """Likeliest outputs.

        Parameters
        ----------
        X : sequence of str or of sequences of symbols
            Sources; an empty one has an empty output.

        Returns
        -------
        y : list of str or list of list
        """
        return [found[0][0] for found in self.predict_nbest(X, 1)]

    def predict_nbest(self, X, n=5):
        """Likeliest outputs, several of each.

        Parameters
        ----------
        X : sequence of str or of sequences of symbols
            Sources.
        n : int, default=5
            Most outputs of each; no more than the beam holds.

        Returns
        -------
        outputs : list of list of (output, float)
            Outputs and their log-probabilities, of those that the beam followed, best first.
        """
        check_is_fitted(self)
        if not isinstance(n, Integral) or n < 1:
            raise ValueError(f"n must be a whole number of at least 1, got {n!r}.")
        X = check_symbols(X, "X", fewest=0, shortest=0)
        widest = max(len(self._symbols), 64) * int(self.beam)
        step = max(_budgets.RETRIEVAL_ENTRIES // widest, 1)
        progress, found = Progress(type(self).__name__, len(X), self.verbose), []
        for start in range(0, len(X), step):
            part = X[start : start + step]
            found += self._searched(part)
            progress.advance(len(part))
        symbols = self.target_symbols_
        return [[(self._output(o, symbols), score) for o, score in one[:n]] for one in found]

    def score(self, X, y):
        """Share of sequences that are predicted exactly.

        Parameters
        ----------
        X, y : sequence of str or of sequences of symbols
            Sources and targets.

        Returns
        -------
        share : float
        """
        return sequence_accuracy(check_symbols(y, "y", shortest=0), self.predict(X))

    def _searched(self, X):
        x, offsets = coded(self._source, X, "X", self.unknown)
        rows, more = self._rows(x, offsets), None
        if self.encoder_ is not None and len(x):
            states = self.encoder_.transform(self._indicators(x, offsets))
            more = np.concatenate(states).astype(np.float32)
        classes = np.asarray(self.readout_.classes_)

        def probabilities(live, t):
            at = offsets[live.owner] + t
            if isinstance(self.readout_, LogLinear):
                return self.readout_.probabilities(rows[at], live.chunk, live.last)
            features = self._features(rows[at], live.chunk, live.last)
            if self._matches():
                return self.readout_._votes(features, self._windows.n_shared)
            if more is not None:
                features = np.hstack([features, more[at]])
            return self.readout_.predict_proba(features)

        symbols = [self._symbols[int(k)] for k in classes]
        return search(np.diff(offsets), probabilities, symbols, self._windows, int(self.beam))

    def _output(self, numbers, symbols):
        found = [symbols[number] for number in numbers]
        return "".join(found) if self._target.text else found

    def _fitted_encoder(self, indicators):
        """The encoder, fitted to a list of arrays; one that takes no lists is named."""
        try:
            return clone(self.encoder).fit(indicators)
        except ValueError as error:
            raise ValueError(
                f"encoder={self.encoder!r} does not take a list of arrays, one for each source: "
                f"use ReservoirStates, or PerStep around it. ({error})"
            ) from error

    def _checked_readout(self):
        """The readout to fit; refused if it has no use for the encoder."""
        readout = self.readout
        if readout is None:
            readout = NGramReadout(random_state=self.random_state)
        if isinstance(readout, NGramReadout):
            readout._validate_params()
        codes = isinstance(readout, NGramReadout) or _matches(readout)
        if codes and self.encoder is not None:
            raise ValueError(
                f"encoder needs a readout of numbers, got readout={self.readout!r}, which is one "
                "of symbols: use LogisticReadoutClassifier, say."
            )
        return readout

    def _matches(self):
        return _matches(self.readout_)

    def _rows(self, x, offsets):
        symbols = self._windows.symbols(x, offsets)
        return self._windows.codes(symbols) if self._matches() else symbols

    def _features(self, rows, chunk, last):
        if self._matches():
            past = self._windows.past(chunk, last)
            return np.concatenate([rows, past], axis=1).astype(np.float64)
        return self._windows.one_hot(rows, chunk, len(self._symbols), last)

    def _indicators(self, x, offsets):
        """Indicators of the symbols of each sequence, a list of arrays."""
        indicators = np.zeros((len(x), len(self._source)))
        known = np.flatnonzero(x > 0)
        indicators[known, x[known] - 1] = 1.0
        return [one for one in np.split(indicators, offsets[1:-1]) if len(one)]

    def _past(self, labels, offsets, found):
        """Codes of the last symbols and of the chunk before each symbol of the training pairs."""
        h = int(self.history)
        last, before = np.zeros((len(labels), h), dtype=np.int64), np.zeros(len(labels), np.int64)
        pair = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))[found >= 0]
        starts = np.flatnonzero(np.diff(pair, prepend=-1))
        inside = np.ones(len(labels), dtype=bool)
        inside[starts] = False
        before[inside] = labels[np.flatnonzero(inside) - 1] + 1
        for start, stop in zip(starts, [*starts[1:], len(labels)], strict=True):
            sofar = (0,) * h
            for t in range(start, stop):
                last[t] = sofar
                for symbol in self._symbols[labels[t]]:
                    sofar = (symbol + 1, *sofar)[:h]
        return last, before


def _matches(readout):
    """Whether a readout compares codes."""
    return isinstance(readout, AttentionReadoutClassifier) and readout.metric == "match"
