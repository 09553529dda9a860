"""What the readouts of all folds see, run once: rows of features, or of states.

A *source* knows the batches to run from rest and which rows of the resulting matrices each fold
trains and is tested on, in the order in which a fit of its own would see them.
"""

import numpy as np

from ...sequences import Sequences
from .._sequence_esn import SequenceESN
from ._settings import run_settings


def make_source(esn, batch, splits, *, again):
    """Source for an estimator.

    Parameters
    ----------
    esn : estimator
        An echo state network.
    batch : Sequences
        All data.
    splits : list of (ndarray, ndarray)
        Row numbers of the folds.
    again : bool
        Whether the training rows are to be predicted as well.
    """
    if isinstance(esn, SequenceESN):
        return SequenceRows(batch, splits)
    if batch.form == "series":
        return SeriesRows(batch, splits, carry_on=esn.start == "fit", again=again)
    return ManySeriesRows(batch, splits)


class SequenceRows:
    """One row for each sequence, whatever the fold.

    Attributes
    ----------
    batches : list of Sequences
        What is to be run.
    train, test, again : list of (int, slice or ndarray of int)
        For each fold a matrix, by number, and its rows: those fitted on, those of the test, and
        those that predictions of the training samples come from.
    """

    def __init__(self, batch, splits):
        self.batches = [batch]
        self.train = self.again = [(0, as_slice(train)) for train, _ in splits]
        self.test = [(0, as_slice(test)) for _, test in splits]

    def n_bytes(self, n_columns):
        """Memory for what is kept of a run."""
        return 0  # as much as a fit keeps

    def matrices(self, esns):
        """Run the batches under several settings; a list of matrices for each setting."""
        (batch,) = self.batches
        for esn in esns:
            esn._check_batch(batch)
        passes = esns[0]._passes(batch)  # as all of them run over it
        poolings = [esn._new_pooling(passes) for esn in esns]
        run_settings(esns, passes, poolings)
        dtype = batch.values.dtype
        return [[esn._pooled(p, dtype)] for esn, p in zip(esns, poolings, strict=True)]

    def final_state(self, k, matrices, n_units):
        """States in which a fold's training ends; not kept of sequences."""


class StepRows:
    """One row for each time step; attributes as of ``SequenceRows``, and ``ends``.

    ``ends`` holds, for each fold, the rows of the last steps of its training series.
    """

    def n_bytes(self, n_columns):
        """Memory for what is kept of a run."""
        return sum(len(b.values) * b.values.itemsize for b in self.batches) * n_columns

    def matrices(self, esns):
        """Run the batches under several settings; a list of matrices for each setting."""
        found = [[] for _ in esns]
        for batch in self.batches:
            outs = []
            for esn, matrices in zip(esns, found, strict=True):
                outs.append(np.empty((len(batch.values), esn._n_columns), dtype=batch.values.dtype))
                matrices.append(outs[-1])
            run_settings(esns, batch, [_Keep(out) for out in outs])
        return found

    def final_state(self, k, matrices, n_units):
        """States in which a fold's training ends, shape (n_series, n_units)."""
        number, _ = self.train[k]
        return matrices[number][self.ends[k], :n_units]


class _Keep:
    """Consumer that keeps all states."""

    def __init__(self, out):
        self.out = out

    def __call__(self, span, block):
        self.out[span.start : span.stop] = block


class ManySeriesRows(StepRows):
    """Folds take whole series, each run from rest."""

    def __init__(self, batch, splits):
        self.batches = [batch]
        starts, stops = batch.offsets[:-1], batch.offsets[1:]

        def rows(series):
            return 0, as_slice(np.concatenate([np.arange(starts[i], stops[i]) for i in series]))

        self.train = self.again = [rows(train) for train, _ in splits]
        self.test = [rows(test) for _, test in splits]
        self.ends = [stops[train] - 1 for train, _ in splits]


class SeriesRows(StepRows):
    """Folds take rows of one series, and each such selection is run as if it were one.

    Of two runs of which one begins with the other, only the longer is run: the training parts of
    a ``TimeSeriesSplit`` are all one run. A test that carries on from the end of the training is
    the end of a run over both.
    """

    def __init__(self, batch, splits, *, carry_on, again):
        self.runs = []
        if carry_on:
            self._add(np.concatenate(both) for both in splits)
            if again:
                self._add(np.concatenate([train, train]) for train, _ in splits)
        else:
            self._add(part for both in splits for part in both)
        self.train, self.test, self.again = [], [], []
        for train, test in splits:
            self.train.append(self._find(train))
            if carry_on:
                self.test.append(self._find(np.concatenate([train, test]), len(train)))
            else:
                self.test.append(self._find(test))
            if carry_on and again:
                self.again.append(self._find(np.concatenate([train, train]), len(train)))
            else:
                self.again.append(self.train[-1])
        self.ends = [np.array([rows.stop - 1]) for _, rows in self.train]
        self.batches = [
            Sequences(
                np.ascontiguousarray(batch.values[as_slice(run)]), np.array([0, len(run)]), "series"
            )
            for run in self.runs
        ]

    def _add(self, runs):
        runs = [*self.runs, *runs]
        self.runs = []
        for run in sorted(runs, key=len, reverse=True):
            if not any(np.array_equal(known[: len(run)], run) for known in self.runs):
                self.runs.append(run)

    def _find(self, run, skip=0):
        for number, known in enumerate(self.runs):
            if np.array_equal(known[: len(run)], run):
                return number, slice(skip, len(run))
        raise AssertionError


def as_slice(rows):
    """Row numbers as a slice where they are successive, which then makes a view of rows."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def some_of(rows, kept):
    """Those of the rows that are kept, as a slice if they can be."""
    if kept is None:
        return rows
    if isinstance(rows, slice):
        rows = np.arange(rows.start, rows.stop)
    return as_slice(rows[kept])
