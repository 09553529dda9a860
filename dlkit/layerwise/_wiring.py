"""What is linked to what in a Boltzmann machine: everything, or neighbours by shared kernels.

A wiring knows sizes and three products: inputs of hidden units (``up``), of visible units
(``down``), and the gradient of the weights. Arrays are float32 and C-contiguous; rows are samples.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg.blas import sgemm

from .. import _budgets
from .._jit import rbm as loops
from ._units import HIDDEN

__all__ = ["Convolution", "Dense", "convolution", "exponentials"]


class Dense:
    """Each hidden unit is linked to all visible ones."""

    n_positions = 1

    def __init__(self, machine):
        unit = HIDDEN[machine.hidden]
        self.noise, self.draw = unit.noise, unit.draw
        self.n_hidden, self.n_visible = machine.weights.shape
        self.n_noise = self.n_hidden
        self.operations = 2 * self.n_hidden * self.n_visible  # of a product, for each row

    def up(self, machine, V, H):
        """Inputs of hidden units without bias, into ``H``."""
        np.matmul(V, machine.weights.T, out=H)

    def down(self, machine, H, V):
        """Inputs of visible units without bias, into ``V``."""
        np.matmul(H, machine.weights, out=V)

    def add_gradient(self, rate, V, mean, keep, out):
        """``out ← keep · out + rate · meanᵀ V``, in one pass over ``out``."""
        sgemm(rate, V.T, mean.T, trans_b=1, beta=keep, c=out.T, overwrite_c=1)


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
        self.n_kernels = n_kernels = int(n_kernels)
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
        self._shape = *space, n_channels
        self._used, self._split = used, split
        self.kernel_size = kernel_size

    def patches(self, V):
        """What the kernels see, a row for each position of each sample."""
        d = len(self.kernel_size)
        windows = sliding_window_view(
            V.reshape(-1, *self._shape), self.kernel_size, axis=tuple(range(1, d + 1))
        )
        windows = np.moveaxis(windows, d + 1, -1)[:, *self._used]
        windows = windows.reshape(len(V), *self._split, *windows.shape[d + 1 :])
        order = 0, *range(1, 2 * d, 2), *range(2, 2 * d + 1, 2), *range(2 * d + 1, windows.ndim)
        return windows.transpose(order).reshape(-1, self.index.shape[1])

    def up(self, machine, V, H):
        """Inputs of hidden units without bias, into ``H``."""
        np.matmul(self.patches(V), machine.weights.T, out=H.reshape(-1, self.n_kernels))

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
            out += np.float32(rate) * (what.T @ self.patches(part))

    def draw(self, H, bias, noise, mean):
        """Sample the blocks: inputs without bias become states, in place; ``mean`` expectations."""
        E, mean = (a.reshape(-1, self.block_size, self.n_kernels) for a in (H, mean))
        E += bias
        np.divide(E, exponentials(E), out=mean)
        noise = noise.reshape(-1, self.n_kernels)
        reached, below = np.zeros_like(noise), np.False_
        for e in range(self.block_size):
            reached += mean[:, e]
            drawn = noise < reached
            E[:, e] = drawn ^ below
            below = drawn

    def inputs(self, V, kernels, bias):
        """Inputs of hidden units, of any dtype, shape (n * n_blocks, block_size, K)."""
        I = self.patches(V) @ kernels.T
        I += bias
        return I.reshape(-1, self.block_size, self.n_kernels)


def exponentials(I):
    """Make exp(I) of inputs of shape (n, block_size, K), in place; return one plus their sum.

    What is returned is (n, 1, K). Where sums might overflow, all is relative to the largest of a
    block and of zero.
    """
    if I.max() < 40:
        np.exp(I, out=I)
        return 1 + I.sum(axis=1, keepdims=True)
    top = np.maximum(I.max(axis=1, keepdims=True), 0)
    I -= top
    np.exp(I, out=I)
    return np.exp(-top) + I.sum(axis=1, keepdims=True)


@lru_cache(maxsize=8)
def convolution(*args):
    """`Convolution` of hashable arguments, made once; for reading only."""
    return Convolution(*args)
