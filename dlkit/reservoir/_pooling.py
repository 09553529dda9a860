"""From the states of a sequence to one row: the choices of ``ReservoirFeatures``' ``pooling``.

A pooling is fed blocks of states as the engine makes them, whole sequences or stretches of a long
one, and keeps only sums. A new one is a class with ``columns``, ``add`` and ``result``, entered in
``POOLINGS``.
"""

from itertools import pairwise

import numpy as np

from .._jit._pooling import add_squares, add_sums


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


class Last(Pooling):
    """The state after the last step."""

    @staticmethod
    def columns(n_columns, space):
        return n_columns

    def setup(self, n, n_columns, space):
        self.last = np.zeros((n, n_columns))

    def add(self, mine, block, offsets):
        self.last[mine] = block[offsets[1:] - 1]

    def result(self):
        return self.last


class Mean(Pooling):
    """The mean state."""

    @staticmethod
    def columns(n_columns, space):
        return n_columns

    def setup(self, n, n_columns, space):
        self.sum = np.zeros((n, n_columns))

    def add(self, mine, block, offsets):
        add_sums(block, offsets, self.sum[mine])

    def result(self):
        return self.sum / self.count


class LastMean(Pooling):
    """The last state, then the mean state."""

    @staticmethod
    def columns(n_columns, space):
        return 2 * n_columns

    def setup(self, n, n_columns, space):
        self.last = np.zeros((n, n_columns))
        self.sum = np.zeros((n, n_columns))

    def add(self, mine, block, offsets):
        self.last[mine] = block[offsets[1:] - 1]
        add_sums(block, offsets, self.sum[mine])

    def result(self):
        return np.hstack([self.last, self.sum / self.count])


class Moments(Pooling):
    """Mean and standard deviation of each unit over time.

    Stretches are joined by the update of Chan, Golub and LeVeque (1983), which does not cancel.
    """

    @staticmethod
    def columns(n_columns, space):
        return 2 * n_columns

    def setup(self, n, n_columns, space):
        self.mean = np.zeros((n, n_columns))
        self.square = np.zeros((n, n_columns))

    def add(self, mine, block, offsets):
        new, old = np.diff(offsets)[:, None], self.count[mine]
        mean = np.zeros((len(new), block.shape[1]))
        square = np.zeros_like(mean)
        add_sums(block, offsets, mean)
        mean /= new
        add_squares(block, offsets, mean, square)
        step = mean - self.mean[mine]
        self.mean[mine] += step * (new / (old + new))
        self.square[mine] += square + step**2 * (old * new / (old + new))

    def result(self):
        return np.hstack([self.mean, np.sqrt(self.square / self.count)])


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
