"""Products of patches with kernels, for those who say themselves where the patches lie."""

import numpy as np

from .._jit import conv as loops
from .._jit import direct

__all__ = ["PlacedPatches"]


class PlacedPatches:
    """Patches of flat samples: all of one form, from wherever each begins.

    Parameters
    ----------
    starts : ndarray of shape (n,), int64
        Where each begins.
    runs : ndarray, int64
        Where each run of neighbouring entries begins in a patch, from its start.
    length : int
        Entries of a run.
    """

    def __init__(self, starts, runs, length):
        self.n, self.runs, self.length = len(starts), np.ascontiguousarray(runs, np.int64), length
        rows = -(-self.n // direct.ROWS) * direct.ROWS  # the last ones only fill up
        self.starts = np.zeros(rows, dtype=np.int64)
        self.starts[: self.n] = starts

    def times(self, x, weights, bias=0.0):
        """Products of all patches with kernels.

        Parameters
        ----------
        x : ndarray of shape (size,)
            The samples.
        weights : ndarray of shape (entries of a patch, K)
            Kernels, of the same dtype.
        bias : float or ndarray of shape (K,), default=0
            What is added to the products.

        Returns
        -------
        out : ndarray of shape (n, K)
            Its rows need not be contiguous.
        """
        n_entries, n_kernels = weights.shape
        if not direct.available():
            table = np.empty((self.n, n_entries), dtype=x.dtype)
            loops.copy_patches(x, self.starts, self.runs, self.length, table)
            out = table @ weights
            out += bias
            return out
        whole = np.empty((1, n_entries + 1, n_kernels), dtype=x.dtype)
        whole[0, :-1], whole[0, -1] = weights, bias
        packed = direct.pack(whole)[0]
        width = direct.whole_blocks(n_kernels, x.dtype)
        z = np.empty((len(self.starts), width), dtype=x.dtype)
        direct.respond(x, self.starts, self.runs, self.length, packed, z)
        return z[: self.n, :n_kernels]
