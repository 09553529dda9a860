"""From the states of a sequence to one row: the choices of ``ReservoirFeatures``' ``pooling``.

A pooling is fed blocks of states as the engine makes them, whole sequences or stretches of a long
one, and keeps only sums. A new one is a class with ``columns``, ``setup``, ``add`` and ``result``,
entered in ``POOLINGS``.
"""

from itertools import pairwise

import numpy as np

from .._jit._reservoir import add_sums


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
        self.shape = n, n_columns
        self.last = self.mean = self.square = None

    def add(self, mine, block, offsets):
        centre, sums = (
            block[offsets[:-1]].astype(np.float64),
            np.zeros((len(offsets) - 1, block.shape[1])),
        )
        squares = np.zeros_like(sums)
        add_sums(block, offsets, centre, sums, squares)
        self.join(mine, block[offsets[1:] - 1], np.diff(offsets)[:, None], centre, sums, squares)

    def take(self, span, states, centre, sums, squares):
        """Take in the last states of a span, and its sums of x − centre and of the square.

        The arrays become the pooling's own.
        """
        new = np.diff(span.kept(self.washout)[1])[:, None]
        if new.all():  # else it is a stretch that is all washout
            mine = slice(span.first, span.last)
            self.join(mine, states, new, centre, sums, squares)
            self.count[mine] += new

    def join(self, mine, states, new, centre, sums, squares):
        """Join ``new`` steps to those before, as Chan, Golub and LeVeque (1983) do.

        Nothing cancels there, nor in Σ d² − (Σ d)² / n, since the centre is one of the states.
        """
        # in place, and nothing copied where one span is all: fresh memory costs more than sums
        if self.sums >= 1:
            sums /= new
        if self.sums >= 2:
            squares -= new * sums**2
            np.maximum(squares, 0.0, out=squares)
        if self.sums >= 1:
            mean = centre
            mean += sums
        if len(new) == self.shape[0] and not self.count.any():
            self.last = states
            self.mean, self.square = (mean if self.sums >= 1 else None), squares
            return
        if self.last is None:
            self.last, self.mean, self.square = (np.zeros(self.shape) for _ in range(3))
        self.last[mine] = states
        if self.sums >= 1:
            share = new / (self.count[mine] + new)
            step = mean - self.mean[mine]
            self.mean[mine] += step * share
        if self.sums >= 2:
            self.square[mine] += squares + step**2 * (self.count[mine] * share)

    def result(self):
        parts = {"last": lambda: self.last, "mean": lambda: self.mean, "deviation": self.deviation}
        found = [parts[name]() for name in self.parts]
        return found[0] if len(found) == 1 else np.hstack(found)

    def deviation(self):
        """Standard deviations."""
        self.square /= self.count
        return np.sqrt(self.square, out=self.square)


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


class Moments(Sums):
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
        z = self.space.project(block)
        first = mine.start
        for i, (a, b) in enumerate(pairwise(offsets), start=first):
            path = z[a:b] if i not in self.before else np.vstack([self.before[i], z[a:b]])
            ones = np.ones((len(path) - 1, 1))
            old = np.hstack([ones, path[:-1]])
            self.cross[i] += old.T @ np.hstack([old, path[1:]])
            if len(offsets) == 2:  # perhaps a stretch
                self.before[i] = z[b - 1 : b]

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
    "moments": Moments,
    "model_space": ModelSpace,
}


class Coordinates:
    """Principal components of the states seen in fit: the coordinates of the model space.

    Parameters
    ----------
    mean : ndarray of shape (n_columns,)
        Mean state.
    components : ndarray of shape (n_components, n_columns)
        Orthonormal rows.
    alpha : float
        Ridge penalty of the models.
    """

    def __init__(self, mean, components, alpha):
        self.mean, self.components, self.alpha = mean, components, alpha

    def project(self, block):
        """Coordinates of states, float64 array of shape (rows, n_components)."""
        return (block.astype(np.float64, copy=False) - self.mean) @ self.components.T
