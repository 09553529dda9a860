"""What estimators share whose samples are sequences: from a batch to features, and a readout."""

from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from .._params import params_html
from .._validation import naming
from ..sequences import check_sequences, is_batch, series_cells
from ._driver import Driver
from ._learning import parameters, spread
from ._learning.pooling import as_pooling
from ._learning.problem import Problem, solve
from ._learning.rows import PerSequence, partial_fit_readout
from ._learning.spread import Work
from ._learning.targets import check_given, own_copy


class SequenceReservoir(BaseEstimator):
    """From a batch of sequences to rows of features."""

    _parameter_constraints = parameters.RESERVOIR | parameters.POOLING

    set_params = parameters.set_params
    _get_params_html = params_html

    @property
    def reservoir_(self):
        """What was drawn."""
        return self.driver_.drawn

    def _new_driver(self, n_channels, fed=None, drawn=None):
        """Draw what is random, unless it is drawn already, and say how it is run."""
        return Driver.of(self, n_channels, fed, drawn)

    def _prepare(self, X, y=None, sample_weight=None, drawn=None):
        """Check the training data, draw what is random, and learn what needs no labels.

        Returns
        -------
        Problem
            What is left to learn.
        """
        self._validate_params()
        batch = check_sequences(self, X, reset=True)
        with naming("X or y or sample_weight"):
            check_consistent_length(batch, y, sample_weight)
        driver = self._new_driver(batch.n_channels, drawn=drawn)
        driver.check(batch)
        driver.check_scale(batch)
        driver = driver.adapted(batch, verbose=getattr(self, "verbose", 0))
        pooling = as_pooling(self.pooling).fitted(driver, batch, sample_weight, Work.of(self))
        return Problem(batch, driver, PerSequence(pooling, y, sample_weight))

    def _keep(self, problem):
        """Keep what was drawn and learned without labels."""
        self.driver_, self.pooling_ = problem.driver, problem.rows.pooling

    def _features(self, X):
        """Features of the sequences in ``X``."""
        batch = check_sequences(self, X, reset=False)
        self.driver_.check(batch)
        rows = PerSequence(self.pooling_)
        return rows.matrix(self.driver_, batch, Work.of(self), train=False)[0]

    def states(self, X):
        """Run the fitted reservoir over ``X`` and return the state at every step.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`, with as many channels.

        Returns
        -------
        states : ndarray of shape (n, T, n_columns) or list of ndarray of shape (T_i, n_columns)
            A row for each step of each sequence, without noise, before pooling: the units of all
            layers that are read; with ``bidirectional`` those of the second pass beside them.
        """
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False)
        self.driver_.check(batch)
        driver = replace(self.driver_, passthrough=False)
        out = np.empty((len(batch.values), driver.n_columns), dtype=batch.values.dtype)
        driver.run(batch, out=out, n_jobs=Work.of(self).n_jobs)
        return batch.unpack(out)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


class SequenceESN(SequenceReservoir):
    """Features of sequences, then a readout.

    A subclass says what its default readout is (``_default_readout``), and checks targets and
    weights (``_check_targets``).
    """

    _parameter_constraints = SequenceReservoir._parameter_constraints | parameters.READOUT

    def _pose(self, X, y, sample_weight=None, drawn=None):
        """What there is to learn, with targets and weights checked."""
        return self._prepare(X, *self._check_targets(y, sample_weight), drawn=drawn)

    def _take(self, problem, readout, states=None, noise=None):
        """Keep a solved problem in the attributes of a fitted estimator."""
        self._keep(problem)
        self.readout_, self._n_seen = readout, len(problem.batch)
        self._tail = np.shape(problem.rows.y)[1:]

    def _fit_all(self, X, y, sample_weight):
        """Fit reservoir and readout."""
        problem = self._pose(X, y, sample_weight)
        self._take(problem, *solve(problem, parameters.readout_of(self), Work.of(self)))

    def _fit_part(self, X, y, sample_weight, **more):
        """Go on with fit: another block of whole sequences."""
        if hasattr(self, "driver_"):
            self._validate_params()
            batch = check_sequences(self, X, reset=False)
            with naming("X or y or sample_weight"):
                check_consistent_length(batch, y, sample_weight)
            self.driver_.check(batch)
        else:
            problem = self._prepare(X, y, sample_weight)
            batch = problem.batch
            self._keep(problem)
            self.readout_, self._n_seen = parameters.readout_of(self), 0
            self._tail = np.shape(y)[1:]
        rows = PerSequence(self.pooling_)
        features, _ = rows.matrix(self.driver_, batch, Work.of(self), before=self._n_seen)
        readout = own_copy(self)
        partial_fit_readout(readout, features, y, sample_weight, **more)
        self.readout_, self._n_seen = readout, self._n_seen + len(batch)

    def _read(self, X, method):
        """What the readout makes of each sequence."""
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False)
        self.driver_.check(batch)
        work = Work.of(self)
        parts = spread.portions(batch, self.driver_.width, self.readout_, work)
        if len(parts) == 1:
            features, _ = PerSequence(self.pooling_).matrix(self.driver_, batch, work, train=False)
            return getattr(self.readout_, method)(features)
        reader = SequenceReader(
            self.driver_.light(), self.pooling_, spread.light(self.readout_), method
        )
        return np.concatenate(list(spread.run(parts, reader, work=work)))

    def predict(self, X):
        """Predict the target of each sequence.

        Parameters
        ----------
        X : array-like or list of array-like
            Sequences, as in :meth:`fit`, with as many channels.

        Returns
        -------
        y : ndarray of shape (n_sequences,) or (n_sequences, n_outputs)
            Predictions, in the form of the targets that were learned.
        """
        found = self._read(X, "predict")
        return found.reshape(len(found), *self._tail)


class SequenceReader:
    """Predicts a part of a batch, wherever it is."""

    def __init__(self, driver, pooling, readout, method):
        self.driver, self.pooling, self.readout, self.method = driver, pooling, readout, method

    def __call__(self, batch, progress=None):
        """What the readout makes of each sequence of a part."""
        features = self.driver.pooled(batch, self.pooling, n_jobs=1, progress=progress)
        return getattr(self.readout, self.method)(features)


def check_granularity(estimator, y, instead, *, labels):
    """Refuse targets that are sequences themselves, by the name of the class that takes them."""
    check_given(estimator, y)
    name = type(estimator).__name__
    cells = y if is_batch(y) else series_cells(y)
    shapes = set() if cells is None else {np.shape(target) for target in cells}
    if shapes and shapes != {(1,)} and (labels or len(shapes) > 1):
        raise ValueError(
            f"y holds sequences of targets, but {name} needs one target for each sequence; for a "
            f"target per time step use {instead}."
        )
