"""The closed loop against steps by the formula."""

import numpy as np
import pytest

from ..reservoir._lanes import C, N, expected, make

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("kind", ["fixed in-degree", "unequal rows", "dense"])
@pytest.mark.parametrize("passthrough", [False, True])
def test_closed_loop(kind, passthrough):
    lanes = make(kind, passthrough=passthrough)
    r = np.random.RandomState(8)
    coef, intercept = 0.1 * r.randn(C, lanes.n_columns), r.randn(C)
    states, u = r.uniform(-1, 1, (4, N)), r.randn(4, C)
    before = states.copy(), u.copy()
    out = lanes.free_run(7, coef, intercept, states, u)
    np.testing.assert_array_equal(states, before[0])
    np.testing.assert_array_equal(u, before[1])
    for i in range(4):
        x, y = states[i], u[i]
        for t in range(7):
            last = y
            x = expected(lanes, kind, y[None], start=x)[-1]
            y = coef @ (np.concatenate([x, last]) if passthrough else x) + intercept
            np.testing.assert_allclose(out[i, t], y, rtol=1e-10)
