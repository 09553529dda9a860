"""Links in the form of the loops."""

import numpy as np
import pytest
from scipy import sparse

from dlkit.reservoir._engine.lanes import Lanes
from dlkit.sequences import pack

from .. import naive
from ._lanes import C, N, matrix, ragged

pytestmark = pytest.mark.kernels


def test_read_only_and_fortran_weights():
    W = np.asfortranarray(matrix("dense"))
    W.flags.writeable = False
    lanes = Lanes(W, np.ones((N, C)), np.zeros(N), 1.0, "tanh", np.float64)
    batch = ragged([4])
    batch.values.flags.writeable = False
    out = np.empty((4, N))
    lanes.run(batch, None, out=out)
    want = naive.states(W, np.ones((N, C)), np.zeros(N), 1.0, "tanh", batch[0])
    np.testing.assert_allclose(out, want, atol=1e-12)


def test_more_units_than_a_short_index_holds():
    n = 70_000
    W = sparse.csr_array((np.full(n, 0.5), np.roll(np.arange(n), -1), np.arange(n + 1)))
    lanes = Lanes(W, np.ones((n, 1)), np.arange(n) / n, 1.0, "identity", np.float64)
    assert lanes.links.listed.indices.dtype == np.uint32
    out = np.empty((2, n))
    lanes.run(pack([np.ones((2, 1))]), None, out=out)
    want = 1 + np.arange(n) / n
    np.testing.assert_allclose(out[0], want)
    np.testing.assert_allclose(out[1], want + 0.5 * np.roll(want, -1))
