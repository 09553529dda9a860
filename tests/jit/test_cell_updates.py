"""What one cell is of another."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit.reservoir import GRU, MGU, Clockwork, Residual

from ..reservoir._kinds import compiled, states_of


@compiled
@settings(deadline=None, max_examples=10, derandomize=True)
@given(st.floats(0.05, 1.0), st.floats(0.0, 1.5), st.sampled_from(["tanh", "relu"]))
def test_cells_that_contain_the_leaky_one(leak_rate, radius, activation):
    shared = {"leak_rate": leak_rate, "spectral_radius": radius, "activation": activation}
    want = states_of(**shared)
    residual = {"path": "identity", "alpha": 1 - leak_rate}
    for params in (
        {"cell": Residual(**residual)},
        {"cell": Clockwork(periods=(1,))},
    ):
        got = states_of(**shared, **params)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-10)


def test_open_gates_leave_the_candidate():
    plain = {"leak_rate": 1.0}
    want = states_of(**plain)
    got = states_of(cell=MGU(forget_bias=60.0), **plain)
    np.testing.assert_allclose(got, want, atol=1e-10)
    shut = states_of(cell=GRU(update_bias=60.0))
    assert np.abs(shut).max() < 1e-12
