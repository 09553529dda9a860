"""An orthogonal matrix that needs no storage: Hadamard transforms and random signs."""

import numpy as np

from ..._frozen import read_only
from ..._jit import links as loops

ROUNDS = 3


class HadamardMatrix:
    """Orthogonal matrix W = c H D₃ H D₂ H D₁, with a product in O(N log N).

    H is the Walsh–Hadamard transform, scaled to be orthogonal, the D are diagonal with random
    signs. Where N is no power of two, H acts by turns on the first and on the last 2^⌊log₂ N⌋
    units, in four rounds.

    Parameters
    ----------
    signs : ndarray of shape (rounds, N), int8
        The diagonals, in the order in which they act.
    scale : float, default=1.0
        c, the modulus of all eigenvalues and singular values (if it is positive).

    References
    ----------
    .. [1] Dong, Ohana, Rafayelyan & Krzakala (2020), Reservoir computing meets recurrent kernels
       and structured transforms, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.reservoir._matrices.topology import draw_recurrent
    >>> W = draw_recurrent("hadamard", 6, random_state=0)
    >>> W.shape, bool(np.allclose(W.toarray() @ W.toarray().T, np.eye(6)))
    ((6, 6), True)
    """

    ndim = 2
    dtype = np.dtype(np.float64)

    def __init__(self, signs, scale=1.0):
        self.signs, self.scale = read_only(signs), scale

    def __setstate__(self, state):
        self.__init__(**state)

    @classmethod
    def draw(cls, n_units, rng):
        """Draw the signs."""
        rounds = ROUNDS + (n_units & (n_units - 1) != 0)
        return cls((2 * rng.randint(0, 2, (rounds, n_units)) - 1).astype(np.int8))

    @property
    def shape(self):
        """(N, N)."""
        return (self.signs.shape[1],) * 2

    def __rmul__(self, factor):
        """Return the matrix times a number."""
        return HadamardMatrix(self.signs, float(factor) * self.scale)

    def scaled_signs(self):
        """Signs times what makes each transform orthogonal (and, once, times c); float64."""
        rounds, n = self.signs.shape
        size = 1 << (n.bit_length() - 1)
        signs = self.signs.astype(np.float64)
        for r in range(rounds):
            start = (n - size) * (r % 2)
            signs[r, start : start + size] /= np.sqrt(size)
        signs[0] *= self.scale
        return signs

    def __matmul__(self, x):
        """W x for a vector or the columns of a matrix."""
        x = np.array(x, dtype=np.float64, order="C")
        loops.apply_hadamard(self.scaled_signs(), x.reshape(-1), x.size // len(x))
        return x

    def toarray(self):
        """Write out W, shape (N, N)."""
        return self @ np.eye(len(self.signs[0]))

    def __array__(self, dtype=None, copy=None):
        """W as NumPy sees it."""
        return np.asarray(self.toarray(), dtype=dtype)

    def rightmost(self):
        """Find the eigenvalue with the largest real part.

        Above 4096 units it is c itself to some 1e-6: the angles of the eigenvalues lie evenly on
        the circle, some 2 π / N apart.
        """
        if self.shape[0] > 4096:
            return complex(self.scale)
        W = self.toarray()
        last = len(W) - 1
        right = np.linalg.eigvalsh((W + W.T) / 2)[last]
        return complex(right, np.sqrt(max(0.0, self.scale**2 - right**2)))
