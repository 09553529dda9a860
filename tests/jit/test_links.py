"""What enters the units, in every form of W, against one matrix product."""

import numpy as np
import pytest
from scipy.linalg import hadamard

from dlkit._jit import links
from dlkit.sequences import pack

from ..reservoir._lanes import C, N, make, matrix

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "dense", "ring", "hadamard"])
@pytest.mark.parametrize("n", [1, 16])
def test_a_step_is_one_product(kind, n):
    """W x + W_in u + b of states that are not at rest, alone and in all lanes."""
    lanes, r = make(kind, leak_rate=1.0), np.random.RandomState(2)
    w_in, bias = r.randn(N, C), 0.3 * r.randn(N)
    x, u = r.uniform(-1, 1, (n, N)), r.randn(n, 1, C)
    out = np.empty((n, N))
    lanes.run(pack(u), None, states=x.copy(), out=out)
    W = matrix(kind)
    W = W.toarray() if hasattr(W, "toarray") else W
    np.testing.assert_allclose(np.arctanh(out), x @ W.T + u[:, 0] @ w_in.T + bias, atol=1e-9)


def test_hadamard_is_that_of_scipy():
    r = np.random.RandomState(1)
    signs, x = np.sign(r.randn(1, 8)), r.randn(8, 3)
    got = x.ravel().copy()
    links.apply_hadamard(signs, got, 3)
    np.testing.assert_allclose(got.reshape(8, 3), hadamard(8) @ (signs[0][:, None] * x))
