"""From the states of a sequence to one row: the choices of ``ReservoirFeatures``' ``pooling``.

A pooling is one class, entered by its name in ``POOLINGS``. It says how many columns a row has
(``columns``) and makes an accumulator (``start``), which is fed blocks of states as the engine
makes them, whole sequences or stretches of a long one, and keeps only sums. A pooling that learns
from the states of the training sequences does so in ``fitted``.
"""

from functools import partial
from itertools import pairwise
from threading import Lock

import numpy as np
from scipy import linalg
from sklearn.base import BaseEstimator

from ..._jit.reservoir import add_moments, add_steps
from ..._params import count, non_negative
from ..._threads import blas_for, one_blas_thread
from ...readout import Moments
from .._models.scale import check_growth
from . import spread

__all__ = ["POOLINGS", "Coordinates", "ModelSpace", "Statistics", "Summary", "as_pooling"]


RISE = {4: 1e-6, 8: 1e-9}  # of float32 and float64: steps beyond the rounding of states near one


class Accumulator:
    """What all accumulators share: the washout, and which sequences a block belongs to.

    Parameters
    ----------
    n : int
        Number of sequences.
    washout : int
        Steps left out at the start of each sequence.
    """

    def __init__(self, n, washout):
        self.washout = washout
        self.count = np.zeros((n, 1), dtype=np.int64)

    def __call__(self, span, block):
        """Take in the states of a span."""
        rows, offsets = span.kept(self.washout)
        if offsets[-1] > 0:
            mine = slice(span.first, span.last)
            self.add(mine, block[rows], offsets)
            self.count[mine, 0] += np.diff(offsets)


class Summary:
    """Statistics of each unit over time, side by side in one row.

    Parameters
    ----------
    *parts : {"last", "mean", "deviation"}
        Which: the last state, the mean state, the standard deviation.
    """

    learns = False

    def __init__(self, *parts):
        self.parts = parts
        # degree of the sums that are needed; the engine makes them as it goes
        self.degree = max({"last": 0, "mean": 1, "deviation": 2}[part] for part in parts)

    def fitted(self, driver, batch, weight, work):
        """Return the pooling itself: nothing is learned from states."""
        return self

    def columns(self, width):
        """Length of a row, given the width of a state."""
        return len(self.parts) * width

    def start(self, n, width, washout):
        """Accumulator for ``n`` sequences."""
        return Sums(self.parts, self.degree, n, width, washout)


class Sums(Accumulator):
    """Accumulator of a :class:`Summary`.

    Attributes
    ----------
    sums : int
        Degree of the sums. The engine makes them as it goes, for :meth:`take`, and then writes no
        states.
    """

    def __init__(self, parts, degree, n, width, washout):
        super().__init__(n, washout)
        self.parts, self.sums, self.shape, self.last = parts, degree, (n, width), None
        self.moments = np.zeros((0, max(degree, 1) * width))  # means, sums of squares
        self.lock = Lock()  # spans of other sequences may come from other threads

    def add(self, mine, block, offsets):
        """Take in the states of some sequences."""
        moments = np.empty((len(offsets) - 1, 2 * block.shape[1]))
        add_moments(block, offsets, moments)
        self.join(mine, block[offsets[1:] - 1], moments, np.diff(offsets)[:, None])

    def take(self, span, states, moments):
        """Take in the last states of a span and their moments, which the accumulator then owns."""
        new = np.diff(span.kept(self.washout)[1])[:, None]
        if new.all():  # else the span is a stretch that is all washout
            mine = slice(span.first, span.last)
            self.join(mine, states, moments, new)
            self.count[mine] += new

    def join(self, mine, states, moments, new):
        """Join ``new`` steps to those before, as Chan, Golub and LeVeque (1983) do.

        Nothing is copied where one span is all: fresh memory costs more than sums.
        """
        n, width = self.shape
        if len(states) == n and not self.count.any():
            self.last, self.moments = states, moments
            return
        with self.lock:
            if self.last is None:
                self.moments = np.zeros((n, self.moments.shape[1]))
                self.last = np.zeros(self.shape)
        self.last[mine] = states
        if self.sums >= 1:
            mean, old = self.moments[mine, :width], self.count[mine]
            share = new / (old + new)
            step = moments[:, :width] - mean
            mean += step * share
        if self.sums >= 2:
            self.moments[mine, width:] += moments[:, width:] + step**2 * (old * share)

    def result(self):
        """One row for each sequence."""
        width = self.shape[1]
        if self.sums >= 2:  # to standard deviations, in place
            squares = self.moments[:, width:]
            squares /= self.count
            np.sqrt(squares, out=squares)
        if self.parts == ("mean", "deviation"):
            return self.moments
        parts = {
            "last": self.last, "mean": self.moments[:, :width], "deviation": self.moments[:, width:]
        }  # fmt: skip
        found = [parts[name] for name in self.parts]
        return np.hstack(found) if len(found) > 1 else found[0]


