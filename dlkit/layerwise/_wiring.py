"""What is linked to what in a Boltzmann machine: everything, or neighbours by shared kernels.

A wiring knows sizes and three products: inputs of hidden units (``up``), of visible units
(``down``), and the gradient of the weights. Arrays are float32 and C-contiguous; rows are samples.
"""

import math
from functools import lru_cache

import numpy as np
from scipy.linalg.blas import sgemm

from .. import _budgets
from .._jit import rbm as loops
from .._jit import sums
from .._jit.sums import lined
from ..conv._placed import PlacedPatches
from ._units import HIDDEN

__all__ = ["Convolution", "Dense", "convolution"]

MOST_KEPT = 4  # sizes of mini-batch whose patches stay laid out


class Dense:
    """Each hidden unit is linked to all visible ones.

    The weights lie by visible units: what a state brings to the other layer is a sum of rows. Where
    many entries of the states are zero, the rest alone is added up; else BLAS does it.
    """

    n_positions = 1

    def __init__(self, machine):
        unit = HIDDEN[machine.hidden]
        self.noise, self.draw = unit.noise, unit.draw
        self.n_hidden, self.n_visible = machine.weights.shape
        self.n_noise = self.n_hidden
        self.operations = 2 * self.n_hidden * self.n_visible  # of a product, for each row
        by_visible = lined((self.n_visible, self.n_hidden))
        by_visible[:] = machine.weights.T
        machine.weights = by_visible.T
        machine.velocity[0] = np.asfortranarray(machine.velocity[0])
        self._by_hidden = lined(machine.weights.shape)
        self._seen, self._drawn, self._by_unit = Compressed(), Compressed(), Compressed()

    def up(self, machine, V, H, rows):
        """Inputs of hidden units without bias, into ``H``."""
        if self._seen.take(V):
            self._seen.times(machine.weights.T, 1.0, 0.0, H)
        else:
            sgemm(1.0, machine.weights, V.T, c=H.T, overwrite_c=1)

    def down(self, machine, H, V):
        """Inputs of visible units without bias, into ``V``."""
        if self._drawn.take(H):
            sums.transpose_into(machine.weights.T, self._by_hidden)
            self._drawn.times(self._by_hidden, 1.0, 0.0, V)
        else:
            sgemm(1.0, machine.weights, H.T, trans_a=1, c=V.T, overwrite_c=1)

    def add_gradient(self, rate, V, mean, keep, out):
        """``out ← keep · out + rate · meanᵀ V``."""
        if len(V) <= _budgets.RBM_SUM_ROWS and self._by_unit.take_transposed(V):
            self._by_unit.times(mean, rate, keep, out.T)
        else:
            sgemm(rate, mean.T, V.T, trans_b=1, beta=keep, c=out, overwrite_c=1)


class Compressed:
    """A matrix in compressed rows, in buffers that are allocated once."""

    MOST = 0.6  # share that is not zero, up to which sums of rows are faster than BLAS

    def __init__(self):
        self._room, self._turned = [np.empty(0)] * 3, np.empty(0)

    def take(self, A):
        """Take a matrix in; whether it has few enough entries that are not zero."""
        shape, size = (len(A), sums.segments(A.shape[1]) + 1), A.size + sums.BYTE
        starts, columns = self._room[:2]
        if starts.size < math.prod(shape) or columns.size < size:
            starts, columns = np.empty(math.prod(shape), np.int64), np.empty(size, np.int32)
            self._room = starts, columns, lined(size)
        self._arrays = starts[: math.prod(shape)].reshape(shape), *self._room[1:]
        sums.compress(A, *self._arrays)
        return self._arrays[0][-1, -1] <= self.MOST * A.size

    def take_transposed(self, A):
        """The same, for the transpose of a matrix."""
        if len(self._turned) < A.size:
            self._turned = lined(A.size)
        turned = self._turned[: A.size].reshape(A.shape[::-1])
        sums.transpose_into(A, turned)
        return self.take(turned)

    def times(self, table, rate, keep, out):
        """``out ← keep · out + rate · A table``."""
        sums.add_rows(*self._arrays, table, np.float32(rate), np.float32(keep), out)


