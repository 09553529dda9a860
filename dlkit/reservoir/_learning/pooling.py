"""From the states of a sequence to one row: the choices of ``ReservoirFeatures``' ``pooling``.

A pooling is fed blocks of states as the engine makes them, whole sequences or stretches of a long
one, and keeps only sums. A new one is a class with ``columns``, ``setup``, ``add`` and ``result``,
entered in ``POOLINGS``.
"""

from itertools import pairwise

import numpy as np

from ..._jit.reservoir import add_moments
from ..._threads import one_blas_thread


class Pooling:
    """What all have in common: the washout, and which rows of the result a block belongs to.

    Parameters
    ----------
    n : int
        Number of sequences.
    n_columns : int
        Width of a state.
    washout : int
        Steps left out at the start of each sequence.
    space : ModelSpace
        Coordinates for the model space; ignored by others.
    """

    def __init__(self, n, n_columns, washout, space=None):
        self.washout = washout
        self.count = np.zeros((n, 1), dtype=np.int64)
        self.setup(n, n_columns, space)

    def __call__(self, span, block):
        """Take in the states of a span."""
        rows, offsets = span.kept(self.washout)
        if offsets[-1] > 0:
            mine = slice(span.first, span.last)
            self.add(mine, block[rows], offsets)
            self.count[mine, 0] += np.diff(offsets)


class Sums(Pooling):
    """Last state, mean and standard deviation of each unit over time: those named in ``parts``.

    Attributes
    ----------
    parts : tuple of {"last", "mean", "deviation"}
        What makes up a row.
    sums : int
        Degree of the sums this takes. The engine makes them as it goes, for :meth:`take`, and
        then writes no states.
    """

    parts = ()
    sums = 0

    @classmethod
    def columns(cls, n_columns, space):
        return len(cls.parts) * n_columns

    def setup(self, n, n_columns, space):
        self.last = None
        self.shape = n, n_columns
        self.moments = np.zeros((0, max(self.sums, 1) * n_columns))  # means, sums of squares

    def add(self, mine, block, offsets):
        moments = np.empty((len(offsets) - 1, 2 * block.shape[1]))
        add_moments(block, offsets, moments)
        self.join(mine, block[offsets[1:] - 1], moments, np.diff(offsets)[:, None])

    def take(self, span, states, moments):
        """Take in the last states of a span and their moments, which become the pooling's own."""
        new = np.diff(span.kept(self.washout)[1])[:, None]
        if new.all():  # else it is a stretch that is all washout
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
        if self.last is None:
            self.last = np.zeros(self.shape)
            self.moments = np.zeros((n, self.moments.shape[1]))
        self.last[mine] = states
        if self.sums >= 1:
            mean, old, share = (
                self.moments[mine, :width],
                self.count[mine],
                new / (self.count[mine] + new),
            )
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
        parts = {"last": self.last, "mean": self.moments[:, :width]}
        found = [parts[name] for name in self.parts]
        return np.hstack(found) if len(found) > 1 else found[0]


class Last(Sums):
    """The state after the last step."""

    parts = ("last",)


class Mean(Sums):
    """The mean state."""

    parts = ("mean",)
    sums = 1


class LastMean(Sums):
    """The last state, then the mean state."""

    parts = ("last", "mean")
    sums = 1


class MeanAndDeviation(Sums):
    """Mean and standard deviation of each unit over time."""

    parts = ("mean", "deviation")
    sums = 2


class ModelSpace(Pooling):
    """The linear model that best predicts a sequence's next state from its state.

    With z = V (x − x̄) the leading principal components of the state, the row of a sequence is
    (U, u₀) of the ridge regression z(t + 1) ≈ U z(t) + u₀, the intercept not penalised
    (Bianchi, Scardapane, Løkse & Jenssen 2021, eq. 13).
    """

    @staticmethod
    def columns(n_columns, space):
        d = len(space.components)
        return d * (d + 1)

    def setup(self, n, n_columns, space):
        d = len(space.components)
        self.space = space
        # of each sequence: Σ [1 z z'] for pairs (z, z'), and the state the next stretch pairs with
        self.cross = np.zeros((n, d + 1, 2 * d + 1))
        self.before = {}

    def add(self, mine, block, offsets):
        with one_blas_thread():
            self._add(mine, block, offsets)

    def _add(self, mine, block, offsets):
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
        n, d1, _ = self.cross.shape
        count = np.maximum(self.cross[:, :1, :1], 1.0)  # one step: no pair, a model of zeros
        sums, cross = self.cross[:, :1, 1:] / count, self.cross[:, 1:, 1:]
        mean = sums[:, :, : d1 - 1]
        cross = cross - count * mean.transpose(0, 2, 1) * sums
        gram = cross[:, :, : d1 - 1] + self.space.alpha * np.eye(d1 - 1)
        u_t = np.linalg.solve(gram, cross[:, :, d1 - 1 :])  # U transposed
        u_0 = sums[:, :, d1 - 1 :] - mean @ u_t
        return np.concatenate([u_t.transpose(0, 2, 1).reshape(n, -1), u_0[:, 0]], axis=1)


POOLINGS = {
    "last": Last,
    "mean": Mean,
    "last_mean": LastMean,
    "moments": MeanAndDeviation,
    "model_space": ModelSpace,
}


class Coordinates:
    """Principal components of the states seen in fit: the coordinates of the model space.

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