class Statistics:
    """Where each unit is, and how it moves, in six numbers side by side.

    Mean and standard deviation of its states, twice the root mean square of the steps from state to
    state, a quarter each of the share of steps that go up, of the least and of the greatest state.
    A share says nothing of how large the input is. With these factors all six differ about as much
    from sequence to sequence, so that a ridge penalty weighs on them alike.
    """

    learns = False
    fitted = Summary.fitted

    def columns(self, width):
        """Length of a row, given the width of a state."""
        return 6 * width

    def start(self, n, width, washout):
        """Accumulator for ``n`` sequences."""
        return Steps(n, width, washout)


class Steps(Accumulator):
    """Accumulator of :class:`Statistics`."""

    def __init__(self, n, width, washout):
        super().__init__(n, washout)
        self.states = Sums(("mean", "deviation"), 2, n, width, washout)
        self.states.count = self.count  # of the same steps
        self.squares, self.rises = np.zeros((2, n, width))
        self.least, self.greatest = np.full((n, width), np.inf), np.full((n, width), -np.inf)
        self.last = np.zeros((n, width))

    def add(self, mine, block, offsets):
        """Take in the states of some sequences."""
        known, before = self.count[mine, 0] > 0, self.last[mine].astype(block.dtype, copy=False)
        kept = (a[mine] for a in (self.squares, self.rises, self.least, self.greatest))
        rise = RISE[block.dtype.itemsize]
        add_steps(block, offsets, before, known, rise, *kept)
        self.last[mine] = block[offsets[1:] - 1]
        self.states.add(mine, block, offsets)

    def result(self):
        """One row for each sequence."""
        n_steps = np.maximum(self.count - 1, 1)
        change, rises = 2 * np.sqrt(self.squares / n_steps), self.rises / (4 * n_steps)
        ends = self.least / 4, self.greatest / 4
        return np.hstack([self.states.result(), change, rises, *ends])


class ModelSpace(BaseEstimator):
    """The linear model that best predicts a sequence's next state from its state.

    With z = V (x − x̄) the leading principal components of the state, the row of a sequence is
    (U, u₀) of the ridge regression z(t + 1) ≈ U z(t) + u₀, the intercept not penalised [1]_,
    eq. 13. A value of ``pooling``; ``pooling="model_space"`` stands for ``ModelSpace()``.

    Parameters
    ----------
    n_components : int, default=75
        Principal components: the row has n_components (n_components + 1) entries.
    whiten : bool, default=False
        Whether the components are scaled to a variance of one, so that ``alpha`` weighs on all of
        them alike.
    alpha : float, default=10.0
        Ridge penalty of the models.

    References
    ----------
    .. [1] Bianchi, Scardapane, Løkse & Jenssen (2021), Reservoir computing approaches for
       representation and classification of multivariate time series, IEEE TNNLS 32(5).

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit import ReservoirFeatures
    >>> from dlkit.reservoir import ModelSpace
    >>> X = np.random.RandomState(0).randn(8, 30, 2)
    >>> ReservoirFeatures(50, pooling=ModelSpace(5), random_state=0).fit_transform(X).shape
    (8, 30)
    """

    learns = True

    _parameter_constraints = {
        "n_components": [count()],
        "whiten": ["boolean"],
        "alpha": [non_negative()],
    }

    def __init__(self, n_components=75, *, whiten=False, alpha=10.0):
        self.n_components = n_components
        self.whiten = whiten
        self.alpha = alpha

    def fitted(self, driver, batch, weight, work):
        """Learn the principal components of the states of a batch.

        Parameters
        ----------
        driver : Driver
            Runs over the sequences.
        batch : Sequences
            Training sequences.
        weight : ndarray of shape (n_sequences,) or None
            Weights; each step has that of its sequence.
        work : Work
            How to spread the work.

        Returns
        -------
        Coordinates
        """
        moments = Moments()
        weight = np.ones(len(batch)) if weight is None else np.asarray(weight)
        parts = spread.cut(batch, driver.width)
        weights = [weight[rows] for rows in spread.rows_of(parts)]
        for part in spread.run(parts, partial(_state_moments, driver.light()), weights, work=work):
            moments.merge(part)
        with blas_for(10 * moments.n_features**3):
            values, vectors = linalg.eigh(moments.centred()[0])
        components = vectors.T[::-1][: self.n_components]
        largest = np.abs(components).argmax(axis=1)[:, None]
        components = components * np.sign(np.take_along_axis(components, largest, axis=1))
        if self.whiten:
            variance = values[::-1][: len(components)] / moments.weight_sum
            least = np.finfo(batch.values.dtype).eps * variance[0]  # below it all is rounding
            variance = np.maximum(variance, least if least > 0 else 1.0)
            components = components / np.sqrt(variance)[:, None]
        return Coordinates(moments.x_mean, components, self.alpha)