class Convolution:
    """Hidden units of K kernels at each position of a sample, in blocks of which one may be on.

    Hidden units of a sample lie in the order (block, position within the block, kernel). Positions
    that do not fill a block are left out.

    Parameters
    ----------
    space : tuple of int
        Spatial shape of a sample.
    n_channels : int
        Channels of a sample.
    kernel_size : tuple of int
        Extent of the kernels.
    pool_size : tuple of int
        Extent of a block, in positions.
    n_kernels : int
        Number of kernels.
    """

    noise = "random"

    def __init__(self, space, n_channels, kernel_size, pool_size, n_kernels):
        positions = [n - k + 1 for n, k in zip(space, kernel_size, strict=True)]
        self.blocks = tuple(p // b for p, b in zip(positions, pool_size, strict=True))
        self.n_kernels = n_kernels
        self.n_visible = math.prod(space) * n_channels
        self.block_size = math.prod(pool_size)
        self.n_blocks = math.prod(self.blocks)
        self.n_positions = self.n_blocks * self.block_size
        self.n_hidden, self.n_noise = self.n_positions * n_kernels, self.n_blocks * n_kernels
        number = np.arange(self.n_visible).reshape(*space, n_channels)
        used = tuple(slice(b * p) for b, p in zip(self.blocks, pool_size, strict=True))
        first = number[used][..., 0]  # the first entry of each position's patch
        split = [n for pair in zip(self.blocks, pool_size, strict=True) for n in pair]
        axes = range(len(split))
        first = first.reshape(split).transpose([*axes[::2], *axes[1::2]]).ravel()
        patch = number[tuple(slice(k) for k in kernel_size)].ravel()
        self.index = (first[:, None] + patch).astype(np.int64)  # (n_positions, n_entries)
        self.operations = 2 * self.index.size * n_kernels
        self._length = kernel_size[-1] * n_channels  # entries of a patch that are neighbours
        self._patches, self._turned = {}, {}

    def _seen(self, n):
        """Patches of n samples, a row for each position."""
        return PlacedPatches(self._begin(n), self.index[0, :: self._length], self._length)

    def _seen_turned(self, n):
        """The same the other way round: for each entry of a patch, what is there at all positions.

        A product with what hidden units do there is the gradient of the kernels.
        """
        return PlacedPatches(self.index[0], self._begin(n), 1)

    def _begin(self, n):
        """Where the patches of n samples begin: position 0 of a sample where the sample does."""
        return np.add.outer(np.arange(n) * self.n_visible, self.index[:, 0]).ravel()

    def up(self, machine, V, H, rows):
        """Inputs of hidden units without bias, into ``H``."""
        H.reshape(-1, self.n_kernels)[:] = self._products(V, machine.weights)

    def _products(self, V, kernels, bias=0.0):
        patches = _kept(self._patches, len(V), self._seen)
        return patches.times(V.reshape(-1), kernels.T, bias)

    def down(self, machine, H, V):
        """Inputs of visible units without bias, into ``V``."""
        V[:] = 0
        for i in range(0, len(H), 16):  # few enough to stay in the cache
            rows = slice(i, i + 16)
            patches = H[rows].reshape(-1, self.n_kernels) @ machine.weights
            loops.scatter(patches.reshape(-1, *self.index.shape), self.index, V[rows])

    def spread(self, H, kernels):
        """Inputs of visible units without bias, of any dtype."""
        V = np.zeros((len(H), self.n_visible), H.dtype)
        patches = H.reshape(-1, self.n_kernels) @ kernels
        loops.scatter(patches.reshape(-1, *self.index.shape), self.index, V)
        return V

    def add_gradient(self, rate, V, mean, keep, out):
        """``out ← keep · out + rate ·`` what kernels see at each position, times their mean."""
        out *= np.float32(keep)
        for i in range(0, len(V), most := max(_budgets.RBM_SUM_TERMS // self.n_positions, 1)):
            part = V[i : i + most]
            what = mean[i : i + most].reshape(-1, self.n_kernels)
            patches = _kept(self._turned, len(part), self._seen_turned)
            out += np.float32(rate) * patches.times(part.reshape(-1), what).T

    def draw(self, H, bias, noise, mean):
        """Sample the blocks: inputs without bias become states, in place; ``mean`` expectations."""
        kernels = H.reshape(-1, self.n_kernels)
        kernels += bias
        np.minimum(H, 80.0, out=H)  # exp(80) is as good as infinity, and a block's sum is finite
        np.exp(H, out=H)
        shape = -1, self.block_size, self.n_kernels
        loops.draw_blocks(H.reshape(shape), noise.reshape(-1, self.n_kernels), mean.reshape(shape))

    def inputs(self, V, kernels, bias):
        """Inputs of hidden units, of any dtype, shape (n, n_blocks, block_size, K)."""
        I = self._products(V, kernels, bias)
        return I.reshape(len(V), self.n_blocks, self.block_size, self.n_kernels)


def _kept(made, n, make):
    """What is made for n samples, from what was made for the last few numbers of them."""
    found = made.get(n)  # not asked for twice: another thread may use the same wiring
    if found is None:
        if len(made) > MOST_KEPT:
            made.clear()
        found = made[n] = make(n)
    return found


@lru_cache(maxsize=8)
def convolution(*args):
    """`Convolution` of hashable arguments, made once; for reading only."""
    return Convolution(*args)
