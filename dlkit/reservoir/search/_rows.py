"""What the readouts of all folds see, run once: rows of features, or of states.

A *source* knows the batches to run from rest and which rows of the resulting matrices each fold
trains and is tested on, in the order in which a fit of its own would see them.
"""

import numpy as np

from ..._forecasts.series import Past, pack_series
from ..._jit.reservoir import LANES
from ..._validation import take
from ...sequences import Sequences
from .._engine.both_ways import both_ways
from .._models.reservoir import shared_lanes


def make_source(setting, batch, splits, X, *, again):
    """Source for a setting.

    Parameters
    ----------
    setting : Setting
        Of an echo state network.
    batch : Sequences
        All data.
    splits : list of (ndarray, ndarray)
        Row numbers of the folds.
    X : array-like or list of array-like
        The data as they were given.
    again : bool
        Whether the training rows are to be predicted as well.
    """
    if not setting.per_step:
        return SequenceSource(batch, splits)
    if batch.form in ("series", "series1d"):
        if hasattr(setting.esn, "start"):
            carry_on = [(setting.esn.start == "fit",) * 2] * len(splits)
        else:
            carry_on = [carried_on(X, train, test) for train, test in splits]
        return SeriesSource(batch, splits, carry_on=carry_on, again=again)
    return ManySeriesSource(batch, splits)


def carried_on(X, train, test):
    """Whether a forecaster's test part, and its training part, begin where its training ended."""
    parts = [pack_series(take(X, rows)) for rows in (train, test)]
    past = Past.of(parts[0])
    places = (past.places(part)[0][0] for part in parts[::-1])
    return tuple(place == "after" for place in places)


class SequenceSource:
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

    def matrices(self, settings):
        """Run the batches under several settings; a list of matrices for each setting."""
        (batch,) = self.batches
        sinks = []
        for setting in settings:
            driver = setting.driver
            driver.check(batch)
            n = driver.n_passes * len(batch)
            sinks.append(setting.pooling.start(n, driver.width, driver.washout))
        run_settings(settings, batch, sinks)
        dtype = batch.values.dtype
        found = [sink.result().astype(dtype, copy=False) for sink in sinks]
        return [[rows.reshape(len(batch), -1)] for rows in found]

    def final_state(self, k, matrices):
        """States in which a fold's training ends; not kept of sequences."""


class StepSource:
    """One row for each time step; attributes as of ``SequenceSource``, and ``ends``.

    ``ends`` holds, for each fold, the rows of the last steps of its training series.
    """

    def n_bytes(self, n_columns):
        """Memory for what is kept of a run."""
        return sum(len(b.values) * b.values.itemsize for b in self.batches) * n_columns

    def matrices(self, settings):
        """Run the batches under several settings; a list of matrices for each setting."""
        found = [[] for _ in settings]
        for batch in self.batches:
            outs = []
            for setting, matrices in zip(settings, found, strict=True):
                shape = len(batch.values), setting.driver.n_columns
                outs.append(np.empty(shape, dtype=batch.values.dtype))
                matrices.append(outs[-1])
            run_settings(settings, batch, [_Keep(out) for out in outs])
        return found

    def final_state(self, k, matrices):
        """Rows of the steps in which a fold's training ends, one for each series."""
        number, _ = self.train[k]
        return matrices[number][self.ends[k]]


class _Keep:
    """Consumer that keeps all states."""

    def __init__(self, out):
        self.out = out

    def __call__(self, span, block):
        self.out[span.start : span.stop] = block


class ManySeriesSource(StepSource):
    """Folds take whole series, each run from rest."""

    def __init__(self, batch, splits):
        self.batches = [batch]
        starts, stops = batch.offsets[:-1], batch.offsets[1:]

        def rows(series):
            return 0, as_slice(np.concatenate([np.arange(starts[i], stops[i]) for i in series]))

        self.train = self.again = [rows(train) for train, _ in splits]
        self.test = [rows(test) for _, test in splits]
        self.ends = [stops[train] - 1 for train, _ in splits]


class SeriesSource(StepSource):
    """Folds take rows of one series, and each such selection is run as if it were one.

    Where one run is the beginning of another, only the longer one is run: the training parts of
    a ``TimeSeriesSplit`` are all one run. A test that carries on from the end of the training is
    the end of a run over both.
    """

    def __init__(self, batch, splits, *, carry_on, again):
        self.runs, wanted = [], []
        for (train, test), (tested, repeated) in zip(splits, carry_on, strict=True):
            runs = [np.concatenate([train, test]) if tested else test]
            if again:
                runs.append(np.concatenate([train, train]) if repeated else train)
            skips = len(train) * tested, len(train) * repeated
            wanted.append((train, runs, skips))
            self._add([train, *runs])
        self.train, self.test, self.again = [], [], []
        for train, runs, skips in wanted:
            self.train.append(self._find(train))
            found = [self._find(run, skip) for run, skip in zip(runs, skips, strict=False)]
            self.test.append(found[0])
            self.again.append(found[-1] if again else self.train[-1])
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
    if isinstance(rows, slice):
        rows = np.arange(rows.start, rows.stop)
    return as_slice(rows[kept])


def lanes_key(setting):
    """Settings of equal keys can run as lanes of one pass."""
    driver = setting.driver
    drawn = driver.drawn
    if len(driver.roles.context) or not hasattr(drawn, "recurrent"):
        return (id(setting),)  # states to begin in; an engine of its own
    if not drawn.cell.kind.plain:  # whose loop knows one setting
        return (id(drawn),)
    weights = drawn.recurrent.base, *drawn.unscaled
    run = driver.both_ways, driver.passthrough, driver.washout, driver.n_lanes
    return (setting.rows, *map(id, weights), drawn.activation, *run)


def run_settings(settings, batch, consumers):
    """Run settings over a batch, each for its own consumer of states.

    Settings of one draw are lanes of one pass where the batch has too few sequences to fill the
    lanes by itself.

    Parameters
    ----------
    settings : list of Setting
        Each with its driver; they may differ in every parameter.
    batch : Sequences
        What all of them run over, from rest.
    consumers : list of callable
        ``consumers[i](span, block)`` takes the states of ``settings[i]``, see ``Lanes.run_each``.
    """
    groups = {}
    for i, setting in enumerate(settings):
        few = setting.driver.n_passes * len(batch) < LANES
        groups.setdefault(lanes_key(setting) if few else i, []).append(i)
    for members in groups.values():
        first = settings[members[0]]
        driver, n_jobs = first.driver, first.esn.n_jobs
        if len(members) == 1:
            run = driver.run if first.per_step else driver.run_passes
            run(batch, consumers[members[0]], n_jobs=n_jobs)
            continue
        lanes = shared_lanes(
            [settings[i].driver.drawn for i in members], batch.values.dtype,
            passthrough=driver.passthrough, n_lanes=driver.n_lanes,
        )  # fmt: skip
        passes = both_ways(batch) if driver.both_ways else batch
        lanes.run_each(passes, [consumers[i] for i in members], n_jobs=n_jobs)