def _state_moments(driver, batch, weight, progress=None):
    """Moments of the states, each step with the weight of its sequence."""
    moments = Moments()

    def take(span, block):
        rows, offsets = span.kept(driver.washout)
        check_growth(block, batch.values)
        steps = np.repeat(weight[span.first : span.last], np.diff(offsets))
        moments.update(block[rows], np.zeros(len(steps)), steps)  # no targets, only features

    weight = np.repeat(weight, driver.n_passes)
    # one thread: the order of sums then never varies
    driver.run_passes(batch, take, train=True, n_jobs=1, progress=progress)
    return moments


class Coordinates:
    """Principal components of the states seen in fit: a fitted :class:`ModelSpace`.

    Parameters
    ----------
    mean : ndarray of shape (n_columns,)
        Mean state.
    components : ndarray of shape (n_components, n_columns)
        Orthonormal rows; divided by the standard deviation of their coordinate, if whitened.
    alpha : float
        Ridge penalty of the models.
    """

    def __init__(self, mean, components, alpha):
        self.mean, self.components, self.alpha = mean, components, alpha

    def project(self, block):
        """Coordinates of states, float64 array of shape (rows, n_components)."""
        return (block.astype(np.float64, copy=False) - self.mean) @ self.components.T

    def columns(self, width):
        """Length of a row."""
        d = len(self.components)
        return d * (d + 1)

    def start(self, n, width, washout):
        """Accumulator for ``n`` sequences."""
        return Models(self, n, washout)


class Models(Accumulator):
    """Accumulator of the model space."""

    def __init__(self, space, n, washout):
        super().__init__(n, washout)
        d = len(space.components)
        self.space = space
        # of each sequence: Σ [1 z z'] for pairs (z, z'), and the state the next stretch pairs with
        self.cross = np.zeros((n, d + 1, 2 * d + 1))
        self.before = {}

    @one_blas_thread()
    def add(self, mine, block, offsets):
        """Take in the states of some sequences."""
        z = self.space.project(block)
        first = mine.start
        for i, (a, b) in enumerate(pairwise(offsets), start=first):
            path = z[a:b] if i not in self.before else np.vstack([self.before[i], z[a:b]])
            ones = np.ones((len(path) - 1, 1))
            old = np.hstack([ones, path[:-1]])
            self.cross[i] += old.T @ np.hstack([old, path[1:]])
            if len(offsets) == 2:  # perhaps a stretch
                self.before[i] = z[b - 1 : b]

    @one_blas_thread()
    def result(self):
        """One row for each sequence."""
        n, d1, _ = self.cross.shape
        count = np.maximum(self.cross[:, :1, :1], 1.0)  # one step: no pair, a model of zeros
        sums, cross = self.cross[:, :1, 1:] / count, self.cross[:, 1:, 1:]
        mean = sums[:, :, : d1 - 1]
        cross = cross - count * mean.transpose(0, 2, 1) * sums
        gram = cross[:, :, : d1 - 1] + self.space.alpha * np.eye(d1 - 1)
        try:
            u_t = np.linalg.solve(gram, cross[:, :, d1 - 1 :])  # U transposed
        except np.linalg.LinAlgError:  # states so large that rounding has lost alpha
            u_t = np.linalg.pinv(gram, hermitian=True) @ cross[:, :, d1 - 1 :]
        u_0 = sums[:, :, d1 - 1 :] - mean @ u_t
        return np.concatenate([u_t.transpose(0, 2, 1).reshape(n, -1), u_0[:, 0]], axis=1)


POOLINGS = {
    "last": Summary("last"),
    "mean": Summary("mean"),
    "last_mean": Summary("last", "mean"),
    "moments": Summary("mean", "deviation"),
    "statistics": Statistics(),
    "model_space": ModelSpace(),
}


def as_pooling(pooling):
    """Pooling from its name or from an object with parameters, whose parameters are checked."""
    pooling = POOLINGS[pooling] if isinstance(pooling, str) else pooling
    if hasattr(pooling, "_validate_params"):
        pooling._validate_params()
    return pooling
